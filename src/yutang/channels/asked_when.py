"""When WeCom was last asked what became of its tasks; read through `queries`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min
from django.db.models.functions import Coalesce

from yutang.channels.actions.asking_again import FRESH_FOR
from yutang.channels.models import MassTask, TaskState
from yutang.foundation.access import Actor


@dataclass(frozen=True)
class AskedWhen:
    """How fresh the results of WeCom are.

    Attributes:
        open_tasks: tasks of which something may still be told. Count.
        at: since when nothing newer is known of some of them; None where none is open.
        is_old: whether it is worth asking again.
    """

    open_tasks: int
    at: datetime | None
    is_old: bool


def asked_when(*, access: Actor, campaign: str = "", now: datetime) -> AskedWhen:
    """Return how fresh the results of WeCom are.

    Args:
        access: needs ``channels.view``.
        campaign: key of a campaign; empty: of everything.
        now: aware UTC.
    """
    access.require("channels.view")
    tasks = MassTask.objects.filter(state__in=(TaskState.HANDING, TaskState.OPEN, TaskState.ENDING))
    tasks = tasks.filter(campaign=campaign) if campaign else tasks
    told = tasks.aggregate(n=Count("pk"), at=Min(Coalesce(F("asked_at"), F("handed_at"))))
    at: datetime | None = told["at"]
    return AskedWhen(told["n"], at, at is not None and now - at >= FRESH_FOR)
