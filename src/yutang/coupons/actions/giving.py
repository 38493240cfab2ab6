"""Giving coupons: to one person by hand, or to thousands at once; one key gives once, and the budget is never passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Sum
from django.utils import timezone

from yutang.coupons import codes as spelling
from yutang.coupons.events import Given
from yutang.coupons.finding import batches, digests_of, kind_by_code, living, merged_into, people_within_reach, touch
from yutang.coupons.guarding import giving_stopped
from yutang.coupons.guards import stopped
from yutang.coupons.models import Codes, Coupon, Kind, PoolCode, State
from yutang.coupons.organisation import MOST_BY_HAND
from yutang.coupons.refusals import (
    CouponKindIsClosed,
    CouponKindIsPaused,
    CouponsAreGone,
    CouponWasStopped,
    GivingKeyIsTaken,
    PersonHasEnough,
    TooManyByHand,
)
from yutang.coupons.stating import is_paused, note_given
from yutang.coupons.terms import end_of, unit_cost_of
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.queries import organisation_setting
from yutang.foundation.sealing import seal_many
from yutang.kit.errors import DomainError
from yutang.kit.text import Sentence

LONGEST_KEY, LONGEST_CAMPAIGN = 140, 64


@dataclass(frozen=True)
class Wanted:
    """One giving that is asked for.

    Attributes:
        key: idempotency key: the same key gives once, whatever happens. 1 to 140 characters.
        customer_id: to whom.
    """

    key: str
    customer_id: int


@dataclass(frozen=True)
class Gift:
    """What became of one giving.

    Attributes:
        coupon_id: the coupon; None: the person got none.
        is_new: whether it was given now; False: an earlier call with the key gave it, or nothing was given.
        refusal: why nothing was given; None where something was.
    """

    coupon_id: int | None
    is_new: bool
    refusal: DomainError | None = None


@transaction.atomic
def give_coupons(
    *, actor: Actor, kind: str, wanted: Sequence[Wanted], campaign: str = "", now: datetime
) -> tuple[Gift, ...]:
    """Give coupons of a kind to many people at once, and return what became of each, by position.

    The kind's row is locked: who gives of the same kind at the same time comes after, so that neither the budget nor what one
    person may have is passed. The first in the order of `wanted` get what is left.

    Args:
        actor: needs ``coupons.give``; people out of reach get nothing.
        kind: short name of the kind.
        wanted: keys and people; a person may stand there several times.
        campaign: what they are given for, such as ``playbook:3``. At most 64 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchCouponKind: there is none.
    """
    actor.require("coupons.give")
    if any(not 0 < len(one.key) <= LONGEST_KEY for one in wanted) or len(campaign) > LONGEST_CAMPAIGN:
        raise ValueError("a key has 1 to 140 characters, a campaign at most 64")
    row = kind_by_code(kind, is_locked=True)
    gifts: dict[str, Gift] = _given_before(row, wanted)
    new = list({one.key: one for one in wanted if one.key not in gifts}.values())
    refusals = _refusals(actor, row, new, now)
    gifts.update({key: Gift(None, is_new=False, refusal=refusal) for key, refusal in refusals.items()})
    going = [one for one in new if one.key not in refusals]
    coupons = _written(actor, row, going, campaign, now)
    gifts.update({coupon.key: Gift(coupon.pk, is_new=True) for coupon in coupons})
    return tuple(gifts[one.key] for one in wanted)


def give_coupon(*, actor: Actor, kind: str, customer_id: int, key: str, campaign: str = "", now: datetime) -> int:
    """Give one person a coupon, and return it; asked again under the same key, return the same one.

    Args:
        actor: needs ``coupons.give``; who may not make kinds gives as many a day as the setting says.
        kind: short name of the kind.
        customer_id: to whom.
        key: idempotency key. 1 to 140 characters.
        campaign: what it is given for; empty: by hand.
        now: when. Aware UTC.

    Raises:
        NoSuchCouponKind: there is none.
        NoSuchCustomer: there is none within reach.
        CouponKindIsClosed: nobody gets it any more.
        CouponKindIsPaused: the guard of economics has paused it.
        CouponsAreGone: the budget is used up, or the pool is empty.
        PersonHasEnough: the person has as many as one may have.
        CouponWasStopped: a guard refuses.
        TooManyByHand: the member of staff gave as many today as one may.
        GivingKeyIsTaken: the key was used for something else.
    """
    actor.require("coupons.give")
    # Before the transaction: a refusal that undoes it would take the decision of the guard with it.
    if stops := judge_giving(actor=actor, kind=kind, customer_id=customer_id, key=key, now=now):
        raise CouponWasStopped(reason=stops.as_json())
    return _given_one(actor, kind, Wanted(key, customer_id), campaign, now)


def judge_giving(*, actor: Actor, kind: str, customer_id: int, key: str, now: datetime) -> Sentence | None:
    """Return why the guard does not let a person have a coupon; None where it does, and where the key has given one already.

    Whoever gives within a larger transaction asks again after that was undone, so that the decision is kept.

    Raises:
        NoSuchCouponKind: there is none.
    """
    actor.require("coupons.give")
    row = kind_by_code(kind)
    if not 0 < len(key) <= LONGEST_KEY or not people_within_reach(actor, [customer_id]):
        return None
    if Coupon.objects.filter(key=key).exists():
        return None
    return giving_stopped(actor=actor, kind=row, customer_id=customer_id, key=key, now=now)


@transaction.atomic
def _given_one(actor: Actor, kind: str, wanted: Wanted, campaign: str, now: datetime) -> int:
    if not Coupon.objects.filter(key=wanted.key).exists():
        _hold_to_limit(actor, now)
    (gift,) = give_coupons(actor=actor, kind=kind, wanted=[wanted], campaign=campaign, now=now)
    if gift.refusal is not None:
        raise gift.refusal
    assert gift.coupon_id is not None
    if gift.is_new:
        _note(actor, gift.coupon_id, {"name": kind, "customers": 1}, now)
    return gift.coupon_id


def _given_before(kind: Kind, wanted: Sequence[Wanted]) -> dict[str, Gift]:
    """Return what earlier calls gave under the keys; a key that stands for something else is refused."""
    asked_by = {one.key: one for one in wanted}
    rows: list[tuple[int, str, int, int | None]] = []
    for some in batches(list(asked_by)):
        known = Coupon.objects.filter(key__in=some).order_by()
        rows += known.values_list("pk", "key", "kind_id", "customer_id")
    # Who was merged since the first call has another number now.
    now_called = merged_into([asked_by[key].customer_id for _pk, key, _kind, holder in rows if holder is not None])
    found: dict[str, Gift] = {}
    for pk, key, kind_id, holder in rows:
        asked = asked_by[key].customer_id
        is_same = kind_id == kind.pk and (
            holder is None or now_called.get(asked, asked) == now_called.get(holder, holder)
        )
        refusal = None if is_same else GivingKeyIsTaken(key=key)
        found[key] = Gift(pk if is_same else None, is_new=False, refusal=refusal)
    return found


def _refusals(actor: Actor, kind: Kind, wanted: Sequence[Wanted], now: datetime) -> dict[str, DomainError]:
    """Return why people get nothing, by key."""
    if not kind.is_open or (kind.until_date is not None and end_of(kind, now=now)[0] <= now):
        return {one.key: CouponKindIsClosed(name=kind.name) for one in wanted}
    if is_paused(kind):
        return {one.key: CouponKindIsPaused(name=kind.name) for one in wanted}
    people = list({one.customer_id for one in wanted})
    there = people_within_reach(actor, people)
    reasons = stopped(deed="give", kind_id=kind.pk, customer_ids=sorted(there), now=now)
    have, left = _held(kind, sorted(there)), _left(kind, len(wanted), now)
    refusals: dict[str, DomainError] = {}
    for one in wanted:
        refusal = _refusal(kind, one.customer_id, there, reasons, have, left)
        if refusal is not None:
            refusals[one.key] = refusal
        else:
            have[one.customer_id] += 1
            left -= 1
    return refusals


def _refusal(
    kind: Kind, customer_id: int, there: set[int], reasons: Mapping[int, Sentence], have: Mapping[int, int], left: int
) -> DomainError | None:
    if customer_id not in there:
        return NoSuchCustomer(customer_id=customer_id)
    if customer_id in reasons:
        return CouponWasStopped(reason=reasons[customer_id].as_json())
    if have[customer_id] >= kind.per_person:
        return PersonHasEnough(name=kind.name, most=kind.per_person)
    return CouponsAreGone(name=kind.name) if left <= 0 else None


def _held(kind: Kind, customer_ids: Sequence[int]) -> Counter[int]:
    """Return how many of the kind each person has had that were not taken back."""
    held: Counter[int] = Counter()
    for some in batches(customer_ids):
        rows = Coupon.objects.filter(kind=kind, customer_id__in=some).exclude(state=State.TAKEN_BACK).order_by()
        held.update(dict(rows.values_list("customer_id").annotate(Count("pk"))))
    return held


def _left(kind: Kind, wanted: int, now: datetime) -> int:
    """Return how many pieces can still be given, counted no further than is asked for."""
    left = kind.pieces - kind.given
    if kind.budget_minor:
        left = min(left, _affordable(kind, now))
    if kind.codes == Codes.POOL:
        free = PoolCode.objects.filter(kind=kind, is_given=False).order_by("id").values_list("pk")
        left = min(left, free[:wanted].count())
    return left


def _affordable(kind: Kind, now: datetime) -> int:
    """Return how many further pieces the budget pays for, if all that can be used are redeemed at their full cost."""
    sums = Coupon.objects.filter(kind=kind).aggregate(
        spent=Sum("off_minor", default=0), open=Count("pk", filter=living(now))
    )
    cost = unit_cost_of(kind)
    return max(0, kind.budget_minor - sums["spent"] - sums["open"] * cost) // cost if cost else 0


def _written(actor: Actor, kind: Kind, going: Sequence[Wanted], campaign: str, now: datetime) -> list[Coupon]:
    """Write the coupons, count them against the budget, and tell of them."""
    if not going:
        return []
    today = timezone.localtime(now).date()
    ends_at, last_date = end_of(kind, now=now)
    coupons = [
        Coupon(
            kind=kind, customer_id=one.customer_id, key=one.key, digest=digest, sealed_code=sealed, code_end=end,
            campaign=campaign, given_at=now, given_date=today, given_by_id=actor.staff_id, ends_at=ends_at,
            last_date=last_date,
        )
        for one, (digest, sealed, end) in zip(going, _codes_for(kind, len(going)), strict=True)
    ]  # fmt: skip
    coupons = Coupon.objects.bulk_create(coupons, batch_size=500)
    counted = Kind.objects.filter(pk=kind.pk, given__lte=F("pieces") - len(coupons))
    if not counted.update(given=F("given") + len(coupons)):
        raise CouponsAreGone(name=kind.name)
    told = [Given(one.pk, kind.code, one.customer_id or 0, campaign) for one in coupons]
    outbox.record_all(told, now=now)
    note_given(actor=actor, kind=kind, coupons=coupons, now=now)
    touch([today], now=now)
    return coupons


def _codes_for(kind: Kind, n: int) -> list[tuple[bytes, bytes, str]]:
    """Return (hash, sealed code, last four characters) of n codes: made now, or the oldest of the pool."""
    if kind.codes == Codes.MADE:
        made = spelling.made_codes(n)
        sealed = seal_many([{"code": code} for code in made])
        return [(d, s, code[-4:]) for d, s, code in zip(digests_of(made), sealed, made, strict=True)]
    free = PoolCode.objects.filter(kind=kind, is_given=False).order_by("id")
    taken = list(free.values_list("pk", "digest", "sealed_code", "code_end")[:n])
    bulk.update_rows("coupons_poolcode", ("is_given",), [(True, pk) for pk, *_rest in taken])
    return [(bytes(digest), bytes(sealed), end) for _pk, digest, sealed, end in taken]


def _hold_to_limit(actor: Actor, now: datetime) -> None:
    """Refuse who may not make kinds, and gave as many today as one may by hand."""
    if actor.staff_id is None or actor.can("coupons.change"):
        return
    # Two tills of the same person at the same moment count one after the other.
    bulk.one_at_a_time(f"coupons.by_hand:{actor.staff_id}")
    most = int(organisation_setting(MOST_BY_HAND))
    today = timezone.localtime(now).date()
    if Coupon.objects.filter(given_by_id=actor.staff_id, given_date=today).count() >= most:
        raise TooManyByHand(most=most)


def _note(actor: Actor, coupon_id: int, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action="coupons.give", subject_type="coupon", subject_id=coupon_id, detail=detail, now=now)
