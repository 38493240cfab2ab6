"""What the merchant is called on the pages of customers."""

from __future__ import annotations

from django.conf import settings

from yutang.foundation.access import Actor
from yutang.foundation.organisation import ORGANISATION_NAME
from yutang.foundation.queries import organisation_setting, stores


def merchant_name(*, known_by: str = "") -> str:
    """Return the name by which customers know the merchant; empty where none was ever told.

    The organisation's name, else what stands before its short messages or as the sender of its mails, else the name of the store
    that the reader knows, else that of the only store.

    Args:
        known_by: name of the store that looks after the reader; empty: of nobody in particular.
    """
    told = (
        organisation_setting(ORGANISATION_NAME),
        settings.YUTANG_SMS["sign"],
        settings.YUTANG_MAIL["sender_name"],
        known_by,
    )
    return next((name for one in told if (name := str(one).strip())), "") or _only_store()


def _only_store() -> str:
    names = [one.name for one in stores(access=Actor.system())]
    return names[0] if len(names) == 1 else ""
