"""Start a small Spark cluster on this machine, one master and two workers, from the PySpark that is installed; Ctrl-C ends it."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

HOST = "127.0.0.1"

#: A machine that is busy takes so long at most to start the processes. Seconds.
_LONGEST_START = 180

#: PR_SET_PDEATHSIG of prctl(2).
_PARENT_DEATH_SIGNAL = 1

#: What a worker says once the master knows it, and a master once workers may come.
_REGISTERED, _ALIVE = "Successfully registered with master", "New state: ALIVE"


class NoCluster(Exception):
    """A cluster cannot be started here; the message says what is missing."""


def main() -> None:
    """Start the cluster, print its address, and wait."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cores", type=int, default=1, help="of each worker")
    parser.add_argument("--memory", default="2g", help="of each worker")
    parser.add_argument("--port", type=int, default=7077, help="of the master; 0: any that is free")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="yutang-spark-", ignore_cleanup_errors=True) as folder:
        try:
            running = cluster(
                Path(folder), workers=given.workers, cores=given.cores, memory=given.memory, port=given.port
            )
            with running as address:
                print(f"{given.workers} workers wait at {address}\n\n  export YUTANG_ENGINE={address}\n", flush=True)
                print("Ctrl-C ends them.", flush=True)
                signal.pause()
        except NoCluster as error:
            sys.exit(str(error))
        except KeyboardInterrupt:
            print("ended")


@contextlib.contextmanager
def cluster(folder: Path, *, workers: int = 2, cores: int = 1, memory: str = "1g", port: int = 0) -> Iterator[str]:
    """Start a master and workers on loopback and yield the master's address; they end with the block.

    Args:
        folder: for their logs and what they write.
        workers: how many.
        cores: of each worker.
        memory: of each worker, as Spark writes it.
        port: of the master; 0: any that is free.

    Raises:
        NoCluster: PySpark or Java is missing, or a process did not come up.
    """
    why_not = what_is_missing()
    if why_not:
        raise NoCluster(why_not)
    wanted = port or _free_port()
    address = f"spark://{HOST}:{wanted}"
    started: list[subprocess.Popen[bytes]] = []
    try:
        master = ("master.Master", "--host", HOST, "--port", str(wanted), "--webui-port", "0")
        _start(folder, "master", master, started, _ALIVE)
        for number in range(1, workers + 1):
            worker = ("worker.Worker", "--host", HOST, "--webui-port", "0", "-c", str(cores), "-m", memory, address)
            _start(folder, f"worker-{number}", worker, started, "")
        for number in range(1, workers + 1):
            _wait_for(folder / f"worker-{number}.log", _REGISTERED, started[number])
        yield address
    finally:
        _end(started)


def what_is_missing() -> str:
    """Return in a sentence what a cluster lacks on this machine; empty where nothing is."""
    if importlib.util.find_spec("pyspark") is None:
        return "PySpark is not installed: make setup-spark, or pip install 'yutang[spark]'."
    if not _java():
        return "There is no Java: Spark needs Java 17 or newer, in PATH or named by JAVA_HOME."
    return ""


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin" if home else None)


def _start(
    folder: Path, name: str, arguments: Sequence[str], started: list[subprocess.Popen[bytes]], said: str
) -> None:
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise NoCluster(what_is_missing())
    home = Path(spec.origin).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_WORKER_DIR": str(folder / name),
        "SPARK_DAEMON_MEMORY": "256m",
        # It writes only what it says itself.
        "SPARK_NO_DAEMONIZE": "1",
    }
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{arguments[0]}", *arguments[1:]]
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    with log.open("wb") as file:
        # A group of its own: spark-class may stand between us and Java, and Ctrl-C is ours to pass on.
        one = subprocess.Popen(
            command,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - nothing else runs in this process yet.
        )
    started.append(one)
    if said:
        _wait_for(log, said, one)


def _end_with_parent() -> None:
    """Let this process end when the one that started it is killed; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _wait_for(log: Path, said: str, one: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _LONGEST_START
    while said not in log.read_text(errors="replace"):
        if one.poll() is not None or time.monotonic() > end:
            raise NoCluster(f"{log.stem} of Spark did not come up:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.1)


def _end(started: Sequence[subprocess.Popen[bytes]]) -> None:
    for sent in (signal.SIGTERM, signal.SIGKILL):
        for one in reversed(started):
            # The group, too, where its first process has ended: executors are of it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.pid, sent)
        for one in started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
