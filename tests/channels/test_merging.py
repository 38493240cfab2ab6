"""When two records turn out to be one person, what both had counts together."""

from __future__ import annotations

import pytest

from tests.channels.conftest import Made
from tests.conftest import NOW
from yutang.channels.actions import Message, claim_to_send, plan_touch
from yutang.channels.handlers import count_places_of_both
from yutang.channels.models import Decision, QuotaUse, Touch
from yutang.customers.events import MergeUndone
from yutang.customers.merging import move_holdings
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.ingest.models import TouchedPartition

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


def test_messages_of_both_count_for_the_one_that_stays(person: Made) -> None:
    winner, loser = person(value_days_ago=()), person(value_days_ago=())
    for someone in (winner, loser):
        message = Message(key=f"k{someone}", channel="wecom", intent="value", customer_id=someone)
        plan_touch(actor=SYSTEM, message=message, now=NOW)
    assert claim_to_send(actor=SYSTEM, key=f"k{winner}", now=NOW).may_send
    TouchedPartition.objects.all().delete()

    move_holdings({loser: winner}, now=NOW)
    Customer.objects.filter(pk=loser).update(merged_into=winner)

    assert set(Touch.objects.values_list("customer_id", flat=True)) == {winner}
    assert set(Decision.objects.values_list("customer_id", flat=True)) == {winner}
    assert TouchedPartition.objects.filter(table="channels_touch", partition="2026-03").exists()
    assert claim_to_send(actor=SYSTEM, key=f"k{loser}", now=NOW).decision.reason == "person_day"
    asked = Message(key="new", channel="sms", intent="service", customer_id=loser)
    assert plan_touch(actor=SYSTEM, message=asked, now=NOW).decision.reason == "person_week"
    assert QuotaUse.objects.get().customer_id == winner


def test_who_stands_alone_again_keeps_the_places_of_what_went_out_to_them(person: Made) -> None:
    winner, loser = person(value_days_ago=()), person(value_days_ago=())
    message = Message(key="k", channel="wecom", intent="value", customer_id=winner)
    plan_touch(actor=SYSTEM, message=message, now=NOW)
    assert claim_to_send(actor=SYSTEM, key="k", now=NOW).may_send
    # As the undoing of a merge leaves it: the message was the other's before the two were one.
    Touch.objects.update(customer=loser)

    for _again in range(2):
        count_places_of_both(MergeUndone(1, winner, loser), event_id=1, now=NOW)

    assert {row.customer_id: row.used for row in QuotaUse.objects.all()} == {winner: 1, loser: 1}
