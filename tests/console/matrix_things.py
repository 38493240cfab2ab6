"""Things of every kind that the matrix of who may asks about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.content.conftest import png
from yutang.channels.actions import choose_parts, sketch_campaign
from yutang.codes.models import Code, Cost, Shift, Spot
from yutang.content.actions import add_medium, add_script, ask_for_approval, create_content
from yutang.content.writing import Written
from yutang.coupons.actions import Terms, create_kind, give_coupon
from yutang.coupons.queries import kind_view
from yutang.customers.models import Customer
from yutang.experiments.actions import begin_experiment
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.foundation.sealing import seal
from yutang.groupbuy import actions as groupbuy
from yutang.journeys.actions import create_playbook
from yutang.journeys.queries import ready_named
from yutang.risk.actions import put_on_list
from yutang.risk.models import Decision
from yutang.webhooks.actions import create_endpoint, send_test
from yutang.webhooks.models import Delivery
from yutang.wecom.models import Account

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def playbook() -> int:
    """Return a playbook that nobody has started."""
    definition = ready_named("first_order_call", language="en").definition
    return create_playbook(actor=Actor.system(), name="首单", definition=definition, now=NOW)


def kind_of_coupon() -> int:
    """Return a kind of coupon that can be given."""
    terms = Terms(name="新客立减20元", code="welcome20", gives="amount", amount_minor=2_000, valid_days=30)
    return create_kind(actor=Actor.system(), terms=terms, now=NOW)


def group_campaign() -> int:
    """Return a draft of a group-buying offer."""
    terms = groupbuy.Terms(
        name="体验",
        code="hook",
        tiers=((2, 9_900),),
        list_minor=59_900,
        hours=24,
        stock=10,
        ends_at=NOW + timedelta(days=90),
    )
    return groupbuy.create_campaign(actor=Actor.system(), terms=terms, now=NOW)


def request_about_data() -> int:
    """Return something that somebody asked about their data."""
    from yutang.privacy.actions import ask_about_data

    someone = Customer.objects.create(sealed_profile=seal({"name": "李四"}), first_seen_at=NOW)
    return ask_about_data(actor=Actor.system(), customer_id=someone.pk, kind="copy", words="", now=NOW)


def decision(customer_id: int) -> int:
    """Return a decision of the guard that refused somebody."""
    return Decision.objects.create(
        key=f"d{customer_id}", kind="seat", customer_id=customer_id, at=NOW, verdict="refuse"
    ).pk


def list_entry() -> int:
    """Return an entry of a list of the guard."""
    return put_on_list(
        actor=Actor.system(), effect="allow", subject="device", value="till", reason="收银机", until=None, now=NOW
    )


def coupon(kind_id: int, customer_id: int) -> int:
    """Return a coupon that somebody has."""
    kind = kind_view(access=Actor.system(), kind_id=kind_id).code
    return give_coupon(actor=Actor.system(), kind=kind, customer_id=customer_id, key=f"k{customer_id}", now=NOW)


def said_things() -> dict[str, Any]:
    """Return a content that waits for approval, a script, and a picture."""
    system = Actor.system()
    digest = add_medium(actor=system, content=png(), name="a.png", now=NOW)
    written = Written(
        title="护理", kind="picture", intent="value", channels=("wecom",), body="{{客户姓名|您}}好",
        attachments=({"kind": "image", "media": digest},),
    )  # fmt: skip
    content_id = create_content(actor=system, written=written, now=NOW)
    ask_for_approval(actor=system, content_id=content_id, now=NOW)
    script_id = add_script(actor=system, situation="price", title="觉得贵", body="理解。", language="zh-hans", now=NOW)
    return {"content_id": content_id, "script_id": script_id, "digest": digest}


def experiment() -> str:
    begin_experiment(actor=Actor.system(), key="campaign:summer", title="夏季唤醒", now=NOW)
    return "campaign:summer"


def campaign() -> int:
    """Return a draft of which it is known for whom it is."""
    campaign_id = sketch_campaign(actor=Actor.system(), name="春茶", now=NOW)
    parts = {"audience": {"everybody": True}}
    choose_parts(actor=Actor.system(), campaign_id=campaign_id, parts=parts, now=NOW)
    return campaign_id


def told_things() -> dict[str, Any]:
    """Return a webhook, and a message that it took."""
    made = create_endpoint(
        actor=Actor.system(), name="ERP", url="https://erp.example.com/", events=["ingest.ImportUndone"], now=NOW
    )
    delivery_id = send_test(actor=Actor.system(), endpoint_id=made.id, now=NOW)
    Delivery.objects.filter(pk=delivery_id).update(status="taken")
    return {"endpoint_id": made.id, "delivery_id": delivery_id}


def code(store: Store, account: Account) -> dict[str, int]:
    """Return a channel code that is printed in a store alone, its place, and something that was paid for it."""
    made = Code.objects.create(name=f"活码 {store.code}", kind="poster", currency="CNY", made_at=NOW, changed_at=NOW)
    Shift.objects.create(code=made, account=account)
    spot = Spot.objects.create(code=made, name="柜台", store=store, token=f"t{store.pk}", made_at=NOW)
    cost = Cost.objects.create(code=made, business_date=NOW.date(), amount_minor=100, made_at=NOW)
    return {"code_id": made.pk, "spot_id": spot.pk, "cost_id": cost.pk}
