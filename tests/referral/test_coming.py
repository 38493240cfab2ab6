"""Friends come, do something, and both get what was promised: once, in time, and taken back where the order was."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import people
from tests.customers.sharing import share_number
from tests.economics.conftest import deliver, order
from tests.referral.conftest import SYSTEM, come, invited, programme
from yutang.coupons import queries as coupons
from yutang.coupons.queries import CouponFilters
from yutang.customers.models import Customer
from yutang.economics import queries as economics
from yutang.economics.actions import look_at
from yutang.economics.models import Entry
from yutang.economics.models import Programme as Stated
from yutang.foundation.signed_links import mark_of
from yutang.referral import actions, asking_risk, queries
from yutang.referral.asking_risk import Asked, Judged
from yutang.referral.links import INVITE, PROGRESS, inviter_in, token_of
from yutang.referral.models import Invitation, Inviter, Reward
from yutang.referral.refusals import (
    DecisionNeedsReason,
    InvitationIsNotHeld,
    InvitedBySomebodyElse,
    KnownAlready,
    LinkIsWrong,
    NumberIsKnown,
    NumberIsOfInviter,
    NumberTellsNobody,
    NumberTookAnother,
    OwnInvitation,
    PhoneIsUnreadable,
    ReferralIsNotOpen,
    TakeItSlowly,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("coupons")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def held_of(customer_id: int | None) -> list[tuple[str, str]]:
    """Return kind and state of somebody's coupons."""
    found = coupons.coupons(access=SYSTEM, filters=CouponFilters(customer_id=customer_id), now=NOW + 30 * DAY).rows
    return [(one.kind_code, one.state) for one in found]


def friend_of(invitation_id: int) -> int:
    return int(Invitation.objects.get(pk=invitation_id).friend_id or 0)


def rewards(invitation_id: int) -> dict[str, tuple[str, str]]:
    return {one.role: (one.state, one.reason) for one in Reward.objects.filter(invitation=invitation_id)}


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """Put a guard in the place of the room of risk that says what `guard.says` holds, and keeps what it was asked."""
    asked: list[Asked] = []

    def judge(*, actor: Any, asked: Asked, now: Any, kept: list[Asked] = asked) -> Judged:
        kept.append(asked)
        return SAYS[0]

    monkeypatch.setattr(asking_risk, "judges", judge)
    return asked


SAYS: list[Judged] = [Judged()]


class TestLinks:
    @pytest.mark.parametrize("token", ["", "r1", "r1-" + "0" * 18, "x" * 40, "r1-' OR 1=1"])
    def test_what_nobody_signed_leads_nowhere(self, token: str) -> None:
        with pytest.raises(LinkIsWrong):
            inviter_in(token, purpose=INVITE)

    def test_a_link_holds_for_its_purpose_alone_and_fits_into_a_mark_of_wecom(self) -> None:
        token = token_of(inviter_id=2**36, purpose=PROGRESS)

        assert inviter_in(token, purpose=PROGRESS) == 2**36
        assert len(token) <= 30
        with pytest.raises(LinkIsWrong):
            inviter_in(token, purpose=INVITE)

    def test_numbers_do_not_run(self) -> None:
        tokens = [token_of(inviter_id=one, purpose=INVITE) for one in range(1, 201)]
        written = [int(one[1:11], 16) for one in tokens]

        assert [inviter_in(one, purpose=INVITE) for one in tokens] == list(range(1, 201))
        assert all(len(one) == 30 for one in tokens)
        # As often up as down, and spread over all that there are.
        rising = sum(after > before for before, after in pairwise(written))
        assert 70 < rising < 130
        assert max(written) > 2**39

    def test_links_that_were_given_out_with_their_number_still_lead(self) -> None:
        before = f"r{77:x}-{mark_of('referral.invite', '77')}"

        assert inviter_in(before, purpose=INVITE) == 77
        with pytest.raises(LinkIsWrong):
            inviter_in(f"r{77:x}-{token_of(inviter_id=77, purpose=INVITE)[-18:]}", purpose=INVITE)


class TestAccept:
    def test_gives_the_friend_what_is_promised_and_tells_the_economics(self) -> None:
        made = programme()

        invitation = come(invited(made))

        assert held_of(friend_of(invitation)) == [("welcome20", "given")]
        kinds = list(Entry.objects.order_by("id").values_list("kind", "amount_fen", "customer_id"))
        friend = friend_of(invitation)
        assert kinds == [("joined", 0, friend), ("cost", 2_000, friend)]

    def test_again_by_the_same_number_is_the_same(self) -> None:
        made = programme()
        token = invited(made)

        assert come(token, "138 0013 8001") == come(token, "13800138001")
        assert Entry.objects.filter(kind="joined").count() == 1

    def test_refuses_oneself_others_known_people_and_no_number(self) -> None:
        made = programme()
        first, second = invited(made), invited(made)
        friend = friend_of(come(first))

        with pytest.raises(InvitedBySomebodyElse):
            come(second)
        with pytest.raises(OwnInvitation):
            come(invited(made, friend_of(come(first, "13800138002"))), "13800138002")
        Customer.objects.filter(pk=friend).update(first_seen_at=NOW - 30 * DAY)
        with pytest.raises(KnownAlready):
            come(invited(programme(name="另一个")), "13800138001")
        for typed in ("一二三", "1861320009", "02112345678", "138001380011"):
            with pytest.raises(PhoneIsUnreadable):
                come(first, typed)

    def test_of_a_number_it_says_what_is_known_of_the_number_and_not_of_who_types_it(self) -> None:
        made = programme()
        first, second = invited(made), invited(made)
        friend = friend_of(come(first))

        with pytest.raises(NumberTookAnother):
            come(second)
        with pytest.raises(NumberIsOfInviter):
            come(invited(made, friend_of(come(first, "13800138002"))), "13800138002")
        Customer.objects.filter(pk=friend).update(first_seen_at=NOW - 30 * DAY)
        with pytest.raises(NumberIsKnown):
            come(invited(programme(name="另一个")), "13800138001")

    def test_a_number_that_too_many_share_tells_nobody(self) -> None:
        token = invited(programme())
        share_number("+8613800138007")

        with pytest.raises(NumberTellsNobody):
            come(token, "13800138007")

    def test_refuses_while_it_is_closed_or_paused(self) -> None:
        made = programme(is_open=False)
        token = invited(made)
        with pytest.raises(ReferralIsNotOpen):
            come(token)
        actions.open_programme(actor=SYSTEM, programme_id=made, now=NOW)
        Stated.objects.update(state="paused")

        with pytest.raises(ReferralIsNotOpen):
            come(token)
        assert (
            not Customer.objects.filter(first_seen_at=NOW).exclude(pk__in=Inviter.objects.values("customer")).exists()
        )

    def test_by_the_mark_that_wecom_brings_back(self) -> None:
        made = programme(deed="added")
        token = invited(made)
        (friend,) = people(1)

        invitation = actions.accept_by_mark(actor=SYSTEM, mark=token, friend_id=friend, now=NOW)
        assert held_of(friend) == []
        assert actions.note_deed(actor=SYSTEM, customer_ids=[friend], deed="added", now=NOW) == 1
        assert actions.note_deed(actor=SYSTEM, customer_ids=[friend], deed="added", now=NOW) == 0
        actions.give_due(actor=SYSTEM, now=NOW)

        assert rewards(invitation) == {"friend": ("given", ""), "inviter": ("given", "")}


class TestGuard:
    def test_is_asked_what_it_needs(self, guard: list[Asked]) -> None:
        SAYS[0] = Judged()
        made = programme()

        actions.accept_invitation(
            actor=SYSTEM, token=invited(made), phone="13800138001", device="d1", address="10.0.0.1", now=NOW
        )

        (asked,) = guard
        assert (asked.programme_id, asked.device, asked.address, asked.value_fen) == (made, "d1", "10.0.0.1", 3_500)
        assert asked.inviter_id == Inviter.objects.get().customer_id

    def test_the_room_of_risk_keeps_what_it_decided(self) -> None:
        from yutang.risk.models import Decision

        made = programme()
        invitation = come(invited(made))

        decision = Decision.objects.get(kind="referral")
        assert decision.key == f"referral:{made}:{friend_of(invitation)}"

    def test_a_checked_in_booking_is_a_visit(self) -> None:
        from yutang.foundation import outbox
        from yutang.visits.events import Came

        invitation = come(invited(programme(deed="visited")))
        outbox.record(Came(1, friend_of(invitation), 3, "referral"), now=NOW)
        deliver(now=NOW + HOUR)

        assert rewards(invitation)["inviter"] == ("given", "")

    @pytest.mark.usefixtures("guard")
    def test_what_is_refused_gets_nothing(self) -> None:
        SAYS[0] = Judged("refuse", ({"template": "same device", "values": {}},))

        invitation = come(invited(programme()))

        assert queries.invitation_view(access=SYSTEM, invitation_id=invitation).state == "refused"
        assert rewards(invitation) == {}
        assert not Entry.objects.exists()

    @pytest.mark.usefixtures("guard")
    def test_slow_asks_to_wait(self) -> None:
        SAYS[0] = Judged("slow", wait_seconds=300)

        with pytest.raises(TakeItSlowly) as refused:
            come(invited(programme()))
        assert refused.value.data["minutes"] == 5

    @pytest.mark.usefixtures("guard")
    def test_what_is_held_waits_for_a_person_who_says_why(self) -> None:
        SAYS[0] = Judged("review")
        invitation = come(invited(programme()))
        assert rewards(invitation) == {}

        with pytest.raises(DecisionNeedsReason):
            actions.decide_held(actor=SYSTEM, invitation_id=invitation, is_right=True, reason="", now=NOW)
        actions.decide_held(actor=SYSTEM, invitation_id=invitation, is_right=True, reason="电话核实是真人", now=NOW)
        with pytest.raises(InvitationIsNotHeld):
            actions.decide_held(
                actor=SYSTEM, invitation_id=invitation, is_right=False, reason="电话核实是真人", now=NOW
            )

        assert rewards(invitation) == {"friend": ("given", "")}


class TestDeeds:
    def test_the_inviter_gets_it_when_the_order_cannot_be_given_back_any_more(self) -> None:
        made = programme(return_days=7)
        invitation = come(invited(made))
        order(friend_of(invitation), at=NOW + DAY, total=9_900)

        assert actions.follow_orders(actor=SYSTEM, now=NOW + 2 * DAY) == 1
        assert actions.follow_orders(actor=SYSTEM, now=NOW + 2 * DAY) == 0
        actions.give_due(actor=SYSTEM, now=NOW + 7 * DAY)
        assert rewards(invitation)["inviter"] == ("waiting", "")
        actions.give_due(actor=SYSTEM, now=NOW + 8 * DAY)

        assert rewards(invitation)["inviter"] == ("given", "")
        assert held_of(Inviter.objects.get().customer_id) == [("thanks15", "given")]

    def test_an_order_too_small_too_early_or_not_paid_is_none(self) -> None:
        made = programme(least_order_fen=5_000, valid_days=5)
        friend = friend_of(come(invited(made)))
        order(friend, at=NOW + DAY, total=4_999, number="small")
        order(friend, at=NOW - DAY, total=9_900, number="early")
        order(friend, at=NOW + DAY, total=9_900, number="unpaid", status=10)
        order(friend, at=NOW + 6 * DAY, total=9_900, number="late")

        assert actions.follow_orders(actor=SYSTEM, now=NOW + 7 * DAY) == 0
        assert actions.lapse_late(actor=SYSTEM, now=NOW + 7 * DAY) == 1

    def test_an_order_given_back_before_takes_the_benefit_away(self) -> None:
        invitation = come(invited(programme()))
        bought = order(friend_of(invitation), at=NOW + DAY, total=9_900)
        actions.follow_orders(actor=SYSTEM, now=NOW + 2 * DAY)

        bought.status = 60
        bought.save(update_fields=["status"])
        assert actions.reverse_refunded(actor=SYSTEM, now=NOW + 3 * DAY) == 1
        assert actions.reverse_refunded(actor=SYSTEM, now=NOW + 3 * DAY) == 0
        actions.give_due(actor=SYSTEM, now=NOW + 30 * DAY)

        assert rewards(invitation) == {"friend": ("taken_back", "refunded"), "inviter": ("none", "refunded")}
        assert held_of(friend_of(invitation)) == [("welcome20", "taken_back")]
        assert sum(Entry.objects.filter(kind="cost").values_list("amount_fen", flat=True)) == 0

    def test_a_used_coupon_stays_and_is_told(self) -> None:
        from yutang.coupons.models import Coupon

        invitation = come(invited(programme()))
        bought = order(friend_of(invitation), at=NOW + DAY, total=9_900)
        actions.follow_orders(actor=SYSTEM, now=NOW + 2 * DAY)
        Coupon.objects.update(state="redeemed", redeemed_at=NOW + DAY)
        bought.refunded_minor = 9_900
        bought.save(update_fields=["refunded_minor"])

        actions.reverse_refunded(actor=SYSTEM, now=NOW + 3 * DAY)

        assert rewards(invitation)["friend"] == ("given", "used")

    def test_a_redemption_in_a_store_is_a_visit(self) -> None:
        from yutang.coupons.events import Redeemed
        from yutang.foundation import outbox

        invitation = come(invited(programme(deed="visited")))
        friend = friend_of(invitation)
        deliver()

        outbox.record(Redeemed(1, "welcome20", friend, "", 0, 2_000), now=NOW)
        deliver(now=NOW + HOUR)
        assert "inviter" not in rewards(invitation)
        outbox.record(Redeemed(1, "welcome20", friend, "", 3, 2_000), now=NOW)
        deliver(now=NOW + HOUR)

        assert rewards(invitation)["inviter"] == ("given", "")

    def test_no_more_friends_count_than_was_said_but_more_of_an_ambassador(self) -> None:
        made = programme(deed="visited", most_friends=1, most_of_ambassador=2)
        token = invited(made)
        came = [friend_of(come(token, f"1380013800{n}")) for n in range(1, 5)]

        actions.note_deed(actor=SYSTEM, customer_ids=came[:2], deed="visited", now=NOW)
        inviter = Inviter.objects.get()
        actions.name_ambassador(actor=SYSTEM, programme_id=made, customer_id=int(inviter.customer_id or 0), now=NOW)
        actions.note_deed(actor=SYSTEM, customer_ids=came[2:], deed="visited", now=NOW)

        own = Reward.objects.filter(role="inviter").order_by("invitation_id").values_list("state", "reason")
        assert list(own) == [("given", ""), ("none", "enough"), ("given", ""), ("none", "enough")]

    def test_nobody_above_the_inviter_gets_anything(self) -> None:
        made = programme(deed="visited")
        first = come(invited(made))
        second = come(invited(made, friend_of(first)), "13800138002")

        actions.note_deed(actor=SYSTEM, customer_ids=[friend_of(second)], deed="visited", now=NOW)

        assert "inviter" not in rewards(first)
        assert held_of(friend_of(first)) == [("thanks15", "given"), ("welcome20", "given")]

    def test_commission_is_of_the_order_and_bounded(self) -> None:
        from tests.referral.test_programmes import COMMISSION, allow_commission

        allow_commission()
        made = programme(**{**COMMISSION, "commission_most_fen": 800})
        cheap, dear = (come(invited(made), f"1380013800{n}") for n in (1, 2))
        order(friend_of(cheap), at=NOW, total=9_990, number="a")
        order(friend_of(dear), at=NOW, total=99_900, number="b")
        actions.follow_orders(actor=SYSTEM, now=NOW + DAY)

        actions.give_due(actor=SYSTEM, now=NOW + 8 * DAY)

        paid = dict(Reward.objects.filter(role="inviter").values_list("invitation_id", "commission_fen"))
        assert paid == {cheap: 499, dear: 800}


class TestEconomics:
    def test_friends_who_leave_at_once_pause_the_programme(self) -> None:
        from yutang.economics.actions import note_who_left

        made = programme(worth_fen=9_000)
        token = invited(made)
        came = [friend_of(come(token, f"139001390{n:02d}", now=NOW + n * timedelta(minutes=1))) for n in range(30)]
        note_who_left(actor=SYSTEM, customer_ids=came[:26], key="lost", now=NOW + 4 * HOUR)

        look_at(actor=SYSTEM, programme=f"referral:{made}", now=NOW + 5 * HOUR)

        assert economics.is_paused(f"referral:{made}")
        with pytest.raises(ReferralIsNotOpen):
            come(token, "13700137000", now=NOW + 5 * HOUR)


class TestProgress:
    def test_shows_ones_own_friends_without_names(self) -> None:
        made = programme(deed="visited")
        token = invited(made)
        first = come(token)
        come(token, "13800138002")
        actions.note_deed(actor=SYSTEM, customer_ids=[friend_of(first)], deed="visited", now=NOW)

        progress = queries.progress_of(token=token_of(inviter_id=Inviter.objects.get().pk, purpose=PROGRESS))

        assert [(state, own) for _at, state, own in progress.friends] == [("came", ""), ("done", "given")]
        assert (progress.done, progress.most, progress.token) == (1, 10, token)

    def test_an_erased_person_is_in_no_programme_any_more(self) -> None:
        made = programme()
        token = invited(made)
        invitation = come(token)

        actions.forget_people(actor=SYSTEM, customer_ids=[friend_of(invitation)], now=NOW)

        assert Invitation.objects.get().friend_id is None
        inviter = Inviter.objects.get()
        actions.forget_people(actor=SYSTEM, customer_ids=[int(inviter.customer_id or 0)], now=NOW)
        with pytest.raises(LinkIsWrong):
            queries.card_of(token=token)
