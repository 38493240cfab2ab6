"""A referral programme that is paused, and a friend who is held, for tests that ask every address."""

from __future__ import annotations

from datetime import timedelta

from tests.conftest import NOW
from yutang.economics.models import Pause
from yutang.economics.models import Programme as Stated
from yutang.foundation.access import Actor
from yutang.referral.actions import Terms as ReferralTerms
from yutang.referral.actions import create_programme as create_referral
from yutang.referral.models import Invitation, Inviter


def referral_things() -> dict[str, int]:
    """Return a referral programme that gives the coupon ``welcome20``, paused by the guard of economics."""
    terms = ReferralTerms(
        name="老带新", deed="bought", title="送你一张券", words="我常来的店，送你一张新客券。", friend_coupon="welcome20", worth_fen=9_000,
        budget_fen=500_000,
    )  # fmt: skip
    made = create_referral(actor=Actor.system(), terms=terms, now=NOW)
    stated = Stated.objects.get(key=f"referral:{made}")
    Stated.objects.filter(pk=stated.pk).update(state="paused")
    Pause.objects.create(programme=stated, at=NOW, reason="cost", numbers={})
    return {"referral_id": made, "economy_id": stated.pk}


def held_friend(referral_id: int, customer_id: int) -> int:
    """Return a friend whom the guard against abuse held."""
    inviter, _made = Inviter.objects.get_or_create(programme_id=referral_id, customer=None, defaults={"made_at": NOW})
    row = Invitation.objects.create(
        programme_id=referral_id, inviter=inviter, friend_id=customer_id, state="held", came_at=NOW, came_date=NOW.date(),
        ends_at=NOW + timedelta(days=30),
    )  # fmt: skip
    return row.pk
