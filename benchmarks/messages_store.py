"""Messages of a large made-up store for `bench_screens`: campaigns whose messages share one instant, tasks, replies, groups, places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np

#: Messages a person.
EACH = 3
CAMPAIGNS = 12
GROUPS = 4_400
REPLIES_RATIO = 0.02
_BLOCK = 50_000
#: What became of messages: (state of the message, state of its delivery, share). The rest was delivered.
_FATES = (
    ("planned", None, 0.01),
    ("refused", None, 0.02),
    ("failed", "failed", 0.01),
    ("failed", "not_a_friend", 0.01),
    ("failed", "quota_refused", 0.0001),
    ("sent", "notified", 0.02),
    ("sent", "unknown", 0.0001),
)
_INTENTS = ("value", "service", "promotion", "research")


class Messages:
    """Writes the messages of a store whose people and stores are there already."""

    def __init__(self, *, customers: int, store_of: Any, now: datetime, dice: Any) -> None:
        self.customers, self.store_of, self.now, self.dice = customers, store_of, now, dice
        self.stores = int(store_of.max())

    def fill(self) -> None:
        """Fill everything."""
        self._places()
        self._tasks()
        self._touches()
        self._deliveries()
        self._replies()
        self._quota()

    def began_at(self, campaign: int) -> datetime:
        """Return the instant at which all messages of a campaign went out."""
        return self.now - timedelta(days=1 + (CAMPAIGNS - 1 - campaign) * 30)

    def _places(self) -> None:
        from yutang.channels.models import Campaign, GroupStanding
        from yutang.foundation.models import Staff
        from yutang.wecom.models import Account, Group

        own = dict(Staff.objects.filter(username__startswith="m", role="store_manager").values_list("username", "pk"))
        Account.objects.bulk_create(
            Account(pk=i, userid=f"m{i}", staff_id=own[f"m{i}"], seen_at=self.now) for i in range(1, self.stores + 1)
        )
        Group.objects.bulk_create(
            Group(chat_id=f"wr{i}", name=f"{i}号群", owner_id=i % self.stores + 1, made_at=self.now)
            for i in range(1, GROUPS + 1)
        )
        GroupStanding.objects.bulk_create(
            GroupStanding(
                group_key=f"wr{i}", joined_at=self.now, time_zone="Asia/Shanghai", since=self.now,
                standing="fatigued" if i % 9 == 0 else "alive",
            )
            for i in range(1, GROUPS + 1)
        )  # fmt: skip
        Campaign.objects.bulk_create(
            Campaign(
                key=f"c{i}", name=f"活动{i}", channel="wecom", intent=_INTENTS[i % 4], words={"text": "您好"}, audience={},
                state="running", made_at=self.now, changed_at=self.now,
            )
            for i in range(CAMPAIGNS)
        )  # fmt: skip

    def _tasks(self) -> None:
        from yutang.channels.models import MassTask

        MassTask.objects.bulk_create(
            MassTask(
                pk=self._task(campaign, store), msgid=f"{campaign}-{store}", channel="wecom", campaign=f"c{campaign}",
                content=f"campaign:{campaign + 1}:1", sender=f"m{store}", size=5_000, words_digest="x",
                state="open" if campaign == CAMPAIGNS - 1 else "ended", handed_at=self.began_at(campaign),
                until=self.began_at(campaign) + timedelta(days=2), next_at=self.now,
                confirmed_at=None if campaign == CAMPAIGNS - 1 else self.began_at(campaign),
            )
            for campaign in range(CAMPAIGNS)
            for store in range(1, self.stores + 1)
        )  # fmt: skip

    def _task(self, campaign: int, store: int) -> int:
        return campaign * self.stores + store

    def _blocks(self) -> Iterator[tuple[Any, Any, Any, Any]]:
        """Yield keys, people, campaigns and places among the fates of messages."""
        total = self.customers * EACH
        edges = np.cumsum([share for _state, _delivery, share in _FATES])
        for start in range(0, total, _BLOCK):
            ids = np.arange(start + 1, min(start + _BLOCK, total) + 1)
            who = (self.dice.uniform("messaged", ids) * self.customers).astype(np.int64) + 1
            yield ids, who, (ids - 1) * CAMPAIGNS // total, np.searchsorted(edges, self.dice.uniform("fate", ids))

    def _touches(self) -> None:
        from yutang.foundation.bulk import db_instant, insert_rows

        columns = (
            "id", "key", "customer_id", "group_key", "campaign", "channel", "intent", "content", "state", "wanted_at", "at",
            "business_date", "latest", "expected_minor", "slot", "changed_at",
        )  # fmt: skip
        began = [self.began_at(campaign) for campaign in range(CAMPAIGNS)]
        instants = [db_instant(one) for one in began]
        later = db_instant(self.now + timedelta(days=1))

        def rows(block: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
            for i, one, campaign, fate in zip(*(part.tolist() for part in block), strict=True):
                state = _FATES[fate][0] if fate < len(_FATES) else "sent"
                at, day = instants[campaign], began[campaign].date().isoformat()
                channel = ("wecom", "wecom", "wecom", "sms", "email")[i % 5]
                yield (
                    i, f"c{campaign}:{i}", one, "", f"c{campaign}", channel, _INTENTS[campaign % 4],
                    f"campaign:{campaign + 1}:1", state, at, later if state == "planned" else at, day, None, 0, "", at,
                )  # fmt: skip

        for block in self._blocks():
            insert_rows("channels_touch", columns, rows(block))
        posts = (
            (
                self.customers * EACH + i, f"post:{i}", None, f"wr{i % GROUPS + 1}", "c1", "group", "value", "campaign:2:1", "sent",
                at, at, began[i % CAMPAIGNS].date().isoformat(), None, 0, "", at,
            )
            for i in range(1, GROUPS * 50)
            for at in (instants[i % CAMPAIGNS],)
        )  # fmt: skip
        insert_rows("channels_touch", columns, posts)

    def _deliveries(self) -> None:
        from yutang.foundation.bulk import db_instant, insert_rows

        columns = (
            "touch_id", "state", "state_at", "out_id", "reference", "target", "task_id", "lease_token", "lease_until",
            "fell_back", "fault",
        )  # fmt: skip
        instants = [db_instant(self.began_at(campaign)) for campaign in range(CAMPAIGNS)]

        def rows(block: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
            for i, one, campaign, fate in zip(*(part.tolist() for part in block), strict=True):
                state = _FATES[fate][1] if fate < len(_FATES) else "delivered"
                if state is None:
                    continue
                task = self._task(campaign, int(self.store_of[one - 1])) if i % 5 < 3 else None
                yield i, state, instants[campaign], f"{i:032x}", "", None, task, "", None, False, ""

        for block in self._blocks():
            insert_rows("channels_delivery", columns, rows(block))

    def _replies(self) -> None:
        from yutang.foundation.bulk import db_instant, insert_rows
        from yutang.foundation.sealing import seal

        words = seal({"text": "还有货吗？", "phone": "+8619900000001"})
        columns = (
            "digest",
            "channel",
            "customer_id",
            "sealed_text",
            "is_opt_out",
            "sent_at",
            "received_at",
            "answered_at",
        )
        rows = (
            (i.to_bytes(16), "sms", i * 37 % self.customers + 1, words, i % 7 == 0, at, at, None if i % 50 == 1 else at)
            for i in range(int(self.customers * REPLIES_RATIO))
            for at in (db_instant(self.now - timedelta(minutes=i * 11)),)
        )
        insert_rows("channels_reply", columns, rows)

    def _quota(self) -> None:
        from yutang.channels.policy import Policy
        from yutang.channels.slots import slot_at
        from yutang.foundation.bulk import insert_rows

        slot = slot_at(channel="wecom", policy=Policy(), moment=self.now)
        assert slot is not None
        people = range(1, self.customers // 3)
        insert_rows(
            "channels_quotause", ("customer_id", "group_key", "slot", "used"), ((i, "", slot.name, 1) for i in people)
        )
