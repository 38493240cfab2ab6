"""Two playbooks of the demo shop that have been running for weeks, and the orders that one of them brought: made up like all of it."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from yutang.channels.delivery import noting
from yutang.channels.delivery.rounds import claimed_touches
from yutang.channels.models import DeliveryState, Touch
from yutang.content.models import Version
from yutang.customers import actions as people
from yutang.demo.filling import SEED, start_imports
from yutang.experiments.queries import arms_of
from yutang.foundation.access import Actor
from yutang.insight.models import Score
from yutang.journeys import actions, queries
from yutang.journeys.hearing import hear_orders
from yutang.journeys.models import Playbook
from yutang.wecom.queries import friends_of

#: Customers to whom the playbook by short message happened two months ago, and of each later cohort.
_MAIN, _LATER = 2_000, 90
_BEGAN, _WELCOMED = timedelta(days=64), timedelta(days=13)
_LATER_DAYS = (12, 7, 3, 1)
#: Of those who were written to, so many in a hundred order once more within the month; of those held out nobody does because of it.
_MOVED_PERCENT = 12
_ONE_CALL = 1_000
#: Messages arrive after so long; one of so many does not.
_ARRIVES, _LOST_OF = timedelta(minutes=10), 40
_GATEWAY_FAULT = "MK:0001"
#: One of so many new friends says yes to news and offers.
_WILLING_OF = 3
CARE = "老客保养短信"
#: Its messages name contents of the library by title here: a gateway takes no words of one's own.
_CARE: dict[str, Any] = {
    "format": 1,
    "about": "老客两次有用的短信：先是保养方法，一周后问问用得好不好；一个月里回来下单的，打上标签。",
    "trigger": {"kind": "hand"},
    "holdout_percent": 30,
    "exits": [{"kind": "complaint"}],
    "steps": [
        {
            "id": "care",
            "do": "message",
            "title": "保养方法",
            "channel": "sms",
            "intent": "value",
            "content": "针织护理提醒",
        },
        {"id": "a_week", "do": "wait", "days": 7},
        {
            "id": "ask",
            "do": "message",
            "title": "用得好吗",
            "channel": "sms",
            "intent": "service",
            "content": "买后回访短信",
        },
        {
            "id": "order",
            "do": "wait_for",
            "title": "等下一单",
            "happening": "order",
            "at_most_days": 20,
            "then": "back",
            "otherwise": "end",
        },
        {"id": "back", "do": "tag", "title": "记下来", "group": "经营", "tag": "短信后回购"},
    ],
}


def begin_playbooks(*, folder: Path, now: datetime) -> int:
    """Let a playbook have begun two months ago, ask for the import of what it brought, and return how many people are in it.

    It is paused until those orders are known, so that who waits for one is not sent away before.

    Args:
        folder: where the file of orders is written.
        now: aware UTC.
    """
    began = last_morning(now) - _BEGAN
    main = known_buyers()[:_MAIN]
    numbers = agreed(main, now=began)
    reached = [key for key in main if key in numbers]
    care = _begun(CARE, {**_CARE, "steps": _with_references(_CARE["steps"])}, now=began)
    _enrol(care, reached, "main", began)
    _play([began + timedelta(days=days) for days in (0, 7, 8)])
    actions.pause_playbook(actor=Actor.system(), playbook_id=care, now=began + timedelta(days=8))
    _bring_orders(folder, care, reached, numbers, began=began, now=now)
    return len(reached)


def go_on_with_playbooks(*, now: datetime) -> dict[str, int]:
    """Let it go on until now, with people who came later, beside a second one for new friends; return who is in each."""
    system, morning = Actor.system(), last_morning(now)
    care = Playbook.objects.get(name=CARE).pk
    welcome = actions.adopt_playbook(actor=system, ready="welcome", language="zh-hans", now=morning - _WELCOMED)
    actions.resume_playbook(actor=system, playbook_id=care, now=morning - _BEGAN + timedelta(days=8))
    for days in (20, 29):
        hear_orders(now=morning - _BEGAN + timedelta(days=days))
        _play([morning - _BEGAN + timedelta(days=days)])
    rest = known_buyers()[_MAIN : _MAIN + _LATER * len(_LATER_DAYS)]
    numbers = agreed(rest, now=morning - _BEGAN)
    for n, days in enumerate(_LATER_DAYS):
        some = [key for key in rest[n * _LATER : (n + 1) * _LATER] if key in numbers]
        _enrol(care, some, f"later {days}", morning - timedelta(days=days))
        _play([morning - timedelta(days=days)])
    _let_friends_in(welcome, morning=morning)
    return {
        "care": queries.playbook(access=system, playbook_id=care).counts.inside,
        "welcome": queries.playbook(access=system, playbook_id=welcome).counts.inside,
    }


def is_begun() -> bool:
    """Return whether the first of the playbooks is there, and waits for its orders."""
    return Playbook.objects.filter(name=CARE, state="paused").exists()


def known_buyers() -> list[int]:
    """Return everybody who bought something, by key."""
    return list(Score.objects.filter(orders__gte=1).order_by("customer_id").values_list("customer_id", flat=True))


def last_morning(now: datetime) -> datetime:
    """Return the last ten o'clock in the morning by the organisation's clock: messages go out then. Aware UTC."""
    today = timezone.localtime(now).replace(hour=10, minute=0, second=0, microsecond=0)
    return (today if today <= now else today - timedelta(days=1)).astimezone(UTC)


def _with_references(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return steps that name contents of the library by reference instead of by title."""
    titles = [step["content"] for step in steps if "content" in step]
    approved = Version.objects.filter(content__title__in=titles, state="approved").exclude(sms_template="")
    newest = {row.content.title: row for row in approved.select_related("content").order_by("number")}
    references = {title: f"content:{row.content_id}:{row.number}" for title, row in newest.items()}
    return [{**step, "content": references[step["content"]]} if "content" in step else step for step in steps]


def _begun(name: str, definition: dict[str, Any], *, now: datetime) -> int:
    system = Actor.system()
    key = actions.create_playbook(actor=system, name=name, definition=definition, now=now)
    actions.start_playbook(actor=system, playbook_id=key, now=now)
    return key


def agreed(customer_ids: Sequence[int], *, now: datetime) -> dict[int, str]:
    """Let people who have a number agree to short messages, and return their numbers."""
    system, numbers = Actor.system(), {}
    for one in people.unmask_customers(
        actor=system, customer_ids=customer_ids, reason="request: playbooks of the demo shop", now=now
    ):
        if one.phones and "*" not in one.phones[0]:
            numbers[one.id] = one.phones[0].removeprefix("+86")
            told = {"purpose": "service", "channel": "sms", "wording_version": "demo", "evidence": "演示数据"}
            people.record_consent(actor=system, customer_id=one.id, occurred_at=now, now=now, **told)
    return numbers


def _enrol(playbook_id: int, customer_ids: Sequence[int], occasion: str, now: datetime) -> None:
    if customer_ids:
        actions.enrol_people(
            actor=Actor.system(), playbook_id=playbook_id, customer_ids=customer_ids, occasion=occasion, now=now
        )


def _play(instants: Sequence[datetime]) -> None:
    """Let everything run at some instants of the past, let out what was due then, and write down what became of it."""
    system = Actor.system()
    for at in instants:
        actions.run_playbooks(actor=system, now=at)
        due = Touch.objects.filter(state="planned", at__lte=at, campaign__startswith="playbook:").order_by("at", "pk")
        keys = list(due.values_list("key", flat=True))
        for start in range(0, len(keys), _ONE_CALL):
            with transaction.atomic():
                _decided, some = claimed_touches(system, keys[start : start + _ONE_CALL], secrets.token_hex(16), now=at)
                _arrive(some, at=at)


def _arrive(touches: Sequence[Touch], *, at: datetime) -> None:
    """Let messages have come to an end as in life: nearly all arrive, some are refused by the gateway or by WeCom's limit."""
    lost = {one.pk for n, one in enumerate(touches, 1) if n % _LOST_OF == 0}
    by_text = {one.pk for one in touches if one.channel == "sms"}
    everybody = {one.pk for one in touches}
    ends = (
        (everybody - lost, DeliveryState.DELIVERED, ""),
        (lost & by_text, DeliveryState.FAILED, _GATEWAY_FAULT),
        (lost - by_text, DeliveryState.QUOTA_REFUSED, ""),
    )
    noting.move(everybody, to=DeliveryState.HANDING, now=at)
    for keys, end, fault in ends:
        noting.move(keys, to=end, fault=fault, now=at + _ARRIVES)


def _let_friends_in(welcome: int, *, morning: datetime) -> None:
    """Let friends of the staff have come into the welcome on several days, and some of them have agreed to news."""
    actions.start_playbook(actor=Actor.system(), playbook_id=welcome, now=morning - _WELCOMED)
    everybody = list(Score.objects.order_by("customer_id").values_list("customer_id", flat=True))
    friends = sorted(friends_of(customer_ids=everybody))
    for person in friends[::_WILLING_OF]:
        told = {"purpose": "promotion", "channel": "wecom", "wording_version": "demo", "evidence": "演示数据"}
        people.record_consent(actor=Actor.system(), customer_id=person, occurred_at=morning, now=morning, **told)
    share = -(-len(friends) // len(_LATER_DAYS))
    for n, days in enumerate(_LATER_DAYS):
        at = morning - timedelta(days=days)
        _enrol(welcome, friends[n * share : (n + 1) * share], f"{days}", at)
        _play([at, at + timedelta(days=3)] if days > 3 else [at])


def _bring_orders(
    folder: Path,
    playbook_id: int,
    customer_ids: Sequence[int],
    numbers: dict[int, str],
    *,
    began: datetime,
    now: datetime,
) -> None:
    """Write orders of some who were written to as a file of the till, and ask for its import."""
    dice = np.random.default_rng(SEED)
    key = queries.experiment_key(playbook_id)
    arms = arms_of(access=Actor.system(), key=key, customer_ids=customer_ids).tolist()
    moved = [
        person
        for person, arm in zip(customer_ids, arms, strict=True)
        if arm == 1 and dice.random() < _MOVED_PERCENT / 100
    ]
    path = folder / "回购订单.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["订单号", "下单时间", "手机号", "实付金额"])
        for n, person in enumerate(moved):
            at = began + timedelta(days=int(dice.integers(2, 29)), hours=int(dice.integers(0, 9)))
            rows.writerow([f"HG{n:05}", f"{at:%Y-%m-%d %H:%M}", numbers[person], f"{int(dice.integers(60, 421))}.00"])
    start_imports([path], now=now)
