from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.console.shop import fill
from yutang.cli.main import build
from yutang.foundation.models import AuditEntry


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> None:
    """The small shop, with a lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["segments", *arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


def written(folder: Path, rule: Any) -> str:
    path = folder / "RULE.json"
    path.write_text(json.dumps(rule), encoding="utf-8")
    return str(path)


@pytest.mark.usefixtures("shop")
class TestSegments:
    def test_count_list_and_export_the_same_people(self, tmp_path: Path) -> None:
        rule = written(tmp_path, {"version": 1, "rule": {"event": "order", "is": "did", "when": {"within_days": 30}}})

        counted, listed = answer("count", rule), answer("list", rule)
        exported = answer("export", rule, "--out", str(tmp_path / "people.csv"))
        with (tmp_path / "people.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))

        assert 0 < counted["people"] == len(listed["customer_ids"]) == exported["people"] == len(rows) - 1
        assert [int(row[0]) for row in rows[1:]] == listed["customer_ids"]
        assert all("*" in row[2] for row in rows[1:])
        assert "30" in counted["words"]
        assert AuditEntry.objects.filter(action="segments.export").count() == 1

    def test_refuse_a_wrong_rule_at_its_place(self, tmp_path: Path) -> None:
        rule = written(tmp_path, {"version": 1, "rule": {"any": [{"field": "stage", "is": "in", "value": ["dead"]}]}})

        refused = answer("count", rule, exit_code=2)["error"]

        assert (refused["code"], refused["data"]["path"]) == ("segment_rule_is_wrong", "$.rule.any[0].value[0]")
        assert "$.rule.any[0].value[0]" in refused["message"]
        assert answer("count", str(tmp_path / "none.json"), exit_code=2)["error"]["code"] == "rule_cannot_be_read"
        assert answer("count", "7", exit_code=2)["error"]["code"] == "no_such_segment"

    def test_save_follow_compare_and_delete(self, tmp_path: Path) -> None:
        loyal = answer("save", "stage-loyal", "--name", "老铁")
        counts = {one["preset"]: one["people"] for one in answer("presets")["presets"]}
        sides = answer("compare", str(loyal["id"]), "rf-55")
        refreshed = answer("refresh")

        assert loyal["people"] == counts["stage-loyal"] == answer("count", str(loyal["id"]))["people"]
        assert sides["only_first"] + sides["both"] == counts["stage-loyal"]
        assert sides["only_second"] + sides["both"] == counts["rf-55"]
        assert refreshed == {"segments": 1, "changed": 0, "broken": 0, "entered": 0, "left": 0}
        assert [one["name"] for one in answer("saved")["segments"]] == ["老铁"]
        assert [one["people"] for one in answer("show", str(loyal["id"]))["sizes"]] == [loyal["people"]]
        assert answer("save", "stage-loyal", "--name", "老铁", exit_code=2)["error"]["code"] == "segment_name_is_wrong"
        assert answer("delete", str(loyal["id"])) == {"deleted": loyal["id"]}
        assert answer("saved") == {"segments": []}

    def test_speak_to_a_person(self, tmp_path: Path) -> None:
        saved = answer("save", "stage-loyal", "--name", "老铁")["id"]

        for arguments in (
            ["count", "rf-55"], ["list", "rf-55"], ["export", "rf-55"], ["saved"], ["show", str(saved)], ["presets"],
            ["compare", "rf-55", "rf-11"], ["fields"], ["sql", "rf-55"], ["refresh"],
        ):  # fmt: skip
            result = CliRunner().invoke(build(), ["segments", *arguments])
            assert (result.exit_code, bool(result.output.strip())) == (0, True), (arguments, result.output)
