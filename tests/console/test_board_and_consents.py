"""Further tasks of the board of Today, and the consents of a customer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.console.shop import NOW, fill
from yutang.customers.models import Consent, Customer


@pytest.fixture(autouse=True)
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> None:
    """The small shop, with a lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)


def test_further_tasks_are_those_of_the_column_that_was_asked_for(
    owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yutang.console.rooms.today._PAGE", 1)
    monkeypatch.setattr("yutang.console.rooms.today._MOST", 2)
    columns = owner_client.get("/today/").context["columns"]
    code = next(one["code"] for one in columns if one["count"] > 2)

    def shown(address: str) -> dict[str, int]:
        return {one["code"]: len(one["tasks"]) for one in owner_client.get(address).context["columns"]}

    few = {one["code"]: 1 for one in columns}
    assert shown("/today/") == few
    assert shown(f"/today/?all=1&column={code}") == {**few, code: 2}
    first = columns[0]
    assert shown("/today/?all=1") == {**few, first["code"]: min(2, first["count"])}
    page = owner_client.get(f"/today/?all=1&column={code}").content.decode()
    assert "这里显示最要紧的 2 项" in page


def test_says_which_wording_somebody_agreed_to(owner_client: Client) -> None:
    person = Customer.objects.filter(merged_into=None).first()
    assert person is not None
    for version in ("demo", "2026-03 入会表"):
        said = {
            "purpose": "service",
            "channel": "sms",
            "granted": True,
            "wording_version": version,
            "evidence": "e",
        }
        Consent.objects.create(customer=person, occurred_at=NOW, **said)

    told = [one["wording"] for one in owner_client.get(f"/customers/{person.pk}/").context["consents"]]

    assert set(told) == {"为演示店编写", "2026-03 入会表"}
