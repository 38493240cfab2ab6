"""Calls of the addresses that anybody can reach, made up from a description of them: none breaks the server, none changes what it must not.

These addresses are no part of the API, so that their description stands here: what they take, and everything that they may answer.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from tests.connectors.wecom.conftest import AES_KEY, TOKEN
from tests.pages.test_links_and_stops import _own_address, link_for, touch_of
from yutang.api import wecom_callbacks
from yutang.channels.actions.comebacks import push_secret
from yutang.channels.models import Delivery, Reply, Touch
from yutang.customers.models import Consent
from yutang.foundation.access import Actor
from yutang.foundation.models import Job
from yutang.wecom.actions import use_sandbox
from yutang.wecom.models import Callback

__all__ = ["_own_address"]
_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
#: Calls of each operation that fit the description, and as many that do not.
_CALLS = 25
_MADE_UP = settings(
    max_examples=_CALLS,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

_TEXT, _HTML, _JSON = "text/plain", "text/html", "application/json"

_SHAPES = {"token": "^[A-Za-z0-9_-]{16}$", "secret": "^[0-9a-f]{32}$"}


def answers(kind: str, *statuses: int) -> dict[str, Any]:
    """Return the answers of an operation by status, with their type; what no view sees (NUL in an address) is refused with a page."""
    kinds = {status: {kind, _HTML} if status == 400 else {kind} for status in statuses}
    return {str(status): {"description": "", "content": {one: {} for one in kinds[status]}} for status in statuses}


def given_in(place: str, *names: str) -> list[dict[str, Any]]:
    """Return parameters of a place, all of them texts; tokens and secrets have their shape."""
    texts = {name: {"type": "string", **({"pattern": _SHAPES[name]} if name in _SHAPES else {})} for name in names}
    return [{"name": name, "in": place, "required": place == "path", "schema": texts[name]} for name in names]


def body(*kinds: str, **properties: Any) -> dict[str, Any]:
    """Return a body that may come as any of these types."""
    schema = {"type": "object", "properties": properties} if properties else {"type": "string"}
    return {"content": {kind: {"schema": schema} for kind in kinds}}


_SIGNED = given_in("query", "msg_signature", "timestamp", "nonce")
_PUSHED = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("phone_number", "biz_id", "sid", "content", "mobile")},
    },
}
_WHOLE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "what anybody can reach", "version": "1"},
    "paths": {
        "/callbacks/wecom/": {
            "get": {
                "parameters": [*_SIGNED, *given_in("query", "echostr")],
                "responses": answers(_TEXT, 200, 400, 403, 429),
            },
            "post": {
                "parameters": _SIGNED,
                "requestBody": body("text/xml", _TEXT),
                "responses": answers(_TEXT, 200, 400, 403, 413, 429),
            },
        },
        "/l/{token}": {
            "get": {"parameters": given_in("path", "token"), "responses": answers(_HTML, 302, 400, 404, 429)},
        },
        "/stop/{token}": {
            "get": {"parameters": given_in("path", "token"), "responses": answers(_HTML, 200, 400, 404, 429)},
            "post": {
                "parameters": given_in("path", "token"),
                "requestBody": body(
                    "application/x-www-form-urlencoded",
                    "multipart/form-data",
                    purpose={"type": "array", "items": {"type": "string", "enum": ["promotion", "service", "x"]}},
                    where={"type": "string"},
                ),
                "responses": answers(_HTML, 200, 400, 404, 422, 429),
            },
        },
        "/callbacks/sms/{source}/{what}/{secret}/": {
            "post": {
                "parameters": given_in("path", "source", "what", "secret"),
                "requestBody": {"content": {_JSON: {"schema": _PUSHED}}},
                "responses": answers(_JSON, 200, 400, 404),
            },
        },
        "/callbacks/mail/{secret}/": {
            "post": {
                "parameters": given_in("path", "secret"),
                "requestBody": body("message/rfc822", _TEXT),
                "responses": answers(_JSON, 200, 400, 404),
            },
        },
    },
}


@pytest.mark.django_db(transaction=True)
def test_no_call_that_can_be_made_up_breaks_the_server_or_changes_anything(now: Any) -> None:
    use_sandbox(
        actor=Actor.system(), corp_id="ww1", agent_id=1, base_url="http://127.0.0.1:9/cgi-bin/", page_url="",
        secret="s", token=TOKEN, aes_key=AES_KEY, now=now,
    )  # fmt: skip
    touch = touch_of(1)
    real = {
        "/l/{token}": {"token": link_for(touch).removeprefix("/l/")},
        "/stop/{token}": {"token": link_for(touch, "stop").removeprefix("/stop/")},
        "/callbacks/sms/{source}/{what}/{secret}/": {
            "source": "aliyun", "what": "receipts", "secret": push_secret(source="aliyun"),
        },
        "/callbacks/mail/{secret}/": {"secret": push_secret(source="mail")},
    }  # fmt: skip
    touches = Touch.objects.count()
    granted = Consent.objects.filter(granted=True).count()
    schema = schemathesis.openapi.from_dict(_WHOLE)
    schema.app = get_wsgi_application()
    statuses: Counter[tuple[str, int]] = Counter()

    for operation in (result.ok() for result in schema.get_all_operations()):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @_MADE_UP
            @given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans())
            def call(case: Any, is_real: bool) -> None:
                cache.clear()
                wecom_callbacks.REFUSALS = wecom_callbacks.Refusals()
                if is_real and case.path in real:
                    case.path_parameters = real[case.path]
                answer = case.call()
                case.validate_response(answer, checks=_CHECKS)
                statuses[f"{case.method} {case.path}", answer.status_code] += 1

            call()

    wecom_callbacks.REFUSALS = wecom_callbacks.Refusals()
    assert sum(statuses.values()) > 200
    assert {status for (_path, status) in statuses} >= {200, 302, 400, 403, 404}, statuses
    assert not Callback.objects.exists()
    assert not Job.objects.filter(queue="wecom").exists()
    assert not Delivery.objects.exists()
    assert not Reply.objects.exists()
    assert Touch.objects.count() == touches
    # Whoever holds the link that was sent to them may end messages; nobody can begin any.
    assert Consent.objects.filter(granted=True).count() == granted
