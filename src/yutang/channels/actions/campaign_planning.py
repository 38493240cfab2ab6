"""Asking the policy about everybody of a campaign: foreseen without a trace, or planned; both by the same questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from yutang.channels import holding_out
from yutang.channels.actions.audiences import Wish, plan_audience
from yutang.channels.actions.claims import plan_many
from yutang.channels.actions.touches import Message
from yutang.channels.audiences_of import audience_from, people_in
from yutang.channels.columns import Flags, Ints
from yutang.channels.crowds import WHEN_PLANNED, crowd_of
from yutang.channels.models import Campaign, GroupStanding
from yutang.channels.organisation import current_policy
from yutang.channels.own_words import reference_of
from yutang.channels.policy import GROUP_CHANNEL
from yutang.channels.rules import Decision, Request, decide
from yutang.foundation.access import Actor
from yutang.wecom.group_book import groups_within, people_in_groups

#: Stands behind the key of a post that goes instead of another.
_USEFUL = "+"


@dataclass(frozen=True)
class GroupAnswer:
    """What the policy says of a post to one group; `is_useful`: what would go is the useful post instead."""

    group_key: str
    decision: Decision
    is_useful: bool = False

    @property
    def may_go(self) -> bool:
        """Whether something goes to the group."""
        return self.is_useful or self.decision.outcome in {"now", "at"}


def planner_of(campaign: Campaign) -> Actor:
    """Return the system, with the reach of who chose the audience."""
    system = Actor.system()
    return system if campaign.stores is None else replace(system, store_ids=frozenset(campaign.stores))


def wish_of(campaign: Campaign, people: Ints, hold_back: Callable[[Ints], Flags] | None) -> Wish:
    """Return what a campaign asks for about some people."""
    return Wish(
        campaign=campaign.key,
        channel=campaign.channel,
        intent=campaign.intent,
        customer_ids=people,
        content=reference_of(campaign),
        moment=campaign.starts_at,
        latest=campaign.latest,
        other_way=campaign.fallback,
        instead=campaign.instead,
        hold_back=hold_back,
    )


def people_of_campaign(campaign: Campaign, *, now: datetime) -> Ints:
    """Return the people of a campaign's audience as it is now. Shape (n,)."""
    return people_in(audience_from(campaign.audience), access=planner_of(campaign), now=now)


def groups_of_campaign(campaign: Campaign) -> list[str]:
    """Return the groups of a campaign's audience that are known and within its reach."""
    named = list(audience_from(campaign.audience).groups)
    known = set(GroupStanding.objects.filter(pk__in=named).order_by().values_list("pk", flat=True))
    actor = planner_of(campaign)
    if actor.store_ids is not None:
        known &= groups_within(access=actor)
    return [one for one in named if one in known]


def group_answers(campaign: Campaign, groups: Sequence[str], *, now: datetime) -> list[GroupAnswer]:
    """Return what the policy says of a post to each group, in their order; a handful of questions, nothing is kept."""
    policy, moment = current_policy(), max(now, campaign.starts_at or now)
    rows = GroupStanding.objects.filter(pk__in=list(groups))
    crowd = crowd_of(groups=rows, policy=policy, counted=WHEN_PLANNED, moments=[moment])
    asked = Request(campaign.intent, GROUP_CHANNEL, moment, reference_of(campaign), campaign.latest)
    useful = Request("value", GROUP_CHANNEL, moment, campaign.instead, campaign.latest)
    answers = []
    for key in groups:
        decision = decide(request=asked, facts=crowd.facts_of(key, request=asked), policy=policy)
        if decision.outcome == "replace" and campaign.instead:
            other = decide(request=useful, facts=crowd.facts_of(key, request=useful), policy=policy)
            goes = other.outcome in {"now", "at"}
            told = replace(decision, at=other.at) if goes else other
            answers.append(GroupAnswer(key, told, is_useful=goes))
        else:
            answers.append(GroupAnswer(key, decision))
    return answers


def plan_campaign(campaign: Campaign, *, now: datetime) -> None:
    """Ask the policy about everybody of a running campaign, draw who is held out, and plan what may go out.

    Killed at any point it goes on: who was drawn stays drawn, who was asked about is not asked about again.

    Raises:
        FiguresAreNotReady: the figures do not hold what is to be decided about.
    """
    if campaign.channel == GROUP_CHANNEL:
        _plan_posts(campaign, now=now)
    else:
        people = people_of_campaign(campaign, now=now)
        wish = wish_of(campaign, people, holding_out.drawn_people(campaign, now=now))
        plan_audience(actor=planner_of(campaign), wishes=[wish], now=now)
    with transaction.atomic():
        holding_out.end_drawing(campaign, now=now)
        Campaign.objects.filter(pk=campaign.pk).update(planned_at=now)


def _plan_posts(campaign: Campaign, *, now: datetime) -> None:
    groups = groups_of_campaign(campaign)
    answers = group_answers(campaign, groups, now=now)
    going = [one.group_key for one in answers if one.may_go]
    held = holding_out.drawn_groups(campaign, people_in_groups(chat_ids=going), now=now)
    asked = [_post(campaign, group) for group in groups if group not in held]
    plan_many(actor=Actor.system(), messages=asked, now=now)
    useful = [_useful_post(campaign, one.group_key) for one in answers if one.is_useful and one.group_key not in held]
    plan_many(actor=Actor.system(), messages=useful, now=now)


def _post(campaign: Campaign, group: str) -> Message:
    return Message(
        key=f"{campaign.key}:{group}"[:120],
        channel=GROUP_CHANNEL,
        intent=campaign.intent,
        group_key=group,
        campaign=campaign.key,
        content=reference_of(campaign),
        moment=campaign.starts_at,
        latest=campaign.latest,
    )


def _useful_post(campaign: Campaign, group: str) -> Message:
    post = _post(campaign, group)
    return replace(post, key=f"{post.key[:119]}{_USEFUL}", intent="value", content=campaign.instead)
