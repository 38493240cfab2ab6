"""Tags that a customer list brings: words of a cell, and whether somebody is a member."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from yutang.customers.models import CustomerTag, Tag, TagGroup, TagSource
from yutang.customers.stored import insert_missing
from yutang.customers.touching import touch_tags
from yutang.foundation import bulk

#: Name of the group in which tags from files are kept.
IMPORTED_GROUP = "导入"
MEMBER_TAG = "会员"
_SEPARATORS = re.compile(r"[,，;；|、/]")
_LONGEST = 60


def give_imported_tags(
    people: Sequence[int | None],
    *,
    texts: Sequence[str | None],
    members: Sequence[bool | None],
    import_id: int,
    now: datetime,
) -> frozenset[int]:
    """Give people the tags of their rows, and return who got one that they did not carry.

    Args:
        people: person of each row; None where there is none.
        texts: tags of each row, separated by commas, semicolons, bars or slashes.
        members: whether each row says that the person is a member.
        import_id: the import.
        now: when. Aware UTC.
    """
    wanted = {
        (person, name)
        for person, text, member in zip(people, texts, members, strict=True)
        if person is not None
        for name in _names(text, member)
    }
    if not wanted:
        return frozenset()
    tag_ids = _tag_ids({name for _, name in wanted})
    pairs = sorted((person, tag_ids[name]) for person, name in wanted)
    with bulk.key_table([("customer_id", "int"), ("tag_id", "int")], pairs) as keys:
        missing = bulk.fetch(
            f"SELECT k.customer_id, k.tag_id FROM {keys} k WHERE NOT EXISTS (SELECT 1 FROM customers_customertag t "  # noqa: S608
            "WHERE t.customer_id = k.customer_id AND t.tag_id = k.tag_id)"
        )
    given_at = bulk.db_instant(now)
    bulk.insert_rows(
        CustomerTag._meta.db_table,
        ("customer_id", "tag_id", "origin", "source_id", "given_at"),
        [(person, tag_id, TagSource.IMPORT.value, import_id, given_at) for person, tag_id in missing],
    )
    if missing:
        touch_tags(now=now)
    return frozenset(person for person, _ in missing)


def _names(text: str | None, member: bool | None) -> list[str]:
    names = [part.strip()[:_LONGEST] for part in _SEPARATORS.split(text or "")]
    return [name for name in [*names, MEMBER_TAG if member else ""] if name]


def _tag_ids(names: set[str]) -> dict[str, int]:
    group, _ = TagGroup.objects.get_or_create(name=IMPORTED_GROUP)
    columns = (("group_id", "int"), ("name", "text"))
    insert_missing(Tag._meta.db_table, columns, [(group.pk, name) for name in sorted(names)])
    return dict(Tag.objects.filter(group=group, name__in=names).values_list("name", "id"))
