"""Odds of filling: told from similar groups only, with an interval that holds, and nothing where little is known."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.groupbuy.conftest import SYSTEM, campaign, join, pay, people, start
from yutang.groupbuy import actions, odds, queries
from yutang.groupbuy.models import Course
from yutang.groupbuy.odds import Counted, course_of, odds_of, point_of


class TestOdds:
    def test_says_nothing_below_twenty_groups(self) -> None:
        assert odds_of(own=Counted(19, 19), all_campaigns=Counted(19, 19)).share is None

    def test_of_an_old_offer_are_its_own(self) -> None:
        told = odds_of(own=Counted(1_000, 800), all_campaigns=Counted(6_000, 1_800))

        assert told.share == pytest.approx(0.8, abs=0.02)

    def test_of_a_new_offer_are_those_of_the_others_and_less_sure(self) -> None:
        told = odds_of(own=Counted(), all_campaigns=Counted(5_000, 1_500))

        assert told.share == pytest.approx(0.3, abs=0.02)
        assert told.low is not None
        assert told.high is not None
        assert 0.1 < told.low < told.share < told.high < 0.5

    def test_the_known_interval_of_a_beta(self) -> None:
        """Beta(58.5, 42.5) by its normal approximation: mean .5792, standard deviation .0489."""
        told = odds_of(own=Counted(100, 58), all_campaigns=Counted(100, 58))

        assert told.share == pytest.approx(58.5 / 101)
        assert (told.low, told.high) == (
            pytest.approx(0.5792 - 1.2816 * 0.0489, abs=0.003),
            pytest.approx(0.5792 + 1.2816 * 0.0489, abs=0.003),
        )

    def test_the_interval_holds_the_truth_as_often_as_it_says(self) -> None:
        chance, held, rounds = random.Random(3), 0, 400
        for _ in range(rounds):
            truth = chance.random()
            filled = sum(chance.random() < truth for _ in range(60))
            told = odds_of(own=Counted(60, filled), all_campaigns=Counted(60, filled))
            held += bool(told.low is not None and told.high is not None and told.low <= truth <= told.high)

        assert 0.75 <= held / rounds <= 0.86


class TestCourses:
    def test_a_group_is_compared_with_none_that_had_more_time(self) -> None:
        assert point_of(timedelta(hours=3)) == 120
        assert point_of(timedelta(minutes=14)) is None

    def test_a_course_tells_who_was_in_at_each_point(self) -> None:
        ends = NOW + timedelta(hours=4)
        paid = [
            (NOW, None),
            (NOW + timedelta(hours=1), NOW + timedelta(hours=2, minutes=30)),
            (NOW + timedelta(hours=3, minutes=10), None),
        ]

        found = dict(course_of(NOW, ends, None, paid))

        assert found == {240: 1, 120: 2, 60: 1, 30: 2, 15: 2}

    @pytest.mark.django_db
    def test_ended_groups_are_counted_once_and_told_on_the_page(self) -> None:
        made = campaign(stock=1_000)
        later = NOW + timedelta(hours=25)
        for number in range(20):
            captain, friend = people(2)
            seat = pay(start(captain))
            if number % 4:
                pay(join(seat.group, friend, now=NOW + timedelta(hours=5)), now=NOW + timedelta(hours=5))
        actions.end_groups(actor=SYSTEM, now=later)

        assert actions.count_courses(actor=SYSTEM, now=later) == 20
        assert actions.count_courses(actor=SYSTEM, now=later) == 0
        at_start = Course.objects.filter(size=2, members=1, minutes_left=1440)
        assert sorted(at_start.values_list("campaign_id", "groups", "filled")) == [(0, 20, 15), (made.pk, 20, 15)]

        living = pay(start(people(1)[0], now=later), now=later)
        view = queries.group_at_link(code=living.group.code, now=later)
        assert view.odds is not None
        assert view.odds.groups == 20
        assert view.odds.share == pytest.approx(15.5 / 21)
        assert odds.SURE == 0.80
