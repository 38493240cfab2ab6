"""Playbooks give coupons: once, within the budget, and the next message names the code of the one that they gave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import code_of, give, kind
from tests.journeys.conftest import SYSTEM, Started, enter, message, tick
from yutang.coupons import actions as coupons
from yutang.coupons.models import Coupon
from yutang.coupons.queries import kind_named
from yutang.coupons.refusals import NoSuchCouponKind
from yutang.journeys import actions
from yutang.journeys.bodies import bodies_of_steps
from yutang.journeys.models import Passage, Version
from yutang.journeys.reading import DefinitionIsWrong

pytestmark = pytest.mark.django_db
GIFT = {"id": "gift", "do": "coupon", "coupon": "welcome20"}
WORDS = "您的券码 {{优惠券码}}，{{ coupon_until }}前可用。"


def said(playbook_id: int, people: list[int]) -> dict[int, str]:
    """Return what people read in the step after the gift."""
    version = Version.objects.get(playbook_id=playbook_id)
    reference = f"playbook:{version.pk}:tell"
    found = bodies_of_steps(reference=reference, channel="wecom", customer_ids=people, group_keys=["g"], now=NOW)
    return {receiver: body.text for receiver, body in found.items()}  # type: ignore[misc]


class TestCouponStep:
    def test_gives_once_and_the_message_after_it_names_the_code(
        self, started: Started, person: Callable[..., int]
    ) -> None:
        kind(per_person=5)
        people = [person(), person()]
        playbook = started(GIFT, message("tell", words=WORDS))
        enter(playbook, *people)
        tick()
        tick()

        given = {one.customer_id: one for one in Coupon.objects.filter(campaign=f"playbook:{playbook}")}
        assert sorted(given) == people
        # Another coupon that comes later is not the one that the playbook speaks of.
        give("welcome20", people[0], now=NOW + timedelta(minutes=5))
        assert said(playbook, people) == {
            one: f"您的券码 {code_of(given[one].pk)}，2026-04-10前可用。" for one in people
        }

    def test_who_has_none_goes_on_and_is_not_written_to(self, started: Started, person: Callable[..., int]) -> None:
        kind(pieces=1)
        people = [person(), person()]
        playbook = started(GIFT, message("tell", words=WORDS))
        enter(playbook, *people)
        tick()

        outcomes = (
            Passage.objects.filter(step="gift").order_by("enrolment__customer_id").values_list("outcome", flat=True)
        )
        assert sorted(outcomes) == ["done", "unable"]
        holder = Coupon.objects.get().customer_id
        assert list(said(playbook, people)) == [holder]

    def test_a_fall_back_is_read_by_who_has_none_left(self, started: Started, person: Callable[..., int]) -> None:
        kind()
        someone = person()
        playbook = started(GIFT, message("tell", words="券码：{{coupon_code|到店告诉您}}"))
        enter(playbook, someone)
        tick()
        coupons.take_back_coupon(actor=SYSTEM, coupon_id=Coupon.objects.get().pk, reason="发错了", now=NOW)

        assert said(playbook, [someone]) == {someone: "券码：到店告诉您", "g": "券码：到店告诉您"}

    def test_a_closed_kind_lets_people_go_on_without_one(self, started: Started, person: Callable[..., int]) -> None:
        made = kind_named(access=SYSTEM, code=kind()).id
        playbook = started(GIFT)
        coupons.close_kind(actor=SYSTEM, kind_id=made, now=NOW)
        enter(playbook, person())

        report = tick()

        assert (report.moved, report.ended, Coupon.objects.count()) == (1, 1, 0)

    def test_is_refused_at_the_start_where_there_is_no_such_kind(self, started: Started) -> None:
        with pytest.raises(NoSuchCouponKind):
            started(GIFT)

    def test_words_with_a_variable_that_there_is_not_are_refused_with_their_place(self) -> None:
        definition = {"format": 1, "trigger": {"kind": "hand"}, "steps": [message("tell", words="{{ coupon }}")]}

        with pytest.raises(DefinitionIsWrong) as refused:
            actions.create_playbook(actor=SYSTEM, name="x", definition=definition, now=NOW)

        assert refused.value.data["place"] == "tell.words"
