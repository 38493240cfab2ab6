"""To whom the triggers of running playbooks have happened since they were last looked at: everything that is no event."""

from __future__ import annotations

import calendar
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from yutang.customers.models import Customer
from yutang.customers.queries import birthdays_between
from yutang.ingest.lake_sync import the_lake
from yutang.insight.lake_reading import answer
from yutang.journeys.clocks import times_between
from yutang.journeys.definition import Definition
from yutang.journeys.enrolling import Entries, let_in
from yutang.journeys.enrolling_groups import let_groups_in
from yutang.journeys.models import Playbook, PlaybookState
from yutang.journeys.reading import definition_of
from yutang.journeys.rule_sets import RuleSets
from yutang.journeys.standing import zone
from yutang.journeys.trigger_kinds import (
    DateTrigger,
    FitsTrigger,
    NewcomerTrigger,
    OrderTrigger,
    ScheduleTrigger,
    SegmentTrigger,
    StageTrigger,
)
from yutang.kit.errors import DomainError
from yutang.lake.manifest import Snapshot as LakeSnapshot
from yutang.orders.models import OrderStatus
from yutang.segments.evaluating import opened_lake
from yutang.segments.member_sets import Keys, as_keys, packed, unpacked, without
from yutang.segments.models import Snapshot
from yutang.wecom.queries import has_connection

logger = logging.getLogger(__name__)

#: A day of a person is looked at from this hour of the day on.
_FROM = time(6, 0)
#: After a standstill so many days are made up for.
_MOST_DAYS = 7
#: Orders that were placed longer ago come to no state any more that is news.
_ORDER_DAYS = 120
_YEARS = 30
#: What stands for becoming a friend, where no WeCom is connected.
FIRST_SEEN = DateTrigger(kind="date", of="first_seen")
#: An order that has gone further has been in the states before.
_STATES: Mapping[str, tuple[int, ...]] = {
    "placed": (OrderStatus.PLACED, OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED),
    "paid": (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED),
    "shipped": (OrderStatus.SHIPPED, OrderStatus.COMPLETED),
    "completed": (OrderStatus.COMPLETED,),
    "refunded": (OrderStatus.REFUNDED,),
}


@dataclass(frozen=True)
class Happened:
    """To whom a trigger has happened, and up to where it has been looked at.

    Attributes:
        asked: (person, occasion), or (key of the group, occasion).
        looked: as the playbook keeps it.
        fitted: likewise; None: as it was.
    """

    asked: list[tuple[Any, str]]
    looked: dict[str, Any]
    fitted: bytes | None = None


@dataclass(frozen=True)
class Look:
    """One look at a trigger."""

    playbook: Playbook
    definition: Definition
    rules: RuleSets
    lake: LakeSnapshot
    now: datetime

    @property
    def looked(self) -> dict[str, Any]:
        """Up to where the trigger was looked at."""
        return dict(self.playbook.looked)

    @property
    def today(self) -> date:
        """The business day."""
        return timezone.localtime(self.now).date()


def looked_from(*, trigger: Any, include_present: bool, now: datetime) -> dict[str, Any]:
    """Return what a playbook that is started keeps: what was before is no news, today's days still are.

    Args:
        trigger: of its definition.
        include_present: whether those who fit already come in.
        now: aware UTC.
    """
    yesterday = timezone.localtime(now).date() - timedelta(days=1)
    looked: dict[str, Any] = {"day": yesterday.isoformat(), "slot": now.isoformat(), "present": include_present}
    if isinstance(trigger, SegmentTrigger):
        latest = Snapshot.objects.filter(segment_id=trigger.segment_id).aggregate(latest=Max("pk"))["latest"]
        looked["snapshot"] = latest or 0
    return looked


def look_at_triggers(*, now: datetime) -> Entries:
    """Let everybody in to whom the trigger of a running playbook has happened; each playbook in a transaction of its own."""
    entries, rules = Entries(), RuleSets(now=now)
    lake = the_lake().snapshot()
    for key in Playbook.objects.filter(state=PlaybookState.RUNNING).values_list("pk", flat=True):
        try:
            entries += _look(key, rules, lake, now)
        except DomainError as refusal:
            logger.warning("the trigger of playbook %s is looked at later: %s", key, refusal)
    return entries


@transaction.atomic
def _look(playbook_id: int, rules: RuleSets, lake: LakeSnapshot, now: datetime) -> Entries:
    row = Playbook.objects.select_for_update(of=("self",)).select_related("current").get(pk=playbook_id)
    if row.state != PlaybookState.RUNNING or row.current is None:
        return Entries()
    definition = definition_of(row.current)
    look = _LOOKS.get(definition.trigger.kind)
    if look is None:
        return Entries()
    happened = look(Look(row, definition, rules, lake, now))
    if happened is None:
        return Entries()
    row.looked = happened.looked
    row.fitted = row.fitted if happened.fitted is None else happened.fitted
    row.save(update_fields=["looked", "fitted"])
    if definition.is_about_groups:
        return let_groups_in(playbook=row, definition=definition, asked=happened.asked, book=rules.groups, now=now)
    return let_in(playbook=row, definition=definition, asked=happened.asked, rules=rules, now=now)


def _segment(look: Look) -> Happened | None:
    trigger = look.definition.trigger
    assert isinstance(trigger, SegmentTrigger)
    fresh = Snapshot.objects.filter(segment_id=trigger.segment_id, pk__gt=look.looked.get("snapshot", 0))
    taken = list(fresh.order_by("pk").values_list("pk", "entered"))
    if not taken:
        return None
    asked = [(key, f"s{pk}") for pk, entered in taken for key in unpacked(entered).tolist()]
    return Happened(asked, {**look.looked, "snapshot": taken[-1][0]})


def _fits(look: Look) -> Happened | None:
    """Compare who fits the rule now with who fitted it; asked anew only when the lake has changed."""
    if look.looked.get("lake") == look.lake.version:
        return None
    trigger = look.definition.trigger
    assert isinstance(trigger, FitsTrigger | StageTrigger)
    return _news(look, look.rules.people(rule_of(trigger)), occasion=f"d{look.today.isoformat()}")


def rule_of(trigger: FitsTrigger | StageTrigger) -> dict[str, Any]:
    """Return the rule that somebody comes to fit."""
    if isinstance(trigger, FitsTrigger):
        return trigger.rule
    return {"version": 1, "rule": {"field": "stage", "is": "in", "value": list(trigger.to)}}


def _news(look: Look, keys: Keys, *, occasion: str = "", owners: Mapping[int, int] | None = None) -> Happened:
    """Return the keys that were not there at the last look, as people (or as orders, with their `owners`)."""
    begins = look.playbook.fitted is None
    before = as_keys([]) if begins else unpacked(look.playbook.fitted or b"")
    news = without(keys, before).tolist()
    if begins and not look.looked.get("present"):
        news = []
    asked = [(key, occasion) for key in news] if owners is None else [(owners[key], f"o{key}") for key in news]
    return Happened(asked, {**look.looked, "lake": look.lake.version}, packed(keys))


def _date(look: Look, trigger: DateTrigger | None = None) -> Happened | None:
    if timezone.localtime(look.now).time() < _FROM:
        return None
    last = date.fromisoformat(look.looked["day"])
    first = max(last + timedelta(days=1), look.today - timedelta(days=_MOST_DAYS - 1))
    if first > look.today:
        return None
    trigger = trigger or look.definition.trigger  # type: ignore[assignment]
    assert isinstance(trigger, DateTrigger)
    found = people_by_date(trigger, first=first, last=look.today, rules=look.rules)
    asked = [(key, f"d{day.isoformat()}") for key, day in found]
    return Happened(asked, {**look.looked, "day": look.today.isoformat()})


def _newcomer(look: Look) -> Happened | None:
    """Look at who was first seen, where no WeCom is connected; where it is, it tells of new friends (see `hearing`)."""
    if not has_connection():
        trigger = look.definition.trigger
        assert isinstance(trigger, NewcomerTrigger)
        # Facts of friendships are asked for: nobody has them here.
        return None if trigger.where else _date(look, FIRST_SEEN)
    today = look.today.isoformat()
    return None if look.looked.get("day") == today else Happened([], {**look.looked, "day": today})


def people_by_date(trigger: DateTrigger, *, first: date, last: date, rules: RuleSets) -> list[tuple[int, date]]:
    """Return (person, day) of everybody for whom the day of a trigger lies between two days, both included."""
    shift = timedelta(days=trigger.days)
    if trigger.of == "birthday":
        born = birthdays_between(first=first - shift, last=last - shift)
        return [(key, day + shift) for key, day in born]
    found: list[tuple[int, date]] = []
    day = first
    while day <= last:
        found += [(key, day) for key in rules.people(_rule_of_day(trigger, day - shift)).tolist()]
        day += timedelta(days=1)
    return found


def _rule_of_day(trigger: DateTrigger, day: date) -> dict[str, Any]:
    days = [day] if not trigger.yearly else _same_days(day)
    tests = [{"field": trigger.of, "is": "between", "value": [one.isoformat(), one.isoformat()]} for one in days]
    return {"version": 1, "rule": tests[0] if len(tests) == 1 else {"any": tests}}


def _same_days(day: date) -> list[date]:
    """Return the same day of earlier years; who began on 29 February has it on the 28th of common years."""
    years = range(day.year - _YEARS, day.year)
    days = [day.replace(year=year) for year in years if (day.month, day.day) != (2, 29) or calendar.isleap(year)]
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        days += [date(year, 2, 29) for year in years if calendar.isleap(year)]
    return days


def _order(look: Look) -> Happened | None:
    """Compare which orders are in the state now with which were; asked anew only when the lake has changed."""
    if look.looked.get("lake") == look.lake.version:
        return None
    trigger = look.definition.trigger
    assert isinstance(trigger, OrderTrigger)
    owners = orders_at(trigger, since=look.today - timedelta(days=_ORDER_DAYS))
    return _news(look, as_keys(list(owners)), owners=owners)


def orders_at(trigger: OrderTrigger, *, since: date) -> dict[int, int]:
    """Return the person of each order that was placed since a day and fits the trigger."""
    with opened_lake() as engine:
        if engine is None:
            return {}
        asked = pa.table({"status": pa.array(_STATES[trigger.state], pa.int16())})
        rows = answer(engine, "journeys.orders_at", {"since": since}, {"asked": asked})
    amounts = rows["total_minor"].to_numpy()
    fits = amounts >= trigger.least_minor
    if trigger.most_minor is not None:
        fits &= amounts <= trigger.most_minor
    if trigger.first:
        fits &= rows["before"].to_numpy() == 0
    places = np.flatnonzero(fits)
    keys, people = rows["order_id"].to_numpy()[places], rows["customer_id"].to_numpy()[places]
    return dict(zip(keys.tolist(), people.tolist(), strict=True))


def _schedule(look: Look) -> Happened | None:
    """After a standstill only the latest time counts: nobody gets last week's news twice."""
    trigger = look.definition.trigger
    assert isinstance(trigger, ScheduleTrigger)
    after = datetime.fromisoformat(look.looked["slot"])
    times = times_between(trigger=trigger, after=after, until=look.now, zone=zone())
    if not times:
        return None
    if look.definition.is_about_groups:
        all_of_them: list[Any] = sorted(look.rules.groups.facts)
    else:
        all_of_them = everybody_in(look.definition, look.rules).tolist()
    asked = [(key, f"t{times[-1].isoformat()}") for key in all_of_them]
    return Happened(asked, {**look.looked, "slot": look.now.isoformat()})


def everybody_in(definition: Definition, rules: RuleSets) -> Keys:
    """Return everybody in the audience of a playbook."""
    if definition.audience is not None:
        return rules.people(definition.audience)
    return everybody()


def everybody() -> Keys:
    """Return everybody who is there, not as another one."""
    return as_keys(list(Customer.objects.filter(merged_into=None).order_by().values_list("pk", flat=True)))


_LOOKS: Mapping[str, Callable[[Look], Happened | None]] = {
    "segment": _segment,
    "fits": _fits,
    "stage": _fits,
    "date": _date,
    "newcomer": _newcomer,
    "order": _order,
    "schedule": _schedule,
}
