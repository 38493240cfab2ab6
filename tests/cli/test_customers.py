from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.customers.rows import phone, resolve
from yutang.cli.main import build

pytestmark = pytest.mark.django_db(transaction=True)


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


class TestCustomers:
    def test_are_counted_found_and_shown_masked(self) -> None:
        one, _ = resolve({"name": "张三", "phone": phone(1), "member_no": "17850"}, {"name": "李四", "phone": phone(1)})

        assert answer("customers", "count") == {"customers": 2, "review": 1}
        assert [row["name"] for row in answer("customers", "find", "张三")["customers"]] == ["张*"]
        shown = answer("customers", "show", str(one))
        assert {i["kind"]: i["value"] for i in shown["identifiers"]} == {"member_no": "1***0", "phone": "199****0001"}

    def test_that_do_not_exist_are_refused(self) -> None:
        assert answer("customers", "show", "7", exit_code=2)["error"]["code"] == "no_such_customer"

    def test_speak_to_a_person(self) -> None:
        one, _ = resolve({"name": "张三", "phone": phone(1)}, {"phone": phone(2)})

        for arguments in (["count"], ["show", str(one)], ["find", "张"], ["find", "nobody@example.com"]):
            result = CliRunner().invoke(build(), ["customers", *arguments])
            assert (result.exit_code, bool(result.output.strip())) == (0, True)
