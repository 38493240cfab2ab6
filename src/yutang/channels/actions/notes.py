"""Facts that others know: complaints and falls of mood, how a group stands, what the platform says of its quota."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import transaction

from yutang.channels.events import GroupStandingChanged
from yutang.channels.kept_policy import kept_policy
from yutang.channels.models import Grievance, GrievanceKind, GroupStanding
from yutang.channels.policy import GROUP_CHANNEL
from yutang.channels.quota import note_use
from yutang.channels.rules import STANDINGS
from yutang.channels.slots import slot_at
from yutang.channels.standing import person_within_reach
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class GrievanceIsUnknown(DomainError):
    """There is no such kind, or nothing open from the source."""

    code: ClassVar[str] = "grievance_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Nothing to note: name a complaint or a fall of mood, and where it is told, in at most 80 characters."
    )


class StandingIsUnknown(DomainError):
    """A group stands in no such way, or lives in no such time zone."""

    code: ClassVar[str] = "standing_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "A group has a key of at most 64 characters, a time zone that exists, and is one of: %(standings)s."
    )


@transaction.atomic
def open_grievance(*, actor: Actor, customer_id: int, kind: str, source: str, now: datetime) -> int:
    """Note that somebody complains or that their mood fell, and return the key; the same source is noted once.

    Args:
        actor: who notes it.
        customer_id: whose.
        kind: a `GrievanceKind`.
        source: where it is told at length, such as ``case:17``; no personal data. At most 80 characters.
        now: since when. Aware UTC.

    Raises:
        NoSuchCustomer: there is none within reach.
        GrievanceIsUnknown: there is no such kind, or no source.
    """
    actor.require("customers.tag")
    person_within_reach(actor, customer_id)
    if kind not in GrievanceKind.values or not 0 < len(source) <= 80:
        raise GrievanceIsUnknown
    row, is_new = Grievance.objects.get_or_create(
        source=source,
        defaults={"customer_id": customer_id, "kind": kind, "opened_at": now, "noted_by_id": actor.staff_id},
    )
    if is_new:
        _note(actor, "channels.open_grievance", customer_id, row, now)
    return row.pk


@transaction.atomic
def close_grievance(*, actor: Actor, source: str, now: datetime) -> None:
    """Note that a complaint is settled or a mood made good.

    Raises:
        GrievanceIsUnknown: nothing is open from the source.
        NoSuchCustomer: the person is not within reach.
    """
    actor.require("customers.tag")
    row = Grievance.objects.filter(source=source, closed_at=None).first()
    if row is None:
        raise GrievanceIsUnknown
    person_within_reach(actor, row.customer_id)
    Grievance.objects.filter(pk=row.pk, closed_at=None).update(closed_at=now)
    _note(actor, "channels.close_grievance", row.customer_id, row, now)


@transaction.atomic
def set_group_standing(
    *,
    actor: Actor,
    group_key: str,
    standing: str,
    joined_at: datetime | None = None,
    time_zone: str | None = None,
    now: datetime,
) -> None:
    """Note how a group stands; a group of which nothing was noted yet becomes known.

    Args:
        actor: who notes it; the system as a rule.
        group_key: key of the group. At most 64 characters.
        standing: one of `rules.STANDINGS`.
        joined_at: since when it exists; None: as noted before, else now. Aware UTC.
        time_zone: where it lives; None: as noted before, else that of the organisation.
        now: since when it stands so. Aware UTC.

    Raises:
        StandingIsUnknown: the key, the standing or the time zone cannot be.
    """
    actor.require("channels.send")
    if standing not in STANDINGS or not 0 < len(group_key) <= 64 or not _exists(time_zone):
        raise StandingIsUnknown(standings=", ".join(STANDINGS))
    known = GroupStanding.objects.select_for_update().filter(pk=group_key).first()
    before = known.standing if known is not None else ""
    GroupStanding.objects.update_or_create(
        group_key=group_key,
        defaults={
            "standing": standing,
            "since": known.since if known is not None and before == standing else now,
            "joined_at": joined_at or (known.joined_at if known is not None else now),
            "time_zone": time_zone or (known.time_zone if known is not None else settings.TIME_ZONE),
        },
    )
    if before != standing:
        if before:
            outbox.record(GroupStandingChanged(group_key, before, standing), now=now)
        detail = {"before": before, "standing": standing}
        audit(
            actor=actor,
            action="channels.set_group_standing",
            subject_type="customer_group",
            subject_id=group_key,
            detail=detail,
            now=now,
        )


@transaction.atomic
def note_group_standings(*, actor: Actor, standings: Mapping[str, str], now: datetime) -> int:
    """Note how many groups stand, set-based, and return how many stand otherwise than before; each of these is told and audited.

    Args:
        actor: who notes it; the system as a rule.
        standings: one of `rules.STANDINGS` by key of a group that is known; others are left out.
        now: since when they stand so. Aware UTC.

    Raises:
        StandingIsUnknown: a standing cannot be.
    """
    actor.require("channels.send")
    if set(standings.values()) - set(STANDINGS):
        raise StandingIsUnknown(standings=", ".join(STANDINGS))
    known = GroupStanding.objects.select_for_update().filter(pk__in=list(standings)).order_by("pk")
    changed = [(row, row.standing) for row in known if row.standing != standings[row.group_key]]
    for row, _before in changed:
        row.standing, row.since = standings[row.group_key], now
    GroupStanding.objects.bulk_update([row for row, _before in changed], ["standing", "since"], batch_size=500)
    outbox.record_all([GroupStandingChanged(row.group_key, before, row.standing) for row, before in changed], now=now)
    if changed:
        # One entry for all: a night may change thousands, and each of them is in the events.
        audit(
            actor=actor,
            action="channels.note_group_standings",
            subject_type="customer_group",
            subject_id="",
            detail={"groups": len(changed)},
            now=now,
        )
    return len(changed)


@transaction.atomic
def note_quota_use(
    *, actor: Actor, customer_id: int | None = None, group_key: str = "", used: int, now: datetime
) -> None:
    """Note that WeCom says a receiver has used so many places of the period: messages that others sent count there too.

    Raises:
        StandingIsUnknown: neither a person nor a group is named.
    """
    actor.require("channels.send")
    if (customer_id is None) != bool(group_key):
        raise StandingIsUnknown(standings=", ".join(STANDINGS))
    policy = kept_policy(now=now).policy
    slot = slot_at(channel=GROUP_CHANNEL if group_key else "wecom", policy=policy, moment=now)
    if slot is not None:
        note_use(slot, customer_id=customer_id, group_key=group_key, used=used)


def _exists(time_zone: str | None) -> bool:
    if time_zone is None:
        return True
    try:
        return bool(ZoneInfo(time_zone)) and len(time_zone) <= 40
    except (ZoneInfoNotFoundError, ValueError):
        return False


def _note(actor: Actor, action: str, customer_id: int, row: Grievance, now: datetime) -> None:
    detail = {"kind": row.kind, "source": row.source}
    audit(actor=actor, action=action, subject_type="customer", subject_id=customer_id, detail=detail, now=now)
