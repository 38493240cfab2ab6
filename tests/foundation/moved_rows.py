"""Rows for every table of a store, with the values that databases like to change on the way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import Field, Model

#: Each table gets so many rows; the many make several batches.
ROWS, MANY, MANY_ROWS = 3, "foundation_region", 400

TEXTS = ("鱼塘\t\\N\n\r", "\\.", "\b\f\v'\"\\\\;", "e\u0301😀\x7f", " ", "")
FLOATS = (1e23, -0.0, 1e-07, 0.1, 123456789012345680.0, 5e-324, 1.5, 1e15)
INSTANTS = (
    "2026-03-11 02:00:00",
    "2026-03-11 02:00:00.120000",
    "1999-12-31 23:59:59.999999",
    "2026-01-01 00:00:00.000001",
)
JSONS = (
    {"b": 1, "aa": [1.5, 1e-07, 1e22, -0.0, 10**30], "a": '鱼\t\n\\"\x1f/\x7f'},
    ["\u2028", None, True, {}],
    "\\N",
    {},
    [],
    -7,
)
ADDRESSES = ("127.0.0.1", "2001:db8::1", "::ffff:1.2.3.4")


def fill(file: Path) -> None:
    """Write rows into every table of a store; what rules ask of their values is set aside."""
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        store.execute("PRAGMA foreign_keys=OFF")
        store.execute("PRAGMA ignore_check_constraints=ON")
        store.execute("BEGIN IMMEDIATE")
        for model in apps.get_models(include_auto_created=True):
            table, fields = model._meta.db_table, [f for f in model._meta.concrete_fields if f.column]
            held = {key for (key,) in store.execute(f'SELECT "{fields[0].column}" FROM "{table}"')}
            rows = [row for row in rows_of(model, fields) if row[0] not in held]
            names = ", ".join(f'"{field.column}"' for field in fields)
            store.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(fields))})', rows)
        # A number that was given and taken back is never given again.
        store.execute("UPDATE sqlite_sequence SET seq = seq + 1000 WHERE name = 'orders_order'")
        store.execute("COMMIT")


def rows_of(model: type[Model], fields: list[Field[Any, Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield rows of a table; no two have one value in a column that holds many."""
    for n in range(1, (MANY_ROWS if model._meta.db_table == MANY else ROWS) + 1):
        yield tuple(_value(field, n) for field in fields)


def _value(field: Field[Any, Any], n: int) -> Any:
    if field.null and not field.is_relation and n == 2:
        return None
    while field.remote_field is not None:
        field = field.target_field  # type: ignore[attr-defined]
    kind = field.get_internal_type()
    if kind in {"CharField", "TextField", "SlugField"}:
        return f"{n}{TEXTS[n % len(TEXTS)]}"[: field.max_length or 1000] if not field.primary_key else f"key {n}"
    if kind in {"DateField", "TimeField"}:
        return f"2026-02-{n % 28 + 1:02}" if kind == "DateField" else f"0{n % 10}:30:00" + ".250000" * (n % 2)
    special = {
        "BooleanField": lambda: n % 2,
        "BinaryField": lambda: bytes([n % 256, 0, 255, 92, 10]) + str(n).encode(),
        "DateTimeField": lambda: INSTANTS[n % len(INSTANTS)],
        "FloatField": lambda: FLOATS[n % len(FLOATS)],
        "JSONField": lambda: json.dumps(JSONS[n % len(JSONS)], ensure_ascii=bool(n % 2)),
        "GenericIPAddressField": lambda: ADDRESSES[n % len(ADDRESSES)],
    }
    return special[kind]() if kind in special else n
