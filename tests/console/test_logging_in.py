"""In which language the console greets whoever logs in."""

from __future__ import annotations

import pytest
from django.test import Client

from yutang.foundation.models import Staff

PASSWORD = "xiao-yu-tang-88"


@pytest.fixture(autouse=True)
def _password(owner_staff: Staff) -> None:
    owner_staff.set_password(PASSWORD)
    owner_staff.save()


def logged_in(browser_speaks: str) -> Client:
    client = Client(headers={"accept-language": browser_speaks})
    answer = client.post("/login/", {"username": "laoban", "password": PASSWORD})
    assert answer.status_code == 302
    return client


class TestLanguage:
    @pytest.mark.parametrize(("browser_speaks", "language"), [("en-US,en", "en"), ("zh-CN,zh", "zh-hans")])
    def test_is_that_of_the_browser_for_who_comes_for_the_first_time(
        self, owner_staff: Staff, browser_speaks: str, language: str
    ) -> None:
        client = logged_in(browser_speaks)

        assert client.cookies["django_language"].value == language
        owner_staff.refresh_from_db()
        assert owner_staff.language == language

    def test_stays_as_it_was_chosen(self, owner_staff: Staff) -> None:
        logged_in("zh-CN")

        client = logged_in("en-US")

        assert client.cookies["django_language"].value == "zh-hans"
