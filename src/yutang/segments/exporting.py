"""Rows of a table that leaves Yutang: read in batches, masked or in the clear, never run by a spreadsheet program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from yutang.customers.queries import customer_rows
from yutang.customers.views import ClearCustomer
from yutang.foundation.access import Actor
from yutang.insight.queries import Scorecard, scores_for
from yutang.kit.money import from_minor
from yutang.kit.spreadsheets import safe_cell
from yutang.kit.text import N_, Sentence
from yutang.lake.fields import FIELDS

Say = Callable[[Sentence], str]

#: People whose records are read together.
_AT_ONCE = 1_000
_SCORE_TITLES = (N_("Stage"), N_("Orders"), N_("Spent"), N_("Currency"), N_("Last order"))


@dataclass(frozen=True)
class MaskedExport:
    """People as rows, masked as every screen shows them.

    Attributes:
        access: whose reach bounds what is read.
        keys: the people, ascending.
    """

    access: Actor
    keys: Sequence[int]

    def rows(self, say: Say) -> Iterator[list[str]]:
        """Yield the header and a row a person; `say` speaks the sentences among the cells."""
        titles = (N_("Number"), N_("Name"), N_("Phone"), N_("City"), N_("Store"), N_("Tags"))
        yield [say(Sentence(title)) for title in (*titles, *_SCORE_TITLES)]
        for batch in _batches(self.keys):
            people = customer_rows(access=self.access, ids=batch)
            scores = scores_for(access=self.access, customer_ids=batch)
            for key in batch:
                person = people.get(key)
                if person is not None:
                    name = person.name if isinstance(person.name, str) else say(person.name)
                    tags = " ".join(tag.name for tag in person.tags)
                    cells = [str(key), name, person.phone, person.city, person.store_name, tags]
                    yield _safe([*cells, *_score_cells(scores.get(key), say)])


@dataclass(frozen=True)
class ClearExport:
    """People as rows in the clear; to be read once.

    Attributes:
        access: whose reach bounds what is read.
        keys: the people, ascending.
        people: the same, unmasked, in any order.
    """

    access: Actor
    keys: Sequence[int]
    people: Iterator[ClearCustomer]

    def rows(self, say: Say) -> Iterator[list[str]]:
        """Yield the header and a row a person; `say` speaks the sentences among the cells."""
        titles = (N_("Number"), N_("Name"), N_("Phone"), N_("E-mail"))
        yield [say(Sentence(title)) for title in (*titles, *_SCORE_TITLES)]
        while batch := list(islice(self.people, _AT_ONCE)):
            scores = scores_for(access=self.access, customer_ids=[one.id for one in batch])
            for one in batch:
                cells = [str(one.id), one.name, " ".join(one.phones), " ".join(one.emails)]
                yield _safe([*cells, *_score_cells(scores.get(one.id), say)])


def _batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _score_cells(score: Scorecard | None, say: Say) -> list[str]:
    if score is None:
        return [""] * len(_SCORE_TITLES)
    return [
        say(FIELDS["stage"].choices[score.stage]),
        str(score.orders),
        str(from_minor(score.spend_minor, currency=score.currency)),
        score.currency,
        score.last_order_date.isoformat() if score.last_order_date else "",
    ]


def _safe(cells: Sequence[str]) -> list[str]:
    return [safe_cell(cell) for cell in cells]
