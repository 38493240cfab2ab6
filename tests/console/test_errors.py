"""Pages for what is not there, not allowed, not readable or broken: in both languages, with the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

_DJANGOS = (
    "<h1>Not Found</h1>",
    "<h1>Server Error (500)</h1>",
    "<h1>Bad Request (400)</h1>",
    "CSRF verification failed",
)


def speak(client: Client, language: str) -> None:
    client.cookies["django_language"] = language


@pytest.mark.parametrize(
    ("language", "says"), [("zh-hans", "这个地址没有内容"), ("en", "There is nothing at this address")]
)
class TestNotFound:
    def test_says_so_with_the_menu_and_the_way_back(self, owner_client: Client, language: str, says: str) -> None:
        speak(owner_client, language)

        answer = owner_client.get("/nowhere/", headers={"referer": "http://testserver/customers/?q=1"})

        page = answer.content.decode()
        assert answer.status_code == 404
        assert says in page
        assert 'href="http://testserver/customers/?q=1"' in page
        assert 'class="side-link"' in page

    def test_says_so_to_a_stranger(self, client: Client, language: str, says: str) -> None:
        speak(client, language)

        page = client.get("/nowhere/").content.decode()

        assert says in page
        assert 'href="/"' in page
        assert 'class="side-link"' not in page


class TestOthers:
    def test_a_part_of_a_page_is_answered_by_a_toast(self, owner_client: Client) -> None:
        answer = owner_client.get("/nowhere/", headers={"HX-Request": "true"})

        assert (answer.status_code, answer["HX-Retarget"]) == (404, "#toasts")
        assert "<html" not in answer.content.decode()

    def test_the_way_back_leads_to_no_other_host(self, owner_client: Client) -> None:
        page = owner_client.get("/nowhere/", headers={"referer": "https://elsewhere.example.com/"}).content.decode()

        assert "elsewhere" not in page

    @pytest.mark.parametrize(("language", "says"), [("zh-hans", "程序出错了"), ("en", "Something broke")])
    def test_a_fault_needs_no_store_to_say_so(
        self, owner_client: Client, monkeypatch: pytest.MonkeyPatch, language: str, says: str
    ) -> None:
        speak(owner_client, language)
        owner_client.raise_request_exception = False
        for name in ("yutang.foundation.queries.recent_jobs", "yutang.console.shell.actor_of"):
            monkeypatch.setattr(name, broken)

        answer = owner_client.get("/jobs/")

        page = answer.content.decode()
        assert answer.status_code == 500
        assert says in page
        assert not any(text in page for text in (*_DJANGOS, "RuntimeError", "secret"))

    def test_a_wrong_host_is_refused_in_words(self, client: Client) -> None:
        answer = client.get("/login/", headers={"host": "elsewhere.example.com"})

        assert answer.status_code == 400
        assert "无法读取这个请求" in answer.content.decode()

    def test_a_form_without_its_token_is_refused_in_words(self, owner_staff: Any) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")

        answer = client.post("/preferences/theme/", {"theme": "dark"})

        assert answer.status_code == 403
        assert "表单已过期" in answer.content.decode()

    def test_a_role_is_told_without_the_name_of_a_permission(self, manager_client: Client) -> None:
        page = manager_client.get("/imports/").content.decode()

        assert "没有权限" in page
        assert "imports.view" not in page
        assert 'href="/"' in page


def broken(*_args: Any, **_named: Any) -> Any:
    raise RuntimeError("secret")
