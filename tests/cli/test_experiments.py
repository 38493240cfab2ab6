"""`yutang experiments`: the list, one effect, and a table from elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.experiments import told_experiment
from yutang.cli.main import build

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mail.csv"
    rows = [f"{'mail' if n % 2 else 'none'},{int(n % 10 < 3 + 2 * (n % 2))},{n % 3}\n" for n in range(2_000)]
    path.write_text("arm,visit,before\n" + "".join(rows), encoding="utf-8")
    return path


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["experiments", *arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


def words(*arguments: str) -> str:
    result = CliRunner().invoke(build(), ["experiments", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


class TestList:
    def test_tells_each_with_what_it_says(self) -> None:
        arms = {"held_out": (400, 0.2, 0.25, 3_000.0, 0.0), "treated": (1_600, 0.34, 0.4, 5_200.0, 0.0)}
        told_experiment(arms=arms, now=NOW)

        found = answer("list")["experiments"]

        assert [one["key"] for one in found] == ["campaign:summer"]
        assert found[0]["drawn"] == {"held_out": 400, "treated": 1_600}
        assert found[0]["result"]["measures"][0]["effect"]["verdict"] == "more"
        assert "campaign:summer" in words("list")

    def test_says_that_there_is_none(self) -> None:
        assert answer("list") == {"experiments": []}


class TestEffect:
    def test_of_an_experiment_whose_lake_was_never_written(self) -> None:
        arms = {"held_out": (400, 0.2, 0.25, 3_000.0, 0.0), "treated": (1_600, 0.34, 0.4, 5_200.0, 0.0)}
        told_experiment(arms=arms, now=NOW)

        refused = answer("effect", "campaign:summer", exit_code=2)

        assert refused["error"]["code"] == "figures_were_never_written"

    def test_of_a_table(self, table: Path) -> None:
        named = ("--file", str(table), "--arm", "arm", "--held-out", "none", "--outcome", "visit")

        found = answer("effect", *named)

        visit = found["outcomes"][0]
        assert (found["treated"], found["held_out"]) == ("mail", "none")
        assert visit["units"] == {"treated": 1_000, "held_out": 1_000}
        assert visit["effect"]["value"] == pytest.approx(visit["means"]["treated"] - visit["means"]["held_out"])
        assert visit["effect"]["method"] == "welch"
        assert answer("effect", *named, "--before", "visit=before")["outcomes"][0]["effect"]["method"] == "cuped"
        assert "visit" in words("effect", *named)

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ((), "nothing_to_compare"),
            (("campaign:none",), "no_such_experiment"),
            (("campaign:none", "--as-of", "gestern"), "no_such_experiment"),
        ],
    )
    def test_refuses_what_is_not_there(self, arguments: tuple[str, ...], code: str) -> None:
        assert answer("effect", *arguments, exit_code=2)["error"]["code"] == code

    def test_names_the_arms_that_there_are(self, table: Path) -> None:
        refused = answer("effect", "--file", str(table), "--arm", "arm", "--outcome", "visit", exit_code=2)

        assert refused["error"]["data"] == {"column": "arm", "values": "mail, none"}
