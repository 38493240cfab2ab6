"""Lets processes that tests start, and kill, be forked from one that has loaded everything: each loads nothing more.

What a child does, where it reads and writes and how it ends is as if it had been started; only the loading is done before. A child that
is told something else than the first, such as another home or store, reads the settings anew: nothing that is loaded keeps them.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import IO

#: What children of one process may be told differently begins so: what settings are made of, and what pytest notes for itself.
_OWN = ("YUTANG_", "DATABASE_URL", "PYTEST_CURRENT_TEST")

#: Reads an order and four files from a socket; a watcher forks the child and says its number, and then how it ended.
_STARTER = """
import json, os, signal, socket, sys
import django
django.setup()
from django.conf import settings
from django.db import connections
from django.utils.functional import empty
import adbc_driver_postgresql.dbapi, adbc_driver_sqlite.dbapi
from yutang.foundation import jobs
from yutang.ingest import drafting
for name in sys.argv[2:]:
    __import__(name)

def told_in(environment):
    return {name: value for name, value in environment.items() if name.startswith(("YUTANG_", "DATABASE_URL"))}

def read_settings_in(environment):
    known = told_in(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    if known == told_in(environment):
        return
    del sys.modules[os.environ["DJANGO_SETTINGS_MODULE"]]
    settings._wrapped = empty
    vars(connections).pop("settings", None)
    connections.__init__()

def act(order, files):
    for place, file in enumerate(files[:3]):
        os.dup2(file, place)
    for file in files:
        os.close(file)
    door.close()
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
    sys.argv = ["-c", *order["arguments"]]
    read_settings_in(order["environment"])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        exec(compile(order["code"], "<child>", "exec"), {"__name__": "__main__"})
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                pass
        os._exit(code)

door = socket.socket(fileno=int(sys.argv[1]))
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    told, files, *_ = socket.recv_fds(door, 1_000_000, 4)
    if not told:
        break
    order = json.loads(told)
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        child = os.fork()
        if child == 0:
            act(order, files)
        for file in files[:3]:
            os.close(file)
        door.close()
        os.write(files[3], b"%d\\n" % child)
        os.write(files[3], b"%d\\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        os._exit(0)
    for file in files:
        os.close(file)
"""


class Child:
    """A process of its own, used like `subprocess.Popen`.

    Attributes:
        pid: its number.
        returncode: as of `subprocess.Popen`; None while it lives, or while nobody asked.
        stdin, stdout: pipes, where they were asked for.
    """

    def __init__(self, pid: int, told: int, stdin: IO[str] | None, stdout: IO[str] | None) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self.returncode: int | None = None
        self._told = told

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self.stdin, self.stdout):
            if pipe:
                pipe.close()
        self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended. Seconds."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked child", timeout or 0)
            self.returncode = int(os.read(self._told, 100))
            os.close(self._told)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended: it can be gone an instant before that is told."""
        if self.returncode is None and not select.select([self._told], [], [], 0)[0]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Starter:
    """Starts children, the first slowly, as long as their environments differ by nothing but settings; use as a context manager.

    Args:
        loads: modules that are loaded too before anything is forked.
    """

    def __init__(self, *loads: str) -> None:
        self._loads = loads
        self._doors: dict[str, tuple[subprocess.Popen[bytes], socket.socket]] = {}
        self._children: list[Child] = []

    def __enter__(self) -> Starter:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_children()
        for process, door in self._doors.values():
            door.close()
            process.wait()

    def start(
        self,
        code: str,
        *arguments: str,
        environment: Mapping[str, str],
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: IO[bytes] | None = None,
    ) -> Child:
        """Stand for `subprocess.Popen([sys.executable, "-c", code, *arguments], ...)` with text in its pipes.

        Args:
            code: of the child; it finds Django set up.
            arguments: what it finds behind the first of `sys.argv`.
            environment: of the child.
            stdin: None or `subprocess.PIPE`.
            stdout: None or `subprocess.PIPE`.
            stderr: None or an open file.
        """
        told, tells = os.pipe()
        ours, theirs, alone = _pipes(stdin, stdout)
        order = json.dumps({"code": code, "arguments": arguments, "environment": dict(environment)})
        files = [*theirs, 2 if stderr is None else stderr.fileno(), tells]
        try:
            socket.send_fds(self._door(environment), [order.encode()], files)
        finally:
            for file in (tells, *alone):
                os.close(file)
        pid = b""
        while not pid.endswith(b"\n"):
            part = os.read(told, 1)
            if not part:
                raise RuntimeError("the process that forks children has ended")
            pid += part
        child = Child(int(pid), told, *ours)
        self._children.append(child)
        return child

    def end_children(self) -> None:
        """Kill what still lives, so that a worker that a failed test left behind takes no job of the next."""
        for child in self._children:
            child.kill()
            child.wait()
        self._children.clear()

    def _door(self, environment: Mapping[str, str]) -> socket.socket:
        """Return where a process listens that has loaded everything in this environment."""
        key = json.dumps(sorted((name, value) for name, value in environment.items() if not name.startswith(_OWN)))
        if key not in self._doors:
            door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                command = [sys.executable, "-c", _STARTER, str(theirs.fileno()), *self._loads]
                process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=dict(environment))
            self._doors[key] = process, door
        return self._doors[key][1]


def _pipes(stdin: int | None, stdout: int | None) -> tuple[tuple[IO[str] | None, IO[str] | None], list[int], list[int]]:
    """Return our ends, the files of the child, and those of them that are the child's alone."""
    to_it, from_it, theirs, alone = None, None, [0, 1], []
    if stdin == subprocess.PIPE:
        theirs[0], end = os.pipe()
        to_it = os.fdopen(end, "w")
        alone.append(theirs[0])
    if stdout == subprocess.PIPE:
        end, theirs[1] = os.pipe()
        from_it = os.fdopen(end)
        alone.append(theirs[1])
    return (to_it, from_it), theirs, alone
