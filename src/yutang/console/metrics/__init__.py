"""What every number of the console means: the one registry from which tiles, tables and charts take their explanations."""

from __future__ import annotations

from yutang.console.metrics.business import BUSINESS
from yutang.console.metrics.campaigns import CAMPAIGNS
from yutang.console.metrics.codes import CODES
from yutang.console.metrics.communities import COMMUNITIES
from yutang.console.metrics.contact import CONTACT
from yutang.console.metrics.contents import CONTENTS
from yutang.console.metrics.coupons import COUPONS
from yutang.console.metrics.experiments import EXPERIMENTS
from yutang.console.metrics.foreseen import FORESEEN
from yutang.console.metrics.groupbuy import GROUPBUY
from yutang.console.metrics.growth import GROWTH
from yutang.console.metrics.guard import GUARD
from yutang.console.metrics.messages import MESSAGES
from yutang.console.metrics.metric import FRESHNESS, Metric
from yutang.console.metrics.organisation import ORGANISATION
from yutang.console.metrics.people import PEOPLE
from yutang.console.metrics.programs import PROGRAMS
from yutang.console.metrics.visits import VISITS
from yutang.console.metrics.wecom import WECOM
from yutang.kit.registry import Registry

__all__ = ["FRESHNESS", "METRICS", "Metric"]

METRICS: Registry[Metric] = Registry(what="numbers of the console", name_of=lambda one: one.code)

for _metric in (
    *BUSINESS,
    *PEOPLE,
    *FORESEEN,
    *CAMPAIGNS,
    *CODES,
    *COMMUNITIES,
    *CONTACT,
    *CONTENTS,
    *COUPONS,
    *EXPERIMENTS,
    *GUARD,
    *GROWTH,
    *GROUPBUY,
    *MESSAGES,
    *ORGANISATION,
    *PROGRAMS,
    *VISITS,
    *WECOM,
):
    METRICS.register(_metric)
