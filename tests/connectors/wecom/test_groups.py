"""Groups, figures, posts, hand-overs, links, media: every call of the client, over HTTP, against the simulated WeCom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.connectors.wecom.conftest import Sandbox
from yutang.connectors.wecom.api.acquisition import LinkPlan, with_channel
from yutang.connectors.wecom.api.handover import HandoverStatus
from yutang.connectors.wecom.api.moments import Post
from yutang.connectors.wecom.api.welcome import GroupWelcome
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import (
    NotFound,
    NothingGiven,
    OverLimit,
    ParameterRefused,
    StaffNotReady,
    WeComError,
)
from yutang.connectors.wecom.messages import File, Image, Link, Message, MiniProgram
from yutang.connectors.wecom.wire import Upload

PICTURE = Upload("海报.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) + b"\r\n--x\r\n", "image/png")
DAY = 86_400


def at(sandbox: Sandbox) -> datetime:
    """Return the simulated time."""
    return datetime.fromtimestamp(sandbox.world.now(), UTC)


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
