"""What callbacks lead to: friendships, people, groups and tags as they are there, whatever order they come in."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.wecom.comparing import friendships_here, friendships_there, groups_here, groups_there
from tests.wecom.conftest import Shop
from yutang.customers.models import Customer, CustomerTag, Identifier
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.models import OutboxEvent, Setting, Staff, Store
from yutang.foundation.outbox import deliver_events
from yutang.foundation.roles import actor_for
from yutang.wecom.actions import note_alarm
from yutang.wecom.events import ManyCustomersDeleted
from yutang.wecom.handlers import ask_why_many_ended
from yutang.wecom.losing import raise_alarms
from yutang.wecom.models import Account, Callback, Contact, EndedBy, Friendship, FriendshipChange, MassDeletion
from yutang.wecom.queries import friends_of, group_of, lost_friends, open_alarms
from yutang.worklist import actions as worklist
from yutang.worklist.models import Proposal

pytestmark = pytest.mark.django_db


def scan(shop: Shop, number: int, **more: Any) -> dict[str, Any]:
    return shop.order("scan", config_id=shop.way(), unionid=f"oNEW{number:022d}", name=f"新客{number}", **more)


def pair_of(came: dict[str, Any]) -> dict[str, str]:
    return {key: came[key] for key in ("userid", "external_userid")}


class TestFriends:
    def test_a_newcomer_is_a_person_here(self, shop: Shop) -> None:
        came = scan(shop, 1)
        shop.settle()

        row = Friendship.objects.get()
        assert (row.standing, row.state_text, row.add_way) == ("friends", "sandbox", 1)
        kinds = set(row.contact.customer.identifiers.values_list("kind", flat=True))  # type: ignore[union-attr]
        assert kinds == {"wecom", "unionid"}
        friend = friends_of(customer_ids=[row.contact.customer_id])[row.contact.customer_id]  # type: ignore[list-item, index]
        assert (friend.external_userid, friend.userid) == (came["external_userid"], came["userid"])

    def test_the_same_twice_changes_nothing(self, shop: Shop) -> None:
        scan(shop, 1)
        told = list(shop.told)
        shop.settle()
        before = (friendships_here(), FriendshipChange.objects.count(), Callback.objects.count())

        assert [shop.take(text) for text in told] == [False] * len(told)
        Callback.objects.update(state="waiting", next_at=shop.now())
        shop.hear()

        assert (friendships_here(), FriendshipChange.objects.count(), Callback.objects.count()) == before
        assert Customer.objects.count() == 1

    def test_leaves_comes_back_and_is_deleted(self, shop: Shop) -> None:
        pair = pair_of(scan(shop, 1))
        shop.settle()
        shop.later(5 * 86_400)
        shop.order("customer/delete", **pair)
        shop.settle()
        row = Friendship.objects.get()
        assert (row.standing, row.kept_days) == ("left", 5)
        shop.later(60)
        # The next in turn would be somebody else: the same one is asked again by a code of their own.
        shop.world.ways[shop.way()].fields["user"] = [pair["userid"]]
        scan(shop, 1)
        shop.settle()
        row.refresh_from_db()
        assert (row.standing, row.ended_at) == ("friends", None)
        shop.later(60)
        shop.order("member/delete", **pair)
        shop.settle()

        row.refresh_from_db()
        assert row.standing == "deleted"
        kinds = list(row.changes.values_list("kind", flat=True))
        assert kinds == ["half", "added", "left", "added", "deleted"]

    def test_a_number_that_staff_noted_leads_to_whom_the_shop_knows(self, shop: Shop, now: Any) -> None:
        import pyarrow as pa

        from yutang.customers.identity import Origin, resolve

        observed = pa.table({"name": ["陈晓云"], "phone": ["+8614550000777"], "member_no": ["M1"]})
        (known,) = resolve(observed=observed, origin=Origin(None, "till"), now=now).customer_ids.to_pylist()
        came = scan(shop, 1)
        shop.world.relations[came["userid"]][came["external_userid"]].mobiles = ["14550000777"]
        shop.settle()

        assert Contact.objects.get().customer_id == known
        assert set(Identifier.objects.filter(customer_id=known).values_list("kind", flat=True)) == {
            "phone", "member_no", "wecom", "unionid",
        }  # fmt: skip

    def test_staff_of_the_same_name_look_after_the_newcomer(self, shop: Shop, stores: dict[str, Any]) -> None:
        staff = Staff.objects.create(username="staff001", display_name="王店长", role="store_manager")
        staff.stores.set([stores["xuhui"]])
        scan(shop, 1)
        shop.settle()

        person = Customer.objects.get()
        assert Account.objects.get().staff == staff
        assert (person.owner_id, person.store_id) == (staff.pk, stores["xuhui"].pk)

    def test_half_waits_for_being_accepted(self, shop: Shop) -> None:
        came = scan(shop, 1, accept=False)
        shop.settle()
        assert Friendship.objects.get().standing == "half"
        assert Customer.objects.count() == 0

        shop.order("member/accept", userid=came["userid"], external_userid=came["external_userid"])
        shop.settle()

        assert Friendship.objects.get().standing == "friends"


class TestEvents:
    def kinds(self) -> list[str]:
        return list(OutboxEvent.objects.filter(kind__startswith="wecom.").order_by("pk").values_list("kind", flat=True))

    def test_what_begins_and_ends_is_told_once(self, shop: Shop) -> None:
        pair = pair_of(scan(shop, 1))
        shop.settle()
        shop.later(60)
        shop.order("customer/delete", **pair)
        shop.settle()

        assert self.kinds() == ["wecom.FriendsAdded", "wecom.FriendsLost"]
        payload = OutboxEvent.objects.get(kind="wecom.FriendsLost").payload
        assert payload == {"friendship_ids": [Friendship.objects.get().pk], "customer_ids": [Customer.objects.get().pk]}

    def test_history_is_told_to_nobody(self, shop: Shop) -> None:
        week = 7 * 86_400
        shop.later(week)
        shop.sync()

        # That there are groups is no history.
        assert self.kinds() == ["wecom.GroupsFound"]

    def test_many_deletions_are_one_alarm(self, shop: Shop, settings: Any) -> None:
        Setting.objects.create(key="wecom.alarm_deletions", value=3)
        shop.sync()
        mine = [one.external_userid for one in shop.world.customers_of("staff001")]
        for number, external in enumerate(mine[:5]):
            shop.later(60)
            shop.order("member/delete", userid="staff001", external_userid=external)
            if number % 2:
                shop.settle()
        shop.settle()

        alarm = MassDeletion.objects.get()
        assert (alarm.account.userid, alarm.deleted) == ("staff001", 5)
        (shown,) = open_alarms(access=Actor.system())
        assert shown.deleted == len(lost_friends(access=Actor.system(), alarm_id=alarm.pk)) == 5
        assert self.kinds().count("wecom.ManyCustomersDeleted") == 1

    def test_deletions_that_only_a_full_look_finds_are_an_alarm_of_as_many_as_are_listed(self, shop: Shop) -> None:
        Setting.objects.create(key="wecom.alarm_deletions", value=3)
        shop.sync()
        mine = [one.external_userid for one in shop.world.customers_of("staff001")][:4]
        shop.later(3600)
        for external in mine:
            shop.order("member/delete", userid="staff001", external_userid=external)
        # What WeCom told of them never came.
        shop.told.clear()
        shop.later(3600)
        shop.sync()

        (alarm,) = open_alarms(access=Actor.system())
        listed = lost_friends(access=Actor.system(), alarm_id=alarm.id)
        assert (alarm.by, alarm.deleted) == ("staff", 4)
        assert {one.how for one in listed} == {"gone"}
        assert len(listed) == 4

        # The next full look finds the same ones missing, and counts none twice.
        shop.later(3600)
        shop.sync()
        assert [one.deleted for one in open_alarms(access=Actor.system())] == [4]

    def test_nobody_is_listed_of_who_serves_nobody_any_more_and_that_is_no_alarm(self, shop: Shop) -> None:
        Setting.objects.create(key="wecom.alarm_deletions", value=3)
        shop.sync()
        Account.objects.filter(userid="staff001").update(is_serving=False)
        mine = Friendship.objects.filter(account__userid="staff001")
        for one in mine:
            Friendship.objects.filter(pk=one.pk).update(
                standing="gone", is_listed=False, read_at=shop.now(), ended_at=shop.now()
            )

        raised = raise_alarms([mine[0].account_id], by=EndedBy.STAFF, now=shop.now())

        assert (mine.count() >= 3, raised) == (True, [])

    def test_many_customers_who_leave_one_are_an_alarm_for_owner_and_manager(
        self, shop: Shop, stores: dict[str, Store]
    ) -> None:
        Setting.objects.create(key="wecom.alarm_leavings", value=3)
        staff = {
            name: Staff.objects.create(username=name, display_name=name, role=role)
            for name, role in (
                ("boss", "owner"),
                ("staff001", "store_manager"),
                ("lead", "store_manager"),
                ("op", "operator"),
            )
        }
        for name in ("staff001", "lead"):
            staff[name].stores.add(stores["xuhui"])
        shop.sync()
        assert Account.objects.get(userid="staff001").staff == staff["staff001"]
        for one in list(shop.world.customers_of("staff001"))[:4]:
            shop.later(60)
            shop.order("customer/delete", userid="staff001", external_userid=one.external_userid)
        shop.settle()

        told = OutboxEvent.objects.get(kind="wecom.ManyCustomersDeleted")
        ask_why_many_ended(ManyCustomersDeleted(**told.payload), event_id=told.pk, now=shop.now())

        alarm = MassDeletion.objects.get()
        assert (alarm.account.userid, alarm.by, alarm.deleted) == ("staff001", "customers", 4)
        tasks = Proposal.objects.filter(kind="many_lost")
        assert {one.owner.username for one in tasks if one.owner} == {"boss", "lead"}
        note_alarm(actor=Actor.system(), alarm_id=alarm.pk, now=shop.now())
        assert set(tasks.values_list("status", flat=True)) == {"lapsed"}

    def test_an_alarm_is_looked_into_by_whoever_did_its_task_until_they_take_that_back(
        self, shop: Shop, stores: dict[str, Store]
    ) -> None:
        boss, lead = (
            Staff.objects.create(username=name, display_name=name, role=role)
            for name, role in (("boss", "owner"), ("lead", "store_manager"))
        )
        lead.stores.add(stores["xuhui"])
        alarm, mine = _alarm_of(shop, stores["xuhui"]), Proposal.objects.filter(kind="many_lost", owner=lead).get
        actor, at = actor_for(lead), shop.now()

        worklist.complete(actor=actor, proposal_id=mine().pk, outcome="mended", now=at)
        jobs.run_inline(jobs.enqueue(deliver_events, {}, now=at))
        alarm.refresh_from_db()
        assert (alarm.noted_by, mine().status) == (lead, "done")
        assert Proposal.objects.get(kind="many_lost", owner=boss).status == "lapsed"
        assert open_alarms(access=Actor.system()) == ()

        worklist.undo(actor=actor, proposal_id=mine().pk, now=at + timedelta(minutes=1))
        jobs.run_inline(jobs.enqueue(deliver_events, {}, now=at))
        assert [one.id for one in open_alarms(access=Actor.system())] == [alarm.pk]
        assert mine().status == "open"

    def test_an_alarm_that_somebody_else_looked_into_stays_so(self, shop: Shop, stores: dict[str, Store]) -> None:
        lead = Staff.objects.create(username="lead", display_name="lead", role="store_manager")
        lead.stores.add(stores["xuhui"])
        alarm, at = _alarm_of(shop, stores["xuhui"]), shop.now()
        task = Proposal.objects.get(kind="many_lost")
        worklist.complete(actor=actor_for(lead), proposal_id=task.pk, outcome="mended", now=at)
        note_alarm(actor=Actor.system(), alarm_id=alarm.pk, now=at)

        worklist.undo(actor=actor_for(lead), proposal_id=task.pk, now=at)
        jobs.run_inline(jobs.enqueue(deliver_events, {}, now=at))

        alarm.refresh_from_db()
        assert (alarm.noted_at, alarm.noted_by) == (at, None)

    def test_deletions_of_who_had_left_are_none(self, shop: Shop) -> None:
        Setting.objects.create(key="wecom.alarm_deletions", value=2)
        shop.sync()
        for external in [one.external_userid for one in shop.world.customers_of("staff001")][:3]:
            shop.later(60)
            shop.order("customer/delete", userid="staff001", external_userid=external)
            shop.later(60)
            shop.order("member/delete", userid="staff001", external_userid=external)
        shop.settle()

        assert not MassDeletion.objects.exists()


def _alarm_of(shop: Shop, store: Store) -> MassDeletion:
    """Let three customers delete a member of staff of a store, and return the alarm, whose tasks are on the lists."""
    Setting.objects.create(key="wecom.alarm_leavings", value=3)
    Staff.objects.create(username="staff001", display_name="staff001", role="operator").stores.add(store)
    shop.sync()
    for one in list(shop.world.customers_of("staff001"))[:3]:
        shop.later(60)
        shop.order("customer/delete", userid="staff001", external_userid=one.external_userid)
    shop.settle()
    told = OutboxEvent.objects.get(kind="wecom.ManyCustomersDeleted")
    ask_why_many_ended(ManyCustomersDeleted(**told.payload), event_id=told.pk, now=shop.now())
    OutboxEvent.objects.all().delete()
    return MassDeletion.objects.get()


class TestGroups:
    def test_members_come_and_go(self, shop: Shop) -> None:
        shop.sync()
        chat = next(iter(shop.world.chats.values()))
        came, went = "", ""
        member = next(one for one in chat.members if one.startswith("wm"))
        person = next(one for one in shop.world.people if one not in chat.members)
        shop.order("group/leave", chat_id=chat.chat_id, member=member)
        shop.order("group/join", chat_id=chat.chat_id, member=person)
        shop.order("group/rename", chat_id=chat.chat_id, name="新名")
        left_at = shop.now().replace(microsecond=0)
        shop.settle()

        assert groups_here() == groups_there(shop.world)
        from yutang.wecom.models import GroupMember

        gone = GroupMember.objects.get(group__chat_id=chat.chat_id, left_at__isnull=False)
        assert gone.left_at == left_at
        assert (came, went) == ("", "")
        customer = Contact.objects.get(friendships__account__userid__isnull=False, pk=self.contact(person)).customer_id
        assert chat.chat_id in {seat.chat_id for seat in group_of(customer_ids=[customer])[customer]}  # type: ignore[list-item, index]

    def contact(self, external: str) -> int:
        from yutang.foundation.sealing import digest16

        return Contact.objects.get(digest=digest16("wecom", "", external)).pk

    def test_a_dismissed_group_has_nobody(self, shop: Shop) -> None:
        shop.sync()
        chat = next(iter(shop.world.chats.values()))
        shop.order("group/dismiss", chat_id=chat.chat_id)
        shop.settle()

        assert groups_here()[chat.chat_id] == ("gone",)


class TestTags:
    def test_come_in_and_go_out(self, shop: Shop) -> None:
        from yutang.customers.actions import give_tag, take_tag
        from yutang.foundation.access import Actor
        from yutang.wecom.models import Tag
        from yutang.wecom.tag_mirror import make_marks, marks_to_make

        shop.sync()
        assert friendships_here() == friendships_there(shop.world)
        there = sum(len(one.tags) for all_of in shop.world.relations.values() for one in all_of.values())
        assert CustomerTag.objects.count() == there > 0
        assert marks_to_make() == []
        tag = Tag.objects.get(name="新客")
        relation = next(one for one in shop.world.customers_of("staff001") if tag.tag_id not in one.tags)
        contact = Contact.objects.get(pk=TestGroups().contact(relation.external_userid))
        give_tag(actor=Actor.system(), tag_id=tag.own_tag_id, customer_ids=[contact.customer_id], now=shop.now())  # type: ignore[arg-type, list-item]
        assert make_marks(shop.client, marks_to_make()) == 0
        assert tag.tag_id in relation.tags
        assert marks_to_make() == []

        take_tag(actor=Actor.system(), tag_id=tag.own_tag_id, customer_ids=[contact.customer_id], now=shop.now())  # type: ignore[arg-type, list-item]
        make_marks(shop.client, marks_to_make())

        assert tag.tag_id not in relation.tags
        assert friendships_here() == friendships_there(shop.world)

    def test_taken_off_there_is_taken_off_here(self, shop: Shop) -> None:
        shop.sync()
        relation = next(one for one in shop.world.customers_of("staff001") if one.tags)
        contact = Contact.objects.get(pk=TestGroups().contact(relation.external_userid))
        before = CustomerTag.objects.filter(customer_id=contact.customer_id).count()
        relation.tags.pop(next(iter(relation.tags)))
        shop.order("member/edit", userid="staff001", external_userid=relation.external_userid, remark="老客")
        shop.settle()

        assert CustomerTag.objects.filter(customer_id=contact.customer_id).count() == before - 1
        assert friendships_here() == friendships_there(shop.world)


class TestDisorder:
    @pytest.mark.parametrize("seed", range(2))
    def test_twice_late_and_mixed_is_as_there(self, open_shop: Callable[..., Shop], seed: int) -> None:
        shop = open_shop(staff=5, customers=40, groups=5, owners=2, members=6)
        shop.sync()
        dice = random.Random(seed)
        for number in range(120):
            shop.later(dice.choice([0.4, 1.0, 3.0]))
            _act(shop, dice, number)
            if number % 30 == 29:
                shop.deliver(order=lambda told: _mixed(told, dice))
                shop.hear()
        shop.settle()
        shop.later(5)
        shop.hear()

        assert friendships_here() == friendships_there(shop.world)
        assert groups_here() == groups_there(shop.world)
        people = Contact.objects.filter(friendships__standing__in=["friends", "left"]).exclude(customer=None)
        assert people.distinct().count() == len(
            {b for (_a, b), one in friendships_here().items() if one[0] in {"friends", "left"}}
        )


def _mixed(told: list[str], dice: random.Random) -> list[str]:
    mixed = [*told, *dice.sample(told, len(told) // 10)]
    dice.shuffle(mixed)
    return mixed


def _act(shop: Shop, dice: random.Random, number: int) -> None:
    """Let something happen that can happen; what cannot is tried in vain, as in life."""
    from yutang.connectors.wecom.simulator.control import NotPossible

    world = shop.world
    userid = dice.choice(list(world.staff))
    customers = list(world.relations.get(userid, {}))
    chat = dice.choice([one for one in world.chats.values() if one.dismissed_at is None])
    pair = {"userid": userid, "external_userid": dice.choice(customers) if customers else "wm"}
    what = dice.choice(["scan", "scan", "leave", "delete", "edit", "join", "part", "rename", "half", "tag"])
    orders: dict[str, tuple[str, dict[str, Any]]] = {
        "scan": ("scan", {"config_id": shop.way(), "unionid": f"oN{dice.randrange(40):024d}", "name": f"客{number}"}),
        "half": ("scan", {"config_id": shop.way(), "unionid": f"oH{number:024d}", "name": "半", "accept": False}),
        "leave": ("customer/delete", pair),
        "delete": ("member/delete", pair),
        "edit": ("member/edit", {**pair, "remark": f"备注{number}", "add_tags": [dice.choice(list(world.tags))]}),
        "join": ("group/join", {"chat_id": chat.chat_id, "member": dice.choice(list(world.people))}),
        "part": ("group/leave", {"chat_id": chat.chat_id, "member": dice.choice(list(chat.members))}),
        "rename": ("group/rename", {"chat_id": chat.chat_id, "name": f"群{number}"}),
        "tag": ("tag/create", {"group_name": "来源", "names": [f"标签{number}"]}),
    }
    path, told = orders[what]
    try:
        shop.sandbox.simulator.control.order(path, told)
    except NotPossible:
        return


def test_a_long_silence_is_no_reason_to_forget(shop: Shop) -> None:
    scan(shop, 1)
    shop.later(timedelta(hours=3).total_seconds())
    shop.settle()

    row = Friendship.objects.get()
    assert (row.standing, row.welcomed_at) == ("friends", None)
    assert set(Callback.objects.exclude(greeting="").values_list("greeting", flat=True)) == {"late"}
