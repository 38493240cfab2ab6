"""Threads of one process share connections to PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.exception import response_for_exception
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory
from psycopg_pool import PoolTimeout

from tests.support.servers import Server, servers
from yutang.api.problems import refused
from yutang.config import env
from yutang.console.rooms.errors import broken
from yutang.foundation.pooling import numbers_since_last, share_connections, waited_in_vain

SAMPLE = [sys.executable, "-m", "tests.foundation.pool_samples"]


def environment_with(url: str, home: Path, **told: str) -> dict[str, str]:
    ours = {"YUTANG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "yutang.config.settings", "DATABASE_URL": url}
    return {**os.environ, **ours, "PYTHONPATH": os.pathsep.join(sys.path), **told}


def sample(name: str, url: str, home: Path, *answers: Any) -> dict[str, Any]:
    """Run a sample; after each line that it prints the next answer is called, and it is told to go on."""
    with subprocess.Popen(
        [*SAMPLE, name], env=environment_with(url, home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for answer in answers:
            assert child.stdout.readline()
            answer()
            child.stdin.write("\n")
            child.stdin.flush()
        told = child.stdout.readline()
    assert child.returncode == 0
    return dict(json.loads(told))


def pool_timeout() -> OperationalError:
    error = OperationalError("couldn't get a connection")
    error.__cause__ = PoolTimeout("couldn't get a connection")
    return error


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with servers("one") as (server,):
        yield server.make()


@pytest.mark.slow
class TestSharing:
    def test_threads_share_at_most_so_many(self, server: Server, tmp_path: Path) -> None:
        told = sample("lends", server.url(), tmp_path)

        assert told["answers"] == 30
        assert told["connections"] <= 2
        assert told["lent"] == 30
        assert told["waited"] > 0

    def test_who_waits_in_vain_is_refused_and_counted(self, server: Server, tmp_path: Path) -> None:
        assert sample("refuses", server.url(), tmp_path) == {"refused": "in vain", "counted": 1, "afterwards": True}

    def test_nobody_is_given_a_connection_to_a_server_that_was_started_anew(
        self, server: Server, tmp_path: Path
    ) -> None:
        def restart() -> None:
            server.stop()
            server.start()

        assert sample("restarts", server.url(), tmp_path, restart) == {"same": False}

    def test_while_the_server_is_away_one_waits_in_vain_and_then_goes_on(self, server: Server, tmp_path: Path) -> None:
        told = sample("returns", server.url(), tmp_path, server.stop, server.start)

        assert (told["away"], told["same"]) == ("in vain", False)
        assert told["opened"] >= 1

    def test_behind_a_pooler_of_transactions_no_cursor_stays_on_the_server(self, tmp_path: Path) -> None:
        asked = (
            "from django.conf import settings; print(settings.DATABASES['default'].get('DISABLE_SERVER_SIDE_CURSORS'))"
        )

        def told(**more: str) -> str:
            environment = environment_with("postgresql://nobody@127.0.0.1/none", tmp_path, **more)
            return subprocess.check_output([sys.executable, "-c", asked], env=environment, text=True).strip()

        assert (told(), told(YUTANG_TRANSACTION_POOLER="1")) in {("False", "True"), ("None", "True")}


class TestRefusing:
    def test_the_console_says_that_too_many_ask_and_when_to_come_again(self) -> None:
        def answer(error: Exception) -> HttpResponse:
            try:
                raise error
            except Exception:
                return broken(RequestFactory().get("/"))

        busy, fault = answer(pool_timeout()), answer(OperationalError("disk full"))

        assert (busy.status_code, busy["Retry-After"]) == (503, "5")
        assert (fault.status_code, fault.get("Retry-After")) == (500, None)

    @pytest.mark.urls("yutang.config.urls")
    def test_it_does_so_from_wherever_the_error_comes(self) -> None:
        request = RequestFactory().get("/")
        try:
            raise pool_timeout()
        except OperationalError as error:
            answer = response_for_exception(request, error)

        assert answer.status_code == 503

    def test_a_program_is_told_to_send_the_call_again(self) -> None:
        answer = refused(RequestFactory().get("/api/v1/orders"), pool_timeout())

        assert (answer.status_code, answer["Retry-After"]) == (503, "5")

    def test_another_error_is_no_waiting(self) -> None:
        assert not waited_in_vain(OperationalError("server closed the connection"))
        assert not waited_in_vain(None)


class TestSettings:
    def test_nothing_is_shared_where_nobody_wishes_it(self) -> None:
        assert not share_connections(most=0)
        assert numbers_since_last() is None

    def test_sqlite_shares_nothing(self) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("what SQLite does is asked on SQLite")

        assert not share_connections(most=4)

    @pytest.mark.parametrize(("written", "read"), [("", 4), ("0", 0), ("12", 12)])
    def test_the_size_is_a_whole_number(self, monkeypatch: pytest.MonkeyPatch, written: str, read: int) -> None:
        monkeypatch.setenv("YUTANG_POOL", written)

        assert env.whole_number("YUTANG_POOL", default=4, least=0, most=1000) == read

    @pytest.mark.parametrize("written", ["-1", "many", "1001"])
    def test_anything_else_is_refused(self, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
        monkeypatch.setenv("YUTANG_POOL", written)

        with pytest.raises(env.NumberIsUnreadable):
            env.whole_number("YUTANG_POOL", default=4, least=0, most=1000)
