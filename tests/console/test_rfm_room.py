"""The room of recency and frequency: what it shows to whom, its lists, its rules; and in a browser, by mouse and by keyboard."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.console.conftest import LOOKS, Visitor
from tests.console.shop import NOW, fill
from yutang.foundation.access import Actor
from yutang.foundation.models import Job
from yutang.insight.lake_reading import business_today
from yutang.insight.queries import rfm_customers, rfm_grid, rfm_movement, rfm_rules
from yutang.insight.rfm_actions import change_rfm_rules

SYSTEM = Actor.system()
SENT = {
    "method": "thresholds",
    "within": "store",
    "recency_days": ["15", "30", "60", "120"],
    "orders": ["2", "4", "8", "16"],
    "spend": ["100", "500", "1,000", "2000"],
}


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> dict[str, Any]:
    """The small shop with a lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)
    return stores


def rows_of(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def today() -> Any:
    return business_today(NOW)


@pytest.mark.django_db
def test_opens_without_orders(owner_client: Client, settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"

    assert owner_client.get("/value/rfm/").status_code == 200
    assert owner_client.get("/value/rfm/customers/?r=5&f=5").status_code == 200


class TestGrid:
    def test_says_why_a_grade_is_empty(
        self, owner_client: Client, shop: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        full = rfm_grid(access=SYSTEM, today=today())
        tied = replace(full, orders={f: pair for f, pair in full.orders.items() if f not in {1, 3}})

        notes = []
        for grid in (full, tied):
            monkeypatch.setattr("yutang.insight.queries.rfm_grid", lambda grid=grid, **asked: grid)
            notes.append(owner_client.get("/value/rfm/", headers={"accept-language": "en"}).context["ties_note"])

        assert notes[0] == ""
        assert "F1 and F3" in notes[1]

    def test_each_cell_leads_to_its_customers(self, owner_client: Client, shop: dict[str, Any]) -> None:
        text = owner_client.get("/value/rfm/").content.decode()

        links = re.findall(
            r'href="(/value/rfm/customers/\?r=\d&amp;f=\d[^"]*)" aria-label="R(\d) F(\d), [^"]*: ([\d,]+)"', text
        )
        shown = {(int(r), int(f)): int(n.replace(",", "")) for _, r, f, n in links}
        grid = rfm_grid(access=SYSTEM, today=today())
        assert shown == {(cell.r, cell.f): cell.customers for cell in grid.cells if cell.customers}
        for link, _r, _f, n in links:
            page = owner_client.get(link.replace("&amp;", "&")).content.decode()
            assert len(set(re.findall(r'class="cell" href="/customers/(\d+)/"', page))) == int(n)

    def test_offers_the_cell_as_a_segment_only_where_the_segment_is_the_same(
        self, owner_client: Client, shop: dict[str, Any]
    ) -> None:
        days = re.findall(r'<option value="(\d{4}-\d\d-\d\d)"', owner_client.get("/value/rfm/").content.decode())

        now = owner_client.get("/value/rfm/customers/?r=5&f=5").content.decode()
        then = owner_client.get(f"/value/rfm/customers/?r=5&f=5&as_of={days[1]}").content.decode()
        mine = owner_client.get(f"/value/rfm/customers/?r=5&f=5&store={shop['xuhui'].id}").content.decode()

        assert "/segments/new/?preset=rf-55" in now
        assert "?preset=rf-core" in owner_client.get("/value/rfm/customers/?cells=core").content.decode()
        assert "preset=rf-55" not in then
        assert "preset=rf-55" not in mine

    def test_shows_a_manager_the_own_customers(
        self, manager_client: Client, shop: dict[str, Any], manager: Actor
    ) -> None:
        text = manager_client.get("/value/rfm/").content.decode()
        page = manager_client.get("/value/rfm/customers/?cells=core").content.decode()

        shown = sum(int(n.replace(",", "")) for n in re.findall(r'aria-label="R\d F\d, [^"]*: ([\d,]+)"', text))
        assert shown == rfm_grid(access=manager, today=today()).customers > 0
        assert "rfm-rules" not in text
        assert "/value/rfm/customers/export/" not in page

    def test_who_may_not_see_customers_sees_numbers(
        self, client: Client, owner_staff: Any, shop: dict[str, Any]
    ) -> None:
        owner_staff.role = "auditor"
        owner_staff.save()
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")

        assert "/value/rfm/customers/" not in client.get("/value/rfm/").content.decode()
        assert client.get("/value/rfm/customers/?r=5&f=5").status_code == 403


class TestDownloads:
    def test_the_grid_and_the_movement_are_those_of_the_page(self, owner_client: Client, shop: dict[str, Any]) -> None:
        rows = rows_of(owner_client.get("/value/rfm/download/"))

        grid, moved = rfm_grid(access=SYSTEM, today=today()), rfm_movement(access=SYSTEM, today=today())
        assert moved is not None
        assert [int(row[5]) for row in rows[1:26]] == [cell.customers for cell in grid.cells]
        assert [int(row[9]) for row in rows[1:26]] == [moved.net[cell.r, cell.f] for cell in grid.cells]
        assert sum(int(row[6]) for row in rows[28:]) == grid.customers

    def test_the_customers_of_a_cell_are_those_of_the_list(self, owner_client: Client, shop: dict[str, Any]) -> None:
        rows = rows_of(owner_client.post("/value/rfm/customers/export/?cells=core"))

        found = rfm_customers(access=SYSTEM, today=today(), rs=(4, 5), fs=(4, 5), limit=1000)
        assert [int(row[0]) for row in rows[1:]] == [one.customer_id for one in found.customers]


class TestRules:
    def test_are_changed_and_followed_at_once(self, owner_client: Client, shop: dict[str, Any]) -> None:
        answer = owner_client.post("/value/rfm/rules/", SENT, follow=True)

        rules = rfm_rules()
        assert (rules.method, rules.recency_days, rules.spend_minor[2]) == ("thresholds", (15, 30, 60, 120), 100_000)
        assert Job.objects.filter(task_path__endswith="follow_orders", status="waiting").count() == 1
        assert ">15<" in answer.content.decode()
        assert 'name="group"' in answer.content.decode()

    def test_are_refused_where_they_do_not_rise(self, owner_client: Client, shop: dict[str, Any]) -> None:
        before = rfm_rules()

        answer = owner_client.post("/value/rfm/rules/", {**SENT, "orders": ["2", "2", "8", "16"]})

        assert answer.status_code == 422
        assert "2, 2, 8, 16" in answer.content.decode()
        assert rfm_rules() == before


@pytest.mark.browser
@pytest.mark.sqlite_only
class TestInABrowser:
    @pytest.mark.parametrize(("width", "language"), LOOKS)
    def test_is_well_made(self, visit: Callable[..., Visitor], shop: dict[str, Any], width: str, language: str) -> None:
        light = width == "desktop"
        change_rfm_rules(
            actor=SYSTEM, changes={"within": "store", "method": "thresholds" if light else "quintiles"}, now=NOW
        )
        visitor = visit(width=width, language=language, theme="light" if light else "dark")

        for address in ("/value/rfm/", "/value/rfm/customers/?cells=core", "/value/rfm/customers/?r=5&f=1"):
            visitor.open(address)
            visitor.assert_well_made()
            if language == "en":
                words = visitor.page.eval_on_selector_all(
                    "h1, h2, th, .pill, .tag, .note, label, legend", "found => found.map(one => one.textContent.trim())"
                )
                assert not [word for word in words if re.search(r"[\u4e00-\u9fff]", word)], visitor.page.url
        visitor.open("/value/rfm/")
        visitor.page.locator("[data-open=rfm-rules]").click()
        visitor.assert_well_made()

    def test_a_cell_is_reached_and_opened_by_the_keyboard(
        self, visit: Callable[..., Visitor], shop: dict[str, Any]
    ) -> None:
        visitor = visit()
        visitor.open("/value/rfm/")
        cell = visitor.page.locator(".heat-cells a").first
        wanted = cell.get_attribute("href")

        for _ in range(60):
            visitor.page.keyboard.press("Tab")
            if visitor.page.evaluate("document.activeElement.closest('.heat-cells') !== null"):
                break
        reached = visitor.page.evaluate("document.activeElement.getAttribute('href')")
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_url("**/value/rfm/customers/*")

        assert reached == wanted
        assert visitor.page.locator("tbody tr").count() > 0
