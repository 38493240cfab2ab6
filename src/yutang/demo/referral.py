"""Referral of the demo shop: a programme whose friends stay, and one with a present that drew people who left at once, paused by itself.

Friends are made-up numbers; what they did is played hour by hour through the same doors as in a shop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from yutang.coupons import actions as coupons
from yutang.coupons.queries import kind_names
from yutang.coupons.terms import Terms as CouponTerms
from yutang.customers.models import Customer
from yutang.economics import actions as economics
from yutang.economics.methods.verdicts import Organic
from yutang.economics.queries import is_paused, programme_view
from yutang.foundation.access import Actor
from yutang.referral import actions, queries
from yutang.referral.actions import Terms
from yutang.referral.links import INVITE, token_of
from yutang.simulator.giveaways import HEALTHY, SCARF, giveaway

_THANKS, _SCARF = "demo-thanks15", "demo-scarf"
_THANKS_TERMS = CouponTerms(
    name="老客答谢15元",
    code=_THANKS,
    gives="amount",
    amount_minor=1_500,
    pieces=500,
    per_person=50,
    valid_days=60,
    margin_percent=55,
)
_GOOD = Terms(
    name="老带新：到店体验", deed="visited", title="送你一张新客券",
    words="这家店我常来，送你一张新客券，到店可用。", friend_coupon="demo-welcome20",
    inviter_coupon=_THANKS, budget_fen=1_500_000, margin_percent=55, worth_fen=9_000,
)  # fmt: skip
_BAD = Terms(
    name="加好友送方巾", deed="added", title="加好友，送一条方巾",
    words="添加店员，到店领一条真丝小方巾。", friend_coupon=_SCARF, budget_fen=750_000,
    margin_percent=55, worth_fen=3_000,
)  # fmt: skip
#: What the shop knew of those who came by themselves.
_ORGANIC = Organic(newcomers=300, kept=252, left_at_once=15, ordered=54)
_DAYS = {_GOOD.name: 24, _BAD.name: 9}
#: Friends that are played, and hours between two looks.
_MOST, _EVERY = 90, 12
_SEEDS = {_GOOD.name: (HEALTHY, 3), _BAD.name: (SCARF, 4)}


def waits_for_referral() -> bool:
    """Return whether the demo shop has its people, and no referral yet."""
    return Customer.objects.exists() and not queries.programmes(access=Actor.system())


def play_referral(*, now: datetime) -> int:
    """Make both programmes as of some weeks ago and play what became of them, and return how many friends came."""
    if _THANKS not in kind_names():
        coupons.create_kind(actor=Actor.system(), terms=_THANKS_TERMS, now=now - timedelta(days=_DAYS[_GOOD.name]))
    people = list(Customer.objects.filter(merged_into=None).order_by("id").values_list("pk", flat=True)[:16])
    return sum(
        _begin(terms, people[place::2], first=place * _MOST, now=now) for place, terms in enumerate((_GOOD, _BAD))
    )


def _begin(terms: Terms, inviters: Sequence[int], *, first: int, now: datetime) -> int:
    """Make a programme some weeks ago, with those who invite, and play it."""
    system, begun = Actor.system(), now - timedelta(days=_DAYS[terms.name])
    made = actions.create_programme(actor=system, terms=terms, now=begun)
    actions.open_programme(actor=system, programme_id=made, now=begun)
    keys = [actions.invite(actor=system, programme_id=made, customer_id=one, now=begun) for one in inviters]
    actions.name_ambassador(actor=system, programme_id=made, customer_id=inviters[0], now=begun)
    key = f"referral:{made}"
    unit = programme_view(access=system, programme=key).unit_cost_fen
    economics.state(
        actor=system,
        programme=economics.Statement(
            key, terms.name, unit, terms.budget_fen, terms.margin_percent, terms.worth_fen, _ORGANIC
        ),
        now=begun,
    )
    tokens = [token_of(inviter_id=one, purpose=INVITE) for one in keys]
    return _play(key, terms, tokens, first=first, begun=begun, until=now)


def _play(key: str, terms: Terms, tokens: Sequence[str], *, first: int, begun: datetime, until: datetime) -> int:
    """Play a programme look by look until now, and return how many friends came; once it has paused, people only go on leaving."""
    kind, seed = _SEEDS[terms.name]
    made = giveaway(replace(kind, newcomers=_MOST), seed=seed)
    friends: dict[int, int] = {}
    system, since = Actor.system(), 0.0
    for hour in range(_EVERY, int((until - begun).total_seconds() // 3600), _EVERY):
        now, day = begun + timedelta(hours=hour), hour / 24
        coming = np.flatnonzero((made.joined > since) & (made.joined <= day)) if not is_paused(key) else ()
        for n in coming:
            friends[int(n)] = _come(tokens[int(n) % len(tokens)], first + int(n), begun + _days(made.joined[n]))
        for n in np.flatnonzero((made.left > since) & (made.left <= day)):
            gone = [friends[int(n)]] if int(n) in friends else []
            economics.note_who_left(actor=system, customer_ids=gone, key=f"demo:{n}", now=begun + _days(made.left[n]))
        did = made.joined + 0.02 if terms.deed == "added" else made.bought
        there = [friends[int(n)] for n in np.flatnonzero((did > since) & (did <= day)) if int(n) in friends]
        actions.note_deed(actor=system, customer_ids=there, deed=terms.deed, now=now)
        economics.decide_who_was_kept(actor=system, now=now)
        economics.look_at(actor=system, programme=key, now=now)
        since = day
    return len(friends)


def _come(token: str, n: int, at: datetime) -> int:
    """Let a friend take an invitation by a made-up number, and return who that is."""
    system = Actor.system()
    made = actions.accept_invitation(actor=system, token=token, phone=f"1997788{n:04d}", now=at)
    return int(queries.invitation_view(access=system, invitation_id=made).friend_id or 0)


def _days(days: float) -> timedelta:
    return timedelta(days=float(days))
