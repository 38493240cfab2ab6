"""What people did elsewhere: taken in once, and given to the right person."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.api.conftest import Program
from tests.api.test_problems import assert_problem
from tests.customers.rows import resolve
from yutang.api.behaviour import find_people_later, waits_for_people
from yutang.api.models import Behaviour, KeptAnswer
from yutang.customers import actions as people
from yutang.customers.models import Customer
from yutang.foundation.access import Actor


def event(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"e{number}", "kind": "viewed", "happened_at": "2026-03-10T20:15:00+08:00", **more}


def sent(program: Program, *events: dict[str, Any], **head: Any) -> Any:
    return program.post("/events", {"source": "web", "events": list(events), **head}, Idempotency_Key="")


@pytest.mark.django_db
class TestEvents:
    def test_are_taken_once_by_their_id(self, owner_program: Program) -> None:
        first = sent(owner_program, event(1), event(2), event(2, kind="chatted"))
        second = sent(owner_program, event(2), event(3))
        other = sent(owner_program, event(1), source="app")

        assert first.json() == {"received": 3, "new": 2, "unknown_groups": 0}
        assert second.json() == {"received": 2, "new": 1, "unknown_groups": 0}
        assert other.json() == {"received": 1, "new": 1, "unknown_groups": 0}
        assert Behaviour.objects.count() == 4
        assert KeptAnswer.objects.count() == 0

    @pytest.mark.parametrize("body", [[], {}, [event(1)], {"source": "web"}, {"source": "web", "events": []}])
    def test_a_body_without_an_event_is_told_what_it_should_be(self, owner_program: Program, body: Any) -> None:
        refused = owner_program.post("/events", body, Idempotency_Key="")

        assert_problem(refused, 422, "events_are_missing")
        example = refused.json()["detail"].partition("{")[2]
        assert sent(owner_program, *json.loads("{" + example)["events"]).json()["new"] == 1

    def test_take_an_instant_of_any_clock(self, owner_program: Program) -> None:
        far = [
            event("e1", happened_at="2026-03-01T20:00:00+17:00"),
            event("e2", happened_at="0001-01-01T00:00:00+17:00"),
        ]

        answers = [owner_program.post("/events", {"source": "web", "events": [one]}) for one in far]

        assert [answer.status_code for answer in answers] == [200, 422]
        assert Behaviour.objects.get().happened_at.isoformat() == "2026-03-01T03:00:00+00:00"

    @pytest.mark.parametrize("wrong", [{"id": "a\x00"}, {"properties": {"colour": "\x00"}}], ids=["field", "property"])
    def test_hold_no_text_that_cannot_be_kept(self, owner_program: Program, wrong: dict[str, Any]) -> None:
        answer = owner_program.post("/events", {"source": "web", "events": [event("e1", **wrong)]})

        assert_problem(answer, 422, "input_is_wrong")
        assert "NUL" in answer.json()["detail"]

    def test_take_a_key_where_one_is_given(self, owner_program: Program) -> None:
        body = {"source": "web", "events": [event(1)]}

        answers = [owner_program.post("/events", body, Idempotency_Key="k") for _ in range(2)]

        assert [answer.json() for answer in answers] == [{"received": 1, "new": 1, "unknown_groups": 0}] * 2

    @pytest.mark.parametrize(
        ("known", "told"),
        [
            ({"phone": "+8614550001234"}, {"phone": "145 5000 1234"}),
            ({"email": "li@example.com"}, {"email": " Li@Example.com"}),
            ({"member_no": "M0042"}, {"member_no": "M0042"}),
            ({"unionid": "oWx77"}, {"wechat_unionid": "oWx77"}),
            ({"external_userid": "wmX1"}, {"wecom_external_userid": "wmX1"}),
            ({"member_no": "M0042"}, {"member_no": "M0042", "phone": "+8614559999999"}),
        ],
    )
    def test_find_their_person(self, owner_program: Program, known: dict[str, str], told: dict[str, str]) -> None:
        (person,) = resolve(known)

        # The scope of the accounts of `resolve`.
        sent(owner_program, event(1, **told, properties={"product_code": "P1"}), platform="taobao", shop_name="shop")

        (shown,) = owner_program.get(f"/customers/{person}/events").json()["items"]
        assert (shown["event_id"], shown["kind"], shown["properties"]) == ("e1", "viewed", {"product_code": "P1"})
        assert shown["happened_at"] == "2026-03-10T12:15:00Z"

    def test_keep_no_identifier_in_the_clear(self, owner_program: Program) -> None:
        sent(owner_program, event(1, phone="14550001234", email="li@example.com"))

        row = Behaviour.objects.values().get()
        assert "14550001234" not in str(row)
        assert "li@" not in str(row)
        assert len(bytes(row["digest"])) == 16

    def test_of_people_not_known_yet_find_them_later(self, owner_program: Program) -> None:
        sent(owner_program, event(1, phone="14550001234"), event(2, phone="14550007777"), event(3))
        assert waits_for_people()
        (person,) = resolve({"phone": "+8614550001234"})

        assert find_people_later(now=timezone.now()) == 1
        assert find_people_later(now=timezone.now()) == 0

        assert [row.customer_id for row in Behaviour.objects.order_by("event_id")] == [person, None, None]

    def test_move_with_a_merge_and_back(self, owner_program: Program) -> None:
        first, second = resolve({"phone": "+8614550001234"}, {"phone": "+8614550005678"})
        sent(owner_program, event(1, phone="14550005678"))

        merge = people.merge_customers(
            actor=Actor.system(), first_id=first or 0, second_id=second or 0, now=timezone.now()
        )
        assert Behaviour.objects.get().customer_id == first
        sent(owner_program, event(2, phone="14550005678"))
        assert set(Behaviour.objects.values_list("customer_id", flat=True)) == {first}

        people.undo_merge(actor=Actor.system(), merge_id=merge, now=timezone.now())
        assert Behaviour.objects.get(event_id="e1").customer_id == second

    def test_come_in_pages(self, owner_program: Program) -> None:
        (person,) = resolve({"phone": "+8614550001234"})
        sent(owner_program, *(event(n, phone="14550001234") for n in range(7)))

        path, seen = f"/customers/{person}/events?limit=3", []
        answer = owner_program.get(path).json()
        while True:
            seen += [one["event_id"] for one in answer["items"]]
            if answer["next"] is None:
                break
            answer = owner_program.get(f"{path}&cursor={answer['next']}").json()

        assert seen == [f"e{n}" for n in reversed(range(7))]

    def test_ten_thousand_come_in_one_call(self, owner_program: Program) -> None:
        answer = sent(
            owner_program, *(event(n, phone=f"1455{n:07d}", properties={"p": "x" * 200}) for n in range(10_000))
        )

        assert answer.json() == {"received": 10_000, "new": 10_000, "unknown_groups": 0}
        assert sent(owner_program, *(event(n) for n in range(10_000))).json()["new"] == 0


@pytest.mark.django_db
class TestRefusals:
    @pytest.mark.parametrize(
        ("wrong", "where"),
        [
            ({"kind": "Viewed!"}, "events.0.kind"),
            ({"happened_at": "yesterday"}, "events.0.happened_at"),
            ({"happened_at": "2026-03-10T20:15:00"}, "events.0.happened_at"),
            ({"id": ""}, "events.0.id"),
            ({"customer_id": 1}, "events.0.customer_id"),
            ({"properties": {"a": {"b": 1}}}, "events.0.properties"),
            ({"properties": {"a": "x" * 2_000}}, "events.0.properties"),
        ],
    )
    def test_say_where(self, owner_program: Program, wrong: dict[str, Any], where: str) -> None:
        told = assert_problem(sent(owner_program, event(1, **wrong)), 422, "input_is_wrong")

        assert told["data"]["where"].startswith(where)
        assert Behaviour.objects.count() == 0

    def test_of_the_future_and_of_unknown_stores(self, owner_program: Program, stores: Any) -> None:
        tomorrow = (timezone.now() + timedelta(days=1)).isoformat()

        assert_problem(sent(owner_program, event(1, happened_at=tomorrow)), 422, "event_is_in_the_future")
        assert_problem(sent(owner_program, event(1, store_code="NOWHERE")), 422, "event_is_elsewhere")

    def test_of_stores_out_of_reach(self, service_of: Callable[..., Program], stores: Any) -> None:
        program = service_of("events.record", store_codes=["SH01"])

        assert sent(program, event(1, store_code="SH01")).status_code == 200
        assert_problem(sent(program, event(2, store_code="GZ01")), 422, "event_is_elsewhere")

    def test_of_too_many(self, owner_program: Program) -> None:
        assert_problem(sent(owner_program, *(event(n) for n in range(10_001))), 413, "body_is_too_large")

    def test_of_people_of_other_stores(self, manager_program: Program, stores: Any) -> None:
        (person,) = resolve({"phone": "+8614550001234"})
        Customer.objects.filter(pk=person).update(store=stores["tianhe"])

        assert manager_program.get(f"/customers/{person}/events").status_code == 404
