"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from yutang.api.lake_marks import touch_days
from yutang.api.models import Behaviour
from yutang.customers.erasing import ERASERS, Eraser
from yutang.customers.known_people import digests_of_people
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off what was seen of them, with the hash by which they were named and what the other system wrote about it."""
    actor.require("customers.merge")
    people = list(customer_ids)
    with journal.marked_transaction():
        # What nobody was found for yet would find its person if the person came back.
        digests = digests_of_people(ids=people)
        rows = Behaviour.objects.filter(Q(customer_id__in=people) | Q(customer=None, digest__in=digests)).order_by()
        keys = list(rows.values_list("pk", flat=True))
        some = Behaviour.objects.filter(pk__in=keys).order_by()
        days = list(some.values_list("business_date").distinct())
        if days:
            touch_days(days, now=now)
        return some.update(customer=None, digest=None, properties={})


ERASERS.register(
    Eraser(
        room="api",
        title=N_("Behaviour"),
        columns=("api_behaviour.customer_id",),
        forget=forget_people,
        kept=N_("That something happened stays counted, without the person and without what was written about it."),
    )
)
