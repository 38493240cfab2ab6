"""Browsers, people who are logged in, a shop that is built once, and the watch over what a page does wrong."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

WIDTHS = {"desktop": 1440, "phone": 390}
LANGUAGES = ("zh-hans", "en")
#: Each width and each language once; the journeys see the other two pairs (tests/console/test_journeys.py).
LOOKS = (("desktop", "zh-hans"), ("phone", "en"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the machine's Chromium where there is one."""
    machine = Path("/usr/bin/chromium")
    found = {"executable_path": str(machine)} if machine.exists() else {}
    return {**browser_type_launch_args, **found, "args": ["--no-sandbox"]}


@pytest.fixture
def owner_client(client: Client, owner_staff: Any) -> Client:
    """A client in which the owner is logged in."""
    client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def manager_client(client: Client, manager_staff: Any) -> Client:
    """A client in which the manager of one store is logged in."""
    client.force_login(manager_staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(scope="session")
def built_shop(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop with footfall and advertising cost, built once: a folder with its store, lake and kept files."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import override_settings

    from tests.console.shop import build

    folder = tmp_path_factory.mktemp("shop")
    with django_db_blocker.unblock(), override_settings(YUTANG_LAKE=folder / "lake"):
        build(folder)
        with closing(sqlite3.connect(folder / "store.sqlite3")) as kept:
            connection.connection.backup(kept)
        call_command("flush", verbosity=0, interactive=False)
    return folder


@pytest.fixture
def small_shop(built_shop: Path, transactional_db: None, settings: Any, tmp_path: Path) -> None:
    """The small shop, fresh for a test of a browser: two stores' orders, footfall, scores and today's list."""
    from django.db import connection

    settings.YUTANG_LAKE = tmp_path / "lake"
    shutil.copytree(built_shop / "lake", settings.YUTANG_LAKE)
    shutil.copytree(built_shop / "imports", Path(settings.YUTANG_HOME) / "imports", dirs_exist_ok=True)
    connection.ensure_connection()
    with closing(sqlite3.connect(built_shop / "store.sqlite3")) as kept:
        kept.backup(connection.connection)


@pytest.fixture
def visit(new_context: Callable[..., Any], live_server: Any, owner_staff: Any) -> Iterator[Callable[..., Visitor]]:
    """Open the console in a browser as the owner, in a width and a language."""
    visitors: list[Visitor] = []

    def begin(*, width: str = "desktop", language: str = "zh-hans", theme: str = "light", staff: Any = None) -> Visitor:
        visitor = Visitor(new_context, live_server.url, width=width, language=language, theme=theme)
        visitor.log_in(staff or owner_staff)
        visitors.append(visitor)
        return visitor

    yield begin
    for visitor in visitors:
        assert not visitor.faults, visitor.faults


#: After so long a page that fetched a part is at rest. Milliseconds.
_REST_MS = 2_000


class Visitor:
    """A browser page that remembers every console error and judges what it shows."""

    def __init__(self, new_context: Callable[..., Any], address: str, *, width: str, language: str, theme: str) -> None:
        pixels = WIDTHS[width]
        self.address = address
        self.language = language
        self.faults: list[str] = []
        self.context = new_context(
            viewport={"width": pixels, "height": 844 if pixels < 500 else 900},
            has_touch=pixels < 500,
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        self.context.add_cookies(
            [
                {"name": "django_language", "value": language, "url": address},
                {"name": "yutang_theme", "value": theme, "url": address},
            ]
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def log_in(self, staff: Any) -> None:
        """Take the session of a member of staff."""
        client = Client()
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
        self.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.address}]
        )

    def open(self, path: str) -> None:
        """Go to an address of the console and wait until it is quiet."""
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")

    def assert_well_made(self) -> None:
        """Fail when the page at rest is wider than the window, hardly accessible, or not in its language."""
        overflow = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{self.page.url} is {overflow} pixels wider than the window"
        if self.violations():
            # While a part is fetched, buttons are paler than they are to be read: what counts is the page at rest.
            self.page.wait_for_timeout(_REST_MS)
        assert not self.violations(), (self.page.url, self.violations())

    def violations(self) -> list[str]:
        """Return the serious and critical findings of axe."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        return [
            f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]

    def look(self, path: str = "") -> None:
        """Open an address, or stay, and fail where the page is not well made or not in its language."""
        from tests.console.test_browser import _assert_speaks_its_language

        if path:
            self.open(path)
        self.assert_well_made()
        _assert_speaks_its_language(self)

    def forget(self, *expected: str) -> None:
        """Take console errors that had to come out of what is remembered."""
        self.faults = [fault for fault in self.faults if not any(one in fault for one in expected)]

    def _note(self, kind: str, text: str) -> None:
        if kind == "error":
            self.faults.append(text)
