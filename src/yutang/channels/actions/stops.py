"""Somebody wants no more: by a link, by a reply, by a complaint. It goes into the consent ledger, and what is planned stops."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.channels.actions.touches import decision_row
from yutang.channels.crowds import WHEN_CLAIMED, crowd_of
from yutang.channels.delivery.noting import end_tasks
from yutang.channels.kept_policy import kept_policy
from yutang.channels.links import link_behind
from yutang.channels.marking import mark_days
from yutang.channels.models import DeliveryState, LinkKind, Touch, TouchState
from yutang.channels.policy import PURPOSE_OF
from yutang.channels.rules import Request, decide
from yutang.customers.actions import withdraw_consent
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Purposes that can be ended on the page of stopping; messages that belong to an order cannot.
PURPOSES = ("promotion", "research", "service")
#: Version of the words on that page, kept with every withdrawal.
WORDING = "stop-page-1"
_REASONS = frozenset({"consent_refused", "consent_missing"})
_ASKED_STAFF = (DeliveryState.CREATED, DeliveryState.NOTIFIED)


class LinkIsUnknown(DomainError):
    """The link is mistyped, or its message was deleted."""

    code: ClassVar[str] = "link_is_unknown"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("This link leads nowhere. It may be mistyped, or what it belonged to is gone.")


class NothingToStop(DomainError):
    """Nothing was chosen, or something that cannot be."""

    code: ClassVar[str] = "nothing_to_stop"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Nothing was stopped: choose at least one kind of message.")


def stop_by_link(
    *, actor: Actor, token: str, purposes: Collection[str] = (), everywhere: bool = False, now: datetime
) -> tuple[str, ...]:
    """End kinds of messages to the person to whom a link was sent, and return the purposes that ended.

    Args:
        actor: the system: whoever holds the link is who it was sent to.
        token: of the link.
        purposes: of `PURPOSES`; none: what the message was, and promotion, as one click of a mail program asks.
        everywhere: by every channel, not only by that of the message.
        now: aware UTC.

    Raises:
        LinkIsUnknown: there is no such link.
        NothingToStop: a purpose is none.
    """
    link = link_behind(token=token, kind=LinkKind.STOP)
    touch = link.touch if link is not None else None
    if touch is None or touch.customer_id is None or not Customer.objects.filter(pk=touch.customer_id).exists():
        raise LinkIsUnknown
    if set(purposes) - set(PURPOSES):
        raise NothingToStop
    wanted = tuple(
        one for one in PURPOSES if one in (purposes or {"promotion", PURPOSE_OF.get(touch.intent, "promotion")})
    )
    channel = "any" if everywhere else touch.channel
    withdraw(
        actor=actor,
        customer_id=touch.customer_id,
        purposes=wanted,
        channel=channel,
        wording=WORDING,
        evidence=f"stop link of message {touch.pk}",
        now=now,
    )
    return wanted


@transaction.atomic
def withdraw(
    *,
    actor: Actor,
    customer_id: int,
    purposes: Collection[str],
    channel: str,
    wording: str,
    evidence: str,
    now: datetime,
) -> None:
    """Write down that a person wants no more messages of some purposes by a channel, and stop what is planned.

    Args:
        actor: who writes it down.
        customer_id: who.
        purposes: of the consent ledger.
        channel: of the consent ledger.
        wording: version of what the person saw.
        evidence: how it can be proved.
        now: aware UTC.
    """
    for purpose in purposes:
        withdraw_consent(
            actor=actor,
            customer_id=customer_id,
            purpose=purpose,
            channel=channel,
            wording_version=wording,
            evidence=evidence,
            occurred_at=now,
            now=now,
        )
    stop_planned(actor=actor, customer_id=customer_id, now=now)


@transaction.atomic
def stop_planned(*, actor: Actor, customer_id: int, now: datetime) -> int:
    """Refuse what is planned for a person against their word, and return how many messages that were.

    What staff were asked to send in WeCom, and have not sent, is taken back with its task; the others of the task are
    asked about anew.
    """
    actor.require("channels.send")
    customer = Customer.objects.select_for_update(of=("self",)).select_related("store").filter(pk=customer_id).first()
    if customer is None:
        return 0
    kept = kept_policy(now=now)
    crowd = crowd_of(people=[customer], policy=kept.policy, counted=WHEN_CLAIMED, moments=[now])
    refused = []
    planned = Touch.objects.select_for_update().filter(customer_id=customer_id, state=TouchState.PLANNED).order_by("pk")
    for touch in planned:
        request = Request(touch.intent, touch.channel, now, "", None)
        decision = decide(request=request, facts=crowd.facts_of(customer_id, request=request), policy=kept.policy)
        if decision.reason in _REASONS:
            refused.append((touch, decision))
    ids = [touch.pk for touch, _ in refused]
    Touch.objects.filter(pk__in=ids, state=TouchState.PLANNED).update(state=TouchState.REFUSED, changed_at=now)
    for touch, decision in refused:
        decision_row(touch, customer_id, decision, kept, stage="claim", now=now).save(force_insert=True)
    if refused:
        mark_days({touch.business_date for touch, _ in refused}, now=now)
    _take_back_tasks(customer_id, crowd.words.get(customer_id, []), now=now)
    return len(refused)


def _take_back_tasks(customer_id: int, words: list[tuple[str, str, bool]], *, now: datetime) -> None:
    """Take back tasks of WeCom that ask staff to send the person what they said no to."""
    said = {purpose: granted for purpose, way, granted in words if way in {"wecom", "any"}}
    no = [intent for intent, purpose in PURPOSE_OF.items() if said.get(purpose) is False]
    asked = Touch.objects.filter(
        customer_id=customer_id, state=TouchState.SENT, intent__in=no, delivery__state__in=_ASKED_STAFF
    )
    tasks = set(asked.exclude(delivery__task=None).values_list("delivery__task_id", flat=True))
    if tasks:
        end_tasks(tasks, ends_as="released", now=now)
