"""Where a file is cut into batches makes no difference, and no row order joins people who are not one."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.customers.rows import NOW, phone, picture, record, resolve
from yutang.customers.models import Customer
from yutang.customers.rules import seen_name

pytestmark = pytest.mark.django_db

_NAMES = st.sampled_from([None, "张三", "李四", "张*", "李女士"])
_PHONES = st.sampled_from([None, phone(1), phone(2)])
_ROWS = st.fixed_dictionaries(
    {
        "nickname": st.sampled_from([None, None, "a", "b"]),
        "member_no": st.sampled_from([None, None, None, "1", "2"]),
        "unionid": st.sampled_from([None, None, None, "u", "v"]),
        "name": _NAMES,
        "phone": _PHONES,
        "receiver_name": _NAMES,
        "receiver_phone": _PHONES,
        "email": st.sampled_from([None, None, "a@example.com"]),
        "city": st.sampled_from([None, "杭州市", "上海市"]),
        "seen_at": st.sampled_from([None, *(NOW + timedelta(days=n) for n in range(4))]),
        "scope": st.sampled_from(["taobao:shop", "jd"]),
    }
)


class Undo(Exception):
    """Takes back what an example wrote."""


def outcome(batches: list[list[dict[str, Any]]]) -> tuple[list[int | None], dict[str, Any]]:
    """Return whose rows they are and what the store holds, with people numbered as they were made; then take it back."""
    try:
        with transaction.atomic():
            owners = [owner for batch in batches for owner in _resolved(batch)]
            roots = dict(Customer.objects.values_list("id", "merged_into_id"))
            seen = picture()
            raise Undo
    except Undo:
        pass
    number = {old: n for n, old in enumerate(k for k, into in sorted(roots.items()) if into is None)}
    final = [None if o is None else number[roots[o] or o] for o in owners]
    people = {number[i]: facts[0] for i, facts in seen["people"].items() if roots[i] is None}
    identifiers = sorted((kind, scope, digest, number[i]) for kind, scope, digest, i in seen["identifiers"])
    return final, {"people": people, "identifiers": identifiers}


def _resolved(batch: list[dict[str, Any]]) -> list[int | None]:
    """Return the owners of a batch; like a file, a batch has one scope, so that rows of another begin the next call."""
    owners: list[int | None] = []
    start = 0
    for end in range(1, len(batch) + 1):
        if end == len(batch) or batch[end]["scope"] != batch[start]["scope"]:
            owners += resolve(*batch[start:end], scope=batch[start]["scope"])
            start = end
    return owners


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_ROWS, min_size=1, max_size=9), cuts=st.sets(st.integers(1, 8)))
def test_people_are_the_same_wherever_the_file_is_cut(rows: list[dict[str, Any]], cuts: set[int]) -> None:
    edges = [0, *sorted(c for c in cuts if c < len(rows)), len(rows)]

    whole = outcome([rows])
    pieces = outcome([rows[a:b] for a, b in pairwise(edges)])

    assert pieces == whole


_PARCELS = st.fixed_dictionaries(
    {
        "nickname": st.sampled_from(["a", "a", "b", None]),
        "phone": st.sampled_from([None, None, None, phone(1)]),
        "receiver_name": st.sampled_from(["张三", "张三", "李四", "张女士"]),
        "receiver_phone": st.sampled_from([phone(1), phone(1), phone(2), None]),
        "email": st.sampled_from([None, None, None, "a@example.com"]),
        # Every row that brings an order has its instant; rows without one may be folded in another order.
        "seen_at": st.sampled_from([NOW + timedelta(days=n) for n in range(3)]),
        "scope": st.just("taobao:shop"),
    }
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_PARCELS, min_size=2, max_size=8))
def test_parcels_that_are_folded_teach_what_they_teach_one_by_one(rows: list[dict[str, Any]]) -> None:
    assert outcome([[row] for row in rows]) == outcome([rows])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_ROWS, min_size=1, max_size=7))
def test_replaying_comes_to_rest(rows: list[dict[str, Any]]) -> None:
    """A name that a later row taught may help an earlier row in the next replay; after that nothing changes any more."""
    try:
        with transaction.atomic():
            for _ in range(5):
                _resolved(rows)
            settled = picture()
            owners = _resolved(rows)
            assert _resolved(rows) == owners
            assert picture() == settled
            raise Undo
    except Undo:
        pass


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_ROWS, min_size=2, max_size=9))
def test_rows_of_two_names_without_a_common_account_are_never_one_persons(rows: list[dict[str, Any]]) -> None:
    own = [{**row, "receiver_name": None, "receiver_phone": None, "member_no": None, "unionid": None} for row in rows]
    try:
        with transaction.atomic():
            owners = _resolved(own)
            for row, owner in zip(own, owners, strict=True):
                clear = seen_name(row["name"]).clear
                if owner is not None and row["nickname"] is None and clear:
                    root = Customer.objects.get(id=owner)
                    assert seen_name(record(root.merged_into_id or root.id)["name"]).clear == clear
            raise Undo
    except Undo:
        pass
