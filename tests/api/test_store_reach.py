"""What a store manager's program sees of offers to groups, and of guests of other stores: the same as the console."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.api.conftest import Program
from tests.groupbuy.conftest import SYSTEM, campaign, guard_lets_in, join, pay, people, start
from tests.membership.conftest import left, paid_in
from yutang.visits.actions import note_visit
from yutang.visits.guests import SERVED_AFTER

__all__ = ["guard_lets_in"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("used", "members", "kept_minor", "left_told"),
    [(["xuhui"], 2, 19_800, 98), ([], 0, 0, 98), (["xuhui", "tianhe"], 0, 0, 98), (["tianhe"], 0, 0, None)],
)
def test_an_offer_is_whole_where_it_is_used_at_own_stores_alone(
    manager_program: Program, stores: dict[str, Any], used: list[str], members: int, kept_minor: int, left_told: Any
) -> None:
    campaign().stores.set([stores[name] for name in used])
    one, other = people(2, store=stores["tianhe"])
    captain = pay(start(one))
    pay(join(captain.group, other))

    (offer,) = manager_program.get("/group-buying/offers").json()["items"]
    groups = manager_program.get("/group-buying/groups").json()["items"]

    assert (offer["members"], offer["kept_minor"], offer["left"]) == (members, kept_minor, left_told)
    assert [row["id"] for row in groups] == ([captain.group_id] if members else [])


def test_a_guest_is_topped_up_by_the_visit_and_nothing_else_opens(
    manager_program: Program, stores: dict[str, Any]
) -> None:
    now = timezone.now()
    guest, before, stranger = people(3, store=stores["tianhe"])
    for person, came_at in ((guest, now), (before, now - SERVED_AFTER - timedelta(hours=1))):
        paid_in(person, 10_000, 0)
        note_visit(actor=SYSTEM, key=f"v{person}", customer_id=person, store_id=stores["xuhui"].pk, now=came_at)
    body = {"principal_minor": 5_000, "store_code": "SH01"}

    answers = [manager_program.post(f"/balances/{one}/top-up", body).status_code for one in (guest, before, stranger)]
    balances = [manager_program.get(f"/balances/{one}").status_code for one in (guest, before, stranger)]

    assert (answers, balances) == ([201, 404, 404], [200, 404, 404])
    assert manager_program.get(f"/balances/{guest}").json()["principal_minor"] == 15_000
    assert manager_program.post(f"/balances/{guest}/spend", {"amount_minor": 1}).status_code == 404
    assert manager_program.get(f"/customers/{guest}").status_code == 404
    assert (left(guest), left(before)) == ((15_000, 0), (10_000, 0))
