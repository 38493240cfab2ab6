"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from yutang.customers.erasing import ERASERS, Eraser
from yutang.customers.models import (
    Consent,
    ContestedIdentifier,
    Customer,
    CustomerTag,
    Identifier,
    Merge,
    NameToken,
    ReviewCase,
)
from yutang.customers.touching import touch_belongings
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Delete people with all by which they are known; the last of all, for a room that still names one of them refuses it."""
    actor.require("customers.merge")
    people = list(customer_ids)
    with journal.marked_transaction():
        journal.forget_images("customers_customer", people)
        journal.forget_images_of("customers_identifier", people)
        for owned in (NameToken, Identifier, ContestedIdentifier, CustomerTag, Consent):
            owned._default_manager.filter(customer_id__in=people).delete()
        Merge.objects.filter(Q(winner__in=people) | Q(loser__in=people)).delete()
        ReviewCase.objects.filter(Q(first__in=people) | Q(second__in=people)).delete()
        Customer.objects.filter(pk__in=people).update(merged_into=None)
        touch_belongings(now=now)
        return Customer.objects.filter(pk__in=people).delete()[0]


ERASERS.register(
    Eraser(
        room="customers",
        title=N_("Customers"),
        columns=(
            "customers_customer.sealed_profile",
            "customers_customer.merged_into_id",
            "customers_identifier.customer_id",
            "customers_contestedidentifier.customer_id",
            "customers_nametoken.customer_id",
            "customers_merge.winner_id",
            "customers_merge.loser_id",
            "customers_merge.winner_profile_before",
            "customers_reviewcase.first_id",
            "customers_reviewcase.second_id",
            "customers_customertag.customer_id",
            "customers_consent.customer_id",
        ),
        forget=forget_people,
    )
)
