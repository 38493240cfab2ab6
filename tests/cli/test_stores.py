"""`yutang stores`: what there is, and where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.cli.main import build
from yutang.foundation.models import Store

pytestmark = pytest.mark.django_db(transaction=True)


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


def test_places_come_from_a_list_or_are_refused_whole(stores: dict[str, Store], tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("编号,纬度,经度\nSH01,31.1953,121.437\nGZ01,23.1291,113.2644\n", encoding="gb18030")
    bad.write_text("code,lat,lng\nSH02,31.2,121.5\nXX99,1,1\n", encoding="utf-8")

    told = answer("stores", "locate", str(good))
    refused = answer("stores", "locate", str(bad), exit_code=2)

    assert told == {"named": 2, "changed": 2}
    assert refused["error"]["code"] == "stores_are_unknown"
    listed = {one["code"]: one["latitude"] for one in answer("stores", "list")["stores"]}
    assert listed == {"GZ01": 23.1291, "SH01": 31.1953, "SH02": None}
