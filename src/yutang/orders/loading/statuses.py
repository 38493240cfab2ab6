"""How far an order has come, out of the platform's words on its rows."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.targets import LoadContext
from yutang.orders.loading.batch import OrderBatch, minor_of
from yutang.orders.models import OrderStatus

#: Words in states of platforms that no format names, first match wins; the folded text is lower case.
_STATUS_WORDS = (
    (OrderStatus.REFUNDED, ("退款成功", "已退款", "全额退款", "refunded", "returned")),
    (OrderStatus.CANCELLED, ("关闭", "取消", "作废", "cancel", "void", "failed", "expired")),
    (OrderStatus.PLACED, ("等待买家付款", "待付款", "待支付", "未付款", "unpaid", "pending", "on-hold")),
    (OrderStatus.SHIPPED, ("已发货", "待收货", "shipped", "in transit", "fulfilled")),
    (OrderStatus.COMPLETED, ("成功", "完成", "已收货", "已签收", "complete", "delivered")),
    (OrderStatus.PAID, ("已付款", "已支付", "待发货", "备货", "paid", "processing", "to ship", "awaiting")),
)

#: Of rows that differ, the first of these counts: what is alive before what is over, and of that the least far.
_FIRST_COUNTS = (
    OrderStatus.PLACED,
    OrderStatus.PAID,
    OrderStatus.SHIPPED,
    OrderStatus.COMPLETED,
    OrderStatus.REFUNDED,
    OrderStatus.CANCELLED,
)
_REFUNDED, _CANCELLED = _FIRST_COUNTS.index(OrderStatus.REFUNDED), _FIRST_COUNTS.index(OrderStatus.CANCELLED)
_NO_WORD = len(_FIRST_COUNTS)
_GIVEN_BACK = "^全额退款|^退款成功"

Ranks = np.ndarray[Any, np.dtype[np.int64]]


def statuses_of(batch: OrderBatch, context: LoadContext) -> list[int | None]:
    """Return the status of each order, None where the file has no word on it.

    An order of which one line, or a part of the money, was given back is not given back.
    """
    rows = _ranks_by_word(batch.rows, context)
    ranks = np.minimum.reduceat(rows, batch.starts)
    if "refund_status" in batch.rows.column_names:
        texts = pc.fill_null(batch.rows.column("refund_status").combine_chunks(), "")
        given_back = pc.match_substring_regex(texts, _GIVEN_BACK).to_numpy(zero_copy_only=False)
        rows = np.where(given_back & (rows != _CANCELLED), _REFUNDED, rows)
        by_refund = np.minimum.reduceat(rows, batch.starts)
        in_part = (by_refund == _REFUNDED) & (ranks < _REFUNDED) & _refunded_in_part(batch, context)
        ranks = np.where(in_part, ranks, by_refund)
    return [None if rank == _NO_WORD else int(_FIRST_COUNTS[rank]) for rank in ranks.tolist()]


def _ranks_by_word(rows: pa.Table, context: LoadContext) -> Ranks:
    """Return of each row the place of its status in `_FIRST_COUNTS`."""
    if "status" not in rows.column_names:
        return np.full(rows.num_rows, _NO_WORD, np.int64)
    words = rows.column("status").combine_chunks().dictionary_encode()
    known = {_folded(word): OrderStatus[ours.upper()] for word, ours in context.statuses.items()}
    meaning = [_status_of_word(word, known) for word in words.dictionary.to_pylist()]
    ranks = np.array(
        [_NO_WORD if status is None else _FIRST_COUNTS.index(status) for status in meaning] + [_NO_WORD], np.int64
    )
    picked: Ranks = ranks[pc.fill_null(words.indices, len(meaning)).to_numpy()]
    return picked


def _refunded_in_part(batch: OrderBatch, context: LoadContext) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which orders state that less was given back than was paid."""
    total, refunded = (minor_of(batch, field, context) for field in ("total_amount", "refunded_amount"))
    if total is None or refunded is None:
        return np.zeros(batch.orders, bool)
    return np.array([bool(t and r and 0 < r < t) for t, r in zip(total, refunded, strict=True)])


def _status_of_word(word: str | None, known: dict[str, OrderStatus]) -> OrderStatus | None:
    if word is None:
        return None
    folded = _folded(word)
    if folded in known:
        return known[folded]
    for status, words in _STATUS_WORDS:
        if any(w in folded for w in words):
            return status
    return None


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).replace("，", ",").replace(" ", "").lower()
