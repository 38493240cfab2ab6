"""The glossary: both languages side by side, searched in either."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from yutang.console.glossary import GROUPS, TERMS
from yutang.foundation.models import OwnRole

BACKEND = "django.contrib.auth.backends.ModelBackend"


class TestTerms:
    def test_belong_to_a_group_and_refer_to_each_other(self) -> None:
        assert {term.group for term in TERMS} == set(GROUPS)
        assert [term.code for term in TERMS if term.see and term.see not in TERMS] == []

    @pytest.mark.parametrize("code", ["private_domain", "old_friend", "rfm", "p_alive", "cohort", "lift", "increment"])
    def test_hold_the_words_of_the_trade(self, code: str) -> None:
        assert code in TERMS

    def test_are_told_in_both_languages(self) -> None:
        with override("zh-hans"):
            chinese = {text: gettext(text) for term in TERMS for text in (term.title, term.meaning)}

        assert [text for text, told in chinese.items() if not re.search(r"[\u4e00-\u9fff]", told)] == []


@pytest.mark.django_db
class TestRoom:
    def test_shows_every_term_in_both_languages(self, owner_client: Client) -> None:
        text = owner_client.get("/glossary/").content.decode()

        assert set(re.findall(r'<article class="term" id="(\w+)"', text)) == {term.code for term in TERMS}
        assert text.count('<div lang="zh-Hans">') == text.count('<div lang="en">') == len(TERMS)

    @pytest.mark.parametrize(
        ("text", "code"), [("私域", "private_domain"), ("clv", "customer_value"), ("LIFT", "lift")]
    )
    def test_finds_words_of_either_language(self, owner_client: Client, text: str, code: str) -> None:
        shown = {term["code"] for _title, terms in _groups(owner_client, text) for term in terms}

        assert code in shown
        assert len(shown) < len(TERMS)

    def test_the_readers_language_stands_first(self, owner_client: Client) -> None:
        owner_client.cookies["django_language"] = "en"

        assert _groups(owner_client, "cohort")[0][1][0]["sides"][0]["lang"] == "en"

    def test_says_that_there_is_no_such_word(self, owner_client: Client) -> None:
        assert "没有这个词" in owner_client.get("/glossary/?q=zzzz").content.decode()

    def test_a_part_comes_alone(self, owner_client: Client) -> None:
        text = owner_client.get("/glossary/?q=RFM", headers={"HX-Request": "true"}).content.decode()

        assert "<html" not in text
        assert 'id="rfm"' in text

    def test_is_open_to_who_may_do_nothing_else(self, client: Client, owner_staff: Any) -> None:
        owner_staff.role, owner_staff.own_role = "own", OwnRole.objects.create(name="无", permissions=[])
        owner_staff.save()
        client.force_login(owner_staff, backend=BACKEND)

        assert client.get("/glossary/").status_code == 200


def _groups(client: Client, text: str) -> Any:
    return client.get("/glossary/", {"q": text}).context["groups"]
