"""The command `yutang`: every file of this folder that has a function `register` adds its commands."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from functools import cache

import typer

import yutang.cli
from yutang.cli.output import INTERRUPTED, refuse_usage
from yutang.cli.text import _, language
from yutang.cli.usage import sentence_of, translate_help


def build() -> typer.Typer:
    """Return the whole command line, in the language of the moment."""
    return _built_in(language())


@cache
def _built_in(_language: str) -> typer.Typer:
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help=_("Yutang 鱼塘: the customers that you own and serve for years."),
    )
    for module in sorted(pkgutil.iter_modules(yutang.cli.__path__), key=lambda module: module.name):
        room = importlib.import_module(f"yutang.cli.{module.name}") if module.name != "main" else None
        if room is not None and hasattr(room, "register"):
            room.register(app)
    return app


def main() -> None:
    """Run the command line and end the process with its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")
    as_json = "--json" in sys.argv
    translate_help()
    app = build()
    try:
        # Not standalone, because Typer would tell of wrong usage in its own words.
        code = app(standalone_mode=False)
    except typer.Abort:
        code = INTERRUPTED
    except typer.TyperException as error:
        code = _refuse(error, as_json=as_json)
    sys.exit(code)


def _refuse(error: typer.TyperException, *, as_json: bool) -> int:
    """Tell a person how the command is used, or a program that it was used wrongly, and return the exit code."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and not as_json:
        # The help was printed when the error was made.
        return error.exit_code
    if context is not None and not as_json:
        print(_("Usage: %(words)s") % {"words": context.get_usage().removeprefix(_("Usage: "))}, file=sys.stderr)
    return refuse_usage(sentence_of(error), as_json=as_json)


if __name__ == "__main__":
    main()
