"""Tables of commerce: shops, products, orders, lines, refunds. Money in minor units of the order's currency."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff, Store
from yutang.ingest.models import Import


class Shop(models.Model):
    """Where orders are placed: a platform and the merchant's shop on it. Order numbers are unique within it."""

    platform = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("platform", "name"), name="shop_once")
        ]


class Product(models.Model):
    """A thing sold in a shop, recognised by its code, or by its name where the shop gives no code."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="products", db_index=False)
    code = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=300)
    #: Group of goods as the last file named it; empty where no file did.
    category = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("shop", "code"), condition=~models.Q(code=""), name="product_by_code"),
            models.UniqueConstraint(fields=("shop", "name"), condition=models.Q(code=""), name="product_by_name"),
        ]


class OrderStatus(models.IntegerChoices):
    """How far an order has come. `SHELL`: only its lines are known so far."""

    SHELL = 0, _("Details missing")
    PLACED = 10, _("Placed")
    PAID = 20, _("Paid")
    SHIPPED = 30, _("Shipped")
    COMPLETED = 40, _("Completed")
    CANCELLED = 50, _("Cancelled")
    REFUNDED = 60, _("Refunded")


class Order(models.Model):
    """One order of one shop. `business_date` is the day in the shop's time zone.

    PostgreSQL keeps it by the month in which it came (see `arrivals`): there the unique constraint is kept by a table beside it, where an
    order is found by its shop and number.
    """

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=80)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    status = models.SmallIntegerField(choices=OrderStatus.choices)
    channel = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=300, blank=True)
    item_count = models.IntegerField(default=0)
    placed_at = models.DateTimeField(null=True, blank=True)
    business_date = models.DateField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    #: Sum of quantity x price over its goods, before discounts.
    goods_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField(default=0)
    #: What the buyer paid or has to pay; sales are counted by it.
    total_minor = models.BigIntegerField(default=0)
    #: True when a file stated the total; otherwise it is the sum of the lines.
    total_is_stated = models.BooleanField(default=False)
    #: The larger of the refund total that a file stated and the sum of the single refunds.
    refunded_minor = models.BigIntegerField(default=0)
    #: Content of the order in the last file that held it, 16 bytes; equal content is skipped.
    content_digest = models.BinaryField()
    exported_at = models.DateTimeField(null=True, blank=True)
    source = models.ForeignKey(
        Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("shop", "number"), name="order_number_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "business_date"), name="order_customer_day"),
        ]


class OrderLine(models.Model):
    """One line of an order. Equal lines of one order stay apart by their occurrence in `line_key`."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    #: Content digest and occurrence, 16 bytes.
    line_key = models.BinaryField()
    position = models.IntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    spec = models.CharField(max_length=200, blank=True)
    quantity = models.IntegerField()
    unit_price_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    source = models.ForeignKey(
        Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("order_id", "position", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("order", "line_key"), name="line_once")
        ]


class Refund(models.Model):
    """Money given back: a refund of the platform, or a cancellation line that names a product."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", db_index=False)
    #: Refund number or cancellation invoice; the order number where the file states only a total (empty `line_key`).
    number = models.CharField(max_length=80)
    line_key = models.BinaryField()
    #: The order that a refund export names; the refund waits under it until the order is known.
    order_number = models.CharField(max_length=80, blank=True)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="refunds")
    line = models.ForeignKey(OrderLine, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    quantity = models.IntegerField(default=0)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    refunded_at = models.DateTimeField(null=True, blank=True)
    business_date = models.DateField(null=True, blank=True)
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("shop", "number", "line_key"), name="refund_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("shop", "order_number"), condition=models.Q(order=None), name="refund_waiting")
        ]
