"""Leading people into groups: a group with room, its join code, and an invitation under the contact policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from yutang.channels.actions import Message, plan_many
from yutang.customers.models import Customer
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.foundation.settings_kept import kept_setting
from yutang.journeys.asking_people import next_morning
from yutang.journeys.blocks import Block, Row
from yutang.journeys.bodies import campaign_of, reference_of
from yutang.journeys.definition import JoinGroupStep
from yutang.journeys.group_rules import GroupFacts
from yutang.journeys.models import Ending, Invitation
from yutang.journeys.organisation import GROUP_PLACES
from yutang.journeys.standing import Move
from yutang.wecom.actions import ask_for_join_ways
from yutang.wecom.queries import group_of, join_codes, members_of

#: An invitation holds a place for so long.
HOLDS = timedelta(days=14)
#: A code is being made meanwhile; after the second time it is given up.
_A_MOMENT, _MOST_MOMENTS = timedelta(minutes=10), timedelta(days=1)
#: Where every group is full, a place is waited for so long.
_ROOM_PATIENCE = timedelta(days=7)
_COLUMNS = ("key", "customer_id", "group_key", "url", "version_id", "step", "invited_at")


def join_group(block: Block, step: Any) -> list[Move]:
    """Invite each into the first fitting group with a place; who is in one is through, who finds none waits some days."""
    assert isinstance(step, JoinGroupStep)
    people = [row.customer_id for row in block.rows]
    stores = dict(Customer.objects.filter(pk__in=people).values_list("pk", "store_id"))
    seats = group_of(customer_ids=people)
    choice = _Choice(block, step, {store for store in stores.values() if store is not None})
    moves: dict[int, Move] = {}
    chosen: list[tuple[Row, str]] = []
    for row in block.rows:
        fitting = choice.of_store(stores.get(row.customer_id))
        if {seat.chat_id for seat in seats.get(row.customer_id, ())} & {one.group_key for one in fitting}:
            moves[row.id] = Move("done", step.then, block.now, "is_member")
            continue
        group_key, waits = choice.take(fitting)
        if group_key:
            chosen.append((row, group_key))
        else:
            moves[row.id] = _without_group(block, step, row, waits)
    ask_for_join_ways(actor=Actor.system(), chat_ids=sorted(choice.wanting), now=block.now)
    moves |= _invited(block, step, chosen, choice.codes)
    return [moves[row.id] for row in block.rows]


class _Choice:
    """Which groups fit, how many places each has left, and by which code one comes in."""

    def __init__(self, block: Block, step: JoinGroupStep, stores: Collection[int]) -> None:
        alive = [one for one in block.rules.groups.facts.values() if one.standing != "dead"]
        alive.sort(key=lambda one: (one.made_at is None, one.made_at, one.group_key))
        self._named = [one for one in alive if step.group and one.name.startswith(step.group)]
        self._of_store = {store: [one for one in alive if one.store_id == store] for store in stores}
        self._is_named = bool(step.group)
        fitting = self._named if step.group else [one for some in self._of_store.values() for one in some]
        keys = [one.group_key for one in fitting]
        most, held = int(kept_setting(GROUP_PLACES)), _held_places(keys, block)
        self._free = {one.group_key: most - one.members - held.get(one.group_key, 0) for one in fitting}
        self.codes = join_codes(chat_ids=keys)
        #: Groups with places whose code has to be made.
        self.wanting: set[str] = set()

    def of_store(self, store_id: int | None) -> Sequence[GroupFacts]:
        """Return the groups that fit a person of a store, the oldest first."""
        return self._named if self._is_named else self._of_store.get(store_id or 0, [])

    def take(self, fitting: Sequence[GroupFacts]) -> tuple[str, str]:
        """Take a place, and return its group; without one, for what is waited."""
        if not fitting:
            return "", "no_group"
        with_room = [one.group_key for one in fitting if self._free[one.group_key] > 0]
        ready = next((key for key in with_room if key in self.codes), "")
        if ready:
            self._free[ready] -= 1
        elif with_room:
            self.wanting.add(with_room[0])
        return ready, "no_code" if with_room else "no_room"


def _held_places(keys: Sequence[str], block: Block) -> dict[str, int]:
    """Return how many invitations of each group nobody has followed yet."""
    rows = Invitation.objects.filter(group_key__in=keys, invited_at__gt=block.now - HOLDS).order_by()
    invited = set(rows.values_list("group_key", "customer_id"))
    inside = members_of(chat_ids={key for key, _person in invited})
    held: dict[str, int] = {}
    for key, person in invited:
        if person not in inside.get(key, ()):
            held[key] = held.get(key, 0) + 1
    return held


def _without_group(block: Block, step: JoinGroupStep, row: Row, why: str) -> Move:
    stood = block.now - row.since
    if why == "no_code" and stood < _MOST_MOMENTS:
        return Move("waited", "", block.now + _A_MOMENT, why)
    if why == "no_room" and stood < _ROOM_PATIENCE:
        return Move("waited", "", next_morning(block.now), why)
    return Move("unable", step.if_refused, block.now, why, _ending(step))


def _invited(
    block: Block, step: JoinGroupStep, chosen: Sequence[tuple[Row, str]], codes: Mapping[str, str]
) -> dict[int, Move]:
    """Plan the invitations, and keep into which group each person is led."""
    messages = [
        Message(
            key=block.key(row),
            channel=step.channel,
            intent=step.intent,
            customer_id=row.customer_id,
            campaign=campaign_of(block.playbook_id),
            content=reference_of(version_id=block.version_id, step=step),
        )
        for row, _group in chosen
    ]
    moves, kept, written = {}, [], bulk.db_instant(block.now)
    answers = plan_many(actor=Actor.system(), messages=messages, now=block.now)
    for (row, group_key), planned in zip(chosen, answers, strict=True):
        answer = planned.decision
        if answer.at is None or answer.outcome not in {"now", "at"}:
            moves[row.id] = Move("refused", step.if_refused, block.now, answer.reason, _ending(step))
            continue
        moves[row.id] = Move("planned", step.then, max(block.now, answer.at), answer.reason)
        told = (group_key, codes[group_key], block.version_id, step.id, written)
        kept.append((block.key(row), row.customer_id, *told))
    bulk.insert_new_rows("journeys_invitation", _COLUMNS, kept)
    return moves


def _ending(step: JoinGroupStep) -> str:
    return Ending.REFUSED.value if step.if_refused == "end" else ""
