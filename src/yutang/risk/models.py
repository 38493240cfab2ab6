"""Tables of the guard: what was decided and by what evidence, who is tied to whom, lists, versions of rules, appeals."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff, Store
from yutang.risk.asks import KINDS, OUTCOMES, VERDICTS


class Settled(models.TextChoices):
    """What a person said of a decision."""

    LET_THROUGH = "let_through", _("Let through")
    KEPT_STOPPED = "kept_stopped", _("Stays stopped")


class Decision(models.Model):
    """One answer of the guard, with the facts that it was given by: another version of the rules can be tried on these."""

    #: Idempotency key of the ask.
    key = models.CharField(max_length=140, unique=True)
    kind = models.CharField(max_length=10, choices=list(KINDS.items()))
    #: None: not known, or erased.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    programme = models.CharField(max_length=64, blank=True)
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    value_fen = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    verdict = models.CharField(max_length=6, choices=list(VERDICTS.items()))
    wait_seconds = models.IntegerField(default=0)
    points = models.SmallIntegerField(default=0)
    #: [{"code", "params"}], the strongest first.
    reasons: models.JSONField[Any, Any] = models.JSONField(default=list)
    #: {fact: number}; those that are 0 are left out.
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: Version of the rules; 0: those that come with the product.
    rules_version = models.IntegerField(default=0)
    #: What a version that is on trial would have said.
    shadow_version = models.IntegerField(null=True, blank=True)
    shadow_verdict = models.CharField(max_length=6, blank=True, choices=list(VERDICTS.items()))
    settled = models.CharField(max_length=12, blank=True, choices=Settled.choices)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=12, blank=True, choices=list(OUTCOMES.items()))

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("at",), name="guard_when"),
            models.Index(fields=("customer", "-id"), condition=models.Q(customer__isnull=False), name="guard_person"),
            models.Index(fields=("-id",), condition=models.Q(verdict="review", settled=""), name="guard_to_look_at"),
            models.Index(fields=("-id",), condition=~models.Q(verdict="allow"), name="guard_stopped"),
        ]


class Past(models.IntegerChoices):
    """What was known of a person when they asked."""

    BUYER = 0, _("Has bought")
    NEWCOMER = 1, _("Newcomer")
    ASLEEP = 2, _("Known for long, never bought")


class Trace(models.Model):
    """What was seen at one ask, as keyed hashes of 63 bits; its key is that of the decision. The rolling windows read it.

    Rows are only added, so that two who ask at the same moment never wait for each other, as they would for a counter.
    """

    #: Seconds since 1970: windows are differences.
    at = models.BigIntegerField()
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    inviter = models.ForeignKey(
        Customer, null=True, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    device = models.BigIntegerField(null=True)
    address = models.BigIntegerField(null=True)
    block = models.BigIntegerField(null=True)
    payer = models.BigIntegerField(null=True)
    place = models.BigIntegerField(null=True)
    past = models.SmallIntegerField(default=Past.NEWCOMER, choices=Past.choices)
    #: Whether the web of ties knows of it already.
    is_woven = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "at"), condition=models.Q(customer__isnull=False), name="trace_person"),
            models.Index(fields=("inviter", "at"), condition=models.Q(inviter__isnull=False), name="trace_inviter"),
            models.Index(fields=("device", "at"), condition=models.Q(device__isnull=False), name="trace_device"),
            models.Index(fields=("address", "at"), condition=models.Q(address__isnull=False), name="trace_address"),
            models.Index(fields=("block", "at"), condition=models.Q(block__isnull=False), name="trace_block"),
            models.Index(fields=("payer", "at"), condition=models.Q(payer__isnull=False), name="trace_payer"),
            models.Index(fields=("place", "at"), condition=models.Q(place__isnull=False), name="trace_place"),
            models.Index(fields=("id",), condition=models.Q(is_woven=False), name="trace_to_weave"),
            models.Index(fields=("at",), name="trace_when"),
        ]


class ThingKind(models.IntegerChoices):
    """What ties people to each other."""

    DEVICE = 1, _("Device")
    PAYER = 2, _("Payment account")
    PLACE = 3, _("Postal address")


class Thing(models.Model):
    """A device, payment account or postal address that people share, by its keyed hash."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.SmallIntegerField(choices=ThingKind.choices)
    people = models.IntegerField(default=0)
    #: Connected people carry the same number, that of the one with the smallest key when it was made.
    component = models.BigIntegerField(db_index=True)
    #: The community that most of its people belong to.
    community = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("id",)


class Tie(models.Model):
    """A person who used a thing."""

    thing = models.BigIntegerField()
    customer = models.ForeignKey(
        Customer, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.SmallIntegerField(choices=ThingKind.choices)
    first_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("thing", "customer"), name="guard_tie_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("customer",), name="guard_tie_person")]


class Invitation(models.Model):
    """Who brought whom, first, and what became of the one who was brought."""

    inviter = models.ForeignKey(
        Customer, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    invitee = models.ForeignKey(
        Customer, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    first_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True, choices=list(OUTCOMES.items()))

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("inviter", "invitee"), name="guard_invitation_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("invitee", "inviter"), name="guard_invited_by")]


class Standing(models.Model):
    """What the guard knows of a person: where they stand in the web of ties, and the security score with its parts."""

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    component = models.BigIntegerField(null=True)
    community = models.BigIntegerField(null=True)
    #: 0 to 100; the higher, the safer.
    score = models.SmallIntegerField(default=60)
    #: {part: points}
    parts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: People whom this one brought, of how many it is known what became of them, and how many left at once.
    invited = models.IntegerField(default=0)
    invited_known = models.IntegerField(default=0)
    invited_left = models.IntegerField(default=0)
    #: People in the shortest ring of invitations through this one; 0: none.
    ring = models.SmallIntegerField(default=0)
    #: What became of what the person was given: told in all, left at once, bought.
    own_known = models.IntegerField(default=0)
    own_left = models.IntegerField(default=0)
    own_bought = models.IntegerField(default=0)
    stopped = models.IntegerField(default=0)
    past = models.SmallIntegerField(default=Past.NEWCOMER, choices=Past.choices)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("customer",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=("component",), condition=models.Q(component__isnull=False), name="guard_standing_comp"
            ),
            models.Index(
                fields=("community",), condition=models.Q(community__isnull=False), name="guard_standing_group"
            ),
            models.Index(fields=("score", "customer"), name="guard_standing_score"),
        ]


class Community(models.Model):
    """People who share things more with each other than with others; made anew when one of its ties changes."""

    id = models.BigIntegerField(primary_key=True)
    component = models.BigIntegerField(db_index=True)
    people = models.IntegerField()
    devices = models.IntegerField()
    payers = models.IntegerField()
    #: Share of the people who share a device or a payment account with another. 0 to 100.
    shared_percent = models.SmallIntegerField()
    #: People who never bought.
    strangers = models.IntegerField()
    known = models.IntegerField()
    left = models.IntegerField()
    stopped = models.IntegerField()
    #: Everybody in the component, which several communities may share.
    joined_people = models.IntegerField()
    joined_devices = models.IntegerField()
    joined_payers = models.IntegerField()
    joined_shared_percent = models.SmallIntegerField()
    joined_strangers = models.IntegerField()

    class Meta:
        ordering = ("id",)


class LargeComponent(models.Model):
    """So many connected people that only what changes among them is made anew; its key is the component's number.

    What they are like together, as it was counted last, and how many of them were touched since.
    """

    id = models.BigIntegerField(primary_key=True)
    people = models.IntegerField()
    devices = models.IntegerField()
    payers = models.IntegerField()
    shared_percent = models.SmallIntegerField()
    strangers = models.IntegerField()
    changes = models.IntegerField(default=0)

    class Meta:
        ordering = ("id",)


class Effect(models.TextChoices):
    """What standing on a list does."""

    ALLOW = "allow", _("Always let through")
    BLOCK = "block", _("Always refuse")


class Subject(models.TextChoices):
    """What can stand on a list."""

    PERSON = "person", _("Customer")
    DEVICE = "device", _("Device")
    ADDRESS = "address", _("Network address")
    BLOCK = "block", _("Block of network addresses")
    PAYER = "payer", _("Payment account")
    PLACE = "place", _("Postal address")


class ListEntry(models.Model):
    """Somebody or something that is always let through, or always refused, until a day and for a reason."""

    subject = models.CharField(max_length=8, choices=Subject.choices)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    #: Keyed hash of what is no person.
    thing = models.BigIntegerField(null=True, blank=True)
    effect = models.CharField(max_length=5, choices=Effect.choices)
    reason = models.CharField(max_length=200)
    #: None: until it is taken off.
    until = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(subject="person", customer__isnull=False, thing=None)
                | (~models.Q(subject="person") & models.Q(customer=None, thing__isnull=False))
                | models.Q(ended_at__isnull=False),
                name="guard_list_one_subject",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer",), condition=models.Q(ended_at=None), name="guard_list_person"),
            models.Index(fields=("thing",), condition=models.Q(ended_at=None), name="guard_list_thing"),
        ]


class VersionState(models.TextChoices):
    """What a version of the rules is used for."""

    DRAFT = "draft", _("Draft")
    SHADOW = "shadow", _("On trial")
    ACTIVE = "active", _("In force")
    RETIRED = "retired", _("Replaced")


class RuleSet(models.Model):
    """A version of the rules; its key is its number. What was in force is never changed, only replaced."""

    state = models.CharField(max_length=8, choices=VersionState.choices, default=VersionState.DRAFT)
    body: models.JSONField[Any, Any] = models.JSONField()
    #: Tells one content from another, for what is parsed once a process.
    digest = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("state",), condition=models.Q(state="active"), name="guard_one_in_force"),
            models.UniqueConstraint(fields=("state",), condition=models.Q(state="shadow"), name="guard_one_on_trial"),
        ]


class AppealState(models.TextChoices):
    """What became of an appeal."""

    OPEN = "open", _("Waiting for an answer")
    GRANTED = "granted", _("Granted")
    DECLINED = "declined", _("Declined")


class Appeal(models.Model):
    """A person asks that somebody looks again. What they wrote lies sealed."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="appeals", db_index=False)
    sealed_words = models.BinaryField()
    #: None: the person themselves, by the page.
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=AppealState.choices, default=AppealState.OPEN)
    answer = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("decision",), name="guard_appeal_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("id",), condition=models.Q(state="open"), name="guard_appeal_open")
        ]
