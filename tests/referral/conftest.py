"""A shop with coupons, an open programme, somebody who invites, and friends with phones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import kind, people
from yutang.foundation.access import Actor
from yutang.referral import actions
from yutang.referral.actions import Terms
from yutang.referral.links import INVITE, token_of

SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def coupons(db: Any) -> None:
    """Kinds of coupons for both: 20 yuan off for the friend, 15 for who invites."""
    kind()
    kind(name="老客答谢15元", code="thanks15", amount_minor=1_500, per_person=50)


def terms(**parts: Any) -> Terms:
    """Return a programme for friends who buy, changed in some parts."""
    columns: dict[str, Any] = {
        "name": "老带新", "deed": "bought", "title": "送你一张体验券", "words": "我常来这家店，送你一张新客券，到店可用。",
        "friend_coupon": "welcome20", "inviter_coupon": "thanks15", "budget_fen": 500_000, "worth_fen": 9_000,
    }  # fmt: skip
    return Terms(**{**columns, **parts})


def programme(*, is_open: bool = True, **parts: Any) -> int:
    """Make a programme and open it."""
    made = actions.create_programme(actor=SYSTEM, terms=terms(**parts), now=NOW)
    if is_open:
        actions.open_programme(actor=SYSTEM, programme_id=made, now=NOW)
    return made


def invited(programme_id: int, customer_id: int | None = None) -> str:
    """Return the token of somebody's link."""
    person = people(1)[0] if customer_id is None else customer_id
    inviter = actions.invite(actor=SYSTEM, programme_id=programme_id, customer_id=person, now=NOW)
    return token_of(inviter_id=inviter, purpose=INVITE)


def come(token: str, phone: str = "13800138001", *, now: datetime = NOW) -> int:
    """Take an invitation by a mobile number."""
    return actions.accept_invitation(actor=SYSTEM, token=token, phone=phone, now=now)
