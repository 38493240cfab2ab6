"""Every change of the room that others may ask for."""

from yutang.referral.actions.coming import accept_by_mark, accept_invitation, decide_held, follow_guard, forget_people
from yutang.referral.actions.deeds import follow_orders, note_deed, reverse_refunded
from yutang.referral.actions.foreseeing import Foreseen, foresee
from yutang.referral.actions.inviting import end_ambassador, invite, name_ambassador
from yutang.referral.actions.programmes import change_programme, close_programme, create_programme, open_programme
from yutang.referral.actions.rewarding import give_due, lapse_late
from yutang.referral.terms import Terms

__all__ = [
    "Foreseen",
    "Terms",
    "accept_by_mark",
    "accept_invitation",
    "change_programme",
    "close_programme",
    "create_programme",
    "decide_held",
    "end_ambassador",
    "follow_guard",
    "follow_orders",
    "foresee",
    "forget_people",
    "give_due",
    "invite",
    "lapse_late",
    "name_ambassador",
    "note_deed",
    "open_programme",
    "reverse_refunded",
]
