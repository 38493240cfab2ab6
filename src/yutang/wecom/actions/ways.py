"""Contact ways: made, given other words, ended."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.wecom.connecting import present_app
from yutang.wecom.greeting_contents import check_content
from yutang.wecom.inbox import NothingIsConnected
from yutang.wecom.models import Account, ContactWay, WayState
from yutang.wecom.organisation import fits_a_message

#: What WeCom takes: characters of a remark, staff of a code.
NAME_CHARACTERS, MOST_STAFF = 30, 100


class WayIsIncomplete(DomainError):
    """A contact way needs a name, staff who serve customers, and words that fit."""

    code = "wecom_way_is_incomplete"
    http_status = 422
    message = N_(
        "Give the code a name of 1 to 30 characters, choose 1 to 100 members of staff who have customers, and keep the welcome "
        "message within 4,000 bytes."
    )


class NoSuchWay(DomainError):
    """There is no such contact way."""

    code = "no_such_contact_way"
    http_status = 404
    message = N_("There is no such channel code.")


@transaction.atomic
def ask_for_contact_way(
    *,
    actor: Actor,
    name: str,
    account_ids: Collection[int],
    welcome_words: str,
    welcome_content: str = "",
    now: datetime,
) -> int:
    """Let WeCom make a channel code, and return its key; it is in use in a moment.

    Args:
        actor: who wants it.
        name: for staff; 1 to 30 characters.
        account_ids: who is added, in turn.
        welcome_words: what newcomers are told at once; empty: the usual words.
        welcome_content: content that they get in place of the words, such as ``content:17:3``; empty: none.
        now: when. Aware UTC.

    Raises:
        NothingIsConnected: no app is connected.
        WayIsIncomplete: something is missing or too long.
        DomainError: the content cannot be said.
    """
    from yutang.wecom.tasks import make_contact_way

    actor.require("channels.send")
    if present_app() is None:
        raise NothingIsConnected
    accounts = list(Account.objects.filter(pk__in=list(account_ids), is_serving=True)[: MOST_STAFF + 1])
    words, name = welcome_words.strip().replace("\r\n", "\n"), name.strip()
    fits = 0 < len(name) <= NAME_CHARACTERS and 0 < len(accounts) <= MOST_STAFF and fits_a_message(words)
    if not fits or len(accounts) != len(set(account_ids)):
        raise WayIsIncomplete
    check_content(welcome_content, now=now)
    way = ContactWay.objects.create(
        name=name,
        state_text=f"yt-{secrets.token_hex(8)}",
        welcome_words=words,
        welcome_content=welcome_content,
        made_by_id=actor.staff_id,
        asked_at=now,
    )
    way.accounts.set(accounts)
    jobs.enqueue(make_contact_way, {"way_id": way.pk}, now=now)
    audit(actor=actor, action="wecom.create_way", subject_type="contact_way", subject_id=way.pk, now=now)
    return way.pk


@transaction.atomic
def change_welcome_words(
    *, actor: Actor, way_id: int, welcome_words: str, welcome_content: str = "", now: datetime
) -> None:
    """Let newcomers through a code be told something else, by words or by a content of the library.

    Raises:
        NoSuchWay: there is none that is in use.
        WayIsIncomplete: the words are too long.
        DomainError: the content cannot be said.
    """
    actor.require("channels.send")
    words = welcome_words.strip().replace("\r\n", "\n")
    if not fits_a_message(words):
        raise WayIsIncomplete
    check_content(welcome_content, now=now)
    living = ContactWay.objects.filter(pk=way_id).exclude(state=WayState.ENDED)
    if not living.update(welcome_words=words, welcome_content=welcome_content):
        raise NoSuchWay(way_id=way_id)
    audit(actor=actor, action="wecom.change_way", subject_type="contact_way", subject_id=way_id, now=now)


@transaction.atomic
def end_contact_way(*, actor: Actor, way_id: int, now: datetime) -> None:
    """Delete a code in WeCom; who came through it stays attributed to it.

    Raises:
        NoSuchWay: there is none that is in use.
    """
    from yutang.wecom.tasks import delete_contact_way

    actor.require("channels.send")
    living = ContactWay.objects.filter(pk=way_id).exclude(state=WayState.ENDED)
    if not living.update(state=WayState.ENDED, ended_at=now):
        raise NoSuchWay(way_id=way_id)
    jobs.enqueue(delete_contact_way, {"way_id": way_id}, now=now)
    audit(actor=actor, action="wecom.end_way", subject_type="contact_way", subject_id=way_id, now=now)
