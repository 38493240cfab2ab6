"""The demo shop's visits: who of the groups booked, came, bought more and topped up, all of it on the way from the offer to the balance."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.groupbuy.conftest import guard_lets_in
from yutang.customers.models import Customer
from yutang.demo import groupbuy
from yutang.demo.groupbuy import make_demo_groups
from yutang.demo.visits import play_visits, waits_for_visits
from yutang.foundation.access import Actor
from yutang.foundation.sealing import seal
from yutang.ingest.models import Import
from yutang.membership import queries as balances
from yutang.membership.queries import movements
from yutang.visits import queries
from yutang.visits.models import Booking, Hook

__all__ = ["guard_lets_in"]
SYSTEM = Actor.system()


@pytest.mark.django_db
def test_people_of_the_groups_book_come_and_top_up_and_some_are_still_to_come(
    stores: dict[str, Any], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    monkeypatch.setattr(groupbuy, "_GROUPS", 26)
    now = timezone.now()
    sealed = [seal({"name": "张三", "phones": [f"+8613800138{n:03}"]}) for n in range(110)]
    Customer.objects.bulk_create(
        [Customer(sealed_profile=one, store=stores["xuhui"], first_seen_at=now) for one in sealed]
    )
    make_demo_groups(now=now)
    assert waits_for_visits()

    told = play_visits(folder=tmp_path, now=now)

    assert not waits_for_visits()
    assert 0 < told["came"] < Hook.objects.exclude(paid_at=None).count()
    coming = Booking.objects.filter(state="booked", starts_at__gt=now)
    assert told["coming"] == coming.count() > 0
    assert coming.latest("starts_at").starts_at < now + timedelta(days=7)
    # Who came had paid before they booked, so that the way to the store counts them.
    paid = dict(Hook.objects.exclude(paid_at=None).order_by("-paid_at").values_list("customer_id", "paid_at"))
    assert all(paid[one.customer_id] <= one.made_at for one in Booking.objects.all())
    assert told["topped_up"] == len(movements(access=SYSTEM, kind="top_up").rows) > 0
    moments = [one.at for one in movements(access=SYSTEM).rows]
    assert moments == sorted(moments, reverse=True)
    assert len(balances.plans()) == 3
    assert len(queries.bookable_stores(access=SYSTEM, today=now.date())) == len(stores)
    assert Import.objects.get().file_name == "到店加购.csv"
