"""Coupons in words: what a kind gives, where and how long it holds, what became of a coupon, why one was refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.sentences import spoken_name
from yutang.coupons.queries import STATE_TITLES
from yutang.coupons.terms import budget_of, unit_cost_of
from yutang.coupons.views import CouponView, KindView
from yutang.customers import queries as people
from yutang.kit.text import N_, filled

#: Tone of what became of a coupon.
TONES = {"given": "info", "redeemed": "accent", "expired": "warn", "taken_back": "plain"}
#: Why redemptions are refused, by code of the refusal.
REFUSALS = {
    "code_is_mistyped": N_("Slip in the code"),
    "code_is_unknown": N_("Nobody has the code"),
    "coupon_is_redeemed": N_("Redeemed already"),
    "coupon_is_over": N_("Over"),
    "coupon_is_taken_back": N_("Taken back"),
    "coupon_is_not_for_store": N_("Another store"),
    "coupon_needs_store": N_("No store named"),
    "order_is_too_small": N_("Order too small"),
    "order_value_is_missing": N_("Value of the order not said"),
    "products_do_not_fit": N_("Other products"),
    "redemption_was_stopped": N_("Stopped by the guard"),
}
_LISTED_PRODUCTS = 6


def gift_words(view: KindView) -> str:
    """Return what a kind gives: ``¥20.00 off from ¥99.00``."""
    terms = view.terms
    if terms.gives == "amount":
        gift = _("%(amount)s off") % {"amount": formats.money(terms.amount_minor, terms.currency)}
    elif terms.gives == "percent":
        gift = _("%(percent)s%% off") % {"percent": terms.percent}
        if terms.most_minor:
            gift = _("%(gift)s, %(most)s at most") % {
                "gift": gift,
                "most": formats.money(terms.most_minor, terms.currency),
            }
    else:
        gift = terms.thing
    if not terms.least_minor:
        return gift
    return _("%(gift)s from %(least)s on") % {
        "gift": gift,
        "least": formats.money(terms.least_minor, terms.currency),
    }


def end_words(view: KindView) -> str:
    """Return how long coupons of a kind hold."""
    terms = view.terms
    if terms.until_date is not None:
        return _("until %(day)s") % {"day": formats.day(terms.until_date)}
    return filled(_("%(n)s days from the giving"), {"n": terms.valid_days})


def facts(view: KindView) -> list[tuple[str, str]]:
    """Return the terms of a kind, each with its title."""
    terms = view.terms
    products = "、".join(terms.products[:_LISTED_PRODUCTS]) + ("…" if len(terms.products) > _LISTED_PRODUCTS else "")
    made = _("made here")
    if terms.codes == "pool":
        made = filled(_("of another shop system, %(n)s left"), {"n": formats.number(view.pool_left)})
    return [
        (_("Gives"), gift_words(view)),
        (_("Holds"), end_words(view)),
        (_("Stores"), "、".join(view.store_names) or _("all")),
        (_("Products"), products or _("all")),
        (
            _("Budget"),
            filled(
                _("%(given)s of %(pieces)s given, %(each)s a person"),
                {
                    "given": formats.number(view.given),
                    "pieces": formats.number(terms.pieces),
                    "each": formats.number(terms.per_person),
                },
            ),
        ),
        *_economics(view),
        (_("Margin"), f"{terms.margin_percent}%"),
        (_("Coupon codes"), made),
        (_("Short name"), view.code),
    ]


def _economics(view: KindView) -> list[tuple[str, str]]:
    """Return what a kind costs and may cost, whom it is for, and what one who stays is worth."""
    terms, cost = view.terms, unit_cost_of(view.terms)
    if not cost:
        return [(_("Cost of one piece"), _("not known: percent off without a bound, or a thing without a cost"))]
    worth = (
        formats.money(terms.worth_minor, terms.currency) if terms.worth_minor else _("what earlier newcomers brought")
    )
    rows = [
        (_("Cost of one piece"), formats.money(cost, terms.currency)),
        (_("May cost in all"), formats.money(budget_of(terms), terms.currency)),
        (_("For whom"), _("newcomers") if terms.is_for_newcomers else _("anybody")),
    ]
    return [*rows, (_("Worth of a kept newcomer"), worth)] if terms.is_for_newcomers else rows


def rows(request: StaffRequest, found: tuple[CouponView, ...]) -> list[dict[str, Any]]:
    """Return coupons as a list shows them, with their people where the reader may see people."""
    named: dict[int, str] = {}
    if request.actor.can("customers.view"):
        keys = [one.customer_id for one in found if one.customer_id is not None]
        known = people.customer_rows(access=request.actor, ids=keys).items()
        named = {key: spoken_name(row.name) for key, row in known}
    return [row(one, named.get(one.customer_id or 0, "")) for one in found]


def row(one: CouponView, name: str = "") -> dict[str, Any]:
    """Return a coupon with its words."""
    return {
        "one": one,
        "name": name,
        "state": _(STATE_TITLES[one.state]),
        "tone": TONES[one.state],
        "told": " · ".join(_told(one)),
        "off": formats.money(one.off_minor, one.currency) if one.state == "redeemed" else "",
    }


def _told(one: CouponView) -> Iterator[str]:
    if one.state == "redeemed":
        yield formats.moment(one.redeemed_at)
        yield from (part for part in (one.store_name, one.order_number, one.redeemed_by) if part)
    elif one.state == "taken_back":
        yield from (part for part in (formats.moment(one.taken_back_at), one.reason) if part)
    else:
        yield _("until %(day)s") % {"day": formats.day(one.last_date)}
