"""Drawing people and groups: once, for ever, whatever happens to the shares; and what is read of them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from tests.conftest import NOW
from yutang.customers.actions import merge_customers, undo_merge
from yutang.customers.models import Customer, Merge
from yutang.experiments import drawing, queries
from yutang.experiments.actions import (
    ExperimentHasEnded,
    ExperimentIsThere,
    ExperimentIsWrong,
    NoSuchExperiment,
    UnitIsAnother,
    begin_experiment,
    change_shares,
    draw_groups,
    draw_people,
    end_experiment,
    read_results,
)
from yutang.experiments.assignment import arms_of_people
from yutang.experiments.models import Assignment, Experiment, GroupMember, Reading
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry
from yutang.foundation.sealing import seal
from yutang.ingest.lake_sync import sync_lake
from yutang.orders.models import Order, OrderStatus, Shop

SYSTEM = Actor.system()
DAY = timedelta(days=1)
KEY = "campaign:summer"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_lake")]


def begin(**changes: Any) -> int:
    return begin_experiment(**{"actor": SYSTEM, "key": KEY, "title": "夏季唤醒", "now": NOW, **changes})


def draw(people: Any, *, at: Any = NOW) -> Any:
    return draw_people(actor=SYSTEM, key=KEY, customer_ids=people, now=at)


class TestDrawPeople:
    def test_falls_by_the_experiments_own_salt_and_is_kept_with_the_day(self) -> None:
        begin()

        found = draw(np.arange(1, 2_001))

        row = Experiment.objects.get()
        expected = arms_of_people(salt=bytes(row.salt), customer_ids=np.arange(1, 2_001), shares=[1_000, 9_000])
        assert found.arms.tolist() == expected.tolist()
        assert (found.codes, found.new) == (("held_out", "treated"), 2_000)
        assert found.is_held_out.sum() == Assignment.objects.filter(arm=0).count()
        assert set(Assignment.objects.values_list("assigned_at", "version")) == {(NOW, 0)}

    def test_whoever_asks_again_in_whatever_order_gets_the_same_answer_and_nothing_is_written(self) -> None:
        begin()
        first = draw([5, 3, 9, 700])

        again = draw([700, 9, 3, 5, 5], at=NOW + DAY)

        assert again.arms.tolist() == [first.arms[place] for place in (3, 2, 1, 0, 0)]
        assert again.new == 0
        assert Assignment.objects.count() == 4

    def test_a_change_of_shares_moves_nobody_and_holds_for_the_next(self) -> None:
        begin()
        before = draw(np.arange(1, 1_001))
        change_shares(actor=SYSTEM, key=KEY, held_out_percent=50, now=NOW + DAY)

        after = draw(np.arange(1, 3_001), at=NOW + 2 * DAY)

        assert after.arms[:1_000].tolist() == before.arms.tolist()
        assert 900 < (after.arms[1_000:] == 0).sum() < 1_100
        assert Counter(Assignment.objects.values_list("version", flat=True)) == {0: 1_000, 1: 2_000}

    def test_what_somebody_else_drew_meanwhile_stands(self) -> None:
        begin()
        row = Experiment.objects.get()
        asked = drawing.people_of(row, [1, 2])
        other = {"experiment": row, "customer_id": 2, "version": 0, "assigned_at": NOW, "assigned_date": NOW.date()}
        Assignment.objects.create(arm=7, **other)

        found = drawing.keep_people(row, asked, now=NOW)

        assert found.arms[1] == 7
        assert Assignment.objects.count() == 2

    def test_several_arms_share_what_is_not_held_out(self) -> None:
        begin(arms={"short": 1, "long": 2}, held_out_percent=10)

        found = draw(np.arange(1, 9_001))

        assert found.codes == ("held_out", "short", "long")
        assert np.bincount(found.arms) / 9_000 == pytest.approx([0.1, 0.3, 0.6], abs=0.02)

    def test_nobody_new_is_drawn_after_the_end_but_old_answers_stand(self) -> None:
        begin()
        first = draw([1, 2])
        end_experiment(actor=SYSTEM, key=KEY, now=NOW + DAY)

        assert draw([2, 1]).arms.tolist() == first.arms.tolist()[::-1]
        with pytest.raises(ExperimentHasEnded):
            draw([1, 2, 3])
        with pytest.raises(ExperimentHasEnded):
            end_experiment(actor=SYSTEM, key=KEY, now=NOW + DAY)
        assert queries.arms_of(access=SYSTEM, key=KEY, customer_ids=[2, 3]).tolist() == [first.arms[1], -1]

    def test_a_merged_person_keeps_the_arm_of_the_one_who_stays(self) -> None:
        begin()
        first, second, alone = (_sealed() for _ in range(3))
        arms = dict(zip((first, second, alone), draw([first, second, alone]).arms.tolist(), strict=True))

        merge_customers(actor=SYSTEM, first_id=first, second_id=second, now=NOW)
        merged = Merge.objects.get()
        assert draw([merged.winner_id]).arms.tolist() == [arms[merged.winner_id]]
        assert Assignment.objects.count() == 3
        undo_merge(actor=SYSTEM, merge_id=merged.pk, now=NOW)
        assert draw([first, second]).arms.tolist() == [arms[first], arms[second]]


class TestDrawGroups:
    def test_a_whole_group_falls_with_the_people_who_are_in_it_then(self) -> None:
        begin(unit="group", held_out_percent=30)
        groups = {f"wr{n}": [n, n + 1, n + 1, 500] for n in range(1, 41)}

        first = draw_groups(actor=SYSTEM, key=KEY, members=groups, now=NOW)
        again = draw_groups(actor=SYSTEM, key=KEY, members={"wr1": [], "wr41": [7]}, now=NOW + DAY)

        assert set(first.values()) == {"held_out", "treated"}
        assert again["wr1"] == first["wr1"]
        assert GroupMember.objects.filter(assignment__group_key="wr1").count() == 3
        assert GroupMember.objects.filter(assignment__group_key="wr41").count() == 1

    def test_people_and_groups_are_not_mixed(self) -> None:
        begin(unit="group")

        with pytest.raises(UnitIsAnother):
            draw([1])
        begin(key="campaign:people")
        with pytest.raises(UnitIsAnother):
            draw_groups(actor=SYSTEM, key="campaign:people", members={"a": []}, now=NOW)

    def test_no_new_group_after_the_end(self) -> None:
        begin(unit="group")
        kept = draw_groups(actor=SYSTEM, key=KEY, members={"a": [1]}, now=NOW)
        end_experiment(actor=SYSTEM, key=KEY, now=NOW)

        assert draw_groups(actor=SYSTEM, key=KEY, members={"a": [1]}, now=NOW) == kept
        with pytest.raises(ExperimentHasEnded):
            draw_groups(actor=SYSTEM, key=KEY, members={"a": [1], "b": [2]}, now=NOW)


class TestSettingUp:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("key", "summer"),
            ("key", "campaign:" + "x" * 60),
            ("key", "campaign:夏"),
            ("title", " "),
            ("title", "x" * 121),
            ("unit", "store"),
            ("held_out_percent", 0.5),
            ("held_out_percent", 96),
            ("arms", {"held_out": 1}),
            ("arms", {"A B": 1}),
            ("arms", {"a": 0}),
            ("arms", {"a": 1, "b": 99_999}),
            ("within_days", 0),
            ("within_days", 366),
            ("wanted_ratio", 0.0),
        ],
    )
    def test_what_cannot_be_is_refused_and_named(self, name: str, value: Any) -> None:
        with pytest.raises(ExperimentIsWrong) as refused:
            begin(**{name: value})

        assert refused.value.data["what"] == name
        assert not Experiment.objects.exists()

    def test_a_key_is_used_once(self) -> None:
        begin()

        with pytest.raises(ExperimentIsThere):
            begin()

    def test_arms_stay_what_they_were(self) -> None:
        begin(arms={"a": 1, "b": 1})

        with pytest.raises(ExperimentIsWrong):
            change_shares(actor=SYSTEM, key=KEY, held_out_percent=10, arms={"a": 1}, now=NOW)
        change_shares(actor=SYSTEM, key=KEY, held_out_percent=20, now=NOW)
        assert list(Experiment.objects.get().shares().items()) == [("held_out", 2_000), ("a", 4_000), ("b", 4_000)]

    def test_the_same_shares_again_are_no_change(self) -> None:
        begin()
        change_shares(actor=SYSTEM, key=KEY, held_out_percent=10, now=NOW)

        assert len(Experiment.objects.get().versions) == 1

    def test_it_takes_who_sends_messages_and_is_written_down(self, operator: Actor, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            begin(actor=manager)
        begin(actor=operator)
        change_shares(actor=operator, key=KEY, held_out_percent=20, now=NOW)
        end_experiment(actor=operator, key=KEY, now=NOW)

        told = AuditEntry.objects.filter(subject_type="experiment").order_by("pk")
        assert [(one.action, one.subject_id) for one in told] == [
            ("experiments.begin", KEY),
            ("experiments.change_shares", KEY),
            ("experiments.end", KEY),
        ]

    def test_there_is_none_of_another_key(self) -> None:
        with pytest.raises(NoSuchExperiment):
            draw([1])

    def test_seeing_them_takes_the_permission(self, manager: Actor) -> None:
        with pytest.raises(NotAllowed):
            queries.experiments(access=manager)


def sell(people: list[int], *, at: Any, minor: int = 10_000) -> None:
    shop, _made = Shop.objects.get_or_create(platform="till", name="")
    known = Order.objects.count()
    Order.objects.bulk_create(
        Order(
            shop=shop,
            number=f"E{known + place}",
            customer_id=person,
            status=OrderStatus.COMPLETED,
            placed_at=at,
            business_date=at.date(),
            currency="CNY",
            total_minor=minor,
            content_digest=b"",
        )
        for place, person in enumerate(people)
    )
    from yutang.ingest.journal import touch

    touch("orders_order", {at.strftime("%Y-%m")}, now=at)


class TestReadingResults:
    def test_a_planted_effect_is_found_from_draw_to_result(self) -> None:
        # Of those held out 10 in 100 buy within the days, of the others every third; orders are known for 40 days.
        begin(held_out_percent=40)
        people = [row.pk for row in Customer.objects.bulk_create(_blank() for _ in range(1_000))]
        found = draw(people)
        buyers = [
            person
            for arm, one_in in ((0, 10), (1, 3))
            for person in np.array(people)[found.arms == arm].tolist()[::one_in]
        ]
        sell(buyers, at=NOW + 5 * DAY)
        sell(people[:1], at=NOW + 40 * DAY)
        sync_lake(now=NOW + 41 * DAY)

        read = read_results(actor=SYSTEM, now=NOW + 41 * DAY)

        result = queries.latest_result(access=SYSTEM, key=KEY)
        assert read == 1
        assert result is not None
        bought = result.of("bought")[0].effect
        assert bought is not None
        held, rest = (found.arms == arm for arm in (0, 1))
        expected = -(-rest.sum() // 3) / rest.sum() - -(-held.sum() // 10) / held.sum()
        assert bought.difference.raw == pytest.approx(expected)
        assert bought.verdict == "more"
        assert result.arms[0].units + result.arms[1].units == 1_000
        worth = result.worth[0]
        value = result.of("value")[0].effect
        assert value is not None
        assert worth.minor == round(value.value * rest.sum())
        # Drawn on one day, 30 days after it: 31 days.
        assert worth.a_week(worth.minor) == round(worth.minor / (31 / 7))
        again = queries.result_now(access=SYSTEM, key=KEY, now=NOW + 41 * DAY)
        assert (again.arms, again.missing, again.shares_check) == (result.arms, result.missing, result.shares_check)
        assert again.worth[0].low_minor == pytest.approx(worth.low_minor, abs=1)

    def test_who_was_drawn_too_lately_is_not_counted_yet(self) -> None:
        begin()
        people = [row.pk for row in Customer.objects.bulk_create(_blank() for _ in range(300))]
        draw(people)
        sell(people[:5], at=NOW + 30 * DAY)

        read_results(actor=SYSTEM, now=NOW + 31 * DAY)
        early = queries.latest_result(access=SYSTEM, key=KEY)
        sell(people[:1], at=NOW + 31 * DAY)
        read_results(actor=SYSTEM, now=NOW + 32 * DAY)
        later = queries.latest_result(access=SYSTEM, key=KEY)

        assert early is not None
        assert later is not None
        # Orders are known to the 30th day, so that the window is over; one day earlier it was not.
        assert sum(arm.units for arm in early.arms) == 300
        as_of = (NOW + 30 * DAY).date()
        before = queries.result_now(access=SYSTEM, key=KEY, as_of=as_of, now=NOW + 32 * DAY)
        assert sum(arm.units for arm in before.arms) == 0
        assert before.missing.least == 100
        assert [one.effect for one in before.measures] == [None] * len(before.measures)
        assert Reading.objects.count() == 2

    def test_what_is_long_over_is_not_read_again(self) -> None:
        begin()
        end_experiment(actor=SYSTEM, key=KEY, now=NOW)

        assert read_results(actor=SYSTEM, now=NOW + 61 * DAY) == 0


def _sealed() -> int:
    return Customer.objects.create(sealed_profile=seal({"name": "张三"}), first_seen_at=NOW - 200 * DAY).pk


def _blank() -> Customer:
    return Customer(sealed_profile=b"", first_seen_at=NOW - 200 * DAY)
