"""`yutang review` on made-up orders: one JSON object that adds up, words for people, plain refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.commerce import make_ground, make_orders
from yutang.cli.main import build

pytestmark = pytest.mark.django_db(transaction=True)

SPRING = ("--from", "2024-02-01", "--to", "2024-03-01")


@pytest.fixture(autouse=True)
def _shop(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    make_orders(make_ground(customers=60), seed=2, n=500)
    answer("lake", "sync")


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


def words(*arguments: str) -> str:
    result = CliRunner().invoke(build(), [*arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


class TestSales:
    @pytest.mark.parametrize("by", ["all", "store", "region", "channel", "staff", "product", "category"])
    def test_adds_up(self, by: str) -> None:
        found = answer("review", "sales", *SPRING, "--by", by)

        assert found["period"] == {"from": "2024-02-01", "to": "2024-03-01"}
        assert found["against"] == {"from": "2024-01-03", "to": "2024-02-01"}
        assert found["difference_minor"] == found["sales_minor"] - found["sales_before_minor"] != 0
        assert sum(found["parts"].values()) == found["difference_minor"]
        assert sum(group["difference_minor"] for group in found["groups"]) == found["difference_minor"]
        for group in found["groups"]:
            assert sum(group["parts"].values()) == group["difference_minor"]

    def test_compares_with_any_other_days(self) -> None:
        assert answer("review", "sales", *SPRING, "--against", "year")["against"]["from"] == "2023-02-02"
        other = answer("review", "sales", *SPRING, "--against", "2023-11-01/2023-11-11", "--method", "lmdi")
        assert other["against"] == {"from": "2023-11-01", "to": "2023-11-11"}
        assert other["method"] == "lmdi"

    def test_ends_with_the_last_sale_where_nothing_is_asked(self) -> None:
        found = answer("review", "sales")

        assert found["period"]["to"] > found["known_until"]

    def test_narrows_to_stores(self) -> None:
        one = answer("review", "sales", *SPRING, "--store", "S1")

        assert [group["name"] for group in one["groups"]] == ["Store 1"]

    def test_says_it_in_words(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_LANG", "zh")

        said = words("review", "sales", *SPRING)

        assert said.startswith(("销售额增加", "销售额减少"))
        assert "%(" not in said

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (["--against", "lately"], "period_is_unreadable"),
            (["--against", "2024-02-10/2024-03-10"], "periods_cannot_be_compared"),
            (["--by", "weather"], "unknown_breakdown"),
            (["--formula", "luck"], "unknown_breakdown"),
            (["--method", "luck"], "unknown_breakdown"),
            (["--store", "nowhere"], "no_such_store"),
        ],
    )
    def test_refuses_plainly(self, arguments: list[str], code: str) -> None:
        assert answer("review", "sales", *SPRING, *arguments, exit_code=2)["error"]["code"] == code


class TestBehind:
    def test_names_the_customers_of_a_group_page_by_page(self) -> None:
        groups = answer("review", "sales", *SPRING, "--by", "store")["groups"]
        key = next(group["key"] for group in groups if group["parts"].get("buyers"))
        asked = ("review", "behind", "buyers", *SPRING, "--by", "store", "--group", key)

        whole = answer(*asked, "--limit", "1000")
        first = answer(*asked, "--limit", "3")
        second = answer(*asked, "--limit", "3", "--after", first["next"])

        assert whole["count"] == len(whole["customers"]) > 3
        assert first["customers"] + second["customers"] == whole["customers"][: 3 + len(second["customers"])]
        assert sum(one["difference_minor"] for one in whole["customers"]) == whole["difference_minor"]

    def test_refuses_an_unknown_part(self) -> None:
        assert answer("review", "behind", "luck", *SPRING, exit_code=2)["error"]["code"] == "unknown_breakdown"


class TestTheOthers:
    def test_traffic_counts_every_order_once(self) -> None:
        found = answer("review", "traffic", *SPRING)

        assert sum(each["orders"] for each in found["channels"]) == found["total"]["orders"] > 0
        assert found["total"]["cost_minor"] is None

    def test_cohorts_count_every_customer_once(self) -> None:
        found = answer("review", "cohorts", "--by", "store")

        assert sum(group["customers"] for group in found["groups"]) == found["customers"] > 0
        assert found["waiting"]

    def test_next_says_so_where_nothing_is_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_LANG", "en")

        assert answer("review", "next") == {"pairs": []}
        assert "Nothing can be said of what is bought next" in words("review", "next")
