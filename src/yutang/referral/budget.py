"""What a programme has spent of its budget, what is promised of the rest, and how many more friends that is enough for."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from yutang.economics.queries import NoSuchProgramme, standing_of
from yutang.foundation.access import Actor
from yutang.referral.finding import coupon_cost, economics_key, programme_by_id
from yutang.referral.models import Invitation, InvitationState, Programme, Reward, RewardState, Role
from yutang.referral.refusals import ReferralIsWrong


@dataclass(frozen=True)
class Budget:
    """How far the budget of a programme reaches. Money in fen.

    Attributes:
        budget_fen: what may be spent in all.
        left_fen: of it, what is not spent; below nothing is nothing.
        promised_fen: what friends who are on the way, and whoever invited them, still get at most.
        unit_cost_fen: what one more friend costs at most.
    """

    budget_fen: int
    left_fen: int
    promised_fen: int
    unit_cost_fen: int

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
        """How many more friends it is enough for, whoever invites them. Count."""
        return self.free_fen // self.unit_cost_fen if self.unit_cost_fen else 0


def budget_of(*, access: Actor, programme_id: int, budget_fen: int) -> Budget | None:
    """Return how far the budget of a programme reaches, of the whole chain.

    None where nothing was stated of it, or a coupon of its costs without a bound meanwhile.

    Args:
        access: needs ``referral.view``.
        programme_id: which.
        budget_fen: what was stated. Fen.

    Raises:
        NoSuchReferral: there is none.
    """
    access.require("referral.view")
    row = programme_by_id(programme_id)
    try:
        left = standing_of(economics_key(row.pk)).left_fen
        of_friend = coupon_cost(row.friend_coupon, field="friend_coupon")
        of_inviter = coupon_cost(row.inviter_coupon, field="inviter_coupon")
    except (NoSuchProgramme, ReferralIsWrong):
        return None
    of_inviter += row.commission_most_fen if row.commission_percent else 0
    promised = of_friend * _owed(row, Role.FRIEND) + of_inviter * _owed(row, Role.INVITER)
    return Budget(budget_fen, left, promised, of_friend + of_inviter)


def _owed(programme: Programme, role: str) -> int:
    """Return to how many something may still be given for friends who have come. Count."""
    own = Reward.objects.filter(invitation=OuterRef("pk"), role=role)
    on_the_way = Invitation.objects.filter(
        programme=programme, state__in=(InvitationState.CAME, InvitationState.HELD)
    ).exclude(Exists(own))
    waiting = Reward.objects.filter(invitation__programme=programme, role=role, state=RewardState.WAITING)
    return on_the_way.count() + waiting.count()
