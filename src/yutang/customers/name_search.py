"""Search inside sealed names: keyed hashes of their characters and pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from yutang.customers.models import NameToken
from yutang.customers.rules import name_pieces
from yutang.customers.stored import insert_missing
from yutang.foundation import bulk
from yutang.foundation.sealing import token8

_TABLE = NameToken._meta.db_table
_COLUMNS = (("token", "bytes"), ("customer_id", "int"))


def add_name_tokens(names: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Let people be found by further names: (person, normalised names)."""
    insert_missing(_TABLE, _COLUMNS, list(token_rows(names)))


def token_rows(names: Iterable[tuple[int, Sequence[str]]]) -> Iterator[tuple[bytes, int]]:
    """Yield (token, person) for all pieces of names, ascending by token: the order in which an index grows fast."""
    people_by_piece: dict[str, list[int]] = defaultdict(list)
    for person_id, own_names in names:
        for piece in {piece for name in own_names for piece in name_pieces(name)}:
            people_by_piece[piece].append(person_id)
    for token, piece in sorted((token8(piece), piece) for piece in people_by_piece):
        for person_id in people_by_piece[piece]:
            yield token, person_id


def delete_name_tokens(
    names: Iterable[tuple[int, Sequence[str]]], *, but: Iterable[tuple[int, Sequence[str]]] = ()
) -> None:
    """Let people be found by these names no longer: (person, normalised names), but for the pieces of other names."""
    kept = set(token_rows(but))
    rows = [row for row in token_rows(names) if row not in kept]
    if not rows:
        return
    with bulk.key_table(_COLUMNS, rows) as keys:
        bulk.execute(f"DELETE FROM {_TABLE} WHERE (token, customer_id) IN (SELECT token, customer_id FROM {keys})")  # noqa: S608
