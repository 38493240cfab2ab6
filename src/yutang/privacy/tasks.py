"""Tasks of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.kit.text import Sentence
from yutang.privacy.erasing import run_erasure


@jobs.task(priority=5)
def erase_person(context: jobs.JobContext, erasure_id: int) -> dict[str, int]:
    """Erase a person, room by room."""

    def told(done: int, total: int, room: Sentence) -> None:
        context.check_cancelled()
        context.progress(done, total, room)

    return run_erasure(actor=Actor.system(), erasure_id=erasure_id, told=told, now=context.now())
