"""What the reads of the room return: frozen, with names in place of keys where people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from yutang.codes.models import Group, Kind, Sharing
from yutang.codes.results import Tally
from yutang.codes.terms import CodeTerms
from yutang.kit.text import N_

KIND_TITLES = {
    Kind.PARCEL.value: N_("Parcel card"),
    Kind.POSTER.value: N_("Poster"),
    Kind.BADGE.value: N_("Staff badge"),
    Kind.PARTNER.value: N_("Partner counter"),
    Kind.STREAM.value: N_("Live stream"),
    Kind.WINDOW.value: N_("Shop window by location"),
}
SHARING_TITLES = {
    Sharing.CHANCE.value: N_("By chance among all on duty"),
    Sharing.EVEN.value: N_("Whoever has fewest today"),
}
GROUP_TITLES = {
    Group.NONE.value: N_("Into none"),
    Group.STORE.value: N_("A group of the store"),
    Group.NAMED.value: N_("Groups whose names begin so"),
}
#: How a code stands: in use, switched off, not begun, over, held by the guard of the economics.
STANDING_TITLES = {
    "on": N_("In use"),
    "off": N_("Switched off"),
    "ahead": N_("Not begun"),
    "over": N_("Over"),
    "paused": N_("Paused by the guard"),
}
#: Who answers at a place now.
DUTY_TITLES = {
    "staff": N_("On duty"),
    "backups": N_("Back-ups stand in"),
    "stretched": N_("Nobody on duty"),
    "full": N_("Everybody has enough for today"),
    "nobody": N_("Nobody can be added"),
    "": N_("Out of use"),
}


@dataclass(frozen=True)
class SpotView:
    """A place where a code is printed.

    Attributes:
        state: how far its QR code in WeCom is: a `WayState`; empty: it was not asked for yet.
        fault: code of WeCom's refusal; empty while all is well.
        duty: key of `DUTY_TITLES`.
        staff: who is added now.
        is_told: whether WeCom has these.
        scans: how often its page was opened. Count; None: it is a place of no store within reach.
        came: people who came by it, to stores within reach. Count.
        friends: of these, who still are.
    """

    id: int
    name: str
    store_id: int | None
    store_name: str
    token: str
    is_on: bool
    state: str
    fault: str
    sandbox_url: str
    picture_url: str
    duty: str
    staff: tuple[str, ...]
    is_told: bool
    scans: int | None = 0
    came: int = 0
    friends: int = 0


@dataclass(frozen=True)
class ShiftView:
    """A member of staff of a code.

    Attributes:
        today: newcomers of today by this code. Count.
        came: newcomers in all. Count.
        friends: of these, who still are.
        is_on_duty: whether they are on duty and added at some place now.
        is_standing_in: whether they are added somewhere although nobody is on duty.
        is_ready: whether they are on shift and could be added; others come before them.
        is_full: whether they have as many newcomers of today, at whatever store, as they take.
    """

    account_id: int
    name: str
    is_backup: bool
    is_away: bool
    is_serving: bool
    daily_cap: int | None
    weekdays: int
    since_minute: int
    until_minute: int
    today: int
    came: int
    friends: int
    is_on_duty: bool
    is_standing_in: bool = False
    is_ready: bool = False
    is_full: bool = False


@dataclass(frozen=True)
class CostView:
    """Something that was paid for a code. Minor units."""

    id: int
    business_date: date
    amount_minor: int
    note: str
    spot_name: str


@dataclass(frozen=True)
class CodeRow:
    """A code in the list of them.

    Attributes:
        standing: key of `STANDING_TITLES`.
        spots: places where it is printed. Count.
        staff: who answers, back-ups left out.
        alarms: places that are in use without anybody on duty, or that WeCom refused. Count.
    """

    id: int
    name: str
    kind: str
    standing: str
    currency: str
    spots: int
    staff: tuple[str, ...]
    alarms: int
    tally: Tally


@dataclass(frozen=True)
class CodeView:
    """One code in full."""

    id: int
    terms: CodeTerms
    standing: str
    tags: tuple[str, ...]
    spots: tuple[SpotView, ...]
    shifts: tuple[ShiftView, ...]
    costs: tuple[CostView, ...]
    tally: Tally
    ordered_until: datetime | None
    made_at: datetime
    changed_at: datetime

    @property
    def name(self) -> str:
        """What it is called."""
        return self.terms.name


@dataclass(frozen=True)
class Week:
    """Who came in a week: who still are friends, who left."""

    monday: date
    friends: int = 0
    left: int = 0


@dataclass(frozen=True)
class NewcomerView:
    """Somebody who came by a code."""

    id: int
    customer_id: int | None
    staff: str
    spot: str
    was_known: bool
    added_at: datetime
    left_at: datetime | None
    joined_group_at: datetime | None
    verdict: str


@dataclass(frozen=True)
class BoughtCost:
    """What advertising costs, beside which a code's cost stands. Minor units; None where it cannot be told.

    Attributes:
        currency: of both.
        newcomer_minor: advertising by first-time buyers.
        kept_minor: advertising by those of them who ordered again within 90 days.
        channels: (name, advertising by first-time buyer) of each platform on which something was paid.
    """

    currency: str
    newcomer_minor: int | None
    kept_minor: int | None
    channels: tuple[tuple[object, int], ...] = ()
