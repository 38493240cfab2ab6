"""Corporate tags: which there are, which tag of customers each is here, and who carries them in WeCom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from yutang.connectors.wecom.api.tags import CorpTag
from yutang.connectors.wecom.api.tags import TagGroup as ShownGroup
from yutang.customers.actions import create_tag_in
from yutang.customers.queries import tag_choices
from yutang.foundation.access import Actor
from yutang.foundation.settings_kept import kept_setting
from yutang.wecom.models import FriendTag, Tag, TagGroup
from yutang.wecom.organisation import TAGS_BOTH_WAYS

_AT_ONCE = 500


def write_tags(shown: Sequence[ShownGroup], *, now: datetime) -> int:
    """Keep the tags as a whole list of the API says them, in the caller's transaction; return how many."""
    groups = {one.group_id: one for one in TagGroup.objects.all()}
    tags = {one.tag_id: one for one in Tag.objects.all()}
    for group in shown:
        row = groups.get(group.id) or TagGroup(group_id=group.id)
        if row.pk is None or (row.name, row.ordinal) != (group.name[:60], group.order):
            row.name, row.ordinal = group.name[:60], group.order
            row.save()
        for tag in group.tags:
            _keep_tag(tags.get(tag.id), row, tag)
    there = [tag.id for group in shown for tag in group.tags]
    Tag.objects.exclude(tag_id__in=there).delete()
    TagGroup.objects.exclude(group_id__in=[group.id for group in shown]).delete()
    if kept_setting(TAGS_BOTH_WAYS):
        _find_own(now=now)
    return len(there)


def write_friend_tags(tag_ids_of: Mapping[int, Collection[str]]) -> set[int]:
    """Let friendships carry exactly these corporate tags, in the caller's transaction; return those that changed.

    Args:
        tag_ids_of: ids of WeCom by friendship; unknown ones are left out until the tags are read.
    """
    keys = dict(Tag.objects.order_by().values_list("tag_id", "pk"))
    wanted = {(friend, keys[each]) for friend, tag_ids in tag_ids_of.items() for each in tag_ids if each in keys}
    friends = sorted(tag_ids_of)
    carried: dict[tuple[int, int], int] = {}
    for start in range(0, len(friends), _AT_ONCE):
        rows = FriendTag.objects.filter(friendship_id__in=friends[start : start + _AT_ONCE]).order_by()
        carried |= {(friend, tag): key for key, friend, tag in rows.values_list("pk", "friendship_id", "tag_id")}
    new, gone = wanted - set(carried), set(carried) - wanted
    FriendTag.objects.bulk_create(
        [FriendTag(friendship_id=friend, tag_id=tag) for friend, tag in sorted(new)], batch_size=_AT_ONCE
    )
    FriendTag.objects.filter(pk__in=[carried[each] for each in gone]).delete()
    return {friend for friend, _tag in new | gone}


def _keep_tag(row: Tag | None, group: TagGroup, shown: CorpTag) -> None:
    row = row or Tag(tag_id=shown.id, group=group)
    told = (group.pk, shown.name[:60], shown.order)
    if row.pk is None or (row.group_id, row.name, row.ordinal) != told:
        row.group_id, row.name, row.ordinal = told
        row.save()


def _find_own(*, now: datetime) -> None:
    """Give each tag the tag of customers of the same names, which is made where there is none."""
    lacking = list(Tag.objects.filter(own_tag=None).select_related("group"))
    if not lacking:
        return
    known = {(one.group, one.name): one.id for one in tag_choices()}
    for tag in lacking:
        names = (tag.group.name.strip(), tag.name.strip())
        if not all(names):
            continue
        if names not in known:
            known[names] = create_tag_in(actor=Actor.system(), group=names[0], name=names[1], now=now)
        tag.own_tag_id = known[names]
    Tag.objects.bulk_update(lacking, ["own_tag"])
