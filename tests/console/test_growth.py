"""The rooms of referral and growth economics, and the pages that customers open: made in two steps, opened, taken, paused, resumed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.coupons.conftest import SYSTEM, kind, people
from yutang.economics import queries as economics
from yutang.economics.models import Pause
from yutang.economics.models import Programme as Stated
from yutang.foundation.models import AuditEntry
from yutang.referral import queries
from yutang.referral.links import INVITE, PROGRESS, token_of
from yutang.referral.models import Invitation, Inviter

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

    @pytest.mark.parametrize(
        ("parts", "said"),
        [
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

        assert "您已接受邀请" in taken
        assert Invitation.objects.get().state == "came"
        assert "进行中" in text(own)
        assert "138" not in text(own)
        assert client.get(f"/r/{progress}").status_code == 404
        assert client.get(f"/r/mine/{invite}").status_code == 404
        assert "客户" in text(owner_client.get(f"/referral/{key}/"))

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
