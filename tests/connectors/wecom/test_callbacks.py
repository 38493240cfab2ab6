"""Callbacks: what each tells, how they travel, and greetings within twenty seconds."""

from __future__ import annotations

import contextlib
import random
from datetime import UTC, datetime

import pytest

from tests.connectors.wecom.conftest import AES_KEY, TOKEN, Inbox, Listen, Sandbox, settle, way_of
from yutang.connectors.wecom.api.acquisition import LinkPlan
from yutang.connectors.wecom.api.customers import Remark
from yutang.connectors.wecom.api.ways import JoinWay
from yutang.connectors.wecom.callbacks.events import (
    AcquisitionChanged,
    CustomerAdded,
    CustomerDeletedByStaff,
    CustomerEdited,
    CustomerEvent,
    CustomerHalfAdded,
    Event,
    GroupChanged,
    GroupCreated,
    GroupDismissed,
    OtherEvent,
    StaffChanged,
    StaffDeletedByCustomer,
    TagChanged,
    TransferFailed,
    event_of,
)
from yutang.connectors.wecom.callbacks.receiving import reopened
from yutang.connectors.wecom.callbacks.xml import parsed
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import NotACustomer
from yutang.connectors.wecom.messages import Message
from yutang.connectors.wecom.simulator.delivery import event_xml

HELLO = Message("欢迎您")


class TestWhatTheyTell:
    def test_a_scan_brings_half_a_relation_and_then_a_whole_one(
        self, sandbox: Sandbox, wecom: WeCom, listen: Listen
    ) -> None:
        inbox = listen()
        config_id = way_of(wecom, state="parcel-card")
        half = sandbox.order("scan", config_id=config_id, unionid="oNew", accept=False)
        with pytest.raises(NotACustomer):
            wecom.customers.get(external_userid=half["external_userid"])
        sandbox.order("member/accept", userid="staff001", external_userid=half["external_userid"])

        first, second = settle(sandbox, inbox)

        assert isinstance(first, CustomerHalfAdded)
        assert isinstance(second, CustomerAdded)
        assert (first.userid, first.external_userid, first.state) == (
            "staff001",
            half["external_userid"],
            "parcel-card",
        )
        assert first.welcome_code == half["welcome_code"]
        assert second.welcome_code not in {"", first.welcome_code}
        assert second.corp_id == sandbox.world.corp_id
        assert abs(second.created_at.timestamp() - sandbox.world.now()) < 60
        assert wecom.customers.get(external_userid=half["external_userid"]).followers[0].state == "parcel-card"

    def test_with_verification_nothing_is_told_before_staff_accept(
        self, sandbox: Sandbox, wecom: WeCom, listen: Listen
    ) -> None:
        inbox = listen()
        config_id = way_of(wecom, skip_verify=False)
        asked = sandbox.order("scan", config_id=config_id, unionid="oNew", accept=False)
        assert settle(sandbox, inbox) == []

        sandbox.order("member/accept", userid="staff001", external_userid=asked["external_userid"])

        (event,) = settle(sandbox, inbox)
        assert isinstance(event, CustomerAdded)

    def test_who_is_there_already_is_not_told_of_again(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen()
        customer = wecom.customers.of_staff(userid="staff001")[0]

        again = sandbox.order("scan", config_id=way_of(wecom), unionid=sandbox.unionid(customer))

        assert (again["is_new"], settle(sandbox, inbox)) == (False, [])

    def test_who_comes_back_is_told_of_and_keeps_tags(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen()
        customer = wecom.customers.of_staff(userid="staff001")[0]
        tag = wecom.tags.groups()[0].tags[0].id
        wecom.tags.mark(userid="staff001", external_userid=customer, add=[tag])
        sandbox.order("customer/delete", userid="staff001", external_userid=customer)
        sandbox.order("scan", config_id=way_of(wecom, state="again"), unionid=sandbox.unionid(customer))

        left, back = settle(sandbox, inbox)

        assert isinstance(left, StaffDeletedByCustomer)
        assert isinstance(back, CustomerAdded)
        assert back.welcome_code
        (follower,) = wecom.customers.get(external_userid=customer).followers
        assert (follower.state, tag in {one.id for one in follower.labels}) == ("again", True)

    def test_deletions_remarks_and_leavers(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen()
        first, second, third = wecom.customers.of_staff(userid="staff001")[:3]
        tag = wecom.tags.groups()[0].tags[0].id
        sandbox.order("customer/delete", userid="staff001", external_userid=first)
        sandbox.order("member/delete", userid="staff001", external_userid=second)
        sandbox.order("member/edit", userid="staff001", external_userid=third, remark="妈妈", add_tags=[tag])
        sandbox.order("member/leave", userid="staff004")

        events = settle(sandbox, inbox)

        assert [type(one) for one in events] == [
            StaffDeletedByCustomer,
            CustomerDeletedByStaff,
            CustomerEdited,
            StaffChanged,
        ]
        assert [getattr(one, "external_userid", "") for one in events] == [first, second, third, ""]
        assert isinstance(events[1], CustomerDeletedByStaff)
        assert not events[1].by_transfer

    def test_groups_and_their_versions(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen()
        customer = wecom.customers.of_staff(userid="staff001")[0]
        chat_id = sandbox.order("group/create", owner="staff001", name="新群")["chat_id"]
        sandbox.order("clock", advance=5)
        before = wecom.groups.get(chat_id=chat_id).member_version
        sandbox.order("group/join", chat_id=chat_id, member=customer, scene=3)
        sandbox.order("group/leave", chat_id=chat_id, member=customer)
        sandbox.order("group/rename", chat_id=chat_id, name="改名")
        sandbox.order("group/notice", chat_id=chat_id, notice="周三上新")
        sandbox.order("group/owner", chat_id=chat_id, owner="staff002")
        sandbox.order("group/dismiss", chat_id=chat_id)

        made, came, went, renamed, noticed, given, gone = settle(sandbox, inbox)

        assert isinstance(made, GroupCreated)
        assert isinstance(gone, GroupDismissed)
        assert isinstance(came, GroupChanged)
        assert isinstance(went, GroupChanged)
        assert (came.detail, came.members, came.member_count, came.before, came.scene) == (
            "add_member",
            (customer,),
            1,
            before,
            "3",
        )
        assert (went.detail, went.members, went.before) == ("del_member", (customer,), came.after)
        assert [getattr(one, "detail", "") for one in (renamed, noticed, given)] == [
            "change_name",
            "change_notice",
            "change_owner",
        ]

    def test_a_full_group_opens_the_next_one(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        sandbox.order("rules", group_places=4)
        inbox = listen()
        chat_id = sandbox.order("group/create", owner="staff001", name="一群")["chat_id"]
        way = JoinWay(chat_ids=(chat_id,), base_name="福利群", base_number=7, state="store-card")
        config_id = wecom.join_ways.add(way=way)

        joined = [sandbox.order("scan", config_id=config_id, unionid=f"oJ{n}")["chat_id"] for n in range(8)]
        sandbox.order("clock", advance=3)

        first, second, third = dict.fromkeys(joined)
        assert [joined.count(one) for one in (first, second, third)] == [3, 3, 2]
        assert [wecom.groups.get(chat_id=one).name for one in (second, third)] == ["福利群7", "福利群8"]
        newcomers = [one for one in wecom.groups.get(chat_id=third).members if one.kind == 2]
        assert {(one.state, one.join_scene) for one in newcomers} == {("store-card", 3)}
        assert [type(one) for one in settle(sandbox, inbox)].count(GroupCreated) == 3
        assert wecom.join_ways.get(config_id=config_id).chat_ids == (first, second, third)

    def test_a_hand_over_is_a_deletion_and_an_addition(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen()
        first, second = wecom.customers.of_staff(userid="staff001")[:2]
        wecom.handovers.start(giver="staff001", taker="staff002", external_userids=[first, second])
        sandbox.order("handover/refuse", taker="staff002", external_userid=second)
        sandbox.order("clock", advance=86_400)

        refused, deleted, added = settle(sandbox, inbox)

        assert isinstance(refused, TransferFailed)
        assert (refused.userid, refused.reason) == ("staff002", "customer_refused")
        assert isinstance(deleted, CustomerDeletedByStaff)
        assert deleted.by_transfer
        assert isinstance(added, CustomerAdded)
        assert (added.userid, added.external_userid, added.welcome_code) == ("staff002", first, "")

    def test_what_the_api_changed_is_told_only_where_that_is_wished(
        self, sandbox: Sandbox, wecom: WeCom, listen: Listen
    ) -> None:
        inbox = listen()
        customer = wecom.customers.of_staff(userid="staff001")[0]
        wecom.customers.note(userid="staff001", external_userid=customer, remark=Remark(remark="一"))
        assert settle(sandbox, inbox) == []

        sandbox.order("rules", events_of_api=True)
        wecom.customers.note(userid="staff001", external_userid=customer, remark=Remark(remark="二"))

        # Within one second two changes of the same customer would be one and the same text.
        sandbox.order("clock", advance=1)
        wecom.tags.mark(userid="staff001", external_userid=customer, add=[wecom.tags.groups()[0].tags[0].id])

        assert [type(one) for one in settle(sandbox, inbox)] == [CustomerEdited, CustomerEdited]

    def test_what_an_administrator_does_with_tags_and_staff(
        self, sandbox: Sandbox, wecom: WeCom, listen: Listen
    ) -> None:
        inbox = listen()
        customer = wecom.customers.of_staff(userid="staff001")[0]
        made = sandbox.order("tag/create", group_name="城市", names=["上海", "广州"])
        shanghai, guangzhou = made["tag_ids"]
        wecom.tags.mark(userid="staff001", external_userid=customer, add=[shanghai])
        sandbox.order("tag/rename", tag_id=guangzhou, name="深圳")
        sandbox.order("tag/shuffle", group_id=made["group_id"])
        (group,) = wecom.tags.groups(group_ids=[made["group_id"]])
        sandbox.order("tag/delete", tag_id=made["group_id"])
        sandbox.order("staff/hire", userid="staff099", name="新同事")

        events = settle(sandbox, inbox)

        tags = [one for one in events if isinstance(one, TagChanged)]
        assert [(one.change, one.is_group) for one in tags] == [
            ("create", True), ("create", False), ("create", False), ("update", False), ("shuffle", False), ("delete", True)
        ]  # fmt: skip
        assert {one.name for one in group.tags} == {"上海", "深圳"}
        assert shanghai not in sandbox.world.relations["staff001"][customer].tags
        assert [one.userid for one in events if isinstance(one, StaffChanged)] == ["staff099"]
        assert "staff099" in wecom.customers.staff()

    def test_links_and_what_is_left_of_them(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        sandbox.order("rules", link_quota=20)
        sandbox.order("clock", stop=True)
        inbox = listen()
        link = wecom.acquisition.create(plan=LinkPlan("抖音", users=("staff001",)))
        won = [sandbox.order("link/click", link_id=link.link_id, unionid=f"oL{n}", channel="live") for n in range(20)]
        sandbox.order("talk", userid="staff001", external_userid=won[0]["external_userid"])

        told = [one for one in settle(sandbox, inbox) if isinstance(one, AcquisitionChanged)]

        kinds = [one.kind.removeprefix("customer_acquisition/") for one in told]
        assert kinds.count("friend_request") == 1  # Twenty within one second are one and the same text.
        assert {"balance_low", "balance_exhausted", "customer_start_chat"} <= set(kinds)
        assert wecom.acquisition.quota().balance == 0
        with pytest.raises(AssertionError, match="quota"):
            sandbox.order("link/click", link_id=link.link_id, unionid="oL99")

    @pytest.mark.parametrize(
        ("parts", "kind"),
        [
            (
                {"Event": "change_external_tag", "ChangeType": "shuffle", "Id": "et1", "TagType": "tag_group"},
                TagChanged,
            ),
            ({"Event": "change_contact", "ChangeType": "update_user", "UserID": "a", "NewUserID": "b"}, StaffChanged),
            (
                {"Event": "customer_acquisition", "ChangeType": "friend_request", "LinkId": "l", "State": "s"},
                AcquisitionChanged,
            ),
            ({"Event": "kf_msg_or_event", "Token": "t", "OpenKfId": "k"}, OtherEvent),
            ({"Event": "change_external_contact", "ChangeType": "something_new", "UserID": "a"}, OtherEvent),
            (
                {
                    "Event": "change_external_chat",
                    "ChangeType": "update",
                    "ChatId": "wr",
                    "UpdateDetail": "add_member",
                    "MemChangeCnt": "",
                },
                GroupChanged,
            ),
        ],
    )
    def test_others_are_told_apart(self, parts: dict[str, str], kind: type[Event]) -> None:
        text = event_xml(
            {"ToUserName": "ww1", "FromUserName": "sys", "CreateTime": 1_700_000_000, "MsgType": "event", **parts}
        )

        event = event_of(parsed(text))

        assert type(event) is kind
        assert event == reopened(text=text)
        assert event.created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)

    def test_texts_keep_what_xml_would_take_for_its_own(self) -> None:
        text = event_xml(
            {"ToUserName": "ww1", "CreateTime": 1, "Event": "x", "Words": "a]]>b <c> & d", "List": ["一", "<二>"]}
        )

        element = parsed(text)

        assert element["Words"] == "a]]>b <c> & d"
        assert element["List"] == {"Item": ["一", "<二>"]}


class TestHowTheyTravel:
    def scans(self, sandbox: Sandbox, wecom: WeCom, count: int) -> list[str]:
        config_id = way_of(wecom)
        return [sandbox.order("scan", config_id=config_id, unionid=f"oT{n}")["external_userid"] for n in range(count)]

    def test_duplicates_have_the_same_text_in_another_envelope(
        self, sandbox: Sandbox, wecom: WeCom, listen: Listen
    ) -> None:
        inbox = listen(duplicate=1.0)
        self.scans(sandbox, wecom, 10)
        events = settle(sandbox, inbox)

        assert len(inbox.arrived) == 40
        assert len(events) == 20
        assert sandbox.show("callbacks")["duplicated"] == 20

    def test_a_share_of_duplicates_is_a_share(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen(duplicate=0.3)
        self.scans(sandbox, wecom, 100)

        assert len(settle(sandbox, inbox)) == 200
        assert 235 <= len(inbox.arrived) <= 285

    def test_another_order_loses_nothing(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen(reorder=20)
        people = self.scans(sandbox, wecom, 30)
        events = settle(sandbox, inbox)

        order = [one.external_userid for one in events if isinstance(one, CustomerAdded)]
        assert sorted(order) == sorted(people)
        assert order != people

    def test_what_is_dropped_never_comes(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen(drop=0.5)
        self.scans(sandbox, wecom, 50)
        events = settle(sandbox, inbox)

        dropped = sandbox.show("callbacks")["dropped"]
        assert len(events) == 100 - dropped
        assert 30 <= dropped <= 70

    def test_what_is_late_comes_when_the_clock_says_so(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen(delay=30)
        self.scans(sandbox, wecom, 1)
        assert settle(sandbox, inbox) == []

        sandbox.order("clock", advance=31)

        assert len(settle(sandbox, inbox)) == 2

    def test_what_is_refused_comes_three_times(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen()
        inbox.statuses = [500, 503, 200, 500, 500, 500]
        self.scans(sandbox, wecom, 1)
        sandbox.order("callbacks/wait", seconds=10)

        assert len(inbox.arrived) == 1
        assert {name: sandbox.show("callbacks").get(name) for name in ("tries", "delivered", "given_up")} == {
            "tries": 6,
            "delivered": 1,
            "given_up": 1,
        }

    def test_what_is_not_answered_in_time_comes_again(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        sandbox.order("rules", half_first=False)
        inbox = listen(patience=0.2)
        inbox.rests = [0.5]
        self.scans(sandbox, wecom, 1)

        assert len(settle(sandbox, inbox)) == 1
        assert (sandbox.show("callbacks")["tries"], sandbox.show("callbacks")["delivered"]) == (2, 1)

    def test_or_once_by_the_other_reading(self, sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
        inbox = listen(retries_refusals=False)
        inbox.statuses = [500, 200]
        self.scans(sandbox, wecom, 1)
        sandbox.order("callbacks/wait", seconds=10)

        assert (sandbox.show("callbacks")["refused"], len(inbox.arrived)) == (1, 1)

    def test_an_address_that_cannot_decrypt_is_not_taken(self, sandbox: Sandbox) -> None:
        inbox = Inbox("another-corp")
        told = {"url": inbox.url, "token": TOKEN, "aes_key": AES_KEY}

        with pytest.raises(AssertionError, match="error"):
            sandbox.order("callbacks", **told)

        inbox.end()
        assert sandbox.simulator.delivery.address is None


def test_who_looks_where_callbacks_point_knows_the_truth(sandbox: Sandbox, wecom: WeCom, listen: Listen) -> None:
    """A thousand callbacks, a tenth of them twice, in another order: each only says whom to look at."""
    inbox = listen(duplicate=0.1, reorder=50, lanes=8)
    dice, control = random.Random(11), sandbox.simulator.control
    known = {
        (one.following.userid, one.person.external_userid)
        for one in wecom.customers.relations(userids=wecom.customers.staff())
    }
    pairs, config_id = sorted(known), way_of(wecom, *wecom.customers.staff())
    for number in range(400):
        scanned = control.order("scan", {"config_id": config_id, "unionid": f"oB{number}"})
        pairs.append((scanned["userid"], scanned["external_userid"]))
        if dice.random() < 0.4:
            userid, external = pairs.pop(dice.randrange(len(pairs)))
            act = dice.choice(("customer/delete", "member/delete"))
            control.order(act, {"userid": userid, "external_userid": external})
    settle(sandbox, inbox)

    for external in {one.event.external_userid for one in inbox.arrived if isinstance(one.event, CustomerEvent)}:
        known = {pair for pair in known if pair[1] != external}
        with contextlib.suppress(NotACustomer):
            followers = wecom.customers.get(external_userid=external).followers
            known |= {(one.userid, external) for one in followers}

    truth = sandbox.show("truth")["relations"]
    assert len(inbox.arrived) > len(inbox.once) > 900
    assert known == {
        (one["userid"], one["external_userid"]) for one in truth if one["tie"] in {"both", "left_by_customer"}
    }
