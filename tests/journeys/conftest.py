"""Playbooks that run, people in them, and a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
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
