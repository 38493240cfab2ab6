"""Tags by name, and changes of tags and groups that there are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from yutang.customers.actions.tag_ways import checked_way, require_the_chain
from yutang.customers.actions.tags import NoSuchTag, checked_name, create_tag, create_tag_group, give_tag, known_tag
from yutang.customers.events import TagRuleChanged
from yutang.customers.models import CustomerTag, Tag, TagGroup, TagSource
from yutang.customers.queries import record_within_reach
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit


@transaction.atomic
def give_named_tag(*, actor: Actor, group: str, name: str, customer_id: int, now: datetime) -> int:
    """Give the tag of that name by hand to one person and return its key; it, and its group, are made where there is none.

    Refused, nothing is made.

    Raises:
        NoSuchCustomer: there is none within reach.
        TagNameIsWrong: one of the names is empty or too long.
        TagIsGivenByRule: the tag of that name has a rule.
    """
    actor.require("customers.tag")
    record_within_reach(actor, customer_id)
    known = Tag.objects.filter(group__name=group.strip(), name=name.strip()).values_list("pk", flat=True).first()
    tag_id = known if known is not None else create_tag_in(actor=actor, group=group, name=name, now=now)
    give_tag(actor=actor, tag_id=tag_id, customer_ids=[customer_id], now=now)
    return tag_id


@transaction.atomic
def create_tag_in(
    *,
    actor: Actor,
    group: str,
    name: str,
    rule: dict[str, Any] | None = None,
    expires_after_days: int | None = None,
    now: datetime,
) -> int:
    """Make a tag in a group by the group's name, which is made too where there is none. Refused, nothing is made.

    Args:
        actor: who makes it.
        group: name of the group, 1 to 60 characters.
        name: 1 to 60 characters.
        rule: as for `create_tag`.
        expires_after_days: as for `create_tag`.
        now: when. Aware UTC.

    Raises:
        TagNameIsWrong: a name is empty or too long, or the tag's is taken in the group.
        RuleIsInvalid: the rule cannot be read.
        ExpiryIsWrong: the days are not 1 to 3,650, or the tag has a rule.
        TagsHoldForTheChain: the actor's stores are not all there are, and the tag has a rule or expires.
    """
    actor.require("customers.tag")
    group_id = TagGroup.objects.filter(name=group.strip()).values_list("pk", flat=True).first()
    if group_id is None:
        group_id = create_tag_group(actor=actor, name=group, now=now)
    return create_tag(
        actor=actor, group_id=group_id, name=name, rule=rule, expires_after_days=expires_after_days, now=now
    )


@transaction.atomic
def change_tag(
    *,
    actor: Actor,
    tag_id: int,
    name: str,
    rule: dict[str, Any] | None,
    expires_after_days: int | None,
    now: datetime,
) -> None:
    """Give a tag another name, rule or number of days.

    With a rule, the rule alone decides who carries the tag, also of those to whom it was given by hand. A tag that loses
    its rule stays with whom the rule gave it, as if given by hand. Days hold for whoever gets the tag from now on.

    Raises:
        NoSuchTag: there is none.
        TagNameIsWrong: the name is empty, too long or taken in the group.
        RuleIsInvalid: the rule cannot be read.
        ExpiryIsWrong: the days are not 1 to 3,650, or the tag has a rule.
        TagsHoldForTheChain: the actor's stores are not all there are.
    """
    require_the_chain(actor)
    tag = known_tag(tag_id)
    others = Tag.objects.filter(group_id=tag.group_id, name=name.strip()).exclude(pk=tag_id)
    tag.name = checked_name(name, taken=others.exists())
    way, had = checked_way(actor, rule, expires_after_days), tag.rule
    tag.rule, tag.expires_after_days = way.rule, way.expires_after_days
    tag.save(update_fields=["name", "rule", "expires_after_days"])
    given = CustomerTag.objects.filter(tag_id=tag_id)
    if way.rule is None:
        given.filter(origin=TagSource.RULE).update(origin=TagSource.MANUAL, given_by_id=actor.staff_id)
    elif way.rule != had:
        given.update(origin=TagSource.RULE, given_by_id=None, expires_at=None)
        outbox.record(TagRuleChanged(tag_id), now=now)
    detail = {"rule_before": had, "rule": way.rule, "expires_after_days": way.expires_after_days}
    audit(actor=actor, action="customers.change_tag", subject_type="tag", subject_id=tag_id, detail=detail, now=now)


@transaction.atomic
def rename_tag_group(*, actor: Actor, group_id: int, name: str, now: datetime) -> None:
    """Give a group of tags another name.

    Raises:
        NoSuchTag: there is no such group.
        TagNameIsWrong: the name is empty, too long or taken.
        TagsHoldForTheChain: the actor's stores are not all there are.
    """
    require_the_chain(actor)
    taken = TagGroup.objects.filter(name=name.strip()).exclude(pk=group_id).exists()
    if not TagGroup.objects.filter(pk=group_id).update(name=checked_name(name, taken=taken)):
        raise NoSuchTag(tag_id=group_id)
    audit(actor=actor, action="customers.rename_tag_group", subject_type="tag_group", subject_id=group_id, now=now)
