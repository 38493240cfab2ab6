"""Which app of WeCom is connected."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.connectors.wecom.callbacks.envelope import CallbackKeys
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.sealing import seal
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.wecom.actions.syncing import ask_for_sync
from yutang.wecom.connecting import THE_ONE, present_app
from yutang.wecom.models import Connection, ConnectionKind, Contact


class KeysAreIncomplete(DomainError):
    """Corp id, secret, token and key belong together."""

    code = "wecom_keys_are_incomplete"
    http_status = 422
    message = N_(
        "Corp id, secret of the app, token and EncodingAESKey are all needed: copy them from the pages of the app in WeCom."
    )


class CorpIsAnother(DomainError):
    """There are people of another corp here."""

    code = "wecom_corp_is_another"
    http_status = 409
    message = N_(
        "This installation knows people of another corp, or of the sandbox, and would mix them. Give this corp an installation of its own."
    )


class EnvironmentDecides(DomainError):
    """The environment says which app it is."""

    code = "wecom_is_set_by_environment"
    http_status = 409
    message = N_("YUTANG_WECOM_CORP_ID and its companions say which app is connected. Change them there, and restart.")


@transaction.atomic
def connect(
    *, actor: Actor, corp_id: str, agent_id: int | None, secret: str, token: str, aes_key: str, now: datetime
) -> None:
    """Connect the app of a real corp, and ask for a full look at what it shows.

    Args:
        actor: who connects it.
        corp_id: of the corp.
        agent_id: number of the app, for messages to staff.
        secret: of the app; empty keeps the one that is known of the same corp.
        token: of the callbacks; empty keeps it too.
        aes_key: EncodingAESKey of the callbacks; empty keeps it too.
        now: when. Aware UTC.

    Raises:
        EnvironmentDecides: it cannot be changed here.
        KeysAreIncomplete: something is missing.
        KeyIsNoKey: the EncodingAESKey is none.
        CorpIsAnother: there are people of another corp.
    """
    actor.require("settings.manage")
    known = present_app()
    if known is not None and known.is_fixed:
        raise EnvironmentDecides
    same = known if known is not None and known.corp_id == corp_id.strip() else None
    keys = {"secret": secret.strip(), "token": token.strip(), "aes_key": aes_key.strip()}
    if same is not None:
        keys = {name: value or getattr(same, name) for name, value in keys.items()}
    if not corp_id.strip() or not all(keys.values()) or len(corp_id) > 64 or len(keys["token"]) > 64:
        raise KeysAreIncomplete
    _ = CallbackKeys(keys["token"], keys["aes_key"], corp_id.strip())
    _keep(
        kind=ConnectionKind.REAL,
        corp_id=corp_id.strip(),
        agent_id=agent_id,
        base_url="",
        page_url="",
        keys=keys,
        now=now,
    )
    audit(actor=actor, action="wecom.connect", subject_type="wecom_corp", subject_id=corp_id.strip(), now=now)
    ask_for_sync(actor=Actor.system(), now=now)


@transaction.atomic
def use_sandbox(
    *,
    actor: Actor,
    corp_id: str,
    agent_id: int,
    base_url: str,
    page_url: str,
    secret: str,
    token: str,
    aes_key: str,
    now: datetime,
) -> bool:
    """Connect the sandbox, unless a real corp is connected; return whether it is connected.

    Raises:
        CorpIsAnother: there are people of another corp.
    """
    actor.require("settings.manage")
    known = present_app()
    if known is not None and known.kind == ConnectionKind.REAL:
        return False
    _keep(
        kind=ConnectionKind.SANDBOX,
        corp_id=corp_id,
        agent_id=agent_id,
        base_url=base_url,
        page_url=page_url,
        keys={"secret": secret, "token": token, "aes_key": aes_key},
        now=now,
    )
    return True


def _keep(
    *,
    kind: ConnectionKind,
    corp_id: str,
    agent_id: int | None,
    base_url: str,
    page_url: str,
    keys: dict[str, str],
    now: datetime,
) -> None:
    before = Connection.objects.filter(pk=THE_ONE).values_list("corp_id", flat=True).first()
    if before not in {None, corp_id} and Contact.objects.exists():
        raise CorpIsAnother
    Connection.objects.update_or_create(
        pk=THE_ONE,
        defaults={
            "kind": kind,
            "corp_id": corp_id,
            "agent_id": agent_id,
            "base_url": base_url,
            "page_url": page_url,
            "sealed_keys": seal(keys),
            "set_at": now,
            "fault": "",
            "fault_at": None,
        },
    )
