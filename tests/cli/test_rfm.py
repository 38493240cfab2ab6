"""`yutang rfm` on made-up orders: one JSON object that adds up, words for people, plain refusals."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.commerce import make_ground, make_orders
from yutang.cli.main import build
from yutang.customers.models import Customer
from yutang.foundation.sealing import seal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    make_orders(make_ground(customers=60), seed=2, n=500)
    Customer.objects.update(sealed_profile=seal({"name": "王小明", "phones": [], "accounts": []}))
    answer("lake", "sync")


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


def words(*arguments: str) -> str:
    result = CliRunner().invoke(build(), [*arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


class TestGrid:
    def test_adds_up(self) -> None:
        found = answer("rfm", "grid")

        assert len(found["cells"]) == 25
        assert sum(cell["customers"] for cell in found["cells"]) == found["customers"] > 0
        assert sum(group["customers"] for group in found["cell_groups"]) == found["customers"]
        assert found["rules"]["method"] == "quintiles"
        assert "R5" in words("rfm", "grid")

    def test_is_told_as_of_the_last_day_that_counts(self) -> None:
        found = answer("rfm", "grid", "--as-of", "2024-03-31")

        assert found["as_of"] == "2024-03-31"
        assert found["customers"] <= answer("rfm", "grid")["customers"]

    def test_refuses_a_day_of_which_nothing_is_known(self) -> None:
        assert answer("rfm", "grid", "--as-of", "2019-03-31", exit_code=2)["error"]["code"] == "day_is_not_known"

    def test_of_a_group_that_is_none_is_refused(self) -> None:
        for each in ("grid", "movement", "customers"):
            assert answer("rfm", each, "--group", "nosuch", exit_code=2)["error"]["code"] == "group_is_unknown"


class TestMovement:
    def test_adds_up(self) -> None:
        moved, grid = answer("rfm", "movement", "--as-of", "2024-03-31"), answer("rfm", "grid", "--as-of", "2024-03-31")

        assert (moved["since"], moved["as_of"]) == ("2024-02-29", "2024-03-31")
        assert sum(move["customers"] for move in moved["moves"]) == grid["customers"]
        assert sum(each["customers"] for each in moved["between_groups"]) == grid["customers"]
        newcomers = sum(move["customers"] for move in moved["moves"] if move["from_r"] == 0)
        assert sum(cell["customers"] for cell in moved["net"]) == newcomers
        assert words("rfm", "movement")


class TestCustomers:
    def test_are_those_of_the_cell_page_by_page(self) -> None:
        cell = max(answer("rfm", "grid")["cells"], key=lambda each: each["customers"])
        grades = ("--r", str(cell["r"]), "--f", str(cell["f"]))

        first = answer("rfm", "customers", *grades, "--limit", "2")
        second = answer("rfm", "customers", *grades, "--after", first["next"])

        assert first["count"] == cell["customers"] == len(first["customers"]) + len(second["customers"])
        assert words("rfm", "customers", *grades)

    def test_are_written_to_a_file(self, tmp_path: Path) -> None:
        found = answer("rfm", "customers", "--r", "5", "--out", str(tmp_path / "best.csv"))

        with (tmp_path / "best.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) == found["rows"] + 1 > 1


class TestRules:
    def test_are_changed_and_shown(self) -> None:
        changed = answer("rfm", "rules", "--method", "thresholds", "--spend", "10,20,30,40", "--recency", "7,14,28,56")

        assert changed == answer("rfm", "rules")
        assert (changed["method"], changed["spend_minor"]) == ("thresholds", [1_000, 2_000, 3_000, 4_000])
        assert changed["recency_days"] == [7, 14, 28, 56]
        assert "56" in words("rfm", "rules")

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("--method", "deciles"), "grading_is_unknown"),
            (("--orders", "5,4,3,2"), "thresholds_are_wrong"),
            (("--spend", "1,x,3,4"), "thresholds_are_wrong"),
        ],
    )
    def test_are_refused_where_they_are_wrong(self, arguments: tuple[str, ...], code: str) -> None:
        before = answer("rfm", "rules")

        assert answer("rfm", "rules", *arguments, exit_code=2)["error"]["code"] == code
        assert answer("rfm", "rules") == before
