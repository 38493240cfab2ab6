"""Real group-buying replayed: groups of a file become starts, joins, payments and expiries, dealt to workers in random interleavings.

Source of the data: J. Zhang et al. (2021), "Group-Buying Recommendation for Social E-Commerce", ICDE: groups that filled and groups
that failed, each as its initiator, its item and its participants. The files tell neither sizes nor times: a group that filled needs
its members; one that failed needed one more than it had.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

T0 = datetime(2026, 3, 1, tzinfo=UTC)
#: A group has so long to fill; its people come within the first part of it.
HOURS, COMING = 24, timedelta(hours=20)
#: Items share so many campaigns.
CAMPAIGNS = 64
PRICE_MINOR = 990


@dataclass(frozen=True)
class Course:
    """One group of the data.

    Attributes:
        number: its place in the files.
        people: its initiator and its participants, as the data number them.
        has_filled: whether it succeeded.
    """

    number: int
    item: int
    people: tuple[int, ...]
    has_filled: bool

    @property
    def size(self) -> int:
        """Members that it needed."""
        return len(self.people) + (0 if self.has_filled else 1)


@dataclass(frozen=True, order=True)
class Step:
    """Somebody starts or joins a group, at a moment of the replay."""

    at: float
    group: int
    person: int
    is_start: bool


@dataclass
class Timings:
    """How long joins and payments took. Seconds."""

    joins: list[float] = field(default_factory=list)
    payments: list[float] = field(default_factory=list)


def courses(folder: Path, *, most: int | None = None) -> list[Course]:
    """Return groups of the data: as many that filled as failed, and the rest of those of which there are more.

    Args:
        folder: with both files.
        most: so many at most; None: all.
    """
    files = (("tune.txt", True), ("beibei_invalid_first_half.txt", False))
    both = [list(islice(_told(folder / name, has_filled=has_filled), most)) for name, has_filled in files]
    if most is not None:
        few = min(most // 2, *map(len, both))
        both = [some[: max(few, most - len(other))] for some, other in zip(both, reversed(both), strict=True)]
    told = enumerate(one for some in both for one in some)
    return [Course(number, item, people, has_filled) for number, (item, people, has_filled) in told]


def _told(path: Path, *, has_filled: bool) -> Iterator[tuple[int, tuple[int, ...], bool]]:
    with path.open(encoding="ascii") as lines:
        for line in lines:
            initiator, item, *rest = map(int, line.split())
            people = tuple(dict.fromkeys((initiator, *rest)))
            # Nobody buys alone: a group that filled with one member tells of a participant who is its initiator.
            if len(people) > 1 or not has_filled:
                yield item, people, has_filled


def steps_of(found: Sequence[Course], *, seed: int, days: float) -> list[Step]:
    """Return what happens, by its moment: groups start at random over so many days, their people come in random order."""
    chance = random.Random(seed)
    steps = []
    for course in found:
        start = chance.random() * days * 86_400
        rest = list(course.people[1:])
        chance.shuffle(rest)
        steps.append(Step(start, course.number, course.people[0], is_start=True))
        steps += [
            Step(start + 1 + chance.random() * COMING.total_seconds(), course.number, person, is_start=False)
            for person in rest
        ]
    return sorted(steps)


def prepare(found: Sequence[Course]) -> dict[int, int]:
    """Make people and campaigns, and return the key of each person."""
    from yutang.customers.models import Customer
    from yutang.foundation.access import Actor
    from yutang.foundation.actions import change_setting
    from yutang.foundation.sealing import seal
    from yutang.groupbuy.models import Campaign
    from yutang.payments.organisation import SANDBOX_IS_OPEN

    change_setting(actor=Actor.system(), key=SANDBOX_IS_OPEN, value=True, now=T0)
    people = sorted({person for course in found for person in course.people})
    sealed = seal({"name": "张三"})
    rows = [Customer(sealed_profile=sealed, first_seen_at=T0) for _ in people]
    made = Customer.objects.bulk_create(rows, batch_size=2_000)
    tiers = [[size, PRICE_MINOR] for size in range(2, 51)]
    Campaign.objects.bulk_create(
        Campaign(
            code=f"item-{n}", name=f"item-{n}", tiers=tiers, list_minor=PRICE_MINOR * 2, hours=HOURS, stock=2_000_000_000,
            per_person=30_000, state="open", ends_at=T0 + timedelta(days=4_000), made_at=T0, changed_at=T0,
        )
        for n in range(CAMPAIGNS)
    )  # fmt: skip
    return dict(zip(people, (one.pk for one in made), strict=True))


def play(
    steps: Sequence[Step],
    *,
    found: Sequence[Course],
    keys: dict[int, int],
    clock: Callable[[float], float],
    timings: Timings,
) -> None:
    """Play one worker's steps in their order, each join paid at once; end groups now and then by the slowest worker's clock.

    Args:
        steps: of this worker, by moment.
        found: every group.
        keys: key of each person.
        clock: told this worker's moment, returns the slowest worker's.
        timings: filled.
    """
    from yutang.foundation.access import Actor
    from yutang.groupbuy import actions

    for number, step in enumerate(steps):
        slowest = clock(step.at)
        # A group is started before it is joined; who is told to join waits for the worker that starts it, which never waits for later ones.
        while not _played(step, found, keys, timings):
            time.sleep(0.005)
        if number % 97 == 96:
            actions.end_groups(actor=Actor.system(), now=T0 + timedelta(seconds=slowest))
    clock(float("inf"))


def _played(step: Step, found: Sequence[Course], keys: dict[int, int], timings: Timings) -> bool:
    """Start or join, and pay; return False where the group was not started yet by another worker."""
    from yutang.foundation import bulk
    from yutang.foundation.access import Actor
    from yutang.groupbuy import actions
    from yutang.groupbuy.actions import Wish

    system, course, now = Actor.system(), found[step.group], T0 + timedelta(seconds=step.at)
    wish = Wish(f"g{step.group}:{step.person}", keys[step.person], "张**")
    campaign = f"item-{course.item % CAMPAIGNS}"
    if step.is_start:
        begun = time.perf_counter()
        token = actions.start_group(actor=system, campaign=campaign, size=course.size, wish=wish, now=now)
    else:
        code = bulk.fetch(_GROUP_OF, (f"g{step.group}:{course.people[0]}",))
        if not code:
            return False
        begun = time.perf_counter()
        token = actions.join_group(actor=system, code=code[0][0], wish=wish, now=now)
    timings.joins.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    pay(token, now)
    timings.payments.append(time.perf_counter() - begun)
    return True


def pay(token: str, now: datetime) -> None:
    """Pay for a seat at the cashier, and take the place."""
    from yutang.foundation import bulk
    from yutang.foundation.access import Actor
    from yutang.groupbuy import actions
    from yutang.payments import actions as payments

    ((seat_id, number),) = bulk.fetch(_SEAT_TO_PAY, (token,))
    payments.pay_in_sandbox(actor=Actor.system(), number=number, now=now)
    actions.take_paid_seat(actor=Actor.system(), seat_id=seat_id, now=now)


_GROUP_OF = """
    SELECT g.code FROM groupbuy_seat AS s JOIN groupbuy_group AS g ON g.id = s.group_id WHERE s.key = %s AND s.paid_at IS NOT NULL
"""
_SEAT_TO_PAY = """
    SELECT s.id, p.number FROM groupbuy_seat AS s JOIN payments_payment AS p ON p.key = 'groupbuy-seat:' || s.id WHERE s.token = %s
"""


def end_everything(found: Sequence[Course], steps: Sequence[Step]) -> None:
    """Let the last groups end, and every refund go out."""
    from yutang.foundation.access import Actor
    from yutang.groupbuy import actions
    from yutang.payments import actions as payments

    system, now = Actor.system(), T0 + timedelta(seconds=steps[-1].at) + timedelta(hours=HOURS + 1)
    assert found
    actions.lapse_holds(actor=system, now=now)
    actions.end_groups(actor=system, now=now)
    while payments.send_refunds(actor=system, now=now, at_most=1_000):
        pass


def differences(found: Sequence[Course], keys: dict[int, int]) -> Iterator[str]:
    """Yield where the store differs from the data, or from itself: empty where everything is right."""
    from django.db.models import Sum

    from yutang.groupbuy.models import Campaign, Group, Seat
    from yutang.payments import ledger
    from yutang.payments.models import Payment, Refund

    seats: dict[int, list[Any]] = {}
    columns = ("key", "customer_id", "state", "group_id", "group__state", "group__size", "group__paid", "group__taken")
    for row in Seat.objects.order_by("pk").values_list(*columns).iterator(chunk_size=5_000):
        seats.setdefault(int(row[0][1:].partition(":")[0]), []).append(row)
    for course in found:
        rows = seats.get(course.number, [])
        people = sorted(row[1] for row in rows)
        wanted = ("filled", "paid") if course.has_filled else ("expired", "refunded")
        states = {(row[4], row[2]) for row in rows}
        if (
            people != sorted(keys[one] for one in course.people)
            or states != {wanted}
            or len({row[3] for row in rows}) != 1
        ):
            yield f"group {course.number}: {len(people)} of {len(course.people)}, {states}"
        if rows and not rows[0][6] == rows[0][7] == len(course.people) <= rows[0][5] == course.size:
            yield f"group {course.number}: counters {rows[0]}"
    if Group.objects.count() != len(found):
        yield f"{Group.objects.count()} groups instead of {len(found)}"
    yield from (f"books: {what} off by {off}" for what, off in ledger.unbalanced())
    paid = sum(len(one.people) for one in found) * PRICE_MINOR
    back = sum(len(one.people) for one in found if not one.has_filled) * PRICE_MINOR
    told = Payment.objects.filter(state="paid").aggregate(Sum("amount_minor"))["amount_minor__sum"] or 0
    given = Refund.objects.filter(state="done").aggregate(Sum("amount_minor"))["amount_minor__sum"] or 0
    if (told, given) != (paid, back):
        yield f"paid {told} and given back {given} instead of {paid} and {back}"
    aside = Campaign.objects.aggregate(Sum("set_aside"))["set_aside__sum"]
    if aside != sum(one.size for one in found if one.has_filled):
        yield f"{aside} places set aside"
