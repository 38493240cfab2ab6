"""What a programme promises, as somebody wants it, held to what can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from yutang.kit.text import N_, Sentence
from yutang.referral.models import Deed
from yutang.referral.refusals import ReferralIsWrong

LARGEST_FEN = 10**10
#: What the parts of a programme are called.
FIELD_TITLES: Mapping[str, str] = {
    "name": N_("Name"),
    "deed": N_("What the friend does"),
    "friend_coupon": N_("Coupon for the friend"),
    "inviter_coupon": N_("Coupon for who invites"),
    "least_order_fen": N_("From an order of"),
    "return_days": N_("Days of return"),
    "valid_days": N_("Days that the friend has"),
    "most_friends": N_("Friends that count for one person"),
    "most_of_ambassador": N_("Friends that count for an ambassador"),
    "title": N_("Title of the share card"),
    "words": N_("Words of the share card"),
    "budget_fen": N_("Budget"),
    "margin_percent": N_("Margin"),
    "worth_fen": N_("Worth of a kept newcomer"),
    "commission_percent": N_("Commission, percent"),
    "commission_most_fen": N_("Commission at most"),
}


@dataclass(frozen=True)
class Terms:
    """A programme as somebody wants it. Money in fen.

    Attributes:
        name: for staff. 1 to 80 characters, used once.
        deed: a `Deed`: what the friend really does.
        title: of the share card and the page. 1 to 40 characters.
        words: of the share card and the page. 1 to 200 characters.
        friend_coupon: short name of the kind of coupon that the friend gets; empty: nothing.
        inviter_coupon: short name of the kind that whoever invites gets; empty: nothing.
        least_order_fen: least value of the friend's order, where the deed is to buy.
        return_days: days after the friend's order in which it may be given back. 0 to 60.
        valid_days: days that the friend has. 1 to 365.
        most_friends: friends for whom one person gets something. 1 to 1,000.
        most_of_ambassador: of an ambassador. 1 to 10,000.
        budget_fen: what may be spent in all.
        margin_percent: what stays of sales. 0 to 100.
        worth_fen: what a newcomer who stays is worth at the margin; None: as the figures of the shop say.
        commission_percent: of the friend's order; 0: none.
        commission_most_fen: for one order.
        commission_levels: levels that earn; the law allows one.
        joining_fee_fen: what taking part costs; the law allows nothing.
        needs_purchase: whether whoever invites must have bought something to take part; the law forbids it with commission.
        tax_note: how income tax is withheld.
    """

    name: str
    deed: str
    title: str
    words: str
    friend_coupon: str = ""
    inviter_coupon: str = ""
    least_order_fen: int = 0
    return_days: int = 7
    valid_days: int = 30
    most_friends: int = 10
    most_of_ambassador: int = 50
    budget_fen: int = 100_000
    margin_percent: int = 50
    worth_fen: int | None = None
    commission_percent: int = 0
    commission_most_fen: int = 0
    commission_levels: int = 1
    joining_fee_fen: int = 0
    needs_purchase: bool = False
    tax_note: str = ""


def checked(terms: Terms) -> Terms:
    """Return terms as they are kept.

    Raises:
        ReferralIsWrong: a part cannot be this.
    """
    tidy = replace(
        terms,
        name=terms.name.strip(),
        title=terms.title.strip(),
        words=terms.words.strip(),
        tax_note=terms.tax_note.strip(),
        least_order_fen=terms.least_order_fen if terms.deed == Deed.BOUGHT else 0,
    )
    _require(tidy, "name", 0 < len(tidy.name) <= 80, N_("1 to 80 characters"))
    _require(
        tidy, "deed", tidy.deed in Deed.values, N_("one of added, bought and visited: sharing is rewarded by nobody")
    )
    _require(tidy, "title", 0 < len(tidy.title) <= 40, N_("1 to 40 characters"))
    _require(tidy, "words", 0 < len(tidy.words) <= 200, N_("1 to 200 characters"))
    gives = bool(tidy.friend_coupon or tidy.inviter_coupon or tidy.commission_percent)
    _require(tidy, "friend_coupon", gives, N_("something: a programme that gives nothing to anybody is none"))
    _within(tidy, "least_order_fen", 0, LARGEST_FEN)
    _within(tidy, "return_days", 0, 60)
    _within(tidy, "valid_days", 1, 365)
    _within(tidy, "most_friends", 1, 1_000)
    _within(tidy, "most_of_ambassador", 1, 10_000)
    _within(tidy, "budget_fen", 1, LARGEST_FEN)
    _within(tidy, "margin_percent", 0, 100)
    _within(tidy, "commission_percent", 0, 100)
    _within(tidy, "commission_most_fen", 0, LARGEST_FEN)
    if tidy.worth_fen is not None:
        _within(tidy, "worth_fen", 1, LARGEST_FEN)
    return tidy


def _within(terms: Terms, field: str, least: int, most: int) -> None:
    value = getattr(terms, field)
    _require(terms, field, least <= value <= most, N_("a number within its bounds, which stand beside the field"))


def _require(terms: Terms, field: str, is_right: bool, expected: str) -> None:
    if not is_right:
        raise wrong(field, getattr(terms, field), expected)


def wrong(field: str, written: object, expected: str) -> ReferralIsWrong:
    """Return the refusal of a part of a programme."""
    return ReferralIsWrong(
        part=field,
        field=Sentence(FIELD_TITLES[field]).as_json(),
        written="" if written is None else str(written)[:80],
        expected=Sentence(expected).as_json(),
    )
