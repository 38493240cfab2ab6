"""Every change of receivers and of what they are told: register, change, switch, renew the secret, test, replay."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction

from yutang.connectors.addresses import target_of
from yutang.connectors.webhook import new_secret
from yutang.foundation.access import Actor
from yutang.foundation.actions import NoSuchStore
from yutang.foundation.announced import ANNOUNCED
from yutang.foundation.audit import audit
from yutang.foundation.queries import MoreThanYouHave, stores
from yutang.foundation.sealing import seal, unseal
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.webhooks.announcing import TEST, new_token, wake
from yutang.webhooks.models import Delivery, DeliveryStatus, Endpoint, Message, OffBecause
from yutang.webhooks.standing import NoSuchEndpoint, endpoint_within_reach, permissions_for

MOST_ENDPOINTS = 50
#: After a new secret the one before signs too, so that a receiver can change over.
BOTH_SIGN = timedelta(hours=24)


class NoSuchDelivery(DomainError):
    """There is no such delivery."""

    code: ClassVar[str] = "no_such_delivery"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no delivery %(delivery_id)s within your reach.")


class EndpointNameIsWrong(DomainError):
    """A receiver has a name by which people know what it is for."""

    code: ClassVar[str] = "endpoint_name_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Give the webhook a name of 1 to 80 characters that says what it is for.")


class EventIsUnknown(DomainError):
    """Nothing of the kind is told."""

    code: ClassVar[str] = "event_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("No event is called “%(event)s”. There are: %(events)s.")


class EndpointNeedsEvents(DomainError):
    """A receiver that asks for nothing is told nothing."""

    code: ClassVar[str] = "endpoint_needs_events"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Choose one event at least that the webhook is told.")


class TooManyEndpoints(DomainError):
    """Each receiver is sent each event."""

    code: ClassVar[str] = "too_many_endpoints"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "There are %(most)s webhooks already, and no more are taken. Delete one that nobody needs."
    )


class EndpointIsOff(DomainError):
    """What is switched off is sent nothing."""

    code: ClassVar[str] = "endpoint_is_off"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This webhook is switched off. Switch it on first; what waits is sent then.")


class DeliveryWaitsAlready(DomainError):
    """It is going to be tried anyway."""

    code: ClassVar[str] = "delivery_waits_already"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This delivery waits already and will be tried.")


@dataclass(frozen=True)
class MadeEndpoint:
    """A new receiver, or one with a new secret; `secret` is shown once and kept sealed."""

    id: int
    secret: str


@dataclass(frozen=True)
class _Wanted:
    """What a receiver is to be, checked."""

    name: str
    url: str
    events: list[str]
    with_people: bool
    store_ids: list[int] | None

    def columns(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "url": self.url,
            "events": self.events,
            "with_people": self.with_people,
            "is_scoped": self.store_ids is not None,
        }

    def detail(self) -> dict[str, Any]:
        return {**self.columns(), "store_ids": self.store_ids}


@transaction.atomic
def create_endpoint(
    *,
    actor: Actor,
    name: str,
    url: str,
    events: Collection[str],
    store_codes: Collection[str] = (),
    with_people: bool = False,
    now: datetime,
) -> MadeEndpoint:
    """Register a receiver; from now on it is told of these events.

    Args:
        actor: who registers it; needs ``webhooks.manage`` and what the events need.
        name: what it is for. 1 to 80 characters.
        url: where messages are posted to.
        events: kinds of events, such as ``customers.PeopleMerged``.
        store_codes: it is told only of these stores; none: of all that the actor reaches.
        with_people: whether people stand in the message with masked name and phone, beside their keys.
        now: when. Aware UTC.

    Raises:
        NotAllowed: the actor does not manage webhooks.
        MoreThanYouHave: it would be told more than the actor may see.
        EndpointNameIsWrong: the name is empty or too long.
        AddressIsRefused: nothing may be sent to the address.
        EventIsUnknown: nothing of that kind is told.
        EndpointNeedsEvents: no event is chosen.
        NoSuchStore: a store does not exist within the actor's reach.
        TooManyEndpoints: there are 50 already.
    """
    actor.require("webhooks.manage")
    wanted = _checked(actor, name, url, events, store_codes, with_people)
    if Endpoint.objects.count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints(most=MOST_ENDPOINTS)
    secret = new_secret()
    endpoint = Endpoint.objects.create(
        **wanted.columns(), sealed_secret=seal({"secret": secret}), made_by_id=actor.staff_id, made_at=now
    )
    endpoint.stores.set(wanted.store_ids or [])
    _note(actor, "webhooks.create_endpoint", endpoint.pk, wanted.detail(), now=now)
    return MadeEndpoint(endpoint.pk, secret)


@transaction.atomic
def change_endpoint(
    *,
    actor: Actor,
    endpoint_id: int,
    name: str,
    url: str,
    events: Collection[str],
    store_codes: Collection[str] = (),
    with_people: bool = False,
    now: datetime,
) -> None:
    """Let a receiver have another name or address, or be told something else; arguments as for `create_endpoint`.

    Raises:
        NoSuchEndpoint: there is none within reach.
    """
    endpoint = endpoint_within_reach(access=actor, endpoint_id=endpoint_id)
    wanted = _checked(actor, name, url, events, store_codes, with_people)
    Endpoint.objects.filter(pk=endpoint.pk).update(**wanted.columns())
    endpoint.stores.set(wanted.store_ids or [])
    _note(actor, "webhooks.change_endpoint", endpoint.pk, wanted.detail(), now=now)


@transaction.atomic
def delete_endpoint(*, actor: Actor, endpoint_id: int, now: datetime) -> None:
    """Forget a receiver, and what it was told.

    Raises:
        NoSuchEndpoint: there is none within reach.
    """
    endpoint = endpoint_within_reach(access=actor, endpoint_id=endpoint_id)
    _note(actor, "webhooks.delete_endpoint", endpoint.pk, {"name": endpoint.name, "url": endpoint.url}, now=now)
    endpoint.delete()


@transaction.atomic
def switch_endpoint_off(*, actor: Actor, endpoint_id: int, now: datetime) -> None:
    """Send a receiver nothing for the time being; what happens meanwhile waits for it, 30 days at most.

    Raises:
        NoSuchEndpoint: there is none within reach.
    """
    endpoint = endpoint_within_reach(access=actor, endpoint_id=endpoint_id)
    on = Endpoint.objects.filter(pk=endpoint.pk, off_at=None)
    if on.update(off_at=now, off_because=OffBecause.PERSON, told_at=now):
        _note(actor, "webhooks.switched_off", endpoint.pk, {"reason": str(OffBecause.PERSON)}, now=now)


@transaction.atomic
def switch_endpoint_on(*, actor: Actor, endpoint_id: int, now: datetime) -> None:
    """Send to a receiver again, and what waited for it.

    Raises:
        NoSuchEndpoint: there is none within reach.
    """
    endpoint = endpoint_within_reach(access=actor, endpoint_id=endpoint_id)
    off = Endpoint.objects.filter(pk=endpoint.pk, off_at__isnull=False)
    fresh = {"failing_since": None, "failures": 0, "rests_until": None}
    if off.update(off_at=None, off_because="", told_at=None, **fresh):
        _note(actor, "webhooks.switched_on", endpoint.pk, {}, now=now)
        wake(now=now)


@transaction.atomic
def renew_secret(*, actor: Actor, endpoint_id: int, now: datetime) -> MadeEndpoint:
    """Give a receiver a new secret; the one before signs too for a day.

    Raises:
        NoSuchEndpoint: there is none within reach.
    """
    endpoint = endpoint_within_reach(access=actor, endpoint_id=endpoint_id)
    secret, before = new_secret(), unseal(endpoint.sealed_secret)["secret"]
    kept = {"secret": secret, "before": before, "before_until": (now + BOTH_SIGN).timestamp()}
    Endpoint.objects.filter(pk=endpoint.pk).update(sealed_secret=seal(kept))
    _note(actor, "webhooks.renew_secret", endpoint.pk, {}, now=now)
    return MadeEndpoint(endpoint.pk, secret)


@transaction.atomic
def send_test(*, actor: Actor, endpoint_id: int, now: datetime) -> int:
    """Have a test message sent to a receiver, and return the key of the delivery.

    Raises:
        NoSuchEndpoint: there is none within reach.
        EndpointIsOff: it is switched off.
    """
    endpoint = _switched_on(actor, endpoint_id)
    message = Message.objects.create(token=new_token(), kind=TEST, facts={"endpoint_id": endpoint.pk}, occurred_at=now)
    delivery = Delivery.objects.create(endpoint=endpoint, message=message, next_at=now)
    _let_go(endpoint, now=now)
    return delivery.pk


@transaction.atomic
def replay_delivery(*, actor: Actor, delivery_id: int, now: datetime) -> int:
    """Send a message again that was taken or given up, under the same id; return the key of the receiver.

    Raises:
        NoSuchDelivery: there is none within reach.
        EndpointIsOff: the receiver is switched off.
        DeliveryWaitsAlready: it will be tried anyway.
    """
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    try:
        endpoint = _switched_on(actor, delivery.endpoint_id if delivery else 0)
    except NoSuchEndpoint as refusal:
        raise NoSuchDelivery(delivery_id=delivery_id) from refusal
    if not _again(Delivery.objects.filter(pk=delivery_id), (DeliveryStatus.TAKEN, DeliveryStatus.DEAD), now=now):
        raise DeliveryWaitsAlready
    _let_go(endpoint, now=now)
    _note(actor, "webhooks.replay", endpoint.pk, {"delivery_id": delivery_id}, now=now)
    return endpoint.pk


@transaction.atomic
def replay_dead(*, actor: Actor, endpoint_id: int, now: datetime) -> int:
    """Send a receiver again all that was given up, and return how many messages that are.

    Raises:
        NoSuchEndpoint: there is none within reach.
        EndpointIsOff: it is switched off.
    """
    endpoint = _switched_on(actor, endpoint_id)
    count = _again(Delivery.objects.filter(endpoint=endpoint), (DeliveryStatus.DEAD,), now=now)
    if count:
        _let_go(endpoint, now=now)
        _note(actor, "webhooks.replay", endpoint.pk, {"rows": count}, now=now)
    return count


def note_switch_offs_told(*, actor: Actor, now: datetime) -> tuple[tuple[int, str], ...]:
    """Return key and name of receivers that were switched off by themselves and of which nobody was told yet: each once."""
    if not actor.can("webhooks.manage") or actor.store_ids is not None:
        return ()
    untold = Endpoint.objects.filter(off_at__isnull=False, told_at=None).order_by("id")
    found = tuple(untold.values_list("pk", "name"))
    return tuple(one for one in found if Endpoint.objects.filter(pk=one[0], told_at=None).update(told_at=now))


def _checked(
    actor: Actor, name: str, url: str, events: Collection[str], store_codes: Collection[str], with_people: bool
) -> _Wanted:
    if not 0 < len(name.strip()) <= 80:
        raise EndpointNameIsWrong
    target_of(url.strip(), opened=settings.YUTANG_WEBHOOK_NETWORKS)
    for kind in events:
        if kind not in ANNOUNCED:
            raise EventIsUnknown(event=kind[:80], events=", ".join(one.kind for one in ANNOUNCED))
    if not events:
        raise EndpointNeedsEvents
    within_reach = {store.code: store.id for store in stores(access=actor)}
    for code in sorted(set(store_codes) - set(within_reach)):
        raise NoSuchStore(store_code=code)
    chosen = sorted(within_reach[code] for code in set(store_codes))
    reach = chosen if store_codes else None if actor.store_ids is None else sorted(actor.store_ids)
    needed = permissions_for(kinds=events, with_people=with_people)
    if not needed <= actor.permissions:
        raise MoreThanYouHave(permissions=sorted(needed - actor.permissions))
    return _Wanted(name.strip(), url.strip(), [one.kind for one in ANNOUNCED if one.kind in events], with_people, reach)


def _switched_on(actor: Actor, endpoint_id: int) -> Endpoint:
    endpoint = endpoint_within_reach(access=actor, endpoint_id=endpoint_id)
    if endpoint.off_at is not None:
        raise EndpointIsOff
    return endpoint


def _again(rows: Any, statuses: Collection[str], *, now: datetime) -> int:
    fresh = {"attempts": 0, "next_at": now, "lease_token": ""}
    return int(rows.filter(status__in=statuses).update(status=DeliveryStatus.WAITING, **fresh))


def _let_go(endpoint: Endpoint, *, now: datetime) -> None:
    """End a receiver's rest: a person wants to see now whether it works."""
    Endpoint.objects.filter(pk=endpoint.pk).update(rests_until=None)
    wake(now=now)


def _note(actor: Actor, action: str, endpoint_id: int, detail: dict[str, Any], *, now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="webhook", subject_id=endpoint_id, detail=detail, now=now)
