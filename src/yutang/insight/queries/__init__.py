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

__all__ = [
    "CohortMap",
    "CohortRow",
    "Dashboard",
    "Day",
    "Figures",
    "Period",
    "Scorecard",
    "ScoredPage",
    "ScoringRunView",
    "StageFlow",
    "Tile",
    "cohorts",
    "customers_in_stage",
    "dashboard",
    "latest_run",
    "score_of",
    "scored_customers",
    "scores_for",
    "stage_counts",
    "stage_flow",
]
