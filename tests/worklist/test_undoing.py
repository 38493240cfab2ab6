"""Taking back what was just done: by who did it, within ten minutes, and only the last change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry, Store
from yutang.foundation.sealing import seal
from yutang.worklist import actions
from yutang.worklist.models import Proposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(stores: dict[str, Store], now: datetime) -> Proposal:
    """A task that was put off before and has come back."""
    person = Customer.objects.create(sealed_profile=seal({"name": "张三"}), store=stores["xuhui"], first_seen_at=now)
    return Proposal.objects.create(
        kind="valuable_silent",
        dedupe_key="valuable_silent:1",
        customer=person,
        store=stores["xuhui"],
        reason={"template": "x", "values": {}},
        proposed_on=now.date(),
        due_at=now + timedelta(days=3),
        status="snoozed",
        snoozed_until=now.date(),
    )


def standing(task: Proposal) -> dict[str, Any]:
    columns = ("status", "snoozed_until", "due_at", "outcome", "outcome_note", "closed_at", "closed_by_id")
    return Proposal.objects.filter(pk=task.pk).values(*columns).get()


def done(actor: Actor, task: Proposal, now: datetime) -> None:
    actions.complete(actor=actor, proposal_id=task.pk, outcome="will_come", note="说好了", now=now)


def dismissed(actor: Actor, task: Proposal, now: datetime) -> None:
    actions.dismiss(actor=actor, proposal_id=task.pk, outcome="not_worth_it", now=now)


def put_off(actor: Actor, task: Proposal, now: datetime) -> None:
    actions.snooze(actor=actor, proposal_id=task.pk, until=date(2026, 4, 1), now=now)


@pytest.mark.parametrize("change", [done, dismissed, put_off])
class TestUndo:
    def test_stands_again_as_before(
        self, manager: Actor, task: Proposal, now: datetime, change: Callable[..., None]
    ) -> None:
        before = standing(task)
        change(manager, task, now)
        assert standing(task) != before

        actions.undo(actor=manager, proposal_id=task.pk, now=now + timedelta(minutes=9))

        assert standing(task) == before
        assert AuditEntry.objects.filter(action="worklist.undo").count() == 1

    def test_only_once_in_time_and_by_who_did_it(
        self, manager: Actor, owner: Actor, task: Proposal, now: datetime, change: Callable[..., None]
    ) -> None:
        change(manager, task, now)
        for actor, at in ((owner, now), (manager, now + timedelta(minutes=11))):
            with pytest.raises(actions.CannotBeUndone):
                actions.undo(actor=actor, proposal_id=task.pk, now=at)

        actions.undo(actor=manager, proposal_id=task.pk, now=now)
        with pytest.raises(actions.CannotBeUndone):
            actions.undo(actor=manager, proposal_id=task.pk, now=now)


class TestReach:
    def test_what_belongs_to_others_is_not_there(
        self, manager: Actor, owner: Actor, task: Proposal, stores: dict[str, Store], now: datetime
    ) -> None:
        done(owner, task, now)
        Proposal.objects.update(store=stores["tianhe"])

        with pytest.raises(actions.ProposalNotFound):
            actions.undo(actor=manager, proposal_id=task.pk, now=now)
