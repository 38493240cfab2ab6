"""Tasks of the ground that are about what is kept, not about jobs and events themselves."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.foundation.keyring import keyring
from yutang.foundation.sealed_records import key_status, reseal_all
from yutang.foundation.sessions import forget_sessions_before
from yutang.kit.text import N_, Sentence

#: Rows of one transaction: half a second of SQLite's one write lock at most.
_BATCH = 5_000


@jobs.task()
def reseal_records(context: jobs.JobContext) -> dict[str, int]:
    """Seal with the current key what older keys sealed. Killed at any point, it goes on with what is left."""

    def told(done: int, total: int) -> None:
        context.progress(done, total, Sentence(N_("Sealing with the new key")))
        context.check_cancelled()

    resealed = reseal_all(most=_BATCH, told=told)
    return {"resealed": resealed, "left": key_status().to_reseal}


@jobs.task()
def forget_sessions(context: jobs.JobContext) -> dict[str, int]:
    """Drop sessions that are over, and after half a year that they were."""
    return {"records": forget_sessions_before(context.now())}


def has_older_keys() -> bool:
    """Return whether there are keys besides the current one, so that records may hang on them."""
    return len(keyring().sealing) > 1
