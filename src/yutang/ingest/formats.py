"""Export formats that merchants really have: a declaration, and the registry into which domains put theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from yutang.kit.registry import Registry


@dataclass(frozen=True)
class Format:
    """One kind of export file: how it is recognised, and which column means what.

    Attributes:
        code: stable name, for example ``taobao_orders``.
        title: what the screen calls it, marked with `N_`.
        platform: where the orders were placed; order numbers are unique within a platform's shop.
        target: code of the import target.
        grain: what a row is: ``order``, ``line`` (of an order) or ``row``.
        columns: target field → header names that may hold it, best first. A field beginning with ``_`` is no field of
            the target: its column reaches `adjust` as text and ends there.
        signature: header names that tell the format from all others; most of them suffice.
        keys: fields without whose columns a file is not of this format.
        needs: fields whose columns must be there, or rows would come in without their goods or money; a file without
            them is refused.
        statuses: the platform's word for a state → placed, paid, shipped, completed, cancelled or refunded.
            Compared after NFKC, without spaces, with ASCII commas.
        day_first: whether 03/04/2024 is the 3rd of April; None where it varies by market.
        summed: amounts that belong to the line, so that an order's amount is their sum; all others are the order's own,
            repeated on each of its rows or standing on the first.
        prepare: quirks of the raw cells: takes a batch of the reader and the positions of the fields, and returns a
            batch of the same columns, perhaps with more rows (which then share a row number).
        adjust: quirks that a mapping cannot say, on the typed table.
    """

    code: str
    title: str
    platform: str
    target: str
    grain: str
    columns: Mapping[str, tuple[str, ...]]
    signature: frozenset[str]
    keys: tuple[str, ...] = ("order_number",)
    needs: tuple[str, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)
    day_first: bool | None = None
    summed: frozenset[str] = frozenset()
    prepare: Callable[[pa.RecordBatch, Mapping[str, int]], pa.RecordBatch] | None = None
    adjust: Callable[[pa.Table], pa.Table] | None = None


FORMATS: Registry[Format] = Registry(what="export formats", name_of=lambda form: form.code)
