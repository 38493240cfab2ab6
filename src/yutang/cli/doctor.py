"""`yutang doctor`: looks at everything that an installation stands on and says what to do for each finding."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Annotated

import typer
from rich.console import Console

from yutang.cli.checkup import CHECKS, NEED_THE_STORE, Finding, Verdict, deep_finding
from yutang.cli.output import DONE, REFUSED, Answer, Json, command, progress_bar
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.text import Sentence

_MARKS = {Verdict.GOOD: ("✓", "green"), Verdict.NOTE: ("!", "yellow"), Verdict.BROKEN: ("✗", "bold red")}


def register(parent: typer.Typer) -> None:
    """Add the command of this file."""
    parent.command(help=_("Look at installation, store, lake, keys, worker and disk, and say what to do."))(doctor)


@command(prepare=False)
def doctor(
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help=_("Also look whether everything that is kept is whole and agrees; it takes a while.")
        ),
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Examine this installation."""
    _prepare()
    findings: list[Finding] = []
    for check in CHECKS:
        lame = any(f.verdict is Verdict.BROKEN and f.check in {"store", "migrations"} for f in findings)
        if not (lame and check in NEED_THE_STORE):
            findings += _findings_of(check)
    if deep and not any(f.verdict is Verdict.BROKEN and f.check in {"store", "migrations"} for f in findings):
        findings += _deep_findings()
    broken = any(finding.verdict is Verdict.BROKEN for finding in findings)
    data = {
        "healthy": not broken,
        "findings": [
            {
                "check": finding.check,
                "verdict": finding.verdict.value,
                "says": say(finding.says),
                "do": say(finding.do) if finding.do else None,
            }
            for finding in findings
        ],
    }

    def show(console: Console) -> None:
        for finding in findings:
            mark, style = _MARKS[finding.verdict]
            console.print(f"[{style}]{mark}[/] ", end="")
            # Docs tell more of what is broken under its name.
            name = f" [{finding.check}]" if finding.verdict is Verdict.BROKEN else ""
            console.print(say(finding.says) + name, markup=False, soft_wrap=True)
            if finding.do:
                console.print(f"    → {say(finding.do)}", markup=False, soft_wrap=True)
        console.print()
        console.print(_conclusion(findings))

    return Answer(data, show, exit_code=REFUSED if broken else DONE)


def _conclusion(findings: list[Finding]) -> str:
    """Return what to make of it all: something is broken, some things want a look, or nothing does."""
    if any(finding.verdict is Verdict.BROKEN for finding in findings):
        return _("Something is broken: see ✗ above.")
    notes = sum(finding.verdict is Verdict.NOTE for finding in findings)
    if not notes:
        return _("All that is needed is there.")
    return _("It works. What wants a look, marked ! above: %(n)s.") % {"n": notes}


def _prepare() -> None:
    """Make the embedded store as every command does; what is wrong with another one is a finding."""
    from django.db import DatabaseError

    from yutang.cli.store import ensure_store

    with contextlib.suppress(DomainError, DatabaseError, OSError):
        ensure_store()


def _deep_findings() -> list[Finding]:
    """Return what is found of everything that must always hold, in the order of the rooms; it only reads."""
    from yutang.foundation.invariants import all_invariants

    invariants = list(all_invariants())
    findings: list[Finding] = []
    with progress_bar(_("Looking through everything")) as told:
        for done, invariant in enumerate(invariants):
            told(done, len(invariants), Sentence(invariant.holds))
            findings.append(deep_finding(invariant))
    return findings


def _findings_of(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds; a check that falls itself is a finding."""
    try:
        yield from check()
    except Exception as error:
        yield Finding.fallen(check.__name__, error)
