"""Yes and no."""

from __future__ import annotations

import pyarrow as pa

from yutang.ingest.values.outcome import NOT_A_YES_OR_NO, Parsed, each_distinct
from yutang.ingest.values.texts import cleaned

_YES = frozenset({"是", "有", "已", "对", "真", "√", "✓", "y", "yes", "true", "t", "1", "1.0", "on", "会员"})
_NO = frozenset(
    {"否", "无", "未", "不是", "没有", "非", "假", "×", "✗", "n", "no", "false", "f", "0", "0.0", "off", "非会员"}
)


def yes_or_no(array: pa.StringArray) -> Parsed:
    """Return truth values of words such as 是, 否, yes, no."""
    return each_distinct(cleaned(array), _truth, pa.bool_())


def _truth(cell: str) -> tuple[bool | None, str | None]:
    word = cell.strip().lower()
    if word in _YES:
        return True, None
    return (False, None) if word in _NO else (None, NOT_A_YES_OR_NO)
