"""Tables of referral: programmes, who invites, who came, and what each got for it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.customers.models import Customer
from yutang.foundation.models import Staff
from yutang.wecom.models import Group


class Deed(models.TextChoices):
    """What the friend really does. Sharing is none."""

    ADDED = "added", _("Adds a member of staff")
    BOUGHT = "bought", _("Buys")
    VISITED = "visited", _("Comes into a store")


class ProgrammeState(models.TextChoices):
    """Whether friends are taken. Whether the guard of economics has paused it is known there."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Programme(models.Model):
    """One programme. Money in fen. The law's bounds on commission are checks of the database."""

    name = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=6, choices=ProgrammeState.choices, default=ProgrammeState.DRAFT)
    deed = models.CharField(max_length=7, choices=Deed.choices)
    #: Short names of kinds of coupons; empty: nothing.
    friend_coupon = models.CharField(max_length=40, blank=True)
    inviter_coupon = models.CharField(max_length=40, blank=True)
    #: Least value of the friend's order, where the deed is to buy.
    least_order_fen = models.BigIntegerField(default=0)
    #: So long after the deed an order may be given back: only then the inviter gets something. Days.
    return_days = models.SmallIntegerField(default=7)
    #: The friend has so long for the deed. Days.
    valid_days = models.SmallIntegerField(default=30)
    #: Friends for whom one person gets something, and one ambassador.
    most_friends = models.SmallIntegerField(default=10)
    most_of_ambassador = models.SmallIntegerField(default=50)
    #: Words of the share card and of the page.
    title = models.CharField(max_length=40)
    words = models.CharField(max_length=200)
    #: 0: no commission, as by default.
    commission_percent = models.SmallIntegerField(default=0)
    commission_most_fen = models.BigIntegerField(default=0)
    #: Levels that earn, and what joining costs: what the law allows is checked below.
    commission_levels = models.SmallIntegerField(default=1)
    joining_fee_fen = models.BigIntegerField(default=0)
    #: How income tax is withheld, in the merchant's words.
    tax_note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(commission_levels=1), name="referral_one_level"),
            models.CheckConstraint(condition=models.Q(joining_fee_fen=0), name="referral_no_fee_to_join"),
            models.CheckConstraint(
                condition=models.Q(commission_percent=0)
                | models.Q(
                    deed="bought",
                    return_days__gte=7,
                    commission_percent__gt=0,
                    commission_percent__lte=20,
                    commission_most_fen__gt=0,
                ),
                name="referral_commission_by_law",
            ),
        ]


class Inviter(models.Model):
    """A customer who invites in a programme: whose link it is."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="inviters", db_index=False)
    #: None: the person was erased; the link leads nowhere then.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_ambassador = models.BooleanField(default=False)
    #: The group that an ambassador looks after.
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("programme", "customer"), name="inviter_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("customer",), name="inviter_person")]


class InvitationState(models.TextChoices):
    """How far a friend is."""

    CAME = "came", _("Came")
    DONE = "done", _("Did it")
    LAPSED = "lapsed", _("Too late")
    REVERSED = "reversed", _("Given back")
    HELD = "held", _("Held for a look")
    REFUSED = "refused", _("Refused")


class Invitation(models.Model):
    """A friend who came by somebody's link. One person is somebody's friend once in a programme.

    That nobody is their own friend is no check of the database: two records that are found to be one person must still be merged.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="invitations", db_index=False)
    inviter = models.ForeignKey(Inviter, on_delete=models.PROTECT, related_name="invitations", db_index=False)
    #: Whose link it was.
    inviter_customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    friend = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=8, choices=InvitationState.choices, default=InvitationState.CAME)
    came_at = models.DateTimeField()
    came_date = models.DateField()
    #: The friend has until then.
    ends_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    #: The order by which the friend did it; a key without a constraint, because imports are undone in bulk.
    order_id = models.BigIntegerField(null=True, blank=True)
    order_fen = models.BigIntegerField(default=0)
    #: Why it is held or refused, in the words of the guard: a list of sentences.
    reasons: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("programme", "friend"), name="friend_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("inviter", "state"), name="invitation_of_inviter"),
            models.Index(fields=("programme", "state", "ends_at"), name="invitation_open"),
            models.Index(fields=("friend",), name="invitation_friend"),
        ]


class Role(models.TextChoices):
    """Who gets it."""

    FRIEND = "friend", _("The friend")
    INVITER = "inviter", _("Who invited")


class RewardState(models.TextChoices):
    """What became of a benefit."""

    WAITING = "waiting", _("Waits for the return window")
    GIVEN = "given", _("Given")
    TAKEN_BACK = "taken_back", _("Taken back")
    NONE = "none", _("Not given")


class Reward(models.Model):
    """What a friend or an inviter gets for one invitation: once each, and nobody above them."""

    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="rewards", db_index=False)
    role = models.CharField(max_length=7, choices=Role.choices)
    #: Distance from the friend's deed: whoever invited directly. More is forbidden.
    level = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=RewardState.choices)
    due_at = models.DateTimeField()
    coupon_id = models.BigIntegerField(null=True, blank=True)
    #: What it costs the merchant; of commission, its amount.
    cost_fen = models.BigIntegerField(default=0)
    commission_fen = models.BigIntegerField(default=0)
    given_at = models.DateTimeField(null=True, blank=True)
    #: Code of why it was not given or was taken back.
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("invitation", "role"), name="reward_once"),
            models.CheckConstraint(condition=models.Q(level=1), name="reward_one_level"),
            models.CheckConstraint(
                condition=models.Q(commission_fen=0) | models.Q(role="inviter", commission_fen__gt=0),
                name="reward_commission",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("due_at",), condition=models.Q(state="waiting"), name="reward_waiting")
        ]
