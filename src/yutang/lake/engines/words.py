"""Which words of SQL an engine answers with the same rows: found out of a query before it runs, and refused with a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import sqlglot
from sqlglot import exp

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.lake.engines.base import Dialect


class EngineLacksWords(DomainError):
    """A query uses what only another engine can do, or does otherwise."""

    code: ClassVar[str] = "engine_lacks_words"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "%(engine)s cannot answer this as DuckDB does: it was never tried with %(words)s. "
        "Ask it with YUTANG_ENGINE=duckdb, or say it in other words."
    )


def require_words(sql: str, dialect: Dialect) -> None:
    """Refuse a query that the engine cannot answer, or would answer with other rows.

    Args:
        sql: in DuckDB's dialect.
        dialect: of the engine.

    Raises:
        EngineLacksWords: it uses a word that the engine is not known to have.
    """
    if dialect.words is not None:
        lacking = words_of(sql) - dialect.words
        if lacking:
            raise EngineLacksWords(engine=dialect.title, words=", ".join(sorted(lacking)))


@lru_cache(maxsize=2_048)
def words_of(sql: str) -> frozenset[str]:
    """Return the words by which engines differ: functions by name, and the ways to join, pivot, slice and narrow that some lack."""
    return frozenset(
        word
        for tree in sqlglot.parse(sql, read="duckdb")
        if tree is not None
        for node in tree.walk()
        for word in _of(node)
    )


def _of(node: exp.Expr) -> Iterator[str]:
    # The names of boolean connectives are SQLGlot's, and no engine lacks them.
    if isinstance(node, exp.Func) and not isinstance(node, exp.Connector | exp.If | exp.Case):
        yield _name_of(node)
    elif isinstance(node, exp.Join):
        if node.method:
            yield f"{node.method} JOIN".lower()
    elif isinstance(node, exp.SetOperation):
        if node.args.get("by_name"):
            yield "by name"
    elif isinstance(node, exp.Distinct):
        if node.args.get("on"):
            yield "distinct on"
    elif isinstance(node, _CONSTRUCTS):
        yield type(node).__name__.lower()


#: What some engine lacks, or means otherwise, and that is no function.
_CONSTRUCTS = (
    exp.Pivot, exp.Slice, exp.WithinGroup, exp.Lambda, exp.IgnoreNulls, exp.RespectNulls, exp.Unnest, exp.Lateral, exp.TableSample,
)  # fmt: skip


def _name_of(function: exp.Func) -> str:
    if isinstance(function, exp.Anonymous):
        return function.name.lower()
    name = function.sql_name().lower()
    if isinstance(function, exp.DateDiff):
        # Days are counted alike; of months and hours one engine counts boundaries, another whole spans.
        return f"{name}({(function.text('unit') or 'day').lower()})"
    return name
