"""Things of every kind that operations of the API are asked about."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tests.importing import NOW
from yutang.customers import actions as people
from yutang.customers.models import Customer
from yutang.foundation.access import ROLE_PERMISSIONS, Actor
from yutang.foundation.sealing import seal
from yutang.worklist.models import Proposal

ROLES = tuple(ROLE_PERMISSIONS)
_CAMPAIGN = {
    "name": "春茶", "channel": "wecom", "intent": "value", "audience": {"everybody": True}, "words": {"text": "您好"},
}  # fmt: skip


#: Customers who are members of every group.
MEMBERS = (2**62, 2**62 - 1)


def of_nobody(import_id: int) -> dict[str, int]:
    from yutang.customers.models import Tag
    from yutang.foundation.models import Job
    from yutang.segments.models import Segment

    tag = Tag.objects.first()
    tag_id = tag.pk if tag else people.create_tag_in(actor=Actor.system(), group="偏好", name="棉", now=NOW)
    segment, _ = Segment.objects.get_or_create(
        name="全部",
        defaults={
            "rule": {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 1}},
            "created_at": NOW,
            "changed_at": NOW,
        },
    )
    job = Job.objects.first() or Job.objects.create(task_path="x.y", run_after=NOW, enqueued_at=NOW)
    things = {"tag_id": tag_id, "segment_id": segment.pk, "job_id": job.pk, "import_id": import_id}
    return things | told() | said() | played() | meant() | brought()


def brought() -> dict[str, int]:
    """A referral programme, paused by the guard of economics."""
    from yutang.economics.models import Pause, Programme
    from yutang.referral import actions as referral
    from yutang.referral.models import Programme as Referral

    terms = referral.Terms(
        name=f"老带新{Referral.objects.count()}", deed="bought", title="送你一张券", words="送你一张新客券。",
        friend_coupon="welcome20", worth_fen=9_000,
    )  # fmt: skip
    key = referral.create_programme(actor=Actor.system(), terms=terms, now=NOW)
    stated = Programme.objects.get(key=f"referral:{key}")
    Programme.objects.filter(pk=stated.pk).update(state="paused")
    Pause.objects.create(programme=stated, at=NOW, reason="cost", numbers={})
    return {"referral_id": key, "economy_id": stated.pk}


def meant() -> dict[str, int]:
    """A campaign that the policy was not asked about."""
    from yutang.channels import actions as channels

    wish = channels.CampaignWish("春茶", "wecom", "value", {"everybody": True}, words={"text": "您好"})
    return {"campaign_id": channels.draft_campaign(actor=Actor.system(), wish=wish, now=NOW)}


def said() -> dict[str, int]:
    """A content that is being written."""
    from yutang.content import actions as contents
    from yutang.content.writing import Written

    written = Written(title="护理", kind="text", intent="value", channels=("wecom",), body="羊毛先晾再收。")
    return {"content_id": contents.create_content(actor=Actor.system(), written=written, now=NOW)}


def played() -> dict[str, int]:
    """A playbook that runs."""
    from yutang.journeys import actions as playbooks

    definition = {"format": 1, "trigger": {"kind": "hand"}, "steps": [{"id": "w", "do": "wait", "days": 1}]}
    told = {"actor": Actor.system(), "name": f"等{playbooks.Playbook.objects.count()}", "definition": definition}
    key = playbooks.create_playbook(**told, now=NOW)
    playbooks.start_playbook(actor=Actor.system(), playbook_id=key, now=NOW)
    return {"playbook_id": key}


def told() -> dict[str, int]:
    """A webhook, and a message that it took."""
    from yutang.webhooks import actions as webhooks
    from yutang.webhooks.models import Delivery

    made = webhooks.create_endpoint(
        actor=Actor.system(), name="ERP", url="https://erp.example.com/", events=["ingest.ImportUndone"], now=NOW
    )
    delivery_id = webhooks.send_test(actor=Actor.system(), endpoint_id=made.id, now=NOW)
    Delivery.objects.filter(pk=delivery_id).update(status="taken")
    return {"endpoint_id": made.id, "delivery_id": delivery_id}


def code(store: Any) -> dict[str, int]:
    """A channel code that is printed in one store, and the place."""
    from yutang.codes.models import Code, Spot

    now = timezone.now()
    made = Code.objects.create(name=store.code, kind="poster", currency="CNY", made_at=now, changed_at=now)
    spot = Spot.objects.create(code=made, name="柜台", store=store, token=store.code.lower(), made_at=now)
    return {"code_id": made.pk, "spot_id": spot.pk}


def community(store: Any) -> int:
    """A customer group of a store, with two members."""
    from yutang.communities.models import Community
    from yutang.wecom.models import Contact, Group, GroupMember

    group = Group.objects.create(chat_id=f"wr{store.pk}", name="妈妈群")
    now = timezone.now()
    for key in MEMBERS:
        person, _ = Customer.objects.get_or_create(pk=key, defaults={"sealed_profile": seal({}), "first_seen_at": now})
        known = {"customer": person, "sealed_card": b"", "seen_at": now}
        contact, _ = Contact.objects.get_or_create(digest=str(key).encode(), defaults=known)
        GroupMember.objects.create(group=group, contact=contact, joined_at=now)
    return Community.objects.create(group=group, store=store, made_at=timezone.now()).pk


def stopped(customer_id: int) -> int:
    """A decision of the guard that refused somebody, who has a balance besides."""
    from yutang.membership import actions as membership
    from yutang.risk.models import Decision

    membership.top_up(
        actor=Actor.system(), key=f"t{customer_id}", customer_id=customer_id, principal_fen=1_000, bonus_fen=0, store_id=None,
        now=timezone.now(),
    )  # fmt: skip
    made = Decision.objects.create(
        key=f"d{customer_id}", kind="seat", customer_id=customer_id, at=NOW, verdict="refuse"
    )
    return made.pk


def coupon(customer_id: int) -> int:
    """A coupon that somebody has."""
    from yutang.coupons import actions as coupons
    from yutang.coupons.models import Kind

    terms = coupons.Terms(name="新客立减20元", code="welcome20", gives="amount", amount_minor=2_000, valid_days=30)
    if not Kind.objects.exists():
        coupons.create_kind(actor=Actor.system(), terms=terms, now=timezone.now())
    key = f"k{customer_id}"
    return coupons.give_coupon(
        actor=Actor.system(), kind="welcome20", customer_id=customer_id, key=key, now=timezone.now()
    )


def visit(customer_id: int, store_id: int) -> int:
    """A visit that is booked for tomorrow."""
    from datetime import time, timedelta

    from yutang.visits import actions as visits
    from yutang.visits.views import Hours, Terms

    now = timezone.now()
    hours = tuple(Hours(weekday, time(0), time(0)) for weekday in range(7))
    visits.change_terms(actor=Actor.system(), store_id=store_id, terms=Terms(hours=hours), now=now)
    at = timezone.localtime(now).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    return visits.book(
        actor=Actor.system(),
        key=f"v{customer_id}",
        customer_id=customer_id,
        store_id=store_id,
        at=at,
        source="",
        now=now,
    ).id


def proposal(key: str, store: Any) -> int:
    return Proposal.objects.create(
        kind="first_order_thanks",
        dedupe_key=f"first_order_thanks:{key}",
        store=store,
        reason={"template": "First order.", "values": {}},
        proposed_on=NOW.date(),
        due_at=NOW,
    ).pk
