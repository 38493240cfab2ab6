"""Who the people of a batch of rows are: found, made, joined or held apart, set-based, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from yutang.customers import people_store, profile, rules
from yutang.customers.resolving import Key, Person, Resolver, Row, earlier, root
from yutang.foundation.models import Setting
from yutang.foundation.sealing import digest16_many
from yutang.kit.memory import collector_paused

#: Organisation settings: people per number, and numbers of the house itself (E.164) that are never a customer's key.
PEOPLE_PER_NUMBER_SETTING = "identity.people_per_number"
STORE_NUMBERS_SETTING = "identity.store_numbers"

_ACCOUNT_COLUMNS = {
    "member_no": "member_no",
    "unionid": "unionid",
    "wecom": "external_userid",
    "openid": "openid",
    "nickname": "nickname",
}
_REGION_COLUMNS = ("country", "province", "city", "district", "address")


@dataclass(frozen=True)
class Origin:
    """Where observations come from.

    Attributes:
        import_id: the import; None when they came by hand.
        account_scope: ``platform`` or ``platform:shop``, within which nickname, member number and openid are unique.
    """

    import_id: int | None
    account_scope: str


def resolve_people(*, observed: pa.Table, origin: Origin, now: datetime) -> pa.Int64Array:
    """Return the person of each row, and write what the rows teach about people.

    Rows are taken one after the other, so that it makes no difference where a file is cut into batches.

    Args:
        observed: one row per distinct observation. Text columns, all nullable and each may be missing: name, phone
            (E.164), receiver_name, receiver_phone (E.164), nickname, email, member_no, external_userid, unionid, openid,
            device, gender, country, province, city, district, address; birthday (date), store_id (int64),
            seen_at (timestamp, UTC).
        origin: the import and the scope of its accounts.
        now: when it is resolved. Aware UTC.

    Returns:
        Customer ids, shape ``(observed.num_rows,)``; null where a row has no key by which anybody could be told. Who
        had been assigned to such a row before stays so.
    """
    if observed.num_rows == 0:
        return pa.array([], pa.int64())
    with collector_paused():
        people = _resolve(_Batch(observed, origin), origin=origin, now=now)
        return pa.array([root(p).id if p is not None else None for p in people], pa.int64())


def _resolve(batch: _Batch, *, origin: Origin, now: datetime) -> list[Person | None]:
    known = people_store.load(batch.digests())
    most = _setting(PEOPLE_PER_NUMBER_SETTING, rules.PEOPLE_PER_NUMBER)
    resolver = Resolver(holder=known.holder, contested=known.contested, apart=known.apart, most=most)
    people = [batch.enrich(resolver.take(row), row, i) for i, row in enumerate(batch.rows())]
    devices = batch.devices(people)
    people_store.write(resolver, known=known, devices=devices, import_id=origin.import_id, now=now)
    return people


class _Batch:
    """The columns of a batch as lists, with the digests of its keys."""

    def __init__(self, observed: pa.Table, origin: Origin) -> None:
        self._size = observed.num_rows
        self._columns = {
            name: observed.column(name).to_pylist()
            for name in observed.column_names
            if name != "seen_at" and observed.column(name).null_count < self._size
        }
        self._nothing: list[None] = [None] * self._size
        self._seen_at = _microseconds(observed, self._nothing)
        self._accounts = [
            self._keys(
                column, kind, "" if kind in rules.WORLDWIDE_KINDS else origin.account_scope, rules.is_usable_account
            )
            for kind, column in _ACCOUNT_COLUMNS.items()
            if column in self._columns
        ]
        store_numbers = set(_setting(STORE_NUMBERS_SETTING, []))
        phones = {p for c in ("phone", "receiver_phone") for p in self._columns.get(c, ())} - store_numbers
        self._phones = _key_by_value("phone", "", [p for p in phones if rules.is_usable_phone(p)])
        emails = {e.casefold() for e in self._columns.get("email", ()) if e}
        self._emails = _key_by_value("email", "", [e for e in emails if rules.is_usable_email(e)])
        self._devices = (
            self._keys("device", "device", "", rules.is_usable_account) if "device" in self._columns else None
        )
        self._details = self._tuples((*_REGION_COLUMNS, "gender", "birthday", "store_id"))

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
        phones, emails = self._phones, self._emails
        columns = (self._column(c) for c in ("name", "phone", "receiver_name", "receiver_phone", "email"))
        rows = []
        for i, (name, phone, receiver_name, receiver_phone, email) in enumerate(zip(*columns, strict=True)):
            accounts = [key for keys in self._accounts if (key := keys[i]) is not None]
            told = rules.evidence_of(
                name=name,
                phone=phone if phone in phones else None,
                receiver_name=receiver_name,
                receiver_phone=receiver_phone if receiver_phone in phones else None,
                has_account=bool(accounts),
            )
            numbers = [phones[told.phone]] if told.phone else []
            if email and email.casefold() in emails:
                numbers.append(emails[email.casefold()])
            rows.append(Row(accounts, numbers, told))
        return rows

    def enrich(self, person: Person | None, row: Row, i: int) -> Person | None:
        """Add to the person what the row tells besides keys and name; nothing of a row that is about somebody else."""
        if person is None:
            return None
        seen_at = self._seen_at[i]
        first = earlier(person.first_seen, seen_at)
        if first != person.first_seen:
            person.first_seen, person.changed = first, True
        told = row.evidence
        if self._details is not None and told.contact is None and told.name.clear in ("", person.name):
            _add_details(person, self._details[i], seen_at)
        return person

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
    *region, gender, birthday, store_id = details
    if store_id is not None and person.store_id is None:
        person.store_id, person.changed = store_id, True
    changed = profile.set_region(person.record, region, at=seen_at)
    if gender is not None:
        changed |= profile.set_once(person.record, "gender", profile.gender_of(gender))
    if birthday is not None:
        changed |= profile.set_once(person.record, "birthday", birthday.isoformat())
    person.changed |= changed


def _microseconds(observed: pa.Table, nothing: list[None]) -> list[int | None]:
    if "seen_at" not in observed.column_names:
        return list(nothing)
    instants: list[int | None] = observed.column("seen_at").cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
    return instants


def _key_by_value(kind: str, scope: str, values: list[str]) -> dict[str, Key]:
    digests = digest16_many(kind, scope, values)
    return {value: Key(kind, scope, value, digest) for value, digest in zip(values, digests, strict=True)}


def _setting(key: str, default: Any) -> Any:
    stored = Setting.objects.filter(key=key).values_list("value", flat=True).first()
    return default if stored is None else stored
