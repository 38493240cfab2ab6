"""Servers of PostgreSQL that a test may stop, start again and copy: Debian's programs, on sockets in a folder of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


class Server:
    """One server; it ends with the block of `servers`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._owner: list[str] = []
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root; an account that every Debian has lends its name.
            shutil.chown(folder, "nobody")
            self._owner = ["setpriv", "--reuid=nobody", "--clear-groups", "--"]

    def url(self, name: str = "postgres") -> str:
        """Return the address of a database of it."""
        return f"postgresql://postgres@{quote(str(self.folder), safe='')}/{name}"

    def make(self) -> Server:
        """Make it and start it."""
        self._call("initdb", "-D", self._cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        return self.start()

    def copy_of(self, other: Server) -> Server:
        """Make it a standby that follows another one by streaming, and start it."""
        source = f"host={other.folder} user=postgres dbname=postgres"
        self._call("pg_basebackup", "-d", source, "-D", self._cluster, "-R", "-X", "stream", "-c", "fast")
        return self.start()

    def start(self) -> Server:
        """Start it."""
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=40"
        self._call("pg_ctl", "-D", self._cluster, "-o", options, "-l", str(self.folder / "log"), "-w", "start")
        return self

    def stop(self) -> None:
        """Stop it at once, connections and all."""
        self._call("pg_ctl", "-D", self._cluster, "-m", "immediate", "-w", "stop")

    @property
    def _cluster(self) -> str:
        return str(self.folder / "cluster")

    def _call(self, program: str, *arguments: str) -> None:
        command = [*self._owner, str(_PROGRAMS[0] / program), *arguments]
        subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL, check=True, timeout=120)


@contextlib.contextmanager
def servers(*names: str) -> Iterator[list[Server]]:
    """Yield servers that are not made yet; the test is skipped where there are no programs for them."""
    if not _PROGRAMS:
        pytest.skip("a server of its own needs PostgreSQL of Debian's packages (/usr/lib/postgresql)")
    # Not below pytest's own folder, into which another account cannot look.
    with tempfile.TemporaryDirectory(prefix="yt-pg-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o711)
        made = [Server(Path(place) / name) for name in names]
        try:
            yield made
        finally:
            for server in reversed(made):
                with contextlib.suppress(subprocess.CalledProcessError):
                    server.stop()
