"""The demo shop's referral: one programme goes on, the give-away pauses by itself, and both can be looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import NOW
from yutang.customers.models import Customer
from yutang.demo import referral
from yutang.demo.coupons import make_demo_kinds
from yutang.demo.referral import play_referral, waits_for_referral
from yutang.economics import queries as economics
from yutang.foundation.access import Actor
from yutang.foundation.sealing import seal
from yutang.referral import queries


@pytest.mark.django_db
@pytest.mark.once
def test_one_goes_on_and_the_give_away_pauses(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referral, "_MOST", 56)
    settings.YUTANG_LAKE = tmp_path / "lake"
    Customer.objects.bulk_create(
        [Customer(sealed_profile=seal({"name": "张三"}), first_seen_at=NOW) for _ in range(16)]
    )
    make_demo_kinds(now=NOW)
    assert waits_for_referral()

    play_referral(now=NOW)

    system = Actor.system()
    found = {one.title: one for one in economics.programmes(access=system)}
    good, bad = found["老带新：到店体验"], found["加好友送方巾"]
    assert not good.is_paused
    assert good.numbers.newcomers > 25
    assert bad.pause is not None
    assert bad.spent_fen < bad.budget_fen / 3
    # What the page says of it holds together: most are gone, and one who stayed cost more than such a one is worth.
    assert bad.numbers.left > bad.numbers.newcomers / 2
    assert (bad.numbers.at_least_fen or 0) > bad.worth_fen
    assert {one.name: one.tally.friends > 20 for one in queries.programmes(access=system)} == {
        good.title: True,
        bad.title: True,
    }
    assert not waits_for_referral()
