from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.channels.conftest import make_person
from yutang.cli.main import build
from yutang.customers.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["playbooks", *arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


def test_are_taken_checked_tried_and_run() -> None:
    made = answer("add", "--ready", "first_order_call")
    checked = answer("validate", "first_order_call")
    tried = answer("try", str(made["playbook_id"]))
    started = answer("start", "first_order_call")
    answer("pause", "first_order_call")
    (listed,) = answer("list")["playbooks"]
    answer("resume", "first_order_call")
    stopped = answer("stop", "first_order_call")

    assert len(answer("ready")["ready"]) == 12
    assert checked == {"valid": True, "steps": 4}
    assert (tried["basis"], tried["calendar"]) == ("days", [])
    assert (started["version"], listed["state"], stopped["people"]) == (1, "paused", 0)


def test_a_ready_one_is_tried_before_it_is_taken_with_what_is_asked_and_why(
    settings: Any,
) -> None:
    settings.LANGUAGE_CODE = "zh-hans"
    people = [make_person() for _ in range(3)]
    Customer.objects.filter(pk__in=people).update(first_seen_at=datetime.now(UTC) - timedelta(days=2))

    tried = answer("try", "welcome")
    said = CliRunner().invoke(build(), ["playbooks", "try", "welcome"]).output

    assert tried["left"][0] == {"asked": "trigger", "count": 3, "rule": None}
    assert (tried["people"], tried["said_to"]) == (3, 3 - tried["held"])
    assert {one["title"] for one in tried["calendar"]} >= {"问候", "有用内容一"}
    assert tried["reasons"]
    assert "问候" in said
    assert "逐个条件还剩多少" in said
    assert "为什么不是马上" in said
    assert answer("start", "welcome", exit_code=2)["error"]["code"] == "playbook_is_not_taken"
    assert answer("try", "nothing", exit_code=2)["error"]["code"] == "no_such_playbook"


def test_a_file_is_refused_with_its_place(tmp_path: Path) -> None:
    broken, wrong = tmp_path / "broken.json", tmp_path / "wrong.json"
    broken.write_text("{")
    wrong.write_text(json.dumps({"format": 1, "trigger": {"kind": "hand"}, "steps": [{"id": "a", "do": "wait"}]}))

    assert answer("validate", str(broken), exit_code=2)["error"]["code"] == "playbook_cannot_be_read"
    assert answer("add", "--file", str(wrong), exit_code=2)["error"]["code"] == "playbook_definition_is_wrong"
    assert answer("start", "nothing", exit_code=2)["error"]["code"] == "no_such_playbook"
