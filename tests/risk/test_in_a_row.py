"""Gifts for many on one phone: who collects them is looked at, a family that shows the phone round is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.referral.conftest import coupons, invited, programme
from tests.risk.conftest import SYSTEM, ask, people, sell
from yutang.referral import actions, queries
from yutang.referral.refusals import TakeItSlowly
from yutang.risk.actions import put_in_force, save_rules
from yutang.risk.asks import Judgement, Verdict
from yutang.risk.ready_rules import READY

__all__ = ["coupons"]
pytestmark = pytest.mark.django_db
ALLOW, SLOW, REVIEW = Verdict.ALLOW, Verdict.SLOW, Verdict.REVIEW


def taken(persons: list[int], *, every: timedelta, kind: str = "referral") -> list[Judgement]:
    """Let people take gifts on one device, one after the other, and return what the guard says."""
    return [ask(one, kind=kind, device="phone", at=NOW + at * every) for at, one in enumerate(persons)]


def verdicts(found: list[Judgement]) -> list[Verdict]:
    return [one.verdict for one in found]


class TestGiftsOnOneDevice:
    @pytest.mark.parametrize("kind", ["referral", "coupon"])
    def test_six_within_a_minute_are_two(self, kind: str) -> None:
        found = taken(people(6), every=timedelta(seconds=10), kind=kind)

        assert verdicts(found) == [ALLOW, ALLOW, SLOW, REVIEW, REVIEW, REVIEW]
        assert [one.reasons[0].code for one in found[2:4]] == ["device_row", "device_row_hour"]

    def test_without_the_rules_of_rows_five_of_them_get_it(self) -> None:
        rows = [one for one in READY["rules"] if not one["code"].startswith("device_row")]
        version = save_rules(actor=SYSTEM, body={**READY, "rules": rows}, note="", now=NOW)
        put_in_force(actor=SYSTEM, version=version, now=NOW)

        assert verdicts(taken(people(6), every=timedelta(seconds=10))) == [ALLOW] * 5 + [REVIEW]

    def test_who_paces_it_is_looked_at_from_the_fifth_of_a_day_on(self) -> None:
        found = taken(people(6), every=timedelta(minutes=50))

        assert verdicts(found) == [ALLOW, ALLOW, ALLOW, ALLOW, REVIEW, REVIEW]
        assert found[4].reasons[0].code == "device_row_day"

    @pytest.mark.parametrize("size", [3, 4])
    def test_a_family_over_a_day_is_let_through(self, size: int) -> None:
        assert verdicts(taken(people(size), every=timedelta(hours=3))) == [ALLOW] * size

    def test_the_third_of_a_family_at_the_counter_waits_and_is_let_through(self) -> None:
        first, second, third = people(3)
        taken([first, second], every=timedelta(minutes=1))
        at, key = NOW + timedelta(minutes=2), "third"

        slowed = ask(third, kind="referral", device="phone", key=key, at=at)
        later = ask(third, kind="referral", device="phone", key=key, at=at + timedelta(seconds=slowed.wait_seconds))

        assert (slowed.verdict, later.verdict) == (SLOW, ALLOW)

    def test_customers_who_bought_do_not_count(self) -> None:
        persons = people(6)
        for one in persons[:4]:
            sell(one)

        assert verdicts(taken(persons, every=timedelta(seconds=10))) == [ALLOW] * 6

    def test_places_that_are_paid_are_not_gifts(self) -> None:
        assert verdicts(taken(people(5), every=timedelta(seconds=10), kind="seat")) == [ALLOW] * 5


@pytest.mark.usefixtures("coupons")
def test_one_phone_takes_no_six_invitations_in_a_row() -> None:
    token, states = invited(programme()), []
    for number in range(6):
        now = NOW + timedelta(seconds=10 * number)
        try:
            one = actions.accept_invitation(
                actor=SYSTEM, token=token, phone=f"1380013800{number}", device="phone", now=now
            )
        except TakeItSlowly as refusal:
            states.append(f"slow {refusal.data['minutes']}")
        else:
            states.append(queries.invitation_view(access=SYSTEM, invitation_id=one).state)

    assert states == ["came", "came", "slow 5", "held", "held", "held"]
