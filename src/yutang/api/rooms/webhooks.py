"""Operations on webhooks: who is told what, what became of it, telling it again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Key, OneAsked, PageAsked, Shape, key_of, one, page, require_unchanged
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.speech import spoken
from yutang.webhooks import actions, queries

router = Router(tags=["webhooks"])

_Text = Annotated[str, StringConstraints(max_length=500)]


class EndpointShape(Shape):
    """A webhook. `health` is new, well, failing or off; `store_codes` null means all stores; counts are of the last 30 days."""

    id: int
    name: str
    url: str
    events: list[str]
    store_codes: list[str] | None
    with_people: bool
    made_by: str
    made_at: datetime
    health: str
    off_because: str
    off_at: datetime | None
    failing_since: datetime | None
    taken_at: datetime | None
    waiting: int
    taken: int
    dead: int


class MadeEndpointShape(Shape):
    """A webhook with its secret, which is shown this once: null when the same call is answered again."""

    id: int
    secret: str | None


class EndpointsShape(Shape):
    """All webhooks."""

    items: list[EndpointShape]
    next: str | None


class EventKindShape(Shape):
    """An event that a webhook may be told, and the permission that it takes."""

    event: str
    title: str
    permission: str
    about_people: bool


class EventKindsShape(Shape):
    """All events that a webhook may be told."""

    items: list[EventKindShape]
    next: str | None


class DeliveryShape(Shape):
    """One message to one webhook; `status` dead means given up. `message_id` is what came as webhook-id."""

    id: int
    endpoint_id: int
    message_id: str
    event: str
    status: str
    attempts: int
    occurred_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    answer_status: int | None
    fault: str
    took_ms: int | None


class DeliveriesPage(Shape):
    """A page of deliveries, newest first."""

    items: list[DeliveryShape]
    next: str | None


class ReplayedShape(Shape):
    """How many messages are sent again."""

    endpoint_id: int
    deliveries: int


class TestSent(Shape):
    """The delivery of a test message."""

    endpoint_id: int
    delivery_id: int


class DeletedShape(Shape):
    """What is no longer there."""

    id: int


class EndpointGiven(Given):
    """What a webhook is to be: `store_codes` empty for all stores within reach, `with_people` for masked names and phones."""

    name: str = Field(min_length=1, max_length=80)
    url: _Text
    events: list[_Text] = Field(min_length=1, max_length=100)
    store_codes: list[_Text] = Field(default_factory=list, max_length=1_000)
    with_people: bool = False


class SwitchGiven(Given):
    """Whether the webhook is sent anything."""

    on: bool


class DeliveriesAsked(PageAsked):
    """Filters of the list of deliveries."""

    status: Literal["waiting", "taken", "dead"] | None = None


_MANAGE = "webhooks.manage"


@operation(
    router, "GET", "/webhook-events", permission=_MANAGE, answers={200: EventKindsShape}, title="Events to be told"
)
def list_webhook_events(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return the events that a webhook of this token may be told."""
    refuse_unknown_parameters(request, OneAsked)
    shown = [
        EventKindShape(event=it.kind, title=spoken(it.title), permission=it.permission, about_people=it.about_people)
        for it in queries.event_choices(access=request.actor)
    ]
    return page(request, shown, kind=EventKindShape, following=None, fields=asked.fields)


@operation(router, "GET", "/webhooks", permission=_MANAGE, answers={200: EndpointsShape}, title="List webhooks")
def list_webhooks(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return all webhooks that are told no more than the token may see, on one page."""
    refuse_unknown_parameters(request, OneAsked)
    shown = [_endpoint(view) for view in queries.endpoints(access=request.actor)]
    return page(request, shown, kind=EndpointShape, following=None, fields=asked.fields)


@operation(
    router, "POST", "/webhooks", permission=_MANAGE, answers={201: MadeEndpointShape}, title="Register a webhook"
)
def create_webhook(request: ApiRequest, given: EndpointGiven) -> HttpResponse:
    """Register a receiver. Its secret is in this answer and nowhere else."""

    def work() -> Shape:
        made = actions.create_endpoint(actor=request.actor, **_wanted(given), now=request.now)
        return MadeEndpointShape(id=made.id, secret=made.secret)

    return once(
        request,
        work,
        status=201,
        location=lambda shown: f"/api/v1/webhooks/{shown.id}",
        kept_as=_without_secret,
    )


@operation(
    router, "GET", "/webhooks/{endpoint_id}", permission=_MANAGE, answers={200: EndpointShape}, title="One webhook"
)
def get_webhook(request: ApiRequest, endpoint_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one webhook: what it is told, and how it does."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _shown(request, endpoint_id), fields=asked.fields)


@operation(
    router,
    "PUT",
    "/webhooks/{endpoint_id}",
    permission=_MANAGE,
    answers={200: EndpointShape},
    refuses=(404, 415),
    title="Change a webhook",
)
def change_webhook(request: ApiRequest, endpoint_id: Key, given: EndpointGiven) -> HttpResponse:
    """Let a webhook have another name or address, or be told something else; everything is given anew."""

    def work() -> Shape:
        require_unchanged(request, _shown(request, endpoint_id))
        actions.change_endpoint(actor=request.actor, endpoint_id=endpoint_id, **_wanted(given), now=request.now)
        return _shown(request, endpoint_id)

    return once(request, work)


@operation(
    router,
    "DELETE",
    "/webhooks/{endpoint_id}",
    permission=_MANAGE,
    answers={200: DeletedShape},
    refuses=(404,),
    title="Delete a webhook",
)
def delete_webhook(request: ApiRequest, endpoint_id: Key) -> HttpResponse:
    """Forget a webhook, and what it was told."""

    def work() -> Shape:
        require_unchanged(request, _shown(request, endpoint_id))
        actions.delete_endpoint(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
        return DeletedShape(id=endpoint_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/webhooks/{endpoint_id}/switch",
    permission=_MANAGE,
    answers={200: EndpointShape},
    refuses=(404,),
    title="Switch a webhook on or off",
)
def switch_webhook(request: ApiRequest, endpoint_id: Key, given: SwitchGiven) -> HttpResponse:
    """Send a webhook nothing for the time being, or again; what happens meanwhile waits for it."""

    def work() -> Shape:
        require_unchanged(request, _shown(request, endpoint_id))
        switch = actions.switch_endpoint_on if given.on else actions.switch_endpoint_off
        switch(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
        return _shown(request, endpoint_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/webhooks/{endpoint_id}/secret",
    permission=_MANAGE,
    answers={200: MadeEndpointShape},
    refuses=(404,),
    title="Give a webhook a new secret",
)
def renew_webhook_secret(request: ApiRequest, endpoint_id: Key) -> HttpResponse:
    """Return a new secret, which is in this answer and nowhere else; the one before signs too for 24 hours."""

    def work() -> Shape:
        made = actions.renew_secret(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
        return MadeEndpointShape(id=made.id, secret=made.secret)

    return once(request, work, kept_as=_without_secret)


@operation(
    router,
    "POST",
    "/webhooks/{endpoint_id}/test",
    permission=_MANAGE,
    answers={202: TestSent},
    refuses=(404,),
    title="Send a test",
)
def test_webhook(request: ApiRequest, endpoint_id: Key) -> HttpResponse:
    """Have a test message sent by the worker; the list of deliveries says what became of it."""

    def work() -> Shape:
        delivery_id = actions.send_test(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
        return TestSent(endpoint_id=endpoint_id, delivery_id=delivery_id)

    return once(request, work, status=202)


@operation(
    router,
    "POST",
    "/webhooks/{endpoint_id}/replay",
    permission=_MANAGE,
    answers={202: ReplayedShape},
    refuses=(404,),
    title="Send again all that was given up",
)
def replay_webhook(request: ApiRequest, endpoint_id: Key) -> HttpResponse:
    """Send a webhook again every message that was given up, under the same ids."""

    def work() -> Shape:
        count = actions.replay_dead(actor=request.actor, endpoint_id=endpoint_id, now=request.now)
        return ReplayedShape(endpoint_id=endpoint_id, deliveries=count)

    return once(request, work, status=202)


@operation(
    router,
    "GET",
    "/webhooks/{endpoint_id}/deliveries",
    permission=_MANAGE,
    answers={200: DeliveriesPage},
    title="What a webhook was told",
)
def list_deliveries(request: ApiRequest, endpoint_id: Key, asked: Query[DeliveriesAsked]) -> HttpResponse:
    """Return messages to a webhook and what became of them, newest first."""
    refuse_unknown_parameters(request, DeliveriesAsked)
    found = queries.deliveries(
        access=request.actor,
        endpoint_id=endpoint_id,
        status=asked.status or "",
        before_id=key_of(asked.cursor),
        limit=asked.limit + 1,
    )
    following = str(found[asked.limit - 1].id) if len(found) > asked.limit else None
    shown = [DeliveryShape(**vars(view)) for view in found[: asked.limit]]
    return page(request, shown, kind=DeliveryShape, following=following, fields=asked.fields)


@operation(
    router,
    "POST",
    "/deliveries/{delivery_id}/replay",
    permission=_MANAGE,
    answers={202: ReplayedShape},
    refuses=(404,),
    title="Send one message again",
)
def replay_delivery(request: ApiRequest, delivery_id: Key) -> HttpResponse:
    """Send a message again that was taken or given up, under the same id."""

    def work() -> Shape:
        endpoint_id = actions.replay_delivery(actor=request.actor, delivery_id=delivery_id, now=request.now)
        return ReplayedShape(endpoint_id=endpoint_id, deliveries=1)

    return once(request, work, status=202)


def _wanted(given: EndpointGiven) -> dict[str, Any]:
    return given.model_dump()


def _without_secret(made: MadeEndpointShape) -> Shape:
    return MadeEndpointShape(id=made.id, secret=None)


def _shown(request: ApiRequest, endpoint_id: int) -> EndpointShape:
    return _endpoint(queries.endpoint(access=request.actor, endpoint_id=endpoint_id))


def _endpoint(view: queries.EndpointView) -> EndpointShape:
    told = vars(view) | {"events": list(view.events)}
    return EndpointShape(**told | {"store_codes": None if view.store_codes is None else list(view.store_codes)})
