"""Every read of the room that others may use."""

from yutang.insight.methods.causes import FORMULAS, PARTS, Formula
from yutang.insight.methods.decomposition import METHODS, Method
from yutang.insight.queries.behind import NOBODY_BEHIND, CustomerChange, CustomersBehind, customers_behind
from yutang.insight.queries.change import (
    Comparison,
    FiguresAreBehind,
    GroupChange,
    PeriodsCannotBeCompared,
    SalesChange,
    UnknownBreakdown,
    period_a_year_before,
    period_before,
    sales_change,
)
from yutang.insight.queries.cohorts import CohortMap, CohortRow, cohorts
from yutang.insight.queries.dashboard import Dashboard, Day, Figures, Period, Tile, dashboard
from yutang.insight.queries.groups import GROUPINGS, Grouping
from yutang.insight.queries.next_things import NextProduct, NextThings, next_products, next_things_for
from yutang.insight.queries.paid_traffic import KEPT_DAYS, ChannelTraffic, TrafficCost, traffic_cost
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
from yutang.insight.queries.second_orders import FIRST_BY, SPAN_DAYS, CohortGroup, ComingBack, FirstBy, coming_back

__all__ = [
    "FIRST_BY",
    "FORMULAS",
    "GROUPINGS",
    "KEPT_DAYS",
    "METHODS",
    "NOBODY_BEHIND",
    "PARTS",
    "SPAN_DAYS",
    "ChannelTraffic",
    "CohortGroup",
    "CohortMap",
    "CohortRow",
    "ComingBack",
    "Comparison",
    "CustomerChange",
    "CustomersBehind",
    "Dashboard",
    "Day",
    "Figures",
    "FiguresAreBehind",
    "FirstBy",
    "Formula",
    "GroupChange",
    "Grouping",
    "Method",
    "NextProduct",
    "NextThings",
    "Period",
    "PeriodsCannotBeCompared",
    "SalesChange",
    "Scorecard",
    "ScoredPage",
    "ScoringRunView",
    "StageFlow",
    "Tile",
    "TrafficCost",
    "UnknownBreakdown",
    "cohorts",
    "coming_back",
    "customers_behind",
    "customers_in_stage",
    "dashboard",
    "latest_run",
    "next_products",
    "next_things_for",
    "period_a_year_before",
    "period_before",
    "sales_change",
    "score_of",
    "scored_customers",
    "scores_for",
    "stage_counts",
    "stage_flow",
    "traffic_cost",
]
