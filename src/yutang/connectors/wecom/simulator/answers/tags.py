"""Corporate tags."""

from __future__ import annotations

from typing import Any

from yutang.connectors.wecom.simulator.acts_tags import forget
from yutang.connectors.wecom.simulator.asked import Asked, Refused, answers, own_relation, tell_of_change
from yutang.connectors.wecom.simulator.world import Tag, TagGroup, World

_ROOM = "externalcontact"
_TAGS_OF_RELATION = 3_000
_LARGEST_ORDER = 2**32 - 1


@answers(f"{_ROOM}/get_corp_tag_list", tag_group=[])
def get_corp_tag_list(world: World, asked: Asked) -> dict[str, Any]:
    """List tags by group; deleted ones only where ids are asked for."""
    tags, groups = asked.texts("tag_id"), asked.texts("group_id")
    if not tags and not groups:
        return {"tag_group": [_shown(world, group) for group in _ordered(world.tag_groups)]}
    every = {**world.tag_groups, **world.gone_tag_groups}
    if groups:
        return {"tag_group": [_shown(world, every[one], with_gone=True) for one in groups if one in every]}
    known = {**world.tags, **world.gone_tags}
    wanted = [known[one] for one in tags if one in known]
    found = dict.fromkeys(tag.group_id for tag in wanted)
    return {
        "tag_group": [
            _shown(world, every[one], only={tag.id for tag in wanted}, with_gone=True) for one in found if one in every
        ]
    }


@answers(f"{_ROOM}/add_corp_tag", tag_group={})
def add_corp_tag(world: World, asked: Asked) -> dict[str, Any]:
    """Make tags, and a group where there is none of that name."""
    wanted = asked.body.get("tag")
    if not isinstance(wanted, list) or not wanted:
        raise Refused(40058, "no tags")
    names = [_name(one) for one in wanted]
    group = _group_for(world, asked)
    here = {tag.name for tag in world.tags.values() if group is not None and tag.group_id == group.id}
    if here & set(names):
        raise Refused(40071, "tag name exists")
    if len(world.tags) + len(set(names)) > world.rules.tags:
        raise Refused(40126, "too many tags")
    group = group or _new_group(world, asked)
    for name, one in dict(zip(names, wanted, strict=True)).items():
        order = one.get("order", 0)
        tag = Tag(world.new_id("et"), name, group.id, order, world.now())
        world.tags[tag.id] = tag
    if world.rules.events_of_api:
        world.tell("change_external_tag", "create", Id=group.id, TagType="tag_group")
    return {"tag_group": _shown(world, group)}


@answers(f"{_ROOM}/edit_corp_tag")
def edit_corp_tag(world: World, asked: Asked) -> dict[str, Any]:
    """Rename a tag or a group."""
    key = asked.text("id")
    found: Tag | TagGroup | None = world.tags.get(key) or world.tag_groups.get(key)
    if found is None:
        raise Refused(40068, "invalid tag id")
    name = asked.text("name", most=30, errcode=40072, needed=False)
    if isinstance(found, Tag):
        others = {one.name for one in world.tags.values() if one.group_id == found.group_id and one.id != key}
    else:
        others = {one.name for one in world.tag_groups.values() if one.id != key}
    if name in others:
        raise Refused(40071, "tag name exists")
    found.name = name or found.name
    found.order = asked.number("order", found.order, most=_LARGEST_ORDER)
    return {}


@answers(f"{_ROOM}/del_corp_tag")
def del_corp_tag(world: World, asked: Asked) -> dict[str, Any]:
    """Delete tags and groups; a group goes with its last tag."""
    tags, groups = asked.texts("tag_id"), asked.texts("group_id")
    if not tags and not groups:
        raise Refused(40058, "nothing to delete")
    if any(one not in world.tags for one in tags) or any(one not in world.tag_groups for one in groups):
        raise Refused(40068, "invalid tag id")
    tags = [*tags, *(tag.id for tag in world.tags.values() if tag.group_id in groups)]
    forget(world, tags)
    return {}


@answers(f"{_ROOM}/mark_tag")
def mark_tag(world: World, asked: Asked) -> dict[str, Any]:
    """Put tags on a customer and take others off."""
    relation = own_relation(world, asked)
    add, remove = asked.texts("add_tag"), asked.texts("remove_tag")
    if not add and not remove:
        raise Refused(40058, "no tags")
    if any(one not in world.tags for one in (*add, *remove)):
        raise Refused(40068, "invalid tag id")
    if len({*relation.tags, *add}) > _TAGS_OF_RELATION:
        raise Refused(40126, "too many tags")
    for one in remove:
        relation.tags.pop(one, None)
    for one in add:
        relation.tags[one] = None
    tell_of_change(world, relation)
    return {}


def _name(wanted: Any) -> str:
    name = wanted.get("name") if isinstance(wanted, dict) else None
    if not isinstance(name, str) or not name or len(name) > 30:
        raise Refused(40072, "invalid tag name")
    order = wanted.get("order", 0)
    if not isinstance(order, int) or not 0 <= order <= _LARGEST_ORDER:
        raise Refused(40058, "order out of range")
    return name


def _group_for(world: World, asked: Asked) -> TagGroup | None:
    group_id = asked.text("group_id", needed=False)
    if group_id:
        if group_id not in world.tag_groups:
            raise Refused(40068, "invalid group id")
        return world.tag_groups[group_id]
    name = asked.text("group_name", most=30, errcode=40072)
    return next((group for group in world.tag_groups.values() if group.name == name), None)


def _new_group(world: World, asked: Asked) -> TagGroup:
    group = TagGroup(
        world.new_id("et"), asked.text("group_name"), asked.number("order", 0, most=_LARGEST_ORDER), world.now()
    )
    world.tag_groups[group.id] = group
    return group


def _shown(world: World, group: TagGroup, *, only: set[str] | None = None, with_gone: bool = False) -> dict[str, Any]:
    tags = [tag for tag in _ordered(world.tags) if tag.group_id == group.id]
    gone = [tag for tag in _ordered(world.gone_tags) if tag.group_id == group.id] if with_gone else []
    rows = [
        {
            "id": tag.id,
            "name": tag.name,
            "create_time": int(tag.created_at),
            "order": tag.order,
            **_deleted(tag in gone),
        }
        for tag in (*tags, *gone)
        if only is None or tag.id in only
    ]
    return {
        "group_id": group.id,
        "group_name": group.name,
        "create_time": int(group.created_at),
        "order": group.order,
        **_deleted(group.id in world.gone_tag_groups),
        "tag": rows,
    }


def _deleted(is_gone: bool) -> dict[str, bool]:
    return {"deleted": True} if is_gone else {}


def _ordered(things: dict[str, Any]) -> list[Any]:
    return sorted(things.values(), key=lambda one: (-one.order, one.created_at, one.id))
