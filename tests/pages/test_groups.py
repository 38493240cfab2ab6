"""Group-buying as customers meet it: start, share, join, pay, leave; in both languages, small, and telling nobody's secrets."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.customers.sharing import share_number
from tests.groupbuy.conftest import SYSTEM, campaign, guard_lets_in, people
from yutang.connectors.wechatpay.simulator import running
from yutang.groupbuy import actions
from yutang.groupbuy.models import Campaign, Course, Group, Seat
from yutang.groupbuy.odds import point_of
from yutang.pages.groups import LINK_PURPOSE
from yutang.pages.signed import sign
from yutang.payments.models import Payment
from yutang.payments.queries import payment_at_cashier

__all__ = ["guard_lets_in"]
pytestmark = pytest.mark.django_db
PHONE, FRIEND = "13800138000", "13900139000"


@pytest.fixture(autouse=True)
def calm(settings: Any, tmp_path: Any) -> None:
    """Nobody has asked too often, and the lake is the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    cache.clear()


@pytest.fixture
def offer() -> Campaign:
    """An offer that is open now."""
    made = campaign()
    Campaign.objects.filter(pk=made.pk).update(ends_at=timezone.now() + timedelta(days=30))
    return made


def text(answer: Any) -> str:
    return str(answer.content.decode())


def key_in(page: str) -> str:
    return re.findall(r'name="key" value="([0-9a-f]+)"', page)[0]


def started(client: Client, offer: Campaign, *, phone: str = PHONE, size: int = 2) -> Any:
    page = text(client.get(f"/g/c/{offer.code}/"))
    return client.post(f"/g/c/{offer.code}/", {"size": size, "phone": phone, "name": "张小鱼", "key": key_in(page)})


def paid(client: Client, answer: Any, what: str = "pay") -> Any:
    return client.post(answer.url, {"what": what})


class TestAGroup:
    def test_is_started_shared_joined_paid_and_complete(self, offer: Campaign) -> None:
        captain, friend = Client(), Client()

        to_cashier = started(captain, offer)
        assert to_cashier.url.startswith("/pay/")
        assert "99.00" in text(captain.get(to_cashier.url))
        to_seat = paid(captain, to_cashier)
        mine = text(captain.get(to_seat.url))
        group = Group.objects.get()
        joined = friend.post(
            f"/g/{group.code}/", {"phone": FRIEND, "name": "李四", "key": key_in(text(friend.get(f"/g/{group.code}/")))}
        )
        done = text(friend.get(paid(friend, joined).url))

        assert "参团成功，还差 1 人" in mine
        assert f"/g/{group.code}/" in mine
        assert "成团了" in done
        assert "张**" in done
        assert "张小鱼" not in done
        group.refresh_from_db()
        assert (group.state, group.paid) == ("filled", 2)
        assert "成团了" in text(captain.get(to_seat.url))

    def test_who_pays_too_late_is_led_back_to_their_place(self, offer: Campaign) -> None:
        captain = Client()
        to_cashier = started(captain, offer)
        seat = Seat.objects.get()
        Payment.objects.update(ends_at=timezone.now() - timedelta(minutes=1))

        late = captain.post(to_cashier.url, {"what": "pay"})

        assert late.status_code == 409
        assert f'href="{payment_at_cashier(number=to_cashier.url.split("/")[2]).return_path}"' in text(late)
        assert seat.token in text(late)

    def test_the_address_that_is_passed_on_tells_by_whom_and_is_nobodys_guess(self, offer: Campaign) -> None:
        captain = Client()
        mine = text(captain.get(paid(captain, started(captain, offer, size=3)).url))
        group, seat = Group.objects.get(), Seat.objects.get()
        (mark,) = set(re.findall(rf"/g/{group.code}/\?by=([0-9a-f]+)", mine))
        form = {"phone": FRIEND, "name": "李四", "key": "ab"}

        assert f'name="by" value="{mark}"' in text(Client().get(f"/g/{group.code}/?by={mark}"))
        Client().post(f"/g/{group.code}/", {**form, "by": mark})
        Client().post(f"/g/{group.code}/", {**form, "phone": "13700137000", "key": "cd", "by": str(seat.pk)})

        first, second = Seat.objects.exclude(pk=seat.pk).order_by("pk")
        assert (first.invited_by_id, second.invited_by_id) == (seat.pk, None)
        assert str(seat.pk) != mark

    def test_a_number_that_many_share_is_said_to_be_so(self, offer: Campaign) -> None:
        share_number(f"+86{PHONE}")

        answer = started(Client(), offer)

        assert answer.status_code == 422
        assert "这个号码在本店对应多位客户" in text(answer)

    def test_pressed_twice_is_one_place(self, offer: Campaign) -> None:
        client = Client()
        page = text(client.get(f"/g/c/{offer.code}/"))
        form = {"size": 2, "phone": PHONE, "key": key_in(page)}

        answers = {client.post(f"/g/c/{offer.code}/", form).url for _ in range(2)}

        assert len(answers) == Seat.objects.count() == Payment.objects.count() == 1

    def test_is_left_and_the_money_goes_back(self, offer: Campaign) -> None:
        client = Client()
        to_seat = paid(client, started(client, offer))
        assert ">退出拼团</button>" in text(client.get(to_seat.url))

        client.post(to_seat.url, {"what": "leave"})

        page = text(client.get(to_seat.url))
        assert "您已退出" in page
        assert "正在退回给您" in page

    def test_that_is_full_of_held_places_asks_for_nobody_until_one_was_held_too_long(self, offer: Campaign) -> None:
        captain = Client()
        paid(captain, started(captain, offer))
        group = Group.objects.get()
        page = f"/g/{group.code}/"
        Client().post(page, {"phone": FRIEND, "name": "李四", "key": "ab"})
        third = Client()

        full = text(third.get(page))
        Seat.objects.filter(state="held").update(hold_until=timezone.now() - timedelta(seconds=1))
        again = text(third.get(page))
        joined = third.post(page, {"phone": "13700137000", "name": "王五", "key": key_in(again)})

        assert "名额已满，等待付款" in full
        assert "还差 1 人" not in full
        assert 'name="phone"' not in full
        assert "付款中" not in again
        assert joined.url.startswith("/pay/")
        assert sorted(Seat.objects.values_list("state", flat=True)) == ["held", "lapsed", "paid"]

    def test_that_filled_shows_who_is_there_and_what_was_given_back(self, offer: Campaign) -> None:
        captain, friend = Client(), Client()
        place = paid(captain, started(captain, offer)).url
        page = f"/g/{Group.objects.get().code}/"
        paid(friend, friend.post(page, {"phone": FRIEND, "name": "李四", "key": key_in(text(friend.get(page)))}))
        actions.take_out(actor=SYSTEM, seat_id=Seat.objects.order_by("-pk")[0].pk, reason="买错了", now=timezone.now())

        for shown in (text(captain.get(place)), text(Client().get(page))):
            assert "空位" not in shown
            assert "成团后有 1 个名额已退款" in shown
            assert "张**" in shown
            assert "李*" not in shown

    def test_turned_away_from_the_cashier_frees_the_place(self, offer: Campaign) -> None:
        client = Client()

        to_seat = paid(client, started(client, offer), "cancel")

        assert "您没有付款，名额已释放" in text(client.get(to_seat.url))
        assert Group.objects.get().taken == 0

    @pytest.mark.parametrize("typed", ["1861320009", "186132000", "02112345678"])
    def test_a_number_that_is_no_mobile_one_gets_no_place(self, offer: Campaign, typed: str) -> None:
        answer = started(Client(), offer, phone=typed)

        assert answer.status_code == 422
        assert "请填写 11 位手机号" in text(answer)
        assert Seat.objects.count() == 0

    def test_refusals_come_back_with_what_was_typed(self, offer: Campaign) -> None:
        client = Client()

        answer = started(client, offer, phone="12")

        assert answer.status_code == 422
        assert "手机号不正确" in text(answer)
        assert 'value="12"' in text(answer)
        assert Seat.objects.count() == 0

    def test_says_honestly_that_little_is_known_of_its_odds(self, offer: Campaign) -> None:
        client = Client()
        paid(client, started(client, offer))

        page = text(Client().get(f"/g/{Group.objects.get().code}/"))

        assert "目前还说不准；若未成团，全额退款" in page
        assert page.count("member-face") == 2

    def test_says_when_what_it_knows_is_of_other_offers(self, offer: Campaign) -> None:
        started(Client(), offer)
        paid(Client(), started(Client(), offer, phone=FRIEND))
        group = Group.objects.get(paid=1)
        point = point_of(group.ends_at - timezone.now())
        course = {"size": 2, "members": 1, "minutes_left": point, "groups": 40, "filled": 30}
        Course.objects.create(campaign_id=0, **course)

        new = text(Client().get(f"/g/{group.code}/"))
        Course.objects.create(campaign_id=offer.pk, **{**course, "groups": 10, "filled": 5})
        known = text(Client().get(f"/g/{group.code}/"))

        assert "本活动还没有可比的团，成团机会尚不清楚；其他活动的 40 个相似团中约 73% 成团" in new
        assert "相似的 40 个团中约" in known
        assert "其他活动" not in known

    @pytest.mark.parametrize(
        ("tiers", "said"), [(((2, 9_900), (3, 8_900)), "¥89.00 起"), (((2, 9_900),), "¥99.00")], ids=["several", "one"]
    )
    def test_the_card_that_is_passed_on_says_the_price_of_the_page(
        self, tiers: tuple[tuple[int, int], ...], said: str
    ) -> None:
        made = campaign(code="card", name="小聚", tiers=tiers)
        Campaign.objects.filter(pk=made.pk).update(ends_at=timezone.now() + timedelta(days=30))

        page = text(Client().get("/g/c/card/"))

        assert re.findall(r'property="og:description" content="([^"]+)"', page) == [f"拼团价 {said}，单独购买 ¥599.00"]
        assert f'<span class="price-now">{said}</span>' in page


class TestAnOfferThatTakesNobody:
    def test_paused_says_so_and_leads_to_no_group(self, offer: Campaign) -> None:
        captain = Client()
        place = paid(captain, started(captain, offer, size=3)).url
        group = Group.objects.get()
        assert f'href="/g/{group.code}/"' in text(Client().get(f"/g/c/{offer.code}/"))
        actions.pause_campaign(actor=SYSTEM, campaign_id=offer.pk, now=timezone.now())

        page, joining = text(Client().get(f"/g/c/{offer.code}/")), text(Client().get(f"/g/{group.code}/"))

        for shown in (page, joining):
            assert "活动暂停中" in shown
            assert 'name="phone"' not in shown
        assert group.code not in page
        assert f'href="/g/c/{offer.code}/"' not in joining
        assert "恢复后朋友才能参团" in text(captain.get(place))

    def test_sold_out_says_so_and_offers_no_button_but_the_groups_that_are_filling(self, offer: Campaign) -> None:
        Campaign.objects.filter(pk=offer.pk).update(stock=3)
        paid(Client(), started(Client(), offer, size=3))

        page = text(Client().get(f"/g/c/{offer.code}/"))

        assert "已售罄" in page
        assert "开团并付款" not in page
        assert Group.objects.get().code in page

    def test_the_first_size_that_has_room_is_chosen(self, offer: Campaign) -> None:
        Campaign.objects.filter(pk=offer.pk).update(stock=2)

        page = text(Client().get(f"/g/c/{offer.code}/"))

        assert re.findall(r'value="(\d)" required( checked| disabled)', page) == [("2", " checked"), ("3", " disabled")]

    def test_giving_up_at_the_cashier_sells_nothing_out(self, offer: Campaign) -> None:
        Campaign.objects.filter(pk=offer.pk).update(stock=3)
        for _ in range(3):
            client = Client()
            to_seat = paid(client, started(client, offer, size=3), "cancel")

        page = text(client.get(to_seat.url))

        assert f'href="/g/c/{offer.code}/"' in page
        assert "开团并付款" in text(Client().get(f"/g/c/{offer.code}/"))
        assert set(Group.objects.values_list("state", flat=True)) == {"lapsed"}


class TestWhoIsWho:
    def test_a_number_shows_nobody_the_places_of_others(self, offer: Campaign) -> None:
        paid(Client(), started(Client(), offer))
        stranger = Client()

        answer = stranger.post(f"/g/{Group.objects.get().code}/", {"phone": PHONE, "key": "ab"})

        assert "已在团里" in text(answer)
        assert Seat.objects.get().token not in text(answer)
        assert "还没有参过团" in text(stranger.get("/g/mine/"))

    def test_the_phone_knows_its_own_places_and_no_altered_ones(self, offer: Campaign) -> None:
        client = Client()
        paid(client, started(client, offer))

        assert offer.name in text(client.get("/g/mine/"))
        client.cookies["yutang_groups"] = client.cookies["yutang_groups"].value.replace(":", ".", 1)
        assert offer.name not in text(client.get("/g/mine/"))

    def test_who_comes_by_a_signed_link_types_nothing(self, offer: Campaign) -> None:
        (person,) = people(1)
        token = sign(LINK_PURPOSE, offer.code, customer_id=person, until=timezone.now() + timedelta(days=1))
        client = Client()

        page = text(client.get(f"/g/c/{offer.code}/?k={token}"))
        client.post(f"/g/c/{offer.code}/", {"size": 2, "k": token, "key": key_in(page)})

        assert 'name="phone"' not in page
        assert Seat.objects.get().customer_id == person


class TestPages:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_are_small_and_safe_to_share(self, offer: Campaign, language: str) -> None:
        client = Client()
        client.cookies["django_language"] = language
        seat_url = paid(client, started(client, offer)).url
        group = Group.objects.get()
        names = ("pages/pages.css", "pages/groups.js", "console/mark.svg")
        assets = sum(len(gzip.compress(Path(str(finders.find(name))).read_bytes())) for name in names)
        for path in (f"/g/c/{offer.code}/", f"/g/{group.code}/", seat_url, "/g/mine/"):
            answer = client.get(path)
            page = text(answer)

            assert answer.status_code == 200
            assert len(gzip.compress(answer.content)) + assets < 60_000
            assert "style=" not in page
            assert PHONE not in page
            if "/seat/" not in path and "mine" not in path:
                assert 'property="og:title"' in page
                assert 'property="og:image"' in page
                assert f'property="og:url" content="http://testserver{path}"' in page

    @pytest.mark.parametrize("path", ["/g/c/nobody/", "/g/nobody/", "/g/seat/nobody/", "/pay/nobody/"])
    def test_what_is_not_there_is_told_as_such(self, path: str) -> None:
        assert Client().get(path).status_code == 404

    def test_a_draft_is_shown_to_nobody(self) -> None:
        made = campaign(is_open=False)

        assert Client().get(f"/g/c/{made.code}/").status_code == 404

    def test_who_comes_too_often_waits(self, offer: Campaign) -> None:
        statuses = {
            Client().post(f"/g/c/{offer.code}/", {"size": 2, "phone": "1", "key": "k"}).status_code for _ in range(40)
        }

        assert statuses == {422, 429}


class TestWeChatPay:
    @pytest.fixture
    def gateway(self, settings: Any, tmp_path: Any) -> Any:
        with running() as made:
            key, public = tmp_path / "key.pem", tmp_path / "pub.pem"
            key.write_text(made.account.private_key)
            public.write_text(made.account.public_key)
            settings.YUTANG_WECHAT_PAY = {
                "merchant_id": made.account.merchant_id, "app_id": made.account.app_id, "serial": made.account.serial,
                "key_file": str(key), "api_key": made.api_key, "public_key_file": str(public),
                "public_key_id": made.account.public_key_id, "gateway": made.account.gateway,
            }  # fmt: skip
            settings.YUTANG_PUBLIC_URL = "http://testserver"
            yield made

    def test_a_notice_takes_the_place_and_the_same_one_again_changes_nothing(
        self, offer: Campaign, gateway: Any
    ) -> None:
        client = Client()
        to_cashier = started(client, offer)
        page = text(client.get(to_cashier.url, headers={"User-Agent": "Mozilla/5.0 (iPhone) Mobile Safari"}))
        number = to_cashier.url.split("/")[2]
        headers, body = gateway.pay(number)

        assert "wx.tenpay.com" in page
        spoilt = client.post("/callbacks/wechat-pay/", body + b" ", content_type="application/json", headers=headers)
        assert spoilt.status_code == 401
        assert payment_at_cashier(number=number).state == "asked"
        for _ in range(2):
            answer = client.post("/callbacks/wechat-pay/", body, content_type="application/json", headers=headers)
            assert answer.status_code == 204
        seat = Seat.objects.get()
        assert "参团成功" in text(client.get(f"/g/seat/{seat.token}/"))
        assert Group.objects.get().paid == 1

    def test_without_a_notice_the_payer_says_that_it_is_paid_and_that_is_asked(
        self, offer: Campaign, gateway: Any
    ) -> None:
        client = Client()
        to_cashier = started(client, offer)
        assert "data:image/svg+xml" in text(client.get(to_cashier.url))
        gateway.pay(to_cashier.url.split("/")[2])

        to_seat = paid(client, to_cashier, "look")

        assert "参团成功" in text(client.get(to_seat.url))

    def test_another_amount_than_was_asked_for_is_not_taken(self, offer: Campaign, gateway: Any) -> None:
        client = Client()
        to_cashier = started(client, offer)
        client.get(to_cashier.url)
        number = to_cashier.url.split("/")[2]
        gateway.orders[number]["amount"] = {"total": 1, "currency": "CNY"}
        headers, body = gateway.pay(number)

        answer = client.post("/callbacks/wechat-pay/", body, content_type="application/json", headers=headers)

        assert answer.status_code == 409
        assert payment_at_cashier(number=number).state == "asked"

    def test_a_refund_goes_out_waits_after_a_fault_and_is_done_once(self, offer: Campaign, gateway: Any) -> None:
        from yutang.payments import actions as payments
        from yutang.payments.models import Refund

        client = Client()
        to_cashier = started(client, offer)
        client.get(to_cashier.url)
        gateway.pay(to_cashier.url.split("/")[2])
        to_seat = paid(client, to_cashier, "look")
        client.post(to_seat.url, {"what": "leave"})
        now = timezone.now()
        gateway.fault = (500, "SYSTEM_ERROR")
        assert payments.send_refunds(actor=SYSTEM, now=now) == {"faults": 1}
        assert Refund.objects.get().state == "asked"
        gateway.fault = None

        assert payments.send_refunds(actor=SYSTEM, now=now + timedelta(minutes=5)) == {"done": 1}
        assert payments.send_refunds(actor=SYSTEM, now=now + timedelta(minutes=50)) == {}
        assert len(gateway.refunds) == 1
        assert "已退回" in text(client.get(to_seat.url))
