"""The Python client against a real server: answers, pages, refusals, calls that are done once, repetition."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.utils import timezone

from tests.customers.rows import resolve
from tests.webhooks.conftest import SYSTEM
from yutang.api.actions import create_service_token
from yutang.connectors import webhook
from yutang.customers.models import Consent
from yutang.foundation.access import PERMISSIONS
from yutang_client import (
    Changed,
    Client,
    Conflict,
    InputIsWrong,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Problem,
    TooManyCalls,
)
from yutang_client.webhooks import NotSigned, verified

CONSENT: Any = {
    "purpose": "promotion",
    "channel": "sms",
    "granted": True,
    "wording_version": "v1",
    "evidence": "form 7",
}


@pytest.fixture
def client_of(transactional_db: None, live_server: Any) -> Iterator[Callable[..., Client]]:
    """A client of the running server with a token of its own."""
    made: list[Client] = []

    def make(*permissions: str, per_minute: int = 60_000, **more: Any) -> Client:
        token = create_service_token(
            actor=SYSTEM, name="x", permissions=permissions or PERMISSIONS, per_minute=per_minute, now=timezone.now()
        )
        made.append(Client(live_server.url, token=token.secret, language="en", **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


class TestAgainstTheServer:
    def test_reads_pages_to_their_end(self, client_of: Callable[..., Client]) -> None:
        people = resolve(*({"member_no": f"M{number}"} for number in range(7)))
        with client_of() as yutang:
            first = yutang.list_customers(limit=3)
            seen = [one["id"] for one in yutang.iterate_customers(limit=3)]
            one = yutang.get_customer(people[0] or 0)

        assert len(first["items"]) == 3
        assert seen == sorted((person or 0 for person in people), reverse=True)
        assert one["id"] == people[0]

    def test_does_a_writing_call_once(self, client_of: Callable[..., Client]) -> None:
        (person,) = resolve({"member_no": "M1"})
        with client_of() as yutang:
            first = yutang.record_consent(person or 0, CONSENT, idempotency_key="k")
            again = yutang.record_consent(person or 0, CONSENT, idempotency_key="k")
            yutang.record_consent(person or 0, CONSENT)
            with pytest.raises(Conflict) as refusal:
                yutang.record_consent(person or 0, {**CONSENT, "granted": False}, idempotency_key="k")

        assert first == again
        assert Consent.objects.count() == 2
        assert refusal.value.code == "idempotency_key_is_taken"

    def test_takes_events_and_webhooks(self, client_of: Callable[..., Client]) -> None:
        event: Any = {"id": "e1", "kind": "viewed", "happened_at": "2026-03-10T20:15:00+08:00"}
        with client_of() as yutang:
            taken = [yutang.record_events({"source": "web", "events": [event]})["new"] for _ in range(2)]
            made = yutang.create_webhook(
                {"name": "ERP", "url": "https://erp.example.com/", "events": ["ingest.ImportUndone"]}
            )
            sent = yutang.test_webhook(made["id"])
            (delivery,) = yutang.iterate_deliveries(made["id"])

        assert taken == [1, 0]
        assert (delivery["id"], delivery["event"]) == (sent["delivery_id"], "webhooks.Test")

    def test_raises_refusals_with_their_codes(
        self, client_of: Callable[..., Client], live_server: Any, stores: Any
    ) -> None:
        (person,) = resolve({"member_no": "M1"})
        nobody = Client(live_server.url, token="yts_nobody")
        few = client_of("customers.view")
        refused: list[tuple[type[Problem], str, Callable[[], Any]]] = [
            (NotFound, "no_such_customer", lambda: few.get_customer(10**9)),
            (NotAllowed, "not_allowed", few.list_jobs),
            (NotAuthenticated, "token_is_unknown", nobody.me),
            (InputIsWrong, "input_is_wrong", lambda: few.list_customers(limit=9_999)),
            (Changed, "it_has_changed", lambda: client_of().give_tag(person or 0, _tag(), if_match='"stale"')),
        ]
        for kind, code, ask in refused:
            with pytest.raises(kind) as refusal:
                ask()
            assert refusal.value.code == code
            assert refusal.value.request_id
        nobody.close()
        assert "10" in str(few_errors(few))

    def test_waits_as_the_server_asks_and_then_raises(
        self, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The clock stands still: calls over the turn of a minute are counted in two.
        monkeypatch.setattr("yutang.api.door.seconds_now", lambda: 6_000_010.0)
        waited: list[float] = []
        yutang = client_of(per_minute=2, attempts=3, sleep=waited.append)
        yutang.me()
        yutang.me()

        with pytest.raises(TooManyCalls) as refusal:
            yutang.me()

        assert len(waited) == 2
        assert all(0 < one <= 60 for one in waited)
        assert refusal.value.retry_after_seconds


def few_errors(client: Client) -> list[dict[str, str]] | str:
    try:
        client.list_customers(limit=9_999)
    except InputIsWrong as refusal:
        return [{**one, "limit": "10"} for one in refusal.errors if one["where"] == "limit"]
    return ""


def _tag() -> int:
    from yutang.customers.actions import create_tag_in

    return create_tag_in(actor=SYSTEM, group="偏好", name="棉", now=timezone.now())


class TestRepetition:
    def client(self, *answers: Any, waited: list[float] | None = None) -> tuple[Client, list[httpx.Request]]:
        """A client whose server gives these answers, one after the other."""
        asked: list[httpx.Request] = []
        left = list(answers)

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            one = left.pop(0)
            if isinstance(one, Exception):
                raise one
            return one

        pauses = [] if waited is None else waited
        return Client("http://x", token="t", transport=httpx.MockTransport(answer), sleep=pauses.append), asked

    def test_sends_the_same_key_again(self) -> None:
        busy = httpx.Response(503, headers={"Retry-After": "5"})
        waited: list[float] = []
        client, asked = self.client(
            busy, httpx.ConnectError("broken"), httpx.Response(200, json={"id": 1}), waited=waited
        )

        client.record_consent(7, CONSENT)

        keys = {request.headers["Idempotency-Key"] for request in asked}
        assert (len(asked), len(keys), waited[0]) == (3, 1, 5)
        assert json.loads(asked[2].content) == CONSENT
        assert str(asked[0].url) == "http://x/api/v1/customers/7/consents"

    def test_does_not_repeat_what_a_repetition_would_not_better(self) -> None:
        client, asked = self.client(httpx.Response(404))

        with pytest.raises(NotFound):
            client.me()

        assert len(asked) == 1

    def test_ends(self) -> None:
        client, asked = self.client(*(httpx.ConnectError("broken") for _ in range(5)))

        with pytest.raises(httpx.ConnectError):
            client.me()

        assert len(asked) == 5


class TestWebhooks:
    def test_are_believed_when_they_are_signed(self) -> None:
        secret, body = webhook.new_secret(), b'{"type":"x","timestamp":"2026-03-11T02:00:00Z","data":{}}'
        headers = webhook.signed_headers(given_secrets=[secret], message_id="msg_1", timestamp=1_000, body=body)

        assert verified(body=body, headers=headers, secret=secret, now=1_100)["type"] == "x"
        for wrong in (
            {"body": body + b" "},
            {"secret": webhook.new_secret()},
            {"now": 1_301.0},
            {"headers": {}},
            {"headers": {**headers, "webhook-id": "msg_2"}},
        ):
            given: Any = {"body": body, "headers": headers, "secret": secret, "now": 1_100.0, **wrong}
            with pytest.raises(NotSigned):
                verified(**given)
