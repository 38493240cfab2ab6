"""Which app is asked, with which keys, and the client of it: from the environment, else from what the store keeps."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from yutang.connectors.wecom.callbacks.envelope import CallbackKeys
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.clock import Clock
from yutang.connectors.wecom.errors import Remedy, WeComError
from yutang.connectors.wecom.ledgers import FileLedger
from yutang.connectors.wecom.settings import WeComSettings
from yutang.connectors.wecom.tokens import FileTokens
from yutang.foundation.sealing import unseal
from yutang.wecom.models import Connection, ConnectionKind

#: Key of the only row.
THE_ONE = 1
_CLIENTS: dict[tuple[Any, ...], WeCom] = {}
_GUARD = threading.Lock()


@dataclass(frozen=True)
class App:
    """The app of the corp, with everything that is needed to ask and to hear.

    Attributes:
        kind: sandbox or real.
        is_fixed: whether the environment says so, so that it cannot be changed here.
        page_url: where the sandbox is played.
    """

    kind: str
    corp_id: str
    agent_id: int | None
    base_url: str
    page_url: str
    is_fixed: bool
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)

    @property
    def callback_keys(self) -> CallbackKeys:
        """What callbacks are opened with."""
        return CallbackKeys(self.token, self.aes_key, self.corp_id)


def present_app() -> App | None:
    """Return the app that is connected; None where there is none."""
    told: dict[str, str] = settings.YUTANG_WECOM
    if told["corp_id"]:
        return App(
            kind=ConnectionKind.REAL.value,
            corp_id=told["corp_id"],
            agent_id=int(told["agent_id"]) if told["agent_id"].isdecimal() else None,
            base_url="",
            page_url="",
            is_fixed=True,
            secret=told["secret"],
            token=told["token"],
            aes_key=told["aes_key"],
        )
    row = Connection.objects.filter(pk=THE_ONE).first()
    if row is None:
        return None
    keys = unseal(row.sealed_keys)
    return App(
        kind=row.kind,
        corp_id=row.corp_id,
        agent_id=row.agent_id,
        base_url=row.base_url,
        page_url=row.page_url,
        is_fixed=False,
        secret=keys["secret"],
        token=keys["token"],
        aes_key=keys["aes_key"],
    )


def client_of(app: App, *, clock: Clock | None = None) -> WeCom:
    """Return the client of an app; with the machine's clock one for all threads of this process.

    Tokens and counts of calls lie in files of the home, so that all processes of this machine share them.
    """
    if clock is not None:
        return _made(app, clock)
    key = (app.base_url, app.corp_id, app.secret, app.agent_id, str(settings.YUTANG_HOME))
    with _GUARD:
        if key not in _CLIENTS:
            _CLIENTS[key] = _made(app, None)
        return _CLIENTS[key]


def ledger_of_calls() -> FileLedger | None:
    """Return the ledger in which calls are counted; None where nothing was ever asked."""
    path = _folder() / "calls.db"
    return FileLedger(path) if path.exists() else None


def note_fault(error: WeComError, *, now: datetime) -> None:
    """Keep a refusal that holds until somebody changes a setting, so that the console says it."""
    if error.remedy is Remedy.ALARM:
        Connection.objects.filter(pk=THE_ONE).update(fault=error.code, fault_at=now)


def forget_fault() -> None:
    """Note that WeCom answers."""
    Connection.objects.filter(pk=THE_ONE).exclude(fault="").update(fault="", fault_at=None)


def _made(app: App, clock: Clock | None) -> WeCom:
    folder = _folder()
    tokens = FileTokens(folder / "tokens")
    told = WeComSettings(corp_id=app.corp_id, secret=app.secret, agent_id=app.agent_id)
    if app.base_url:
        told = replace(told, base_url=app.base_url)
    return WeCom(settings=told, tokens=tokens, ledger=FileLedger(folder / "calls.db"), clock=clock)


def _folder() -> Path:
    return Path(settings.YUTANG_HOME) / "wecom"
