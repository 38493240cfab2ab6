"""What the pages for customers show, and where platforms push to."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from yutang.channels.actions.comebacks import GATEWAYS, push_secret
from yutang.channels.actions.stops import PURPOSES, LinkIsUnknown
from yutang.channels.links import link_behind
from yutang.channels.models import LinkKind
from yutang.channels.policy import PURPOSE_OF
from yutang.customers.models import Customer
from yutang.foundation.access import Actor


@dataclass(frozen=True)
class StopChoices:
    """What can be ended by a link.

    Attributes:
        store: which looks after whoever was written to; empty: none.
        channel: by which the message came.
        purposes: that can be ended.
        chosen: of them, what the message was.
    """

    store: str
    channel: str
    purposes: tuple[str, ...]
    chosen: str


def stop_choices(*, token: str) -> StopChoices:
    """Return what can be ended by a link.

    Raises:
        LinkIsUnknown: there is no such link.
    """
    link = link_behind(token=token, kind=LinkKind.STOP)
    if link is None or link.touch is None or link.touch.customer_id is None:
        raise LinkIsUnknown
    purpose = PURPOSE_OF.get(link.touch.intent, "promotion")
    people = Customer.objects.filter(pk=link.touch.customer_id, store__isnull=False).order_by()
    store = people.values_list("store__name", flat=True).first()
    return StopChoices(store or "", link.channel, PURPOSES, purpose)


def link_target(*, token: str) -> str:
    """Return where a link leads, without writing down that somebody asked.

    Raises:
        LinkIsUnknown: there is no such link.
    """
    link = link_behind(token=token, kind=LinkKind.TARGET)
    if link is None or not link.target:
        raise LinkIsUnknown
    return link.target


def push_addresses(*, access: Actor) -> dict[str, str]:
    """Return where gateways push receipts and replies to, and where mail that comes back is posted, by what it is."""
    access.require("settings.manage")
    home = settings.YUTANG_PUBLIC_URL
    found = {
        f"{source} {what}": f"{home}/callbacks/sms/{source}/{what}/{push_secret(source=source)}/"
        for source in GATEWAYS
        for what in ("receipts", "replies")
    }
    return {**found, "mail": f"{home}/callbacks/mail/{push_secret(source='mail')}/"}
