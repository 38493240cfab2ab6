"""How a content becomes the words of its receivers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from yutang.channels.bodies import Body
from yutang.channels.organisation import CHANNEL_TITLES
from yutang.content.attachments import media_of
from yutang.content.models import Version, VersionState
from yutang.content.stored import version_named, versions_named
from yutang.content.uploading import WECOM_CHANNELS, copies_of
from yutang.content.variables import values_for
from yutang.content.views import STATE_TITLES
from yutang.content.writing import templates_of
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

#: What stands before the reference in a message.
_SOURCE = "content:"


class ContentIsNotApproved(DomainError):
    """The version was never approved, or its time is over."""

    code: ClassVar[str] = "content_is_not_approved"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The content %(reference)s “%(title)s” cannot be sent: it is %(state)s. Only an approved version whose time is not over goes out."
    )


class ContentIsNotForChannel(DomainError):
    """The content was not made for this channel."""

    code: ClassVar[str] = "content_is_not_for_channel"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The content %(reference)s “%(title)s” was not approved for the channel %(channel)s.")


class MediaAreNotUploaded(DomainError):
    """WeCom has no copy of what the content shows."""

    code: ClassVar[str] = "media_are_not_uploaded"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "WeCom has no copy of the pictures or files of the content "
        "%(reference)s “%(title)s”. The job “renew_media” uploads them every hour; "
        "look at the background jobs where it does not."
    )


def bodies(
    *, reference: str, channel: str, customer_ids: Sequence[int], group_keys: Sequence[str], now: datetime
) -> Mapping[int | str, Body]:
    """Return the words of a content by customer and by group, personal values in the clear.

    Whoever lacks a value for which the text has no fall-back is left out; a group has no values at all.

    Args:
        reference: content and version as messages name them, ``content:17:3``; ``17:3`` is the same.
        channel: by which they go.
        customer_ids: who receives it.
        group_keys: which groups do.
        now: aware UTC.

    Raises:
        NoSuchVersion: there is no such version.
        ContentIsNotApproved: it was never approved, or its time is over.
        ContentIsNotForChannel: it was not approved for this channel.
        MediaAreNotUploaded: it shows media, and WeCom has no copy of them.
    """
    reference = reference.removeprefix(_SOURCE)
    version = version_named(reference)
    _check(version, reference, channel, now)
    attachments = _attached(version, reference, channel, now)
    values = values_for(_names_of(version), customer_ids=customer_ids, clear=True, now=now)
    known: dict[int | str, Mapping[str, str]] = dict(values.items())
    known.update((key, {}) for key in group_keys)
    return _filled(version, attachments, known, channel)


def intents(*, references: Collection[str]) -> Mapping[str, str]:
    """Return for what contents were written, by reference as messages name them; those that there are not are left out."""
    named = versions_named([one.removeprefix(_SOURCE) for one in references])
    return {one: found.content.intent for one in references if (found := named.get(one.removeprefix(_SOURCE)))}


def varies(*, reference: str) -> bool:
    """Return whether a content holds variables; one that there is not says nothing."""
    row = versions_named([reference.removeprefix(_SOURCE)]).get(reference.removeprefix(_SOURCE))
    return row is not None and bool(_names_of(row))


def _names_of(version: Version) -> tuple[str, ...]:
    body, subject = templates_of(version)
    return tuple(dict.fromkeys([*body.names, *subject.names]))


def _filled(
    version: Version,
    attachments: tuple[Mapping[str, Any], ...],
    known: Mapping[int | str, Mapping[str, str]],
    channel: str,
) -> dict[int | str, Body]:
    body, subject = templates_of(version)
    told: dict[int | str, Body] = {}
    for receiver, values in known.items():
        if body.lacking(values) or (channel == "email" and subject.lacking(values)):
            continue
        told[receiver] = Body(
            text=body.filled(values),
            subject=subject.filled(values) if channel == "email" else "",
            attachments=attachments,
            template=version.sms_template if channel == "sms" else "",
            values=body.values_in_order(values) if channel == "sms" and version.sms_template else {},
        )
    return told


def _check(version: Version, reference: str, channel: str, now: datetime) -> None:
    title = version.content.title
    if version.state != VersionState.APPROVED:
        raise ContentIsNotApproved(reference=reference, title=title, state=_state_words(version.state))
    if version.expires_at is not None and version.expires_at <= now:
        raise ContentIsNotApproved(reference=reference, title=title, state=_state_words("expired"))
    if channel not in version.channels:
        raise ContentIsNotForChannel(
            reference=reference, title=title, channel=Sentence(CHANNEL_TITLES[channel]).as_json()
        )


def _state_words(state: str) -> dict[str, Any]:
    return Sentence(STATE_TITLES[state]).as_json()


def _attached(version: Version, reference: str, channel: str, now: datetime) -> tuple[Mapping[str, Any], ...]:
    """Return attachments as the channel takes them: for WeCom with the media ids of copies that hold, else with digests."""
    digests = media_of(version.attachments)
    if channel not in WECOM_CHANNELS or not digests:
        return tuple(version.attachments)
    copies = copies_of(digests, now=now)
    if set(digests) - set(copies):
        raise MediaAreNotUploaded(reference=reference, title=version.content.title)
    return tuple(_at_wecom(one, copies) for one in version.attachments)


def _at_wecom(attachment: Mapping[str, Any], copies: Mapping[str, str]) -> dict[str, Any]:
    """Return an attachment with the field in which WeCom wants the copy."""
    named = "pic_media_id" if attachment["kind"] == "miniprogram" else "media_id"
    rest = {name: value for name, value in attachment.items() if name != "media"}
    return {**rest, named: copies[attachment["media"]]} if "media" in attachment else rest
