"""The room of channel codes: made, changed, printed, switched, paid for; what was brought stands there and leaves as a table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.codes.conftest import SYSTEM, accounts, code, newcomers, spot_of
from yutang.codes import queries
from yutang.codes.models import Code, Cost, Shift, SlotWords, Spot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_lake(lake: None, settings: Any) -> None:
    """A lake that was never written, and an address that can be printed."""
    settings.YUTANG_PUBLIC_URL = "https://pond.example.com"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def form(*keys: int, **more: Any) -> dict[str, Any]:
    """Return what the form of a code sends, with these members of staff."""
    rows = {f"{name}-{key}": value for key in keys for name, value in _ROW.items()}
    return {"staff": list(keys), **rows, **_FORM, **more}


_ROW = {"role": "main", "days": "31", "since": "09:00", "until": "18:00", "cap": "40"}
_FORM = {
    "name": "春季包裹卡", "kind": "parcel", "sharing": "even", "leads_known": "1", "words": "您好", "content": "", "remark": "包裹",
    "group": "none", "group_prefix": "", "group_places": "50", "first_date": "", "last_date": "", "unit_cost": "2", "budget": "",
    "margin": "55", "slot_since": ["21:00", ""], "slot_until": ["09:00", ""], "slot_days": ["127", "127"],
    "slot_words": ["夜里好", ""], "slot_content": ["", ""],
}  # fmt: skip


class TestForm:
    def test_makes_a_code_with_its_places_and_changes_it(self, owner_client: Client, stores: dict[str, Any]) -> None:
        first, second = accounts(2)
        xuhui = stores["xuhui"]
        assert "还没有渠道活码" in text(owner_client.get("/codes/"))
        assert "由谁接待" in text(owner_client.get("/codes/new/"))

        made = owner_client.post("/codes/new/", form(first, stores=[xuhui.pk], batches="三月包裹\n四月包裹"))
        of = Code.objects.get()
        assert made.url == f"/codes/{of.pk}/"
        assert list(Spot.objects.order_by("pk").values_list("name", flat=True)) == [xuhui.name, "三月包裹", "四月包裹"]
        shift, slot = Shift.objects.get(), SlotWords.objects.get()
        assert (shift.daily_cap, shift.weekdays, shift.since_minute, shift.until_minute) == (40, 31, 540, 1080)
        assert (slot.since_minute, slot.until_minute, slot.words) == (1260, 540, "夜里好")
        page = text(owner_client.get(made.url))
        assert "周一至周五 09:00–18:00" in page
        assert "夜里好" in page

        edited = text(owner_client.get(f"/codes/{of.pk}/edit/"))
        assert 'value="21:00"' in edited
        owner_client.post(
            f"/codes/{of.pk}/edit/", form(second, name="新名", until="00:00", **{f"until-{second}": "00:00"})
        )
        assert queries.code_terms(access=SYSTEM, code_id=of.pk).shifts[0].until_minute == 1440
        assert Spot.objects.count() == 3

    @pytest.mark.parametrize(
        ("field", "written"),
        [
            ("unit_cost", "两元"),
            ("margin", "1.5"),
            ("group_places", "many"),
            ("first_date", "someday"),
            ("budget", "NaN"),
        ],
    )
    def test_a_slip_comes_back_with_what_was_written(self, owner_client: Client, field: str, written: str) -> None:
        (key,) = accounts(1)

        answer = owner_client.post("/codes/new/", form(key, **{field: written}))

        assert answer.status_code == 422
        assert written in text(answer)
        assert "春季包裹卡" in text(answer)
        assert 'value="40"' in text(answer)
        assert not Code.objects.exists()

    def test_a_time_that_is_none_and_nobody_to_answer_are_refused(self, owner_client: Client) -> None:
        (key,) = accounts(1)

        assert owner_client.post("/codes/new/", form(key, **{f"since-{key}": "25:00"})).status_code == 422
        assert owner_client.post("/codes/new/", form()).status_code == 422


class TestPage:
    def test_shows_what_it_brought_and_what_one_who_stayed_cost(self, owner_client: Client) -> None:
        accounts()
        now = timezone.now()
        of = code(unit_cost_minor=300, now=now - timedelta(days=50))
        newcomers(of, 8, added_at=now - timedelta(days=40))
        newcomers(of, 2, added_at=now - timedelta(days=40), left_after=timedelta(days=2))

        page, listed = text(owner_client.get(f"/codes/{of.pk}/")), text(owner_client.get("/codes/"))

        assert "¥3.75" in page
        assert "每位留存满 30 天的客户花费 ¥3.75。" in page
        assert "7天 80%" in page.replace(" 天", "天")
        assert "成本最低的是“包裹卡”。" in listed
        sheet = b"".join(owner_client.get("/codes/?as=csv").streaming_content).decode("utf-8-sig")
        assert "包裹卡,包裹卡,使用中" in sheet.replace('"', "")
        assert ",10,10,8,2,10,8,8," in sheet

    def test_says_what_was_paid_while_nobody_has_stayed_long_enough_to_compare(self, owner_client: Client) -> None:
        accounts()
        of = code(unit_cost_minor=500, now=timezone.now() - timedelta(hours=3))
        newcomers(of, 2, added_at=timezone.now() - timedelta(hours=2))

        page = text(owner_client.get(f"/codes/{of.pk}/"))

        assert "共花费 ¥10.00。有客户留满一天后" in page
        assert "记录为它花了多少钱" not in page

    def test_is_switched_and_its_places_staff_and_costs_are_changed(self, owner_client: Client) -> None:
        first, _second, _third = accounts()
        of = code()
        spot = spot_of(of)
        base = f"/codes/{of.pk}"

        owner_client.post(f"{base}/off/")
        assert queries.codes(access=SYSTEM, now=timezone.now())[0].standing == "off"
        owner_client.post(f"{base}/on/")
        owner_client.post(f"{base}/spots/", {"batches": "五月包裹"})
        owner_client.post(f"{base}/spots/{spot.pk}/", {"is_on": "0"})
        owner_client.post(f"{base}/staff/{first}/", {"is_away": "1"})
        owner_client.post(f"{base}/costs/", {"amount": "1200.50", "day": "2026-03-01", "note": "印刷"})
        refused = owner_client.post(f"{base}/costs/", {"amount": "很多", "day": "2026-03-01"}, follow=True)

        assert list(Spot.objects.order_by("pk").values_list("name", "is_on")) == [("包裹卡", False), ("五月包裹", True)]
        assert Shift.objects.get(account_id=first).is_away
        cost = Cost.objects.get()
        assert (cost.amount_minor, cost.note) == (120_050, "印刷")
        assert "“很多”不是有效的金额或日期" in text(refused)
        owner_client.post(f"{base}/costs/{cost.pk}/")
        assert not Cost.objects.exists()

    def test_is_printed_as_sheets_and_pictures(self, owner_client: Client) -> None:
        accounts()
        of = code()

        pdf = owner_client.get(f"/codes/{of.pk}/sheet/?layout=card&copies=11&as=pdf")
        png = owner_client.get(f"/codes/{of.pk}/sheet/?as=png&spot={spot_of(of).pk}")

        assert (pdf["Content-Type"], png["Content-Type"]) == ("application/pdf", "image/png")
        assert pdf.content.count(b"/Type /Page /Parent") == 2
        assert owner_client.get(f"/codes/{of.pk}/sheet/?spot=999999").status_code == 404

    def test_says_that_nothing_can_be_printed_without_an_address(self, owner_client: Client, settings: Any) -> None:
        settings.YUTANG_PUBLIC_URL = ""
        accounts()
        of = code()

        answer = owner_client.get(f"/codes/{of.pk}/sheet/?as=pdf", follow=True)

        assert "YUTANG_PUBLIC_URL" in text(answer)
        assert answer.redirect_chain
