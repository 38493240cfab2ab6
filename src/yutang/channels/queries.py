"""Every read of the room that others may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from yutang.channels.asked_staff import (
    Unconfirmed,
    WaitingTask,
    replies_to_answer,
    tasks_to_confirm,
    unconfirmed_staff,
)
from yutang.channels.asked_when import AskedWhen, asked_when
from yutang.channels.audience import AudienceDecisions, decide_audience
from yutang.channels.came_back import failed_with, receivers_counted
from yutang.channels.centre import (
    REPLY_STATES,
    MessagesPage,
    MessagesWanted,
    Passed,
    Place,
    campaign_names,
    messages_passed,
)
from yutang.channels.clicks import Clicks, clicks_on
from yutang.channels.confirmations import Confirmations, Going
from yutang.channels.history import History, kept_history
from yutang.channels.holding_out import experiment_key
from yutang.channels.imported_sendings import friends_of, read_sendings
from yutang.channels.kept_policy import digest_of
from yutang.channels.message_states import STATES
from yutang.channels.models import Decision as KeptDecision
from yutang.channels.models import GroupStanding, PolicyVersion, Reply
from yutang.channels.open_pages import StopChoices, link_target, push_addresses, stop_choices
from yutang.channels.organisation import CHANNEL_TITLES, GROUPS, INTENT_TITLES, current_policy
from yutang.channels.organisation_campaigns import confirm_from
from yutang.channels.phone_words import words_on_phones
from yutang.channels.places import (
    Period,
    Places,
    Receiver,
    handed_by_day,
    places_used,
    present_period,
    receivers_without_places,
    sms_gateway,
)
from yutang.channels.policy import GROUP_CHANNEL, INTENTS, PERSON_CHANNELS, TRANSACTIONAL, Policy, policy_from
from yutang.channels.previews import FATES as PREVIEW_FATES
from yutang.channels.previews import PreviewView
from yutang.channels.reachable import Way, reached_by
from yutang.channels.replaying import FATES, Replay, Sending, replay
from yutang.channels.results import (
    CampaignResults,
    CampaignView,
    DeliveryStatus,
    MessageView,
    Step,
    campaign,
    campaign_results,
    campaign_trial,
    campaign_warnings,
    campaigns,
    decisions_for_groups,
    delivery_status,
    messages_of,
    messages_of_group,
)
from yutang.channels.results_by_part import PartResults, results_by_part
from yutang.channels.rules import Decision, Request, decide
from yutang.channels.standing import facts_of_group, facts_of_person, person_within_reach
from yutang.channels.stopped import Stopped, what_is_stopped
from yutang.channels.stories import (
    GroupStory,
    MessageStory,
    NoSuchMessage,
    PersonStory,
    Ruling,
    Visits,
    group_standings,
    group_story,
    message_story,
    person_story,
    posts_of_groups,
    sent_to_groups,
    words_shown,
)
from yutang.channels.tallies import (
    CampaignFilters,
    Progress,
    Tally,
    Waiting,
    campaign_keys,
    campaign_progress,
    campaigns_of,
    going_foreseen,
    people_of_audience,
    preview_view,
    receivers_foreseen,
    receivers_met,
    size_of_audience,
    state_counts,
    tallies,
)
from yutang.channels.trials import PostTrial
from yutang.channels.ways import postbox_page, postbox_ways, ways_set_up
from yutang.channels.within import reaches_whole
from yutang.channels.wording import REASON_TITLES, reason_words
from yutang.foundation.access import Actor
from yutang.foundation.organisation import SETTINGS
from yutang.foundation.sealing import unseal
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

__all__ = [
    "CHANNEL_TITLES",
    "FATES",
    "INTENT_TITLES",
    "PREVIEW_FATES",
    "REASON_TITLES",
    "REPLY_STATES",
    "STATES",
    "TRANSACTIONAL",
    "AskedWhen",
    "AudienceDecisions",
    "CampaignFilters",
    "CampaignResults",
    "CampaignView",
    "Clicks",
    "Confirmations",
    "DecisionView",
    "DeliveryStatus",
    "Going",
    "GroupStory",
    "History",
    "MessageIsUnknown",
    "MessageStory",
    "MessageView",
    "MessagesPage",
    "MessagesWanted",
    "NoSuchMessage",
    "PartResults",
    "Passed",
    "Period",
    "PersonStory",
    "Place",
    "Places",
    "PolicyValue",
    "PolicyValueIsWrong",
    "PolicyValues",
    "PostTrial",
    "PreviewView",
    "Progress",
    "Receiver",
    "Replay",
    "ReplayOfHistory",
    "Ruling",
    "Sending",
    "Step",
    "StopChoices",
    "Stopped",
    "Tally",
    "Unconfirmed",
    "Visits",
    "Waiting",
    "WaitingTask",
    "Way",
    "asked_when",
    "audience_decisions",
    "campaign",
    "campaign_keys",
    "campaign_names",
    "campaign_progress",
    "campaign_results",
    "campaign_trial",
    "campaign_warnings",
    "campaigns",
    "campaigns_of",
    "changed_policy",
    "clicks_on",
    "confirm_from",
    "current_policy",
    "decision_for_group",
    "decision_for_person",
    "decisions_for",
    "decisions_for_groups",
    "delivery_status",
    "experiment_key",
    "failed_with",
    "going_foreseen",
    "group_standings",
    "group_story",
    "handed_by_day",
    "link_target",
    "message_story",
    "messages_of",
    "messages_of_group",
    "messages_passed",
    "people_of_audience",
    "person_story",
    "places_used",
    "policy_values",
    "postbox_page",
    "postbox_ways",
    "posts_of_groups",
    "present_period",
    "preview_view",
    "push_addresses",
    "reached_by",
    "reaches_whole",
    "read_sendings",
    "receivers_counted",
    "receivers_foreseen",
    "receivers_met",
    "receivers_without_places",
    "replay_of_history",
    "replayed",
    "replies_to_answer",
    "results_by_part",
    "sent_to_groups",
    "size_of_audience",
    "sms_gateway",
    "standing_of_every_group",
    "standings_since",
    "state_counts",
    "stop_choices",
    "tallies",
    "tasks_to_confirm",
    "unconfirmed_staff",
    "version_of",
    "ways_set_up",
    "what_is_stopped",
    "words_of_reply",
    "words_on_phones",
    "words_shown",
]

_MOST_DECISIONS = 200


class PolicyValueIsWrong(DomainError):
    """The contact policy has no such value, or it cannot be this."""

    code: ClassVar[str] = "policy_value_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(value)s” cannot be the value of “%(named)s” in the contact policy.")


class MessageIsUnknown(DomainError):
    """There is no such channel or intent."""

    code: ClassVar[str] = "message_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(asked)s” is none of: %(known)s.")


@dataclass(frozen=True)
class PolicyValue:
    """One value of the contact policy.

    Attributes:
        name: of the value; its setting is ``channels.<name>``.
        title: what it is, marked for translation.
        told: what it may be, marked for translation.
        value: what holds.
        default: what holds where nobody changed it.
    """

    name: str
    title: str
    told: str
    value: Any
    default: Any


@dataclass(frozen=True)
class PolicyValues:
    """Values that belong together, under a heading marked for translation."""

    title: str
    values: tuple[PolicyValue, ...]


@dataclass(frozen=True)
class DecisionView:
    """One decision as it was kept, with the policy by which it was decided."""

    touch_key: str
    customer_id: int | None
    group_key: str
    channel: str
    intent: str
    stage: str
    outcome: str
    at: datetime | None
    words: Sentence
    policy_version: int
    decided_at: datetime


@dataclass(frozen=True)
class ReplayOfHistory:
    """A replay of what went out, and how much of it was played.

    Attributes:
        tried: what the policy to be tried would have said; `present`: what the present one would have.
        one_in: 1 where everybody's messages were played, else those of one in so many people.
        known_until: when the figures were written; what went out later was not played. Aware UTC.
    """

    tried: Replay
    present: Replay
    one_in: int
    begin_at: datetime
    end_at: datetime
    known_until: datetime


def policy_values(*, policy: Policy) -> tuple[PolicyValues, ...]:
    """Return the values of a policy under their headings, with what each means."""
    kept, defaults = policy.as_json(), Policy().as_json()
    return tuple(
        PolicyValues(
            group.title,
            tuple(
                PolicyValue(
                    name,
                    SETTINGS[f"channels.{name}"].title,
                    SETTINGS[f"channels.{name}"].help,
                    kept[name],
                    defaults[name],
                )
                for name in group.names
            ),
        )
        for group in GROUPS
    )


def changed_policy(*, policy: Policy, values: Mapping[str, Any]) -> Policy:
    """Return a policy with some values changed, to be tried.

    Raises:
        PolicyValueIsWrong: there is no such value, or it cannot be this.
    """
    told = policy.as_json()
    for name, value in values.items():
        key = f"channels.{name}"
        if name not in told or not SETTINGS[key].accepts(value):
            # A program knows a value by its name, a person by its title.
            named = Sentence(SETTINGS[key].title).as_json() if name in told else name
            raise PolicyValueIsWrong(name=name, named=named, value=str(value)[:80])
        told[name] = value
    return policy_from(told)


def version_of(*, policy: Policy) -> int | None:
    """Return the key of the version under which decisions by a policy are kept; None where nothing was decided by it."""
    return PolicyVersion.objects.filter(digest=digest_of(policy)).values_list("pk", flat=True).first()


def decision_for_person(
    *, access: Actor, customer_id: int, channel: str, intent: str, content: str = "", now: datetime
) -> Decision:
    """Return what the policy says of a message to a person now; nothing is kept.

    Raises:
        NoSuchCustomer: there is none within reach.
        MessageIsUnknown: there is no such channel or intent.
    """
    access.require("channels.view")
    _check(channel, PERSON_CHANNELS)
    _check(intent, INTENTS)
    customer = person_within_reach(access, customer_id)
    request, policy = Request(intent, channel, now, content), current_policy()
    return decide(request=request, facts=facts_of_person(customer, request=request, policy=policy), policy=policy)


def decision_for_group(*, access: Actor, group_key: str, intent: str, content: str = "", now: datetime) -> Decision:
    """Return what the policy says of a post to a group now; nothing is kept.

    Raises:
        NoSuchGroup: nothing was noted of the group yet.
        MessageIsUnknown: there is no such intent.
    """
    from yutang.channels.actions.touches import NoSuchGroup

    access.require("channels.view")
    _check(intent, INTENTS)
    group = GroupStanding.objects.filter(pk=group_key).first()
    if group is None:
        raise NoSuchGroup(group_key=group_key)
    request, policy = Request(intent, GROUP_CHANNEL, now, content), current_policy()
    return decide(request=request, facts=facts_of_group(group, request=request, policy=policy), policy=policy)


def standing_of_every_group() -> dict[str, str]:
    """Return how each group stands of which something was noted, by key."""
    return dict(GroupStanding.objects.order_by().values_list("pk", "standing"))


def standings_since() -> dict[str, tuple[str, datetime]]:
    """Return how each group stands of which something was noted, and since when, by key."""
    rows = GroupStanding.objects.order_by().values_list("pk", "standing", "since")
    return {key: (standing, since) for key, standing, since in rows}


def audience_decisions(
    *, access: Actor, customer_ids: Sequence[int], channel: str, intent: str, content: str = "", now: datetime
) -> AudienceDecisions:
    """Return what the policy says of one message to each of an audience; nothing is kept.

    Raises:
        FiguresAreNotReady: the figures do not hold what is to be decided about.
        MessageIsUnknown: there is no such channel or intent.
    """
    access.require("channels.view")
    _check(channel, PERSON_CHANNELS)
    _check(intent, INTENTS)
    request = Request(intent, channel, now, content)
    return decide_audience(access=access, customer_ids=customer_ids, request=request, policy=current_policy())


def decisions_for(*, access: Actor, customer_id: int) -> tuple[DecisionView, ...]:
    """Return the decisions about messages to a person, latest first, at most 200.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    access.require("channels.view")
    customer = person_within_reach(access, customer_id)
    rows = KeptDecision.objects.filter(customer_id=customer.pk).select_related("policy").order_by("-id")
    return tuple(_view(row) for row in rows[:_MOST_DECISIONS])


def replay_of_history(
    *, access: Actor, policy: Policy, days: int, most: int | None = None, now: datetime
) -> ReplayOfHistory:
    """Return what a policy would have said to the messages of the last days, beside what the present one would have.

    Args:
        access: whose reach bounds the people.
        policy: the one to be tried.
        days: how far back. Count, ``>= 1``.
        most: messages that are played at most, about; None: all.
        now: aware UTC.

    Raises:
        FiguresAreNotReady: the figures do not hold touches.
    """
    access.require("channels.view")
    begin_at = now - timedelta(days=days)
    history = kept_history(access=access, begin_at=begin_at, end_at=now, most=most)
    tried = replay(sendings=history.sendings, pasts=history.pasts, policy=policy)
    present = current_policy()
    same = present == policy
    told = tried if same else replay(sendings=history.sendings, pasts=history.pasts, policy=present)
    return ReplayOfHistory(tried, told, history.one_in, begin_at, now, history.known_until)


def replayed(*, sendings: Sequence[Sending], policy: Policy) -> Replay:
    """Return what a policy would have said to a list of messages of people of whom nothing else is known.

    They count as friends of long standing who agreed to everything: what is left are caps, hours, shares and repetition.
    """
    return replay(sendings=sendings, pasts=friends_of(sendings), policy=policy)


def words_of_reply(*, reply_id: int) -> str:
    """Return what somebody wrote back, for what listens to words; empty where the reply is gone."""
    sealed = Reply.objects.filter(pk=reply_id).values_list("sealed_text", flat=True).first()
    return "" if sealed is None else str(unseal(bytes(sealed)).get("text", ""))


def _check(asked: str, known: Sequence[str]) -> None:
    if asked not in known:
        raise MessageIsUnknown(asked=asked, known=", ".join(known))


def _view(row: KeptDecision) -> DecisionView:
    words = reason_words(row.reason, have=row.have, policy=policy_from(row.policy.values))
    return DecisionView(
        touch_key=row.touch_key,
        customer_id=row.customer_id,
        group_key=row.group_key,
        channel=row.channel,
        intent=row.intent,
        stage=row.stage,
        outcome=row.outcome,
        at=row.at,
        words=words,
        policy_version=row.policy_id,
        decided_at=row.decided_at,
    )
