"""What the numbers of the message centre mean."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

MESSAGES = (
    Metric(
        "quota_people",
        N_("Customers without a place"),
        N_(
            "Customers who have had as many mass messages as WeCom delivers to one customer in the period, as far as is known here."
        ),
        formula=N_("Count of customers, each once"),
        source="now",
    ),
    Metric(
        "quota_groups",
        N_("Groups without a place"),
        N_("Groups that have had as many posts as WeCom delivers to one group in the period, as far as is known here."),
        formula=N_("Count of groups, each once"),
        source="now",
    ),
    Metric(
        "quota_minute",
        N_("Busiest call"),
        N_(
            "How much of its limit a minute the kind of call has used that is nearest to it. At the limit Yutang waits by itself."
        ),
        formula=N_("Calls within 60 seconds ÷ calls that are allowed"),
        source="now",
    ),
    Metric(
        "quota_closed",
        N_("Closed calls"),
        N_(
            "Kinds of calls that nobody makes now because WeCom said that there were too many: for a minute, then for an hour."
        ),
        formula=N_("Count"),
        source="now",
    ),
    Metric(
        "quota_handed",
        N_("Given to WeCom"),
        N_("Messages in the tasks that WeCom took on a day; what staff do not confirm does not go out."),
        formula=N_("Sum of the sizes of tasks"),
        source="now",
    ),
    Metric(
        "quota_calls",
        N_("Calls"),
        N_("How often WeCom was asked, by all processes of this machine together."),
        formula=N_("Count of calls within sliding windows"),
        source="now",
    ),
    Metric(
        "group_posts",
        N_("Posts in 30 days"),
        N_("Posts to the group that went out and did not fail."),
        formula=N_("Count of the last 30 days"),
        source="now",
    ),
)
