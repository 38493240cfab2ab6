"""Tables of payments: what was asked for and paid, what was given back, and the ledger in which every fen has two sides."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """How a payment stands."""

    ASKED = "asked", _("Asked for")
    PAID = "paid", _("Paid")
    CLOSED = "closed", _("Not paid")


class RefundState(models.TextChoices):
    """How a refund stands."""

    ASKED = "asked", _("To be sent")
    SENT = "sent", _("Under way")
    DONE = "done", _("Given back")
    FAILED = "failed", _("Needs a person")


class Payment(models.Model):
    """One payment. `refunded_minor` is what was given back or is to be; the database holds it to what was paid."""

    #: Idempotency key of the asking.
    key = models.CharField(max_length=140, unique=True)
    #: Ours with the provider, and in the address of the cashier: 32 hexadecimal digits by chance.
    number = models.CharField(max_length=32, unique=True)
    #: What for, such as ``groupbuy-seat:55``.
    purpose = models.CharField(max_length=64)
    #: Which adapter took it: ``wechat_pay`` or ``sandbox``.
    adapter = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)
    #: What the payer reads.
    subject = models.CharField(max_length=120)
    #: Keyed hash of the paying account, in hexadecimal; empty: not known.
    payer = models.CharField(max_length=32, blank=True)
    #: Where the payer is led afterwards: a path of this installation.
    return_path = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    asked_date = models.DateField()
    #: Until when it can be paid; None: without end.
    ends_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    #: Number of the provider.
    external_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="payment_is_something"),
            models.CheckConstraint(
                condition=models.Q(refunded_minor__gte=0) & models.Q(refunded_minor__lte=models.F("amount_minor")),
                name="payment_refund_bound",
            ),
            models.CheckConstraint(
                condition=models.Q(state="paid", paid_at__isnull=False)
                | (~models.Q(state="paid") & models.Q(paid_at=None, refunded_minor=0)),
                name="payment_paid_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("purpose",), name="payment_purpose"),
            # What is open: the provider is asked about it, and it ends.
            models.Index(fields=("asked_at",), condition=models.Q(state="asked"), name="payment_open"),
        ]


class Refund(models.Model):
    """Money that goes back."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    #: Idempotency key of the asking.
    key = models.CharField(max_length=140, unique=True)
    #: Ours with the provider.
    number = models.CharField(max_length=32, unique=True)
    amount_minor = models.BigIntegerField()
    #: Why, in a word of the code, such as ``group_expired``.
    reason = models.CharField(max_length=40)
    state = models.CharField(max_length=6, choices=RefundState.choices, default=RefundState.ASKED)
    asked_at = models.DateTimeField()
    #: Sent, or asked about, from then on.
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    #: Code of the last fault; empty: there was none.
    fault = models.CharField(max_length=64, blank=True)
    external_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="refund_is_something"),
            models.CheckConstraint(
                condition=models.Q(state="done", done_at__isnull=False)
                | (~models.Q(state="done") & models.Q(done_at=None)),
                name="refund_done_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("due_at",), condition=models.Q(state__in=("asked", "sent")), name="refund_open")
        ]


class Entry(models.Model):
    """A line of the ledger: an amount that leaves one account and comes to another, so that all accounts together are 0."""

    #: What it writes down, such as ``paid:17`` or ``refund_done:4``; no thing is written down twice.
    key = models.CharField(max_length=60, unique=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="entries")
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    from_account = models.CharField(max_length=40)
    to_account = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="entry_is_something"),
            models.CheckConstraint(
                condition=~models.Q(from_account=models.F("to_account")), name="entry_has_two_sides"
            ),
        ]
