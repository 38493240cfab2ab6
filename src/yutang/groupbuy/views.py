"""What others see of campaigns, groups and seats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yutang.customers.profile import masked_name
from yutang.groupbuy.odds import Odds
from yutang.groupbuy.terms import Terms
from yutang.kit.text import N_

CAMPAIGN_TITLES: Mapping[str, str] = {
    "draft": N_("Draft"),
    "open": N_("Taking people"),
    "paused": N_("Paused"),
    "closed": N_("Closed"),
}
GROUP_TITLES: Mapping[str, str] = {
    "open": N_("Filling"),
    "filled": N_("Filled"),
    "expired": N_("Not filled in time"),
    "lapsed": N_("Nobody paid"),
}
SEAT_TITLES: Mapping[str, str] = {
    "held": N_("Held for payment"),
    "paid": N_("Paid"),
    "lapsed": N_("Not paid in time"),
    "left": N_("Left"),
    "refunded": N_("Group did not fill"),
    "late": N_("Paid too late"),
    "returned": N_("Paid back"),
}


@dataclass(frozen=True)
class CampaignView:
    """A campaign.

    Attributes:
        set_aside: places of groups that run or have filled.
        paused_why: in a word of the code, or in somebody's words.
        is_used_here: whether it is used at a store within the reader's reach.
        is_used_here_alone: whether it is used at no other: then everything of it is the reader's to see.
    """

    id: int
    code: str
    terms: Terms
    store_names: tuple[str, ...]
    state: str
    set_aside: int
    paused_why: str
    made_at: datetime
    opened_at: datetime | None
    is_used_here: bool = True
    is_used_here_alone: bool = True

    @property
    def name(self) -> str:
        """What people call it."""
        return self.terms.name

    @property
    def left(self) -> int:
        """Places that no group of the whole chain has set aside; staff are told `left_told`."""
        return self.terms.stock - self.set_aside

    @property
    def left_told(self) -> int | None:
        """Places that are left in the whole chain, for whoever sells them; None where the offer is used at no store of the reader."""
        return self.left if self.is_used_here else None


@dataclass(frozen=True)
class Tally:
    """What became of a campaign's groups and money.

    Where the reader sees some stores only and the campaign is used at others too, of people within reach.

    Attributes:
        open: groups that are filling: somebody holds or has paid a place.
        lapsed: groups in which nobody paid.
        members: paid places of groups that filled.
        newcomers: of them, people who had never bought.
        late: payments that came when the place was gone.
        kept_minor: what was paid and not given back. Minor units.
        refunded_minor: what was given back, or is to be.
        waiting_minor: of what was paid, in groups that are still filling.
    """

    open: int = 0
    filled: int = 0
    expired: int = 0
    lapsed: int = 0
    members: int = 0
    newcomers: int = 0
    left: int = 0
    late: int = 0
    kept_minor: int = 0
    refunded_minor: int = 0
    waiting_minor: int = 0

    @property
    def ended(self) -> int:
        """Groups that filled or expired."""
        return self.filled + self.expired

    @property
    def filled_ratio(self) -> float | None:
        """Share of the groups that ended which had filled; None where none has ended."""
        return self.filled / self.ended if self.ended else None


@dataclass(frozen=True)
class MemberView:
    """A member of a group as other members see it.

    Attributes:
        shown: such as ``张**``.
        state: ``held`` or ``paid``.
    """

    shown: str
    state: str
    is_captain: bool


@dataclass(frozen=True)
class GroupView:
    """A group.

    Attributes:
        members: those who hold or paid a place, in the order in which they came.
        odds: how likely it fills; None where it is not open, or nearly over.
        returned: places of a group that filled of which the money went back later.
        overdue: places held for longer than there is to pay: free for whoever wants one.
    """

    id: int
    code: str
    campaign_id: int
    campaign_code: str
    campaign_name: str
    campaign_state: str
    size: int
    price_minor: int
    list_minor: int
    currency: str
    state: str
    taken: int
    paid: int
    newcomers_only: bool
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    members: tuple[MemberView, ...] = ()
    odds: Odds | None = None
    returned: int = 0
    overdue: int = 0

    @property
    def present(self) -> int:
        """Places that are paid and stayed so."""
        return self.paid - self.returned

    @property
    def left(self) -> int:
        """Places that nobody has paid."""
        return self.size - self.paid

    @property
    def free(self) -> int:
        """Places that are neither held, within the time to pay, nor paid."""
        return self.size - self.taken + self.overdue


@dataclass(frozen=True)
class SeatView:
    """A seat as its owner sees it.

    Attributes:
        payment_number: of the cashier; empty: there is none.
        refund_state: ``asked``, ``sent``, ``done`` or ``failed``; empty: nothing goes back.
        is_captain: whether the person has the oldest living seat.
        store_id: nearest store, where the campaign is local.
        ended_at: when it ceased to be held or paid.
    """

    id: int
    token: str
    state: str
    price_minor: int
    joined_at: datetime
    hold_until: datetime
    group: GroupView
    is_captain: bool
    payment_number: str = ""
    payment_state: str = ""
    refund_state: str = ""
    customer_id: int | None = None
    store_id: int | None = None
    ended_at: datetime | None = None

    @property
    def was_turned_away(self) -> bool:
        """Whether the payment was given up before its time was over."""
        return self.state == "lapsed" and self.ended_at is not None and self.ended_at < self.hold_until


@dataclass(frozen=True)
class GroupPage:
    """A page of groups, newest first."""

    rows: tuple[GroupView, ...]
    next_key: int | None


@dataclass(frozen=True)
class SeatRow:
    """A seat in a list for staff."""

    id: int
    group_id: int
    group_code: str
    customer_id: int | None
    state: str
    is_newcomer: bool
    price_minor: int
    joined_at: datetime
    paid_at: datetime | None
    ended_at: datetime | None
    store_name: str
    distance_km: int | None


@dataclass(frozen=True)
class Day:
    """Groups by the day on which they started, and what became of them up to now. Counts."""

    day: str
    filled: int = 0
    open: int = 0
    expired: int = 0


def shortened(name: str) -> str:
    """Return how a typed name is shown to others: its first character; empty where nobody typed one."""
    return masked_name(name.strip())[:12] if name.strip() else ""
