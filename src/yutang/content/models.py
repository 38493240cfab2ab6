"""Tables of the library: contents and their versions, media and their copies at WeCom, scripts for staff."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yutang.foundation.models import Staff


class ContentKind(models.TextChoices):
    """What a content is beside its words."""

    TEXT = "text", _("Text")
    PICTURE = "picture", _("Picture")
    CARD = "card", _("Mini-programme card")
    LINK = "link", _("Web link")
    FILE = "file", _("File")


class VersionState(models.TextChoices):
    """How far a version has come. One whose time is over stays approved: that it expired is told by its instant."""

    DRAFT = "draft", _("Draft")
    ASKED = "asked", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Turned down")


class Content(models.Model):
    """Something that can be said, in its versions; a message refers to one of them as ``content:<id>:<number>``."""

    kind = models.CharField(max_length=8, choices=ContentKind.choices)
    title = models.CharField(max_length=80)
    category = models.CharField(max_length=40, blank=True)
    #: One of the contact policy's. It no longer changes once a version was approved.
    intent = models.CharField(max_length=14)
    #: Who speaks (人设): the expert whom the sending account is.
    persona = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("-changed_at", "-id")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("-changed_at", "-id"), name="content_latest")]


class Version(models.Model):
    """One wording of a content. Only a draft changes; what was approved stays as it was approved."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    #: Channels of the contact policy by which it may go.
    channels: models.JSONField[Any, Any] = models.JSONField(default=list)
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField(blank=True)
    #: [{"kind": "image", "media": digest}, {"kind": "link", "title", "url", "desc"}, ...]; see `attachments.py`.
    attachments: models.JSONField[Any, Any] = models.JSONField(default=list)
    #: Code of the same text with the gateway of short messages; empty where none was filed.
    sms_template = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=8, choices=VersionState.choices, default=VersionState.DRAFT)
    written_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    #: Why it was refused.
    reason = models.CharField(max_length=300, blank=True)
    #: From this instant on it is not sent any more; null: it holds until somebody ends it.
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("content_id", "number")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("content", "number"), name="content_version_once"),
            models.UniqueConstraint(
                fields=("content",), condition=models.Q(state__in=("draft", "asked")), name="content_one_open_version"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("state", "expires_at"), name="content_state")]


class MediumKind(models.TextChoices):
    """What a medium is to who receives it."""

    PICTURE = "picture", _("Picture")
    FILE = "file", _("File")


class Medium(models.Model):
    """A picture or file, kept once however often it is used; its bytes lie under its hash in the home."""

    #: SHA-256 of the bytes as they are kept, in hexadecimal digits.
    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8, choices=MediumKind.choices)
    media_type = models.CharField(max_length=100)
    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    #: Pixels; null for what is no picture.
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    added_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)


class Upload(models.Model):
    """The copy of a medium at WeCom that holds at present."""

    medium = models.OneToOneField(Medium, on_delete=models.CASCADE, related_name="upload")
    media_id = models.CharField(max_length=300)
    uploaded_at = models.DateTimeField()
    #: When WeCom forgets it.
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("ends_at",), name="content_upload_ends")]


class Script(models.Model):
    """What staff can say in a situation (话术), to be copied and said in their own words."""

    #: One of `situations.SITUATIONS`.
    situation = models.CharField(max_length=24)
    title = models.CharField(max_length=80)
    body = models.TextField()
    language = models.CharField(max_length=10)
    written_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("situation", "id")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=("language", "situation", "id"), name="script_situation")
        ]
