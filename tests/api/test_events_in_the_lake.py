"""What people did elsewhere, as a table of the lake and as a fact that segments ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import duckdb
import pytest
from django.utils import timezone

from tests.api.conftest import Program
from tests.customers.rows import resolve
from yutang.api.behaviour import find_people_later
from yutang.api.lake_marks import has_new_events, mark_new_events
from yutang.api.models import Behaviour
from yutang.api.tasks import publish_events
from yutang.customers import actions as people
from yutang.foundation.access import Actor
from yutang.foundation.jobs import enqueue, run_inline
from yutang.foundation.models import Store
from yutang.ingest.lake_sync import sync_lake, the_lake
from yutang.ingest.lake_truth import says_what_the_store_says
from yutang.ingest.models import TouchedPartition

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Any) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def event(number: int, at: str = "2026-03-10T20:15:00+08:00", **more: Any) -> dict[str, Any]:
    return {"id": f"e{number}", "kind": "viewed", "happened_at": at, **more}


def send(program: Program, *events: dict[str, Any]) -> None:
    answer = program.post("/events", {"source": "web_shop", "events": list(events)}, Idempotency_Key="")
    assert answer.status_code == 200, answer.content


def publish() -> dict[str, int]:
    return dict(run_inline(enqueue(publish_events, {}, now=timezone.now())))


def rows() -> list[tuple[Any, ...]]:
    snapshot = the_lake().snapshot()
    files = [str(snapshot.root / one.file) for one in snapshot.manifests["api_behaviour"].partitions.values()]
    asked = "SELECT customer_id, source, kind, business_date::VARCHAR, product_code, store_id FROM read_parquet(?) ORDER BY happened_at"
    return duckdb.execute(asked, [files]).fetchall() if files else []


class TestTable:
    def test_holds_facts_by_the_business_day_of_the_store(
        self, service_of: Callable[..., Program], stores: dict[str, Store]
    ) -> None:
        Store.objects.filter(pk=stores["tianhe"].pk).update(time_zone="America/New_York")
        (person,) = resolve({"phone": "+8614550001234"})
        send(
            service_of(),
            event(1, "2026-03-10T16:30:00Z", phone="14550001234", properties={"product_code": "P1", "note": "quiet"}),
            event(2, "2026-03-31T17:00:00Z", store_code="GZ01"),
        )

        told = publish()

        assert told == {"months": 1, "tables": told["tables"]}
        # Half past midnight in Shanghai is the next day; one in the afternoon in New York is not.
        assert rows() == [
            (person, "web_shop", "viewed", "2026-03-11", "P1", None),
            (None, "web_shop", "viewed", "2026-03-31", "", stores["tianhe"].pk),
        ]

    def test_is_marked_now_and_then_and_not_at_each_event(self, service_of: Callable[..., Program]) -> None:
        program = service_of()
        publish()
        for number in range(5):
            send(program, event(number))
        assert has_new_events()
        assert not TouchedPartition.objects.filter(table="api_behaviour").exists()

        assert mark_new_events(now=timezone.now()) == 1
        assert mark_new_events(now=timezone.now()) == 0
        assert not has_new_events()
        sync_lake(now=timezone.now())

        assert len(rows()) == 5

    def test_is_not_called_wrong_before_new_events_are_marked(self, service_of: Callable[..., Program]) -> None:
        publish()
        send(service_of(), event(1))

        found = says_what_the_store_says()

        assert (found.broken, found.left_out) == (0, 1)
        publish()
        assert says_what_the_store_says().broken == 0
        assert len(rows()) == 1

    def test_follows_people_who_are_found_later_and_merged(self, service_of: Callable[..., Program]) -> None:
        send(service_of(), event(1, phone="14550001234"))
        publish()
        first, second = resolve({"member_no": "M1"}, {"phone": "+8614550001234"})
        assert rows()[0][0] is None

        find_people_later(now=timezone.now())
        sync_lake(now=timezone.now())
        found = rows()[0][0]
        people.merge_customers(actor=Actor.system(), first_id=first or 0, second_id=second or 0, now=timezone.now())
        sync_lake(now=timezone.now())

        assert (found, rows()[0][0]) == (second, first)


class TestSegments:
    def test_ask_who_did_something_within_days(self, service_of: Callable[..., Program]) -> None:
        from yutang.segments.queries import people_of

        lately, *_ = resolve(*({"phone": f"+861455000000{number}"} for number in (1, 2, 3)))
        today = timezone.now()
        send(
            service_of(),
            event(1, (today - timedelta(days=2)).isoformat(), phone="14550000001", kind="added_to_cart"),
            event(2, (today - timedelta(days=40)).isoformat(), phone="14550000002", kind="added_to_cart"),
            event(3, (today - timedelta(days=2)).isoformat(), phone="14550000003"),
        )
        assert Behaviour.objects.filter(customer=None).count() == 0
        publish()
        did = {
            "event": "behaviour",
            "is": "did",
            "when": {"within_days": 7},
            "where": [{"field": "kind", "is": "equals", "value": "added_to_cart"}],
        }

        found = people_of(
            access=Actor.system(), rule={"version": 1, "rule": did}, today=today.date(), as_of=today.date()
        )

        assert set(found.people.tolist()) == {lately}
