"""Coupons by the API: given once by the key, looked up, redeemed once, refusals kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests.api.conftest import Program
from tests.api.test_writing import made
from yutang.coupons import actions
from yutang.coupons.models import Coupon, RefusedAttempt
from yutang.foundation.access import Actor

pytestmark = pytest.mark.django_db
TERMS = actions.Terms(
    name="九折", code="tenth", gives="percent", percent=10, least_minor=1_000, valid_days=30, pieces=3
)


@pytest.fixture
def someone(stores: Any) -> int:
    actions.create_kind(actor=Actor.system(), terms=TERMS, now=timezone.now())
    return int(made(stores["xuhui"]).pk)


def test_the_whole_way(manager_program: Program, someone: int) -> None:
    body = {"kind": "tenth", "customer_id": someone, "campaign": "mini:1"}
    given = manager_program.post("/coupons", body, Idempotency_Key="order-7")
    again = manager_program.post("/coupons", body, Idempotency_Key="order-7")

    assert (given.status_code, again.status_code) == (201, 201)
    code = given.json()["code"]
    # The code is told once; who lost the answer asks for it, and the trail keeps that.
    assert again.json() == {**given.json(), "code": ""}
    assert manager_program.post(f"/coupons/{given.json()['id']}/code").json()["code"] == code
    assert Coupon.objects.count() == 1

    look = manager_program.post("/coupons/look", {"code": code}).json()
    assert (look["holds"], look["off_minor"], look["coupon"]["customer_id"]) == (True, None, someone)
    small = manager_program.post("/coupons/redeem", {"code": code, "order_minor": 999})
    assert (small.status_code, small.json()["code"]) == (409, "order_is_too_small")
    assert "¥10.00" in small.json()["detail"]
    done = manager_program.post("/coupons/redeem", {"code": code, "order_minor": 25_800, "store_code": "SH01"})
    assert (done.status_code, done.json()["state"], done.json()["off_minor"]) == (200, "redeemed", 2_580)
    twice = manager_program.post("/coupons/redeem", {"code": code, "order_minor": 25_800})
    assert (twice.status_code, twice.json()["code"]) == (409, "coupon_is_redeemed")

    assert list(RefusedAttempt.objects.values_list("reason", "store__code")) == [
        ("order_is_too_small", None),
        ("coupon_is_redeemed", None),
    ]
    (kind,) = manager_program.get("/coupons/kinds").json()["items"]
    assert (kind["given"], kind["redeemed"], kind["off_minor"], kind["brought_minor"]) == (1, 1, 2_580, 25_800)
    (row,) = manager_program.get(f"/coupons?customer_id={someone}&state=redeemed").json()["items"]
    assert (row["code_end"], "code" in row) == (code[-4:], False)


def test_whoever_sees_one_store_counts_the_coupons_of_its_people(
    manager_program: Program, owner_program: Program, someone: int, stores: Any
) -> None:
    elsewhere = int(made(stores["pudong"]).pk)
    for customer_id in (someone, elsewhere):
        assert owner_program.post("/coupons", {"kind": "tenth", "customer_id": customer_id}).status_code == 201

    (seen,) = manager_program.get("/coupons/kinds").json()["items"]
    (whole,) = owner_program.get("/coupons/kinds").json()["items"]

    assert (seen["given"], seen["living"]) == (1, 1)
    assert (whole["given"], whole["living"]) == (2, 2)


def test_a_code_that_nobody_has_is_kept_as_an_attempt(manager_program: Program, someone: int) -> None:
    answer = manager_program.post("/coupons/look", {"code": "NOBODY"})

    assert (answer.status_code, answer.json()["code"]) == (404, "code_is_unknown")
    assert RefusedAttempt.objects.get().via.startswith("token:")


def test_a_store_out_of_reach_is_not_there(manager_program: Program, someone: int) -> None:
    answer = manager_program.post("/coupons/redeem", {"code": "NOBODY", "store_code": "GZ01"})

    assert (answer.status_code, answer.json()["code"]) == (422, "input_is_wrong")
