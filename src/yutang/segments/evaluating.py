"""Asking the lake who fits a rule: one query an answer, within the asker's stores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import the_lake
from yutang.insight.lake_reading import open_engine
from yutang.lake.engines.base import Engine
from yutang.segments.member_sets import Keys, as_keys
from yutang.segments.resolving import whole_rule
from yutang.segments.rules.compiling import CompiledRule, Standpoint, count_query, people_query
from yutang.segments.rules.tree import Node
from yutang.segments.standpoints import standpoint


@dataclass(frozen=True)
class Found:
    """Who fits a rule.

    Attributes:
        people: keys, ascending, shape (n,).
        as_of: the first day that was not known: days were counted back from it.
        currency: in which amounts were summed.
        lake_written_at: instant of the facts (UTC, ISO 8601); empty where the lake was never written.
    """

    people: Keys
    as_of: date
    currency: str
    lake_written_at: str

    def spread(self, size: int) -> list[int]:
        """Return up to so many of them, spread evenly over all."""
        places = [len(self.people) * place // size for place in range(size)] if len(self.people) > size else None
        return [int(key) for key in (self.people if places is None else self.people[places])]


def found_by(
    rule: Node, *, access: Actor, today: date, as_of: date | None = None, of_segment: int | None = None
) -> Found:
    """Return the people within reach who fit a rule."""
    whole = whole_rule(rule, of_segment=of_segment)
    with open_engine(the_lake().snapshot()) as engine:
        looked_from = standpoint(engine, access=access, today=today, as_of=as_of)
        rows = _run(engine, people_query(whole, looked_from))
        return Found(as_keys(rows["customer_id"]), looked_from.day, looked_from.currency, engine.snapshot.written_at)


def counted(engine: Engine, rule: Node, looked_from: Standpoint) -> int:
    """Return how many people fit a rule without references."""
    return int(_run(engine, count_query(rule, looked_from))["people"][0].as_py())


def _run(engine: Engine, query: CompiledRule) -> pa.Table:
    return engine.execute(query.sql(dialect=engine.dialect.sqlglot_name), query.params)
