"""Marking what the lake must read again when people, their tags or their consents change."""

from __future__ import annotations

from datetime import datetime

from yutang.ingest import journal
from yutang.lake.partitions import WHOLE

_PEOPLE = "customers_customer"
_TAGS = "customers_tag"
_CONSENTS = "customers_consent"


def touch_people(*, now: datetime) -> None:
    """Mark people and their identifiers as changed."""
    journal.touch(_PEOPLE, [WHOLE], now=now)


def touch_tags(*, now: datetime) -> None:
    """Mark tags that people carry as changed."""
    journal.touch(_TAGS, [WHOLE], now=now)


def touch_consents(*, now: datetime) -> None:
    """Mark the ledger of consents as changed."""
    journal.touch(_CONSENTS, [WHOLE], now=now)


def touch_belongings(*, now: datetime) -> None:
    """Mark people and all that moves with them as changed: two became one, or one became two again."""
    touch_people(now=now)
    touch_tags(now=now)
    touch_consents(now=now)
