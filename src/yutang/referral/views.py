"""What others see of programmes, invitations and benefits. Money in fen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yutang.kit.text import N_, Sentence
from yutang.referral.terms import Terms

#: What the friend does.
DEED_TITLES: Mapping[str, str] = {
    "added": N_("Adds a member of staff"),
    "bought": N_("Buys"),
    "visited": N_("Comes into a store"),
}
STATE_TITLES: Mapping[str, str] = {"draft": N_("Draft"), "open": N_("Under way"), "closed": N_("Closed")}
#: How far a friend is.
INVITATION_TITLES: Mapping[str, str] = {
    "came": N_("On the way"),
    "done": N_("Did it"),
    "lapsed": N_("Too late"),
    "reversed": N_("Order given back"),
    "held": N_("Held for a look"),
    "refused": N_("Turned down"),
}
#: What became of a benefit.
REWARD_TITLES: Mapping[str, str] = {
    "waiting": N_("Waits for the return window"),
    "given": N_("Given"),
    "taken_back": N_("Taken back"),
    "none": N_("Not given"),
}


@dataclass(frozen=True)
class Tally:
    """What became of the friends of a programme. Counts."""

    inviters: int = 0
    came: int = 0
    done: int = 0
    reversed: int = 0
    held: int = 0
    refused: int = 0
    lapsed: int = 0
    given: int = 0

    @property
    def friends(self) -> int:
        """Everybody who took an invitation and was not refused."""
        return self.came + self.done + self.reversed + self.lapsed


@dataclass(frozen=True)
class ProgrammeView:
    """A programme.

    Attributes:
        terms: what it promises.
        is_paused: whether the guard of economics has paused it.
        economics: its key there.
        is_promised: whether somebody came.
    """

    id: int
    terms: Terms
    state: str
    is_paused: bool
    economics: str
    is_promised: bool
    made_at: datetime
    tally: Tally

    @property
    def name(self) -> str:
        """What people call it."""
        return self.terms.name


@dataclass(frozen=True)
class RewardView:
    """A benefit: whose, what became of it, and why it was not given."""

    role: str
    state: str
    due_at: datetime
    given_at: datetime | None
    coupon_id: int | None
    cost_fen: int
    commission_fen: int
    reason: str


@dataclass(frozen=True)
class InvitationView:
    """A friend who came."""

    id: int
    programme_id: int
    programme_name: str
    inviter_customer_id: int | None
    friend_id: int | None
    state: str
    came_at: datetime
    ends_at: datetime
    done_at: datetime | None
    order_fen: int
    reasons: tuple[Sentence, ...]
    rewards: tuple[RewardView, ...]


@dataclass(frozen=True)
class InviterView:
    """Somebody who invites, with how many of their friends came and did it. `group`: name of the group that an ambassador looks after."""

    id: int
    customer_id: int | None
    is_ambassador: bool
    group: str
    friends: int
    done: int


@dataclass(frozen=True)
class Card:
    """What a share card and its page say: nothing of the person who invites but that they are a customer."""

    title: str
    words: str
    deed: str
    friend_gift: str
    inviter_gift: str
    valid_days: int
    is_open: bool
    add_link: str
    organisation: str


@dataclass(frozen=True)
class Progress:
    """What a person sees of their own friends.

    Attributes:
        card: of the programme.
        token: of the link for friends.
        friends: of each friend, oldest last, how far they are and what became of the own benefit; no name.
        most: friends that count.
    """

    card: Card
    token: str
    friends: tuple[tuple[datetime, str, str], ...]
    done: int
    most: int
    is_ambassador: bool
    group: str
