"""Tables of scores: one row a customer, written whole by a scoring run."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Store


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
    """What the orders say about one customer as of the latest run. Days of silence are counted from the run's day."""

    #: Without a constraint in the database: scores are derived, and who is deleted is forgotten by the next run.
    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    #: Store of the customer, kept here so that a store's customers are found by what they spent.
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    orders = models.IntegerField()
    #: Distinct days with an order: several orders of one day are one decision to buy.
    order_days = models.IntegerField()
    spend_minor = models.BigIntegerField()
    first_order_date = models.DateField(null=True, blank=True)
    last_order_date = models.DateField(null=True, blank=True)
    #: Quintiles 1 (lowest) to 5 (highest); null without an order.
    r = models.SmallIntegerField(null=True, blank=True)
    f = models.SmallIntegerField(null=True, blank=True)
    m = models.SmallIntegerField(null=True, blank=True)
    #: Median days between the customer's own order days; null below two of them.
    rhythm_days = models.IntegerField(null=True, blank=True)
    stage = models.CharField(max_length=10, choices=Stage.choices)

    class Meta:
        ordering = ("customer_id",)
        indexes: ClassVar[list[models.Index]] = [
            # Each list of people by score reads one of these backwards; without a stage it joins the seven of them.
            models.Index(fields=("stage", "spend_minor", "customer"), name="score_spend"),
            models.Index(fields=("stage", "last_order_date", "customer"), name="score_last"),
            models.Index(fields=("store", "stage", "spend_minor", "customer"), name="score_store_spend"),
            models.Index(fields=("store", "stage", "last_order_date", "customer"), name="score_store_last"),
        ]


class ScoringRun(models.Model):
    """One run of the scores: as of when, from which lake version, how many, and how people moved."""

    #: Exclusive: orders of this day are not counted.
    as_of = models.DateField()
    lake_version = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    customers = models.BigIntegerField()
    #: Scores that differed from the ones kept before.
    changed = models.BigIntegerField()
    #: Usual pause of the shop, for customers without a rhythm of their own. Days.
    typical_days = models.IntegerField()
    #: Customers with two or more order days among buyers; null without a buyer.
    repeat_ratio = models.FloatField(null=True, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    #: {stage: customers}
    stages: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: The day (exclusive) with which the flows compare.
    flows_since = models.DateField()
    #: [[from stage, to stage, customers]]; the first is empty for who was not known before.
    flows: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta:
        ordering = ("-id",)
