"""A playbook played on real people without writing anything: what would go out when, and what the contact policy would say now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone

from yutang.channels.crowds import WHEN_PLANNED, Had, crowd_of
from yutang.channels.delivery.books import wecom_book
from yutang.channels.models import TouchState
from yutang.channels.queries import current_policy
from yutang.channels.rules import Request, decide
from yutang.customers.models import Customer
from yutang.journeys.bodies import reference_of
from yutang.journeys.chances import way_of
from yutang.journeys.clocks import over_at, times_between
from yutang.journeys.definition import (
    BranchStep,
    Definition,
    JoinGroupStep,
    MessageStep,
    SplitStep,
    WaitForStep,
    WaitStep,
    WaitUntilStep,
)
from yutang.journeys.foreseeing import DAYS, DryRun, Foreseen, Left, conditions_of, in_turn
from yutang.journeys.group_dry_run import group_dry_run
from yutang.journeys.holdout import foreseen_held_out
from yutang.journeys.models import Enrolment
from yutang.journeys.occurrences import fits_where
from yutang.journeys.reaching import makes_friends, within_its_reach
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
from yutang.journeys.triggers import everybody, orders_at, people_by_date, rule_of
from yutang.segments.member_sets import Keys, as_keys, in_both, unpacked
from yutang.segments.models import Segment
from yutang.wecom.queries import facts_of_friendships, friendships_added, has_connection

#: People that are played at most; of more, evenly spread ones.
MOST_PEOPLE = 2_000
#: Keys of one question.
_AT_ONCE = 10_000
#: People that are played where nobody can foresee to whom it happens.
_SOME = 100
_MORNING = time(9, 0)
#: Where those are foreseen to whom it would happen, and not others like them.
_THEMSELVES = frozenset({"days", "schedule", "present"})


@dataclass(frozen=True)
class _Coming:
    """To whom the trigger would happen.

    Attributes:
        people: keys, ascending; none of them merged.
        at: instants at which it would happen to each, the earliest first.
        basis: on what it rests, as `DryRun` says it.
    """

    people: Keys
    at: Callable[[int], Sequence[datetime]]
    basis: str


def dry_run(*, definition: Definition, salt: bytes, playbook_id: int, version_id: int, now: datetime) -> DryRun:
    """Play a playbook on the people to whom its trigger would happen within 30 days.

    Rules are asked as of now, and what somebody may do meanwhile (an order, an answer) does not happen.

    Args:
        definition: of the playbook.
        salt: of the playbook, so that the same people are held out.
        playbook_id: who is in it, or was, may not come in again; 0 where there is none yet.
        version_id: for the key of contents; 0 where there is none yet.
        now: aware UTC.
    """
    if definition.is_about_groups:
        return group_dry_run(definition=definition, salt=salt, playbook_id=playbook_id, version_id=version_id, now=now)
    rules = RuleSets(now=now)
    coming = _who_comes(definition, rules, now)
    fitting, left = _within_audience(definition, rules, coming.people)
    first = {key: coming.at(key)[0] for key in fitting.tolist()}
    if coming.basis in _THEMSELVES and playbook_id:
        first = _free(definition, playbook_id, {key: coming.at(key) for key in first})
        left.append(Left("again", len(first)))
    keys = sorted(within_its_reach(definition=definition, customer_ids=list(first), is_foreseen=True))
    left.append(Left("reach", len(keys)))
    played = [keys[len(keys) * n // MOST_PEOPLE] for n in range(MOST_PEOPLE)] if len(keys) > MOST_PEOPLE else keys
    held = foreseen_held_out(salt=salt, customer_ids=played, percent=definition.holdout_percent).tolist()
    getting = [key for key, is_held in zip(played, held, strict=True) if not is_held]
    play = _Play(definition, salt, version_id, rules, getting, now)
    if coming.basis == "past":
        play.take_back(days=DAYS, now=now)
    foreseen = play.play({key: first[key] for key in getting})
    told = tuple(sorted(foreseen, key=_in_order))
    return DryRun(told, len(played), sum(held), len(keys), coming.basis, len(first) - len(keys), tuple(left))


class _Play:
    """Walks people through the steps; every step once, after all that lead to it."""

    def __init__(
        self,
        definition: Definition,
        salt: bytes,
        version_id: int,
        rules: RuleSets,
        people: Sequence[int],
        now: datetime,
    ) -> None:
        self._definition, self._salt, self._version, self._rules = definition, salt, version_id, rules
        known = Customer.objects.filter(pk__in=people).select_related("store").defer("sealed_profile")
        # Places of the platform's quota are taken when a message goes out: only those of now can be used up.
        self._crowd = crowd_of(people=known, policy=current_policy(), counted=WHEN_PLANNED, moments=[now])
        book = wecom_book()
        if book is not None and not makes_friends(definition):
            # Whom no member of staff can write to gets nothing by WeCom.
            self._crowd.strike_out_all_but(book.befriended_of(people), channel="wecom")

    def take_back(self, *, days: int, now: datetime) -> None:
        """Take everybody as they were so many days ago, as if that day were now: they stand for others to whom the same will happen."""
        self._crowd.take_back(until=now - timedelta(days=days), by=timedelta(days=days))

    def play(self, entries: Mapping[int, datetime]) -> list[Foreseen]:
        """Return what would happen to people who come in at these instants."""
        there: dict[str, dict[int, datetime]] = defaultdict(dict)
        there[self._definition.steps[0].id] = dict(entries)
        foreseen: list[Foreseen] = []
        for step_id in in_turn(self._definition):
            here = there.pop(step_id, {})
            if here:
                foreseen += self._step(step_id, here, there)
        return foreseen

    def _step(
        self, step_id: str, here: Mapping[int, datetime], there: dict[str, dict[int, datetime]]
    ) -> Iterator[Foreseen]:
        step = self._definition.step(step_id)
        keys = list(here)
        ways = {key: getattr(step, "then", "end") for key in keys}
        arrive = dict(here)
        if isinstance(step, MessageStep | JoinGroupStep):
            for one, goes_on, at in self._messages(step, here):
                ways[one.customer_id], arrive[one.customer_id] = goes_on, at
                yield one
        elif step.do == "task":
            yield from (Foreseen(key, step.id, step.do, at, step.do) for key, at in here.items())
        elif isinstance(step, WaitStep | WaitUntilStep | WaitForStep):
            arrive = {key: over_at(step=step, since=at, zone=zone()) for key, at in here.items()}
            if isinstance(step, WaitForStep):
                ways = dict.fromkeys(keys, step.otherwise)
        elif isinstance(step, BranchStep):
            ways = dict.fromkeys(keys, step.otherwise)
            for way in reversed(step.ways):
                fits = self._rules.fits(way.rule, keys).tolist()
                ways |= {key: way.then for key, fit in zip(keys, fits, strict=True) if fit}
        elif isinstance(step, SplitStep):
            percents = [way.percent for way in step.ways]
            places = way_of(salt=self._salt, customer_ids=keys, step=step.id, percents=percents).tolist()
            ways = {key: step.ways[place].then for key, place in zip(keys, places, strict=True)}
        for key in keys:
            to = self._definition.target(step_id, ways[key])
            if to:
                there[to][key] = max(arrive[key], there[to].get(key, arrive[key]))

    def _messages(
        self, step: MessageStep | JoinGroupStep, here: Mapping[int, datetime]
    ) -> Iterator[tuple[Foreseen, str, datetime]]:
        """Yield what the policy would say to each, where they go on, and when."""
        content = reference_of(version_id=self._version, step=step)
        for key, moment in sorted(here.items(), key=lambda one: one[1]):
            useful_days = step.useful_days if isinstance(step, MessageStep) else None
            latest = None if useful_days is None else moment + timedelta(days=useful_days)
            request = Request(step.intent, step.channel, moment, content, latest)
            facts = self._crowd.facts_of(key, request=request)
            found = decide(request=request, facts=facts, policy=self._crowd.policy)
            outcome, at = found.outcome, found.at or moment
            if outcome == "replace" and getattr(step, "instead", None) is None:
                outcome, at = "refuse", moment
            if outcome != "refuse":
                self._crowd.add(key, Had(at, step.channel, found.intent, content, TouchState.SENT))
            goes_on = step.if_refused if outcome == "refuse" else step.then
            yield Foreseen(key, step.id, step.do, at, outcome, found.reason), goes_on, at


def _who_comes(definition: Definition, rules: RuleSets, now: datetime) -> _Coming:
    """Return everybody to whom the trigger would happen, and on what that rests."""
    trigger = definition.trigger
    today = timezone.localtime(now).date()
    if isinstance(trigger, ScheduleTrigger):
        until = now + timedelta(days=DAYS)
        times = times_between(trigger=trigger, after=now, until=until, zone=zone())
        return _Coming(everybody() if times else as_keys([]), lambda _key: times, "schedule")
    if isinstance(trigger, FitsTrigger | StageTrigger):
        return _Coming(_living(rules.people(rule_of(trigger))), lambda _key: [now], "present")
    if isinstance(trigger, SegmentTrigger):
        members = Segment.objects.filter(pk=trigger.segment_id).values_list("members", flat=True).first()
        return _Coming(_living(unpacked(members or b"")), lambda _key: [now], "present")
    if isinstance(trigger, DateTrigger):
        found = people_by_date(trigger, first=today, last=today + timedelta(days=DAYS - 1), rules=rules)
        return _coming([(key, max(now, _morning(day))) for key, day in found], "days")
    if isinstance(trigger, OrderTrigger):
        people = sorted(set(orders_at(trigger, since=today - timedelta(days=DAYS)).values()))
        return _coming([(key, now + timedelta(days=n % DAYS)) for n, key in enumerate(people)], "past")
    return _coming(_newcomers(trigger, now), "past") if isinstance(trigger, NewcomerTrigger) else _some(now)


def _coming(entries: Sequence[tuple[int, datetime]], basis: str) -> _Coming:
    at: dict[int, list[datetime]] = {}
    for key, moment in sorted(entries):
        at.setdefault(key, []).append(moment)
    return _Coming(_living(as_keys(list(at))), at.__getitem__, basis)


def _newcomers(trigger: NewcomerTrigger, now: datetime) -> list[tuple[int, datetime]]:
    """Return whom the trigger took within the last days: new friends; where no WeCom is connected, who was first seen."""
    if not has_connection():
        # Facts of friendships are asked for: nobody has them here.
        return [] if trigger.where else _seen_lately(now)
    added = friendships_added(since=now - timedelta(days=DAYS), until=now)
    if trigger.where:
        facts = facts_of_friendships(friendship_ids=[friendship for friendship, _person, _at in added])
        added = tuple(one for one, told in zip(added, facts, strict=True) if fits_where(told.facts, trigger.where))
    return [(person, at + timedelta(days=DAYS)) for _friendship, person, at in added]


def _seen_lately(now: datetime) -> list[tuple[int, datetime]]:
    """Return who was first seen within the last days, as if it happened to as many in the coming ones."""
    since = now - timedelta(days=DAYS)
    lately = Customer.objects.filter(merged_into=None, first_seen_at__gte=since, first_seen_at__lt=now).order_by("pk")
    return [(key, at + timedelta(days=DAYS)) for key, at in lately.values_list("pk", "first_seen_at")]


def _some(now: datetime) -> _Coming:
    some = Customer.objects.filter(merged_into=None).order_by("-pk").values_list("pk", flat=True)[:_SOME]
    return _Coming(as_keys(list(some)), lambda _key: [now], "unknown")


def _living(people: Keys) -> Keys:
    """Return those of some people who are there, not as another one."""
    there = Customer.objects.filter(merged_into=None).order_by().values_list("pk", flat=True)
    keys = people.tolist()
    starts = range(0, len(keys), _AT_ONCE)
    return as_keys([key for start in starts for key in there.filter(pk__in=keys[start : start + _AT_ONCE])])


def _within_audience(definition: Definition, rules: RuleSets, people: Keys) -> tuple[Keys, list[Left]]:
    """Return who is in the audience, and how many were left at each of its conditions."""
    left = [Left("trigger", len(people))]
    for rule in conditions_of(definition.audience) if definition.audience is not None else ():
        if len(people):
            people = in_both(people, rules.people(rule))
        left.append(Left("audience", len(people), rule))
    return people, left


def _free(definition: Definition, playbook_id: int, coming: Mapping[int, Sequence[datetime]]) -> dict[int, datetime]:
    """Return when each may come in who is not in the playbook now, and was not in it too lately then."""
    again, keys = definition.reentry.days, sorted(coming)
    was: dict[int, tuple[datetime, bool]] = {}
    rows = Enrolment.objects.filter(playbook_id=playbook_id).order_by()
    for start in range(0, len(keys), _AT_ONCE):
        of_some = rows.filter(customer_id__in=keys[start : start + _AT_ONCE]).values_list("customer_id")
        for key, latest, inside in of_some.annotate(
            latest=Max("entered_at"), inside=Count("pk", filter=Q(ended_at=None))
        ):
            was[int(key or 0)] = (latest, bool(inside))
    free: dict[int, datetime] = {}
    for key, moments in coming.items():
        latest, is_inside = was.get(key, (None, False))
        if latest is None:
            free[key] = moments[0]
        elif again is not None and not is_inside:
            due = latest + timedelta(days=again)
            later = [at for at in moments if at >= due]
            free |= {key: later[0]} if later else {}
    return free


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, _MORNING))


def _in_order(one: Foreseen) -> tuple[datetime, int, str]:
    return one.at, one.customer_id, one.step
