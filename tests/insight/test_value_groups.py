"""Groups of customers with models of their own: used where they foresee better, and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.test_queries_of_the_lake import AS_OF, Rows, days, is_sale, run
from tests.support.again import laid
from tests.support.commerce import NOW, MadeUp
from tests.support.lakes import write_lake
from tests.support.value import EAGER, SLOW, Habit, drawn_sales, make_two_regions
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.insight.actions import follow_new_orders
from yutang.insight.lake_reading import open_engine
from yutang.insight.methods import bg_nbd
from yutang.insight.models import CustomerValue, Score, ValueFit
from yutang.insight.organisation import VALUE_GROUPS_SETTING
from yutang.insight.queries import current_fit, latest_check, model_group_name, scores_for, value_of
from yutang.insight.value_actions import fit_values
from yutang.insight.value_groups import Choice, choose_models
from yutang.insight.value_models import foresight, foresight_by_models, value_models_of
from yutang.insight.valuing import Summary, fit_models, kept_form, purchase_summary

SYSTEM = Actor.system()
FROM = date(2022, 7, 1)
DAYS = 540
#: What the models may look at; the rest is the future.
ENDS = FROM + timedelta(days=400)


STORES = [{"store_id": 1, "region_id": 8}, {"store_id": 2, "region_id": 9}, {"store_id": 3}]
SHOPS = [{"shop_id": 1, "platform": "own"}, {"shop_id": 2, "platform": "taobao"}]


def lake_of(folder: Path, habits: tuple[Habit, Habit], *, customers: int, seed: int, slack_from: int = DAYS) -> Any:
    """A lake in which the customers of two regions buy by a habit of their own; in slack days every other sale is missing."""
    rows = []
    for half, habit in enumerate(habits):
        found = drawn_sales(habit, customers=customers, days=DAYS, seed=2 * seed + half)
        for who, day, total in zip(*(each.tolist() for each in found), strict=True):
            if day >= slack_from and total % 2:
                continue
            rows.append(
                {
                    "order_id": len(rows) + 1, "customer_id": 2 * who + half + 1, "store_id": half + 1, "shop_id": 1, "status": 40,
                    "business_date": FROM + timedelta(days=day), "currency": "CNY", "total_minor": total, "refunded_minor": 0,
                }
            )  # fmt: skip
    return write_lake(folder, {"orders_order": rows, "foundation_store": STORES, "orders_shop": SHOPS})


def chosen(engine: Any, *, by: str = "region", ends: date = ENDS) -> tuple[Summary, dict[str, Any], Choice, Any]:
    summary = purchase_summary(engine, calibration_end=ends, as_of=FROM + timedelta(days=DAYS), currency="CNY")
    choice, places = choose_models(engine, summary, by=by, begun=FROM, known_before=ends, currency="CNY")
    return summary, {name: kept_form(fit) for name, fit in fit_models(summary, currency="CNY").items()}, choice, places


class TestFirstPlaces:
    rows = st.lists(
        st.fixed_dictionaries(
            {
                "customer_id": st.one_of(st.none(), st.integers(1, 6)),
                "store_id": st.sampled_from([None, 1, 2, 3, 4]),
                "shop_id": st.sampled_from([1, 2]),
                "status": st.sampled_from([0, 40, 40, 50]),
                "business_date": st.one_of(st.none(), days),
            }
        ),
        max_size=40,
    ).map(lambda rows: [{**row, "order_id": len(rows) - place} for place, row in enumerate(rows)])

    @given(orders=rows, by=st.sampled_from(["region", "store", "platform"]))
    @settings(max_examples=30, deadline=None)
    def test_equal_row_by_row(self, orders: Rows, by: str) -> None:
        sales = defaultdict(list)
        for order in orders:
            if is_sale(order) and order["customer_id"] is not None and order["business_date"] < AS_OF:
                sales[order["customer_id"]].append(order)
        first = {key: min(found, key=lambda o: (o["business_date"], o["order_id"])) for key, found in sales.items()}
        regions = {1: "8", 2: "9"}
        told = {
            "region": lambda o: regions.get(o["store_id"], ""),
            "store": lambda o: str(o["store_id"]) if o["store_id"] in {1, 2, 3} else "",
            "platform": lambda o: {1: "own", 2: "taobao"}[o["shop_id"]],
        }[by]

        found = run(
            "insight.first_places",
            {"as_of": AS_OF, "by": by},
            orders_order=orders,
            foundation_store=STORES,
            orders_shop=SHOPS,
        )

        assert {row["customer_id"]: row["place"] for row in found} == {key: told(o) for key, o in first.items()}


class TestTwoHabits:
    @pytest.fixture(scope="class")
    @classmethod
    def found(cls, tmp_path_factory: pytest.TempPathFactory) -> Any:
        snapshot = lake_of(tmp_path_factory.mktemp("lake"), (EAGER, SLOW), customers=2_500, seed=1)
        with open_engine(snapshot) as engine:
            return chosen(engine)

    def test_own_models_win(self, found: Any) -> None:
        _, _, choice, _ = found

        assert {group.key for group in choice.groups} == {"region:8", "region:9"}
        for group in choice.groups:
            assert group.orders.outcome == "used"
            assert group.orders.duel.chance < 0.005
            assert group.orders.duel.own_error < group.orders.duel.other_error
        assert {group.key: group.spend.outcome for group in choice.groups}["region:9"] == "used"

    def test_own_models_are_the_truth_and_are_calibrated_on_days_that_nothing_saw(self, found: Any) -> None:
        summary, fits, choice, places = found
        models = value_models_of(fits, choice.as_json())
        days_ahead = DAYS - 400

        mixed = foresight_by_models(summary, models=models, places=places, days=days_ahead)
        alone = foresight(summary, model=models.shared.orders, days=days_ahead)

        for half, habit in enumerate((EAGER, SLOW)):
            group = next(one for one in choice.groups if one.key == f"region:{8 + half}").fits["bg_nbd"]
            for name, truth in (("r", habit.r), ("alpha", habit.alpha / 7)):
                assert group[name] == pytest.approx(truth, abs=4 * group["standard_errors"][name])
            people = summary.customer_id % 2 == 1 - half
            happened = summary.holdout[people]
            # Several orders of a day count as one, so that a little less happens than the truth has it.
            assert mixed.orders[people].sum() == pytest.approx(happened.sum(), rel=0.08)
            assert mixed.some[people].mean() == pytest.approx((happened > 0).mean(), abs=0.02)
            off = abs(alone.orders[people].sum() / happened.sum() - 1)
            assert off > 2 * abs(mixed.orders[people].sum() / happened.sum() - 1)

    def test_everybody_is_told_by_the_own_group(self, found: Any) -> None:
        summary, fits, choice, places = found
        models = value_models_of(fits, choice.as_json())

        mixed = foresight_by_models(summary, models=models, places=places, days=90)

        for half in (0, 1):
            people = np.flatnonzero(summary.customer_id % 2 == 1 - half)
            own = foresight(summary.of(people), model=models.of(f"region:{8 + half}").orders, days=90)
            assert (mixed.orders[people] == own.orders).all()
            assert (mixed.alive[people] == own.alive).all()

    def test_nothing_after_the_day_is_looked_at(self, tmp_path: Path) -> None:
        with open_engine(lake_of(tmp_path / "a", (EAGER, SLOW), customers=400, seed=3)) as engine:
            _, _, choice, _ = chosen(engine, ends=FROM + timedelta(days=380))
            orders = engine.snapshot
        with open_engine(orders) as engine:
            until = FROM + timedelta(days=380)
            summary = purchase_summary(engine, calibration_end=until, as_of=until, currency="CNY")
            again, _ = choose_models(engine, summary, by="region", begun=FROM, known_before=until, currency="CNY")

        assert again.groups == choice.groups


class TestOneHabit:
    def test_own_models_are_hardly_ever_chosen(self, tmp_path: Path) -> None:
        """One truth for both groups, 16 times two groups with two models each: chance alone chooses once in 20 times at most."""
        outcomes = []
        for seed in range(16):
            with open_engine(
                lake_of(tmp_path / str(seed), (Habit(), Habit()), customers=500, seed=100 + seed)
            ) as engine:
                _, _, choice, _ = chosen(engine)
            outcomes += [verdict.outcome for group in choice.groups for verdict in (group.orders, group.spend)]

        assert len(outcomes) == 64
        assert outcomes.count("used") <= 2
        assert outcomes.count("behind") > outcomes.count("chance")

    def test_a_slack_season_that_no_model_knows_chooses_none_either(self, tmp_path: Path) -> None:
        """Parameters that are off by chance foresee such days better or worse in everybody at once: luck, though significant."""
        outcomes, by_customers_alone = [], 0
        for seed in range(8):
            lake = lake_of(tmp_path / str(seed), (Habit(), Habit()), customers=1_500, seed=400 + seed, slack_from=200)
            with open_engine(lake) as engine:
                choice = chosen(engine)[2]
            outcomes += [group.orders.outcome for group in choice.groups]
            duels = [group.orders.duel for group in choice.groups if group.orders.duel]
            by_customers_alone += sum(each.is_better and each.gain > 2.24 * each.gain_error for each in duels)

        assert outcomes.count("used") <= 1
        assert by_customers_alone >= 3


class TestReasons:
    def test_one_group_short_spans_and_small_groups(self, tmp_path: Path) -> None:
        with open_engine(lake_of(tmp_path / "a", (Habit(), Habit()), customers=400, seed=7)) as engine:
            assert chosen(engine, by="platform")[2].reason == "one_group"
            assert chosen(engine, by="")[2].reason == "not_wanted"
            assert chosen(engine, ends=FROM + timedelta(days=170))[2].reason == "too_short"
        with open_engine(lake_of(tmp_path / "b", (Habit(), Habit()), customers=130, seed=8)) as engine:
            small = chosen(engine)[2]

        assert small.reason in {"", "cannot_check"}
        assert {group.orders.outcome for group in small.groups} <= {"few"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lake_folder")
class TestInTheStore:
    @pytest.fixture
    def followed(self) -> MadeUp:
        """Two regions whose orders were followed: with models, values, scores and a check."""

        def make() -> MadeUp:
            made = make_two_regions((EAGER, SLOW), customers=900)
            follow_new_orders(actor=SYSTEM, now=NOW)
            return made

        return laid("two regions that were followed", make)

    def test_values_chances_and_stages_come_from_the_own_models(self, followed: MadeUp) -> None:
        made = followed

        fit = current_fit()
        assert fit is not None
        keys = [f"region:{store.region_id}" for store in type(made.stores[0]).objects.order_by("id")]
        assert {group["key"] for group in fit.choice["groups"]} == set(keys)
        models = value_models_of(fit.fits, fit.choice)
        assert models.of(keys[0]).orders != models.of(keys[1]).orders
        halves = [{c.id for c in made.customers[:900]}, {c.id for c in made.customers[900:]}]
        for half, people in enumerate(halves):
            groups = set(CustomerValue.objects.filter(customer_id__in=people).values_list("model_group", flat=True))
            assert groups == {keys[half]}
        some = [*made.customers[:60], *made.customers[900:960]]
        cards = scores_for(access=SYSTEM, customer_ids=[c.id for c in some])
        checked = 0
        for half, customer in enumerate(some):
            card, value = cards.get(customer.id), value_of(access=SYSTEM, customer_id=customer.id)
            if card is None or value is None or card.p_alive is None:
                continue
            own = bg_nbd.p_alive(
                model=models.of(keys[half >= 60]).orders,
                x=np.array([card.order_days - 1]),
                t_x=np.array([(card.last_order_date - card.first_order_date).days / 7]),  # type: ignore[operator]
                T=np.array([(card.as_of - card.first_order_date).days / 7 - 1 / 7]),  # type: ignore[operator]
            )[0]
            assert value.p_alive == pytest.approx(own, abs=0.0001) == pytest.approx(card.p_alive, abs=0.0001)
            assert (card.stage == "lost") == (card.p_alive < 0.1)
            checked += 1
        assert checked > 50
        assert Score.objects.count() == 1_800
        assert str(model_group_name(keys[0], access=SYSTEM)) == "South"

    def test_the_check_is_kept_with_what_was_chosen(self, followed: MadeUp) -> None:
        check = latest_check()
        assert check is not None
        # Chosen from the earlier half alone, where the one or the other group may be too small.
        held_until = date.fromisoformat(check.choice["held_from"]) + timedelta(days=check.choice["held_days"])
        assert held_until == check.fitted_before < check.held_out_before
        assert len(check.choice["groups"]) == 2
        own = any("bg_nbd" in group["fits"] for group in check.choice["groups"])
        assert ("shared" in check.holdout) == own
        assert abs(check.holdout["bias"]) < 0.25
        assert check.checks["soon"]["gap"] < 0.08
        assert check.checks["soon"]["skill"] > 0.05
        assert sum(each["customers"] for each in check.checks["soon"]["bins"]) == check.customers
        held = [week for week in check.checks["weekly"] if week["is_held_out"]]
        assert sum(week["expected"] for week in held) == pytest.approx(sum(week["actual"] for week in held), rel=0.2)

    def test_groups_can_be_switched_off(self) -> None:
        make_two_regions((EAGER, SLOW), customers=300)
        change_setting(actor=SYSTEM, key=VALUE_GROUPS_SETTING.key, value="none", now=NOW)

        report = fit_values(actor=SYSTEM, now=NOW)

        assert report.choice["reason"] == "not_wanted"
        assert ValueFit.objects.get().choice == report.choice
