"""The rooms of referral and growth economics, and the pages that customers open: made in two steps, opened, taken, paused, resumed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.codes import conftest as codes
from tests.coupons.conftest import SYSTEM, kind, people
from tests.groupbuy.conftest import campaign
from yutang.codes.models import Code
from yutang.coupons.models import Kind as CouponKind
from yutang.customers.models import Consent, Customer
from yutang.economics import queries as economics
from yutang.economics.models import Pause
from yutang.economics.models import Programme as Stated
from yutang.foundation.actions import change_setting
from yutang.foundation.models import AuditEntry
from yutang.groupbuy.actions import known_person
from yutang.referral import queries
from yutang.referral.links import INVITE, PROGRESS, token_of
from yutang.referral.models import Invitation, Inviter
from yutang.referral.organisation import ADD_LINK

pytestmark = pytest.mark.django_db

FORM = {
    "name": "老带新", "deed": "bought", "title": "送你一张新客券", "words": "我常来的店，送你一张新客券。", "friend_coupon": "welcome20",
    "inviter_coupon": "", "least": "", "return_days": "7", "valid_days": "30", "most_friends": "10", "most_of_ambassador": "50",
    "budget": "5000", "margin": "50", "worth": "90", "commission": "0", "commission_most": "", "tax_note": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_lake(lake: None) -> None:
    """A lake that was never written."""
    cache.clear()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def made(client: Client) -> int:
    """Make a programme and open it, and return it."""
    kind()
    client.post("/referral/new/", {**FORM, "step": "save"})
    key = queries.programmes(access=SYSTEM)[0].id
    client.post(f"/referral/{key}/open/")
    return key


class TestWizard:
    def test_looks_before_it_makes(self, owner_client: Client) -> None:
        kind()
        look = text(owner_client.post("/referral/new/", FORM))
        assert "¥20.00" in look
        assert "送方巾" in look
        assert queries.programmes(access=SYSTEM) == ()

        saved = owner_client.post("/referral/new/", {**FORM, "step": "save"})

        assert "送你一张新客券" in text(owner_client.get(saved.url))
        assert economics.programmes(access=SYSTEM)[0].budget_fen == 500_000

    def test_a_small_budget_ends_it_before_the_guard_is_sure(self, owner_client: Client) -> None:
        kind()
        large = text(owner_client.post("/referral/new/", {**FORM, "budget": "10000"}))
        small = text(owner_client.post("/referral/new/", {**FORM, "budget": "100"}))

        assert "预算会先用完" not in large
        assert "其中 5 人之后预算会先用完" in small
        assert "共花费 ¥100.00" in small

    def test_the_page_says_what_is_left_of_the_budget(self, owner_client: Client) -> None:
        key = made(owner_client)
        CouponKind.objects.update(pieces=1_000)

        page = text(owner_client.get(f"/referral/{key}/"))

        assert "余下还够邀请几位好友" in page
        assert ">250<" in page

    def test_the_page_tells_a_manager_room_for_friends_and_no_money(
        self, owner_client: Client, manager_staff: Any
    ) -> None:
        key = made(owner_client)
        CouponKind.objects.update(pieces=1_000)
        owners = text(owner_client.get(f"/referral/{key}/"))
        owner_client.force_login(manager_staff, backend="django.contrib.auth.backends.ModelBackend")

        page = text(owner_client.get(f"/referral/{key}/"))

        assert "还够邀请几位好友（全部门店合计）" in page
        assert ">250<" in page
        assert "只计属于您门店的顾客" in page
        assert ("近 30 天，您门店的顾客没有被拦下的" in page, "所有人都直接放行" in page) == (True, False)
        for words in ("¥5,000.00", "已花费", "已承诺"):
            assert (words in page, words in owners) == (False, True)

    @pytest.mark.parametrize(
        ("parts", "said"),
        [
            ({"budget": "19"}, "至少够一位新客的成本"),
            ({"words": "分享到朋友圈就送一张券"}, "不能用在分享卡片上"),
            ({"worth": "15"}, "即使所有人都留下也会亏"),
            ({"budget": "很多"}, "很多"),
            ({"commission": "5"}, "不能这样设置佣金"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_written(
        self, owner_client: Client, parts: dict[str, str], said: str
    ) -> None:
        kind()

        answer = owner_client.post("/referral/new/", {**FORM, **parts})

        assert answer.status_code == 422
        assert said in text(answer)
        assert "老带新" in text(answer)

    def test_changes(self, owner_client: Client) -> None:
        key = made(owner_client)

        owner_client.post(f"/referral/{key}/edit/", {**FORM, "title": "新客专享"})

        assert queries.programme_view(access=SYSTEM, programme_id=key).terms.title == "新客专享"


class TestInviting:
    def test_from_the_links_to_the_friend_and_the_progress(self, owner_client: Client, client: Client) -> None:
        key = made(owner_client)
        (person,) = people(1)
        shown = text(owner_client.post(f"/referral/{key}/invite/", {"customer": person, "ambassador": "on"}))
        inviter = Inviter.objects.get()
        invite, progress = (token_of(inviter_id=inviter.pk, purpose=one) for one in (INVITE, PROGRESS))
        assert f"/r/{invite}" in shown
        assert f"/r/mine/{progress}" in shown

        page = client.get(f"/r/{invite}")
        assert "og:title" in text(page)
        assert "请先勾选同意" in text(client.post(f"/r/{invite}", {"phone": "13800138001"}))
        taken = text(client.post(f"/r/{invite}", {"phone": "13800138001", "agreed": "yes"}))
        own = client.get(f"/r/mine/{progress}")
        consent = Consent.objects.get()
        assert (consent.purpose, consent.channel, consent.wording_version) == ("keeping", "any", "referral-2")
        (sentence,) = re.findall(r"“(.+)”", consent.evidence)
        assert f'<span class="small">{sentence}</span>' in text(page)
        assert sentence.startswith("我同意")

        assert "您已接受邀请" in taken
        assert Invitation.objects.get().state == "came"
        assert "进行中" in text(own)
        assert "138" not in text(own)
        assert client.get(f"/r/{progress}").status_code == 404
        assert client.get(f"/r/mine/{invite}").status_code == 404
        assert "客户" in text(owner_client.get(f"/referral/{key}/"))

    def test_what_came_of_it_is_told_only_on_the_phone_that_took_it(self, owner_client: Client) -> None:
        key = made(owner_client)
        inviter = Inviter.objects.create(programme_id=key, customer_id=people(1)[0], made_at=timezone.now())
        path, form = f"/r/{token_of(inviter_id=inviter.pk, purpose=INVITE)}", {"phone": "13800138001", "agreed": "yes"}
        own, other = Client(), Client()

        first, again, elsewhere = (text(one.post(path, form)) for one in (own, own, other))

        assert "您已接受邀请" in first
        assert "您已接受邀请" in again
        assert "您已接受邀请" not in elsewhere
        assert "只在当时使用的手机上显示" in elsewhere
        # What somebody makes up is no sealed cookie.
        other.cookies["yutang_took"] = str(Invitation.objects.get().pk)
        assert "您已接受邀请" not in text(other.post(path, form))

    def test_is_for_who_serves_customers_and_is_noted(
        self, client: Client, owner_client: Client, owner_staff: Any
    ) -> None:
        key = made(owner_client)
        (person,) = people(1)
        owner_client.post(f"/referral/{key}/invite/", {"customer": person})
        owner_client.post(f"/referral/{key}/invite/", {"customer": person})
        owner_staff.role = "auditor"
        owner_staff.save()

        page = text(client.get(f"/referral/{key}/"))
        refused = client.post(f"/referral/{key}/invite/", {"customer": person + 1})

        assert AuditEntry.objects.filter(action="referral.invite", subject_id=str(person)).count() == 1
        assert refused.status_code == 403
        assert Inviter.objects.count() == 1
        assert f"#{person}" in page
        assert f"/referral/{key}/invite/" not in page
        assert f"/customers/{person}/" not in page

    def test_a_shared_number_is_refused_with_what_is_so_and_a_way_on(
        self, owner_client: Client, client: Client
    ) -> None:
        key = made(owner_client)
        change_setting(actor=SYSTEM, key=ADD_LINK, value="https://work.weixin.qq.com/ca/abc", now=timezone.now())
        inviter = Inviter.objects.create(programme_id=key, customer_id=people(1)[0], made_at=timezone.now())
        token = token_of(inviter_id=inviter.pk, purpose=INVITE)
        (someone,) = people(1)
        known_person(actor=SYSTEM, phone="13800138001", now=timezone.now())
        Customer.objects.exclude(pk=someone).update(first_seen_at=timezone.now() - timedelta(days=90))

        page = text(client.post(f"/r/{token}", {"phone": "13800138001", "agreed": "yes"}))

        assert "您已经是我们的客户" not in page
        assert "这个手机号已经有客户在用" in page
        assert f"customer_channel={token}" in page

    def test_a_held_friend_is_decided_about(self, owner_client: Client) -> None:
        key = made(owner_client)
        inviter = Inviter.objects.create(programme_id=key, customer_id=people(1)[0], made_at=timezone.now())
        held = Invitation.objects.create(
            programme_id=key, inviter=inviter, friend_id=people(1)[0], state="held", came_at=timezone.now(),
            came_date=timezone.localdate(), ends_at=timezone.now(),
        )  # fmt: skip
        assert "待核实" in text(owner_client.get(f"/referral/{key}/"))

        owner_client.post(
            f"/referral/invitations/{held.pk}/decide/", {"decision": "refuse", "reason": "同一台手机来了九次"}
        )

        held.refresh_from_db()
        assert held.state == "refused"


class TestEconomics:
    def test_a_pause_says_why_and_ends_with_a_reason(self, owner_client: Client) -> None:
        made(owner_client)
        row = Stated.objects.get(key__startswith="referral:")
        Stated.objects.update(state="paused")
        Pause.objects.create(
            programme=row,
            at=timezone.now(),
            reason="left_at_once",
            saved_fen=123_400,
            numbers={"newcomers": 51, "left": 33},
        )
        page = text(owner_client.get(f"/economics/{row.pk}/"))
        assert "立刻离开的新客太多" in page
        assert "1,234" in page

        refused = owner_client.post(f"/economics/{row.pk}/resume/", {"reason": "好"})
        owner_client.post(f"/economics/{row.pk}/resume/", {"reason": "改为到店核销后再送"})

        assert refused.status_code == 422
        assert not economics.is_paused(row.key)
        assert "改为到店核销后再送" in text(owner_client.get(f"/economics/{row.pk}/"))
        assert "老带新" in text(owner_client.get("/economics/"))

    def test_what_nothing_watches_stands_there_with_the_reason(self, owner_client: Client) -> None:
        assert "护栏未监测的活动" not in text(owner_client.get("/economics/"))
        earns = campaign(name="赚钱的团", code="earns1", cost_minor=6_000)
        unknown = campaign(name="没写成本的团", code="nocost", cost_minor=0)
        loses = campaign(name="亏着引流的团", code="loses1", cost_minor=12_000, budget_minor=500_000, worth_minor=9_000)

        page = text(owner_client.get("/economics/"))

        unwatched = page.partition("护栏未监测的活动")[2]
        for one, words in ((earns, "每个名额的售价都不低于成本"), (unknown, "没有填写每个名额的成本")):
            assert one.name in unwatched
            assert words in unwatched
            assert words in text(owner_client.get(f"/group-buying/{one.pk}/"))
        assert loses.name not in unwatched
        assert loses.name in page

    def test_codes_without_a_cost_stand_there_too(self, owner_client: Client) -> None:
        codes.accounts(1)
        codes.code(name="收银台海报")
        off = codes.code(name="旧海报")
        Code.objects.filter(pk=off.pk).update(is_on=False)

        page = text(owner_client.get("/economics/"))

        assert "收银台海报" in page
        assert "没有填写每位新客的成本" in page
        assert "旧海报" not in page
