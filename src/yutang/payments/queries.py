"""Every read of payments that others may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.kit.text import N_
from yutang.payments import adapters, ledger
from yutang.payments.actions.asking import payment_numbered
from yutang.payments.models import Entry, Payment, Refund, RefundState
from yutang.payments.refusals import NoSuchPayment

STATE_TITLES = {"asked": N_("Waiting for payment"), "paid": N_("Paid"), "closed": N_("Not paid")}
REFUND_TITLES = {
    "asked": N_("To be given back"),
    "sent": N_("On its way back"),
    "done": N_("Paid back"),
    "failed": N_("Refund needs a person"),
}
ADAPTER_TITLES = {"wechat_pay": N_("WeChat Pay"), "sandbox": N_("Cashier for trying out")}


@dataclass(frozen=True)
class RefundView:
    """A refund."""

    id: int
    amount_minor: int
    reason: str
    state: str
    asked_at: datetime
    done_at: datetime | None
    fault: str


@dataclass(frozen=True)
class PaymentView:
    """A payment.

    Attributes:
        state: ``asked``, ``paid`` or ``closed``.
        refunded_minor: given back, or to be.
    """

    id: int
    number: str
    key: str
    purpose: str
    adapter: str
    currency: str
    amount_minor: int
    refunded_minor: int
    subject: str
    return_path: str
    state: str
    asked_at: datetime
    ends_at: datetime | None
    paid_at: datetime | None
    external_id: str
    refunds: tuple[RefundView, ...] = ()


@dataclass(frozen=True)
class PaymentPage:
    """A page of payments, newest first."""

    rows: tuple[PaymentView, ...]
    next_key: int | None


@dataclass(frozen=True)
class PaymentFilters:
    """What a list of payments is narrowed to; empty: not.

    Attributes:
        state: of the payment, or ``refunds_failed``: with a refund that needs a person.
        purpose: what for: ``groupbuy-seat:55``, or only ``groupbuy-seat``.
    """

    state: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Balance:
    """An account of the ledger. Minor units; what came in is above 0."""

    account: str
    currency: str
    minor: int


def payment_at_cashier(*, number: str) -> PaymentView:
    """Return a payment to whoever holds its number: the number itself is the access.

    Raises:
        NoSuchPayment: there is none.
    """
    return _views(Payment.objects.filter(pk=payment_numbered(number).pk))[0]


def paid_at_of(*, key: str) -> datetime | None:
    """Return when the payment came in that a room above asked for under a key; None where it did not. Money that went back had come in."""
    found = bulk.fetch("SELECT paid_at FROM payments_payment WHERE key = %s AND state = 'paid'", (key,))
    return bulk.aware_instant(found[0][0]) if found else None


def payments_of_keys(*, keys: Sequence[str]) -> dict[str, PaymentView]:
    """Return payments by the keys under which rooms above asked for them."""
    return {one.key: one for one in _views(Payment.objects.filter(key__in=list(keys)))}


def payments(
    *, access: Actor, filters: PaymentFilters = PaymentFilters(), after_key: int | None = None, limit: int = 50
) -> PaymentPage:  # fmt: skip
    """Return payments, newest first.

    Args:
        access: needs ``payments.view``.
        filters: what it is narrowed to.
        after_key: older than this one.
        limit: at most.
    """
    access.require("payments.view")
    rows = Payment.objects.all()
    if filters.state == "refunds_failed":
        failed = Refund.objects.filter(state=RefundState.FAILED).values("payment_id")
        rows = rows.filter(pk__in=failed)
    elif filters.state:
        rows = rows.filter(state=filters.state)
    if filters.purpose:
        is_kind = ":" not in filters.purpose
        rows = (
            rows.filter(purpose__startswith=f"{filters.purpose}:") if is_kind else rows.filter(purpose=filters.purpose)
        )
    if after_key is not None:
        rows = rows.filter(pk__lt=after_key)
    found = _views(rows.order_by("-id")[: limit + 1])
    return PaymentPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def payment_view(*, access: Actor, payment_id: int) -> PaymentView:
    """Return one payment with its refunds.

    Raises:
        NoSuchPayment: there is none.
    """
    access.require("payments.view")
    found = _views(Payment.objects.filter(pk=payment_id))
    if not found:
        raise NoSuchPayment(payment=payment_id)
    return found[0]


def balances(*, access: Actor) -> tuple[Balance, ...]:
    """Return every account of the ledger, by name; together they are 0."""
    access.require("payments.view")
    sums: dict[tuple[str, str], int] = {}
    for side, sign in (("to_account", 1), ("from_account", -1)):
        for account, currency, total in (
            Entry.objects.order_by().values_list(side, "currency").annotate(Sum("amount_minor"))
        ):
            sums[account, currency] = sums.get((account, currency), 0) + sign * total
    return tuple(Balance(account, currency, minor) for (account, currency), minor in sorted(sums.items()))


def unbalanced(*, access: Actor) -> list[tuple[str, int]]:
    """Return what in the books does not add up, and by how much; empty where all is right."""
    access.require("payments.view")
    return ledger.unbalanced()


def has_way_to_pay() -> bool:
    """Return whether one could pay."""
    return adapters.has_way_to_pay()


def is_sandbox() -> bool:
    """Return whether new payments are taken by the cashier for trying out."""
    return has_way_to_pay() and adapters.adapter_of_new_payments() == "sandbox"


def _views(rows: QuerySet[Payment]) -> tuple[PaymentView, ...]:
    return tuple(
        PaymentView(
            id=one.pk,
            number=one.number,
            key=one.key,
            purpose=one.purpose,
            adapter=one.adapter,
            currency=one.currency,
            amount_minor=one.amount_minor,
            refunded_minor=one.refunded_minor,
            subject=one.subject,
            return_path=one.return_path,
            state=one.state,
            asked_at=one.asked_at,
            ends_at=one.ends_at,
            paid_at=one.paid_at,
            external_id=one.external_id,
            refunds=tuple(
                RefundView(r.pk, r.amount_minor, r.reason, r.state, r.asked_at, r.done_at, r.fault)
                for r in one.refunds.all()
            ),
        )
        for one in rows.prefetch_related("refunds")
    )
