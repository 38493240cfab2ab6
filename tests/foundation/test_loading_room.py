"""A large load has room in SQLite's memory and log, and others neither wait for the log nor find it long afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from yutang.foundation import bulk, loading_room
from yutang.foundation.loading_room import room_to_load

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has room of its own"),
]

_MUCH = 2**25


@pytest.fixture
def store() -> Iterator[Path]:
    """The store's file, with a table for much content, no log, and no free pages that much content could take."""
    bulk.execute("CREATE TABLE much (content BLOB)")
    bulk.execute("VACUUM")
    bulk.fetch("PRAGMA wal_checkpoint(TRUNCATE)")
    yield Path(str(connection.settings_dict["NAME"]))
    bulk.execute("DROP TABLE much")


def _room() -> list[int]:
    return [bulk.fetch(f"PRAGMA {name}")[0][0] for name in ("cache_size", "wal_autocheckpoint")]


def _write_much() -> None:
    bulk.execute("INSERT INTO much VALUES (zeroblob(%s))", [_MUCH])


def test_room_is_given_and_taken_back_also_after_an_error(store: Path) -> None:
    usual = _room()
    with pytest.raises(KeyError), room_to_load():
        more = _room()
        raise KeyError

    assert more == [-524_288, 0]
    assert _room() == usual != more


def test_somebody_elses_change_does_not_bring_the_log_home(store: Path) -> None:
    before = store.stat().st_size
    with room_to_load():
        _write_much()
        with closing(sqlite3.connect(store, isolation_level=None)) as other:
            other.execute("PRAGMA wal_autocheckpoint=1")
            other.execute("INSERT INTO much VALUES ('theirs')")
        within = store.stat().st_size
    told = bulk.fetch("SELECT count(*) FROM much")

    assert within == before
    assert told == [(2,)]
    # It is home when the load is over.
    assert store.stat().st_size >= before + _MUCH


def test_a_long_log_is_brought_home_between_changes_and_begins_anew(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading_room, "_LONG", _MUCH // 2)
    before, log = store.stat().st_size, store.with_name(f"{store.name}-wal")
    with room_to_load() as between_changes:
        for _ in range(4):
            _write_much()
            between_changes()
        within, length = store.stat().st_size, log.stat().st_size

    assert within >= before + 3 * _MUCH
    assert length < 2 * _MUCH


def test_within_somebodys_transaction_the_log_is_left_alone(store: Path) -> None:
    from django.db import transaction

    with pytest.raises(KeyError), transaction.atomic(), room_to_load() as between_changes:
        _write_much()
        between_changes()
        raise KeyError

    assert bulk.fetch("SELECT count(*) FROM much") == [(0,)]


def test_a_small_machine_is_left_as_it_is(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = _room()
    monkeypatch.setattr(loading_room, "available_bytes", lambda: 2**30)
    with room_to_load() as between_changes:
        between_changes()
        assert _room() == usual
