"""The first answers of area managers: figures of several stores together, which those of single stores do not tell."""

from __future__ import annotations

from collections import Counter
from datetime import date

from yutang.foundation.access import Actor
from yutang.foundation.queries import roles, staff_members
from yutang.insight.queries.change import Comparison, FiguresAreBehind, sales_change
from yutang.insight.queries.cohorts import cohorts
from yutang.insight.queries.dashboard import dashboard

#: Lengths of a period that the console offers. Days.
LENGTHS = (7, 30, 90, 365)
#: So many areas are prepared, those of most people first: each costs about ten queries. Somebody with an area beyond them waits
#: for the first answer of a day, as who has one store does, which is the quickest to compute.
_MOST_AREAS = 60


def prepare_areas(*, actor: Actor, today: date) -> int:
    """Compute what opens the dashboard of everybody who looks after several stores, and return how many areas those are.

    A buyer of two stores is one buyer of their area, so the figures of an area are no sum of its stores'.

    Args:
        actor: who asks; the system as a rule.
        today: the present business day.
    """
    actor.require("insight.view")
    areas = areas_of_staff()[:_MOST_AREAS]
    for stores in areas:
        looks = Actor(staff_id=None, role="system", store_ids=stores, label="area")
        for days in LENGTHS:
            shown = dashboard(access=looks, today=today, days=days)
            asked = Comparison(shown.period, shown.before, by="store", formula="buyers")
            try:
                sales_change(access=looks, today=today, asked=asked)
            except FiguresAreBehind:
                break
        cohorts(access=looks, today=today)
    return len(areas)


def areas_of_staff() -> list[frozenset[int]]:
    """Return the sets of several stores that staff who may see figures look after, those of most people first."""
    may_see = {role.key for role in roles() if "insight.view" in role.permissions and not role.is_chain_wide}
    reaches = Counter(
        person.store_ids
        for person in staff_members()
        if person.is_active and person.role in may_see and len(person.store_ids) > 1
    )
    return sorted(reaches, key=lambda stores: (-reaches[stores], -len(stores), sorted(stores)))
