"""What rows say of people, from Arrow columns to keys and evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yutang.customers import profile, rules
from yutang.customers.resolving import Key, Person, Row, earlier, root
from yutang.foundation.sealing import digest16_many

_ACCOUNT_COLUMNS = {
    "member_no": "member_no",
    "unionid": "unionid",
    "wecom": "external_userid",
    "openid": "openid",
    "nickname": "nickname",
}
_NAMES_AND_NUMBERS = frozenset({"name", "phone", "phone_masked", "receiver_name", "receiver_phone", "email"})
_REGION_COLUMNS = ("country", "province", "city", "district", "address")
Codes = np.ndarray[Any, np.dtype[np.int64]]
_UNKNOWN = np.iinfo(np.int64).min
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Origin:
    """Where observations come from.

    Attributes:
        import_id: the import; None when they came by hand.
        account_scope: ``platform`` or ``platform:shop``, within which nickname, member number and openid are unique.
    """

    import_id: int | None
    account_scope: str


@dataclass(frozen=True)
class Limits:
    """What the organisation says of numbers.

    Attributes:
        people_per_number: a number that more people were seen with tells nobody.
        store_numbers: numbers of stores and staff in E.164, which never tell who a customer is.
    """

    people_per_number: int
    store_numbers: frozenset[str]


class Observed:
    """The rows of a batch as lists, equal ones folded, with the digests of their keys.

    Attributes:
        row_of: position among the folded rows, for each row as it came.
    """

    def __init__(self, table: pa.Table, origin: Origin, limits: Limits) -> None:
        accounts = dict(_ACCOUNT_COLUMNS)
        if not rules.is_account_nickname(origin.account_scope):
            del accounts["nickname"]
        folded = _fold(table, tuple(accounts.values()))
        self.row_of = folded.row_of
        self._at, self._again = folded.at, folded.again
        self._first_at, self._last_at = folded.first_at, folded.last_at
        observed = table.take(folded.rows)
        self._size = observed.num_rows
        self._columns = {
            name: observed.column(name).to_pylist()
            for name in observed.column_names
            if name != "seen_at" and observed.column(name).null_count < self._size
        }
        self._nothing: list[None] = [None] * self._size
        self._accounts = [
            self._keys(
                column, kind, "" if kind in rules.WORLDWIDE_KINDS else origin.account_scope, rules.is_usable_account
            )
            for kind, column in accounts.items()
            if column in self._columns
        ]
        self._free_nicknames = None if "nickname" in accounts else self._columns.get("nickname")
        #: Nicknames and receivers' numbers by which a person is found, though they tell nobody.
        self.hints: list[tuple[Key, Person]] = []
        phones = {p for c in ("phone", "receiver_phone") for p in self._columns.get(c, ())} - limits.store_numbers
        self._phones = _key_by_value("phone", "", [p for p in phones if rules.is_usable_phone(p)])
        emails = {e.casefold() for e in self._columns.get("email", ()) if e}
        self._emails = _key_by_value("email", "", [e for e in emails if rules.is_usable_email(e)])
        self._devices = (
            self._keys("device", "device", "", rules.is_usable_account) if "device" in self._columns else None
        )
        self._details = self._tuples((*_REGION_COLUMNS, "gender", "birthday", "note", "store_id", "owner_id"))

    def _column(self, name: str) -> list[Any]:
        values: list[Any] = self._columns.get(name, self._nothing)
        return values

    def _tuples(self, names: tuple[str, ...]) -> list[tuple[Any, ...]] | None:
        """Return the columns row by row, or None when none of them is there."""
        if not any(name in self._columns for name in names):
            return None
        return list(zip(*(self._column(name) for name in names), strict=True))

    def _keys(self, column: str, kind: str, scope: str, usable: Callable[[str | None], bool]) -> list[Key | None]:
        values = self._columns[column]
        by_value = _key_by_value(kind, scope, [v for v in dict.fromkeys(values) if usable(v)])
        return [by_value.get(v) for v in values]

    def digests(self) -> list[bytes]:
        """Return the digests of all keys of the batch, ascending: the order in which an index likes to be asked."""
        found = {k.digest for keys in self._accounts for k in keys if k is not None}
        found.update(k.digest for k in self._phones.values())
        found.update(k.digest for k in self._emails.values())
        return sorted(found)

    def rows(self) -> list[Row]:
        """Return what each row says."""
        if len(self._accounts) == 1 and not {"name", "phone", "phone_masked", "email"} & self._columns.keys():
            rows = self._rows_of_parcels()
            if rows is not None:
                return rows
        phones, emails = self._phones, self._emails
        columns = (
            self._column(c) for c in ("name", "phone", "phone_masked", "receiver_name", "receiver_phone", "email")
        )
        marks = self._marks()
        rows = []
        for i, (name, phone, masked, receiver_name, receiver_phone, email) in enumerate(zip(*columns, strict=True)):
            accounts = [key for keys in self._accounts if (key := keys[i]) is not None]
            told = rules.evidence_of(
                name=name,
                phone=phone if phone in phones else None,
                phone_masked=masked,
                receiver_name=receiver_name,
                receiver_phone=receiver_phone if receiver_phone in phones else None,
                has_account=bool(accounts),
            )
            numbers = [phones[told.phone]] if told.phone else []
            if email and email.casefold() in emails:
                numbers.append(emails[email.casefold()])
            rows.append(Row(accounts, numbers, told, self._at[i], self._again[i], marks[i] if marks else ()))
        return rows

    def _rows_of_parcels(self) -> list[Row] | None:
        """Return the rows where each has the one account and a receiver; None where one has no account."""
        accounts = [key for key in self._accounts[0] if key is not None]
        if len(accounts) < self._size or self._free_nicknames is not None:
            return None
        phones = self._phones
        receivers = zip(accounts, self._column("receiver_name"), self._column("receiver_phone"), strict=True)
        rows = []
        for (key, name, phone), at, again in zip(receivers, self._at, self._again, strict=True):
            told = rules.parcel_of_account(name, phone if phone in phones else None)
            rows.append(Row([key], [phones[told.phone]] if told.phone else [], told, at, again))
        return rows

    def _marks(self) -> list[tuple[str, str]] | None:
        """Return free nickname and address by row; None where the rows have accounts and no nickname that is free text."""
        if self._free_nicknames is None and (self._accounts or "address" not in self._columns):
            return None
        parts = (self._column(name) for name in ("province", "city", "district", "address"))
        homes = [rules.home_of(*whole) for whole in zip(*parts, strict=True)]
        nicknames = self._nothing if self._free_nicknames is None else self._free_nicknames
        return [(nickname or "", home) for nickname, home in zip(nicknames, homes, strict=True)]

    def enrich(self, person: Person | None, row: Row, i: int) -> Person | None:
        """Add to the person what the row tells besides keys and name; nothing of a row that is about somebody else."""
        if person is None:
            return None
        first = earlier(person.first_seen, self._first_at[i])
        if first != person.first_seen:
            person.first_seen, person.changed = first, True
        told = row.evidence
        if row.marks and (row.accounts or told.name.clear == person.name):
            self._note_marks(person, row)
        if (
            self._details is not None
            and told.contact is None
            and not (person.name and told.name.clear and told.name.clear != person.name)
        ):
            _add_details(person, self._details[i], self._last_at[i])
        return person

    def _note_marks(self, person: Person, row: Row) -> None:
        """Keep the free nickname and the home of somebody whom the row told otherwise; not of a person who was only guessed."""
        nickname, home = row.marks
        if nickname and profile.add_to(person.record, "nicknames", nickname, most=profile.MOST_MARKS):
            person.changed = True
            self.hints.append((Key("nickname", "", nickname, b""), person))
        if home and row.evidence.contact is None and not row.accounts:
            person.changed |= profile.add_to(person.record, "homes", home, most=profile.MOST_MARKS)

    def devices(self, people: list[Person | None]) -> list[tuple[Key, Person]]:
        """Return the devices with which people were seen: evidence, never a key. Added to the records too."""
        if self._devices is None:
            return []
        seen = {}
        for key, person in zip(self._devices, people, strict=True):
            if key is not None and person is not None:
                whose = root(person)
                whose.changed |= profile.add_to(whose.record, "devices", key.value)
                seen[key.digest, whose] = key
        return [(key, person) for (_, person), key in seen.items()]


def _add_details(person: Person, details: tuple[Any, ...], seen_at: int | None) -> None:
    *region, gender, birthday, note, store_id, owner_id = details
    if store_id is not None and person.store_id is None:
        person.store_id, person.changed = store_id, True
    if owner_id is not None and person.owner_id is None:
        person.owner_id, person.changed = owner_id, True
    changed = profile.set_region(person.record, region, at=seen_at)
    if gender is not None:
        changed |= profile.set_once(person.record, "gender", profile.gender_of(gender))
    if note:
        changed |= profile.set_once(person.record, "note", note[: profile.LONGEST_NOTE])
    if birthday is not None:
        is_news = profile.set_once(person.record, "birthday", birthday.isoformat())
        if is_news:
            person.new_words.append(rules.birthday_word(birthday.strftime("%m-%d")))
        changed |= is_news
    person.changed |= changed


@dataclass(frozen=True)
class _Folded:
    """Rows that stand for all: instants in microseconds since 1970 UTC, None when unknown."""

    rows: pa.Array
    row_of: Codes
    at: list[int | None]
    again: list[int | None]
    first_at: list[int | None]
    last_at: list[int | None]


def _fold(table: pa.Table, account_columns: tuple[str, ...]) -> _Folded:
    """Return one row for equal ones of an account, and the first other instant at which it was seen, `again`.

    The pass over these rows learns what the pass over all of them learns: seen at two instants, a row has taught what it can, as
    long as nothing came between.
    """
    n = table.num_rows
    group = _groups(table, account_columns)
    seen = np.full(n, _UNKNOWN, np.int64)
    if "seen_at" in table.column_names:
        instants = table.column("seen_at").cast(pa.timestamp("us")).cast(pa.int64())
        seen = pc.fill_null(instants, _UNKNOWN).to_numpy(zero_copy_only=False)
    order = np.argsort(group, kind="stable")
    group_in_order, seen_in_order = group[order], seen[order]
    starts = np.flatnonzero(np.r_[True, np.diff(group_in_order) != 0])
    differs = (seen_in_order != seen_in_order[starts][group_in_order]) & (seen_in_order != _UNKNOWN)
    other = np.flatnonzero(differs)
    again = np.full(len(starts), _UNKNOWN, np.int64)
    seen_twice, first_other = np.unique(group_in_order[other], return_index=True)
    again[seen_twice] = seen_in_order[other[first_other]]
    first = np.minimum.reduceat(np.where(seen_in_order == _UNKNOWN, _NEVER, seen_in_order), starts)
    last = np.maximum.reduceat(seen_in_order, starts)
    rows = order[starts]
    return _Folded(pa.array(rows), group, *(_instants(values) for values in (seen[rows], again, first, last)))


def _groups(table: pa.Table, account_columns: tuple[str, ...]) -> Codes:
    """Return the number of the folded row of each row: one for rows of an account that say the same and follow each other.

    Rows between them may change what the same row says next. Only rows of which an account is all that they say of the
    person say the same wherever they stand.
    """
    n = table.num_rows
    told = {
        name: table.column(name).combine_chunks().cast(pa.string())
        for name in table.column_names
        if name != "seen_at" and table.column(name).null_count < n
    }
    accounts = [told[column] for column in account_columns if column in told]
    if not accounts:
        return np.arange(n)
    has_account = np.zeros(n, bool)
    for values in accounts:
        usable = pc.and_(pc.is_valid(values), pc.invert(pc.match_substring_regex(values, "[*]|^(##|[$][$]|~)")))
        has_account |= pc.fill_null(usable, False).to_numpy(zero_copy_only=False)
    whole = pc.binary_join_element_wise(*told.values(), "\x1f", null_handling="replace", null_replacement="\x00")
    content: Codes = pc.dictionary_encode(whole).indices.to_numpy(zero_copy_only=False).astype(np.int64)
    if has_account.all() and len(accounts) == 1 and not told.keys() & _NAMES_AND_NUMBERS:
        # Arrow numbers the values as they come.
        return content
    begins = np.r_[True, (np.diff(content) != 0) | ~has_account[1:]]
    groups: Codes = np.cumsum(begins) - 1
    return groups


def _instants(values: Codes) -> list[int | None]:
    known: list[int | None] = pa.array(values, mask=(values == _UNKNOWN) | (values == _NEVER)).to_pylist()
    return known


def _key_by_value(kind: str, scope: str, values: list[str]) -> dict[str, Key]:
    digests = digest16_many(kind, scope, values)
    return {value: Key(kind, scope, value, digest) for value, digest in zip(values, digests, strict=True)}
