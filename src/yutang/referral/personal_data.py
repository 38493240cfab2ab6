"""How the room forgets a person."""

from __future__ import annotations

from yutang.customers.erasing import ERASERS, Eraser
from yutang.kit.text import N_
from yutang.referral.actions import forget_people

ERASERS.register(
    Eraser(
        room="referral",
        title=N_("Referrals"),
        columns=(
            "referral_inviter.customer_id",
            "referral_invitation.inviter_customer_id",
            "referral_invitation.friend_id",
        ),
        forget=forget_people,
        kept=N_("Numbers and costs stay, without the person."),
    )
)
