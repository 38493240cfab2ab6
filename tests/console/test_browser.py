"""The console in a real browser: both widths, both languages, by keyboard, without a fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.console.conftest import LANGUAGES, WIDTHS, Visitor
from tests.console.shop import fill, orders_file
from yutang.customers.models import Customer
from yutang.ingest.models import Import
from yutang.worklist.models import Proposal

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> None:
    """The small shop, with a lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)


@pytest.mark.usefixtures("shop")
class TestEveryRoom:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("width", WIDTHS)
    def test_is_well_made(self, visit: Callable[..., Visitor], width: str, language: str) -> None:
        visitor = visit(width=width, language=language, theme="dark" if width == "phone" else "light")
        person = Customer.objects.filter(merged_into=None).order_by("pk").first()
        record = Import.objects.get()
        assert person is not None
        addresses = (
            "/business/",
            "/business/?days=365",
            "/value/",
            "/today/",
            "/customers/",
            "/customers/?q=nobody-of-this-name",
            f"/customers/{person.pk}/",
            "/imports/",
            "/imports/new/",
            f"/imports/{record.pk}/",
            f"/imports/{record.pk}/rows/",
            "/review/",
            "/jobs/",
        )

        for address in addresses:
            visitor.open(address)
            visitor.assert_well_made()
            if language == "en":
                _assert_no_chinese_labels(visitor)


def _assert_no_chinese_labels(visitor: Visitor) -> None:
    """Fail when a heading, button or label of the console itself is not in English."""
    words = visitor.page.eval_on_selector_all(
        "h1, th[scope=col], .side-link span, .tile-label span, .pill",
        "found => found.map(one => one.textContent.trim())",
    )
    names = {"门店订单.csv"}
    chinese = [word for word in words if re.search(r"[\u4e00-\u9fff]", word) and word not in names and "*" not in word]
    assert not chinese, (visitor.page.url, chinese)


class TestDoor:
    @pytest.mark.parametrize("width", WIDTHS)
    def test_is_well_made_and_lets_in(
        self, visit: Callable[..., Visitor], owner_staff: Any, width: str, settings: Any, tmp_path: Path
    ) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"
        owner_staff.set_password("pond-pond-pond")
        owner_staff.save()
        visitor = visit(width=width)
        visitor.context.clear_cookies()
        visitor.open("/today/")
        visitor.assert_well_made()

        visitor.page.keyboard.type(owner_staff.username)
        visitor.page.keyboard.press("Tab")
        visitor.page.keyboard.type("pond-pond-pond")
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_url(re.compile(r"^http://[^/]+/today/$"))
        visitor.page.wait_for_load_state("networkidle")

        visitor.assert_well_made()


@pytest.mark.usefixtures("shop")
class TestDoing:
    def test_a_task_is_done_with_its_outcome(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(width="phone")
        visitor.open("/today/")
        before = Proposal.objects.filter(status="done").count()

        visitor.page.locator(".board-col.shown [data-open^=done]").first.click()
        visitor.assert_well_made()
        visitor.page.locator("dialog[open] .btn-primary").click()
        visitor.page.locator(".toast").wait_for()

        assert Proposal.objects.filter(status="done").count() == before + 1

    def test_search_keeps_its_words_in_the_address(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        visitor.open("/customers/")

        visitor.page.keyboard.press("/")
        visitor.page.keyboard.type("朱")
        visitor.page.wait_for_url("**/customers/?q=*")
        visitor.page.reload()

        assert visitor.page.locator("#q").input_value() == "朱"
        assert visitor.page.locator("tbody tr").count() > 0

    def test_theme_changes_at_once_and_stays(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        visitor.open("/business/")

        with visitor.page.expect_response("**/preferences/theme/"):
            visitor.page.locator("[data-theme-form] button").click()
        now = visitor.page.locator("html").get_attribute("data-theme")
        visitor.page.reload()

        assert (now, visitor.page.locator("html").get_attribute("data-theme")) == ("dark", "dark")

    def test_words_typed_survive_a_reload(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        record = Import.objects.get()
        visitor.open(f"/imports/{record.pk}/rows/")

        visitor.page.locator(".fix-cell input").first.fill("2026-03-01")
        visitor.page.reload()

        assert visitor.page.locator(".fix-cell input").first.input_value() == "2026-03-01"

    def test_a_dropped_file_leads_to_its_preview(self, visit: Callable[..., Visitor], tmp_path: Path) -> None:
        visitor = visit()
        (tmp_path / "other").mkdir()
        visitor.open("/imports/new/")

        visitor.page.set_input_files("input[type=file]", orders_file(tmp_path / "other", people=3))
        visitor.page.wait_for_url(re.compile(r"/imports/\d+/$"))

        visitor.assert_well_made()
        assert visitor.page.locator("h1").inner_text() == "门店订单.csv"


class TestWeight:
    def test_the_first_page_is_light_and_still(
        self, visit: Callable[..., Visitor], settings: Any, tmp_path: Path, db: None
    ) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"
        visitor = visit()
        visitor.open("/customers/")

        bytes_moved = visitor.page.evaluate(
            "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
            ".reduce((sum, one) => sum + one.encodedBodySize, 0)"
        )
        shift = visitor.page.evaluate(
            "new Promise(done => { let sum = 0; new PerformanceObserver(list => { for (const one of list.getEntries())"
            " sum += one.value; }).observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 300); })"
        )

        assert bytes_moved < 350_000
        assert shift < 0.02
