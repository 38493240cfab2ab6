"""Who gets in, and what every answer carries."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from yutang.console.urls import urlpatterns

_OPEN = {"login", "login-code", "welcome", "language", "theme", "components"}


def _rooms() -> list[URLPattern]:
    return [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern) and pattern.name not in _OPEN]


def _address(pattern: URLPattern) -> str:
    numbers = dict.fromkeys(pattern.pattern.converters, 1)
    return reverse(str(pattern.name), kwargs=numbers)


@pytest.mark.django_db
@pytest.mark.once
class TestStrangers:
    @pytest.mark.parametrize("pattern", _rooms(), ids=lambda pattern: str(pattern.name))
    def test_are_sent_to_the_log_in(self, client: Client, pattern: URLPattern) -> None:
        answer = client.get(_address(pattern)) if pattern.name != "logout" else client.post(_address(pattern))

        assert answer.status_code == 302
        assert answer.url.startswith("/login/")

    def test_see_no_components_outside_debug(self, client: Client) -> None:
        assert client.get("/_components").status_code == 404


class TestRules:
    def test_every_room_states_who_may_enter(self) -> None:
        without = [
            pattern.name
            for pattern in _rooms()
            if not hasattr(pattern.callback, "permissions") and pattern.name != "logout"
        ]

        assert without == []

    def test_every_address_belongs_to_the_console(self) -> None:
        assert {pattern.name for pattern in _rooms()} <= set(get_resolver().reverse_dict)


@pytest.mark.django_db
class TestAnswers:
    def test_carry_a_strict_policy(self, client: Client) -> None:
        policy = client.get("/login/").headers["Content-Security-Policy"]

        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy

    def test_hold_no_inline_script_or_style(self, client: Client) -> None:
        page = client.get("/login/").content.decode()

        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script>") == 0

    def test_are_refused_in_words_where_the_role_does_not_suffice(self, manager_client: Client) -> None:
        answer = manager_client.get("/jobs/")

        assert answer.status_code == 403
        assert "没有权限" in answer.content.decode()


@pytest.mark.django_db
class TestLogIn:
    def test_says_that_name_and_password_do_not_match(self, client: Client, owner_staff: Any) -> None:
        answer = client.post("/login/", {"username": owner_staff.username, "password": "wrong-wrong"})

        assert "登录名或密码不正确" in answer.content.decode()

    def test_rests_after_eight_tries(self, client: Client, owner_staff: Any) -> None:
        for _ in range(8):
            answer = client.post("/login/", {"username": owner_staff.username, "password": "wrong-wrong"})

        assert answer.status_code == 429
        assert "登录暂停 15 分钟" in answer.content.decode()

    def test_leads_nowhere_else(self, client: Client, owner_staff: Any) -> None:
        owner_staff.set_password("pond-pond-pond")
        owner_staff.save()

        answer = client.post(
            "/login/", {"username": owner_staff.username, "password": "pond-pond-pond", "next": "https://example.com/"}
        )

        assert answer.url == "/"


@pytest.mark.django_db
class TestAppearance:
    def test_is_kept_with_the_person_and_in_the_browser(self, owner_client: Client, owner_staff: Any) -> None:
        language = owner_client.post("/preferences/language/", {"language": "en", "next": "/today/"})
        theme = owner_client.post("/preferences/theme/", {"theme": "dark", "next": "//example.com"})

        owner_staff.refresh_from_db()
        assert (owner_staff.language, owner_staff.theme) == ("en", "dark")
        assert language.cookies["django_language"].value == "en"
        assert (language.url, theme.url) == ("/today/", "/")
