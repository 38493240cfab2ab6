"""Tasks of the room."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path

from django.conf import settings

from yutang.demo.filling import make_shop, start_imports
from yutang.foundation import jobs
from yutang.kit.text import N_, Sentence


@jobs.task(max_attempts=3)
def fill_demo_shop(context: jobs.JobContext, asked_at: str) -> dict[str, int]:
    """Make the files of the demo shop and put their imports in line; a second attempt makes the same files again."""
    steps = count(1)

    def told(_done: int, _total: int) -> None:
        context.check_cancelled()
        context.progress(next(steps), None, Sentence(N_("Making the demo shop")))

    files = make_shop(folder=Path(settings.YUTANG_HOME) / "demo", now=datetime.fromisoformat(asked_at), told=told)
    refused = start_imports(files, now=context.now())
    return {"files": len(files), "refused": len(refused)}
