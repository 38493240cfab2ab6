"""Visitors say by WeChat who they are: bound to the phone that went, once, and leading to own pages alone; then they type nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.coupons.conftest import kind, people
from tests.groupbuy.conftest import SYSTEM, campaign, guard_lets_in
from tests.pages.test_groups import key_in, paid, text
from tests.pages.wechat import come_by_wechat, connected, sandbox_running, somebody, way_back
from tests.referral.conftest import terms
from yutang.connectors.wechat.simulator import APP_ID
from yutang.connectors.wechatpay.simulator import running
from yutang.connectors.wecom.simulator.server import Simulator
from yutang.customers.models import Customer, Identifier
from yutang.groupbuy.models import Campaign, Seat
from yutang.pages.signed import read, sign
from yutang.referral import actions as referral
from yutang.referral.links import INVITE, token_of
from yutang.referral.models import Invitation
from yutang.visits import queries as visits

__all__ = ["guard_lets_in"]
pytestmark = pytest.mark.django_db
IN_WECHAT = {"User-Agent": "Mozilla/5.0 (iPhone) Mobile MicroMessenger/8.0.50"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Simulator]:
    """A sandbox that plays WeChat."""
    with sandbox_running() as simulator:
        yield simulator


@pytest.fixture
def wechat(sandbox: Simulator, settings: Any, tmp_path: Any) -> Simulator:
    """The sandbox, connected with the shop of the test."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()
    return connected(sandbox, now=timezone.now())


@pytest.fixture
def offer(wechat: Simulator) -> Campaign:
    """An offer that is open now."""
    made = campaign()
    Campaign.objects.filter(pk=made.pk).update(ends_at=timezone.now() + timedelta(days=30))
    return made


class TestComingBack:
    def test_a_shared_group_is_joined_without_typing_by_the_person_whom_the_shop_knows(
        self, wechat: Simulator, offer: Campaign
    ) -> None:
        person, client = somebody(wechat, "张小鱼", "oN-known-1"), Client()
        page = f"/g/c/{offer.code}/"
        assert "/wechat/?next=" in text(client.get(page))
        answer = come_by_wechat(client, wechat, person, page)
        assert (answer.status_code, answer.url) == (302, page)
        # Looking makes nobody.
        shown = text(client.get(page))
        assert 'name="phone"' not in shown
        assert not Customer.objects.exists()

        for _ in range(2):
            started = client.post(page, {"size": 2, "name": "张小鱼", "key": key_in(shown)})

        seat = Seat.objects.get()
        assert started.url.startswith("/pay/")
        assert seat.shown == "张**"
        kinds = Identifier.objects.filter(customer_id=seat.customer_id).values_list("kind", flat=True)
        assert sorted(kinds) == ["openid", "unionid"]
        assert Customer.objects.count() == 1

    def test_another_account_of_the_same_owner_is_the_same_person(self, wechat: Simulator, offer: Campaign) -> None:
        from yutang.customers.actions import meet_by_wechat
        from yutang.customers.queries import person_of_wechat

        one = meet_by_wechat(
            actor=SYSTEM, app_id="wx-one-00", openid="oS-one-000", unionid="oN-both-0", now=timezone.now()
        )

        other = {"app_id": "wx-two-00", "openid": "oS-two-000"}
        assert person_of_wechat(access=SYSTEM, **other, unionid="oN-both-0") == one
        assert person_of_wechat(access=SYSTEM, **other) is None
        again = meet_by_wechat(actor=SYSTEM, **other, unionid="oN-both-0", now=timezone.now())
        assert again == one
        assert person_of_wechat(access=SYSTEM, **other) == one

    def test_on_another_phone_or_with_another_state_tells_nothing(self, wechat: Simulator, offer: Campaign) -> None:
        person, page = somebody(wechat, "李四", "oN-forge-1"), f"/g/c/{offer.code}/"
        mine, other = Client(), Client()
        led = way_back(wechat.authorising, mine.get("/wechat/", {"next": page}).url, person)
        other.get("/wechat/", {"next": page})

        for client in (other, Client()):
            answer = client.get(led)
            assert answer.status_code == 403
            assert "yutang_visitor" not in answer.cookies
        assert mine.get(led).url == page

    def test_happens_once(self, wechat: Simulator, offer: Campaign) -> None:
        person, page, client = somebody(wechat, "王五", "oN-once-1"), f"/g/c/{offer.code}/", Client()
        there = client.get("/wechat/", {"next": page})
        kept = client.cookies["yutang_wechat"].value
        led = way_back(wechat.authorising, there.url, person)
        assert client.get(led).url == page
        assert client.get(led).status_code == 403

        # Also where the phone kept what it was told to forget, WeChat gives nothing twice.
        client.cookies["yutang_wechat"] = kept
        answer = client.get(led)

        assert answer.url == f"{page}?wechat=no"
        assert "已用过" in text(client.get(answer.url))

    def test_too_late_begins_anew(self, wechat: Simulator, offer: Campaign) -> None:
        page, client = f"/g/c/{offer.code}/", Client()
        client.cookies["yutang_wechat"] = sign(
            "wechat-state", f"abc {page}", until=timezone.now() - timedelta(seconds=1)
        )

        assert client.get("/wechat/back/?code=x&state=abc").status_code == 403

    def test_of_who_says_nothing_leads_to_the_page_all_the_same(self, wechat: Simulator, offer: Campaign) -> None:
        page, client = f"/g/c/{offer.code}/", Client()
        there = client.get("/wechat/", {"next": page})
        state = there.url.split("state=")[1].split("#")[0]

        answer = client.get("/wechat/back/", {"state": state})

        assert answer.url == f"{page}?wechat=no"
        assert 'name="phone"' in text(client.get(answer.url))

    @pytest.mark.parametrize(
        "after",
        ["//evil.example/", "https://evil.example/", "/\\evil.example", "/g//evil.example/", "/staff/", "/wechat/", "",
         "/g/c/x/\r\nSet-Cookie: a=b", "/g/c/../../login/", "/g/" + "a" * 200, "javascript:alert(1)", "/g/c/x/?next=//e.example/"],
    )  # fmt: skip
    def test_leads_to_no_page_but_those_of_customers(self, wechat: Simulator, after: str) -> None:
        assert Client().get("/wechat/", {"next": after}).status_code == 404

    def test_is_not_there_without_an_official_account(self, settings: Any) -> None:
        cache.clear()
        assert Client().get("/wechat/", {"next": "/g/mine/"}).status_code == 404
        assert Client().get("/me/").status_code == 403

    def test_an_altered_visitor_is_nobody(self, wechat: Simulator, offer: Campaign) -> None:
        client, page = Client(), f"/g/c/{offer.code}/"
        come_by_wechat(client, wechat, somebody(wechat, "赵六", "oN-alter-1"), page)
        kept = client.cookies["yutang_visitor"].value
        assert 'name="phone"' not in text(client.get(page))

        client.cookies["yutang_visitor"] = kept[:-1] + ("A" if kept[-1] != "A" else "B")

        assert 'name="phone"' in text(client.get(page))

    def test_is_forgotten_when_the_visitor_says_so(self, wechat: Simulator, offer: Campaign) -> None:
        client, page = Client(), f"/g/c/{offer.code}/"
        come_by_wechat(client, wechat, somebody(wechat, "孙七", "oN-leave-1"), page)

        assert client.post("/wechat/leave/", {"next": page}).url == page
        assert client.post("/wechat/leave/", {"next": "//evil.example/"}).url == "/g/mine/"

        assert 'name="phone"' in text(client.get(page))


class TestAnInvitation:
    def test_is_taken_without_typing(self, wechat: Simulator) -> None:
        kind()
        kind(name="老客答谢15元", code="thanks15", amount_minor=1_500, per_person=50)
        now, (inviting,) = timezone.now(), people(1)
        made = referral.create_programme(actor=SYSTEM, terms=terms(), now=now)
        referral.open_programme(actor=SYSTEM, programme_id=made, now=now)
        inviter = referral.invite(actor=SYSTEM, programme_id=made, customer_id=inviting, now=now)
        path, client = f"/r/{token_of(inviter_id=inviter, purpose=INVITE)}", Client()
        person = somebody(wechat, "冯友", "oN-friend-1")
        come_by_wechat(client, wechat, person, path)
        assert 'name="phone"' not in text(client.get(path))

        for _ in range(2):
            taken = client.post(path, {"agreed": "yes"})

        assert "ticket-code" in text(taken)
        invitation = Invitation.objects.get()
        assert set(Identifier.objects.filter(customer_id=invitation.friend_id).values_list("kind", flat=True)) == {
            "unionid", "openid",
        }  # fmt: skip
        # Without saying who one is, and without a number, nothing is taken.
        assert Client().post(path, {"agreed": "yes"}).status_code == 422


class TestOwnDoors:
    @pytest.mark.parametrize(("door", "purpose"), [("/me/", visits.MINE), ("/visit/", visits.BOOKING)])
    def test_lead_who_is_known_to_a_link_of_their_own(self, wechat: Simulator, door: str, purpose: str) -> None:
        from yutang.customers.actions import meet_by_wechat

        client, person = Client(), somebody(wechat, "周八", f"oN-door-{purpose}")
        first = client.get(door)
        assert first.url.startswith("/wechat/?next=")
        assert come_by_wechat(client, wechat, person, door).url == door
        assert client.get(door).status_code == 404
        known = meet_by_wechat(
            actor=SYSTEM, app_id=APP_ID, openid=person.openid, unionid=person.unionid, now=timezone.now()
        )

        led = client.get(door)

        assert led.status_code == 302
        signed = read(led.url.removeprefix(door), purpose)
        assert (signed.customer_id, signed.until < timezone.now() + timedelta(days=2)) == (known, True)
        assert client.get(led.url).status_code == 200

    def test_tell_who_said_nothing_what_to_do(self, wechat: Simulator) -> None:
        answer = Client().get("/me/?wechat=no")

        assert answer.status_code == 403
        assert "门店发给您的链接" in text(answer)


class TestPayingWithinWeChat:
    @pytest.fixture
    def gateway(self, settings: Any, tmp_path: Any) -> Any:
        with running() as made:
            key, public = tmp_path / "key.pem", tmp_path / "pub.pem"
            key.write_text(made.account.private_key)
            public.write_text(made.account.public_key)
            settings.YUTANG_WECHAT_PAY = {
                "merchant_id": made.account.merchant_id, "app_id": APP_ID, "serial": made.account.serial,
                "key_file": str(key), "api_key": made.api_key, "public_key_file": str(public),
                "public_key_id": made.account.public_key_id, "gateway": made.account.gateway,
            }  # fmt: skip
            yield made

    def test_goes_by_the_account_of_who_came_by_wechat(self, wechat: Simulator, offer: Campaign, gateway: Any) -> None:
        client, person, page = Client(headers=IN_WECHAT), somebody(wechat, "吴九", "oN-pay-1"), f"/g/c/{offer.code}/"
        come_by_wechat(client, wechat, person, page)
        to_cashier = client.post(page, {"size": 2, "key": key_in(text(client.get(page)))})

        shown = client.get(to_cashier.url)

        number = to_cashier.url.split("/")[2]
        assert shown.context["script"]["appId"] == APP_ID
        assert shown.context["script"]["package"] == f"prepay_id=wx{number}"
        assert "data-wechat-pay" in text(shown)
        assert gateway.orders[number]["trade_state"] == "NOTPAY"
        gateway.pay(number, openid=person.openid)
        assert "参团成功" in text(client.get(paid(client, to_cashier, "look").url))

    def test_asks_once_who_pays_and_shows_a_code_where_that_is_not_told(
        self, wechat: Simulator, offer: Campaign, gateway: Any
    ) -> None:
        client, page = Client(headers=IN_WECHAT), f"/g/c/{offer.code}/"
        form = {"size": 2, "phone": "13800138000", "key": key_in(text(client.get(page)))}
        to_cashier = client.post(page, form)

        led = client.get(to_cashier.url)

        assert led.url.startswith("/wechat/?next=%2Fpay%2F")
        assert "data:image/svg+xml" in text(client.get(f"{to_cashier.url}?wechat=no"))

    def test_of_another_account_than_pays_shows_a_code(
        self, wechat: Simulator, offer: Campaign, gateway: Any, settings: Any
    ) -> None:
        settings.YUTANG_WECHAT_PAY = {**settings.YUTANG_WECHAT_PAY, "app_id": "wx-another-0001"}
        client, page = Client(headers=IN_WECHAT), f"/g/c/{offer.code}/"
        come_by_wechat(client, wechat, somebody(wechat, "郑十", "oN-pay-2"), page)
        to_cashier = client.post(page, {"size": 2, "key": key_in(text(client.get(page)))})

        shown = client.get(to_cashier.url)

        assert shown.status_code == 200
        assert "data:image/svg+xml" in text(shown)
