"""Channel codes of the demo shop: three that have been running for weeks, with who came, who left, what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.utils import timezone

from yutang.codes import actions, queries
from yutang.codes.actions import CodeTerms, Earlier, EarlierScans, ShiftTerms, SlotTerms, SpotTerms
from yutang.customers.models import Customer
from yutang.demo.filling import SEED
from yutang.foundation.access import Actor
from yutang.foundation.queries import stores
from yutang.orders.models import Order, OrderStatus

_DAYS = 75
_NIGHT = SlotTerms(21 * 60, 9 * 60, "您好，现在是休息时间，早上九点后第一时间回复您。想问的可以先留言。")
_BATCHES = ("三月包裹", "四月包裹")


@dataclass(frozen=True)
class _Play:
    """How a code of the demo shop has fared.

    Attributes:
        terms: what it is, without its staff.
        places: batches; empty: one place for each of some stores.
        people: who came. Count.
        scans_each: openings of the page for each who came.
        leave_early: share who leave within three days. 0-1.
        leave_later: share of the others who leave within sixty days. 0-1.
        ordered: share who have ordered since. 0-1.
        paid_minor: what was paid at the beginning. Minor units.
    """

    terms: CodeTerms
    places: tuple[str, ...]
    people: int
    scans_each: float
    leave_early: float
    leave_later: float
    ordered: float
    paid_minor: int
    paid_for: str


_PLAYS = (
    _Play(
        CodeTerms(
            name="包裹卡：晒单有礼", kind="parcel", shifts=(), sharing="even", remark="包裹", group="store", unit_cost_minor=200,
            budget_minor=500_000, margin_percent=55, slots=(_NIGHT,),
            words="您好，我是您的专属顾问。尺码、洗护、搭配有问题随时找我，晒单还有小礼物。",
        ),
        _BATCHES, 260, 1.9, 0.05, 0.12, 0.42, 120_000, "印刷包裹卡一万张",
    ),
    _Play(
        CodeTerms(
            name="门店海报", kind="poster", shifts=(), remark="门店", group="store", margin_percent=55, slots=(_NIGHT,),
            words="您好，我是门店的导购。到店前先问问我有没有您的尺码，免得白跑一趟。",
        ),
        (), 150, 2.6, 0.04, 0.10, 0.35, 36_000, "制作海报",
    ),
    _Play(
        CodeTerms(
            name="达人直播间", kind="stream", shifts=(), remark="直播", unit_cost_minor=500, budget_minor=800_000, margin_percent=50,
            words="您好，直播间的优惠我都帮您记着。收到货有问题随时找我。",
        ),
        ("六月专场",), 180, 3.8, 0.28, 0.35, 0.12, 400_000, "达人坑位费",
    ),
)  # fmt: skip


def waits_for_codes(*, now: datetime) -> bool:
    """Return whether the demo shop has staff in WeCom and no channel code yet."""
    system = Actor.system()
    return not queries.codes(access=system, now=now) and len(queries.staff_choices(access=system)) > 1


def make_demo_codes(*, now: datetime) -> int:
    """Make the codes, with who came by them in the past weeks, and return how many came."""
    dice = np.random.default_rng(SEED)
    buyers, others = _people(now)
    came = 0
    for play in _PLAYS:
        n_buyers = min(int(play.people * play.ordered), len(buyers))
        chosen = [buyers.pop() for _ in range(n_buyers)]
        chosen += [(others.pop(), None) for _ in range(min(play.people - n_buyers, len(others)))]
        came += _play(play, chosen, dice, now=now)
    return came


_Person = tuple[int, datetime | None]


def _play(play: _Play, people: Sequence[_Person], dice: np.random.Generator, *, now: datetime) -> int:
    system, made_at = Actor.system(), now - timedelta(days=_DAYS)
    staff = [key for key, _name in queries.staff_choices(access=system)]
    shifts = tuple(ShiftTerms(key, is_backup=place >= 4, daily_cap=40) for place, key in enumerate(staff[:5]))
    terms = CodeTerms(**{**vars(play.terms), "shifts": shifts})
    some = stores(access=system)[:3]
    spots = [SpotTerms(name) for name in play.places] or [SpotTerms(one.name, one.id) for one in some]
    code_id = actions.create_code(actor=system, terms=terms, spots=spots, now=made_at)
    actions.add_cost(
        actor=system,
        code_id=code_id,
        amount_minor=play.paid_minor,
        business_date=timezone.localtime(made_at).date(),
        note=play.paid_for,
        now=made_at,
    )
    view = queries.code_view(access=system, code_id=code_id, now=now)
    places = [one.id for one in view.spots]
    rows = [
        _earlier(play, one, places[place % len(places)], staff[place % 4 % len(staff)], dice, now)
        for place, one in enumerate(people)
    ]
    scans = _scans(play, rows, dice)
    return actions.note_earlier(actor=system, code_id=code_id, people=rows, scans=scans, now=now)


def _earlier(
    play: _Play, person: _Person, spot_id: int, account_id: int, dice: np.random.Generator, now: datetime
) -> Earlier:
    customer_id, ordered_at = person
    latest = now - timedelta(days=1) if ordered_at is None else ordered_at - timedelta(hours=2)
    begun = now - timedelta(days=_DAYS - 1)
    span = max((latest - begun).total_seconds(), 3600.0)
    added_at = begun + timedelta(seconds=float(dice.random()) * span)
    stayed = None
    if ordered_at is None and dice.random() < play.leave_early:
        stayed = timedelta(days=float(dice.random()) * 3)
    elif dice.random() < play.leave_later:
        stayed = timedelta(days=3 + float(dice.random()) * 57)
    left_at = None if stayed is None or added_at + stayed >= now else added_at + stayed
    return Earlier(customer_id, spot_id, account_id, added_at, left_at, was_known=bool(dice.random() < 0.3))


def _scans(play: _Play, rows: Sequence[Earlier], dice: np.random.Generator) -> list[EarlierScans]:
    """Return openings of the page by place and day, so many for each who came on it."""
    came: dict[tuple[int, datetime], int] = {}
    for one in rows:
        day = timezone.localtime(one.added_at).replace(hour=0, minute=0, second=0, microsecond=0)
        came[one.spot_id, day] = came.get((one.spot_id, day), 0) + 1
    return [
        EarlierScans(spot_id, day.date(), int(n + dice.poisson(n * (play.scans_each - 1))))
        for (spot_id, day), n in came.items()
    ]


def _people(now: datetime) -> tuple[list[_Person], list[int]]:
    """Return people with the time of a late order, and others who have not ordered lately."""
    since = now - timedelta(days=_DAYS - 10)
    orders = Order.objects.filter(
        placed_at__gte=since, placed_at__lt=now, customer__merged_into=None, customer__isnull=False
    )
    sold = orders.exclude(status__in=(OrderStatus.SHELL, OrderStatus.CANCELLED, OrderStatus.REFUNDED))
    late: dict[int, datetime | None] = dict(sold.order_by("placed_at").values_list("customer_id", "placed_at")[:6_000])
    people = Customer.objects.filter(merged_into=None).order_by("-id").values_list("pk", flat=True)[:4_000]
    return list(late.items()), [one for one in people if one not in late]
