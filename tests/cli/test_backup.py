"""`yutang backup` and `yutang restore`, as processes of their own."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.installed import environment_of, installed_home


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return environment_of(tmp_path / "home", YUTANG_LANG="zh-hans")


def yutang(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yutang.cli.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def customers(home: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "yutang.sqlite3")) as store:
        return store.execute("SELECT * FROM customers_customer ORDER BY id").fetchall()


@pytest.mark.slow
def test_an_installation_moves_to_another_home_in_one_file(tmp_path: Path, environment: dict[str, str]) -> None:
    file, backup, passphrase = tmp_path / "orders.csv", tmp_path / "b.yutang", tmp_path / "passphrase"
    file.write_text("订单号,下单时间,会员号,商品名称,数量,单价\nA1,2026-01-02 10:00:00,M1,茶,2,9.50\nA2,x,M2,茶,2,9\n")
    passphrase.write_text("一池春水\n")
    installed_home(tmp_path / "home")
    yutang(environment, "import", str(file))
    other = {**environment, "YUTANG_HOME": str(tmp_path / "other")}

    made = yutang(environment, "backup", str(backup), "--passphrase-file", str(passphrase), "--json")
    sealed = yutang(other, "restore", str(backup), "--json")
    restored = yutang(other, "restore", str(backup), "--passphrase-file", str(passphrase), "--json")
    again = yutang(other, "restore", str(backup), "--passphrase-file", str(passphrase), "--json")

    assert made.returncode == restored.returncode == 0
    assert json.loads(made.stdout)["rows"] == json.loads(restored.stdout)["rows"]
    assert json.loads(sealed.stdout)["error"]["code"] == "passphrase_is_missing"
    assert json.loads(again.stdout)["error"]["code"] == "home_is_not_empty"
    assert customers(tmp_path / "other") == customers(tmp_path / "home") != []
    # The keys came along: people are found and opened; the kept copy came along: its rows can be looked at.
    assert json.loads(yutang(other, "customers", "count", "--json").stdout)["customers"] == 1
    assert "A2" in yutang(other, "imports", "kept", "1").stdout


@pytest.mark.slow
def test_what_is_no_backup_is_refused_in_the_language_of_the_reader(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "b").write_text("nothing of the kind")

    refused = yutang(environment, "restore", str(tmp_path / "b"), "--json")

    assert refused.returncode == 2
    assert "不是鱼塘的备份，或不完整。" in json.loads(refused.stdout)["error"]["message"]
    assert not (tmp_path / "home" / "yutang.sqlite3").exists()


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "passphrase_file_is_empty"), (b"\xff\xfe\n", "passphrase_file_is_unreadable")]
)
def test_a_file_without_a_passphrase_is_refused_in_words(
    tmp_path: Path, environment: dict[str, str], content: bytes, code: str
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(content)

    refused = yutang(environment, "restore", str(passphrase), "--passphrase-file", str(passphrase), "--json")

    assert refused.returncode == 2
    assert json.loads(refused.stdout)["error"]["code"] == code
    assert "Traceback" not in refused.stderr
