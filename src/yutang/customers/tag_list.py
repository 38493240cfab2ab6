"""The tags by group, with how many people carry each."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Count

from yutang.customers.models import Customer, CustomerTag, Tag, TagGroup
from yutang.customers.views import TagGroupView, TagUse
from yutang.foundation.access import Actor


def tag_groups(*, access: Actor) -> tuple[TagGroupView, ...]:
    """Return every group with its tags and how many people within reach carry each."""
    access.require("customers.view")
    people = _people_by_tag(access)
    tags: dict[int, list[TagUse]] = defaultdict(list)
    for tag in Tag.objects.order_by("id"):
        use = TagUse(tag.pk, tag.group_id, tag.name, tag.rule, tag.expires_after_days, people.get(tag.pk, 0))
        tags[tag.group_id].append(use)
    groups = TagGroup.objects.order_by("ordinal", "id")
    return tuple(TagGroupView(group.pk, group.name, tuple(tags[group.pk])) for group in groups)


def _people_by_tag(access: Actor) -> dict[int, int]:
    """Return how many people carry each tag; who was merged into another counts as that one only."""
    given = CustomerTag.objects.order_by()
    if access.store_ids is not None:
        own = Customer.objects.filter(store_id__in=access.store_ids, merged_into=None).order_by()
        given = given.filter(customer__in=own)
        return dict(given.values_list("tag").annotate(people=Count("id")))
    everybody = dict(given.values_list("tag").annotate(people=Count("id")))
    # Taken off rather than left out: the index over tags counts everybody, and few were merged, whom a join would look for last.
    merged = Customer.objects.filter(merged_into__isnull=False).order_by().values("id")
    for tag_id, people in given.filter(customer__in=merged).values_list("tag").annotate(people=Count("id")):
        everybody[tag_id] -= people
    return everybody
