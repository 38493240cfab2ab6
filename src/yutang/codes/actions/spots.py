"""Places where a code is printed: each has a QR code of its own, so that who comes is told apart by store and batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yutang.codes.finding import code_by_id, new_token, spot_of
from yutang.codes.models import Spot
from yutang.codes.refusals import SpotIsTaken
from yutang.codes.tasks import ask_to_keep
from yutang.codes.terms import LONGEST_NAME, require
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Store
from yutang.kit.text import N_

MOST_SPOTS = 500


@dataclass(frozen=True)
class SpotTerms:
    """A place where a code is to be printed.

    Attributes:
        name: what stands under the QR code for staff, such as a store or a batch of parcels. 1 to 60 characters, once a code.
        store_id: to which store newcomers belong, and whose staff answer; None: to that of who is added.
    """

    name: str
    store_id: int | None = None


@transaction.atomic
def add_spots(*, actor: Actor, code_id: int, spots: Sequence[SpotTerms], now: datetime) -> tuple[int, ...]:
    """Let a code be printed at further places, and return these; WeCom makes their QR codes within a minute.

    Args:
        actor: needs ``codes.change``.
        code_id: which code.
        spots: the places. 1 to 500 with those that there are.
        now: when. Aware UTC.

    Raises:
        NoSuchCode: there is none within reach.
        CodeIsWrong: a place cannot be called so, or there is no such store.
        SpotIsTaken: it is printed there already.
    """
    actor.require("codes.change")
    code = code_by_id(actor, code_id, is_locked=True)
    names = [one.name.strip() for one in spots]
    there = set(code.spots.values_list("name", flat=True))
    require("spot", len(names), len(names) > 0 and len(names) + len(there) <= MOST_SPOTS, N_("1 to 500 places a code"))
    for at, name in enumerate(names):
        require("spot", name, 0 < len(name) <= LONGEST_NAME, N_("1 to 60 characters"))
        if name in there or name in names[:at]:
            raise SpotIsTaken(name=name)
    stores = {one.store_id for one in spots if one.store_id is not None}
    is_known = Store.objects.filter(pk__in=stores).count() == len(stores)
    require("store", ", ".join(map(str, sorted(stores))), is_known, N_("stores that there are"))
    made = Spot.objects.bulk_create(
        [
            Spot(code=code, name=name, store_id=one.store_id, token=new_token(), made_at=now)
            for name, one in zip(names, spots, strict=True)
        ]
    )
    ask_to_keep(now=now)
    detail = {"spots": len(made)}
    audit(actor=actor, action="codes.spots", subject_type="channel_code", subject_id=code.pk, detail=detail, now=now)
    return tuple(one.pk for one in made)


@transaction.atomic
def switch_spot(*, actor: Actor, code_id: int, spot_id: int, is_on: bool, now: datetime) -> None:
    """Take one place of a code out of use, such as a batch that is used up, or back into it.

    Raises:
        NoSuchCode: there is none within reach.
        NoSuchSpot: it is not printed there.
    """
    actor.require("codes.change")
    code = code_by_id(actor, code_id, is_locked=True)
    spot = spot_of(code, spot_id)
    Spot.objects.filter(pk=spot.pk).update(is_on=is_on)
    ask_to_keep(now=now)
    detail = {"spot": spot.name, "is_on": is_on}
    audit(actor=actor, action="codes.switch", subject_type="channel_code", subject_id=code.pk, detail=detail, now=now)
