"""How the simulated corp behaves: limits, quotas, and each point that sources disagree on, as values that tests change."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

#: Business days and months are those of China.
UTC_OFFSET_SECONDS = 8 * 3_600
DAY = 86_400


@dataclass(frozen=True)
class Rules:
    """Settings of the simulator.

    Attributes:
        token_seconds: how long a token lives.
        per_minute: calls of one API within a minute.
        per_hour: calls of one API within an hour.
        at_once: calls of one API under way; 0 for any number.
        allows_address: False answers 60020 to everybody.
        allows_contacts: False answers 48002 to customer contact.
        most_per_page: no page is longer, whatever is asked for; 0 for what the API allows.
        ways: contact ways and join ways that the corp may have.
        tags: corporate tags that the corp may have: 3,000, or 10,000 by the newest page.
        customers_of_staff: a member takes no more customers by hand-over.
        mass_cap: monthly_days, weekly_7 or daily_1.
        mass_list_page: longest page of mass tasks: 100, or 500 by other sources.
        dispatch_seconds: for so long a new mass task answers 41063.
        group_seconds: for so long a changed group is shown as it was.
        group_places: members after which a join way opens the next group.
        group_most: members that a group takes at most.
        welcome_seconds: how long a welcome code holds.
        half_first: whether the code of a contact way without verification first brings a half relation.
        events_of_api: whether changes by the API cause callbacks.
        clears_mobiles_by: text, list or both: what clears phone numbers of a remark.
        quit_scene_left: number for leaving by oneself; removal is one more.
        join_scene_invited: number for being invited; 0, or 1 by other sources.
        link_quota: customers that acquisition links may still bring.
        handover_seconds: after so long a hand-over is done.
        checks_media: whether media ids must be known and alive.
    """

    token_seconds: int = 7_200
    per_minute: int = 10_000
    per_hour: int = 150_000
    at_once: int = 0
    allows_address: bool = True
    allows_contacts: bool = True
    most_per_page: int = 0
    ways: int = 500_000
    tags: int = 3_000
    customers_of_staff: int = 20_000
    mass_cap: str = "monthly_days"
    mass_list_page: int = 100
    dispatch_seconds: float = 2.0
    group_seconds: float = 2.0
    group_places: int = 200
    group_most: int = 500
    welcome_seconds: float = 20.0
    half_first: bool = True
    events_of_api: bool = False
    clears_mobiles_by: str = "both"
    quit_scene_left: int = 0
    join_scene_invited: int = 0
    link_quota: int = 1_000
    handover_seconds: float = 86_400.0
    checks_media: bool = True

    def changed(self, values: dict[str, Any]) -> Rules:
        """Return the rules with some changed.

        Raises:
            ValueError: there is no such rule, or its value has another type.
        """
        kinds = {one.name: type(getattr(self, one.name)) for one in fields(self)}
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"no rule is named {name}")
            if not isinstance(value, (int, float) if kinds[name] is float else kinds[name]):
                raise ValueError(f"{name} takes {kinds[name].__name__}")
        return replace(self, **values)


def local_day(at: float) -> int:
    """Return the number of the business day of an instant, counted from 1970 in China."""
    return int((at + UTC_OFFSET_SECONDS) // DAY)


def day_start(day: int) -> float:
    """Return the instant at which a business day begins."""
    return day * DAY - UTC_OFFSET_SECONDS
