"""The demo shop, filled before the console starts: with its progress in the terminal."""

from __future__ import annotations

import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from yutang.cli.output import progress_bar
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence


class FillingWasStopped(DomainError):
    """Somebody ended the program before the demo shop was whole."""

    code: ClassVar[str] = "filling_was_stopped"
    message: ClassVar[str] = N_("The demo shop is not whole yet. The same command again goes on where it was stopped.")


def fill_demo_shop(folder: Path, *, now: datetime) -> dict[str, int] | None:
    """Fill an empty store with the demo shop and return how many stores and files it has; None where there are stores.

    The files come in through the importers, so what the demo shows is what they make of dirty rows and shared phones too.

    Raises:
        FillingWasStopped: a signal came before the end.
    """
    from yutang.foundation import jobs, queries
    from yutang.foundation.access import Actor

    # An interrupted filling is taken up again: the same files import to the same rows.
    mark = folder.with_name(f"{folder.name}.unfinished")
    if queries.stores(access=Actor.system()) and not mark.exists():
        return None
    mark.touch()
    from yutang.demo.filling import make_shop, start_imports

    with progress_bar(_("Making the demo shop")) as told:
        files = make_shop(folder=folder, now=now, told=lambda done, total: told(done, total, None))
        for name, reason in start_imports(files, now=now):
            print(f"{name}: {say(reason)}", file=sys.stderr)
        done = 0

        def tell(job_id: int, ending: object) -> None:
            nonlocal done
            done += 1
            # Beside the files there are the jobs that follow them: how many is known only afterwards.
            told(done, None, Sentence(N_("Importing the demo shop")))

        stopping = threading.Event()
        jobs.run_worker(until_idle=True, schedules=False, stopping=stopping, told=tell)
    if stopping.is_set():
        raise FillingWasStopped
    mark.unlink()
    return {"stores": len(queries.stores(access=Actor.system())), "files": len(files)}
