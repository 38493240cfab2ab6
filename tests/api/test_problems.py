"""Every refusal is a problem (RFC 9457) with a stable code, in the language of the caller."""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import Program
from yutang.api.models import KeptAnswer

_MEMBERS = {"type", "title", "status", "code", "detail", "instance", "request_id", "data"}


def assert_problem(answer: Any, status: int, code: str) -> Any:
    """Fail unless the answer is a problem of that status and code; return it."""
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(told) >= _MEMBERS
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert told["detail"]
    return told


@pytest.mark.django_db
class TestProblems:
    def test_401(self, client: Client) -> None:
        assert_problem(client.get("/api/v1/customers"), 401, "token_is_missing")

    def test_403(self, manager_program: Program) -> None:
        told = assert_problem(manager_program.get("/jobs"), 403, "not_allowed")

        assert told["data"] == {"permission": "jobs.manage"}
        assert "jobs.manage" in told["detail"]

    def test_404_of_a_thing(self, owner_program: Program) -> None:
        told = assert_problem(owner_program.get("/customers/999"), 404, "no_such_customer")

        assert told["instance"] == "/api/v1/customers/999"
        assert told["data"] == {"customer_id": 999}

    @pytest.mark.once
    @pytest.mark.parametrize("path", ["/nowhere", "/customers/", "/customers/1/2/3", "/../admin", "/v2/me"])
    def test_404_of_an_address(self, owner_program: Program, path: str) -> None:
        assert_problem(owner_program.get(path), 404, "nothing_here")

    @pytest.mark.once
    def test_404_beside_the_version(self, client: Client) -> None:
        assert_problem(client.get("/api/v9/me"), 404, "nothing_here")

    @pytest.mark.once
    def test_405(self, owner_program: Program) -> None:
        answer = owner_program.call("DELETE", "/customers")

        assert_problem(answer, 405, "method_is_wrong")
        assert answer.headers["Allow"] == "GET"

    def test_409(self, owner_program: Program, shop: None) -> None:
        proposal = owner_program.get("/today").json()["items"][0]["id"]
        owner_program.post(f"/proposals/{proposal}/dismiss", {"outcome": "other"})

        again = owner_program.post(f"/proposals/{proposal}/dismiss", {"outcome": "other"})

        assert_problem(again, 409, "proposal_is_closed")

    def test_a_body_in_chunks_is_read_up_to_the_limit(self, owner_program: Program) -> None:
        told, large = (
            owner_program.client.generic(
                "POST",
                "/api/v1/proposals/1/done",
                body,
                headers={
                    "Authorization": f"Bearer {owner_program.token}",
                    "Idempotency-Key": "k",
                    "Transfer-Encoding": "chunked",
                    "Content-Type": "application/json",
                },
                CONTENT_LENGTH="",
                **{"wsgi.input": BytesIO(body)},
            )
            for body in (b'{"outcome": 5}', b" " * 2_700_000)
        )

        assert assert_problem(told, 422, "input_is_wrong")["data"]["where"] == "outcome"
        assert_problem(large, 413, "body_is_too_large")

    @pytest.mark.once
    def test_415(self, owner_program: Program) -> None:
        answer = owner_program.client.post(
            "/api/v1/proposals/1/done",
            "outcome=done",
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": f"Bearer {owner_program.token}", "Idempotency-Key": "k"},
        )

        assert_problem(answer, 415, "media_type_is_wrong")

    @pytest.mark.once
    def test_400_of_a_body_that_is_no_json(self, owner_program: Program) -> None:
        answer = owner_program.client.post(
            "/api/v1/proposals/1/done",
            "{outcome",
            content_type="application/json",
            headers={"Authorization": f"Bearer {owner_program.token}", "Idempotency-Key": "k"},
        )

        assert_problem(answer, 400, "body_is_unreadable")

    @pytest.mark.parametrize(
        ("path", "where"),
        [
            ("/customers?limit=0", "limit"),
            ("/customers?limit=201", "limit"),
            ("/customers?limit=many", "limit"),
            ("/customers?stage=happy", "stage"),
            ("/customers?tag_id=99999999999999999999", "tag_id"),
            ("/customers?stgae=new", "stgae"),
            ("/customers/0", "customer_id"),
            ("/customers/me", "customer_id"),
            ("/customers?q=" + "x" * 121, "q"),
        ],
    )
    def test_422_of_parameters_says_where(self, owner_program: Program, path: str, where: str) -> None:
        told = assert_problem(owner_program.get(path), 422, "input_is_wrong")

        assert told["data"]["where"] == where

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({}, "outcome"),
            ({"outcome": 5}, "outcome"),
            ({"outcome": "x", "status": "done"}, "status"),
            ({"outcome": "x", "note": "n" * 301}, "note"),
            ([], "body"),
        ],
    )
    def test_422_of_a_body_says_where(self, owner_program: Program, body: Any, where: str) -> None:
        told = assert_problem(owner_program.post("/proposals/1/done", body), 422, "input_is_wrong")

        assert told["data"]["where"] == where
        assert told["errors"][0]["where"] in (where, "")

    @pytest.mark.parametrize("cursor", ["x", "!!", "eHl6", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "é"])
    def test_422_of_a_cursor_that_nobody_gave(self, owner_program: Program, cursor: str) -> None:
        assert_problem(owner_program.get(f"/imports?cursor={cursor}"), 422, "cursor_is_wrong")

    @pytest.mark.parametrize("asked", ["cursor=%00", "cursor=NDU&sort=spend", "sort=last_order&cursor=MTIzfjQ1"])
    def test_422_of_a_cursor_of_another_order(self, owner_program: Program, shop: None, asked: str) -> None:
        assert_problem(owner_program.get(f"/customers?{asked}"), 422, "cursor_is_wrong")

    def test_422_of_a_year_that_nobody_means(self, owner_program: Program) -> None:
        event = {"id": "e1", "kind": "viewed", "happened_at": "0001-01-01T10:00:00Z"}

        assert_problem(owner_program.post("/events", {"source": "shop", "events": [event]}), 422, "input_is_wrong")

    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            ("/customers?limit=0", "1"),
            ("/customers?sort=luck", "spend, last_order"),
        ],
    )
    def test_422_says_what_would_be_right(self, owner_program: Program, asked: str, told: str) -> None:
        (fault,) = assert_problem(owner_program.get(asked), 422, "input_is_wrong")["errors"]

        assert told in fault["what"]
        assert "%(" not in fault["what"]

    def test_422_of_fields_that_are_not_there(self, owner_program: Program) -> None:
        told = assert_problem(owner_program.get("/me?fields=label,digest"), 422, "field_is_not_shown")

        assert told["data"]["field"] == "digest"

    def test_500_tells_nothing_but_the_request(
        self, owner_program: Program, monkeypatch: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(**_given: Any) -> None:
            raise ZeroDivisionError("secret")

        monkeypatch.setattr("yutang.api.rooms.about.queries.stores", broken)
        with caplog.at_level(logging.ERROR):
            told = assert_problem(owner_program.get("/stores"), 500, "software_fault")

        assert "secret" not in str(told)
        assert told["request_id"] in caplog.text


@pytest.mark.once
@pytest.mark.django_db
class TestKinds:
    @pytest.mark.parametrize(("language", "words"), [("en", "There is no customer …"), ("zh-CN", "客户")])
    def test_are_told_to_anybody_where_the_type_leads(
        self, owner_program: Program, client: Client, language: str, words: str
    ) -> None:
        told = assert_problem(owner_program.get("/customers/7"), 404, "no_such_customer")

        address, _, code = told["type"].partition("#")
        kinds = client.get(address, headers={"Accept-Language": language}).json()["problems"]
        (kind,) = [one for one in kinds if one["code"] == code]
        assert kind["status"] == 404
        assert words in kind["detail"]
        assert not [one for one in kinds if "%(" in one["detail"]]


@pytest.mark.once
@pytest.mark.django_db
class TestLanguages:
    @pytest.mark.parametrize(
        ("asked", "spoken"),
        [
            ("en", "There is no customer"),
            ("zh-CN,zh;q=0.9", "客户"),
            ("", "客户"),
            ("fr, en;q=0.5", "There is no customer"),
        ],
    )
    def test_follow_what_is_accepted(
        self, program_of: Callable[..., Program], owner_staff: Any, asked: str, spoken: str
    ) -> None:
        answer = program_of(owner_staff, language=asked).get("/customers/7")

        assert spoken in answer.json()["detail"]
        assert answer.headers["Content-Language"] == ("en" if "en" in asked else "zh-hans")
        assert "Accept-Language" in answer.headers["Vary"]

    def test_do_not_follow_a_cookie(self, owner_program: Program) -> None:
        owner_program.client.cookies["django_language"] = "zh-hans"

        assert "There is no customer" in owner_program.get("/customers/7").json()["detail"]


@pytest.mark.once
@pytest.mark.django_db
class TestRequestIds:
    def test_are_in_every_answer(self, owner_program: Program, client: Client) -> None:
        good, bad, strange = owner_program.get("/me"), owner_program.get("/nowhere"), client.get("/api/v1/openapi.json")

        ids = {answer.headers["X-Request-ID"] for answer in (good, bad, strange)}
        assert len(ids) == 3

    def test_are_the_caller_s_where_they_are_fit(self, owner_program: Program) -> None:
        fit = owner_program.get("/me", X_Request_ID="till-7.2026-03-11")
        unfit = owner_program.get("/me", X_Request_ID="<script>alert(1)</script>")

        assert fit.headers["X-Request-ID"] == "till-7.2026-03-11"
        assert "script" not in unfit.headers["X-Request-ID"]


@pytest.mark.django_db
class TestOnce:
    def test_needs_a_key(self, owner_program: Program) -> None:
        answer = owner_program.post("/proposals/1/dismiss", {"outcome": "other"}, Idempotency_Key="")

        assert_problem(answer, 400, "idempotency_key_is_missing")

    def test_a_refused_call_keeps_nothing(self, owner_program: Program) -> None:
        owner_program.post("/proposals/1/dismiss", {"outcome": "other"})

        assert KeptAnswer.objects.count() == 0
