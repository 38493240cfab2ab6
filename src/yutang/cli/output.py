"""How every command answers: one JSON object with ``--json``, else words for a person; exit codes; clear refusals.

Exit codes: 0 done, 1 done with rows in quarantine, 2 refused or wrong usage, 70 a bug, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ParamSpec, overload

import rich.table
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from yutang.cli.store import lost_database
from yutang.cli.text import _, language, say
from yutang.kit.errors import DomainError
from yutang.kit.text import Sentence

DONE, QUARANTINED, REFUSED, BUG, INTERRUPTED = 0, 1, 2, 70, 130
#: How often a log is told how far long work is.
_LINE_SECONDS = 10.0

#: The option that every command takes; declare it as ``as_json: Json = False``.
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))]

P = ParamSpec("P")


@dataclass(frozen=True)
class Answer:
    """What a command has to say.

    Attributes:
        data: the JSON object; instants and dates are written in ISO 8601.
        show: writes the same for a person; a plain text is printed as it is.
        exit_code: 0, or 1 when rows were put in quarantine.
        then: run after the answer was printed, for a command that goes on; its result is the exit code.
    """

    data: Mapping[str, Any]
    show: Callable[[Console], None] | str
    exit_code: int = DONE
    then: Callable[[], int] | None = None


class Table(rich.table.Table):
    """A table that cuts nothing: where it is too narrow, cells go on in the next line."""

    def add_column(self, *args: Any, **options: Any) -> None:
        """Add a column, as Rich does."""
        super().add_column(*args, **{"overflow": "fold", **options})


@overload
def command(function: Callable[P, Answer]) -> Callable[P, None]: ...
@overload
def command(*, prepare: bool) -> Callable[[Callable[P, Answer]], Callable[P, None]]: ...


def command(function: Callable[P, Answer] | None = None, *, prepare: bool = True) -> Any:
    """Make a function that returns an `Answer` into a command: Django is set up, the answer printed, a refusal explained.

    Args:
        function: what does the work.
        prepare: whether the store is made and brought up to date first.
    """
    if function is None:
        return functools.partial(command, prepare=prepare)
    work = function

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        stdout = sys.stdout
        printed = False
        # What a command writes is the store, files with people in them, or keys: nobody else on this machine reads them.
        os.umask(0o077)
        try:
            # Whatever a library prints must not get between the caller and the one JSON object.
            with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
                set_up_django()
                if prepare:
                    _ensure_store()
                answer = work(*args, **kwargs)
            with _as_far_as_read(stdout):
                print_answer(answer, as_json=as_json, stdout=stdout)
            printed = True
            code = answer.then() if answer.then else answer.exit_code
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt as error:
            code = _refuse("interrupted", _("Interrupted."), {}, INTERRUPTED, as_json and not printed, stdout)
            raise typer.Exit(code) from error
        except BrokenPipeError as error:
            # The work itself printed, and was stopped by a reader who has gone.
            code = DONE if _reader_is_gone(stdout) else _explain(error, as_json and not printed, stdout)
            raise typer.Exit(code) from error
        except Exception as error:
            raise typer.Exit(_explain(error, as_json and not printed, stdout)) from error
        raise typer.Exit(code)

    return run


def set_up_django() -> None:
    """Load Django and the language; done by `command` before the function runs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate(language())


def _ensure_store() -> None:
    from yutang.cli.store import ensure_store

    ensure_store()


def print_answer(answer: Answer, *, as_json: bool, stdout: Any = None) -> None:
    """Print the answer: one JSON object, or words for a person."""
    stdout = stdout or sys.stdout
    if as_json:
        print_json(answer.data, stdout)
    elif isinstance(answer.show, str):
        print(answer.show, file=stdout)
    else:
        answer.show(_Console(file=stdout, highlight=False))
    stdout.flush()


class _Console(Console):
    """A console that lets a broken pipe pass instead of ending with a code that means something else here."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


@contextlib.contextmanager
def _as_far_as_read(stdout: Any) -> Iterator[None]:
    """Let printing end where the reader stops (``| head``): the work is done, and its exit code stands."""
    try:
        yield
    except BrokenPipeError:
        if not _reader_is_gone(stdout):
            raise


def _reader_is_gone(stdout: Any) -> bool:
    """Return whether nobody reads standard output any more, which then leads nowhere, also for Python's flush at the end."""
    with contextlib.suppress(OSError, ValueError):
        poll = select.poll()
        poll.register(stdout.fileno(), 0)
        if any(event & select.POLLERR for _fd, event in poll.poll(0)):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stdout.fileno())
            os.close(nowhere)
            return True
    return False


def print_json(data: Mapping[str, Any], stdout: Any = None) -> None:
    """Print one JSON object on one line."""
    print(json.dumps(data, ensure_ascii=False, default=_plain), file=stdout or sys.stdout, flush=True)


@contextlib.contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int | None, Sentence | None], None]]:
    """Show a bar on stderr while the block runs; what it yields fits ``told`` of `run_inline`.

    Where nobody sits at a terminal, as in the log of a service, a line now and then says how far it is.
    """
    if not sys.stderr.isatty():
        yield _lines_of_progress(title)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(title, total=None)

        def told(done: int, total: int | None, note: Sentence | None) -> None:
            progress.update(bar, completed=done, total=total, description=say(note) if note else title)

        yield told


def _lines_of_progress(title: str) -> Callable[[int, int | None, Sentence | None], None]:
    """Return what writes how far the work is, at most once in `_LINE_SECONDS` and not before so long."""
    told_at = time.monotonic()

    def told(done: int, total: int | None, note: Sentence | None) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _LINE_SECONDS:
            told_at = time.monotonic()
            far = f"{done}/{total}" if total else str(done)
            print(f"{say(note) if note else title} {far}", file=sys.stderr, flush=True)

    return told


def now() -> datetime:
    """Return the present instant; the command line is where the clock is read."""
    return datetime.now(UTC)


def refuse_usage(message: str, *, as_json: bool) -> int:
    """Print that the command was used wrongly and return the exit code."""
    return _refuse("wrong_usage", message, {}, REFUSED, as_json, sys.stdout)


def _explain(error: Exception, as_json: bool, stdout: Any) -> int:
    """Print why the command did not do its work and return the exit code."""
    if isinstance(error, DomainError):
        return _refuse(error.code, say(error.sentence), error.data, REFUSED, as_json, stdout)
    if (ended := _ended_job(error)) is not None:
        return _refuse(*ended, {}, REFUSED, as_json, stdout)
    if (lost := lost_database(error)) is not None:
        return _refuse(lost.code, say(lost.sentence), lost.data, REFUSED, as_json, stdout)
    traceback.print_exception(error)
    return _refuse("bug", _("This is a bug in Yutang; what is printed above says where."), {}, BUG, as_json, stdout)


def _ended_job(error: Exception) -> tuple[str, str] | None:
    """Return code and sentence of a job that did not come to a good end; None for other errors."""
    from django.apps import apps

    # Before the rooms are loaded no job can have run.
    if not apps.ready:
        return None
    from yutang.foundation.jobs import JobCancelled, JobFailed

    if isinstance(error, JobFailed):
        return "job_failed", say(error.reason)
    return ("job_cancelled", _("The work was cancelled.")) if isinstance(error, JobCancelled) else None


def _refuse(code: str, message: str, data: Mapping[str, Any], exit_code: int, as_json: bool, stdout: Any) -> int:
    if as_json:
        print_json({"error": {"code": code, "message": message, "data": dict(data)}}, stdout)
    else:
        Console(stderr=True, highlight=False).print(message, style="bold red", markup=False)
    return exit_code


def _plain(value: Any) -> Any:
    if isinstance(value, Sentence):
        return say(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
    return str(value)
