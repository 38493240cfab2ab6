"""Asking the guard before coupons are given and redeemed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from yutang.coupons.guards import GUARDS, Guard
from yutang.coupons.models import Coupon, Kind
from yutang.foundation.access import Actor
from yutang.kit.text import N_, Sentence
from yutang.risk.actions import judge, note_outcome
from yutang.risk.asks import Ask, Judgement, Reason, Verdict
from yutang.risk.queries import barred_people
from yutang.risk.words import sentence_of


def giving_key(*, kind_id: int, customer_id: int, key: str) -> str:
    """Return the key under which the guard is asked: a key that gave nothing may be used for another kind or person."""
    own = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    return f"coupon-give:{kind_id}:{customer_id}:{own}"


def giving_stopped(*, actor: Actor, kind: Kind, customer_id: int, key: str, now: datetime) -> Sentence | None:
    """Return why the guard does not let somebody have a coupon of a kind; None where it does.

    Args:
        actor: who gives.
        kind: of which kind.
        customer_id: to whom.
        key: idempotency key of the giving.
        now: when. Aware UTC.
    """
    ask = Ask(
        kind="coupon",
        key=giving_key(kind_id=kind.pk, customer_id=customer_id, key=key),
        person_id=customer_id,
        programme=f"coupon:{kind.pk}",
        value_fen=kind.amount_minor or kind.cost_minor,
    )
    return _said(judge(actor=actor, ask=ask, now=now))


def redemption_stopped(*, actor: Actor, coupon: Coupon, store_id: int | None, now: datetime) -> Sentence | None:
    """Return why the guard does not let a coupon be redeemed; None where it does, and where the coupon is nobody's."""
    if coupon.customer_id is None:
        return None
    ask = Ask(
        kind="redemption",
        key=_redemption_key(coupon.pk),
        person_id=coupon.customer_id,
        programme=f"coupon:{coupon.kind_id}",
        store_id=store_id,
        value_fen=coupon.kind.amount_minor or coupon.kind.cost_minor,
    )
    return _said(judge(actor=actor, ask=ask, now=now))


def note_bought(*, actor: Actor, coupon: Coupon, now: datetime) -> None:
    """Tell the guard that a redeemed coupon came with an order."""
    if coupon.customer_id is not None:
        note_outcome(actor=actor, key=_redemption_key(coupon.pk), outcome="bought", now=now)


def _barred(*, deed: str, kind_id: int, customer_ids: Sequence[int], now: datetime) -> Mapping[int, Sentence]:
    """Return the reason of those who are refused without a look: many are given at once by what is known of them."""
    return {key: sentence_of(reason) for key, reason in barred_people(customer_ids=customer_ids, now=now).items()}


def _redemption_key(coupon_id: int) -> str:
    return f"coupon-redeem:{coupon_id}"


def _said(judgement: Judgement) -> Sentence | None:
    if not judgement.is_stopped:
        return None
    why = sentence_of(judgement.reasons[0] if judgement.reasons else Reason("rules"))
    if judgement.verdict is Verdict.REFUSE:
        return why
    if judgement.verdict is Verdict.SLOW:
        minutes = max(1, -(-judgement.wait_seconds // 60))
        return Sentence(
            N_("%(why)s It is only slowed down: try again in %(n)s min."), {"why": why.as_json(), "n": minutes}
        )
    return Sentence(
        N_("%(why)s It waits for a person, who decides under “Guard”; then try again."), {"why": why.as_json()}
    )


GUARDS.register(Guard("risk", _barred))
