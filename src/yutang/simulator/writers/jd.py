"""JD: GBK, one row a line with the order's amounts on each, masked phones, an empty last column."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.orders import CANCELLED, UNPAID, Orders
from yutang.simulator.writers.desk import FORMULA, Desk, Writer

HEADER: Final = (
    "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态,订单类型,下单帐号,"
    "客户姓名,客户地址,联系电话,订单备注,发票类型,发票抬头,发票内容,商家备注,商家备注等级（等级1-5为由高到低）,运费金额,"
    "付款确认时间,增值税发票,货号,订单完成时间,订单来源,订单渠道,"
)
_STATUS: Final = ("等待付款", "等待出库", "等待确认收货", "完成", "已取消", "已取消")
_FIRST_NUMBER: Final = 301_000_000_000


class JdWriter(Writer):
    """Writes jd_orders.csv."""

    platform = "jd"
    encoding = "gbk"
    format = "jd_orders"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._sheet = self.sheet(f"jd_orders_{desk.plan.to_date:%Y%m%d}.csv", HEADER)
        self._specs = tuple(f" {colour} {size}" for colour, size in desk.catalogue.specs)

    def write(self, orders: Orders) -> pa.Array:
        """Append the lines of the orders."""
        scribe, catalogue, dice, people = self.scribe, self.desk.catalogue, self.desk.dice, self.desk.people
        number = scribe.number(_FIRST_NUMBER + self.running(orders) * 17 + dice.whole("order tail", orders["key"], 17))
        dirt = self.dirt(orders)
        buyer = orders["person"].astype(np.int64)
        receiver = self.receiver(orders)
        lines = self.lines(orders)
        at_line = pa.array(lines.order)
        paid = (orders["status"] != UNPAID) & (orders["status"] != CANCELLED)
        done = orders["status"] == 3
        pay = orders["second"] + 15 + dice.whole("pays after", orders["key"], 90)
        due = orders["goods"].astype(np.int64) - orders["discount"]
        account = scribe.join("jd_", scribe.number(people.account(buyer, orders["key"])))
        product = scribe.words(catalogue.names, lines.product)
        spec = scribe.words(self._specs, self.spec(orders[lines.order], lines.nth))
        phone = self.masked(self.phone(receiver, orders), first=1, stars="******")
        cells = {
            "订单号": scribe.either(dirt.bad_id, "3.01E+11", number).take(at_line),
            "商品ID": scribe.number(100_000_000 + lines.product * 7919),
            "商品名称": scribe.join(product, spec),
            "订购数量": scribe.number(lines.quantity),
            "支付方式": "在线支付",
            "下单时间": scribe.either(dirt.no_date, "", scribe.moment(orders["second"])).take(at_line),
            "京东价": scribe.money(lines.unit_price),
            "订单金额": scribe.money(orders["goods"]).take(at_line),
            "结算金额": scribe.money(due + orders["shipping"]).take(at_line),
            "余额支付": "0",
            "应付金额": scribe.money(due + orders["shipping"]).take(at_line),
            "订单状态": scribe.words(_STATUS, orders["status"][lines.order]),
            "订单类型": "SOP",
            "下单帐号": account.take(at_line),
            "客户姓名": self.receiver_name(receiver, orders).take(at_line),
            "客户地址": scribe.join(*self.place(receiver)).take(at_line),
            "联系电话": scribe.either(dirt.bad_phone, "无", phone).take(at_line),
            "订单备注": scribe.either(dirt.formula, f'"{FORMULA}"', "").take(at_line),
            "发票类型": "不开发票",
            "商家备注等级（等级1-5为由高到低）": "0",
            "运费金额": scribe.money(orders["shipping"]).take(at_line),
            "付款确认时间": scribe.either(paid & ~dirt.no_date, scribe.moment(pay), "").take(at_line),
            "货号": scribe.words(catalogue.codes, lines.product),
            "订单完成时间": scribe.either(done, scribe.moment(orders["second"] + 5 * 86_400), "").take(at_line),
            "订单来源": "APP",
        }
        self._sheet.write(self.row(HEADER, cells))
        return number.cast(pa.string())
