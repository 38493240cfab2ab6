"""A member of staff who leaves, or moves on: customers and open proposals go to somebody else in one step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import Q

from yutang.customers.actions import hand_over_customers
from yutang.customers.queries import looked_after
from yutang.foundation.access import Actor
from yutang.foundation.actions import MoreThanYouHave, NotOnOneself, deactivate_staff
from yutang.foundation.audit import audit
from yutang.foundation.queries import NoSuchStaff, StaffCard, staff_cards
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.worklist.models import Proposal, ProposalStatus

#: Who takes over needs these.
_NEEDED = frozenset({"customers.view", "worklist.work"})
_LIVING = (ProposalStatus.OPEN, ProposalStatus.SNOOZED)


class ReceiverCannotTakeOver(DomainError):
    """Who takes over is another person, and may log in."""

    code: ClassVar[str] = "receiver_cannot_take_over"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Choose somebody else who may log in to take over.")


class ReceiverMayNotWork(DomainError):
    """Who takes over may not see customers or not work off tasks."""

    code: ClassVar[str] = "receiver_may_not_work"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "%(name)s may not see customers and work on tasks. Give another role first, or choose somebody else."
    )


class ReceiverDoesNotReach(DomainError):
    """Customers belong to stores that the receiver does not see."""

    code: ClassVar[str] = "receiver_does_not_reach"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "%(customers)s of the customers belong to stores that %(name)s does not see. Give these stores first, or choose "
        "somebody else."
    )


@dataclass(frozen=True)
class WorkOf:
    """What a member of staff has in hand.

    Attributes:
        customers: people whom they look after. Count.
        proposals: what is open on their list, also what was put aside for later. Count.
        beyond: of the customers, those of stores that the receiver does not see; 0 without a receiver. Count.
        beyond_by_store: the same, ``{store: count}``.
    """

    customers: int
    proposals: int
    beyond: int
    beyond_by_store: Mapping[int, int] = field(default_factory=dict)


def work_of(*, access: Actor, staff_id: int, now: datetime, to_staff_id: int | None = None) -> WorkOf:
    """Return what a member of staff has in hand, and how much of it a receiver would not see.

    Raises:
        NotAllowed: the actor does not manage staff.
        NoSuchStaff: one of the two is not within the actor's reach.
    """
    cards = {card.person.id: card for card in staff_cards(access=access, now=now)}
    for asked in (staff_id, to_staff_id):
        if asked is not None and asked not in cards:
            raise NoSuchStaff(username=asked)
    reach = cards[to_staff_id].person.reach if to_staff_id is not None else None
    by_store = looked_after(access=access, staff_id=staff_id)
    beyond = {
        store: people
        for store, people in by_store.items()
        if store is not None and reach is not None and store not in reach
    }
    proposals = Proposal.objects.filter(owner_id=staff_id, status__in=_LIVING).count()
    return WorkOf(sum(by_store.values()), proposals, sum(beyond.values()), beyond)


@transaction.atomic
def hand_over_work(*, actor: Actor, username: str, to_username: str, now: datetime) -> WorkOf:
    """Give somebody's customers and open proposals to another member of staff, and return how many that were.

    Raises:
        NotAllowed: the actor does not manage staff.
        NoSuchStaff: one of the two is not within the actor's reach.
        MoreThanYouHave: the one who hands over may do or see more than the actor.
        NotOnOneself: it is the actor who hands over.
        ReceiverCannotTakeOver: the receiver is the same person, or is barred.
        ReceiverMayNotWork: the receiver's role does not see customers or does not work on tasks.
        ReceiverDoesNotReach: customers belong to stores that the receiver does not see.
    """
    giver, receiver = _both(actor, username, to_username, now)
    beyond = work_of(access=actor, staff_id=giver.person.id, to_staff_id=receiver.person.id, now=now).beyond
    if beyond:
        raise ReceiverDoesNotReach(customers=beyond, name=receiver.person.display_name)
    return _handed(actor, giver, receiver, None, now)


@transaction.atomic
def hand_over_within_reach(*, actor: Actor, username: str, to_username: str, now: datetime) -> WorkOf:
    """Give another member of staff what belongs to stores that they see, or to none; the rest stays where it is.

    Returns:
        What was handed over, and in `beyond` what stays.

    Raises:
        DomainError: as in `hand_over_work`, but for `ReceiverDoesNotReach`.
    """
    giver, receiver = _both(actor, username, to_username, now)
    left = work_of(access=actor, staff_id=giver.person.id, to_staff_id=receiver.person.id, now=now)
    handed = _handed(actor, giver, receiver, receiver.person.reach, now)
    return replace(handed, beyond=left.beyond, beyond_by_store=left.beyond_by_store)


def _handed(
    actor: Actor, giver: StaffCard, receiver: StaffCard, store_ids: Collection[int] | None, now: datetime
) -> WorkOf:
    """Hand over customers and living proposals, of these stores and of none or, for None, all of them."""
    pair = {"from_staff_id": giver.person.id, "to_staff_id": receiver.person.id}
    customers = hand_over_customers(actor=actor, **pair, store_ids=store_ids, now=now)
    living = Proposal.objects.filter(owner_id=giver.person.id, status__in=_LIVING)
    if store_ids is not None:
        living = living.filter(Q(store=None) | Q(store_id__in=store_ids))
    proposals = living.update(owner_id=receiver.person.id)
    audit(
        actor=actor,
        action="worklist.handed_over",
        subject_type="staff",
        subject_id=giver.person.id,
        detail={"to": receiver.person.id, "proposals": proposals},
        now=now,
    )
    return WorkOf(customers, proposals, 0)


@transaction.atomic
def let_go(*, actor: Actor, username: str, to_username: str, now: datetime) -> WorkOf:
    """Hand over the work of somebody who leaves and bar them from logging in, both or neither; return what was handed over.

    Raises:
        OwnerMustRemain: it is the only active owner.
        DomainError: as in `hand_over_work`.
    """
    handed = hand_over_work(actor=actor, username=username, to_username=to_username, now=now)
    deactivate_staff(actor=actor, username=username, now=now)
    return handed


def _both(actor: Actor, username: str, to_username: str, now: datetime) -> tuple[StaffCard, StaffCard]:
    cards = {card.person.username: card for card in staff_cards(access=actor, now=now)}
    for asked in (username, to_username):
        if asked not in cards:
            raise NoSuchStaff(username=asked)
    giver, receiver = cards[username], cards[to_username]
    if giver.person.id == actor.staff_id:
        raise NotOnOneself
    if not giver.may_change:
        raise MoreThanYouHave
    if receiver.person.id == giver.person.id or not receiver.person.is_active:
        raise ReceiverCannotTakeOver
    if not may_take_over(receiver):
        raise ReceiverMayNotWork(name=receiver.person.display_name)
    return giver, receiver


def may_take_over(card: StaffCard) -> bool:
    """Return whether somebody can do what is handed over: log in, see customers, work on tasks."""
    return card.person.is_active and card.permissions >= _NEEDED
