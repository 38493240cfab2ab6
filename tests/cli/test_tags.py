from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.customers.rows import NOW, resolve
from yutang.cli.main import build
from yutang.customers import actions
from yutang.customers.models import Tag, TagGroup
from yutang.foundation.access import Actor

pytestmark = pytest.mark.django_db(transaction=True)


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


class TestTags:
    def test_are_made_by_rule_and_listed(self) -> None:
        conditions = ("--when", "stage=asleep,lost", "--when", "spend>=5000.5", "--when", "orders<=9")

        made = answer("tags", "create", "经营", "沉睡大客户", *conditions)
        listed = answer("tags", "list")["groups"]

        assert made["rule"] == {
            "all": [
                {"field": "stage", "is": "in", "value": ["asleep", "lost"]},
                {"field": "spend_minor", "is": "at_least", "value": 500_050},
                {"field": "orders", "is": "at_most", "value": 9},
            ]
        }
        assert [(group["name"], [tag["name"] for tag in group["tags"]]) for group in listed] == [
            ("经营", ["沉睡大客户"])
        ]

    def test_end_after_days_and_say_how_many_carry_them(self) -> None:
        (one,) = resolve({"member_no": "17850"})
        tag_id = answer("tags", "create", "活动", "双十一", "--days", "30")["id"]
        actions.give_tag(actor=Actor.system(), tag_id=tag_id, customer_ids=[one or 0], now=NOW)

        tag = answer("tags", "list")["groups"][0]["tags"][0]

        assert (tag["expires_after_days"], tag["people"]) == (30, 1)

    def test_are_changed(self) -> None:
        tag_id = str(answer("tags", "create", "经营", "老客", "--days", "9")["id"])

        renamed = answer("tags", "change", tag_id, "--name", "常客")
        by_rule = answer("tags", "change", tag_id, "--when", "days_since_last_order<=90")
        by_hand = answer("tags", "change", tag_id, "--by-hand")
        answer("tags", "rename-group", str(TagGroup.objects.get().pk), "客户经营")

        assert (renamed["name"], renamed["expires_after_days"]) == ("常客", 9)
        assert (by_rule["expires_after_days"], len(by_rule["rule"]["all"])) == (None, 1)
        assert (by_hand["rule"], by_hand["name"]) == (None, "常客")
        assert TagGroup.objects.get().name == "客户经营"

    @pytest.mark.parametrize(
        "condition", ["", "stage=sleepy", "spend>1000", "spend>=x", "orders>=-1", "age>=3", "=new"]
    )
    def test_refuse_a_condition_that_is_none_and_leave_nothing(self, condition: str) -> None:
        refused = answer("tags", "create", "经营", "老客", "--when", condition, exit_code=2)

        assert refused["error"]["code"] == "condition_is_unreadable"
        assert not TagGroup.objects.exists()

    def test_refuse_what_makes_no_sense(self) -> None:
        tag_id = str(answer("tags", "create", "经营", "老客", "--when", "orders>=3")["id"])

        codes = [
            answer(*arguments, exit_code=2)["error"]["code"]
            for arguments in (
                ("tags", "create", "新组", "长" * 61),
                ("tags", "create", "经营", "老客"),
                ("tags", "change", tag_id),
                ("tags", "change", tag_id, "--days", "3"),
                ("tags", "change", "99", "--name", "x"),
            )
        ]

        assert codes == [
            "tag_name_is_wrong",
            "tag_name_is_wrong",
            "nothing_to_change",
            "expiry_is_wrong",
            "no_such_tag",
        ]
        assert (TagGroup.objects.count(), Tag.objects.count()) == (1, 1)

    def test_speak_to_a_person(self) -> None:
        answer("tags", "create", "经营", "老客[重要]", "--when", "orders>=3")

        result = CliRunner().invoke(build(), ["tags", "list"], env={"COLUMNS": "160"})

        assert result.exit_code == 0
        assert "老客[重要]" in result.output
        assert "订单不少于 3 笔" in result.output
