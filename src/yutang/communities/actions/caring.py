"""What is done about a group: probes with what came of them, deeds with how it stood, and putting off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from yutang.channels.actions import set_group_standing
from yutang.communities.finding import one_within_reach, open_within_reach
from yutang.communities.models import Community, Deed, DeedKind, Opening, Probe, ProbeKind
from yutang.communities.placing import ask_for_groups
from yutang.communities.refusals import DeedIsUnknown, GroupCannotBeThis, ProbeIsWrong
from yutang.customers.models import Tag
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.text import N_, Sentence
from yutang.wecom.models import GroupMember

#: A probe may be told of so long afterwards, and a thing put off for so long.
_OLDEST, _LONGEST = timedelta(days=14), timedelta(days=60)
_MOST_MINUTES, _MOST_PACKETS = 3 * 24 * 60, 10_000
_RESTS = "fatigued"


@dataclass(frozen=True)
class Probed:
    """What came of asking a group for a sign of life.

    Attributes:
        kind: a `ProbeKind`.
        at: when it was asked. Aware UTC.
        minutes: after so many it was counted. 1 to 4,320.
        packets: red packets that were laid out; None for a poll and a roll call. Count.
        takers: members who took one, or answered; None where only `were_all_taken` is known. Count.
        were_all_taken: whether no packet was left; None where `takers` tells it.
        members: members who were there; None: as many as are in it now. Count.
    """

    kind: str
    at: datetime
    minutes: int
    packets: int | None = None
    takers: int | None = None
    were_all_taken: bool | None = None
    members: int | None = None


@transaction.atomic
def note_probe(*, actor: Actor, community_id: int, key: str, probed: Probed, now: datetime) -> int:
    """Write down what came of a probe, and return its key in the store; the same key is noted once.

    It counts for the night of its day, and is itself something that was done about the group.

    Raises:
        NoSuchCommunity: there is none within reach.
        GroupIsClosed: it is closed.
        ProbeIsWrong: it says what cannot be; says why.
    """
    actor.require("communities.change")
    row = open_within_reach(actor, community_id)
    known = Probe.objects.filter(key=key[:120]).first()
    if known is not None:
        return known.pk
    inside = GroupMember.objects.filter(group_id=row.group_id, left_at=None, account=None).count()
    members = inside if probed.members is None else probed.members
    why = _fault_of(probed, members, now)
    if why:
        raise ProbeIsWrong(why=Sentence(why))
    is_packets = probed.kind == ProbeKind.RED_PACKET
    all_taken = probed.were_all_taken
    if is_packets and all_taken is None and probed.takers is not None and probed.packets is not None:
        all_taken = probed.takers >= probed.packets
    day = timezone.localtime(probed.at).date()
    probe = Probe.objects.create(
        key=key[:120],
        community=row,
        kind=probed.kind,
        at=probed.at,
        day=day,
        members=members,
        packets=probed.packets if is_packets else None,
        takers=probed.takers,
        were_all_taken=all_taken if is_packets else None,
        minutes=probed.minutes,
        noted_by_id=actor.staff_id,
        noted_at=now,
    )
    _write_deed(actor, row, DeedKind.PROBE, {"probe": probe.pk}, "", at=probed.at)
    _note(actor, "communities.probe", row, {"kind": probed.kind, "takers": probed.takers}, now)
    return probe.pk


@transaction.atomic
def do_about(
    *,
    actor: Actor,
    community_id: int,
    deed: str,
    detail: Mapping[str, Any] | None = None,
    note: str = "",
    now: datetime,
) -> int:
    """Write down what is done about a group, do here what follows from it, and return the key of the entry.

    Resting lets the contact policy hold back posts for a while; closing and merging end that newcomers are led into it and let the
    policy refuse posts. Merging keeps places for its members in the other group and invites them; splitting, and opening the next
    one, ask the owner to make a group, into which a split then invites its part. Making and dismissing a group only the owner can do,
    in WeCom.

    Args:
        actor: needs ``communities.change``.
        community_id: about which group.
        deed: a `DeedKind` other than ``probe``.
        detail: ``with``: key of the group with which it is merged; ``tag``: key of the tag whose carriers get a group of their own;
            ``content``: what was posted.
        note: in a few words. At most 200 characters.
        now: aware UTC.

    Raises:
        NoSuchCommunity: there is none within reach.
        GroupIsClosed: it is closed.
        DeedIsUnknown: there is no such deed.
        GroupCannotBeThis: it cannot be merged with this one, or split so.
    """
    actor.require("communities.change")
    row = open_within_reach(actor, community_id)
    deeds = [kind.value for kind in DeedKind if kind != DeedKind.PROBE]
    if deed not in deeds:
        raise DeedIsUnknown(deed=deed, deeds=", ".join(deeds))
    told = dict(detail or {})
    if deed == DeedKind.MERGE:
        other = one_within_reach(actor, int(told.get("with") or 0))
        if other.pk == row.pk or other.closed_at is not None:
            raise GroupCannotBeThis(
                what=Sentence(N_("The group to merge with")), why=Sentence(N_("choose another that is open."))
            )
        row.merged_into = other
    if deed == DeedKind.SPLIT and told.get("tag"):
        _ask_for_part(row, int(told["tag"]), now=now)
    if deed == DeedKind.OPEN:
        ask_for_groups(community_ids=[row.pk], now=now)
    if deed in {DeedKind.MERGE, DeedKind.CLOSE}:
        row.closed_at = now
    key = _write_deed(actor, row, DeedKind(deed), told, note[:200], at=now)
    row.advice, row.advice_detail, row.urgency = "", {}, 0
    row.save(update_fields=["advice", "advice_detail", "urgency", "closed_at", "merged_into"])
    _follow(row, deed, key, now)
    _note(actor, "communities.act", row, {"deed": deed}, now)
    return key


def _follow(row: Community, deed: str, deed_id: int, now: datetime) -> None:
    """Tell the policy how a group stands now, and let its people be asked over where it is merged."""
    # Only the system speaks of groups to the policy: a store's people rest their own groups, and no others, through here.
    if deed == DeedKind.REST:
        set_group_standing(actor=Actor.system(), group_key=row.group.chat_id, standing=_RESTS, now=now)
    elif row.closed_at is not None:
        set_group_standing(actor=Actor.system(), group_key=row.group.chat_id, standing="dead", now=now)
    if deed == DeedKind.MERGE:
        # Imported late: the task leads people, and so calls this room's actions.
        from yutang.communities.tasks import ask_members_over

        jobs.enqueue(ask_members_over, {"deed_id": deed_id}, now=now)


def _ask_for_part(row: Community, tag_id: int, *, now: datetime) -> None:
    """Ask the owner for a group of those members who carry a tag.

    Raises:
        GroupCannotBeThis: there is no such tag, or the next group was made already.
    """
    what = Sentence(N_("The part that gets a group of its own"))
    tag = Tag.objects.filter(pk=tag_id).first()
    if tag is None:
        raise GroupCannotBeThis(what=what, why=Sentence(N_("choose a tag that there is.")))
    ask_for_groups(community_ids=[row.pk], now=now)
    same = set(Tag.objects.filter(group_id=tag.group_id).values_list("pk", flat=True))
    likeness = [*(one for one in row.likeness if one not in same), tag.pk]
    if not Opening.objects.filter(follows=row, opened=None).update(likeness=likeness):
        raise GroupCannotBeThis(what=what, why=Sentence(N_("the group after this one is there already.")))


@transaction.atomic
def open_again(*, actor: Actor, community_id: int, now: datetime) -> None:
    """Lead newcomers into a closed group again, and look at it each night.

    Raises:
        NoSuchCommunity: there is none within reach.
    """
    actor.require("communities.change")
    row = one_within_reach(actor, community_id)
    row.closed_at = row.merged_into = None
    row.save(update_fields=["closed_at", "merged_into"])
    set_group_standing(actor=Actor.system(), group_key=row.group.chat_id, standing="alive", now=now)
    _note(actor, "communities.open_again", row, {}, now)


@transaction.atomic
def put_off(*, actor: Actor, community_id: int, until: date, now: datetime) -> None:
    """Do not ask for anything about a group before a day.

    Raises:
        NoSuchCommunity: there is none within reach.
        GroupCannotBeThis: the day is not within the next 60 days.
    """
    actor.require("communities.change")
    row = one_within_reach(actor, community_id)
    today = timezone.localtime(now).date()
    if not today < until <= today + _LONGEST:
        raise GroupCannotBeThis(what=Sentence(N_("The day")), why=Sentence(N_("choose one of the next 60 days.")))
    Community.objects.filter(pk=row.pk).update(not_before=until)
    _note(actor, "communities.put_off", row, {"until": until.isoformat()}, now)


def _fault_of(probed: Probed, members: int, now: datetime) -> str:
    """Return why a probe cannot have been so, marked for translation; empty where it can."""
    is_packets = probed.kind == ProbeKind.RED_PACKET
    counted = probed.takers is not None
    checks = (
        (probed.kind not in ProbeKind.values, N_("a probe is red packets, a poll or a roll call.")),
        (not now - _OLDEST <= probed.at <= now, N_("it lies in the future, or more than 14 days back.")),
        (not 1 <= probed.minutes <= _MOST_MINUTES, N_("it was counted after 1 to 4,320 minutes.")),
        (members < 1, N_("there was nobody in the group.")),
        (is_packets and not 1 <= (probed.packets or 0) <= _MOST_PACKETS, N_("say how many packets were laid out.")),
        (
            not counted and (not is_packets or probed.were_all_taken is None),
            N_("say how many members took one or answered."),
        ),
        (counted and not 0 <= (probed.takers or 0) <= members, N_("more members than there are cannot have answered.")),
        (
            is_packets and counted and (probed.takers or 0) > (probed.packets or 0),
            N_("more packets than there were cannot be taken."),
        ),
    )
    return next((why for is_wrong, why in checks if is_wrong), "")


def _write_deed(
    actor: Actor, row: Community, kind: DeedKind, detail: dict[str, Any], note: str, *, at: datetime
) -> int:
    day = timezone.localtime(at).date()
    made = Deed.objects.create(
        community=row,
        kind=kind,
        day=day,
        at=at,
        by_id=actor.staff_id,
        note=note,
        detail=detail,
        life=row.life,
        before=row.share,
    )
    return made.pk


def _note(actor: Actor, action: str, row: Community, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="community", subject_id=row.pk, detail=detail, now=now)
