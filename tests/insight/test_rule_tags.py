from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.support.commerce import NOW, MadeUp, make_ground
from yutang.customers.actions import change_tag, create_tag, create_tag_group
from yutang.customers.models import CustomerTag
from yutang.foundation.access import Actor
from yutang.foundation.jobs import run_inline
from yutang.foundation.models import Job
from yutang.foundation.outbox import deliver_events
from yutang.insight.models import Score, ScoringRun
from yutang.insight.rule_tags import refresh_rule_tags
from yutang.insight.tasks import give_rule_tags

pytestmark = pytest.mark.django_db(transaction=True)

SYSTEM = Actor.system()
DAY = date(2024, 7, 1)


@pytest.fixture
def made() -> MadeUp:
    """Three scored people: a loyal big spender, a loyal small one, a lost big one."""
    made = make_ground(customers=3)
    for customer, stage, spend, silent in zip(
        made.customers, ("loyal", "loyal", "lost"), (900_00, 100_00, 900_00), (5, 5, 300), strict=True
    ):
        last = DAY - timedelta(days=silent)
        Score.objects.create(
            customer=customer,
            stage=stage,
            spend_minor=spend,
            orders=3,
            order_days=3,
            first_order_date=last,
            last_order_date=last,
        )
    ScoringRun.objects.create(
        as_of=DAY,
        lake_version="1",
        currency="CNY",
        customers=3,
        changed=3,
        typical_days=30,
        started_at=NOW,
        finished_at=NOW,
        flows_since=DAY,
    )
    return made


def tag(rule: list[dict[str, object]]) -> int:
    group = create_tag_group(actor=SYSTEM, name="经营", now=NOW)
    return create_tag(actor=SYSTEM, group_id=group, name="老铁", rule={"all": rule}, now=NOW)


def carriers(tag_id: int) -> list[int]:
    return list(CustomerTag.objects.filter(tag_id=tag_id).order_by("customer_id").values_list("customer_id", flat=True))


class TestTagsByRule:
    def test_exactly_those_of_whom_every_condition_holds_carry_the_tag(self, made: MadeUp) -> None:
        tag_id = tag(
            [
                {"field": "stage", "is": "in", "value": ["loyal", "growing"]},
                {"field": "spend_minor", "is": "at_least", "value": 500_00},
                {"field": "days_since_last_order", "is": "at_most", "value": 30},
            ]
        )

        counts = refresh_rule_tags(actor=SYSTEM, now=NOW)

        assert carriers(tag_id) == [made.customers[0].pk]
        assert counts == {"given": 1, "lost": 0}

    def test_who_no_longer_fits_loses_it(self, made: MadeUp) -> None:
        tag_id = tag([{"field": "spend_minor", "is": "at_least", "value": 500_00}])
        refresh_rule_tags(actor=SYSTEM, now=NOW)
        Score.objects.filter(customer=made.customers[0]).update(spend_minor=1)

        counts = refresh_rule_tags(actor=SYSTEM, now=NOW)

        assert carriers(tag_id) == [made.customers[2].pk]
        assert counts["lost"] == 1


class TestAChangedRule:
    def test_is_followed_without_a_new_scoring(self, made: MadeUp) -> None:
        tag_id = tag([{"field": "spend_minor", "is": "at_least", "value": 500_00}])
        work()
        before = carriers(tag_id)

        rule = {"all": [{"field": "spend_minor", "is": "at_most", "value": 500_00}]}
        change_tag(actor=SYSTEM, tag_id=tag_id, name="小客", rule=rule, expires_after_days=None, now=NOW)
        work()

        assert before == [made.customers[0].pk, made.customers[2].pk]
        assert carriers(tag_id) == [made.customers[1].pk]


def work() -> None:
    """Deliver the events that wait, and give the tags they ask for."""
    for path in (deliver_events.module_path, give_rule_tags.module_path):
        for job in Job.objects.filter(task_path=path, status="waiting"):
            run_inline(job.pk)
