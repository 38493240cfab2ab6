"""A backup holds one instant of the installation, whole; a restore gives it back row by row, or changes nothing."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from yutang.foundation import backups
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.backups import (
    BackupFileExists,
    BackupIsBroken,
    BackupIsForTheEmbeddedStore,
    HomeIsNotEmpty,
    PassphraseIsMissing,
    PassphraseIsWrong,
    check_backup,
    make_backup,
    restore_backup,
)
from yutang.foundation.models import AuditEntry, Store

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
SYSTEM = Actor.system()


def test_postgresql_is_left_to_its_own_tools(tmp_path: Path) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the embedded store is backed up")
    with pytest.raises(BackupIsForTheEmbeddedStore):
        make_backup(actor=SYSTEM, file=tmp_path / "b", now=NOW)


def content_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        names = [n for (n,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {n: sorted(store.execute(f'SELECT * FROM "{n}"').fetchall(), key=repr) for n in names}


def own_store() -> Path:
    return Path(connection.settings_dict["NAME"])


@pytest.mark.sqlite_only
class TestBackup:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A home with keys and a kept copy, whose store is that of the tests."""
        home = tmp_path / "home"
        (home / "imports" / "1" / "staged").mkdir(parents=True)
        (home / "imports" / "1" / "source.csv").write_text("订单号\n1\n")
        (home / "imports" / "1" / "staged" / "rows.arrow").write_text("made again")
        (home / "content" / "ab").mkdir(parents=True)
        (home / "content" / "ab" / "abcd").write_bytes(b"picture")
        (home / "keys.json").write_text('{"keys": "…"}')
        (home / "secret_key").write_text("s")
        monkeypatch.setattr(settings, "YUTANG_HOME", home)
        Store.objects.bulk_create(Store(code=f"S{n}", name=f"门店 {n}") for n in range(500))
        return home

    @pytest.fixture
    def empty(self, tmp_path: Path) -> Path:
        return tmp_path / "empty"

    @pytest.mark.parametrize("passphrase", [None, "一池春水 42"])
    def test_is_restored_row_by_row(self, tmp_path: Path, home: Path, empty: Path, passphrase: str | None) -> None:
        before, file = content_of(own_store()), tmp_path / "b.yutang"

        made = make_backup(actor=SYSTEM, file=file, passphrase=passphrase, with_keys=True, now=NOW)
        restored = restore_backup(file=file, home=empty, passphrase=passphrase)

        assert content_of(empty / "yutang.sqlite3") == before
        assert made.rows == restored.rows == {name: len(rows) for name, rows in before.items()}
        assert (empty / "keys.json").read_text() == (home / "keys.json").read_text()
        assert (empty / "imports" / "1" / "source.csv").read_text() == "订单号\n1\n"
        assert not (empty / "imports" / "1" / "staged").exists()
        assert (empty / "content" / "ab" / "abcd").read_bytes() == b"picture"
        assert file.stat().st_mode & 0o077 == 0
        assert [path.name for path in tmp_path.glob(".b*")] == []
        assert AuditEntry.objects.filter(action="backups.make").count() == 1

    def test_holds_keys_only_where_they_are_safe(self, tmp_path: Path) -> None:
        plain = make_backup(actor=SYSTEM, file=tmp_path / "plain", now=NOW)
        sealed = make_backup(actor=SYSTEM, file=tmp_path / "sealed", passphrase="p", now=NOW)

        assert (plain.has_keys, plain.is_sealed) == (False, False)
        assert (sealed.has_keys, sealed.is_sealed) == (True, True)
        assert "门店".encode() not in (tmp_path / "sealed").read_bytes()

    def test_is_one_instant_while_others_write(self, tmp_path: Path, empty: Path) -> None:
        """Pairs of rows are written in one transaction each: a backup between them would hold an odd number."""
        stop, written = threading.Event(), 0

        def write() -> None:
            nonlocal written
            with closing(sqlite3.connect(own_store(), timeout=30, isolation_level=None)) as store:
                while not stop.is_set():
                    store.execute("BEGIN IMMEDIATE")
                    for half in (0, 1):
                        store.execute(
                            "INSERT INTO foundation_setting (key, value) VALUES (?, '1')", (f"pair {written} {half}",)
                        )
                    store.execute("COMMIT")
                    written += 1
                    # SQLite serves nobody in turn: whoever never pauses keeps the others out.
                    time.sleep(0.005)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for n in range(5):
                make_backup(actor=SYSTEM, file=tmp_path / f"{n}", now=NOW)
        finally:
            stop.set()
            writer.join()

        assert written > 5
        for n in range(5):
            home = empty / str(n)
            restore_backup(file=tmp_path / f"{n}", home=home)
            assert len(content_of(home / "yutang.sqlite3")["foundation_setting"]) % 2 == 0

    def test_only_who_may(self, tmp_path: Path) -> None:
        with pytest.raises(NotAllowed):
            make_backup(actor=Actor(1, "operator", None, "o"), file=tmp_path / "b", now=NOW)

    def test_writes_over_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "b").write_text("mine")

        with pytest.raises(BackupFileExists):
            make_backup(actor=SYSTEM, file=tmp_path / "b", now=NOW)

        assert (tmp_path / "b").read_text() == "mine"

    def test_says_how_far_it_is(self, tmp_path: Path) -> None:
        heard: list[tuple[int, int]] = []

        make_backup(actor=SYSTEM, file=tmp_path / "b", told=lambda d, t: heard.append((d, t)), now=NOW)

        assert heard[-1][0] == heard[-1][1] > 0


@pytest.mark.sqlite_only
class TestRestore:
    @pytest.fixture
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(settings, "YUTANG_HOME", tmp_path)
        make_backup(actor=SYSTEM, file=tmp_path / "b", now=NOW)
        return tmp_path / "b"

    def test_never_over_a_store_or_keys(self, file: Path, tmp_path: Path) -> None:
        for name in ("yutang.sqlite3", "keys.json"):
            home = tmp_path / name
            home.mkdir()
            (home / name).write_text("mine")

            with pytest.raises(HomeIsNotEmpty):
                restore_backup(file=file, home=home)

            assert (home / name).read_text() == "mine"

    def test_refuses_what_is_damaged_and_leaves_nothing(self, file: Path, tmp_path: Path) -> None:
        whole = file.read_bytes()
        for damaged in (whole[: len(whole) // 2], b"PK\x03\x04 something else", b"", whole[:-300]):
            file.write_bytes(damaged)

            with pytest.raises(BackupIsBroken):
                restore_backup(file=file, home=tmp_path / "new")

            assert list((tmp_path / "new").iterdir()) == []

    def test_refuses_another_passphrase(self, tmp_path: Path, file: Path) -> None:
        sealed = tmp_path / "sealed"
        make_backup(actor=SYSTEM, file=sealed, passphrase="right", now=NOW)

        with pytest.raises(PassphraseIsMissing):
            check_backup(file=sealed)
        with pytest.raises(PassphraseIsWrong):
            check_backup(file=sealed, passphrase="wrong")
        assert check_backup(file=sealed, passphrase="right").is_sealed

    def test_refuses_a_file_that_reaches_outside(self, file: Path, tmp_path: Path) -> None:
        evil = tmp_path / "evil"
        with tarfile.open(evil, "w:gz") as archive:
            member = tarfile.TarInfo("../outside")
            member.size = 1
            archive.addfile(member, io.BytesIO(b"x"))

        with pytest.raises(BackupIsBroken):
            restore_backup(file=evil, home=tmp_path / "new")

        assert not (tmp_path / "outside").exists()

    def test_refuses_a_store_that_is_not_the_one_that_was_written(self, file: Path, tmp_path: Path) -> None:
        folder = tmp_path / "taken apart"
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        with closing(sqlite3.connect(folder / "store.sqlite3")) as store, store:
            store.execute("INSERT INTO foundation_setting (key, value) VALUES ('planted', '1')")
        forged = tmp_path / "forged"
        with tarfile.open(forged, "w:gz") as archive:
            for name in ("store.sqlite3", "manifest.json"):
                archive.add(folder / name, name)

        with pytest.raises(BackupIsBroken, match="not what was written"):
            restore_backup(file=forged, home=tmp_path / "new")

    def test_refuses_what_a_newer_version_made(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as newer:
            newer.setattr(backups, "_FORMAT", 2)
            newer.setattr(backups, "_compare", lambda *_: None)
            make_backup(actor=SYSTEM, file=tmp_path / "newer", now=NOW)

        with pytest.raises(BackupIsBroken, match="newer version"):
            check_backup(file=tmp_path / "newer")

    def test_the_manifest_says_what_is_in_it(self, file: Path) -> None:
        with tarfile.open(file) as archive:
            manifest = json.loads((archive.extractfile("manifest.json") or io.BytesIO()).read())

        assert manifest["made_at"] == NOW.isoformat()
        assert set(manifest["files"]) == {"store.sqlite3"}
