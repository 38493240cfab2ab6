"""Every read of the room that others may use."""

from yutang.insight.queries.cohorts import CohortMap, CohortRow, cohorts
from yutang.insight.queries.dashboard import Dashboard, Day, Figures, Period, Tile, dashboard
from yutang.insight.queries.scores import (
    Scorecard,
    ScoredPage,
    ScoringRunView,
    StageFlow,
    customers_in_stage,
    latest_run,
    score_of,
    scored_customers,
    scores_for,
    stage_counts,
    stage_flow,
)
from yutang.insight.queries.value import (
    ValueCard,
    ValueFitView,
    ValueRunView,
    current_fit,
    expected_orders_soon,
    latest_value_run,
    most_valuable,
    value_of,
)
from yutang.insight.queries.value_spread import Band, Mover, ValueSpread, value_movers, value_spread

__all__ = [
    "Band",
    "CohortMap",
    "CohortRow",
    "Dashboard",
    "Day",
    "Figures",
    "Mover",
    "Period",
    "Scorecard",
    "ScoredPage",
    "ScoringRunView",
    "StageFlow",
    "Tile",
    "ValueCard",
    "ValueFitView",
    "ValueRunView",
    "ValueSpread",
    "cohorts",
    "current_fit",
    "customers_in_stage",
    "dashboard",
    "expected_orders_soon",
    "latest_run",
    "latest_value_run",
    "most_valuable",
    "score_of",
    "scored_customers",
    "scores_for",
    "stage_counts",
    "stage_flow",
    "value_movers",
    "value_of",
    "value_spread",
]
