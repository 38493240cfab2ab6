"""The embedded store moved to PostgreSQL: every row as the application reads it, whenever it is killed, and nothing that differs unnoticed."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from tests.foundation.moved_rows import MANY, MANY_ROWS, fill
from tests.support.installed import django_of, installed_home
from tests.support.starting import Starter
from yutang.cli.text import say
from yutang.foundation.arrival_months import first_key
from yutang.foundation.moving import refusals
from yutang.foundation.moving import target as targets
from yutang.foundation.moving.source import Source
from yutang.kit.errors import DomainError

# The server of the tests is found by the store that they use.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: Moves with the tables that the target has, in small batches; dies where it is told how far it is for the nth time.
MOVE = """
import json, os, signal, sys
from datetime import UTC, datetime
from yutang.foundation import moving
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
to, deadly = sys.argv[1], int(sys.argv[2])
moving._BATCH = 150
times = 0
def told(done, total, step):
    global times
    times += 1
    if times == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
try:
    report = moving.move_store(actor=Actor.system(), to=to, make_tables=lambda: None, told=told, now=datetime.now(UTC))
    print(json.dumps({"rows": report.rows, "moved": report.moved}))
except DomainError as refusal:
    print(json.dumps({"refused": refusal.code, "data": refusal.data}))
"""

CHECK = """
import json, sys
from yutang.foundation import moving
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
try:
    report = moving.compare_stores(actor=Actor.system(), to=sys.argv[1])
    print(json.dumps({"rows": report.rows}))
except DomainError as refusal:
    print(json.dumps({"refused": refusal.code, "data": refusal.data}))
"""

#: Holds the store open until a line is read.
SERVING = """
from django.db import connection
connection.cursor().execute("SELECT count(*) FROM foundation_store")
print("open", flush=True)
input()
"""

#: Every value as the application reads it; of equal numbers in JSON, PostgreSQL writes one as a whole number.
READ = """
import json
from django.apps import apps
def plain(value):
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return bytes(value) if isinstance(value, memoryview) else value
found = {}
for model in apps.get_models(include_auto_created=True):
    rows = [plain(row) for row in model._base_manager.values_list()]
    found[model._meta.db_table] = sorted(json.dumps(row, default=repr, sort_keys=True) for row in rows)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a SQLite store that has rows in every table."""
    home = installed_home(tmp_path_factory.mktemp("moving") / "home")
    fill(home / "yutang.sqlite3")
    return home


@pytest.fixture(scope="module")
def template(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with the tables of the migrations, without the rules that generated values do not keep to."""
    if connection.vendor != "postgresql":
        pytest.skip("the target of a move is PostgreSQL: make test-postgres")
    with django_db_blocker.unblock(), made_database() as name:
        migrated = subprocess.run(
            [sys.executable, "-m", "yutang.cli.main", "migrate"],
            env={**django_of(tmp_path_factory.mktemp("target")), "DATABASE_URL": address_of(name)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert migrated.returncode == 0, migrated.stderr
        with closing(psycopg.connect(address_of(name), autocommit=True)) as target:
            checks = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid > 0"
            for table, rule in target.execute(checks).fetchall():
                target.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{rule}"')
        yield name


@pytest.fixture
def home(shop: Path, tmp_path: Path) -> Path:
    """A copy of the home for one test."""
    return Path(shutil.copytree(shop, tmp_path / "home"))


@pytest.fixture
def target(template: str, django_db_blocker: Any) -> Iterator[str]:
    """The address of a database with empty tables."""
    with made_database(template) as name:
        yield address_of(name)


@pytest.fixture
def child(starter: Starter) -> Callable[..., dict[str, Any]]:
    """Runs code in a process of its own on a home, and returns what it printed; empty where it was killed."""

    def run(code: str, *arguments: str, home: Path, store: str = "") -> dict[str, Any]:
        environment = {**django_of(home), **({"DATABASE_URL": store} if store else {})}
        with starter.start(code, *arguments, environment=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            printed = process.stdout.read()
        return json.loads(printed) if printed else {}

    return run


class TestMove:
    def test_brings_every_row_as_the_application_reads_it_and_finds_what_somebody_changes_later(
        self, home: Path, target: str, child: Callable[..., dict[str, Any]]
    ) -> None:
        rules = rules_of(target)

        report = child(MOVE, target, "0", home=home)

        held, source = child(READ, home=home, store=target), child(READ, home=home)
        assert {table for table, rows in source.items() if not rows} == set()
        assert {table for table in source if held[table] != source[table]} == set()
        assert report["rows"] == report["moved"] == sum(map(len, source.values()))
        assert rules_of(target) == rules != []
        assert child(CHECK, target, home=home)["rows"] == report["rows"]
        with closing(psycopg.connect(target, autocommit=True)) as moved:
            sql = "INSERT INTO foundation_region (name, ordinal) VALUES ('新区', 1) RETURNING id"
            assert moved.execute(sql).fetchone() == (MANY_ROWS + 1,)
            sql = "SELECT nextval(pg_get_serial_sequence('orders_order', 'id'))"
            # What comes from now on lies in the part of its month.
            ((key,),) = moved.execute(sql).fetchall()
            assert key >= first_key(date(2026, 1, 1))
            sql = "SELECT count(*) FROM orders_order o JOIN orders_order_once n USING (id, shop_id, number)"
            assert moved.execute(sql).fetchone() == (len(source["orders_order"]),)
            moved.execute("SET session_replication_role TO replica")
            moved.execute("UPDATE foundation_region SET name = name || ' ' WHERE id = 7")
            moved.execute("DELETE FROM foundation_region WHERE id = 300")
            moved.execute("UPDATE insight_valuefit SET id = 9 WHERE id = 2")
            moved.execute("UPDATE customers_customer SET sealed_profile = 'x' WHERE id = 1")
            moved.execute("UPDATE foundation_setting SET value = 'null' WHERE key = 'key 1'")
        found = child(CHECK, target, home=home)
        assert found["refused"] == "rows_differ"
        tables = {each.pop("table"): each for each in found["data"]["tables"]}
        settings = tables["foundation_setting"].pop("rows")
        assert settings["sqlite"] == settings["postgresql"] > 0
        assert tables == {
            "foundation_region": {
                "key": "id",
                "only_in_sqlite": {"count": 1, "keys": [300]},
                "only_in_postgresql": {"count": 1, "keys": [401]},
                "unequal": {"count": 1, "keys": [7]},
            },
            "insight_valuefit": {
                "key": "id",
                "only_in_sqlite": {"count": 1, "keys": [2]},
                "only_in_postgresql": {"count": 1, "keys": [9]},
            },
            "customers_customer": {"key": "id", "unequal": {"count": 1, "keys": [1]}},
            "foundation_setting": {"key": None},
        }

    def test_ends_the_same_wherever_it_is_killed(
        self, home: Path, target: str, child: Callable[..., dict[str, Any]], starter: Starter
    ) -> None:
        dice = random.Random(11)

        for deadly in (1, 3, 150, 260, 400, 700):
            assert child(MOVE, target, str(deadly), home=home) == {}
            # And wherever it is at some moment, within a transaction, too.
            with starter.start(MOVE, target, "0", environment=django_of(home), stdout=subprocess.PIPE) as process:
                end = threading.Timer(dice.uniform(0.05, 0.3), process.kill)
                end.start()
                process.wait()
                end.cancel()
        report = child(MOVE, target, "0", home=home)

        assert report.get("refused") in {None, "move_is_done"}
        held, source = child(READ, home=home, store=target), child(READ, home=home)
        assert {table for table in source if held[table] != source[table]} == set()

    def test_moves_anew_what_was_changed_on_either_side_while_it_was_cut_off(
        self, home: Path, target: str, child: Callable[..., dict[str, Any]]
    ) -> None:
        assert child(MOVE, target, "400", home=home) == {}
        write(
            home,
            "UPDATE foundation_store SET name = '改名' WHERE id = 2",
            "DELETE FROM foundation_recoverycode WHERE id = 2",
        )
        with closing(psycopg.connect(target, autocommit=True)) as moved:
            moved.execute("UPDATE foundation_region SET ordinal = 99 WHERE id = 7")

        first, second = child(MOVE, target, "0", home=home), child(MOVE, target, "0", home=home)

        differs = {"table": MANY, "key": "id", "unequal": {"count": 1, "keys": [7]}}
        assert first == {"refused": "rows_differ", "data": {"tables": [differs]}}
        assert second["moved"] == MANY_ROWS
        held, source = child(READ, home=home, store=target), child(READ, home=home)
        assert {table for table in source if held[table] != source[table]} == set()


class TestRefusals:
    def test_what_is_not_empty_or_is_in_use_or_is_filled_by_another(
        self, home: Path, target: str, child: Callable[..., dict[str, Any]], starter: Starter, monkeypatch: Any
    ) -> None:
        with closing(psycopg.connect(target, autocommit=True)) as foreign:
            foreign.execute("CREATE TABLE of_somebody (id int)")
            foreign.execute("INSERT INTO foundation_region (name, ordinal) VALUES ('华东', 1)")
            not_empty = child(MOVE, target, "0", home=home)
            foreign.execute("DROP TABLE of_somebody; DELETE FROM foundation_region")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with starter.start(SERVING, environment=django_of(home), **pipes) as server:
            assert server.stdout is not None
            server.stdout.readline()
            in_use = child(MOVE, target, "0", home=home)
        monkeypatch.setattr(targets, "_PATIENCE", 1)
        with targets.Target(target), pytest.raises(refusals.TargetIsBeingFilled):
            targets.Target(target)

        assert not_empty == {"refused": "target_holds_other_rows", "data": {"tables": "foundation_region, of_somebody"}}
        assert in_use["refused"] == "source_is_in_use"
        assert child(CHECK, target, home=home)["refused"] == "move_is_not_done"
        assert child(MOVE, target, "30", home=home) == {}
        write(home, "UPDATE foundation_setting SET value = '{}' WHERE key = 'foundation.keyring'")
        assert child(MOVE, target, "0", home=home)["refused"] == "move_of_another_store"
        with closing(psycopg.connect(target, autocommit=True)) as moved:
            moved.execute("UPDATE yutang_move.state SET done_at = now()")
        assert child(MOVE, target, "0", home=home)["refused"] == "move_is_done"

    def test_a_database_of_another_store_even_with_the_same_keys_and_an_older_copy_of_this_one(
        self, shop: Path, home: Path, target: str, child: Callable[..., dict[str, Any]]
    ) -> None:
        older = Path(shutil.copytree(shop, home.with_name("older")))
        begun = child(MOVE, target, "30", home=home)

        on_the_way = child(MOVE, target, "0", home=older), child(CHECK, target, home=older)
        moved = child(MOVE, target, "0", home=home)
        done = child(MOVE, target, "0", home=older), child(CHECK, target, home=older)

        assert begun == {}
        assert {each["refused"] for each in on_the_way} == {"move_of_another_store"}
        assert {each["refused"] for each in done} == {"target_is_of_another_store"}
        assert child(CHECK, target, home=home)["rows"] == moved["rows"]
        assert child(MOVE, target, "0", home=home)["refused"] == "move_is_done"

    def test_an_address_at_which_there_is_no_database(
        self, home: Path, target: str, child: Callable[..., dict[str, Any]]
    ) -> None:
        nowhere = "postgresql://nobody@nowhere:5432/yutang"

        missing = child(MOVE, f"{target}_not", "0", home=home)
        unknown = child(MOVE, nowhere, "0", home=home)
        crooked = child(MOVE, "postgresql://user@[::1/yutang", "0", home=home)

        assert missing == {"refused": "target_is_missing", "data": {"name": f"{target.rpartition('/')[2]}_not"}}
        assert (unknown["refused"], "nowhere" in unknown["data"]["detail"]) == ("target_is_out_of_reach", True)
        assert crooked["refused"] == "target_is_no_postgresql"

    def test_a_connection_that_breaks_off_is_told_apart_from_one_that_never_was(self, target: str) -> None:
        with pytest.raises(refusals.TargetIsLost), targets.Target(target) as moved:
            moved.run("SELECT pg_terminate_backend(pg_backend_pid())")

    def test_rows_that_postgresql_does_not_take_are_named(
        self, home: Path, target: str, child: Callable[..., dict[str, Any]]
    ) -> None:
        write(home, "UPDATE foundation_region SET name = name || char(0) WHERE id = 222")
        write(home, "PRAGMA foreign_keys=OFF", "UPDATE foundation_store SET region_id = 5000 WHERE id = 2")

        row = child(MOVE, target, "0", home=home)
        write(home, "UPDATE foundation_region SET name = '222' WHERE id = 222")
        rule = child(MOVE, target, "0", home=home)
        write(home, "UPDATE foundation_store SET region_id = 2 WHERE id = 2")
        report = child(MOVE, target, "0", home=home)

        assert (row["refused"], row["data"]["table"], row["data"]["row"]) == ("row_cannot_move", MANY, 222)
        assert (rule["refused"], rule["data"]["table"]) == ("rows_break_a_rule", "foundation_store")
        assert report["moved"] == 3
        assert child(CHECK, target, home=home)["rows"] == report["rows"]


def test_what_differs_is_told_one_table_a_line_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUTANG_LANG", "en")
    orders = {"table": "orders_order", "key": "id", "only_in_postgresql": {"count": 7, "keys": [4, 5, 6, 8, 9]}}
    orders["unequal"] = {"count": 1, "keys": [1]}
    kept = {"table": "foundation_setting", "key": None, "rows": {"sqlite": 3, "postgresql": 4}}

    told = say(refusals.RowsDiffer(tables=[orders, kept], moved_at="2026-11-01T00:00:00+00:00").sentence).splitlines()

    assert told[1:3] == [
        "orders_order: 7 rows only in PostgreSQL (id 4, 5, 6, 8, 9, …) · 1 row with other content (id 1)",
        "foundation_setting: 3 rows in SQLite, 4 rows in PostgreSQL, not all the same; they have no number to name them by",
    ]
    assert "moved at 2026-11-01 08:00. " in told[3]


@pytest.mark.parametrize("refusal", [refusals.MoveIsDone, refusals.TargetIsOfAnotherStore])
def test_when_it_was_moved_is_told_on_the_clock_of_the_shop(refusal: type[DomainError]) -> None:
    assert "2026-11-02 00:30" in say(refusal(moved_at="2026-11-01T16:30:00+00:00").sentence)


def test_nobody_reads_or_writes_the_source_while_it_is_read(home: Path, child: Callable[..., dict[str, Any]]) -> None:
    asking = "import json, sqlite3, sys\ntry:\n    sqlite3.connect(sys.argv[1], timeout=0.1).execute('SELECT count(*) FROM foundation_store')\nexcept sqlite3.OperationalError as error:\n    print(json.dumps({'refused': str(error)}))"
    file = home / "yutang.sqlite3"

    with Source(file):
        assert child(asking, str(file), home=home) == {"refused": "database is locked"}
    assert child(asking, str(file), home=home) == {}


def write(home: Path, *statements: str) -> None:
    import sqlite3

    with closing(sqlite3.connect(home / "yutang.sqlite3", isolation_level=None)) as store:
        for statement in statements:
            store.execute(statement)


def rules_of(address: str) -> list[tuple[Any, ...]]:
    # Months of the source get parts of their own, with what belongs to each.
    parts = "(SELECT oid::regclass::text FROM pg_class WHERE relispartition AND relkind = 'r')"
    sql = (
        "SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        f" AND conrelid::regclass::text NOT IN {parts}"
    )
    indexes = (
        f"SELECT indexname, indexdef, true FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT IN {parts}"
    )
    with closing(psycopg.connect(address, autocommit=True)) as database:
        rules = database.execute(f"{sql} UNION {indexes}".encode()).fetchall()
    # Read back from its own text, a condition has its casts in another place.
    return sorted((name, re.sub(r"::[a-z ]+(\[\])?|[()]", "", text), proved) for name, text, proved in rules)


def address_of(name: str) -> str:
    told = connection.settings_dict
    login = quote(str(told["USER"])) + (f":{quote(str(told['PASSWORD']))}" if told["PASSWORD"] else "")
    return f"postgresql://{login}@{quote(str(told['HOST']), safe='')}:{told['PORT'] or 5432}/{name}"


_numbers = count(1)


class made_database:  # noqa: N801
    """An empty database, or a copy of another, that is gone afterwards; yields its name."""

    def __init__(self, template: str = "template0") -> None:
        self.name, self.template = f"move_{os.getpid()}_{next(_numbers)}", template

    def __enter__(self) -> str:
        self._run(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}" ENCODING \'UTF8\'')
        return self.name

    def __exit__(self, *_: object) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    @staticmethod
    def _run(statement: str) -> None:
        with closing(psycopg.connect(address_of("postgres"), autocommit=True)) as server:
            server.execute(statement.encode())
