"""Staff see the members of a group, take somebody out at their wish, and give money back, once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import NOW
from tests.groupbuy.conftest import HOOK, SYSTEM, campaign, fresh, join, pay, people, start, wrong_counters
from yutang.economics import queries as economics
from yutang.economics.models import Newcomer
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry
from yutang.groupbuy import actions, queries
from yutang.groupbuy.members import group_view, members_of
from yutang.groupbuy.models import Group
from yutang.groupbuy.refusals import NoSuchSeat, ReasonIsMissing, SeatCannotBeTakenOut
from yutang.payments.models import Refund

pytestmark = pytest.mark.django_db


def out(seat: Any, *, actor: Actor = SYSTEM, reason: str = "买错了") -> bool:
    return actions.take_out(actor=actor, seat_id=seat.pk, reason=reason, now=NOW)


class TestTakingOut:
    def test_of_a_filling_group_frees_the_place_and_passes_the_captain_on(self) -> None:
        campaign()
        one, two = people(2)
        captain = pay(start(one, size=3))
        second = join(captain.group, two)

        assert out(captain) is True
        assert out(second) is False

        group = Group.objects.get()
        assert (group.state, group.taken, group.paid, wrong_counters()) == ("lapsed", 0, 0, [])
        assert [fresh(seat).state for seat in (captain, second)] == ["left", "left"]
        assert Refund.objects.get().amount_minor == captain.price_minor

    def test_of_a_filled_group_gives_the_money_back_once_and_leaves_it_filled(self) -> None:
        made = campaign()
        one, two = people(2)
        captain = pay(start(one))
        second = pay(join(captain.group, two))

        assert out(second) is True
        with pytest.raises(SeatCannotBeTakenOut):
            out(second)

        group, tally = Group.objects.get(), queries.tallies(access=SYSTEM)[made.pk]
        assert (group.state, group.paid, fresh(second).state) == ("filled", 2, "returned")
        assert (tally.filled, tally.members, tally.kept_minor, tally.refunded_minor) == (
            1, 1, captain.price_minor, second.price_minor,
        )  # fmt: skip
        view = group_view(access=SYSTEM, group_id=group.pk, now=NOW)
        assert (view.present, view.returned) == (1, 1)
        assert Refund.objects.get().reason == "returned"
        entry = AuditEntry.objects.get(action="groupbuy.take_out")
        assert (entry.subject_type, entry.detail["reason"]) == ("buying_group", "买错了")

    def test_of_a_filled_group_is_taken_back_from_the_economics_of_the_offer(self) -> None:
        made = campaign(tiers=((2, 990),), cost_minor=2_000, budget_minor=100_000, worth_minor=20_000)
        one, two = people(2)
        captain = pay(start(one))
        second = pay(join(captain.group, two))
        before = economics.programme_view(access=SYSTEM, programme=f"groupbuy:{made.pk}").spent_fen

        out(second)

        tally = queries.tallies(access=SYSTEM)[made.pk]
        spent = economics.programme_view(access=SYSTEM, programme=f"groupbuy:{made.pk}").spent_fen
        assert (before, spent) == (2 * 1_010, 1_010)
        assert spent == tally.members * made.cost_minor - tally.kept_minor
        newcomers = Newcomer.objects.order_by("pk").values_list("customer_id", "cost_fen", "outcome")
        assert list(newcomers) == [(one, 1_010, "open"), (two, 0, "left")]

    def test_of_what_was_never_noted_takes_nothing_back(self) -> None:
        made = campaign(tiers=((2, 990),), cost_minor=2_000)
        one, two = people(2)
        captain = pay(start(one))
        second = pay(join(captain.group, two))
        actions.change_campaign(
            actor=SYSTEM, campaign_id=made.pk,
            terms=replace(HOOK, tiers=((2, 990),), cost_minor=2_000, budget_minor=100_000, worth_minor=20_000), now=NOW,
        )  # fmt: skip

        out(second)

        assert economics.programme_view(access=SYSTEM, programme=f"groupbuy:{made.pk}").spent_fen == 0

    def test_is_refused_without_a_reason_a_right_or_reach(
        self, stores: dict[str, Any], manager: Actor, operator: Actor
    ) -> None:
        campaign()
        (one,) = people(1, store=stores["xuhui"])
        seat = pay(start(one))

        with pytest.raises(ReasonIsMissing):
            out(seat, reason=" ")
        with pytest.raises(NotAllowed):
            out(seat, actor=manager)
        with pytest.raises(NoSuchSeat):
            out(seat, actor=replace(operator, store_ids=frozenset({stores["tianhe"].pk})))
        assert fresh(seat).state == "paid"


class TestMembers:
    def test_are_told_with_place_payment_refund_and_by_whom_they_came(self) -> None:
        campaign()
        one, two = people(2)
        captain = pay(start(one, size=3))
        friend = join(captain.group, two, inviter=captain.pk)
        out(captain)

        first, second = members_of(access=SYSTEM, group_id=captain.group_id)

        assert (first.number, first.state, first.is_captain, first.can_be_taken_out) == (1, "left", False, False)
        assert first.payment is not None
        assert [back.amount_minor for back in first.payment.refunds] == [captain.price_minor]
        assert (second.number, second.is_captain, second.invited_by, second.can_be_taken_out) == (2, True, one, True)
        assert second.id == friend.pk

    def test_of_other_stores_are_not_told(self, stores: dict[str, Any], manager: Actor) -> None:
        campaign()
        here, there = people(1, store=stores["xuhui"])[0], people(1, store=stores["tianhe"])[0]
        captain = pay(start(there, size=3))
        join(captain.group, here)

        (seen,) = members_of(access=manager, group_id=captain.group_id)

        assert (seen.customer_id, seen.number, seen.is_captain) == (here, 2, False)
