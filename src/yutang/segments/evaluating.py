"""Asking the lake who fits a rule: one query an answer, within the asker's stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import pyarrow as pa

from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import the_lake
from yutang.ingest.published import PUBLISHED
from yutang.insight.lake_reading import open_engine
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.lake.catalogue import catalogue_of
from yutang.lake.engines.base import Engine
from yutang.lake.engines.choosing import chosen_engine
from yutang.lake.engines.words import require_words
from yutang.lake.fields import FIELDS, HAPPENINGS
from yutang.segments.member_sets import Keys, as_keys
from yutang.segments.resolving import whole_rule
from yutang.segments.rules.compiling import CompiledRule, Standpoint, people_query
from yutang.segments.rules.tree import Node
from yutang.segments.standpoints import standpoint


class FiguresAreNotReady(DomainError):
    """The lake was written by a version that did not publish all that rules ask about."""

    code: ClassVar[str] = "figures_are_not_ready"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The figures do not hold yet what rules ask about. Refresh them: yutang lake sync, or wait for the next import."
    )


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

    def after(self, key: int, *, size: int) -> list[int]:
        """Return up to so many of them behind a key, ascending."""
        start = int(np.searchsorted(self.people, key, side="right"))
        return [int(one) for one in self.people[start : start + size]]


def found_by(
    rule: Node, *, access: Actor, today: date, as_of: date | None = None, of_segment: int | None = None
) -> Found:
    """Return the people within reach who fit a rule.

    Raises:
        EngineLacksWords: the chosen engine cannot answer it. It is told before anything is kept, and where the lake is empty too.
    """
    whole = whole_rule(rule, of_segment=of_segment)
    require_words(people_query(whole, Standpoint(as_of or today, "CNY")).sql(), chosen_engine())
    with opened_lake() as engine:
        if engine is None:
            return Found(as_keys([]), as_of or today, "CNY", "")
        looked_from = standpoint(engine, access=access, today=today, as_of=as_of)
        rows = _run(engine, people_query(whole, looked_from))
        return Found(as_keys(rows["customer_id"]), looked_from.day, looked_from.currency, engine.snapshot.written_at)


@contextmanager
def opened_lake() -> Iterator[Engine | None]:
    """Open the lake for rules; None where it was never written.

    Raises:
        FiguresAreNotReady: it was written before the facts of rules were published.
    """
    snapshot = the_lake().snapshot()
    if not snapshot.version:
        yield None
        return
    for name in sorted(_tables_of_rules()):
        held = snapshot.manifests.get(name)
        if held is None or not set(PUBLISHED[name].columns) <= set(held.columns):
            raise FiguresAreNotReady
    with open_engine(snapshot) as engine:
        yield engine


def _tables_of_rules() -> set[str]:
    named = catalogue_of("yutang")
    sources = {one.source for one in FIELDS} | {one.source for one in HAPPENINGS}
    return {table for source in sources for table in named[source].reads}


def _run(engine: Engine, query: CompiledRule) -> pa.Table:
    return engine.execute(query.sql(), query.params)
