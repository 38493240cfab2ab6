"""Join ways: asked for where somebody is to be led into a group."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.wecom.connecting import present_app
from yutang.wecom.models import Group, JoinWay, WayState

#: What WeCom refused is asked for again after so long.
_AGAIN = timedelta(days=1)


@transaction.atomic
def ask_for_join_ways(*, actor: Actor, chat_ids: Collection[str], now: datetime) -> int:
    """Let WeCom make the codes of living groups that have none, and return how many are being made anew.

    Args:
        actor: needs ``channels.send``.
        chat_ids: of the groups.
        now: when. Aware UTC.
    """
    from yutang.wecom.tasks import make_join_way

    actor.require("channels.send")
    if not chat_ids or present_app() is None:
        return 0
    groups = Group.objects.filter(chat_id__in=list(chat_ids), dismissed_at=None)
    JoinWay.objects.bulk_create(
        [
            JoinWay(group=one, state_text=f"yg-{secrets.token_hex(8)}", asked_at=now)
            for one in groups.filter(join_way=None)
        ],
        ignore_conflicts=True,
    )
    wanted = JoinWay.objects.filter(group__in=groups)
    wanted.filter(state=WayState.FAILED, asked_at__lte=now - _AGAIN).update(
        state=WayState.ASKED, asked_at=now, error=""
    )
    keys = list(wanted.filter(state=WayState.ASKED, asked_at=now).values_list("pk", flat=True))
    for key in keys:
        jobs.enqueue(make_join_way, {"way_id": key}, now=now)
    return len(keys)
