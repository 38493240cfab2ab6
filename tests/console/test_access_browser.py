"""The rooms of access in a real browser: both widths, both languages, both themes; invited, welcomed, with a second factor."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.utils import timezone

from tests.console.conftest import LOOKS, Visitor
from tests.console.test_browser import _assert_speaks_its_language
from yutang.customers.models import Customer
from yutang.foundation import actions, queries
from yutang.foundation.models import AuditEntry, Staff, Store
from yutang.worklist.models import Proposal

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

PASSWORD = "xiao-yu-tang-88"


@pytest.fixture(autouse=True)
def house(transactional_db: None, settings: Any, tmp_path: Path) -> None:
    """A lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def team(owner_staff: Staff, manager_staff: Staff, operator_staff: Staff, stores: dict[str, Store]) -> Staff:
    """The owner with a password; a manager with work in hand; somebody invited, somebody barred, an own role."""
    now, owner = timezone.now(), queries.actor_for(owner_staff)
    for staff in (owner_staff, manager_staff):
        staff.set_password(PASSWORD)
        staff.save()
    key = actions.create_role(actor=owner, name="客服", permissions=["customers.view"], is_chain_wide=False, now=now)
    for username, name in (("xiaoli", "小李"), ("laozhang", "老张")):
        actions.create_staff(
            actor=owner, username=username, display_name=name, role=key, password=None, region_names=["华东"], now=now
        )
    actions.make_invitation(actor=owner, username="xiaoli", now=now)
    actions.deactivate_staff(actor=owner, username="laozhang", now=now)
    actions.change_setting(actor=owner, key="foundation.organisation_name", value="大鱼", now=now)
    person = Customer.objects.create(sealed_profile=b"", store=stores["xuhui"], owner=manager_staff, first_seen_at=now)
    Proposal.objects.create(
        kind="valuable_silent",
        dedupe_key="x",
        customer=person,
        owner=manager_staff,
        store=stores["xuhui"],
        reason={"template": "x", "values": {}},
        proposed_on=now.date(),
        due_at=now + timedelta(days=1),
    )
    return owner_staff


def look(visitor: Visitor, address: str) -> None:
    visitor.open(address)
    visitor.assert_well_made()
    _assert_speaks_its_language(visitor)


#: Names of roles, regions, people and the organisation that labels hold.
@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.console import test_browser

    known = (
        test_browser._NAMES.pattern
        + "|客服|华东|华南|小李|老张|赵运营|大鱼|简体中文|English|Asia/Shanghai|laozhang|laoban|lidianzhang|xiaoli"
    )
    monkeypatch.setattr(test_browser, "_NAMES", re.compile(known))


@pytest.mark.parametrize(
    ("width", "language", "theme"), [(*look, theme) for look, theme in zip(LOOKS, ("light", "dark"), strict=True)]
)
class TestEveryRoom:
    def test_is_well_made(
        self, visit: Callable[..., Visitor], team: Staff, manager_staff: Staff, width: str, language: str, theme: str
    ) -> None:
        # A changed setting has a mark with hidden words in the row of sections, far to the right on a phone.
        actions.change_setting(actor=queries.actor_for(team), key="coupons.most_by_hand", value=10, now=timezone.now())
        visitor = visit(width=width, language=language, theme=theme)
        barred, invited = Staff.objects.get(username="laozhang"), Staff.objects.get(username="xiaoli")
        store, role = Store.objects.get(code="SH01"), invited.own_role_id
        receiver = Staff.objects.get(username="yunying")

        for address in (
            "/profile/",
            "/profile/second-factor/",
            "/staff/",
            "/staff/?state=barred",
            "/staff/?q=nobody-of-this-name",
            "/staff/new/",
            f"/staff/{team.pk}/",
            f"/staff/{manager_staff.pk}/",
            f"/staff/{barred.pk}/",
            f"/staff/{manager_staff.pk}/hand-over/",
            f"/staff/{manager_staff.pk}/hand-over/?to={receiver.pk}",
            f"/staff/{manager_staff.pk}/hand-over/?to={invited.pk}",
            "/staff/roles/",
            "/staff/roles/new/",
            "/staff/roles/owner/",
            f"/staff/roles/own-{role}/",
            "/stores/",
            "/stores/new/",
            f"/stores/{store.pk}/",
            "/settings/",
            "/audit/",
            "/audit/?what=staff.&since=2020-01-01",
            "/audit/?subject=nothing",
        ):
            look(visitor, address)

    def test_doors_are_well_made(
        self, visit: Callable[..., Visitor], team: Staff, width: str, language: str, theme: str
    ) -> None:
        now = timezone.now()
        secret = actions.make_invitation(actor=queries.actor_for(team), username="xiaoli", now=now)
        set_up(team)
        visitor = visit(width=width, language=language, theme=theme)
        visitor.context.clear_cookies(name="sessionid")

        look(visitor, f"/welcome/{secret}/")
        look(visitor, "/welcome/no-such-link/")
        log_in(visitor, "laoban")
        visitor.assert_well_made()
        _assert_speaks_its_language(visitor)
        visitor.page.locator("#id_code").fill("000000")
        visitor.page.keyboard.press("Enter")
        visitor.page.locator("[role=alert]").wait_for()
        visitor.assert_well_made()
        visitor.forget("status of 410", "status of 422")


def set_up(staff: Staff) -> str:
    """Set a second factor up a minute ago and return its secret."""
    before, actor = timezone.now() - timedelta(minutes=1), queries.actor_for(staff)
    secret = actions.begin_second_factor(actor=actor, now=before).secret
    actions.confirm_second_factor(actor=actor, code=pyotp.TOTP(secret).at(before), session_key="", now=before)
    return secret


def log_in(visitor: Visitor, username: str, password: str = PASSWORD) -> None:
    visitor.open("/login/")
    visitor.page.locator("#id_username").fill(username)
    visitor.page.locator("#id_password").fill(password)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.wait_until_quiet()


class TestDoing:
    def test_somebody_is_invited_and_comes_in_by_the_link(self, visit: Callable[..., Visitor], team: Staff) -> None:
        visitor = visit()
        visitor.open("/staff/new/")
        visitor.page.locator("#display_name").fill("钱收银")
        visitor.page.locator("#username").fill("qianshouyin")
        visitor.page.get_by_text("店长", exact=True).click()
        visitor.page.get_by_text("徐汇店").click()
        visitor.page.locator(".place-form .btn-primary").click()
        link = visitor.page.locator("#link").input_value()
        visitor.assert_well_made()

        newcomer = visit(width="phone")
        newcomer.context.clear_cookies(name="sessionid")
        newcomer.page.goto(link)
        newcomer.page.locator("#id_password").fill(PASSWORD)
        newcomer.page.locator("#id_again").fill(PASSWORD)
        newcomer.page.keyboard.press("Enter")
        newcomer.page.wait_for_url("**/login/")
        log_in(newcomer, "qianshouyin")
        newcomer.open("/profile/")

        assert newcomer.page.locator("h1").inner_text() == "钱收银"
        assert "1 家门店" in newcomer.page.locator(".page-head p").inner_text()

    def test_a_second_factor_is_set_up_and_asked_for(self, visit: Callable[..., Visitor], team: Staff) -> None:
        visitor = visit(width="phone")
        visitor.context.clear_cookies(name="sessionid")
        log_in(visitor, "laoban")
        visitor.open("/profile/second-factor/")
        assert visitor.page.locator(".qr-box svg path").count() == 1
        visitor.page.locator(".enrol summary").click()
        key = visitor.page.locator("#secret").inner_text().replace(" ", "")
        visitor.page.locator("#code").fill(pyotp.TOTP(key).now())
        visitor.page.keyboard.press("Enter")
        visitor.page.locator(".codes li").first.wait_for()
        visitor.assert_well_made()
        codes = visitor.page.locator(".codes li").all_inner_texts()

        visitor.context.clear_cookies(name="sessionid")
        log_in(visitor, "laoban")
        asked = visitor.page.url
        visitor.page.locator("#id_code").fill(codes[0])
        with visitor.page.expect_navigation():
            visitor.page.keyboard.press("Enter")
        visitor.open("/profile/")

        assert len(codes) == 10
        assert asked.endswith("/login/code/")
        assert "还剩 9 个恢复码" in visitor.page.content()

    def test_who_must_have_one_is_led_to_it(self, visit: Callable[..., Visitor], team: Staff) -> None:
        actions.change_setting(
            actor=queries.actor_for(team), key="foundation.second_factor_roles", value=["owner"], now=timezone.now()
        )
        visitor = visit()
        visitor.open("/staff/")

        assert visitor.page.url.endswith("/profile/second-factor/")
        assert "必须二次验证" in visitor.page.locator(".page-head").inner_text()
        visitor.assert_well_made()

    def test_a_leaver_hands_over_and_is_barred(
        self, visit: Callable[..., Visitor], team: Staff, manager_staff: Staff
    ) -> None:
        visitor = visit()
        visitor.open(f"/staff/{manager_staff.pk}/hand-over/")
        row = visitor.page.locator("tr", has_text="yunying")
        assert "社群运营" in row.inner_text()
        row.get_by_role("link", name="赵运营").click()
        visitor.page.get_by_text("赵运营将接手 1 位客户和 1 项任务").wait_for()
        visitor.page.locator("form[method=post] .btn-primary").click()
        visitor.page.locator(".toast").wait_for()

        assert Customer.objects.get().owner == Proposal.objects.get().owner == Staff.objects.get(username="yunying")
        assert not Staff.objects.get(pk=manager_staff.pk).is_active
        assert "账号已停用" in visitor.page.content()

    def test_a_role_by_store_hides_what_it_does_not_need(self, visit: Callable[..., Visitor], team: Staff) -> None:
        visitor = visit()
        visitor.open("/staff/new/")

        visitor.page.get_by_text("分析师", exact=True).click()
        hidden = visitor.page.get_by_text("徐汇店").is_visible()
        visitor.page.get_by_text("区域经理", exact=True).click()

        assert not hidden
        assert visitor.page.get_by_text("徐汇店").is_visible()

    def test_pairs_of_a_setting_are_written_and_taken_away(self, visit: Callable[..., Visitor], team: Staff) -> None:
        visitor = visit()
        visitor.open("/settings/insight.ad_channels/")
        rows = visitor.page.locator("#insight-ad_channels .pair-row")
        rows.first.locator("input").fill("")
        rows.last.locator("input").fill("小红书聚光")
        rows.last.locator("select").select_option("tmall")
        visitor.page.locator("#insight-ad_channels .btn").last.click()
        visitor.page.locator(".toast").wait_for()

        kept = queries.organisation_setting("insight.ad_channels")
        assert kept["小红书聚光"] == "tmall"
        assert "大众点评" not in kept
        assert AuditEntry.objects.filter(action="setting.changed", subject_id="insight.ad_channels").count() == 1

    def test_a_refused_setting_stays_written_with_the_reason(self, visit: Callable[..., Visitor], team: Staff) -> None:
        visitor = visit()
        visitor.open("/settings/?section=worklist")
        visitor.page.locator("#worklist-most_a_day summary").press("Enter")
        visitor.page.locator("#worklist-most_a_day-value").fill("900")
        visitor.page.locator("#worklist-most_a_day-value").press("Enter")
        visitor.page.locator("#worklist-most_a_day .error").wait_for()

        visitor.assert_well_made()
        assert visitor.page.locator("#worklist-most_a_day-value").input_value() == "900"
        assert queries.organisation_setting("worklist.most_a_day") == 12
        visitor.forget("status of 422")

    def test_a_region_is_renamed_in_its_dialog(self, visit: Callable[..., Visitor], team: Staff) -> None:
        visitor = visit()
        visitor.open("/stores/")
        visitor.page.get_by_role("button", name="改名 华东").click()
        visitor.assert_well_made()
        visitor.page.locator("#region-name").fill("华东大区")
        visitor.page.locator("dialog[open] .btn-primary").click()
        visitor.page.locator(".toast").wait_for()

        assert {region.name for region in queries.regions()} == {"华东大区", "华南"}
