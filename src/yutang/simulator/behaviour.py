"""When people buy, and when they stop for good: BG/NBD lives on a clock of seasons, with the truth kept."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from yutang.simulator.chance import Dice, Floats, Ints, Mask
from yutang.simulator.people import HOOK_LEAD, ORGANIC, People
from yutang.simulator.plan import DOUYIN, JD, PDD, PLATFORMS, TAOBAO, TILL, WECHAT_SHOP, YOUZAN, Cause, Plan
from yutang.simulator.seasons import Clock

#: People of one block: what is drawn at a time.
BLOCK: Final = 16_384
#: Share of the newcomers of the opening, and how fast their stream dries up.
_OPENING: Final = 0.22
_OPENING_DAYS: Final = 45.0
#: Chance of each platform to be the first choice, and the second.
_STORE_SHARE: Final = 0.45
_OFFLINE_FIRST: Final = {TILL: 0.8, YOUZAN: 0.2}
_ONLINE_FIRST: Final = {TAOBAO: 0.50, JD: 0.15, PDD: 0.11, DOUYIN: 0.12, WECHAT_SHOP: 0.06, YOUZAN: 0.06}
_SECOND: Final = {YOUZAN: 0.45, TAOBAO: 0.35, TILL: 0.20}
_STRAYS: Final = 0.3
_STRAY_ORDERS: Final = 0.35
#: Kinds of purchases.
PLAIN, HOOK, DEAR_HOOK, TOP_UP = range(4)


@dataclass(frozen=True)
class Lives:
    """The truth about a block of people. Arrays of shape ``(people,)``.

    Attributes:
        ids: person numbers.
        buys: who ever buys.
        rate: purchases an even day while alive.
        alive: who would still buy after the span.
        started: second of the span of the first purchase, or of the invitation of a lead.
        ended: second of the span of the last purchase of who stopped, -1 of who did not.
        favourite, second: platform codes; equal where a person knows only one.
    """

    ids: Ints
    buys: Mask
    rate: Floats
    alive: Mask
    started: Ints
    ended: Ints
    favourite: Ints
    second: Ints

    def leading(self, count: int) -> Lives:
        """Return the first people of the block."""
        return Lives(*(getattr(self, name.name)[:count] for name in fields(self)))


@dataclass(frozen=True)
class Purchases:
    """Purchases of a block. Arrays of shape ``(purchases,)``; `position` points into the lives."""

    position: Ints
    ordinal: Ints
    second: Ints
    kind: Ints


class Behaviour:
    """Draws lives and purchases of a block of people."""

    def __init__(self, plan: Plan, dice: Dice, people: People, causes: tuple[Cause, ...]) -> None:
        self.plan = plan
        self.dice = dice
        self.people = people
        self.clocks = (Clock.stores(plan.from_date, days=plan.days), Clock.online(plan.from_date, days=plan.days))
        self._booms = tuple(cause for cause in causes if cause.kind == "newcomers")

    def block(self, number: int, ids: Ints) -> tuple[Lives, Purchases]:
        """Return lives and purchases of the people of one block."""
        throws = self.dice.stream("behaviour", number)
        habits = self.plan.habits
        n = len(ids)
        rate = throws.gamma(habits.rate_shape, 1.0 / habits.rate_scale_days, n)
        dropout = throws.beta(habits.dropout_a, habits.dropout_b, n)
        favourite, second = self._platforms(ids)
        online = (favourite != TILL) & (favourite != YOUZAN)
        started = self._first_days(throws.random((3, n)), favourite)
        buys = self.people.buys(ids)
        position, ordinal, even, alive, last = _repeat_purchases(
            throws, np.flatnonzero(buys), started=started, rate=rate, dropout=dropout, horizon=float(self.plan.days)
        )
        lives = Lives(
            ids=ids,
            buys=buys,
            rate=rate,
            alive=alive & buys,
            started=self._seconds(started, online),
            ended=np.where(alive, -1, self._seconds(last, online)),
            favourite=favourite,
            second=second,
        )
        first = np.flatnonzero(buys)
        origin = self.people.origin(ids)
        kinds = np.where(
            ordinal == 0,
            np.where(origin == ORGANIC, PLAIN, np.where(origin == HOOK_LEAD, HOOK, DEAR_HOOK))[position],
            PLAIN,
        )
        plain = Purchases(position, ordinal, self._seconds(even, online[position]), kinds)
        return lives, _with_top_ups(plain, lives, first[origin[first] == HOOK_LEAD], self.dice, self.plan)

    def _platforms(self, ids: Ints) -> tuple[Ints, Ints]:
        """First and second choice among the platforms that are simulated."""
        asked = {PLATFORMS.index(name) for name in self.plan.platforms}
        offline = _choice(self.dice, "offline platform", ids, _OFFLINE_FIRST, asked)
        online = _choice(self.dice, "online platform", ids, _ONLINE_FIRST, asked)
        goes = self.dice.happens("goes to stores", ids, _STORE_SHARE) | (self.people.origin(ids) != ORGANIC)
        favourite = np.where(online < 0, offline, np.where(goes & (offline >= 0), offline, online))
        other = _choice(self.dice, "second platform", ids, _SECOND, asked)
        strays = self.dice.happens("strays", ids, _STRAYS) & (other >= 0)
        return favourite, np.where(strays, other, favourite)

    def platform_of(self, lives: Lives, purchases: Purchases, keys: Ints) -> Ints:
        """Return where each purchase happens: hooks and cards in the merchant's own shops, else first or second choice."""
        favourite, second = lives.favourite[purchases.position], lives.second[purchases.position]
        platform = np.where(self.dice.happens("strays now", keys, _STRAY_ORDERS), second, favourite)
        for kind, wanted in ((HOOK, "youzan"), (DEAR_HOOK, "youzan"), (TOP_UP, "till")):
            if wanted in self.plan.platforms:
                platform = np.where(purchases.kind == kind, PLATFORMS.index(wanted), platform)
        return platform

    def _first_days(self, throws: Floats, favourite: Ints) -> Floats:
        """Even day of each first purchase: a rush at the opening, then steady, and the planted booms."""
        horizon = float(self.plan.days)
        dry = 1.0 - np.exp(-horizon / _OPENING_DAYS)
        opening = -_OPENING_DAYS * np.log1p(-throws[0] * dry)
        days = np.where(throws[1] < _OPENING, opening, throws[0] * horizon)
        for boom in self._booms:
            begin, end = ((d - self.plan.from_date).days for d in (boom.first_date, boom.end_date))
            weight = (boom.factor - 1.0) * (end - begin) / horizon
            hit = (throws[2] < weight / (1.0 + weight)) & _is_platform(favourite, boom.subject)
            days = np.where(hit, begin + throws[0] * (end - begin), days)
        return np.asarray(np.clip(days, 0.0, horizon - 1e-6))

    def _seconds(self, even: Floats, online: Mask) -> Ints:
        return np.where(online, self.clocks[1].seconds(even), self.clocks[0].seconds(even))


def _repeat_purchases(
    throws: np.random.Generator, buyers: Ints, *, started: Floats, rate: Floats, dropout: Floats, horizon: float
) -> tuple[Ints, Ints, Floats, Mask, Floats]:
    """Exponential gaps while alive; after each repeat purchase the customer drops out with a constant chance."""
    alive = np.ones(len(started), dtype=bool)
    last = started.copy()
    positions, ordinals, evens = [buyers], [np.zeros(len(buyers), dtype=np.int64)], [started[buyers]]
    active, ordinal = buyers, 0
    while len(active):
        ordinal += 1
        at = last[active] + throws.exponential(1.0, len(active)) / rate[active]
        inside = at < horizon
        active, at = active[inside], at[inside]
        last[active] = at
        positions.append(active)
        ordinals.append(np.full(len(active), ordinal, dtype=np.int64))
        evens.append(at)
        stops = throws.random(len(active)) < dropout[active]
        alive[active[stops]] = False
        active = active[~stops]
    return np.concatenate(positions), np.concatenate(ordinals), np.concatenate(evens), alive, last


def _with_top_ups(plain: Purchases, lives: Lives, hooked: Ints, dice: Dice, plan: Plan) -> Purchases:
    """Some hook buyers prepay in the store within three weeks: outside the purchase process, as a deed of its own."""
    ids = lives.ids[hooked]
    tops = hooked[dice.happens("tops up", ids, plan.habits.top_up)]
    wait = (1 + dice.whole("top-up wait", lives.ids[tops], 20)) * 86_400
    at = lives.started[tops] + wait
    at = at - at % 86_400 + 36_000 + dice.whole("top-up hour", lives.ids[tops], 36_000)
    inside = at < plan.days * 86_400
    return Purchases(
        position=np.concatenate([plain.position, tops[inside]]),
        ordinal=np.concatenate([plain.ordinal, np.full(int(inside.sum()), 4095)]),
        second=np.concatenate([plain.second, at[inside]]),
        kind=np.concatenate([plain.kind, np.full(int(inside.sum()), TOP_UP)]),
    )


def _choice(dice: Dice, name: str, ids: Ints, weights: dict[int, float], asked: set[int]) -> Ints:
    """An index among the asked platforms by weight; -1 where none of them is asked for."""
    kept = {code: weight for code, weight in weights.items() if code in asked}
    if not kept:
        return np.full(len(ids), -1, dtype=np.int64)
    return np.array(list(kept), dtype=np.int64)[dice.chosen(name, ids, list(kept.values()))]


def _is_platform(favourite: Ints, subject: str) -> Mask:
    return np.ones(len(favourite), dtype=bool) if subject == "all" else favourite == PLATFORMS.index(subject)
