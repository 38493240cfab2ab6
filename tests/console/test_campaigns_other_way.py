"""A campaign with a second way, from the check to its page: who gets it by which way, and what that costs."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.conftest import NOW
from tests.console.test_campaigns import PEOPLE, SYSTEM, approved, at_work, begun, corp, morning, pond, said
from tests.delivery.conftest import Corp
from yutang.channels.actions.campaigns import plan_running
from yutang.channels.models import Campaign

__all__ = ["at_work", "corp", "morning", "pond"]


def test_who_cannot_be_reached_by_wecom_is_shown_and_planned_by_sms(
    at_work: Client, pond: list[int], corp: Corp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yutang.channels.delivery.books._BOOKS", [corp.book])
    corp.befriend(pond[:3])
    row = begun({"people": pond}, approved(), channel="wecom", fallback="sms", held_out_percent=0)

    at_work.post(f"/campaigns/{row.pk}/check/")
    page = at_work.get(f"/campaigns/{row.pk}/check/")

    preview = page.context["preview"]
    assert preview.ways == {"wecom": 3, "sms": PEOPLE - 3}
    costs = dict(page.context["costs"])
    assert costs["企业微信名额"].startswith("3 个")
    assert f"约计费 {PEOPLE - 3} 条" in costs["短信"]
    assert f"最多 {PEOPLE} 条" in costs["短信"]
    assert [(one["title"], one["n"]) for one in page.context["ways"]] == [("企业微信", 3), ("短信", PEOPLE - 3)]
    behind = at_work.get(page.context["ways"][1]["url"])
    assert {one["id"] for one in behind.context["people"]} == set(pond[3:PEOPLE])
    assert "短信" in at_work.get(f"/campaigns/{row.pk}/confirm/").content.decode()

    Campaign.objects.filter(pk=row.pk).update(state="running")
    plan_running(actor=SYSTEM, now=NOW)

    told = at_work.get(f"/campaigns/{row.pk}/").context
    assert told["by_other_way"].startswith(f"其中 {PEOPLE - 3} 人")


def test_the_first_way_is_no_second_one_and_what_was_chosen_stays(at_work: Client, pond: list[int]) -> None:
    content, other = approved(), approved(title="另一篇")
    row = begun({"everybody": True}, other)
    form = {"content": content, "channel": "sms", "fallback": "sms", "hours": "12"}

    answer = at_work.post(f"/campaigns/{row.pk}/content/", form)

    chosen = answer.context["chosen"]
    assert answer.status_code == 422
    assert "另一种" in said(answer)
    assert (answer.context["chosen_id"], chosen["way"], answer.context["view"].fallback_hours) == (
        content,
        "sms",
        12,
    )
    assert 'data-other-than="channel"' in answer.content.decode()
    assert Campaign.objects.get().content == f"content:{other}:1"
