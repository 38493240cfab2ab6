"""Every invariant is broken once, by raw rows, and is told by name and place; none is told before."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from tests.conftest import NOW
from tests.support.holding import broken
from yutang.channels.models import Delivery, DeliveryStep, QuotaUse, Touch
from yutang.coupons.models import Coupon, Kind, PoolCode
from yutang.customers.models import Customer, Merge
from yutang.foundation import bulk
from yutang.foundation.invariants import all_invariants
from yutang.foundation.models import MOST_ATTEMPTS, AuditEntry, Job, OutboxEvent, Store
from yutang.foundation.sealing import seal
from yutang.groupbuy.models import Campaign, Group, Seat
from yutang.ingest.models import Import, QuarantinedRow
from yutang.journeys.models import Enrolment, Passage, Playbook, Version
from yutang.membership.models import Movement, TopUpOrder, Wallet
from yutang.orders.models import Order, OrderLine, Product, Refund, Shop
from yutang.payments.models import Payment
from yutang.referral.models import Invitation, Inviter, Programme, Reward
from yutang.visits.models import Booking, Slot

pytestmark = pytest.mark.django_db

#: Breaks one invariant and returns what the answer must name.
Plant = Callable[[], str]
PLANTS: dict[str, Plant] = {}


def plant(name: str) -> Callable[[Plant], Plant]:
    def keep(function: Plant) -> Plant:
        PLANTS[name] = function
        return function

    return keep


def person(**more: Any) -> Customer:
    return Customer.objects.create(sealed_profile=seal({"name": "张三"}), first_seen_at=NOW, **more)


def merged() -> tuple[Customer, Customer]:
    winner = person()
    loser = person(merged_into=winner)
    Merge.objects.create(winner=winner, loser=loser, reason={}, merged_at=NOW)
    return winner, loser


def an_import(**more: Any) -> Import:
    return Import.objects.create(**{"file_name": "a.csv", "created_at": NOW, "status": "done", **more})


def an_order(**more: Any) -> Order:
    shop, _ = Shop.objects.get_or_create(platform="taobao", name="店")
    number = secrets.token_hex(6)
    told = {"status": 20, "currency": "CNY", "content_digest": b"x" * 16, "business_date": NOW.date(), **more}
    return Order.objects.create(shop=shop, number=number, **told)


def a_line(order: Order, amount: int) -> OrderLine:
    product = Product.objects.create(shop=order.shop, code=secrets.token_hex(4), name="衣服")
    key = secrets.token_bytes(16)
    return OrderLine.objects.create(
        order=order, line_key=key, position=1, product=product, quantity=1, unit_price_minor=amount, amount_minor=amount
    )


def a_wallet(**more: Any) -> Wallet:
    return Wallet.objects.create(**{"customer": person(), "opened_at": NOW, **more})


def a_movement(wallet: Wallet, *, paid: int, **more: Any) -> Movement:
    told = {"kind": "top_up", "till_minor": paid, "principal_minor": -paid, "key": secrets.token_hex(8), **more}
    return Movement.objects.create(
        **{
            "wallet": wallet,
            "customer": wallet.customer,
            "currency": "CNY",
            "at": NOW,
            "business_date": NOW.date(),
            **told,
        }
    )


def a_payment(*, amount: int = 9_900, **more: Any) -> Payment:
    told = {
        "key": secrets.token_hex(8),
        "number": secrets.token_hex(16),
        "purpose": "x:1",
        "adapter": "sandbox",
        **more,
    }
    return Payment.objects.create(
        **{"currency": "CNY", "amount_minor": amount, "subject": "x", "asked_at": NOW, "asked_date": NOW.date(), **told}
    )


def written_down(payment: Payment) -> Payment:
    payment.entries.create(
        key=f"paid:{payment.pk}", from_account="taken:x", to_account="provider:sandbox", currency="CNY", at=NOW,
        amount_minor=payment.amount_minor,
    )  # fmt: skip
    return payment


def a_group(**more: Any) -> Group:
    campaign = Campaign.objects.create(
        code=secrets.token_hex(4), name=secrets.token_hex(4), list_minor=1, tiers=[[2, 9_900]], hours=24, stock=10,
        set_aside=2, ends_at=NOW, made_at=NOW, changed_at=NOW,
    )  # fmt: skip
    told = {"size": 2, "price_minor": 9_900, "most_regulars": 2, "started_at": NOW, "started_date": NOW.date(), **more}
    return Group.objects.create(campaign=campaign, code=secrets.token_hex(4), ends_at=NOW, **told)


def a_seat(group: Group, **more: Any) -> Seat:
    told = {
        "price_minor": 9_900,
        "joined_at": NOW,
        "joined_date": NOW.date(),
        "hold_until": NOW,
        "is_newcomer": True,
        **more,
    }
    return Seat.objects.create(
        group=group,
        campaign=group.campaign,
        customer=person(),
        key=secrets.token_hex(8),
        token=secrets.token_hex(8),
        **told,
    )


def a_coupon(kind: Kind, **more: Any) -> Coupon:
    told = {"digest": secrets.token_bytes(16), "sealed_code": seal({"code": "AB12"}), "code_end": "AB12", **more}
    return Coupon.objects.create(
        kind=kind,
        key=secrets.token_hex(8),
        given_at=NOW,
        given_date=NOW.date(),
        ends_at=NOW,
        last_date=NOW.date(),
        **told,
    )


def a_kind(**more: Any) -> Kind:
    return Kind.objects.create(
        code=secrets.token_hex(4), name=secrets.token_hex(4), gives="amount", currency="CNY", pieces=10, valid_days=3,
        made_at=NOW, changed_at=NOW, **more,
    )  # fmt: skip


def a_touch(**more: Any) -> Touch:
    told = {"customer": person(), "channel": "sms", "intent": "service", "state": "sent", **more}
    return Touch.objects.create(
        key=secrets.token_hex(8), wanted_at=NOW, at=NOW, business_date=NOW.date(), changed_at=NOW, **told
    )


def a_delivery(touch: Touch, *states: str, now: str = "") -> None:
    for state in states:
        DeliveryStep.objects.create(touch=touch, state=state, at=NOW, noted_at=NOW)
    Delivery.objects.create(touch=touch, state=now or states[-1], state_at=NOW, out_id=secrets.token_hex(16))


def an_enrolment(*, visits: int, **more: Any) -> Enrolment:
    playbook = Playbook.objects.create(
        name=secrets.token_hex(4), draft={}, salt=b"0" * 16, created_at=NOW, changed_at=NOW
    )
    version = Version.objects.create(playbook=playbook, number=1, definition={}, published_at=NOW)
    told = {"lane": playbook.pk, "visit": visits, "step": "one", **more}
    return Enrolment.objects.create(
        playbook=playbook, version=version, customer=person(), entry=secrets.token_hex(8), entered_at=NOW,
        entered_on=NOW.date(), since=NOW, since_on=NOW.date(), due_at=NOW, **told,
    )  # fmt: skip


def gone(enrolment: Enrolment, *visits: int) -> None:
    for visit in visits:
        Passage.objects.create(
            enrolment=enrolment, version=enrolment.version, step="one", visit=visit, at=NOW, outcome="done"
        )


def unchecked(sql: str, *values: Any) -> None:
    """Run a statement that the checks of the database would refuse, as damage is not asked either."""
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL holds to its own checks")
    bulk.execute("PRAGMA ignore_check_constraints=ON")
    bulk.execute(sql, values)
    bulk.execute("PRAGMA ignore_check_constraints=OFF")


@plant("foundation.store")
def _() -> str:
    if connection.vendor == "postgresql":
        bulk.execute("ALTER TABLE foundation_region ADD CONSTRAINT region_late CHECK (ordinal < 0) NOT VALID")
        return "foundation_region region_late"
    unchecked("UPDATE foundation_store SET latitude = 900 WHERE id = %s", Store.objects.create(code="X", name="X").pk)
    return "CHECK constraint failed in foundation_store"


@plant("foundation.jobs")
def _() -> str:
    more = {"task_path": "x", "run_after": NOW, "enqueued_at": NOW}
    rows = [Job.objects.create(status="running", lease_token="one", lease_until=NOW, **more) for _ in range(2)]
    return f"foundation_job {rows[0].pk}"


@plant("foundation.events")
def _() -> str:
    row = OutboxEvent.objects.create(kind="x.Y", payload={}, occurred_at=NOW, attempts=MOST_ATTEMPTS)
    return f"foundation_outboxevent {row.pk}"


@plant("foundation.sealed")
def _() -> str:
    damaged = bytearray(seal({"name": "李四"}))
    damaged[-1] ^= 1
    row = Customer.objects.create(sealed_profile=bytes(damaged), first_seen_at=NOW)
    return f"customers.profiles {row.pk}"


@plant("foundation.audit")
def _() -> str:
    return f"foundation_auditentry {AuditEntry.objects.create(at=NOW, action='').pk}"


@plant("ingest.rows")
def _() -> str:
    return f"ingest_import {an_import(rows_read=10, rows_new=9).pk}"


@plant("ingest.kept_rows")
def _() -> str:
    row = an_import(rows_read=1, rows_quarantined=0, rows_new=1)
    QuarantinedRow.objects.create(
        source=row, row_number=2, reason_code="x", reason={}, sealed_row=seal({"cells": []}), digest=b"0" * 16
    )
    return f"ingest_import {row.pk}"


@plant("ingest.at_work")
def _() -> str:
    job = Job.objects.create(task_path="x", status="dead", run_after=NOW, enqueued_at=NOW, finished_at=NOW)
    return f"ingest_import {an_import(status='running', job=job).pk}"


@plant("customers.merged")
def _() -> str:
    winner, loser = merged()
    last = person()
    Merge.objects.create(winner=last, loser=winner, reason={}, merged_at=NOW)
    Customer.objects.filter(pk=winner.pk).update(merged_into=last)
    return f"customers_customer {loser.pk}"


@plant("customers.merges")
def _() -> str:
    return f"customers_customer {person(merged_into=person()).pk}"


@plant("customers.search")
def _() -> str:
    bulk.insert_rows("customers_nametoken", ("token", "customer_id"), [(b"12345678", 987_654)])
    return "customers_customer 987654"


@plant("customers.belongings")
def _() -> str:
    _winner, loser = merged()
    return f"orders_order {an_order(customer=loser).pk}"


@plant("orders.lines")
def _() -> str:
    order = an_order(total_minor=100, goods_minor=100)
    a_line(order, 99)
    return f"orders_order {order.pk}"


@plant("orders.refunds")
def _() -> str:
    order = an_order(total_minor=100, total_is_stated=True, refunded_minor=10)
    Refund.objects.create(shop=order.shop, number="r", line_key=b"1", order=order, currency="CNY", amount_minor=11)
    return f"orders_order {order.pk}"


@plant("orders.undone")
def _() -> str:
    return f"orders_order {an_order(source=an_import(status='undone')).pk}"


@plant("visits.places")
def _() -> str:
    store = Store.objects.create(code="X", name="X")
    slot = Slot.objects.create(store=store, starts_at=NOW, taken=1)
    for key in "ab":
        Booking.objects.create(
            key=key, store=store, starts_at=NOW, business_date=NOW.date(), digest=secrets.token_bytes(16), made_at=NOW,
            sealed_code=seal({"code": "1"}),
        )  # fmt: skip
    return f"visits_slot {slot.pk}"


@plant("membership.entries")
def _() -> str:
    wallet = a_wallet(principal_minor=100)
    row = a_movement(wallet, paid=100)
    unchecked("UPDATE membership_movement SET till_minor = 90 WHERE id = %s", row.pk)
    return f"membership_movement {row.pk}"


@plant("membership.balances")
def _() -> str:
    wallet = a_wallet(principal_minor=100)
    a_movement(wallet, paid=99)
    return f"membership_wallet {wallet.pk}"


@plant("membership.owners")
def _() -> str:
    return f"membership_movement {a_movement(a_wallet(principal_minor=5), paid=5, customer=person()).pk}"


@plant("membership.returns")
def _() -> str:
    wallet = a_wallet(principal_minor=80)
    a_movement(wallet, paid=100)
    spent = a_movement(wallet, paid=0, kind="spending", principal_minor=50, sales_minor=-50)
    for _ in range(2):
        a_movement(wallet, paid=0, kind="return", principal_minor=-30, sales_minor=30, returns=spent)
    Wallet.objects.filter(pk=wallet.pk).update(principal_minor=110)
    return f"membership_movement {spent.pk}"


@plant("membership.top_ups")
def _() -> str:
    row = TopUpOrder.objects.create(key="t", customer=person(), principal_minor=100, state="paid", made_at=NOW)
    return f"membership_topuporder {row.pk}"


@plant("payments.paid")
def _() -> str:
    return f"payments_payment {a_payment(state='paid', paid_at=NOW).pk}"


@plant("payments.refunds")
def _() -> str:
    row = written_down(a_payment(state="paid", paid_at=NOW))
    Payment.objects.filter(pk=row.pk).update(refunded_minor=100)
    return f"payments_payment {row.pk}"


@plant("payments.refund_lines")
def _() -> str:
    row = written_down(a_payment(state="paid", paid_at=NOW, refunded_minor=100))
    back = row.refunds.create(key="r", number="r", amount_minor=100, reason="x", asked_at=NOW, due_at=NOW)
    return f"payments_refund {back.pk}"


@plant("coupons.budget")
def _() -> str:
    kind = a_kind(given=2)
    a_coupon(kind)
    return f"coupons_kind {kind.pk}"


@plant("coupons.codes")
def _() -> str:
    kind = a_kind(given=1, codes="pool")
    coupon = a_coupon(kind)
    row = PoolCode.objects.create(
        kind=kind, digest=coupon.digest, sealed_code=seal({"code": "AB12"}), code_end="AB12", added_at=NOW
    )
    return f"coupons_poolcode {row.pk}"


@plant("groupbuy.places")
def _() -> str:
    group = a_group(taken=2)
    a_seat(group)
    return f"groupbuy_group {group.pk}"


@plant("groupbuy.stock")
def _() -> str:
    group = a_group()
    Campaign.objects.filter(pk=group.campaign_id).update(set_aside=F("set_aside") + 1)
    return f"groupbuy_campaign {group.campaign_id}"


@plant("groupbuy.money")
def _() -> str:
    group = a_group(state="expired", ended_at=NOW, paid=1, taken=1)
    Campaign.objects.filter(pk=group.campaign_id).update(set_aside=0)
    seat = a_seat(group, state="refunded", paid_at=NOW, ended_at=NOW)
    written_down(a_payment(key=f"groupbuy-seat:{seat.pk}", state="paid", paid_at=NOW))
    return f"groupbuy_seat {seat.pk}"


@plant("groupbuy.paid_seats")
def _() -> str:
    seat = a_seat(a_group(taken=1))
    told = {"key": f"groupbuy-seat:{seat.pk}", "purpose": f"groupbuy-seat:{seat.pk}"}
    return f"payments_payment {written_down(a_payment(state='paid', paid_at=NOW, **told)).pk}"


@plant("channels.once")
def _() -> str:
    touch = a_touch()
    a_delivery(touch, "claimed", "handing", "created", "handing", "created")
    return f"channels_touch {touch.pk}"


@plant("channels.states")
def _() -> str:
    touch = a_touch(state="planned")
    a_delivery(touch, "claimed", "handing", "created", "delivered")
    return f"channels_touch {touch.pk}"


@plant("channels.steps")
def _() -> str:
    touch = a_touch()
    a_delivery(touch, "claimed", "handing", now="created")
    return f"channels_touch {touch.pk}"


@plant("channels.quota")
def _() -> str:
    touch = a_touch(slot="wecom:day:2026-03-11")
    a_touch(slot="wecom:day:2026-03-11", customer=touch.customer)
    QuotaUse.objects.create(customer=touch.customer, slot="wecom:day:2026-03-11", used=1)
    return f"channels_touch {touch.pk}"


@plant("journeys.steps")
def _() -> str:
    row = an_enrolment(visits=4)
    gone(row, 1, 3)
    return f"journeys_enrolment {row.pk}"


@plant("journeys.held_out")
def _() -> str:
    row = an_enrolment(visits=2, lane=-1, ended_at=NOW, ended_because="held")
    gone(row, 1)
    return f"journeys_enrolment {row.pk}"


@plant("referral.rewards")
def _() -> str:
    programme = Programme.objects.create(name="带朋友", deed="added", title="t", words="w", made_at=NOW, changed_at=NOW)
    inviter = Inviter.objects.create(programme=programme, customer=person(), made_at=NOW)
    invitation = Invitation.objects.create(
        programme=programme, inviter=inviter, inviter_customer=inviter.customer, friend=person(), came_at=NOW,
        came_date=NOW.date(), ends_at=NOW,
    )  # fmt: skip
    row = Reward.objects.create(
        invitation=invitation, role="friend", state="given", due_at=NOW, coupon_id=987_654, given_at=NOW
    )
    return f"referral_reward {row.pk}"


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def test_each_has_something_that_breaks_it() -> None:
    elsewhere = {"lake.files", "lake.truth"} | ({"orders.numbers"} if connection.vendor == "postgresql" else set())
    assert PLANTS.keys() | elsewhere == {one.name for one in all_invariants()}


def test_hold_on_an_empty_store() -> None:
    assert broken() == {}


@pytest.mark.parametrize("name", PLANTS)
def test_tells_what_and_where(name: str) -> None:
    place = PLANTS[name]()

    found = broken(but={"lake.files", "lake.truth"})

    assert place in found[name].where
    assert found.keys() - {name} <= {"foundation.store"}
    assert found[name].looked >= 1
