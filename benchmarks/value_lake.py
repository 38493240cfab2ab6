"""A lake of the orders of simulated customers, written without files in between, for `bench_value`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

FROM = date(2024, 7, 1)
TO = date(2026, 7, 1)
_CHUNK = 16_384
_STORES = 200


def write_lake(root: Path, *, customers: int, seed: int, regions: int = 0) -> dict[str, int]:
    """Write the sales and refunds of simulated people into a lake and return how many there are.

    Args:
        root: folder of the lake.
        customers: people who buy. Count.
        seed: of the simulation.
        regions: over which the stores of the people are spread; 0: nobody has a store.
    """
    from yutang.ingest.published import PUBLISHED
    from yutang.lake.columns import schema_of
    from yutang.lake.manifest import Lake, Manifest
    from yutang.lake.partitions import PartitionWriter

    manifests = {}
    counted = {"people": 0, "orders": 0}
    for table in PUBLISHED:
        schema = schema_of(table.columns)
        with PartitionWriter(
            root=root, table=table.name, schema=schema, month_column=table.month_column, sorted_by=table.sorted_by
        ) as writer:
            if table.name == "orders_order":
                for batch in _orders(schema, customers=customers, seed=seed, counted=counted, regions=regions):
                    writer.write(batch)
            elif table.name == "foundation_store" and regions:
                writer.write(_stores(schema, regions))
            files = writer.finish()
        manifests[table.name] = Manifest(table.name, 1, dict(table.columns), table.declaration, files)
    lake = Lake(root)
    with lake.writing():
        lake.swap(manifests=manifests, sync={}, now=datetime(2026, 7, 1, tzinfo=UTC))
    return counted


def _stores(schema: pa.Schema, regions: int) -> pa.RecordBatch:
    key = np.arange(1, _STORES + 1, dtype=np.int64)
    known = {"store_id": pa.array(key), "region_id": pa.array(key % regions + 1)}
    columns = [known[field.name] if field.name in known else pa.nulls(_STORES, field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _orders(  # type: ignore[no-untyped-def]
    schema: pa.Schema, *, customers: int, seed: int, counted: dict[str, int], regions: int
):
    from yutang.simulator.behaviour import Behaviour
    from yutang.simulator.catalogue import Catalogue
    from yutang.simulator.chain import made_up_chain
    from yutang.simulator.chance import Dice
    from yutang.simulator.orders import ATTEMPT, DAY, OrderBook
    from yutang.simulator.people import People
    from yutang.simulator.plan import Plan

    plan = Plan(seed=seed, customers=customers, stores=_STORES, from_date=FROM, to_date=TO, causes=()).tidy()
    dice = Dice(seed)
    people = People(plan, dice, made_up_chain(plan, dice))
    behaviour = Behaviour(plan, dice, people, ())
    book = OrderBook(plan, dice, people=people, catalogue=Catalogue(), behaviour=behaviour, causes=())
    block = 0
    while counted["people"] < customers:
        lives, purchases = behaviour.block(block, np.arange(block * _CHUNK, (block + 1) * _CHUNK, dtype=np.int64))
        block += 1
        orders, lost = book.of(lives, purchases)
        kept = orders[~lost & (orders["person"] >= 0) & (orders["kind"] != ATTEMPT)]
        # Only as many buyers as were asked for.
        buyers = np.unique(kept["person"])[: customers - counted["people"]]
        kept = kept[kept["person"] <= buyers[-1]]
        counted["people"] += len(buyers)
        days = (FROM - date(1970, 1, 1)).days + kept["second"] // DAY
        known = {
            "order_id": pa.array(kept["key"]),
            "customer_id": pa.array(kept["person"].astype(np.int64) + 1),
            "status": pa.array(np.full(len(kept), 40, dtype=np.int16)),
            "business_date": pa.array(days.astype(np.int32)).cast(pa.date32()),
            "currency": pa.array(["CNY"] * len(kept)),
            "total_minor": pa.array(kept["total"].astype(np.int64)),
            "refunded_minor": pa.array(kept["refunded"].astype(np.int64)),
        }
        if regions:
            known["store_id"] = pa.array(kept["person"].astype(np.int64) % _STORES + 1)
        counted["orders"] += len(kept)
        columns = [known[field.name] if field.name in known else pa.nulls(len(kept), field.type) for field in schema]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def last_day() -> date:
    """Return the last day of the simulated span."""
    return TO - timedelta(days=1)
