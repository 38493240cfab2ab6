"""The funnel's page: steps in the address, an editor that leads to it, figures with their people, states and reach."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.support.lakes import write_lake
from yutang.customers.models import Customer
from yutang.insight.queries import funnels as room

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
_PAGE = "/business/funnel/"
_DAYS = "days=30&until=2026-03-10"


@pytest.fixture
def walked(small_shop: Any, stores: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """Four people who viewed, three who put into the cart, two who bought."""
    own = list(
        Customer.objects.filter(merged_into=None, store=stores["xuhui"]).order_by("pk").values_list("pk", flat=True)[:4]
    )
    place = stores["xuhui"].pk
    monday = datetime(2026, 3, 2, 4, 0)  # noqa: DTZ001

    def told(who: int, kind: str, hours: int) -> dict[str, Any]:
        happened = monday + timedelta(hours=hours)
        return {
            "customer_id": who,
            "kind": kind,
            "source": "shop",
            "store_id": place,
            "happened_at": happened,
            "business_date": happened.date(),
        }

    events = [told(who, "viewed", 0) for who in own] + [told(who, "added_to_cart", 3) for who in own[:3]]
    orders = [
        {
            "customer_id": who,
            "status": 40,
            "shop_id": 1,
            "store_id": place,
            "channel": "",
            "placed_at": monday + timedelta(hours=9),
            "business_date": date(2026, 3, 2),
        }
        for who in own[:2]
    ]
    rows = {
        "api_behaviour": events,
        "orders_order": orders,
        "orders_shop": [{"shop_id": 1, "platform": "own"}],
        "customers_customer": [{"customer_id": who, "store_id": place} for who in own],
    }
    snapshot = write_lake(tmp_path / "funnel", rows)
    monkeypatch.setattr(room, "lake_seen", lambda: snapshot)
    return own


@pytest.mark.django_db
class TestEmpty:
    def test_says_that_nothing_is_known(self, owner_client: Client, settings: Any, tmp_path: Path) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"

        page = owner_client.get(_PAGE)

        assert page.status_code == 200
        assert "还没有收到其他系统的行为事件" in page.content.decode()


class TestPage:
    def test_draws_each_step_with_its_people(self, owner_client: Client, walked: list[int]) -> None:
        page = owner_client.get(f"{_PAGE}?{_DAYS}&steps=viewed,added_to_cart,order:paid&within=7d&by=store")

        steps = page.context["steps"]
        assert [one["people"] for one in steps] == [4, 3, 2]
        assert [one["stopped"] for one in steps] == [1, 1, None]
        assert [one["before"] for one in steps] == ["", "75.0%", "66.7%"]
        assert [one["wait"] for one in steps] == ["", "3 小时", "6 小时"]
        assert [[one["people"] for one in line["steps"]] for line in page.context["lines"]] == [[4, 3, 2]]

    def test_every_number_leads_to_its_people(self, owner_client: Client, walked: list[int]) -> None:
        page = owner_client.get(f"{_PAGE}?{_DAYS}&steps=viewed,added_to_cart,order:paid&by=store")

        for one in [*page.context["steps"], *page.context["lines"][0]["steps"]]:
            assert len(owner_client.get(one["url"]).context["rows"]) == one["people"]
            if one["stopped_url"]:
                assert len(owner_client.get(one["stopped_url"]).context["rows"]) == one["stopped"]

    def test_the_editor_leads_to_an_address_with_the_steps(self, owner_client: Client, walked: list[int]) -> None:
        asked = f"{_PAGE}?{_DAYS}&within=1d&kind=viewed&at=&via=shop&kind=order:paid&at=7&via=own/live"

        answer = owner_client.get(asked)

        assert answer.status_code == 302
        assert "steps=viewed~shop%2Corder%3Apaid%407~own%252Flive" in answer["Location"]
        assert "within=1d" in answer["Location"]
        assert owner_client.get(answer["Location"]).status_code == 200

    def test_steps_are_moved_added_and_taken_away_by_addresses(self, owner_client: Client, walked: list[int]) -> None:
        first = owner_client.get(f"{_PAGE}?{_DAYS}&steps=viewed,added_to_cart,order:paid").context

        moved = owner_client.get(first["editor"][1]["up"]).context["steps_text"]
        without = owner_client.get(first["editor"][1]["without"]).context["steps_text"]
        more = owner_client.get(first["add_url"]).context["steps_text"]

        assert (moved, without) == ("added_to_cart,viewed,order:paid", "viewed,order:paid")
        assert more == "viewed,added_to_cart,order:paid,order:paid"

    @pytest.mark.once
    @pytest.mark.parametrize(
        "wrong",
        ["steps=x", "steps=,,,", "steps=Ü,viewed", "within=9999d", "by=weather", "segment=999999", "kind=&kind=x"],
    )
    def test_what_cannot_be_read_is_as_if_it_were_not_there(
        self, owner_client: Client, walked: list[int], wrong: str
    ) -> None:
        page = owner_client.get(f"{_PAGE}?{_DAYS}&{wrong}", follow=True)

        assert page.status_code == 200
        assert page.context["steps_text"] == "viewed,added_to_cart,order:paid"
        assert page.context["within"] == "7d"

    def test_leaves_as_a_table(self, owner_client: Client, walked: list[int]) -> None:
        text = b"".join(owner_client.get(f"{_PAGE}?{_DAYS}&as=csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

        assert [line.split(",")[5] for line in text.splitlines()[1:4]] == ["4", "3", "2"]
