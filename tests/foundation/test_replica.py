"""Reports read from a server that follows the primary, and from the primary where it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection

from tests.support.servers import servers
from yutang.config import env
from yutang.foundation import replica
from yutang.foundation.models import Staff
from yutang.foundation.replica import ReportRouter, Standing, reads_reports, reports
from yutang.orders.models import Order

POSTGRESQL = {"ENGINE": "django.db.backends.postgresql"}
FIRST = ["first"]
SECOND = ["first", "second"]
THIRD = ["first", "second", "third"]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process found that has a primary and a streaming replica of its own."""
    home = tmp_path_factory.mktemp("replica")
    with servers("primary", "standby") as (primary, standby):
        primary.make()
        standby.copy_of(primary)
        told = {
            "YUTANG_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "yutang.config.settings",
            "DATABASE_URL": primary.url(),
            "YUTANG_REPLICA_URL": standby.url(),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        command = [sys.executable, "-m", "tests.foundation.replica_samples", str(home)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, env={**os.environ, **told}, text=True, **pipes) as child:  # type: ignore[call-overload]
            for line in ("stop", "start"):
                assert child.stdout.readline().strip() == line
                getattr(standby, line)()
                child.stdin.write("\n")
                child.stdin.flush()
            answer = child.stdout.readline()
        assert child.returncode == 0
    return dict(json.loads(answer))


@pytest.mark.slow
class TestStreaming:
    def test_reads_of_reports_go_to_the_replica_and_nothing_else_does(self, found: dict[str, Any]) -> None:
        assert found["reads elsewhere"] is True
        # It stands still, so it does not show what came since.
        assert (found["within"], found["raw"]) == (FIRST, FIRST)
        assert found["deciding"] == "default"
        assert (found["in a transaction"], found["outside"]) == (THIRD, THIRD)
        assert found["saved"] == "changed"
        assert found["writing there"] == "ReadOnlySqlTransaction"

    def test_an_export_shows_all_that_was_committed_before_it(self, found: dict[str, Any]) -> None:
        assert (found["exports that follow"], found["exports that miss"]) == (15, [])
        assert found["export while it stands still"] == [False, True]
        assert found["follows within a transaction"] is False

    def test_one_that_is_too_far_behind_is_not_read_from(self, found: dict[str, Any]) -> None:
        assert found["lag of a quiet store"] == 0.0
        assert found["lags"] == [False, True, True]
        assert found["of another store"] == "of_another_store"
        assert (found["doctor of one that lags"], found["doctor of a good one"]) == (["note"], ["good"])

    def test_one_that_goes_away_is_done_without_until_it_is_back(self, found: dict[str, Any]) -> None:
        assert found["falls while it is read"] == [True, [True, False]]
        assert found["away"] == [False, True, "away"]
        assert (found["doctor of one that is away"], found["follows while away"]) == (["note"], False)
        assert found["is back"] == [True, True]


@contextmanager
def standing_like(stands: Standing, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(replica, "has_replica", lambda: True)
        patched.setattr(replica, "standing", lambda: stands)
        yield


class TestDoor:
    @pytest.mark.parametrize(
        ("lag", "reads"), [(0.0, True), (30.0, True), (30.5, False), (float("inf"), False), (None, False)]
    )
    def test_opens_as_long_as_the_replica_is_close_behind(
        self, monkeypatch: pytest.MonkeyPatch, settings: Any, lag: float | None, reads: bool
    ) -> None:
        settings.YUTANG_REPLICA_LAG_SECONDS = 30
        with standing_like(Standing(lag), monkeypatch), reports() as elsewhere:
            assert elsewhere is reads

    def test_stays_shut_without_a_replica(self) -> None:
        with reports() as elsewhere:
            assert not elsewhere

    @pytest.mark.django_db(transaction=True)
    def test_what_decides_and_what_is_written_stays_on_the_primary(self, monkeypatch: pytest.MonkeyPatch) -> None:
        router = ReportRouter()

        with standing_like(Standing(0.0), monkeypatch), reports():
            assert router.db_for_read(Order) == "replica"
            assert router.db_for_read(Staff) == router.db_for_write(Order) == "default"
        assert router.db_for_read(Order) == "default"
        assert (router.allow_migrate("default", "orders"), router.allow_migrate("replica", "orders")) == (True, False)

    def test_another_fault_is_told_as_it_is(self) -> None:
        @reads_reports
        def breaks() -> None:
            raise DatabaseError("disk full")

        with pytest.raises(DatabaseError, match="disk full"):
            breaks()


class TestSettings:
    def test_sqlite_has_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_REPLICA_URL", "postgresql://u:secret@h/x")

        with pytest.raises(env.ReplicaNeedsPostgresql) as refused:
            env.replica(of={"ENGINE": "django.db.backends.sqlite3"})
        assert "secret" not in str(refused.value)

    @pytest.mark.parametrize("address", ["nonsense", "sqlite:///x", "postgresql://u:secret@h:port/x"])
    def test_an_address_that_is_none_is_refused(self, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        monkeypatch.setenv("YUTANG_REPLICA_URL", address)

        with pytest.raises(env.ReplicaNeedsPostgresql):
            env.replica(of=POSTGRESQL)

    def test_nothing_is_written_there_whatever_the_address_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(
            "YUTANG_REPLICA_URL", "postgresql://u@h/x?options=-c%20search_path%3Dyutang&connect_timeout=5"
        )

        options = (env.replica(of=POSTGRESQL) or {})["OPTIONS"]

        assert options == {
            "options": "-c search_path=yutang -c default_transaction_read_only=on",
            "connect_timeout": 5,
        }

    def test_without_the_setting_there_is_none(self) -> None:
        assert env.replica(of=POSTGRESQL) is None
        assert "replica" not in connection.settings_dict
