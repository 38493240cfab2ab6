"""Operations on what people do: events of any other system, taken in once each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

import orjson
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from yutang.api.answers import Given, Instant, Key, PageAsked, Shape, key_of, one, page
from yutang.api.behaviour import BehaviourView, Seen, behaviour_of, take_events
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.faults import first_fault
from yutang.api.group_events import tell_groups
from yutang.api.once import body_of, once
from yutang.api.refusals import BodyIsTooLarge, BodyIsUnreadable, InputIsWrong
from yutang.api.rows import MOST_BYTES, MOST_ROWS
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

router = Router(tags=["events"])

_LARGEST_PROPERTIES = 2_000
#: Identifiers that an event may name its person by, the surest first: field → kind of identifier.
_IDENTIFIERS = {
    "member_no": "member_no",
    "wecom_external_userid": "wecom",
    "wechat_unionid": "unionid",
    "wechat_openid": "openid",
    "phone": "phone",
    "email": "email",
}
_Identifier = Annotated[str, StringConstraints(max_length=120)]
_Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


_EXAMPLE = '{"source": "web_shop", "events": [{"id": "8f14e45f", "kind": "viewed", "happened_at": "2026-03-10T20:15:00+08:00"}]}'


class EventsAreMissing(DomainError):
    """The body is no object, or holds no event."""

    code: ClassVar[str] = "events_are_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The body names no event. It is an object with the name of the other system and a list of one event at least: %(example)s"
    )

    def __init__(self) -> None:
        super().__init__(example=_EXAMPLE)


class EventGiven(Given):
    """Something that a person did; name the person by one identifier at least, or by none for a stranger."""

    id: str = Field(min_length=1, max_length=100)
    kind: _Code
    happened_at: Instant
    member_no: _Identifier = ""
    wecom_external_userid: _Identifier = ""
    wechat_unionid: _Identifier = ""
    wechat_openid: _Identifier = ""
    phone: _Identifier = ""
    email: _Identifier = ""
    store_code: str = Field("", max_length=64)
    properties: dict[str, str | int | float | bool | None] = Field(default_factory=dict, max_length=20)


class EventsGiven(Given):
    """Events of one system."""

    source: _Code
    platform: str = Field("", max_length=40, pattern=r"^[a-z0-9_]*$")
    shop_name: str = Field("", max_length=120)
    events: list[EventGiven] = Field(min_length=1)


class EventsTaken(Shape):
    """How many events came, how many of them were not known yet, and how many name a group that is not known here."""

    received: int
    new: int
    unknown_groups: int = 0


class EventShape(Shape):
    """Something that a person did, as another system saw it."""

    id: int
    source: str
    event_id: str
    kind: str
    happened_at: datetime
    store_id: int | None
    properties: dict[str, Any]


class EventsPage(Shape):
    """A page of what a person did, the last that came first."""

    items: list[EventShape]
    next: str | None


_GIVEN = TypeAdapter(EventsGiven)


def _described() -> dict[str, Any]:
    """Return the schema of the body, whole in itself."""
    schema = EventsGiven.model_json_schema()
    event = schema.pop("$defs")["EventGiven"]
    schema["properties"]["events"] = {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": event}
    schema["example"] = {
        "source": "web_shop",
        "events": [
            {
                "id": "8f14e45f",
                "kind": "viewed",
                "happened_at": "2026-03-10T20:15:00+08:00",
                "member_no": "M0042",
                "properties": {"product_code": "P1", "seconds": 48},
            }
        ],
    }
    return schema


@operation(
    router,
    "POST",
    "/events",
    permission="events.record",
    answers={200: EventsTaken},
    refuses=(400,),
    title="Record what people did",
    body=_described(),
    key_is_needed=False,
)
def record_events(request: ApiRequest) -> HttpResponse:
    """Take in up to 10,000 events of any system: viewed, added to the cart, visited, chatted, or what else it calls them.

    An event is taken once by its id, so an Idempotency-Key is not needed. Who is not known yet is found later, within the hour.
    """
    body_of(request, most_bytes=MOST_BYTES)

    def work() -> Shape:
        given = _read(request.body)
        new = take_events(
            actor=request.actor,
            source=given.source,
            events=[_seen(event) for event in given.events],
            platform=given.platform,
            shop_name=given.shop_name,
            now=request.now,
        )
        unknown = tell_groups(
            actor=request.actor, source=given.source, events=[_seen(event) for event in given.events], now=request.now
        )
        return EventsTaken(received=len(given.events), new=new, unknown_groups=unknown)

    return once(request, work) if request.headers.get("Idempotency-Key") else one(request, work())


@operation(
    router,
    "GET",
    "/customers/{customer_id}/events",
    permission="customers.view",
    answers={200: EventsPage},
    title="What a customer did",
)
def list_events(request: ApiRequest, customer_id: Key, asked: Query[PageAsked]) -> HttpResponse:
    """Return what a person did, as other systems told it, the last that came first."""
    refuse_unknown_parameters(request, PageAsked)
    found = behaviour_of(
        access=request.actor, customer_id=customer_id, before_id=key_of(asked.cursor), limit=asked.limit + 1
    )
    following = str(found[asked.limit - 1].id) if len(found) > asked.limit else None
    return page(
        request,
        [_event(view) for view in found[: asked.limit]],
        kind=EventShape,
        following=following,
        fields=asked.fields,
    )


def _read(body: bytes) -> EventsGiven:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyIsUnreadable from error
    if not isinstance(given, dict) or given.get("events") in (None, []):
        raise EventsAreMissing
    if isinstance(given.get("events"), list) and len(given["events"]) > MOST_ROWS:
        raise BodyIsTooLarge(most=Sentence(N_("%(n)s events"), {"n": MOST_ROWS}))
    try:
        read = _GIVEN.validate_python(given)
    except ValidationError as error:
        raise first_fault(error) from error
    for number, event in enumerate(read.events):
        if event.properties and len(orjson.dumps(event.properties)) > _LARGEST_PROPERTIES:
            raise InputIsWrong(where=f"events.{number}.properties", what=f"> {_LARGEST_PROPERTIES} bytes")
    return read


def _seen(event: EventGiven) -> Seen:
    named = [(kind, value) for field, kind in _IDENTIFIERS.items() if (value := getattr(event, field))]
    return Seen(event.id, event.kind, event.happened_at, named, event.store_code, dict(event.properties))


def _event(view: BehaviourView) -> EventShape:
    return EventShape(
        id=view.id,
        source=view.source,
        event_id=view.event_id,
        kind=view.kind,
        happened_at=view.happened_at,
        store_id=view.store_id,
        properties=view.properties,
    )
