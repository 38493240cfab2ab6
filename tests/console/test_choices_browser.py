"""Lists that stand beside radios: a choice in one chooses its radio, and what a radio has taken is not offered in the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from yutang.channels.actions import choose_parts, sketch_campaign
from yutang.content.actions import ready_library
from yutang.content.models import Content
from yutang.foundation.access import Actor

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("transactional_db")]
SYSTEM = Actor.system()


def sketched() -> int:
    now = datetime.now(UTC)
    key = sketch_campaign(actor=SYSTEM, name="护理周", now=now)
    choose_parts(actor=SYSTEM, campaign_id=key, parts={"audience": {"everybody": True}}, now=now)
    return key


def test_a_campaign_that_is_chosen_in_the_emergency_stop_is_what_stops(visit: Callable[..., Any]) -> None:
    sketched()
    visitor = visit(width="desktop", language="zh-hans")
    visitor.open("/messages/")
    page = visitor.page
    page.locator('[data-open="stop"]').first.click()
    everything = page.locator('dialog#stop input[value="all"]')
    expect(everything).to_be_checked()

    page.select_option("#stop_campaign", label="护理周")

    expect(page.locator("#stop_one")).to_be_checked()
    everything.check(force=True)
    expect(page.locator("#stop_campaign")).to_have_value("")


def test_the_first_way_of_a_campaign_is_not_offered_as_the_second(visit: Callable[..., Any]) -> None:
    ready_library(actor=SYSTEM, now=datetime.now(UTC))
    key, content = sketched(), Content.objects.get(title="针织护理提醒")
    visitor = visit(width="desktop", language="zh-hans")
    visitor.open(f"/campaigns/{key}/content/?content={content.pk}")
    page = visitor.page
    offered = page.locator('#fallback option[value="sms"]')
    expect(page.locator('#fallback option[value="wecom"]')).to_be_disabled()
    expect(offered).to_be_enabled()
    page.select_option("#fallback", "sms")

    page.locator('input[name="channel"][value="sms"]').check(force=True)

    expect(offered).to_be_disabled()
    expect(page.locator("#fallback")).to_have_value("")
