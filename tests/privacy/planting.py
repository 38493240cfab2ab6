"""Rows of every table that names a person, made from the tables themselves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model
from django.db.models.fields import NOT_PROVIDED

from yutang.customers.models import Customer
from yutang.foundation.sealing import seal

_NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
_serial = count(1_000)
#: What the constraints of a table want of a row that names nobody: by table.
OF_NOBODY: dict[str, dict[str, Any]] = {"experiments_assignment": {"group_key": "group:1"}}


def named() -> Iterator[tuple[type[Model], ForeignKey[Any, Any]]]:
    """Yield every column that names a person."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is Customer:
                yield model, field


def plant(model: type[Model], **given: Any) -> Model:
    """Insert a row with what is given, and whatever else its columns and constraints want."""
    values = dict(given or OF_NOBODY.get(model._meta.db_table, {}))
    for field in model._meta.concrete_fields:
        if field.name in values or field.null or (field.primary_key and not field.is_relation):
            continue
        if isinstance(field, ForeignKey):
            values[field.name] = plant(field.related_model)
        elif field.default is NOT_PROVIDED and not (field.blank and field.empty_strings_allowed):
            values[field.name] = _value(field)
    return model._default_manager.create(**values)


def _value(field: Field[Any, Any]) -> Any:
    if field.choices:
        return field.choices[0][0]
    if field.get_internal_type() == "BinaryField":
        return seal({"name": "张三"}) if field.name.startswith(("sealed", "winner")) else secrets.token_bytes(16)
    if field.get_internal_type() in {"CharField", "TextField"}:
        return str(next(_serial))[-(field.max_length or 9) :]
    plain = {"DateField": _NOW.date(), "DateTimeField": _NOW, "JSONField": {}, "BooleanField": False}
    return plain.get(field.get_internal_type(), next(_serial) if field.unique else 1)
