"""`yutang up`: everything on this machine by one command: store, translations, demo shop, owner, web and worker."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from rich.console import Console
from rich.panel import Panel

from yutang.cli import wecom_sandbox
from yutang.cli.output import DONE, Answer, Json, command, now
from yutang.cli.ports import free_from
from yutang.cli.supervisor import Child, Supervisor
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

OWNER = "owner"
#: A server that lives is waited for so long, on a busy machine too; after the first of both people are told that it takes a while.
_SLOW_SECONDS, _START_SECONDS = 30.0, 900.0


class PortIsTaken(DomainError):
    """Another program listens there."""

    code: ClassVar[str] = "port_is_taken"
    message: ClassVar[str] = N_("Port %(port)s is in use. Take another one: yutang up --port %(other)s")


class AlreadyUp(DomainError):
    """The same home is served by another process."""

    code: ClassVar[str] = "already_up"
    message: ClassVar[str] = N_(
        "Yutang runs already for %(home)s. Stop it first, or set YUTANG_HOME to another folder."
    )


class DidNotStart(DomainError):
    """The web server does not answer."""

    code: ClassVar[str] = "did_not_start"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_("The web server did not start. What it said is in %(log)s.")


class FallsTooOften(DomainError):
    """A child process ends again and again."""

    code: ClassVar[str] = "falls_too_often"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_("%(name)s ended several times in a row. What it said is in %(log)s.")


def register(parent: typer.Typer) -> None:
    """Add the command of this file."""
    parent.command(help=_("Set up what is missing and start everything: console and background work. Ctrl-C ends it."))(
        up
    )


@command(prepare=False)
def up(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help=_("Port on this machine."))] = 8000,
    no_demo: Annotated[
        bool, typer.Option("--no-demo", help=_("Do not fill an empty store with the demo shop."))
    ] = False,
    no_sandbox: Annotated[
        bool,
        typer.Option("--no-sandbox", help=_("Do not start the sandbox of WeCom, SMS and e-mail beside the demo shop.")),
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Set up what is missing, then serve until stopped."""
    from django.conf import settings

    from yutang.cli import catalogues
    from yutang.cli.store import migrate
    from yutang.foundation.sealed_records import ensure_keys
    from yutang.vitals.metrics import forget_ended_processes

    home = Path(settings.YUTANG_HOME)
    stack = contextlib.ExitStack()
    stack.enter_context(_alone(home))
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    _require_free(port)
    catalogues.compile_stale()
    migrate()
    ensure_keys()
    password = _first_owner()
    if not no_demo:
        from yutang.cli.demo import fill_demo_shop

        fill_demo_shop(home / "demo", now=now())
    forget_ended_processes(Path(settings.YUTANG_METRICS))
    children, told = _sandboxes(home, port) if not no_sandbox and _wants_sandbox(home) else ([], {})
    environment = {"PYTHONUNBUFFERED": "1", **told}
    supervisor = Supervisor([*_children(home, port), *children], environment=environment, told=_say_it_is_left_out)
    supervisor.start()
    address = f"http://127.0.0.1:{port}/"
    _wait_for(address, supervisor, home)
    data: dict[str, object] = {
        "address": address,
        "username": OWNER,
        "password": password,
        "home": str(home),
        "pid": os.getpid(),
    }

    def serve() -> int:
        with stack:
            fallen = supervisor.watch()
        if fallen is not None:
            raise FallsTooOften(name=fallen.name, log=str(fallen.log))
        return DONE

    return Answer(data, lambda console: _welcome(console, data), then=serve)


def _children(home: Path, port: int) -> list[Child]:
    """Return the web server and the worker, as `reference` measurements on SQLite and PostgreSQL advise."""
    from django.db import connection

    processes, threads = (_processes(), "2") if connection.vendor == "sqlite" else ("2", "4")
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    web += [
        "--workers",
        processes,
        "--blocking-threads",
        threads,
        "--no-ws",
        "--http",
        "1",
        "--workers-kill-timeout",
        "5",
    ]
    name = f"up-{socket.gethostname()[:40]}"
    worker = [sys.executable, "-m", "yutang.cli.main", "worker", "--name"]
    logs = home / "logs"
    children = [
        Child("web", [*web, "yutang.config.wsgi:application"], logs / "web.log"),
        Child("worker", [*worker, name, "--gently"], logs / "worker.log", _leave_a_core()),
    ]
    if _has_wecom(home):
        # Whoever scans a code is greeted within seconds, also while the other worker imports a large file.
        children.append(Child("wecom", [*worker, f"{name}-wecom", "--queues", "wecom"], logs / "wecom.log"))
    return children


def _processes() -> str:
    """Return how many processes serve pages on SQLite, each two at a time.

    Two a core, so that who asks for a figure that takes seconds keeps nobody from the pages that take none; fewer where
    there is little memory, because each takes some 200 MB. A connection stays with its process: with one thread each,
    fifty people waited twice as long (`benchmarks/bench_users.py`).
    """
    gibibytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (1 << 30)
    return str(max(2, min(2 * (os.cpu_count() or 1), gibibytes, 8)))


def _leave_a_core() -> dict[str, str]:
    """Return how the worker leaves a core to whoever waits for a page, where nobody decided about that."""
    threads = max(1, (os.cpu_count() or 1) - 1)
    return {} if os.environ.get("YUTANG_QUERY_THREADS") else {"YUTANG_QUERY_THREADS": str(threads)}


def _has_wecom(home: Path) -> bool:
    """Return whether WeCom is connected, or the sandbox will be."""
    from yutang.wecom.queries import has_connection

    return has_connection() or _wants_sandbox(home)


def _wants_sandbox(home: Path) -> bool:
    """Return whether this is the demo shop, and no real corp is connected: made-up people mix with no real ones."""
    from yutang.wecom.queries import has_real_connection

    return (home / "demo" / "chain.json").exists() and not has_real_connection()


def _sandboxes(home: Path, port: int) -> tuple[list[Child], dict[str, str]]:
    """Return the sandboxes beside a console, and what all processes are told of them; none takes the port of another."""
    from yutang.cli import up_postbox

    postbox = up_postbox.wanted_postbox(shop_port=port)
    if postbox is None:
        return [_sandbox(home, port, free_from(wecom_sandbox.PORT, without={port}))], {}
    taken = {port, postbox.port, postbox.mail_port}
    wecom = _sandbox(home, port, free_from(wecom_sandbox.PORT, without=taken))
    return [wecom, postbox.child(home, shop_port=port)], dict(postbox.environment)


def _sandbox(home: Path, port: int, own_port: int) -> Child:
    """Return the sandbox of WeCom, which listens on a port of its own and whose callbacks come to the console."""
    address = f"http://127.0.0.1:{port}/callbacks/wecom/"
    started = [sys.executable, "-m", "yutang.cli.main", "wecom", "sandbox", "--callback-url", address]
    started += ["--port", str(own_port)]
    return Child("sandbox", started, home / "logs" / "sandbox.log", is_needed=False)


def _say_it_is_left_out(child: Child) -> None:
    text = _("%(name)s ended several times in a row and is left out. What it said is in %(log)s.")
    typer.echo(text % {"name": child.name, "log": child.log}, err=True)


def _first_owner() -> str | None:
    """Create the owner of a new installation and return the password; None where there is an owner."""
    from yutang.foundation import actions, queries
    from yutang.foundation.access import Actor

    if queries.has_owner():
        return None
    password = secrets.token_urlsafe(12)
    actions.create_staff(
        actor=Actor.system(), username=OWNER, display_name=_("Owner"), role="owner", password=password, now=now()
    )
    return password


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortIsTaken(port=port, other=port + 1) from error


def _wait_for(address: str, supervisor: Supervisor, home: Path) -> None:
    """Return once the console answers; end everything and refuse when it does not."""
    begun, is_told = time.monotonic(), False
    while (waited := time.monotonic() - begun) < _START_SECONDS and not supervisor.is_ending:
        if supervisor.children[0].has_ended():
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}login/", timeout=20):  # noqa: S310 - own port.
            return
        if waited > _SLOW_SECONDS and not is_told:
            typer.echo(_("The web server is still starting: this machine is busy."), err=True)
            is_told = True
        time.sleep(0.1)
    supervisor.end()
    raise DidNotStart(log=str(home / "logs" / "web.log"))


def _welcome(console: Console, data: dict[str, object]) -> None:
    login = (
        f"登录名 Log-in name   {data['username']}\n密码 Password       {data['password']}\n"
        "密码只显示这一次。 The password is shown this once.\n换密码 New password: yutang user password owner"
        if data["password"]
        else "用已有的账号登录。忘记密码：yutang user password NAME\n"
        "Log in with your account. Forgotten the password: yutang user password NAME"
    )
    text = f"鱼塘已启动 Yutang is up   {data['address']}\n\n{login}\n\n按 Ctrl-C 停止 · Ctrl-C ends it"
    console.print(Panel(text, title="Yutang 鱼塘", expand=False))


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyUp(home=str(home)) from error
        yield
