"""A content as somebody wants it, held to what can be said and sent, and what the check of words finds in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.utils import timezone

from yutang.channels.policy import CHANNELS, INTENTS
from yutang.content.attachments import checked_attachments, media_of, words_of, wrong_medium
from yutang.content.checking import Finding, OwnWords, findings_in, fixed_links, without_opt_out
from yutang.content.grammar import Template, template_of
from yutang.content.models import Content, ContentKind, Medium, Version
from yutang.content.variables import known_names
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

LANGUAGES: Mapping[str, str] = {"zh-hans": N_("Chinese"), "en": N_("English")}
#: Channels by which words go; a call is made, not sent.
WRITTEN_CHANNELS: tuple[str, ...] = tuple(channel for channel in CHANNELS if channel != "phone")
#: Channels by which only words go.
_WORDS_ONLY = frozenset({"sms"})
#: Longest text in UTF-8 bytes, as WeCom takes it, and fields in characters.
TEXT_BYTES = 4_000
LONGEST: Mapping[str, int] = {"title": 80, "category": 40, "persona": 80, "subject": 120, "sms_template": 40}
#: What the parts are called.
PART_TITLES: Mapping[str, str] = {
    "title": N_("Title"),
    "kind": N_("Kind"),
    "intent": N_("Intent"),
    "language": N_("Language"),
    "channels": N_("Channels"),
    "category": N_("Category"),
    "persona": N_("Who speaks"),
    "subject": N_("Subject"),
    "body": N_("Words"),
    "attachments": N_("Attachment"),
    "sms_template": N_("Template at the SMS gateway"),
    "last_date": N_("Last day on which it is sent"),
    "situation": N_("Situation"),
}
_LATEST = date(2100, 1, 1)


class ContentIsWrong(DomainError):
    """A part of a content cannot be this."""

    code: ClassVar[str] = "content_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "“%(named)s” cannot be “%(written)s”. A content needs a title of at "
        "most 80 characters, a known kind, intent and language, at least one "
        "channel, words of at most 4,000 bytes or something attached; short "
        "messages take words only; its last day lies before the year 2100."
    )

    @classmethod
    def at(cls, part: str, written: object) -> ContentIsWrong:
        """Return the refusal of a part, which a program knows by its code and a person by its title."""
        return cls(part=part, named=Sentence(PART_TITLES[part]).as_json(), written=str(written)[:80])


@dataclass(frozen=True)
class Written:
    """A content as somebody wants it.

    Attributes:
        title: for staff.
        kind: one of `ContentKind`; it does not change later.
        intent: one of the contact policy's.
        channels: by which it may go, at least one.
        body: the words, with variables.
        subject: of an e-mail, with variables.
        attachments: what goes with the words; see `attachments.FIELDS`.
        category: of the own making.
        persona: who speaks.
        language: one of `LANGUAGES`.
        sms_template: code of the same text with the gateway of short messages.
        last_date: last day on which it may be sent; None: until somebody ends it.
    """

    title: str
    kind: str
    intent: str
    channels: Sequence[str]
    body: str = ""
    subject: str = ""
    attachments: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    category: str = ""
    persona: str = ""
    language: str = "zh-hans"
    sms_template: str = ""
    last_date: date | None = None


def checked(written: Written) -> dict[str, Any]:
    """Return the columns of a version with what was written, or refuse it.

    Raises:
        ContentIsWrong: a part is too long, unknown, or lacking.
        AttachmentIsWrong: an attachment is.
        VariableIsUnreadable: braces that do not close.
        VariableIsUnknown: a variable that there is not.
    """
    for name, most in LONGEST.items():
        value = str(getattr(written, name))
        if len(value.strip()) > most or (name == "title" and not value.strip()) or "\n" in value:
            raise ContentIsWrong.at(name, value)
    _check_choices(written)
    body = written.body.strip().replace("\r\n", "\n")
    attachments = checked_attachments(written.attachments, kind=written.kind)
    if len(body.encode()) > TEXT_BYTES or not (body or attachments):
        raise ContentIsWrong.at("body", body)
    if _WORDS_ONLY & set(written.channels) and (attachments or not body):
        raise ContentIsWrong.at("channels", "sms")
    for text in (body, written.subject):
        template_of(text, known=known_names())
    _check_media(attachments)
    return {
        "channels": [channel for channel in WRITTEN_CHANNELS if channel in written.channels],
        "subject": written.subject.strip(),
        "body": body,
        "attachments": attachments,
        "sms_template": written.sms_template.strip(),
        "expires_at": end_of(written.last_date),
    }


def found_in(written: Written, *, own: OwnWords) -> tuple[Finding, ...]:
    """Return what the check of words finds in a content, part by part."""
    found = [
        *findings_in(written.subject, part="subject", own=own),
        *findings_in(written.body, own=own),
        *(one for text in words_of(written.attachments) for one in findings_in(text, part="attachment", own=own)),
    ]
    if "sms" in written.channels:
        found += without_opt_out(written.body, intent=written.intent, language=written.language)
        found += fixed_links(written.body)
    return tuple(found)


def written_of(content: Content, version: Version) -> Written:
    """Return a version as it was written."""
    return Written(
        title=content.title,
        kind=content.kind,
        intent=content.intent,
        channels=tuple(version.channels),
        body=version.body,
        subject=version.subject,
        attachments=tuple(version.attachments),
        category=content.category,
        persona=content.persona,
        language=content.language,
        sms_template=version.sms_template,
        last_date=last_date_of(version.expires_at),
    )


def templates_of(version: Version) -> tuple[Template, Template]:
    """Return words and subject of a version that was kept, in pieces."""
    known = known_names()
    return template_of(version.body, known=known), template_of(version.subject, known=known)


def end_of(last_date: date | None) -> datetime | None:
    """Return the instant at which a last day is over, in the zone of the organisation; None for no last day."""
    if last_date is None:
        return None
    return datetime.combine(last_date + timedelta(days=1), time(), timezone.get_default_timezone())


def last_date_of(expires_at: datetime | None) -> date | None:
    """Return the last day before an instant at which something expires."""
    if expires_at is None:
        return None
    return (expires_at.astimezone(timezone.get_default_timezone()) - timedelta(microseconds=1)).date()


def _check_choices(written: Written) -> None:
    known = {"kind": ContentKind.values, "intent": INTENTS, "language": LANGUAGES}
    for name, choices in known.items():
        if getattr(written, name) not in choices:
            raise ContentIsWrong.at(name, getattr(written, name))
    wrong = [channel for channel in written.channels if channel not in WRITTEN_CHANNELS]
    if wrong or not written.channels:
        raise ContentIsWrong.at("channels", ", ".join(map(str, wrong)))
    if written.last_date is not None and not date(2000, 1, 1) < written.last_date < _LATEST:
        raise ContentIsWrong.at("last_date", written.last_date.isoformat())


def _check_media(attachments: Sequence[Mapping[str, Any]]) -> None:
    digests = media_of(attachments)
    known = dict(Medium.objects.filter(digest__in=digests).values_list("digest", "kind")) if digests else {}
    for one in attachments:
        digest = one.get("media")
        if digest and known.get(digest) != ("file" if one["kind"] == "file" else "picture"):
            raise wrong_medium(one["kind"])
