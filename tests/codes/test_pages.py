"""The pages behind printed codes: whom to add, which store is near, what is over; people are counted, programs are not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.codes.conftest import SYSTEM, code, hear, keep, open_for_business, scan, spot_of, there
from tests.wecom.conftest import Shop
from yutang.codes import actions, queries
from yutang.codes.actions import ShiftTerms, SpotTerms
from yutang.codes.models import Newcomer, OwnWay, ScanDay, Spot
from yutang.codes.personal import personal_path
from yutang.codes.tasks import keep_codes
from yutang.foundation import jobs
from yutang.foundation.models import Staff
from yutang.wecom.models import Account, ContactWay
from yutang.wecom.way_making import make_way

pytestmark = pytest.mark.django_db
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0"}


@pytest.fixture
def ready(shop: Shop) -> Shop:
    """A corp whose staff are known."""
    open_for_business(shop)
    return shop


def text(answer: Any) -> str:
    return str(answer.content.decode())


def scans(spot: Spot) -> int:
    return sum(ScanDay.objects.filter(spot=spot).values_list("scans", flat=True))


def test_shows_the_picture_and_counts_people_only(ready: Shop, client: Client) -> None:
    of = code(now=ready.now())
    spot = spot_of(of)
    assert "请稍等" in text(client.get(f"/c/{spot.token}", headers=PHONE))
    keep(ready)

    page = client.get(f"/c/{spot.token}", headers=PHONE)
    client.get(f"/c/{spot.token}", headers={"User-Agent": "Googlebot/2.1"})
    client.head(f"/c/{spot.token}", headers=PHONE)

    assert ready.sandbox.simulator.address in text(page)
    assert "<svg" in text(page)
    assert page["X-Robots-Tag"] == "noindex"
    assert scans(spot) == 2


def test_says_that_it_is_over_and_that_nothing_is_there(ready: Shop, client: Client) -> None:
    of = code(now=ready.now())
    keep(ready)
    actions.switch_off(actor=SYSTEM, code_id=of.pk, now=ready.now())

    over = client.get(f"/c/{spot_of(of).token}", headers=PHONE)
    assert over.status_code == 200
    assert "<svg" not in text(over)
    assert client.get("/c/nothing", headers=PHONE).status_code == 404
    assert client.get("/c/nothing/group", headers=PHONE).status_code == 404
    assert client.post(f"/c/{spot_of(of).token}").status_code == 405


def test_a_window_of_several_stores_shows_the_nearest_first(
    ready: Shop, client: Client, stores: dict[str, Any]
) -> None:
    near, far = list(stores.values())[:2]
    type(near).objects.filter(pk=near.pk).update(latitude=31.2, longitude=121.4)
    type(far).objects.filter(pk=far.pk).update(latitude=39.9, longitude=116.4)
    of = code(
        kind="window", spots=[SpotTerms("橱窗"), SpotTerms("远", far.pk), SpotTerms("近", near.pk)], now=ready.now()
    )
    keep(ready)

    page = client.get(f"/c/{spot_of(of).token}?lat=31.21&lng=121.41", headers=PHONE)

    assert text(page).index(near.name) < text(page).index(far.name)
    assert "geolocation=(self)" in page["Permissions-Policy"]
    assert client.get(f"/c/{spot_of(of).token}?lat=nan&lng=1e999", headers=PHONE).status_code == 200
    own = Spot.objects.get(name="近")
    assert "geolocation=()" in client.get(f"/c/{own.token}", headers=PHONE)["Permissions-Policy"]


def test_who_is_known_comes_to_the_member_of_staff_who_looks_after_them(
    ready: Shop, client: Client, stores: dict[str, Any]
) -> None:
    from tests.coupons.conftest import people
    from yutang.customers.models import Customer
    from yutang.foundation.models import Staff

    lin = Staff.objects.create(username="lin", display_name="林晓")
    Account.objects.filter(userid="staff003").update(staff=lin)
    first = Account.objects.get(userid="staff001")
    of = code([ShiftTerms(first.pk)], now=ready.now())
    keep(ready)
    (someone,) = people(1)
    Customer.objects.filter(pk=someone).update(owner=lin)
    spot = spot_of(of)
    path = personal_path(access=SYSTEM, code_id=of.pk, spot_id=spot.pk, customer_id=someone, now=ready.now())

    # WeCom makes the way to their own staff; until then they meet who is on duty.
    assert "林晓" not in text(client.get(path, headers=PHONE))
    way = OwnWay.objects.get().way
    assert way is not None
    make_way(ready.client, way_id=way.pk, now=ready.now())
    page = text(client.get(path, headers=PHONE))

    assert "林晓" in page
    assert ContactWay.objects.get(pk=way.pk).accounts.get().userid == "staff003"
    assert "林晓" not in text(client.get(f"/c/{spot.token}", headers=PHONE))
    assert sum(ScanDay.objects.values_list("known", flat=True)) == 2


def test_a_real_picture_may_be_fetched_from_where_wecom_keeps_it(ready: Shop, client: Client) -> None:
    from yutang.wecom.models import Connection

    of = code(now=ready.now())
    keep(ready)
    Connection.objects.update(kind="real")
    way = spot_of(of).way
    assert way is not None
    ContactWay.objects.filter(pk=way.pk).update(qr_code="https://wework.qpic.cn/wwpic/x")

    page = client.get(f"/c/{spot_of(of).token}", headers=PHONE)

    assert "https://wework.qpic.cn/wwpic/x" in text(page)
    assert "img-src 'self' data: https://wework.qpic.cn;" in page["Content-Security-Policy"]


class TestDailyCaps:
    def test_at_the_place_of_a_store_are_kept_and_back_ups_stand_in(
        self, ready: Shop, client: Client, stores: dict[str, Any]
    ) -> None:
        own, backup = _of_stores(stores["xuhui"], stores["pudong"])
        of = code(
            [ShiftTerms(own, daily_cap=1), ShiftTerms(backup, is_backup=True)],
            spots=[SpotTerms("徐汇店", stores["xuhui"].pk)],
            now=ready.now(),
        )
        spot = spot_of(of)
        keep(ready)
        assert there(ready, spot) == ["staff001"]

        scan(ready, spot, 1)
        hear(ready)
        # A scan right after the cap was reached: WeCom still has the one who is full.
        assert "请稍等" in text(client.get(f"/c/{spot.token}", headers=PHONE))
        assert jobs.is_waiting(keep_codes, by=ready.now() + timedelta(seconds=10))
        keep(ready)
        assert there(ready, spot) == ["staff002"]
        assert "<svg" in text(client.get(f"/c/{spot.token}", headers=PHONE))
        scan(ready, spot, 2)
        hear(ready)

        assert sorted(Newcomer.objects.values_list("account__userid", flat=True)) == ["staff001", "staff002"]
        view = queries.code_view(access=SYSTEM, code_id=of.pk, now=ready.now())
        assert [(one.duty, one.staff, one.is_told) for one in view.spots] == [("backups", ("staff002",), True)]
        assert [(one.is_full, one.is_on_duty) for one in view.shifts] == [(True, False), (False, True)]

    def test_whoever_scans_when_everybody_has_enough_is_asked_to_come_again(self, ready: Shop, client: Client) -> None:
        first = Account.objects.order_by("userid").values_list("pk", flat=True)[0]
        of = code([ShiftTerms(first, daily_cap=1)], now=ready.now())
        spot = spot_of(of)
        keep(ready)
        scan(ready, spot, 1)
        hear(ready)
        keep(ready)

        page = text(client.get(f"/c/{spot.token}", headers=PHONE))
        view = queries.code_view(access=SYSTEM, code_id=of.pk, now=ready.now())

        assert "<svg" not in page
        assert "明天" in page
        assert [(one.duty, one.is_told) for one in view.spots] == [("full", True)]
        assert [(one.is_full, one.is_on_duty) for one in view.shifts] == [(True, False)]


def _of_stores(*stores: Any) -> list[int]:
    """Let members of the corp belong to stores, one each, and return their keys."""
    found = []
    for number, (account, store) in enumerate(zip(Account.objects.order_by("userid"), stores, strict=False)):
        account.staff = Staff.objects.create(username=f"of-{number}", display_name=account.userid)
        account.staff.stores.add(store)
        account.save(update_fields=["staff"])
        found.append(account.pk)
    return found
