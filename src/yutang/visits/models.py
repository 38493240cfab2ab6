"""Tables of traffic: people who pass and enter a store, and what bought traffic cost."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yutang.foundation.models import Store
from yutang.ingest.models import Import


class Footfall(models.Model):
    """Passers-by and entries of one store on one business day."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    business_date = models.DateField()
    passers_by = models.IntegerField(null=True, blank=True)
    entries = models.IntegerField(null=True, blank=True)
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("store", "business_date"), name="footfall_once")
        ]


class AdCost(models.Model):
    """What a channel's advertising cost on one business day."""

    channel = models.CharField(max_length=60)
    campaign = models.CharField(max_length=120, blank=True)
    business_date = models.DateField()
    currency = models.CharField(max_length=3)
    cost_minor = models.BigIntegerField()
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("channel", "campaign", "business_date"), name="ad_cost_once")
        ]
