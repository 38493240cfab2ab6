"""What else becomes of coupons: taken back, shown in the clear, expired, tied to their orders, without their person."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from yutang.coupons.finding import AT_ONCE, TABLE, batches, clear_code, coupon_by_id, touch
from yutang.coupons.models import Coupon, Kind, State
from yutang.coupons.refusals import CouponIsNotGiven, ReasonIsMissing
from yutang.coupons.views import STATE_TITLES
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.sealing import seal
from yutang.kit.text import Sentence
from yutang.orders.arrivals import keys_by_number
from yutang.orders.models import Order

_LONGEST_REASON = 200
#: An order that is not brought in so long after the redemption is not looked for any more.
LOOKED_FOR = timedelta(days=60)


@transaction.atomic
def take_back_coupon(*, actor: Actor, coupon_id: int, reason: str, now: datetime) -> None:
    """Take a coupon back that was not used; its piece returns to the budget, its code is nobody's from now on.

    Args:
        actor: needs ``coupons.give``.
        coupon_id: which.
        reason: why, for the customer who asks. 1 to 200 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchCoupon: there is none within reach.
        ReasonIsMissing: nobody said why.
        CouponIsNotGiven: it was redeemed, expired or taken back.
    """
    actor.require("coupons.give")
    coupon = coupon_by_id(actor, coupon_id)
    reason = reason.strip()
    if not 0 < len(reason) <= _LONGEST_REASON:
        raise ReasonIsMissing
    taken = Coupon.objects.filter(pk=coupon_id, state=State.GIVEN, ends_at__gt=now).update(
        state=State.TAKEN_BACK, taken_back_at=now, taken_back_by_id=actor.staff_id, reason=reason
    )
    if not taken:
        coupon.refresh_from_db()
        state = State.EXPIRED if coupon.state == State.GIVEN else State(coupon.state)
        raise CouponIsNotGiven(state=Sentence(STATE_TITLES[state]).as_json())
    Kind.objects.filter(pk=coupon.kind_id, given__gt=0).update(given=F("given") - 1)
    touch([coupon.given_date], now=now)
    _note(actor, "coupons.take_back", coupon, {"name": coupon.kind.code, "reason": reason}, now)


@transaction.atomic
def show_code(*, actor: Actor, coupon_id: int, now: datetime) -> str:
    """Return the code of a coupon in the clear, as its owner reads it; the audit trail keeps that somebody looked.

    Raises:
        NoSuchCoupon: there is none within reach.
    """
    actor.require("coupons.give")
    coupon = coupon_by_id(actor, coupon_id)
    _note(actor, "coupons.show_code", coupon, {"name": coupon.kind.code}, now)
    return clear_code(coupon.sealed_code)


def expire_coupons(*, actor: Actor, now: datetime) -> int:
    """Write down of every coupon whose time is over that it is, and return how many those were."""
    actor.require("coupons.give")
    with transaction.atomic():
        over = Coupon.objects.filter(state=State.GIVEN, ends_at__lte=now)
        touch(over.order_by().values_list("given_date", flat=True).distinct(), now=now)
        return over.update(state=State.EXPIRED)


def tie_to_orders(*, actor: Actor, now: datetime) -> int:
    """Tie redeemed coupons to the orders whose number the till named, once these are brought in; return how many were tied.

    An order is meant where its number is that of one order in all shops.
    """
    actor.require("coupons.redeem")
    with transaction.atomic():
        since = timezone.localtime(now - LOOKED_FOR).date()
        named = Coupon.objects.filter(state=State.REDEEMED, redeemed_date__gte=since).exclude(order_number="")
        there = Order.objects.filter(pk=OuterRef("order_id"))
        loose = named.filter(Q(order_id=None) | ~Exists(there)).order_by("-id")
        rows = list(loose.values_list("pk", "order_number", "given_date")[:AT_ONCE])
        orders = _orders_numbered({number for _pk, number, _day in rows})
        tied = [(orders[number], pk) for pk, number, _day in rows if number in orders]
        bulk.update_rows(TABLE, ("order_id",), tied)
        touch({day for _pk, number, day in rows if number in orders}, now=now)
    return len(tied)


@transaction.atomic
def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off their coupons, and return how many coupons that were: for the erasure of a person.

    What the coupons cost and brought stays for the books. Codes that could still be used are nobody's from now on, and no code,
    and no reason that somebody wrote, is kept.

    Args:
        actor: needs ``coupons.change``.
        customer_ids: who.
        now: when. Aware UTC.
    """
    actor.require("coupons.change")
    forgotten = 0
    back: Counter[int] = Counter()
    empty = seal({})
    for some in batches(customer_ids):
        rows = list(
            Coupon.objects.filter(customer_id__in=some).values_list("pk", "kind_id", "state", "ends_at", "given_date")
        )
        living = [pk for pk, _kind, state, ends_at, _day in rows if state == State.GIVEN and ends_at > now]
        back.update(kind for pk, kind, state, ends_at, _day in rows if state == State.GIVEN and ends_at > now)
        Coupon.objects.filter(pk__in=living).update(state=State.TAKEN_BACK, taken_back_at=now)
        columns = ("customer_id", "digest", "sealed_code", "code_end", "reason", "order_number")
        blank = [(None, secrets.token_bytes(16), empty, "", "", "", pk) for pk, *_rest in rows]
        bulk.update_rows(TABLE, columns, blank)
        touch({row[4] for row in rows}, now=now)
        forgotten += len(rows)
    _give_back(back)
    return forgotten


def _give_back(pieces: Counter[int]) -> None:
    """Return pieces to the budgets of their kinds, kinds with the same number of pieces at once."""
    kinds_by_number: dict[int, list[int]] = defaultdict(list)
    for kind_id, number in pieces.items():
        kinds_by_number[number].append(kind_id)
    for number, kinds in kinds_by_number.items():
        Kind.objects.filter(pk__in=kinds, given__gte=number).update(given=F("given") - number)


def _orders_numbered(numbers: set[str]) -> dict[str, int]:
    """Return the order of each number that only one order has."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, key in keys_by_number(numbers):
        found[number].append(key)
    return {number: keys[0] for number, keys in found.items() if len(keys) == 1}


def _note(actor: Actor, action: str, coupon: Coupon, detail: dict[str, object], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="coupon", subject_id=coupon.pk, detail=detail, now=now)
