"""What came back after a campaign: behind every count stand its people, as a page and as a table."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import numpy as np
import pytest
from django.test import Client

from tests.conftest import NOW
from tests.console import test_campaigns as campaigns
from tests.console.test_campaigns import PEOPLE, SYSTEM, approved, begun
from yutang.channels import queries
from yutang.channels.actions import ask_for_preview
from yutang.channels.actions.campaigns import plan_running
from yutang.channels.models import Campaign, Delivery, Link, LinkVisit, Reply, Touch
from yutang.customers.models import Consent, Customer
from yutang.experiments.assignment import SALT_BYTES, arms_of_people
from yutang.foundation.access import ROLE_PERMISSIONS, Actor
from yutang.orders.models import Order, Shop

morning, pond, at_work = campaigns.morning, campaigns.pond, campaigns.at_work


def salt_that_holds_out(wanted: int, people: list[int], *, percent: int) -> bytes:
    """Return a salt by which so many of the people are held out: by a random one now and then nobody is, or too many are."""
    shares = [percent * 100, 10_000 - percent * 100]
    for number in count():
        salt = number.to_bytes(SALT_BYTES, "big")
        if int((arms_of_people(salt=salt, customer_ids=np.array(people), shares=shares) == 0).sum()) == wanted:
            return salt
    raise AssertionError


class TestWhatCameBack:
    def test_every_count_leads_to_its_people_and_leaves_as_a_table(self, at_work: Client, pond: list[int]) -> None:
        row = begun({"people": pond}, approved(), channel="sms", held_out_percent=30)
        Campaign.objects.filter(pk=row.pk).update(state="running", salt=salt_that_holds_out(3, pond, percent=30))
        plan_running(actor=SYSTEM, now=NOW)
        touches = list(Touch.objects.filter(campaign=row.key).order_by("pk"))
        Touch.objects.filter(campaign=row.key).update(state="sent", at=NOW)
        for number, touch in enumerate(touches):
            failed = number in (0, 1)
            Delivery.objects.create(
                touch=touch, state="failed" if failed else "delivered", state_at=NOW, out_id=f"o{number}",
                fault=("no_template", "MK:0001")[number] if failed else "", reference="" if number == 0 else f"biz{number}",
            )  # fmt: skip
        reader, writer, ended, buyer = (touch.customer_id for touch in touches[2:6])
        later = NOW + timedelta(days=1)
        link = Link.objects.create(digest=b"l" * 16, kind="target", touch=touches[2], campaign=row.key, made_at=NOW)
        LinkVisit.objects.create(link=link, kind="person", at=later)
        Reply.objects.create(
            digest=b"r" * 16, channel="sms", customer_id=writer, sealed_text=b"", is_opt_out=False, sent_at=later,
            received_at=later,
        )  # fmt: skip
        said_no = {"purpose": "promotion", "channel": "sms", "granted": False, "wording_version": "v", "evidence": "r"}
        Consent.objects.create(customer_id=ended, occurred_at=later, **said_no)
        order_of(buyer, placed_at=later)

        page = at_work.get(f"/campaigns/{row.pk}/")
        counts = {one["url"].partition("count=")[2]: one for one in page.context["back"] if one["url"]}
        people = {
            name: [who["id"] for who in at_work.get(one["url"]).context["people"]] for name, one in counts.items()
        }
        way = {
            one["url"].partition("count=")[2]: at_work.get(one["url"]).context["count"]
            for one in page.context["funnel"]
        }

        assert {name: people[name] for name in ("clicked", "replied", "said_no", "bought")} == {
            "clicked": [reader], "replied": [writer], "said_no": [ended], "bought": [buyer],
        }  # fmt: skip
        assert len(people["held"]) == counts["held"]["n"] == PEOPLE - len(touches) > 0
        assert way == {one["url"].partition("count=")[2]: one["n"] for one in page.context["funnel"]}
        # What the operator lost had been taken by the gateway; what the gateway refused had not.
        assert (way["created"], way["delivered"]) == (len(touches) - 1, len(touches) - 2)
        faults = {one["title"]: one for one in page.context["faults"]}
        assert [one["n"] for one in faults.values()] == [1, 1]
        faulty = at_work.get(next(one for title, one in faults.items() if "模板" in title)["url"])
        assert [who["id"] for who in faulty.context["people"]] == [touches[0].customer_id]
        assert "模板" in faulty.context["title"]
        sheet: Any = at_work.get(counts["replied"]["url"] + "&as=csv")
        lines = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert lines[1].startswith(f"{writer},顾**,")

    def test_what_waits_for_its_time_stands_there_by_day(self, at_work: Client, pond: list[int]) -> None:
        row = begun({"people": pond}, approved(), channel="sms", held_out_percent=0)
        Campaign.objects.filter(pk=row.pk).update(state="running")
        plan_running(actor=SYSTEM, now=NOW)
        late = Touch.objects.filter(campaign=row.key, state="planned").order_by("pk").first()
        assert late is not None
        Touch.objects.filter(pk=late.pk).update(
            at=late.at + timedelta(days=4), business_date=late.business_date + timedelta(days=4)
        )

        shown = at_work.get(f"/campaigns/{row.pk}/").context["to_come"]

        planned = Touch.objects.filter(campaign=row.key, state="planned").count()
        assert [one["n"] for one in shown] == [planned - 1, 1]
        there = at_work.get(shown[-1]["url"]).context["rows"]
        assert [one["one"].id for one in there] == [late.pk]

    def test_a_post_to_groups_leads_to_groups(self, at_work: Client, pond: list[int]) -> None:
        row = begun({"groups": ["wrA"]}, approved(channels=("group",)), channel="group")

        page = at_work.get(f"/campaigns/{row.pk}/people/?count=planned")
        sheet: Any = at_work.get(f"/campaigns/{row.pk}/people/?count=planned&as=csv")

        assert page.context["groups"] == []
        assert len(b"".join(sheet.streaming_content).decode().splitlines()) == 1


class TestWhoFollowedTheLinksOfAContent:
    def test_people_are_counted_once_and_programs_apart(
        self, at_work: Client, pond: list[int], manager_staff: Any
    ) -> None:
        foreign = Customer.objects.get(store__code="SH02").pk
        content_id = approved()
        row = begun({"people": [*pond, foreign]}, content_id, channel="sms", held_out_percent=0)
        Campaign.objects.filter(pk=row.pk).update(state="running")
        plan_running(actor=SYSTEM, now=NOW)
        Touch.objects.filter(campaign=row.key).update(state="sent", at=NOW, changed_at=NOW)
        mine = Touch.objects.filter(campaign=row.key).exclude(customer_id=foreign)[:2]
        theirs = Touch.objects.get(campaign=row.key, customer_id=foreign)
        for touch, kinds in ((mine[0], ("person", "person", "scanner")), (mine[1], ("bot",)), (theirs, ("person",))):
            follow(touch, *kinds)
        follow(None, "person", "preview", content=f"content:{content_id}:1")
        page_of = f"/content/{content_id}/"

        whole = at_work.get(page_of)
        at_work.force_login(manager_staff, backend="django.contrib.auth.backends.ModelBackend")
        part = at_work.get(page_of).context["clicks"]

        told = whole.context["clicks"]
        assert (told.readers, told.shared, told.machines) == (2, 1, 3)
        assert told.last_at == NOW - timedelta(minutes=1)
        assert "多人共用的链接" in page_text(whole)
        assert (part.readers, part.shared, part.machines) == (1, 0, 2)

    def test_a_content_of_which_nobody_followed_a_link_says_none(self, at_work: Client, pond: list[int]) -> None:
        clicks = at_work.get(f"/content/{approved()}/").context["clicks"]

        assert (clicks.readers, clicks.shared, clicks.machines, clicks.last_at) == (0, 0, 0, None)


class TestWhoeverSeesOneStore:
    def test_counts_and_finds_only_its_people(
        self, at_work: Client, pond: list[int], manager_staff: Any, manager: Actor
    ) -> None:
        foreign = Customer.objects.get(store__code="SH02").pk
        row = begun({"people": [*pond, foreign]}, approved(), channel="sms", held_out_percent=0)
        ask_for_preview(actor=SYSTEM, campaign_id=row.pk, now=NOW)
        Campaign.objects.filter(pk=row.pk).update(state="running")
        plan_running(actor=SYSTEM, now=NOW)
        touches = Touch.objects.filter(campaign=row.key)
        touches.update(state="sent", at=NOW)
        planned = touches.count()
        for number, touch in enumerate(touches):
            told = ("failed", "no_template") if touch.customer_id == foreign else ("delivered", "")
            Delivery.objects.create(touch=touch, state=told[0], fault=told[1], state_at=NOW, out_id=f"o{number}")
        order_of(foreign, placed_at=NOW + timedelta(days=1))
        assert at_work.get(f"/campaigns/{row.pk}/").context["told"].bought == 1
        at_work.force_login(manager_staff, backend="django.contrib.auth.backends.ModelBackend")

        page = at_work.get(f"/campaigns/{row.pk}/")
        view = queries.campaign(access=manager, campaign_id=row.pk)
        results = queries.campaign_results(access=manager, campaign_id=row.pk)
        tally = queries.tallies(access=manager, campaign_ids=[row.pk])[row.pk]
        preview = queries.preview_view(access=manager, campaign_id=row.pk, now=NOW)
        whole = queries.preview_view(access=SYSTEM, campaign_id=row.pk, now=NOW)
        behind = {what: at_work.get(f"/campaigns/{row.pk}/people/?count={what}") for what in ("planned", "bought")}

        assert foreign not in view.audience["people"]
        assert (len(view.audience["people"]), view.out_of_reach) == (len(pond), 1)
        assert (page.context["told"].way["planned"], page.context["told"].bought) == (planned - 1, 0)
        assert (tally.planned, tally.bought, sum(results.states.values()), results.faults) == (
            planned - 1, 0, planned - 1, {},
        )  # fmt: skip
        assert {what: one.context["count"] for what, one in behind.items()} == {"planned": planned - 1, "bought": 0}
        assert (preview.asked, whole.asked) == (len(pond), len(pond) + 1)
        assert foreign not in queries.receivers_foreseen(access=manager, campaign_id=row.pk)
        assert foreign not in queries.receivers_met(access=manager, campaign_id=row.pk)
        assert queries.failed_with(access=manager, campaign_id=row.pk, fault="no_template") == []

    def test_says_over_whom_its_numbers_are_and_why_no_effect_is_told(
        self, at_work: Client, pond: list[int], manager_staff: Any
    ) -> None:
        foreign = Customer.objects.get(store__code="SH02").pk
        row = begun({"people": [*pond, foreign]}, approved(), channel="sms", held_out_percent=30)
        Campaign.objects.filter(pk=row.pk).update(state="running", salt=salt_that_holds_out(3, pond, percent=30))
        plan_running(actor=SYSTEM, now=NOW)
        whole = page_text(at_work.get(f"/campaigns/{row.pk}/"))
        at_work.force_login(manager_staff, backend="django.contrib.auth.backends.ModelBackend")

        page = at_work.get(f"/campaigns/{row.pk}/")
        part, listed = page_text(page), page_text(at_work.get("/campaigns/"))

        # Whoever the policy refuses is not drawn.
        assert 0 < page.context["told"].held <= 3
        assert "才抽取" not in part
        assert "有“查看对照实验”权限的人" in part
        assert "这里的数字只计您门店的接收人，活动还发给其他人" in part
        assert "这里的数字只计您门店的接收人" in listed
        assert "应收到的人中的 30%" in part
        assert "您门店" not in whole

    def test_who_may_see_effects_but_not_every_store_is_told_so(
        self, at_work: Client, pond: list[int], manager_staff: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = begun({"people": pond}, approved(), channel="sms", held_out_percent=30)
        Campaign.objects.filter(pk=row.pk).update(state="running", planned_at=NOW)
        monkeypatch.setitem(ROLE_PERMISSIONS, "store_manager", ROLE_PERMISSIONS["analyst"])
        at_work.force_login(manager_staff, backend="django.contrib.auth.backends.ModelBackend")

        told = at_work.get(f"/campaigns/{row.pk}/").context["effect"]

        assert "只向能看到全部门店的人显示" in told["untold"]

    def test_nobody_got_through_is_said_so(self, at_work: Client, pond: list[int]) -> None:
        row = begun({"people": pond[:1]}, approved(), channel="sms", held_out_percent=30)
        Campaign.objects.filter(pk=row.pk).update(state="running", planned_at=NOW)

        told = at_work.get(f"/campaigns/{row.pk}/").context["effect"]

        assert told == {"untold": "按触达规则，这里没有人能收到，所以没有人可以留作对照。"}


def follow(touch: Touch | None, *kinds: str, content: str = "") -> None:
    """Let a link of a message, or one that many got, be followed."""
    link = Link.objects.create(
        digest=f"{touch.pk if touch else 0:016d}".encode(), kind="target", touch=touch, content=touch.content if touch else content,
        channel="sms", made_at=NOW,
    )  # fmt: skip
    for kind in kinds:
        LinkVisit.objects.create(link=link, kind=kind, at=NOW - timedelta(minutes=1))


def page_text(page: Any) -> str:
    return " ".join(str(page.content.decode()).split())


def order_of(customer_id: int | None, *, placed_at: Any) -> None:
    shop = Shop.objects.create(platform="own", name="till")
    Order.objects.create(
        shop=shop, customer_id=customer_id, number="A1", placed_at=placed_at, business_date=placed_at.date(), status=40,
        total_minor=100, currency="CNY", content_digest=b"d" * 16,
    )  # fmt: skip
