"""The cookies of customers' pages: one way to keep them, and one name by which the guard knows a phone."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.groupbuy.conftest import JUDGED, campaign
from tests.referral.conftest import coupons, invited, programme
from yutang import pages
from yutang.console.watch import DEVICE_COOKIE
from yutang.groupbuy import neighbours
from yutang.groupbuy.models import Campaign
from yutang.risk.models import Decision, Trace

__all__ = ["coupons"]
pytestmark = pytest.mark.django_db
_SETTING = {"set_cookie", "set_signed_cookie", "delete_cookie"}


@pytest.fixture
def phone(settings: Any, tmp_path: Any) -> Client:
    """A phone that asks by HTTPS alone, of an installation of which nobody asked too often."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    cache.clear()
    return Client()


def test_pages_set_cookies_in_one_place() -> None:
    set_in = {
        path.name
        for path in Path(pages.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in _SETTING
    }

    assert set_in == {"cookies.py"}


@pytest.mark.usefixtures("coupons")
def test_a_phone_is_one_to_the_guard_on_every_page(phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours.NEIGHBOURS, "judge", JUDGED)
    offer, invitation = campaign(), f"/r/{invited(programme())}"
    Campaign.objects.filter(pk=offer.pk).update(ends_at=timezone.now() + timedelta(days=30))

    phone.post(f"/g/c/{offer.code}/", {"size": 2, "phone": "13800138000", "name": "张小鱼", "key": "ab"})
    answer = phone.post(invitation, {"phone": "13900139000", "agreed": "yes"})

    assert answer.status_code == 200
    asked = dict(Decision.objects.values_list("kind", "pk"))
    assert {"seat", "referral"} <= set(asked)
    device, other = (Trace.objects.get(pk=asked[kind]).device for kind in ("seat", "referral"))
    assert device == other
    assert device != 0
    kept = {name: one for name, one in phone.cookies.items() if name.startswith("yutang_")}
    assert set(kept) == {"yutang_phone", "yutang_groups", "yutang_took"}
    assert DEVICE_COOKIE not in kept
    for name, one in kept.items():
        assert one["httponly"], name
        assert one["secure"], name
        assert one["samesite"] == "Lax", name
        assert one["path"] == ("/g/" if name == "yutang_groups" else "/"), name
        assert int(one["max-age"]) >= 180 * 86_400, name
