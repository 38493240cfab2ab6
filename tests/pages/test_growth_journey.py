"""From the printed code to the top-up, as five people in real browsers: customer and friend on phones, manager at the counter, operator.

Between them they use both languages and both themes; every page that they see is looked at by axe.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.codes.conftest import code, hear, keep, open_for_business, spot_of
from tests.conftest import _staff
from tests.console.conftest import Visitor, browser_type_launch_args
from tests.groupbuy.conftest import SYSTEM, campaign, guard_lets_in
from tests.wecom.conftest import Shop, open_shop, shop
from yutang.customers.models import Customer
from yutang.foundation import jobs
from yutang.foundation.outbox import deliver_events
from yutang.groupbuy.models import Campaign, Seat
from yutang.ingest import journal
from yutang.ingest.lake_sync import sync_lake
from yutang.membership import actions as membership
from yutang.membership.queries import balance_of
from yutang.orders.models import Order, OrderStatus
from yutang.orders.models import Shop as SalesPlace
from yutang.visits import actions as visits
from yutang.visits.models import Booking
from yutang.visits.views import Hours, Terms

__all__ = ["browser_type_launch_args", "guard_lets_in", "open_shop", "shop"]
pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only, pytest.mark.django_db(transaction=True)]
GREETING = "您好，我是您的专属顾问，尺码和预约都可以问我。"


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels that hold a name, or the word for the other language."""
    from tests.console import test_browser

    monkeypatch.setattr(
        test_browser, "_NAMES", re.compile(test_browser._NAMES.pattern + "|English|Li Si|林小雨|staff00.")
    )


def test_from_a_printed_code_to_the_balance(
    new_context: Callable[..., Any], live_server: Any, shop: Shop, stores: dict[str, Any], settings: Any, tmp_path: Any
) -> None:
    settings.YUTANG_LAKE, settings.YUTANG_PUBLIC_URL = tmp_path / "lake", live_server.url
    cache.clear()
    store = stores["xuhui"]
    printed = _open_the_shop(shop, store)

    def come(language: str, theme: str, width: str = "phone") -> Visitor:
        return Visitor(new_context, live_server.url, width=width, language=language, theme=theme)

    captain, friend = come("zh-hans", "light"), come("en", "dark")

    shared = _scans_and_starts_a_group(captain, shop, printed)
    person = _joins_and_completes_it(friend, shared)

    # Both book their visit.
    captain.page.reload()
    codes = [_book(one) for one in (captain, friend)]
    assert Booking.objects.filter(source__startswith="groupbuy:").count() == 2
    _let_the_day_come(store)

    manager = come("zh-hans", "dark")
    manager.log_in(_staff("dianzhang", "李店长", "store_manager", store))
    _serves_at_the_counter(manager, codes[0])
    assert balance_of(access=SYSTEM, customer_id=person.pk).total_minor == 550_000
    _buy_more(person, store)
    _hear_of_it()

    # The customer sees it on their own page, to which WeChat is the door.
    captain.look("/me/")
    expect(captain.page.locator(".wallet .amount")).to_have_text("¥5,500.00")

    # The operator sees the whole way.
    operator = come("en", "light", width="desktop")
    operator.log_in(_staff("yunying", "Zhao", "operator", store))
    operator.open("/visits/funnel/")
    operator.assert_well_made()
    assert _counts(operator.page) == {
        "Took the offer up": 2, "Paid": 2, "Booked a visit": 2, "Came to the store": 1, "Bought more": 1, "Topped up": 1,
    }  # fmt: skip
    assert all(not one.faults for one in (captain, friend, manager, operator)), [
        one.faults for one in (captain, friend, manager, operator)
    ]


def _scans_and_starts_a_group(captain: Visitor, shop: Shop, printed: str) -> str:
    """Let the customer be greeted and start a group as its captain; return the address that they share."""
    # The customer scans the code, and is greeted.
    captain.look(f"/c/{printed}")
    captain.page.locator(".btn-primary").click()
    captain.page.locator("form[action='/do/scan'] input[name=name]").fill("林小雨")
    captain.page.locator("form[action='/do/scan'] button").click()
    captain.page.wait_for_url("**/customer?who=**")
    hear(shop)
    captain.page.reload()
    expect(captain.page.get_by_text(GREETING)).to_be_visible()

    # They start a group as its captain, by the WeChat account that was just added.
    captain.look("/g/c/hook99/")
    _say_who_by_wechat(captain.page, "林小雨")
    captain.look()
    captain.page.locator("#name").fill("林小雨")
    captain.page.get_by_role("button", name="开团并付款").click()
    captain.page.wait_for_url("**/pay/**")
    captain.look()
    captain.page.get_by_role("button", name="付款", exact=True).click()
    captain.page.wait_for_url("**/g/seat/**")
    captain.look()
    return str(captain.page.locator("#share").input_value())


def _joins_and_completes_it(friend: Visitor, shared: str) -> Customer:
    """Let the friend join what was shared, and pay; return the captain."""
    # The friend opens what was shared, joins, and pays: the group is complete.
    friend.page.goto(shared)
    friend.assert_well_made()
    assert friend.page.locator("h1").inner_text() == "One more, and everybody gets it for ¥99.00"
    friend.page.locator("#phone").fill("13900139000")
    friend.page.locator("#name").fill("Li Si")
    friend.page.get_by_role("button", name="Join and pay").click()
    friend.page.get_by_role("button", name="Pay", exact=True).click()
    friend.page.wait_for_url("**/g/seat/**")
    friend.assert_well_made()
    assert friend.page.locator("h1").inner_text() == "Your group is complete"
    assert Seat.objects.filter(state="paid", group__state="filled").count() == 2
    captain = Customer.objects.get(pk=Seat.objects.order_by("pk").first().customer_id)  # type: ignore[union-attr]
    # The captain is the customer whom the code brought, and nobody made anew.
    assert set(captain.identifiers.values_list("kind", flat=True)) >= {"wecom", "unionid", "openid"}
    _hear_of_it()
    return captain


def _serves_at_the_counter(manager: Visitor, code: str) -> None:
    """Check in by the code, note the upgrade, take a top-up."""
    manager.look("/visits/")
    manager.page.locator("#code").fill(code)
    manager.page.locator(".visit-code .btn-primary").click()
    manager.page.wait_for_url(re.compile(r"/visits/\d+/$"))
    manager.look()
    manager.page.locator("form[action$='/offer/'] button").click()
    manager.page.wait_for_load_state("networkidle")
    manager.page.locator("[data-open=top-up]").click()
    manager.look()
    manager.page.locator("dialog[open] .btn-primary").click()
    manager.page.wait_for_load_state("networkidle")
    manager.look()


def _open_the_shop(corp: Shop, store: Any) -> str:
    """Let the store take bookings, an offer and a printed code be there, and return the token that is printed."""
    now = timezone.now()
    week = tuple(Hours(weekday, time(0), time(0)) for weekday in range(7))
    visits.change_terms(
        actor=SYSTEM, store_id=store.pk, terms=Terms(slot_minutes=60, capacity=9, lead_minutes=0, hours=week), now=now
    )
    membership.change_plans(actor=SYSTEM, plans=[(500_000, 50_000)], now=now)
    made = campaign()
    Campaign.objects.filter(pk=made.pk).update(ends_at=now + timedelta(days=9))
    open_for_business(corp)
    of = code(name="门店海报", kind="poster", words=GREETING, now=corp.now())
    keep(corp)
    return spot_of(of).token


def _say_who_by_wechat(page: Page, name: str) -> None:
    """Go to WeChat and come back as somebody of the sandbox."""
    page.locator("a[href^='/wechat/']").click()
    page.locator(".wechat-players a").get_by_text(name, exact=True).click()
    page.wait_for_url("**/g/**")


def _book(visitor: Visitor) -> str:
    """Book the first time that is free, and return the code to check in by."""
    visitor.page.locator("a[href$='/visit/']").click()
    visitor.assert_well_made()
    visitor.page.locator("input[name=at]:not([disabled])").first.check(force=True)
    visitor.page.locator("#book .btn-primary").click()
    visitor.page.wait_for_url("**done=booked**")
    visitor.assert_well_made()
    return visitor.page.locator(".ticket-code").inner_text()


def _let_the_day_come(store: Any) -> None:
    """Let what is booked be booked for now."""
    now = datetime.now(UTC)
    Booking.objects.update(starts_at=now, business_date=timezone.localtime(now).date())


def _buy_more(person: Customer, store: Any) -> None:
    """Let the till tell of a larger order during the visit."""
    now = datetime.now(UTC)
    today = timezone.localtime(now).date()
    till = SalesPlace.objects.create(platform="till", name="till")
    Order.objects.create(
        shop=till, number="S1", customer=person, store=store, status=OrderStatus.COMPLETED, placed_at=now, business_date=today,
        currency="CNY", total_minor=128_000, content_digest=b"",
    )  # fmt: skip
    journal.touch("orders_order", [f"{today:%Y-%m}"], now=now)


def _hear_of_it() -> None:
    """Do what the worker does within seconds: tell the rooms, and bring the lake up to date."""
    now = datetime.now(UTC)
    jobs.run_inline(jobs.enqueue(deliver_events, {}, now=now))
    sync_lake(now=now)


def _counts(page: Page) -> dict[str, int]:
    """Return the steps of the whole way with how many people took them, as the page shows them."""
    steps = page.locator(".funnel").first.locator("li")
    names, counts = (steps.locator(f".funnel-{one}").all_inner_texts() for one in ("name", "count"))
    return {name: int(count) for name, count in zip(names, counts, strict=True)}
