"""The made-up life is calibrated to what merchants report, and the truth agrees with the files."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta

import numpy as np
import phonenumbers
import pytest
from phonenumbers import geocoder

from tests.simulator.conftest import World, plan
from yutang.simulator import phones
from yutang.simulator.behaviour import PLAIN, Behaviour
from yutang.simulator.catalogue import Catalogue
from yutang.simulator.chain import made_up_chain
from yutang.simulator.chance import Dice
from yutang.simulator.names import GIVEN_NAMES, SURNAMES
from yutang.simulator.orders import OrderBook
from yutang.simulator.people import People
from yutang.simulator.plan import Cause, Plan, SizeOutOfRange
from yutang.simulator.run import demo_chain
from yutang.simulator.seasons import online_factor, store_factor


def many_people(**changes: object) -> tuple[Plan, People]:
    """Sixty thousand people without any files."""
    wished = plan(customers=60_000, **changes)
    dice = Dice(wished.seed)
    return wished, People(wished, dice, made_up_chain(wished, dice))


class TestHooks:
    def test_win_as_many_leads_as_merchants_report(self) -> None:
        _, people = many_people()
        ids = np.arange(60_000)

        origin, buys = people.origin(ids), people.buys(ids)

        assert buys[origin == 1].mean() == pytest.approx(0.58, abs=0.02)  # at 99 yuan
        assert 0.03 < buys[origin == 2].mean() < 0.08  # at 1,500 yuan

    def test_lead_to_prepaid_cards_for_three_in_ten(self, simulated) -> None:
        counted = simulated(customers=12_000).summary.counted

        assert counted["top_ups"] / counted["hook_buyers"] == pytest.approx(0.30, abs=0.05)

    def test_are_sold_as_group_buying_at_99_yuan(self, world: World) -> None:
        rows = world.rows("youzan", "youzan_orders", encoding="utf-8-sig")

        hooks = [row for row in rows if "体验券" in row["全部商品名称"]]

        assert hooks
        assert {(row["订单类型"], row["应收订单金额"]) for row in hooks} == {("多人拼团订单", "99.00")}


class TestPurchases:
    def test_follow_the_rate_and_the_dropout_of_the_truth(self) -> None:
        wished, people = many_people()
        ids = np.arange(60_000)
        behaviour = Behaviour(wished, people.dice, people, ())

        lives, purchases = behaviour.block(0, ids)

        habits = wished.habits
        assert lives.rate.mean() == pytest.approx(habits.rate_shape / habits.rate_scale_days, rel=0.02)
        repeats = np.bincount(purchases.position[purchases.ordinal > 0], minlength=len(ids))[lives.buys]
        died_with_one = ((repeats == 1) & (lives.ended[lives.buys] >= 0)).sum()
        share = died_with_one / (repeats >= 1).sum()
        assert share == pytest.approx(habits.dropout_a / (habits.dropout_a + habits.dropout_b), abs=0.01)

    def test_of_the_living_come_at_their_rate(self) -> None:
        wished, people = many_people()
        behaviour = Behaviour(wished, people.dice, people, ())
        lives, purchases = behaviour.block(0, np.arange(60_000))

        steady = lives.alive & (lives.started < 86_400 * 30)
        repeats = np.bincount(
            purchases.position[(purchases.ordinal > 0) & (purchases.ordinal < 4095)], minlength=60_000
        )
        heavy = steady & (lives.rate > 0.02)

        expected = (lives.rate * (wished.days - lives.started / 86_400))[heavy].sum()
        assert repeats[heavy].sum() == pytest.approx(expected, rel=0.05)

    def test_bring_what_goes_with_the_garment_of_the_order_before(self) -> None:
        wished, people = many_people()
        behaviour, catalogue = Behaviour(wished, people.dice, people, ()), Catalogue()
        book = OrderBook(wished, people.dice, people=people, catalogue=catalogue, behaviour=behaviour, causes=())
        orders, _ = book.of(*behaviour.block(0, np.arange(20_000)))
        plain = np.sort(orders[(orders["kind"] == PLAIN) & (orders["key"] & 4096 == 0)], order="key")
        product = plain["product"][:, 0].astype(np.int64)

        follows = plain["key"][1:] - plain["key"][:-1] == 1
        goes_with = product[1:] == catalogue.companions[product[:-1]]
        by_chance = product[1:] == catalogue.companions[product[:-1][::-1]]

        # Where the order before had itself begun with a companion, the garment behind it does not show.
        shown = 1 - wished.habits.companion
        assert goes_with[follows].mean() == pytest.approx(wished.habits.companion * shown, rel=0.15)
        assert by_chance[follows].mean() < 0.02

    def test_peak_on_the_days_of_trade(self, simulated) -> None:
        rows = simulated(customers=12_000, platforms=("taobao",)).rows("taobao", "ExportOrderList", encoding="gbk")

        days = Counter(row["订单创建时间"][:10] for row in rows if row["订单创建时间"])
        quiet = np.mean([days[(date(2026, 9, 1) + timedelta(days=n)).isoformat()] for n in range(28)])
        festival = np.mean([days[(date(2026, 2, 14) + timedelta(days=n)).isoformat()] for n in range(10)])
        assert days["2026-11-11"] / quiet == pytest.approx(7.0, rel=0.25)
        assert days["2026-06-18"] / quiet == pytest.approx(4.5, rel=0.25)
        assert festival / quiet < 0.6

    def test_at_the_till_happen_while_it_is_open(self, world: World) -> None:
        hours = {
            row["销售时间"][11:13]
            for row in world.rows("till", "till_sales", encoding="utf-8")
            if row["销售时间"] and not row["原小票号"]
        }

        assert hours <= {f"{hour:02d}" for hour in range(10, 22)}

    def test_weekends_are_strong_in_stores_and_the_festival_is_quiet(self) -> None:
        assert store_factor(date(2026, 9, 5)) > 1.5 * store_factor(date(2026, 9, 1))
        assert online_factor(date(2026, 2, 17)) < 0.5 * online_factor(date(2026, 3, 17))


class TestTruth:
    def test_says_when_people_bought_last(self, simulated) -> None:
        world = simulated(customers=800, causes=(), platforms=("taobao",))
        names = {row["person_id"]: row for row in world.truth("alive.csv")}
        last: dict[str, str] = {}
        person = {row["order_number"]: row for row in world.truth("orders.csv")}
        for row in world.rows("taobao", "ExportOrderList", encoding="gbk"):
            told = person.get(row["订单编号"].removeprefix('="').removesuffix('"'))
            if told and told["kind"] != "unpaid_attempt" and row["订单创建时间"]:
                last[told["person_id"]] = max(last.get(told["person_id"], ""), row["订单创建时间"][:10])

        gone = [key for key, row in names.items() if row["end_date"] and key in last]
        right = sum(names[key]["end_date"] == last[key] for key in gone)

        assert len(gone) > 100
        assert right / len(gone) > 0.98  # a dirty row may hide the last purchase
        assert all(names[key]["alive"] == "0" for key in gone)

    def test_gives_every_order_to_somebody_who_buys_except_walk_ins(self, world: World) -> None:
        buyers = {row["person_id"] for row in world.truth("people.csv") if row["buys"] == "1"}

        for row in world.truth("orders.csv"):
            assert row["person_id"] in buyers or (row["person_id"] == "" and row["platform"] == "till")

    def test_finds_the_phone_of_the_file_among_the_person_s(self, world: World) -> None:
        known = {row["person_id"]: set(row["phones"].split(";")) for row in world.truth("people.csv")}
        owner = {row["order_number"]: row["person_id"] for row in world.truth("orders.csv") if not row["dirt"]}
        checked = 0
        for row in world.rows("youzan", "youzan_orders", encoding="utf-8-sig"):
            if row["订单号"] in owner and "*" not in row["买家手机号"]:
                assert row["买家手机号"] in known[owner[row["订单号"]]]
                checked += 1

        assert checked > 500

    def test_knows_the_planted_causes(self, simulated) -> None:
        slump = Cause("traffic", "HZ01", date(2026, 8, 1), date(2026, 11, 1), 0.5)

        quiet, plain = simulated("quiet", causes=(slump,)), simulated("plain", causes=())

        assert json.loads((quiet.folder / "truth" / "causes.json").read_text())[0]["factor"] == 0.5
        for column, ratio in (("进店人数", 0.5), ("过店人数", 0.5)):
            before, after = (footfall(world, "HZ01", column, slump) for world in (plain, quiet))
            assert after / before == pytest.approx(ratio, abs=0.05)
        receipts = [till_receipts(world, "HZ01", slump) for world in (plain, quiet)]
        assert receipts[1] / receipts[0] == pytest.approx(0.5, abs=0.1)


class TestFootfall:
    def test_is_never_less_than_the_receipts_of_the_day(self, world: World) -> None:
        receipts: Counter[tuple[str, str]] = Counter()
        for number, (code, when) in {
            row["小票号"]: (row["门店编号"], row["销售时间"][:10])
            for row in world.rows("till", "till_sales", encoding="utf-8")
            if not row["原小票号"]
        }.items():
            receipts[code, when] += 1 if "E+" not in number else 0

        for row in world.rows("footfall", "footfall", encoding="utf-8-sig"):
            assert int(row["过店人数"]) >= int(row["进店人数"]) >= receipts[row["门店编号"], row["日期"]]


class TestPeople:
    def test_have_plausible_names(self, world: World) -> None:
        named = [row["name"] for row in world.truth("people.csv")]

        assert all(2 <= len(name) <= 4 for name in named)
        top = sum(name[0] in "王李张刘陈" for name in named) / len(named)
        assert top == pytest.approx(0.285, abs=0.04)
        assert all(word.encode("gbk") for word in (*SURNAMES, *GIVEN_NAMES))
        assert len(set(SURNAMES)) == len(SURNAMES)

    def test_share_hand_on_and_change_phones_as_often_as_planned(self) -> None:
        wished, people = many_people()
        ids = np.arange(60_000)

        day = np.full(60_000, wished.days - 1)
        shared = people.shares_phone(ids).mean()
        now, before = people.phone(ids, day), people.phone(ids, np.zeros_like(day))

        assert shared == pytest.approx(0.06, abs=0.005)
        assert (now != before).mean() == pytest.approx(0.04 + 0.02, abs=0.01)
        recycled = people.recycles_phone(ids) & (ids % 2 == 1)
        assert (now[recycled] == before[np.flatnonzero(recycled) - 1]).all()
        assert (now[recycled] != now[np.flatnonzero(recycled) - 1]).all()

    def test_never_use_a_number_at_the_same_time_unless_they_share_it(self) -> None:
        wished, people = many_people()
        alone = np.flatnonzero(~people.shares_phone(np.arange(60_000)))

        for day in (0, wished.days // 2, wished.days - 1):
            used = people.phone(alone, np.full(len(alone), day))
            assert len(np.unique(used)) == len(used)


class TestPhones:
    def test_pass_as_mobile_numbers_and_lie_where_no_region_is_served(self) -> None:
        some = phones.first_numbers(np.arange(0, 9_000_000, 45_000), offset=7).tolist()
        some += phones.second_numbers(np.arange(0, 9_000_000, 45_000), offset=7).tolist()
        some += phones.store_numbers(50, offset=7).tolist()

        for number in some:
            parsed = phonenumbers.parse(str(number), "CN")
            assert phonenumbers.is_valid_number_for_region(parsed, "CN")
            assert phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
            assert str(number)[:4] in {"1455", "1456"}
        for block in range(1_455_000, 1_457_000):
            nowhere = phonenumbers.parse(f"{block}0000", "CN")
            assert geocoder.description_for_number(nowhere, "zh") in {"", "中国"}

    def test_of_stores_belong_to_no_person(self) -> None:
        people = phones.first_numbers(np.arange(phones.MOST_PEOPLE), offset=3)

        assert not np.isin(phones.store_numbers(1000, offset=3), people).any()


class TestPlan:
    def test_refuses_sizes_that_cannot_be_made(self) -> None:
        with pytest.raises(SizeOutOfRange):
            plan(customers=0)
        with pytest.raises(SizeOutOfRange):
            plan(to_date=date(2025, 5, 25))

    def test_of_the_demo_ends_yesterday(self) -> None:
        today = date(2026, 11, 20)

        demo = demo_chain(7, today)

        assert (demo.to_date, demo.customers, demo.stores) == (today, 6000, 8)


def footfall(world: World, code: str, column: str, cause: Cause) -> int:
    """Sum of a column of a store over the days of a cause."""
    days = (cause.first_date.isoformat(), cause.end_date.isoformat())
    rows = world.rows("footfall", "footfall", encoding="utf-8-sig")
    return sum(int(row[column]) for row in rows if row["门店编号"] == code and days[0] <= row["日期"] < days[1])


def till_receipts(world: World, code: str, cause: Cause) -> int:
    """Receipts of a store over the days of a cause."""
    days = (cause.first_date.isoformat(), cause.end_date.isoformat())
    rows = world.rows("till", "till_sales", encoding="utf-8")
    return len({row["小票号"] for row in rows if row["门店编号"] == code and days[0] <= row["销售时间"][:10] < days[1]})
