"""Browsers, people who are logged in, the small shop, and the watch over what a page does wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

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
def lake(settings: Any, tmp_path: Path) -> None:
    """A lake that was never written."""
    settings.YUTANG_LAKE = tmp_path / "lake"


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


@pytest.fixture
def small_shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> dict[str, Any]:
    """The small shop, fresh for each test: two stores' orders, footfall, advertising cost, scores and today's list."""
    from tests.console.shop import fill_with_footfall

    settings.YUTANG_LAKE = tmp_path / "lake"
    fill_with_footfall(tmp_path, stores)
    return stores


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


#: So long a page may take on a machine with other things to do. Milliseconds.
_PATIENCE_MS = 120_000
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
        self.context.set_default_timeout(_PATIENCE_MS)
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
        self.wait_until_quiet()

    def wait_until_quiet(self) -> None:
        """Wait until the page has loaded and no part of it is being fetched."""
        self.page.wait_for_load_state("load")
        # A function that is polled in the page would need `unsafe-eval`.
        expect(self.page.locator(".htmx-request")).to_have_count(0)

    def assert_well_made(self) -> None:
        """Fail when the page at rest is wider than the window, hardly accessible, or not in its language."""
        overflow = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{self.page.url} is {overflow} pixels wider than the window"
        found = self.violations()
        if found:
            # While a part is fetched, buttons are paler than they are to be read: what counts is the page at rest.
            self.page.wait_for_timeout(_REST_MS)
            found = self.violations()
        assert not found, (self.page.url, found)

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
