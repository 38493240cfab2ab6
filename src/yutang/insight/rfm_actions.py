"""Changes that concern grades: by what customers are graded, and the people of a cell as a table that leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from yutang.customers.queries import customer_rows
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.foundation.audit import audit
from yutang.foundation.models import Job, JobStatus
from yutang.insight.queries.rfm import GradedCustomer, RfmAsked, names_of_groups, rfm_customers
from yutang.insight.rfm import RFM_SETTING, RfmRules, rfm_rules, rules_from
from yutang.insight.tasks import follow_orders
from yutang.kit.money import from_minor
from yutang.kit.spreadsheets import safe_cell
from yutang.kit.text import N_, Sentence

#: People whose records are read together.
_AT_ONCE = 1_000
#: More than any shop has.
_EVERYBODY = 2_000_000_000
_TITLES = (
    N_("Number"),
    N_("Name"),
    N_("Store"),
    N_("Graded among"),
    N_("Recency grade (R)"),
    N_("Frequency grade (F)"),
    N_("Money grade (M)"),
    N_("Days since the last order"),
    N_("Orders"),
    N_("Spent"),
    N_("Currency"),
    N_("Last order"),
    N_("As of"),
)


@dataclass(frozen=True)
class GradedExport:
    """The customers of some cells as rows of a table, names masked as every screen shows them."""

    access: Actor
    as_of: date | None
    currency: str
    rules: RfmRules
    customers: Sequence[GradedCustomer]

    def rows(self, say: Callable[[Sentence], str]) -> Iterator[list[str]]:
        """Yield the header and a row a customer; `say` speaks the sentences among the cells."""
        yield [say(Sentence(title)) for title in _TITLES]
        known = names_of_groups(access=self.access, rules=self.rules, keys={one.group_key for one in self.customers})
        groups = {key: name if isinstance(name, str) else say(name) for key, name in known.items()}
        last = str(self.as_of - timedelta(days=1)) if self.as_of else ""
        for start in range(0, len(self.customers), _AT_ONCE):
            batch = self.customers[start : start + _AT_ONCE]
            people = customer_rows(access=self.access, ids=[one.customer_id for one in batch])
            for one in batch:
                person = people.get(one.customer_id)
                if person is None:
                    continue
                name = person.name if isinstance(person.name, str) else say(person.name)
                cells = [str(one.customer_id), name, person.store_name, groups[one.group_key]]
                grades = [one.r, one.f, one.m, one.recency_days, one.orders]
                spent = from_minor(one.spend_minor, currency=self.currency)
                yield [
                    safe_cell(str(cell)) for cell in (*cells, *grades, spent, self.currency, one.last_order_date, last)
                ]


@transaction.atomic
def change_rfm_rules(*, actor: Actor, changes: Mapping[str, Any], now: datetime) -> RfmRules:
    """Change by what customers are graded, and ask for everybody to be scored anew.

    Args:
        actor: needs ``staff.manage``.
        changes: what becomes different, ``{name of a part of RfmRules: value}``.
        now: when. Aware UTC.

    Raises:
        GradingIsUnknown: a word is unknown.
        ThresholdsAreWrong: thresholds do not rise, or are not four.
    """
    actor.require("staff.manage")
    rules = rules_from({**rfm_rules().as_json(), **changes})
    change_setting(actor=actor, key=RFM_SETTING.key, value=rules.as_json(), now=now)
    if not Job.objects.filter(task_path=follow_orders.module_path, status=JobStatus.WAITING).exists():
        jobs.enqueue(follow_orders, {}, now=now)
    return rules


def export_graded(
    *,
    actor: Actor,
    today: date,
    rs: Sequence[int],
    fs: Sequence[int],
    asked: RfmAsked,
    limit: int | None = None,
    now: datetime,
) -> GradedExport:
    """Return the customers of some cells as rows of a table, and write down that they left.

    Args:
        actor: needs ``segments.export``.
        today: the present business day.
        rs: grades of recency.
        fs: grades of frequency.
        asked: as of when, and of whom.
        limit: only so many, who spent most first. Count; None: all.
        now: when. Aware UTC.
    """
    actor.require("segments.export")
    found = rfm_customers(access=actor, today=today, rs=rs, fs=fs, asked=asked, limit=limit or _EVERYBODY)
    detail = {"r": list(rs), "f": list(fs), "as_of": str(found.as_of), "customers": len(found.customers)}
    audit(actor=actor, action="insight.export_rfm", detail=detail, now=now)
    return GradedExport(actor, found.as_of, found.currency, rfm_rules(), found.customers)
