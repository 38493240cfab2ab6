"""Variables of visits: the link to book, the link to the own page, when the next visit is, and the code to show there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

# What is known of the person stands first wherever variables are chosen, whichever room asks for visits before.
from yutang.content import known_values  # noqa: F401
from yutang.content.variables import VARIABLES, Variable
from yutang.kit.text import N_
from yutang.visits import queries


def _booking_links(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    return _links(queries.BOOKING, customer_ids, clear, now)


def _own_links(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    return _links(queries.MINE, customer_ids, clear, now)


def _links(purpose: str, customer_ids: Sequence[int], clear: bool, now: datetime) -> dict[int, str]:
    """Return a link of each person's own; staff who look at a message see that there is one, and not the link itself."""
    found = queries.links_for(customer_ids=customer_ids, purpose=purpose, now=now)
    return found if clear else {one: f"{link.rsplit('/', 1)[0]}/…" for one, link in found.items()}


def _times(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    found = queries.next_visits(customer_ids=customer_ids, now=now)
    return {one: f"{view.starts_at:%Y-%m-%d %H:%M}" for one, view in found.items()}


def _places(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    return {one: view.store_name for one, view in queries.next_visits(customer_ids=customer_ids, now=now).items()}


def _codes(*, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
    found = queries.next_visits(customer_ids=customer_ids, now=now)
    return {one: view.code if clear else f"…{view.code[-4:]}" for one, view in found.items()}


VARIABLES.register(
    Variable(
        "booking_link",
        "预约链接",
        N_("Link to book a visit, for this person alone"),
        N_("https://…/visit/…"),
        _booking_links,
    )
)
VARIABLES.register(
    Variable("own_page", "个人主页", N_("Link to the person's own page"), N_("https://…/me/…"), _own_links)
)
VARIABLES.register(
    Variable("visit_time", "到店时间", N_("Time of the next booked visit"), N_("2026-03-12 10:00"), _times)
)
VARIABLES.register(Variable("visit_store", "到店门店", N_("Store of the next booked visit"), N_("Xuhui"), _places))
VARIABLES.register(Variable("visit_code", "到店码", N_("Code to check in"), N_("K7QM-2XPD"), _codes))
