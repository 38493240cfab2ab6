"""Columns of money: amounts in minor units of the currency that each row names."""

from __future__ import annotations

from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.targets import LoadContext
from yutang.kit.money import decimals_of

#: ISO 4217 code of all rows, or of each; strings, shape (n,).
Currencies: TypeAlias = str | pa.Array


def currencies_of(table: pa.Table, context: LoadContext) -> Currencies:
    """Return the currency of each row: the one it names, else that of the row before it, else the import's.

    Files that write an order over several rows name its currency on the first of them only.
    """
    if "currency" not in table.column_names:
        return context.currency
    named = table.column("currency").combine_chunks()
    distinct = pc.unique(named).drop_null()
    if len(distinct) == 0:
        return context.currency
    if len(distinct) == 1 and not named.null_count:
        return str(distinct[0])
    return pc.fill_null(pc.fill_null_forward(named), context.currency)


def to_minor_array(amount: pa.Array, currencies: Currencies) -> pa.Array:
    """Return decimal major units as int64 minor units, half rounded away from zero; null stays null."""
    return rounded_micro(micro_of(amount), currencies)


def micro_of(amount: pa.Array) -> pa.Array:
    """Return decimal128(20, 6) amounts as int64 millionths; null where one does not fit."""
    fits = pc.less(pc.abs(amount), pa.scalar(1_000_000_000_000, pa.decimal128(20, 6)))
    amount = pc.if_else(fits, amount, pa.scalar(None, amount.type))
    scaled = pc.multiply(amount, pa.scalar(1_000_000, pa.decimal128(7, 0)))
    return pc.cast(pc.cast(scaled, pa.decimal128(28, 0), safe=False), pa.int64())


def rounded_micro(micro: pa.Array, currencies: Currencies) -> pa.Array:
    """Return millionths as minor units, half rounded away from zero."""
    if isinstance(currencies, str):
        unit: pa.Scalar | pa.Array = pa.scalar(_unit(currencies), pa.int64())
    else:
        encoded = currencies.dictionary_encode()
        unit = pa.array([_unit(each) for each in encoded.dictionary.to_pylist()], pa.int64()).take(encoded.indices)
    magnitude = pc.divide(pc.add(pc.abs(micro), pc.divide(unit, pa.scalar(2, pa.int64()))), unit)
    return pc.multiply(magnitude, pc.sign(micro))


def _unit(currency: str) -> int:
    """Return how many millionths a minor unit is."""
    return int(10 ** (6 - decimals_of(currency)))
