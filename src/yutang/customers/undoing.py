"""Taking back what an import did to people: merges, keys, tags, records, and the people that nothing else holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yutang.customers import merging
from yutang.customers.holdings import HOLDINGS
from yutang.customers.models import Customer, Identifier, Merge
from yutang.customers.name_search import delete_name_tokens
from yutang.customers.profile import words_of
from yutang.customers.stored import RECORD_COLUMNS
from yutang.customers.touching import touch_belongings
from yutang.foundation import bulk
from yutang.foundation.sealing import unseal
from yutang.ingest.models import BeforeImage

_CUSTOMERS = Customer._meta.db_table
_IDENTIFIERS = Identifier._meta.db_table
_MOVED_IDENTIFIERS = f"{_IDENTIFIERS}.customer_id"
_CHUNK = 20_000


def undo_people_of_import(*, import_id: int, now: datetime) -> None:
    """Take back everything that an import did to people, in the caller's transaction.

    What others brought is kept: a person stays while orders, tags, consents or merges of others hold on to them, and a
    record that a later import changed too keeps what it has. The caller has already deleted the import's orders.

    Args:
        import_id: the import.
        now: when. Aware UTC.
    """
    holder_before = _undo_merges(import_id, now=now)
    _restore_records(import_id)
    for table in ("customers_customertag", "customers_consent"):
        bulk.execute(f"DELETE FROM {table} WHERE source_id = %s", [import_id])  # noqa: S608
    made = _made_by(import_id)
    staying = _held(made)
    doomed = [i for i in made if i not in staying]
    _delete_traces(import_id, staying)
    for start in range(0, len(doomed), _CHUNK):
        _delete_people(doomed[start : start + _CHUNK])
    _restore_identifiers(import_id, holder_before)
    touch_belongings(now=now)


def _made_by(import_id: int) -> list[int]:
    """Return the people whom the import made, and those whom only later imports kept when their own was undone."""
    sql = (
        f"SELECT id FROM {_CUSTOMERS} WHERE source_id = %s "  # noqa: S608
        "OR source_id IN (SELECT id FROM ingest_import WHERE status = 'undone') ORDER BY id"
    )
    return [i for (i,) in bulk.fetch(sql, [import_id])]


def _undo_merges(import_id: int, *, now: datetime) -> dict[int, int]:
    """Take the import's merges apart, newest first, and before them the merges of others that build on them.

    Returns:
        Who had an identifier before the import, by the identifier's key, for those that moved.
    """
    own = list(Merge.objects.filter(source_id=import_id, undone_at=None).order_by("-id"))
    if own:
        _undo_dependents(own, now=now)
        merging.return_holdings(own, now=now)
    Merge.objects.filter(source_id=import_id).delete()
    return {row_id: merge.loser_id for merge in own for row_id in merge.moved.get(_MOVED_IDENTIFIERS, ())}


def _undo_dependents(own: Sequence[Merge], *, now: datetime) -> None:
    winners = {merge.winner_id for merge in own}
    later = Merge.objects.filter(undone_at=None, id__gt=own[-1].pk).exclude(source_id=own[0].source_id)
    for merge in later.filter(loser_id__in=winners).select_related("winner", "loser").order_by("-id"):
        merging.take_apart(merge, now=now)
        Merge.objects.filter(pk=merge.pk).update(undone_at=now)


def _restore_records(import_id: int) -> None:
    """Put records back as they were before the import, but for those that a later import changed too."""
    oldest: dict[int, dict[str, Any]] = {}
    newest: dict[int, int] = {}
    images = BeforeImage.objects.filter(source_id=import_id, table=_CUSTOMERS).order_by("-id")
    for image_id, row_id, before in images.values_list("id", "row_id", "before").iterator(chunk_size=_CHUNK):
        oldest[row_id] = before
        newest.setdefault(row_id, image_id)
    with bulk.key_table([("row_id", "int"), ("image_id", "int")], list(newest.items())) as keys:
        changed_later = bulk.fetch(
            f"SELECT DISTINCT k.row_id FROM {keys} k JOIN ingest_beforeimage b ON b.row_id = k.row_id "  # noqa: S608
            'WHERE b."table" = %s AND b.id > k.image_id AND b.source_id <> %s',
            [_CUSTOMERS, import_id],
        )
    for (row_id,) in changed_later:
        del oldest[row_id]
    if oldest:
        _write_records(oldest)


def _write_records(images: dict[int, dict[str, Any]]) -> None:
    with bulk.key_table([("id", "int")], [(i,) for i in images]) as keys:
        current = bulk.fetch(
            f"SELECT c.id, c.sealed_profile FROM {keys} k JOIN {_CUSTOMERS} c ON c.id = k.id"  # noqa: S608
        )
    gone, kept, rows = [], [], []
    for row_id, sealed in current:
        image = images[row_id]
        before = bytes.fromhex(image["sealed_profile"]["hex"])
        words, words_before = words_of(unseal(sealed)), words_of(unseal(before))
        if words != words_before:
            gone.append((row_id, sorted(words - words_before)))
            kept.append((row_id, sorted(words_before)))
        rows.append((before, *(image[column] for column in RECORD_COLUMNS[1:]), row_id))
    bulk.update_rows(_CUSTOMERS, RECORD_COLUMNS, rows)
    delete_name_tokens(gone, but=kept)


def _held(people: Sequence[int]) -> set[int]:
    """Return who of the people is held by rows that keep their person, or by merges."""
    if not people:
        return set()
    columns = [(h.table, h.column) for h in HOLDINGS if h.keeps_people]
    columns += [("customers_merge", "winner_id"), ("customers_merge", "loser_id")]
    held: set[int] = set()
    with bulk.key_table([("id", "int")], [(i,) for i in people]) as keys:
        for table, column in columns:
            rows = bulk.fetch(
                f"SELECT k.id FROM {keys} k WHERE EXISTS (SELECT 1 FROM {table} t WHERE t.{column} = k.id)"  # noqa: S608
            )
            held.update(i for (i,) in rows)
    return held


def _delete_traces(import_id: int, staying: set[int]) -> None:
    """Delete what the import wrote about people; whom it made and others hold on to keeps the keys by which others came."""
    with bulk.key_table([("id", "int")], [(i,) for i in sorted(staying)]) as keys:
        kept = f"(SELECT id FROM {keys})"  # noqa: S608
        for table in ("customers_identifier", "customers_contestedidentifier"):
            bulk.execute(f"DELETE FROM {table} WHERE source_id = %s AND customer_id NOT IN {kept}", [import_id])  # noqa: S608
        bulk.execute(
            "DELETE FROM customers_reviewcase WHERE source_id = %s AND status = 'open' "  # noqa: S608
            f"AND first_id NOT IN {kept} AND second_id NOT IN {kept}",
            [import_id],
        )


def _delete_people(people: Sequence[int]) -> None:
    with bulk.key_table([("id", "int")], [(i,) for i in people]) as keys:
        doomed = f"(SELECT id FROM {keys})"  # noqa: S608
        records = bulk.fetch(f"SELECT id, sealed_profile FROM {_CUSTOMERS} WHERE id IN {doomed}")  # noqa: S608
        delete_name_tokens((i, sorted(words_of(unseal(sealed)))) for i, sealed in records)
        for holding in HOLDINGS:
            if not holding.keeps_people:
                bulk.execute(f"DELETE FROM {holding.table} WHERE {holding.column} IN {doomed}")  # noqa: S608
        bulk.execute(f"DELETE FROM customers_reviewcase WHERE first_id IN {doomed}")  # noqa: S608
        bulk.execute(f"DELETE FROM customers_reviewcase WHERE second_id IN {doomed}")  # noqa: S608
        bulk.execute(f"DELETE FROM {_CUSTOMERS} WHERE id IN {doomed}")  # noqa: S608


def _restore_identifiers(import_id: int, holder_before: dict[int, int]) -> None:
    """Make numbers keys again that the import had found contested, where nobody else contests them."""
    rows = []
    for image in BeforeImage.objects.filter(source_id=import_id, table=_IDENTIFIERS).order_by("id"):
        was = image.before
        if was["source_id"] != import_id:
            holder = holder_before.get(image.row_id, was["customer_id"])
            rows.append(
                (image.row_id, bytes.fromhex(was["digest"]["hex"]), was["kind"], was["scope"], holder, was["source_id"])
            )
    columns = (("digest", "bytes"), ("kind", "text"), ("scope", "text"), ("customer_id", "int"), ("source_id", "int"))
    names = ", ".join(name for name, _ in columns)
    with bulk.key_table([("id", "int"), *columns], rows) as keys:
        known = f"FROM {keys} k JOIN {_CUSTOMERS} c ON c.id = k.customer_id"
        contested = "EXISTS (SELECT 1 FROM customers_contestedidentifier x WHERE x.digest = k.digest)"
        values = ", ".join(f"k.{name}" for name, _ in columns)
        bulk.execute(
            f"INSERT INTO customers_contestedidentifier ({names}) SELECT {values} {known} WHERE {contested} "
            "ON CONFLICT DO NOTHING"
        )
        bulk.execute(
            f"INSERT INTO {_IDENTIFIERS} (id, {names}) SELECT k.id, {values} {known} WHERE NOT {contested} "
            "ON CONFLICT DO NOTHING"
        )
