"""What an administrator does with corporate tags in WeCom itself; other than changes by the API this is told of."""

from __future__ import annotations

from yutang.connectors.wecom.simulator.acts_people import NotPossible
from yutang.connectors.wecom.simulator.world import Tag, TagGroup, World
from yutang.kit.text import N_

_TAG = "change_external_tag"


def create(world: World, *, group_name: str, names: list[str]) -> dict[str, object]:
    """Make tags in a group of that name, which is made where there is none."""
    group = next((one for one in world.tag_groups.values() if one.name == group_name), None)
    if group is None:
        group = TagGroup(world.new_id("et"), group_name, 0, world.now())
        world.tag_groups[group.id] = group
        world.tell(_TAG, "create", Id=group.id, TagType="tag_group")
    made = [Tag(world.new_id("et"), name, group.id, 0, world.now()) for name in names]
    for tag in made:
        world.tags[tag.id] = tag
        world.tell(_TAG, "create", Id=tag.id, TagType="tag")
    return {"group_id": group.id, "tag_ids": [tag.id for tag in made]}


def rename(world: World, *, tag_id: str, name: str) -> None:
    """Give a tag or a group of tags another name."""
    found: Tag | TagGroup | None = world.tags.get(tag_id) or world.tag_groups.get(tag_id)
    if found is None:
        raise NotPossible(N_("there is no such tag"))
    found.name = name
    world.tell(_TAG, "update", Id=tag_id, TagType="tag" if isinstance(found, Tag) else "tag_group")


def delete(world: World, *, tag_id: str) -> None:
    """Delete a tag, or a group with all its tags; of a group one callback tells, for the group."""
    if tag_id not in world.tags and tag_id not in world.tag_groups:
        raise NotPossible(N_("there is no such tag"))
    is_group = tag_id in world.tag_groups
    forget(world, [one.id for one in world.tags.values() if tag_id in {one.id, one.group_id}])
    world.tell(_TAG, "delete", Id=tag_id, TagType="tag_group" if is_group else "tag")


def shuffle(world: World, *, group_id: str) -> None:
    """Turn the order of the tags of a group round."""
    tags = [one for one in world.tags.values() if one.group_id == group_id]
    if not tags:
        raise NotPossible(N_("there is no such tag"))
    for order, tag in enumerate(sorted(tags, key=lambda one: (one.order, one.created_at))):
        tag.order = len(tags) - order
    world.tell(_TAG, "shuffle", Id=group_id, TagType="tag")


def forget(world: World, tag_ids: list[str]) -> None:
    """Take tags away, off every customer too, and groups that are empty then."""
    for one in dict.fromkeys(tag_ids):
        world.gone_tags[one] = world.tags.pop(one)
    for relations in world.relations.values():
        for relation in relations.values():
            for one in tag_ids:
                relation.tags.pop(one, None)
    alive = {tag.group_id for tag in world.tags.values()}
    for one in [key for key in world.tag_groups if key not in alive]:
        world.gone_tag_groups[one] = world.tag_groups.pop(one)
