"""The console in a real browser: both widths, both languages, by keyboard, without a fault. Whole days are in `test_journeys`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.console.conftest import LOOKS, Visitor
from tests.console.shop import COLUMNS, NOW
from yutang.customers.actions import create_tag_in
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.ingest.models import Import

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.mark.usefixtures("small_shop")
class TestEveryRoom:
    @pytest.mark.parametrize(("width", "language"), LOOKS)
    def test_is_well_made(self, visit: Callable[..., Visitor], width: str, language: str) -> None:
        visitor = visit(width=width, language=language, theme="dark" if width == "phone" else "light")
        person = Customer.objects.filter(merged_into=None).order_by("pk").first()
        record = Import.objects.get()
        assert person is not None
        tag_id = create_tag_in(actor=Actor.system(), group="经营", name="老客", rule=_RULE, now=NOW)
        addresses = (
            "/business/",
            "/business/?days=365",
            "/value/",
            "/today/",
            "/today/results/",
            "/customers/",
            "/customers/?q=nobody-of-this-name",
            f"/customers/{person.pk}/",
            "/imports/",
            "/imports/new/",
            f"/imports/{record.pk}/",
            f"/imports/{record.pk}/rows/",
            "/tags/",
            "/tags/new/",
            f"/tags/{tag_id}/",
            "/review/",
            "/jobs/",
        )

        for address in addresses:
            visitor.open(address)
            visitor.assert_well_made()
            _assert_speaks_its_language(visitor)


#: Condition of the tag that the rooms show.
_RULE = {"all": [{"field": "stage", "is": "in", "value": ["loyal"]}]}
#: What a label may hold in a page of the other language: names of files, their columns, stores, people and tags.
_NAMES = re.compile(
    "|".join(
        (
            r"门店订单\.csv|odd\.csv|[\u4e00-\u9fff]{2}店|列[一二三]|经营|老客|王老板|李店长|yutang user|中",
            *COLUMNS,
        )
    )
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: A sentence of another language; a single word (CSV, UTF-8, ERP) may stand in a Chinese one.
_ENGLISH = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}")
_LABELS = (
    "h1, h2, h3, th, label, legend, button, .btn, .pill, .tag, .segmented a, .side-link span, .side-label, .tile-label span, "
    ".tile-change, .tile-factor span, .page-head p, .empty p, .note, dt, summary, .help, .card-head a, .toast p, .notice p"
)


def _assert_speaks_its_language(visitor: Visitor) -> None:
    """Fail when a heading, button, label or explanation of the console itself is not in the page's language."""
    words = visitor.page.eval_on_selector_all(
        _LABELS, "found => found.map(one => one.textContent.replace(/\\s+/g, ' ').trim())"
    )
    # A masked name is what somebody wrote.
    wrong = [word for word in dict.fromkeys(words) if "*" not in word and _is_foreign(_NAMES.sub("", word), visitor)]
    assert not wrong, (visitor.page.url, wrong)


def _is_foreign(words: str, visitor: Visitor) -> bool:
    if visitor.language == "en":
        return bool(_CHINESE.search(words))
    return bool(_ENGLISH.search(words) or (re.search(r"[A-Za-z]{3,}", words) and not _CHINESE.search(words)))


@pytest.mark.parametrize(("width", "language"), LOOKS)
class TestOtherStates:
    """Rooms with nothing in them, what went wrong, and what is refused."""

    def look(self, visitor: Visitor, address: str) -> None:
        visitor.open(address)
        visitor.assert_well_made()
        _assert_speaks_its_language(visitor)

    def test_empty_rooms(
        self, visit: Callable[..., Visitor], settings: Any, tmp_path: Path, db: None, width: str, language: str
    ) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"
        visitor = visit(width=width, language=language)

        for room in (
            "business",
            "today",
            "customers",
            "imports",
            "tags",
            "review",
            "jobs",
            "segments",
            "value",
            "stores",
        ):
            self.look(visitor, f"/{room}/")
        for page in ("why", "cohorts", "traffic", "where", "map", "people"):
            self.look(visitor, f"/business/{page}/")

    @pytest.mark.usefixtures("stores")
    def test_columns_to_be_named_and_a_failed_import(
        self,
        visit: Callable[..., Visitor],
        settings: Any,
        tmp_path: Path,
        width: str,
        language: str,
        transactional_db: None,
    ) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"
        path = tmp_path / "odd.csv"
        path.write_text("列一,列二,列三\nX1,2026-03-01,12\nX2,2026-03-02,15\n", encoding="utf-8")
        visitor = visit(width=width, language=language)
        visitor.open("/imports/new/")
        visitor.page.set_input_files("input[type=file]", path)
        visitor.page.wait_for_url(re.compile(r"/imports/\d+/columns/$"))
        visitor.wait_until_quiet()

        visitor.assert_well_made()
        record = Import.objects.get()
        problem = {
            "template": "The worker died several times at this import. What is written stays; start it again to go on."
        }
        Import.objects.update(status="failed", problem=problem, finished_at=NOW)
        self.look(visitor, f"/imports/{record.pk}/")
        self.look(visitor, "/imports/")

    def test_what_is_refused_and_what_is_not_there(
        self,
        visit: Callable[..., Visitor],
        manager_staff: Any,
        settings: Any,
        tmp_path: Path,
        width: str,
        language: str,
    ) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"
        visitor = visit(width=width, language=language, staff=manager_staff)

        for address in ("/imports/", "/nowhere/", "/customers/7/", "/tags/7/"):
            self.look(visitor, address)
        visitor.forget("status of 403", "status of 404")

    def test_a_log_in_that_rests(
        self, visit: Callable[..., Visitor], owner_staff: Any, width: str, language: str
    ) -> None:
        visitor = visit(width=width, language=language)
        visitor.page.context.clear_cookies(name="sessionid")
        visitor.open("/login/")
        for _try in range(8):
            visitor.page.locator("#id_username").fill(owner_staff.username)
            visitor.page.locator("#id_password").fill("wrong-wrong")
            with visitor.page.expect_navigation():
                visitor.page.locator(".door-form form .btn-primary").click()

        visitor.page.locator(".door-box").wait_for()
        visitor.assert_well_made()
        _assert_speaks_its_language(visitor)
        visitor.forget("status of 429", "status of 403")


@pytest.mark.usefixtures("small_shop")
class TestDoing:
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
