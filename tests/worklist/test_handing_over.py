"""Somebody leaves: all of their customers and open proposals go over in one step, or nothing does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from yutang.customers.models import Customer
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.actions import MoreThanYouHave, NotOnOneself, OwnerMustRemain
from yutang.foundation.models import AuditEntry, Staff, Store
from yutang.ingest.models import TouchedPartition
from yutang.worklist.actions import hand_over_within_reach, hand_over_work, let_go
from yutang.worklist.handing_over import ReceiverCannotTakeOver, ReceiverDoesNotReach, ReceiverMayNotWork
from yutang.worklist.models import Proposal
from yutang.worklist.queries import WorkOf, work_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(manager_staff: Staff, stores: dict[str, Store], now: datetime) -> Staff:
    """The manager of the Xuhui store looks after three people, one of whom was merged; has two open tasks and a done one."""
    facts = {"sealed_profile": b"", "store": stores["xuhui"], "owner": manager_staff, "first_seen_at": now}
    first, _second = Customer.objects.create(**facts), Customer.objects.create(**facts)
    Customer.objects.create(**facts, merged_into=first)
    for number, status in enumerate(("open", "snoozed", "done")):
        Proposal.objects.create(
            kind="valuable_silent",
            dedupe_key=f"k{number}",
            owner=manager_staff,
            store=stores["xuhui"],
            reason={"template": "x", "values": {}},
            proposed_on=now.date(),
            due_at=now + timedelta(days=1),
            status=status,
        )
    return manager_staff


def went_to(staff: Staff) -> tuple[int, int]:
    return Customer.objects.filter(owner=staff).count(), Proposal.objects.filter(owner=staff).count()


class TestHandOver:
    def test_gives_all_customers_and_what_is_open(
        self, owner: Actor, work: Staff, operator_staff: Staff, now: datetime
    ) -> None:
        seen = work_of(access=owner, staff_id=work.pk, to_staff_id=operator_staff.pk, now=now)

        handed = hand_over_work(actor=owner, username=work.username, to_username="yunying", now=now)

        assert seen == WorkOf(customers=2, proposals=2, beyond=0)
        assert (handed.customers, handed.proposals) == (seen.customers, seen.proposals)
        assert (went_to(operator_staff), went_to(work)) == ((3, 2), (0, 1))
        assert Staff.objects.get(pk=work.pk).is_active

    def test_is_written_down_and_tells_the_lake(
        self, owner: Actor, work: Staff, operator_staff: Staff, now: datetime
    ) -> None:
        hand_over_work(actor=owner, username=work.username, to_username="yunying", now=now)

        entries = AuditEntry.objects.filter(subject_type="staff", subject_id=str(work.pk))
        assert {entry.action: entry.detail for entry in entries} == {
            "customers.handed_over": {"to": operator_staff.pk, "customers": 2},
            "worklist.handed_over": {"to": operator_staff.pk, "proposals": 2},
        }
        assert TouchedPartition.objects.filter(table="customers_customer").exists()

    def test_not_to_somebody_who_may_not_do_the_work(
        self, owner: Actor, work: Staff, operator_staff: Staff, now: datetime
    ) -> None:
        for role in ("auditor", "analyst", "compliance"):
            Staff.objects.filter(pk=operator_staff.pk).update(role=role)
            with pytest.raises(ReceiverMayNotWork):
                hand_over_work(actor=owner, username=work.username, to_username="yunying", now=now)

        assert went_to(work) == (3, 3)

    def test_and_bars_who_leaves(self, owner: Actor, work: Staff, operator_staff: Staff, now: datetime) -> None:
        let_go(actor=owner, username=work.username, to_username="yunying", now=now)

        assert not Staff.objects.get(pk=work.pk).is_active
        assert went_to(work) == (0, 1)

    def test_leaves_everything_where_barring_is_refused(
        self, owner_staff: Staff, operator_staff: Staff, stores: dict[str, Store], now: datetime
    ) -> None:
        Customer.objects.create(sealed_profile=b"", store=stores["xuhui"], owner=owner_staff, first_seen_at=now)

        with pytest.raises(OwnerMustRemain):
            let_go(actor=Actor.system(), username="laoban", to_username="yunying", now=now)

        assert went_to(owner_staff) == (1, 0)

    def test_refuses_a_receiver_who_does_not_see_the_stores(
        self, owner: Actor, work: Staff, stores: dict[str, Store], now: datetime
    ) -> None:
        elsewhere = Staff.objects.create(username="tianhe", display_name="天", role="store_manager")
        elsewhere.stores.set([stores["tianhe"]])

        with pytest.raises(ReceiverDoesNotReach) as refusal:
            hand_over_work(actor=owner, username=work.username, to_username="tianhe", now=now)

        assert refusal.value.data == {"customers": 2, "name": "天"}
        assert went_to(work) == (3, 3)

    def test_gives_what_the_receiver_sees_and_leaves_the_rest(
        self, owner: Actor, work: Staff, stores: dict[str, Store], now: datetime
    ) -> None:
        elsewhere = Staff.objects.create(username="tianhe", display_name="天", role="store_manager")
        elsewhere.stores.set([stores["tianhe"]])
        Customer.objects.create(sealed_profile=b"", store=stores["tianhe"], owner=work, first_seen_at=now)
        Proposal.objects.filter(status="open").update(store=stores["tianhe"])

        handed = hand_over_within_reach(actor=owner, username=work.username, to_username="tianhe", now=now)

        assert (handed.customers, handed.proposals, handed.beyond) == (1, 1, 2)
        assert handed.beyond_by_store == {stores["xuhui"].pk: 2}
        assert (went_to(elsewhere), went_to(work)) == ((1, 1), (3, 2))

    def test_counts_people_of_no_store_as_within_reach(
        self, owner: Actor, work: Staff, stores: dict[str, Store], now: datetime
    ) -> None:
        beside = Staff.objects.create(username="beside", display_name="旁", role="store_manager")
        beside.stores.set([stores["xuhui"]])
        Customer.objects.create(sealed_profile=b"", owner=work, first_seen_at=now)

        hand_over_work(actor=owner, username=work.username, to_username="beside", now=now)

        assert went_to(beside) == (4, 2)

    def test_refuses_a_receiver_who_cannot_take_over(
        self, owner: Actor, work: Staff, operator_staff: Staff, now: datetime
    ) -> None:
        Staff.objects.filter(pk=operator_staff.pk).update(is_active=False)

        for receiver in ("yunying", work.username):
            with pytest.raises(ReceiverCannotTakeOver):
                hand_over_work(actor=owner, username=work.username, to_username=receiver, now=now)

    def test_is_for_who_manages_staff_and_has_no_less(
        self, manager: Actor, operator: Actor, owner_staff: Staff, work: Staff, now: datetime
    ) -> None:
        with pytest.raises(NotAllowed):
            hand_over_work(actor=operator, username=work.username, to_username="yunying", now=now)
        head = Actor(work.pk, "own-1", None, "x", granted=frozenset({"staff.manage"}))
        with pytest.raises(MoreThanYouHave):
            hand_over_work(actor=head, username="laoban", to_username=work.username, now=now)
        with pytest.raises(NotOnOneself):
            hand_over_work(actor=head, username=work.username, to_username="laoban", now=now)
