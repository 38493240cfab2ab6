"""A shop in which every name means harm, and things of a store that is out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.api.conftest import owner_program, program_of, service_of
from tests.console.groupbuy_things import buying_seat
from tests.console.test_access_matrix import BY_STORE, SCOPED, World, world
from tests.security import hostile
from tests.support.emptying import empty_store
from yutang.api.models import Token
from yutang.channels.models import Reply, Touch
from yutang.codes.models import Code, Cost, Shift, Spot
from yutang.communities.models import Community
from yutang.coupons.models import Coupon, Kind
from yutang.customers.models import Customer, Merge, ReviewCase
from yutang.foundation.access import ROLE_PERMISSIONS
from yutang.foundation.models import Region, Staff, StaffSession, Store
from yutang.foundation.sealing import seal
from yutang.referral.models import Invitation, Inviter
from yutang.risk.models import Decision
from yutang.visits.models import Booking
from yutang.wecom.models import Account, ContactWay, Group
from yutang.worklist.models import Proposal

__all__ = ["BY_STORE", "owner_program", "program_of", "service_of", "world"]

#: The one key that every thing out of reach has, each in its own table, and one that nothing has.
FOREIGN, NOTHING = 7_000_001, 7_000_009
FOREIGN_CODE, NO_CODE = "FS-7000001", "FS-7000009"
#: Stands in every name of what is out of reach.
FOREIGN_NAME = "天外店"


#: Kinds of things of which one lies out of reach.
_KINDS = (
    "code_id",
    "spot_id",
    "cost_id",
    "coupon_id",
    "decision_id",
    "referred_id",
    "buying_seat_id",
    "way_id",
    "account_id",
    "customer_id",
    "proposal_id",
    "case_id",
    "merge_id",
    "staff_id",
    "store_id",
    "session_id",
    "token_id",
    "message_id",
    "reply_id",
    "customer_group_id",
    "booking_id",
    "community_id",
)


@pytest.fixture
def foreign(world: World) -> dict[str, Any]:
    """Things of a store that the person by store does not reach, by the name that addresses have for them."""
    now = world_now()
    store = Store.objects.create(pk=FOREIGN, code=FOREIGN_CODE, name=FOREIGN_NAME, region=Region.objects.first())
    staff = Staff.objects.create(
        pk=FOREIGN, username=f"u{FOREIGN}", display_name=FOREIGN_NAME, role="store_manager", joined_at=now
    )
    staff.stores.set([store])
    sealed = seal({"name": FOREIGN_NAME})
    people = [
        Customer.objects.create(pk=FOREIGN + n * 100, sealed_profile=sealed, store=store, first_seen_at=now)
        for n in range(3)
    ]
    common = {"reason": {"template": "x", "values": {}}}
    ReviewCase.objects.create(
        pk=FOREIGN, first=people[0], second=people[1], kind="names_differ", opened_at=now, **common
    )
    Merge.objects.create(pk=FOREIGN, winner=people[0], loser=people[2], merged_at=now, **common)
    Customer.objects.filter(pk=people[2].pk).update(merged_into=people[0])
    Proposal.objects.create(
        pk=FOREIGN, kind="valuable_silent", dedupe_key=f"valuable_silent:{FOREIGN}", customer=people[0], store=store,
        proposed_on=now.date(), due_at=now, **common,
    )  # fmt: skip
    StaffSession.objects.create(
        pk=FOREIGN, staff=staff, session_key=f"k{FOREIGN}", device=b"x", began_at=now, seen_at=now
    )
    Token.objects.create(
        pk=FOREIGN, kind="personal", name=FOREIGN_NAME, digest=b"foreign", hint="xxxx", staff=staff, per_minute=60,
        made_at=now, expires_at=now + timedelta(days=30),
    )  # fmt: skip
    account = Account.objects.create(pk=FOREIGN, userid=f"wx{FOREIGN}", staff=staff, seen_at=now)
    way = ContactWay.objects.create(
        pk=FOREIGN, name=FOREIGN_NAME, state_text=f"yt{FOREIGN}", state="ready", asked_at=now
    )
    way.accounts.set([account])
    _foreign_coupon(people[0])
    Decision.objects.create(
        pk=FOREIGN, key=FOREIGN_NAME, kind="seat", customer=people[0], programme=FOREIGN_NAME, at=now, verdict="refuse"
    )
    _foreign_code(account)
    _foreign_visit(people[0])
    _foreign_friend(people[0], world.own["referral_id"])
    _foreign_messages(people[0], account)
    buying_seat(world.own["buying_group_id"], people[0].pk, key=FOREIGN)
    things = dict.fromkeys(_KINDS, FOREIGN)
    lacking = SCOPED - set(things)
    assert not lacking, f"{lacking} belong to stores or people: give them one of the key FOREIGN here"
    return {**world.own, **things}


def _foreign_messages(person: Customer, account: Account) -> None:
    """Write a group, a message and a reply of the store that is out of reach."""
    now = world_now()
    group = Group.objects.create(pk=FOREIGN, chat_id=f"wr{FOREIGN}", name=FOREIGN_NAME, owner=account)
    Community.objects.create(pk=FOREIGN, group=group, store=person.store, purpose=FOREIGN_NAME, made_at=now)
    Touch.objects.create(
        pk=FOREIGN, key=f"c:{FOREIGN}", customer=person, channel="wecom", intent="value", state="sent", wanted_at=now,
        at=now, business_date=now.date(), changed_at=now,
    )  # fmt: skip
    Reply.objects.create(
        pk=FOREIGN, digest=b"foreign", channel="sms", customer=person, sealed_text=seal({"text": FOREIGN_NAME}),
        is_opt_out=False, sent_at=now, received_at=now,
    )  # fmt: skip


def _foreign_visit(person: Customer) -> None:
    """Write a booked visit to the store that is out of reach."""
    now = world_now()
    assert person.store is not None
    Booking.objects.create(
        pk=FOREIGN, key=FOREIGN_NAME, customer=person, store=person.store, starts_at=now, business_date=now.date(),
        digest=b"foreign", sealed_code=seal({"code": FOREIGN_CODE}), made_at=now, source=FOREIGN_NAME,
    )  # fmt: skip


def _foreign_code(account: Account) -> None:
    """Write a channel code of a store that is out of reach."""
    now = world_now()
    made = Code.objects.create(
        pk=FOREIGN, name=FOREIGN_NAME, kind="poster", currency="CNY", made_at=now, changed_at=now
    )
    Shift.objects.create(code=made, account=account)
    Spot.objects.create(pk=FOREIGN, code=made, name=FOREIGN_NAME, token="foreign", made_at=now)
    Cost.objects.create(pk=FOREIGN, code=made, business_date=now.date(), amount_minor=100, made_at=now)


def _foreign_coupon(person: Customer) -> None:
    """Write a coupon of somebody who is out of reach."""
    now = world_now()
    Coupon.objects.create(
        pk=FOREIGN, kind=Kind.objects.get(), customer=person, key=FOREIGN_NAME, digest=b"foreign", sealed_code=seal({"code": "X"}),
        code_end="ZZZZ", campaign=FOREIGN_NAME, given_at=now, given_date=now.date(), ends_at=now + timedelta(days=30),
        last_date=now.date(),
    )  # fmt: skip


def _foreign_friend(person: Customer, referral_id: int) -> None:
    """Write a friend, held by the guard, who is out of reach."""
    now = world_now()
    Invitation.objects.create(
        pk=FOREIGN, programme_id=referral_id, inviter=Inviter.objects.filter(programme_id=referral_id).first(), friend=person,
        state="held", came_at=now, came_date=now.date(), ends_at=now + timedelta(days=30),
    )  # fmt: skip


def world_now() -> Any:
    from tests.console.test_access_matrix import NOW

    return NOW


@dataclass
class HostileShop:
    """Where every name, note and file means harm."""

    things: dict[str, Any]
    owner: Staff
    by_role: dict[str, Staff]


@pytest.fixture(scope="module")
def hostile_shop(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HostileShop]:
    """The small shop, imported, scored and listed, with harm in every text; one for all tests of a module."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    with django_db_blocker.unblock(), override_settings(YUTANG_LAKE=folder / "lake"):
        things = hostile.fill(folder)
        people = {role: Staff.objects.get(username=f"x-{role}") for role in ROLE_PERMISSIONS}
        yield HostileShop(things, people["owner"], people)
        empty_store()
