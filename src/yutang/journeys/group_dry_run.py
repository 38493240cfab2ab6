"""A playbook played on real groups without writing anything: what would be posted when, and what the contact policy would say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yutang.channels.policy import GROUP_CHANNEL
from yutang.channels.queries import PostTrial
from yutang.channels.rules import Request
from yutang.journeys.bodies import reference_of
from yutang.journeys.clocks import over_at, times_between
from yutang.journeys.definition import AnyStep, BranchStep, Definition, PostStep, WaitStep, WaitUntilStep
from yutang.journeys.enrolling_groups import free_groups
from yutang.journeys.foreseeing import DAYS, DryRun, Foreseen, Left, conditions_of, in_turn
from yutang.journeys.groups import GroupBook
from yutang.journeys.holdout import foreseen_held_out_groups
from yutang.journeys.standing import zone
from yutang.journeys.trigger_kinds import GroupFoundTrigger, ScheduleTrigger

_SOME = 20


def group_dry_run(*, definition: Definition, salt: bytes, playbook_id: int, version_id: int, now: datetime) -> DryRun:
    """Play a playbook on the groups to which its trigger would happen within 30 days, as groups stand now.

    Args:
        definition: of the playbook.
        salt: of the playbook, so that the same groups are held out.
        playbook_id: which groups are in it, or were, may not come in again; 0 where there is none yet.
        version_id: for the key of contents; 0 where there is none yet.
        now: aware UTC.
    """
    book = GroupBook(now=now)
    entries, basis = _which_come(definition, book, now)
    keys = sorted(entries)
    left = [Left("trigger", len(keys))]
    for rule in conditions_of(definition.audience) if definition.audience is not None else ():
        keys = [key for key, fits in zip(keys, book.fits(rule, keys), strict=True) if fits]
        left.append(Left("audience", len(keys), rule))
    if basis == "schedule" and playbook_id:
        keys = free_groups(playbook_id=playbook_id, definition=definition, keys=keys, entries=entries)
        left.append(Left("again", len(keys)))
    held = foreseen_held_out_groups(salt=salt, group_keys=keys, percent=definition.holdout_percent)
    play = _GroupPlay(definition, version_id, book, [key for key in keys if key not in held])
    foreseen = play.play({key: entries[key] for key in keys if key not in held})
    return DryRun(tuple(sorted(foreseen, key=_in_order)), len(keys), len(held), len(keys), basis, left=tuple(left))


class _GroupPlay:
    """Walks groups through the steps; every step once, after all that lead to it."""

    def __init__(self, definition: Definition, version_id: int, book: GroupBook, keys: Sequence[str]) -> None:
        self._definition, self._version, self._book = definition, version_id, book
        self._trial = PostTrial(group_keys=keys)

    def play(self, entries: Mapping[str, datetime]) -> list[Foreseen]:
        """Return what would happen to groups that come in at these instants."""
        there: dict[str, dict[str, datetime]] = defaultdict(dict)
        there[self._definition.steps[0].id] = dict(entries)
        foreseen: list[Foreseen] = []
        for step_id in in_turn(self._definition):
            here = there.pop(step_id, {})
            if here:
                foreseen += self._step(self._definition.step(step_id), here, there)
        return foreseen

    def _step(
        self, step: AnyStep, here: Mapping[str, datetime], there: dict[str, dict[str, datetime]]
    ) -> Iterator[Foreseen]:
        ways = {key: getattr(step, "then", "end") for key in here}
        arrive = dict(here)
        if isinstance(step, PostStep):
            for key, at in sorted(here.items(), key=lambda one: (one[1], one[0])):
                one, ways[key] = self._post(step, key, at)
                arrive[key] = one.at
                yield one
        elif step.do == "task":
            yield from (Foreseen(0, step.id, step.do, at, step.do, group_key=key) for key, at in here.items())
        elif isinstance(step, WaitStep | WaitUntilStep):
            arrive = {key: over_at(step=step, since=at, zone=zone()) for key, at in here.items()}
        elif isinstance(step, BranchStep):
            keys = list(here)
            ways = dict.fromkeys(keys, step.otherwise)
            for way in reversed(step.ways):
                fits = self._book.fits(way.rule, keys)
                ways |= {key: way.then for key, fit in zip(keys, fits, strict=True) if fit}
        for key, at in arrive.items():
            to = self._definition.target(step.id, ways[key])
            if to:
                there[to][key] = max(at, there[to].get(key, at))

    def _post(self, step: PostStep, key: str, at: datetime) -> tuple[Foreseen, str]:
        """Return what the policy would say of one post, and where the group goes on."""
        latest = None if step.useful_days is None else at + timedelta(days=step.useful_days)
        content = reference_of(version_id=self._version, step=step)
        said = self._trial.decide(key, Request(step.intent, GROUP_CHANNEL, at, content, latest))
        if said is None or said.at is None or said.outcome not in {"now", "at"}:
            reason = "" if said is None else said.reason
            return Foreseen(0, step.id, step.do, at, "refuse", reason, key), step.if_refused
        return Foreseen(0, step.id, step.do, said.at, said.outcome, said.reason, key), step.then


def _which_come(definition: Definition, book: GroupBook, now: datetime) -> tuple[dict[str, datetime], str]:
    """Return the instant at which each group would come in, and on what that rests."""
    trigger = definition.trigger
    if isinstance(trigger, ScheduleTrigger):
        times = times_between(trigger=trigger, after=now, until=now + timedelta(days=DAYS), zone=zone())
        return (dict.fromkeys(book.facts, times[0]) if times else {}), "schedule"
    if isinstance(trigger, GroupFoundTrigger):
        since = now - timedelta(days=DAYS)
        made = {key: one.made_at for key, one in book.facts.items() if one.made_at is not None}
        return {key: at + timedelta(days=DAYS) for key, at in made.items() if since <= at < now}, "past"
    latest = sorted(book.facts.values(), key=lambda one: (one.made_at is None, one.made_at), reverse=True)
    return {one.group_key: max(now, _morning(timezone.localtime(now).date())) for one in latest[:_SOME]}, "unknown"


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9, 0)))


def _in_order(one: Foreseen) -> tuple[datetime, str, str]:
    return one.at, one.group_key, one.step
