"""The address that WeCom calls: the check, callbacks that are kept once, and whatever else somebody sends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.wecom.conftest import AES_KEY, TOKEN
from tests.wecom.conftest import Shop
from yutang.api import wecom_callbacks
from yutang.connectors.wecom.callbacks.envelope import CallbackKeys, sealed, signature
from yutang.foundation.access import Actor
from yutang.foundation.models import Job
from yutang.wecom import actions
from yutang.wecom.models import Callback

pytestmark = pytest.mark.django_db

DOOR = "/callbacks/wecom/"
CORP = "ww5823bf96d3bd56c7"


@pytest.fixture(autouse=True)
def listened_to() -> Iterator[None]:
    """Whoever was refused by an older test is listened to again."""
    wecom_callbacks.REFUSALS = wecom_callbacks.Refusals()
    yield
    wecom_callbacks.REFUSALS = wecom_callbacks.Refusals()


@pytest.fixture
def keys(now: Any) -> CallbackKeys:
    """A connected app that nobody asks."""
    actions.use_sandbox(
        actor=Actor.system(), corp_id=CORP, agent_id=1, base_url="http://127.0.0.1:9/cgi-bin/", page_url="",
        secret="s", token=TOKEN, aes_key=AES_KEY, now=now,
    )  # fmt: skip
    return CallbackKeys(TOKEN, AES_KEY, CORP)


def posted(client: Client, keys: CallbackKeys, text: str, *, token: str = TOKEN) -> Any:
    body = sealed(keys=keys, message=text, random=os.urandom(16))
    query = {"timestamp": "1", "nonce": os.urandom(3).hex()}
    query["msg_signature"] = signature(token=token, sealed=body, timestamp=query["timestamp"], nonce=query["nonce"])
    whole = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{body}</Encrypt></xml>"
    return client.post(f"{DOOR}?{urlencode(query)}", whole, content_type="text/xml")


def event(**more: str) -> str:
    parts = {
        "ToUserName": CORP, "CreateTime": "1773194400", "MsgType": "event", "Event": "change_external_contact",
        "ChangeType": "add_external_contact", "UserID": "staff001", "ExternalUserID": "wm1", **more,
    }  # fmt: skip
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in parts.items()) + "</xml>"


class TestCheck:
    def test_answers_exactly_the_text(self, client: Client, keys: CallbackKeys) -> None:
        echo = sealed(keys=keys, message="1616140317555161061")
        query = {"timestamp": "1", "nonce": "2", "echostr": echo}
        query["msg_signature"] = signature(token=TOKEN, timestamp="1", nonce="2", sealed=echo)

        assert client.get(DOOR, query).content == b"1616140317555161061"

    def test_refuses_another_token(self, client: Client, keys: CallbackKeys) -> None:
        assert client.get(DOOR, {"echostr": "x", "msg_signature": "x"}).status_code == 403

    def test_nothing_is_taken_while_nothing_is_connected(self, client: Client) -> None:
        assert client.get(DOOR).status_code == 409
        assert client.post(DOOR, b"<xml/>", content_type="text/xml").status_code == 409


class TestCallbacks:
    def test_are_kept_before_they_are_answered_and_once(self, client: Client, keys: CallbackKeys) -> None:
        client = Client(enforce_csrf_checks=True)
        answers = [posted(client, keys, event(WelcomeCode="C")) for _ in range(3)]

        assert [(one.status_code, one.content) for one in answers] == [(200, b"")] * 3
        row = Callback.objects.get()
        assert (row.lane, row.kind) == ("welcome", "change_external_contact/add_external_contact")
        assert (row.welcome_until - row.told_at).total_seconds() == 18  # type: ignore[operator]
        assert b"wm1" not in bytes(row.sealed_text)
        assert Job.objects.get().queue == "wecom"

    def test_go_where_they_belong(self, client: Client, keys: CallbackKeys) -> None:
        posted(client, keys, event())
        posted(client, keys, event(Event="change_external_chat", ChangeType="create", ChatId="wr1"))

        people, group = Callback.objects.order_by("pk")
        assert (people.lane, group.lane) == ("other", "other")
        assert people.next_at == people.received_at
        assert (group.next_at - group.received_at).total_seconds() == 2

    def test_of_another_token_are_refused(self, client: Client, keys: CallbackKeys) -> None:
        assert posted(client, keys, event(), token="other").status_code == 403
        assert not Callback.objects.exists()

    def test_of_another_corp_are_refused(self, client: Client, keys: CallbackKeys) -> None:
        assert posted(client, keys, event(ToUserName="ww0")).status_code == 403

    def test_a_whole_flood_is_not_read(
        self, client: Client, keys: CallbackKeys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The clock stands still: a flood over the turn of a minute is counted in two.
        clock = SimpleNamespace(time=lambda: 1_700_000_000.0)
        monkeypatch.setattr(wecom_callbacks, "time", clock)
        long = client.post(DOOR, b"x" * ((1 << 20) + 1), content_type="text/xml")
        assert long.status_code == 413
        answers = {
            client.post(DOOR, b"x", content_type="text/xml").status_code for _ in range(wecom_callbacks.MOST_REFUSED)
        }

        assert answers == {400, 429}
        assert posted(client, keys, event()).status_code == 429
        clock.time = lambda: 1_700_000_060.0
        assert posted(client, keys, event()).status_code == 200


TYPES = (
    "text/xml",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "",
    "x/y",
)


class TestHostile:
    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        body=st.one_of(
            st.binary(max_size=200),
            st.text(max_size=80).map(lambda text: f"<xml><Encrypt>{text}</Encrypt></xml>".encode("utf-8", "replace")),
            st.text("<>&;!ABCx/\"'= []", max_size=120).map(str.encode),
        ),
        query=st.dictionaries(
            st.sampled_from(["msg_signature", "timestamp", "nonce", "echostr", "x"]), st.text(max_size=20), max_size=5
        ),
        method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS"]),
        kind=st.sampled_from(TYPES),
    )
    def test_is_refused_and_breaks_nothing(
        self, keys: CallbackKeys, body: bytes, query: dict[str, str], method: str, kind: str
    ) -> None:
        wecom_callbacks.REFUSALS = wecom_callbacks.Refusals()
        client = Client(raise_request_exception=False)
        encoded = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}

        answer = client.generic(method, f"{DOOR}?{urlencode(encoded)}", body, content_type=kind)

        assert 400 <= answer.status_code < 500

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text=st.one_of(st.text(max_size=60), st.text("<>/xml", max_size=40).map(lambda t: f"<xml>{t}</xml>")))
    def test_signed_nonsense_is_refused_too(self, keys: CallbackKeys, text: str) -> None:
        wecom_callbacks.REFUSALS = wecom_callbacks.Refusals()
        clean = text.encode("utf-8", "replace").decode()

        assert 400 <= posted(Client(raise_request_exception=False), keys, clean).status_code < 500

    @pytest.mark.parametrize(
        "parts",
        [
            {"CreateTime": "99999999999"},
            {"CreateTime": "٣"},
            {"UserID": "x" * 5_000},
            {"ExternalUserID": ""},
            {"ChangeType": "y" * 500},
            {"State": "z" * 5_000, "WelcomeCode": "c" * 5_000},
            {"Event": "", "ChangeType": ""},
        ],
    )
    def test_strange_events_are_kept_and_heard(self, shop: Shop, parts: dict[str, str]) -> None:
        text = event(**{**parts, "ToUserName": shop.world.corp_id})
        shop.take(text)
        shop.hear()

        assert set(Callback.objects.values_list("state", flat=True)) == {"done"}
