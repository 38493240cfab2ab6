"""What stands beside a programme where staff look after it: what the guard answered there, its economics, who came before."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.test import Client
from django.utils import timezone

from tests.coupons.conftest import SYSTEM, kind, people
from tests.risk.conftest import ask
from yutang.coupons import queries as coupons
from yutang.economics import queries as economics
from yutang.economics.models import Programme
from yutang.referral.models import Programme as Referral
from yutang.risk.models import Decision

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_lake(lake: None) -> None:
    """A lake that was never written."""


def text(answer: Any) -> str:
    return str(answer.content.decode())


def answered(programme: str) -> None:
    """Let the guard slow somebody down, leave somebody to a person, and refuse somebody."""
    for verdict in ("slow", "review", "refuse"):
        (person,) = people(1)
        found = ask(person, kind="join", key=f"{programme}:{verdict}", programme=programme, at=timezone.now())
        reasons = [{"code": "device_people", "params": {"n": 9}}]
        Decision.objects.filter(pk=found.decision_id).update(verdict=verdict, reasons=reasons)


def referral() -> int:
    now = timezone.now()
    return Referral.objects.create(
        name="老带新", state="open", deed="bought", title="送你一张券", words="送你一张。", made_at=now, changed_at=now
    ).pk


class TestGuard:
    def test_answers_are_told_where_staff_act_with_what_they_mean(self, owner_client: Client) -> None:
        key = referral()
        answered(f"referral:{key}")
        kind_id = coupons.kind_named(access=SYSTEM, code=kind()).id

        page = text(owner_client.get(f"/referral/{key}/"))
        calm = text(owner_client.get(f"/coupons/kinds/{kind_id}/"))

        for said in ("减速", "再来时重新判断", "待复核", "已暂扣", "已驳回", "30天内，这台设备有9人用过。"):
            assert said in page
        assert "所有人都直接放行" in calm

    def test_whoever_may_not_see_the_guard_reads_nothing_of_it(self, owner_client: Client, owner_staff: Any) -> None:
        from yutang.foundation.access import PERMISSIONS
        from yutang.foundation.models import OwnRole

        key = referral()
        answered(f"referral:{key}")
        granted = sorted(PERMISSIONS - {one for one in PERMISSIONS if one.startswith("guard.")})
        role = OwnRole.objects.create(name="无风控", permissions=granted, is_chain_wide=True)
        type(owner_staff).objects.filter(pk=owner_staff.pk).update(role="own", own_role=role)

        page = text(owner_client.get(f"/referral/{key}/"))

        assert "老带新" in page
        assert "风控在这里的判断" not in page


class TestEconomics:
    FORM: ClassVar[dict[str, Any]] = {
        "name": "新客立减20元", "code": "welcome20", "gives": "amount", "amount": "20", "least": "99", "pieces": "100",
        "per_person": "1", "ends": "days", "days": "30", "margin": "55", "codes": "made", "newcomers": "on", "worth": "90",
        "budget": "1500",
    }  # fmt: skip

    def test_a_kind_for_newcomers_is_made_stands_in_the_ledger_and_can_change(self, owner_client: Client) -> None:
        made = owner_client.post("/coupons/new/", self.FORM)
        assert made.status_code == 302

        (view,) = economics.programmes(access=SYSTEM)
        assert (view.budget_fen, view.worth_fen, view.brings_newcomers) == (150_000, 9_000, True)
        page = text(owner_client.get(made.url))
        assert f"/economics/{view.id}/" in page
        assert "留住一位新客的价值" in page
        assert made.url in text(owner_client.get(f"/economics/{view.id}/"))
        owner_client.post(f"{made.url}edit/", {**self.FORM, "newcomers": "", "budget": ""})

        (view,) = economics.programmes(access=SYSTEM)
        assert (view.budget_fen, view.brings_newcomers) == (200_000, False)
        assert "不拉新" in text(owner_client.get("/economics/"))
        assert "不会自动暂停" in text(owner_client.get(f"/economics/{view.id}/"))

    def test_one_that_would_lose_is_refused_and_keeps_what_was_written(self, owner_client: Client) -> None:
        answer = owner_client.post("/coupons/new/", {**self.FORM, "worth": "15"})

        assert answer.status_code == 422
        assert 'value="15"' in text(answer)
        assert not Programme.objects.exists()

    def test_who_came_before_the_costs_were_stated_is_told(self, owner_client: Client) -> None:
        owner_client.post("/coupons/new/", self.FORM)
        Programme.objects.update(came_before=12)
        (view,) = economics.programmes(access=SYSTEM)

        assert "此前已来12人" in text(owner_client.get("/economics/"))
        assert "填写成本之前已有 12 人由此而来" in text(owner_client.get(f"/economics/{view.id}/"))
