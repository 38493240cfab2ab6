"""What goes with the words of a content, checked against what WeCom takes: pictures, a link, a card of a mini programme, a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from yutang.content.models import ContentKind
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

#: Fields of each kind: name -> (largest in UTF-8 bytes, whether it is needed). Source: WeCom server API, add_msg_template.
FIELDS: Mapping[str, Mapping[str, tuple[int, bool]]] = {
    "image": {"media": (64, True)},
    "link": {"title": (128, True), "url": (2048, True), "desc": (512, False), "picurl": (2048, False)},
    "miniprogram": {"title": (64, True), "appid": (64, True), "page": (1024, True), "media": (64, True)},
    "file": {"media": (64, True)},
}
#: Which attachments each kind of content has, and how many at most.
OF_KIND: Mapping[str, tuple[str, int]] = {
    ContentKind.PICTURE: ("image", 9),
    ContentKind.LINK: ("link", 1),
    ContentKind.CARD: ("miniprogram", 1),
    ContentKind.FILE: ("file", 1),
}
#: What is asked of who left out a field that is needed: (attachment, field) -> sentence.
_ASKED: Mapping[tuple[str, str], str] = {
    ("image", "media"): N_("Choose at least one picture."),
    ("link", "title"): N_("Write the title of the link."),
    ("link", "url"): N_("Write the address to which the link leads."),
    ("miniprogram", "title"): N_("Write the title of the card."),
    ("miniprogram", "appid"): N_("Write the AppID of the mini programme."),
    ("miniprogram", "page"): N_("Write the page of the mini programme that the card opens."),
    ("miniprogram", "media"): N_("Choose a cover picture."),
    ("file", "media"): N_("Choose a file."),
}
#: What is said of a medium that is of the wrong kind, or is not here any more.
_OTHER_MEDIUM: Mapping[str, str] = {
    "image": N_("Pictures are JPEG or PNG files."),
    "miniprogram": N_("The cover is a JPEG or PNG picture."),
    "file": N_("Choose a PDF, Word, Excel or PowerPoint file; a picture goes as a picture."),
}
_TOO_LONG = N_("That is too long: %(size)s bytes, %(most)s at most. A Chinese character takes three.")
_NO_ADDRESS = N_("The address must begin with https://.")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class AttachmentIsWrong(DomainError):
    """Something that goes with the words lacks a part, is too long, or does not belong to this kind of content."""

    code: ClassVar[str] = "attachment_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The attachment “%(attachment)s” is wrong at “%(field)s”: %(what)s. A "
        "picture content has 1 to 9 pictures, a link content one link, "
        "a card content one card with its picture, a file content one file, a text none."
    )

    @classmethod
    def at(cls, attachment: str, field: str, what: str, **values: Any) -> AttachmentIsWrong:
        """Return the refusal of a field, which says in a sentence what is to be done there."""
        return cls(attachment=attachment, field=field, what=Sentence(what, values).as_json())


def checked_attachments(given: Sequence[Mapping[str, Any]], *, kind: str) -> list[dict[str, str]]:
    """Return the attachments of a content with the fields that they have, or refuse what WeCom would refuse.

    Args:
        given: as written: ``kind`` and the fields of `FIELDS`.
        kind: of the content.

    Raises:
        AttachmentIsWrong: one lacks a field, is too long, or belongs to another kind of content.
    """
    wanted, most = OF_KIND.get(kind, ("", 0))
    if wanted and not given:
        field = next(name for name, (_, is_needed) in FIELDS[wanted].items() if is_needed)
        raise AttachmentIsWrong.at(wanted, field, _ASKED[wanted, field])
    if len(given) > most:
        raise AttachmentIsWrong(attachment=wanted or "text", field="number", what=str(len(given)))
    return [_checked(one, wanted) for one in given]


def wrong_medium(attachment: str) -> AttachmentIsWrong:
    """Return the refusal of a medium that is of another kind than the attachment takes, or is not here."""
    return AttachmentIsWrong.at(attachment, "media", _OTHER_MEDIUM[attachment])


def media_of(attachments: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the digests of the media that attachments show, each once."""
    return list(dict.fromkeys(str(one["media"]) for one in attachments if one.get("media")))


def words_of(attachments: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what a customer reads of attachments, for the check of words."""
    return [str(one[name]) for one in attachments for name in ("title", "desc", "url") if one.get(name)]


def _checked(one: Mapping[str, Any], wanted: str) -> dict[str, str]:
    kind = str(one.get("kind", ""))
    fields = FIELDS.get(kind, {})
    for name in one:
        if name != "kind" and name not in fields:
            raise AttachmentIsWrong(attachment=kind[:40], field=str(name)[:40], what="?")
    if kind != wanted:
        raise AttachmentIsWrong(attachment=kind[:40], field="kind", what=wanted)
    kept = {"kind": kind}
    for name, (most, is_needed) in fields.items():
        value = str(one.get(name) or "").strip()
        size = len(value.encode())
        if is_needed and not value:
            raise AttachmentIsWrong.at(kind, name, _ASKED[kind, name])
        if size > most:
            raise AttachmentIsWrong.at(kind, name, _TOO_LONG, size=size, most=most)
        if name == "media" and not _DIGEST.fullmatch(value):
            raise wrong_medium(kind)
        if name in {"url", "picurl"} and value and not value.startswith("https://"):
            raise AttachmentIsWrong.at(kind, name, _NO_ADDRESS)
        if value:
            kept[name] = value
    return kept
