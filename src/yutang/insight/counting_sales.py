"""Reads the sales of the lake and counts them by customer here, as many people at once as memory allows."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from yutang.insight.methods.side_by_side import Counting, HasNoRoom, Sales
from yutang.kit.ahead import ahead
from yutang.lake.catalogue import NamedQuery, catalogue_of
from yutang.lake.engines.base import Engine

#: What a sale takes while it is counted. Where the engine's memory has no room for all, people are taken in slices.
_BYTES_A_SALE = 16
#: So many sales come at once from an engine that works elsewhere.
_FROM_ELSEWHERE = 6_000_000

Told = TypeVar("Told", bound=Any)


def counted_by_customer(
    engine: Engine, query: str, params: Mapping[str, Any], counting: Callable[..., Counting[Told]]
) -> list[Told]:
    """Return what each customer's sales say, in parts that have no customer in common.

    Args:
        engine: over the lake.
        query: name of one that gives ``customer_id``, ``business_date`` and ``net_minor``, null where money is not counted, and
            takes ``slices`` and ``slice``: only customers whose key leaves this rest.
        params: its other parameters.
        counting: what is counted, made with ``most`` and ``bits``; it tells data classes with ``customer_ids``.
    """
    asked = catalogue_of("yutang")[query]
    most = sum(file.rows for file in engine.snapshot.manifests["orders_order"].partitions.values())
    near = engine.dialect.is_near
    bits = _bits(most * _BYTES_A_SALE / engine.memory_bytes if near else most / _FROM_ELSEWHERE)
    parts = list[Told]()
    for place in range(1 << bits):
        own = {**params, "slices": 1 << bits, "slice": place}
        try:
            # Closed also where there is no room: the engine answers one question at a time.
            with closing(_sales(engine, asked, own)) as sales, closing(ahead(sales)) as coming:
                parts += _counted(coming, counting(most=most, bits=bits))
        except HasNoRoom:
            parts += _by_rank(engine, asked, own, counting)
    return parts


def _counted(sales: Iterable[Sales], counting: Counting[Told]) -> list[Told]:
    for some in sales:
        counting.take(some)
    return counting.counted(os.cpu_count() or 1)


def _by_rank(
    engine: Engine, query: NamedQuery, params: Mapping[str, Any], counting: Callable[..., Counting[Told]]
) -> list[Told]:
    """Return the same where keys lie far apart: customers are counted by their rank, for which the sales are read once more."""
    keys = np.zeros(0, np.int64)
    for some in _sales(engine, query, params):
        keys = np.union1d(keys, some.customer_ids)
    with closing(_sales(engine, query, params)) as sales:
        ranked = (replace(some, customer_ids=np.searchsorted(keys, some.customer_ids)) for some in sales)
        found = _counted(ranked, counting(most=len(keys)))
    return [replace(part, customer_ids=keys[part.customer_ids]) for part in found]


def _bits(slices: float) -> int:
    """Return how many bits tell at least so many slices apart."""
    return max(0, math.ceil(slices) - 1).bit_length()


def _sales(engine: Engine, query: NamedQuery, params: Mapping[str, Any]) -> Generator[Sales]:
    for batch in engine.batches(query, params):
        money = batch.column("net_minor")
        yield Sales(
            batch.column("customer_id").to_numpy(),
            batch.column("business_date").cast(pa.int32()).to_numpy().astype(np.int64),
            (money.fill_null(0) if money.null_count else money).to_numpy(),
            money.is_valid().to_numpy(zero_copy_only=False) if money.null_count else None,
        )
