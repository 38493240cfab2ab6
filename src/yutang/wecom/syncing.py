"""The full look at everything that WeCom shows: step by step, each written with where the next begins, so that a restart goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from yutang.connectors.wecom.api.customers import Relation
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import ParameterRefused
from yutang.foundation.sealing import unseal
from yutang.wecom.asking import BATCH_STAFF, Answers, answers_about, groups_shown, shown_by_batch
from yutang.wecom.friend_store import write_pairs
from yutang.wecom.group_store import write_groups
from yutang.wecom.heard import is_id
from yutang.wecom.models import Account, Friendship, Group, SyncRun
from yutang.wecom.staff_store import write_serving
from yutang.wecom.tag_store import write_tags

#: What is looked at, in this order.
PHASES = ("staff", "tags", "customers", "missing", "groups", "done")
#: Groups read, and missing friendships asked about, in one step.
_GROUPS_A_STEP, _MISSING_A_STEP = 40, 100

Step = tuple[str, dict[str, Any], dict[str, int]]


def do_step(run: SyncRun, client: WeCom, *, clock: Callable[[], datetime], fence: Callable[[SyncRun], None]) -> bool:
    """Do one step and return whether there is more to do.

    Args:
        run: where it stands; changed and saved.
        client: whom to ask.
        clock: tells the time, aware UTC.
        fence: called in the transaction of the step; raises where somebody else does the work meanwhile.
    """
    read_at = clock()
    asked = _ASK[run.phase](run, client)
    with transaction.atomic():
        phase, cursor, seen = asked(read_at, clock())
        run.phase, run.cursor = phase, cursor
        run.counts = {**run.counts, **{name: run.counts.get(name, 0) + n for name, n in seen.items()}}
        if phase == "done":
            run.ended_at = clock()
        run.save(update_fields=["phase", "cursor", "counts", "ended_at"])
        fence(run)
    return run.phase != "done"


#: Asks WeCom, and gives what writes the answer and says what comes next.
_Writes = Callable[[datetime, datetime], Step]


def _staff(run: SyncRun, client: WeCom) -> _Writes:
    userids = [one for one in client.customers.staff() if is_id(one)]

    def write(read_at: datetime, now: datetime) -> Step:
        return "tags", {}, {"staff": write_serving(userids, now=now)}

    return write


def _tags(run: SyncRun, client: WeCom) -> _Writes:
    groups = client.tags.groups()

    def write(read_at: datetime, now: datetime) -> Step:
        return "customers", {}, {"tags": write_tags(groups, now=now)}

    return write


def _customers(run: SyncRun, client: WeCom) -> _Writes:
    """Read one page of the customers of up to a hundred staff; the next hundred after its last page."""
    after, page = run.cursor.get("after", ""), run.cursor.get("page", "")
    userids: list[str] = run.cursor.get("userids") or _next_staff(after)
    rows, following = _page(client, userids, page) if userids else ((), "")

    def write(read_at: datetime, now: datetime) -> Step:
        if not userids:
            return "missing", {}, {}
        answers = shown_by_batch(rows)
        write_pairs({}, answers, read_at=read_at, now=now)
        going_on = {"after": after, "userids": userids, "page": following}
        return "customers", going_on if following else {"after": userids[-1]}, {"customers": len(answers.relations)}

    return write


def _next_staff(after: str) -> list[str]:
    serving = Account.objects.filter(is_serving=True, userid__gt=after).order_by("userid")
    return list(serving.values_list("userid", flat=True)[:BATCH_STAFF])


def _page(client: WeCom, userids: list[str], page: str) -> tuple[tuple[Relation, ...], str]:
    try:
        return client.customers.relations_page(userids=userids, cursor=page)
    except ParameterRefused:
        if not page:
            raise
        # The cursor is too old after a long pause: these staff are read from the beginning.
        return client.customers.relations_page(userids=userids)


def _missing(run: SyncRun, client: WeCom) -> _Writes:
    """Ask by name about friendships that no page showed: a page that shifted may have hidden one."""
    unseen = Friendship.objects.filter(is_listed=True, read_at__lt=run.began_at).select_related("account", "contact")
    rows = list(unseen.order_by("pk")[:_MISSING_A_STEP])
    pairs = {(one.account.userid, unseal(one.contact.sealed_card)["external_userid"]) for one in rows}
    answers = answers_about(client, pairs, customers_of={}) if pairs else Answers()

    def write(read_at: datetime, now: datetime) -> Step:
        if not pairs:
            return "groups", {}, {}
        write_pairs({}, answers, read_at=read_at, now=now)
        return "missing", {}, {"missing": len(pairs - set(answers.relations))}

    return write


def _groups(run: SyncRun, client: WeCom) -> _Writes:
    """List all groups first, then read some at a time."""
    if "waiting" not in run.cursor:
        owners = list(Account.objects.order_by("userid").values_list("userid", flat=True))
        listed = {one.chat_id: one.status for one in client.groups.list(owners=owners)} if owners else {}
        return lambda read_at, now: ("groups", {"waiting": sorted(listed.items())}, {})
    waiting = run.cursor["waiting"]
    statuses = {chat_id: status for chat_id, status in waiting[:_GROUPS_A_STEP] if is_id(chat_id)}
    shown = groups_shown(client, statuses)

    def write(read_at: datetime, now: datetime) -> Step:
        write_groups(shown, statuses=statuses, read_at=read_at, now=now)
        rest = waiting[_GROUPS_A_STEP:]
        if rest:
            return "groups", {**run.cursor, "waiting": rest}, {"groups": len(statuses)}
        _end_unseen_groups(run, now=now)
        return "done", {}, {"groups": len(statuses)}

    return write


def _end_unseen_groups(run: SyncRun, *, now: datetime) -> None:
    """Let groups end that the list does not show any more."""
    unseen = Group.objects.filter(dismissed_at=None, read_at__lt=run.began_at)
    chat_ids = list(unseen.values_list("chat_id", flat=True))
    if chat_ids:
        write_groups(dict.fromkeys(chat_ids), read_at=now, now=now)


_ASK: dict[str, Callable[[SyncRun, WeCom], _Writes]] = {
    "staff": _staff,
    "tags": _tags,
    "customers": _customers,
    "missing": _missing,
    "groups": _groups,
}
