"""What a programme has spent of its budget, what is promised of the rest, and how many more friends that is enough for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from yutang.coupons.queries import kind_named
from yutang.economics.queries import NoSuchProgramme, standing_of
from yutang.foundation.access import Actor
from yutang.referral.finding import coupon_cost, economics_key, programme_by_id
from yutang.referral.models import Invitation, InvitationState, Programme, Reward, RewardState, Role
from yutang.referral.refusals import ReferralIsWrong
from yutang.referral.terms import LARGEST_FEN


@dataclass(frozen=True)
class Budget:
    """How far the budget of a programme reaches. Money in fen.

    Attributes:
        budget_fen: what may be spent in all.
        left_fen: of it, what is not spent; below nothing is nothing.
        promised_fen: what friends who are on the way, and whoever invited them, still get at most.
        unit_cost_fen: what one more friend costs at most.
        pieces: how many more friends the coupons are enough for that are left of its kinds. Count.
    """

    budget_fen: int
    left_fen: int
    promised_fen: int
    unit_cost_fen: int
    pieces: int

    @property
    def spent_fen(self) -> int:
        """What was spent; as much as the budget where it was more."""
        return self.budget_fen - self.left_fen

    @property
    def free_fen(self) -> int:
        """What is neither spent nor promised."""
        return max(self.left_fen - self.promised_fen, 0)

    @property
    def friends(self) -> int:
        """How many more friends it is enough for, whoever invites them: by the money, and by the coupons that are left. Count."""
        return min(self.free_fen // self.unit_cost_fen, self.pieces) if self.unit_cost_fen else 0

    @property
    def more(self) -> MoreFriends:
        """How many more friends it is enough for, and whether the coupons end before the money."""
        by_coupons = self.friends == self.pieces and self.free_fen >= (self.pieces + 1) * self.unit_cost_fen
        return MoreFriends(self.friends, by_coupons)


@dataclass(frozen=True)
class MoreFriends:
    """How many more friends a programme is enough for, of the whole chain.

    Attributes:
        count: so many.
        by_coupons: whether the coupons end before the money.
    """

    count: int
    by_coupons: bool


def more_friends(*, access: Actor, programme_id: int, budget_fen: int) -> MoreFriends | None:
    """Return how many more friends a programme is enough for: whoever invites needs that, and it tells no money.

    None where `budget_of` tells nothing.

    Args:
        access: needs ``referral.view``.
        programme_id: which.
        budget_fen: what was stated. Fen.

    Raises:
        NoSuchReferral: there is none.
    """
    access.require("referral.view")
    found = _budget(programme_id, budget_fen)
    return None if found is None else found.more


def budget_of(*, access: Actor, programme_id: int, budget_fen: int) -> Budget | None:
    """Return how far the budget of a programme reaches, of the whole chain.

    None where nothing was stated of it, or a coupon of its costs without a bound meanwhile.

    Args:
        access: needs ``referral.view`` and ``economics.view``.
        programme_id: which.
        budget_fen: what was stated. Fen.

    Raises:
        NoSuchReferral: there is none.
    """
    access.require("referral.view")
    access.require("economics.view")
    return _budget(programme_id, budget_fen)


def _budget(programme_id: int, budget_fen: int) -> Budget | None:
    row = programme_by_id(programme_id)
    try:
        left = standing_of(economics_key(row.pk)).left_fen
        of_friend = coupon_cost(row.friend_coupon, field="friend_coupon")
        of_inviter = coupon_cost(row.inviter_coupon, field="inviter_coupon")
    except (NoSuchProgramme, ReferralIsWrong):
        return None
    of_inviter += row.commission_most_fen if row.commission_percent else 0
    owed = {role: _owed(row, role) for role in (Role.FRIEND, Role.INVITER)}
    promised = of_friend * owed[Role.FRIEND] + of_inviter * owed[Role.INVITER]
    wanted = [(row.friend_coupon, owed[Role.FRIEND]), (row.inviter_coupon, owed[Role.INVITER])]
    return Budget(budget_fen, left, promised, of_friend + of_inviter, pieces_left(wanted))


def pieces_left(wanted: Sequence[tuple[str, int]]) -> int:
    """Return how many more friends the coupons that are left are enough for, where each friend takes one of every entry.

    Args:
        wanted: (short name of a kind, pieces of it that are promised already) of each role; an empty name is none. Count.
    """
    promised: Counter[str] = Counter()
    for kind, pieces in wanted:
        promised[kind] += pieces
    left = [LARGEST_FEN]
    for kind in promised:
        if kind:
            view = kind_named(access=Actor.system(), code=kind)
            each = sum(name == kind for name, _pieces in wanted)
            left.append(max(view.terms.pieces - view.given - promised[kind], 0) // each)
    return min(left)


def _owed(programme: Programme, role: str) -> int:
    """Return to how many something may still be given for friends who have come. Count."""
    own = Reward.objects.filter(invitation=OuterRef("pk"), role=role)
    on_the_way = Invitation.objects.filter(
        programme=programme, state__in=(InvitationState.CAME, InvitationState.HELD)
    ).exclude(Exists(own))
    waiting = Reward.objects.filter(invitation__programme=programme, role=role, state=RewardState.WAITING)
    return on_the_way.count() + waiting.count()
