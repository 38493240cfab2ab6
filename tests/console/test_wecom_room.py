"""The room of WeCom: connection, codes, staff, groups, lost customers; and the friends on a customer's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.test import Client

from tests.wecom.conftest import Shop, open_shop, shop
from yutang.foundation.access import Actor
from yutang.foundation.models import Job, Staff, Store
from yutang.wecom import actions
from yutang.wecom.alarm_tasks import alarm_drafts
from yutang.wecom.models import Account, Connection, ContactWay, Friendship, MassDeletion, SyncRun
from yutang.wecom.way_making import make_way
from yutang.worklist.actions import propose

__all__ = ["open_shop", "shop"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake")]

KEY = "k" * 43


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


class TestState:
    def test_says_that_nothing_is_connected(self, owner_client: Client) -> None:
        assert "/wecom/connection/" in page(owner_client, "/wecom/")

    def test_says_clearly_that_it_is_a_sandbox(self, owner_client: Client, shop: Shop) -> None:
        text = page(owner_client, "/wecom/")

        assert "这是沙盒" in text
        assert shop.sandbox.simulator.address in text
        assert shop.sandbox.secret not in text

    def test_a_full_look_is_asked_for_and_cancelled(self, owner_client: Client, shop: Shop) -> None:
        owner_client.post("/wecom/sync/")
        owner_client.post("/wecom/sync/")
        job = Job.objects.get()
        assert SyncRun.objects.get().job_id == job.pk
        assert 'hx-get="/wecom/"' in page(owner_client, "/wecom/")

        owner_client.post("/wecom/sync/cancel/")

        job.refresh_from_db()
        assert job.status == "cancelled"
        owner_client.post("/wecom/sync/")
        assert SyncRun.objects.count() == 1

    def test_alarms_stand_until_somebody_looked(self, owner_client: Client, shop: Shop) -> None:
        shop.sync()
        alarm = MassDeletion.objects.create(
            account=Account.objects.first(), first_at=shop.now(), last_at=shop.now(), deleted=31, raised_at=shop.now()
        )
        assert "31" in page(owner_client, "/wecom/")

        owner_client.post(f"/wecom/alarms/{alarm.pk}/noted/")

        assert "wecom/alarms" not in page(owner_client, "/wecom/")

    def test_who_left_one_of_the_staff_is_told_and_leads_from_today_to_them(
        self, owner_client: Client, shop: Shop
    ) -> None:
        shop.sync()
        account, now = Account.objects.earliest("pk"), shop.now()
        lost = Friendship.objects.filter(account=account)
        lost.update(standing="left", is_listed=False, left_at=now, ended_at=now)
        alarm = MassDeletion.objects.create(
            account=account, by="customers", first_at=now, last_at=now, deleted=lost.count(), raised_at=now
        )
        propose(actor=Actor.system(), drafts=alarm_drafts(alarm), now=shop.now())

        for address in ("/wecom/", "/today/"):
            text = page(owner_client, address)
            assert f"{lost.count()} 位客户删除了 {account.userid}" in text, address
            assert f"/wecom/lost/?alarm={alarm.pk}" in text, address


class TestConnection:
    FORM: ClassVar[dict[str, str]] = {
        "corp_id": "wwreal",
        "agent_id": "1000002",
        "secret": "s3cret",
        "token": "tok",
        "aes_key": KEY,
    }

    def test_keeps_keys_sealed_and_shows_none(self, owner_client: Client) -> None:
        owner_client.post("/wecom/connection/", self.FORM)
        row = Connection.objects.get()
        assert (row.kind, row.corp_id, row.agent_id) == ("real", "wwreal", 1_000_002)
        assert b"s3cret" not in bytes(row.sealed_keys)
        text = page(owner_client, "/wecom/connection/")
        assert "s3cret" not in text
        assert KEY not in text
        owner_client.post("/wecom/connection/", {"corp_id": "wwreal", "agent_id": "7"})

        from yutang.wecom.connecting import present_app

        app = present_app()
        assert app is not None
        assert (app.secret, app.token, app.agent_id) == ("s3cret", "tok", 7)

    @pytest.mark.parametrize("wrong", [{"aes_key": "short"}, {"secret": ""}, {"corp_id": " "}])
    def test_refuses_what_cannot_be(self, owner_client: Client, wrong: dict[str, str]) -> None:
        answer = owner_client.post("/wecom/connection/", {**self.FORM, **wrong})

        assert answer.status_code == 422
        assert "s3cret" not in answer.content.decode()
        assert not Connection.objects.exists()

    def test_people_of_a_sandbox_mix_with_no_real_ones(self, owner_client: Client, shop: Shop) -> None:
        shop.sync()

        assert owner_client.post("/wecom/connection/", self.FORM).status_code == 409

    def test_the_environment_decides(self, owner_client: Client, settings: Any) -> None:
        settings.YUTANG_WECOM = {"corp_id": "wwenv", "agent_id": "5", "secret": "x", "token": "t", "aes_key": KEY}

        assert owner_client.post("/wecom/connection/", self.FORM).status_code == 409
        assert "wwenv" in page(owner_client, "/wecom/")


class TestCodes:
    def test_are_made_shown_and_deleted(self, owner_client: Client, shop: Shop) -> None:
        shop.sync()
        key = Account.objects.first().pk  # type: ignore[union-attr]
        form = {"name": "春柜台", "staff": [key], "welcome_words": "您好"}
        assert owner_client.post("/wecom/codes/new/", form).status_code == 302
        way = ContactWay.objects.get()
        assert "hx-trigger" in page(owner_client, f"/wecom/codes/{way.pk}/")
        make_way(shop.client, way_id=way.pk, now=shop.now())
        text = page(owner_client, f"/wecom/codes/{way.pk}/")
        assert 'class="qr"' in text
        way.refresh_from_db()
        assert f"way={way.config_id}" in text
        assert "春柜台" in page(owner_client, "/wecom/codes/")

        owner_client.post(f"/wecom/codes/{way.pk}/words/", {"welcome_words": "欢迎"})
        assert ContactWay.objects.get().welcome_words == "欢迎"
        owner_client.post(f"/wecom/codes/{way.pk}/end/")

        assert "春柜台" not in page(owner_client, "/wecom/codes/")
        assert owner_client.get(f"/wecom/codes/{way.pk}/").status_code == 404

    def test_keep_what_was_written_when_refused(self, owner_client: Client, shop: Shop) -> None:
        answer = owner_client.post("/wecom/codes/new/", {"name": "海报", "welcome_words": "您好呀"})

        assert answer.status_code == 422
        assert "您好呀" in answer.content.decode()


@pytest.fixture
def two_stores(shop: Shop, stores: dict[str, Store]) -> Shop:
    """Staff of two stores, one of the managers' own."""
    for userid, where in (("staff001", "xuhui"), ("staff002", "tianhe")):
        staff = Staff.objects.create(username=userid, display_name=f"店员{userid[-1]}", role="store_manager")
        staff.stores.set([stores[where]])
    shop.sync()
    return shop


class TestReach:
    @pytest.mark.parametrize("address", ["/wecom/staff/", "/wecom/groups/", "/wecom/lost/", "/wecom/codes/"])
    def test_a_manager_sees_the_own_store(
        self, manager_client: Client, owner_client_of: Callable[[], Client], two_stores: Shop, address: str
    ) -> None:
        for userid in ("staff001", "staff002"):
            one = next(two_stores.world.customers_of(userid))
            two_stores.order("customer/delete", userid=userid, external_userid=one.external_userid)
            key = Account.objects.get(userid=userid).pk
            actions.ask_for_contact_way(
                actor=Actor.system(), name=f"码{userid[-1]}", account_ids=[key], welcome_words="", now=two_stores.now()
            )
        two_stores.settle()
        mine, all_of = page(manager_client, address), page(owner_client_of(), address)

        assert "店员1" in mine
        assert "店员2" not in mine
        assert "店员2" in all_of

    def test_who_a_member_is_can_be_said(self, owner_client: Client, shop: Shop, manager_staff: Staff) -> None:
        shop.sync()
        account = Account.objects.get(userid="staff003")
        owner_client.post(f"/wecom/staff/{account.pk}/", {"staff": manager_staff.pk})
        account.refresh_from_db()
        assert account.staff == manager_staff
        other = Account.objects.get(userid="staff004")

        owner_client.post(f"/wecom/staff/{other.pk}/", {"staff": manager_staff.pk})

        other.refresh_from_db()
        assert other.staff is None

    @pytest.mark.parametrize("address", ["/wecom/staff/", "/wecom/groups/", "/wecom/lost/", "/wecom/codes/"])
    def test_lists_leave(self, owner_client: Client, two_stores: Shop, address: str) -> None:
        answer = owner_client.get(address + "?as=csv")

        assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.fixture
def owner_client_of(owner_staff: Staff) -> Callable[[], Client]:
    """Make a client in which the owner is logged in, beside another one."""

    def make() -> Client:
        client = Client()
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


def test_the_customers_page_tells_who_is_a_friend_since_when(owner_client: Client, shop: Shop) -> None:
    came = shop.order("scan", config_id=shop.way(), unionid="oX", name="新客")
    shop.settle()
    shop.later(86_400 * 3)
    shop.order("customer/delete", userid=came["userid"], external_userid=came["external_userid"])
    shop.settle()
    row = Friendship.objects.select_related("contact").get()

    text = page(owner_client, f"/customers/{row.contact.customer_id}/")

    assert came["userid"] in text
    assert "客户删除" in text


def test_pages_of_lost_customers_follow_each_other(owner_client: Client, shop: Shop, monkeypatch: Any) -> None:
    from yutang.console.rooms import wecom

    monkeypatch.setattr(wecom, "_PAGE", 3)
    shop.sync()
    for one in list(shop.world.customers_of("staff001"))[:5]:
        shop.order("customer/delete", userid="staff001", external_userid=one.external_userid)
    shop.settle()

    first = owner_client.get("/wecom/lost/")
    second = owner_client.get(f"/wecom/lost/?before={first.context['next']}")

    keys = [row["one"].id for answer in (first, second) for row in answer.context["rows"]]
    assert len(set(keys)) == len(keys) == 5
