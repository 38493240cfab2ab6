"""Screens in a real browser: swiping on a phone, what was typed, the map, two segments, and what every page weighs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmarks.bench_first_paint import CHARTS, MEASURES, PLAIN
from playwright.sync_api import expect

from tests.console.conftest import WIDTHS, Visitor
from tests.console.shop import NOW, fill
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.segments.actions import save_segment
from yutang.worklist.models import Proposal

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

RULE = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}}
_PLACED = {"SH01": (31.1953, 121.4370), "SH02": (31.2304, 121.5447), "GZ01": (23.1291, 113.2644)}


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> None:
    """The small shop, its stores on the map, with a saved segment."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    for code, (latitude, longitude) in _PLACED.items():
        Store.objects.filter(code=code).update(latitude=latitude, longitude=longitude)
    fill(tmp_path)
    save_segment(actor=Actor.system(), name="买过的", rule=RULE, now=NOW)


def swipe(visitor: Visitor, *, by: int) -> None:
    """Swipe the first task that is shown with a finger, so many pixels to the right."""
    box = visitor.page.locator(".board-col.shown .task").first.bounding_box()
    assert box is not None
    touch = visitor.context.new_cdp_session(visitor.page)
    x, y = box["x"] + box["width"] / 2, box["y"] + 30
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        point = {"x": x + by * step / 10, "y": y + step % 2}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def statuses() -> list[str]:
    return sorted(Proposal.objects.exclude(status="open").values_list("status", flat=True))


@pytest.mark.usefixtures("shop")
class TestSwiping:
    def test_right_is_done_left_is_tomorrow_and_both_can_be_undone(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(width="phone")
        visitor.open("/today/")
        for by, status in ((170, "done"), (-170, "snoozed")):
            swipe(visitor, by=by)
            undo = visitor.page.locator(".toast form button")
            undo.wait_for()
            assert statuses() == [status]
            visitor.assert_well_made()
            undo.click()
            visitor.page.locator(".toast:not(:has(form))").last.wait_for()
            assert statuses() == []
            visitor.page.reload()

    def test_a_short_way_changes_nothing_and_opens_nothing(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(width="phone")
        visitor.open("/today/")

        swipe(visitor, by=60)
        visitor.page.wait_for_timeout(300)

        assert statuses() == []
        assert visitor.page.url.endswith("/today/")
        assert visitor.page.evaluate("document.querySelector('.task').style.translate") == ""

    def test_a_tap_shows_the_number_on_the_list_and_the_next_calls(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(width="phone")
        visitor.open("/today/")

        visitor.page.locator(".board-col.shown .task .call button").first.click()

        link = visitor.page.locator(".board-col.shown .task .call a").first
        link.wait_for()
        assert re.fullmatch(r"tel:\+?\d+", link.get_attribute("href") or "")
        assert visitor.page.url.endswith("/today/")
        visitor.assert_well_made()

    def test_the_keyboard_does_the_same_and_goes_on(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        visitor.open("/today/")
        visitor.page.locator("[data-open^=done]").first.focus()
        visitor.page.keyboard.press("Enter")
        visitor.page.locator("dialog[open] .btn-primary").focus()
        visitor.page.keyboard.press("Enter")
        visitor.page.locator(".toast form").wait_for()
        assert statuses() == ["done"]
        assert visitor.page.evaluate("document.activeElement.id") == "board"

        visitor.page.keyboard.press("Control+z")
        visitor.page.locator(".toast:not(:has(form))").wait_for()

        assert statuses() == []


@pytest.mark.usefixtures("shop")
class TestDrafts:
    def test_thresholds_survive_a_refusal_and_a_reload(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        visitor.open("/value/rfm/")
        days = visitor.page.locator("[name=recency_days]")
        visitor.page.locator("[data-open=rfm-rules]").click()
        visitor.page.locator("#rfm-rules [value=thresholds]").check(force=True)
        for place, text in enumerate(("30", "20", "10", "5")):
            days.nth(place).fill(text)
        written = [days.nth(place).input_value() for place in range(4)]

        visitor.page.reload()
        restored = [days.nth(place).input_value() for place in range(4)]
        visitor.page.locator("[data-open=rfm-rules]").click()
        visitor.page.locator("#rfm-rules .btn-primary").click()
        visitor.page.locator(".toast-error").wait_for()

        # What was refused is open again, as it was written.
        assert restored == written == ["30", "20", "10", "5"]
        assert visitor.page.locator("#rfm-rules[open]").count() == 1
        assert [days.nth(place).input_value() for place in range(4)] == written
        assert visitor.page.locator("#rfm-rules [value=thresholds]").is_checked()
        visitor.assert_well_made()

        visitor.page.locator(".draft-note button").click()
        visitor.page.reload()
        assert [days.nth(place).input_value() for place in range(4)] != written

    def test_what_was_kept_is_no_draft_any_more(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        visitor.open("/profile/")
        visitor.page.locator("[data-keep=my-name] input.input").fill("王大老板")
        visitor.page.locator("[data-keep=my-name] .btn, [data-keep=my-name] button").first.click()
        visitor.page.locator(".toast").wait_for()

        assert visitor.page.evaluate("Object.keys(sessionStorage).filter(name => name.startsWith('draft:'))") == []

    def test_a_form_of_a_new_thing_survives_a_reload_until_it_is_taken(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        visitor.open("/programs/tokens/new/")
        visitor.page.fill("#name", "收银系统")
        visitor.page.reload()
        restored = visitor.page.input_value("#name")
        visitor.page.locator("[name=permissions]").first.check(force=True)
        visitor.page.locator(".token-form .btn-primary").click()
        visitor.page.wait_for_selector(".token-form", state="detached")
        visitor.open("/programs/tokens/new/")

        assert (restored, visitor.page.input_value("#name")) == ("收银系统", "")

    def test_a_rule_that_is_being_built_comes_back(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        visitor.open("/segments/new/?preset=stage-loyal")
        visitor.page.locator("#segment-name").fill("想了一半")
        visitor.page.wait_for_load_state("networkidle")
        fields = visitor.page.locator("#tree select, #tree input")
        before = fields.count()
        visitor.page.locator("#tree button").last.click()
        expect(fields).not_to_have_count(before)
        after = fields.count()

        visitor.page.goto(visitor.address + "/segments/")
        visitor.page.go_back()
        visitor.page.wait_for_load_state("networkidle")

        assert before > 0
        assert visitor.page.locator("#segment-name").input_value() == "想了一半"
        expect(fields).to_have_count(after)


@pytest.mark.usefixtures("shop")
class TestPictures:
    @pytest.mark.parametrize("width", WIDTHS)
    def test_map_and_comparison_are_well_made(self, visit: Callable[..., Visitor], width: str) -> None:
        visitor = visit(
            width=width, language="en" if width == "phone" else "zh-hans", theme="dark" if width == "phone" else "light"
        )
        centre = Store.objects.get(code="SH01").pk

        for address in (
            "/business/map/",
            f"/business/map/?centre={centre}&radius=20",
            "/business/where/",
            "/business/people/",
            "/segments/compare/?first=stage-loyal&second=stage-at_risk",
        ):
            visitor.open(address)
            visitor.assert_well_made()
        visitor.open("/business/map/")
        visitor.page.locator("a.dot-link").first.press("Enter")
        visitor.page.wait_for_url("**/customers/?store=*")
        # A store that nobody has placed, then none that anybody has.
        for some in (Store.objects.filter(code="GZ01"), Store.objects.all()):
            some.update(latitude=None, longitude=None)
            for address in ("/business/map/", f"/business/map/?centre={centre}"):
                visitor.open(address)
                visitor.assert_well_made()

    def test_a_day_of_the_chart_leads_to_who_bought(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        visitor.open("/business/")

        visitor.page.locator("[data-chart=daily] canvas").click(position={"x": 300, "y": 100})
        visitor.page.wait_for_url(re.compile(r"/business/people/\?.*from="))


@pytest.mark.usefixtures("shop")
class TestBudget:
    def test_every_page_is_light_still_and_without_errors(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        heavy = {}
        for path in (*PLAIN, *CHARTS):
            visitor.open(path)
            told = visitor.page.evaluate(MEASURES)
            if told["shift"] > 0.02 or (not told["charts"] and told["bytes"] > 350_000):
                heavy[path] = told

        assert heavy == {}
