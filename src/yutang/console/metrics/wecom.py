"""What the numbers about WeCom mean."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

_MONTH = N_("Count of the last 30 days")

WECOM = (
    Metric(
        "wecom_welcomed",
        N_("Welcomed in 30 days"),
        N_("Newcomers who got the welcome message within the 20 seconds that WeCom gives."),
        formula=_MONTH,
        source="now",
    ),
    Metric(
        "wecom_waiting",
        N_("Waiting"),
        N_("News of WeCom that are kept and not yet settled; usually none for longer than a few seconds."),
        source="now",
    ),
    Metric(
        "wecom_given_up",
        N_("Given up"),
        N_("News of WeCom that could not be settled in any try. The full look of the night finds what they told."),
        source="now",
    ),
    Metric(
        "wecom_friends",
        N_("Friends"),
        N_("Friendships that last: member of staff and customer have each other. Who is a friend of two counts twice."),
        source="now",
    ),
    Metric(
        "wecom_lost",
        N_("Lost in 30 days"),
        N_("Customers who deleted the member of staff."),
        formula=_MONTH,
        source="now",
    ),
    Metric(
        "wecom_deleted",
        N_("Deleted in 30 days"),
        N_("Customers whom the member of staff deleted. Many within a short time are an alarm."),
        formula=_MONTH,
        source="now",
    ),
    Metric(
        "wecom_members", N_("Customers in the group"), N_("Customers who are in it now, staff left out."), source="now"
    ),
    Metric(
        "wecom_joined", N_("Came in 30 days"), N_("Customers who came into the group."), formula=_MONTH, source="now"
    ),
    Metric(
        "wecom_left",
        N_("Went in 30 days"),
        N_("Customers who left the group or were taken out of it."),
        formula=_MONTH,
        source="now",
    ),
    Metric(
        "wecom_came",
        N_("Came"),
        N_("Customers whose latest way to one of your staff was this code."),
        formula=N_("Count of customers, each once"),
        source="now",
    ),
    Metric("wecom_stayed", N_("Still friends"), N_("Those of them who are friends now."), source="now"),
)
