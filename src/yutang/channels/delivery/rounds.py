"""Messages that go to one person at once, by SMS and e-mail: claimed, handed over once at most, written down.

A message is handed over only after it was written down that it is; whoever was killed in between leaves it unknown, never
sent twice. What was claimed and not handed over is planned again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from yutang.channels.actions.claims import claim_many
from yutang.channels.delivery import noting
from yutang.channels.delivery.senders import Handed, Outgoing, Sender
from yutang.channels.delivery.words import bodies_of, why_silent, with_links_for_each
from yutang.channels.links import has_own_links
from yutang.channels.models import (
    BarredAddress,
    Delivery,
    DeliveryState,
    StrayReceipt,
    Touch,
    TouchState,
)
from yutang.channels.switches import switches_for
from yutang.customers.reaching import addresses_for
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16_many

#: Messages of one round: they are all handed over within the lease.
MOST_A_ROUND = 100
LEASE = timedelta(minutes=20)
#: After a limit or a fault of the platform, and after what somebody must mend.
_LATER, _ALARM = timedelta(minutes=5), timedelta(minutes=30)
_KIND = {"sms": "phone", "email": "email"}


@dataclass(frozen=True)
class Round:
    """What one round did: how many messages were decided about and let out, and how many of those came to which end."""

    decided: int = 0
    claimed: int = 0
    ends: Mapping[str, int] | None = None


def send_round(*, sender: Sender, clock: Callable[[], datetime], most: int = MOST_A_ROUND) -> Round:
    """Send what is due by one channel, and return what became of it; an empty round where nothing is due.

    Args:
        sender: of the channel.
        clock: tells the time, aware UTC: sending takes some.
        most: messages at most.
    """
    actor, token = Actor.system(), secrets.token_hex(16)
    recover(channel=sender.channel, now=clock())
    due = due_keys(sender.channel, most=most, now=clock())
    decided, touches = claimed_touches(actor, due, token, now=clock())
    if not touches:
        return Round(decided)
    messages = _prepared(actor, touches, sender.channel, token, now=clock())
    handed = sender.send(list(messages.values())) if messages else []
    ends = _written_down(messages, handed, token, now=clock())
    return Round(decided, len(touches), ends)


def due_keys(*channels: str, most: int, now: datetime) -> list[str]:
    """Return keys of messages that are to go out, the longest due first; those of what is stopped are passed over."""
    due = Touch.objects.filter(state=TouchState.PLANNED, at__lte=now, channel__in=channels).order_by("at", "id")
    campaigns = set(due.order_by().values_list("campaign", flat=True).distinct())
    stopped = switches_for(campaigns=campaigns)
    running = due.exclude(campaign__in=stopped.held_campaigns & campaigns)
    open_channels = [one for one in channels if not stopped.hold_channel(one)]
    return list(running.filter(channel__in=open_channels).values_list("key", flat=True)[:most])


def claimed_touches(actor: Actor, keys: Sequence[str], token: str, *, now: datetime) -> tuple[int, list[Touch]]:
    """Claim messages and take them up in one transaction; return how many were decided about, and those that may go out.

    What was decided about is due no longer, also where it may not go out: it is refused, or waits for later.
    """
    if not keys:
        return 0, []
    with transaction.atomic():
        claims = claim_many(actor=actor, keys=keys, now=now)
        touches = list(Touch.objects.filter(key__in=claims.mine).order_by("at", "id"))
        noting.take_up({one.pk: secrets.token_hex(12) for one in touches}, lease_token=token, lease=LEASE, now=now)
    return len(claims.answers), touches


def recover(*, channel: str, now: datetime) -> dict[str, int]:
    """Look after what a killed worker left: what was not handed over is planned again, what was is not known."""
    held = (DeliveryState.CLAIMED, DeliveryState.HANDING)
    lapsed = Delivery.objects.filter(state__in=held, lease_until__lt=now, touch__channel=channel)
    if not lapsed.exists():
        return {}
    with transaction.atomic():
        claimed = list(lapsed.filter(state=DeliveryState.CLAIMED).values_list("pk", flat=True))
        again = noting.put_off(claimed, until=now, fault="lease_lapsed", now=now)
        handing = list(lapsed.filter(state=DeliveryState.HANDING, task=None).values_list("pk", flat=True))
        unknown = noting.move(handing, to=DeliveryState.UNKNOWN, fault="no_answer", now=now)
    return {"again": len(again), "unknown": len(unknown)}


def has_lapsed(*, now: datetime) -> bool:
    """Return whether a killed worker left something."""
    states = (DeliveryState.CLAIMED, DeliveryState.HANDING)
    return Delivery.objects.filter(state__in=states, task=None, lease_until__lt=now).exists()


def _prepared(
    actor: Actor, touches: Sequence[Touch], channel: str, token: str, *, now: datetime
) -> dict[int, Outgoing]:
    """Return what is handed over, by the key of the message: written down as being handed over before it is."""
    bodies = bodies_of(touches, now=now)
    # Addresses are opened here, and live no longer than the hand-over.
    people = [one.customer_id for one in touches if one.customer_id is not None]
    addresses = addresses_for(access=actor, kind=_KIND[channel], customer_ids=people)
    out_ids = dict(Delivery.objects.filter(pk__in=[one.pk for one in touches]).values_list("pk", "out_id"))
    with transaction.atomic():
        barred = _barred(channel, addresses)
        ready, lacking = list[Touch](), {"no_address": list[int](), "address_barred": list[int]()}
        lacking |= why_silent([one for one in touches if one.pk not in bodies])
        for touch in (one for one in touches if one.pk in bodies):
            fault = _lack(touch, addresses, barred)
            if fault:
                lacking[fault].append(touch.pk)
            else:
                ready.append(touch)
        for fault, ids in lacking.items():
            noting.move(ids, to=DeliveryState.FAILED, fault=fault, now=now, lease_token=token)
        stopped = switches_for(campaigns={one.campaign for one in ready})
        held = [one.pk for one in ready if stopped.hold(channel=channel, campaign=one.campaign)]
        noting.put_off(held, until=now, fault="stopped", now=now, lease_token=token)
        if channel == "email" and not has_own_links():
            # A promotion by mail carries its way out (RFC 8058), and there is none before the operator says where.
            mute = [one.pk for one in ready if one.intent == "promotion" and one.pk not in set(held)]
            held += noting.put_off(mute, until=now + _ALARM, fault="no_public_url", now=now, lease_token=token)
        going = noting.move(
            [one.pk for one in ready if one.pk not in set(held)], to=DeliveryState.HANDING, now=now, lease_token=token
        )
        mine = [one for one in ready if one.pk in set(going)]
        worded, stop_pages = with_links_for_each(mine, bodies, now=now)
    return {
        one.pk: Outgoing(out_ids[one.pk], addresses[one.customer_id or 0], worded[one.pk], stop_pages.get(one.pk, ""))
        for one in mine
    }


def _lack(touch: Touch, addresses: Mapping[int, str], barred: set[int]) -> str:
    if touch.customer_id not in addresses:
        return "no_address"
    return "address_barred" if touch.customer_id in barred and touch.intent != "transactional" else ""


def _barred(channel: str, addresses: Mapping[int, str]) -> set[int]:
    """Return the people whose address gets nothing any more."""
    by_digest = dict(zip(digest16_many(channel, "barred", addresses.values()), addresses, strict=True))
    rows = BarredAddress.objects.filter(channel=channel, digest__in=list(by_digest))
    return {by_digest[bytes(digest)] for digest in rows.values_list("digest", flat=True)}


def _written_down(
    messages: Mapping[int, Outgoing], handed: Sequence[Handed], token: str, *, now: datetime
) -> dict[str, int]:
    """Write down what was said of each message, and return how many came to which end."""
    keys = {one.out_id: key for key, one in messages.items()}
    by_end: dict[tuple[str, str], list[int]] = {}
    for one in handed:
        by_end.setdefault((one.end, one.fault), []).append(keys[one.out_id])
    with transaction.atomic():
        _keep_references({keys[one.out_id]: one.reference for one in handed if one.reference})
        for (end, fault), ids in sorted(by_end.items()):
            if end == "taken":
                noting.move(ids, to=DeliveryState.CREATED, now=now, lease_token=token)
            elif end == "unknown":
                noting.move(ids, to=DeliveryState.UNKNOWN, fault=fault, now=now, lease_token=token)
            elif end == "never":
                noting.move(ids, to=DeliveryState.FAILED, fault=fault, now=now, lease_token=token)
            else:
                until = now + (_ALARM if end == "alarm" else _LATER)
                noting.put_off(ids, until=until, fault=fault, now=now, lease_token=token)
        gone = {messages[keys[one.out_id]].address for one in handed if one.bars_address}
        noting.bar_addresses(gone, channel="email", reason="bounced", now=now)
        _match_strays([one.reference for one in handed if one.end == "taken"], now=now)
    counts: dict[str, int] = {}
    for (end, _fault), ids in by_end.items():
        counts[end] = counts.get(end, 0) + len(ids)
    return counts


def _keep_references(references: Mapping[int, str]) -> None:
    rows = [Delivery(pk=key, reference=reference[:120]) for key, reference in references.items()]
    Delivery.objects.bulk_update(rows, ["reference"], batch_size=200)


def _match_strays(references: Sequence[str], *, now: datetime) -> None:
    """Believe receipts that came before the answer to which they belong."""
    strays = {one.reference: one for one in StrayReceipt.objects.filter(reference__in=references)}
    if not strays:
        return
    rows = dict(Delivery.objects.filter(reference__in=list(strays)).values_list("reference", "pk"))
    for reference, key in rows.items():
        one = strays[reference]
        to = DeliveryState.DELIVERED if one.delivered else DeliveryState.FAILED
        noting.move([key], to=to, at=one.at, fault="" if one.delivered else one.code, now=now)
    StrayReceipt.objects.filter(reference__in=list(rows)).delete()
