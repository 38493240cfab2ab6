"""The contact policy as plain values: what the rules hold every message to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: What a message is for. A transactional one belongs to a contract: no cap of ours holds it back.
TRANSACTIONAL = "transactional"
INTENTS: tuple[str, ...] = (TRANSACTIONAL, "service", "value", "research", "promotion")
#: Ways to one person, and the one way to a group.
PERSON_CHANNELS: tuple[str, ...] = ("wecom", "sms", "email", "phone")
GROUP_CHANNEL = "group"
CHANNELS: tuple[str, ...] = (*PERSON_CHANNELS, GROUP_CHANNEL)
#: The purpose of the consent ledger under which an intent falls; a transactional message needs none.
PURPOSE_OF: Mapping[str, str] = {
    "service": "service",
    "value": "service",
    "research": "research",
    "promotion": "promotion",
}
#: Days back within which the share of promotion is counted.
SHARE_DAYS = 30
#: No cap looks farther back than this. Days.
LONGEST_WINDOW_DAYS = 30


@dataclass(frozen=True)
class Cap:
    """At most so many messages within so many days, counted back from each message.

    Attributes:
        code: name of the reason; also that of the value in the policy.
        most: messages. Count, ``>= 0``; 0 forbids.
        days: length of the rolling window. Days, ``>= 1``.
        channel: only messages by this way are counted and held; empty: all.
        intent: only messages of this intent; empty: all but transactional ones.
    """

    code: str
    most: int
    days: int
    channel: str = ""
    intent: str = ""

    def holds(self, *, channel: str, intent: str) -> bool:
        """Return whether a message by this way and of this intent falls under the cap."""
        return self.channel in {"", channel} and self.intent in {"", intent} and intent != "transactional"


@dataclass(frozen=True)
class Policy:
    """Values of the contact policy; each is a setting of the organisation under ``channels.<name>``.

    Attributes:
        value_touches: useful messages that somebody must have had before the first promotion. Count.
        days_before_promotion: days since joining before the first promotion.
        promotion_percent: promotion among all messages of the last 30 days, this one included, at most. Percent.
        mood_rest_days: days without promotion after the mood of a person fell.
        person_day: messages to one person in 24 hours; ``person_week`` in 7 days, ``person_month`` in 30.
        wecom_week: by WeCom in 7 days; ``sms_month``, ``email_month`` and ``phone_month`` in 30 days.
        promotion_month: promotions to one person in 30 days.
        group_day: posts to one group in 24 hours; ``group_week`` in 7 days.
        group_promotion_month: promotions to one group in 30 days.
        fatigued_rest_days: days for which a fatigued group has no posts.
        same_content_days: days within which nobody gets the same content again.
        opens: hour of the day from which messages are sent, where the person lives. 0-23.
        closes: hour of the day from which none is sent any more. 1-24.
        value_needs_yes_on: ways by which also useful content needs an explicit yes.
        wait_days: a place that is free only later than this is no place. Days.
        wecom_person_period: period of WeCom's own limit for one customer; ``wecom_person_most`` messages in it.
        wecom_group_period: the same for one group; ``wecom_group_most`` messages in it.
        customers_a_task: customers that one WeCom task may name.
        groups_a_task: groups that one WeCom task may name.
    """

    value_touches: int = 3
    days_before_promotion: int = 14
    promotion_percent: int = 25
    mood_rest_days: int = 30
    person_day: int = 1
    person_week: int = 2
    person_month: int = 6
    wecom_week: int = 2
    sms_month: int = 2
    email_month: int = 4
    phone_month: int = 1
    promotion_month: int = 2
    group_day: int = 1
    group_week: int = 2
    group_promotion_month: int = 2
    fatigued_rest_days: int = 14
    same_content_days: int = 30
    opens: int = 9
    closes: int = 20
    value_needs_yes_on: tuple[str, ...] = ("sms", "email", "phone")
    wait_days: int = 7
    wecom_person_period: str = "day"
    wecom_person_most: int = 1
    wecom_group_period: str = "month"
    wecom_group_most: int = 31
    customers_a_task: int = 10_000
    groups_a_task: int = 2_000

    @property
    def person_caps(self) -> tuple[Cap, ...]:
        """Caps of a person, in the order in which they give the reason."""
        return (
            Cap("person_day", self.person_day, 1),
            Cap("person_week", self.person_week, 7),
            Cap("person_month", self.person_month, 30),
            Cap("wecom_week", self.wecom_week, 7, channel="wecom"),
            Cap("sms_month", self.sms_month, 30, channel="sms"),
            Cap("email_month", self.email_month, 30, channel="email"),
            Cap("phone_month", self.phone_month, 30, channel="phone"),
            Cap("promotion_month", self.promotion_month, 30, intent="promotion"),
        )

    @property
    def group_caps(self) -> tuple[Cap, ...]:
        """Caps of a group, in the order in which they give the reason."""
        return (
            Cap("group_day", self.group_day, 1),
            Cap("group_week", self.group_week, 7),
            Cap("group_promotion_month", self.group_promotion_month, 30, intent="promotion"),
        )

    def caps_for(self, *, channel: str, intent: str) -> tuple[Cap, ...]:
        """Return the caps under which a message falls."""
        caps = self.group_caps if channel == GROUP_CHANNEL else self.person_caps
        return tuple(cap for cap in caps if cap.holds(channel=channel, intent=intent))

    def needs_yes(self, *, channel: str, intent: str) -> bool:
        """Return whether a message needs an explicit yes; others are only stopped by a no."""
        if channel == GROUP_CHANNEL:
            return False
        return intent in {"promotion", "research"} or (intent == "value" and channel in self.value_needs_yes_on)

    def as_json(self) -> dict[str, Any]:
        """Return the values by name, JSON-able; `policy_from` reads them back."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def policy_from(values: Mapping[str, Any]) -> Policy:
    """Return the policy with these values by name; what is not named has its default.

    Raises:
        TypeError: there is no value of a name.
    """
    told: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Policy(**told)
