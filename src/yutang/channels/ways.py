"""By which ways something can go out, as the operator has set them up; read through `queries`."""

from __future__ import annotations

from django.conf import settings

from yutang.channels.delivery.books import wecom_book
from yutang.channels.delivery.gateways import senders
from yutang.channels.policy import GROUP_CHANNEL
from yutang.foundation.access import Actor


def ways_set_up(*, access: Actor) -> frozenset[str]:
    """Return the channels by which something can go out now; what is planned for another one waits until it is set up."""
    access.require("channels.view")
    found = set(senders())
    if wecom_book() is not None:
        found |= {"wecom", GROUP_CHANNEL}
    return frozenset(found)


def postbox_page() -> str:
    """Return where the phones and mailboxes of the sandbox are looked at; empty where messages go to real ones."""
    return str(settings.YUTANG_POSTBOX)


def postbox_ways() -> frozenset[str]:
    """Return which ways go to the sandbox: of ``sms`` and ``email`` those that the operator has not set up; none without it."""
    return frozenset(settings.YUTANG_POSTBOX_WAYS) if settings.YUTANG_POSTBOX else frozenset()
