"""Tables of scores and values: one row a customer, written whole by a run, and the models that they stand on."""

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

    #: Worked out anew by each run: what it names is not held by that.
    is_derived = True

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
    #: Grades 1 (lowest) to 5 (highest) by the rules of the organisation; null without an order.
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


class ValueFit(models.Model):
    """Models of customer value fitted to the orders up to a day; or why they could not be."""

    #: Exclusive: orders of this day and later were held out or not known.
    fitted_before = models.DateField()
    #: Exclusive end of what was held out to look how well the models foresee; null where nothing was held out.
    held_out_before = models.DateField(null=True, blank=True)
    lake_version = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    customers = models.BigIntegerField(default=0)
    repeaters = models.BigIntegerField(default=0)
    #: {model: {parameter: value, ..., "standard_errors": {}, "log_likelihood", ...}}; times in weeks, money in whole units.
    fits: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: How well what was held out was foreseen; empty where nothing was.
    holdout: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: Which groups of customers have models of their own, and why: `value_groups.Choice`.
    choice: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: Weeks, frequencies and chances against what happened: `value_checks.Checks`; empty but for the regular check.
    checks: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: Fitted as of another day than the orders are known up to: nothing regular stands on it.
    is_trial = models.BooleanField(default=False)
    #: The refusal as a sentence; empty where the models were fitted.
    refusal: models.JSONField[Any, Any] = models.JSONField(default=dict)
    fitted_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)


class ValueRun(models.Model):
    """One run of the values: as of when, by which models, how many."""

    #: Exclusive: orders of this day are not counted.
    as_of = models.DateField()
    #: The day (exclusive) with whose values the changes compare.
    since = models.DateField()
    fit = models.ForeignKey(ValueFit, on_delete=models.PROTECT, related_name="+")
    lake_version = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    customers = models.BigIntegerField()
    value_minor = models.BigIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)


class CustomerValue(models.Model):
    """What one customer with an order is expected to bring, as of the latest run. Ahead means from the run's day."""

    #: Worked out anew by each run: what it names is not held by that.
    is_derived = True

    #: Without a constraint in the database, like `Score`.
    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    #: Chance to be a customer still. 0-1.
    p_alive = models.FloatField()
    #: Expected orders in the next 30, 90 and 365 days.
    orders_30 = models.FloatField()
    orders_90 = models.FloatField()
    orders_365 = models.FloatField()
    #: Expected worth of one order, net of refunds.
    order_minor = models.BigIntegerField()
    #: Expected worth of the next 365 days, and between what it lies in four of five cases.
    value_minor = models.BigIntegerField()
    low_minor = models.BigIntegerField()
    high_minor = models.BigIntegerField()
    #: The same 30 days earlier by the same models; null for who was no customer then.
    before_minor = models.BigIntegerField(null=True, blank=True)
    #: When half of those like this one, still customers, have ordered again, and the days between which four in five do;
    #: null where that is farther away than ten years.
    next_order_date = models.DateField(null=True, blank=True)
    next_from_date = models.DateField(null=True, blank=True)
    next_to_date = models.DateField(null=True, blank=True)
    #: Group whose own models told all this, as `value_models.Places` has its key; empty where the models for all did.
    model_group = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        ordering = ("customer_id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("value_minor", "customer"), name="value_highest"),
            models.Index(fields=("store", "value_minor", "customer"), name="value_store_highest"),
        ]


class StageChange(models.Model):
    """One customer's step from one stage to another, seen by a scoring run."""

    #: Without a constraint in the database, like `Score`.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    from_stage = models.CharField(max_length=10, choices=Stage.choices)
    to_stage = models.CharField(max_length=10, choices=Stage.choices)
    #: Exclusive day of the run that saw it.
    as_of = models.DateField()

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "as_of"), name="stage_change_customer")
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
    #: Models by which stages were told; null where the rules of thumb told them.
    value_fit = models.ForeignKey(ValueFit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    #: {stage: customers}
    stages: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: {store: {stage: customers}}, without what is 0; customers of no store stand under "". Null: not counted by store.
    stages_by_store: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    #: The day (exclusive) with which the flows compare.
    flows_since = models.DateField()
    #: [[from stage, to stage, customers]]; the first is empty for who was not known before.
    flows: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta:
        ordering = ("-id",)
