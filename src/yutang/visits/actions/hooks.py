"""What led people towards a store: the low-price offer that they took up, paid, or got their money back for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.visits.events import HookPaid
from yutang.visits.finding import HOOKS, person_within_reach, store_within_reach, touch
from yutang.visits.models import Hook
from yutang.visits.refusals import HookIsWrong, NoSuchHook

_LONGEST_KEY, _LONGEST_SOURCE, _LARGEST_MINOR = 140, 64, 10**10


@transaction.atomic
def note_hook(
    *,
    actor: Actor,
    key: str,
    customer_id: int,
    source: str,
    hook_minor: int,
    store_id: int | None = None,
    currency: str = "CNY",
    now: datetime,
) -> int:
    """Note that somebody took up the offer of a programme, paid or not, and return the entry; the same key notes it once.

    Args:
        actor: needs ``visits.book``.
        key: idempotency key, such as ``groupbuy-seat:55``. 1 to 140 characters.
        customer_id: who.
        source: the programme, such as ``groupbuy:12``. 1 to 64 characters.
        hook_minor: price of the offer. Minor units.
        store_id: where it is to be used; None: anywhere.
        currency: ISO 4217.
        now: when. Aware UTC.

    Raises:
        HookIsWrong: programme or price cannot be this, or the key stands for another person or programme.
        NoSuchCustomer: there is none within reach.
        NoSuchVisitStore: there is none within reach.
    """
    actor.require("visits.book")
    fits = 0 < len(key) <= _LONGEST_KEY and 0 < len(source) <= _LONGEST_SOURCE and 0 <= hook_minor <= _LARGEST_MINOR
    if not fits:
        raise HookIsWrong(key=key[:40])
    person = person_within_reach(actor, customer_id)
    if store_id is not None:
        store_within_reach(actor, store_id)
    bulk.one_at_a_time(f"visits.person:{person}")
    known = Hook.objects.filter(key=key).first()
    if known is not None:
        if (known.customer_id, known.source) != (person, source):
            raise HookIsWrong(key=key[:40])
        return known.pk
    today = timezone.localtime(now).date()
    row = Hook.objects.create(
        key=key, customer_id=person, source=source, store_id=store_id, hook_minor=hook_minor, currency=currency,
        hooked_at=now, hooked_date=today,
    )  # fmt: skip
    touch(HOOKS, [today], now=now)
    return row.pk


@transaction.atomic
def note_hook_paid(*, actor: Actor, key: str, now: datetime) -> None:
    """Note that an offer was paid, and tell it, so that the customer is invited to the store; noted again, nothing happens.

    Args:
        actor: needs ``visits.book``.
        key: of `note_hook`.
        now: when. Aware UTC.

    Raises:
        NoSuchHook: nobody took up an offer under the key.
    """
    actor.require("visits.book")
    row = _by_key(key)
    if not Hook.objects.filter(pk=row.pk, paid_at=None, refunded_at=None).update(paid_at=now):
        return
    touch(HOOKS, [row.hooked_date], now=now)
    if row.customer_id is not None:
        told = HookPaid(row.pk, row.customer_id, row.store_id or 0, row.source, row.hook_minor)
        outbox.record(told, now=now)


@transaction.atomic
def note_hook_refunded(*, actor: Actor, key: str, now: datetime) -> None:
    """Note that the money of an offer went back; from then on it counts as not paid. Noted again, nothing happens.

    Args:
        actor: needs ``visits.book``.
        key: of `note_hook`.
        now: when. Aware UTC.

    Raises:
        NoSuchHook: nobody took up an offer under the key.
    """
    actor.require("visits.book")
    row = _by_key(key)
    if Hook.objects.filter(pk=row.pk, refunded_at=None).update(refunded_at=now):
        touch(HOOKS, [row.hooked_date], now=now)


def _by_key(key: str) -> Hook:
    row = Hook.objects.filter(key=key).first()
    if row is None:
        raise NoSuchHook(key=key[:40])
    return row
