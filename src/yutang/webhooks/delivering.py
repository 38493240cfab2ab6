"""The worker's part: claim what is due, send it, write down what became of it. A killed worker loses nothing.

A delivery is claimed by one conditional UPDATE that pushes its time forward by a lease; its outcome is written only while
that lease holds. So each message is sent at least once, by its stable id.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet

from yutang.connectors import webhook
from yutang.connectors.webhook import Answer
from yutang.customers.queries import customer_rows
from yutang.customers.views import CustomerRow
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.sealing import unseal
from yutang.webhooks.announcing import written
from yutang.webhooks.models import Delivery, DeliveryStatus, Endpoint, OffBecause
from yutang.webhooks.standing import SEE_PEOPLE, actor_of
from yutang.webhooks.tries import LEASE, MOST_ATTEMPTS, OFF_AFTER, pause_after, rest_after

#: Of one round: deliveries at most, and how many of them to one receiver.
MOST_A_ROUND, MOST_TO_ONE = 64, 8
#: Due deliveries that are looked through for a round, so that a receiver with a long queue does not hide the others.
_LOOKED_AT = 1_000
_LANES = 16

Send = Callable[..., Answer]


@dataclass(frozen=True)
class Round:
    """What one round did: counts by outcome, and the receivers that did not take what they were sent."""

    taken: int = 0
    failed: int = 0
    given_up: int = 0
    failing: frozenset[int] = frozenset()

    @property
    def sent(self) -> int:
        """How many attempts were made."""
        return self.taken + self.failed + self.given_up


def deliver_round(*, leave_out: Collection[int], clock: Callable[[], datetime], send: Send = webhook.send) -> Round:
    """Try what is due, several at a time, and return what became of it; an empty round where nothing is due.

    Args:
        leave_out: receivers that get nothing in this round.
        clock: tells the time, aware UTC: sending takes some.
        send: how a message is sent.
    """
    lease_token = secrets.token_hex(16)
    claimed = _claimed(lease_token, leave_out, now=clock())
    if not claimed:
        return Round()
    bodies = _bodies(claimed)
    opened = settings.YUTANG_WEBHOOK_NETWORKS
    with ThreadPoolExecutor(min(_LANES, len(claimed))) as pool:
        # Nothing in these threads asks the store.
        sending = [
            pool.submit(
                send,
                url=one.endpoint.url,
                message_id=one.message.token,
                body=bodies[one.pk],
                given_secrets=secrets_of(one.endpoint, now=clock()),
                opened=opened,
            )
            for one in claimed
        ]
        answers = [future.result() for future in sending]
    return _written_down(list(zip(claimed, answers, strict=True)), lease_token, now=clock())


def secrets_of(endpoint: Endpoint, *, now: datetime) -> list[str]:
    """Return what messages to a receiver are signed with, the current secret first."""
    kept = unseal(endpoint.sealed_secret)
    both = [kept["secret"]]
    if kept.get("before") and kept["before_until"] > now.timestamp():
        both.append(kept["before"])
    return both


def is_due(*, now: datetime) -> bool:
    """Return whether anything is to be tried."""
    return _due(now).exists()


def next_due_at(*, now: datetime) -> datetime | None:
    """Return when something is to be tried next; None where nothing waits."""
    waiting = Delivery.objects.filter(status=DeliveryStatus.WAITING, endpoint__off_at=None)
    resting = Q(endpoint__rests_until__gt=now)
    times = [
        waiting.exclude(resting).aggregate(first=Min("next_at"))["first"],
        waiting.filter(resting).aggregate(first=Min("endpoint__rests_until"))["first"],
    ]
    return min((one for one in times if one is not None), default=None)


def _due(now: datetime) -> QuerySet[Delivery]:
    due = Delivery.objects.filter(status=DeliveryStatus.WAITING, next_at__lte=now, endpoint__off_at=None)
    return due.exclude(endpoint__rests_until__gt=now)


def _claimed(lease_token: str, leave_out: Collection[int], *, now: datetime) -> list[Delivery]:
    """Claim the deliveries of one round by one conditional UPDATE, the longest due first, a few to each receiver."""
    due = _due(now).exclude(endpoint_id__in=list(leave_out)).order_by("next_at", "id")
    to_each: dict[int, int] = {}
    chosen: list[int] = []
    for key, endpoint_id, failing_since in due.values_list("pk", "endpoint_id", "endpoint__failing_since")[:_LOOKED_AT]:
        to_each[endpoint_id] = to_each.get(endpoint_id, 0) + 1
        # One that fails is tried with a single message.
        most = MOST_TO_ONE if failing_since is None else 1
        if to_each[endpoint_id] <= most and len(chosen) < MOST_A_ROUND:
            chosen.append(key)
    if not chosen:
        return []
    # Whoever else chose the same finds the time pushed forward.
    free = Delivery.objects.filter(pk__in=chosen, status=DeliveryStatus.WAITING, next_at__lte=now)
    free.update(next_at=now + LEASE, lease_token=lease_token, tried_at=now, attempts=F("attempts") + 1)
    mine = Delivery.objects.filter(lease_token=lease_token).select_related("endpoint", "message")
    return list(mine.prefetch_related("endpoint__stores").order_by("id"))


def _bodies(claimed: Sequence[Delivery]) -> dict[int, bytes]:
    """Return what each delivery says: facts as they were, people as they are now and as the receiver may see them."""
    wanted = {key for one in claimed if one.endpoint.with_people for key in one.message.people}
    people = customer_rows(access=Actor.system(), ids=sorted(wanted)) if wanted else {}
    return {one.pk: _body(one, people) for one in claimed}


def _body(one: Delivery, people: Mapping[int, CustomerRow]) -> bytes:
    content: dict[str, Any] = dict(one.message.facts)
    receiver = actor_of(one.endpoint)
    if one.endpoint.with_people and one.message.people and receiver.can(SEE_PEOPLE):
        seen = [people[key] for key in one.message.people if key in people]
        content["people"] = [
            {"id": row.id, "name": str(row.name), "phone": row.phone, "store_id": row.store_id}
            for row in seen
            if receiver.reaches(row.store_id)
        ]
    whole = {"type": one.message.kind, "timestamp": written(one.message.occurred_at), "data": content}
    return orjson.dumps(whole)


def _written_down(outcomes: Sequence[tuple[Delivery, Answer]], lease_token: str, *, now: datetime) -> Round:
    with transaction.atomic():
        held = Delivery.objects.filter(lease_token=lease_token, status=DeliveryStatus.WAITING)
        mine = set(held.select_for_update().values_list("pk", flat=True))
        rows = [_outcome(one, answer, now) for one, answer in outcomes if one.pk in mine]
        Delivery.objects.bulk_update(
            rows, ["status", "next_at", "lease_token", "answer_status", "fault", "took_ms"], batch_size=100
        )
        failing = _note_health(outcomes, now=now)
    statuses = [one.status for one in rows]
    taken, dead = statuses.count(DeliveryStatus.TAKEN), statuses.count(DeliveryStatus.DEAD)
    return Round(taken, len(rows) - taken - dead, dead, failing)


def _note_health(outcomes: Sequence[tuple[Delivery, Answer]], *, now: datetime) -> frozenset[int]:
    """Write down how the receivers do, switch off whose time is over, and return those that took nothing."""
    taking = {one.endpoint_id for one, answer in outcomes if answer.is_taken}
    gone = {one.endpoint_id for one, answer in outcomes if answer.is_gone}
    failing = {one.endpoint_id: one.endpoint for one, _answer in outcomes if one.endpoint_id not in taking}
    Endpoint.objects.filter(pk__in=taking).update(taken_at=now, failing_since=None, failures=0, rests_until=None)
    for endpoint in failing.values():
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or now
        endpoint.rests_until = now + rest_after(endpoint.failures)
    Endpoint.objects.bulk_update(failing.values(), ["failures", "failing_since", "rests_until"])
    _switch_off(gone, OffBecause.GONE, now=now)
    since = now - OFF_AFTER
    tired = {key for key, endpoint in failing.items() if endpoint.failing_since and endpoint.failing_since <= since}
    _switch_off(tired - gone, OffBecause.FAILING, now=now)
    return frozenset(failing)


def _outcome(one: Delivery, answer: Answer, now: datetime) -> Delivery:
    one.lease_token = ""
    one.answer_status, one.fault, one.took_ms = answer.status, answer.fault, round(answer.seconds * 1_000)
    if answer.is_taken:
        one.status = DeliveryStatus.TAKEN
    elif answer.is_gone or one.attempts >= MOST_ATTEMPTS:
        one.status = DeliveryStatus.DEAD
    else:
        one.next_at = now + pause_after(one.attempts, asked_seconds=answer.wait_seconds)
    return one


def _switch_off(keys: Collection[int], because: OffBecause, *, now: datetime) -> None:
    """Switch receivers off, each once, and write that into the audit trail; who manages webhooks is told at the next page."""
    for key in sorted(keys):
        on = Endpoint.objects.filter(pk=key, off_at=None)
        if on.update(off_at=now, off_because=because, told_at=None):
            audit(
                actor=Actor.system(),
                action="webhooks.switched_off",
                subject_type="webhook",
                subject_id=key,
                detail={"reason": str(because)},
                now=now,
            )
