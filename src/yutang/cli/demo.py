"""The demo shop, filled before the console starts: with its progress in the terminal."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from yutang.cli.output import progress_bar
from yutang.cli.text import _, say
from yutang.kit.text import N_, Sentence


def fill_demo_shop(folder: Path, *, now: datetime) -> dict[str, int] | None:
    """Fill an empty store with the demo shop and return how many stores and files it has; None where there are stores.

    The files come in through the importers, so what the demo shows is what they make of dirty rows and shared phones too.
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
            told(done, len(files), Sentence(N_("Importing the demo shop")))

        jobs.run_worker(until_idle=True, schedules=False, told=tell)
    mark.unlink()
    return {"stores": len(queries.stores(access=Actor.system())), "files": len(files)}
