"""A working day of each of five people, in a real browser: what they do, what they see, and what is not open to them.

Between them they use both languages, both themes, a desktop and a phone, and look at every room with axe.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.conftest import _staff
from tests.console.conftest import Visitor
from yutang.customers.models import Customer, CustomerTag, ReviewCase
from yutang.foundation import jobs
from yutang.foundation.models import AuditEntry, Staff, Store
from yutang.ingest.models import Import, QuarantinedRow
from yutang.segments.models import Segment
from yutang.worklist.models import Proposal

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only, pytest.mark.usefixtures("small_shop")]

PASSWORD = "xiao-yu-tang-88"


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of people, files and places that labels of both languages hold."""
    from tests.console import test_browser

    known = r"|march\.csv|Shirt|李店长|周审计|钱收银|qianshouyin|华东|华南|偏好|棉|大众点评|简体中文|English|Asia/Shanghai|[a-z_]+-1"
    monkeypatch.setattr(test_browser, "_NAMES", re.compile(test_browser._NAMES.pattern + known))


@pytest.fixture
def come_in(new_context: Callable[..., Any], live_server: Any, small_shop: None) -> Any:
    """Let somebody of a role come in by the door; at the end the browser must have had nothing to complain about."""
    visitors: list[Visitor] = []

    def begin(role: str, name: str, *, language: str, theme: str, width: str = "desktop") -> Visitor:
        staff = _staff(f"{role}-1", name, role, Store.objects.get(code="SH01"))
        staff.set_password(PASSWORD)
        staff.save()
        visitor = Visitor(new_context, live_server.url, width=width, language=language, theme=theme)
        visitors.append(visitor)
        visitor.look("/")
        visitor.page.keyboard.type(staff.username)
        visitor.page.keyboard.press("Tab")
        visitor.page.keyboard.type(PASSWORD)
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_url(lambda url: "login" not in url)
        visitor.page.wait_for_load_state("networkidle")
        visitor.look()
        return visitor

    yield begin
    for visitor in visitors:
        assert not visitor.faults, visitor.faults


def rooms(page: Page) -> list[str]:
    """Return the rooms that the menu offers, by their first part."""
    found = page.eval_on_selector_all(".side .side-link", "links => links.map(one => new URL(one.href).pathname)")
    return [path.strip("/").split("/")[0] for path in found]


def are_shut(visitor: Visitor, *paths: str) -> None:
    """Fail unless these pages say in the person's language that they are not open to them."""
    for path in paths:
        visitor.open(path)
        expect(visitor.page.locator("h1")).to_have_text(re.compile("没有权限|No permission"))
    visitor.look()
    visitor.forget("status of 403")


def follow(page: Page, locator: Any) -> None:
    """Click a link or button that leads to another page, and wait until that is quiet."""
    with page.expect_navigation():
        locator.click()
    page.wait_for_load_state("networkidle")


def test_the_owner_looks_into_the_month_and_keeps_the_house(come_in: Callable[..., Visitor]) -> None:
    visitor = come_in("owner", "王老板", language="zh-hans", theme="light")
    page = visitor.page
    assert rooms(page) == [
        "business", "today", "customers", "segments", "value", "visits", "balances", "codes", "groups", "group-buying", "referral", "economics", "guard", "campaigns", "playbooks", "content", "coupons", "experiments", "messages", "contact-policy", "wecom",
        "imports", "tags", "review", "payments", "jobs", "staff", "stores", "programs", "settings", "requests", "audit", "glossary",
    ]  # fmt: skip

    # From the figure to the people behind it, and to one of them.
    follow(page, page.get_by_role("link", name="90 天", exact=True))
    page.locator("#store").select_option(label="徐汇店")
    page.wait_for_url("**store=*")
    visitor.look("/business/why/?by=store&formula=buyers&days=90")
    follow(page, page.locator("a.amount").first)
    visitor.look()
    follow(page, page.locator("tbody a[href*='/customers/']").first)
    visitor.look()

    # Somebody calls: the number is shown once, with a reason that stays.
    page.locator("[data-open=unmask]").click()
    page.locator("#unmask-note").fill("回访上周的订单")
    page.locator("#unmask .btn-primary").click()
    expect(page.locator("#identifiers")).to_contain_text("+861455")
    expect(page.locator("#identifiers a[href^='tel:+861455']")).to_be_visible()
    visitor.look()
    visitor.look("/value/")
    visitor.look("/settings/")

    # A new colleague is invited; who looked and who invited stands in the log.
    visitor.look("/staff/")
    visitor.open("/staff/new/")
    page.locator("#display_name").fill("钱收银")
    page.locator("#username").fill("qianshouyin")
    page.get_by_text("店长", exact=True).click()
    page.get_by_text("浦东店").click()
    page.locator(".place-form .btn-primary").click()
    assert "/welcome/" in page.locator("#link").input_value()
    visitor.look("/stores/")
    visitor.look("/audit/")
    expect(page.locator("tbody")).to_contain_text("钱收银")
    expect(page.locator("tbody")).to_contain_text("回访上周的订单")

    # After the log-out the Back button gives nothing away.
    follow(page, page.locator(".side-foot button"))
    page.go_back()
    page.wait_for_url("**/login/**")
    assert "钱收银" not in page.content()
    kept = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "<" not in kept
    assert "htmx-history-cache" not in kept
    assert list(Staff.objects.get(username="qianshouyin").stores.values_list("code", flat=True)) == ["SH02"]


def test_the_manager_works_the_list_on_a_phone(come_in: Callable[..., Visitor]) -> None:
    visitor = come_in("store_manager", "李店长", language="zh-hans", theme="dark", width="phone")
    page, own = visitor.page, Store.objects.get(code="SH01")
    elsewhere = Customer.objects.filter(store__code="SH02").first()
    assert elsewhere is not None

    # The day's list: one thing done, one put aside, one not useful.
    follow(page, page.locator(".bottom a[href='/today/']"))
    visitor.look()
    for step in ("done", "snooze", "useless"):
        page.locator(f".board-col.shown [data-open^={step}]").first.click()
        expect(page.locator("dialog[open]")).to_be_visible()
        if step == "done":
            page.locator("dialog[open] textarea").fill("电话没人接，晚上再打")
            visitor.look()
        page.locator("dialog[open] .btn-primary").click()
        expect(page.locator("dialog[open]")).to_have_count(0)
        expect(page.locator(".toast")).not_to_have_count(0)
    statuses = Proposal.objects.filter(store=own).exclude(status="open").values_list("status", flat=True)
    assert sorted(statuses) == ["done", "not_useful", "snoozed"]
    assert Proposal.objects.get(status="done").outcome_note == "电话没人接，晚上再打"

    # A customer of the own store gets a tag; those of another are not there.
    follow(page, page.locator(".bottom a[href='/customers/']"))
    visitor.look()
    assert page.locator("tbody tr").count() == Customer.objects.filter(store=own, merged_into=None).count()
    follow(page, page.locator("tbody a[href*='/customers/']").first)
    page.locator("[data-open=tag]").click()
    page.locator("#tag-group").fill("偏好")
    page.locator("#tag-name").fill("棉")
    follow(page, page.locator("#tag .btn-primary"))
    visitor.look()
    assert CustomerTag.objects.get().tag.name == "棉"
    visitor.open(f"/customers/{elsewhere.pk}/")
    expect(page.locator("h1")).to_have_text("没有找到")
    visitor.look()
    visitor.forget("status of 404")

    # Own figures, and what is not for the manager.
    visitor.look("/business/")
    visitor.look("/segments/")
    visitor.look("/profile/")
    page.locator("[data-open=more]").click()
    visitor.look()
    assert not page.locator("#more a[href='/staff/'], #more a[href='/settings/'], #more a[href='/jobs/']").count()
    are_shut(visitor, "/imports/", "/staff/", "/audit/", "/settings/", "/segments/new/", "/jobs/")


def test_the_operator_brings_in_a_file_and_keeps_people_apart(come_in: Callable[..., Visitor], tmp_path: Path) -> None:
    first, second = Customer.objects.order_by("pk")[:2]
    ReviewCase.objects.create(
        first=first, second=second, kind="names_differ", opened_at=timezone.now(),
        reason={"template": "Both have the phone, but their names differ.", "values": {}},
    )  # fmt: skip
    visitor = come_in("operator", "Zhao", language="en", theme="light")
    page = visitor.page

    # A file with one bad row: seen before it is written, imported, mended.
    path = tmp_path / "march.csv"
    head = "订单号,下单时间,买家姓名,手机号,会员号,商品编码,商品名称,数量,单价,实付金额,门店编码\n"
    path.write_text(
        head
        + "N1,2026-03-09 10:00:00,Zhu,14550009001,M9001,P1,Shirt,1,59,59,SH01\n"
        + "N2,2026年13月40日,Qian,14550009002,M9002,P1,Shirt,1,59,59,SH01\n",
        encoding="utf-8",
    )
    visitor.look("/imports/")
    follow(page, page.get_by_role("link", name="Import files"))
    visitor.look()
    page.set_input_files("input[type=file]", path)
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    page.wait_for_load_state("networkidle")
    visitor.look()
    page.get_by_role("button", name="Import now").click()
    page.wait_for_load_state("networkidle")
    work_off(Import.objects.latest("pk"))
    visitor.look(f"/imports/{Import.objects.latest('pk').pk}/")
    follow(page, page.get_by_role("link", name="Mend rows"))
    visitor.look()
    page.locator(".fix-cell input").first.fill("2026-03-10")
    page.get_by_role("button", name="Import the corrected rows").click()
    page.wait_for_load_state("networkidle")
    work_off(Import.objects.latest("pk"))
    assert QuarantinedRow.objects.get(source__file_name="march.csv").status == "mended"

    # Two people who share a number stay two.
    visitor.look("/review/")
    follow(page, page.get_by_role("button", name="Different people"))
    visitor.look()
    assert ReviewCase.objects.get().status == "kept_apart"

    # A segment is saved from a preset and leaves as a table, masked.
    visitor.look("/segments/new/?preset=stage-loyal")
    page.fill("#segment-name", "Regulars")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/segments/*/")
    page.wait_for_load_state("networkidle")
    visitor.look()
    rows = downloaded(page, lambda: export(page))
    assert len(rows) - 1 == Segment.objects.get().snapshots.get().size > 0
    assert all("*" in row[1] for row in rows[1:])
    assert AuditEntry.objects.filter(action__startswith="segments.export").count() == 1

    visitor.look("/tags/new/")
    visitor.look("/today/")
    are_shut(visitor, "/settings/", "/staff/", "/jobs/", "/audit/")


def test_the_analyst_reads_everything_and_changes_nobody(come_in: Callable[..., Visitor]) -> None:
    visitor = come_in("analyst", "Sun", language="en", theme="dark")
    page = visitor.page

    for path in (
        "/business/?days=365",
        "/business/cohorts/?by=store&months=24",
        "/business/traffic/?days=365",
        "/value/check/",
        "/value/rfm/",
    ):
        visitor.look(path)

    # From a cell of the grid to its people, and the table of it.
    follow(page, page.locator(".heat-links a").first)
    visitor.look()
    people = page.locator("tbody tr").count()
    visitor.open("/value/rfm/")
    table = downloaded(page, lambda: page.get_by_role("link", name="Download").click())
    assert people > 0
    assert len(table) > 1

    visitor.look("/segments/compare/?first=stage-loyal&second=stage-growing")
    visitor.look("/today/results/" if "today" in rooms(page) else "/segments/")

    # Names stay masked: there is nothing by which to show, tag or work.
    follow(page, page.locator(".side a[href='/customers/']"))
    follow(page, page.locator("tbody a[href*='/customers/']").first)
    visitor.look()
    assert "*" in page.locator("h1").inner_text()
    assert page.locator("[data-open=unmask], [data-open=tag], [data-open=consent]").count() == 0
    are_shut(visitor, "/imports/new/", "/today/", "/review/", "/tags/new/", "/settings/", "/staff/")


def test_the_auditor_sees_who_did_what_and_no_customer(come_in: Callable[..., Visitor]) -> None:
    visitor = come_in("auditor", "周审计", language="zh-hans", theme="light")
    page = visitor.page
    assert rooms(page) == [
        "business", "value", "visits", "balances", "codes", "groups", "group-buying", "referral", "economics", "guard", "campaigns", "playbooks", "content", "coupons", "experiments", "messages", "contact-policy", "wecom", "imports", "payments", "requests", "audit", "glossary",
    ]  # fmt: skip
    record = Import.objects.get()

    # Filters stand in the address and in the table that leaves; that it left is an entry too.
    visitor.look("/audit/")
    page.locator("#what").select_option("staff.")
    page.wait_for_url("**what=staff.*")
    page.wait_for_load_state("networkidle")
    visitor.look()
    shown = page.locator("tbody tr").count()
    table = downloaded(page, lambda: page.locator("a[href*='/audit/export/']").click())
    assert len(table) - 1 == shown > 0
    assert {row[4].split(".")[0] for row in table[1:]} == {"staff"}
    assert AuditEntry.objects.filter(action="audit.exported").count() == 1

    # Imports are seen without what is in them, and nothing can be set going.
    visitor.look("/imports/")
    assert page.locator("a[href='/imports/new/']").count() == 0
    visitor.look(f"/imports/{record.pk}/")
    assert page.locator("main form").count() == 0 or not page.locator("main form button:visible").count()
    visitor.look(f"/imports/{record.pk}/rows/")
    assert "钱多" not in page.content()
    visitor.look("/value/")
    person = Customer.objects.first()
    assert person is not None
    are_shut(
        visitor,
        "/customers/",
        f"/customers/{person.pk}/",
        "/segments/",
        "/today/",
        "/staff/",
        "/imports/new/",
        "/jobs/",
    )


def work_off(record: Import) -> None:
    """Do what waits, as the worker beside the console does."""
    jobs.run_worker(until_idle=True, schedules=False)
    record.refresh_from_db()
    assert record.status == "done", record.problem


def export(page: Page) -> None:
    page.locator("[data-open=export]").click()
    page.locator("#export .btn-primary").click()


def downloaded(page: Page, act: Callable[[], Any]) -> list[list[str]]:
    """Return the rows of the table that a click sends."""
    with page.expect_download() as waiting:
        act()
    return list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8-sig"))))
