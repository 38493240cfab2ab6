"""Channel codes over a simulated corp: made by WeCom, scanned, heard of, with everything that follows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.wecom.conftest import Shop, open_shop, shop  # noqa: F401
from yutang.codes import actions, welcoming
from yutang.codes.actions import CodeTerms, ShiftTerms, SpotTerms
from yutang.codes.models import Code, Newcomer, Spot
from yutang.codes.running import make_missing_ways, move_way, ways_to_move
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.outbox import deliver_events
from yutang.wecom.models import Account, ContactWay, Friendship, Standing, WayState
from yutang.wecom.staff_store import write_serving
from yutang.wecom.way_making import make_way

SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own, and an address that can be printed."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    settings.YUTANG_PUBLIC_URL = "https://pond.example.com"


def accounts(n: int = 3, *, now: datetime = NOW) -> list[int]:
    """Make members of the corp who have customers, and return their keys."""
    rows = [Account(userid=f"staff{number:03}", seen_at=now) for number in range(1, n + 1)]
    return [one.pk for one in Account.objects.bulk_create(rows)]


def terms(shifts: list[ShiftTerms] | None = None, **parts: Any) -> CodeTerms:
    """Return the terms of a code of everybody in WeCom, changed in some parts."""
    everybody = [ShiftTerms(key) for key in Account.objects.order_by("userid").values_list("pk", flat=True)]
    return CodeTerms(**{"name": "包裹卡", "kind": "parcel", "shifts": everybody if shifts is None else shifts, **parts})


def code(
    shifts: list[ShiftTerms] | None = None, *, spots: list[SpotTerms] | None = None, now: datetime = NOW, **parts: Any
) -> Code:
    """Make a code and return it."""
    made = actions.create_code(actor=SYSTEM, terms=terms(shifts, **parts), spots=spots or (), now=now)
    return Code.objects.get(pk=made)


def spot_of(code: Code) -> Spot:
    """Return the first place of a code."""
    found = Spot.objects.select_related("way").filter(code=code).order_by("pk").first()
    assert found is not None
    return found


def open_for_business(corp: Shop) -> None:
    """Let this installation know who has customers."""
    write_serving(corp.client.customers.staff(), now=corp.now())


def keep(corp: Shop) -> int:
    """Do what the worker does each minute, and return how many ways were moved."""
    make_missing_ways(now=corp.now())
    for way in ContactWay.objects.filter(state=WayState.ASKED):
        make_way(corp.client, way_id=way.pk, now=corp.now())
    moving = ways_to_move(now=corp.now())
    return sum(move_way(corp.client, spot_id=one.spot.pk, now=corp.now()) for one in moving)


def there(corp: Shop, spot: Spot) -> list[str]:
    """Return whom WeCom would add at a place."""
    spot.refresh_from_db()
    assert spot.way is not None
    return sorted(corp.world.ways[spot.way.config_id].fields["user"])


def scan(corp: Shop, spot: Spot, number: int = 1) -> dict[str, Any]:
    """Let somebody scan the QR code of a place."""
    spot.refresh_from_db()
    assert spot.way is not None
    told = {"config_id": spot.way.config_id, "unionid": f"oC{number:024d}", "name": f"客{number}"}
    return corp.order("scan", **told)


def hear(corp: Shop) -> None:
    """Let what WeCom told come in, and let everything follow from it."""
    corp.settle()
    jobs.run_inline(jobs.enqueue(deliver_events, {}, now=corp.now()))
    while welcoming.welcome_newcomers(now=corp.now()):
        pass


def said(corp: Shop) -> list[dict[str, Any]]:
    """Return the welcome messages that were sent, as WeCom took them."""
    return [one["used_with"] for one in corp.sandbox.show("welcomes")["codes"] if one["used_with"] is not None]


def newcomers(
    of: Code, n: int, *, added_at: datetime = NOW, left_after: timedelta | None = None, store: Any = None, **more: Any
) -> list[Newcomer]:
    """Write down people who came by a code, as the room does when it hears of them."""
    from tests.coupons.conftest import people

    account = Account.objects.order_by("pk").first()
    assert account is not None
    left_at = None if left_after is None else added_at + left_after
    rows = [
        Newcomer(
            code=of, spot=spot_of(of), customer_id=person, account=account, store=store, added_at=added_at,
            added_date=added_at.date(), left_at=left_at, left_date=left_at.date() if left_at else None, noted="joined",
            is_remarked=True, **{"cost_minor": of.unit_cost_minor, **more},
        )
        for person in people(n, store=store)
    ]  # fmt: skip
    return Newcomer.objects.bulk_create(rows)


def friendships(
    n: int, *, way: ContactWay, added_at: datetime, account: Account, store: Any = None
) -> list[Friendship]:
    """Write down friends who came by a contact way, as the room of WeCom does, known from now on."""
    from tests.coupons.conftest import people
    from yutang.foundation.sealing import digest16, seal
    from yutang.wecom.models import Contact

    found = []
    for number, person in enumerate(people(n, store=store)):
        contact = Contact.objects.create(
            digest=digest16("wecom", "", f"wm{way.pk}{number}"),
            sealed_card=seal({"external_userid": f"wm{way.pk}{number}", "name": f"客{number}"}),
            customer_id=person,
            seen_at=added_at,
        )
        found.append(
            Friendship.objects.create(
                account=account, contact=contact, standing=Standing.FRIENDS, way=way, added_at=added_at, is_listed=True
            )
        )
    return found
