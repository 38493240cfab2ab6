"""`yutang policy`: the values, a change tried on the past or on a list, one message asked about."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from tests.channels.conftest import had, make_person
from yutang.channels.policy import Policy
from yutang.cli.main import build

pytestmark = pytest.mark.django_db(transaction=True)

LIST = """receiver,at,channel,intent,content,worth_minor,cost_minor
a,2026-03-09T10:00,sms,service,,100,5
a,2026-03-10T10:00,sms,service,,200,5
a,2026-03-11T10:00,sms,service,,400,5
"""


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["policy", *arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


def words(*arguments: str) -> str:
    result = CliRunner().invoke(build(), ["policy", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_shows_every_value() -> None:
    assert answer("show") == {"version": None, "values": Policy().as_json()}
    assert all(name in words("show").replace("\n", "") for name in ("person_day", "wait_days"))


class TestSimulate:
    def test_plays_a_list_from_another_system(self, tmp_path: Path) -> None:
        file = tmp_path / "sendings.csv"
        file.write_text(LIST, encoding="utf-8")

        found = answer("simulate", "--file", str(file), "--set", "wait_days=0", "--set", "sms_month=1")

        assert found["tried"]["fates"] == {"now": 1, "at": 0, "replace": 0, "refuse": 2}
        assert (found["tried"]["lost_minor"], found["tried"]["saved_minor"]) == (600, 10)
        assert found["present"]["fates"]["now"] == 2
        assert "6.00" in words("simulate", "--file", str(file), "--set", "wait_days=0", "--set", "sms_month=1")

    def test_plays_what_went_out_here(self) -> None:
        someone = make_person(value_days_ago=())
        noon = timezone.now().replace(hour=4, minute=0)
        for days in (9, 8, 7):
            had(someone, noon - timedelta(days=days), "service")
        CliRunner().invoke(build(), ["lake", "sync"])

        found = answer("simulate", "--days", "30", "--set", "person_week=3", "--set", "wecom_week=3")

        assert found["tried"]["fates"] == {"now": 3, "at": 0, "replace": 0, "refuse": 0}
        assert found["present"]["reasons"] == {"person_week": 1}

    def test_refuses_what_cannot_be(self, tmp_path: Path) -> None:
        file = tmp_path / "sendings.csv"
        file.write_text("receiver\n", encoding="utf-8")

        assert answer("simulate", "--set", "person_weak=1", exit_code=2)["error"]["code"] == "policy_value_is_wrong"
        assert answer("simulate", exit_code=2)["error"]["code"] == "figures_are_not_ready"
        assert answer("simulate", "--file", str(file), exit_code=2)["error"]["code"] == "sendings_are_unreadable"


class TestDecide:
    def test_says_what_and_why(self) -> None:
        found = answer("decide", "--customer", str(make_person(yes_to=())))

        assert (found["outcome"], found["reason"], found["at"]) == ("refuse", "consent_missing", None)
        assert found["words"] in words("decide", "--customer", str(make_person(yes_to=())))

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ((), "receiver_is_missing"),
            (("--customer", "1", "--group", "g"), "receiver_is_missing"),
            (("--customer", "999999"), "no_such_customer"),
            (("--group", "g"), "no_such_group"),
            (("--customer", "1", "--channel", "pigeon"), "message_is_unknown"),
        ],
    )
    def test_refuses_what_cannot_be(self, arguments: tuple[str, ...], code: str) -> None:
        assert answer("decide", *arguments, exit_code=2)["error"]["code"] == code
