"""Showing people's data in the clear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import transaction

from yutang.customers import profile
from yutang.customers.actions.merges import NoSuchCase
from yutang.customers.models import Customer
from yutang.customers.queries import open_pair, record_within_reach, records_within_reach
from yutang.customers.views import ClearCustomer
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_LONGEST_REASON = 300
#: Records that are unsealed together.
_AT_ONCE = 1_000


class ReasonIsMissing(DomainError):
    """Nobody looks at personal data without saying why."""

    code: ClassVar[str] = "reason_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Say why you need the data in the clear; it is kept in the audit trail.")


@transaction.atomic
def unmask_customer(*, actor: Actor, customer_id: int, reason: str, now: datetime) -> ClearCustomer:
    """Return one person unmasked, and write down who looked and why.

    Raises:
        NoSuchCustomer: there is none within reach.
        ReasonIsMissing: the reason is empty.
    """
    actor.require("customers.unmask")
    return _unmask(actor, customer_id, {"reason": _checked(reason)}, now=now)


@transaction.atomic
def unmask_pair(*, actor: Actor, case_id: int, reason: str, now: datetime) -> tuple[ClearCustomer, ClearCustomer]:
    """Return both people of a pair to be decided unmasked, as they stand now; written down for each as any other look.

    Raises:
        NoSuchCase: there is none, or it was decided.
        NoSuchCustomer: one of the two is not within reach; then neither is shown.
        ReasonIsMissing: the reason is empty.
    """
    actor.require("customers.unmask")
    actor.require("review.decide")
    why = {"reason": _checked(reason), "case_id": case_id}
    pair = open_pair(actor, case_id)
    if pair is None:
        raise NoSuchCase(case_id=case_id)
    first, second = (_unmask(actor, customer_id, why, now=now) for customer_id in pair)
    return first, second


def _checked(reason: str) -> str:
    if not reason.strip():
        raise ReasonIsMissing
    return reason.strip()[:_LONGEST_REASON]


def _unmask(actor: Actor, customer_id: int, why: dict[str, Any], *, now: datetime) -> ClearCustomer:
    customer, record = record_within_reach(actor, customer_id)
    audit(
        actor=actor,
        action="customers.unmask",
        subject_type="customer",
        subject_id=customer_id,
        detail=why,
        now=now,
    )
    return _clear(customer, record)


def unmask_customers(
    *, actor: Actor, customer_ids: Sequence[int], reason: str, now: datetime
) -> Iterator[ClearCustomer]:
    """Return many people within reach unmasked, one after the other, and write down who looked at how many and why.

    Raises:
        ReasonIsMissing: the reason is empty.
    """
    actor.require("customers.unmask")
    audit(
        actor=actor,
        action="customers.unmask_many",
        detail={"reason": _checked(reason), "people": len(customer_ids)},
        now=now,
    )
    return _cleared(actor, customer_ids)


def _cleared(actor: Actor, customer_ids: Sequence[int]) -> Iterator[ClearCustomer]:
    for start in range(0, len(customer_ids), _AT_ONCE):
        for customer, record in records_within_reach(actor, customer_ids[start : start + _AT_ONCE]):
            yield _clear(customer, record)


def _clear(customer: Customer, record: profile.Record) -> ClearCustomer:
    region = record.get("region", {})
    birthday = record.get("birthday")
    return ClearCustomer(
        id=customer.pk,
        name=record.get("name") or record.get("masked_name", ""),
        other_names=tuple(record.get("other_names", ())),
        phones=tuple(profile.phones_of(record)),
        emails=tuple(record.get("emails", ())),
        accounts=tuple((kind, scope, value) for kind, scope, value in record.get("accounts", ())),
        birthday=date.fromisoformat(birthday) if birthday else None,
        address=" ".join(p for p in (profile.masked_address(region), region.get("address", "")) if p),
        note=record.get("note", ""),
        contacts=tuple((name, phone) for name, phone in record.get("contacts", ())),
    )
