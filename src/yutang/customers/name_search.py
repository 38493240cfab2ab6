"""Search inside sealed records: keyed hashes of the characters of names and of their pairs, and of the birthday."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from yutang.customers.models import NameToken
from yutang.customers.rules import pieces_of
from yutang.customers.stored import insert_missing
from yutang.foundation import bulk
from yutang.foundation.sealing import token8

_TABLE = NameToken._meta.db_table
_COLUMNS = (("token", "bytes"), ("customer_id", "int"))


def add_name_tokens(words: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Let people be found by further words: (person, normalised names and other words)."""
    insert_missing(_TABLE, _COLUMNS, list(token_rows(words)))


def token_rows(words: Iterable[tuple[int, Sequence[str]]]) -> Iterator[tuple[bytes, int]]:
    """Yield (token, person) for all pieces of words, ascending by token: the order in which an index grows fast."""
    people_by_piece: dict[str, list[int]] = defaultdict(list)
    for person_id, own_words in words:
        for piece in {piece for word in own_words for piece in pieces_of(word)}:
            people_by_piece[piece].append(person_id)
    for token, piece in sorted((token8(piece), piece) for piece in people_by_piece):
        for person_id in people_by_piece[piece]:
            yield token, person_id


def delete_name_tokens(
    words: Iterable[tuple[int, Sequence[str]]], *, but: Iterable[tuple[int, Sequence[str]]] = ()
) -> None:
    """Let people be found by these words no longer, but for the pieces of other words."""
    kept = set(token_rows(but))
    rows = [row for row in token_rows(words) if row not in kept]
    if not rows:
        return
    with bulk.key_table(_COLUMNS, rows) as keys:
        bulk.execute(f"DELETE FROM {_TABLE} WHERE (token, customer_id) IN (SELECT token, customer_id FROM {keys})")  # noqa: S608
