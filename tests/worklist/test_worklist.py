from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from yutang.customers.models import Customer
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.actions import change_setting
from yutang.foundation.models import AuditEntry, Staff, Store
from yutang.ingest.models import Import, QuarantinedRow
from yutang.kit.text import Sentence
from yutang.worklist.actions import (
    Draft,
    NoteIsTooLong,
    OutcomeIsUnknown,
    ProposalIsClosed,
    ProposalNotFound,
    SnoozeIsWrong,
    complete,
    dismiss,
    lapse,
    propose,
    snooze,
    wake,
)
from yutang.worklist.import_problems import import_problem_drafts
from yutang.worklist.models import Proposal, ProposalStatus
from yutang.worklist.queries import proposal, proposals_about, today_counts, today_for

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system()
KIND = "valuable_silent"


@pytest.fixture
def customer(stores: dict[str, Store], now: datetime) -> Customer:
    return Customer.objects.create(sealed_profile=b"", store=stores["xuhui"], first_seen_at=now)


@pytest.fixture
def draft(customer: Customer) -> Draft:
    return Draft(
        kind=KIND,
        dedupe_key=f"{KIND}:{customer.id}:2026-01-01",
        reason=Sentence("No order for %(silent_days)s days.", {"silent_days": 95}),
        rank=500,
        customer_id=customer.id,
        store_id=customer.store_id,
        subject={"room": "customers", "id": customer.id},
    )


def only() -> Proposal:
    return Proposal.objects.get()


class TestPropose:
    def test_gives_the_store_manager_a_reason_and_a_deadline(
        self, draft: Draft, manager_staff: Staff, operator_staff: Staff, now: datetime
    ) -> None:
        report = propose(actor=SYSTEM, drafts=[draft], now=now)

        row = only()
        assert report.proposed == 1
        assert row.owner == manager_staff
        assert row.proposed_on == date(2026, 3, 11)
        assert row.due_at.isoformat() == "2026-03-14T16:00:00+00:00"
        assert str(Sentence.from_json(row.reason)) == "No order for 95 days."

    def test_proposes_the_same_reason_once_also_after_it_was_done(
        self, draft: Draft, manager: Actor, now: datetime
    ) -> None:
        propose(actor=SYSTEM, drafts=[draft], now=now)
        complete(actor=manager, proposal_id=only().id, outcome="will_come", now=now)

        report = propose(actor=SYSTEM, drafts=[draft, draft], now=now)

        assert (report.proposed, Proposal.objects.count()) == (0, 1)

    def test_gives_an_owner_to_what_was_proposed_before_there_was_staff(
        self, draft: Draft, manager_staff: Staff, now: datetime
    ) -> None:
        Staff.objects.update(is_active=False)
        propose(actor=SYSTEM, drafts=[draft], now=now)
        assert only().owner is None
        Staff.objects.filter(pk=manager_staff.pk).update(is_active=True)

        report = propose(actor=SYSTEM, drafts=[draft], now=now)

        assert (report.proposed, only().owner) == (0, manager_staff)

    def test_counts_what_was_done_today_into_the_day(
        self, draft: Draft, manager: Actor, owner: Actor, now: datetime
    ) -> None:
        change_setting(actor=owner, key="worklist.most_a_day", value=3, now=now)
        drafts = [replace(draft, dedupe_key=f"{KIND}:{i}", rank=i) for i in range(5)]
        propose(actor=SYSTEM, drafts=drafts, now=now)
        best = Proposal.objects.order_by("-rank")[0]
        complete(actor=manager, proposal_id=best.id, outcome="ordered", now=now)

        same_day = propose(actor=SYSTEM, drafts=drafts, now=now)
        next_day = propose(actor=SYSTEM, drafts=drafts, now=now + timedelta(days=1))

        assert (same_day.proposed, same_day.beyond) == (0, 2)
        assert next_day.proposed == 1
        assert set(Proposal.objects.values_list("rank", flat=True)) == {4, 3, 2, 1}

    def test_needs_the_permission(self, draft: Draft, now: datetime) -> None:
        analyst = Actor(staff_id=1, role="analyst", store_ids=None, label="a")
        with pytest.raises(NotAllowed):
            propose(actor=analyst, drafts=[draft], now=now)


class TestComplete:
    def test_keeps_outcome_note_and_who(self, draft: Draft, manager: Actor, now: datetime) -> None:
        propose(actor=SYSTEM, drafts=[draft], now=now)

        complete(actor=manager, proposal_id=only().id, outcome="will_come", note="周末来", now=now)

        row = only()
        assert (row.status, row.outcome, row.outcome_note) == (ProposalStatus.DONE, "will_come", "周末来")
        assert (row.closed_at, row.closed_by_id) == (now, manager.staff_id)
        assert AuditEntry.objects.get(action="worklist.done").subject_id == str(row.id)

    def test_refuses_the_second_time(self, draft: Draft, manager: Actor, now: datetime) -> None:
        propose(actor=SYSTEM, drafts=[draft], now=now)
        complete(actor=manager, proposal_id=only().id, outcome="will_come", now=now)

        with pytest.raises(ProposalIsClosed):
            dismiss(actor=manager, proposal_id=only().id, outcome="other", now=now)

    def test_refuses_an_unknown_outcome_and_a_long_note(self, draft: Draft, manager: Actor, now: datetime) -> None:
        propose(actor=SYSTEM, drafts=[draft], now=now)

        with pytest.raises(OutcomeIsUnknown):
            complete(actor=manager, proposal_id=only().id, outcome="other", now=now)
        with pytest.raises(NoteIsTooLong):
            complete(actor=manager, proposal_id=only().id, outcome="will_come", note="长" * 301, now=now)
        assert only().status == ProposalStatus.OPEN

    def test_hides_other_stores(self, draft: Draft, manager: Actor, stores: dict[str, Store], now: datetime) -> None:
        propose(actor=SYSTEM, drafts=[replace(draft, store_id=stores["tianhe"].id)], now=now)

        with pytest.raises(ProposalNotFound):
            complete(actor=manager, proposal_id=only().id, outcome="will_come", now=now)


class TestSnooze:
    def test_comes_back_on_its_day_with_a_later_deadline(self, draft: Draft, manager: Actor, now: datetime) -> None:
        propose(actor=SYSTEM, drafts=[draft], now=now)

        snooze(actor=manager, proposal_id=only().id, until=date(2026, 3, 20), now=now)

        assert today_counts(access=manager, now=now).snoozed == 1
        assert today_for(access=manager, now=now).groups == ()
        later = now + timedelta(days=9)
        assert today_for(access=manager, now=later).counts.open == 1
        assert wake(actor=SYSTEM, now=later) == 1
        assert only().status == ProposalStatus.OPEN
        assert only().due_at.isoformat() == "2026-03-20T16:00:00+00:00"

    def test_refuses_today_and_next_year(self, draft: Draft, manager: Actor, now: datetime) -> None:
        propose(actor=SYSTEM, drafts=[draft], now=now)

        for day in (date(2026, 3, 11), date(2027, 1, 1)):
            with pytest.raises(SnoozeIsWrong):
                snooze(actor=manager, proposal_id=only().id, until=day, now=now)


class TestLapse:
    def test_takes_off_what_no_longer_holds_and_what_is_too_late(self, draft: Draft, now: datetime) -> None:
        drafts = [replace(draft, dedupe_key=f"{KIND}:{i}") for i in range(3)]
        propose(actor=SYSTEM, drafts=drafts, now=now)

        gone = lapse(actor=SYSTEM, kind=KIND, holding={f"{KIND}:0", f"{KIND}:1"}, now=now)
        later = lapse(actor=SYSTEM, kind=KIND, holding={f"{KIND}:0", f"{KIND}:1"}, now=now + timedelta(days=30))

        assert (gone, later) == (1, 2)
        assert set(Proposal.objects.values_list("status", flat=True)) == {ProposalStatus.LAPSED}


class TestToday:
    def test_groups_by_kind_with_the_most_at_stake_first(
        self, draft: Draft, owner: Actor, manager: Actor, now: datetime
    ) -> None:
        thanks = replace(draft, kind="first_order_thanks", dedupe_key="first_order_thanks:1")
        drafts = [thanks, *[replace(draft, dedupe_key=f"{KIND}:{i}", rank=i) for i in range(4)]]
        propose(actor=SYSTEM, drafts=drafts, now=now)

        board = today_for(access=owner, now=now, limit=2)

        assert [(group.kind.code, group.total) for group in board.groups] == [("first_order_thanks", 1), (KIND, 4)]
        assert [item.rank for item in board.groups[1].items] == [3, 2]
        assert board.counts.open == 5
        assert board.counts.by_kind == {"first_order_thanks": 1, KIND: 4}

    def test_tells_what_is_overdue_and_what_was_done(self, draft: Draft, manager: Actor, now: datetime) -> None:
        propose(actor=SYSTEM, drafts=[draft, replace(draft, dedupe_key=f"{KIND}:2")], now=now)
        later = now + timedelta(days=5)
        complete(actor=manager, proposal_id=Proposal.objects.order_by("id")[0].id, outcome="ordered", now=later)

        board = today_for(access=manager, now=later)

        assert (board.counts.open, board.counts.overdue, board.counts.done_today) == (1, 1, 1)
        assert board.groups[0].items[0].is_overdue

    def test_a_manager_sees_the_own_store_and_what_is_the_managers_own_and_of_no_customer(
        self, draft: Draft, manager: Actor, stores: dict[str, Store], operator_staff: Staff, now: datetime
    ) -> None:
        tianhe, mine = stores["tianhe"].id, manager.staff_id
        other = replace(draft, dedupe_key=f"{KIND}:2", store_id=tianhe)
        # Who looks after a customer of another store finds that customer's page shut.
        cared_for = replace(draft, dedupe_key=f"{KIND}:3", store_id=tianhe, staff_id=mine)
        errand = replace(draft, dedupe_key=f"{KIND}:4", customer_id=None, store_id=None, staff_id=mine)
        propose(actor=SYSTEM, drafts=[draft, other, cared_for, errand], now=now)

        seen = {item.id for group in today_for(access=manager, now=now).groups for item in group.items}

        keys = set(Proposal.objects.filter(id__in=seen).values_list("dedupe_key", flat=True))
        assert keys == {draft.dedupe_key, errand.dedupe_key}
        foreign = Proposal.objects.get(dedupe_key=cared_for.dedupe_key)
        assert foreign.owner == operator_staff
        for owner_id in (mine, None):
            Proposal.objects.filter(pk=foreign.pk).update(owner_id=owner_id)
            with pytest.raises(ProposalNotFound):
                complete(actor=manager, proposal_id=foreign.pk, outcome="will_come", now=now)
            with pytest.raises(ProposalNotFound):
                proposal(access=manager, proposal_id=foreign.pk, now=now)

    def test_what_its_owner_no_longer_sees_gets_another_owner(
        self, draft: Draft, manager: Actor, stores: dict[str, Store], operator_staff: Staff, now: datetime
    ) -> None:
        propose(actor=SYSTEM, drafts=[replace(draft, staff_id=manager.staff_id)], now=now)
        Proposal.objects.update(store=stores["tianhe"])

        propose(actor=SYSTEM, drafts=[], now=now)

        assert only().owner == operator_staff

    def test_takes_the_same_number_of_statements_for_one_and_for_many(
        self, draft: Draft, owner: Actor, now: datetime, django_assert_max_num_queries: object
    ) -> None:
        propose(actor=SYSTEM, drafts=[replace(draft, dedupe_key=f"{KIND}:{i}") for i in range(12)], now=now)

        with django_assert_max_num_queries(5):  # type: ignore[operator]
            today_for(access=owner, now=now)

    def test_shows_what_was_proposed_about_a_customer(
        self, draft: Draft, manager: Actor, customer: Customer, now: datetime
    ) -> None:
        propose(actor=SYSTEM, drafts=[draft], now=now)

        about = proposals_about(access=manager, customer_id=customer.id, now=now)

        assert [each.id for each in about] == [only().id]
        assert proposal(access=manager, proposal_id=only().id, now=now) == about[0]


class TestImportProblems:
    def test_go_to_who_ran_the_import(self, operator_staff: Staff, owner_staff: Staff, now: datetime) -> None:
        source = Import.objects.create(file_name="orders.csv", created_at=now, actor=owner_staff)
        QuarantinedRow.objects.bulk_create(
            QuarantinedRow(source=source, row_number=i, reason_code="x", reason={}, sealed_row=b"", amount_minor=150)
            for i in range(3)
        )

        propose(actor=SYSTEM, drafts=import_problem_drafts(), now=now)

        row = only()
        assert row.owner == owner_staff
        assert row.subject == {"room": "imports", "id": source.id}
        assert row.reason["values"]["rows"] == 3
        assert row.reason["values"]["amount_minor"] == 450
