"""The step that gives a coupon: its room is below, so the ability is plugged in here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from yutang.coupons.actions import Wanted, give_coupons
from yutang.coupons.queries import kind_named
from yutang.foundation.access import Actor
from yutang.journeys.abilities import ABILITIES, Ability, Asked
from yutang.journeys.definition import AnyStep, CouponStep


def give_by_step(*, actor: Actor, step: AnyStep, asked: Sequence[Asked], now: datetime) -> Sequence[bool]:
    """Give each the coupon that the step names; who has enough of it, or comes when none is left, goes on without one."""
    assert isinstance(step, CouponStep)
    could: list[bool] = []
    for campaign, some in groupby(asked, key=lambda one: one.campaign):
        wanted = [Wanted(one.key, one.customer_id) for one in some]
        gifts = give_coupons(actor=actor, kind=step.coupon, wanted=wanted, campaign=campaign, now=now)
        could += [gift.coupon_id is not None for gift in gifts]
    return could


def look_at_kind(*, step: AnyStep) -> None:
    """Raise `NoSuchCouponKind` where no kind has the short name that the step gives."""
    assert isinstance(step, CouponStep)
    kind_named(access=Actor.system(), code=step.coupon)


ABILITIES.register(Ability("coupon", give_by_step, look_at_kind))
