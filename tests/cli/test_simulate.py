"""`yutang simulate` answers with one JSON object and refuses what it must not overwrite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.cli import main


@pytest.fixture
def yutang(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("yutang.cli.store.ensure_store", lambda: None)
    runner = CliRunner()
    app = main.build()
    return lambda *arguments: runner.invoke(app, list(arguments))


SPAN = ("--from", "2025-05-20", "--to", "2026-11-20")


class TestSimulate:
    def test_says_what_it_made(self, yutang: Any, tmp_path: Path) -> None:
        result = yutang(
            "simulate", "--out", str(tmp_path / "a"), "--customers", "200", *SPAN, "--format", "jd", "--json"
        )

        answer = json.loads(result.stdout)
        assert result.exit_code == 0
        assert answer["people"] == 200
        assert answer["orders"]["jd"] == answer["order_count"] > 0
        assert all((tmp_path / "a" / file["path"]).exists() for file in answer["files"])
        assert (tmp_path / "a" / "chain.json").exists()

    def test_replaces_an_earlier_simulation(self, yutang: Any, tmp_path: Path) -> None:
        arguments = ("simulate", "--out", str(tmp_path), "--customers", "50", *SPAN, "--json")
        yutang(*arguments, "--format", "jd")

        result = yutang(*arguments, "--format", "pdd")

        assert result.exit_code == 0
        assert sorted(path.name for path in (tmp_path / "exports").iterdir()) == ["ad_cost.csv", "pdd"]

    def test_refuses_a_folder_of_something_else(self, yutang: Any, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("dear")

        result = yutang("simulate", "--out", str(tmp_path), "--json")

        assert result.exit_code == 2
        assert json.loads(result.stdout)["error"]["code"] == "folder_holds_something_else"
        assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]

    def test_refuses_an_unknown_format(self, yutang: Any, tmp_path: Path) -> None:
        result = yutang("simulate", "--out", str(tmp_path / "a"), "--format", "ebay", "--json")

        assert (result.exit_code, json.loads(result.stdout)["error"]["data"]["asked"]) == (2, "ebay")
