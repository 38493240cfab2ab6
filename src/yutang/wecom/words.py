"""Words that customers wrote, where WeCom tells of them: the app is told texts that are sent to it, nothing of other chats."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeGuard

from yutang.connectors.wecom.callbacks.events import Event, OtherEvent
from yutang.connectors.wecom.callbacks.receiving import reopened
from yutang.foundation import outbox
from yutang.foundation.sealing import digest16_many, unseal
from yutang.wecom.events import WordsWritten
from yutang.wecom.models import Callback, Contact

_TEXT = "text"


def tell_of_words(told: Sequence[tuple[int, Event]], *, now: datetime) -> None:
    """Record which customers wrote something, one event for all of a batch; in the caller's transaction.

    Args:
        told: callbacks by key, opened.
        now: when. Aware UTC.
    """
    writers = {key: event.fields.get("FromUserName", "") for key, event in told if _is_text(event)}
    if not writers:
        return
    ids = sorted({writer for writer in writers.values() if writer})
    digests = dict(zip(digest16_many("wecom", "", ids), ids, strict=True))
    rows = Contact.objects.filter(digest__in=list(digests), customer__isnull=False)
    people = {digests[bytes(digest)]: person for digest, person in rows.values_list("digest", "customer_id")}
    pairs = [(key, people[writer]) for key, writer in sorted(writers.items()) if writer in people]
    if pairs:
        outbox.record(WordsWritten(tuple(key for key, _ in pairs), tuple(person for _, person in pairs)), now=now)


def words_told(*, callback_ids: Collection[int]) -> Mapping[int, str]:
    """Return what was written, by callback; one that was forgotten is left out."""
    found = {}
    for row in Callback.objects.filter(pk__in=list(callback_ids)).order_by("pk"):
        event = reopened(text=unseal(row.sealed_text)["text"])
        if _is_text(event):
            found[row.pk] = event.fields.get("Content", "")
    return found


def _is_text(event: Event) -> TypeGuard[OtherEvent]:
    return isinstance(event, OtherEvent) and event.kind == _TEXT
