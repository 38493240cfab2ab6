"""Health, metrics, request ids and log lines: told without anything about a person."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tests.support.commerce import NOW, touch
from yutang.foundation import jobs
from yutang.foundation.models import Staff
from yutang.insight.tasks import follow_orders
from yutang.vitals import logs, views
from yutang.vitals.metrics import exposition
from yutang.vitals.requests import RequestMiddleware

pytestmark = pytest.mark.django_db


class TestHealth:
    def test_lives_and_is_ready_for_anybody_who_asks(self) -> None:
        live, ready = Client().get("/health/live"), Client().get("/health/ready")

        assert (live.status_code, live.json()) == (200, {"status": "alive"})
        assert (ready.status_code, ready.json()["checks"]) == (200, {"store": True, "tables": True})

    def test_is_not_ready_without_its_store(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone() -> None:
            raise DatabaseError("gone")

        monkeypatch.setattr(connection, "cursor", gone)

        answer = views.ready(RequestFactory().get("/health/ready"))

        assert (answer.status_code, json.loads(answer.content)["checks"]) == (503, {"store": False, "tables": False})


@pytest.fixture
def lake_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty lake of its own."""
    monkeypatch.setattr(settings, "YUTANG_LAKE", tmp_path / "lake", raising=False)


class TestMetrics:
    def test_are_hidden_without_a_token_and_from_another_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert Client().get("/metrics").status_code == 404
        monkeypatch.setattr(settings, "YUTANG_METRICS_TOKEN", "right")
        assert Client().get("/metrics").status_code == 404
        assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404

    @pytest.mark.usefixtures("lake_folder")
    def test_tell_requests_by_route_and_how_work_stands(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(settings, "YUTANG_METRICS_TOKEN", "right")
        jobs.enqueue(follow_orders, {}, now=NOW)
        touch("orders_order", {NOW.date()})
        Client().get("/customers/471147114711/")

        told = Client().get("/metrics", headers={"Authorization": "Bearer right"}).content.decode()

        assert 'yutang_requests_total{method="GET",route="/customers/<int:customer_id>/",status="302"}' in told
        assert "471147114711" not in told
        assert 'yutang_jobs{status="waiting"} 1.0' in told
        assert "yutang_live_workers 0.0" in told

    @pytest.mark.usefixtures("lake_folder")
    def test_tell_the_age_of_what_the_lake_lacks(self) -> None:
        assert "yutang_lake_lag_seconds 0.0" in exposition(now=NOW).decode()
        touch("orders_order", {NOW.date()})

        assert "yutang_lake_lag_seconds 90.0" in exposition(now=NOW + timedelta(seconds=90)).decode()


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What the room logs, as it stands in the file."""
    written: list[dict[str, Any]] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json.loads(self.format(record)))

    keeper = Keeper()
    keeper.setFormatter(logs.formatter())
    loggers = [logging.getLogger(name) for name in ("yutang.requests", "yutang.api", "django")]
    for logger in loggers:
        logger.addHandler(keeper)
    yield written
    for logger in loggers:
        logger.removeHandler(keeper)


class TestRequests:
    def answered(self, request: HttpRequest, answer: Any = lambda request: HttpResponse("x")) -> HttpResponse:
        return RequestMiddleware(answer)(request)

    def test_every_answer_has_an_id_and_keeps_a_given_one_of_our_form(self) -> None:
        made = self.answered(RequestFactory().get("/"))["X-Request-ID"]
        kept = self.answered(RequestFactory().get("/", headers={"X-Request-ID": "trace-0123456789"}))
        forged = self.answered(RequestFactory().get("/", headers={"X-Request-ID": "a b; c"}))

        assert len(made) == 16
        assert kept["X-Request-ID"] == "trace-0123456789"
        assert forged["X-Request-ID"] != "a b; c"

    def test_what_is_slow_or_broken_is_told_by_its_route(
        self, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "YUTANG_SLOW_REQUEST_SECONDS", 0.0)
        Client().get("/customers/4711/?q=13812345678", headers={"X-Request-ID": "trace-0123456789"})

        (line,) = [line for line in lines if line["event"] == "request"]
        assert (line["route"], line["status"], line["level"]) == ("/customers/<int:customer_id>/", 302, "warning")
        assert line["request_id"] == "trace-0123456789"
        assert "13812345678" not in json.dumps(line)
        assert "4711" not in json.dumps(line)

    def test_quick_ones_are_told_only_when_asked_for(
        self, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Client().get("/health/live")
        assert lines == []
        monkeypatch.setattr(settings, "YUTANG_LOG_REQUESTS", True)
        Client().get("/health/live")
        assert [line["level"] for line in lines] == ["info"]

    def test_a_slow_query_is_told_without_its_values(
        self, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "YUTANG_SLOW_QUERY_SECONDS", 0.0)

        def asks(request: HttpRequest) -> HttpResponse:
            Staff.objects.filter(username="somebody private").exists()
            return HttpResponse("x")

        self.answered(RequestFactory().get("/"), asks)

        (line,) = [line for line in lines if line["event"] == "slow query"]
        assert "foundation_staff" in line["sql"]
        assert "somebody private" not in json.dumps(line)


SECRETS = ("13911112222", "471147114711", "王小明")


def _breaks(*_given: Any) -> HttpResponse:
    try:
        raise KeyError(SECRETS[0])
    except KeyError as error:
        raise ValueError(" ".join(SECRETS)) from error


class TestNoLineTellsOfAPerson:
    """What Django itself writes of a refused or broken request is cut to route, method and status."""

    @pytest.mark.parametrize(
        ("path", "route", "status"),
        [
            ("/nowhere/471147114711/?q=13911112222", "", 404),
            ("/api/v1/customers/471147114711?q=13911112222", "/api/v1/customers/<customer_id>", 401),
            ("/api/v1/customers?q=13911112222", "/api/v1/customers", 401),
        ],
    )
    def test_a_refusal_is_told_by_its_route(
        self, lines: list[dict[str, Any]], path: str, route: str, status: int
    ) -> None:
        Client().get(path, headers={"X-Request-ID": "trace-0123456789"})

        (line,) = [line for line in lines if line["logger"] == "django.request"]
        assert (line["route"], line["method"], line["status"], line["request_id"]) == (
            route, "GET", status, "trace-0123456789",
        )  # fmt: skip
        assert line["event"] == HTTPStatus(status).phrase
        assert not [one for one in SECRETS if one in json.dumps(line, ensure_ascii=False)]

    def test_a_forged_form_is_told_without_the_page_before(self, lines: list[dict[str, Any]]) -> None:
        Client(enforce_csrf_checks=True).post("/login/?q=13911112222", {"username": "王小明"})

        (line,) = [line for line in lines if line["logger"] == "django.security.csrf"]
        assert (line["event"], line["route"], line["reason"]) == ("Forbidden", "/login/", "CSRF cookie not set.")
        assert "13911112222" not in json.dumps(line)

    def test_a_fault_tells_the_place_in_the_code_and_not_what_was_asked(
        self, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "JsonResponse", _breaks)
        Client(raise_request_exception=False).get("/health/live?q=13911112222&id=471147114711")

        (line,) = [line for line in lines if line["logger"] == "django.request"]
        assert (line["status"], line["route"]) == (500, "/health/live")
        assert "in _breaks" in line["exception"]
        assert line["exception"].index("KeyError") < line["exception"].index("ValueError")
        assert not [one for one in SECRETS if one in json.dumps(line, ensure_ascii=False)]
