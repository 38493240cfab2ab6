"""Which people a list shows: keys of people, newest first, by filters that an index serves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers

from yutang.customers.models import AccountScope
from yutang.customers.rules import WORLDWIDE_KINDS, is_usable_email, seen_name
from yutang.customers.stored import HINT
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16, token8

#: A pair of characters is rare enough; more of them only cost.
_MOST_PIECES = 4
_MOST_IDS = 1000
#: A list with so many people is long: how many more is not counted.
_LONG = 5_000
#: People of a long list that one call looks through when other conditions narrow it.
_PART = 20_000
#: SQLite joins 500 lists in one statement at most.
_PARTS_AT_ONCE = 350
_BEYOND_ALL = 2**62


@dataclass(frozen=True)
class CustomerFilters:
    """What a list of people is narrowed to.

    Attributes:
        text: a name or part of one, or exactly a phone, e-mail, nickname, member number or other account.
        store_id: people of one store.
        tag_id: people who carry a tag.
        ids: only these people (for example those of an order number); None: all. At most 1,000 count.
        also_ids: people to show besides those whom `text` finds.
    """

    text: str = ""
    store_id: int | None = None
    tag_id: int | None = None
    ids: tuple[int, ...] | None = None
    also_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Matches:
    """Keys of people who match, descending; with `next_key` as `after_key` the search goes on, None: that was all.

    There may be fewer keys than asked for, even none, before a `next_key`: one call looks through a bounded part.
    """

    ids: tuple[int, ...]
    next_key: int | None


@dataclass(frozen=True)
class _Postings:
    """People who fulfil a condition, as rows that an index keeps in order of their keys."""

    table: str
    key: str
    column: str
    values: tuple[Any, ...]

    @property
    def condition(self) -> str:
        return f"{self.column} IN ({', '.join(['%s'] * len(self.values))})"

    def test(self) -> tuple[str, tuple[Any, ...]]:
        """Return a condition on customer `c`, with its values."""
        if self.table == _PEOPLE:
            # The plus keeps SQLite from leaving the index that leads for this one.
            return f"+c.{self.condition}", self.values
        exists = f"EXISTS (SELECT 1 FROM {self.table} x WHERE x.{self.condition} AND x.{self.key} = c.id)"  # noqa: S608
        return exists, self.values


_PEOPLE = "customers_customer"


def matching_ids(*, access: Actor, filters: CustomerFilters, after_key: int | None, limit: int) -> Matches:
    """Return keys of people within reach who match, descending, at most `limit`, below `after_key`."""
    stores = _stores(access, filters)
    if stores is not None and not stores:
        return Matches((), None)
    below = after_key if after_key is not None else _BEYOND_ALL
    text = filters.text.strip()
    narrowing = _narrowing(filters, stores)
    tokens = [_Postings("customers_nametoken", "customer_id", "token", (token8(p),)) for p in search_pieces(text)]
    known: list[int] = []
    if text:
        named = {*filters.also_ids, *_ids_by_key(text)}
        named = named if filters.ids is None else named.intersection(filters.ids)
        known = _among(sorted(named, reverse=True), narrowing, below=below, limit=limit + 1)
    if text and not tokens:
        return _page_of(known, limit=limit, looked_to=None)
    if filters.ids is not None:
        found, looked_to = _among(filters.ids, [*tokens, *narrowing], below=below, limit=limit + 1), None
    else:
        found, looked_to = _walk([*tokens, *narrowing], below=below, limit=limit + 1)
    return _page_of({*known, *found}, limit=limit, looked_to=looked_to)


def _page_of(ids: Iterable[int], *, limit: int, looked_to: int | None) -> Matches:
    """Return the page; what lies below the part that was looked through belongs to the next one."""
    found = sorted((one for one in ids if looked_to is None or one >= looked_to), reverse=True)
    if len(found) > limit:
        return Matches(tuple(found[:limit]), found[limit - 1])
    return Matches(tuple(found), looked_to)


def number_of_people(access: Actor) -> int:
    """Return how many people there are within reach: all records less those merged into others, by indexes alone."""
    if access.store_ids is None:
        counted = f"SELECT (SELECT COUNT(*) FROM {_PEOPLE}) - (SELECT COUNT(*) FROM {_PEOPLE} WHERE merged_into_id IS NOT NULL)"  # noqa: S608
        return int(bulk.fetch(counted)[0][0])
    if not access.store_ids:
        return 0
    stores = sorted(access.store_ids)
    places = ", ".join(["%s"] * len(stores))
    # The index by store holds who is merged, too.
    counted = f"SELECT COUNT(*) FROM {_PEOPLE} WHERE store_id IN ({places}) AND merged_into_id IS NULL"  # noqa: S608
    return int(bulk.fetch(counted, stores)[0][0])


def number_of_carriers(tag_id: int) -> int:
    """Return how many people of the whole house carry a tag: all who were given it less those merged into others, by indexes alone."""
    sql = (
        "SELECT (SELECT COUNT(*) FROM customers_customertag WHERE tag_id = %s) - "
        # SQLite reads the tables of a CROSS JOIN in the order in which they are written: few were merged.
        "(SELECT COUNT(*) FROM customers_customer c CROSS JOIN customers_customertag p "
        "WHERE p.customer_id = c.id AND c.merged_into_id IS NOT NULL AND p.tag_id = %s)"
    )
    return int(bulk.fetch(sql, [tag_id, tag_id])[0][0])


def _stores(access: Actor, filters: CustomerFilters) -> frozenset[int] | None:
    if filters.store_id is None:
        return access.store_ids
    return frozenset({filters.store_id}) if access.reaches(filters.store_id) else frozenset()


def _narrowing(filters: CustomerFilters, stores: frozenset[int] | None) -> list[_Postings]:
    lists = []
    if filters.tag_id is not None:
        lists.append(_Postings("customers_customertag", "customer_id", "tag_id", (filters.tag_id,)))
    if stores is not None:
        lists.append(_Postings(_PEOPLE, "id", "store_id", tuple(sorted(stores))))
    return lists


def _among(ids: Sequence[int], narrowing: Sequence[_Postings], *, below: int, limit: int) -> list[int]:
    """Return those of the first 1,000 people who fulfil all conditions, descending."""
    ids = ids[:_MOST_IDS]
    if not ids:
        return []
    conditions, values = _tests(narrowing)
    places = ", ".join(["%s"] * len(ids))
    sql = f"SELECT c.id FROM {_PEOPLE} c WHERE c.id IN ({places}) AND c.id < %s{conditions} ORDER BY c.id DESC LIMIT %s"  # noqa: S608
    return [i for (i,) in bulk.fetch(sql, [*ids, below, *values, limit])]


def _walk(lists: Sequence[_Postings], *, below: int, limit: int) -> tuple[list[int], int | None]:
    """Return who is in all lists, descending, and how far was looked; None: to the end.

    The shortest list leads, the others are asked about each of its people. A long one is walked for a bounded part.
    """
    if not lists:
        sql = f"SELECT c.id FROM {_PEOPLE} c WHERE c.id < %s AND c.merged_into_id IS NULL ORDER BY c.id DESC LIMIT %s"  # noqa: S608
        return [i for (i,) in bulk.fetch(sql, [below, limit])], None
    leading, is_long = _shortest(lists)
    conditions, values = _tests([each for each in lists if each is not leading])
    floor = _end_of_part(leading, below=below) if is_long and len(lists) > 1 else None
    parts: list[str] = []
    parameters: list[Any] = []
    for value in leading.values:
        if leading.table == _PEOPLE:
            source, key, column = f"{_PEOPLE} c WHERE", "c.id", f"c.{leading.column}"
        else:
            # SQLite reads the tables of a CROSS JOIN in the order in which they are written.
            source = f"{leading.table} p CROSS JOIN {_PEOPLE} c WHERE c.id = p.{leading.key} AND"
            key, column = f"p.{leading.key}", f"p.{leading.column}"
        parts.append(
            f"SELECT id FROM (SELECT {key} AS id FROM {source} {column} = %s AND {key} < %s AND {key} >= %s"  # noqa: S608
            f"{conditions} ORDER BY {key} DESC LIMIT %s) AS part{len(parts)}"
        )
        parameters += [value, below, floor or 0, *values, limit]
    ids = _in_parts(parts, parameters, limit=limit)
    return ids, None if len(ids) >= limit else floor


def _in_parts(parts: Sequence[str], parameters: Sequence[Any], *, limit: int) -> list[int]:
    """Return the highest of several ordered lists, descending; SQLite joins 500 in one statement at most."""
    each = len(parameters) // len(parts)
    ids: list[int] = []
    for start in range(0, len(parts), _PARTS_AT_ONCE):
        some = parts[start : start + _PARTS_AT_ONCE]
        values = parameters[start * each : (start + len(some)) * each]
        ids += [i for (i,) in bulk.fetch(f"{' UNION ALL '.join(some)} ORDER BY 1 DESC LIMIT %s", [*values, limit])]
    return sorted(ids, reverse=True)[:limit]


def _shortest(lists: Sequence[_Postings]) -> tuple[_Postings, bool]:
    """Return the list with the fewest people, and whether it is long; nobody counts further than to `_LONG`."""
    if len(lists) == 1:
        return lists[0], True
    counts = " UNION ALL ".join(
        f"SELECT {place}, COUNT(*) FROM (SELECT 1 FROM {each.table} WHERE {each.condition} LIMIT {_LONG}) AS few{place}"  # noqa: S608
        for place, each in enumerate(lists)
    )
    sizes = dict(bulk.fetch(counts, [value for each in lists for value in each.values]))
    place = min(range(len(lists)), key=lambda each: sizes[each])
    return lists[place], sizes[place] >= _LONG


def _end_of_part(leading: _Postings, *, below: int) -> int | None:
    """Return the key at which this call stops looking; None when the list ends before."""
    sql = (
        f"SELECT {leading.key} FROM {leading.table} WHERE {leading.condition} AND {leading.key} < %s "  # noqa: S608
        f"ORDER BY {leading.key} DESC LIMIT 1 OFFSET {_PART - 1}"
    )
    rows = bulk.fetch(sql, [*leading.values, below])
    return rows[0][0] if rows else None


def _tests(lists: Sequence[_Postings]) -> tuple[str, list[Any]]:
    """Return the conditions on customer `c`, and their values."""
    tests = [each.test() for each in lists]
    conditions = ["c.merged_into_id IS NULL", *(condition for condition, _ in tests)]
    return "".join(f" AND {condition}" for condition in conditions), [v for _, values in tests for v in values]


def search_pieces(text: str) -> list[str]:
    """Return the pieces of a name to look for: its pairs of characters, or its only character; none for what is no name.

    A name may hold digits (张三2店, A1小王); what has no letter is a number, and an address of mail is found whole.
    """
    if is_usable_email(text) or not any(character.isalpha() for character in text):
        return []
    seen = seen_name(text)
    plain = seen.clear or seen.masked.rstrip("*")
    if len(plain) == 1:
        return [plain]
    return list(dict.fromkeys(plain[i : i + 2] for i in range(min(len(plain), 16) - 1)))[:_MOST_PIECES]


def _ids_by_key(text: str) -> list[int]:
    """Return who has exactly this phone, e-mail or account, contested and claimed ones included."""
    digests = [digest16(kind, "", text) for kind in sorted(WORLDWIDE_KINDS)]
    digests += [digest16(kind, scope, text) for kind, scope in AccountScope.objects.values_list("kind", "scope")]
    phone = phone_in(text)
    digests.append(digest16(HINT, "", phone or text))
    if phone:
        digests.append(digest16("phone", "", phone))
    if is_usable_email(text):
        digests.append(digest16("email", "", text.casefold()))
    places = ", ".join(["%s"] * len(digests))
    rows = bulk.fetch(
        "SELECT COALESCE(c.merged_into_id, c.id) FROM ("  # noqa: S608
        f"SELECT customer_id FROM customers_identifier WHERE digest IN ({places}) UNION "
        f"SELECT customer_id FROM customers_contestedidentifier WHERE digest IN ({places})) AS found "
        f"JOIN customers_customer c ON c.id = found.customer_id LIMIT {_MOST_IDS}",
        [*digests, *digests],
    )
    return [i for (i,) in rows]


def mobile_in(text: str) -> str:
    """Return the E.164 form of a mobile number as a person types their own, or empty: no landline, nothing too short."""
    number = phone_in(text)
    if number.startswith("+86"):
        return number if _CHINESE_MOBILE.fullmatch(number) else ""
    if not number:
        return ""
    parsed = phonenumbers.parse(number)
    is_mobile = phonenumbers.number_type(parsed) in _MOBILE_TYPES
    return number if is_mobile and phonenumbers.is_valid_number(parsed) else ""


_CHINESE_MOBILE = re.compile(r"\+861[3-9][0-9]{9}")
#: Where a country numbers both alike, as in North America, nobody can tell them apart.
_MOBILE_TYPES = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}


def phone_in(text: str) -> str:
    """Return the E.164 form of a number as a person types it (Chinese unless it has a country code), or empty."""
    if sum(character.isdigit() for character in text) < 7:
        return ""
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
