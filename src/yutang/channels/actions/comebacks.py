"""What platforms push: receipts and replies of short messages, mails that come back. Believed only as far as it can be told."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction

from yutang.channels.actions.stops import PURPOSES, withdraw
from yutang.channels.delivery import noting
from yutang.channels.events import ReplyReceived
from yutang.channels.models import BarredAddress, Delivery, DeliveryState, Reply, StrayReceipt
from yutang.connectors.email import coming_back
from yutang.connectors.sms import aliyun, tencent
from yutang.connectors.sms.aliyun import AliyunSettings, AliyunSms
from yutang.connectors.sms.errors import PushIsUnreadable
from yutang.connectors.sms.messages import Receipt, SmsGateway
from yutang.connectors.sms.messages import Reply as Written
from yutang.connectors.sms.opting_out import is_opt_out
from yutang.connectors.sms.tencent import TencentSettings, TencentSms
from yutang.customers.known_people import digest_of_identifier, people_behind
from yutang.customers.reaching import addresses_for
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16, seal
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Who pushes what: the way of reading it, and what the gateway wants to hear.
GATEWAYS = ("aliyun", "tencent")
_READERS: Mapping[str, SmsGateway] = {
    "aliyun": AliyunSms(AliyunSettings("", "")),
    "tencent": TencentSms(TencentSettings("", "", "")),
}
_ANSWERS: Mapping[str, bytes] = {"aliyun": aliyun.ANSWER, "tencent": tencent.ANSWER}
_WORDING, _MAIL_WORDING = "sms-reply-1", "mail-reply-1"
_LONGEST = 1_000
#: So long after a mail went its bounce may come without naming it.
_LATELY = timedelta(days=14)
#: States of a mail that may come back.
_WENT = (DeliveryState.CREATED, DeliveryState.DELIVERED, DeliveryState.UNKNOWN)


class PushIsNotOurs(DomainError):
    """The address of the push is not the one that the operator was given."""

    code: ClassVar[str] = "push_is_not_ours"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is nothing at this address.")


class MailIsUnreadable(DomainError):
    """What was posted is no mail."""

    code: ClassVar[str] = "mail_is_unreadable"
    http_status: ClassVar[int] = 400
    message: ClassVar[str] = N_("This is no e-mail as a mail server hands it over.")


def push_secret(*, source: str) -> str:
    """Return the part of an address that nobody can guess, to which a source pushes: gateways sign nothing."""
    return digest16("push", source, "1").hex()


def receive_push(*, actor: Actor, source: str, what: str, secret: str, body: bytes, now: datetime) -> bytes:
    """Write down what a gateway for short messages pushes, and return what it wants to hear; a second time nothing changes.

    Args:
        actor: the system.
        source: ``aliyun`` or ``tencent``.
        what: ``receipts`` or ``replies``.
        secret: of the address.
        body: as it came.
        now: aware UTC.

    Raises:
        PushIsNotOurs: the address is none that was given to the operator.
        PushIsUnreadable: the body is no push of this gateway.
    """
    if source not in GATEWAYS or what not in {"receipts", "replies"} or not _is_secret(source, secret):
        raise PushIsNotOurs
    if any(nul in body for nul in (b"\x00", b"\\u0000")):
        # Nobody writes one, and PostgreSQL keeps none.
        raise PushIsUnreadable(said="NUL")
    if what == "receipts":
        receive_receipts(actor=actor, receipts=_READERS[source].receipts(body), now=now)
    else:
        receive_replies(actor=actor, source=source, replies=_READERS[source].replies(body), now=now)
    return _ANSWERS[source]


@transaction.atomic
def receive_receipts(*, actor: Actor, receipts: Sequence[Receipt], now: datetime) -> int:
    """Write down what became of short messages, and return how many messages that moved on.

    A receipt whose message is not known waits: the answer to which it belongs may not be written down yet.
    """
    actor.require("channels.send")
    by_key = _deliveries("out_id", [one.key for one in receipts if one.key])
    by_reference = _deliveries("reference", [one.gateway_id for one in receipts if one.gateway_id])
    ends: dict[tuple[bool, str], dict[int, datetime]] = {}
    strays = []
    for one in receipts:
        key = by_key.get(one.key) or by_reference.get(one.gateway_id)
        at = min(one.reported_at, now)
        if key is not None:
            ends.setdefault((one.delivered, "" if one.delivered else one.code), {})[key] = at
        elif one.gateway_id:
            known = {"delivered": one.delivered, "code": one.code[:60], "at": at, "received_at": now}
            strays.append(StrayReceipt(reference=one.gateway_id[:120], **known))
    StrayReceipt.objects.bulk_create(strays, ignore_conflicts=True)
    moved = 0
    for (delivered, code), instants in sorted(ends.items()):
        to = DeliveryState.DELIVERED if delivered else DeliveryState.FAILED
        moved += len(noting.move(list(instants), to=to, at_each=instants, fault=code, now=now))
    return moved


def receive_replies(*, actor: Actor, source: str, replies: Sequence[Written], now: datetime) -> int:
    """Write down what people wrote back, and return how many replies were new; who wants no more gets no more."""
    actor.require("channels.send")
    digests = {one.phone: digest_of_identifier(kind="phone", value=one.phone, scope="") for one in replies}
    people = people_behind(digests={one for one in digests.values() if one is not None})
    new = 0
    for one in replies:
        person = people.get(digests[one.phone] or b"")
        new += _receive_reply(actor, source, one, person, now)
    return new


def receive_mail(*, actor: Actor, secret: str, raw: bytes, now: datetime) -> int:
    """Write down what a mail that came back says, and return how many messages it changed something about.

    Raises:
        PushIsNotOurs: the address is none that was given to the operator.
        MailIsUnreadable: it is no mail.
    """
    actor.require("channels.send")
    if not _is_secret("mail", secret):
        raise PushIsNotOurs
    changed = 0
    for one in _read(raw):
        if isinstance(one, coming_back.Bounce) and one.is_final:
            changed += _note_bounce(one, now=now) if one.message_id else _note_nameless(actor, one, now=now)
        elif isinstance(one, coming_back.Complaint):
            changed += _note_complaint(actor, one, now=now)
        elif isinstance(one, coming_back.Reply):
            changed += _receive_answer(actor, one, now=now)
    return changed


def _read(raw: bytes) -> list[coming_back.ComeBack]:
    """Return what a mail says; the library breaks in many ways over what is none."""
    try:
        return coming_back.read(raw.replace(b"\x00", b""))
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise MailIsUnreadable from error


def _is_secret(source: str, secret: str) -> bool:
    return hmac.compare_digest(secret.encode(), push_secret(source=source).encode())


def _deliveries(column: str, values: Sequence[str]) -> dict[str, int]:
    if not values:
        return {}
    rows = Delivery.objects.filter(**{f"{column}__in": set(values)}, touch__channel="sms").order_by()
    return dict(rows.values_list(column, "pk"))


@transaction.atomic
def _receive_reply(actor: Actor, source: str, one: Written, person: int | None, now: datetime) -> int:
    told = "\x1f".join((source, one.phone, one.text, one.sent_at.isoformat(), one.gateway_id))
    no = is_opt_out(one.text)
    row, is_new = Reply.objects.get_or_create(
        digest=digest16("reply", "", told),
        defaults={
            "channel": "sms",
            "customer_id": person,
            "sealed_text": seal({"text": one.text[:_LONGEST], "phone": one.phone}),
            "is_opt_out": no,
            "sent_at": min(one.sent_at, now),
            "received_at": now,
        },
    )
    if not is_new:
        return 0
    if no and person is None:
        # Nobody is known by the number: it gets nothing, whoever turns up with it.
        noting.bar_addresses([one.phone], channel="sms", reason="opted_out", now=now)
    elif no and person is not None:
        withdraw(
            actor=actor,
            customer_id=person,
            purposes=PURPOSES,
            channel="sms",
            wording=_WORDING,
            evidence=f"reply {row.pk} to a short message",
            now=now,
        )
    outbox.record(ReplyReceived(row.pk, person or 0, "sms", no, row.sent_at), now=now)
    return 1


@transaction.atomic
def _receive_answer(actor: Actor, one: coming_back.Reply, *, now: datetime) -> int:
    """Keep what somebody wrote back to one of our mails, and return 1 where it is new; what answers none of them is not kept."""
    rows = Delivery.objects.filter(reference__in=one.in_reply_to, touch__channel="email").select_related("touch")
    found = {row.reference: row.touch for row in rows} if one.in_reply_to else {}
    touch = next((found[name] for name in one.in_reply_to if name in found), None)
    said = coming_back.own_words(one.text)[:_LONGEST]
    if touch is None or touch.customer_id is None or not said:
        return 0
    no = is_opt_out(said)
    row, is_new = Reply.objects.get_or_create(
        digest=digest16("reply", "", "\x1f".join(("mail", one.address, *one.in_reply_to, said))),
        defaults={
            "channel": "email",
            "customer_id": touch.customer_id,
            "sealed_text": seal({"text": said, "address": one.address}),
            "is_opt_out": no,
            "sent_at": now,
            "received_at": now,
        },
    )
    if not is_new:
        return 0
    if no:
        withdraw(
            actor=actor,
            customer_id=touch.customer_id,
            purposes=PURPOSES,
            channel="email",
            wording=_MAIL_WORDING,
            evidence=f"reply {row.pk} to an e-mail",
            now=now,
        )
    outbox.record(ReplyReceived(row.pk, touch.customer_id, "email", no, row.sent_at), now=now)
    return 1


def _note_bounce(one: coming_back.Bounce, *, now: datetime) -> int:
    with transaction.atomic():
        rows = Delivery.objects.filter(reference=one.message_id, touch__channel="email")
        moved = noting.move(
            list(rows.values_list("pk", flat=True)),
            to=DeliveryState.FAILED,
            fault=f"bounced:{one.status}",
            now=now,
            comes_back=True,
        )
        # Whoever makes a bounce up knows no Message-ID, which cannot be guessed.
        if rows.exists():
            noting.bar_addresses([one.address], channel="email", reason="bounced", now=now)
    return len(moved)


def _note_nameless(actor: Actor, one: coming_back.Bounce, *, now: datetime) -> int:
    """Bar an address of which a report says that it is none, without naming the mail: only where mail went there lately from here.

    Which mail it was is known only where there is one.
    """
    digest = digest_of_identifier(kind="email", value=one.address, scope="")
    person = people_behind(digests=[digest]).get(digest) if digest is not None else None
    if person is None:
        return 0
    # Mail goes to one address of a person: about another of theirs nothing can have come back.
    address = addresses_for(access=actor, kind="email", customer_ids=[person]).get(person, "")
    if address.casefold() != one.address.casefold():
        return 0
    mails = Delivery.objects.filter(touch__customer_id=person, touch__channel="email", touch__at__gt=now - _LATELY)
    went = list(mails.filter(state__in=_WENT).order_by("pk").values_list("pk", flat=True)[:2])
    if not went:
        return 0
    with transaction.atomic():
        only = went if len(went) == 1 else []
        fault = f"bounced:{one.status}"
        moved = noting.move(only, to=DeliveryState.FAILED, fault=fault, now=now, comes_back=True)
        barred = BarredAddress.objects.filter(channel="email", digest=digest16("email", "barred", address))
        is_new = not barred.exists()
        noting.bar_addresses([address], channel="email", reason="bounced", now=now)
    return len(moved) or int(is_new)


def _note_complaint(actor: Actor, one: coming_back.Complaint, *, now: datetime) -> int:
    rows = Delivery.objects.filter(reference=one.message_id, touch__channel="email").select_related("touch")
    found = rows.first() if one.message_id else None
    if found is None or found.touch.customer_id is None:
        return 0
    withdraw(
        actor=actor,
        customer_id=found.touch.customer_id,
        purposes=PURPOSES,
        channel="email",
        wording="complaint-1",
        evidence=f"called spam by the mailbox of message {found.touch.pk}",
        now=now,
    )
    return 1
