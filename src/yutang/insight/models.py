"""Tables of scores: one row a customer, written whole by a scoring run."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer


class Stage(models.TextChoices):
    """Where a customer stands in its life with the merchant."""

    PROSPECT = "prospect", _("Prospect")
    NEW = "new", _("New")
    GROWING = "growing", _("Growing")
    LOYAL = "loyal", _("Loyal")
    AT_RISK = "at_risk", _("At risk")
    ASLEEP = "asleep", _("Asleep")
    LOST = "lost", _("Lost")


class Score(models.Model):
    """What the orders say about one customer as of a day (exclusive)."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    orders = models.IntegerField()
    spend_minor = models.BigIntegerField()
    first_order_date = models.DateField(null=True, blank=True)
    last_order_date = models.DateField(null=True, blank=True)
    recency_days = models.IntegerField(null=True, blank=True)
    #: Quintiles 1 (lowest) to 5 (highest); null without an order.
    r = models.SmallIntegerField(null=True, blank=True)
    f = models.SmallIntegerField(null=True, blank=True)
    m = models.SmallIntegerField(null=True, blank=True)
    #: Median days between the customer's own orders; null below two order days.
    rhythm_days = models.IntegerField(null=True, blank=True)
    stage = models.CharField(max_length=10, choices=Stage.choices)

    class Meta:
        ordering = ("customer_id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("stage", "customer"), name="score_stage"),
            models.Index(fields=("-spend_minor", "customer"), name="score_spend"),
            models.Index(fields=("-last_order_date", "customer"), name="score_last"),
        ]


class ScoringRun(models.Model):
    """One run of the scores: as of when, from which lake version, how many."""

    as_of = models.DateField()
    lake_version = models.CharField(max_length=64)
    customers = models.BigIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    #: {stage: customers}, kept so that the flow between runs can be drawn.
    stages: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: [[from stage, to stage, customers]]
    flows: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta:
        ordering = ("-id",)
