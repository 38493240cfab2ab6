"""Two rules side by side against counting by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.shop import NOW
from yutang.customers.actions import create_tag_in, give_tag
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import sync_lake
from yutang.insight.lake_reading import business_today
from yutang.insight.models import Score
from yutang.segments import queries

SYSTEM = Actor.system()
TODAY = business_today(NOW)


def rule(**test: Any) -> dict[str, Any]:
    return {"version": 1, "rule": test}


@pytest.mark.usefixtures("shop")
class TestSideBySide:
    def test_counts_stages_orders_and_money_of_each(self) -> None:
        many, dear = (
            rule(field="orders", **{"is": "at_least"}, value=4),
            rule(field="spend_minor", **{"is": "at_least"}, value=60_000),
        )

        found = queries.side_by_side(access=SYSTEM, first=many, second=dear, today=TODAY)

        scores = list(Score.objects.all())
        for side, chosen in (
            (found.first, [one for one in scores if one.orders >= 4]),
            (found.second, [one for one in scores if one.spend_minor >= 60_000]),
        ):
            stages: dict[str, int] = {}
            for one in chosen:
                stages[one.stage] = stages.get(one.stage, 0) + 1
            assert side.people == len(chosen) > 0
            assert dict(side.stages) == stages
            assert (side.orders, side.spend_minor) == (
                sum(s.orders for s in chosen),
                sum(s.spend_minor for s in chosen),
            )
            assert side.order_minor == pytest.approx(side.spend_minor / side.orders)
        sets = found.sets
        assert len(sets.only_first) + len(sets.both) == found.first.people
        assert len(sets.only_second) + len(sets.both) == found.second.people

    def test_counts_who_carries_a_tag(self) -> None:
        tag = create_tag_in(actor=SYSTEM, group="经营", name="老客", rule=None, now=NOW)
        people = list(Customer.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True)[:3])
        give_tag(actor=SYSTEM, tag_id=tag, customer_ids=people, now=NOW)
        sync_lake(now=NOW)
        carried = rule(field="tag", **{"is": "in"}, value=[tag])
        nobody = rule(field="orders", **{"is": "at_least"}, value=10_000)

        found = queries.side_by_side(access=SYSTEM, first=carried, second=nobody, today=TODAY)

        assert dict(found.first.tags) == {tag: 3}
        assert dict(found.second.tags) == {}
        assert found.second.buyer_ratio is None

    def test_stays_within_reach(self, manager: Actor) -> None:
        everybody = rule(field="orders", **{"is": "at_least"}, value=1)

        found = queries.side_by_side(access=manager, first=everybody, second=everybody, today=TODAY)

        assert found.first.people == Score.objects.filter(store_id__in=manager.store_ids or (), orders__gte=1).count()
        assert found.first.people == len(found.sets.both) < Score.objects.count()
