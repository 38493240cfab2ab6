"""Who followed the links of what was said, people apart from programs; read through `queries`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from yutang.channels.models import LinkVisit
from yutang.channels.within import rows_within
from yutang.foundation.access import Actor


@dataclass(frozen=True)
class Clicks:
    """How the links of some contents were followed.

    Attributes:
        readers: people within reach who followed a link of their own. Count.
        shared: visits of people by links that many got, of whom nobody knows who they were; 0 for whoever sees some stores only.
        machines: visits of previews, scanners and other programs. Count.
        last_at: the latest visit of a person; None: there was none.
    """

    readers: int
    shared: int
    machines: int
    last_at: datetime | None


def clicks_on(*, access: Actor, contents: Collection[str], since: datetime) -> Clicks:
    """Return how the links of messages were followed that say one of these contents.

    Args:
        access: needs ``channels.view``.
        contents: references, such as ``content:17:3``.
        since: messages that changed before, and visits before, do not count. Aware UTC.
    """
    access.require("channels.view")
    visits = LinkVisit.objects.filter(at__gte=since).order_by()
    own = visits.filter(
        rows_within(access, at="link__touch__"),
        link__touch__content__in=list(contents),
        link__touch__changed_at__gte=since,
    )
    person = Q(kind="person")
    told = own.aggregate(
        readers=Count("link__touch__customer_id", filter=person, distinct=True),
        machines=Count("pk", filter=~person),
        last_at=Max("at", filter=person),
    )
    if access.store_ids is not None:
        return Clicks(told["readers"], 0, told["machines"], told["last_at"])
    many = visits.filter(link__touch=None, link__content__in=list(contents)).aggregate(
        people=Count("pk", filter=person), machines=Count("pk", filter=~person), last_at=Max("at", filter=person)
    )
    last = max((one for one in (told["last_at"], many["last_at"]) if one is not None), default=None)
    return Clicks(told["readers"], many["people"], told["machines"] + many["machines"], last)
