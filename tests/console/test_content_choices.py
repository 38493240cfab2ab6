"""Forms of other rooms offer contents that fit, with intent and language, and keep what no longer fits to be seen."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.wecom.test_greeting import approved
from yutang.content.models import Content, Version
from yutang.foundation.access import Actor
from yutang.journeys.actions import create_playbook

pytestmark = pytest.mark.django_db


def named(title: str, intent: str, channels: tuple[str, ...] = ("wecom",)) -> str:
    """Write an approved content, and return its name."""
    reference = approved("text", [], intent=intent)
    content_id = int(reference.split(":")[1])
    Content.objects.filter(pk=content_id).update(title=title)
    Version.objects.filter(content_id=content_id).update(channels=list(channels))
    return reference


def offered(page: str, name: str) -> dict[str, str]:
    """Return code and title of the options of a select."""
    select = re.search(rf'<select[^>]* name="{name}">(.*?)</select>', page, re.S)
    assert select is not None
    return dict(re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', select[1]))


def test_greetings_are_of_service_or_use_and_not_over(owner_client: Client) -> None:
    service, useful, sells = named("欢迎光临", "service"), named("护理", "value"), named("八折", "promotion")
    over = named("旧的", "service")
    Version.objects.filter(content_id=over.split(":")[1]).update(expires_at=timezone.now() - timedelta(days=700))

    found = offered(owner_client.get("/wecom/codes/new/").content.decode(), "welcome_content")

    assert set(found) == {"", service, useful}
    assert sells not in found
    assert found[service].startswith("欢迎光临 · ")
    assert len(found[service].split(" · ")) == 3


def test_a_step_offers_what_fits_its_channel_and_intent_and_keeps_an_unknown_one(owner_client: Client) -> None:
    fits, sells = named("护理", "value"), named("八折", "promotion")
    by_mail = named("信", "value", ("email",))
    step = {"id": "hello", "do": "message", "channel": "wecom", "intent": "value", "content": "content:999999:1"}
    given = {"format": 1, "trigger": {"kind": "hand"}, "steps": [step]}
    book = create_playbook(actor=Actor.system(), name="春茶", definition=given, now=timezone.now())

    found = offered(owner_client.get(f"/playbooks/{book}/edit/hello/").content.decode(), "content")

    assert set(found) == {"", "content:999999:1", fits}
    assert not {sells, by_mail} & set(found)


def test_the_editor_shows_words_about_which_a_person_decides(owner_client: Client) -> None:
    step = {"id": "hello", "do": "message", "channel": "sms", "intent": "value", "words": "春茶到了"}
    given = {"format": 1, "trigger": {"kind": "hand"}, "steps": [step]}
    book = create_playbook(actor=Actor.system(), name="春茶", definition=given, now=timezone.now())

    for page in (f"/playbooks/{book}/edit/", f"/playbooks/{book}/edit/hello/"):
        assert "notice-warn" in owner_client.get(page).content.decode()
