"""The room of programs in a real browser: a webhook from its registration to a message that was taken; pages that are well made."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.console.conftest import Visitor
from tests.console.test_browser import _assert_speaks_its_language
from yutang.api.actions import create_personal_token, create_service_token
from yutang.connectors.webhook_receiver import Receiver
from yutang.foundation.access import Actor
from yutang.webhooks.delivering import deliver_round

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(autouse=True)
def house(transactional_db: None, settings: Any, tmp_path: Path, stores: Any, owner_staff: Any) -> None:
    """A shop with two tokens, which may send to this machine."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    settings.YUTANG_WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)
    system, now = Actor.system(), timezone.now()
    create_service_token(actor=system, name="ERP", permissions=["customers.view", "imports.run"], now=now)
    create_personal_token(actor=system, name="till", username=owner_staff.username, now=now)


def test_a_webhook_is_made_tested_and_seen_to_work(visit: Callable[..., Visitor]) -> None:
    visitor = visit(width="phone", language="en", theme="dark")
    page = visitor.page
    with Receiver() as receiver:
        visitor.open("/programs/webhooks/new/")
        visitor.assert_well_made()
        page.get_by_label("Name", exact=True).fill("ERP")
        page.get_by_label("Address").fill(receiver.url)
        page.get_by_label("Somebody agreed, or withdrew a consent").check()
        page.get_by_role("button", name="Make the webhook").click()
        assert page.get_by_label("Secret", exact=True).input_value().startswith("whsec_")
        visitor.assert_well_made()
        page.get_by_role("link", name="Done").click()
        page.get_by_role("button", name="Send a test").click()
        page.wait_for_load_state("networkidle")
        assert page.locator("#deliveries .tag").inner_text() == "Waiting"

        deliver_round(leave_out=(), clock=timezone.now)
        # The list looks again by itself.
        page.locator("#deliveries .tag", has_text="Taken").wait_for()

    visitor.assert_well_made()
    _assert_speaks_its_language(visitor)
    assert len(receiver.received) == 1


def test_tokens_and_webhooks_are_well_made_on_a_desktop(visit: Callable[..., Visitor]) -> None:
    visitor = visit(width="desktop", language="zh-hans", theme="light")
    for address in ("/programs/", "/programs/tokens/new/", "/programs/webhooks/"):
        visitor.open(address)
        visitor.assert_well_made()
        _assert_speaks_its_language(visitor)
    visitor.open("/programs/tokens/new/")
    assert not visitor.page.locator("#username").is_visible()
    visitor.page.locator("label", has=visitor.page.locator("[name=kind][value=personal]")).click()
    assert visitor.page.locator("#username").is_visible()
    assert not visitor.page.locator(".for-service").is_visible()
