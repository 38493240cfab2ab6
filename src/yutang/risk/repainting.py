"""Keeping the communities of very many connected people true in the store: only what lies around a change is made anew.

What is read and written is bounded by a batch of asks, not by how many are connected: who was touched, those who share something
with them and those of their communities are grouped anew, everybody else keeps the community they are in. What all of a component
are like together is counted again once a hundredth of it has changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Min

from yutang.foundation import bulk
from yutang.risk.communities import MOST_ON, neighbours_of
from yutang.risk.models import Community, Invitation, LargeComponent, Standing, Thing, ThingKind, Tie
from yutang.risk.pieces import pieces
from yutang.risk.regrouping import regrouped, renamed

#: Of a community of so many people at most everybody is grouped anew when one of them is touched; of a larger one only those near.
MOST_MATES = 200
#: People of one component that are grouped anew in one batch; beyond it only who was touched is.
MOST_REGROUPED = 20_000
#: A community of more people than this is counted again only with its component.
MOST_COUNTED = 2_000
#: A component is counted again once one in so many of its people has changed.
ONE_IN = 100


@dataclass(slots=True)
class _Ties:
    """What ties some people to each other and to others."""

    by_thing: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    kinds: dict[int, int] = field(default_factory=dict)

    def people(self) -> set[int]:
        return {one for some in self.by_thing.values() for one in some}


def repaint(component: int, *, size: int, touched: Collection[int]) -> set[int]:
    """Make the communities around people of one component anew, and return everybody who was grouped anew.

    Args:
        component: in which they are.
        size: people of it. Count.
        touched: who was seen, or tied or untied to somebody; who is in another component is left out.
    """
    core = set(_inside(component, touched))
    if not core:
        return set()
    near = _ties_of(core)
    region = _region(component, core, near)
    ties = near if region == core else _ties_of(region)
    before = _communities_of(region)
    outside = {
        one: name for one, name in _communities_of(ties.people() - region, component).items() if name is not None
    }
    invited = _invitations(region, region | outside.keys())
    joined, groups = regrouped(sorted(region), neighbours_of(ties.by_thing, ties.kinds, invited), outside)
    home = joined | _named(groups, before)
    _move(region, before, home)
    _mend_things(ties, {**outside, **home})
    changed = {name for name in (*before.values(), *home.values()) if name is not None}
    _count_component(component, size=size, changes=len(core))
    _portray(component, changed, most=MOST_COUNTED)
    return region


def _inside(component: int, people: Collection[int]) -> list[int]:
    found: list[int] = []
    for some in pieces(people):
        found += Standing.objects.filter(pk__in=some, component=component).order_by().values_list("pk", flat=True)
    return found


def _ties_of(people: Collection[int]) -> _Ties:
    """Return the things of people with everybody who uses each, those that tie nobody left out."""
    things: set[int] = set()
    for some in pieces(people):
        things.update(Tie.objects.filter(customer_id__in=some).order_by().values_list("thing", flat=True))
    found = _Ties()
    for some in pieces(sorted(things)):
        used = Thing.objects.filter(pk__in=some).order_by().values_list("pk", "kind", "people")
        kinds = {pk: kind for pk, kind, count in used if count <= MOST_ON[kind]}
        found.kinds |= kinds
        rows = Tie.objects.filter(thing__in=list(kinds)).order_by("thing", "customer_id")
        for thing, person in rows.values_list("thing", "customer_id"):
            found.by_thing[thing].append(person)
    return found


def _region(component: int, core: set[int], near: _Ties) -> set[int]:
    """Return who is grouped anew: who was touched, then the people of their communities and who shares something with them."""
    names = {name for name in _communities_of(core).values() if name is not None}
    small: list[int] = []
    for some in pieces(names):
        small += Community.objects.filter(pk__in=some, people__lte=MOST_MATES).order_by().values_list("pk", flat=True)
    mates = set(near.people())
    for some in pieces(small):
        mates.update(Standing.objects.filter(community__in=some).order_by().values_list("pk", flat=True))
    wider = sorted(_inside(component, mates - core))[: max(0, MOST_REGROUPED - len(core))]
    return core.union(wider)


def _communities_of(people: Collection[int], component: int | None = None) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for some in pieces(people):
        rows = Standing.objects.filter(pk__in=some)
        rows = rows if component is None else rows.filter(component=component)
        found.update(rows.order_by().values_list("pk", "community"))
    return found


def _invitations(invited: Collection[int], known: Collection[int]) -> list[tuple[int, int]]:
    """Return who brought those people, of whom something is known here."""
    found: list[tuple[int, int]] = []
    for some in pieces(invited):
        found += Invitation.objects.filter(invitee_id__in=some).order_by("id").values_list("inviter_id", "invitee_id")
    return [one for one in found if one[0] in known]


def _named(groups: list[list[int]], before: dict[int, int | None]) -> dict[int, int]:
    """Return the community of everybody in the groups: as before where nobody else is in it, else under a new number below 0."""
    held = {one: name for one, name in before.items() if name is not None}
    inside = Counter(held.values())
    emptied: set[int] = set()
    for some in pieces(inside):
        counted = Standing.objects.filter(community__in=some).order_by().values_list("community").annotate(Count("pk"))
        emptied.update(name for name, count in counted if name is not None and count == inside[name])
    lowest = Community.objects.aggregate(lowest=Min("id"))["lowest"] or 0
    names = renamed(groups, held, emptied, min(0, lowest) - 1)
    return {one: name for group, name in zip(groups, names, strict=True) for one in group}


def _move(region: Iterable[int], before: dict[int, int | None], home: dict[int, int]) -> None:
    moved = [(home.get(one), one) for one in region if home.get(one) != before.get(one)]
    for rows in pieces(moved):
        with bulk.key_table([("community", "int"), ("customer_id", "int")], rows) as keys:
            bulk.execute(_MOVES.replace("moved_keys", keys))


def _mend_things(ties: _Ties, home: dict[int, int]) -> None:
    """Write with each thing the community that most of its people belong to."""
    best: list[tuple[int | None, int]] = []
    for thing, people in ties.by_thing.items():
        counted = Counter(home[one] for one in people if one in home)
        best.append((min(counted, key=lambda one: (-counted[one], one)) if counted else None, thing))
    for some in pieces(best):
        bulk.update_rows(Thing._meta.db_table, ("community",), some)


def _count_component(component: int, *, size: int, changes: int) -> None:
    """Count what all of a component are like together, unless that was done when it was nearly as it is."""
    row = LargeComponent.objects.filter(pk=component).first()
    if row is not None and ONE_IN * (row.changes + changes + abs(size - row.people)) < row.people:
        LargeComponent.objects.filter(pk=component).update(changes=row.changes + changes)
        return
    ((devices, payers, shared, strangers),) = bulk.fetch(_TOTALS, [*_BOUNDS, component, component])
    whole = {
        "people": size,
        "devices": devices,
        "payers": payers,
        "shared_percent": 100 * shared // size,
        "strangers": strangers,
    }
    LargeComponent.objects.update_or_create(id=component, defaults={**whole, "changes": 0})
    joined = {f"joined_{name}": value for name, value in whole.items()}
    Community.objects.filter(component=component).update(**joined)
    large = Community.objects.filter(component=component, people__gt=MOST_COUNTED)
    _portray(component, set(large.order_by().values_list("pk", flat=True)), most=None)


def _portray(component: int, names: set[int], *, most: int | None) -> None:
    """Count communities of a component again, those of more people than the bound left out, and drop those of nobody or one."""
    whole = LargeComponent.objects.get(pk=component)
    for some in pieces(names):
        sizes = dict(
            Standing.objects.filter(community__in=some).order_by().values_list("community").annotate(Count("pk"))
        )
        Community.objects.filter(pk__in=[name for name in some if sizes.get(name, 0) < 2]).delete()
        # A very large one was counted with the component, or is new.
        counted_before = set(
            Community.objects.filter(pk__in=some, people__gt=MOST_COUNTED).values_list("pk", flat=True)
        )
        counted = [
            name
            for name in some
            if sizes.get(name, 0) > 1 and (most is None or sizes[name] <= most or name not in counted_before)
        ]
        with bulk.key_table([("community", "int")], [(name,) for name in counted]) as keys:
            rows = bulk.fetch(_PORTRAITS.replace("counted_keys", keys), _BOUNDS)
        Community.objects.bulk_create(
            [_community(component, whole, *row) for row in rows],
            batch_size=500,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[one.name for one in Community._meta.concrete_fields if one.name != "id"],
        )


def _community(component: int, whole: LargeComponent, name: int, people: int, *counts: int) -> Community:
    strangers, known, left, stopped, devices, payers, shared = counts
    return Community(
        pk=name, component=component, people=people, devices=devices, payers=payers, shared_percent=100 * shared // people,
        strangers=strangers, known=known, left=left, stopped=stopped, joined_people=whole.people,
        joined_devices=whole.devices, joined_payers=whole.payers, joined_shared_percent=whole.shared_percent,
        joined_strangers=whole.strangers,
    )  # fmt: skip


#: How many may use a device, and a payment account, that still ties.
_BOUNDS = (MOST_ON[ThingKind.DEVICE], MOST_ON[ThingKind.PAYER])
_MOVES = (
    "UPDATE risk_standing SET community = moved_keys.community FROM moved_keys"
    " WHERE risk_standing.customer_id = moved_keys.customer_id"
)
#: Devices, accounts, people who share one of these, people who never bought, of one component. A door is a thing of kind 3.
_TOTALS = """
WITH used AS (
    SELECT h.id, h.kind, h.people FROM risk_thing h
    WHERE ((h.kind = 1 AND h.people <= %s) OR (h.kind = 2 AND h.people <= %s)) AND h.component = %s
)
SELECT (SELECT COUNT(*) FROM used WHERE kind = 1), (SELECT COUNT(*) FROM used WHERE kind = 2),
    (SELECT COUNT(DISTINCT t.customer_id) FROM used JOIN risk_tie t ON t.thing = used.id WHERE used.people > 1),
    (SELECT COUNT(*) FROM risk_standing s WHERE s.past <> 0 AND s.component = %s)
"""
#: One row a community: what its people are like, what they use, and how many of them share it with another of them.
_PORTRAITS = """
WITH used AS (
    SELECT s.community, t.thing, t.kind, t.customer_id,
        COUNT(*) OVER (PARTITION BY s.community, t.thing) AS sharers
    FROM counted_keys k JOIN risk_standing s ON s.community = k.community
    JOIN risk_tie t ON t.customer_id = s.customer_id JOIN risk_thing h ON h.id = t.thing
    WHERE (t.kind = 1 AND h.people <= %s) OR (t.kind = 2 AND h.people <= %s)
), things AS (
    SELECT community, COUNT(DISTINCT CASE WHEN kind = 1 THEN thing END) AS devices,
        COUNT(DISTINCT CASE WHEN kind = 2 THEN thing END) AS payers,
        COUNT(DISTINCT CASE WHEN sharers > 1 THEN customer_id END) AS sharing
    FROM used GROUP BY community
), people AS (
    SELECT s.community, COUNT(*) AS people, SUM(CASE WHEN s.past <> 0 THEN 1 ELSE 0 END) AS strangers,
        SUM(CASE WHEN s.own_known > 0 THEN 1 ELSE 0 END) AS known,
        SUM(CASE WHEN s.own_left > 0 THEN 1 ELSE 0 END) AS gone,
        SUM(CASE WHEN s.stopped > 0 THEN 1 ELSE 0 END) AS stopped
    FROM counted_keys k JOIN risk_standing s ON s.community = k.community GROUP BY s.community
)
SELECT p.community, p.people, p.strangers, p.known, p.gone, p.stopped, COALESCE(t.devices, 0), COALESCE(t.payers, 0),
    COALESCE(t.sharing, 0)
FROM people p LEFT JOIN things t ON t.community = p.community
"""
