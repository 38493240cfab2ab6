"""What each kind of step does with many people at once, in the transaction in which they move on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yutang.channels.actions import Message, plan_many
from yutang.customers import actions as people
from yutang.customers.models import Customer
from yutang.customers.queries import tag_choices
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.insight.models import CustomerValue
from yutang.journeys.abilities import ABILITIES, Asked
from yutang.journeys.asking_people import TASK, TASK_REASON, asked_moves
from yutang.journeys.blocks import Block, Row
from yutang.journeys.bodies import campaign_of, reference_of
from yutang.journeys.chances import way_of
from yutang.journeys.definition import (
    BranchStep,
    MessageStep,
    SplitStep,
    Step,
    TagStep,
    TaskStep,
    TellStep,
    WaitForStep,
)
from yutang.journeys.events import StepReached
from yutang.journeys.group_steps import GROUP_DOES
from yutang.journeys.joining import join_group
from yutang.journeys.models import Ending
from yutang.journeys.standing import Move
from yutang.kit.errors import DomainError
from yutang.kit.text import Sentence
from yutang.worklist.actions import Draft, propose


def moves_of(block: Block) -> list[Move]:
    """Do what the step says for everybody in the block, and return what became of each, by position."""
    step = block.definition.step(block.step_id)
    if block.definition.is_about_groups and step.do in GROUP_DOES:
        return GROUP_DOES[step.do](block, step)
    return _DOES.get(step.do, _by_another_room)(block, step)


def _message(block: Block, step: Step) -> list[Move]:
    assert isinstance(step, MessageStep)
    latest = None if step.useful_days is None else block.now + timedelta(days=step.useful_days)
    content = reference_of(version_id=block.version_id, step=step)
    wanted = [_asked(block, row, step.channel, step.intent, content, latest) for row in block.rows]
    moves = []
    for planned in plan_many(actor=Actor.system(), messages=wanted, now=block.now):
        answer = planned.decision
        if answer.at is not None and answer.outcome in {"now", "at"}:
            moves.append(Move("planned", step.then, max(block.now, answer.at), answer.reason))
        else:
            moves.append(Move("refused", step.if_refused, block.now, answer.reason, _refusal(step)))
        if answer.outcome == "replace":
            moves[-1] = moves[-1]._replace(outcome="replaced")
    return _with_something_useful(block, step, moves, latest) if step.instead else _settled(moves)


def _with_something_useful(block: Block, step: MessageStep, moves: list[Move], latest: datetime | None) -> list[Move]:
    """Plan what goes out in place of a promotion that may not go out yet."""
    places = [n for n, move in enumerate(moves) if move.outcome == "replaced"]
    content = reference_of(version_id=block.version_id, step=step, instead=True)
    wanted = [_asked(block, block.rows[n], step.channel, "value", content, latest, ":i") for n in places]
    for n, planned in zip(places, plan_many(actor=Actor.system(), messages=wanted, now=block.now), strict=True):
        answer = planned.decision
        if answer.at is not None and answer.outcome in {"now", "at"}:
            moves[n] = Move("replaced", step.then, max(block.now, answer.at), moves[n].reason)
        else:
            moves[n] = moves[n]._replace(outcome="refused")
    return moves


def _settled(moves: list[Move]) -> list[Move]:
    """Return the moves of a step that has nothing useful to send instead: what was to be replaced is refused."""
    return [move._replace(outcome="refused") if move.outcome == "replaced" else move for move in moves]


def _refusal(step: MessageStep) -> str:
    return Ending.REFUSED.value if step.if_refused == "end" else ""


def _asked(
    block: Block, row: Row, channel: str, intent: str, content: str, latest: datetime | None, more: str = ""
) -> Message:
    return Message(
        key=block.key(row) + more,
        channel=channel,
        intent=intent,
        customer_id=row.customer_id,
        campaign=campaign_of(block.playbook_id),
        content=content,
        latest=latest,
    )


def _tag(block: Block, step: Step) -> list[Move]:
    assert isinstance(step, TagStep)
    keys = [row.customer_id for row in block.rows]
    try:
        # In a savepoint of its own: a refusal must not undo what the block did before.
        with transaction.atomic():
            tag_id = _tag_named(step.group, step.tag, make=step.do == "tag", now=block.now)
            if tag_id is not None:
                change = people.give_tag if step.do == "tag" else people.take_tag
                change(actor=Actor.system(), tag_id=tag_id, customer_ids=keys, now=block.now)
    except DomainError as refusal:
        return [Move("unable", step.then, block.now, refusal.code[:40])] * len(block.rows)
    return block.all("tagged", step.then)


def _tag_named(group: str, name: str, *, make: bool, now: datetime) -> int | None:
    known = {(one.group, one.name): one.id for one in tag_choices()}
    if (group, name) in known or not make:
        return known.get((group, name))
    return people.create_tag_in(actor=Actor.system(), group=group, name=name, now=now)


def _task(block: Block, step: Step) -> list[Move]:
    """Ask for a task for each; who gets none because nobody has a place is asked for again tomorrow morning."""
    assert isinstance(step, TaskStep)
    propose(actor=Actor.system(), drafts=_drafts(block, step), now=block.now)
    return asked_moves(block, step)


def _drafts(block: Block, step: TaskStep) -> list[Draft]:
    keys = [row.customer_id for row in block.rows]
    known = {
        pk: (store_id, owner_id)
        for pk, store_id, owner_id in Customer.objects.filter(pk__in=keys).values_list("pk", "store_id", "owner_id")
    }
    worth = dict(CustomerValue.objects.filter(customer_id__in=keys).values_list("customer_id", "value_minor"))
    drafts = []
    for row in block.rows:
        store_id, owner_id = known.get(row.customer_id, (None, None))
        stake = int(worth.get(row.customer_id, 0))
        drafts.append(
            Draft(
                kind=TASK.code,
                dedupe_key=f"{TASK.code}:{block.key(row)}",
                reason=Sentence(TASK_REASON, {"playbook": block.name, "words": step.words}),
                rank=int(stake * TASK.chance),
                stake_minor=stake,
                chance=TASK.chance,
                customer_id=row.customer_id,
                store_id=store_id,
                staff_id=owner_id,
                subject={"room": "customers", "id": row.customer_id},
            )
        )
    return drafts


def _tell(block: Block, step: Step) -> list[Move]:
    assert isinstance(step, TellStep)
    told = [StepReached(block.playbook_id, step.id, step.note, row.customer_id) for row in block.rows]
    outbox.record_all(told, now=block.now)
    return block.all("told", step.then)


def _branch(block: Block, step: Step) -> list[Move]:
    assert isinstance(step, BranchStep)
    keys = [row.customer_id for row in block.rows]
    moves = [Move("way", step.otherwise, block.now, "otherwise")] * len(keys)
    for place in reversed(range(len(step.ways))):
        way = step.ways[place]
        fits = block.rules.fits(way.rule, keys).tolist()
        taken = Move("way", way.then, block.now, str(place))
        moves = [taken if fit else move for fit, move in zip(fits, moves, strict=True)]
    return moves


def _split(block: Block, step: Step) -> list[Move]:
    assert isinstance(step, SplitStep)
    keys = [row.customer_id for row in block.rows]
    percents = [way.percent for way in step.ways]
    ways = way_of(salt=block.salt, customer_ids=keys, step=step.id, percents=percents).tolist()
    return [Move("way", step.ways[way].then, block.now, str(way)) for way in ways]


def _wait(block: Block, step: Step) -> list[Move]:
    then = getattr(step, "then", "end")
    if not isinstance(step, WaitForStep):
        return block.all("waited", then)
    return [
        Move("heard", step.then, block.now) if row.heard else Move("waited", step.otherwise, block.now)
        for row in block.rows
    ]


def _end(block: Block, step: Step) -> list[Move]:
    return block.all("ended", "end")


def _by_another_room(block: Block, step: Any) -> list[Move]:
    if step.do not in ABILITIES:
        return [Move("unable", step.then, block.now, "no_such_room")] * len(block.rows)
    campaign = campaign_of(block.playbook_id)
    asked = [Asked(block.key(row), row.customer_id, campaign) for row in block.rows]
    could = ABILITIES[step.do].does(actor=Actor.system(), step=step, asked=asked, now=block.now)
    return [Move("done" if well else "unable", step.then, block.now) for well in could]


_DOES: Mapping[str, Callable[[Block, Any], list[Move]]] = {
    "message": _message,
    "tag": _tag,
    "untag": _tag,
    "task": _task,
    "tell": _tell,
    "branch": _branch,
    "split": _split,
    "wait": _wait,
    "wait_until": _wait,
    "wait_for": _wait,
    "end": _end,
    "join_group": join_group,
}
