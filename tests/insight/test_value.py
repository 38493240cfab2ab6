"""Fitting, valuing and staging customers, from the orders in the store to what is kept."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from tests.support.again import laid
from tests.support.commerce import NOW, MadeUp, make_ground, make_orders, touch_whole
from tests.support.value import FIRST, make_faithful
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry
from yutang.ingest.lake_sync import lake_status, sync_lake, the_lake
from yutang.insight.actions import follow_new_orders, score_customers
from yutang.insight.lake_reading import open_engine
from yutang.insight.models import CustomerValue, Score, ScoringRun, StageChange, ValueFit, ValueRun
from yutang.insight.queries import (
    current_fit,
    latest_check,
    latest_value_run,
    most_valuable,
    score_of,
    scores_for,
    value_fifth_people,
    value_fifths,
    value_movers,
    value_of,
    value_spread,
)
from yutang.insight.value_actions import (
    DayOutOfRange,
    NoModelIsFitted,
    bring_values_up_to_date,
    export_values,
    fit_values,
    score_values,
    validate_values,
)
from yutang.insight.valuing import (
    ModelDoesNotFit,
    SpanIsTooShort,
    TooFewRepeatBuyers,
    TooFewWithSpend,
    fit_models,
    purchase_summary,
)
from yutang.orders.models import Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lake_folder")]

SYSTEM = Actor.system()


@pytest.fixture
def made() -> MadeUp:
    return laid("faithful customers", lambda: make_faithful(customers=600))


def kept_values() -> list[tuple[object, ...]]:
    return list(CustomerValue.objects.order_by("customer_id").values_list())


class TestFitValues:
    def test_keeps_models_that_are_close_to_the_truth(self, made: MadeUp) -> None:
        report = fit_values(actor=SYSTEM, now=NOW)

        fit = report.fits["bg_nbd"]
        assert fit["converged"]
        assert fit["r"] == pytest.approx(0.8, abs=4 * fit["standard_errors"]["r"])
        assert fit["alpha"] == pytest.approx(50 / 7, abs=4 * fit["standard_errors"]["alpha"])
        assert set(report.fits) == {"bg_nbd", "gamma_gamma"}
        kept = current_fit()
        assert kept is not None
        assert (kept.id, kept.fits, kept.refusal, kept.customers) == (report.fit_id, report.fits, None, 600)

    def test_what_holds_something_out_is_checked_and_does_not_become_the_model(self, made: MadeUp) -> None:
        report = fit_values(actor=SYSTEM, calibration_end=FIRST + timedelta(days=250), now=NOW)

        assert current_fit() is None
        assert report.holdout["actual"] > 0
        assert abs(report.holdout["bias"]) < 0.25
        assert report.holdout["mae"] < report.holdout["naive"]["as_before"]["mae"]
        assert report.holdout["correlation"] > 0.4

    def test_knows_nothing_of_days_after_the_one_asked_for(self, made: MadeUp) -> None:
        day = FIRST + timedelta(days=250)
        before = fit_values(actor=SYSTEM, as_of=day, now=NOW)
        Order.objects.filter(business_date__gte=day).delete()
        touch_whole("orders_order")

        after = fit_values(actor=SYSTEM, as_of=day, now=NOW)

        assert after.fits == before.fits
        assert after.customers == before.customers < 600

    @pytest.mark.parametrize("days", [-5, 0, 400])
    def test_refuses_a_day_with_nothing_before_or_after_it(self, made: MadeUp, days: int) -> None:
        with pytest.raises(DayOutOfRange):
            fit_values(actor=SYSTEM, calibration_end=FIRST + timedelta(days=days), now=NOW)


class TestRefusals:
    def test_say_how_many_repeat_buyers_are_missing_and_are_kept(self) -> None:
        make_faithful(customers=60)

        with pytest.raises(TooFewRepeatBuyers) as refusal:
            fit_values(actor=SYSTEM, now=NOW)

        told = refusal.value.data
        assert told["missing"] == 100 - told["repeaters"] > 0
        fit = current_fit()
        assert fit is not None
        assert (fit.fits, fit.refusal) == ({}, refusal.value.sentence)

    def test_say_how_many_days_are_missing(self) -> None:
        make_faithful(customers=60, days=40)

        with pytest.raises(SpanIsTooShort) as refusal:
            fit_values(actor=SYSTEM, now=NOW)

        assert refusal.value.data["missing"] == 90 - refusal.value.data["days"]

    def test_say_that_there_is_nothing(self) -> None:
        with pytest.raises(SpanIsTooShort):
            fit_values(actor=SYSTEM, now=NOW)

    def test_say_that_nobody_spends_in_the_currency(self, made: MadeUp) -> None:
        sync_lake(now=NOW)
        with open_engine(the_lake().snapshot()) as engine:
            day = FIRST + timedelta(days=360)
            summary = purchase_summary(engine, calibration_end=day, as_of=day, currency="USD")

        with pytest.raises(TooFewWithSpend):
            fit_models(summary, currency="USD")

    def test_say_that_a_model_does_not_fit(self) -> None:
        made = make_ground(customers=150)
        Order.objects.bulk_create(
            Order(
                shop=made.shop, number=f"{k}-{c.pk}", customer=c, status=40, business_date=FIRST + timedelta(days=30 * k),
                currency="CNY", total_minor=10_000, content_digest=b"",
            )
            for c in made.customers
            for k in range(6)
        )  # fmt: skip
        touch_whole("orders_order")

        with pytest.raises(ModelDoesNotFit):
            fit_values(actor=SYSTEM, now=NOW)

    def test_values_need_a_model(self, made: MadeUp) -> None:
        with pytest.raises(NoModelIsFitted):
            score_values(actor=SYSTEM, now=NOW)
        with pytest.raises(NoModelIsFitted):
            export_values(actor=SYSTEM, now=NOW)


class TestScoreValues:
    def test_values_everybody_with_an_order_and_the_same_the_second_time(self, made: MadeUp) -> None:
        fit_values(actor=SYSTEM, now=NOW)
        first = score_values(actor=SYSTEM, now=NOW)
        values = kept_values()
        second = score_values(actor=SYSTEM, now=NOW)

        assert first.customers == 600 == CustomerValue.objects.count()
        assert second.value_minor == first.value_minor == sum(v.value_minor for v in CustomerValue.objects.all())
        assert kept_values() == values
        assert lake_status().waiting == 0
        for value in CustomerValue.objects.all():
            assert 0 <= value.p_alive <= 1
            assert value.low_minor <= value.value_minor
            assert value.orders_30 <= value.orders_90 <= value.orders_365
            assert value.next_from_date is None or first.as_of <= value.next_from_date <= value.next_order_date

    def test_money_and_orders_agree(self, made: MadeUp) -> None:
        fit_values(actor=SYSTEM, now=NOW)
        score_values(actor=SYSTEM, now=NOW)

        for value in CustomerValue.objects.filter(orders_365__gt=0.5):
            assert value.value_minor == pytest.approx(value.order_minor * value.orders_365, rel=1e-3)

    def test_forgets_who_was_merged_or_has_no_order_any_more(self, made: MadeUp) -> None:
        fit_values(actor=SYSTEM, now=NOW)
        score_values(actor=SYSTEM, now=NOW)
        gone, merged = made.customers[3], made.customers[-1]
        Order.objects.filter(customer=gone).delete()
        Customer.objects.filter(id=merged.id).update(merged_into=made.customers[4])
        for table in ("orders_order", "customers_customer"):
            touch_whole(table)

        score_values(actor=SYSTEM, now=NOW)

        assert CustomerValue.objects.count() == 598
        assert not CustomerValue.objects.filter(customer_id__in=[gone.id, merged.id]).exists()

    def test_compares_with_thirty_days_earlier(self, made: MadeUp) -> None:
        fit_values(actor=SYSTEM, now=NOW)
        run = score_values(actor=SYSTEM, now=NOW)
        now = {v.customer_id: v.before_minor for v in CustomerValue.objects.all()}

        score_values(actor=SYSTEM, as_of=run.since, now=NOW)

        earlier = {v.customer_id: v.value_minor for v in CustomerValue.objects.all()}
        assert {key: value for key, value in now.items() if value is not None} == earlier

    def test_a_trial_fit_as_of_another_day_moves_only_the_values_of_that_day(self, made: MadeUp) -> None:
        fit_values(actor=SYSTEM, now=NOW)
        regular = score_values(actor=SYSTEM, now=NOW)
        day = regular.as_of - timedelta(days=60)

        trial = fit_values(actor=SYSTEM, as_of=day, now=NOW)

        assert score_values(actor=SYSTEM, now=NOW).value_minor == regular.value_minor
        score_values(actor=SYSTEM, as_of=day, now=NOW)
        assert ValueRun.objects.order_by("-id")[0].fit_id == trial.fit_id

    def test_a_day_that_has_not_come_is_refused(self, made: MadeUp) -> None:
        with pytest.raises(DayOutOfRange):
            fit_values(actor=SYSTEM, as_of=NOW.date() + timedelta(days=30), now=NOW)

    def test_models_that_cannot_be_carried_any_more_take_the_values_with_them(self, made: MadeUp) -> None:
        assert bring_values_up_to_date(actor=SYSTEM, now=NOW) is not None
        Order.objects.filter(customer__in=made.customers[50:]).delete()
        touch_whole("orders_order")
        with pytest.raises(TooFewRepeatBuyers):
            fit_values(actor=SYSTEM, now=NOW)

        assert bring_values_up_to_date(actor=SYSTEM, now=NOW) is None
        assert CustomerValue.objects.count() == 0
        assert latest_value_run() is None


class TestQueries:
    def test_most_valuable_first_within_reach(self, made: MadeUp) -> None:
        bring_values_up_to_date(actor=SYSTEM, now=NOW)
        store = made.stores[1].id
        manager = Actor(staff_id=1, role="store_manager", store_ids=frozenset({store}), label="m")
        other = next(c for c in made.customers if c.store_id == made.stores[0].id)

        everybody, own = most_valuable(access=SYSTEM, limit=None), most_valuable(access=manager, limit=10)

        assert [card.value_minor for card in everybody] == sorted((c.value_minor for c in everybody), reverse=True)
        assert {card.store_id for card in own} == {store}
        assert [card.customer_id for card in own] == [c.customer_id for c in everybody if c.store_id == store][:10]
        assert value_of(access=manager, customer_id=other.id) is None
        assert value_of(access=SYSTEM, customer_id=other.id) is not None

    def test_exports_are_noted(self, made: MadeUp) -> None:
        bring_values_up_to_date(actor=SYSTEM, now=NOW)

        assert len(export_values(actor=SYSTEM, limit=7, now=NOW)) == 7
        assert AuditEntry.objects.filter(action="insight.export_values").get().detail == {"customers": 7}


class TestSpread:
    def test_curve_and_bands_hold_everybody_and_all_value(self, made: MadeUp) -> None:
        bring_values_up_to_date(actor=SYSTEM, now=NOW)
        values = sorted(CustomerValue.objects.values_list("value_minor", flat=True), reverse=True)

        found = value_spread(access=SYSTEM)

        assert found is not None
        assert (found.customers, found.value_minor) == (600, sum(values))
        assert sum(band.customers for band in found.bands) == 600
        assert sum(band.value_minor for band in found.bands) == sum(values)
        for band, above in itertools.pairwise(found.bands):
            assert band.customers == sum(band.from_minor <= value < above.from_minor for value in values)
        assert found.curve[0] == 0
        assert found.curve[100] == pytest.approx(1)
        assert found.share_of_top(20) == pytest.approx(sum(values[:120]) / sum(values))

    def test_fifths_hold_everybody_and_all_value(self, made: MadeUp) -> None:
        follow_new_orders(actor=SYSTEM, now=NOW)
        values = sorted(CustomerValue.objects.all(), key=lambda one: (-one.value_minor, one.customer_id))

        found = value_fifths(access=SYSTEM)

        assert [each.customers for each in found] == [120] * 5
        for each in found:
            among = values[120 * each.fifth : 120 * (each.fifth + 1)]
            assert each.value_minor == sum(one.value_minor for one in among)
            assert each.lowest_minor == among[-1].value_minor
            assert each.orders == pytest.approx(sum(one.orders_365 for one in among) / 120)
            assert each.p_alive == pytest.approx(sum(one.p_alive for one in among) / 120)
            scores = Score.objects.filter(customer_id__in=[one.customer_id for one in among])
            assert each.order_days == pytest.approx(sum(one.order_days for one in scores) / 120)
            assert each.in_danger == scores.filter(stage__in=["at_risk", "asleep"]).count()

    def test_the_people_of_a_fifth_are_those_whom_it_counts(self, made: MadeUp) -> None:
        follow_new_orders(actor=SYSTEM, now=NOW)
        fifths = value_fifths(access=SYSTEM)

        for each in fifths:
            first = value_fifth_people(access=SYSTEM, fifth=each.fifth, limit=70)
            second = value_fifth_people(access=SYSTEM, fifth=each.fifth, after=first.next_key, limit=70)
            found = [one.spend_minor or 0 for one in (*first.buyers, *second.buyers)]
            danger = value_fifth_people(access=SYSTEM, fifth=each.fifth, in_danger=True)
            assert (first.count, len(found), second.next_key) == (each.customers, each.customers, None)
            assert (first.spend_minor, sum(found), found[-1]) == (each.value_minor, each.value_minor, each.lowest_minor)
            assert found == sorted(found, reverse=True)
            assert danger.count == each.in_danger

    def test_a_manager_sees_the_own_stores(self, made: MadeUp) -> None:
        bring_values_up_to_date(actor=SYSTEM, now=NOW)
        store = made.stores[1].id
        manager = Actor(staff_id=1, role="store_manager", store_ids=frozenset({store}), label="m")

        found = value_spread(access=manager)

        own = CustomerValue.objects.filter(store_id=store)
        assert found is not None
        assert found.value_minor == sum(own.values_list("value_minor", flat=True))
        assert {mover.customer_id for mover in value_movers(access=manager)} <= set(
            own.values_list("customer_id", flat=True)
        )

    def test_movers_are_those_that_changed_most(self, made: MadeUp) -> None:
        bring_values_up_to_date(actor=SYSTEM, now=NOW)
        changes = sorted(
            (v.value_minor - v.before_minor for v in CustomerValue.objects.exclude(before_minor=None)), reverse=True
        )

        found = [mover.change_minor for mover in value_movers(access=SYSTEM, per_side=5)]

        assert found == [*changes[:5], *changes[-5:]]

    def test_nothing_is_spread_without_values(self, made: MadeUp) -> None:
        sync_lake(now=NOW)

        assert value_spread(access=SYSTEM) is None
        assert value_movers(access=SYSTEM) == ()


class TestStagesByAModel:
    def test_a_shop_with_a_model_tells_stages_and_reasons_by_it(self, made: MadeUp) -> None:
        follow_new_orders(actor=SYSTEM, now=NOW)

        run = ScoringRun.objects.get()
        cards = scores_for(access=SYSTEM, customer_ids=[c.id for c in made.customers])
        assert run.value_fit_id == ValueFit.objects.get(held_out_before=None).pk
        for card in cards.values():
            assert (card.p_alive is None) == (card.order_days < 2)
            if card.p_alive is not None:
                assert f"the chance to be a customer still is {round(100 * card.p_alive)}%" in str(card.reason)
                assert (card.stage == "lost") == (card.p_alive < 0.1)
        assert {"loyal", "growing", "new"} <= {card.stage for card in cards.values()}

    def test_score_and_value_tell_the_same_chance(self, made: MadeUp) -> None:
        follow_new_orders(actor=SYSTEM, now=NOW)

        for customer in made.customers[:50]:
            score, value = (
                score_of(access=SYSTEM, customer_id=customer.id),
                value_of(access=SYSTEM, customer_id=customer.id),
            )
            if score is not None and value is not None and score.p_alive is not None:
                assert value.p_alive == pytest.approx(score.p_alive, abs=0.0001)

    def test_a_shop_without_a_model_goes_by_the_rules_of_thumb(self) -> None:
        make_orders(make_ground(customers=60), seed=5, n=300)

        follow_new_orders(actor=SYSTEM, now=NOW)

        assert ScoringRun.objects.get().value_fit is None
        assert Score.objects.exclude(stage="prospect").exists()

    def test_steps_between_stages_are_kept_once(self, made: MadeUp) -> None:
        bring_values_up_to_date(actor=SYSTEM, now=NOW)
        score_customers(actor=SYSTEM, as_of=FIRST + timedelta(days=300), now=NOW)
        before = dict(Score.objects.values_list("customer_id", "stage"))
        report = score_customers(actor=SYSTEM, now=NOW)
        score_customers(actor=SYSTEM, now=NOW)

        after = dict(Score.objects.values_list("customer_id", "stage"))
        steps = {s.customer_id: (s.from_stage, s.to_stage, s.as_of) for s in StageChange.objects.all()}
        assert steps == {
            key: (before[key], stage, report.as_of)
            for key, stage in after.items()
            if key in before and before[key] != stage
        }
        assert steps


class TestValidateValues:
    def test_weeks_and_groups_add_up_to_what_happened(self, made: MadeUp) -> None:
        ends = FIRST + timedelta(days=250)

        found = validate_values(actor=SYSTEM, calibration_end=ends, now=NOW)

        assert found.report.held_out_before is not None
        held_out = [week for week in found.checks.weeks if week.is_held_out]
        assert 0 < sum(week.actual for week in held_out) <= found.report.holdout["actual"]
        assert sum(group.actual * group.customers for group in found.checks.by_frequency) == pytest.approx(
            found.report.holdout["actual"]
        )
        assert sum(group.expected * group.customers for group in found.checks.by_frequency) == pytest.approx(
            found.report.holdout["expected"]
        )
        last = found.checks.weeks[-1]
        assert last.actual_sum == sum(week.actual for week in found.checks.weeks)
        assert last.expected_sum == pytest.approx(last.actual_sum, rel=0.15)
        assert all(isinstance(week.ends_on, date) for week in found.checks.weeks)

    def test_what_is_asked_for_without_days_is_kept_for_the_screens(self, made: MadeUp) -> None:
        validate_values(actor=SYSTEM, calibration_end=FIRST + timedelta(days=250), now=NOW)
        assert latest_check() is None

        regular = validate_values(actor=SYSTEM, now=NOW)
        validate_values(actor=SYSTEM, calibration_end=FIRST + timedelta(days=250), now=NOW)

        kept = latest_check()
        assert kept is not None
        assert (kept.checks, kept.holdout) == (regular.checks.as_json(), regular.report.holdout)
        assert kept.fitted_before == regular.report.known_before

    def test_chances_are_told_of_everybody(self, made: MadeUp) -> None:
        found = validate_values(actor=SYSTEM, now=NOW)

        soon, alive = found.checks.soon, found.checks.alive
        assert soon is not None
        assert alive is not None
        assert (soon.customers, alive.customers) == (found.report.customers, found.report.repeaters)
        assert sum(each.customers for each in soon.bins) == soon.customers
        assert soon.brier < soon.brier_constant
        assert soon.gap < 0.08
