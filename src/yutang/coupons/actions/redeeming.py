"""Redeeming coupons at the till: one code once, whoever types it, and every refusal kept with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from yutang.coupons.events import Redeemed
from yutang.coupons.finding import coupon_by_code, touch
from yutang.coupons.guarding import note_bought, redemption_stopped
from yutang.coupons.guards import stopped
from yutang.coupons.models import Coupon, Gives, Kind, RefusedAttempt, State
from yutang.coupons.refusals import (
    CodeIsUnknown,
    CouponIsNotForStore,
    CouponIsOver,
    CouponIsRedeemed,
    CouponIsTakenBack,
    NoSuchStoreHere,
    OrderIsTooSmall,
    OrderIsUnreadable,
    OrderValueIsMissing,
    ProductsDoNotFit,
    RedemptionRefused,
    RedemptionWasStopped,
    StoreIsMissing,
    TooManyWrongCodes,
)
from yutang.coupons.stating import note_redeemed
from yutang.coupons.terms import LARGEST_MINOR
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Store

#: So many codes that nobody has, within so long, look like guessing.
MOST_WRONG, WRONG_WITHIN = 20, timedelta(minutes=10)
_LONGEST_NUMBER = 80


@dataclass(frozen=True)
class Sale:
    """What the till says of the order.

    Attributes:
        store_id: at which store; None: at none, or at the only one of who redeems.
        order_number: number of the order, as its shop has it; empty: not known.
        order_minor: value of the order before the coupon, in the coupon's currency; None: not known. Minor units.
        product_codes: codes of what is bought; None: not known, so whoever redeems looks for themselves.
    """

    store_id: int | None = None
    order_number: str = ""
    order_minor: int | None = None
    product_codes: Sequence[str] | None = None


@dataclass(frozen=True)
class Look:
    """What a code is for, and whether it holds.

    Attributes:
        coupon_id: the coupon.
        refusal: why it cannot be redeemed now; None: it can.
        off_minor: what it would take off; None: that follows from what the till has not said. Minor units.
    """

    coupon_id: int
    refusal: RedemptionRefused | None
    off_minor: int | None


def redeem_at_till(*, actor: Actor, code: str, sale: Sale, now: datetime) -> int:
    """Redeem a coupon by its code, and return it; a refusal is kept with its reason.

    Args:
        actor: needs ``coupons.redeem``.
        code: as it was typed.
        sale: what the till says.
        now: when. Aware UTC.

    Raises:
        RedemptionRefused: it cannot be redeemed; the subclass says why.
        NoSuchStoreHere: the store is out of reach.
        OrderIsUnreadable: number or value of the order cannot be this.
    """
    try:
        return redeem_coupon(actor=actor, code=code, sale=sale, now=now)
    except RedemptionRefused as refusal:
        note_refused_attempt(actor=actor, refusal=refusal, sale=sale, now=now)
        raise


@transaction.atomic
def redeem_coupon(*, actor: Actor, code: str, sale: Sale, now: datetime) -> int:
    """Redeem a coupon as `redeem_at_till` does, for who keeps the refusal themselves after their transaction was undone."""
    actor.require("coupons.redeem")
    sale = _readable(actor, sale)
    _stop_guessing(actor, now)
    coupon = coupon_by_code(code)
    off_minor = _off(actor, coupon, sale, now)
    won = Coupon.objects.filter(pk=coupon.pk, state=State.GIVEN, ends_at__gt=now).update(
        state=State.REDEEMED,
        redeemed_at=now,
        redeemed_date=timezone.localtime(now).date(),
        redeemed_by_id=actor.staff_id,
        store_id=sale.store_id,
        order_number=sale.order_number,
        order_minor=sale.order_minor,
        off_minor=off_minor,
    )
    if not won:
        # Somebody was faster by a moment.
        raise _state_refusal(Coupon.objects.get(pk=coupon.pk), now) or CouponIsOver(last_date=str(coupon.last_date))
    _tell(actor, coupon, sale, off_minor, now)
    return coupon.pk


def look_up_code(*, actor: Actor, code: str, sale: Sale, now: datetime) -> Look:
    """Return what a code is for and whether it could be redeemed now; a code that nobody has is kept as an attempt.

    Args:
        actor: needs ``coupons.redeem``.
        code: as it was typed.
        sale: what the till says so far.
        now: when. Aware UTC.

    Raises:
        CodeIsMistyped: its check character does not fit.
        CodeIsUnknown: nobody has it.
        TooManyWrongCodes: it looks like guessing.
        NoSuchStoreHere: the store is out of reach.
        OrderIsUnreadable: number or value of the order cannot be this.
    """
    actor.require("coupons.redeem")
    sale = _readable(actor, sale)
    try:
        _stop_guessing(actor, now)
        coupon = coupon_by_code(code)
    except RedemptionRefused as refusal:
        note_refused_attempt(actor=actor, refusal=refusal, sale=sale, now=now)
        raise
    try:
        return Look(coupon.pk, None, _off(actor, coupon, sale, now))
    except OrderValueIsMissing:
        # To be said before it is redeemed; what is known so far does not speak against it.
        return Look(coupon.pk, None, None)
    except RedemptionRefused as refusal:
        return Look(coupon.pk, refusal, None)


@transaction.atomic
def note_refused_attempt(*, actor: Actor, refusal: RedemptionRefused, sale: Sale, now: datetime) -> None:
    """Keep that a redemption was refused and why, in a transaction of its own; what was typed is not kept."""
    actor.require("coupons.redeem")
    if isinstance(refusal, TooManyWrongCodes):
        return
    if isinstance(refusal, RedemptionWasStopped) and refusal.coupon_id is not None:
        # What the guard decided went with the transaction of the redemption; asked again, it is kept.
        coupon = Coupon.objects.select_related("kind").get(pk=refusal.coupon_id)
        redemption_stopped(actor=actor, coupon=coupon, store_id=sale.store_id, now=now)
    there = sale.store_id is not None and Store.objects.filter(pk=sale.store_id).exists()
    RefusedAttempt.objects.create(
        at=now,
        coupon_id=refusal.coupon_id,
        reason=refusal.code,
        staff_id=actor.staff_id,
        store_id=sale.store_id if there else None,
        via=actor.via[:40],
    )


def _readable(actor: Actor, sale: Sale) -> Sale:
    """Return the sale with the store that is meant, after a look at what cannot be."""
    number = sale.order_number.strip()
    if len(number) > _LONGEST_NUMBER or not number.isprintable():
        raise OrderIsUnreadable(written=number[:40])
    if sale.order_minor is not None and not 0 < sale.order_minor <= LARGEST_MINOR:
        raise OrderIsUnreadable(written=str(sale.order_minor)[:40])
    store_id = sale.store_id
    if store_id is None and actor.store_ids is not None and len(actor.store_ids) == 1:
        store_id = next(iter(actor.store_ids))
    if store_id is not None and not (actor.reaches(store_id) and Store.objects.filter(pk=store_id).exists()):
        raise NoSuchStoreHere(store=store_id)
    return Sale(store_id, number, sale.order_minor, sale.product_codes)


def _stop_guessing(actor: Actor, now: datetime) -> None:
    own = Q(staff_id=actor.staff_id) if actor.staff_id is not None else Q(staff=None)
    wrong = RefusedAttempt.objects.filter(own, reason=CodeIsUnknown.code, at__gt=now - WRONG_WITHIN, via=actor.via[:40])
    if wrong.count() >= MOST_WRONG:
        raise TooManyWrongCodes(minutes=int(WRONG_WITHIN.total_seconds() // 60))


def _off(actor: Actor, coupon: Coupon, sale: Sale, now: datetime) -> int:
    """Return what the coupon takes off, or what its thing costs, after a look at all that may speak against it."""
    kind = coupon.kind
    refusal = _state_refusal(coupon, now) or _store_refusal(kind, sale) or _order_refusal(kind, sale)
    if refusal is None and coupon.customer_id is not None:
        reasons = stopped(deed="redeem", kind_id=kind.pk, customer_ids=[coupon.customer_id], now=now)
        if coupon.customer_id in reasons:
            refusal = RedemptionWasStopped(reason=reasons[coupon.customer_id].as_json())
    if refusal is None and (stops := redemption_stopped(actor=actor, coupon=coupon, store_id=sale.store_id, now=now)):
        refusal = RedemptionWasStopped(reason=stops.as_json())
    if refusal is not None:
        raise refusal.of(coupon.pk)
    if kind.gives == Gives.PERCENT:
        assert sale.order_minor is not None
        # Half a minor unit is rounded up, in the customer's favour.
        off = (sale.order_minor * kind.percent + 50) // 100
        return min(off, kind.most_minor) if kind.most_minor else off
    if kind.gives == Gives.AMOUNT and sale.order_minor is not None:
        return min(kind.amount_minor, sale.order_minor)
    return kind.cost_minor


def _state_refusal(coupon: Coupon, now: datetime) -> RedemptionRefused | None:
    refusal: RedemptionRefused | None = None
    if coupon.state == State.REDEEMED and coupon.redeemed_at is not None:
        refusal = CouponIsRedeemed(redeemed_at=coupon.redeemed_at.isoformat())
    elif coupon.state == State.TAKEN_BACK:
        refusal = CouponIsTakenBack()
    elif coupon.state == State.EXPIRED or coupon.ends_at <= now:
        refusal = CouponIsOver(last_date=coupon.last_date.isoformat())
    return refusal.of(coupon.pk) if refusal else None


def _store_refusal(kind: Kind, sale: Sale) -> RedemptionRefused | None:
    held = dict(kind.stores.order_by("code").values_list("pk", "name"))
    if not held or sale.store_id in held:
        return None
    names = "、".join(held.values())
    return StoreIsMissing(stores=names) if sale.store_id is None else CouponIsNotForStore(stores=names)


def _order_refusal(kind: Kind, sale: Sale) -> RedemptionRefused | None:
    if sale.order_minor is None and (kind.least_minor or kind.gives == Gives.PERCENT):
        return OrderValueIsMissing()
    if sale.order_minor is not None and sale.order_minor < kind.least_minor:
        return OrderIsTooSmall(least_minor=kind.least_minor, worth_minor=sale.order_minor, currency=kind.currency)
    if kind.products and sale.product_codes is not None and not set(kind.products) & set(sale.product_codes):
        return ProductsDoNotFit(products="、".join(kind.products[:10]))
    return None


def _tell(actor: Actor, coupon: Coupon, sale: Sale, off_minor: int, now: datetime) -> None:
    """Tell other rooms, the lake and the audit trail of a redemption."""
    kind = coupon.kind
    if coupon.customer_id is not None:
        store_id = sale.store_id or 0
        told = Redeemed(coupon.pk, kind.code, coupon.customer_id, coupon.campaign, store_id, off_minor)
        outbox.record(told, now=now)
    if sale.order_minor or sale.order_number:
        note_bought(actor=actor, coupon=coupon, now=now)
    note_redeemed(actor=actor, coupon=coupon, off_minor=off_minor, order_minor=sale.order_minor, now=now)
    touch([coupon.given_date], now=now)
    detail = {"name": kind.code, "stores": sale.store_id, "value": off_minor}
    audit(actor=actor, action="coupons.redeem", subject_type="coupon", subject_id=coupon.pk, detail=detail, now=now)
