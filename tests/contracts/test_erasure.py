"""Nothing about a person is forgotten to be forgotten: every column that names or seals one has its eraser, or its reason to stay."""

from __future__ import annotations

from django.apps import apps
from django.db.models import ForeignKey

from yutang.customers.erasing import ERASERS
from yutang.customers.models import Customer
from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.privacy.staying import OF_NOBODY, STAYING


def _columns() -> set[str]:
    """Return every column of the store."""
    return {f"{m._meta.db_table}.{f.column}" for m in apps.get_models() for f in m._meta.concrete_fields}


def _naming() -> set[str]:
    """Return every column that names a person."""
    return {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is Customer
    }


def _sealed() -> set[str]:
    """Return every column that holds sealed records, by their registry and by their names."""
    registered = {f"{one.model._meta.db_table}.{one.field}" for one in SEALED if isinstance(one, SealedColumn)}
    return registered | {column for column in _columns() if column.split(".")[1].startswith("sealed_")}


def test_every_column_about_people_has_an_eraser_or_a_reason_to_stay() -> None:
    erased = [column for one in ERASERS for column in one.columns]
    naming, sealed = _naming(), _sealed()

    assert {"orders_order.customer_id", "risk_tie.customer_id"} <= naming
    assert {"customers_customer.sealed_profile", "channels_reply.sealed_text"} <= sealed
    assert sorted([*erased, *STAYING, *OF_NOBODY]) == sorted(naming | sealed)


def test_every_eraser_speaks_of_its_own_room() -> None:
    assert {column for one in ERASERS for column in one.columns if not column.startswith(f"{one.room}_")} == set()
    assert {one.room for one in ERASERS if one.may_refuse} == {"membership"}
