"""Which people a list shows: keys of people, newest first, by filters that an index serves."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass
class _Branch:
    """One SELECT of keys: where it starts, and its conditions."""

    source: str = "customers_customer c"
    key: str = "c.id"
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values.extend(values)


def matching_ids(*, access: Actor, filters: CustomerFilters, after_key: int | None, limit: int) -> list[int]:
    """Return keys of people within reach who match, descending, at most `limit`, below `after_key`."""
    branches = _branches(filters)
    stores = _stores(access, filters)
    if stores is not None and not stores:
        return []
    if stores is not None:
        branches = [placed for branch in branches for placed in _placed(branch, sorted(stores))]
    parts: list[str] = []
    values: list[Any] = []
    for branch in branches:
        if after_key is not None:
            branch.add(f"{branch.key} < %s", after_key)
        where = " AND ".join(["c.merged_into_id IS NULL", *branch.conditions])
        parts.append(
            f"SELECT id FROM (SELECT {branch.key} AS id FROM {branch.source} WHERE {where} "  # noqa: S608
            f"ORDER BY {branch.key} DESC LIMIT %s) AS part{len(parts)}"
        )
        values += [*branch.values, limit]
    return [i for (i,) in bulk.fetch(f"{' UNION '.join(parts)} ORDER BY 1 DESC LIMIT %s", [*values, limit])]


def number_of_people(access: Actor) -> int:
    """Return how many people there are within reach; one count a store, since each is read from the store's index."""
    if access.store_ids is None:
        return int(bulk.fetch("SELECT COUNT(*) FROM customers_customer WHERE merged_into_id IS NULL")[0][0])
    if not access.store_ids:
        return 0
    one = "SELECT COUNT(*) AS people FROM customers_customer WHERE merged_into_id IS NULL AND store_id = %s"
    stores = sorted(access.store_ids)
    whole = " UNION ALL ".join([one] * len(stores))
    return int(bulk.fetch(f"SELECT SUM(people) FROM ({whole}) AS counted", stores)[0][0])  # noqa: S608


def _stores(access: Actor, filters: CustomerFilters) -> frozenset[int] | None:
    if filters.store_id is None:
        return access.store_ids
    return frozenset({filters.store_id}) if access.reaches(filters.store_id) else frozenset()


def _placed(branch: _Branch, stores: list[int]) -> list[_Branch]:
    """Return the branch for the stores: one a store where the store's index leads, so that each is read in order."""
    if branch.key != "c.id" or any("c.id IN" in condition for condition in branch.conditions):
        # The plus keeps SQLite from leaving the index that leads for the store's.
        branch.add(f"+c.store_id IN ({', '.join(['%s'] * len(stores))})", *stores)
        return [branch]
    return [
        _Branch(branch.source, branch.key, [*branch.conditions, "c.store_id = %s"], [*branch.values, store])
        for store in stores
    ]


def _branches(filters: CustomerFilters) -> list[_Branch]:
    text = filters.text.strip()
    branches = [_Branch()] if not text else _text_branches(text, filters.also_ids)
    for branch in branches:
        if filters.tag_id is not None:
            _narrow_to_tag(branch, filters.tag_id)
        if filters.ids is not None:
            branch.add(*_in("c.id", filters.ids[:_MOST_IDS]))
    return branches


def _narrow_to_tag(branch: _Branch, tag_id: int) -> None:
    if branch.key == "c.id" and not branch.conditions:
        branch.source = "customers_customertag t JOIN customers_customer c ON c.id = t.customer_id"
        branch.key = "t.customer_id"
        branch.add("t.tag_id = %s", tag_id)
    else:
        branch.add(
            "EXISTS (SELECT 1 FROM customers_customertag t WHERE t.tag_id = %s AND t.customer_id = c.id)", tag_id
        )


def _text_branches(text: str, also_ids: tuple[int, ...]) -> list[_Branch]:
    branches = []
    exact = _Branch()
    exact.add(*_in("c.id", tuple({*also_ids, *_ids_by_key(text)})[:_MOST_IDS]))
    branches.append(exact)
    pieces = search_pieces(text)
    if pieces:
        named = _Branch("customers_nametoken n JOIN customers_customer c ON c.id = n.customer_id", "n.customer_id")
        named.add("n.token = %s", token8(pieces[0]))
        for piece in pieces[1:]:
            named.add(
                "EXISTS (SELECT 1 FROM customers_nametoken m WHERE m.token = %s AND m.customer_id = n.customer_id)",
                token8(piece),
            )
        branches.append(named)
    return branches


def search_pieces(text: str) -> list[str]:
    """Return the pieces of a name to look for: its pairs of characters, or its only character; none for what is no name."""
    if "@" in text or any(character.isdigit() for character in text):
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


def phone_in(text: str) -> str:
    """Return the E.164 form of a number as a person types it (Chinese unless it has a country code), or empty."""
    if sum(character.isdigit() for character in text) < 7:
        return ""
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _in(column: str, values: tuple[int, ...]) -> tuple[Any, ...]:
    """Return a condition and its values; nothing matches an empty list."""
    if not values:
        return ("1 = 0",)
    return (f"{column} IN ({', '.join(['%s'] * len(values))})", *values)
