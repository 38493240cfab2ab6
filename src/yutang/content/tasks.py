"""Tasks of the room."""

from __future__ import annotations

from datetime import UTC, datetime

from yutang.content.uploading import has_media_to_renew, renew
from yutang.foundation import jobs


@jobs.task()
def renew_media(context: jobs.JobContext) -> dict[str, int]:
    """Upload to WeCom what messages show and what WeCom is about to forget."""
    done = renew(now=context.now())
    return {"uploaded": done.uploaded, "failed": done.failed}


def needs_renewal() -> bool:
    """Return whether anything is to be uploaded."""
    return has_media_to_renew(now=datetime.now(UTC))
