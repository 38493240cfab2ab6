"""Tables of people: who they are, how they are recognised, what was merged, tags and consent."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.foundation.models import Staff, Store
from yutang.ingest.models import Import


class Customer(models.Model):
    """One person. Everything personal lies in one sealed record (see `customers.profile`)."""

    sealed_profile = models.BinaryField()
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    owner = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    first_seen_at = models.DateTimeField()
    #: Without an index, as in the tables of keys: only the undoing of an import asks, and it reads the table once.
    source = models.ForeignKey(
        Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            # Lists a store's people who are not merged in order of their keys, and counts everybody, without reading the
            # sealed records.
            models.Index(fields=("store", "id", "merged_into"), name="customer_store"),
            # Who was merged into somebody, and how many of a store were. Partial: an index in which nearly everybody
            # stands under "nobody" would cost every import, and SQLite would choose it for whoever is not merged.
            models.Index(
                fields=("merged_into", "store"), condition=~models.Q(merged_into=None), name="customer_merged"
            ),
        ]


class IdentifierKind(models.TextChoices):
    """What a person is recognised by. `scope` says within what it is unique."""

    PHONE = "phone", _("Phone")
    WECOM = "wecom", _("WeCom external contact")
    UNIONID = "unionid", _("WeChat unionid")
    OPENID = "openid", _("WeChat openid")
    NICKNAME = "nickname", _("Shop nickname")
    EMAIL = "email", _("E-mail")
    MEMBER_NO = "member_no", _("Member number")
    DEVICE = "device", _("Device")


class Identifier(models.Model):
    """A key that belongs to exactly one person. The clear value lies in the sealed profile."""

    kind = models.CharField(max_length=10, choices=IdentifierKind.choices)
    #: Issuer, app or shop; empty where the kind is unique in the world.
    scope = models.CharField(max_length=160, blank=True)
    #: Keyed hash over kind, scope and value, 16 bytes.
    digest = models.BinaryField(unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identifiers")
    source = models.ForeignKey(
        Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("id",)


class ContestedIdentifier(models.Model):
    """A value that is evidence and never a key: seen with several people that are not one, a receiver's, a device."""

    kind = models.CharField(max_length=10, choices=IdentifierKind.choices)
    scope = models.CharField(max_length=160, blank=True)
    digest = models.BinaryField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contested_identifiers")
    source = models.ForeignKey(
        Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("digest", "customer"), name="contested_once")
        ]


class AccountScope(models.Model):
    """A scope within which accounts were seen: search asks for a nickname or member number in each of them."""

    kind = models.CharField(max_length=10, choices=IdentifierKind.choices)
    scope = models.CharField(max_length=160)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("kind", "scope"), name="account_scope_once")
        ]


class NameToken(models.Model):
    """Keyed hash of a character or a pair of characters of a name, or of a birthday: search inside sealed records.

    A name has several, a million people have millions: so there is no key of its own, and no foreign key for which
    the database would look through the table when a person is deleted. Whoever deletes a person deletes the tokens.
    """

    pk = models.CompositePrimaryKey("token", "customer_id")
    #: 8 bytes.
    token = models.BinaryField()
    customer = models.ForeignKey(
        Customer, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )


class Merge(models.Model):
    """Two records found to be one person: why, what moved, and whether it was undone."""

    winner = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_won")
    loser = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_lost")
    #: {"template", "values"}
    reason: models.JSONField[Any, Any] = models.JSONField()
    #: {table: [row ids]} that moved from loser to winner, and the winner's record before.
    moved: models.JSONField[Any, Any] = models.JSONField(default=dict)
    winner_profile_before = models.BinaryField(null=True)
    actor = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-id",)


class ReviewStatus(models.TextChoices):
    """What a person decided about a pair."""

    OPEN = "open", _("To be decided")
    MERGED = "merged", _("Same person")
    KEPT_APART = "kept_apart", _("Different people")


class ReviewCase(models.Model):
    """Two records that share a key but contradict each other: a person decides."""

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)
    #: {"template", "values"}
    reason: models.JSONField[Any, Any] = models.JSONField()
    identifier_kind = models.CharField(max_length=10, blank=True)
    digest = models.BinaryField(null=True)
    status = models.CharField(max_length=10, choices=ReviewStatus.choices, default=ReviewStatus.OPEN)
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("first", "second", "kind"), name="review_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("status", "id"))]


class TagGroup(models.Model):
    """Tags that belong together."""

    name = models.CharField(max_length=60, unique=True)
    ordinal = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("ordinal", "id")


class Tag(models.Model):
    """A label for people, given by hand, by an import or by a rule."""

    group = models.ForeignKey(TagGroup, on_delete=models.PROTECT, related_name="tags")
    name = models.CharField(max_length=60)
    #: Rule by which the tag is given, or null when it is given by hand.
    rule: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    #: Days after which a given tag expires; null: never.
    expires_after_days = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("group__ordinal", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("group", "name"), name="tag_name_once")
        ]


class TagSource(models.TextChoices):
    """Who or what gave a tag."""

    MANUAL = "manual", _("By hand")
    RULE = "rule", _("By rule")
    IMPORT = "import", _("By import")


class CustomerTag(models.Model):
    """A tag that a person carries."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tags", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+", db_index=False)
    origin = models.CharField(max_length=8, choices=TagSource.choices)
    given_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("customer", "tag"), name="customer_tag_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("tag", "customer"), name="customer_tag_people")]


class ConsentPurpose(models.TextChoices):
    """What the person agrees to."""

    SERVICE = "service", _("Service")
    PROMOTION = "promotion", _("Promotion")
    RESEARCH = "research", _("Research")
    PROFILING = "profiling", _("Profiling")
    #: What was typed is kept for one thing that the person asked for, such as a benefit; nobody may write because of it.
    KEEPING = "keeping", _("Keeping what was typed")


class ConsentChannel(models.TextChoices):
    """By which way."""

    ANY = "any", _("Any channel")
    PHONE = "phone", _("Phone call")
    SMS = "sms", _("SMS")
    WECOM = "wecom", _("WeCom")
    EMAIL = "email", _("E-mail")


class Consent(models.Model):
    """One entry of the consent ledger: given or withdrawn, with evidence. Append only."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=12, choices=ConsentPurpose.choices)
    channel = models.CharField(max_length=8, choices=ConsentChannel.choices)
    granted = models.BooleanField()
    wording_version = models.CharField(max_length=40)
    evidence = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("customer", "purpose", "channel", "id"))]
