"""Tables of living groups: what each is for, who was led into it by whom, what was seen of it, how alive it is, what was done."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff, Store
from yutang.wecom.models import Account, Group


class Life(models.TextChoices):
    """How alive a group is."""

    FORMING = "forming", _("Forming")
    ALIVE = "alive", _("Alive")
    QUIET = "quiet", _("Quiet")
    DYING = "dying", _("Dying")
    DEAD = "dead", _("Dead")


class Community(models.Model):
    """What the shop means by one customer group of WeCom, and how it was found last night."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="community")
    #: Whose customers it is for; null where the owner has none, or several and nobody said which.
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: Who looks after it: the group's owner among the staff, followed each night.
    owner = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: The customer around whom it grew; one customer seeds one group of a purpose.
    seed_customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    purpose = models.CharField(max_length=60, blank=True)
    #: People up to which newcomers are led into it; null: as the organisation has set it.
    capacity = models.PositiveSmallIntegerField(null=True, blank=True)
    #: Keys of tags of customers: by each group of tags that is named here, members carry one of its tags.
    likeness: models.JSONField[Any, Any] = models.JSONField(default=list)
    #: Key of the playbook by which it is led; a higher room knows it.
    playbook_id = models.BigIntegerField(null=True, blank=True)
    #: The group that was full when this one was opened.
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: Nobody is led into it any more, and it is not looked at: closed, or merged into another.
    closed_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    # What the last night found; written by the night only.
    members = models.PositiveIntegerField(default=0)
    life = models.CharField(max_length=8, choices=Life.choices, default=Life.FORMING)
    life_since = models.DateField(null=True, blank=True)
    #: Share of the members who pay attention: mean and ends of the 90 % interval. 0-1.
    share = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    #: The share as it is foreseen in two weeks. 0-1.
    ahead = models.FloatField(null=True, blank=True)
    #: Chance that less than the dead share pay attention. 0-1.
    chance_dead = models.FloatField(null=True, blank=True)
    #: Change of the share over four weeks. -1 to 1; null where it was not looked at for so long.
    trend = models.FloatField(null=True, blank=True)
    #: [{"template", "values"}]: why it is said to be so.
    reasons: models.JSONField[Any, Any] = models.JSONField(default=list)
    #: What to do, as a code of `advice.ADVICE`; empty where nothing is to be done.
    advice = models.CharField(max_length=10, blank=True)
    #: {"with": key of the group to merge with, "content": reference, "tags": keys of tags to split by}.
    advice_detail: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: How much it matters that somebody does so; the larger, the sooner. 0: it can wait.
    urgency = models.FloatField(default=0)
    #: Somebody said: not before this day.
    not_before = models.DateField(null=True, blank=True)
    #: Last day that was looked at.
    judged_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("seed_customer", "purpose"), condition=~models.Q(seed_customer=None), name="community_seed_once"
            ),
            models.CheckConstraint(condition=models.Q(capacity__gte=2, capacity__lte=500), name="community_capacity"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("-urgency", "id"), condition=models.Q(closed_at=None), name="community_urgent"),
            models.Index(fields=("store", "life"), name="community_store"),
        ]


class PlaceState(models.TextChoices):
    """What became of a place."""

    HELD = "held", _("Kept free")
    TAKEN = "taken", _("Came")
    LAPSED = "lapsed", _("Did not come")


class Place(models.Model):
    """A place in a group that was given to a person: kept free for some days, then taken or lapsed; and by whom they came."""

    #: Of whoever led the person; the same key is one place for ever.
    key = models.CharField(max_length=120, unique=True)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="places", db_index=False)
    #: Without a constraint in the database: the undo of an import may delete the person.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    #: The member who brought them; null where a code or the staff did.
    inviter = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    #: What led them: ``code:7``, ``playbook:3``, ``referral:12``, ``hand``.
    source = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=6, choices=PlaceState.choices, default=PlaceState.HELD)
    held_until = models.DateTimeField()
    given_at = models.DateTimeField()
    came_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("community", "state", "held_until"), name="place_community"),
        ]


class Opening(models.Model):
    """A group that is to be made because the one before it is full; WeCom lets only its owner make it."""

    follows = models.OneToOneField(Community, on_delete=models.CASCADE, related_name="opening")
    name = models.CharField(max_length=200)
    #: In what its members are to be alike, where that differs from the one before: it is made for a part of those people.
    likeness: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    #: Up to how many people the one before is filled by whoever leads newcomers, where it has places left; null: it is full.
    most = models.SmallIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField()
    #: The group that was made; null while it is waited for.
    opened = models.OneToOneField(Community, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)


class SignalKind(models.TextChoices):
    """What members do that another system tells of."""

    MESSAGES = "messages", _("Wrote")
    REACTIONS = "reactions", _("Reacted")
    CLICKS = "clicks", _("Clicked")


class Signal(models.Model):
    """How many members of one group were seen on one day doing one thing, as one source tells it.

    A day on which a source tells of groups at all, and of this group never but before, is a day without anybody.
    """

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    kind = models.CharField(max_length=9, choices=SignalKind.choices)
    source = models.CharField(max_length=40)
    #: Different members.
    people = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("community", "day", "kind", "source"), name="signal_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("day", "kind"), name="signal_day")]


class Coverage(models.Model):
    """Since when one source tells of one group: from then on, days on which it tells of others and not of this one are silent ones."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=9, choices=SignalKind.choices)
    source = models.CharField(max_length=40)
    first_day = models.DateField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("community", "kind", "source"), name="coverage_once")
        ]


class SeenMember(models.Model):
    """One member who was seen on one day doing one thing, so that the same one is counted once a day; forgotten after two weeks."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    kind = models.CharField(max_length=9)
    source = models.CharField(max_length=40)
    #: Keyed hash of whom the event names; of an event that names nobody, of its own id. 16 bytes.
    who = models.BinaryField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("community", "day", "kind", "source", "who"), name="seen_member_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("day",), name="seen_member_day")]


class OwnerWords(models.Model):
    """How many members wrote in all groups of one owner on one day, as the statistics of WeCom tell it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    groups = models.PositiveIntegerField()
    groups_with_words = models.PositiveIntegerField()
    members = models.PositiveIntegerField()
    members_with_words = models.PositiveIntegerField()
    messages = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("account", "day"), name="owner_words_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("day",), name="owner_words_day")]


class ProbeKind(models.TextChoices):
    """What a group was asked with."""

    RED_PACKET = "red_packet", _("Red packets")
    POLL = "poll", _("Poll")
    ROLL_CALL = "roll_call", _("Roll call")


class Probe(models.Model):
    """A group was asked for a sign of life, and so many gave one."""

    key = models.CharField(max_length=120, unique=True)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="probes", db_index=False)
    kind = models.CharField(max_length=10, choices=ProbeKind.choices)
    at = models.DateTimeField()
    day = models.DateField()
    #: Members who were there.
    members = models.PositiveIntegerField()
    #: Packets that were laid out; null for a poll and a roll call.
    packets = models.PositiveIntegerField(null=True, blank=True)
    #: Members who took one, or answered; null where only `were_all_taken` is known.
    takers = models.PositiveIntegerField(null=True, blank=True)
    #: Of packets: whether none was left.
    were_all_taken = models.BooleanField(null=True, blank=True)
    #: After so long it was counted.
    minutes = models.PositiveIntegerField()
    noted_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("community", "day"), name="probe_community"),
            models.Index(fields=("day",), name="probe_day"),
        ]


class Vitality(models.Model):
    """How alive one group was at the end of one day, and what was seen of it on that day."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    members = models.PositiveIntegerField()
    joined = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    ordered = models.PositiveIntegerField()
    #: Members who were told of by another system; null where none told of the group.
    wrote = models.PositiveIntegerField(null=True, blank=True)
    reacted = models.PositiveIntegerField(null=True, blank=True)
    clicked = models.PositiveIntegerField(null=True, blank=True)
    share = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    #: The whole belief, from which the next nights go on; empty once it is older than they look back.
    belief = models.BinaryField(default=bytes)

    class Meta:
        ordering = ("community_id", "day")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("community", "day"), name="vitality_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("day",), name="vitality_day")]


class OwnerDay(models.Model):
    """How the groups of one owner were at the end of one day."""

    #: 0 where a group has no owner among the staff.
    owner_id = models.BigIntegerField()
    #: 0 where a group belongs to no store.
    store_id = models.BigIntegerField()
    day = models.DateField()
    groups = models.PositiveIntegerField()
    members = models.PositiveIntegerField()
    #: Sum over groups of members times share: how many people pay attention.
    attentive = models.FloatField()
    forming = models.PositiveIntegerField(default=0)
    alive = models.PositiveIntegerField(default=0)
    quiet = models.PositiveIntegerField(default=0)
    dying = models.PositiveIntegerField(default=0)
    dead = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("owner_id", "store_id", "day"), name="owner_day_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("day",), name="owner_day_day")]


class DeedKind(models.TextChoices):
    """What was done about a group."""

    PROBE = "probe", _("Asked for a sign of life")
    REVIVE = "revive", _("Revived")
    MERGE = "merge", _("Merged")
    SPLIT = "split", _("Split")
    REST = "rest", _("Let rest")
    OPEN = "open", _("Opened the next one")
    CLOSE = "close", _("Closed")


class Deed(models.Model):
    """Something that was done about a group, how it stood then, and what came of it against similar groups left alone."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="deeds", db_index=False)
    kind = models.CharField(max_length=6, choices=DeedKind.choices)
    day = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    #: {"with": key of another group, "content": reference of what was posted}.
    detail: models.JSONField[Any, Any] = models.JSONField(default=dict)
    life = models.CharField(max_length=8, choices=Life.choices)
    #: Share before and two weeks after, and by how much that of similar groups left alone changed meanwhile. 0-1.
    before = models.FloatField(null=True, blank=True)
    after = models.FloatField(null=True, blank=True)
    others_change = models.FloatField(null=True, blank=True)
    others = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-at", "-id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("community", "day"), name="deed_community"),
            models.Index(fields=("day",), name="deed_day"),
        ]
