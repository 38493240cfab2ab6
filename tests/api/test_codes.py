"""Programs make channel codes, add places for new batches, print a link for one person, and read what came of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.codes.conftest import accounts, newcomers
from tests.coupons.conftest import people
from yutang.codes.models import Code, Spot

pytestmark = pytest.mark.django_db


def test_a_code_is_made_once_and_told_in_full(owner_program: Any, settings: Any, tmp_path: Any) -> None:
    settings.YUTANG_LAKE, settings.YUTANG_PUBLIC_URL = tmp_path / "lake", "https://pond.example.com"
    (key,) = accounts(1)
    body = {
        "name": "包裹卡",
        "kind": "parcel",
        "shifts": [{"account_id": key, "daily_cap": 5}],
        "spots": [{"name": "三月"}],
    }

    made = owner_program.post("/codes", body, Idempotency_Key="a")
    again = owner_program.post("/codes", body, Idempotency_Key="a")
    assert (made.status_code, again.status_code, Code.objects.count()) == (201, 201, 1)
    path = f"/codes/{made.json()['id']}"
    added = owner_program.post(f"{path}/spots", {"spots": [{"name": "四月"}]}).json()
    assert [one["name"] for one in added["spots"]] == ["三月", "四月"]
    newcomers(Code.objects.get(), 3)
    owner_program.post(f"{path}/costs", {"amount_minor": 900, "business_date": "2026-03-01"})

    found = owner_program.get("/codes").json()["items"][0]
    assert (found["tally"]["came"], found["tally"]["cost_minor"], found["standing"]) == (3, 900, "on")
    changed = owner_program.call("PUT", path, {**body, "name": "改名"}).json()
    assert (changed["name"], changed["shifts"][0]["daily_cap"]) == ("改名", 5)
    assert owner_program.post(f"{path}/switch", {"is_on": False}).json()["standing"] == "off"

    (someone,) = people(1)
    spot = Spot.objects.order_by("pk").first()
    assert spot is not None
    link = owner_program.get(f"{path}/spots/{spot.pk}/links/{someone}").json()["path"]
    assert link.startswith(f"/c/{spot.token}?p=")


def test_what_cannot_be_is_refused_with_the_part(owner_program: Any) -> None:
    (key,) = accounts(1)

    answer = owner_program.post(
        "/codes", {"name": "卡", "kind": "parcel", "shifts": [{"account_id": key, "is_backup": True}]}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "channel_code_is_wrong")
    assert answer.json()["data"]["part"] == "shifts"
