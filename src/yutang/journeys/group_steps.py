"""What steps do with groups of customers: post under the contact policy, ask the owner, choose a way by facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from yutang.channels.actions import Message, plan_many
from yutang.channels.policy import GROUP_CHANNEL
from yutang.foundation.access import Actor
from yutang.journeys.asking_people import TASK, TASK_REASON, asked_moves
from yutang.journeys.blocks import Block, Row
from yutang.journeys.bodies import campaign_of, reference_of
from yutang.journeys.definition import BranchStep, PostStep, TaskStep
from yutang.journeys.models import Ending
from yutang.journeys.standing import Move
from yutang.kit.text import Sentence
from yutang.worklist.actions import Draft, propose

_ROOM = "wecom_groups"


def post(block: Block, step: Any) -> list[Move]:
    """Plan a post to each group; of which the policy knows nothing yet, it is asked again within the hour."""
    assert isinstance(step, PostStep)
    facts = block.rules.groups.facts
    known = [row for row in block.rows if facts[row.group_key].is_known]
    latest = None if step.useful_days is None else block.now + timedelta(days=step.useful_days)
    wanted = [_asked(block, row, step, latest) for row in known]
    planned = plan_many(actor=Actor.system(), messages=wanted, now=block.now)
    moves = dict(zip((row.id for row in known), (_moved(block, step, one) for one in planned), strict=True))
    unknown = Move("waited", "", block.now + timedelta(hours=1), "unknown_group")
    return [moves.get(row.id, unknown) for row in block.rows]


def ask_owner(block: Block, step: Any) -> list[Move]:
    """Ask the owner of each group for something, on today's list."""
    assert isinstance(step, TaskStep)
    facts = block.rules.groups.facts
    drafts = []
    for row in block.rows:
        group = facts[row.group_key]
        reason = Sentence(
            TASK_REASON, {"playbook": block.name, "words": f"{group.name or group.group_key}: {step.words}"}
        )
        drafts.append(
            Draft(
                kind=TASK.code,
                dedupe_key=f"{TASK.code}:{block.key(row)}",
                reason=reason,
                rank=group.members,
                stake_minor=0,
                chance=TASK.chance,
                store_id=group.store_id,
                staff_id=group.owner_id,
                subject={"room": _ROOM, "id": group.group_key},
            )
        )
    propose(actor=Actor.system(), drafts=drafts, now=block.now)
    return asked_moves(block, step)


def branch(block: Block, step: Any) -> list[Move]:
    """Lead each group the first way whose rule it fits."""
    assert isinstance(step, BranchStep)
    keys = [row.group_key for row in block.rows]
    moves = [Move("way", step.otherwise, block.now, "otherwise")] * len(keys)
    for place in reversed(range(len(step.ways))):
        taken = Move("way", step.ways[place].then, block.now, str(place))
        fits = block.rules.groups.fits(step.ways[place].rule, keys)
        moves = [taken if fit else move for fit, move in zip(fits, moves, strict=True)]
    return moves


def _asked(block: Block, row: Row, step: PostStep, latest: datetime | None) -> Message:
    return Message(
        key=block.key(row),
        channel=GROUP_CHANNEL,
        intent=step.intent,
        group_key=row.group_key,
        campaign=campaign_of(block.playbook_id),
        content=reference_of(version_id=block.version_id, step=step),
        latest=latest,
    )


def _moved(block: Block, step: PostStep, planned: Any) -> Move:
    decision = planned.decision
    if decision.at is not None and decision.outcome in {"now", "at"}:
        return Move("planned", step.then, max(block.now, decision.at), decision.reason)
    ending = Ending.REFUSED.value if step.if_refused == "end" else ""
    return Move("refused", step.if_refused, block.now, decision.reason, ending)


GROUP_DOES: Mapping[str, Callable[[Block, Any], list[Move]]] = {"post": post, "task": ask_owner, "branch": branch}
