"""Every change of the room that others may ask for."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.demo.queries import is_untouched
from yutang.demo.tasks import fill_demo_shop
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class PondIsNotEmpty(DomainError):
    """There is something already, with which made-up people would mix."""

    code: ClassVar[str] = "pond_is_not_empty"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "There are stores, imports or customers already; the demo shop would mix with them. Give it an installation of its own."
    )


@transaction.atomic
def ask_for_demo_shop(*, actor: Actor, now: datetime) -> int:
    """Let a worker fill the untouched house with the demo shop, and return the job; asked for again, it is the same one.

    Raises:
        NotAllowed: the actor does not change settings, or does not import.
        PondIsNotEmpty: there is a store, an import or a customer.
    """
    actor.require("settings.manage")
    actor.require("imports.run")
    if not is_untouched():
        raise PondIsNotEmpty
    job_id = jobs.enqueue(fill_demo_shop, {"asked_at": now.isoformat()}, now=now, idempotency_key="fill_demo_shop")
    audit(actor=actor, action="demo.asked", subject_type="job", subject_id=job_id, now=now)
    return job_id
