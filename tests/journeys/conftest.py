"""Playbooks that run, people in them, and a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.channels.conftest import make_person
from tests.conftest import NOW
from yutang.foundation.access import Actor
from yutang.journeys import actions

SYSTEM = Actor.system()
Started = Callable[..., int]


@pytest.fixture
def person(db: None) -> Callable[..., int]:
    """Make a person who can be written to, and return the key."""
    return make_person


@pytest.fixture
def own_lake(settings: Any, tmp_path: Path) -> None:
    """A lake of the test's own, never written: no rule holds of anybody."""
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def started(db: None, own_lake: None) -> Started:
    """Start a playbook with these steps, entered by hand and without a holdout unless told otherwise; return its key."""

    def start(*steps: dict[str, Any], now: datetime = NOW, name: str = "试试", **more: Any) -> int:
        definition = {"format": 1, "trigger": {"kind": "hand"}, "holdout_percent": 0, "steps": list(steps), **more}
        key = actions.create_playbook(actor=SYSTEM, name=name, definition=definition, now=now)
        actions.start_playbook(actor=SYSTEM, playbook_id=key, now=now)
        return key

    return start


def enter(playbook_id: int, *people: int, now: datetime = NOW, occasion: str = "1") -> Any:
    """Let people in by hand."""
    return actions.enrol_people(actor=SYSTEM, playbook_id=playbook_id, customer_ids=people, occasion=occasion, now=now)


def tick(now: datetime = NOW) -> actions.RunReport:
    """Let everything run that is due."""
    return actions.run_playbooks(actor=SYSTEM, now=now)


def message(key: str, intent: str = "value", **more: Any) -> dict[str, Any]:
    """Return a message step."""
    return {"id": key, "do": "message", "channel": "wecom", "intent": intent, "words": f"话术 {key}", **more}


def wait(key: str, **more: Any) -> dict[str, Any]:
    """Return a wait."""
    return {"id": key, "do": "wait", **(more or {"days": 1})}


def make_group(
    chat_id: str,
    *members: int,
    made_days_ago: int = 1,
    store: Any = None,
    name: str = "",
    is_known: bool = True,
    has_code: bool = False,
) -> str:
    """Write a group of customers with its owner, of whom the contact policy knows, and return its key."""
    from yutang.channels.actions import set_group_standing
    from yutang.foundation.models import Staff
    from yutang.wecom.models import Account, Contact, Group, GroupMember, JoinWay

    made = NOW - timedelta(days=made_days_ago)
    staff = Staff.objects.create(username=f"owner-{chat_id}", display_name=f"群主{chat_id}", role="operator")
    if store is not None:
        staff.stores.add(store)
    owner = Account.objects.create(userid=f"u-{chat_id}", staff=staff, seen_at=NOW)
    group = Group.objects.create(chat_id=chat_id, name=name or f"群{chat_id}", owner=owner, made_at=made)
    for person in members:
        digest = person.to_bytes(16, "big")
        contact, _made = Contact.objects.get_or_create(
            digest=digest, defaults={"sealed_card": b"", "customer_id": person, "seen_at": NOW}
        )
        GroupMember.objects.create(group=group, contact=contact, joined_at=made)
    if is_known:
        set_group_standing(actor=SYSTEM, group_key=chat_id, standing="alive", joined_at=made, now=made)
    if has_code:
        JoinWay.objects.create(
            group=group, state_text=f"yg-{chat_id}", state="ready", qr_code=f"https://join.example.com/{chat_id}",
            config_id=chat_id, asked_at=made,
        )  # fmt: skip
    return chat_id


def post(key: str, intent: str = "value", **more: Any) -> dict[str, Any]:
    """Return a post step."""
    return {"id": key, "do": "post", "intent": intent, "words": f"群里说 {key}", **more}
