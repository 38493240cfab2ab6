"""One of everything that a customer can open, with its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.coupons.conftest import kind
from tests.groupbuy.conftest import SYSTEM, campaign
from tests.pages.test_links_and_stops import link_for, touch_of
from tests.payments.conftest import ask
from tests.referral.conftest import terms
from yutang.customers.models import Customer
from yutang.foundation.actions import change_setting
from yutang.foundation.organisation import ORGANISATION_NAME
from yutang.foundation.sealing import seal
from yutang.groupbuy.models import Campaign, Group
from yutang.membership import actions as membership
from yutang.pages.signed import sign
from yutang.referral import actions as referral
from yutang.referral.links import INVITE, PROGRESS, token_of
from yutang.risk import actions as risk
from yutang.risk.appeal_links import appeal_token
from yutang.risk.asks import Ask
from yutang.visits import actions as visits
from yutang.visits.views import Hours, Terms

#: Pages that people pass on, so that what messengers show of them matters most.
SHARED = ("offer", "group", "invitation")


@dataclass(frozen=True)
class Shop:
    """Addresses of pages, by what they are; `phone` remembers the seat."""

    pages: dict[str, str]
    phone: Client


def every_page(store: Any) -> Shop:
    """Make one of everything in the cast's store, and return where it is seen."""
    now = timezone.now()
    change_setting(actor=SYSTEM, key=ORGANISATION_NAME, value="锦云丝巾", now=now)
    person = Customer.objects.create(sealed_profile=seal({"name": "林小雨"}), store=store, first_seen_at=now).pk
    until = now + timedelta(days=2)
    own = sign("mine", customer_id=person, until=until)
    phone = Client()
    pages = {
        **_of_groups(phone),
        **_of_visits(store, person),
        "booking": f"/visit/{sign('booking', customer_id=person, until=until)}",
        "own": f"/me/{own}",
        "own visits": f"/me/{own}/visits",
        "balance": f"/me/{own}/balance",
        "data": f"/me/{own}/data",
        **_of_referral(person),
        "cashier": f"/pay/{ask(key='every').number}/",
        "stop": link_for(touch_of(1), "stop"),
        "appeal": f"/appeal/{appeal_token(decision_id=_decision(person), now=now)}",
        "notice": "/your-data/",
        "unknown": "/g/nobody/",
        "refused": "/me/?wechat=no",
    }
    return Shop(pages, phone)


def _of_groups(phone: Client) -> dict[str, str]:
    made = campaign(about="造型顾问一对一，送真丝小方巾一条；两人或三人成团，到任一门店使用。")
    Campaign.objects.filter(pk=made.pk).update(ends_at=timezone.now() + timedelta(days=9))
    form = {"size": 3, "phone": "13800138000", "name": "林小雨", "key": "ab"}
    cashier = phone.post(f"/g/c/{made.code}/", form).url
    seat = phone.post(cashier, {"what": "pay"}).url
    return {
        "offer": f"/g/c/{made.code}/",
        "group": f"/g/{Group.objects.get().code}/",
        "seat": seat,
        "seats": "/g/mine/",
    }


def _of_visits(store: Any, person: int) -> dict[str, str]:
    """Let the store take bookings, and the person have a visit and a balance."""
    now = timezone.now()
    week = tuple(Hours(weekday, time(10), time(20)) for weekday in range(7))
    visits.change_terms(actor=SYSTEM, store_id=store.pk, terms=Terms(slot_minutes=60, hours=week), now=now)
    tomorrow = timezone.localtime(now).replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=1)
    visits.book(actor=SYSTEM, key="every", customer_id=person, store_id=store.pk, at=tomorrow, source="", now=now)
    membership.change_plans(actor=SYSTEM, plans=[(500_000, 50_000), (800_000, 100_000)], now=now)
    paid = {"principal_fen": 500_000, "bonus_fen": 50_000, "store_id": store.pk, "method": "card"}
    membership.top_up(actor=SYSTEM, key="every", customer_id=person, **paid, now=now)
    membership.spend(actor=SYSTEM, key="spent", customer_id=person, amount_fen=12_800, store_id=store.pk, now=now)
    return {}


def _of_referral(person: int) -> dict[str, str]:
    now = timezone.now()
    kind()
    kind(name="老客答谢15元", code="thanks15", amount_minor=1_500, per_person=50)
    programme = referral.create_programme(actor=SYSTEM, terms=terms(), now=now)
    referral.open_programme(actor=SYSTEM, programme_id=programme, now=now)
    inviter = referral.invite(actor=SYSTEM, programme_id=programme, customer_id=person, now=now)
    invite, progress = (token_of(inviter_id=inviter, purpose=one) for one in (INVITE, PROGRESS))
    referral.accept_invitation(actor=SYSTEM, token=invite, phone="13800138009", now=now)
    return {"invitation": f"/r/{invite}", "progress": f"/r/mine/{progress}"}


def _decision(person: int) -> int:
    """Let the guard decide something about the person, and return the decision."""
    asked = Ask(kind="seat", key="every", person_id=person, programme="groupbuy:1", value_fen=2_900)
    return int(risk.judge(actor=SYSTEM, ask=asked, now=timezone.now()).decision_id)
