"""Events: recorded with the change, delivered at least once."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import transaction

from tests.foundation import event_samples
from tests.foundation.event_samples import FishCaught, NetTorn
from yutang.foundation.jobs import run_worker
from yutang.foundation.models import Job, OutboxEvent, Setting
from yutang.foundation.outbox import record

pytestmark = pytest.mark.django_db(transaction=True)


def test_reaches_its_handler_once_as_it_was_recorded(now: datetime) -> None:
    event_samples.heard.clear()
    event = FishCaught(fish_id=7, at=now, on=date(2026, 3, 11), tags=("锦鲤", "large"))
    event_id = record(event, now=now)

    run_worker(until_idle=True, schedules=False)
    run_worker(until_idle=True, schedules=False)

    assert event_samples.heard == [(event_id, event)]
    assert OutboxEvent.objects.filter(delivered_at=None).count() == 0


def test_is_gone_with_the_transaction(now: datetime) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        record(FishCaught(fish_id=1, at=now, on=now.date()), now=now)
        raise RuntimeError

    assert not OutboxEvent.objects.exists()
    assert not Job.objects.exists()


def test_wakes_one_delivery_for_many_events(now: datetime) -> None:
    for number in range(10):
        record(FishCaught(fish_id=number, at=now, on=now.date()), now=now)

    assert Job.objects.count() == 1


def test_keeps_nothing_of_a_delivery_that_failed_and_tries_again(now: datetime) -> None:
    record(NetTorn(net_id=3), now=now)
    record(FishCaught(fish_id=1, at=now, on=now.date()), now=now)

    run_worker(until_idle=True, schedules=False)

    torn = OutboxEvent.objects.get(kind__endswith="NetTorn")
    assert (torn.attempts, torn.delivered_at) == (1, None)
    assert not Setting.objects.exists()
    assert OutboxEvent.objects.filter(delivered_at=None).count() == 1


def test_refuses_what_cannot_be_written_down(now: datetime) -> None:
    with pytest.raises(TypeError):
        record({"kind": "loose"}, now=now)
    with pytest.raises(TypeError):
        record(FishCaught(fish_id=object(), at=now, on=now.date()), now=now)  # type: ignore[arg-type]
