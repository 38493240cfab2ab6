"""What the store knows of one person or group, as the facts of `rules.py`: read fresh, for one decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max

from yutang.channels.models import Grievance, GrievanceKind, GroupStanding, Touch, TouchState
from yutang.channels.policy import LONGEST_WINDOW_DAYS, Policy
from yutang.channels.quota import is_used_up
from yutang.channels.rules import Contact, Facts, Request
from yutang.channels.slots import slot_at
from yutang.customers.models import Consent, ConsentChannel, Customer, Identifier
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor

#: Kind of identifier by which a person is reached.
ADDRESS_OF: Mapping[str, str] = {"wecom": "wecom", "sms": "phone", "phone": "phone", "email": "email"}
#: Messages that count when another is planned: also planned ones take places.
WHEN_PLANNED = (TouchState.PLANNED, TouchState.SENT)
#: Messages that count when one is to go out: planned ones would hold each other back for ever.
WHEN_CLAIMED = (TouchState.SENT,)


def person_within_reach(access: Actor, customer_id: int) -> Customer:
    """Return a person; one who was merged into another is that other.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    rows = Customer.objects.select_related("store")
    customer = rows.filter(pk=customer_id).first()
    if customer is not None and customer.merged_into_id is not None:
        customer = rows.get(pk=customer.merged_into_id)
    if customer is None or not access.reaches(customer.store_id):
        raise NoSuchCustomer(customer_id=customer_id)
    return customer


def facts_of_person(
    customer: Customer, *, request: Request, policy: Policy, counted: Sequence[str] = WHEN_PLANNED
) -> Facts:
    """Return what is known of a person for a decision.

    Args:
        customer: who, with the store.
        request: what somebody wants to send.
        policy: by which it is decided.
        counted: states of messages that count.
    """
    touches = _touches(customer.pk, "", counted)
    grievances = Grievance.objects.filter(customer_id=customer.pk, closed_at=None, opened_at__lte=request.moment)
    open_ones = dict(grievances.order_by().values_list("kind").annotate(Max("opened_at")))
    return Facts(
        joined_at=customer.first_seen_at,
        zone=customer.store.time_zone if customer.store else settings.TIME_ZONE,
        is_reachable=Identifier.objects.filter(customer=customer, kind=ADDRESS_OF[request.channel]).exists(),
        consents=_consents(customer.pk, request.channel),
        contacts=_contacts(touches, request.moment),
        value_touches=_value_touches(touches, request.moment),
        has_complaint=GrievanceKind.COMPLAINT in open_ones,
        mood_fell_at=open_ones.get(GrievanceKind.MOOD),
        had_content_at=_had_content_at(touches, request.content),
        quota_free_at=_quota_free_at(request, policy, customer.pk, ""),
    )


def facts_of_group(
    group: GroupStanding, *, request: Request, policy: Policy, counted: Sequence[str] = WHEN_PLANNED
) -> Facts:
    """Return what is known of a group for a decision; arguments as for `facts_of_person`."""
    touches = _touches(None, group.group_key, counted)
    return Facts(
        joined_at=group.joined_at,
        zone=group.time_zone,
        contacts=_contacts(touches, request.moment),
        value_touches=_value_touches(touches, request.moment),
        had_content_at=_had_content_at(touches, request.content),
        standing=group.standing,
        standing_since=group.since,
        quota_free_at=_quota_free_at(request, policy, None, group.group_key),
    )


def _touches(customer_id: int | None, group_key: str, counted: Sequence[str]) -> list[Touch]:
    receiver: dict[str, Any] = {"customer_id": customer_id, "group_key": group_key}
    rows = Touch.objects.filter(**receiver, state__in=counted)
    return list(rows.only("at", "channel", "intent", "content", "state").order_by("-at", "id"))


def _contacts(touches: list[Touch], moment: datetime) -> tuple[Contact, ...]:
    since = moment - timedelta(days=LONGEST_WINDOW_DAYS)
    return tuple(
        Contact(one.at, one.channel, one.intent, one.state == TouchState.PLANNED)
        for one in touches
        if one.at > since and one.intent != "transactional"
    )


def _value_touches(touches: list[Touch], moment: datetime) -> int:
    return sum(one.intent == "value" and one.state == TouchState.SENT and one.at <= moment for one in touches)


def _had_content_at(touches: list[Touch], content: str) -> datetime | None:
    return next((one.at for one in touches if one.content == content), None) if content else None


def _consents(customer_id: int, channel: str) -> dict[str, bool]:
    """Return the latest word by purpose, of the channel or of any."""
    entries = Consent.objects.filter(customer_id=customer_id, channel__in=(channel, ConsentChannel.ANY))
    ordered = entries.order_by("occurred_at", "id")
    return dict(ordered.values_list("purpose", "granted"))


def _quota_free_at(request: Request, policy: Policy, customer_id: int | None, group_key: str) -> datetime | None:
    slot = slot_at(channel=request.channel, policy=policy, moment=request.moment)
    if slot is None or not is_used_up(slot, customer_id=customer_id, group_key=group_key):
        return None
    return slot.ends_at
