"""The page on which work is handed over offers the friends in WeCom too, and shows what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from tests.wecom.conftest import Shop, open_shop, shop
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.actions import create_staff
from yutang.foundation.models import Staff
from yutang.wecom.handing import ask_wecom, look_at_results
from yutang.wecom.models import Account, Friendship

__all__ = ["open_shop", "shop"]


@pytest.fixture
def pair(shop: Shop, owner_client: Client, now: datetime) -> tuple[Staff, Staff]:
    """Who hands over and who takes over, both known in WeCom; the giver looks after all their friends."""
    shop.sync()
    people = []
    for account, name in zip(Account.objects.order_by("userid")[:2], ("林小满", "周可"), strict=True):
        create_staff(
            actor=Actor.system(), username=f"staff-{account.pk}", display_name=name, role="operator",
            password="Xq7!pond-lake-92", now=now,
        )  # fmt: skip
        account.staff = Staff.objects.get(username=f"staff-{account.pk}")
        account.save(update_fields=["staff"])
        people.append(account.staff)
    theirs = Friendship.objects.filter(account__staff=people[0]).values("contact__customer_id")
    Customer.objects.filter(pk__in=theirs).update(owner_id=people[0].pk)
    return people[0], people[1]


def text(answer: Any) -> str:
    return " ".join(str(answer.content.decode()).split())


def test_work_comes_first_then_the_friends_and_each_has_its_end(
    owner_client: Client, shop: Shop, pair: tuple[Staff, Staff]
) -> None:
    giver, taker = pair
    address = f"/staff/{giver.pk}/hand-over/"
    before = owner_client.get(f"{address}?to={taker.pk}")
    handed = owner_client.post(address, {"to": taker.pk, "then": "bar"}, follow=True)
    friends = handed.context["wecom"]["going"]
    asked = owner_client.post(address, {"to": taker.pk, "then": "wecom"}, follow=True)
    ask_wecom(shop.client, now=shop.now())
    waiting = owner_client.get(address)
    userid = Account.objects.get(staff=taker).userid
    giver_id = Account.objects.get(staff=giver).userid
    shop.order(
        "handover/refuse", taker=userid, external_userid=next(iter(shop.world.customers_of(giver_id))).external_userid
    )
    shop.later(25 * 3600)
    look_at_results(shop.client, now=shop.now())
    ended = owner_client.get(f"{address}?to={taker.pk}")

    assert (before.context["wecom"]["friends"], before.context["wecom"]["going"]) == (friends, 0)
    assert "请先移交客户" in text(before)
    assert handed.redirect_chain[-1][0].startswith(f"{address}?to={taker.pk}")
    assert friends > 1
    assert f"在企业微信中把 {friends} 位好友移交给周可" in text(handed)
    assert f"已请企业微信把 {friends} 位好友移交给周可" in text(asked)
    assert waiting.context["wecom"]["counts"] == [("等客户确认", friends)]
    assert dict(ended.context["wecom"]["counts"]) == {"已转接": friends - 1, "客户拒绝": 1}
    assert {row["taker"] for row in ended.context["wecom"]["rows"]} == {"周可"}
    assert all(row["customer_id"] for row in ended.context["wecom"]["rows"])


def test_a_refusal_of_wecom_is_said_in_words(owner_client: Client, shop: Shop, pair: tuple[Staff, Staff]) -> None:
    giver, taker = pair
    address = f"/staff/{giver.pk}/hand-over/"
    owner_client.post(address, {"to": taker.pk, "then": "stay"})
    owner_client.post(address, {"to": taker.pk, "then": "wecom"})
    shop.order("rules", customers_of_staff=1)
    ask_wecom(shop.client, now=shop.now())

    page = owner_client.get(address)

    assert "接手人的客户数已到上限" in text(page)


def test_who_cannot_take_over_there_is_said_why(owner_client: Client, shop: Shop, pair: tuple[Staff, Staff]) -> None:
    giver, taker = pair
    Account.objects.filter(staff=taker).update(is_serving=False)

    page = owner_client.post(f"/staff/{giver.pk}/hand-over/", {"to": taker.pk, "then": "wecom"})

    assert page.status_code == 409
    assert "周可" in page.context["error"]


def test_who_manages_no_staff_hands_nobody_over(
    client: Client, manager_staff: Staff, shop: Shop, pair: tuple[Staff, Staff]
) -> None:
    giver, taker = pair
    client.force_login(manager_staff, backend="django.contrib.auth.backends.ModelBackend")

    page = client.post(f"/staff/{giver.pk}/hand-over/", {"to": taker.pk, "then": "wecom"})

    assert page.status_code == 403


@pytest.mark.usefixtures("pair")
def test_who_is_nobody_in_wecom_has_no_such_part(owner_client: Client, owner_staff: Staff) -> None:
    assert not owner_client.get(f"/staff/{owner_staff.pk}/hand-over/").context["wecom"]["is_shown"]
