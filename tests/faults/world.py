"""A shop as processes that can be killed one by one: database, web servers, workers, the gateway of short messages, WeCom, and the lines between."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.faults import clock
from tests.faults.lines import Line
from tests.support.starting import Child, Starter
from yutang.connectors.wecom.simulator.acts_mass import SENT
from yutang.connectors.wecom.simulator.keeping import kept_world

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 120.0
_START = "from tests.faults import parts\nimport sys\nname, *told = sys.argv[1:]\n"
_WEB = _START + "parts.web(int(told[0]))"
_WORK = _START + "parts.work(told[0], float(told[1]), told[2])"
_GATEWAY = _START + "parts.gateway(int(told[0]), told[1])"
_WECOM = _START + "parts.wecom(int(told[0]), told[1])"
#: What the shop is not made of: they run until their input ends, and live where its disk does not reach.
PLATFORMS = ("gateway", "wecom")
#: Leases of workers, so that one that died is followed soon. Seconds.
LEASE = 4.0


@dataclass
class Process:
    """One process of the world, started again under the same name whenever it ended."""

    name: str
    code: str
    told: tuple[str, ...]
    child: Child | None = None


class World:
    """Starts everything; use as a context manager.

    Args:
        home: folder of the installation.
        database: ``DATABASE_URL``; empty: the embedded store.
        starter: forks the processes.
        workers: how many workers do everything; one more does WeCom's queue alone.
    """

    def __init__(self, home: Path, database: str, starter: Starter, *, workers: int = 2) -> None:
        self.home = home
        self.clock = clock.Clock(home.parent / f"{home.name}.clock")
        self.taken = home.parent / f"{home.name}.taken"
        self.platform = home.parent / f"{home.name}.wecom.json"
        self._starter = starter
        self._ports = [free_port(), free_port()]
        self._gateway, self._wecom = free_port(), free_port()
        self.to_gateway, self.to_wecom = Line(self._gateway), Line(self._wecom)
        self.to_web = [Line(port) for port in self._ports]
        self.environment = environment(
            home, database, clock_file=home.parent / f"{home.name}.clock", gateway=self.to_gateway.port
        )
        self._stderr = (home.parent / f"{home.name}.log").open("ab")
        self.processes = {
            **{f"web{n}": Process(f"web{n}", _WEB, (str(port),)) for n, port in enumerate(self._ports)},
            **{
                f"worker{n}": Process(f"worker{n}", _WORK, (f"w{n}", str(LEASE), "default,wecom"))
                for n in range(workers)
            },
            "gateway": Process("gateway", _GATEWAY, (str(self._gateway), str(self.taken))),
            "wecom": Process("wecom", _WECOM, (str(self._wecom), str(self.platform))),
        }
        self._lives = Counter[str]()

    def __enter__(self) -> World:
        for line in self.lines:
            line.__enter__()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.processes:
            self.kill(name)
        for line in self.lines:
            line.__exit__()
        self._stderr.close()

    @property
    def lines(self) -> list[Line]:
        """Every line between two processes."""
        return [self.to_gateway, self.to_wecom, *self.to_web]

    @property
    def ports(self) -> list[int]:
        """Ports of the lines to the web servers."""
        return [line.port for line in self.to_web]

    def start(self, *names: str) -> None:
        """Start what does not run."""
        for name in names or self.processes:
            one = self.processes[name]
            if one.child is not None:
                continue
            told = one.told
            if name.startswith("worker"):
                # No two live workers share a name, and one that is stopped lives.
                self._lives[name] += 1
                told = (f"{told[0]}-{self._lives[name]}", *told[1:])
            pipe = subprocess.PIPE if name in PLATFORMS else None
            one.child = self._starter.start(
                one.code, name, *told, environment=self.environment, stdin=pipe, stderr=self._stderr
            )

    def kill(self, name: str) -> None:
        """Kill a process, whatever it does."""
        one = self.processes[name]
        if one.child is None:
            return
        one.child.kill()
        one.child.wait(timeout=_PATIENCE)
        for pipe in (one.child.stdin, one.child.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
        one.child = None

    def has_ended(self, name: str) -> bool:
        """Return whether a process ended by itself."""
        one = self.processes[name]
        if one.child is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            one.child.wait(timeout=0)
            one.child = None
            return True
        return False

    def hold(self, name: str) -> None:
        """Stop a process where it stands."""
        child = self.processes[name].child
        if child is not None:
            child.send_signal(signal.SIGSTOP)

    def release(self, name: str) -> None:
        """Let a process go on."""
        child = self.processes[name].child
        if child is not None:
            child.send_signal(signal.SIGCONT)

    def taken_by_key(self) -> Counter[str]:
        """Return how often the gateway took each message."""
        if not self.taken.exists():
            return Counter()
        return Counter(line.split()[0] for line in self.taken.read_text().splitlines())

    def sent_in_wecom(self) -> Counter[str]:
        """Return how often members of staff sent each message, by its words, as WeCom has it."""
        kept = kept_world(self.platform)
        assert kept is not None
        return Counter(
            str(task.content["text"]["content"])
            for task in kept.tasks.values()
            for results in task.results.values()
            for status, _at in results.values()
            if status == SENT
        )

    def wait_for_web(self) -> None:
        """Wait until a web server answers."""
        import http.client

        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self._ports[0], timeout=5)
                connection.request("GET", "/health/live")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise TimeoutError("the web server does not answer")


def environment(home: Path, database: str, *, clock_file: Path, gateway: int) -> dict[str, str]:
    """Return the environment of every process of a world."""
    left_out = {"DATABASE_URL", "YUTANG_LAKE", "YUTANG_TEST_HOME", "PROMETHEUS_MULTIPROC_DIR"}
    told = {
        "YUTANG_HOME": str(home),
        "PROMETHEUS_MULTIPROC_DIR": str(home / "metrics"),
        "DJANGO_SETTINGS_MODULE": "yutang.config.settings",
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", ""))),
        "YUTANG_SMS_GATEWAY": "aliyun",
        "YUTANG_SMS_KEY_ID": "key",
        "YUTANG_SMS_SECRET": "secret",
        "YUTANG_SMS_SIGN": "渔塘",
        "YUTANG_SMS_BASE_URL": f"http://127.0.0.1:{gateway}",
        "YUTANG_QUERY_THREADS": "1",
        clock.VARIABLE: str(clock_file),
        **({"DATABASE_URL": database} if database else {}),
    }
    return {**{name: value for name, value in os.environ.items() if name not in left_out}, **told}


def free_port() -> int:
    """Return a port at which nobody listens."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Postgres:
    """A server of a run's own that can be killed and comes back; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner: list[str] = []
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        if not programs:
            raise FileNotFoundError("no PostgreSQL of Debian here")
        self._programs = programs[0]

    @property
    def url(self) -> str:
        """Its address."""
        return f"postgresql://postgres@{quote(str(self._folder), safe='')}/postgres"

    def __enter__(self) -> Postgres:
        self._folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody")
            self._owner = ["setpriv", "--reuid=nobody", "--clear-groups", "--"]
        self._call("initdb", "-D", str(self._cluster), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._call("pg_ctl", "-D", str(self._cluster), "-m", "immediate", "stop")

    @property
    def _cluster(self) -> Path:
        return self._folder / "cluster"

    def start(self) -> None:
        """Start it; after a kill it recovers by its log first."""
        options = f"-k {self._folder} -c listen_addresses= -c max_connections=200"
        self._call(
            "pg_ctl",
            "-D",
            str(self._cluster),
            "-o",
            options,
            "-l",
            str(self._folder / "log"),
            "-w",
            "-t",
            "120",
            "start",
        )

    def kill(self) -> None:
        """Kill the server with everything that works for it."""
        pid = int((self._cluster / "postmaster.pid").read_text().split()[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        # Its children see that it is gone and end; it does not start again before.
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                return self.start()
            except subprocess.CalledProcessError:
                time.sleep(0.2)
        raise TimeoutError("the database did not come back")

    def _call(self, program: str, *arguments: str) -> None:
        command = [*self._owner, str(self._programs / program), *arguments]
        subprocess.run(
            command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=180
        )


@contextlib.contextmanager
def small_disk(folder: Path, *, mib: int) -> Iterator[bool]:
    """Let a folder lie on a disk of its own that is so small, and yield whether that can be had here (it takes root)."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0700", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def set_up(world_environment: dict[str, str]) -> dict[str, Any]:
    """Make the shop in a process of its own, and return its token and people."""
    import json

    made = subprocess.run(
        [sys.executable, "-m", "tests.faults.making"],
        env=world_environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(made.stderr[-4000:])
    return dict(json.loads(made.stdout))
