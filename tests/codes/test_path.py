"""The whole way in the sandbox: printed, scanned, greeted by the right staff in the right words, tagged, remarked, led into a group, kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.codes.conftest import SYSTEM, code, hear, keep, said, scan, spot_of, there
from tests.wecom.conftest import Shop
from yutang.codes import actions, queries, welcoming
from yutang.codes.actions import ShiftTerms, SlotTerms, SpotTerms
from yutang.codes.guards import ask_of
from yutang.codes.models import Code, Newcomer, Spot
from yutang.codes.running import ways_to_move
from yutang.communities.models import Place
from yutang.customers.actions import create_tag_in
from yutang.customers.models import CustomerTag
from yutang.foundation.models import OutboxEvent
from yutang.risk.models import Decision
from yutang.wecom.models import Account, Friendship, JoinWay
from yutang.wecom.way_making import make_join_way

pytestmark = pytest.mark.django_db


def keys(*userids: str) -> list[int]:
    found = dict(Account.objects.values_list("userid", "pk"))
    return [found[one] for one in userids]


def set_clock(shop: Shop, hour: int) -> datetime:
    """Move to the next such hour of Shanghai."""
    now = shop.now()
    local = now.astimezone(UTC) + timedelta(hours=8)
    wait = (hour - local.hour) % 24 * 3600 - local.minute * 60 - local.second
    shop.later(wait if wait > 0 else wait + 86_400)
    return shop.now()


def come_into_the_group(shop: Shop, spot: Spot, prefix: str, person: str) -> None:
    """Follow the link of the greeting: its code was asked for when the newcomer came, and is shown on the page; a place is kept there."""
    make_join_way(shop.client, way_id=JoinWay.objects.get().pk)
    found = actions.group_behind(actor=SYSTEM, token=spot.token, person=person, now=shop.now())
    place = Place.objects.select_related("community__group").get()
    assert place.community.group.name == found.name
    assert found.name.startswith(prefix)
    assert (place.customer_id, place.state) == (Newcomer.objects.get().customer_id, "held")
    assert found.picture is not None
    config_id = JoinWay.objects.get().config_id
    shop.order("scan", config_id=config_id, unionid=f"oC{1:024d}")
    hear(shop)
    assert Newcomer.objects.get().joined_group_at is not None
    place.refresh_from_db()
    assert place.state == "taken"


class TestTheWay:
    def test_from_the_printed_code_to_the_cost_of_one_who_stayed(self, shop: Shop) -> None:
        shop.sync()
        set_clock(shop, 10)
        day, night = keys("staff001", "staff002")
        tag = create_tag_in(actor=SYSTEM, group="引流", name="春季包裹", now=shop.now())
        group = next(iter(shop.world.chats.values()))
        of = code(
            [
                ShiftTerms(day, since_minute=540, until_minute=1260),
                ShiftTerms(night, since_minute=1260, until_minute=540),
            ],
            words="白天好，我是顾问",
            slots=[SlotTerms(1260, 540, "夜里好，早上回复您")],
            tag_ids=[tag],
            remark="包裹",
            group="named",
            group_prefix=group.name[:4],
            unit_cost_minor=200,
            now=shop.now(),
        )
        spot = spot_of(of)
        keep(shop)
        assert there(shop, spot) == ["staff001"]

        page = actions.open_printed(
            actor=SYSTEM, token=spot.token, method="GET", headers={"User-Agent": "MicroMessenger"}, now=shop.now()
        )
        assert page.standing == "open"
        assert page.picture is not None
        assert page.picture.sandbox_url.startswith(shop.sandbox.simulator.address)
        scan(shop, spot)
        hear(shop)
        for one in welcoming.remarks_to_make():
            assert welcoming.make_remark(shop.client, one)

        (greeting,) = said(shop)
        assert greeting["text"]["content"] == "白天好，我是顾问"
        address, _p, person = greeting["attachments"][0]["link"]["url"].partition("?p=")
        assert address == f"https://pond.example.com/c/{spot.token}/group"
        came = Newcomer.objects.get()
        assert (came.account.userid, came.was_known, came.noted) == ("staff001", False, "joined")
        assert CustomerTag.objects.get(tag_id=tag).customer_id == came.customer_id
        relation = next(
            one
            for one in shop.sandbox.show("truth")["relations"]
            if one["state"].startswith("yt-") and one["remark"].endswith("包裹")
        )
        assert relation["remark"] == "客1-包裹"

        come_into_the_group(shop, spot, group.name[:4], person)

        later = shop.now() + timedelta(days=8)
        assert welcoming.note_who_stayed(now=later) == 1
        tally = queries.code_view(access=SYSTEM, code_id=of.pk, now=later).tally
        assert (tally.scans, tally.came, tally.kept_7, tally.grouped) == (1, 1, 1, 1)
        assert (tally.kept_days, tally.cost_per_kept_minor) == (7, 200)

    def test_at_night_others_answer_in_other_words(self, shop: Shop) -> None:
        shop.sync()
        set_clock(shop, 20)
        day, night = keys("staff001", "staff002")
        of = code(
            [
                ShiftTerms(day, since_minute=540, until_minute=1260),
                ShiftTerms(night, since_minute=1260, until_minute=540),
            ],
            words="白天好",
            slots=[SlotTerms(1260, 540, "夜里好")],
            now=shop.now(),
        )
        keep(shop)
        assert there(shop, spot_of(of)) == ["staff001"]

        set_clock(shop, 21)
        assert keep(shop) == 1
        assert keep(shop) == 0
        scan(shop, spot_of(of))
        hear(shop)

        assert there(shop, spot_of(of)) == ["staff002"]
        assert Newcomer.objects.get().account.userid == "staff002"
        assert said(shop)[0]["text"]["content"] == "夜里好"

    def test_every_store_has_a_code_of_its_own_that_its_staff_answer(
        self, shop: Shop, stores: dict[str, Any], owner_staff: Any
    ) -> None:
        shop.sync()
        xuhui, other = list(stores.values())[:2]
        from yutang.foundation.models import Staff

        lin = Staff.objects.create(username="staff001", display_name="林晓")
        lin.stores.add(xuhui)
        Account.objects.filter(userid="staff001").update(staff=lin)
        one, two = keys("staff001", "staff002")
        of = code(
            [ShiftTerms(one), ShiftTerms(two)],
            spots=[SpotTerms("徐汇", xuhui.pk), SpotTerms("另一家", other.pk)],
            now=shop.now(),
        )
        keep(shop)

        first, second = Spot.objects.filter(code=of).order_by("pk")
        assert there(shop, first) == ["staff001"]
        assert there(shop, second) == ["staff001", "staff002"]
        scan(shop, second)
        hear(shop)
        came = Newcomer.objects.get()
        assert (came.spot_id, came.store_id) == (second.pk, other.pk)
        assert OutboxEvent.objects.get(kind="codes.Joined").payload["store_id"] == other.pk


class TestTheLinkIntoTheGroup:
    """The link of a greeting is a promise to one person: it outlives the code, and leads nobody else in."""

    def greeted(self, shop: Shop) -> tuple[Code, Spot, str]:
        """Let somebody come by a code that leads into a group, and return their link's own part."""
        shop.sync()
        group = next(iter(shop.world.chats.values()))
        of = code(group="named", group_prefix=group.name[:4], now=shop.now())
        keep(shop)
        scan(shop, spot_of(of))
        hear(shop)
        (greeting,) = said(shop)
        make_join_way(shop.client, way_id=JoinWay.objects.get().pk)
        return of, spot_of(of), greeting["attachments"][0]["link"]["url"].partition("?p=")[2]

    def behind(self, shop: Shop, spot: Spot, person: str = "") -> actions.GroupBehind:
        return actions.group_behind(actor=SYSTEM, token=spot.token, person=person, now=shop.now())

    def test_still_leads_in_when_the_code_or_its_batch_is_out_of_use(self, shop: Shop, client: Client) -> None:
        of, spot, person = self.greeted(shop)
        actions.switch_spot(actor=SYSTEM, code_id=of.pk, spot_id=spot.pk, is_on=False, now=shop.now())
        after_the_batch = self.behind(shop, spot, person)
        actions.switch_off(actor=SYSTEM, code_id=of.pk, now=shop.now())

        promised, stranger = self.behind(shop, spot, person), self.behind(shop, spot)

        assert (after_the_batch.standing, promised.standing, promised.is_kept) == ("open", "open", True)
        assert (stranger.standing, stranger.picture) == ("over", None)
        page = client.get(f"/c/{spot.token}/group").content.decode()
        assert "这个进群入口已经关闭" in page
        assert "群都满了" not in page

    def test_leads_nobody_else_in_once_its_person_is_there(self, shop: Shop, client: Client) -> None:
        of, spot, person = self.greeted(shop)
        before = client.get(f"/c/{spot.token}/group?p={person}").content.decode()
        assert self.behind(shop, spot, person).picture is not None
        shop.order("scan", config_id=JoinWay.objects.get().config_id, unionid=f"oC{1:024d}")
        hear(shop)

        forwarded = self.behind(shop, spot, person)

        assert (forwarded.standing, forwarded.picture, forwarded.is_in_use) == ("inside", None, True)
        after = client.get(f"/c/{spot.token}/group?p={person}").content.decode()
        assert f'href="/c/{spot.token}"' in before
        assert f'href="/c/{spot.token}"' in after
        assert "<svg" not in after
        actions.switch_off(actor=SYSTEM, code_id=of.pk, now=shop.now())
        assert f'href="/c/{spot.token}"' not in client.get(f"/c/{spot.token}/group?p={person}").content.decode()

    def test_tells_whom_the_guard_holds_back_why_and_how_to_ask_for_another_look(
        self, shop: Shop, client: Client
    ) -> None:
        _of, spot, person = self.greeted(shop)
        one = Newcomer.objects.get()
        Decision.objects.filter(key=ask_of(one.pk)).update(
            verdict="refuse", reasons=[{"code": "device_people", "params": {"n": 9}}]
        )
        Newcomer.objects.update(verdict="refuse")

        held, page = self.behind(shop, spot, person), client.get(f"/c/{spot.token}/group?p={person}").content.decode()

        assert held.standing == "stopped"
        assert "群都满了" not in page
        assert "有多人使用" in page
        assert 'href="/appeal/' in page

    def test_opened_before_the_newcomer_is_written_down_it_asks_to_wait(self, shop: Shop, client: Client) -> None:
        _of, spot, person = self.greeted(shop)
        friendship = Newcomer.objects.get().friendship
        Newcomer.objects.update(friendship=None)

        early, page = self.behind(shop, spot, person), client.get(f"/c/{spot.token}/group?p={person}")
        shop.later(11 * 60)
        late = self.behind(shop, spot, person)
        Newcomer.objects.update(friendship=friendship)

        assert early.standing == "waiting"
        assert page["Refresh"]
        assert "稍等" in page.content.decode()
        assert late.is_kept is False
        assert self.behind(shop, spot, person).is_kept

    def test_says_so_where_no_group_fits_whom_it_names(self, shop: Shop, client: Client) -> None:
        shop.sync()
        spot = spot_of(code(group="store", now=shop.now()))
        keep(shop)
        scan(shop, spot)
        hear(shop)
        (greeting,) = said(shop)
        person = greeting["attachments"][0]["link"]["url"].partition("?p=")[2]

        assert self.behind(shop, spot, person).standing == "none"
        page = client.get(f"/c/{spot.token}/group?p={person}").content.decode()
        assert "暂时没有适合您的群" in page
        assert "添加我们" not in page

    def test_of_a_batch_without_a_store_asks_who_is_not_known_to_come_by_the_code(
        self, shop: Shop, client: Client
    ) -> None:
        shop.sync()
        spot = spot_of(code(group="store", now=shop.now()))

        assert self.behind(shop, spot, "made-up").standing == "unknown"
        page = client.get(f"/c/{spot.token}/group").content.decode()
        assert f'href="/c/{spot.token}"' in page
        assert "群都满了" not in page


class TestWhoComes:
    def test_a_cap_moves_the_next_to_others_and_midnight_brings_them_back(self, shop: Shop) -> None:
        shop.sync()
        set_clock(shop, 10)
        one, two = keys("staff001", "staff002")
        of = code([ShiftTerms(one, daily_cap=1), ShiftTerms(two, is_backup=True)], now=shop.now())
        keep(shop)
        scan(shop, spot_of(of))
        hear(shop)
        keep(shop)
        assert there(shop, spot_of(of)) == ["staff002"]

        shop.later(86_400)
        keep(shop)
        assert there(shop, spot_of(of)) == ["staff001"]

    def test_even_shares_lead_to_whoever_has_fewest(self, shop: Shop) -> None:
        shop.sync()
        set_clock(shop, 9)
        of = code([ShiftTerms(key) for key in keys("staff001", "staff002", "staff003")], sharing="even", now=shop.now())
        keep(shop)

        for number in range(6):
            scan(shop, spot_of(of), number)
            hear(shop)
            keep(shop)

        came = list(Newcomer.objects.values_list("account__userid", flat=True))
        assert sorted(came) == ["staff001", "staff001", "staff002", "staff002", "staff003", "staff003"]

    def test_who_knows_one_of_the_staff_comes_back_to_that_one(self, shop: Shop) -> None:
        shop.sync()
        of = code([ShiftTerms(key) for key in keys("staff001", "staff002", "staff003")], now=shop.now())
        keep(shop)
        spot = spot_of(of)
        assert spot.way is not None
        assert shop.world.ways[spot.way.config_id].fields["is_exclusive"] is True
        known = next(iter(shop.world.customers_of("staff002")))
        unionid = shop.world.people[known.external_userid].unionid

        for _ in range(3):
            told = shop.order("scan", config_id=spot.way.config_id, unionid=unionid)

        assert told["userid"] == "staff002"

    def test_who_leaves_and_comes_back_is_one_person(self, shop: Shop) -> None:
        shop.sync()
        of = code(now=shop.now())
        keep(shop)
        told = scan(shop, spot_of(of))
        hear(shop)
        pair = {"userid": told["userid"], "external_userid": told["external_userid"]}
        shop.later(60)
        shop.order("customer/delete", **pair)
        hear(shop)
        assert Newcomer.objects.get().left_at is not None
        assert queries.codes(access=SYSTEM, now=shop.now())[0].tally.lost == 1

        shop.later(60)
        shop.order("scan", config_id=spot_of(of).way.config_id, unionid=f"oC{1:024d}")  # type: ignore[union-attr]
        hear(shop)

        assert Newcomer.objects.get().left_at is None
        assert Friendship.objects.filter(way__isnull=False).exists()


class TestRestartsAndFaults:
    def test_a_lost_answer_is_told_again_and_a_refused_one_is_shown(self, shop: Shop) -> None:
        shop.sync()
        of = code(now=shop.now())
        keep(shop)
        actions.switch_staff(actor=SYSTEM, code_id=of.pk, account_id=keys("staff001")[0], is_away=True, now=shop.now())

        shop.sandbox.fault(kind="drop_after", api="externalcontact/update_contact_way")
        keep(shop)

        assert "staff001" not in there(shop, spot_of(of))
        assert not ways_to_move(now=shop.now())
        shop.sandbox.fault(kind="code", errcode=41054, api="externalcontact/update_contact_way")
        actions.switch_staff(actor=SYSTEM, code_id=of.pk, account_id=keys("staff001")[0], is_away=False, now=shop.now())
        with pytest.raises(Exception, match="41054"):
            keep(shop)
        assert spot_of(of).fault
        assert queries.codes(access=SYSTEM, now=shop.now())[0].alarms == 1
        keep(shop)
        assert spot_of(of).fault == ""

    def test_who_died_while_telling_is_followed_by_somebody_else(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from yutang.codes import running

        shop.sync()
        of = code(now=shop.now())

        def die(*_: object, **__: object) -> bool:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(running, "move_staff", die)
            with pytest.raises(KeyboardInterrupt):
                keep(shop)
        assert spot_of(of).told is None
        assert keep(shop) == 0

        shop.later(61)
        assert keep(shop) == 1
        assert spot_of(of).told is not None

    def test_what_a_callback_did_not_tell_is_found_by_the_look_back(self, shop: Shop) -> None:
        from yutang.codes.coming import write_departures, write_newcomers

        shop.sync()
        of = code(now=shop.now())
        keep(shop)
        told = scan(shop, spot_of(of))
        shop.told.clear()
        shop.later(5)
        shop.sync()
        assert not Newcomer.objects.exists()

        assert write_newcomers(since=shop.now() - timedelta(days=8)) == 1
        assert write_newcomers(since=shop.now() - timedelta(days=8)) == 0
        shop.later(60)
        shop.order("member/delete", userid=told["userid"], external_userid=told["external_userid"])
        shop.told.clear()
        shop.later(60)
        shop.sync()
        assert write_departures(now=shop.now()) == 1
        assert Newcomer.objects.get().left_at is not None
