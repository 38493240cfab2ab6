"""Who the token stands for, the stores within its reach, and the tags."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from ninja import Query, Router

from yutang.api.answers import OneAsked, Shape, one, page
from yutang.api.door import ANY_TOKEN, ApiRequest, operation, refuse_unknown_parameters
from yutang.customers import queries as people
from yutang.foundation import queries
from yutang.foundation.access import PERMISSIONS

router = Router(tags=["about"])


class Me(Shape):
    """Who calls."""

    label: str
    role: str
    permissions: list[str]
    store_ids: list[int] | None
    calls_per_minute: int


class StoreShape(Shape):
    """A store."""

    id: int
    code: str
    name: str
    city: str
    region: str
    time_zone: str
    opened_on: date | None
    closed_on: date | None


class StoresShape(Shape):
    """All stores within reach."""

    items: list[StoreShape]
    next: str | None


class TagShape(Shape):
    """A tag, how it is given, and how many people within reach carry it."""

    id: int
    group: str
    name: str
    by_rule: bool
    expires_after_days: int | None
    people: int


class TagsShape(Shape):
    """All tags."""

    items: list[TagShape]
    next: str | None


@operation(router, "GET", "/me", permission=ANY_TOKEN, answers={200: Me}, title="Who the token stands for")
def me(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return role, permissions and stores behind the token; `store_ids` null means every store."""
    refuse_unknown_parameters(request, OneAsked)
    actor = request.actor
    shown = Me(
        label=actor.label,
        role=actor.role,
        permissions=sorted(permission for permission in PERMISSIONS if actor.can(permission)),
        store_ids=None if actor.store_ids is None else sorted(actor.store_ids),
        calls_per_minute=actor.per_minute,
    )
    return one(request, shown, fields=asked.fields)


@operation(router, "GET", "/stores", permission=ANY_TOKEN, answers={200: StoresShape}, title="Stores within reach")
def stores(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return all stores within reach, by code, on one page."""
    refuse_unknown_parameters(request, OneAsked)
    shown = [
        StoreShape(
            id=store.id,
            code=store.code,
            name=store.name,
            city=store.city,
            region=store.region.name if store.region else "",
            time_zone=store.time_zone,
            opened_on=store.opened_on,
            closed_on=store.closed_on,
        )
        for store in queries.stores(access=request.actor)
    ]
    return page(request, shown, kind=StoreShape, following=None, fields=asked.fields)


@operation(router, "GET", "/tags", permission="customers.view", answers={200: TagsShape}, title="Tags")
def tags(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return all tags, group by group, on one page."""
    refuse_unknown_parameters(request, OneAsked)
    shown = [
        TagShape(
            id=tag.id,
            group=group.name,
            name=tag.name,
            by_rule=tag.rule is not None,
            expires_after_days=tag.expires_after_days,
            people=tag.people,
        )
        for group in people.tag_groups(access=request.actor)
        for tag in group.tags
    ]
    return page(request, shown, kind=TagShape, following=None, fields=asked.fields)
