"""The palette, the help of numbers, the glossary, the first steps and the components in a real browser, without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.console.conftest import LOOKS, WIDTHS, Visitor
from tests.customers.rows import phone, resolve
from yutang.foundation.models import Store

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only, pytest.mark.usefixtures("lake")]


@pytest.fixture
def person(stores: dict[str, Any], transactional_db: None) -> int:
    """One person of the Xuhui store."""
    (key,) = resolve({"name": "朱小娜", "phone": phone(1), "store_id": stores["xuhui"].pk})
    assert key is not None
    return key


def _active(visitor: Visitor) -> str:
    return str(
        visitor.page.evaluate(
            "document.getElementById(document.getElementById('palette-input').getAttribute('aria-activedescendant'))"
            "?.textContent.trim() ?? ''"
        )
    )


def _answered(visitor: Visitor) -> None:
    visitor.page.locator("#palette-list:not([aria-busy]) [role=option]").first.wait_for()


class TestPalette:
    def test_opens_what_a_dialog_asks_for_on_its_own_page_and_on_another(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(language="en")
        page = visitor.page

        for address in ("/imports/", "/campaigns/"):
            visitor.open(address)
            page.keyboard.press("Control+k")
            page.keyboard.type("new campaign")
            page.locator('#palette-list a[href="/campaigns/#open-new"]').wait_for()
            page.keyboard.press("Enter")
            page.locator("dialog#new[open] #new-name").wait_for()

            assert page.locator("dialog[open]").count() == 1
            assert page.url.endswith("/campaigns/")

    def test_leads_to_a_person_by_keys_alone_and_remembers_whom(
        self, visit: Callable[..., Visitor], person: int
    ) -> None:
        visitor = visit(language="en")
        page = visitor.page
        visitor.open("/imports/")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        page.keyboard.press("Control+k")
        _answered(visitor)
        page.keyboard.type("小娜")
        page.locator(f'#palette-list a[href="/customers/{person}/"]').wait_for()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/customers/{person}/")
        asked_with_the_name = [url for url in asked if "%E5%B0%8F" in url]
        visitor.open("/imports/")
        page.keyboard.press("Control+k")
        _answered(visitor)

        assert asked_with_the_name == []
        assert page.locator("#palette-recent").count() == 1
        assert page.locator(f'#palette-list a[href="/customers/{person}/"]').count() == 1
        assert "小娜" not in str(page.evaluate("JSON.stringify([sessionStorage, localStorage])"))

    def test_arrows_go_round_enter_opens_and_esc_gives_the_focus_back(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(language="en")
        page = visitor.page
        visitor.open("/imports/")
        page.locator(".top-palette").focus()
        page.keyboard.press("Enter")
        _answered(visitor)
        first = _active(visitor)

        page.keyboard.press("ArrowUp")
        last = _active(visitor)
        page.keyboard.press("ArrowDown")
        again = _active(visitor)
        page.keyboard.press("Escape")
        left_open = page.locator("#palette[open]").count()
        has_focus = page.evaluate("document.activeElement.className")

        assert (first, last, again) == ("Business", "Log out", "Business")
        assert left_open == 0
        assert has_focus.startswith("top-palette")

    def test_tab_stays_inside(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(language="en")
        page = visitor.page
        visitor.open("/imports/")
        page.keyboard.press("Control+k")
        _answered(visitor)

        places = set()
        for _press in range(4):
            page.keyboard.press("Tab")
            places.add(page.evaluate("document.activeElement.closest('dialog, body').id || 'outside'"))

        # A browser may let its own bar take part in the round; a page outside the dialog never does.
        assert "palette" in places
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)") is False

    def test_enter_before_the_answer_means_its_first_option(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(language="en")
        visitor.open("/imports/")
        visitor.page.keyboard.press("Control+k")
        visitor.page.keyboard.type("glossary")
        visitor.page.keyboard.press("Enter")

        visitor.page.wait_for_url("**/glossary/")

    def test_an_action_is_done(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(language="en")
        visitor.open("/imports/")
        visitor.page.keyboard.press("Control+k")
        visitor.page.keyboard.type("dark")
        visitor.page.locator("#palette-list [form=palette-theme]").wait_for()
        with visitor.page.expect_response("**/preferences/theme/"):
            visitor.page.keyboard.press("Enter")

        assert visitor.page.locator("html").get_attribute("data-theme") == "dark"
        assert visitor.page.locator("#palette[open]").count() == 0

    def test_says_that_the_server_is_not_reached(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(language="en")
        visitor.open("/imports/")
        visitor.page.route("**/palette/", lambda route: route.abort())

        visitor.page.keyboard.press("Control+k")
        visitor.page.get_by_text("That did not reach the server").wait_for()

        visitor.forget("net::ERR_FAILED")

    @pytest.mark.parametrize(("width", "language"), LOOKS)
    def test_is_well_made(self, visit: Callable[..., Visitor], person: int, width: str, language: str) -> None:
        visitor = visit(width=width, language=language, theme="dark" if width == "phone" else "light")
        visitor.open("/business/")

        visitor.page.locator("[data-palette]:visible").click()
        _answered(visitor)
        visitor.assert_well_made()
        visitor.page.keyboard.type("小娜")
        visitor.page.locator(f'#palette-list a[href="/customers/{person}/"]').wait_for()
        visitor.assert_well_made()
        visitor.page.keyboard.type("zzzz")
        visitor.page.locator("#palette-list:not(:has([role=option]))").wait_for()
        visitor.assert_well_made()


class TestNumberHelp:
    def test_opens_on_hover_and_on_focus_and_closes_by_esc(
        self, visit: Callable[..., Visitor], owner_staff: Any, transactional_db: None
    ) -> None:
        Store.objects.create(code="SH01", name="徐汇店")
        visitor = visit(language="en")
        page = visitor.page
        visitor.open(f"/staff/{owner_staff.pk}/hand-over/")
        tile, mark = page.locator(".tile").first, page.locator(".tile .hint").first
        bubble = page.locator(f"#{mark.get_attribute('popovertarget')}")

        tile.locator(".tile-value").hover()
        bubble.wait_for(state="visible")
        page.mouse.move(2, 2)
        bubble.wait_for(state="hidden")
        page.keyboard.press("Tab")
        while not mark.evaluate("mark => mark === document.activeElement"):
            page.keyboard.press("Tab")
        bubble.wait_for(state="visible")
        visitor.assert_well_made()
        page.keyboard.press("Escape")
        bubble.wait_for(state="hidden")

    def test_opens_on_a_tap(self, visit: Callable[..., Visitor], owner_staff: Any, transactional_db: None) -> None:
        visitor = visit(width="phone")
        visitor.open(f"/staff/{owner_staff.pk}/hand-over/")
        mark = visitor.page.locator(".tile .hint").first

        mark.tap()
        visitor.page.locator(f"#{mark.get_attribute('popovertarget')}").wait_for(state="visible")

        visitor.assert_well_made()


class TestPages:
    @pytest.mark.parametrize("width", WIDTHS)
    def test_are_well_made(
        self, visit: Callable[..., Visitor], settings: Any, transactional_db: None, width: str
    ) -> None:
        settings.DEBUG = True
        visitor = visit(width=width, theme="dark" if width == "phone" else "light")

        for address in ("/glossary/", "/glossary/?q=cohort", "/_components"):
            visitor.open(address)
            visitor.assert_well_made()

    def test_the_glossary_narrows_while_somebody_types(
        self, visit: Callable[..., Visitor], transactional_db: None
    ) -> None:
        visitor = visit(language="en")
        visitor.open("/glossary/")

        visitor.page.keyboard.press("/")
        visitor.page.keyboard.type("Kaplan")
        visitor.page.wait_for_url("**/glossary/?q=Kaplan")
        visitor.page.locator("#rfm").wait_for(state="detached")

        assert visitor.page.locator("#kaplan_meier").count() == 1
