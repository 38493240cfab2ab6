"""Lets a process that has loaded everything fork the children that export into the lake: each loads nothing more."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

import yutang
from yutang.lake import export

#: What an installation does instead.
AS_SHIPPED = export._child
#: For each folder that it reads: a child takes its order from there, and leaves what it said there.
_FORKER = """
import os, sys
import adbc_driver_postgresql.dbapi, adbc_driver_sqlite.dbapi
from yutang.lake import export
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for number, name in enumerate(("in", "out", "err")):
                file = os.open(os.path.join(line.strip(), name), os.O_RDWR | os.O_CREAT, 0o600)
                os.dup2(file, number)
            sys.stdin = open(0)
            export.main()
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Exporter:
    """Starts with the first export; use as a context manager."""

    def __init__(self) -> None:
        self._forker: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Exporter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._forker:
            self._forker.communicate()

    def export(self, order: str) -> subprocess.CompletedProcess[str]:
        """Stand for `yutang.lake.export._child`: export in a process of its own, and return what it said."""
        with tempfile.TemporaryDirectory() as folder, self._one_at_a_time:
            said = Path(folder)
            (said / "in").write_text(order)
            code = self._forked(folder)
            return subprocess.CompletedProcess([], code, (said / "out").read_text(), (said / "err").read_text())

    def _forked(self, folder: str) -> int:
        forker = self._forker = self._forker or _started()
        _pipe(forker.stdin).write(folder + "\n")
        _pipe(forker.stdin).flush()
        return int(_pipe(forker.stdout).readline())


def _started() -> subprocess.Popen[str]:
    path = os.pathsep.join([str(Path(yutang.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-c", _FORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
