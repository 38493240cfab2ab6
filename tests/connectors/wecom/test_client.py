"""Every call of the client, over HTTP, against the simulated WeCom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.connectors.wecom.conftest import Sandbox
from yutang.connectors.wecom.api.acquisition import LinkPlan, with_channel
from yutang.connectors.wecom.api.customers import Remark, by_person
from yutang.connectors.wecom.api.handover import HandoverStatus
from yutang.connectors.wecom.api.moments import Post
from yutang.connectors.wecom.api.tags import NewTag
from yutang.connectors.wecom.api.ways import ContactWay, JoinWay
from yutang.connectors.wecom.api.welcome import GroupWelcome
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import (
    AlreadySo,
    NotACustomer,
    NotFound,
    NothingGiven,
    OverLimit,
    ParameterRefused,
    QuotaFull,
    StaffNotReady,
    WeComError,
)
from yutang.connectors.wecom.messages import File, Image, Link, Message, MiniProgram
from yutang.connectors.wecom.settings import Disputed
from yutang.connectors.wecom.wire import Upload

PICTURE = Upload("海报.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) + b"\r\n--x\r\n", "image/png")
DAY = 86_400


def at(sandbox: Sandbox) -> datetime:
    """Return the simulated time."""
    return datetime.fromtimestamp(sandbox.world.now(), UTC)


class TestContactWays:
    def test_are_made_read_changed_and_deleted(self, wecom: WeCom) -> None:
        made = wecom.contact_ways.add(
            way=ContactWay(users=("staff001", "staff002"), state="parcel-card", remark="包裹卡")
        )
        wecom.contact_ways.update(
            config_id=made.config_id, way=ContactWay(users=("staff003",), state="poster", skip_verify=False)
        )
        kept = wecom.contact_ways.get(config_id=made.config_id)

        assert made.qr_code.startswith("https://")
        assert (kept.users, kept.state, kept.remark, kept.skip_verify, kept.kind) == (
            ("staff003",),
            "poster",
            "",
            False,
            2,
        )
        wecom.contact_ways.delete(config_id=made.config_id)
        with pytest.raises(NotFound):
            wecom.contact_ways.get(config_id=made.config_id)

    def test_are_listed_by_when_they_were_made_page_by_page(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("rules", most_per_page=2)
        made = {wecom.contact_ways.add(way=ContactWay(users=("staff001",))).config_id for _ in range(5)}
        seeded = set(sandbox.show("state")["contact_ways"]) - made

        assert set(wecom.contact_ways.ids()) == made | seeded
        sandbox.order("clock", advance=100 * DAY)
        assert list(wecom.contact_ways.ids()) == []
        assert set(wecom.contact_ways.ids(since=at(sandbox) - timedelta(days=120))) == made | seeded

    def test_of_a_single_member_and_in_a_mini_programme(self, wecom: WeCom) -> None:
        made = wecom.contact_ways.add(way=ContactWay(users=("staff001",), kind=1, scene=1, style=1))

        assert made.qr_code == ""
        assert wecom.contact_ways.get(config_id=made.config_id).kind == 1

    @pytest.mark.parametrize(
        "way",
        [
            ContactWay(users=("staff001", "staff002"), kind=1),
            ContactWay(users=tuple(f"u{n}" for n in range(101))),
            ContactWay(users=("staff001",), state="s" * 31),
            ContactWay(users=("staff001",), remark="备" * 31),
        ],
    )
    def test_beyond_the_limits_are_refused_before_anything_is_sent(
        self, sandbox: Sandbox, wecom: WeCom, way: ContactWay
    ) -> None:
        with pytest.raises(OverLimit):
            wecom.contact_ways.add(way=way)
        assert sandbox.show("calls")["calls"] == []

    def test_of_nobody_are_refused(self, wecom: WeCom) -> None:
        with pytest.raises(NothingGiven):
            wecom.contact_ways.add(way=ContactWay(users=()))

    def test_of_somebody_who_may_not_serve_are_refused(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.world.staff["staff002"].is_active = False
        sandbox.world.staff["staff003"].is_verified = False

        for userid in ("staff002", "staff003"):
            with pytest.raises(StaffNotReady):
                wecom.contact_ways.add(way=ContactWay(users=(userid,)))
        with pytest.raises(ParameterRefused):
            wecom.contact_ways.add(way=ContactWay(users=("nobody",)))

    def test_end_with_the_quota_of_the_corp(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("rules", ways=3)
        wecom.contact_ways.add(way=ContactWay(users=("staff001",)))

        with pytest.raises(QuotaFull):
            wecom.contact_ways.add(way=ContactWay(users=("staff001",)))

    def test_there_is_no_temporary_chat_to_close(self, wecom: WeCom) -> None:
        with pytest.raises(WeComError) as raised:
            wecom.contact_ways.close_temporary_chat(userid="staff001", external_userid="wm1")
        assert raised.value.errcode == 41056


class TestJoinWays:
    def test_are_made_read_changed_and_deleted(self, sandbox: Sandbox, wecom: WeCom) -> None:
        chats = list(sandbox.world.chats)
        config_id = wecom.join_ways.add(
            way=JoinWay(chat_ids=(chats[0],), state="store", base_name="福利群", base_number=10)
        )
        wecom.join_ways.update(config_id=config_id, way=JoinWay(chat_ids=(chats[1], chats[2]), opens_new_groups=False))
        kept = wecom.join_ways.get(config_id=config_id)

        assert (kept.chat_ids, kept.auto_create_room, kept.state) == ((chats[1], chats[2]), 0, "")
        assert kept.qr_code
        wecom.join_ways.delete(config_id=config_id)
        with pytest.raises(NotFound):
            wecom.join_ways.get(config_id=config_id)

    def test_lead_to_no_more_than_five_groups(self, wecom: WeCom) -> None:
        with pytest.raises(OverLimit):
            wecom.join_ways.add(way=JoinWay(chat_ids=tuple(f"wr{n}" for n in range(6))))

    def test_lead_to_groups_that_are_there(self, wecom: WeCom) -> None:
        with pytest.raises(NotFound):
            wecom.join_ways.add(way=JoinWay(chat_ids=("wrNone",)))


class TestCustomers:
    def test_staff_and_their_customers_are_listed(self, sandbox: Sandbox, wecom: WeCom) -> None:
        found = {userid: wecom.customers.of_staff(userid=userid) for userid in wecom.customers.staff()}

        assert {len(customers) for customers in found.values()} == {6}
        assert {one for customers in found.values() for one in customers} == set(sandbox.world.people)

    def test_who_has_none_has_an_empty_list(self, sandbox: Sandbox) -> None:
        sandbox.world.relations["staff001"].clear()

        assert sandbox.client().customers.of_staff(userid="staff001") == ()
        with pytest.raises(NotACustomer):
            sandbox.client(disputed=Disputed(no_customers_code=None)).customers.of_staff(userid="staff001")

    @pytest.mark.parametrize("page", [0, 3])
    def test_relations_come_whole_whatever_the_pages(self, sandbox: Sandbox, wecom: WeCom, page: int) -> None:
        sandbox.order("rules", most_per_page=page)
        relations = list(wecom.customers.relations(userids=wecom.customers.staff()))

        assert {(one.following.userid, one.person.external_userid) for one in relations} == {
            (userid, external) for userid, found in sandbox.world.relations.items() for external in found
        }
        assert by_person(relations).keys() == sandbox.world.people.keys()
        first = relations[0]
        kept = sandbox.world.relations[first.following.userid][first.person.external_userid]
        assert first.following.tag_ids == tuple(kept.tags)
        assert int(first.following.created_at.timestamp()) == int(kept.created_at)
        assert first.person.unionid == sandbox.unionid(first.person.external_userid)

    def test_a_card_shows_all_followers(self, sandbox: Sandbox, wecom: WeCom) -> None:
        customer = wecom.customers.of_staff(userid="staff001")[0]
        way = wecom.contact_ways.add(way=ContactWay(users=("staff002",), state="live"))
        sandbox.order("scan", config_id=way.config_id, unionid=sandbox.unionid(customer))
        sandbox.order("rules", most_per_page=1)

        card = wecom.customers.get(external_userid=customer)

        assert {one.userid: one.state for one in card.followers} == {"staff001": "", "staff002": "live"}
        assert card.person.external_userid == customer

    def test_notes_are_written_and_cleared(self, sandbox: Sandbox, wecom: WeCom) -> None:
        customer = wecom.customers.of_staff(userid="staff001")[0]
        wecom.customers.note(
            userid="staff001",
            external_userid=customer,
            remark=Remark(remark="妈妈", description="两个孩子", mobiles=("14550000001",)),
        )
        noted = wecom.customers.get(external_userid=customer).followers[0]
        wecom.customers.note(userid="staff001", external_userid=customer, remark=Remark(mobiles=()))
        cleared = wecom.customers.get(external_userid=customer).followers[0]

        assert (noted.remark, noted.description, noted.mobiles) == ("妈妈", "两个孩子", ("14550000001",))
        assert (cleared.remark, cleared.mobiles) == ("妈妈", ())

    @pytest.mark.parametrize(("by", "sent"), [("text", ("",)), ("list", ())])
    def test_what_clears_numbers_is_a_setting(self, sandbox: Sandbox, by: str, sent: tuple[str, ...]) -> None:
        sandbox.order("rules", clears_mobiles_by=by)
        client = sandbox.client(disputed=Disputed(no_mobiles=sent))
        customer = client.customers.of_staff(userid="staff001")[0]
        client.customers.note(userid="staff001", external_userid=customer, remark=Remark(mobiles=("14550000001",)))

        client.customers.note(userid="staff001", external_userid=customer, remark=Remark(mobiles=()))

        assert sandbox.world.relations["staff001"][customer].mobiles == []

    def test_notes_that_are_too_long_or_empty_are_refused(self, wecom: WeCom) -> None:
        with pytest.raises(OverLimit):
            wecom.customers.note(userid="staff001", external_userid="wm", remark=Remark(remark="长" * 21))
        with pytest.raises(NothingGiven):
            wecom.customers.note(userid="staff001", external_userid="wm", remark=Remark())

    def test_who_was_deleted_by_staff_is_no_customer_and_who_left_is(self, sandbox: Sandbox, wecom: WeCom) -> None:
        deleted, left = wecom.customers.of_staff(userid="staff001")[:2]
        sandbox.order("member/delete", userid="staff001", external_userid=deleted)
        sandbox.order("customer/delete", userid="staff001", external_userid=left)

        assert deleted not in wecom.customers.of_staff(userid="staff001")
        assert left in wecom.customers.of_staff(userid="staff001")
        with pytest.raises(NotACustomer):
            wecom.customers.get(external_userid=deleted)
        with pytest.raises(NotFound):
            wecom.customers.get(external_userid="wmNobody")

    def test_are_known_by_ids_of_other_worlds(self, sandbox: Sandbox, wecom: WeCom) -> None:
        person = next(iter(sandbox.world.people.values()))
        chat_id = next(iter(sandbox.world.chats))

        assert wecom.customers.by_unionid(unionid=person.unionid, openid=person.openid) == person.external_userid
        assert wecom.customers.openid_of(external_userid=person.external_userid) == person.openid
        assert wecom.customers.chat_by_opengid(opengid=f"og{chat_id}") == chat_id
        with pytest.raises(NotFound):
            wecom.customers.by_unionid(unionid="nobody", openid="nobody")

    def test_everybody_served_is_listed(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("rules", most_per_page=5)

        assert {one.external_userid for one in wecom.customers.served()} == set(sandbox.world.people)

    def test_an_app_sees_only_the_staff_that_it_may(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("app", sees=["staff001"])

        assert wecom.customers.staff() == ("staff001",)
        with pytest.raises(WeComError):
            wecom.customers.of_staff(userid="staff002")


class TestTags:
    def test_are_made_renamed_marked_and_deleted(self, sandbox: Sandbox, wecom: WeCom) -> None:
        group = wecom.tags.add(
            tags=[NewTag("身高160", order=5), NewTag("身高170"), NewTag("身高160")], group_name="体型"
        )
        more = wecom.tags.add(tags=[NewTag("身高180")], group_name="体型")
        first = group.tags[0]
        customer = wecom.customers.of_staff(userid="staff001")[0]
        wecom.tags.mark(userid="staff001", external_userid=customer, add=[first.id])
        wecom.tags.rename(tag_or_group_id=first.id, name="身高165")
        labels = wecom.customers.get(external_userid=customer).followers[0].labels

        assert [tag.name for tag in group.tags] == ["身高160", "身高170"]
        assert more.id == group.id
        assert ("体型", "身高165") in {(one.group_name, one.name) for one in labels}
        wecom.tags.mark(userid="staff001", external_userid=customer, remove=[first.id])
        assert first.id not in sandbox.world.relations["staff001"][customer].tags

        wecom.tags.delete(tag_ids=[tag.id for tag in (*group.tags, *more.tags)])
        assert group.id not in {one.id for one in wecom.tags.groups()}
        (gone,) = wecom.tags.groups(group_ids=[group.id])
        assert gone.deleted
        assert all(tag.deleted for tag in gone.tags)

    def test_are_refused_when_there_or_unknown_or_too_many(self, sandbox: Sandbox, wecom: WeCom) -> None:
        group = wecom.tags.groups()[0]
        customer = wecom.customers.of_staff(userid="staff001")[0]

        with pytest.raises(AlreadySo):
            wecom.tags.add(tags=[NewTag(group.tags[0].name)], group_id=group.id)
        with pytest.raises(NotFound):
            wecom.tags.mark(userid="staff001", external_userid=customer, add=["etNone"])
        with pytest.raises(NotACustomer):
            wecom.tags.mark(userid="staff002", external_userid=customer, add=[group.tags[0].id])
        with pytest.raises(OverLimit):
            wecom.tags.add(tags=[NewTag("长" * 31)], group_id=group.id)
        sandbox.order("rules", tags=9)
        with pytest.raises(QuotaFull):
            wecom.tags.add(tags=[NewTag("一个多")], group_id=group.id)

    def test_only_what_is_asked_for(self, wecom: WeCom) -> None:
        groups = wecom.tags.groups()
        (found,) = wecom.tags.groups(tag_ids=[groups[0].tags[1].id])

        assert [tag.id for tag in found.tags] == [groups[0].tags[1].id]


class TestGroups:
    def test_are_listed_and_read(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("rules", most_per_page=1)
        listed = [one.chat_id for one in wecom.groups.list()]
        group = wecom.groups.get(chat_id=listed[0])

        assert set(listed) == set(sandbox.world.chats)
        assert len(list(wecom.groups.list(owners=["staff001"]))) == 2
        assert {one.id for one in group.members} == set(sandbox.world.chats[listed[0]].members)
        assert {one.kind for one in group.members} == {1, 2}
        assert all(one.name for one in group.members)

    def test_are_shown_late(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("clock", stop=True)
        chat_id = next(iter(sandbox.world.chats))
        newcomer = next(one for one in sandbox.world.people if one not in sandbox.world.chats[chat_id].members)
        before = wecom.groups.get(chat_id=chat_id)
        sandbox.order("group/join", chat_id=chat_id, member=newcomer, inviter="staff001")

        assert wecom.groups.get(chat_id=chat_id) == before
        sandbox.order("clock", advance=2)
        after = wecom.groups.get(chat_id=chat_id)
        assert {one.id for one in after.members} - {one.id for one in before.members} == {newcomer}
        assert next(one for one in after.members if one.id == newcomer).inviter == "staff001"
        assert after.member_version != before.member_version

    def test_of_who_left_must_be_named_and_are_handed_over(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("member/leave", userid="staff001")
        left = [one.chat_id for one in wecom.groups.list(owners=["staff001"], status=1)]

        assert set(left).isdisjoint(one.chat_id for one in wecom.groups.list())
        assert wecom.groups.transfer(chat_ids=left, new_owner="staff002") == ()
        assert {one.chat_id: one.status for one in wecom.groups.list(owners=["staff002"])}.items() >= dict.fromkeys(
            left, 3
        ).items()

    def test_of_who_is_there_go_twice_in_ninety_days(self, sandbox: Sandbox, wecom: WeCom) -> None:
        chat_id = next(one.chat_id for one in wecom.groups.list(owners=["staff001"]))

        assert wecom.groups.transfer_active(chat_ids=[chat_id], new_owner="staff002") == ()
        assert wecom.groups.transfer_active(chat_ids=[chat_id], new_owner="staff003") == ()
        (failed,) = wecom.groups.transfer_active(chat_ids=[chat_id], new_owner="staff001")
        assert (failed.chat_id, failed.errcode) == (chat_id, 90505)
        (unknown,) = wecom.groups.transfer(chat_ids=[chat_id], new_owner="staff001")
        assert unknown.errcode == 90500

    def test_that_are_gone_are_not_found(self, sandbox: Sandbox, wecom: WeCom) -> None:
        chat_id = next(iter(sandbox.world.chats))
        sandbox.order("group/dismiss", chat_id=chat_id)

        with pytest.raises(NotFound):
            wecom.groups.get(chat_id=chat_id)


class TestStatistics:
    def test_count_what_happened(self, sandbox: Sandbox, wecom: WeCom) -> None:
        chat_id = next(one.chat_id for one in wecom.groups.list(owners=["staff001"]))
        strangers = [one for one in sandbox.world.people if one not in sandbox.world.chats[chat_id].members][:2]
        before = {one.owner: one.figures for one in self.owners(sandbox, wecom)}
        for one in strangers:
            sandbox.order("group/join", chat_id=chat_id, member=one)
        sandbox.order("group/say", chat_id=chat_id, member=strangers[0], messages=3)
        sandbox.order("group/leave", chat_id=chat_id, member=strangers[1])
        customer = wecom.customers.of_staff(userid="staff001")[0]
        sandbox.order("talk", userid="staff001", external_userid=customer, messages=4)
        sandbox.order("customer/delete", userid="staff001", external_userid=customer)
        happened = at(sandbox)
        sandbox.order("clock", advance=DAY)

        (mine,) = [one.figures for one in self.owners(sandbox, wecom) if one.owner == "staff001"]
        (day,) = wecom.statistics.groups_by_day(first_day=happened, owners=["staff001"])
        (served,) = wecom.statistics.staff(userid="staff001", first_day=happened, last_day=happened)

        assert (mine.new_members, mine.messages, mine.members_with_messages, mine.groups_with_messages) == (2, 3, 1, 1)
        assert mine.members == before["staff001"].members + 1
        assert mine.groups == 2
        assert day.figures == mine
        assert (served.chats, served.messages, served.lost, served.reply_percentage) == (1, 4, 1, 100)

    def test_know_their_range(self, sandbox: Sandbox, wecom: WeCom) -> None:
        today = at(sandbox)

        for first, last in (
            (today, today),
            (today - timedelta(days=200), today - timedelta(days=190)),
            (today - timedelta(days=40), today - timedelta(days=1)),
        ):
            with pytest.raises(ParameterRefused):
                list(wecom.statistics.groups_by_owner(first_day=first, last_day=last))

    def test_come_whole_whatever_the_pages(self, sandbox: Sandbox, wecom: WeCom) -> None:
        whole = self.owners(sandbox, wecom)
        sandbox.order("rules", most_per_page=1)

        assert len(whole) == 2
        assert self.owners(sandbox, wecom) == whole

    def owners(self, sandbox: Sandbox, wecom: WeCom) -> list[object]:
        yesterday = at(sandbox) - timedelta(days=1)
        return list(wecom.statistics.groups_by_owner(first_day=yesterday, last_day=yesterday))


class TestMoments:
    def test_are_asked_for_posted_and_liked(self, sandbox: Sandbox, wecom: WeCom) -> None:
        media = wecom.media.upload_attachment(kind="image", use=1, upload=PICTURE)
        tag = wecom.tags.groups()[0].tags[0].id
        meant = {one.external_userid for one in sandbox.world.relations["staff001"].values() if tag in one.tags} or {
            wecom.customers.of_staff(userid="staff001")[0]
        }
        for one in meant:
            wecom.tags.mark(userid="staff001", external_userid=one, add=[tag])
        jobid = wecom.moments.create(
            post=Post("新款到店", (Image(media.media_id),), senders=("staff001",), tag_ids=(tag,))
        )

        assert not wecom.moments.result(jobid=jobid).is_done
        sandbox.order("clock", advance=3)
        made = wecom.moments.result(jobid=jobid)
        assert made.is_done
        assert set(wecom.moments.audience(moment_id=made.moment_id, userid="staff001")) == meant
        assert list(wecom.moments.reached(moment_id=made.moment_id, userid="staff001")) == []
        assert [(one.userid, one.is_published) for one in wecom.moments.posters(moment_id=made.moment_id)] == [
            ("staff001", False)
        ]

        sandbox.order("member/publish", moment_id=made.moment_id, userid="staff001")
        reader = next(iter(meant))
        sandbox.order("customer/react", moment_id=made.moment_id, userid="staff001", external_userid=reader)
        comments, likes = wecom.moments.reactions(moment_id=made.moment_id, userid="staff001")
        assert set(wecom.moments.reached(moment_id=made.moment_id, userid="staff001")) == meant
        assert (comments, [one.external_userid for one in likes]) == ((), [reader])
        assert [
            one.moment_id for one in wecom.moments.listed(since=at(sandbox) - timedelta(days=1), until=at(sandbox))
        ] == [made.moment_id]

        wecom.moments.cancel(moment_id=made.moment_id)
        with pytest.raises(NotFound):
            list(wecom.moments.posters(moment_id=made.moment_id))

    def test_take_pictures_or_one_link_but_not_both(self, wecom: WeCom) -> None:
        link = Link("标题", "https://shop.example.com/")

        for attachments in ((link, link), (link, Image("m")), (Image("m"),) * 10):
            with pytest.raises(OverLimit):
                wecom.moments.create(post=Post("新款", attachments))
        with pytest.raises(NothingGiven):
            wecom.moments.create(post=Post())

    def test_are_asked_for_ten_times_a_minute_at_most(self, sandbox: Sandbox) -> None:
        client = sandbox.client(patience_seconds=0)
        sandbox.order("clock", stop=True)
        for _ in range(10):
            client.moments.create(post=Post("新款"))

        with pytest.raises(WeComError, match="externalcontact/add_moment_task"):
            client.moments.create(post=Post("新款"))


class TestHandovers:
    def test_are_done_after_a_day_unless_refused(self, sandbox: Sandbox, wecom: WeCom) -> None:
        first, second, third = wecom.customers.of_staff(userid="staff001")[:3]
        started = wecom.handovers.start(
            giver="staff001", taker="staff002", external_userids=[first, second, "wmNobody"], words="您好"
        )
        sandbox.order("handover/refuse", taker="staff002", external_userid=second)

        assert [one.errcode for one in started] == [0, 0, 40096]
        assert self.statuses(wecom) == {first: HandoverStatus.WAITING, second: HandoverStatus.REFUSED}
        (again,) = wecom.handovers.start(giver="staff001", taker="staff003", external_userids=[first])
        assert again.errcode == 40129
        sandbox.order("clock", advance=DAY)
        assert self.statuses(wecom) == {first: HandoverStatus.DONE, second: HandoverStatus.REFUSED}
        assert first in wecom.customers.of_staff(userid="staff002")
        assert first not in wecom.customers.of_staff(userid="staff001")
        assert {second, third} <= set(wecom.customers.of_staff(userid="staff001"))
        taken = next(one for one in wecom.customers.get(external_userid=first).followers)
        assert (taken.userid, taken.add_way) == ("staff002", 202)

    def test_of_who_left(self, sandbox: Sandbox, wecom: WeCom) -> None:
        customers = wecom.customers.of_staff(userid="staff003")
        with pytest.raises(StaffNotReady):
            wecom.handovers.start_of_left(giver="staff003", taker="staff001", external_userids=customers)
        sandbox.order("member/leave", userid="staff003")
        sandbox.order("rules", most_per_page=2)

        assert {one.external_userid for one in wecom.handovers.unassigned()} == set(customers)
        wecom.handovers.start_of_left(giver="staff003", taker="staff001", external_userids=customers)
        assert list(wecom.handovers.unassigned()) == []
        sandbox.order("clock", advance=DAY)
        assert {one.status for one in wecom.handovers.results_of_left(giver="staff003", taker="staff001")} == {
            HandoverStatus.DONE
        }
        assert set(customers) <= set(wecom.customers.of_staff(userid="staff001"))

    def test_stop_where_the_taker_is_full(self, sandbox: Sandbox, wecom: WeCom) -> None:
        sandbox.order("rules", customers_of_staff=6)
        customer = wecom.customers.of_staff(userid="staff001")[0]

        (one,) = wecom.handovers.start(giver="staff001", taker="staff002", external_userids=[customer])

        assert one.errcode == 40099

    def statuses(self, wecom: WeCom) -> dict[str, HandoverStatus]:
        return {one.external_userid: one.status for one in wecom.handovers.results(giver="staff001", taker="staff002")}


class TestAcquisitionLinks:
    def test_win_customers(self, sandbox: Sandbox, wecom: WeCom) -> None:
        made = wecom.acquisition.create(plan=LinkPlan("抖音主页", users=("staff001",)))
        wecom.acquisition.update(link_id=made.link_id, plan=LinkPlan("视频号", users=("staff002",)))
        sandbox.order("link/click", link_id=made.link_id, unionid="oNew1", channel="live-0311")
        sandbox.order("link/click", link_id=made.link_id, unionid="oNew2", accept=False)
        (won,) = [one for one in wecom.acquisition.customers(link_id=made.link_id) if one.state]
        figures = wecom.acquisition.figures(link_id=made.link_id, first_day=at(sandbox), last_day=at(sandbox))

        kept = wecom.acquisition.get(link_id=made.link_id)
        assert (kept.name, kept.users) == ("视频号", ("staff002",))
        assert (won.state, won.userid, won.chat_status) == ("live-0311", "staff002", 0)
        assert (figures.clicked, figures.won) == (2, 1)
        assert wecom.customers.get(external_userid=won.external_userid).followers[0].add_way == 16
        assert list(wecom.acquisition.ids()) == [made.link_id]
        assert (wecom.acquisition.quota().total, wecom.acquisition.quota().balance) == (1_000, 999)
        wecom.acquisition.delete(link_id=made.link_id)
        assert list(wecom.acquisition.ids()) == []

    def test_carry_their_channel(self) -> None:
        assert (
            with_channel(url="https://a.example.com/ca/1", state="直播 1")
            == "https://a.example.com/ca/1?customer_channel=%E7%9B%B4%E6%92%AD%201"
        )
        assert with_channel(url="https://a.example.com/?x=1", state="a").endswith("?x=1&customer_channel=a")
        with pytest.raises(OverLimit):
            with_channel(url="https://a.example.com/", state="长" * 22)


class TestMediaAndStaff:
    def test_files_come_back_as_they_went(self, sandbox: Sandbox, wecom: WeCom) -> None:
        made = wecom.media.upload(kind="image", upload=PICTURE)

        assert wecom.media.get(media_id=made.media_id) == PICTURE.content
        assert made.expires_at - made.created_at == timedelta(days=3)
        sandbox.order("clock", advance=3 * DAY + 1)
        with pytest.raises(ParameterRefused):
            wecom.media.get(media_id=made.media_id)

    def test_pictures_stay(self, wecom: WeCom) -> None:
        assert wecom.media.upload_picture(upload=PICTURE).startswith("https://")

    def test_files_that_are_too_large_or_empty_are_refused(self, wecom: WeCom) -> None:
        for content in (b"12345", bytes(2 * 1024 * 1024 + 1)):
            with pytest.raises(OverLimit):
                wecom.media.upload_picture(upload=Upload("a.png", content))

    def test_staff_are_told(self, sandbox: Sandbox, wecom: WeCom) -> None:
        notice = wecom.staff.text(userids=["staff001", "nobody"], words="有 3 条群发待确认")
        wecom.staff.card(userids=["staff002"], title="今日任务", words="回访 5 位", url="https://console.example.com/")

        assert notice.unknown == ("nobody",)
        assert [one["userids"] for one in sandbox.show("notices")["notices"]] == [["staff001"], ["staff002"]]
        with pytest.raises(ParameterRefused):
            wecom.staff.text(userids=["nobody"], words="在吗")
        with pytest.raises(OverLimit):
            wecom.staff.text(userids=["staff001"], words="长" * 700)

    def test_addresses_are_told(self, wecom: WeCom) -> None:
        assert wecom.staff.callback_addresses() == ("127.0.0.1",)
        assert wecom.staff.api_addresses() == ("127.0.0.1",)


class TestGroupWelcomes:
    def test_are_made_changed_and_deleted(self, wecom: WeCom) -> None:
        template = wecom.welcomes.add_for_groups(
            welcome=GroupWelcome("欢迎 %NICKNAME%", Link("活动", "https://shop.example.com/"))
        )
        wecom.welcomes.edit_for_groups(template_id=template, welcome=GroupWelcome("欢迎光临"))

        assert wecom.welcomes.for_groups(template_id=template) == {"text": {"content": "欢迎光临"}}
        wecom.welcomes.delete_for_groups(template_id=template)
        with pytest.raises(WeComError):
            wecom.welcomes.for_groups(template_id=template)


class TestMessages:
    @pytest.mark.parametrize(
        "message",
        [
            Message("长" * 1_334),
            Message("好", (File("m"),) * 10),
            Message("好", (Link("长" * 43, "https://shop.example.com/"),)),
            Message("好", (Link("好", "https://shop.example.com/", desc="长" * 171),)),
            Message("好", (MiniProgram("长" * 22, "m", "wx1", "pages/a"),)),
        ],
    )
    def test_beyond_the_limits_are_refused(self, message: Message) -> None:
        with pytest.raises(OverLimit):
            message.as_body()

    def test_that_say_nothing_are_refused(self) -> None:
        for message in (Message(), Message("好", (Image(),))):
            with pytest.raises(NothingGiven):
                message.as_body()
