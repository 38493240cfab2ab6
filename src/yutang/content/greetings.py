"""Contents as the welcome message of WeCom: what newcomers get in place of plain words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.channels.delivery.mass import message_of
from yutang.channels.organisation import INTENT_TITLES
from yutang.connectors.wecom.messages import Message
from yutang.content.bodies import MediaAreNotUploaded, bodies
from yutang.content.stored import version_named
from yutang.content.tasks import renew_media
from yutang.foundation import jobs
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.wecom.greeting_contents import GREETING_INTENTS, SOURCES

_CHANNEL = "wecom"
#: Stands for a newcomer: nobody knows who that is yet, so that only fall-backs can be filled in.
_NEWCOMER = "newcomer"


class LibraryGreetings:
    """Greets with contents of the library."""

    name = "content"

    def messages(self, *, contents: Collection[str], now: datetime) -> Mapping[str, Message]:
        """Return contents as WeCom takes them; what is not approved, is over, or has no copy of its pictures is left out."""
        found = {}
        for content in sorted(contents):
            try:
                found[content] = _said(content, now)
            except DomainError:
                continue
        return found

    def check(self, *, content: str, now: datetime) -> None:
        """Refuse a content that cannot be said; pictures that WeCom lacks are being uploaded.

        Raises:
            DomainError: it cannot be said, and why.
        """
        try:
            _said(content, now)
        except MediaAreNotUploaded:
            with transaction.atomic():
                jobs.enqueue(renew_media, {}, now=now)


class WordsAreMissing(DomainError):
    """The text asks for something of which a newcomer has nothing, and has no fall-back."""

    code: ClassVar[str] = "greeting_words_are_missing"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The content %(content)s cannot greet newcomers: its text asks for something that nobody knows of them yet. Give it a fall-back."
    )


class IsNoGreeting(DomainError):
    """The content was written to sell, to ask, or for an order."""

    code: ClassVar[str] = "content_is_no_greeting"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The content %(content)s “%(title)s” cannot greet newcomers: its intent is “%(intent)s”. "
        "A stranger agreed to nothing yet; only contents of the intents “%(first)s” and “%(second)s” greet."
    )


def _said(content: str, now: datetime) -> Message:
    reference = content.partition(":")[2]
    _check_intent(content, reference)
    told = bodies(reference=reference, channel=_CHANNEL, customer_ids=(), group_keys=(_NEWCOMER,), now=now)
    if _NEWCOMER not in told:
        raise WordsAreMissing(content=content)
    message = message_of(told[_NEWCOMER])
    message.as_body()
    return message


def _check_intent(content: str, reference: str) -> None:
    row = version_named(reference).content
    if row.intent not in GREETING_INTENTS:
        first, second = (Sentence(INTENT_TITLES[one]).as_json() for one in GREETING_INTENTS)
        intent = Sentence(INTENT_TITLES[row.intent]).as_json() if row.intent in INTENT_TITLES else row.intent
        raise IsNoGreeting(content=content, title=row.title, intent=intent, first=first, second=second)


SOURCES.register(LibraryGreetings())
