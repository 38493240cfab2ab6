"""Two campaigns of the demo shop: one by short message that some answered, one in WeCom that runs; made up like all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import urllib3
from django.db import transaction

from yutang.channels.actions.campaigns import CampaignWish, draft_campaign, plan_running, start_campaign
from yutang.channels.actions.comebacks import receive_receipts, receive_replies
from yutang.channels.delivery.books import wecom_book
from yutang.channels.delivery.mass import create_round
from yutang.channels.delivery.rounds import send_round
from yutang.channels.delivery.senders import Handed, Outgoing
from yutang.channels.models import Campaign, MassTask
from yutang.connectors.sms.messages import Receipt, Reply
from yutang.content.models import Version
from yutang.customers.actions import record_consent, unmask_customers
from yutang.demo.playing import agreed, known_buyers, last_morning
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import sync_lake
from yutang.wecom.queries import sandbox_page

TEXTS, LIVE = "老客护理提醒（短信）", "换季收纳周（企业微信）"
_SENT, _PEOPLE = timedelta(days=5), 240
_TEXT = "换季了，毛衫平放不挂，羊绒穿三天歇两天。护理有疑问，直接回复就好。拒收请回复R"
#: What some write back, and after how many hours; the last wants no more.
_REPLIES = (("收到，正好要洗羊绒衫，谢谢", 1), ("周末来店里，能帮我看看那件大衣吗", 3), ("退订", 5))
#: One of so many does not arrive.
_LOST_OF = 40
#: Of those who are asked to confirm, so many have not yet.
_WAITING = 2
#: Content of the library that the second says.
_CONTENT = "换季收纳三步"
_SECONDS = 10.0


def is_shown() -> bool:
    """Return whether the campaigns are there."""
    return Campaign.objects.filter(name__in=(TEXTS, LIVE)).exists()


def show_campaigns(*, now: datetime) -> dict[str, int]:
    """Let one campaign have gone out five days ago, and one run since this morning; return messages that went out by each."""
    texts = _send_texts(at=last_morning(now) - _SENT)
    live = _begin_in_wecom(at=last_morning(now))
    # What was written down as of a past instant is no late change: whoever asks of many people at once finds it in the lake alone.
    sync_lake(now=now)
    return {"texts": texts, "wecom": live}


class _Gateway:
    """A gateway that takes everything and sends nothing."""

    channel = "sms"

    def __init__(self) -> None:
        self.phones: dict[str, str] = {}

    def send(self, messages: Sequence[Outgoing]) -> list[Handed]:
        """Take short messages."""
        self.phones |= {one.out_id: one.address for one in messages}
        return [Handed(one.out_id, "taken", reference=f"demo-{one.out_id}") for one in messages]


def _send_texts(*, at: datetime) -> int:
    people = known_buyers()[:_PEOPLE]
    agreed(people, now=at - timedelta(days=1))
    _agreed_to_more(people, now=at - timedelta(days=1))
    words = {"text": _TEXT, "template": "SMS_DEMO", "values": {}}
    _begun(CampaignWish(TEXTS, "sms", "value", {"people": people}, words=words), at=at)
    gateway = _Gateway()
    while send_round(sender=gateway, clock=lambda: at).decided:
        pass
    system, later = Actor.system(), at + timedelta(minutes=1)
    receipts = [
        Receipt(f"demo-{key}", key, phone, bool(n % _LOST_OF), "DELIVERED" if n % _LOST_OF else "MK:0001", later)
        for n, (key, phone) in enumerate(gateway.phones.items(), 1)
    ]
    receive_receipts(actor=system, receipts=receipts, now=later)
    for (text, hours), phone in zip(_REPLIES, gateway.phones.values(), strict=False):
        sent_at = at + timedelta(hours=hours)
        reply = Reply(phone, text, sent_at, "", "", f"demo-reply-{hours}")
        receive_replies(actor=system, source="aliyun", replies=[reply], now=sent_at)
    return len(gateway.phones)


def _agreed_to_more(customer_ids: Sequence[int], *, now: datetime) -> None:
    """Let people agree to offers by short message and to e-mail, so that campaigns of one's own reach somebody in the sandbox."""
    system = Actor.system()
    reason = "request: campaigns of the demo shop"
    for one in unmask_customers(actor=system, customer_ids=customer_ids, reason=reason, now=now):
        ways = [("promotion", "sms")] if one.phones else []
        ways += [("service", "email"), ("promotion", "email")] if one.emails else []
        for purpose, channel in ways:
            told = {"purpose": purpose, "channel": channel, "wording_version": "demo", "evidence": "演示数据"}
            record_consent(actor=system, customer_id=one.id, occurred_at=now, now=now, **told)


def _begin_in_wecom(*, at: datetime) -> int:
    """Give the sandbox its tasks, and let all but some of the staff confirm; nothing where no sandbox is connected."""
    book, page = wecom_book(), sandbox_page()
    version = Version.objects.filter(content__title=_CONTENT, state="approved").order_by("-number").first()
    if book is None or not page or version is None:
        return 0
    friends = sorted(book.everybody_befriended())
    content = f"content:{version.content_id}:{version.number}"
    key = _begun(CampaignWish(LIVE, "wecom", "value", {"people": friends}, content=content), at=at)
    while create_round(book=book, clock=lambda: at).decided:
        pass
    tasks = list(MassTask.objects.filter(campaign=key).exclude(msgid="").order_by("-size", "pk"))
    for task in tasks[:-_WAITING]:
        _order(page, "member/confirm", {"msgid": task.msgid, "userid": task.sender})
    return sum(task.size for task in tasks)


def _begun(wish: CampaignWish, *, at: datetime) -> str:
    """Plan a campaign as of an instant of the past, and return its key; in one transaction, so that no worker plans it now."""
    system = Actor.system()
    with transaction.atomic():
        campaign_id = draft_campaign(actor=system, wish=wish, now=at)
        start_campaign(actor=system, campaign_id=campaign_id, now=at)
        plan_running(actor=system, now=at)
    return Campaign.objects.get(pk=campaign_id).key


def _order(page: str, path: str, told: Mapping[str, Any]) -> None:
    """Let somebody of the sandbox do something, as on its page."""
    body = orjson.dumps(told)
    urllib3.request("POST", f"{page}_sim/{path}", body=body, timeout=_SECONDS, retries=False)
