"""A content as its reader sees it, before it is sent: personal values masked, for one person or for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, override

from yutang.content.grammar import Template, template_of
from yutang.content.length import short_length
from yutang.content.models import Version
from yutang.content.variables import VARIABLES, known_names, values_for
from yutang.content.views import PreviewRow, Shown
from yutang.content.writing import LANGUAGES, WRITTEN_CHANNELS, Written, templates_of
from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.foundation.organisation import ORGANISATION_NAME
from yutang.foundation.queries import organisation_setting

#: People of one look at many.
PREVIEWED = 1_000


def shown_to(access: Actor, written: Written, customer_id: int | None, now: datetime) -> tuple[Shown, ...]:
    """Return a content by channel as a person reads it, or with samples."""
    known = known_names()
    body = template_of(written.body.strip(), known=known)
    subject = template_of(written.subject.strip(), known=known)
    names = tuple(dict.fromkeys([*body.names, *subject.names]))
    values = _samples(names, written.language) if customer_id is None else _values_of(access, customer_id, names, now)
    stands_before = signature()
    return tuple(
        _shown(channel, body, subject, values, stands_before)
        for channel in WRITTEN_CHANNELS
        if channel in written.channels
    )


def rows_for(access: Actor, version: Version, customer_ids: Sequence[int], now: datetime) -> tuple[PreviewRow, ...]:
    """Return what each of many people within reach would read."""
    body, _subject = templates_of(version)
    reached = _within_reach(access, customer_ids)
    values = values_for(body.names, customer_ids=reached, clear=False, now=now)
    return tuple(
        PreviewRow(customer_id, body.filled(known), bool(body.lacking(known))) for customer_id, known in values.items()
    )


def _shown(channel: str, body: Template, subject: Template, values: Mapping[str, str], signature: str) -> Shown:
    # A group has no values of one person.
    known = {} if channel == "group" else values
    read = (body, subject) if channel == "email" else (body,)
    lacking = tuple(dict.fromkeys(name for one in read for name in one.lacking(known)))
    told = {**known, **{name: f"[{gettext(VARIABLES[name].title)}]" for name in lacking}}
    text = body.filled(told)
    signed = signature if channel == "sms" else ""
    return Shown(
        channel=channel,
        text=text,
        subject=subject.filled(told) if channel == "email" else "",
        lacking=tuple(VARIABLES[name].title for name in lacking),
        length=short_length(signed + text),
        signature=signed,
    )


def signature() -> str:
    """Return what stands before a short message, in its brackets: the signature that goes to the gateway.

    Where none is set yet, the name of the organisation stands in for it, and a word where that is not known either.
    """
    named = settings.YUTANG_SMS["sign"] or organisation_setting(ORGANISATION_NAME) or gettext("Signature")
    return f"【{named}】"


def _samples(names: Sequence[str], language: str) -> dict[str, str]:
    """Return what stands for the values, in the language of the content."""
    with override(language if language in LANGUAGES else None):
        return {name: gettext(VARIABLES[name].sample) for name in names if VARIABLES[name].read is not None}


def _values_of(access: Actor, customer_id: int, names: Sequence[str], now: datetime) -> Mapping[str, str]:
    if not _within_reach(access, [customer_id]):
        raise NoSuchCustomer(customer_id=customer_id)
    return values_for(names, customer_ids=[customer_id], clear=False, now=now)[customer_id]


def _within_reach(access: Actor, customer_ids: Sequence[int]) -> list[int]:
    """Return the people whom the actor may see, in the order in which they were named."""
    access.require("customers.view")
    people = Customer.objects.filter(pk__in=list(customer_ids), merged_into=None)
    if access.store_ids is not None:
        people = people.filter(store_id__in=access.store_ids)
    reached = set(people.order_by().values_list("pk", flat=True))
    return [customer_id for customer_id in dict.fromkeys(customer_ids) if customer_id in reached]
