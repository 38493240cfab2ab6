"""Settings, homes, stores, keys and pipes that are broken: one sentence, one JSON object, exit code 2, never a traceback."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from typer.testing import CliRunner

from tests.support.installed import environment_of, installed_home
from yutang.cli.main import build
from yutang.foundation import queries
from yutang.foundation.models import Job

RUN = [sys.executable, "-m", "yutang.cli.main"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An installation of its own on SQLite."""
    return environment_of(tmp_path / "home", YUTANG_LANG="en")


def refusal(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Return the one JSON object of a command that is refused."""
    ended = subprocess.run(
        [*RUN, *arguments, "--json"], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    return dict(json.loads(ended.stdout)["error"])


@pytest.mark.slow
class TestSettings:
    @pytest.mark.parametrize(
        "url", ["nonsense", "mysql://u:secret@h/x", "postgresql://u:secret@h:port/x", "postgresql://[u:secret/x"]
    )
    def test_an_address_that_is_none(self, environment: dict[str, str], url: str) -> None:
        told = refusal({**environment, "DATABASE_URL": url}, "today")

        assert told["code"] == "database_url_is_unreadable"
        assert "secret" not in told["message"]

    def test_an_engine_that_is_none(self, environment: dict[str, str]) -> None:
        told = refusal({**environment, "YUTANG_ENGINE": "spark"}, "today")

        assert (told["code"], "spark://host:7077" in told["message"]) == ("engine_is_unknown", True)

    @pytest.mark.parametrize("command", ["doctor", "today"])
    def test_a_home_that_cannot_be_made(self, environment: dict[str, str], command: str) -> None:
        told = refusal({**environment, "YUTANG_HOME": "/proc/nope"}, command)

        assert (told["code"], "/proc/nope" in told["message"]) == ("home_cannot_be_used", True)


@pytest.mark.slow
class TestStores:
    @pytest.fixture
    def garbage(self, environment: dict[str, str]) -> Path:
        home = Path(environment["YUTANG_HOME"])
        home.mkdir(mode=0o700)
        (home / "yutang.sqlite3").write_bytes(b"no database at all, " * 1000)
        return home / "yutang.sqlite3"

    def test_a_file_that_is_no_database(self, environment: dict[str, str], garbage: Path) -> None:
        told = refusal(environment, "today")

        assert (told["code"], str(garbage) in told["message"]) == ("store_file_is_unusable", True)

    def test_doctor_says_so_too_and_goes_on(self, environment: dict[str, str], garbage: Path) -> None:
        ended = subprocess.run(
            [*RUN, "doctor", "--json"], env=environment, capture_output=True, text=True, timeout=300, check=False
        )

        findings = {one["check"]: one for one in json.loads(ended.stdout)["findings"]}
        assert ended.returncode == 2
        assert findings["store"]["verdict"] == "broken"
        assert str(garbage) in findings["store"]["says"]
        assert "charts" in findings

    def test_a_server_that_is_not_there_is_told_with_its_address_and_without_the_password(
        self, environment: dict[str, str]
    ) -> None:
        told = refusal({**environment, "DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"}, "today")

        assert (told["code"], "127.0.0.1" in told["message"]) == ("database_does_not_answer", True)
        assert "secret" not in told["message"]


@pytest.mark.django_db(transaction=True)
def test_a_server_that_goes_while_a_command_runs_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only a server can go: make test-postgres")

    def gone(**_: Any) -> None:
        Job.objects.raw("SELECT 1 AS id, pg_terminate_backend(pg_backend_pid())")[0]

    monkeypatch.setattr(queries, "recent_jobs", gone)
    try:
        result = CliRunner().invoke(build(), ["jobs", "list", "--json"])
    finally:
        connection.close()

    told = json.loads(result.stdout)["error"]
    assert (result.exit_code, told["code"]) == (2, "database_went_away")
    assert "terminating connection" in told["data"]["detail"]


@pytest.mark.slow
class TestPipes:
    @pytest.mark.parametrize("arguments", [("sql", "--json"), ("sql",)])
    def test_a_reader_that_goes_is_no_bug(self, environment: dict[str, str], arguments: tuple[str, ...]) -> None:
        installed_home(Path(environment["YUTANG_HOME"]))

        with subprocess.Popen(
            [*RUN, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            said = process.stderr.read()
            code = process.wait(timeout=300)

        assert (code, said) == (0, "")


@pytest.mark.slow
def test_files_are_the_owners_own_also_in_a_home_that_others_may_enter(environment: dict[str, str]) -> None:
    home = Path(environment["YUTANG_HOME"])
    home.mkdir(mode=0o755)
    file = home.parent / "orders.csv"
    file.write_text("订单号,下单时间,会员号,商品名称,数量,单价\nA1,2026-01-02 10:00:00,M1,茶,2,9.50\n")

    subprocess.run([*RUN, "import", str(file)], env=environment, capture_output=True, timeout=300, check=True)

    open_to_others = [path for path in home.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_to_others == []


@pytest.mark.django_db
class TestJobs:
    def test_a_status_that_no_job_can_have(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_LANG", "en")

        result = CliRunner().invoke(build(), ["jobs", "list", "--status", "foo", "--json"])

        told = json.loads(result.stdout)["error"]
        assert (result.exit_code, told["code"]) == (2, "no_such_job_status")
        assert "waiting, running, done, dead, cancelled" in told["message"]
