"""Webhooks by the API: registered, seen, tested, sent again; secrets shown once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Program
from tests.api.test_problems import assert_problem
from yutang.api.models import KeptAnswer
from yutang.webhooks.models import Delivery

pytestmark = pytest.mark.django_db

GIVEN = {"name": "ERP", "url": "https://erp.example.com/hooks", "events": ["ingest.ImportFinished"]}


def made(program: Program, **more: Any) -> dict[str, Any]:
    answer = program.post("/webhooks", {**GIVEN, **more})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


class TestWebhooks:
    def test_are_registered_with_a_secret_that_is_shown_once(self, owner_program: Program) -> None:
        first = owner_program.post("/webhooks", GIVEN, Idempotency_Key="k")
        again = owner_program.post("/webhooks", GIVEN, Idempotency_Key="k")

        assert first.json()["secret"].startswith("whsec_")
        assert first["Location"] == f"/api/v1/webhooks/{first.json()['id']}"
        assert again["Idempotency-Replayed"] == "true"
        assert again.json() == {"id": first.json()["id"], "secret": None}
        assert first.json()["secret"] not in KeptAnswer.objects.get().body
        (listed,) = owner_program.get("/webhooks").json()["items"]
        assert (listed["name"], listed["health"], listed["store_codes"]) == ("ERP", "new", None)
        assert "secret" not in listed

    def test_are_changed_switched_and_deleted(self, owner_program: Program) -> None:
        address = f"/webhooks/{made(owner_program)['id']}"
        tag = owner_program.get(address)["ETag"]
        changed = owner_program.call("PUT", address, {**GIVEN, "name": "Till"}, If_Match=tag)
        stale = owner_program.call("PUT", address, GIVEN, If_Match=tag)
        off = owner_program.post(f"{address}/switch", {"on": False})
        refused = owner_program.post(f"{address}/test")
        on = owner_program.post(f"{address}/switch", {"on": True})
        gone = owner_program.call("DELETE", address)

        assert changed.json()["name"] == "Till"
        assert_problem(stale, 412, "it_has_changed")
        assert (off.json()["health"], off.json()["off_because"]) == ("off", "person")
        assert_problem(refused, 409, "endpoint_is_off")
        assert on.json()["health"] == "new"
        assert gone.status_code == 200
        assert_problem(owner_program.get(address), 404, "no_such_endpoint")

    def test_tell_what_became_of_messages_and_send_them_again(self, owner_program: Program) -> None:
        address = f"/webhooks/{made(owner_program)['id']}"
        sent = [owner_program.post(f"{address}/test").json()["delivery_id"] for _ in range(3)]
        Delivery.objects.filter(pk__in=sent[:2]).update(status="dead", fault="timeout", attempts=12)

        page = owner_program.get(f"{address}/deliveries?status=dead&limit=1").json()
        rest = owner_program.get(f"{address}/deliveries?status=dead&limit=1&cursor={page['next']}").json()
        one = owner_program.post(f"/deliveries/{sent[0]}/replay")
        others = owner_program.post(f"{address}/replay")

        assert [item["id"] for item in (*page["items"], *rest["items"])] == [sent[1], sent[0]]
        assert (page["items"][0]["fault"], rest["next"]) == ("timeout", None)
        assert [one.json()["deliveries"], others.json()["deliveries"]] == [1, 1]
        assert set(Delivery.objects.values_list("status", "attempts")) == {("waiting", 0)}

    def test_renew_their_secret(self, owner_program: Program) -> None:
        first = made(owner_program)
        second = owner_program.post(f"/webhooks/{first['id']}/secret").json()

        assert second["secret"] not in {None, first["secret"]}

    def test_offer_what_the_token_may_see(self, service_of: Callable[..., Program]) -> None:
        few = service_of("webhooks.manage", "imports.view").get("/webhook-events").json()["items"]

        assert {one["event"] for one in few} == {"ingest.ImportFinished", "ingest.ImportUndone"}
        assert all(one["title"] for one in few)


class TestRefusals:
    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"url": "https://169.254.169.254/"}, "address_is_refused"),
            ({"events": ["x.Y"]}, "event_is_unknown"),
            ({"store_codes": ["NOWHERE"]}, "no_such_store"),
            ({"name": ""}, "input_is_wrong"),
            ({"secret": "x"}, "input_is_wrong"),
        ],
    )
    def test_say_what_is_wrong(self, owner_program: Program, wrong: dict[str, Any], code: str) -> None:
        assert_problem(owner_program.post("/webhooks", {**GIVEN, **wrong}), 422, code)

    def test_of_who_may_see_less(self, service_of: Callable[..., Program], owner_program: Program) -> None:
        other = made(owner_program, events=["customers.PeopleMerged"])
        program = service_of("webhooks.manage", "imports.view")

        assert_problem(
            program.post("/webhooks", {**GIVEN, "events": ["customers.PeopleMerged"]}), 403, "more_than_you_have"
        )
        assert program.get("/webhooks").json()["items"] == []
        assert_problem(program.get(f"/webhooks/{other['id']}"), 404, "no_such_endpoint")

    def test_of_a_body_that_is_said_to_be_no_json(self, owner_program: Program) -> None:
        address = f"/api/v1/webhooks/{made(owner_program)['id']}"
        answer = owner_program.client.put(
            address, "x=1", "text/plain", headers={"Authorization": f"Bearer {owner_program.token}"}
        )

        assert_problem(answer, 415, "media_type_is_wrong")
