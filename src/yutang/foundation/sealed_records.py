"""What is sealed in the store, whichever room it belongs to: whether the keys at hand are its keys, and how it is resealed.

A room registers its sealed records in its module ``sealed_records``. The store keeps a fingerprint of its keys, so that
lost or mistaken keys are noticed before anything is sealed or looked up with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.db.models import BinaryField, Count, F, Model
from django.db.models.functions import Substr

from yutang.foundation import bulk, sealing
from yutang.foundation.keyring import (
    Keyring,
    KeysAreOthers,
    fresh_keyring,
    keys_exist,
    keys_place,
)
from yutang.foundation.models import SecondFactor, Setting
from yutang.kit.errors import DomainError
from yutang.kit.registry import Registry
from yutang.kit.text import N_

_FINGERPRINT = "foundation.keyring"
#: One damaged record does not make the keys wrong.
_LOOKED_AT = 3
#: Records that are opened at once when all are.
_BLOCK = 2_000


class SealedRecords(Protocol):
    """Sealed records of one kind."""

    @property
    def name(self) -> str:
        """Stable name, ``room.records``."""

    @property
    def title(self) -> str:
        """What a person calls them, marked with `N_`."""

    def latest(self, n: int) -> list[bytes]:
        """Return the newest sealed records, n at most."""

    def counts(self) -> dict[int, int]:
        """Return how many records each key seals, by its id."""

    def reseal(self, *, after_id: int, key_id: int, most: int) -> tuple[int, int]:
        """Seal the next records anew that another key than the given one sealed, in the caller's transaction.

        Args:
            after_id: only rows with a greater primary key.
            key_id: id of the current key.
            most: rows at most.

        Returns:
            (primary key of the last row that was looked at, number of rows sealed anew); (0, 0) where none was left. Rows
            that do not open, and rows that another transaction changes at the same time, are passed over.
        """

    def closed(self) -> tuple[int, list[int]]:
        """Return how many records there are, and the primary keys of those that do not open; reads them in batches."""


#: Rooms plug their sealed records in here, from their ``sealed_records`` module.
SEALED: Registry[SealedRecords] = Registry(what="sealed records", name_of=lambda records: records.name)


@dataclass(frozen=True)
class SealedColumn:
    """A column of a table that holds one sealed record a row; null and empty are no records.

    Attributes:
        name: stable name, ``room.records``.
        title: what a person calls them, marked with `N_`.
        model: the table.
        field: the column.
    """

    name: str
    title: str
    model: type[Model]
    field: str

    def latest(self, n: int) -> list[bytes]:
        """Return the newest sealed records, n at most."""
        return [bytes(blob) for blob in self._rows().order_by("-pk").values_list(self.field, flat=True)[:n]]

    def counts(self) -> dict[int, int]:
        """Return how many records each key seals, by its id."""
        found = self._rows().order_by().values_list("key_byte").annotate(Count("pk"))
        return {bytes(key)[0]: n for key, n in found}

    def reseal(self, *, after_id: int, key_id: int, most: int) -> tuple[int, int]:
        """Seal the next records anew, see `SealedRecords`."""
        old = self._rows().filter(pk__gt=after_id).exclude(key_byte=bytes([key_id])).order_by("pk")
        rows = list(old.select_for_update(skip_locked=True).values_list("pk", self.field)[:most])
        sealed = sealed_anew({pk: bytes(blob) for pk, blob in rows})
        bulk.update_rows(self.model._meta.db_table, (self.field,), [(blob, pk) for pk, blob in sealed.items()])
        return (rows[-1][0] if rows else 0, len(sealed))

    def closed(self) -> tuple[int, list[int]]:
        """Return how many records there are, and which do not open, see `SealedRecords`."""
        return not_opening(self._rows().order_by("pk").values_list("pk", self.field), bytes)

    def _rows(self) -> Any:
        first = Substr(F(self.field), 1, 1, output_field=BinaryField())
        known = self.model._default_manager.exclude(**{f"{self.field}__isnull": True}).exclude(**{self.field: b""})
        return known.annotate(key_byte=first)


SEALED.register(SealedColumn("foundation.second_factors", N_("Second factors"), SecondFactor, "sealed_secret"))


@dataclass(frozen=True)
class KeyStatus:
    """How the keys stand.

    Attributes:
        place: where they come from.
        current: id of the key that seals new records.
        key_ids: ids of all keys at hand, ascending.
        records: name of the sealed records → id of the key → how many it seals.
    """

    place: str
    current: int
    key_ids: tuple[int, ...]
    records: Mapping[str, Mapping[int, int]]

    @property
    def to_reseal(self) -> int:
        """How many records another key than the current one seals."""
        return sum(n for counts in self.records.values() for key, n in counts.items() if key != self.current)


def ensure_keys() -> Keyring:
    """Return the keys of this installation after having looked whether they are those of the store; made on first use.

    Raises:
        KeysAreMissing: there are none, and the store holds sealed records.
        KeysAreOthers: the store was sealed with other keys.
        KeysAreBroken: they cannot be read.
    """
    if not keys_exist():
        sealing.forget_keys()
    ring = fresh_keyring()
    told = ring.fingerprint()
    known = known_fingerprint()
    if known == told:
        return ring
    if holds_sealed_records() and not _fits(told, known):
        raise KeysAreOthers(place=keys_place())
    keep_fingerprint(ring)
    return ring


def holds_sealed_records() -> bool:
    """Return whether anything in the store needs the keys."""
    return any(records.latest(1) for records in SEALED)


def known_fingerprint() -> dict[str, str] | None:
    """Return the fingerprint of the keys that the store was sealed with; None where none was written down."""
    kept: dict[str, str] | None = Setting.objects.filter(pk=_FINGERPRINT).values_list("value", flat=True).first()
    return kept


def keep_fingerprint(ring: Keyring) -> None:
    """Write down the keys that the store is sealed with."""
    Setting.objects.update_or_create(pk=_FINGERPRINT, defaults={"value": ring.fingerprint()})


def opens_a_record() -> bool | None:
    """Return whether the keys open one of the newest records of the store; None where nothing is sealed."""
    newest = [blob for records in SEALED for blob in records.latest(_LOOKED_AT)]
    return any(_opens(blob) for blob in newest) if newest else None


def key_status() -> KeyStatus:
    """Return where the keys come from and how far the records are sealed with the current one."""
    ring = fresh_keyring()
    return KeyStatus(
        place=keys_place(),
        current=ring.current,
        key_ids=tuple(sorted(ring.sealing)),
        records={records.name: records.counts() for records in SEALED},
    )


def sealed_anew(records: Mapping[int, bytes]) -> dict[int, bytes]:
    """Return the records sealed with the current key, by their primary keys, without those that do not open."""
    opened = {}
    for key, blob in records.items():
        with suppress(DomainError):
            opened[key] = sealing.unseal(blob)
    return dict(zip(opened, sealing.seal_many(list(opened.values())), strict=True))


def reseal_all(*, most: int, told: Callable[[int, int], None]) -> int:
    """Seal with the current key whatever another key sealed, batch by batch, and return how many records that were.

    Args:
        most: rows of one batch; each is a transaction.
        told: called in each transaction with what is done and what there was to do; what it raises ends the work there.
    """
    total, done = key_status().to_reseal, 0
    key_id = fresh_keyring().current
    for records in SEALED:
        last = -1
        while last:
            with transaction.atomic():
                last, n = records.reseal(after_id=max(last, 0), key_id=key_id, most=most)
                done += n
                told(done, max(done, total))
    return done


def not_opening(rows: Any, blob_of: Callable[[Any], bytes]) -> tuple[int, list[int]]:
    """Return how many records a query has, and the primary keys of those that do not open.

    Args:
        rows: (primary key, what holds the record) in the order of the keys.
        blob_of: returns the sealed record of what holds it.
    """
    looked, closed, last = 0, [], -1
    while block := list(rows.filter(pk__gt=last)[:_BLOCK]):
        looked, last = looked + len(block), block[-1][0]
        closed += [key for key, held in block if not _opens(blob_of(held))]
    return looked, closed


def _fits(told: dict[str, str], known: dict[str, str] | None) -> bool:
    """Return whether a ring may be that of the store: it has every key that is known, or opens what is there."""
    if known is None:
        return opens_a_record() is not False
    return all(told.get(name) == value for name, value in known.items())


def _opens(blob: bytes) -> bool:
    try:
        sealing.unseal(blob)
    except DomainError:
        return False
    return True
