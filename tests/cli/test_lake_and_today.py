from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.support.commerce import make_ground, make_orders
from yutang.cli.lake import _show_sql
from yutang.cli.main import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


class TestLake:
    def test_syncs_and_tells_what_it_holds(self) -> None:
        make_orders(make_ground(), seed=1, n=30)

        synced = answer("lake", "sync")
        again = answer("lake", "sync")
        status = answer("lake", "status")
        rebuilt = answer("lake", "rebuild")

        assert {each["table"]: each["rows"] for each in synced["tables"]}["orders_order"] == 30
        assert again["tables"] == []
        assert (status["version"], status["waiting"]) == (synced["version"], 0)
        assert len(rebuilt["tables"]) == len(synced["tables"])


class TestWords:
    """What a person reads, on a narrow pipe."""

    @pytest.fixture(autouse=True)
    def _narrow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setenv("YUTANG_LANG", "zh")

    def said(self, *arguments: str) -> str:
        result = CliRunner().invoke(build(), list(arguments))
        assert result.exit_code == 0, result.output
        return result.stdout

    def test_sql_is_printed_whole(self) -> None:
        shown = answer("sql", "insight.rfm", "--steps")
        lines = [line for step in shown["steps"] for line in step["sql"].splitlines()]

        printed = self.said("sql", "insight.rfm", "--steps").splitlines()

        assert max(len(line) for line in lines) > 80
        assert [line for line in lines if line not in printed] == []

    def test_sql_is_wrapped_on_a_terminal(self) -> None:
        terminal = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)

        _show_sql(terminal, "SELECT " + "x, " * 60 + "the_end")

        assert "the_end" in terminal.file.getvalue()  # type: ignore[attr-defined]

    def test_a_query_says_in_chinese_what_a_row_is(self) -> None:
        assert "one row per" not in self.said("sql", "insight.rfm")
        assert "one row per" not in self.said("sql")

    def test_the_state_of_the_lake_is_in_chinese(self, tmp_path: Path) -> None:
        said = self.said("lake", "status")

        assert ("Folder" in said, "Changes" in said) == (False, False)
        assert str(tmp_path / "lake") in said


class TestSql:
    def test_lists_shows_steps_and_runs(self) -> None:
        make_orders(make_ground(), seed=1, n=30)
        answer("lake", "sync")

        names = {query["name"] for query in answer("sql")["queries"]}
        shown = answer("sql", "insight.rhythm", "--steps", "--run", "--param", "as_of=2024-06-01")

        assert "insight.rfm" in names
        assert [step["name"] for step in shown["steps"]] == ["order_day", "gap", "result"]
        assert "CAST('2024-06-01' AS DATE)" in shown["sql"]
        assert shown["rows"]

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (["insight.rfn"], "query_not_found"),
            (["insight.rfm", "--param", "as_of=x"], "parameter_is_wrong"),
            (["insight.rfm", "--run"], "parameters_are_missing"),
            (["insight.stage_flow", "--run"], "not_for_running"),
        ],
    )
    def test_refuses_plainly(self, arguments: list[str], code: str) -> None:
        assert answer("sql", *arguments, exit_code=2)["error"]["code"] == code


class TestToday:
    def test_shows_the_list_made_anew(self) -> None:
        make_orders(make_ground(customers=200), seed=1, n=400)

        shown = answer("today", "--refresh")

        assert shown["counts"]["open"] == sum(group["total"] for group in shown["groups"]) > 0
        first = shown["groups"][0]["proposals"][0]
        assert first["owner"].startswith("Manager") or first["owner"] == ""
        assert "%(" not in first["reason"]
