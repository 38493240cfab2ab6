"""Campaigns: drafted, tried, started, paused, stopped; one message to each of many people or groups."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from yutang.channels.actions.campaign_planning import plan_campaign
from yutang.channels.actions.touches import decision_row
from yutang.channels.audiences_of import audience_from
from yutang.channels.bodies import BODIES
from yutang.channels.kept_policy import kept_policy
from yutang.channels.marking import mark_days
from yutang.channels.models import Campaign, CampaignState, Touch, TouchState
from yutang.channels.models import Decision as KeptDecision
from yutang.channels.own_words import body_from, texts_in
from yutang.channels.policy import GROUP_CHANNEL, INTENTS, TRANSACTIONAL
from yutang.channels.rules import Decision
from yutang.channels.said_words import check_intents, check_words
from yutang.channels.wording import reason_words
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Job, JobStatus
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.segments.evaluating import FiguresAreNotReady

S = CampaignState
#: Channels by which a campaign can go out by itself; calls are made by people.
CHANNELS = ("wecom", "sms", "email", GROUP_CHANNEL)
#: Years in which a campaign can begin or end: wall clocks are reckoned for days around them.
_YEARS = range(2000, 2200)
_LONGEST_NAME, _LONGEST_TEXT, _MOST_HELD_OUT = 80, 4_000, 95
_CLEARED_AT_ONCE = 2_000


class CampaignIsIncomplete(DomainError):
    """Something that a campaign needs is missing or wrong."""

    code: ClassVar[str] = "campaign_is_incomplete"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The campaign is not complete: %(what)s. It needs a name of at most 80 characters, a channel, an intent, words that fit "
        "the channel, and an audience, and times before the year 2200."
    )


class NoticeConcernsOne(DomainError):
    """A campaign would send a transaction notice, which no cap and no consent holds back, to people whom no transaction concerns."""

    code: ClassVar[str] = "notice_concerns_one"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "A transaction notice goes to the one whose order or visit it tells of: by itself, by a playbook that the order or the event "
        "begins, or by another system. A campaign goes to many; choose a content for another purpose."
    )


class NoSuchCampaign(DomainError):
    """There is no such campaign."""

    code: ClassVar[str] = "no_such_campaign"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no campaign %(campaign)s.")


class CampaignIsElsewhere(DomainError):
    """What is asked for does not fit how far the campaign is."""

    code: ClassVar[str] = "campaign_is_elsewhere"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This cannot be done now: the campaign is in the state “%(state)s”.")


class CampaignReachesFurther(DomainError):
    """Its audience lies beyond the stores of whoever wants to change it."""

    code: ClassVar[str] = "campaign_reaches_further"
    http_status: ClassVar[int] = 403
    message: ClassVar[str] = N_(
        "The campaign is for people of stores that are not yours. Ask somebody who sees all of them, or draft one of your own."
    )


@dataclass(frozen=True)
class CampaignWish:
    """What a campaign is to be.

    Attributes:
        name: for people. At most 80 characters.
        channel: one of `CHANNELS`.
        intent: one of `policy.INTENTS`.
        audience: ``{"rule": …}``, ``{"everybody": true}``, ``{"people": […]}`` or ``{"groups": […]}``.
        content: reference of a content; empty where `words` are given.
        words: ``text``, ``subject`` (e-mail), ``template`` and ``values`` (SMS), ``attachments`` (WeCom).
        fallback: by which way those are asked whom the first does not reach; empty: none.
        fallback_hours: hours after which what staff did not confirm goes the other way. 1 to 336.
        starts_at: from when on; None: when it is started. Aware UTC.
        latest: after this instant it is of no use; None: the policy's patience holds. Aware UTC.
        instead: reference of something useful for those to whom a promotion would come too early; empty: they get nothing.
        held_out_percent: of those who would get it, who gets nothing, to compare with. 0 to 95.
    """

    name: str
    channel: str
    intent: str
    audience: Mapping[str, Any]
    content: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)
    fallback: str = ""
    fallback_hours: int = 24
    starts_at: datetime | None = None
    latest: datetime | None = None
    instead: str = ""
    held_out_percent: int = 10


@transaction.atomic
def draft_campaign(*, actor: Actor, wish: CampaignWish, now: datetime) -> int:
    """Write a campaign down and return its key in the store; nothing is planned yet.

    Raises:
        CampaignIsIncomplete: something is missing or wrong; says what.
    """
    actor.require("channels.send")
    checked_campaign(wish)
    row = Campaign.objects.create(
        key=new_key(),
        made_by_id=actor.staff_id,
        made_at=now,
        changed_at=now,
        stores=reach_of(actor),
        **columns_of(wish),
    )
    _note(actor, "channels.draft_campaign", row, now)
    return row.pk


@transaction.atomic
def change_campaign(*, actor: Actor, campaign_id: int, wish: CampaignWish, now: datetime) -> None:
    """Change a campaign that was not started.

    Raises:
        NoSuchCampaign: there is none.
        CampaignIsElsewhere: it was started.
        CampaignIsIncomplete: something is missing or wrong.
    """
    actor.require("channels.send")
    row = known_campaign(campaign_id, actor=actor)
    checked_campaign(wish)
    rewrite(row, columns_of(wish) | {"stores": reach_of(actor)}, now=now)
    _note(actor, "channels.change_campaign", row, now)


def rewrite(row: Campaign, columns: dict[str, Any], *, now: datetime) -> None:
    """Write changed parts of a campaign that was not started; what waited for its time is a draft again."""
    words, content = columns.get("words", row.words), columns.get("content", row.content)
    others = words != row.words or content != row.content
    _move(row, (S.DRAFT, S.READY), S.DRAFT, now, words_version=row.words_version + others, **columns)


@transaction.atomic
def start_campaign(*, actor: Actor, campaign_id: int, now: datetime) -> str:
    """Let a campaign go, at its time or at once, or go on after a pause; return the state in which it is.

    Raises:
        NoSuchCampaign: there is none.
        CampaignIsElsewhere: it runs or has ended.
        IntentIsAnother: a content was written for another intent.
    """
    actor.require("channels.send")
    return _let_go(actor, known_campaign(campaign_id, actor=actor), (S.DRAFT, S.READY, S.PAUSED), now)


@transaction.atomic
def resume_campaign(*, actor: Actor, campaign_id: int, now: datetime) -> str:
    """Let a campaign go on that rests; return the state in which it is. A draft is let go by `launch_campaign` alone.

    Raises:
        NoSuchCampaign: there is none.
        CampaignIsElsewhere: it does not rest.
        IntentIsAnother: a content was written for another intent.
    """
    actor.require("channels.send")
    return _let_go(actor, known_campaign(campaign_id, actor=actor), (S.PAUSED,), now)


@transaction.atomic
def pause_campaign(*, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Let a campaign rest: what is planned waits; what staff were asked to send stays asked.

    Raises:
        NoSuchCampaign: there is none.
        CampaignIsElsewhere: it does not run.
    """
    actor.require("channels.send")
    row = known_campaign(campaign_id, actor=actor)
    _move(row, (S.RUNNING, S.READY), S.PAUSED, now)
    _note(actor, "channels.pause_campaign", row, now)


@transaction.atomic
def stop_campaign(*, actor: Actor, campaign_id: int, now: datetime) -> None:
    """End a campaign for good: what is planned is refused, and what staff did not send is taken back.

    Raises:
        NoSuchCampaign: there is none.
        CampaignIsElsewhere: it has ended.
    """
    actor.require("channels.send")
    row = known_campaign(campaign_id, actor=actor)
    _move(row, (S.DRAFT, S.READY, S.RUNNING, S.PAUSED), S.ENDED, now)
    _note(actor, "channels.stop_campaign", row, now)
    wake(now=now)


def start_due(*, actor: Actor, now: datetime) -> int:
    """Let campaigns go whose time has come, and return how many those were."""
    actor.require("channels.send")
    due = Campaign.objects.filter(state=S.READY, starts_at__lte=now)
    return due.update(state=S.RUNNING, changed_at=now)


def plan_running(*, actor: Actor, now: datetime) -> int:
    """Ask the policy about the people of running campaigns that were not planned yet, and return how many campaigns that were.

    Killed at any point it goes on: who was asked about is not asked about again. A campaign that cannot be planned, because its segment
    or its content is gone, say, rests and says why; the others go on.

    Raises:
        FiguresAreNotReady: the figures do not hold what is to be decided about; all others are planned before.
    """
    actor.require("channels.send")
    planned, later = 0, None
    for row in Campaign.objects.filter(state=S.RUNNING, planned_at=None).order_by("pk"):
        try:
            plan_campaign(row, now=now)
            planned += 1
        except FiguresAreNotReady as refusal:
            later = refusal
        except DomainError as refusal:
            _let_rest(actor, row, refusal, now)
    if later is not None:
        raise later
    return planned


@transaction.atomic
def clear_ended(*, actor: Actor, now: datetime) -> int:
    """Refuse some of what is still planned for campaigns that ended, and return how many messages; 0: nothing is left."""
    actor.require("channels.send")
    ended = list(Campaign.objects.filter(state=S.ENDED, cleared_at=None).order_by("pk").values_list("key", flat=True))
    rows = Touch.objects.select_for_update().filter(campaign__in=ended, state=TouchState.PLANNED).order_by("pk")
    touches = list(rows[:_CLEARED_AT_ONCE])
    if not touches:
        Campaign.objects.filter(key__in=ended).update(cleared_at=now)
        return 0
    kept = kept_policy(now=now)
    words = reason_words("stopped", have=None, policy=kept.policy)
    Touch.objects.filter(pk__in=[one.pk for one in touches]).update(state=TouchState.REFUSED, changed_at=now)
    KeptDecision.objects.bulk_create(
        [
            decision_row(
                one,
                one.customer_id,
                Decision("refuse", one.intent, None, "stopped", None, words),
                kept,
                stage="claim",
                now=now,
            )
            for one in touches
        ]
    )
    mark_days({one.business_date for one in touches}, now=now)
    return len(touches)


def wake(*, now: datetime) -> None:
    """Let a worker look at campaigns, in the caller's transaction."""
    from yutang.channels.tasks import run_campaigns

    waiting = Job.objects.filter(task_path=run_campaigns.module_path, status=JobStatus.WAITING)
    if not waiting.exists():
        jobs.enqueue(run_campaigns, {}, now=now)


def checked_campaign(wish: CampaignWish) -> None:
    """Refuse a campaign that lacks something.

    Raises:
        AudienceIsWrong: nobody can tell whom it is for.
        CampaignIsIncomplete: says what.
    """
    audience_from(wish.audience)
    wrong = faults_of(wish)
    if wrong:
        raise CampaignIsIncomplete(what=wrong[0])
    check_said(wish)


def check_said(wish: CampaignWish) -> None:
    """Refuse notices of transactions, contents under another intent than their own, and own words that may not go out.

    Raises:
        NoticeConcernsOne: it would send a transaction notice.
        IntentIsAnother: names both intents.
        DomainError: says which words may not go out, and why.
    """
    if wish.intent == TRANSACTIONAL:
        raise NoticeConcernsOne
    instead = "value" if wish.intent == "promotion" else wish.intent
    check_intents([(wish.content, wish.intent), (wish.instead, instead)] if wish.intent else [])
    if wish.words:
        # By the other way goes the text that was filed with the gateway, which has its own way out.
        check_words(texts=texts_in(wish.words), channels=[wish.channel], intent=wish.intent)


def faults_of(wish: CampaignWish) -> list[str]:
    """Return which parts of a campaign are missing or wrong, in the order in which they are asked for."""
    by_groups = wish.channel == GROUP_CHANNEL
    return [
        what
        for what, is_right in (
            ("name", 0 < len(wish.name.strip()) <= _LONGEST_NAME),
            ("channel", wish.channel in CHANNELS),
            ("intent", wish.intent in INTENTS),
            ("audience", bool(wish.audience) and audience_from(wish.audience).is_of_groups == by_groups),
            (
                "fallback",
                not wish.fallback
                or (wish.fallback in CHANNELS[:3] and wish.fallback != wish.channel and not by_groups),
            ),
            ("fallback hours", isinstance(wish.fallback_hours, int) and 1 <= wish.fallback_hours <= 336),
            ("words", _has_words(wish)),
            (
                "something useful instead",
                not wish.instead or (_is_content(wish.instead) and wish.intent == "promotion"),
            ),
            ("time", all(at is None or at.year in _YEARS for at in (wish.starts_at, wish.latest))),
            ("held out share", isinstance(wish.held_out_percent, int) and 0 <= wish.held_out_percent <= _MOST_HELD_OUT),
        )
        if not is_right
    ]


def _is_content(reference: str) -> bool:
    return len(reference) <= _LONGEST_NAME and reference.partition(":")[0] in BODIES


def _has_words(wish: CampaignWish) -> bool:
    if wish.content:
        return not wish.words and _is_content(wish.content)
    try:
        body = body_from(wish.words)
    except (TypeError, AttributeError):
        return False
    ways = {wish.channel, wish.fallback} - {""}
    fits = ("sms" not in ways or bool(body.template)) and ("email" not in ways or bool(body.subject and body.text))
    said = bool(body.text or body.attachments) or ways == {"sms"}
    return fits and said and len(body.text) <= _LONGEST_TEXT and "\n" not in body.subject


def columns_of(wish: CampaignWish) -> dict[str, Any]:
    """Return what a campaign is to be as columns of its row."""
    told = {name: getattr(wish, name) for name in CampaignWish.__dataclass_fields__}
    return told | {"name": wish.name.strip(), "audience": dict(wish.audience), "words": dict(wish.words)}


def wish_from(row: Campaign) -> CampaignWish:
    """Return what a campaign is to be, as its row says it."""
    return CampaignWish(**{name: getattr(row, name) for name in CampaignWish.__dataclass_fields__})


def new_key() -> str:
    """Return the key of a new campaign."""
    return f"c-{secrets.token_hex(6)}"


def reach_of(actor: Actor) -> list[int] | None:
    """Return the stores that an actor reaches, as a campaign keeps them."""
    return None if actor.store_ids is None else sorted(actor.store_ids)


def known_campaign(campaign_id: int, *, actor: Actor) -> Campaign:
    """Return the row of a campaign to whoever changes it.

    Raises:
        NoSuchCampaign: there is none.
        CampaignReachesFurther: its audience lies beyond the actor's reach.
    """
    row = Campaign.objects.filter(pk=campaign_id).first()
    if row is None:
        raise NoSuchCampaign(campaign=campaign_id)
    reached = None if row.stores is None else frozenset(row.stores)
    if not actor.covers(permissions=frozenset(), store_ids=reached):
        raise CampaignReachesFurther
    return row


def _let_go(actor: Actor, row: Campaign, before: tuple[CampaignState, ...], now: datetime) -> str:
    check_said(wish_from(row))
    waits = row.starts_at is not None and row.starts_at > now
    state = S.READY if waits else S.RUNNING
    _move(row, tuple(one for one in before if one != state), state, now, fault=None)
    _note(actor, "channels.start_campaign", row, now)
    if not waits:
        wake(now=now)
    return state.value


@transaction.atomic
def _let_rest(actor: Actor, row: Campaign, refusal: DomainError, now: datetime) -> None:
    """Let a campaign rest that cannot be planned, unless somebody did so meanwhile."""
    if Campaign.objects.filter(pk=row.pk, state=S.RUNNING, planned_at=None).update(
        state=S.PAUSED, changed_at=now, fault=refusal.sentence.as_json()
    ):
        _note(actor, "channels.pause_campaign", row, now, fault=refusal.sentence.as_json())


def _move(row: Campaign, before: tuple[CampaignState, ...], to: CampaignState, now: datetime, **columns: Any) -> None:
    mine = Campaign.objects.filter(pk=row.pk, state__in=before)
    if not mine.update(state=to, changed_at=now, **columns):
        raise CampaignIsElsewhere(state=str(CampaignState(row.state).value))


def _note(actor: Actor, action: str, row: Campaign, now: datetime, **detail: Any) -> None:
    told = {"name": row.name, **detail}
    audit(actor=actor, action=action, subject_type="campaign", subject_id=row.key, detail=told, now=now)
