"""What the policy would say of a campaign, person by person, without a trace: made by the questions of the planning, kept packed."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from yutang.channels import holding_out
from yutang.channels.actions.audiences import foreseen_answers
from yutang.channels.actions.campaign_planning import (
    group_answers,
    groups_of_campaign,
    people_of_campaign,
    planner_of,
    wish_of,
)
from yutang.channels.columns import EPOCH, Ints, microseconds
from yutang.channels.confirmations import (
    Confirmations,
    Going,
    confirmations_from,
    contents_of,
    foreseen_confirmations,
)
from yutang.channels.kept_policy import digest_of
from yutang.channels.models import Campaign, CampaignPreview
from yutang.channels.organisation import current_policy
from yutang.channels.policy import CHANNELS, GROUP_CHANNEL
from yutang.channels.rules import OUTCOMES
from yutang.channels.within import receivers_within
from yutang.channels.wording import REASONS
from yutang.foundation.access import Actor

#: What may become of a receiver: the outcomes of the policy, and being held out.
FATES: tuple[str, ...] = (*OUTCOMES, "held")
_NOW, _AT, _REPLACE, _REFUSE, _HELD = range(len(FATES))
#: Counts changes of what the planning asks: what was foreseen by other questions is not fresh.
_QUESTIONS = 2
#: A preview that is older says what was, not what is.
KEEPS = timedelta(hours=24)


@dataclass(frozen=True)
class Answers:
    """Receivers with what the policy says of each, aligned by position.

    Attributes:
        receivers: keys of people, ascending, or of groups. Shape (n,).
        fate: place among `FATES`. Shape (n,).
        reason: place among `wording.REASONS`. Shape (n,).
        at: when it would go out; microseconds since 1970 (UTC), undefined where it does not. Shape (n,).
        way: by which channel, as its place among `policy.CHANNELS`; undefined where it does not go out. Shape (n,).
    """

    receivers: NDArray[Any]
    fate: NDArray[np.int8]
    reason: NDArray[np.int16]
    at: Ints
    way: NDArray[np.int8]

    def going(self, *, has_instead: bool, by: str = "") -> NDArray[np.bool_]:
        """Return who gets something, now or later, by one channel or (empty) by any. Shape (n,)."""
        goes: NDArray[np.bool_] = np.isin(self.fate, (_NOW, _AT, _REPLACE) if has_instead else (_NOW, _AT))
        return goes & (self.way == CHANNELS.index(by)) if by else goes

    def of(self, which: NDArray[np.bool_]) -> Answers:
        """Return the answers to some of the receivers."""
        return Answers(self.receivers[which], self.fate[which], self.reason[which], self.at[which], self.way[which])


@dataclass(frozen=True)
class PreviewView:
    """What was foreseen of a campaign.

    Attributes:
        asked: receivers of the audience. Count.
        outcomes: receivers by fate (`FATES`).
        reasons: by fate but ``now`` and ``held``: receivers by reason.
        days: receivers who get it later, by business day.
        ways: receivers who get something, by channel; a way of the campaign by which nothing goes has 0.
        has_instead: whether those to whom a promotion comes too early get something useful.
        is_fresh: made of what the campaign is, by the values that hold, within a day.
        confirmations: what it would ask of staff; None where it goes by no way of theirs.
    """

    made_at: datetime | None
    asked_at: datetime
    job_id: int | None
    asked: int
    outcomes: Mapping[str, int]
    reasons: Mapping[str, Mapping[str, int]]
    days: Mapping[date, int]
    ways: Mapping[str, int]
    has_instead: bool
    is_fresh: bool
    confirmations: Confirmations | None = None

    @property
    def held(self) -> int:
        """Who would get it and is held out."""
        return self.outcomes.get("held", 0)

    @property
    def getting(self) -> int:
        """Who gets something, now or later."""
        useful = self.outcomes.get("replace", 0) if self.has_instead else 0
        return self.outcomes.get("now", 0) + self.outcomes.get("at", 0) + useful


def preview_of(campaign: Campaign, *, now: datetime) -> PreviewView | None:
    """Return what was foreseen of a campaign; None where nobody asked."""
    row = CampaignPreview.objects.defer("answers").filter(campaign=campaign).first()
    if row is None:
        return None
    fresh = row.made_at is not None and row.made_at > now - KEEPS and row.digest == digest_of_campaign(campaign)
    counts = row.counts or {}
    return PreviewView(
        made_at=row.made_at,
        asked_at=row.asked_at,
        job_id=row.job_id,
        asked=counts.get("asked", 0),
        outcomes=counts.get("outcomes", {}),
        reasons=counts.get("reasons", {}),
        days={date.fromisoformat(day): n for day, n in sorted(counts.get("days", {}).items())},
        # The first way first: PostgreSQL keeps the keys of an object in an order of its own.
        ways=dict(sorted(counts.get("ways", {}).items(), key=lambda one: one[0] != campaign.channel)),
        has_instead=bool(campaign.instead),
        is_fresh=fresh,
        confirmations=confirmations_from(counts.get("confirmations", {})),
    )


def preview_within(campaign: Campaign, access: Actor, *, now: datetime) -> PreviewView | None:
    """Return what was foreseen of a campaign for whoever sees some stores only; without what it asks of staff of the chain."""
    whole, answers = preview_of(campaign, now=now), kept_answers(campaign)
    if whole is None or answers is None:
        return whole
    counts = _counts(campaign, answers_within(answers, access))
    return replace(
        whole,
        asked=counts["asked"],
        outcomes=counts["outcomes"],
        reasons=counts["reasons"],
        days={date.fromisoformat(day): n for day, n in sorted(counts["days"].items())},
        ways=counts["ways"],
        confirmations=None,
    )


def make_preview(
    campaign: Campaign, *, told: Callable[[int, int], None] = lambda done, total: None, now: datetime
) -> None:
    """Ask the policy about everybody of a campaign, and keep the answers; no message and no decision is written.

    Args:
        campaign: complete.
        told: called with how many of the three parts are done.
        now: aware UTC.

    Raises:
        FiguresAreNotReady: the figures do not hold what is to be decided about.
    """
    digest = digest_of_campaign(campaign)
    told(0, 3)
    answers = _of_groups(campaign, now) if campaign.channel == GROUP_CHANNEL else _of_people(campaign, told, now)
    told(2, 3)
    counts = _counts(campaign, answers)
    counts["confirmations"] = foreseen_confirmations(campaign, going_of(campaign, answers), now=now)
    kept = {
        "digest": digest,
        "asked_at": now,
        "made_at": now,
        "job_id": None,
        "counts": counts,
        "answers": _packed(answers),
    }
    CampaignPreview.objects.update_or_create(campaign=campaign, defaults=kept)
    told(3, 3)


def kept_answers(campaign: Campaign) -> Answers | None:
    """Return the answers of the latest preview; None where there is none."""
    row = CampaignPreview.objects.filter(campaign=campaign, made_at__isnull=False).first()
    return None if row is None else _unpacked(bytes(row.answers), channel=campaign.channel)


def answers_within(answers: Answers, access: Actor) -> Answers:
    """Return the answers to receivers within reach."""
    if access.store_ids is None:
        return answers
    within = np.array(receivers_within(access, answers.receivers.tolist()))
    return answers.of(np.isin(answers.receivers, within))


def answers_like(answers: Answers, *, fate: str = "", reason: str = "", day: date | None = None) -> NDArray[Any]:
    """Return the receivers of one fate, reason and day; empty ones narrow nothing. Shape (m,)."""
    chosen = np.ones(len(answers.receivers), dtype=bool)
    if fate:
        chosen &= answers.fate == FATES.index(fate)
    if reason:
        chosen &= answers.reason == REASONS.index(reason)
    if day is not None:
        zone = ZoneInfo(settings.TIME_ZONE)
        begin = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        chosen &= (answers.at >= microseconds(begin)) & (answers.at < microseconds(begin + timedelta(days=1)))
    return answers.receivers[chosen]


def going_of(campaign: Campaign, answers: Answers) -> list[Going]:
    """Return who gets something, by what they read and by which way."""
    said, useful = contents_of(campaign)
    chosen = [(said, answers.going(has_instead=False))]
    chosen += [(useful, answers.fate == _REPLACE)] if useful else []
    return [
        Going(content, channel, answers.receivers[which].tolist(), answers.at[which])
        for content, goes in chosen
        for channel in _ways(campaign)
        if (which := goes & (answers.way == CHANNELS.index(channel))).any()
    ]


def digest_of_campaign(campaign: Campaign) -> str:
    """Return what tells apart what is foreseen: the campaign, and the values of the policy."""
    told = {
        "audience": campaign.audience,
        "stores": campaign.stores,
        "channel": campaign.channel,
        "intent": campaign.intent,
        "content": campaign.content or campaign.words_version,
        "instead": campaign.instead,
        "fallback": campaign.fallback,
        "held": campaign.held_out_percent,
        "starts_at": campaign.starts_at and campaign.starts_at.isoformat(),
        "latest": campaign.latest and campaign.latest.isoformat(),
        "policy": digest_of(current_policy()),
        "questions": _QUESTIONS,
    }
    return hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest()


def _of_people(campaign: Campaign, told: Callable[[int, int], None], now: datetime) -> Answers:
    people = people_of_campaign(campaign, now=now)
    told(1, 3)
    wish = wish_of(campaign, people, holding_out.foreseen_people(campaign))
    found = foreseen_answers(access=planner_of(campaign), wish=wish, now=now)
    decided, n = found.decisions, len(found.held)
    receivers = np.concatenate([found.people, found.held])
    order = np.argsort(receivers, kind="stable")
    return Answers(
        receivers[order],
        np.concatenate([decided.outcome, np.full(n, _HELD, dtype=np.int8)])[order],
        np.concatenate([decided.reason, np.full(n, REASONS.index("free"))])[order].astype(np.int16),
        np.concatenate([decided.at, np.zeros(n, dtype=np.int64)])[order],
        np.concatenate([found.ways, np.zeros(n, dtype=np.int8)])[order],
    )


def _of_groups(campaign: Campaign, now: datetime) -> Answers:
    answers = group_answers(campaign, groups_of_campaign(campaign), now=now)
    held = holding_out.foreseen_groups(campaign, [one.group_key for one in answers if one.may_go])
    fates = [_HELD if one.group_key in held else OUTCOMES.index(one.decision.outcome) for one in answers]
    at = [0 if one.decision.at is None else int(microseconds(one.decision.at)) for one in answers]
    return Answers(
        np.array([one.group_key for one in answers], dtype=np.str_),
        np.array(fates, dtype=np.int8),
        np.array([REASONS.index(one.decision.reason) for one in answers], dtype=np.int16),
        np.array(at, dtype=np.int64),
        _all_by(GROUP_CHANNEL, len(answers)),
    )


def _all_by(channel: str, n: int) -> NDArray[np.int8]:
    return np.full(n, CHANNELS.index(channel), dtype=np.int8)


def _ways(campaign: Campaign) -> list[str]:
    return [channel for channel in (campaign.channel, campaign.fallback) if channel]


def _counts(campaign: Campaign, answers: Answers) -> dict[str, Any]:
    fates = np.bincount(answers.fate, minlength=len(FATES)).tolist()
    reasons: dict[str, dict[str, int]] = {}
    for fate in (_AT, _REPLACE, _REFUSE):
        counted = np.bincount(answers.reason[answers.fate == fate], minlength=len(REASONS)).tolist()
        reasons[FATES[fate]] = {REASONS[place]: n for place, n in enumerate(counted) if n}
    has_instead = bool(campaign.instead)
    return {
        "asked": len(answers.receivers),
        "of": "groups" if campaign.channel == GROUP_CHANNEL else "people",
        "ways": {one: int(answers.going(has_instead=has_instead, by=one).sum()) for one in _ways(campaign)},
        "outcomes": dict(zip(FATES, fates, strict=True)),
        "reasons": reasons,
        "days": _days(answers.at[answers.fate == _AT]),
    }


def _days(at: Ints) -> dict[str, int]:
    """Return how many instants lie in each business day: few instants are asked about, since most wait for the same hour."""
    instants, counts = np.unique(at // 60_000_000, return_counts=True)
    zone, days = ZoneInfo(settings.TIME_ZONE), dict[str, int]()
    for minute, n in zip(instants.tolist(), counts.tolist(), strict=True):
        day = (EPOCH + timedelta(minutes=minute)).astimezone(zone).date().isoformat()
        days[day] = days.get(day, 0) + n
    return days


def _packed(answers: Answers) -> bytes:
    kept = io.BytesIO()
    columns = {name: getattr(answers, name) for name in Answers.__dataclass_fields__}
    np.savez_compressed(kept, **columns, allow_pickle=False)
    return kept.getvalue()


def _unpacked(kept: bytes, *, channel: str) -> Answers:
    with np.load(io.BytesIO(kept), allow_pickle=False) as read:
        receivers = read["receivers"]
        # What was kept before ways were told apart went by the channel of the campaign.
        way = read["way"] if "way" in read.files else _all_by(channel, len(receivers))
        return Answers(receivers, read["fate"], read["reason"], read["at"], way)
