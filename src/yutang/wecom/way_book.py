"""Codes as those know them who show them to people: how far each is, and the address behind its picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from yutang.wecom.connecting import App, present_app
from yutang.wecom.models import ConnectionKind, ContactWay, JoinWay, WayState


@dataclass(frozen=True)
class WayPicture:
    """A code that people scan.

    Attributes:
        state: a `WayState`.
        error: code of WeCom's refusal, where it was not made.
        picture_url: where WeCom keeps the picture; empty in the sandbox, and before it was made.
        sandbox_url: in the sandbox, where somebody is played who scans it.
    """

    state: str
    error: str = ""
    picture_url: str = ""
    sandbox_url: str = ""


def way_pictures(*, way_ids: Collection[int]) -> Mapping[int, WayPicture]:
    """Return how far contact ways are and what is behind their pictures, by key."""
    app = present_app()
    rows = ContactWay.objects.filter(pk__in=list(way_ids)).order_by()
    columns = ("pk", "state", "error", "config_id", "qr_code")
    return {
        key: _picture(app, state, error if state == WayState.FAILED else "", config_id, qr_code)
        for key, state, error, config_id, qr_code in rows.values_list(*columns)
    }


def join_pictures(*, chat_ids: Collection[str]) -> Mapping[str, WayPicture]:
    """Return what is behind the pictures of the groups that have a join code, by chat id."""
    app = present_app()
    rows = JoinWay.objects.filter(group__chat_id__in=list(chat_ids), state=WayState.READY).exclude(qr_code="")
    columns = ("group__chat_id", "state", "config_id", "qr_code")
    return {
        chat_id: _picture(app, state, "", config_id, qr_code)
        for chat_id, state, config_id, qr_code in rows.order_by().values_list(*columns)
    }


def _picture(app: App | None, state: str, error: str, config_id: str, qr_code: str) -> WayPicture:
    if app is not None and app.kind == ConnectionKind.SANDBOX:
        page = f"{app.page_url}customer?{urlencode({'way': config_id})}" if app.page_url and config_id else ""
        return WayPicture(state, error, "", page)
    return WayPicture(state, error, qr_code if qr_code.startswith("https://") else "")
