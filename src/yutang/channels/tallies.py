"""Campaigns in a list and one campaign while it moves: counts, the way of the messages, who must still confirm, what came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from yutang.channels.actions.campaigns import NoSuchCampaign
from yutang.channels.actions.launching import audience_size, may_remind
from yutang.channels.audiences_of import audience_from, people_in
from yutang.channels.came_back import (
    BY_STAFF,
    ENDED_AFTER,
    FIRST_STATION,
    OF_STAFF,
    TAKEN,
    WAY,
    bought,
    came_as_far_as,
    receivers_counted,
    replied,
    said_no,
    told_in,
)
from yutang.channels.columns import Ints
from yutang.channels.confirmations import Going
from yutang.channels.holding_out import HELD_OUT, experiment_key
from yutang.channels.models import (
    OTHER_WAY,
    Campaign,
    DeliveryState,
    LinkKind,
    LinkVisit,
    MassTask,
    TaskState,
    Touch,
    TouchState,
)
from yutang.channels.models import Decision as KeptDecision
from yutang.channels.previews import (
    PreviewView,
    answers_like,
    answers_within,
    going_of,
    kept_answers,
    preview_of,
    preview_within,
)
from yutang.channels.results import CampaignView, view_of
from yutang.channels.within import reaches_whole, receivers_within, rows_within
from yutang.experiments.queries import NoSuchExperiment, experiment_view
from yutang.foundation.access import Actor

_S = DeliveryState
#: Channels by which a member of staff sends.
_ANY_REASON = ("refuse", "replace")


@dataclass(frozen=True)
class Tally:
    """Counts of a campaign: messages planned, let out and delivered; people who clicked; people who bought afterwards."""

    planned: int = 0
    sent: int = 0
    delivered: int = 0
    clicked: int = 0
    bought: int = 0


@dataclass(frozen=True)
class CampaignFilters:
    """What the list of campaigns is narrowed to; an empty field narrows nothing."""

    text: str = ""
    state: str = ""
    channel: str = ""


@dataclass(frozen=True)
class Waiting:
    """A member of staff who has not confirmed.

    Attributes:
        sender: userid of WeCom.
        messages: that wait for them. Count.
        until: when they are taken back.
        may_be_reminded: whether WeCom would ask once more now.
    """

    task_id: int
    sender: str
    channel: str
    messages: int
    handed_at: datetime
    until: datetime
    reminders: int
    reminded_at: datetime | None
    may_be_reminded: bool


@dataclass(frozen=True)
class Progress:
    """How far the messages of a campaign have come.

    Attributes:
        way: messages that came at least so far, by station, and people where a campaign has another way; by ways that need no
            staff ``notified`` and ``confirmed`` stay empty.
        ends: messages that did not arrive, by why.
        other_way: people whom the first way did not reach when it was tried, and who are planned or told by the other one. Count.
        at_once: people to whom the first way does not lead, and for whom the other one was planned from the beginning. Count.
        held: people or groups that are held out. Count.
        useful: messages that went instead of a promotion that came too early. Count.
        replies: people who wrote back within `ANSWERED_DAYS`.
        opt_outs: people who said no within `ANSWERED_DAYS`.
        bought: people who bought within `BOUGHT_DAYS`.
        is_moving: whether anything may still change by itself.
        waiting: tasks that staff must still confirm.
        to_come: messages that are planned and wait for their time, by day.
    """

    way: Mapping[str, int]
    ends: Mapping[str, int]
    other_way: int
    at_once: int
    held: int
    useful: int
    replies: int
    opt_outs: int
    bought: int
    is_moving: bool
    waiting: tuple[Waiting, ...] = field(default=())
    to_come: Mapping[date, int] = field(default_factory=dict)


def campaign_keys(
    *, access: Actor, filters: CampaignFilters, before_id: int | None = None, limit: int
) -> tuple[int, ...]:
    """Return the keys of campaigns, the latest first.

    Args:
        access: needs ``channels.view``.
        filters: what the list is narrowed to.
        before_id: only those before this one; None: from the latest on.
        limit: campaigns at most.
    """
    access.require("channels.view")
    rows = Campaign.objects.order_by("-id")
    for name in ("state", "channel"):
        value = getattr(filters, name)
        rows = rows.filter(**{name: value}) if value else rows
    for word in filters.text.split()[:10]:
        rows = rows.filter(name__icontains=word)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return tuple(rows.values_list("pk", flat=True)[:limit])


def campaigns_of(*, access: Actor, campaign_ids: Sequence[int]) -> dict[int, CampaignView]:
    """Return campaigns by their keys; those that there are."""
    access.require("channels.view")
    rows = Campaign.objects.select_related("made_by").filter(pk__in=list(campaign_ids))
    return {row.pk: view_of(row, access) for row in rows}


def state_counts(*, access: Actor) -> dict[str, int]:
    """Return how many campaigns there are in each state."""
    access.require("channels.view")
    return dict(Campaign.objects.order_by().values_list("state").annotate(Count("pk")))


def tallies(*, access: Actor, campaign_ids: Sequence[int]) -> dict[int, Tally]:
    """Return the counts of campaigns by their keys, in a handful of questions for all of them."""
    access.require("channels.view")
    keys = dict(Campaign.objects.filter(pk__in=list(campaign_ids)).order_by().values_list("key", "pk"))
    planned, sent, delivered = dict[str, int](), dict[str, int](), dict[str, int]()
    touches = Touch.objects.filter(rows_within(access), campaign__in=list(keys)).order_by()
    other = Count("pk", filter=Q(key__contains=OTHER_WAY))
    counted = touches.values_list("campaign", "state", "delivery__state").annotate(n=Count("pk"), by_other_way=other)
    for key, state, arrived, n, by_other_way in counted:
        planned[key] = planned.get(key, 0) + n - by_other_way
        sent[key] = sent.get(key, 0) + (n if state == TouchState.SENT else 0)
        delivered[key] = delivered.get(key, 0) + (n if arrived == _S.DELIVERED else 0)
    clicked, bought = _clicked(access, keys), _bought(touches)
    return {
        pk: Tally(planned.get(key, 0), sent.get(key, 0), delivered.get(key, 0), clicked.get(key, 0), bought.get(key, 0))
        for key, pk in keys.items()
    }


def campaign_progress(*, access: Actor, campaign_id: int, now: datetime) -> Progress:
    """Return how far the messages of a campaign have come, and what came back.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("channels.view")
    row = _known(campaign_id)
    touches = Touch.objects.filter(rows_within(access), campaign=row.key).order_by()
    way, ends = _way(touches, by_staff=BY_STAFF & {row.channel, row.fallback} != frozenset())
    if row.fallback:
        # Whoever is asked about by both ways has two messages.
        way = {station: _people(touches.filter(came_as_far_as(station))) for station in way}
    told = told_in(touches)
    by_other_way = touches.filter(channel=row.fallback).exclude(state=TouchState.REFUSED)
    waits = Touch.objects.filter(campaign=row.key, state=TouchState.PLANNED).exists()
    return Progress(
        way=way,
        ends=ends,
        other_way=_people(by_other_way.filter(key__contains=OTHER_WAY)) if row.fallback else 0,
        at_once=_people(by_other_way.exclude(key__contains=OTHER_WAY)) if row.fallback else 0,
        held=_held(row)
        if access.store_ids is None
        else len(receivers_counted(access=access, campaign_id=row.pk, what="held")),
        useful=touches.filter(intent="value").count() if row.intent == "promotion" and row.instead else 0,
        replies=_people(replied(told)),
        opt_outs=_people(said_no(told)),
        bought=_bought(touches).get(row.key, 0),
        is_moving=_is_moving(row, waits=waits),
        waiting=_waiting(access, row, now),
        to_come=_to_come(touches),
    )


def preview_view(*, access: Actor, campaign_id: int, now: datetime) -> PreviewView | None:
    """Return what was foreseen of a campaign for people and groups within reach; None where nobody asked.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("channels.view")
    row = _known(campaign_id)
    return preview_of(row, now=now) if reaches_whole(access, row.stores) else preview_within(row, access, now=now)


def receivers_foreseen(
    *, access: Actor, campaign_id: int, fate: str = "", reason: str = "", day: date | None = None, way: str = ""
) -> list[int | str]:
    """Return the people or groups of one fate, reason and day of the latest preview, ascending; empty ones narrow nothing.

    Args:
        access: who looks.
        campaign_id: the campaign.
        fate: one of `previews.FATES`.
        reason: one of `wording.REASONS`.
        day: on which they get it.
        way: a channel by which they get something.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("channels.view")
    row = _known(campaign_id)
    answers = kept_answers(row)
    if answers is None:
        return []
    if way:
        answers = answers.of(answers.going(has_instead=bool(row.instead), by=way))
    found: list[int | str] = answers_like(answers, fate=fate, reason=reason, day=day).tolist()
    return receivers_within(access, found)


def going_foreseen(*, access: Actor, campaign_id: int) -> list[Going]:
    """Return who gets something by the latest preview, within reach, by what they read and by which way.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("channels.view")
    row = _known(campaign_id)
    answers = kept_answers(row)
    return [] if answers is None else going_of(row, answers_within(answers, access))


def receivers_met(*, access: Actor, campaign_id: int, state: str = "", reason: str = "") -> list[int | str]:
    """Return the people or groups of a campaign whose message is in a state (`results.STATES`), or who got none for a reason.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("channels.view")
    key = _known(campaign_id).key
    if reason:
        rows: QuerySet[KeptDecision] | QuerySet[Touch] = KeptDecision.objects.filter(
            campaign=key, outcome__in=_ANY_REASON, reason=reason
        )
    else:
        rows = Touch.objects.filter(_in_state(state), campaign=key)
    within = rows.filter(rows_within(access)).order_by().values_list("customer_id", "group_key").distinct()
    return sorted({group or customer for customer, group in within if group or customer}, key=str)


def size_of_audience(*, access: Actor, campaign_id: int, now: datetime) -> int:
    """Return how many people or groups the audience of a campaign has now.

    Raises:
        NoSuchCampaign: there is none.
        AudienceIsWrong: nobody was chosen yet.
    """
    access.require("channels.view")
    return audience_size(_known(campaign_id), now=now)


def people_of_audience(*, access: Actor, told: Mapping[str, object], now: datetime) -> Ints:
    """Return the people within reach of an audience that is being chosen. Shape (n,).

    Raises:
        AudienceIsWrong: nobody can tell whom it is for.
    """
    access.require("channels.view")
    return people_in(audience_from(told), access=access, now=now)


def _known(campaign_id: int) -> Campaign:
    row = Campaign.objects.filter(pk=campaign_id).first()
    if row is None:
        raise NoSuchCampaign(campaign=campaign_id)
    return row


def _held(row: Campaign) -> int:
    try:
        view = experiment_view(access=Actor.system(), key=experiment_key(row.key))
    except NoSuchExperiment:
        return 0
    return view.drawn.get(HELD_OUT, 0)


def _is_moving(row: Campaign, *, waits: bool) -> bool:
    if row.state == "ended":
        return row.cleared_at is None
    return row.state in {"ready", "running"} or (waits and row.state != "paused")


def _in_state(state: str) -> Q:
    if not state:
        return Q()
    if state in (TouchState.PLANNED, TouchState.REFUSED):
        return Q(state=state) & (Q(delivery=None) | Q(delivery__state=_S.PUT_OFF))
    return Q(delivery__state=state)


def _way(touches: QuerySet[Touch], *, by_staff: bool) -> tuple[dict[str, int], dict[str, int]]:
    stations = [name for name, _states in WAY if by_staff or name not in OF_STAFF]
    way, ends = dict.fromkeys(("planned", *stations), 0), dict[str, int]()
    taken = Count("pk", filter=TAKEN)
    counted = touches.values_list("state", "delivery__state", "delivery__fault").annotate(Count("pk"), taken=taken)
    for state, arrived, fault, n, n_taken in counted:
        way["planned"] += n
        reached = {name for name, states in WAY if arrived in states}
        if arrived == _S.FAILED or (arrived == _S.NOT_A_FRIEND and fault):
            reached = set(ENDED_AFTER.get(fault, ()))
            way[FIRST_STATION] += 0 if fault in ENDED_AFTER else n_taken
        for name in reached & set(stations):
            way[name] += n
        if arrived in {_S.FAILED, _S.QUOTA_REFUSED, _S.NOT_A_FRIEND, _S.UNKNOWN}:
            ends[arrived] = ends.get(arrived, 0) + n
        elif state == TouchState.REFUSED:
            ends["refused"] = ends.get("refused", 0) + n
    return way, ends


def _clicked(access: Actor, keys: Iterable[str]) -> dict[str, int]:
    """Return who followed links: people by their own links, and visits by links that everybody got, which are of no store."""
    visits = LinkVisit.objects.filter(
        link__campaign__in=list(keys), kind="person", link__kind=LinkKind.TARGET
    ).order_by()
    own = (
        visits.exclude(link__touch=None)
        .filter(rows_within(access, at="link__touch__"))
        .values_list("link__campaign")
        .annotate(Count("link__touch__customer_id", distinct=True))
    )
    shared = visits.filter(link__touch=None).values_list("link__campaign").annotate(Count("pk"))
    counts = dict(own)
    for key, n in shared if access.store_ids is None else ():
        counts[key] = counts.get(key, 0) + n
    return counts


def _bought(touches: QuerySet[Touch]) -> dict[str, int]:
    """Return how many people bought after their message, by campaign."""
    return dict(bought(told_in(touches)).values_list("campaign").annotate(Count("customer_id", distinct=True)))


def _to_come(touches: QuerySet[Touch]) -> dict[date, int]:
    planned = touches.filter(state=TouchState.PLANNED).order_by("business_date")
    return dict(planned.values_list("business_date").annotate(Count("pk")))


def _people(touches: QuerySet[Touch]) -> int:
    return touches.aggregate(n=Count("customer_id", distinct=True))["n"] or 0


def _waiting(access: Actor, row: Campaign, now: datetime) -> tuple[Waiting, ...]:
    asked = Q(deliveries__state__in=(_S.CREATED, _S.NOTIFIED)) & rows_within(access, at="deliveries__touch__")
    tasks = MassTask.objects.filter(campaign=row.key, state=TaskState.OPEN).annotate(
        left=Count("deliveries", filter=asked)
    )
    return tuple(
        Waiting(
            task_id=task.pk,
            sender=task.sender,
            channel=task.channel,
            messages=task.left,
            handed_at=task.handed_at,
            until=task.until,
            reminders=task.reminders,
            reminded_at=task.reminded_at,
            may_be_reminded=may_remind(task, now=now),
        )
        for task in tasks.filter(left__gt=0).order_by("-left", "pk")
    )
