"""Weaving new traces into the web of ties: who is connected, communities, rings, scores. In batches, incrementally."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count, Q

from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.risk.communities import LONGEST_RING, MOST_ON, Forest, rings
from yutang.risk.models import Decision, Invitation, LargeComponent, Standing, Thing, ThingKind, Tie, Trace
from yutang.risk.painting import paint
from yutang.risk.pieces import pieces
from yutang.risk.scoring import recount_people, score_people

#: Traces of one transaction.
BATCH = 2_000
_COLUMNS = (("device", ThingKind.DEVICE), ("payer", ThingKind.PAYER), ("place", ThingKind.PLACE))


@transaction.atomic
def weave_traces(*, actor: Actor, now: datetime) -> int:
    """Weave the oldest traces that the web does not know yet, and return how many those were; 0: it knows all.

    Only what they touch is made anew: connected people are joined, the communities of these and the scores of their people.

    Args:
        actor: needs ``guard.change``.
        now: when. Aware UTC.
    """
    actor.require("guard.change")
    bulk.one_at_a_time("risk.weave")
    rows = list(Trace.objects.filter(is_woven=False).order_by("id")[:BATCH])
    if not rows:
        return 0
    _stand(rows, now)
    ties = _new_ties(rows)
    components, untied = _joined(ties, rows)
    invited = _new_invitations(rows)
    _note_fates(rows)
    recount_people({one.customer_id for one in rows if one.customer_id is not None})
    touched = {key for one in rows for key in (one.customer_id, one.inviter_id) if key is not None}
    looked_at = paint(components, touched=touched | untied)
    score_people(touched | looked_at, rings=_rings(invited), now=now)
    bulk.update_rows(Trace._meta.db_table, ("is_woven",), [(True, one.pk) for one in rows])
    return len(rows)


def _stand(rows: Sequence[Trace], now: datetime) -> None:
    """Let everybody who was seen have a standing, with how well they were known last."""
    seen = {one.customer_id: one.past for one in rows if one.customer_id is not None}
    brought = {one.inviter_id: 1 for one in rows if one.inviter_id is not None}
    fresh = [Standing(customer_id=key, past=past, changed_at=now) for key, past in {**brought, **seen}.items()]
    Standing.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    by_past: dict[int, list[int]] = defaultdict(list)
    for key, past in seen.items():
        by_past[past].append(key)
    for past, keys in by_past.items():
        Standing.objects.filter(pk__in=keys).exclude(past=past).update(past=past)


def _new_ties(rows: Sequence[Trace]) -> list[Tie]:
    """Write the ties that there were not yet, and return them."""
    wanted: dict[tuple[int, int], Tie] = {}
    for row in rows:
        for column, kind in _COLUMNS:
            thing = getattr(row, column)
            if thing is not None and row.customer_id is not None:
                at = datetime.fromtimestamp(row.at, UTC)
                tie = Tie(thing=thing, customer_id=row.customer_id, kind=kind, first_at=at)
                wanted.setdefault((thing, row.customer_id), tie)
    things, people = {key[0] for key in wanted}, {key[1] for key in wanted}
    there = Tie.objects.filter(customer_id__in=people, thing__in=things).order_by()
    known = set(there.values_list("thing", "customer_id"))
    fresh = [tie for key, tie in wanted.items() if key not in known]
    Tie.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    return fresh


def _joined(ties: Sequence[Tie], rows: Sequence[Trace]) -> tuple[set[int], set[int]]:
    """Connect the people of the ties; return the components that changed or were seen again, and whom a thing ties no longer."""
    things = {row.pk: row for row in Thing.objects.filter(pk__in={tie.thing for tie in ties}).order_by()}
    people = _components({one.customer_id for one in rows if one.customer_id is not None})
    forest = _forest({*people.values(), *(row.component for row in things.values())} - {None})
    crowded: set[int] = set()
    for tie in ties:
        thing = things.get(tie.thing)
        if thing is None:
            start = people.get(tie.customer_id) or tie.customer_id
            thing = things[tie.thing] = Thing(pk=tie.thing, kind=tie.kind, people=0, component=start)
        thing.people += 1
        own = people.get(tie.customer_id)
        if thing.people > MOST_ON[thing.kind]:
            crowded |= {thing.pk} if thing.people == MOST_ON[thing.kind] + 1 else set()
            own = own or tie.customer_id
            forest.add(own)
        else:
            own = forest.join(own or tie.customer_id, thing.component)
        people[tie.customer_id] = own
    _relabel(forest)
    _write_things(things.values(), forest)
    found = {key: forest.find(own) for key, own in people.items() if own is not None}
    _write_components(found)
    untied = set(Tie.objects.filter(thing__in=crowded).order_by().values_list("customer_id", flat=True))
    return set(found.values()) | {row.component for row in things.values()}, untied


def _write_things(things: Collection[Thing], forest: Forest) -> None:
    for row in things:
        row.component = forest.find(row.component)
    Thing.objects.bulk_create(
        things, batch_size=500, update_conflicts=True, unique_fields=["id"], update_fields=["people", "component"]
    )


def _components(people: Iterable[int]) -> dict[int, int | None]:
    return dict(Standing.objects.filter(pk__in=list(people)).order_by().values_list("pk", "component"))


def _forest(components: set[int | None]) -> Forest:
    """Return a forest of components with their sizes, so that the smaller one is written anew."""
    forest = Forest()
    keys = [one for one in components if one is not None]
    sized = Standing.objects.filter(component__in=keys).order_by().values_list("component").annotate(Count("pk"))
    for component, size in sized:
        forest.add(component, size=size)
    for key in keys:
        forest.add(key)
    return forest


def _relabel(forest: Forest) -> None:
    """Write the components that were joined into others into the place of those that they were."""
    losers: dict[int, list[int]] = defaultdict(list)
    for one in list(forest.members()):
        if forest.find(one) != one:
            losers[forest.find(one)].append(one)
    moved = [(winner, loser) for winner, gone in losers.items() for loser in gone]
    if not moved:
        return
    with bulk.key_table([("winner", "int"), ("loser", "int")], moved) as keys:
        for statement in _MOVES:
            bulk.execute(statement.replace("moved_keys", keys))
    # What was large and is part of another now is counted with it.
    LargeComponent.objects.filter(pk__in=[loser for _winner, loser in moved]).delete()


#: What was joined into another component carries that one's number.
_MOVES = (
    "UPDATE risk_standing SET component = moved_keys.winner FROM moved_keys WHERE risk_standing.component = moved_keys.loser",
    "UPDATE risk_thing SET component = moved_keys.winner FROM moved_keys WHERE risk_thing.component = moved_keys.loser",
    # Those that come into a very large one are like all of it at once, since that is not counted again for a few.
    "UPDATE risk_community SET component = moved_keys.winner,"
    " joined_people = COALESCE(l.people, risk_community.joined_people),"
    " joined_devices = COALESCE(l.devices, risk_community.joined_devices),"
    " joined_payers = COALESCE(l.payers, risk_community.joined_payers),"
    " joined_shared_percent = COALESCE(l.shared_percent, risk_community.joined_shared_percent),"
    " joined_strangers = COALESCE(l.strangers, risk_community.joined_strangers)"
    " FROM moved_keys LEFT JOIN risk_largecomponent l ON l.id = moved_keys.winner"
    " WHERE risk_community.component = moved_keys.loser",
)


def _write_components(found: dict[int, int]) -> None:
    by_component: dict[int, list[int]] = defaultdict(list)
    for key, component in found.items():
        by_component[component].append(key)
    rows = [(component, key) for component, keys in by_component.items() for key in keys]
    for some in pieces(rows):
        with bulk.key_table([("component", "int"), ("customer_id", "int")], some) as keys:
            bulk.execute(_WRITES.replace("found_keys", keys))


_WRITES = (
    "UPDATE risk_standing SET component = found_keys.component FROM found_keys"
    " WHERE risk_standing.customer_id = found_keys.customer_id"
)


def _new_invitations(rows: Sequence[Trace]) -> list[tuple[int, int]]:
    """Write who brought whom for the first time, and return (inviter, invitee) of these."""
    wanted: dict[tuple[int, int], Invitation] = {}
    for row in rows:
        if row.inviter_id is not None and row.customer_id is not None and row.inviter_id != row.customer_id:
            at = datetime.fromtimestamp(row.at, UTC)
            fresh = Invitation(inviter_id=row.inviter_id, invitee_id=row.customer_id, first_at=at)
            wanted.setdefault((row.inviter_id, row.customer_id), fresh)
    invitees = {key[1] for key in wanted}
    there = Invitation.objects.filter(invitee_id__in=invitees).order_by().values_list("inviter_id", "invitee_id")
    known = set(there)
    fresh_ones = {key: one for key, one in wanted.items() if key not in known}
    Invitation.objects.bulk_create(fresh_ones.values(), batch_size=500, ignore_conflicts=True)
    return list(fresh_ones)


def _note_fates(rows: Sequence[Trace]) -> None:
    """Write with invitations what became of the invited; what tells most of them counts."""
    brought = {one.pk: (one.inviter_id, one.customer_id) for one in rows if one.inviter_id and one.customer_id}
    told = Decision.objects.filter(pk__in=list(brought)).exclude(outcome="").order_by().values_list("pk", "outcome")
    fates: dict[tuple[int | None, int | None], str] = {}
    for pk, outcome in told:
        fates[brought[pk]] = max(fates.get(brought[pk], ""), outcome, key=_TELLING.index)
    there = Invitation.objects.filter(invitee_id__in=[invitee for _inviter, invitee in fates]).order_by()
    known = there.values_list("pk", "inviter_id", "invitee_id")
    changed = [(fates[inviter, invitee], pk) for pk, inviter, invitee in known if (inviter, invitee) in fates]
    bulk.update_rows(Invitation._meta.db_table, ("outcome",), changed)


#: Outcomes from what tells least of a person to what tells most.
_TELLING = ("", "kept", "refunded", "left_at_once", "bought")


def _rings(invited: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Return the rings that new invitations close, looked for upwards level by level."""
    above: dict[int, set[int]] = defaultdict(set)
    level = {inviter for inviter, _invitee in invited}
    for _step in range(LONGEST_RING):
        if not level:
            break
        rows = list(
            Invitation.objects.filter(Q(invitee_id__in=level)).order_by().values_list("invitee_id", "inviter_id")
        )
        for invitee, inviter in rows:
            above[invitee].add(inviter)
        level = {inviter for _invitee, inviter in rows} - set(above)
    return rings(invited, above)
