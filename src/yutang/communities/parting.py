"""Where the members of a group differ: the two largest parts by a group of tags in which they are meant to be alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.communities.models import Community
from yutang.customers.models import Tag
from yutang.foundation.bulk import db_instant, fetch

_CARRIED = """
SELECT c.id, t.group_id, t.id, COUNT(DISTINCT ct.customer_id)
FROM communities_community c
JOIN wecom_groupmember m ON m.group_id = c.group_id AND m.left_at IS NULL
JOIN wecom_contact k ON k.id = m.contact_id
JOIN customers_customertag ct ON ct.customer_id = k.customer_id AND (ct.expires_at IS NULL OR ct.expires_at > %s)
JOIN customers_tag t ON t.id = ct.tag_id
WHERE c.closed_at IS NULL AND c.life = 'alive'
GROUP BY c.id, t.group_id, t.id
"""
#: Parts that are worth a group of their own: so many people at least, in each of two.
_LEAST = 8


def parts_of(ids: Sequence[int], *, now: datetime) -> dict[int, tuple[int, ...]]:
    """Return the tags by which living groups part into two that are worth a group each; the others are missing."""
    meant = {
        key: set(tags)
        for key, tags in Community.objects.filter(pk__in=list(ids), life="alive")
        .exclude(likeness=[])
        .values_list("pk", "likeness")
    }
    if not meant:
        return {}
    of_group = dict(
        Tag.objects.filter(pk__in={tag for tags in meant.values() for tag in tags}).values_list("pk", "group_id")
    )
    found: dict[int, dict[int, list[tuple[int, int]]]] = {}
    for key, group, tag, people in fetch(_CARRIED, [db_instant(now)]):
        if key in meant and group in {of_group.get(one) for one in meant[key]}:
            found.setdefault(key, {}).setdefault(group, []).append((people, tag))
    parts: dict[int, tuple[int, ...]] = {}
    for key, groups in found.items():
        for counted in groups.values():
            large = sorted((one for one in counted if one[0] >= _LEAST), key=lambda one: (-one[0], one[1]))
            if len(large) >= 2:
                parts[key] = (large[0][1], large[1][1])
    return parts
