"""What a person decides at the guard frees invitations, or refuses them; what is decided here is decided there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.economics.conftest import deliver, order
from tests.referral.conftest import SYSTEM, come, invited, programme
from yutang.economics.models import Newcomer
from yutang.referral import actions
from yutang.referral.models import Invitation, InvitationState, Reward
from yutang.referral.refusals import InvitationIsNotHeld
from yutang.risk import actions as guard
from yutang.risk.models import Appeal, Decision

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("coupons")]
LATER = NOW + timedelta(days=2)


@pytest.fixture(params=["review", "refuse"])
def verdict(request: Any, monkeypatch: Any) -> str:
    """Let the guard stop everybody."""
    rules = {"slow_from": 1, "review_from": 1, "refuse_from": 1_000, "wait_seconds": 60, "rules": [
        {"code": "all", "points": 5, "verdict": request.param, "when": [{"fact": "person_hour", "is": ">=", "value": 1}]}
    ]}  # fmt: skip
    version = guard.save_rules(actor=SYSTEM, body=rules, note="", now=NOW)
    guard.put_in_force(actor=SYSTEM, version=version, now=NOW)
    return str(request.param)


def stopped(deed: str = "bought") -> tuple[Invitation, Decision]:
    """Let a friend come whom the guard stops."""
    row = Invitation.objects.get(pk=come(invited(programme(deed=deed))))
    return row, Decision.objects.get(kind="referral")


def state(row: Invitation) -> str:
    return Invitation.objects.get(pk=row.pk).state


def grant(decision: Decision) -> None:
    guard.appeal(actor=SYSTEM, decision_id=decision.pk, words="我是真的新顾客", now=NOW)
    guard.grant_appeal(actor=SYSTEM, decision_id=decision.pk, answer="已核实", now=LATER)
    deliver(now=LATER)


def test_a_granted_appeal_lets_the_invitation_count_with_its_whole_time(verdict: str) -> None:
    row, decision = stopped()
    assert row.state == {"review": InvitationState.HELD, "refuse": InvitationState.REFUSED}[verdict]
    assert not Newcomer.objects.exists()

    grant(decision)

    freed = Invitation.objects.get(pk=row.pk)
    assert (freed.state, freed.ends_at) == (InvitationState.CAME, LATER + timedelta(days=30))
    assert Newcomer.objects.get().customer_id == row.friend_id
    # What the friend comes with is given, as to others.
    assert Reward.objects.get(invitation=row).state == "given"
    deliver(now=LATER)
    assert Newcomer.objects.count() == 1


def test_what_the_friend_bought_while_held_counts(verdict: str) -> None:
    row, decision = stopped()
    assert row.friend_id is not None
    order(row.friend_id, at=NOW + timedelta(hours=5), total=9_900)
    assert actions.follow_orders(actor=SYSTEM, now=LATER) == 0

    grant(decision)

    assert actions.follow_orders(actor=SYSTEM, now=LATER) == 1
    assert state(row) == InvitationState.DONE


def test_a_visit_while_held_counts(verdict: str, stores: Any) -> None:
    from tests.coupons.conftest import code_of, give
    from yutang.coupons import actions as coupons

    row, decision = stopped(deed="visited")
    assert row.friend_id is not None
    guard.put_on_list(
        actor=SYSTEM, effect="allow", subject="person", value=str(row.friend_id), reason="到店", until=None, now=NOW
    )
    coupon = give("thanks15", row.friend_id, key="at the till")
    sale = coupons.Sale(store_id=stores["xuhui"].pk)
    coupons.redeem_at_till(actor=SYSTEM, code=code_of(coupon), sale=sale, now=NOW + timedelta(hours=1))
    deliver(now=NOW + timedelta(hours=1))
    assert state(row) != InvitationState.DONE

    grant(decision)

    assert state(row) == InvitationState.DONE


def test_a_look_that_keeps_it_stopped_refuses_what_was_held(verdict: str) -> None:
    row, decision = stopped()

    guard.keep_stopped(actor=SYSTEM, decision_id=decision.pk, now=LATER)
    deliver(now=LATER)

    assert state(row) == InvitationState.REFUSED
    assert not Newcomer.objects.exists()


def test_what_is_decided_here_waits_at_the_guard_no_longer(verdict: str) -> None:
    row, decision = stopped()
    if verdict == "refuse":
        with pytest.raises(InvitationIsNotHeld):
            actions.decide_held(actor=SYSTEM, invitation_id=row.pk, is_right=True, reason="店长认识这位", now=LATER)
        return
    guard.appeal(actor=SYSTEM, decision_id=decision.pk, words="我是真的新顾客", now=NOW)

    actions.decide_held(actor=SYSTEM, invitation_id=row.pk, is_right=True, reason="店长认识这位", now=LATER)
    deliver(now=LATER)

    decision.refresh_from_db()
    assert (decision.settled, Appeal.objects.get().state) == ("let_through", "granted")
    assert state(row) == InvitationState.CAME
    assert Newcomer.objects.count() == 1
