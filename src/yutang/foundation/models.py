"""Tables of the ground: regions, stores, staff, settings, audit, events, jobs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.foundation.access import PERMISSIONS


class Region(models.Model):
    """A group of stores under one area manager."""

    name = models.CharField(max_length=80, unique=True)
    ordinal = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("ordinal", "id")


class Store(models.Model):
    """A place of business; its time zone decides the business day."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.SET_NULL, related_name="stores")
    city = models.CharField(max_length=60, blank=True)
    time_zone = models.CharField(max_length=60, default="Asia/Shanghai")
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    #: Decimal degrees, both or none. All stores of a chain are to be read from the same map: Chinese maps shift by up to 700 m.
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("code",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(latitude=None, longitude=None)
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="store_place_is_on_earth",
            )
        ]


class Role(models.TextChoices):
    """What a member of staff may do; scope by store comes on top."""

    OWNER = "owner", _("Owner")
    REGION_MANAGER = "region_manager", _("Area manager")
    STORE_MANAGER = "store_manager", _("Store manager")
    OPERATOR = "operator", _("Operator")
    ANALYST = "analyst", _("Analyst")
    COMPLIANCE = "compliance", _("Compliance")
    AUDITOR = "auditor", _("Auditor")
    OWN = "own", _("Own role")


class OwnRole(models.Model):
    """A role that the organisation put together out of permissions; the named ones stand in `access`."""

    name = models.CharField(max_length=40, unique=True)
    permissions: models.JSONField[Any, Any] = models.JSONField(default=list)
    #: Whether who has it sees every store; else the stores and regions that are given.
    is_chain_wide = models.BooleanField(default=False)

    class Meta:
        ordering = ("name", "id")

    @property
    def held(self) -> frozenset[str]:
        """The permissions that there still are: a later release may have taken one away."""
        return frozenset(self.permissions) & PERMISSIONS


class StaffManager(BaseUserManager["Staff"]):
    """Looks staff up by the name they log in with."""


class Staff(AbstractBaseUser):
    """A person who works here and may log in."""

    username = models.CharField(max_length=80, unique=True)
    display_name = models.CharField(max_length=80)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.STORE_MANAGER)
    own_role = models.ForeignKey(OwnRole, null=True, blank=True, on_delete=models.PROTECT, related_name="staff")
    stores = models.ManyToManyField(Store, blank=True, related_name="staff")
    #: Whoever has a region reaches the stores that belong to it now.
    regions = models.ManyToManyField(Region, blank=True, related_name="staff")
    language = models.CharField(max_length=10, default="zh-hans")
    theme = models.CharField(max_length=10, default="auto")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = StaffManager()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(role="own", own_role__isnull=False)
                | (~models.Q(role="own") & models.Q(own_role=None)),
                name="staff_own_role_is_named",
            )
        ]

    @property
    def has_password(self) -> bool:
        """Whether a password was ever set; who was entered with a chain, or invited and has not come, has none."""
        return bool(self.password) and self.has_usable_password()

    @property
    def can_log_in(self) -> bool:
        """Whether this person could log in now: neither barred nor without a password."""
        return self.is_active and self.has_password


class Invitation(models.Model):
    """A link by which somebody sets the own password, once and not for ever. Only its keyed hash is kept."""

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="invitation")
    digest = models.BinaryField(unique=True)
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)


class SecondFactor(models.Model):
    """The secret that a person's app makes codes from, sealed; it counts once a first code has confirmed it."""

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="second_factor")
    sealed_secret = models.BinaryField()
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    #: Number of the half minute whose code was taken last: a code is taken once.
    last_step = models.BigIntegerField(default=0)
    #: Wrong codes in a row, and until when the next one is not looked at.
    failures = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)


class RecoveryCode(models.Model):
    """One of the codes that stand in for the app, once each. Only its keyed hash is kept."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(unique=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)


class StaffSession(models.Model):
    """A browser in which somebody is, or was, logged in."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="sessions")
    #: That of Django's session; empty once it has ended.
    session_key = models.CharField(max_length=40, blank=True, db_index=True)
    #: Keyed hash of what the browser keeps, so that it is known again.
    device = models.BinaryField()
    agent = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=45, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    #: A browser that this person never used before: others of the same person are told.
    is_news = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True, blank=True)
    #: When the person said that it was theirs, or ended it.
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-seen_at", "-id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("session_key",), condition=~models.Q(session_key=""), name="staff_session_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("staff", "ended_at", "-seen_at"), name="staff_sessions")
        ]


class Setting(models.Model):
    """One setting of the organisation."""

    key = models.CharField(max_length=80, primary_key=True)
    value: models.JSONField[Any, Any] = models.JSONField()


class AuditEntry(models.Model):
    """Who did what to whom, when. Append only."""

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    detail: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("subject_type", "subject_id")),
            models.Index(fields=("action", "-id"), name="audit_action"),
        ]


#: Deliveries of an event that failed so often are left to a person; `yutang doctor` names them.
MOST_ATTEMPTS = 50


class OutboxEvent(models.Model):
    """An event written with the change that it tells of; delivered at least once."""

    kind = models.CharField(max_length=80)
    payload: models.JSONField[Any, Any] = models.JSONField()
    occurred_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("id",), condition=models.Q(delivered_at=None), name="outbox_undelivered")
        ]


class JobStatus(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    DEAD = "dead", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Job(models.Model):
    """Work that outlives a request: leased, retried, cancellable, with progress."""

    task_path = models.CharField(max_length=200)
    arguments: models.JSONField[Any, Any] = models.JSONField(default=dict)
    result: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    queue = models.CharField(max_length=40, default="default")
    priority = models.SmallIntegerField(default=0)
    status = models.CharField(max_length=12, choices=JobStatus.choices, default=JobStatus.WAITING)
    idempotency_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    run_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    lease_token = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True, blank=True)
    progress_note: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    progress_at_claim = models.BigIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    reason: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    error_class = models.CharField(max_length=200, blank=True)
    trace = models.TextField(blank=True)
    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("status", "-priority", "run_after", "id"), name="job_claim"),
            models.Index(fields=("lease_until",), condition=models.Q(status="running"), name="job_leases"),
        ]


class Worker(models.Model):
    """A process that takes jobs, and when it last showed that it lives."""

    name = models.CharField(max_length=80, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
