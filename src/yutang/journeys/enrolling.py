"""Letting people into playbooks: set-based, each occasion once, a share of them held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from yutang.foundation import bulk
from yutang.journeys.definition import Definition
from yutang.journeys.holdout import draw_held_out
from yutang.journeys.models import Ending, Enrolment, Playbook
from yutang.journeys.reaching import within_its_reach
from yutang.journeys.rule_sets import RuleSets
from yutang.journeys.standing import arrival

#: People that are written together.
_AT_ONCE = 50_000
COLUMNS = (
    "id",
    "playbook_id",
    "version_id",
    "customer_id",
    "group_key",
    "entry",
    "entered_at",
    "entered_on",
    "orders_before",
    "step",
    "visit",
    "since",
    "since_on",
    "due_at",
    "waits_for",
    "heard",
    "lane",
    "ended_at",
    "ended_because",
)


@dataclass(frozen=True)
class Entries:
    """What became of people to whom a trigger happened. Counts.

    Attributes:
        entered: came in.
        held: were held out.
        refused: were not let in.
        unreached: were not let in either: on some course through the playbook no step reaches them.
    """

    entered: int = 0
    held: int = 0
    refused: int = 0
    unreached: int = 0

    def __add__(self, other: Entries) -> Entries:
        return Entries(
            self.entered + other.entered,
            self.held + other.held,
            self.refused + other.refused,
            self.unreached + other.unreached,
        )


def let_in(
    *, playbook: Playbook, definition: Definition, asked: Sequence[tuple[int, str]], rules: RuleSets, now: datetime
) -> Entries:
    """Let people in, in the caller's transaction, as far as audience and re-entry allow and the playbook says something to them.

    Whom no step reaches on some course through it is in neither arm: among both they would make what the playbook brings look smaller
    than it is.

    Args:
        playbook: a running one.
        definition: of its current version.
        asked: (person, occasion); the same occasion lets the same person in once, for ever.
        rules: for the audience.
        now: aware UTC.
    """
    people = asked
    if definition.audience is not None and asked:
        fits = rules.fits(definition.audience, [person for person, _ in asked])
        people = [one for one, may in zip(asked, fits.tolist(), strict=True) if may]
    bulk.one_at_a_time("journeys.enrol")
    entries = Entries(refused=len(asked) - len(people))
    for start in range(0, len(people), _AT_ONCE):
        entries += _let_in(playbook, definition, people[start : start + _AT_ONCE], now)
    return entries


def _let_in(playbook: Playbook, definition: Definition, asked: Sequence[tuple[int, str]], now: datetime) -> Entries:
    found = _free(playbook.pk, definition, asked, now)
    reached = within_its_reach(definition=definition, customer_ids=[person for person, _, _ in found])
    free = [one for one in found if one[0] in reached]
    refused, unreached = len(asked) - len(found), len(found) - len(free)
    if unreached:
        Playbook.objects.filter(pk=playbook.pk).update(unreached=F("unreached") + unreached)
    if not free:
        return Entries(refused=refused, unreached=unreached)
    people = [person for person, _, _ in free]
    held = draw_held_out(playbook=playbook, customer_ids=people, percent=definition.holdout_percent, now=now)
    keys = bulk.next_ids(Enrolment, len(free))
    shared = shared_values(playbook, definition, now)
    rows = [
        enrolment_row(key, playbook.pk, *person, is_held=is_held, shared=shared)
        for key, person, is_held in zip(keys, free, held.tolist(), strict=True)
    ]
    bulk.insert_rows("journeys_enrolment", COLUMNS, rows)
    return Entries(int((~held).sum()), int(held.sum()), refused, unreached)


def _free(
    playbook_id: int, definition: Definition, asked: Sequence[tuple[int, str]], now: datetime
) -> list[tuple[int, str, int]]:
    """Return (person, occasion, orders so far) of who may come in: each person once, a merged one as who they are now."""
    columns = [("customer", "int"), ("occasion", "text")]
    since = now - timedelta(days=definition.reentry.days) if definition.reentry.days else None
    again, params = ("", []) if since is None else ("AND e.entered_at > %s", [bulk.db_instant(since)])
    with bulk.key_table(columns, asked) as keys:
        rows = bulk.fetch(
            "SELECT p.customer, p.occasion, coalesce(s.orders, 0) FROM ("  # noqa: S608
            f"SELECT coalesce(c.merged_into_id, c.id) AS customer, k.occasion AS occasion FROM {keys} k "
            "JOIN customers_customer c ON c.id = k.customer) p "
            "LEFT JOIN insight_score s ON s.customer_id = p.customer "
            "WHERE NOT EXISTS (SELECT 1 FROM journeys_enrolment e WHERE e.playbook_id = %s "
            f"AND e.customer_id = p.customer {again}) "
            "AND NOT EXISTS (SELECT 1 FROM journeys_enrolment l WHERE l.customer_id = p.customer AND l.lane = %s)",
            [playbook_id, *params, playbook_id],
        )
    first = {person: (person, occasion, orders) for person, occasion, orders in sorted(rows, reverse=True)}
    found = [first[person] for person in sorted(first)]
    return _without_known(playbook_id, found) if since is not None else found


def _without_known(playbook_id: int, found: list[tuple[int, str, int]]) -> list[tuple[int, str, int]]:
    """Leave out occasions that let the person in before: they do so once, however long ago that was."""
    entries = [(entry_of(playbook_id, person, occasion),) for person, occasion, _ in found]
    with bulk.key_table([("entry", "text")], entries) as keys:
        known = bulk.fetch(f"SELECT e.entry FROM {keys} k JOIN journeys_enrolment e ON e.entry = k.entry")  # noqa: S608
    taken = {entry for (entry,) in known}
    return [one for one in found if entry_of(playbook_id, one[0], one[1]) not in taken]


def shared_values(playbook: Playbook, definition: Definition, now: datetime) -> dict[str, Any]:
    """Return what the rows of all who come in at an instant have in common."""
    first = arrival(definition, definition.steps[0].id, at=now)
    return {
        "version": playbook.current_id,
        "at": bulk.db_instant(now),
        "on": timezone.localtime(now).date().isoformat(),
        "step": definition.steps[0].id,
        "due_at": bulk.db_instant(first.due_at),
        "waits_for": first.waits_for,
    }


def enrolment_row(
    key: int,
    playbook_id: int,
    person: int | None,
    occasion: str,
    orders: int,
    *,
    is_held: bool,
    shared: dict[str, Any],
    group_key: str = "",
) -> tuple[Any, ...]:
    """Return the row of a person or a group that comes in, or is held out."""
    at, on = shared["at"], shared["on"]
    return (
        key,
        playbook_id,
        shared["version"],
        person,
        group_key,
        entry_of(playbook_id, group_key or person, occasion),
        at,
        on,
        orders,
        shared["step"],
        1,
        at,
        on,
        shared["due_at"],
        "" if is_held else shared["waits_for"],
        False,
        -key if is_held else playbook_id,
        at if is_held else None,
        Ending.HELD.value if is_held else "",
    )


def entry_of(playbook_id: int, who: int | str | None, occasion: str) -> str:
    """Return what one occasion of one person or group is known by."""
    return f"{playbook_id}:{who}:{occasion}"
