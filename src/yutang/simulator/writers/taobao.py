"""Taobao: order report and item report, GBK, ids as ="…", the word null, header names with a stray space."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.chance import Ints
from yutang.simulator.orders import CANCELLED, UNPAID, Orders
from yutang.simulator.scribe import QUOTED
from yutang.simulator.writers.desk import FORMULA, Desk, Dirt, Writer

ORDER_HEADER: Final = (
    "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,订单状态,"
    "买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,订单备注,"
    "宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费,发票抬头,是否手机订单,分阶段订单信息,定金排名,修改后的sku,"
    "修改后的收货地址,异常信息,天猫卡券抵扣,集分宝抵扣,是否是O2O交易,退款金额,确认收货时间,打款商家金额"
)
ITEM_HEADER: Final = "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码"
SHOP: Final = "棠里衣橱旗舰店"
#: By order status; the comma is ASCII inside the quotes.
_STATUS: Final = (
    "等待买家付款",
    "买家已付款,等待卖家发货",
    "卖家已发货,等待买家确认",
    "交易成功",
    "交易关闭",
    "交易关闭",
)
_REASONS: Final = ("", "", "", "", "买家未付款", "买家申请退款")
_FIRST_NUMBER: Final = 2_318_640_000_000_000_000


class TaobaoWriter(Writer):
    """Writes ExportOrderList and ExportOrderDetailList."""

    platform = "taobao"
    encoding = "gbk"
    format = "taobao_orders"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        stamp = desk.plan.to_date.strftime("%Y%m%d") + "0001"
        self._orders = self.sheet(f"ExportOrderList{stamp}.csv", ORDER_HEADER)
        self._items = self.sheet(f"ExportOrderDetailList{stamp}.csv", ITEM_HEADER)
        self._specs = tuple(f"颜色分类:{colour};尺码:{size}" for colour, size in desk.catalogue.specs)

    def write(self, orders: Orders) -> pa.Array:
        """Append to both reports."""
        numbers = (
            _FIRST_NUMBER + self.running(orders) * 37_000_000 + self.desk.dice.whole("order tail", orders["key"], 10**6)
        )
        dirt = self.dirt(orders)
        self._orders.write(self._order_rows(orders, numbers, dirt))
        self._items.write(self._item_rows(orders, numbers))
        return self.scribe.number(numbers).cast(pa.string())

    def _order_rows(self, orders: Orders, numbers: Ints, dirt: Dirt) -> pa.Array:
        scribe, catalogue = self.scribe, self.desk.catalogue
        receiver = self.receiver(orders)
        paid = (orders["status"] != UNPAID) & (orders["status"] != CANCELLED)
        total = orders["total"].astype(np.int64)
        created = scribe.moment(orders["second"])
        paid_at = scribe.moment(orders["second"] + 20 + self.desk.dice.whole("pays after", orders["key"], 180))
        number = scribe.join('="', scribe.number(numbers), '"')
        first = orders["product"][:, 0].astype(np.int64)
        nothing = np.zeros(len(orders), dtype=np.int64)
        cells = {
            "订单编号": scribe.either(dirt.bad_id, '"2.31864E+18"', number),
            "买家会员名": self.nickname(orders),
            "买家应付货款": scribe.money(orders["goods"].astype(np.int64) - orders["discount"]),
            "买家应付邮费": scribe.money(orders["shipping"]),
            "买家支付积分": "0",
            "总金额": scribe.money(total),
            "返点积分": "0",
            "买家实际支付金额": scribe.money(np.where(paid, total, nothing)),
            "买家实际支付积分": "0",
            "订单状态": scribe.words(_STATUS, orders["status"]),
            "买家留言": scribe.either(dirt.formula, FORMULA, "null"),
            "收货人姓名": self.receiver_name(receiver, orders),
            "收货地址 ": scribe.join(*self.place(receiver), by=" "),
            "运送方式": "快递",
            "联系电话 ": "'null",
            "联系手机": scribe.join("'", self._mobile(receiver, orders, dirt)),
            "订单创建时间": scribe.either(dirt.no_date, "", created),
            "订单付款时间 ": scribe.either(paid & ~dirt.no_date, paid_at, ""),
            "宝贝标题 ": scribe.words(catalogue.names, first),
            "宝贝种类 ": scribe.number((orders["quantity"] > 0).sum(axis=1)),
            "物流公司": "圆通速递",
            "宝贝总数量": scribe.number(orders["quantity"].sum(axis=1)),
            "店铺Id": "0",
            "店铺名称": SHOP,
            "订单关闭原因": scribe.words(_REASONS, orders["status"]),
            "卖家服务费": "0",
            "买家服务费": "0.00元",
            "是否手机订单": "手机订单",
            "退款金额": scribe.money(orders["refunded"]),
            "打款商家金额": scribe.join(scribe.money(np.where(paid, total - orders["refunded"], nothing)), "元"),
        }
        return self.row(ORDER_HEADER, cells, form=QUOTED, raw=frozenset({"订单编号"}))

    def _mobile(self, receiver: Ints, orders: Orders, dirt: Dirt) -> pa.Array:
        """A virtual number carries an extension of four digits and expires: it is nobody's."""
        phones = self.phone(receiver, orders)
        virtual = self.desk.dice.happens("virtual", orders["key"], self.desk.plan.untidiness.virtual_phone)
        relay = 14_569_000_000 + self.desk.dice.whole("relay", orders["key"], 900_000)
        extension = self.scribe.padded(self.desk.dice.whole("extension", orders["key"], 10_000), 4)
        extended = self.scribe.join(self.scribe.number(relay), "-", extension)
        return self.scribe.either(virtual & ~dirt.bad_phone, extended, self.shown_phone(phones, orders, dirt))

    def _item_rows(self, orders: Orders, numbers: Ints) -> pa.Array:
        scribe, catalogue = self.scribe, self.desk.catalogue
        lines = self.lines(orders)
        cells = {
            "订单编号": scribe.join('="', scribe.number(numbers[lines.order]), '"'),
            "标题": scribe.words(catalogue.names, lines.product),
            "价格": scribe.money(lines.unit_price),
            "购买数量": scribe.number(lines.quantity),
            "外部系统编号": "null",
            "商品属性": scribe.words(self._specs, self.spec(orders[lines.order], lines.nth)),
            "套餐信息": "null",
            "备注": "null",
            "订单状态": scribe.words(_STATUS, orders["status"][lines.order]),
            "商家编码": scribe.words(catalogue.codes, lines.product),
        }
        return self.row(ITEM_HEADER, cells, form=QUOTED, raw=frozenset({"订单编号"}))
