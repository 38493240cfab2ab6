"""What a campaign offers, and whether it can be offered like this."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yutang.groupbuy.models import Late
from yutang.groupbuy.refusals import CampaignIsWrong
from yutang.kit.text import N_, Sentence

LARGEST_MINOR = 100_000_000
MOST_MEMBERS, MOST_HOURS, MOST_STOCK, MOST_PER_PERSON, MOST_TIERS, MOST_KM = 50, 168, 1_000_000, 20, 5, 500
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{2,19}")
_RISING = N_("at most %(price_minor)s, the price for groups of %(size)s: larger groups pay no more than smaller ones")
_LONGEST_RUN = timedelta(days=400)

FIELD_TITLES = {
    "name": N_("Name"),
    "code": N_("Short name in the address"),
    "product": N_("Product code"),
    "about": N_("What one gets"),
    "picture": N_("Picture for previews"),
    "list_minor": N_("List price"),
    "cost_minor": N_("Cost of one place"),
    "tiers": N_("Group sizes and prices"),
    "hours": N_("Hours to fill"),
    "stock": N_("Places in all"),
    "per_person": N_("Times a person"),
    "newcomer_places": N_("Places for newcomers in each group"),
    "radius_km": N_("Radius around the stores (km)"),
    "store_ids": N_("Stores"),
    "when_late": N_("Payment after the last place"),
    "hold_minutes": N_("Minutes a place is held"),
    "worth_minor": N_("Worth of a newcomer who stays"),
    "budget_minor": N_("Budget"),
    "ends_at": N_("Last moment to start a group"),
}


@dataclass(frozen=True)
class Terms:
    """The terms of a campaign.

    Attributes:
        name: what customers read. 1 to 80 characters.
        tiers: (members, price in minor units) of the groups one can start; larger groups pay no more than smaller ones.
        list_minor: price without a group.
        hours: a group has so long to fill.
        stock: places over all groups.
        ends_at: from then on nobody starts a group. Aware UTC.
        code: in addresses; empty: one is made.
        product: code of the product as orders have it.
        about: what one gets, in at most 500 characters.
        picture: https address of a picture for previews.
        cost_minor: what one piece costs the merchant.
        per_person: how often a person buys at most.
        newcomer_places: in each group so many places are for people who never bought.
        radius_km: only for people so near to a store; 0: for everybody.
        store_ids: stores where it is used; none: all.
        when_late: ``refund`` or ``new_group``.
        hold_minutes: so long a place is held for who has not paid.
        worth_minor: what a newcomer who stays is worth; 0: not said.
        budget_minor: what may be spent on discounts; 0: not said.
    """

    name: str
    tiers: Sequence[tuple[int, int]]
    list_minor: int
    hours: int
    stock: int
    ends_at: datetime
    code: str = ""
    product: str = ""
    about: str = ""
    picture: str = ""
    cost_minor: int = 0
    per_person: int = 1
    newcomer_places: int = 0
    radius_km: int = 0
    store_ids: Sequence[int] = ()
    when_late: str = "refund"
    hold_minutes: int = 15
    worth_minor: int = 0
    budget_minor: int = 0


def checked(terms: Terms, *, now: datetime) -> Terms:
    """Return the terms with their tiers by size and their texts trimmed.

    Raises:
        CampaignIsWrong: a part cannot be this.
    """
    texts = {name: getattr(terms, name).strip() for name in ("name", "code", "product", "about", "picture")}
    terms = replace(terms, **texts, tiers=tuple(sorted((int(size), int(price)) for size, price in terms.tiers)))
    _check_texts(terms)
    _check_money(terms)
    _check_bounds(terms, now)
    return terms


def _check_texts(terms: Terms) -> None:
    _require(terms, "name", 0 < len(terms.name) <= 80, N_("1 to 80 characters"))
    code = not terms.code or _CODE.fullmatch(terms.code) is not None
    _require(terms, "code", code, N_("3 to 20 small letters, digits or hyphens"))
    _require(terms, "product", len(terms.product) <= 120, N_("at most 120 characters"))
    _require(terms, "about", len(terms.about) <= 500, N_("at most 500 characters"))
    picture = not terms.picture or (terms.picture.startswith("https://") and len(terms.picture) <= 300)
    _require(terms, "picture", picture, N_("an address that begins with https://"))


def _check_money(terms: Terms) -> None:
    amount = N_("an amount above 0")
    _require(terms, "list_minor", 0 < terms.list_minor <= LARGEST_MINOR, amount)
    sizes, prices = [size for size, _price in terms.tiers], [price for _size, price in terms.tiers]
    if not 0 < len(sizes) <= MOST_TIERS:
        raise wrong("tiers", len(sizes), N_("1 to 5 sizes"))
    if not all(2 <= size <= MOST_MEMBERS for size in sizes) or len(set(sizes)) != len(sizes):
        raise wrong("tiers", ", ".join(map(str, sizes)), N_("groups of 2 to 50 members, each size once"))
    for n, (size, price) in enumerate(terms.tiers):
        told = Sentence(N_("%(price_minor)s for groups of %(size)s"), {"size": size, "price_minor": price})
        if not 0 < price <= terms.list_minor:
            most = {"list_minor": terms.list_minor}
            raise wrong(
                "tiers", told, Sentence(N_("a price above 0, and at most the list price of %(list_minor)s"), most)
            )
        if n and price > prices[n - 1]:
            smaller = {"size": sizes[n - 1], "price_minor": prices[n - 1]}
            raise wrong("tiers", told, Sentence(_RISING, smaller))
    for name in ("cost_minor", "worth_minor", "budget_minor"):
        _require(terms, name, 0 <= getattr(terms, name) <= LARGEST_MINOR * 10, N_("an amount, or nothing"))


def _check_bounds(terms: Terms, now: datetime) -> None:
    _require(terms, "hours", 1 <= terms.hours <= MOST_HOURS, N_("a whole number from 1 to 168"))
    _require(terms, "stock", 2 <= terms.stock <= MOST_STOCK, N_("a whole number from 2 to 1,000,000"))
    _require(terms, "stock", terms.stock >= terms.tiers[0][0], N_("at least the members of one group"))
    _require(terms, "per_person", 1 <= terms.per_person <= MOST_PER_PERSON, N_("a whole number from 1 to 20"))
    smallest = terms.tiers[0][0]
    # The captain need not be a newcomer, or nobody who knows the shop could begin.
    _require(
        terms, "newcomer_places", 0 <= terms.newcomer_places < smallest, N_("fewer than the smallest group has members")
    )
    _require(terms, "radius_km", 0 <= terms.radius_km <= MOST_KM, N_("a whole number from 0 to 500"))
    _require(terms, "when_late", terms.when_late in Late.values, N_("one of refund and new_group"))
    _require(terms, "hold_minutes", 5 <= terms.hold_minutes <= 120, N_("a whole number from 5 to 120"))
    _require(terms, "ends_at", now < terms.ends_at <= now + _LONGEST_RUN, N_("a moment to come, within 400 days"))


def _require(terms: Terms, field: str, is_right: bool, expected: str) -> None:
    if not is_right:
        raise wrong(field, getattr(terms, field), expected)


def wrong(field: str, written: object, expected: str | Sentence) -> CampaignIsWrong:
    """Return the refusal of a part of a campaign; amounts are told as money."""
    if field.endswith("_minor"):
        written = Sentence("%(amount_minor)s", {"amount_minor": written})
    return CampaignIsWrong(
        part=field,
        field=Sentence(FIELD_TITLES[field]).as_json(),
        written=written.as_json() if isinstance(written, Sentence) else str(written)[:80],
        expected=(expected if isinstance(expected, Sentence) else Sentence(expected)).as_json(),
    )
