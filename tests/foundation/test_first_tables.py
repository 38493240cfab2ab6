"""A new embedded store has what one has that went through every migration: tables, columns, indexes, rules, and rows."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.support.installed import django_of, installed_home
from yutang.foundation.first_tables import is_new

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]

#: Holds how far SQLite has counted, also for tables that were made anew on the way.
_COUNTS = "sqlite_sequence"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[sqlite3.Connection]]:
    """A store that was made at once, and one that went through every migration."""
    homes = [tmp_path_factory.mktemp("first") / name for name in ("new", "grown")]
    installed_home(homes[0])
    grown = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        env=django_of(homes[1]), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert grown.returncode == 0, grown.stderr
    with closing(_store(homes[0])) as new, closing(_store(homes[1])) as old:
        yield [new, old]


def _store(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(home / "yutang.sqlite3")


def _tables(store: sqlite3.Connection) -> dict[str, str]:
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    return {name: sql for name, sql in store.execute(asked) if name != _COUNTS}


def test_holds_the_same_tables(stores: list[sqlite3.Connection]) -> None:
    new, grown = map(_described, stores)

    assert len(new) > 150
    assert new.keys() == grown.keys()
    assert {name: (new[name], grown[name]) for name in new if new[name] != grown[name]} == {}


def _described(store: sqlite3.Connection) -> dict[str, Any]:
    """Return of each table its indexes, and its words: columns and rules that came later stand elsewhere, but say the same."""
    found: dict[str, Any] = {name: [_words(sql)] for name, sql in _tables(store).items()}
    for table, name, sql in store.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'"):
        if sql is not None:
            found[table].append((name, sql))
    return {name: [words, *sorted(indexes)] for name, (words, *indexes) in found.items()}


def _words(sql: str) -> Counter[str]:
    """Return the columns and rules of a table: what stands between commas that are in no inner bracket."""
    depth, parts = 0, [""]
    for word in re.findall(r"'[^']*'|\"[^\"]*\"|[(),]|[^'\"(),]+", sql[sql.index("(") + 1 : sql.rindex(")")]):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "," and not depth:
            parts.append("")
        else:
            parts[-1] += word
    return Counter(part.strip() for part in parts)


def test_holds_the_same_rows(stores: list[sqlite3.Connection]) -> None:
    told = "SELECT app_label, model, codename, name FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id"
    for asked in ("SELECT app, name FROM django_migrations", "SELECT app_label, model FROM django_content_type", told):
        new, grown = (sorted(store.execute(asked)) for store in stores)
        assert new == grown
    counts = [
        {name: store.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in _tables(store)}
        for store in stores
    ]
    # Nothing but that; the first one has its keys besides.
    assert [name for name in counts[0] if counts[0][name] != counts[1][name]] == ["foundation_setting"]


@pytest.mark.django_db
def test_one_with_a_table_is_not_new() -> None:
    assert not is_new(connection)
