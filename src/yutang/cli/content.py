"""`yutang content`: the library on the command line, the check of words for any text, and contents from a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.content.checking import Finding
    from yutang.content.views import ContentView

app = typer.Typer(
    no_args_is_help=True, help=_("Contents: list the library, check words, bring contents in from a file.")
)

_STATES = {
    "draft": N_("draft"),
    "asked": N_("waits for approval"),
    "approved": N_("approved"),
    "refused": N_("refused"),
    "expired": N_("expired"),
}
_SEVERITIES = {"block": N_("stops"), "warn": N_("warns")}
#: Exit code of a text in which the check found what stops an approval.
STOPPED = 1
_MOST = 1_000_000


class TextIsMissing(DomainError):
    """The file is not there, or cannot be read."""

    code = "text_is_missing"
    http_status = 422
    message = N_("%(path)s cannot be read: %(why)s. Name a file in UTF-8 of at most 1 MB, or - for what comes in.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="content")


@app.command(name="list", help=_("Show the contents of the library, newest first."))
@command
def list_(
    state: Annotated[str, typer.Option("--state", help=_("Only: draft, asked, approved, refused or expired."))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help=_("How many at most."))] = 50,
    as_json: Json = False,
) -> Answer:
    """Show the library."""
    from yutang.content import queries
    from yutang.content.queries import ContentFilters
    from yutang.foundation.access import Actor

    at = now()
    filters = ContentFilters(state=state)
    page = queries.library(access=Actor.system(), filters=filters, limit=limit, now=at)
    return Answer({"contents": [asdict(one) for one in page.rows]}, lambda console: _show(console, page.rows))


@app.command(
    help=_(
        "Check the words of a file, or of what comes in, without keeping anything; exit code 1 where something stops."
    )
)
@command
def check(
    file: Annotated[str, typer.Argument(help=_("Text in UTF-8; - reads what comes in."))] = "-", as_json: Json = False
) -> Answer:
    """Check a text."""
    from yutang.content.checking import findings_in
    from yutang.content.organisation import own_words

    found = findings_in(_read(file), own=own_words())
    stops = any(one.severity == "block" for one in found)
    told = {"findings": [asdict(one) for one in found], "stops": stops}
    return Answer(told, _shown(found), exit_code=STOPPED if stops else 0)


@app.command(
    name="import",
    help=_("Bring contents and scripts in from a JSON file, as drafts; what is there under the same title stays."),
)
@command
def import_(
    file: Annotated[str, typer.Argument(help=_("The file; - reads what comes in."))], as_json: Json = False
) -> Answer:
    """Bring contents in."""
    from yutang.content import actions
    from yutang.content.library_file import library_in
    from yutang.foundation.access import Actor

    library = library_in(_read(file, most=4 * _MOST).encode())
    written = actions.write_library(actor=Actor.system(), library=library, now=now())
    told = {"content_ids": list(written.content_ids), "scripts": written.scripts, "known": written.known}
    said = {"contents": len(written.content_ids), "scripts": written.scripts, "known": written.known}
    return Answer(told, _("Drafts: %(contents)s. Scripts: %(scripts)s. There before: %(known)s.") % said)


def _read(file: str, *, most: int = _MOST) -> str:
    try:
        content = sys.stdin.buffer.read(most + 1) if file == "-" else Path(file).read_bytes()
        if len(content) > most:
            raise TextIsMissing(path=file, why=f"{len(content)} B")
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TextIsMissing(path=file, why=type(error).__name__) from error


def _shown(found: tuple[Finding, ...]) -> Callable[[Console], None] | str:
    if not found:
        return _("The check finds nothing.")
    return lambda console: _show_findings(console, found)


def _show_findings(console: Console, found: tuple[Finding, ...]) -> None:
    from yutang.content.checking import GROUP_TITLES, REASONS

    table = Table(_("Line"), _("Character"), _("Words"), _("Finding"), _("How grave"), _("Why"), _("Instead"))
    for one in found:
        table.add_row(
            str(one.line),
            str(one.column),
            one.written,
            _(GROUP_TITLES[one.group]),
            _(_SEVERITIES[one.severity]),
            _(REASONS[one.reason]),
            one.suggestion,
        )
    console.print(table)


def _show(console: Console, rows: tuple[ContentView, ...]) -> None:
    table = Table(_("Content"), _("Title"), _("Intent"), _("Language"), _("Channels"), _("State"))
    for row in rows:
        written = row.version.written
        channels = ", ".join(written.channels)
        table.add_row(
            row.version.reference,
            written.title,
            written.intent,
            written.language,
            channels,
            _(_STATES[row.version.state]),
        )
    console.print(table)
