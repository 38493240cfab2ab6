"""A query as one reads it: with its values written in, and its steps one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlglot
from sqlglot import exp

from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.lake.catalogue import NamedQuery, Param


class ParameterIsWrong(DomainError):
    """A parameter is unknown, or its value cannot be read as its type."""

    code = "parameter_is_wrong"
    http_status = 422
    message = N_("%(name)s is not a parameter of this query, or %(value)s is not of its type. It takes: %(expected)s")


class ParametersAreMissing(DomainError):
    """A query is run only with all its parameters."""

    code = "parameters_are_missing"
    http_status = 422
    message = N_("Give these parameters too: %(names)s.")


class NotForRunning(DomainError):
    """The query needs rows that only the program lends it, or tables that the lake does not hold yet."""

    code = "not_for_running"
    http_status = 409
    message = N_("%(name)s cannot be run by itself: it needs rows lent by the program, or the lake was never synced.")


@dataclass(frozen=True)
class Step:
    """One step of a query.

    Attributes:
        name: name of the common table expression; ``result`` for the last.
        sql: a query that shows the rows of this step.
    """

    name: str
    sql: str


def rendered(query: NamedQuery, params: Mapping[str, Any] | None = None, *, dialect: str = "duckdb") -> str:
    """Return the query's text without its header; given parameters are written in as literals, for reading only."""
    return _with_values(_tree_of(query), params or {}).sql(dialect=dialect, pretty=True, comments=False)


def steps_of(query: NamedQuery, params: Mapping[str, Any] | None = None, *, dialect: str = "duckdb") -> list[Step]:
    """Return the steps of a query in order, each as a query of its own, the last named ``result``."""
    tree = _with_values(_tree_of(query), params or {})
    ctes = list(tree.ctes) if isinstance(tree, exp.Query) else []
    steps = []
    for position, cte in enumerate(ctes):
        shown = exp.select("*").from_(exp.to_table(cte.alias))
        for before in ctes[: position + 1]:
            shown = shown.with_(before.alias, as_=before.this.copy(), copy=False)
        steps.append(Step(cte.alias, shown.sql(dialect=dialect, pretty=True, comments=False)))
    return [*steps, Step("result", tree.sql(dialect=dialect, pretty=True, comments=False))]


def read_params(query: NamedQuery, written: Mapping[str, str]) -> dict[str, Any]:
    """Return parameter values from text, as a person writes them on the command line (lists with commas).

    Raises:
        ParameterIsWrong: a name is unknown or a value is not of the type.
    """
    expected = ", ".join(f"{each.name} {each.type}" for each in query.params.values())
    values = {}
    for name, text in written.items():
        try:
            values[name] = _value_of(query.params[name], text)
        except (KeyError, ValueError) as error:
            raise ParameterIsWrong(name=name, value=text, expected=expected) from error
    return values


def _value_of(param: Param, text: str) -> Any:
    if param.type.endswith("[]"):
        element = Param(param.name, param.type.removesuffix("[]"))
        return [_value_of(element, each) for each in text.split(",") if each]
    if text.lower() == "null":
        return None
    return _READERS.get(param.type, str)(text)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "DATE": date.fromisoformat,
    "TIMESTAMP": datetime.fromisoformat,
    "INTEGER": int,
    "BIGINT": int,
    "DOUBLE": float,
    "BOOLEAN": lambda text: {"true": True, "false": False}[text.lower()],
}


def _tree_of(query: NamedQuery) -> exp.Expr:
    return sqlglot.parse_one(query.sql, read="duckdb")


def _with_values(tree: exp.Expr, params: Mapping[str, Any]) -> exp.Expr:
    def written(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder | exp.Parameter) and node.name in params:
            return _literal(params[node.name])
        return node

    return tree.transform(written)


def _literal(value: Any) -> exp.Expr:
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "TIMESTAMP")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    if isinstance(value, list | tuple):
        return exp.Array(expressions=[_literal(each) for each in value])
    return exp.convert(value)
