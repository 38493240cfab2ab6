"""Settings of the contact policy: every value of `policy.Policy`, what it means, and what it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from yutang.channels.policy import PERSON_CHANNELS, Policy, policy_from
from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.foundation.queries import organisation_settings
from yutang.kit.text import N_

#: Name of each channel and intent for a person.
CHANNEL_TITLES = {
    "wecom": N_("WeCom"),
    "sms": N_("SMS"),
    "email": N_("E-mail"),
    "phone": N_("Phone call"),
    "group": N_("Customer group"),
}
INTENT_TITLES = {
    "transactional": N_("Transaction notice"),
    "service": N_("Service"),
    "value": N_("Useful content"),
    "research": N_("Research"),
    "promotion": N_("Promotion"),
}
_PERIODS = {"day": N_("a day"), "week": N_("a week"), "month": N_("a month")}
_DEFAULTS = Policy().as_json()


@dataclass(frozen=True)
class PolicyGroup:
    """Values of the policy that belong together, in order.

    Attributes:
        title: marked with `N_`.
        names: of values of `policy.Policy`.
    """

    title: str
    names: tuple[str, ...]


GROUPS = (
    PolicyGroup(
        N_("Trust before sale"),
        ("value_touches", "days_before_promotion", "promotion_percent", "mood_rest_days", "same_content_days"),
    ),
    PolicyGroup(
        N_("Most messages to one person"),
        (
            "person_day",
            "person_week",
            "person_month",
            "promotion_month",
            "wecom_week",
            "sms_month",
            "email_month",
            "phone_month",
        ),
    ),
    PolicyGroup(
        N_("Most posts to one group"), ("group_day", "group_week", "group_promotion_month", "fatigued_rest_days")
    ),
    PolicyGroup(N_("Hours, waiting and consent"), ("opens", "closes", "wait_days", "value_needs_yes_on")),
    PolicyGroup(
        N_("Limits of WeCom itself"),
        (
            "wecom_person_period",
            "wecom_person_most",
            "wecom_group_period",
            "wecom_group_most",
            "customers_a_task",
            "groups_a_task",
        ),
    ),
)


def current_policy() -> Policy:
    """Return the contact policy as the organisation has set it."""
    kept = organisation_settings(room="channels")
    return policy_from({name: kept[f"channels.{name}"] for name in _DEFAULTS})


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _are_channels(value: Any) -> bool:
    return (
        isinstance(value, list) and len(set(map(str, value))) == len(value) and all(v in PERSON_CHANNELS for v in value)
    )


def _is_period(value: Any) -> bool:
    return isinstance(value, str) and value in _PERIODS


def _register(
    name: str,
    title: str,
    accepts: Callable[[Any], bool],
    *,
    told: str = "",
    unit: str = "",
    choices: Mapping[str, str] | None = None,
) -> None:
    SETTINGS.register(
        OrganisationSetting(
            key=f"channels.{name}",
            title=title,
            default=_DEFAULTS[name],
            accepts=accepts,
            help=told,
            choices=choices,
            unit=unit,
            section=next(group.title for group in GROUPS if name in group.names),
        )
    )


_COUNT_HELP = N_("A whole number from 0 to 100; 0 forbids them. Transaction notices never count.")
_DAYS_HELP = N_("A whole number of days from 0 to 365.")
_PERIOD_HELP = N_("The choice that the administrator of your WeCom has made.")

_register(
    "value_touches",
    N_("Useful messages that a person must have had before the first promotion"),
    _whole(0, 50),
    told=N_("A whole number from 0 to 50. Useful is what has a value without buying."),
    unit="message",
)
_register(
    "days_before_promotion", N_("Days from joining to the first promotion"), _whole(0, 365), told=_DAYS_HELP, unit="day"
)
_register(
    "promotion_percent",
    N_("Share of promotion among a person's or group's messages of 30 days, at most"),
    _whole(0, 100),
    told=N_("Percent, a whole number from 0 to 100. The message that is asked about counts too."),
    unit="percent",
)
_register(
    "mood_rest_days",
    N_("Days without promotion after a person's mood fell"),
    _whole(0, 365),
    told=_DAYS_HELP,
    unit="day",
)
_register(
    "same_content_days",
    N_("Days in which nobody gets the same content again"),
    _whole(0, 365),
    told=_DAYS_HELP,
    unit="day",
)
_register(
    "person_day", N_("Messages to one person in 24 hours, at most"), _whole(0, 100), told=_COUNT_HELP, unit="message"
)
_register(
    "person_week", N_("Messages to one person in 7 days, at most"), _whole(0, 100), told=_COUNT_HELP, unit="message"
)
_register(
    "person_month", N_("Messages to one person in 30 days, at most"), _whole(0, 100), told=_COUNT_HELP, unit="message"
)
_register(
    "promotion_month",
    N_("Promotions to one person in 30 days, at most"),
    _whole(0, 100),
    told=_COUNT_HELP,
    unit="message",
)
_register(
    "wecom_week",
    N_("WeCom messages to one person in 7 days, at most"),
    _whole(0, 100),
    told=_COUNT_HELP,
    unit="message",
)
_register("sms_month", N_("SMS to one person in 30 days, at most"), _whole(0, 100), told=_COUNT_HELP, unit="message")
_register(
    "email_month", N_("E-mails to one person in 30 days, at most"), _whole(0, 100), told=_COUNT_HELP, unit="message"
)
_register(
    "phone_month", N_("Phone calls to one person in 30 days, at most"), _whole(0, 100), told=_COUNT_HELP, unit="message"
)
_register("group_day", N_("Posts to one group in 24 hours, at most"), _whole(0, 100), told=_COUNT_HELP, unit="message")
_register("group_week", N_("Posts to one group in 7 days, at most"), _whole(0, 100), told=_COUNT_HELP, unit="message")
_register(
    "group_promotion_month",
    N_("Promotions to one group in 30 days, at most"),
    _whole(0, 100),
    told=_COUNT_HELP,
    unit="message",
)
_register("fatigued_rest_days", N_("Days for which a tired group rests"), _whole(0, 365), told=_DAYS_HELP, unit="day")
_register(
    "opens",
    N_("Hour from which messages go out, where the person lives"),
    _whole(8, 14),
    told=N_("From 8 to 14 o'clock: nobody is disturbed before eight."),
    unit="hour",
)
_register(
    "closes",
    N_("Hour from which no message goes out any more, where the person lives"),
    _whole(15, 21),
    told=N_("From 15 to 21 o'clock: nobody is disturbed after nine in the evening."),
    unit="hour",
)
_register(
    "wait_days",
    N_("Days for which a message may wait for a free place; after that it is refused"),
    _whole(0, 30),
    told=N_("A whole number of days from 0 to 30."),
    unit="day",
)
_register(
    "value_needs_yes_on",
    N_("Channels by which useful content too needs an explicit yes"),
    _are_channels,
    choices={code: CHANNEL_TITLES[code] for code in PERSON_CHANNELS},
    told=N_("Promotion and research need an explicit yes on every channel; service is stopped by a no."),
)
_register(
    "wecom_person_period",
    N_("Period of WeCom's limit for one customer"),
    _is_period,
    told=_PERIOD_HELP,
    choices=_PERIODS,
)
_register(
    "wecom_person_most",
    N_("Mass messages that WeCom delivers to one customer in it"),
    _whole(0, 31),
    told=N_("A whole number from 0 to 31. By the month never more than the month has days."),
    unit="message",
)
_register(
    "wecom_group_period", N_("Period of WeCom's limit for one group"), _is_period, told=_PERIOD_HELP, choices=_PERIODS
)
_register(
    "wecom_group_most",
    N_("Mass messages that WeCom delivers to one group in it"),
    _whole(0, 31),
    told=N_("A whole number from 0 to 31. By the month never more than the month has days."),
    unit="message",
)
_register(
    "customers_a_task",
    N_("Customers that one WeCom task may name"),
    _whole(1, 10_000),
    told=N_("A whole number from 1 to 10,000."),
    unit="person",
)
_register(
    "groups_a_task",
    N_("Groups that one WeCom task may name"),
    _whole(1, 2_000),
    told=N_("A whole number from 1 to 2,000."),
)
