"""What a programme would cost and be held to, before it is made; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yutang.economics.methods.verdicts import Organic
from yutang.economics.refusals import ProgrammeLosesByItself, WorthIsNotKnown
from yutang.economics.registries import known_organic, known_worth
from yutang.economics.statements import checked
from yutang.foundation.access import Actor
from yutang.kit.text import Sentence
from yutang.referral.actions.programmes import fitting_terms, statement_of
from yutang.referral.budget import pieces_left
from yutang.referral.terms import Terms


@dataclass(frozen=True)
class Foreseen:
    """What a programme would cost. Money in fen.

    Attributes:
        unit_cost_fen: what a friend costs at most.
        budget_fen: what may be spent in all.
        pieces: how many friends the coupons are enough for that are left of its kinds. Count.
        worth_fen: what one who stays is worth, at the margin.
        words: where the worth comes from; None where it is stated.
        organic: what became of newcomers who came by themselves; None: not known.
    """

    unit_cost_fen: int
    budget_fen: int
    pieces: int
    worth_fen: int
    words: Sentence | None
    organic: Organic | None

    @property
    def friends(self) -> int:
        """Friends that the budget, and the coupons that are left, are enough for. Count."""
        return min(self.budget_fen // self.unit_cost_fen, self.pieces)

    @property
    def ends_after(self) -> int:
        """Friends after whom the budget is used up, so that the programme pauses. Count."""
        return -(-self.budget_fen // self.unit_cost_fen)


def foresee(*, actor: Actor, terms: Terms, now: datetime) -> Foreseen:
    """Return what a programme would cost and be held to; it is refused as `create_programme` would refuse it.

    Args:
        actor: needs ``referral.change``.
        terms: what it promises.
        now: aware UTC.

    Raises:
        ReferralIsWrong, CommissionIsForbidden, WordsAreRisky: as `create_programme` says.
        StatementIsWrong: the budget is not enough for one friend.
        WorthIsNotKnown: nobody states what a newcomer who stays is worth, and nothing knows it.
        ProgrammeLosesByItself: it gives more than a newcomer who stays is worth.
    """
    actor.require("referral.change")
    fitting = fitting_terms(terms)
    stated = checked(statement_of(0, fitting))
    cost = stated.unit_cost_fen
    known = None if fitting.worth_fen is not None else known_worth(now)
    worth = fitting.worth_fen or (round(known[1].sales_fen * fitting.margin_percent / 100) if known else 0)
    if worth <= 0:
        raise WorthIsNotKnown
    if cost >= worth:
        raise ProgrammeLosesByItself(cost_minor=cost, worth_minor=worth, currency="CNY")
    pieces = pieces_left([(fitting.friend_coupon, 0), (fitting.inviter_coupon, 0)])
    return Foreseen(cost, stated.budget_fen, pieces, worth, known[1].words if known else None, known_organic(now))
