"""The command `yutang`: every file of this folder that has a function `register` adds its commands."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys

import typer

import yutang.cli
from yutang.cli.output import refuse_usage
from yutang.cli.text import _


def build() -> typer.Typer:
    """Return the whole command line."""
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
    app = build()
    if "--json" not in sys.argv:
        app()
        return
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as error:
        sys.exit(refuse_usage(error.format_message(), as_json=True))


if __name__ == "__main__":
    main()
