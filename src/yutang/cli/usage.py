"""What a person is told who uses a command wrongly, or asks for help, in the language of the command line.

Typer writes these in English and has no place for another language; what is not known here of what it says stays so.
"""

from __future__ import annotations

import re
from typing import Any

import typer
import typer.rich_utils
from typer.core import TyperCommand, TyperGroup

from yutang.cli.text import _
from yutang.cli.wrapping import UncutColumns, UncutTable
from yutang.kit.text import N_

#: Titles and marks of Typer's help.
_WORDS = {
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
    "REQUIRED_LONG_STRING": N_("[required]"),
    "DEFAULT_STRING": N_("[default: {}]"),
}
#: What Typer lays its help out with.
_PARTS = {"Table": UncutTable, "Columns": UncutColumns}


#: What Typer says of a value, and how a person is told.
_DETAILS = (
    (re.compile(r"does not match the formats"), N_("write it as a day, such as 2026-03-08.")),
    (re.compile(r"greater than or equal to (?P<n>[-\d.]+)"), N_("it must be %(n)s or more.")),
    (re.compile(r"less than or equal to (?P<n>[-\d.]+)"), N_("it must be %(n)s or less.")),
    (re.compile(r"valid integer"), N_("it must be a whole number.")),
    (re.compile(r"valid number"), N_("it must be a number.")),
)


def translate_help() -> None:
    """Let Typer write its help in the language of the command line, and whole."""
    for name, word in _WORDS.items():
        setattr(typer.rich_utils, name, _(word))
    for name, part in _PARTS.items():
        setattr(typer.rich_utils, name, part)
    for kind in (TyperCommand, TyperGroup):
        _translate_help_of(kind)


def _translate_help_of(kind: Any) -> None:
    """Let commands of the kind say how they are used, and what `--help` is, in the language of the command line."""
    help_option, usage = kind.get_help_option, kind.get_usage

    def translated_option(self: Any, ctx: Any) -> Any:
        option = help_option(self, ctx)
        if option is not None:
            option.help = _("Show this help and end.")
        return option

    def translated_usage(self: Any, ctx: Any) -> str:
        return str(usage(self, ctx)).replace("Usage: ", _("Usage: "), 1)

    kind.get_help_option, kind.get_usage = translated_option, translated_usage


def sentence_of(error: typer.TyperException) -> str:
    """Return what is wrong with the words of a command, as a sentence."""
    kind, param = type(error).__name__, _name_of(error)
    if kind == "MissingParameter" and param:
        return _("%(name)s is missing.") % {"name": param}
    if kind == "BadParameter" and param:
        return _("%(name)s does not take this value: %(detail)s") % {"name": param, "detail": _detail(error.message)}
    if kind == "NoSuchOption":
        return _no_such_option(error)
    if error.message.startswith("No such command "):
        return _("There is no command %(name)s.") % {"name": error.message.removeprefix("No such command ").rstrip(".")}
    if error.message == "Missing command.":
        return _("Which command? --help shows all.")
    return error.format_message()


def _detail(said: str) -> str:
    for pattern, template in _DETAILS:
        if found := pattern.search(said):
            return _(template) % found.groupdict()
    return said


def _no_such_option(error: Any) -> str:
    sentence = _("There is no option %(name)s.") % {"name": error.option_name}
    if not error.possibilities:
        return sentence
    return sentence + " " + _("Was it %(names)s?") % {"names": ", ".join(sorted(error.possibilities))}


def _name_of(error: Any) -> str:
    """Return the argument or option as the help names it, or nothing where the error does not tell."""
    param = getattr(error, "param", None)
    if param is None:
        return ""
    return str(param.name) if param.param_type_name == "argument" else " / ".join(param.opts)
