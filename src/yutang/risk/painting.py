"""Making the communities of connected people anew in the store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Count

from yutang.foundation import bulk
from yutang.risk.communities import MOST_ON, Person, Portrait, communities
from yutang.risk.models import Community, Invitation, Standing, Thing, Tie
from yutang.risk.pieces import pieces
from yutang.risk.repainting import repaint

#: Of a component of so many people at most all communities are made anew; of a larger one those around what has changed.
MOST_MEMBERS = 2_000
_SET_COMMUNITY = (
    "UPDATE risk_standing SET community = painted_keys.community FROM painted_keys"
    " WHERE risk_standing.customer_id = painted_keys.customer_id"
)


def paint(components: Iterable[int], *, touched: Collection[int]) -> set[int]:
    """Make the communities of components anew, and return everybody whose community was looked at.

    Args:
        components: which changed, or whose people were seen again.
        touched: who was seen, or tied or untied to somebody: of a very large component only those around them are looked at.
    """
    looked_at: set[int] = set()
    for some in pieces(components):
        sized = Standing.objects.filter(component__in=some).order_by().values_list("component").annotate(Count("pk"))
        sizes = {component: size for component, size in sized if component is not None}
        looked_at |= _paint({component: size for component, size in sizes.items() if size <= MOST_MEMBERS})
        for component, size in sizes.items():
            if size > MOST_MEMBERS:
                looked_at |= repaint(component, size=size, touched=touched)
    return looked_at


def _paint(sizes: dict[int, int]) -> set[int]:
    members, people = _members(sizes)
    everybody = [one for some in members.values() for one in some]
    ties, kept = _ties(everybody), defaultdict(list)
    invited = defaultdict(list)
    home = {one: component for component, some in members.items() for one in some}
    for thing, kind, person in ties:
        kept[home[person]].append((thing, kind, person))
    for inviter, invitee in _invitations(everybody):
        if home.get(inviter) == home[invitee]:
            invited[home[invitee]].append((inviter, invitee))
    portraits: dict[int, tuple[list[Portrait], Portrait | None]] = {
        component: communities(some, kept[component], invited[component], people)
        for component, some in members.items()
        if len(some) > 1
    }
    _write(members, portraits, ties)
    return set(everybody)


def _members(sizes: dict[int, int]) -> tuple[dict[int, list[int]], dict[int, Person]]:
    members: dict[int, list[int]] = defaultdict(list)
    people: dict[int, Person] = {}
    columns = ("pk", "component", "past", "own_left", "own_known", "stopped")
    rows = Standing.objects.filter(component__in=list(sizes)).order_by("pk").values_list(*columns)
    for key, component, past, left, known, stopped in rows:
        members[component].append(key)
        people[key] = Person(past, known > 0, left > 0, stopped > 0)
    return members, people


def _ties(everybody: list[int]) -> list[tuple[int, int, int]]:
    """Return (thing, kind, person) of people, without the things that so many share that they tie nobody."""
    found: list[tuple[int, int, int]] = []
    for some in pieces(everybody):
        found += (
            Tie.objects.filter(customer_id__in=some)
            .order_by("thing", "customer_id")
            .values_list("thing", "kind", "customer_id")
        )
    crowded: set[int] = set()
    for things in pieces({row[0] for row in found}):
        counted = Thing.objects.filter(pk__in=things, people__gt=min(MOST_ON.values())).order_by()
        crowded |= {pk for pk, kind, people in counted.values_list("pk", "kind", "people") if people > MOST_ON[kind]}
    return [row for row in found if row[0] not in crowded]


def _invitations(everybody: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for some in pieces(everybody):
        found += Invitation.objects.filter(invitee_id__in=some).order_by("id").values_list("inviter_id", "invitee_id")
    return found


def _write(
    members: dict[int, list[int]],
    portraits: dict[int, tuple[list[Portrait], Portrait | None]],
    ties: list[tuple[int, int, int]],
) -> None:
    Community.objects.filter(component__in=list(members)).delete()
    made = [
        Community(
            pk=one.id, component=component, people=len(one.members), devices=one.devices, payers=one.payers,
            shared_percent=one.shared_percent, strangers=one.strangers, known=one.known, left=one.left, stopped=one.stopped,
            joined_people=len(whole.members), joined_devices=whole.devices, joined_payers=whole.payers,
            joined_shared_percent=whole.shared_percent, joined_strangers=whole.strangers,
        )
        for component, (some, whole) in portraits.items()
        for one in some
        if whole is not None
    ]  # fmt: skip
    Community.objects.filter(pk__in=[one.pk for one in made]).delete()
    Community.objects.bulk_create(made, batch_size=500)
    home = {person: one.id for some, _whole in portraits.values() for one in some for person in one.members}
    for rows in pieces([(home.get(one), one) for some in members.values() for one in some]):
        with bulk.key_table([("community", "int"), ("customer_id", "int")], rows) as keys:
            bulk.execute(_SET_COMMUNITY.replace("painted_keys", keys))
    _write_things(ties, home)


def _write_things(ties: list[tuple[int, int, int]], home: dict[int, int]) -> None:
    """Write with each thing the community that most of its people belong to."""
    counted: dict[int, Counter[int]] = defaultdict(Counter)
    for thing, _kind, person in ties:
        if person in home:
            counted[thing][home[person]] += 1
    best = {thing: min(found, key=lambda one: (-found[one], one)) for thing, found in counted.items()}
    bulk.update_rows(Thing._meta.db_table, ("community",), [(community, thing) for thing, community in best.items()])
