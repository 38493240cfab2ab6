"""Who leads newcomers of codes into groups: the room above that knows living groups plugs in here.

Where nobody is plugged in, or the room of groups knows none that fits, the page shows the oldest group that fits, as before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db.models import QuerySet

from yutang.codes.guards import HELD_BACK
from yutang.codes.models import Code, Group, Newcomer, Spot
from yutang.foundation.sealing import digest16
from yutang.foundation.signed_links import SignedLinkIsOver, SignedLinkIsUnknown, read, sign

#: So long after they came newcomers are led into a group; who has not come in by then is not asked again.
PATIENCE = timedelta(days=14)
_PURPOSE = "code-group"
#: The link of a greeting may be opened so much later.
_LASTS = timedelta(days=30)
#: Who is greeted is written down as a newcomer within so long, also while the workers have much to do.
_WRITTEN_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class ToLead:
    """A newcomer who is to be led into a group.

    Attributes:
        newcomer_id: of the attribution.
        code_id: by which code.
        customer_id: who.
        store_id: of the place by which they came; None: of none.
        name: only groups whose names begin so, of whatever store; empty: those of the store.
        most: people up to which such a group is filled.
    """

    newcomer_id: int
    code_id: int
    customer_id: int
    store_id: int | None
    name: str
    most: int


@dataclass(frozen=True)
class Led:
    """Where a newcomer is led.

    Attributes:
        group_key: in which group a place is kept, or in which they are; empty: in none.
        is_waiting: whether groups fit, and all are full: the next one is asked for.
    """

    group_key: str
    is_waiting: bool = False


class LeadsNewcomers(Protocol):
    """A room that keeps places in groups."""

    def lead(self, *, newcomers: Sequence[ToLead], now: datetime) -> Mapping[int, Led]:
        """Keep a place for each in the fitting group, and return where, by newcomer; asked again, the same."""


@dataclass
class _Leader:
    leader: LeadsNewcomers | None = None


_PRESENT = _Leader()


def plug_in(leader: LeadsNewcomers | None) -> None:
    """Let newcomers be led from now on; None: by nobody."""
    _PRESENT.leader = leader


def led(*, newcomer: Newcomer, now: datetime) -> Led | None:
    """Return where a newcomer is led; None where nobody leads, or nobody is led by their code."""
    wanted = to_lead([newcomer])
    if _PRESENT.leader is None or not wanted:
        return None
    return _PRESENT.leader.lead(newcomers=wanted, now=now).get(newcomer.pk)


def leads_into_groups() -> bool:
    """Return whether a code leads its newcomers into groups."""
    return Code.objects.exclude(group=Group.NONE).exists()


def newcomers_to_lead(*, now: datetime) -> QuerySet[Newcomer]:
    """Return who came lately by a code that leads into a group, was not held back, is still there, and is in no group yet."""
    rows = Newcomer.objects.filter(
        noted__in=("joined", "kept"),
        customer__isnull=False,
        left_at=None,
        joined_group_at=None,
        added_at__gt=now - PATIENCE,
        # By the index of the day; the clock of a store may be a day behind.
        added_date__gte=(now - PATIENCE).date() - timedelta(days=1),
    )
    return rows.exclude(code__group=Group.NONE).exclude(verdict__in=HELD_BACK).select_related("code")


def to_lead(rows: Collection[Newcomer]) -> list[ToLead]:
    """Return how newcomers are to be led; who was erased, and who came by a code that leads nowhere, are left out."""
    return [
        ToLead(one.pk, one.code_id, one.customer_id, one.store_id, _name(one.code), one.code.group_places)
        for one in rows
        if one.customer_id is not None and one.code.group != Group.NONE
    ]


def group_address(*, token: str, external_userid: str, now: datetime) -> str:
    """Return the address of the page that shows one newcomer the code of their group; it names nobody to others."""
    who = digest16("wecom", "", external_userid).hex()
    signed = sign(_PURPOSE, f"{token} {who}", until=now + _LASTS)
    return f"{settings.YUTANG_PUBLIC_URL}/c/{token}/group?p={signed}"


def newcomer_of(signed: str, *, spot: Spot, now: datetime) -> Newcomer | None:
    """Return the newcomer whom the link of a greeting names; None where it names nobody, or nobody has come yet."""
    named = _named(signed, spot, now)
    if named is None:
        return None
    rows = Newcomer.objects.filter(code_id=spot.code_id, friendship__contact__digest=named[0], customer__isnull=False)
    return rows.select_related("code").first()


def is_just_greeted(signed: str, *, spot: Spot, now: datetime) -> bool:
    """Return whether the link of a greeting was made a moment ago: whoever it names is greeted before they are written down."""
    named = _named(signed, spot, now)
    return named is not None and now < named[1] + _WRITTEN_WITHIN


def _named(signed: str, spot: Spot, now: datetime) -> tuple[bytes, datetime] | None:
    """Return whom a link of a greeting names, as a digest, and when it was made; None where it is none of this place."""
    try:
        found = read(signed, _PURPOSE, now=now)
        token, _space, who = found.ref.partition(" ")
        digest = bytes.fromhex(who)
    except (SignedLinkIsUnknown, SignedLinkIsOver, ValueError):
        return None
    return (digest, found.until - _LASTS) if token == spot.token else None


def _name(code: Code) -> str:
    return code.group_prefix if code.group == Group.NAMED else ""
