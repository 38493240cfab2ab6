"""What the rooms of the content library share: the words for kinds and states, and a content as its receiver sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yutang.channels.queries import CHANNEL_TITLES, INTENT_TITLES
from yutang.console.access import StaffRequest
from yutang.console.sentences import spoken
from yutang.content import queries
from yutang.content.attachments import media_of
from yutang.content.checking import GROUP_TITLES, REASONS, Finding, source_words
from yutang.content.views import STATE_TITLES, Shown, VersionView
from yutang.content.writing import LANGUAGES, WRITTEN_CHANNELS, Written
from yutang.kit.text import N_

KINDS = {
    "text": N_("Text"),
    "picture": N_("Picture"),
    "card": N_("Mini-programme card"),
    "link": N_("Web link"),
    "file": N_("File"),
}
#: State -> what it is called, and its tone.
STATES = {
    "draft": (STATE_TITLES["draft"], "plain"),
    "asked": (STATE_TITLES["asked"], "warn"),
    "approved": (STATE_TITLES["approved"], "accent"),
    "refused": (STATE_TITLES["refused"], "down"),
    "expired": (STATE_TITLES["expired"], "plum"),
}
FATES = {
    "planned": N_("Planned"),
    "sent": N_("Sent"),
    "failed": N_("Failed"),
    "refused": N_("Refused"),
    "delivered": N_("Delivered"),
    "clicked": N_("Clicked"),
}
_PARTS = {
    "subject": N_("Subject"),
    "body": N_("Words"),
    "attachment": N_("Attachment"),
}
#: Characters around what was found that are quoted with it.
_AROUND = 12


def titled(choices: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return choices with their titles in the reader's language."""
    return [(code, _(title)) for code, title in choices.items()]


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return what fields and filters choose from."""
    return {
        "kinds": titled(KINDS),
        "intents": titled(INTENT_TITLES),
        "languages": titled(LANGUAGES),
        "channels": [(code, _(CHANNEL_TITLES[code])) for code in WRITTEN_CHANNELS],
    }


def version_words(view: VersionView) -> dict[str, Any]:
    """Return a version with its state, kind and intent in words."""
    label, tone = STATES[view.state]
    written = view.written
    return {
        "view": view,
        "state": _(label),
        "tone": tone,
        "kind": _(KINDS[written.kind]),
        "intent": _(INTENT_TITLES[written.intent]),
        "language": _(LANGUAGES[written.language]),
        "channels": [_(CHANNEL_TITLES[code]) for code in written.channels],
    }


def frames(request: StaffRequest, written: Written, shown: Iterable[Shown]) -> list[dict[str, Any]]:
    """Return a content as its receiver sees it, by channel: what stands in the frame of a phone or a mail program."""
    things = attached(request, written.attachments)
    return [
        {
            "channel": one.channel,
            "label": _(CHANNEL_TITLES[one.channel]),
            "look": "sms" if one.channel == "sms" else "mail" if one.channel == "email" else "chat",
            "shown": one,
            "lacking": [_(title) for title in one.lacking],
            "persona": written.persona or _("Your adviser"),
            "attachments": things,
        }
        for one in shown
    ]


def attached(request: StaffRequest, attachments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return attachments with the addresses of their media."""
    known = queries.media(access=request.actor, digests=media_of(attachments)) if attachments else {}
    return [{**one, "medium": known.get(str(one.get("media"))), "src": _address(one, known)} for one in attachments]


def finding_rows(findings: Iterable[Finding], written: Written) -> list[dict[str, Any]]:
    """Return findings with what stands around them, why they matter and what could stand instead."""
    texts = {"body": written.body, "subject": written.subject}
    return [_finding(one, texts.get(one.part, "")) for one in findings]


def _finding(one: Finding, text: str) -> dict[str, Any]:
    quoted = bool(text) and one.start < one.end
    return {
        "one": one,
        "group": _(GROUP_TITLES[one.group]),
        "why": spoken(REASONS[one.reason]),
        "part": _(_PARTS[one.part]),
        "before": text[max(0, one.start - _AROUND) : one.start] if quoted else "",
        "after": text[one.end : one.end + _AROUND] if quoted else "",
        "source": source_words(one.source, language=get_language() or "zh-hans"),
        "stops": one.severity == "block",
    }


def _address(one: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    digest = str(one.get("media") or "")
    return reverse("content-medium", args=[digest]) if digest in known else ""
