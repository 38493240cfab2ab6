"""What a kind of coupon promises, as somebody wants it, held to what can be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yutang.coupons.models import Codes, Gives, Kind
from yutang.coupons.refusals import CouponKindIsWrong
from yutang.kit.text import N_, Sentence

#: What the parts of a kind are called.
FIELD_TITLES: Mapping[str, str] = {
    "code": N_("Short name"),
    "name": N_("Name"),
    "gives": N_("What it gives"),
    "currency": N_("Currency"),
    "amount_minor": N_("Amount off"),
    "percent": N_("Percent off"),
    "most_minor": N_("At most"),
    "thing": N_("Thing"),
    "least_minor": N_("From an order of"),
    "products": N_("Products"),
    "store_ids": N_("Stores"),
    "pieces": N_("Pieces in all"),
    "per_person": N_("Pieces a person"),
    "until_date": N_("Last day"),
    "valid_days": N_("Days after the giving"),
    "cost_minor": N_("Cost of one piece"),
    "margin_percent": N_("Margin"),
    "is_for_newcomers": N_("For newcomers"),
    "budget_minor": N_("Budget"),
    "worth_minor": N_("Worth of a kept newcomer"),
    "codes": N_("Coupon codes"),
}
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_CURRENCY = re.compile(r"[A-Z]{3}")
LARGEST_MINOR = 10**12
MOST_PIECES, MOST_PER_PERSON, MOST_DAYS, MOST_PRODUCTS = 10_000_000, 100, 1_095, 200
_LONGEST_NAME, _LONGEST_THING, _LONGEST_PRODUCT = 80, 120, 120


@dataclass(frozen=True)
class Terms:
    """A kind of coupon as somebody wants it.

    Attributes:
        name: 1 to 80 characters, used once.
        gives: a `Gives`.
        code: short name for playbooks and programs, small letters, digits, ``-`` and ``_``; empty: one is made.
        currency: ISO 4217.
        amount_minor: what amount off takes off. Minor units.
        percent: what percent off takes off. 1 to 100.
        most_minor: what percent off takes off at most; 0: no bound. Minor units.
        thing: what a thing is called.
        least_minor: least value of the order; 0: any. Minor units.
        products: product codes for which it holds; empty: all.
        store_ids: stores that redeem it; empty: all.
        pieces: budget. 1 to 10,000,000.
        per_person: most that one person may have. 1 to 100.
        until_date: last day on which it holds; None: days are counted.
        valid_days: how many days it holds, the day of the giving not counted; None: there is a last day.
        cost_minor: what a redeemed thing costs the merchant. Minor units.
        margin_percent: what stays of an order's value before the coupon. 0 to 100.
        codes: a `Codes`.
        is_for_newcomers: whether it is to bring people who never bought.
        budget_minor: what its pieces may cost in all; 0: as much as all pieces cost. Minor units.
        worth_minor: what a newcomer who stays is worth, at the margin; None: as the figures of the shop say. Minor units.
    """

    name: str
    gives: str
    code: str = ""
    currency: str = "CNY"
    amount_minor: int = 0
    percent: int = 0
    most_minor: int = 0
    thing: str = ""
    least_minor: int = 0
    products: Sequence[str] = ()
    store_ids: Sequence[int] = ()
    pieces: int = 100
    per_person: int = 1
    until_date: date | None = None
    valid_days: int | None = None
    cost_minor: int = 0
    margin_percent: int = 50
    codes: str = "made"
    is_for_newcomers: bool = False
    budget_minor: int = 0
    worth_minor: int | None = None


def checked(terms: Terms) -> Terms:
    """Return terms without what their kind of gift does not use.

    Raises:
        CouponKindIsWrong: a part cannot be this.
    """
    _require(terms, "gives", terms.gives in Gives.values, N_("one of amount, percent and thing"))
    terms = _of_its_gift(terms)
    name = terms.name.strip()
    _require(terms, "name", 0 < len(name) <= _LONGEST_NAME, N_("1 to 80 characters"))
    fits = not terms.code or _CODE.fullmatch(terms.code) is not None
    _require(terms, "code", fits, N_("small letters, digits, hyphens, at most 40"))
    _require(terms, "currency", _CURRENCY.fullmatch(terms.currency) is not None, N_("three capitals, such as CNY"))
    _check_gift(terms)
    _check_bounds(terms)
    _check_economics(terms)
    return _with(terms, name=name, products=tuple(dict.fromkeys(one.strip() for one in terms.products if one.strip())))


def unit_cost_of(kind: Terms | Kind) -> int:
    """Return what one redeemed piece costs at most; 0 where nobody knows: percent off without a bound, a thing without a cost."""
    return kind.most_minor if kind.gives == Gives.PERCENT else kind.cost_minor


def budget_of(kind: Terms | Kind) -> int:
    """Return what the pieces of a kind may cost in all; 0 where it is not known what one costs. Minor units."""
    return kind.budget_minor or kind.pieces * unit_cost_of(kind)


def end_of(kind: Kind, *, now: datetime) -> tuple[datetime, date]:
    """Return from when on a coupon of the kind that is given now does not hold, and its last day."""
    last = kind.until_date or timezone.localtime(now).date() + timedelta(days=kind.valid_days or 0)
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time())), last


def _of_its_gift(terms: Terms) -> Terms:
    """Return the terms with only the fields of what they give: nothing unseen is kept."""
    is_amount, is_percent = terms.gives == Gives.AMOUNT, terms.gives == Gives.PERCENT
    is_thing = terms.gives == Gives.THING
    return _with(
        terms,
        amount_minor=terms.amount_minor if is_amount else 0,
        percent=terms.percent if is_percent else 0,
        most_minor=terms.most_minor if is_percent else 0,
        thing=terms.thing.strip() if is_thing else "",
        cost_minor=terms.amount_minor if is_amount else terms.cost_minor if is_thing else 0,
        worth_minor=terms.worth_minor if terms.is_for_newcomers else None,
    )


def _with(terms: Terms, **changed: object) -> Terms:
    return Terms(**{**vars(terms), **changed})


def _check_gift(terms: Terms) -> None:
    amount = N_("an amount above 0")
    if terms.gives == Gives.AMOUNT:
        _require(terms, "amount_minor", 0 < terms.amount_minor <= LARGEST_MINOR, amount)
    if terms.gives == Gives.PERCENT:
        _require(terms, "percent", 1 <= terms.percent <= 100, N_("a whole number from 1 to 100"))
        _require(terms, "most_minor", 0 <= terms.most_minor <= LARGEST_MINOR, N_("an amount, or nothing"))
    if terms.gives == Gives.THING:
        _require(terms, "thing", 0 < len(terms.thing) <= _LONGEST_THING, N_("what it is, in 1 to 120 characters"))
        _require(terms, "cost_minor", 0 <= terms.cost_minor <= LARGEST_MINOR, N_("an amount, or nothing"))


def _check_bounds(terms: Terms) -> None:
    _require(terms, "least_minor", 0 <= terms.least_minor <= LARGEST_MINOR, N_("an amount, or nothing"))
    enough = terms.gives != Gives.AMOUNT or not terms.least_minor or terms.least_minor >= terms.amount_minor
    _require(terms, "least_minor", enough, N_("at least the amount off, so that no order goes below 0"))
    fit = len(terms.products) <= MOST_PRODUCTS and all(len(one) <= _LONGEST_PRODUCT for one in terms.products)
    _require(terms, "products", fit, N_("at most 200 codes of at most 120 characters"))
    _require(terms, "pieces", 1 <= terms.pieces <= MOST_PIECES, N_("a whole number from 1 to 10,000,000"))
    _require(terms, "per_person", 1 <= terms.per_person <= MOST_PER_PERSON, N_("a whole number from 1 to 100"))
    _require(terms, "margin_percent", 0 <= terms.margin_percent <= 100, N_("a whole number from 0 to 100"))
    _require(terms, "codes", terms.codes in Codes.values, N_("one of made and pool"))
    one_end = (terms.until_date is None) != (terms.valid_days is None)
    _require(terms, "until_date", one_end, N_("either a last day or a number of days"))
    if terms.valid_days is not None:
        _require(terms, "valid_days", 1 <= terms.valid_days <= MOST_DAYS, N_("a whole number from 1 to 1,095"))
    if terms.until_date is not None:
        _require(terms, "until_date", terms.until_date.year < 2100, N_("a day before the year 2100"))


def _check_economics(terms: Terms) -> None:
    cost, is_known = (
        unit_cost_of(terms),
        N_("a kind whose cost is known: percent off needs its “at most”, a thing its cost"),
    )
    _require(terms, "is_for_newcomers", not terms.is_for_newcomers or cost > 0, is_known)
    yuan = N_("a kind in yuan: the economics reckon in it")
    _require(terms, "is_for_newcomers", not terms.is_for_newcomers or terms.currency == "CNY", yuan)
    _require(terms, "budget_minor", 0 <= terms.budget_minor <= LARGEST_MINOR, N_("an amount, or nothing"))
    _require(terms, "budget_minor", not terms.budget_minor or cost > 0, is_known)
    enough = not terms.budget_minor or terms.budget_minor >= cost
    _require(terms, "budget_minor", enough, N_("at least what one piece costs"))
    worth = terms.worth_minor
    _require(terms, "worth_minor", worth is None or 0 < worth <= LARGEST_MINOR, N_("an amount above 0"))


def _require(terms: Terms, field: str, is_right: bool, expected: str) -> None:
    if not is_right:
        written = getattr(terms, field)
        raise CouponKindIsWrong(
            part=field,
            field=Sentence(FIELD_TITLES[field]).as_json(),
            written="" if written is None else str(written)[:80],
            expected=Sentence(expected).as_json(),
        )
