"""The room of coupons: kinds are made and changed, coupons given, shown, taken back, looked up and redeemed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.coupons.conftest import SYSTEM, code_of, give, kind, people
from yutang.coupons import queries
from yutang.coupons.models import Coupon, PoolCode
from yutang.coupons.queries import CouponFilters

pytestmark = pytest.mark.django_db

FORM = {
    "name": "新客立减20元", "code": "welcome20", "gives": "amount", "amount": "20", "least": "99", "pieces": "100", "per_person": "1",
    "ends": "days", "days": "30", "margin": "55", "codes": "made",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_lake(lake: None) -> None:
    """A lake that was never written."""


def text(answer: Any) -> str:
    return str(answer.content.decode())


class TestKinds:
    def test_are_made_and_changed(self, owner_client: Client) -> None:
        assert "还没有优惠券" in text(owner_client.get("/coupons/"))

        made = owner_client.post("/coupons/new/", FORM)
        view = queries.kinds(access=SYSTEM)[0]
        assert made.url == f"/coupons/kinds/{view.id}/"
        assert (view.terms.amount_minor, view.terms.least_minor, view.terms.valid_days) == (2_000, 9_900, 30)
        assert "立减¥20.00，满¥99.00可用" in text(owner_client.get(made.url))
        owner_client.post(f"{made.url}edit/", {**FORM, "name": "新客券", "pieces": "50"})
        owner_client.post(f"{made.url}close/")

        view = queries.kind_view(access=SYSTEM, kind_id=view.id)
        assert (view.name, view.terms.pieces, view.is_open) == ("新客券", 50, False)
        owner_client.post(f"{made.url}open/")
        assert queries.kind_view(access=SYSTEM, kind_id=view.id).is_open

    @pytest.mark.parametrize(
        ("field", "written"), [("amount", "二十"), ("pieces", "1.5"), ("least", "NaN"), ("until", "someday")]
    )
    def test_a_slip_comes_back_with_what_was_written(self, owner_client: Client, field: str, written: str) -> None:
        form = {**FORM, field: written, **({"ends": "until"} if field == "until" else {})}

        answer = owner_client.post("/coupons/new/", form)

        assert answer.status_code == 422
        assert written in text(answer)
        assert "新客立减20元" in text(answer)

    def test_what_was_promised_is_not_in_the_form_and_does_not_change(self, owner_client: Client) -> None:
        code = kind()
        give(code, people(1)[0])
        view = queries.kind_named(access=SYSTEM, code=code)

        page = text(owner_client.get(f"/coupons/kinds/{view.id}/edit/"))
        owner_client.post(f"/coupons/kinds/{view.id}/edit/", {**FORM, "amount": "1", "pieces": "7"})

        assert 'name="amount"' not in page
        changed = queries.kind_view(access=SYSTEM, kind_id=view.id).terms
        assert (changed.amount_minor, changed.pieces, changed.margin_percent) == (2_000, 7, 55)

    def test_a_list_of_codes_is_added(self, owner_client: Client, tmp_path: Any) -> None:
        view = queries.kind_named(access=SYSTEM, code=kind(codes="pool"))
        path = tmp_path / "codes.csv"
        path.write_text("券码\nSHOP-0001\nSHOP-0002\n", encoding="gb18030")

        with path.open("rb") as file:
            answer = owner_client.post(f"/coupons/kinds/{view.id}/codes/", {"codes": file})

        assert answer.status_code == 302
        assert PoolCode.objects.count() == 2


class TestGiven:
    def test_by_hand_from_the_customer_once_a_form(self, owner_client: Client) -> None:
        code, (someone,) = kind(per_person=5), people(1)

        page = text(owner_client.get(f"/customers/{someone}/"))
        for _ in range(2):
            answer = owner_client.post(f"/customers/{someone}/coupons/", {"coupon": code, "key": "abc"})

        assert "还没有优惠券。" in page
        assert answer.url == f"/customers/{someone}/"
        (coupon,) = Coupon.objects.all()
        page = text(owner_client.get(f"/customers/{someone}/"))
        assert f"…{coupon.code_end}" in page
        assert "发放优惠券：新客立减20元" in page

    def test_the_code_is_shown_for_one_answer_and_the_coupon_taken_back_with_a_reason(
        self, owner_client: Client
    ) -> None:
        coupon_id = give(kind(), people(1)[0], now=timezone.now())

        shown = owner_client.post(f"/coupons/{coupon_id}/code/", headers={"HX-Request": "true"})
        owner_client.post(f"/coupons/{coupon_id}/take-back/", {"reason": "发错了"})

        assert code_of(coupon_id) in text(shown)
        assert "no-store" in shown["Cache-Control"]
        assert queries.coupon_view(access=SYSTEM, coupon_id=coupon_id, now=timezone.now()).reason == "发错了"

    def test_the_list_keeps_its_filters_in_the_address_and_leaves_as_a_table(self, owner_client: Client) -> None:
        code, (one, other) = kind(), people(2)
        first = give(code, one, now=timezone.now())
        give(kind(code="b", name="另一种券"), other, now=timezone.now())

        page = text(owner_client.get(f"/coupons/given/?kind={code}&state=given&end={code_of(first)[-4:].lower()}"))
        sheet = b"".join(owner_client.get(f"/coupons/given/?kind={code}&as=csv").streaming_content).decode("utf-8-sig")

        assert page.count("/customers/") - page.count('href="/customers/"') == 1
        assert len(sheet.splitlines()) == 2
        assert "新客立减20元" in sheet
        assert code_of(first) not in sheet

    def test_who_sees_no_people_sees_no_names(self, client: Client, stores: Any) -> None:
        from yutang.foundation.models import Staff

        someone = people(1)[0]
        give(kind(), someone, now=timezone.now())
        auditor = Staff.objects.create(username="a", display_name="a", role="auditor", joined_at=timezone.now())
        client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")

        page = text(client.get("/coupons/given/"))

        assert f"#{someone}" in page
        assert "张*" not in page


class TestTill:
    def test_looks_first_and_redeems_once(self, manager_client: Client, stores: Any) -> None:
        coupon_id = give(kind(), people(1, store=stores["tianhe"])[0], now=timezone.now())
        form = {"code": code_of(coupon_id).lower(), "worth": "￥258.00", "order": "W7"}

        look = text(manager_client.post("/coupons/redeem/", {**form, "step": "look"}))
        assert "可使用" in look
        assert "¥20.00" in look
        # The person is of another store: the till sees the coupon, not whose it is.
        assert "张*" not in look
        assert not Coupon.objects.filter(state="redeemed").exists()

        done = manager_client.post("/coupons/redeem/", {**form, "step": "redeem"})
        twice = manager_client.post("/coupons/redeem/", {**form, "step": "redeem"})

        assert (done.status_code, twice.status_code) == (302, 422)
        assert "核销过" in text(twice)
        coupon = Coupon.objects.get()
        assert (coupon.store, coupon.order_number, coupon.order_minor) == (stores["xuhui"], "W7", 25_800)

    @pytest.mark.parametrize(
        ("form", "said"), [({"code": "K7QM2XPD9RTB"}, "券码"), ({"code": "x", "worth": "abc"}, "abc")]
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(
        self, manager_client: Client, form: dict[str, str], said: str
    ) -> None:
        answer = manager_client.post("/coupons/redeem/", {**form, "step": "look"})

        assert answer.status_code == 422
        assert said in text(answer)
        assert f'value="{form["code"]}"' in text(answer)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_store_manager_redeems_on_the_phone(visit: Callable[..., Any], manager_staff: Any, stores: Any) -> None:
    now = timezone.now()
    coupon_id = give(
        kind(name="A tenth off", gives="percent", percent=10), people(1, store=stores["xuhui"])[0], now=now
    )
    phone = visit(width="phone", language="en", staff=manager_staff)
    phone.look("/coupons/redeem/")

    phone.page.fill("#code", code_of(coupon_id))
    phone.page.keyboard.press("Enter")
    phone.page.get_by_text("Say what the order is worth, then look again.").wait_for()
    phone.look()
    phone.page.fill("#worth", "258")
    phone.page.get_by_role("button", name="Look it up").click()
    phone.page.get_by_role("button", name="Redeem now").click()
    phone.page.get_by_text("is redeemed: ¥25.80.").wait_for()
    phone.look("/coupons/")

    found = queries.coupons(access=SYSTEM, filters=CouponFilters(state="redeemed"), now=now).rows
    assert [(one.id, one.store_name, one.off_minor) for one in found] == [(coupon_id, "徐汇店", 2_580)]
