"""Types of published columns: what they are called in a declaration and what Arrow makes of them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

#: Instants are UTC without a zone, because Spark reads zoned Parquet timestamps by the session's zone.
ARROW_TYPES: Mapping[str, pa.DataType] = {
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "boolean": pa.bool_(),
    "string": pa.string(),
    "float64": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def schema_of(columns: Mapping[str, str]) -> pa.Schema:
    """Return the Arrow schema of columns given as ``{name: type}``.

    Raises:
        ValueError: a type is not one of `ARROW_TYPES`.
    """
    unknown = sorted(set(columns.values()) - set(ARROW_TYPES))
    if unknown:
        raise ValueError(f"unknown column types: {', '.join(unknown)}")
    return pa.schema([(name, ARROW_TYPES[kind]) for name, kind in columns.items()])
