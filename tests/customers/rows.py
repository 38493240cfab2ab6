"""Rows about people, as the import engine hands them over, and a plain picture of what became of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from django.db import transaction

from yutang.customers.identity import Origin, resolve_people
from yutang.customers.models import ContestedIdentifier, Customer, Identifier, ReviewCase
from yutang.foundation.sealing import unseal

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
_TEXTS = [
    "name",
    "phone",
    "receiver_name",
    "receiver_phone",
    "nickname",
    "email",
    "member_no",
    "external_userid",
    "unionid",
    "openid",
    "device",
    "gender",
    "country",
    "province",
    "city",
    "district",
    "address",
]
SCHEMA = pa.schema(
    [(c, pa.string()) for c in _TEXTS]
    + [("birthday", pa.date32()), ("store_id", pa.int64()), ("seen_at", pa.timestamp("us", "UTC"))]
)


def table(*rows: dict[str, Any]) -> pa.Table:
    """Return rows as a table; what a row does not say is null."""
    return pa.Table.from_pylist([{name: row.get(name) for name in SCHEMA.names} for row in rows], schema=SCHEMA)


def resolve(*rows: dict[str, Any], scope: str = "taobao:shop", import_id: int | None = None) -> list[int | None]:
    """Return whose rows they are, in a transaction of its own."""
    with transaction.atomic():
        return resolve_people(observed=table(*rows), origin=Origin(import_id, scope), now=NOW).to_pylist()


def phone(n: int) -> str:
    """Return a number of a range that nobody owns."""
    return f"+86199{n:08d}"


def record(customer_id: int | None) -> dict[str, Any]:
    """Return the sealed record of a person."""
    return unseal(Customer.objects.get(id=customer_id).sealed_profile)


def picture() -> dict[str, Any]:
    """Return everything about people without the keys that merely number rows."""
    return {
        "people": {
            c.id: (unseal(c.sealed_profile), c.store_id, c.first_seen_at, c.merged_into_id)
            for c in Customer.objects.all()
        },
        "identifiers": sorted(Identifier.objects.values_list("kind", "scope", "digest", "customer_id")),
        "contested": sorted(ContestedIdentifier.objects.values_list("kind", "digest", "customer_id")),
        "cases": sorted(ReviewCase.objects.values_list("first_id", "second_id", "kind", "status")),
    }


BIRTHDAY = date(1990, 1, 31)
