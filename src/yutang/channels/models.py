"""Tables of reach: what is to be sent or was, what was decided and why, what became of it, and what speaks against a sale."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff


class PolicyVersion(models.Model):
    """One set of values of the contact policy that something was decided by. The same values are one version for ever."""

    digest = models.CharField(max_length=32, unique=True)
    #: {name: value} of `policy.Policy`.
    values: models.JSONField[Any, Any] = models.JSONField()
    first_used_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)


class TouchState(models.TextChoices):
    """How far a message has come."""

    PLANNED = "planned", _("Planned")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    REFUSED = "refused", _("Refused")


#: Stands before the other way in the key of the message that goes it.
OTHER_WAY = "~"


class Touch(models.Model):
    """One message to one person or group. Its key exists once: whatever happens, it is sent once at most."""

    #: Idempotency key of whoever wants to send.
    key = models.CharField(max_length=120, unique=True)
    #: Null for a group. Without a constraint in the database: the undo of an import may delete the person.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    #: Key of the group; empty for a person.
    group_key = models.CharField(max_length=64, blank=True)
    #: Campaign or playbook that wants it.
    campaign = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=8)
    intent = models.CharField(max_length=14)
    content = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=TouchState.choices)
    #: From when on it was to go out: the policy's patience is counted from here.
    wanted_at = models.DateTimeField()
    #: When it is to go out, or when it was given to the platform.
    at = models.DateTimeField()
    #: Day of `at` in the zone of the organisation: its month is the partition in the lake.
    business_date = models.DateField()
    #: After this instant it is of no use; null: the policy's patience holds.
    latest = models.DateTimeField(null=True, blank=True)
    #: What it is expected to bring. Minor units.
    expected_minor = models.BigIntegerField(default=0)
    #: Period of the platform's quota in which it took a place; empty where it took none.
    slot = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(customer=None, group_key__gt="") | models.Q(customer__isnull=False, group_key=""),
                name="touch_of_person_or_group",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "at"), name="touch_person"),
            models.Index(fields=("group_key", "at"), condition=models.Q(group_key__gt=""), name="touch_group"),
            models.Index(fields=("campaign", "state"), name="touch_campaign"),
            models.Index(fields=("changed_at",), name="touch_changed"),
            models.Index(fields=("business_date",), name="touch_day"),
            # What is due is asked every minute, and of all that ever was planned little waits.
            models.Index(fields=("at", "id"), condition=models.Q(state="planned"), name="touch_due"),
            # Pages of the message centre go on from an instant and a key: a campaign gives a million messages one instant.
            models.Index(fields=("at", "id"), name="touch_at"),
            models.Index(fields=("campaign", "at", "id"), name="touch_campaign_at"),
            # One of each state, not one of both: SQLite takes a partial index only where the query says the same as it.
            models.Index(fields=("at", "id"), condition=models.Q(state="failed"), name="touch_failed"),
            models.Index(fields=("at", "id"), condition=models.Q(state="refused"), name="touch_refused"),
            models.Index(fields=("content", "changed_at"), name="touch_content"),
        ]


class Decision(models.Model):
    """One answer of the contact policy, as it was given. Append only."""

    touch_key = models.CharField(max_length=120)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    group_key = models.CharField(max_length=64, blank=True)
    campaign = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=8)
    #: Of what was asked for.
    intent = models.CharField(max_length=14)
    #: Whether it was asked when the message was planned or when it was to go out.
    stage = models.CharField(max_length=5)
    outcome = models.CharField(max_length=8)
    reason = models.CharField(max_length=24)
    #: How much there was of what the reason asks for; null where it counts nothing.
    have = models.IntegerField(null=True, blank=True)
    #: When it may go out; null where it was refused.
    at = models.DateTimeField(null=True, blank=True)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("touch_key", "id"), name="decision_touch"),
            models.Index(fields=("customer", "id"), name="decision_person"),
            models.Index(fields=("campaign", "outcome", "reason"), name="decision_campaign"),
            models.Index(fields=("group_key", "id"), condition=models.Q(group_key__gt=""), name="decision_group"),
        ]


class QuotaUse(models.Model):
    """Places of the platform's quota that one receiver has used in one period. Taken by a conditional update only."""

    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    group_key = models.CharField(max_length=64, blank=True)
    #: Channel, kind of period and its first day: ``wecom:day:2026-03-11``.
    slot = models.CharField(max_length=40)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("customer", "slot"), name="quota_person_once"),
            models.UniqueConstraint(
                fields=("group_key", "slot"), condition=models.Q(customer=None), name="quota_group_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("slot", "customer", "used"), name="quota_slot")]


class GrievanceKind(models.TextChoices):
    """What speaks against selling to somebody."""

    COMPLAINT = "complaint", _("Open complaint")
    MOOD = "mood", _("Mood fell")


class Grievance(models.Model):
    """A complaint or a fall of mood of one person, from when to when."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=9, choices=GrievanceKind.choices)
    #: Where it is told at length, such as ``case:17``; one source is noted once.
    source = models.CharField(max_length=80, unique=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    noted_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("customer", "kind", "closed_at"), name="grievance_person")
        ]


class GroupStanding(models.Model):
    """What the policy must know of a group of customers."""

    group_key = models.CharField(max_length=64, primary_key=True)
    joined_at = models.DateTimeField()
    time_zone = models.CharField(max_length=40)
    #: One of `rules.STANDINGS`.
    standing = models.CharField(max_length=8, default="alive")
    since = models.DateTimeField()

    class Meta:
        ordering = ("group_key",)


def new_salt() -> bytes:
    """Return random bytes by which people are drawn."""
    return secrets.token_bytes(32)


class CampaignState(models.TextChoices):
    """How far a campaign has come."""

    DRAFT = "draft", _("Draft")
    READY = "ready", _("Waits for its time")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


class Campaign(models.Model):
    """One message to many people or groups: to whom, what, by which way and when."""

    #: With the receiver it makes the key of each message.
    key = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    channel = models.CharField(max_length=8)
    #: By which way those are asked whom the first did not reach; empty: none.
    fallback = models.CharField(max_length=8, blank=True)
    #: Hours after which a message that was not confirmed is taken back and sent by the other way.
    fallback_hours = models.PositiveSmallIntegerField(default=24)
    intent = models.CharField(max_length=14)
    #: What is sent: reference of a higher room, such as ``content:17:3``; empty where `words` holds it.
    content = models.CharField(max_length=80, blank=True)
    #: {"text", "subject", "template", "values", "attachments"} of a campaign that brings its own words.
    words: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: Counts changes of the words, so that other words are another content.
    words_version = models.PositiveIntegerField(default=1)
    #: What goes instead to whom a promotion would come too early; empty: nothing.
    instead = models.CharField(max_length=80, blank=True)
    #: {"rule": rule of a segment}, {"everybody": true}, {"people": [keys]} or {"groups": [keys]}; {} while nobody was chosen.
    audience: models.JSONField[Any, Any] = models.JSONField()
    #: Keys of the stores whose people it may reach: the reach of who chose the audience; null: all.
    stores: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    #: Of those who would get it, who gets nothing, to compare with. 0: nobody.
    held_out_percent = models.PositiveSmallIntegerField(default=10)
    #: By which is drawn who is held out, so that it can be foreseen before anybody is drawn.
    salt = models.BinaryField(default=new_salt)
    #: From when on; null: from when it is started.
    starts_at = models.DateTimeField(null=True, blank=True)
    #: After this instant its messages are of no use; null: the policy's patience holds.
    latest = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=CampaignState.choices, default=CampaignState.DRAFT)
    #: When the policy was asked about everybody; null before.
    planned_at = models.DateTimeField(null=True, blank=True)
    #: When what was still planned was refused, after it ended.
    cleared_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    #: Why it could not be planned and rests, as a sentence; null: nothing is wrong.
    fault: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("state", "starts_at"), name="campaign_state")]


class CampaignPreview(models.Model):
    """What the policy would say of a campaign, person by person, as of an instant: looked at, never acted upon."""

    campaign = models.OneToOneField(Campaign, primary_key=True, on_delete=models.CASCADE, related_name="preview")
    #: Of what the campaign was when it was asked about.
    digest = models.CharField(max_length=32)
    #: Of the job that makes it; null where it was made at once.
    job_id = models.BigIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField()
    #: Null while it is being made.
    made_at = models.DateTimeField(null=True, blank=True)
    #: {"asked", "outcomes", "reasons", "days", "held"}; see `previews.PreviewView`.
    counts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: Receivers with their answers, packed.
    answers = models.BinaryField(default=bytes)

    class Meta:
        ordering = ("campaign_id",)


class TaskState(models.TextChoices):
    """How far a task of the platform has come."""

    HANDING = "handing", _("Being handed over")
    OPEN = "open", _("Waits for staff")
    ENDING = "ending", _("Being taken back")
    ENDED = "ended", _("Ended")
    LOST = "lost", _("Not known")


class MassTask(models.Model):
    """One task that the platform was given: one member of staff is asked to send one message to many."""

    #: Empty until the platform has answered; nothing else leads to the results.
    msgid = models.CharField(max_length=120, blank=True)
    channel = models.CharField(max_length=8)
    campaign = models.CharField(max_length=80, blank=True)
    content = models.CharField(max_length=80, blank=True)
    #: Who is asked to send.
    sender = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    #: Hash of the words, by which a task whose answer was lost is found again.
    words_digest = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=TaskState.choices, default=TaskState.HANDING)
    #: What becomes of what was not sent when it ends: ``over`` (failed), ``released`` (planned anew).
    ends_as = models.CharField(max_length=8, blank=True)
    handed_at = models.DateTimeField()
    #: When it is taken back unless it was sent.
    until = models.DateTimeField()
    #: When somebody looks at it next.
    next_at = models.DateTimeField()
    #: When the platform was last asked what became of it; null before.
    asked_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    #: When its sender confirmed it, for everybody or for some; null before.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("msgid",), condition=models.Q(msgid__gt=""), name="task_msgid_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=("next_at",), condition=models.Q(state__in=("handing", "open", "ending")), name="task_due"
            ),
            models.Index(fields=("campaign", "state"), name="task_campaign"),
            models.Index(fields=("handed_at",), name="task_handed"),
            models.Index(fields=("sender", "until"), condition=models.Q(state="open"), name="task_open"),
        ]


class DeliveryState(models.TextChoices):
    """What is known of a message that the policy let out. Nothing is assumed: what the platform has not said is not here."""

    CLAIMED = "claimed", _("Let out")
    HANDING = "handing", _("Being handed over")
    CREATED = "created", _("Given to the platform")
    NOTIFIED = "notified", _("Staff were asked")
    CONFIRMED = "confirmed", _("Staff confirmed")
    DELIVERED = "delivered", _("Delivered")
    PUT_OFF = "put_off", _("Put off")
    UNKNOWN = "unknown", _("Not known")
    QUOTA_REFUSED = "quota_refused", _("Refused by the platform's quota")
    NOT_A_FRIEND = "not_a_friend", _("Not a friend any more")
    FAILED = "failed", _("Failed")


class Delivery(models.Model):
    """What became of one message after the policy let it out."""

    touch = models.OneToOneField(Touch, primary_key=True, on_delete=models.CASCADE, related_name="delivery")
    state = models.CharField(max_length=13, choices=DeliveryState.choices)
    state_at = models.DateTimeField()
    #: What the platform knows the message by before it answers; made here, nothing can be read from it.
    out_id = models.CharField(max_length=32, unique=True)
    #: What the platform knows it by after it answered.
    reference = models.CharField(max_length=120, blank=True)
    #: Keyed hash of the address or of the external contact, 16 bytes.
    target = models.BinaryField(null=True)
    task = models.ForeignKey(MassTask, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries")
    #: Who works on it, and until when it is theirs.
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    #: Whether the other way of the campaign was asked about, where the message did not arrive.
    fell_back = models.BooleanField(default=False)
    #: Code of what went wrong; empty where nothing did.
    fault = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("touch_id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("state", "lease_until"), name="delivery_state"),
            models.Index(fields=("reference",), condition=models.Q(reference__gt=""), name="delivery_reference"),
            models.Index(fields=("lease_token",), condition=models.Q(lease_token__gt=""), name="delivery_lease"),
        ]


class DeliveryStep(models.Model):
    """One step of a message on its way. Append only."""

    touch = models.ForeignKey(Touch, on_delete=models.CASCADE, related_name="steps", db_constraint=False)
    state = models.CharField(max_length=13, choices=DeliveryState.choices)
    fault = models.CharField(max_length=60, blank=True)
    #: When it happened, as far as the platform says.
    at = models.DateTimeField()
    #: When it was written down here.
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class LinkKind(models.TextChoices):
    """What an own short link is for."""

    TARGET = "target", _("Leads on")
    STOP = "stop", _("Stops messages")


class Link(models.Model):
    """An own short link. Only the hash of its token is kept: whoever reads the store cannot use the links."""

    digest = models.BinaryField(unique=True)
    kind = models.CharField(max_length=6, choices=LinkKind.choices)
    #: Null where many got the same words, as in groups and in tasks of WeCom.
    touch = models.ForeignKey(
        Touch, null=True, blank=True, on_delete=models.CASCADE, related_name="links", db_constraint=False
    )
    campaign = models.CharField(max_length=80, blank=True)
    #: What the message says, as its touch names it: tells the steps of a playbook apart where many got the same words.
    content = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=8)
    #: Where it leads; empty for the page of stopping.
    target = models.CharField(max_length=2048, blank=True)
    made_at = models.DateTimeField()
    #: Visits of every kind, also those that are not kept one by one.
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("campaign",), name="link_campaign")]


class LinkVisit(models.Model):
    """One visit of a link."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="visits")
    #: ``person``, ``preview``, ``scanner`` or ``bot`` (see `visiting`).
    kind = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("link", "kind", "at"), name="visit_kind")]


class Reply(models.Model):
    """What somebody wrote back to a short message or an e-mail; the words are sealed."""

    #: Keyed hash over all that was pushed, so that a repetition is known. 16 bytes.
    digest = models.BinaryField(unique=True)
    channel = models.CharField(max_length=8)
    #: Null where nobody is known by the number; of an e-mail it is who got the mail that is answered.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    sealed_text = models.BinaryField()
    is_opt_out = models.BooleanField()
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()
    #: When somebody of the staff noted that it was answered, by whatever way, and who; null before.
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("sent_at", "id"), name="reply_at"),
            models.Index(
                fields=("sent_at", "id"), condition=models.Q(answered_at=None, is_opt_out=False), name="reply_open"
            ),
        ]


class StrayReceipt(models.Model):
    """A receipt that came before the answer to which it belongs was written down, or that belongs to others."""

    reference = models.CharField(max_length=120, unique=True)
    delivered = models.BooleanField()
    code = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class BarredAddress(models.Model):
    """An address to which nothing is sent any more: it is none, or who has it wants nothing; kept as a keyed hash."""

    channel = models.CharField(max_length=8)
    #: 16 bytes.
    digest = models.BinaryField()
    #: ``bounced``, ``complained`` or ``opted_out``.
    reason = models.CharField(max_length=10)
    barred_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("channel", "digest"), name="barred_once")
        ]
