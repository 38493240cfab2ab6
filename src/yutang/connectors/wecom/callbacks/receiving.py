"""What the endpoint does with a request: verify the address once, then open each callback.

The endpoint stores a `Callback` under (corp_id, digest), which is unique, and answers 200 with nothing; whatever follows from
it is done afterwards. WeCom gives up after five seconds and comes three times, each time under another nonce and another
random prefix, so that only the opened text tells what came before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yutang.connectors.wecom.callbacks.envelope import CallbackKeys, NotForThisCorp, check_signature, opened
from yutang.connectors.wecom.callbacks.events import ArchiveConsented, Event, Newcomer, event_of
from yutang.connectors.wecom.callbacks.xml import XmlIsRefused, parsed, text_of
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Longest body that is read, in bytes.
MOST_BYTES = 1 << 20
#: A greeting that is not on its way so long after the event is given up, two seconds before the code ends.
WELCOME_WITHIN = timedelta(seconds=18)


class BodyIsTooLong(DomainError):
    """The body is longer than any callback."""

    code = "wecom_body_is_too_long"
    http_status = 413
    message = N_("The callback is longer than WeCom writes any.")


@dataclass(frozen=True)
class Callback:
    """One callback, opened.

    Attributes:
        corp_id: id of the corp; with `digest` the key of the inbox.
        digest: SHA-256 of the opened text, in hex.
        text: the opened XML; it holds ids of people, so seal it where it is kept.
        event: what it tells.
    """

    corp_id: str
    digest: str
    text: str = field(repr=False)
    event: Event

    @property
    def welcome_until(self) -> datetime | None:
        """Until when a greeting must be on its way; None for callbacks of the other lane."""
        event = self.event
        has_code = isinstance(event, (Newcomer, ArchiveConsented)) and event.welcome_code
        return event.created_at + WELCOME_WITHIN if has_code else None


def verified_address(*, keys: CallbackKeys, msg_signature: str, timestamp: str, nonce: str, echostr: str) -> str:
    """Return what the endpoint answers to the GET that checks its address: exactly this text, nothing around it.

    Raises:
        SignatureIsWrong: it was signed with another token.
        EnvelopeIsBroken: it was sealed with another key.
        NotForThisCorp: it is for another corp.
    """
    check_signature(keys=keys, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, sealed=echostr)
    return opened(keys=keys, sealed=echostr)


def received(*, keys: CallbackKeys, msg_signature: str, timestamp: str, nonce: str, body: bytes) -> Callback:
    """Return the callback in the body of a POST.

    Raises:
        BodyIsTooLong: it is longer than `MOST_BYTES`.
        XmlIsRefused: outside or inside is no XML of WeCom.
        SignatureIsWrong: it was signed with another token.
        EnvelopeIsBroken: it was sealed with another key.
        NotForThisCorp: it is for another corp.
    """
    if len(body) > MOST_BYTES:
        raise BodyIsTooLong
    sealed = text_of(parsed(body), "Encrypt")
    if not sealed:
        raise XmlIsRefused
    check_signature(keys=keys, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, sealed=sealed)
    text = opened(keys=keys, sealed=sealed)
    event = event_of(parsed(text))
    if event.corp_id != keys.receive_id:
        raise NotForThisCorp
    return Callback(event.corp_id, hashlib.sha256(text.encode()).hexdigest(), text, event)


def reopened(*, text: str) -> Event:
    """Return the event of a text that was kept."""
    return event_of(parsed(text))
