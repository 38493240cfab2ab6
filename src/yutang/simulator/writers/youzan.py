"""Youzan: orders and customers, UTF-8 with BOM; one header name occurs twice, customers end in an empty column."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.behaviour import HOOK, Lives
from yutang.simulator.chance import Ints, Mask
from yutang.simulator.orders import ATTEMPT, CANCELLED, COMPLETED, DAY, NONE, REFUNDED, UNPAID, Orders
from yutang.simulator.people import NICKNAMES
from yutang.simulator.plan import YOUZAN
from yutang.simulator.scribe import Piece
from yutang.simulator.writers.desk import FORMULA, Desk, Writer
from yutang.simulator.writers.members import Cards

ORDER_HEADER: Final = (
    "订单号,销售渠道,归属店铺,订单类型,订单状态,推广方式,订单来源,订单创建时间,买家付款时间,交易成功时间,付款方式,支付流水号,商品金额合计,运费,"
    "店铺优惠合计,应收订单金额,订单实付金额,支付优惠合计,订单实收金额,订单抵用积分数,店铺优惠方式,支付优惠方式,全部商品名称,商品种类数,"
    "订单配送方式,同城送达时间/提货时间,收货人省份,收货人城市,收货人地区,详细收货地址/提货地址,收货人/提货人,收货人手机号/提货人手机号,"
    "买家备注,订单星级,买家昵称,买家是否会员,买家手机号,下单网点,收银员,分销员,销售导购,专属导购,订单退款状态,订单已退款金额,商家订单备注,"
    "桌号,挂账主体,挂账手机号,团长订单,订单风险标签,分销员,分销员手机号,分销员所属店铺,分销员所属团队,分销员所属分组,分销员等级,"
    "订单佣金类型,订单佣金金额,订单下级卖货提成类型,订单下级卖货提成金额"
)
CUSTOMER_HEADER: Final = (
    "客户姓名,客户昵称,客户手机号,客户生日,客户性别,标签,是否会员,成长值,免费等级,付费等级,权益卡,客户积分,客户储值余额,消费次数,消费金额,"
    "累计退款金额,累计退款订单数,笔单价,上次消费时间,分销员,导购员,企微好友,来源渠道,来源方式,成为客户时间,成为会员时间,成为会员店铺,"
    "公众号,公众号关注时间,最近浏览时间,微信地域,所属区域,指定时间消费次数,指定时间消费金额,"
)
_SHOP: Final = "棠里衣橱小程序商城"
_STATUS: Final = ("待付款", "待发货", "已发货", "交易完成", "交易关闭", "交易关闭")
_KINDS: Final = ("普通订单", "多人拼团订单")
_REFUNDS: Final = ("", "部分退款", "全额退款")
_CHANNELS: Final = ("网店", "门店")
_YES: Final = ("否", "是")
_SEXES: Final = ("男", "女")


@dataclass(frozen=True)
class Bought:
    """What each person bought in this shop. Arrays of shape ``(people,)``, money in fen."""

    times: Ints
    spent: Ints
    refunds: Ints
    refunded: Ints
    last: Ints

    def of(self, chosen: Mask) -> Bought:
        """Return the same for some of the people."""
        return Bought(*(getattr(self, name.name)[chosen] for name in fields(self)))


class YouzanWriter(Writer):
    """Writes youzan_orders.csv and, with `tell`, youzan_customers.csv."""

    platform = "youzan"
    encoding = "utf-8-sig"
    format = "youzan_orders"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.scribe = self.utf8()
        self._cards = Cards(desk.people)
        self._stores = tuple(store.name for store in desk.chain.stores)
        self._specs = tuple(f" {colour} {size}(" for colour, size in desk.catalogue.specs)
        stamp = f"{desk.plan.to_date:%Y%m%d}"
        self._sheet = self.sheet(f"youzan_orders_{stamp}.csv", ORDER_HEADER)
        self._customers = self.sheet(f"youzan_customers_{stamp}.csv", CUSTOMER_HEADER)

    def write(self, orders: Orders) -> pa.Array:
        """Append the orders."""
        scribe, dice, people = self.scribe, self.desk.dice, self.desk.people
        within = orders["second"] % DAY
        clock = within // 3600 * 10_000 + within // 60 % 60 * 100 + within % 60
        day = scribe.day(orders["second"] // DAY, form="%Y%m%d")
        number = scribe.join("E", day, scribe.padded(clock, 6), scribe.padded(self.running(orders), 9))
        dirt = self.dirt(orders)
        buyer, receiver = orders["person"].astype(np.int64), self.receiver(orders)
        province, city, district, street = self.place(receiver)
        paid = (orders["status"] != UNPAID) & (orders["status"] != CANCELLED)
        done = (orders["status"] == COMPLETED) | (orders["status"] == REFUNDED)
        pay = scribe.moment(orders["second"] + 8 + dice.whole("pays after", orders["key"], 50))
        total = orders["total"].astype(np.int64)
        refund = np.where(orders["refunded"] == 0, 0, np.where(orders["refunded"] == total, 2, 1))
        guide = np.maximum(orders["guide"], 0)
        guided = (orders["guide"] >= 0) & (orders["store"] >= 0)
        cells: dict[str, Piece] = {
            "订单号": scribe.either(dirt.bad_id, "4.45E+17", number),
            "销售渠道": scribe.words(_CHANNELS, (orders["kind"] == HOOK).astype(np.int64)),
            "归属店铺": _SHOP,
            "订单类型": scribe.words(_KINDS, (orders["kind"] == HOOK).astype(np.int64)),
            "订单状态": scribe.words(_STATUS, orders["status"]),
            "订单来源": "商家小程序",
            "订单创建时间": scribe.either(dirt.no_date, "", scribe.moment(orders["second"])),
            "买家付款时间": scribe.either(paid & ~dirt.no_date, pay, ""),
            "交易成功时间": scribe.either(done, scribe.moment(orders["second"] + 6 * DAY), ""),
            "付款方式": scribe.either(paid, "微信支付", ""),
            "商品金额合计": scribe.money(orders["goods"]),
            "运费": scribe.money(orders["shipping"]),
            "店铺优惠合计": scribe.money(orders["discount"]),
            "应收订单金额": scribe.money(total),
            "订单实付金额": scribe.money(np.where(paid, total, 0)),
            "支付优惠合计": "0.00",
            "订单实收金额": scribe.money(np.where(paid, total, 0)),
            "订单抵用积分数": "0",
            "全部商品名称": self._goods(orders),
            "商品种类数": scribe.number((orders["quantity"] > 0).sum(axis=1)),
            "订单配送方式": "快递",
            "收货人省份": province,
            "收货人城市": city,
            "收货人地区": district,
            "详细收货地址/提货地址": scribe.join(province, city, district, street),
            "收货人/提货人": self.receiver_name(receiver, orders),
            "收货人手机号/提货人手机号": scribe.number(self.phone(receiver, orders)),
            "买家备注": scribe.either(dirt.formula, f'"{FORMULA}"', ""),
            "买家昵称": self._chat_name(buyer),
            "买家是否会员": scribe.words(_YES, people.is_member(buyer).astype(np.int64)),
            "买家手机号": self.shown_phone(self.phone(buyer, orders), orders, dirt),
            "下单网点": scribe.words(self._stores, np.maximum(orders["store"], 0)),
            "销售导购": scribe.either(guided, self.guide_name(np.maximum(orders["store"], 0), guide), ""),
            "订单退款状态": scribe.words(_REFUNDS, refund),
            "订单已退款金额": scribe.money(orders["refunded"]),
            "团长订单": "否",
            "订单风险标签": "——",
            "订单佣金金额": "0.00",
            "订单下级卖货提成金额": "0.00",
        }
        self._sheet.write(self.row(ORDER_HEADER, cells))
        return number.cast(pa.string())

    def tell(self, lives: Lives, orders: Orders) -> None:
        """Append those of a block of people who know the shop, with what they bought there."""
        bought = _bought(lives, orders[(orders["platform"] == YOUZAN) & (orders["kind"] != ATTEMPT)])
        knows = lives.buys & ((lives.favourite == YOUZAN) | (lives.second == YOUZAN) | (bought.times > 0))
        self._customers.write(self._customer_rows(lives, knows, bought.of(knows)))

    def _customer_rows(self, lives: Lives, knows: Mask, bought: Bought) -> pa.Array:
        scribe, dice, people = self.scribe, self.desk.dice, self.desk.people
        ids, since = lives.ids[knows], lives.started[knows]
        no_phone = dice.uniform("youzan phone", ids)
        phone = people.phone(ids, since // DAY)
        masked = scribe.either(no_phone < 0.10, self.masked(phone, stars="******", last=2), scribe.number(phone))
        named = dice.happens("youzan name", ids, 0.7)
        member = people.is_member(ids)
        guided = dice.happens("youzan guide", ids, 0.4)
        guide = self.guide_name(people.home_store(ids), dice.whole("contact guide", ids, 4))
        cells: dict[str, Piece] = {
            "客户姓名": scribe.either(named, self.name(ids), ""),
            "客户昵称": self._chat_name(ids),
            "客户手机号": scribe.either(no_phone < 0.05, "", masked),
            "客户生日": scribe.either(dice.happens("birthday known", ids, 0.6), self._cards.birthday(scribe, ids), ""),
            "客户性别": scribe.words(_SEXES, people.female(ids).astype(np.int64)),
            "是否会员": scribe.words(_YES, member.astype(np.int64)),
            "成长值": "1",
            "客户积分": scribe.number(bought.spent // 100),
            "客户储值余额": "0.00",
            "消费次数": scribe.number(bought.times),
            "消费金额": scribe.money(bought.spent),
            "累计退款金额": scribe.money(bought.refunded),
            "累计退款订单数": scribe.number(bought.refunds),
            "笔单价": scribe.money(bought.spent // np.maximum(bought.times, 1)),
            "上次消费时间": scribe.either(bought.times > 0, scribe.moment(bought.last), ""),
            "导购员": scribe.either(guided, guide, ""),
            "企微好友": scribe.words(_YES, people.is_wecom_contact(ids).astype(np.int64)),
            "来源渠道": "微信小程序",
            "来源方式": "登录创建客户",
            "成为客户时间": scribe.moment(since),
            "成为会员时间": scribe.either(member, scribe.moment(since), ""),
            "成为会员店铺": scribe.either(member, scribe.words(self._stores, people.home_store(ids)), ""),
        }
        return self.row(CUSTOMER_HEADER, cells)

    def _chat_name(self, ids: Ints) -> pa.Array:
        stem = self.scribe.words(NICKNAMES, self.desk.people.nickname_stem(ids))
        return self.scribe.join(stem, self.scribe.number(self.desk.people.chat_name_number(ids)))

    def _goods(self, orders: Orders) -> pa.Array:
        """All lines in one cell: 名称 颜色 尺码(1件);名称 ..."""
        scribe, catalogue = self.scribe, self.desk.catalogue
        parts: list[Piece] = []
        for nth in range(3):
            product = orders["product"][:, nth].astype(np.int64)
            there = product != NONE
            spec = scribe.words(self._specs, self.spec(orders, np.full(len(orders), nth)))
            name = scribe.words(catalogue.names, np.where(there, product, 0))
            part = scribe.join(";" if nth else "", name, spec, scribe.number(orders["quantity"][:, nth]), "件)")
            parts.append(scribe.either(there, part, ""))
        return scribe.join(*parts)


def _bought(lives: Lives, orders: Orders) -> Bought:
    """Totals by person of a block; `last` is the second of the last order, 0 where there is none."""
    people = len(lives.ids)
    position = orders["person"].astype(np.int64) - (int(lives.ids[0]) if people else 0)
    last = np.zeros(people, dtype=np.int64)
    np.maximum.at(last, position, orders["second"])

    def totals(weights: Ints) -> Ints:
        return np.bincount(position, weights, minlength=people).astype(np.int64)

    return Bought(
        times=np.bincount(position, minlength=people).astype(np.int64),
        spent=totals(orders["total"]),
        refunds=totals((orders["refunded"] > 0).astype(np.int64)),
        refunded=totals(orders["refunded"]),
        last=last,
    )
