"""What every answer carries, also where it refuses: policy, no framing, no keeping, no sniffing, cookies that scripts cannot read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from tests.api.test_matrix import BODIES, OPERATIONS
from tests.console.test_access_matrix import World
from tests.security.entries import ask, browser_of, entries, listed, operation_address

# What a page says does not differ by the database.
pytestmark = [pytest.mark.django_db, pytest.mark.minutes]

#: Cookies that a script may read: the token against forgery is worth nothing without the one of the session.
READABLE = {"csrftoken"}


def lacks(answer: Any, *, kept: bool = False) -> list[str]:
    """Return what is missing from the headers of an answer."""
    head = answer.headers
    policy = head.get("Content-Security-Policy", "")
    wanted = {
        "policy": all(part in policy for part in ("default-src 'self'", "script-src 'self'", "style-src 'self'")),
        "safe policy": "unsafe" not in policy and "*" not in policy,
        "no objects": "object-src 'none'" in policy and "base-uri 'none'" in policy,
        "own forms": "form-action 'self'" in policy,
        "no framing": "frame-ancestors 'none'" in policy,
        "no sniffing": head.get("X-Content-Type-Options") == "nosniff",
        "no referrer": head.get("Referrer-Policy") == "same-origin",
        "own window": head.get("Cross-Origin-Opener-Policy") == "same-origin",
        "kept by nobody": kept or "no-store" in head.get("Cache-Control", ""),
        "request id": bool(head.get("X-Request-ID")),
        "nothing of the server": not {"Server", "X-Powered-By"} & set(head),
    }
    return [name for name, there in wanted.items() if not there]


class TestConsole:
    @pytest.mark.parametrize("who", ["nothing", None])
    def test_every_answer_carries_them(self, world: World, who: str | None) -> None:
        client = browser_of(world.people[who] if who else None)

        lacking = _lacking((f"{method} {name}", answer) for method, name, answer in _answers(client, world))

        assert not lacking, listed(lacking)

    def test_every_answer_to_the_owner_carries_them_and_cookies_are_for_this_site_by_https_and_not_for_scripts(
        self, world: World, settings: Any
    ) -> None:
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        owner = world.people["owner"]
        owner.set_password("pond-pond-pond")
        owner.save()
        client = browser_of()
        client.get("/login/")
        client.post("/login/", {"username": owner.username, "password": "pond-pond-pond"})
        answers = {f"{method} {name}": answer for method, name, answer in _answers(client, world)}

        lacking = _lacking(answers.items())
        given = {name: cookie for answer in (client, *answers.values()) for name, cookie in answer.cookies.items()}
        wrong = {
            name: dict(cookie)
            for name, cookie in given.items()
            if cookie.value
            and not (cookie["secure"] and cookie["samesite"] == "Lax" and (cookie["httponly"] or name in READABLE))
        }

        assert not lacking, listed(lacking)
        assert not wrong, listed(wrong)
        assert {"sessionid", "csrftoken", "yutang_device", "django_language", "yutang_theme"} <= set(given)


def _answers(client: Client, world: World) -> Iterator[tuple[str, str, Any]]:
    for entry in entries(world.own):
        for method in ("GET", "POST"):
            yield method, entry.name, ask(client, method, entry.address)


def _lacking(answers: Iterable[tuple[str, Any]]) -> dict[str, list[str]]:
    return {called: missing for called, answer in answers if (missing := lacks(answer))}


class TestRefusals:
    def answers(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, Any]]:
        yield 404, client.get("/nowhere/")
        yield 404, client.get("/customers/999999999/")
        yield 405, client.get("/logout/")
        yield 400, client.get("/login/", headers={"host": "elsewhere.example.com"})
        yield (
            400,
            client.post("/preferences/theme/", b"x" * 3_000_000, content_type="application/x-www-form-urlencoded"),
        )
        yield 413, client.post("/preferences/theme/", {"file": _file(3_000_000)})
        with monkeypatch.context() as broken:
            broken.setattr("yutang.foundation.queries.recent_jobs", _fails)
            yield 500, client.get("/jobs/")
        client.handler.enforce_csrf_checks = True
        yield 403, client.post("/preferences/theme/", {"theme": "dark"})

    def test_carry_them_too(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        client = browser_of(world.people["owner"])

        for status, answer in self.answers(client, monkeypatch):
            assert answer.status_code == status
            assert lacks(answer) == [], status


class TestPrograms:
    def test_every_answer_carries_them_and_is_json(self, world: World) -> None:
        client = browser_of()

        for name, (method, path, _) in OPERATIONS.items():
            address = operation_address(path)
            answer = client.generic(method, address, headers={"Authorization": "Bearer <script>"})
            assert lacks(answer, kept=True) == [], name
            assert answer.headers["Content-Type"] == "application/problem+json", name
            assert answer.headers["Cache-Control"].startswith("private"), name

    def test_a_body_is_tried_for_every_operation_that_takes_one(self) -> None:
        assert {name for name, (_, _, told) in OPERATIONS.items() if "requestBody" in told} <= set(BODIES)


class TestFiles:
    def test_of_everybody_carry_the_policy_and_may_be_kept(self, client: Client) -> None:
        answer = client.get("/static/console/console.css")

        assert lacks(answer, kept=True) == []
        assert "max-age" in answer.headers["Cache-Control"]

    @pytest.mark.parametrize(
        "path",
        [
            "/static/../secret_key",
            "/static/%2e%2e/secret_key",
            "/static/..%2fsecret_key",
            "/static/..%5csecret_key",
            "/static/....//secret_key",
            "/static/%2fetc%2fpasswd",
            "/static//etc/passwd",
            "/static/console/../../../../../../../../etc/passwd",
            "/static/console/%2e%2e/%2e%2e/%2e%2e/apps.py",
        ],
    )
    def test_lie_in_their_folder_only(self, client: Client, path: str) -> None:
        assert (Path(configured.YUTANG_HOME) / "secret_key").exists()
        client.raise_request_exception = False

        assert client.get(path).status_code == 404


def _file(size: int) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("a.csv", b"x" * size)


def _fails(**_given: Any) -> Any:
    raise RuntimeError("secret")
