"""`yutang doctor --deep`: says of everything that must hold what was looked at, and of what does not hold where and what to do."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.conftest import NOW
from tests.faults.world import environment, set_up
from yutang.cli.main import build
from yutang.foundation.invariants import all_invariants
from yutang.ingest.lake_sync import sync_lake
from yutang.membership.models import Wallet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def deep(*more: str) -> Any:
    return CliRunner().invoke(build(), ["doctor", "--deep", *more])


def test_tells_of_each_check_what_was_looked_at() -> None:
    Wallet.objects.create(opened_at=NOW)

    told = json.loads(deep("--json").stdout)

    findings = {one["check"]: one for one in told["findings"]}
    assert {one.name for one in all_invariants()} <= findings.keys()
    assert findings["membership.balances"] == {
        "check": "membership.balances",
        "verdict": "good",
        "says": "每个储值账户的余额等于其流水之和：已核对 1 项。",
        "do": None,
    }


def test_tells_what_where_and_what_to_do() -> None:
    wallet = Wallet.objects.create(opened_at=NOW, principal_minor=5)

    ended = deep()

    assert ended.exit_code == 2
    (line,) = [one for one in ended.stdout.splitlines() if one.startswith("✗")]
    assert f"membership_wallet {wallet.pk}" in line
    assert line.endswith("[membership.balances]")
    assert "docs/operations/faults.md" in ended.stdout


def test_tells_that_a_lake_of_another_store_says_nothing_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sync_lake(now=NOW)
    assert _verdicts("lake", "lake.truth") == ["good", "good"]

    monkeypatch.setattr("yutang.ingest.lake_sync._store_fingerprint", lambda: "a copy")

    assert _verdicts("lake", "lake.truth") == ["note", "note"]


def _verdicts(*checks: str) -> list[str]:
    findings = {one["check"]: one for one in json.loads(deep("--json").stdout)["findings"]}
    return [findings[check]["verdict"] for check in checks]


def test_is_not_asked_without_the_option() -> None:
    findings = json.loads(CliRunner().invoke(build(), ["doctor", "--json"]).stdout)["findings"]

    assert not {one["check"] for one in findings} & {one.name for one in all_invariants()}


@pytest.mark.sqlite_only
@pytest.mark.slow
def test_tells_of_a_page_of_the_store_that_is_damaged(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    own = environment(home, "", clock_file=tmp_path / "clock", gateway=1) | {"YUTANG_LANG": "en"}
    set_up(own)
    store = sqlite3.connect(home / "yutang.sqlite3")
    (page,) = store.execute("SELECT rootpage FROM sqlite_master WHERE name = 'visits_slot'").fetchone()
    (size,) = store.execute("PRAGMA page_size").fetchone()
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    with (home / "yutang.sqlite3").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))

    ended = subprocess.run(
        [sys.executable, "-m", "yutang.cli.main", "doctor", "--deep", "--json"],
        env=own, capture_output=True, text=True, check=False,
    )  # fmt: skip

    findings = {one["check"]: one for one in json.loads(ended.stdout)["findings"]}
    assert ended.returncode == 2
    assert findings["foundation.store"]["verdict"] == "broken"
    assert "yutang restore" in findings["foundation.store"]["do"]
    assert findings["visits.places"]["verdict"] == "broken"
    assert findings["membership.balances"]["verdict"] == "good"
