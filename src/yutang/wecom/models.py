"""Tables of WeCom as the shop knows it: the connection, what was told, who is whose friend, groups, tags, codes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.customers.models import Tag as CustomerTag
from yutang.foundation.models import Staff


class ConnectionKind(models.TextChoices):
    """What stands on the other side."""

    SANDBOX = "sandbox", _("Sandbox")
    REAL = "real", _("WeCom")


class Connection(models.Model):
    """The app through which WeCom is asked, and how that went; at most one row, of the key 1."""

    kind = models.CharField(max_length=10, choices=ConnectionKind.choices)
    corp_id = models.CharField(max_length=64)
    agent_id = models.PositiveIntegerField(null=True, blank=True)
    #: Where the API lives; empty for WeCom's own address.
    base_url = models.CharField(max_length=200, blank=True)
    #: The page on which the sandbox is played; empty where there is none.
    page_url = models.CharField(max_length=200, blank=True)
    #: {"secret", "token", "aes_key"}.
    sealed_keys = models.BinaryField()
    set_at = models.DateTimeField()
    #: The last refusal that somebody must do something about, as the code of its type; empty while all is well.
    fault = models.CharField(max_length=60, blank=True)
    fault_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)


class Lane(models.TextChoices):
    """What comes next for a callback."""

    WELCOME = "welcome", _("Welcome")
    OTHER = "other", _("Everything else")


class CallbackState(models.TextChoices):
    """How far a callback is."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    DEAD = "dead", _("Given up")


class Greeting(models.TextChoices):
    """What became of the welcome message for a newcomer."""

    SENT = "sent", _("Sent")
    ALREADY = "already", _("Welcomed already")
    LATE = "late", _("Too late, not sent")
    SILENT = "silent", _("No words to say")
    FAILED = "failed", _("Not sent")


class GreetingWords(models.Model):
    """What newcomers were told, each wording once: thousands are greeted alike, and what greets changes."""

    #: Of content and text. 16 bytes.
    digest = models.BinaryField(unique=True)
    #: Of the library, such as ``content:17:3``; empty for plain words.
    content = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)


class Callback(models.Model):
    """Something that WeCom told, kept before it was answered."""

    corp_id = models.CharField(max_length=64)
    #: SHA-256 of the opened text: a repetition has another envelope around the same text.
    digest = models.BinaryField()
    lane = models.CharField(max_length=8, choices=Lane.choices)
    kind = models.CharField(max_length=80)
    #: {"text"}: the opened XML.
    sealed_text = models.BinaryField()
    told_at = models.DateTimeField()
    received_at = models.DateTimeField()
    welcome_until = models.DateTimeField(null=True, blank=True)
    greeting = models.CharField(max_length=8, choices=Greeting.choices, blank=True)
    greeted_at = models.DateTimeField(null=True, blank=True)
    greeted_with = models.ForeignKey(
        GreetingWords, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    state = models.CharField(max_length=8, choices=CallbackState.choices, default=CallbackState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: When it is looked at next; while somebody does so, when another may.
    next_at = models.DateTimeField()
    lease_token = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=60, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("corp_id", "digest"), name="callback_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("lane", "next_at", "id"), condition=models.Q(state="waiting"), name="callback_due"),
            models.Index(fields=("lease_token",), condition=~models.Q(lease_token=""), name="callback_leased"),
            models.Index(fields=("received_at",), name="callback_received"),
        ]


class Account(models.Model):
    """A member of the corp who has customers, and who that is here."""

    userid = models.CharField(max_length=64, unique=True)
    staff = models.OneToOneField(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: Whether the app sees them, and they may have customers.
    is_serving = models.BooleanField(default=True)
    seen_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)


class Contact(models.Model):
    """Somebody outside of the corp whom it knows in WeCom: a friend of staff, or a member of a group."""

    #: The look-up hash under which `customers` keeps the identifier of kind ``wecom``.
    digest = models.BinaryField(unique=True)
    #: {"external_userid", "unionid", "name", "gender"}.
    sealed_card = models.BinaryField()
    #: 1 uses WeChat, 2 WeCom.
    kind = models.PositiveSmallIntegerField(default=1)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class WayState(models.TextChoices):
    """How far a contact way is."""

    ASKED = "asked", _("Being made")
    READY = "ready", _("In use")
    FAILED = "failed", _("Not made")
    ENDED = "ended", _("Deleted")


class ContactWay(models.Model):
    """A channel code of WeCom, and what newcomers through it are told."""

    name = models.CharField(max_length=30)
    #: What WeCom brings back with each newcomer.
    state_text = models.CharField(max_length=30, unique=True)
    accounts = models.ManyToManyField(Account, related_name="ways")
    welcome_words = models.TextField(blank=True)
    #: Content of the library that newcomers get in place of the words, such as ``content:17:3``; empty: none.
    welcome_content = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=WayState.choices, default=WayState.ASKED)
    config_id = models.CharField(max_length=64, blank=True)
    qr_code = models.CharField(max_length=500, blank=True)
    #: Code of the refusal, where it was not made.
    error = models.CharField(max_length=60, blank=True)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)


class Standing(models.TextChoices):
    """How a member of staff and a customer stand to each other."""

    HALF = "half", _("Added, not yet accepted")
    FRIENDS = "friends", _("Friends")
    LEFT_BY_CUSTOMER = "left", _("Deleted by the customer")
    DELETED_BY_STAFF = "deleted", _("Deleted by staff")
    HANDED_OVER = "handed", _("Handed over")
    GONE = "gone", _("No longer there")


class Friendship(models.Model):
    """One member of staff and one customer: the facts that are known, and what follows from them (see `standing`)."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="friendships")
    standing = models.CharField(max_length=8, choices=Standing.choices)
    #: {"remark", "description", "company", "mobiles"}.
    sealed_note = models.BinaryField(default=b"")
    state_text = models.CharField(max_length=64, blank=True)
    #: Fixed origin by WeCom's numbers.
    add_way = models.PositiveSmallIntegerField(default=0)
    way = models.ForeignKey(ContactWay, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: The latest of each that was told, whenever it came.
    half_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    #: Whether the API showed it, and when it was asked.
    is_listed = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    #: When the friendship ended, and how long it had lasted; null while it lasts.
    ended_at = models.DateTimeField(null=True, blank=True)
    kept_days = models.PositiveIntegerField(null=True, blank=True)
    welcomed_at = models.DateTimeField(null=True, blank=True)
    #: Null where nobody was greeted, or it was before words were kept.
    welcomed_with = models.ForeignKey(
        GreetingWords, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    #: Of the messages that went out from here.
    last_touch_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("account", "contact"), name="friendship_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("-ended_at", "-id"), condition=~models.Q(ended_at=None), name="friendship_ended"),
            models.Index(fields=("account", "standing", "deleted_at"), name="friendship_standing"),
        ]


class ChangeKind(models.TextChoices):
    """What happened between a member of staff and a customer."""

    HALF = "half", _("Added, not yet accepted")
    ADDED = "added", _("Became friends")
    LEFT = "left", _("Deleted by the customer")
    DELETED = "deleted", _("Deleted by staff")
    HANDED = "handed", _("Handed over")
    GONE = "gone", _("No longer there")
    REFUSED = "refused", _("A hand-over failed")


class FriendshipChange(models.Model):
    """One entry of the history of a friendship; append only."""

    friendship = models.ForeignKey(Friendship, on_delete=models.CASCADE, related_name="changes", db_index=False)
    kind = models.CharField(max_length=8, choices=ChangeKind.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("friendship", "kind", "at"), name="friendship_change_once")
        ]


class TagGroup(models.Model):
    """A group of corporate tags."""

    group_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=60)
    ordinal = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("-ordinal", "id")


class Tag(models.Model):
    """A corporate tag, and the tag of customers that it is here."""

    tag_id = models.CharField(max_length=64, unique=True)
    group = models.ForeignKey(TagGroup, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)
    ordinal = models.BigIntegerField(default=0)
    own_tag = models.ForeignKey(CustomerTag, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-ordinal", "id")


class FriendTag(models.Model):
    """A corporate tag that a member of staff has put on a customer."""

    friendship = models.ForeignKey(Friendship, on_delete=models.CASCADE, related_name="tags", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("friendship", "tag"), name="friend_tag_once")
        ]


class AgreedTag(models.Model):
    """A tag that both sides had when they were last compared: what is missing on one side now was taken off there."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("contact", "tag"), name="agreed_tag_once")
        ]


class Group(models.Model):
    """A customer group."""

    chat_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, blank=True)
    notice = models.TextField(blank=True)
    owner = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: 0 as always, 1 its owner left, 2 being handed over, 3 handed over.
    status = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(null=True, blank=True)
    member_version = models.CharField(max_length=64, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)


class GroupMember(models.Model):
    """Somebody who is or was in a group: a customer or a member of staff."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    joined_at = models.DateTimeField()
    #: 1 invited, 2 by a link, 3 by a code.
    scene = models.PositiveSmallIntegerField(default=0)
    #: Of the join way, where it had one.
    state_text = models.CharField(max_length=64, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("group", "contact", "joined_at"), name="group_contact_once"),
            models.UniqueConstraint(fields=("group", "account", "joined_at"), name="group_account_once"),
        ]


class JoinWay(models.Model):
    """The code by which one comes into one group; made where a playbook leads somebody there."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="join_way")
    #: What WeCom brings back with each member who came by it.
    state_text = models.CharField(max_length=30, unique=True)
    state = models.CharField(max_length=8, choices=WayState.choices, default=WayState.ASKED)
    config_id = models.CharField(max_length=64, blank=True)
    qr_code = models.CharField(max_length=500, blank=True)
    #: Code of the refusal, where it was not made.
    error = models.CharField(max_length=60, blank=True)
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class SyncRun(models.Model):
    """A full look at everything that WeCom shows; goes on where it stood."""

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    job_id = models.BigIntegerField(null=True, blank=True)
    phase = models.CharField(max_length=12)
    #: Where the phase stands.
    cursor: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: How much of each was seen.
    counts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    asked_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-id",)


class EndedBy(models.TextChoices):
    """Who ended the friendships of an alarm."""

    STAFF = "staff", _("Staff")
    CUSTOMERS = "customers", _("Customers")


class MassDeletion(models.Model):
    """A member of staff deleted many customers within a short time, or many customers deleted them; somebody looks into it."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=9, choices=EndedBy.choices, default=EndedBy.STAFF)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    deleted = models.PositiveIntegerField()
    raised_at = models.DateTimeField()
    noted_at = models.DateTimeField(null=True, blank=True)
    noted_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-id",)


class HandoverState(models.TextChoices):
    """How far the hand-over of one friend is."""

    ASKED = "asked", _("WeCom is about to be asked")
    HANDING = "handing", _("WeCom is being asked")
    WAITING = "waiting", _("Waits for the customer")
    DONE = "done", _("Handed over")
    REFUSED = "refused", _("The customer refused")
    FULL = "full", _("Who takes over may have no more customers")
    FAILED = "failed", _("WeCom refused it")


OPEN_HANDOVERS = (HandoverState.ASKED, HandoverState.HANDING, HandoverState.WAITING)


class Handover(models.Model):
    """A friend whom WeCom is to hand over from one member of staff to another, and what became of it."""

    #: Of the one who gives.
    friendship = models.ForeignKey(Friendship, on_delete=models.CASCADE, related_name="+", db_index=False)
    taker = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    #: Whether the one who gives has left the corp: WeCom has other calls for that.
    is_of_left = models.BooleanField()
    state = models.CharField(max_length=8, choices=HandoverState.choices, default=HandoverState.ASKED)
    #: Code with which WeCom refused it.
    errcode = models.IntegerField(null=True, blank=True)
    #: Of whoever asks WeCom now.
    lease_token = models.CharField(max_length=32, blank=True)
    asked_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("friendship",), condition=models.Q(state__in=OPEN_HANDOVERS), name="handover_once_open"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("friendship", "-id"), name="handover_of_friend"),
            models.Index(fields=("state", "id"), condition=models.Q(state__in=OPEN_HANDOVERS), name="handover_open"),
        ]
