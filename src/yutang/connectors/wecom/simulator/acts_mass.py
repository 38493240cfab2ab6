"""What staff do with mass messages and posts: confirm them; what then reaches customers, and what does not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from yutang.connectors.wecom.simulator.acts_people import NotPossible
from yutang.connectors.wecom.simulator.rules import UTC_OFFSET_SECONDS, local_day
from yutang.connectors.wecom.simulator.world import MassTask, Moment, Tie, World
from yutang.kit.text import N_

#: What came of one message, as `get_groupmsg_send_result` numbers it.
UNSENT, SENT, NOT_A_FRIEND, CAP_REACHED = 0, 1, 2, 3


def confirm(world: World, *, msgid: str, userid: str, only: Collection[str] | None = None) -> dict[str, int]:
    """Let a sender confirm a mass message; return how many came to each end.

    Args:
        world: where.
        msgid: of the message.
        userid: who confirms.
        only: customers who were chosen, where that is allowed; groups that the owner picked.
    """
    task = world.tasks.get(msgid)
    if task is None or userid not in task.targets:
        raise NotPossible(N_("there is no such message for this member of staff"))
    if task.is_cancelled:
        raise NotPossible(N_("the message was cancelled"))
    if userid in task.sent_at:
        raise NotPossible(N_("this member of staff has sent it"))
    if only is not None and task.chat_type == "single" and not task.may_choose:
        raise NotPossible(N_("this message goes to all customers or none"))
    now = world.now()
    task.sent_at[userid] = now
    results = task.results[userid] = {}
    for target in task.targets[userid]:
        if only is None or target in only:
            results[target] = (_outcome(world, task, userid, target), now)
    counts = [status for status, _ in results.values()]
    return {
        "sent": counts.count(SENT),
        "not_a_friend": counts.count(NOT_A_FRIEND),
        "cap_reached": counts.count(CAP_REACHED),
    }


def send_personally(
    world: World, *, userid: str, targets: list[str], words: str, chat_type: str = "single"
) -> dict[str, Any]:
    """Let a member of staff send a mass message of their own, which counts towards the cap of each receiver."""
    if userid not in world.staff or not targets:
        raise NotPossible(N_("nobody of that name is there"))
    content = {"text": {"content": words}, "attachments": []}
    task = MassTask(world.new_id("msg"), chat_type, world.now(), content, False, {userid: targets}, creator=userid)
    world.tasks[task.msgid] = task
    return {"msgid": task.msgid, **confirm(world, msgid=task.msgid, userid=userid)}


def confirm_everything(world: World, *, userid: str | None = None) -> dict[str, int]:
    """Let everybody, or one member of staff, confirm all that waits."""
    total = {"sent": 0, "not_a_friend": 0, "cap_reached": 0}
    for msgid, sender in waiting(world):
        if userid in {None, sender}:
            for name, count in confirm(world, msgid=msgid, userid=sender).items():
                total[name] += count
    return total


def waiting(world: World) -> list[tuple[str, str]]:
    """Return message and sender of all that waits for being confirmed."""
    return [
        (task.msgid, userid)
        for task in world.tasks.values()
        if not task.is_cancelled
        for userid in task.targets
        if userid not in task.sent_at
    ]


def publish(world: World, *, moment_id: str, userid: str) -> None:
    """Let a member of staff confirm a post."""
    moment = _moment(world, moment_id)
    if userid not in moment.audience or userid in moment.published_at:
        raise NotPossible(N_("there is nothing to post"))
    moment.published_at[userid] = world.now()


def react(world: World, *, moment_id: str, userid: str, external_userid: str, comments: bool = False) -> None:
    """Let a customer like a post, or comment on it."""
    moment = _moment(world, moment_id)
    if userid not in moment.published_at or external_userid not in moment.audience[userid]:
        raise NotPossible(N_("the customer does not see this post"))
    reaction = {"external_userid": external_userid, "create_time": int(world.now()), "of": userid}
    (moment.comments if comments else moment.likes).append(reaction)


def takes_more(world: World, target: str, at: float) -> bool:
    """Return whether a customer or group may receive another mass message at an instant."""
    got = world.received[target]
    day = local_day(at)
    if world.rules.mass_cap == "daily_1":
        return not any(local_day(one) == day for one in got)
    if world.rules.mass_cap == "weekly_7":
        # 1970 began on a Thursday.
        return sum((local_day(one) + 3) // 7 == (day + 3) // 7 for one in got) < 7
    month = _local(at)
    return sum((_local(one).year, _local(one).month) == (month.year, month.month) for one in got) < _days_in_month(
        month
    )


def _outcome(world: World, task: MassTask, userid: str, target: str) -> int:
    if task.chat_type == "single":
        relation = world.relation(userid, target)
        if relation is None or relation.tie is not Tie.BOTH:
            return NOT_A_FRIEND
    if not takes_more(world, target, world.now()):
        return CAP_REACHED
    world.received[target].append(world.now())
    return SENT


def _moment(world: World, moment_id: str) -> Moment:
    moment = world.moments.get(moment_id)
    if moment is None or moment.is_cancelled:
        raise NotPossible(N_("there is no such post"))
    return moment


def _local(at: float) -> datetime:
    return datetime.fromtimestamp(at + UTC_OFFSET_SECONDS, UTC)


def _days_in_month(day: datetime) -> int:
    return ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def shown_task(task: MassTask) -> dict[str, Any]:
    """Return a task for people who look at the simulator."""
    return {
        "msgid": task.msgid,
        "chat_type": task.chat_type,
        "content": task.content,
        "targets": {userid: len(targets) for userid, targets in task.targets.items()},
        "sent": sorted(task.sent_at),
        "is_cancelled": task.is_cancelled,
    }
