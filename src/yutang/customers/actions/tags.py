"""Tags: making them, giving and taking them set-based, letting them expire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction

from yutang.customers.actions.tag_ways import checked_way
from yutang.customers.events import TagRuleChanged
from yutang.customers.models import CustomerTag, Tag, TagGroup, TagSource
from yutang.customers.stored import insert_missing
from yutang.customers.touching import touch_tags
from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_TABLE = CustomerTag._meta.db_table


class TagNameIsWrong(DomainError):
    """A tag or group has a name of 1 to 60 characters that no other has."""

    code: ClassVar[str] = "tag_name_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Choose a name of 1 to 60 characters that is not taken.")


class NoSuchTag(DomainError):
    """There is no such tag or group."""

    code: ClassVar[str] = "no_such_tag"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no tag or group %(tag_id)s.")


class TagIsGivenByRule(DomainError):
    """A tag with a rule is given and taken by its rule only."""

    code: ClassVar[str] = "tag_is_given_by_rule"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This tag is given by a rule. Change the rule instead.")


class TagHasNoRule(DomainError):
    """Only a tag with a rule is given by rule."""

    code: ClassVar[str] = "tag_has_no_rule"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This tag has no rule.")


@transaction.atomic
def create_tag_group(*, actor: Actor, name: str, now: datetime) -> int:
    """Make a group of tags and return its key.

    Raises:
        TagNameIsWrong: the name is empty, too long or taken.
    """
    actor.require("customers.tag")
    name = checked_name(name, taken=TagGroup.objects.filter(name=name.strip()).exists())
    last = TagGroup.objects.order_by("-ordinal").values_list("ordinal", flat=True).first()
    group = TagGroup.objects.create(name=name, ordinal=0 if last is None else last + 1)
    audit(actor=actor, action="customers.create_tag_group", subject_type="tag_group", subject_id=group.pk, now=now)
    return group.pk


@transaction.atomic
def create_tag(
    *,
    actor: Actor,
    group_id: int,
    name: str,
    rule: dict[str, Any] | None = None,
    expires_after_days: int | None = None,
    now: datetime,
) -> int:
    """Make a tag and return its key.

    Args:
        actor: who makes it.
        group_id: group of the tag.
        name: 1 to 60 characters.
        rule: rule by which it is given (see `tag_rules`); None: by hand.
        expires_after_days: days after which a given tag is taken back; None: never.
        now: when. Aware UTC.

    Raises:
        NoSuchTag: there is no such group.
        TagNameIsWrong: the name is empty, too long or taken in the group.
        RuleIsInvalid: the rule cannot be read.
        ExpiryIsWrong: the days are not 1 to 3,650, or the tag has a rule.
        TagsHoldForTheChain: the actor's stores are not all there are, and the tag has a rule or expires.
    """
    actor.require("customers.tag")
    if not TagGroup.objects.filter(pk=group_id).exists():
        raise NoSuchTag(tag_id=group_id)
    name = checked_name(name, taken=Tag.objects.filter(group_id=group_id, name=name.strip()).exists())
    way = checked_way(actor, rule, expires_after_days)
    tag = Tag.objects.create(group_id=group_id, name=name, rule=way.rule, expires_after_days=way.expires_after_days)
    if way.rule is not None:
        outbox.record(TagRuleChanged(tag.pk), now=now)
    audit(actor=actor, action="customers.create_tag", subject_type="tag", subject_id=tag.pk, now=now)
    return tag.pk


@transaction.atomic
def give_tag(*, actor: Actor, tag_id: int, customer_ids: Sequence[int], now: datetime) -> int:
    """Give a tag by hand to people within reach and return how many did not have it.

    Raises:
        NoSuchTag: there is none.
        TagIsGivenByRule: it has a rule.
    """
    tag = _tag_by_hand(actor, tag_id)
    given = give_tags(
        [(i, tag) for i in _within_reach(actor, customer_ids)], origin=TagSource.MANUAL, actor=actor, now=now
    )
    _audit_people(actor, "customers.give_tag", tag_id, given, now)
    return given


@transaction.atomic
def take_tag(*, actor: Actor, tag_id: int, customer_ids: Sequence[int], now: datetime) -> int:
    """Take a tag from people within reach and return how many had it.

    Raises:
        NoSuchTag: there is none.
        TagIsGivenByRule: it has a rule.
    """
    _tag_by_hand(actor, tag_id)
    taken = _take(tag_id, _within_reach(actor, customer_ids))
    if taken:
        touch_tags(now=now)
    _audit_people(actor, "customers.take_tag", tag_id, taken, now)
    return taken


@transaction.atomic
def assign_rule_tag(*, actor: Actor, tag_id: int, customer_ids: Sequence[int], now: datetime) -> tuple[int, int]:
    """Give a tag to exactly the people of whom its rule holds, and return how many got and lost it.

    Raises:
        NoSuchTag: there is none.
        TagHasNoRule: it is given by hand.
    """
    actor.require("customers.tag")
    tag = known_tag(tag_id)
    if tag.rule is None:
        raise TagHasNoRule
    with bulk.key_table([("id", "int")], [(i,) for i in customer_ids]) as keys:
        lost = bulk.execute(
            f"DELETE FROM {_TABLE} WHERE tag_id = %s AND origin = %s AND customer_id NOT IN (SELECT id FROM {keys})",  # noqa: S608
            [tag_id, TagSource.RULE.value],
        )
    if lost:
        touch_tags(now=now)
    given = give_tags([(i, tag) for i in customer_ids], origin=TagSource.RULE, actor=actor, now=now)
    return given, lost


@transaction.atomic
def expire_tags(*, actor: Actor, now: datetime) -> int:
    """Take back the tags whose time is over and return how many there were."""
    actor.require("customers.tag")
    expired, _ = CustomerTag.objects.filter(expires_at__lte=now).delete()
    if expired:
        touch_tags(now=now)
        audit(actor=actor, action="customers.expire_tags", detail={"expired": expired}, now=now)
    return expired


def give_tags(
    pairs: Sequence[tuple[int, Tag]], *, origin: TagSource, actor: Actor, source_id: int | None = None, now: datetime
) -> int:
    """Give (person, tag) pairs that are not there yet and return how many there were; for the room's own use."""
    before = CustomerTag.objects.count() if pairs else 0
    columns = (
        ("customer_id", "int"),
        ("tag_id", "int"),
        ("origin", "text"),
        ("given_by_id", "int"),
        ("source_id", "int"),
        ("given_at", "instant"),
        ("expires_at", "instant"),
    )
    given_at = bulk.db_instant(now)
    rows = [(i, tag.pk, origin.value, actor.staff_id, source_id, given_at, _expiry(tag, now)) for i, tag in pairs]
    insert_missing(_TABLE, columns, rows)
    given = CustomerTag.objects.count() - before if pairs else 0
    if given:
        touch_tags(now=now)
    return given


def checked_name(name: str, *, taken: bool) -> str:
    """Return the name as it is kept; for the room's own use."""
    if taken or not 0 < len(name.strip()) <= 60:
        raise TagNameIsWrong
    return name.strip()


def _expiry(tag: Tag, now: datetime) -> Any:
    return None if tag.expires_after_days is None else bulk.db_instant(now + timedelta(days=tag.expires_after_days))


def _take(tag_id: int, customer_ids: Sequence[int]) -> int:
    with bulk.key_table([("id", "int")], [(i,) for i in customer_ids]) as keys:
        return bulk.execute(
            f"DELETE FROM {_TABLE} WHERE tag_id = %s AND customer_id IN (SELECT id FROM {keys})",  # noqa: S608
            [tag_id],
        )


def known_tag(tag_id: int) -> Tag:
    """Return the tag of a key; for the room's own use."""
    tag = Tag.objects.filter(pk=tag_id).first()
    if tag is None:
        raise NoSuchTag(tag_id=tag_id)
    return tag


def _tag_by_hand(actor: Actor, tag_id: int) -> Tag:
    actor.require("customers.tag")
    tag = known_tag(tag_id)
    if tag.rule is not None:
        raise TagIsGivenByRule
    return tag


def _within_reach(actor: Actor, customer_ids: Sequence[int]) -> list[int]:
    """Return those of the people who exist, stand for themselves and are within reach."""
    # Conditions and order are left to Python: with them SQLite reads all people and looks each up in the short table.
    with bulk.key_table([("id", "int")], [(i,) for i in set(customer_ids)]) as keys:
        rows = bulk.fetch(
            f"SELECT c.id, c.store_id, c.merged_into_id FROM {keys} k JOIN customers_customer c ON c.id = k.id"  # noqa: S608
        )
    return sorted(i for i, store_id, merged_into in rows if merged_into is None and actor.reaches(store_id))


def _audit_people(actor: Actor, action: str, tag_id: int, people: int, now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="tag", subject_id=tag_id, detail={"people": people}, now=now)
