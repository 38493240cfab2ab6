"""What became of campaigns and of single messages, for whoever shows it; read through `queries`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from yutang.channels.actions.audiences import AudiencePlan, Wish, audience_trial
from yutang.channels.actions.campaigns import CampaignWish, NoSuchCampaign, checked_campaign
from yutang.channels.audiences_of import audience_from, people_in
from yutang.channels.crowds import WHEN_PLANNED, crowd_of
from yutang.channels.message_states import STATES, state_of
from yutang.channels.models import (
    Campaign,
    Decision,
    Delivery,
    DeliveryState,
    DeliveryStep,
    GroupStanding,
    LinkVisit,
    MassTask,
    TaskState,
    Touch,
    TouchState,
)
from yutang.channels.organisation import current_policy
from yutang.channels.own_words import texts_in
from yutang.channels.policy import GROUP_CHANNEL
from yutang.channels.rules import OUTCOMES, Request, decide
from yutang.channels.rules import Decision as Decided
from yutang.channels.said_words import warnings_about
from yutang.channels.standing import person_within_reach
from yutang.channels.switches import STOPPED_CAMPAIGNS, STOPPED_CHANNELS
from yutang.channels.within import audience_within, rows_within
from yutang.foundation.access import Actor
from yutang.foundation.queries import organisation_setting
from yutang.kit.text import Sentence
from yutang.wecom.keys_within import chat_ids_within

_MOST_MESSAGES, _MOST_CAMPAIGNS = 200, 500
_TOLD_APART = {"id", "made_by", "stores", "audience", "out_of_reach"}


@dataclass(frozen=True)
class CampaignView:
    """A campaign as people see it; attributes as of `CampaignWish` where they are called the same.

    Attributes:
        audience: without the people and groups out of reach.
        out_of_reach: how many of a list these are. Count.
    """

    id: int
    key: str
    name: str
    channel: str
    fallback: str
    fallback_hours: int
    intent: str
    content: str
    words: Mapping[str, Any]
    audience: Mapping[str, Any]
    starts_at: datetime | None
    latest: datetime | None
    state: str
    planned_at: datetime | None
    made_by: str
    made_at: datetime
    changed_at: datetime
    instead: str
    held_out_percent: int
    stores: tuple[int, ...] | None
    #: Why it could not be planned and rests; null: nothing is wrong.
    fault: Mapping[str, Any] | None
    out_of_reach: int = 0


@dataclass(frozen=True)
class CampaignResults:
    """What became of the messages of a campaign to people and groups within reach.

    Attributes:
        states: messages by what is known of them (`STATES`), by the first way and the other one together.
        by_channel: the same by channel.
        refusals: people and groups to whom the policy let nothing out, by reason.
        faults: messages that failed, by code.
        readers: people who followed a link; machines are no people.
        anonymous_visits: visits of people by links that many got; 0 for whoever sees some stores only.
        waits_for_staff: tasks of WeCom that nobody has confirmed, and the messages in them.
    """

    states: Mapping[str, int]
    by_channel: Mapping[str, Mapping[str, int]]
    refusals: Mapping[str, int]
    faults: Mapping[str, int]
    readers: int
    anonymous_visits: int
    waits_for_staff: tuple[int, int]


@dataclass(frozen=True)
class Step:
    """One step of a message: when it happened as far as the platform says, and when it was written down."""

    state: str
    fault: str
    at: datetime
    noted_at: datetime


@dataclass(frozen=True)
class MessageView:
    """A message to a person or group, with its way so far.

    Attributes:
        id: its key in this store; `key` is that under which somebody wanted it.
        sender: userid of the member of staff who was asked to send; empty where nobody was.
    """

    id: int
    key: str
    customer_id: int | None
    group_key: str
    sender: str
    campaign: str
    channel: str
    intent: str
    content: str
    state: str
    at: datetime
    fault: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class DeliveryStatus:
    """How delivery stands in the whole house.

    Attributes:
        stopped_channels: switched off by hand.
        stopped_campaigns: switched off by hand.
        due: planned messages whose time has come, by channel.
        planned: messages that wait for their time, by channel.
        states: deliveries by state.
        open_tasks: tasks of WeCom that wait for staff.
        lost_tasks: tasks of which nobody knows whether WeCom has them: look into its console.
    """

    stopped_channels: tuple[str, ...]
    stopped_campaigns: tuple[str, ...]
    due: Mapping[str, int]
    planned: Mapping[str, int]
    states: Mapping[str, int]
    open_tasks: int
    lost_tasks: int


def campaigns(*, access: Actor) -> tuple[CampaignView, ...]:
    """Return the campaigns, latest first, at most 500."""
    access.require("channels.view")
    rows = Campaign.objects.select_related("made_by").order_by("-id")
    return tuple(view_of(row, access) for row in rows[:_MOST_CAMPAIGNS])


def campaign(*, access: Actor, campaign_id: int) -> CampaignView:
    """Return one campaign.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("channels.view")
    return view_of(_known(campaign_id), access)


def campaign_warnings(*, access: Actor, view: CampaignView) -> list[Sentence]:
    """Return what the own words of a campaign hold about which a person decides; nothing where it says a content."""
    access.require("channels.view")
    if view.content or not view.words:
        return []
    channels = [view.channel] if view.channel else []
    return warnings_about(texts=texts_in(view.words), channels=channels, intent=view.intent)


def campaign_trial(*, access: Actor, wish: CampaignWish, now: datetime) -> AudiencePlan:
    """Return what the policy would say of a campaign now: how many now, later, something useful instead, or not, and why.

    Nothing is written. A group of which nothing is known is left out.

    Raises:
        CampaignIsIncomplete: something is missing or wrong.
        FiguresAreNotReady: the figures do not hold what is to be decided about.
    """
    access.require("channels.view")
    checked_campaign(wish)
    audience, moment = audience_from(wish.audience), max(now, wish.starts_at or now)
    if wish.channel != GROUP_CHANNEL:
        asked = Wish("-", wish.channel, wish.intent, people_in(audience, access=access, now=now), None, wish.content)
        return audience_trial(
            access=access,
            wishes=[replace(asked, moment=moment, latest=wish.latest, other_way=wish.fallback, instead=wish.instead)],
            now=now,
        )[0]
    answers = decisions_for_groups(
        access=access, group_keys=audience.groups, intent=wish.intent, content=wish.content, moment=moment
    )
    outcomes: dict[str, int] = {name: sum(one.outcome == name for one in answers.values()) for name in OUTCOMES}
    reasons: dict[str, int] = {}
    for one in answers.values():
        if one.outcome != "now":
            reasons[one.reason] = reasons.get(one.reason, 0) + 1
    return AudiencePlan("-", len(answers), 0, 0, outcomes, reasons, 0)


def decisions_for_groups(
    *, access: Actor, group_keys: Sequence[str], intent: str, content: str = "", moment: datetime
) -> dict[str, Decided]:
    """Return what the policy says of a post to each group of which something is known; nothing is kept.

    A handful of questions, however many groups there are.
    """
    access.require("channels.view")
    policy = current_policy()
    found = GroupStanding.objects.filter(pk__in=list(group_keys))
    crowd = crowd_of(groups=found, policy=policy, counted=WHEN_PLANNED, moments=[moment])
    request = Request(intent, GROUP_CHANNEL, moment, content)
    return {
        key: decide(request=request, facts=crowd.facts_of(key, request=request), policy=policy) for key in crowd.groups
    }


def campaign_results(*, access: Actor, campaign_id: int) -> CampaignResults:
    """Return what became of the messages of a campaign.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("channels.view")
    row = _known(campaign_id)
    key = row.key
    touches = Touch.objects.filter(rows_within(access), campaign=key).order_by()
    by_channel: dict[str, dict[str, int]] = {}
    for channel, planned, delivered, count in touches.values_list("channel", "state", "delivery__state").annotate(
        count=Count("pk")
    ):
        state = state_of(planned, delivered)
        mine = by_channel.setdefault(channel, {})
        mine[state] = mine.get(state, 0) + count
    states = {one: sum(mine.get(one, 0) for mine in by_channel.values()) for one in STATES}
    # Where something useful goes instead, what was replaced was not refused.
    outcomes = ("refuse",) if row.instead else ("refuse", "replace")
    refused = Decision.objects.filter(rows_within(access), campaign=key, outcome__in=outcomes).order_by()
    of_touch = rows_within(access, at="touch__")
    faults = Delivery.objects.filter(of_touch, touch__campaign=key, state=DeliveryState.FAILED).order_by()
    visits = LinkVisit.objects.filter(link__campaign=key, kind="person").order_by()
    by_own = visits.exclude(link__touch=None).filter(rows_within(access, at="link__touch__"))
    open_tasks = MassTask.objects.filter(campaign=key, state=TaskState.OPEN)
    asked = Q(state__in=(DeliveryState.CREATED, DeliveryState.NOTIFIED))
    waiting = Delivery.objects.filter(of_touch, asked, task__in=open_tasks)
    tasks = open_tasks.count() if access.store_ids is None else waiting.values("task").distinct().count()
    return CampaignResults(
        states={one: count for one, count in states.items() if count},
        by_channel=by_channel,
        refusals=dict(refused.values_list("reason").annotate(Count("touch_key", distinct=True))),
        faults=dict(faults.values_list("fault").annotate(Count("pk"))),
        readers=by_own.values("link__touch__customer_id").distinct().count(),
        anonymous_visits=visits.filter(link__touch=None).count() if access.store_ids is None else 0,
        waits_for_staff=(tasks, waiting.count()),
    )


def messages_of(*, access: Actor, customer_id: int) -> tuple[MessageView, ...]:
    """Return the messages to a person with their ways, latest first, at most 200.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    access.require("channels.view")
    return messages_where(Q(customer_id=person_within_reach(access, customer_id).pk))


def messages_of_group(*, access: Actor, group_key: str) -> tuple[MessageView, ...]:
    """Return the posts to a group with their ways, latest first, at most 200; none of a group that is out of reach."""
    access.require("channels.view")
    if access.store_ids is not None and group_key not in chat_ids_within(store_ids=access.store_ids):
        return ()
    # The second condition says what the partial index says, so that SQLite takes it.
    return messages_where(Q(customer_id=None, group_key=group_key, group_key__gt=""))


def delivery_status(*, access: Actor, now: datetime) -> DeliveryStatus:
    """Return how delivery stands in the whole house."""
    access.require("channels.view")
    planned = Touch.objects.filter(state=TouchState.PLANNED).order_by()
    tasks = MassTask.objects.order_by()
    return DeliveryStatus(
        stopped_channels=tuple(organisation_setting(STOPPED_CHANNELS)),
        stopped_campaigns=tuple(organisation_setting(STOPPED_CAMPAIGNS)),
        due=dict(planned.filter(at__lte=now).values_list("channel").annotate(Count("pk"))),
        planned=dict(planned.filter(at__gt=now).values_list("channel").annotate(Count("pk"))),
        states=dict(Delivery.objects.order_by().values_list("state").annotate(Count("pk"))),
        open_tasks=tasks.filter(state__in=(TaskState.OPEN, TaskState.ENDING)).count(),
        lost_tasks=tasks.filter(state=TaskState.LOST).count(),
    )


def messages_where(whose: Q) -> tuple[MessageView, ...]:
    """Return messages with their ways, latest first, at most 200."""
    rows = list(Touch.objects.filter(whose).select_related("delivery__task").order_by("-at", "-id")[:_MOST_MESSAGES])
    steps: dict[int, list[Step]] = {}
    for one in DeliveryStep.objects.filter(touch_id__in=[row.pk for row in rows]).order_by("id"):
        steps.setdefault(one.touch_id, []).append(Step(one.state, one.fault, one.at, one.noted_at))
    return tuple(_message(row, tuple(steps.get(row.pk, ()))) for row in rows)


def _message(row: Touch, steps: tuple[Step, ...]) -> MessageView:
    delivery = getattr(row, "delivery", None)
    return MessageView(
        id=row.pk,
        key=row.key,
        customer_id=row.customer_id,
        group_key=row.group_key,
        sender="" if delivery is None or delivery.task is None else delivery.task.sender,
        campaign=row.campaign,
        channel=row.channel,
        intent=row.intent,
        content=row.content,
        state=state_of(row.state, None if delivery is None else delivery.state),
        at=row.at,
        fault="" if delivery is None else delivery.fault,
        steps=steps,
    )


def _known(campaign_id: int) -> Campaign:
    row = Campaign.objects.select_related("made_by").filter(pk=campaign_id).first()
    if row is None:
        raise NoSuchCampaign(campaign=campaign_id)
    return row


def view_of(row: Campaign, access: Actor) -> CampaignView:
    """Return a campaign as somebody sees it."""
    names = CampaignView.__dataclass_fields__
    told = {name: getattr(row, name) for name in names if name not in _TOLD_APART}
    told["audience"], told["out_of_reach"] = audience_within(access, row.audience)
    stores = None if row.stores is None else tuple(row.stores)
    return CampaignView(id=row.pk, made_by=row.made_by.display_name if row.made_by else "", stores=stores, **told)
