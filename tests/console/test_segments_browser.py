"""The builder of segments in a real browser: live counts, nesting, both widths, both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.console.conftest import LOOKS, Visitor
from tests.console.shop import NOW
from yutang.foundation.access import Actor
from yutang.segments import actions
from yutang.segments.models import Segment

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

BOUGHT = {
    "version": 1,
    "rule": {
        "all": [
            {"field": "orders", "is": "at_least", "value": 2},
            {"event": "order", "is": "did", "when": {"within_days": 60}},
            {
                "any": [
                    {"field": "consent", "is": "in", "value": ["promotion/sms"]},
                    {
                        "event": "purchase",
                        "is": "between",
                        "measure": "amount_minor",
                        "value": [0, 9_000_000],
                        "when": {"within_days_of": {"field": "first_order", "days": 365}},
                        "where": [{"field": "product_name", "is": "contains", "value": "上衣"}],
                    },
                    {"not": {"any": [{"field": "has_wecom", "is": "yes"}, {"field": "first_seen", "is": "unknown"}]}},
                ]
            },
        ]
    },
}


@pytest.fixture
def saved(small_shop: None) -> int:
    """The small shop with a saved segment."""
    return actions.save_segment(actor=Actor.system(), name="Two orders", rule=BOUGHT, now=NOW)


def step(page: Any, act: Callable[[], Any]) -> None:
    """Take a step of the builder and wait until its answer stands in the page and listens."""
    with page.expect_response("**/segments/build/"):
        act()
    page.wait_for_timeout(50)
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


class TestRooms:
    @pytest.mark.parametrize(("width", "language"), LOOKS)
    def test_are_well_made(self, visit: Callable[..., Visitor], saved: int, width: str, language: str) -> None:
        visitor = visit(width=width, language=language, theme="dark" if width == "phone" else "light")

        for path in (
            "/segments/",
            f"/segments/{saved}/",
            f"/segments/{saved}/people/",
            f"/segments/{saved}/edit/",
            "/segments/new/",
            "/segments/new/?preset=rf-55",
            f"/segments/compare/?first={saved}&second=stage-loyal",
            f"/segments/new/?first={saved}&second=stage-loyal&side=only_first",
        ):
            visitor.open(path)
            visitor.assert_well_made()


class TestBuilder:
    def test_counts_while_a_nested_rule_is_built_and_saves_it(self, visit: Callable[..., Visitor], saved: int) -> None:
        visitor = visit(language="en")
        page = visitor.page
        visitor.open("/segments/new/")
        step(page, lambda: page.select_option("#f-n\\.0-fact", "field:orders"))
        page.locator("[name='n.0.value']").fill("1")
        page.locator("#live-count").wait_for()
        everybody = int(page.locator("#live-count").inner_text())
        step(page, lambda: page.get_by_role("button", name="Group of conditions").click())
        step(page, lambda: page.select_option("#f-n\\.1-join", "none"))
        step(page, lambda: page.select_option("#f-n\\.1\\.0-fact", "event:order"))
        step(page, lambda: page.select_option("#f-n\\.1\\.0-when", "within_days"))
        page.locator("[name='n.1.0.when_value']").fill("30")
        page.locator(".rule-said", has_text="not: has orders of the last 30 days").wait_for()
        visitor.assert_well_made()
        silent = int(page.locator("#live-count").inner_text())
        page.fill("#segment-name", "Silent")
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/segments/*/")
        visitor.assert_well_made()

        kept = Segment.objects.get(name="Silent")
        assert 0 < silent < everybody
        assert kept.rule["rule"] == {
            "all": [
                {"field": "orders", "is": "at_least", "value": 1},
                {"not": {"event": "order", "is": "did", "when": {"within_days": 30}}},
            ]
        }
        assert kept.snapshots.get().size == silent
        assert page.locator("h1").inner_text() == "Silent"

    def test_a_draft_does_not_overwrite_what_was_saved_meanwhile(
        self, visit: Callable[..., Visitor], saved: int
    ) -> None:
        visitor = visit(language="en")
        page = visitor.page
        visitor.open(f"/segments/{saved}/edit/")
        page.fill("#segment-name", "Mine")
        rule = Segment.objects.get().rule
        actions.change_segment(actor=Actor.system(), segment_id=saved, name="Theirs", rule=rule, now=timezone.now())
        page.reload()
        page.locator(".draft-note").wait_for()
        page.get_by_role("button", name="Save").click()
        page.locator(".toast-error", has_text="was changed after you opened it").wait_for()
        refused = (page.input_value("#segment-name"), Segment.objects.get().name)
        page.get_by_role("button", name="Save").click()
        page.wait_for_url(f"**/segments/{saved}/")

        assert refused == ("Mine", "Theirs")
        assert Segment.objects.get().name == "Mine"

    def test_keeps_what_was_chosen_through_every_step(self, visit: Callable[..., Visitor], saved: int) -> None:
        visitor = visit(width="phone")
        page = visitor.page
        visitor.open(f"/segments/{saved}/edit/")

        page.locator("[name='n.0.value']").fill("3")
        step(page, lambda: page.locator("button[value='where:n.1']").click())
        step(page, lambda: page.select_option("#f-n\\.1\\.w0-fact", "store"))
        page.locator("#tree .pill").first.click()
        step(page, lambda: page.locator("button[value='add:n']").click())
        page.locator("#f-n\\.3-fact").wait_for()
        step(page, lambda: page.locator("button[value='drop:n.3']").click())
        page.locator("#f-n\\.3-fact").wait_for(state="detached")

        assert page.locator("[name='n.0.value']").input_value() == "3"
        assert page.locator("[name='n.1.when_value']").input_value() == "60"
        assert page.locator("[name='n.1.w0.value']").first.is_checked()
        visitor.assert_well_made()

    def test_says_what_is_missing_instead_of_saving(self, visit: Callable[..., Visitor], saved: int) -> None:
        visitor = visit()
        page = visitor.page
        visitor.open("/segments/new/")
        page.fill("#segment-name", "空")
        page.locator("#builder .btn-primary").click()
        page.locator(".toast").wait_for()

        assert page.locator(".rule-test.lacks").count() == 1
        assert Segment.objects.count() == 1
        visitor.assert_well_made()

    def test_a_preview_that_answers_late_makes_no_draft_of_what_is_kept(
        self, visit: Callable[..., Visitor], small_shop: None
    ) -> None:
        visitor = visit()
        page = visitor.page
        visitor.open("/segments/new/?preset=stage-loyal")
        page.fill("#segment-name", "熟客")
        # The preview's answer settles once the form is on its way.
        page.evaluate(
            """() => {
              const form = document.getElementById("builder");
              form.addEventListener("submit", () => form.dispatchEvent(new CustomEvent("htmx:afterSettle", { bubbles: true })));
            }"""
        )
        page.locator("#builder .btn-primary").click()
        page.wait_for_url("**/segments/*/")

        visitor.open("/segments/new/")

        assert Segment.objects.filter(name="熟客").count() == 1
        assert page.locator("#segment-name").input_value() == ""
        assert page.locator(".draft-note").count() == 0

    def test_the_note_of_a_draft_goes_over_the_whole_width(
        self, visit: Callable[..., Visitor], small_shop: None
    ) -> None:
        visitor = visit()
        page = visitor.page
        visitor.open("/segments/new/")
        page.fill("#segment-name", "熟客")
        visitor.open("/segments/new/")

        note, builder = page.locator(".draft-note").bounding_box(), page.locator("#builder").bounding_box()
        tree = page.locator("#tree").bounding_box()

        assert note is not None
        assert builder is not None
        assert tree is not None
        assert note["width"] == pytest.approx(builder["width"], abs=2)
        assert tree["width"] > builder["width"] / 2
