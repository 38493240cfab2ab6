"""Lists of people by what rooms below know of them together: names, tags, stores, order numbers, stages and scores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from yutang.customers import queries as people
from yutang.customers.views import CustomerRow
from yutang.foundation.access import Actor
from yutang.insight.queries.scores import (
    Scorecard,
    customers_in_stage,
    highest_scored,
    latest_run,
    scored_customers,
    scores_for,
    stage_counts,
)
from yutang.orders.queries import customers_by_order_number

#: People of a stage, or with a name, are looked for in this many steps at most; the next page goes on from there.
_STEPS = 5
_STEP = 500
#: People who fit are counted so many at a time, and so many times at most; where names are read for it, fewer times.
_LOOK, _LOOKS, _LOOKS_AT_NAMES = 1_000, 10, 1
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Keys of the store are of 63 bits.
_DIGITS = 18
#: How the place begins of a page of people who came after the last scoring.
_NEWCOMERS = "new~"


@dataclass(frozen=True)
class PeopleWanted:
    """What a list of people is narrowed to, and its order.

    Attributes:
        text: a name or part of one, or exactly a phone, e-mail, account, member number or order number.
        stage: name of a stage; empty: all.
        sort: ``spend``, ``last_order`` or ``newest``; with `text` or `tag_id` always the newest first.
    """

    text: str = ""
    stage: str = ""
    tag_id: int | None = None
    store_id: int | None = None
    sort: str = "spend"


@dataclass(frozen=True)
class PeopleListed:
    """A page of people.

    Attributes:
        ids: their keys, in the order of the list; of who was deleted meanwhile there is no row.
        scores: by key; who was never scored is missing.
        next_key: asks for the next page, of the same order; None on the last one. A page may be short, even empty, before a `next_key`.
    """

    ids: tuple[int, ...]
    rows: Mapping[int, CustomerRow]
    scores: Mapping[int, Scorecard]
    next_key: str | None


@dataclass(frozen=True)
class PeopleCounted:
    """How many people fit: `people`, or at least so many where `is_all` is false."""

    people: int
    is_all: bool


def people_listed(*, access: Actor, wanted: PeopleWanted, after: str = "", limit: int = 50) -> PeopleListed:
    """Return a page of people within reach; by spend, who came after the last scoring stands at the end, the newest first.

    Args:
        access: needs ``customers.view``.
        wanted: what to narrow to.
        after: `next_key` of the page before.
        limit: people a page.
    """
    access.require("customers.view")
    by_score = not wanted.text and wanted.tag_id is None and wanted.sort != "newest"
    filters = _filters(wanted)
    if by_score and latest_run() is not None:
        if _takes_newcomers(wanted) and after.startswith(_NEWCOMERS):
            newcomers, following = _newcomers(access, filters, after, limit)
            return PeopleListed(tuple(newcomers), newcomers, {}, following)
        page = scored_customers(
            access=access,
            stage=wanted.stage or None,
            store_ids=None if wanted.store_id is None else [wanted.store_id],
            sort="last_order" if wanted.sort == "last_order" else "spend",
            after=after if "~" in after else None,
            limit=limit,
        )
        scores = {score.customer_id: score for score in page.scores}
        rows = people.customer_rows(access=access, ids=list(scores))
        if page.next_key is not None or not _takes_newcomers(wanted):
            return PeopleListed(tuple(scores), rows, scores, page.next_key)
        newcomers, following = _newcomers(access, filters, _NEWCOMERS, limit - len(scores))
        return PeopleListed((*scores, *newcomers), {**rows, **newcomers}, scores, following)
    rows, following = _by_people(access, wanted, filters, after, limit)
    return PeopleListed(tuple(rows), rows, scores_for(access=access, customer_ids=list(rows)), following)


def people_count(*, access: Actor, wanted: PeopleWanted) -> PeopleCounted:
    """Return how many people within reach fit; counted by what is kept or by an index, else by looking at so many people at most.

    Args:
        access: needs ``customers.view``.
        wanted: what to narrow to; people of a stage are those of the last scoring.
    """
    access.require("customers.view")
    if wanted.store_id is not None:
        reached = frozenset({wanted.store_id}) if access.reaches(wanted.store_id) else frozenset()
        access, wanted = replace(access, store_ids=reached), replace(wanted, store_id=None)
    if not wanted.text and wanted.tag_id is None:
        if wanted.stage:
            return PeopleCounted(stage_counts(access=access).get(wanted.stage, 0), is_all=True)
        return PeopleCounted(people.customer_count(access=access), is_all=True)
    if not wanted.text and not wanted.stage and wanted.tag_id is not None:
        carriers = people.carrier_count(access=access, tag_id=wanted.tag_id)
        if carriers is not None:
            return PeopleCounted(carriers, is_all=True)
    return _counted_one_by_one(access, wanted)


def _counted_one_by_one(access: Actor, wanted: PeopleWanted) -> PeopleCounted:
    filters = _filters(wanted)
    by_pieces = people.is_found_by_pieces(filters)
    looks = _LOOKS_AT_NAMES if by_pieces else _LOOKS
    found, key = 0, None
    for _look in range(looks):
        keys = people.customer_keys(access=access, filters=filters, after_key=key, limit=_LOOK)
        ids: Sequence[int] = keys.ids
        if wanted.stage:
            ids = customers_in_stage(customer_ids=ids, stage=wanted.stage)
        found += len(people.found_rows(access=access, filters=filters, ids=ids)) if by_pieces else len(ids)
        key = keys.next_key
        if key is None:
            return PeopleCounted(found, is_all=True)
    return PeopleCounted(found, is_all=False)


def is_place_of(*, wanted: PeopleWanted, place: str) -> bool:
    """Return whether a place in a list can be one of this list: each order has places of its own kind."""
    if wanted.text or wanted.tag_id is not None or wanted.sort == "newest":
        return _is_key(place)
    value, tilde, key = place.partition("~")
    if not tilde:
        # Before the first scoring the newest come first.
        return latest_run() is None and _is_key(place)
    if place.startswith(_NEWCOMERS):
        return _takes_newcomers(wanted) and (not key or _is_key(key))
    if wanted.sort == "spend":
        return _is_key(value.removeprefix("-")) and _is_key(key)
    return _DAY.fullmatch(value) is not None and _is_key(key)


def _filters(wanted: PeopleWanted) -> people.CustomerFilters:
    return people.CustomerFilters(
        text=wanted.text,
        store_id=wanted.store_id,
        tag_id=wanted.tag_id,
        also_ids=tuple(customers_by_order_number(wanted.text)) if wanted.text else (),
    )


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS


def _takes_newcomers(wanted: PeopleWanted) -> bool:
    """Return whether who has no score yet belongs to a list by score: they have no stage and no known last order."""
    return not wanted.stage and wanted.sort == "spend"


def _newcomers(
    access: Actor, filters: people.CustomerFilters, after: str, limit: int
) -> tuple[dict[int, CustomerRow], str | None]:
    """Return who came after the last scoring, the newest first, and the place of the next page.

    Keys rise, and a scoring takes everybody: who came later lies above the highest key that has a score.
    """
    key = after.removeprefix(_NEWCOMERS)
    scored_to = highest_scored()
    found = people.customer_keys(
        access=access, filters=filters, after_key=int(key) if _is_key(key) else None, limit=limit + 1
    )
    ids = [one for one in found.ids if one > scored_to]
    shown = ids[:limit]
    rows = {row.id: row for row in people.found_rows(access=access, filters=filters, ids=shown)}
    following = str(shown[-1]) if shown else ""
    return rows, f"{_NEWCOMERS}{following}" if len(ids) > limit else None


def _by_people(
    access: Actor, wanted: PeopleWanted, filters: people.CustomerFilters, after: str, limit: int
) -> tuple[dict[int, CustomerRow], str | None]:
    """Look through people by key until the page is full; a stage is a fact of this room, asked for many at once."""
    key = int(after) if after.isdecimal() and len(after) <= _DIGITS else None
    rows: dict[int, CustomerRow] = {}
    for _step in range(_STEPS):
        keys = people.customer_keys(
            access=access, filters=filters, after_key=key, limit=_STEP if wanted.stage else limit
        )
        ids = list(keys.ids)
        if wanted.stage:
            ids = customers_in_stage(customer_ids=ids, stage=wanted.stage)
        left = limit - len(rows)
        key = ids[left - 1] if len(ids) > left else keys.next_key
        rows |= {row.id: row for row in people.found_rows(access=access, filters=filters, ids=ids[:left])}
        if key is None or len(rows) >= limit:
            break
    return rows, None if key is None else str(key)
