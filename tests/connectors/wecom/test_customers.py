"""Codes, customers and tags: every call of the client, over HTTP, against the simulated WeCom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.connectors.wecom.conftest import Sandbox
from yutang.connectors.wecom.api.customers import Remark
from yutang.connectors.wecom.api.tags import NewTag
from yutang.connectors.wecom.api.ways import ContactWay, JoinWay
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
from yutang.connectors.wecom.settings import Disputed

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

    @pytest.mark.parametrize("most", [0, 3])
    def test_relations_come_whole_whatever_the_pages(self, sandbox: Sandbox, wecom: WeCom, most: int) -> None:
        sandbox.order("rules", most_per_page=most)
        relations = list(wecom.customers.relations(userids=wecom.customers.staff()))

        assert {(one.following.userid, one.person.external_userid) for one in relations} == {
            (userid, external) for userid, found in sandbox.world.relations.items() for external in found
        }
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
