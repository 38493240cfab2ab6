"""Callbacks as they come in: opened, kept once, answered. What follows from them is the worker's part."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from yutang.connectors.wecom.callbacks.envelope import CallbackKeys
from yutang.connectors.wecom.callbacks.events import GroupEvent
from yutang.connectors.wecom.callbacks.receiving import Callback as Opened
from yutang.connectors.wecom.callbacks.receiving import received, verified_address
from yutang.foundation import bulk, jobs
from yutang.foundation.sealing import seal
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.wecom.connecting import present_app
from yutang.wecom.models import Callback, CallbackState, Lane

#: A changed group is shown by the API after about two seconds.
GROUP_PAUSE = timedelta(seconds=2)
_TABLE = Callback._meta.db_table
_COLUMNS = (
    "corp_id", "digest", "lane", "kind", "sealed_text", "told_at", "received_at", "welcome_until", "greeting",
    "state", "attempts", "next_at", "lease_token", "error",
)  # fmt: skip


class NothingIsConnected(DomainError):
    """No app of WeCom is connected, so that no callback can be opened."""

    code = "wecom_is_not_connected"
    http_status = 409
    message = N_("No app of WeCom is connected here.")


def callback_keys() -> CallbackKeys:
    """Return what callbacks are opened with.

    Raises:
        NothingIsConnected: no app is connected.
    """
    app = present_app()
    if app is None or not app.aes_key:
        raise NothingIsConnected
    return app.callback_keys


def echo_of(*, keys: CallbackKeys, msg_signature: str, timestamp: str, nonce: str, echostr: str) -> str:
    """Return what the check of the address is answered with; see `connectors.wecom.callbacks.receiving`."""
    return verified_address(keys=keys, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, echostr=echostr)


def take_callback(
    *, keys: CallbackKeys, msg_signature: str, timestamp: str, nonce: str, body: bytes, now: datetime
) -> bool:
    """Keep a callback and wake the worker; return whether it is new.

    Raises:
        DomainError: it cannot be opened; see `connectors.wecom.callbacks.receiving`.
    """
    opened = received(keys=keys, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, body=body)
    row = _row(opened, now=now)
    with transaction.atomic():
        is_new = bool(bulk.insert_new_rows(_TABLE, _COLUMNS, [row]))
        if is_new:
            wake(now=now)
    return is_new


def wake(*, now: datetime, at: datetime | None = None) -> None:
    """Let a worker look at the inbox, in the caller's transaction; at an instant, or now."""
    from yutang.wecom.tasks import hear_wecom

    if not jobs.is_waiting(hear_wecom, by=at or now):
        jobs.enqueue(hear_wecom, {}, now=now, run_after=at)


def _row(opened: Opened, *, now: datetime) -> tuple[object, ...]:
    event, until = opened.event, opened.welcome_until
    pause = GROUP_PAUSE if isinstance(event, GroupEvent) else timedelta(0)
    return (
        opened.corp_id,
        bytes.fromhex(opened.digest),
        (Lane.OTHER if until is None else Lane.WELCOME).value,
        event.kind[:80],
        seal({"text": opened.text}),
        bulk.db_instant(event.created_at),
        bulk.db_instant(now),
        bulk.db_instant(until),
        "",
        CallbackState.WAITING.value,
        0,
        bulk.db_instant(now + pause),
        "",
        "",
    )
