"""What decided about a message, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from yutang.channels.policy import SHARE_DAYS, Policy
from yutang.kit.text import N_, Sentence

_PERIOD_WORDS = {
    "day": N_("WeCom delivers only so many mass messages to one receiver a day, and today's are used up."),
    "week": N_("WeCom delivers only so many mass messages to one receiver a week, and this week's are used up."),
    "month": N_("WeCom delivers only so many mass messages to one receiver a month, and this month's are used up."),
}

_PERSON_CAP = N_("One person gets at most %(most)s messages in %(days)s days.")
_CHANNEL_CAP = N_("One person gets at most %(most)s messages by this channel in %(days)s days.")
_PROMOTION_CAP = N_("One person gets at most %(most)s promotions in %(days)s days.")
_GROUP_CAP = N_("One group gets at most %(most)s posts in %(days)s days.")
_GROUP_PROMOTION_CAP = N_("One group gets at most %(most)s promotions in %(days)s days.")

#: Template of each reason, and what fills it.
_REASONS: Mapping[str, tuple[str, Callable[[Policy], dict[str, Any]]]] = {
    "free": (N_("Nothing stands in the way."), lambda _policy: {}),
    "too_late": (N_("Its time is over."), lambda _policy: {}),
    "unreachable": (
        N_("There is no address for this channel, or no member of staff is a friend on WeCom."),
        lambda _policy: {},
    ),
    "unknown_person": (
        N_("The figures do not know this person yet. Refresh them, or decide about this person alone."),
        lambda _policy: {},
    ),
    "consent_refused": (N_("The person said no to this."), lambda _policy: {}),
    "consent_missing": (N_("The person has not agreed to this, and it needs an explicit yes."), lambda _policy: {}),
    "group_dead": (N_("The group no longer reacts. Revive or close it first."), lambda _policy: {}),
    "group_rests": (
        N_("The group is tired and rests for %(days)s days."),
        lambda policy: {"days": policy.fatigued_rest_days},
    ),
    "same_content": (
        N_("The same content was sent within the last %(days)s days."),
        lambda policy: {"days": policy.same_content_days},
    ),
    "complaint_open": (N_("A complaint is open: no promotion until it is settled."), lambda _policy: {}),
    "mood_fell": (
        N_("The mood of the person fell: no promotion for %(days)s days."),
        lambda policy: {"days": policy.mood_rest_days},
    ),
    "value_first": (
        N_("Trust first: promotion comes after %(needed)s messages that were useful; so far there were %(have)s."),
        lambda policy: {"needed": policy.value_touches},
    ),
    "too_new": (
        N_("Trust first: promotion comes %(needed)s days after joining; so far it has been %(have)s."),
        lambda policy: {"needed": policy.days_before_promotion},
    ),
    "promotion_share": (
        N_("Promotion may be at most %(percent)s%% of the messages of %(days)s days; something useful comes first."),
        lambda policy: {"percent": policy.promotion_percent, "days": SHARE_DAYS},
    ),
    "quiet_hours": (
        N_("Messages go out from %(opens)s:00 to %(closes)s:00 where the person lives."),
        lambda policy: {"opens": policy.opens, "closes": policy.closes},
    ),
    "stopped": (N_("The campaign was stopped."), lambda _policy: {}),
    "worth_less": (
        N_("The places are scarce, and other messages are expected to bring more."),
        lambda _policy: {},
    ),
}
_OTHER_INTENT = N_("The content was written for something else, and goes out as nothing else.")
_CAP_WORDS = {
    "person_day": _PERSON_CAP,
    "person_week": _PERSON_CAP,
    "person_month": _PERSON_CAP,
    "wecom_week": _CHANNEL_CAP,
    "sms_month": _CHANNEL_CAP,
    "email_month": _CHANNEL_CAP,
    "phone_month": _CHANNEL_CAP,
    "promotion_month": _PROMOTION_CAP,
    "group_day": _GROUP_CAP,
    "group_week": _GROUP_CAP,
    "group_promotion_month": _GROUP_PROMOTION_CAP,
}

#: Each reason in a few words, where messages are counted by it.
REASON_TITLES: Mapping[str, str] = {
    "free": N_("Nothing in the way"),
    "too_late": N_("Time over"),
    "unreachable": N_("No address, or no friend of the staff"),
    "unknown_person": N_("Not known to the figures"),
    "consent_refused": N_("Said no"),
    "consent_missing": N_("Never said yes"),
    "group_dead": N_("Dead group"),
    "group_rests": N_("Tired group"),
    "same_content": N_("Same content again"),
    "complaint_open": N_("Complaint open"),
    "mood_fell": N_("Mood fell"),
    "value_first": N_("Too few useful messages before"),
    "too_new": N_("Joined too short ago"),
    "promotion_share": N_("Too much promotion"),
    "quiet_hours": N_("Outside the hours"),
    "stopped": N_("Campaign stopped"),
    "worth_less": N_("Others bring more"),
    "person_day": N_("Cap of a person: 24 hours"),
    "person_week": N_("Cap of a person: 7 days"),
    "person_month": N_("Cap of a person: 30 days"),
    "wecom_week": N_("Cap of WeCom: 7 days"),
    "sms_month": N_("Cap of SMS: 30 days"),
    "email_month": N_("Cap of e-mail: 30 days"),
    "phone_month": N_("Cap of calls: 30 days"),
    "promotion_month": N_("Cap of promotions: 30 days"),
    "group_day": N_("Cap of a group: 24 hours"),
    "group_week": N_("Cap of a group: 7 days"),
    "group_promotion_month": N_("Cap of promotions to a group: 30 days"),
    "platform_quota": N_("WeCom's own limit"),
    "other_intent": N_("Content for something else"),
}

#: Every reason there is, in a fixed order: its place is what columns of decisions hold.
REASONS: tuple[str, ...] = (*_REASONS, *_CAP_WORDS, "platform_quota", "other_intent")


def reason_words(reason: str, *, have: int | None, policy: Policy) -> Sentence:
    """Return the reason of a decision for a person.

    Args:
        reason: code of the reason.
        have: how much there is of what the reason asks for; None where it counts nothing.
        policy: by whose values it was decided.
    """
    if reason == "platform_quota":
        return Sentence(_PERIOD_WORDS[policy.wecom_person_period])
    if reason == "other_intent":
        return Sentence(_OTHER_INTENT)
    if reason in _CAP_WORDS:
        cap = next(cap for cap in (*policy.person_caps, *policy.group_caps) if cap.code == reason)
        return Sentence(_CAP_WORDS[reason], {"most": cap.most, "days": cap.days})
    template, values_of = _REASONS[reason]
    values = values_of(policy)
    return Sentence(template, values if have is None else {**values, "have": have})
