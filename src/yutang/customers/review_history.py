"""What became of the pairs that people had to decide about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from yutang.customers import profile
from yutang.customers.models import Customer, ReviewCase, ReviewStatus
from yutang.foundation.access import Actor
from yutang.foundation.sealing import unseal
from yutang.kit.text import Sentence

#: Of a merge that was undone: it is told of, and undone, on the page of the person.
UNDONE_MERGE = "merge_undone"


@dataclass(frozen=True)
class ApartPair:
    """Two people of whom somebody said that they are not one.

    Attributes:
        people: key and masked name of each, as they are now.
        actor_label: who said so; empty where nobody is known any more.
    """

    case_id: int
    reason: Sentence
    people: tuple[tuple[int, Sentence | str], ...]
    decided_at: datetime
    actor_label: str


def has_decided_pairs(*, access: Actor) -> bool:
    """Return whether somebody has decided about a pair yet.

    Args:
        access: needs ``review.decide``.
    """
    access.require("review.decide")
    return ReviewCase.objects.filter(decided_by__isnull=False).exists()


def kept_apart(*, access: Actor, limit: int = 20) -> tuple[ApartPair, ...]:
    """Return the pairs within reach that were said to be two people, the latest first; who became one since is left out.

    Args:
        access: needs ``review.decide``.
        limit: pairs at most.
    """
    access.require("review.decide")
    cases = (
        ReviewCase.objects.filter(status=ReviewStatus.KEPT_APART, decided_at__isnull=False)
        .exclude(kind=UNDONE_MERGE)
        .annotate(
            first_now=Coalesce("first__merged_into_id", "first_id"),
            second_now=Coalesce("second__merged_into_id", "second_id"),
        )
        .exclude(first_now=F("second_now"))
    )
    if access.store_ids is not None:
        cases = cases.filter(Q(first__store_id__in=access.store_ids) | Q(second__store_id__in=access.store_ids))
    found = list(cases.select_related("decided_by").order_by("-decided_at", "-id")[:limit])
    people = Customer.objects.in_bulk({key for case in found for key in (case.first_now, case.second_now)})
    return tuple(
        ApartPair(
            case_id=case.pk,
            reason=Sentence.from_json(case.reason),
            people=tuple(
                (key, profile.display_name(unseal(people[key].sealed_profile), key, clear=False))
                for key in (case.first_now, case.second_now)
            ),
            decided_at=case.decided_at,
            actor_label=case.decided_by.display_name if case.decided_by else "",
        )
        for case in found
        if case.decided_at is not None
    )
