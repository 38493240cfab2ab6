"""`yutang up`, `yutang worker` and `yutang doctor`, as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.installed import environment_of, installed_home
from yutang.cli import checkup
from yutang.cli.supervisor import Child, Supervisor


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An installation of its own on SQLite."""
    return environment_of(tmp_path / "home", YUTANG_LANG="en")


def yutang(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yutang.cli.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """End the process when something goes wrong: else the failure would wait for it."""
    try:
        yield
    except BaseException:
        process.kill()
        raise


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
class TestUp:
    def test_sets_up_serves_and_ends_cleanly(self, environment: dict[str, str]) -> None:
        port = free_port()
        command = [sys.executable, "-m", "yutang.cli.main", "up", "--port", str(port), "--no-demo", "--json"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process, ended(process):
            assert process.stdout is not None
            answer = json.loads(process.stdout.readline())
            page = urllib.request.urlopen(f"{answer['address']}login/", timeout=120).read().decode()
            second = yutang(environment, "up", "--port", str(free_port()), "--json")
            deadline = time.monotonic() + 600
            while time.monotonic() < deadline and not written_down(environment):
                time.sleep(0.1)
            alive = workers(environment)
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=120)

        assert (answer["username"], len(answer["password"])) == ("owner", 16)
        assert "<form" in page
        assert json.loads(second.stdout)["error"]["code"] == "already_up"
        assert code == 0
        assert alive
        assert not workers(environment)
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(answer["address"], timeout=5)

    def test_refuses_a_port_in_use(self, environment: dict[str, str]) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()

            refused = yutang(environment, "up", "--port", str(taken.getsockname()[1]), "--no-demo", "--json")

        assert refused.returncode == 2
        assert json.loads(refused.stdout)["error"]["code"] == "port_is_taken"


def written_down(environment: dict[str, str]) -> bool:
    """Return whether a worker has said that it is there."""
    with closing(sqlite3.connect(Path(environment["YUTANG_HOME"]) / "yutang.sqlite3", timeout=60)) as store:
        return store.execute("SELECT count(*) FROM foundation_worker").fetchone() != (0,)


def workers(environment: dict[str, str]) -> bool:
    findings = json.loads(yutang(environment, "doctor", "--json").stdout)["findings"]
    return any(finding["check"] == "worker" and finding["verdict"] == "good" for finding in findings)


@pytest.mark.slow
class TestDoctor:
    def test_finds_a_fresh_home_healthy_and_says_what_is_still_to_do(self, environment: dict[str, str]) -> None:
        answer = yutang(environment, "doctor", "--json")

        findings = {finding["check"]: finding for finding in json.loads(answer.stdout)["findings"]}
        assert answer.returncode == 0
        assert findings["migrations"]["verdict"] == "good"
        assert findings["worker"]["do"] == "Run: yutang up"
        assert stat.S_IMODE(Path(environment["YUTANG_HOME"]).stat().st_mode) == 0o700

    def test_finds_keys_that_others_can_read(self, environment: dict[str, str]) -> None:
        installed_home(Path(environment["YUTANG_HOME"]))
        (Path(environment["YUTANG_HOME"]) / "keys.json").chmod(0o644)

        answer = yutang(environment, "doctor")

        assert answer.returncode == 2
        assert "chmod 600" in answer.stdout

    def test_says_that_the_database_is_out_of_reach_and_goes_on(self, environment: dict[str, str]) -> None:
        environment["DATABASE_URL"] = f"postgresql://nobody@127.0.0.1:{free_port()}/none"

        answer = yutang(environment, "doctor", "--json")

        findings = {finding["check"]: finding["verdict"] for finding in json.loads(answer.stdout)["findings"]}
        assert answer.returncode == 2
        assert findings["store"] == "broken"
        assert "keys" in findings
        assert "lake" not in findings

    def test_a_check_that_falls_is_a_finding(self) -> None:
        finding = checkup.Finding.fallen("lake", RuntimeError("torn"))

        assert finding.verdict is checkup.Verdict.BROKEN
        assert "torn" in str(finding.says)


class TestSupervisor:
    def children(self, tmp_path: Path, *programs: str) -> list[Child]:
        return [
            Child(str(number), [sys.executable, "-c", program], tmp_path / f"{number}.log")
            for number, program in enumerate(programs)
        ]

    @pytest.fixture(autouse=True)
    def _own_signals(self) -> Any:
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        yield
        for number, answer in before.items():
            signal.signal(number, answer)

    def test_starts_a_fallen_child_again_and_gives_up_on_one_that_keeps_falling(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("yutang.cli.supervisor.time.sleep", lambda seconds, sleep=time.sleep: sleep(seconds / 20))
        steady, falling = self.children(tmp_path, "import time; time.sleep(60)", "print('fell', flush=True)")
        supervisor = Supervisor([steady, falling])
        supervisor.start()

        assert supervisor.watch() is falling

        assert falling.log.read_text().count("fell") == 5
        assert steady.has_ended()

    def test_leaves_out_what_is_not_needed_and_says_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("yutang.cli.supervisor.time.sleep", lambda seconds, sleep=time.sleep: sleep(seconds / 20))
        steady, falling = self.children(tmp_path, "import time; time.sleep(60)", "print('fell', flush=True)")
        falling.is_needed = False
        told: list[Child] = []

        def tell(child: Child) -> None:
            told.append(child)
            assert not steady.has_ended()
            os.kill(os.getpid(), signal.SIGTERM)

        supervisor = Supervisor([steady, falling], told=tell)
        supervisor.start()

        assert supervisor.watch() is None
        assert told == [falling]

    def test_ends_everything_on_a_signal(self, tmp_path: Path) -> None:
        (child,) = self.children(tmp_path, "import time; time.sleep(60)")
        supervisor = Supervisor([child])
        supervisor.start()

        os.kill(os.getpid(), signal.SIGTERM)

        assert supervisor.watch(poll_seconds=0.05) is None
        assert child.has_ended()
