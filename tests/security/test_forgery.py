"""No other site can act in somebody's name: forms need a token of ours, programs a token of theirs, and looking changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.console.test_access_matrix import World
from tests.security.entries import FORM, ask, browser_of, entries, listed, operation_address

pytestmark = [pytest.mark.django_db, pytest.mark.once]

#: Tables that looking may write, each with the reason.
WRITTEN_BY_LOOKING = {
    "django_session": "that the person was here",
    "foundation_staffsession": "that the person was here",
    "foundation_auditentry": "that a table was sent",
    "foundation_job": "that scores are behind and wanted anew; the same whoever asks, and once",
    "foundation_secondfactor": "a secret for the own app, which counts for nothing until its code comes back",
}


#: Taken without the token of a form, each with the reason.
WITHOUT_TOKEN = {
    "link": "changes nothing for anybody but that it was opened; whoever follows it has no session here",
    "stop-messages": "mail programs post to it by themselves (RFC 8058); the link tells who, no session does",
    "push-sms": "a gateway pushes to it; a secret in the address tells which",
    "push-mail": "a mail server posts to it; a secret in the address tells which",
    "push-wechat-pay": "WeChat Pay posts to it; a notice that is not signed by its key changes nothing",
    "code": "is only looked at: nothing can be sent to it",
    "code-group": "is only looked at: nothing can be sent to it",
    **dict.fromkeys(
        ("visit", "me", "me-visits", "me-balance", "me-privacy", "appeal"),
        "the link in the address is the secret: who does not have it can send nothing, and no session is asked",
    ),
}


class TestForms:
    def test_are_refused_without_the_token(self, world: World) -> None:
        client = browser_of(world.people["owner"], enforce_csrf_checks=True)

        taken = [
            (method, entry.name, answer.status_code)
            for entry in entries(world.own)
            if entry.name not in WITHOUT_TOKEN
            for method in ("post", "delete")
            if (
                answer := getattr(client, method)(
                    entry.address, FORM if method == "post" else b"", headers={"HX-Request": "true"}
                )
            ).status_code
            != 403
        ]

        assert not taken, listed(taken)

    def test_are_refused_with_the_token_of_another_browser(self, world: World) -> None:
        client, other = (browser_of(world.people[who], enforce_csrf_checks=True) for who in ("owner", "nothing"))
        client.get("/profile/")
        theirs = other.get("/profile/").context["csrf_token"]

        answer = client.post("/preferences/theme/", {"theme": "dark", "csrfmiddlewaretoken": str(theirs)})

        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", "http://testserver.evil.example", "http://testserver:81"]
    )
    def test_are_refused_from_elsewhere(self, world: World, origin: str) -> None:
        client = browser_of(world.people["owner"], enforce_csrf_checks=True)
        token = str(client.get("/profile/").context["csrf_token"])
        form = {"theme": "dark", "csrfmiddlewaretoken": token}

        theirs = client.post("/preferences/theme/", form, headers={"origin": origin})
        ours = client.post("/preferences/theme/", form, headers={"origin": "http://testserver"})

        assert (theirs.status_code, ours.status_code) == (403, 302)

    def test_no_address_is_exempt_but_those_of_programs(self, world: World) -> None:
        exempt = {entry.name for entry in entries(world.own) if getattr(entry.view, "csrf_exempt", False)}

        assert exempt == set(WITHOUT_TOKEN)


class TestLooking:
    @pytest.mark.parametrize("method", ["get", "head", "options"])
    def test_changes_nothing(self, world: World, method: str) -> None:
        client = browser_of(world.people["owner"])
        tables = sorted(
            (model._meta.db_table for model in apps.get_models(include_auto_created=True)), key=len, reverse=True
        )
        changed = {}
        for entry in entries(world.own):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                getattr(client, method)(entry.address)
            written = {_table(query["sql"], tables) for query in queries.captured_queries if _writes(query["sql"])}
            if written - set(WRITTEN_BY_LOOKING):
                changed[entry.name] = written - set(WRITTEN_BY_LOOKING)

        assert not changed, listed(changed)


class TestPrograms:
    def test_act_by_their_token_and_never_by_a_session(self, world: World) -> None:
        from tests.api.test_matrix import BODIES, OPERATIONS

        client = Client(raise_request_exception=False)
        client.force_login(world.people["owner"], backend="django.contrib.auth.backends.ModelBackend")
        token = str(client.get("/profile/").context["csrf_token"])

        for name, (method, path, _) in OPERATIONS.items():
            address = operation_address(path)
            answer: Any = client.generic(
                method,
                address,
                str(BODIES.get(name, "")),
                content_type="application/json",
                headers={"X-CSRFToken": token, "Idempotency-Key": "k"},
            )
            assert answer.status_code == 401, name
            assert "Access-Control-Allow-Origin" not in answer.headers, name


def _writes(sql: str) -> bool:
    return sql.lstrip().upper().startswith(
        ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "COPY", "WITH")
    ) and any(word in sql.upper() for word in ("INSERT INTO", "UPDATE ", "DELETE FROM"))


def _table(sql: str, tables: list[str]) -> str:
    return next((table for table in tables if f'"{table}"' in sql or f" {table} " in sql), sql[:80])


def test_asking_undoes_what_it_changes(world: World) -> None:
    """The tests of this folder lean on it."""
    from yutang.foundation.models import Region

    ask(browser_of(world.people["owner"]), "POST", "/stores/regions/new/", {"name": "新区"})

    assert not Region.objects.filter(name="新区").exists()
