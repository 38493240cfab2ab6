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
from yutang.foundation.models import Setting
from yutang.journeys.actions import create_playbook
from yutang.journeys.models import Playbook

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


def test_the_setting_of_greetings_is_chosen_from_contents_that_may_greet(owner_client: Client) -> None:
    fits, sells = named("欢迎光临", "service"), named("八折", "promotion")
    address = "/settings/wecom.welcome_content/"

    found = offered(owner_client.get(address).content.decode(), "value")
    owner_client.post(address, {"value": fits})
    kept = owner_client.get(address).content.decode()
    refused = owner_client.post(address, {"value": sells})

    assert set(found) == {"", fits}
    assert Setting.objects.get(key="wecom.welcome_content").value == fits
    assert f'<option value="{fits}" selected>欢迎光临 · ' in kept
    assert (refused.status_code, "八折" in refused.content.decode()) == (409, True)


def test_what_goes_instead_of_a_promotion_is_chosen_in_the_editor(owner_client: Client) -> None:
    useful, sells = named("护理", "value"), named("八折", "promotion")
    by_mail = named("信", "value", ("email",))
    step = {"id": "sale", "do": "message", "channel": "wecom", "intent": "promotion", "content": sells}
    given = {"format": 1, "trigger": {"kind": "hand"}, "steps": [step]}
    book = create_playbook(actor=Actor.system(), name="春茶", definition=given, now=timezone.now())
    address = f"/playbooks/{book}/edit/sale/"
    form = {"channel": "wecom", "intent": "promotion", "content": sells, "then": "next", "if_refused": "next"}

    found = offered(owner_client.get(address).content.decode(), "instead_content")
    owner_client.post(address, {**form, "instead_content": useful})
    chosen = Playbook.objects.get().draft["steps"][0]["instead"]
    both = owner_client.post(address, {**form, "instead_content": useful, "instead": "先学收纳"})
    owner_client.post(address, form)

    assert set(found) == {"", useful}
    assert by_mail not in found
    assert chosen == {"content": useful}
    assert both.status_code == 422
    assert "instead" not in Playbook.objects.get().draft["steps"][0]
