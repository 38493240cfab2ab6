"""Group-buying played on two phones, each in its own language: from the offer to the group that is complete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.console.conftest import Visitor, browser_type_launch_args
from tests.groupbuy.conftest import campaign
from yutang.groupbuy.models import Campaign, Group

__all__ = ["browser_type_launch_args"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_captain_and_a_friend_fill_a_group_on_their_phones(
    new_context: Callable[..., Any], live_server: Any, settings: Any, tmp_path: Any
) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()
    made = campaign()
    Campaign.objects.filter(pk=made.pk).update(ends_at=timezone.now() + timedelta(days=9))
    captain, friend = (
        Visitor(new_context, live_server.url, width="phone", language=language, theme=theme)
        for language, theme in (("zh-hans", "light"), ("en", "dark"))
    )

    captain.open(f"/g/c/{made.code}/")
    captain.assert_well_made()
    _join(captain, "13800138000", "张小鱼", "开团并付款")
    captain.assert_well_made()
    captain.page.get_by_role("button", name="付款", exact=True).click()
    captain.page.wait_for_url("**/g/seat/**")
    captain.assert_well_made()
    address = str(captain.page.locator("#share").input_value())

    friend.page.goto(address)
    friend.assert_well_made()
    assert friend.page.locator("h1").inner_text() == "One more, and everybody gets it for ¥99.00"
    _join(friend, "13900139000", "Li Si", "Join and pay")
    friend.page.get_by_role("button", name="Pay", exact=True).click()
    friend.page.wait_for_url("**/g/seat/**")
    friend.assert_well_made()
    captain.page.reload()

    assert friend.page.locator("h1").inner_text() == "Your group is complete"
    assert captain.page.locator("h1").inner_text() == "成团了"
    assert Group.objects.get().state == "filled"
    assert captain.faults == friend.faults == []


def _join(visitor: Visitor, phone: str, name: str, button: str) -> None:
    visitor.page.locator("#phone").fill(phone)
    visitor.page.locator("#name").fill(name)
    visitor.page.get_by_role("button", name=button).click()
    visitor.page.wait_for_url("**/pay/**")
