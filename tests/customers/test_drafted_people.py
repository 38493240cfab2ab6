"""People worked out without the store are those that are worked out with it, whatever the store knows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.customers.rows import NOW, picture, resolve, table
from tests.customers.test_batch_cuts import _PARCELS, _ROWS, Undo
from yutang.customers import drafting
from yutang.customers.models import Customer
from yutang.foundation import bulk
from yutang.foundation.sealing import unseal

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

SCOPE = "taobao:shop"
_ANY = st.one_of(_ROWS, _PARCELS)


def _drafted(rows: list[dict[str, Any]]) -> list[int | None]:
    """Return whose rows they are when what is worked out ahead is taken over first; temporary tables stand for the file."""
    draft = drafting.draft_people(observed=table(*rows), scope=SCOPE, facts=drafting.facts_for_drafts())
    with connection.cursor() as cursor:
        for name, content in draft.tables.items():
            columns = ", ".join(
                f'"{c}" {"BLOB" if pa.types.is_binary(content.schema.field(c).type) else ""}'
                for c in content.column_names
            )
            cursor.execute(f"DROP TABLE IF EXISTS temp.{name}")
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
            places = ", ".join(["%s"] * content.num_columns)
            cursor.executemany(
                f"INSERT INTO temp.{name} VALUES ({places})",
                list(zip(*(content.column(c).to_pylist() for c in content.column_names), strict=True)),
            )
    known = drafting.circles_known("temp")
    with bulk.key_table([("circle", "int")], [(c,) for c in known]) as circles:
        taken = drafting.take_people(draft="temp", known=circles, import_id=None, now=NOW)  # type: ignore[arg-type]
    owners = [None if p is None else taken.first_id + p for p in draft.people.to_pylist()]
    others = [i for i, circle in enumerate(draft.circles.to_pylist()) if circle in known]
    for i, owner in zip(others, resolve(*(rows[i] for i in others), scope=SCOPE) if others else [], strict=True):
        owners[i] = owner
    return owners


def _outcome(before: list[dict[str, Any]], rows: list[dict[str, Any]], way: Any) -> Any:
    """Return what a way leaves, with people told by their records and by whose rows they are; then take it back."""
    try:
        with transaction.atomic():
            if before:
                resolve(*before, scope=SCOPE)
            owners = way(rows)
            roots = dict(Customer.objects.values_list("id", "merged_into_id"))
            seen = picture()
            raise Undo
    except Undo:
        pass
    told = {key: (facts[0], facts[2]) for key, facts in seen["people"].items()}
    final = [None if o is None else told[roots[o] or o] for o in owners]
    return (
        final,
        sorted(map(repr, (told[key] for key, into in roots.items() if into is None))),
        sorted((kind, scope, bytes(digest), repr(told[owner])) for kind, scope, digest, owner in seen["identifiers"]),
        sorted((kind, bytes(digest), repr(told[owner])) for kind, digest, owner in seen["contested"]),
        sorted((repr(sorted(map(repr, (told[a], told[b])))), kind) for a, b, kind, _ in seen["cases"]),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(_ANY, max_size=4), rows=st.lists(_ANY, min_size=1, max_size=8))
def test_drafted_people_are_those_of_the_plain_way(before: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    plain = _outcome(before, rows, lambda rows: resolve(*rows, scope=SCOPE))

    assert _outcome(before, rows, _drafted) == plain


def test_a_person_whom_the_store_does_not_know_is_taken_over_sealed(db: None) -> None:
    owners = _drafted([{"nickname": "a", "receiver_name": "张三", "seen_at": NOW}])

    assert unseal(Customer.objects.get(id=owners[0]).sealed_profile)["accounts"] == [["nickname", SCOPE, "a"]]


@given(
    n=st.integers(1, 12),
    ends=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=14),
)
def test_points_that_edges_connect_have_one_label(n: int, ends: list[tuple[int, int]]) -> None:
    edges = [(a % n, b % n) for a, b in ends]
    group = {i: {i} for i in range(n)}
    for a, b in edges:
        whole = group[a] | group[b]
        for i in whole:
            group[i] = whole

    labels = drafting._connected(n, np.array(edges, np.int64).reshape(-1, 2))

    assert labels.tolist() == [min(group[i]) for i in range(n)]
