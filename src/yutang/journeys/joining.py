"""Leading people into groups: a group with room, its join code, and an invitation under the contact policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from yutang.channels.actions import Message, plan_many
from yutang.communities.actions import Newcomer, Wish, place_newcomers, release_places
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.journeys.asking_people import next_morning
from yutang.journeys.blocks import Block, Row
from yutang.journeys.bodies import campaign_of, reference_of
from yutang.journeys.definition import JoinGroupStep
from yutang.journeys.models import Ending
from yutang.journeys.standing import Move

#: A code is being made meanwhile; after the second time it is given up.
_A_MOMENT, _MOST_MOMENTS = timedelta(minutes=10), timedelta(days=1)
#: Where every group is full, a place is waited for so long.
_ROOM_PATIENCE = timedelta(days=7)
_COLUMNS = ("key", "customer_id", "group_key", "url", "version_id", "step", "invited_at")


def join_group(block: Block, step: Any) -> list[Move]:
    """Invite each into the fitting group with a place; who is in one is through, who finds none waits some days.

    Which group that is, and that nobody is invited beyond its places, is the room of groups' to decide.
    """
    assert isinstance(step, JoinGroupStep)
    newcomers = [Newcomer(block.key(row), row.customer_id, source=campaign_of(block.playbook_id)) for row in block.rows]
    wish = Wish(name=step.group, needs_code=True)
    placements = place_newcomers(actor=Actor.system(), newcomers=newcomers, wish=wish, now=block.now)
    moves: dict[int, Move] = {}
    chosen: list[tuple[Row, str]] = []
    codes: dict[str, str] = {}
    for row, found in zip(block.rows, placements, strict=True):
        if found.outcome == "member":
            moves[row.id] = Move("done", step.then, block.now, "is_member")
        elif found.outcome == "placed":
            chosen.append((row, found.group_key))
            codes[found.group_key] = found.code
        else:
            moves[row.id] = _without_group(block, step, row, found.outcome)
    moves |= _invited(block, step, chosen, codes)
    return [moves[row.id] for row in block.rows]


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
    unheard = [block.key(row) for row, _group in chosen if moves[row.id].outcome == "refused"]
    if unheard:
        release_places(actor=Actor.system(), keys=unheard, now=block.now)
    return moves


def _ending(step: JoinGroupStep) -> str:
    return Ending.REFUSED.value if step.if_refused == "end" else ""
