"""WeChat shop (微信小店): a workbook, one row a line; a new one before the rows that a spreadsheet takes are used up.

Nobody but the receiver is in this file, so that nobody could say whose a gift was: there are none here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.orders import CANCELLED, DAY, SHIPPED, UNPAID, Orders
from yutang.simulator.scribe import Piece
from yutang.simulator.workbook import CELLS
from yutang.simulator.writers.desk import FORMULA, Desk, Writer

HEADER: Final = (
    "订单号,订单下单时间,订单发货时间,订单确认收货时间,订单完成结算时间,订单状态,发货方式,收件人姓名,收件人地址,省,市,区,收件人手机,买家备注,"
    "商家备注,打标颜色,商品总价,订单实际支付金额,订单实际收款金额,订单运费,商品优惠,跨店优惠,商品改价,积分抵扣,支付方式,支付时间,交易单号,"
    "物流公司,快递单号,技术服务费,技术服务费(人气卡返还),运费险预计投保费用,带货方式,带货账号类型,带货账号昵称,带货费用类型,带货费用,"
    "带货费用渠道,带货佣金率,礼物单号,商品名称,商品编码(平台),商品编码(自定义),SKU编码(自定义),商品属性,商品价格(单件),"
    "商品实际价格(单件),商品实际价格(总共),是否预售,商品数量,商品平台券优惠,商品平均运费,定制信息,定制预览图,商品发货,商品售后,商品已退款金额"
)
_STATUS: Final = ("待付款", "待发货", "待收货", "已完成", "已取消", "全部商品售后之后，订单取消")
_FORMULA: Final = FORMULA.replace('""', '"').replace("&", "&amp;")
#: Rows after which a workbook is full enough; a sheet takes 1,048,576.
_MOST_ROWS: Final = 900_000
_FIRST_NUMBER: Final = 3_728_000_000_000_000_000


class WechatShopWriter(Writer):
    """Writes wechat_shop_orders.xlsx."""

    platform = "wechat_shop"
    encoding = "utf-8"
    format = "wechat_shop_orders"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._stem = f"wechat_shop_orders_{desk.plan.to_date:%Y%m%d}"
        self._book = self.workbook(f"{self._stem}.xlsx", HEADER)
        self._specs = tuple(f"颜色:{colour};尺码:{size}" for colour, size in desk.catalogue.specs)

    def write(self, orders: Orders) -> pa.Array:
        """Append the lines of the orders."""
        scribe, catalogue, dice = self.scribe, self.desk.catalogue, self.desk.dice
        numbers = _FIRST_NUMBER + self.running(orders) * 4096 + dice.whole("order tail", orders["key"], 4096)
        number = scribe.number(numbers)
        dirt = self.dirt(orders)
        lines = self.lines(orders)
        order = lines.order
        at_line = pa.array(order)
        receiver = orders["person"].astype(np.int64)
        province, city, district, street = self.place(receiver)
        paid = (orders["status"] != UNPAID) & (orders["status"] != CANCELLED)
        shipped = paid & (orders["status"] >= SHIPPED)
        pay = scribe.moment(orders["second"] + 8 + dice.whole("pays after", orders["key"], 50))
        total = orders["total"].astype(np.int64)
        refund = np.where(lines.nth == 0, orders["refunded"][order], 0)
        phone = self.shown_phone(self.phone(receiver, orders), orders, dirt)
        cells: dict[str, Piece] = {
            "订单号": scribe.either(dirt.bad_id, "3.728E+18", number).take(at_line),
            "订单下单时间": scribe.either(dirt.no_date, "", scribe.moment(orders["second"])).take(at_line),
            "订单发货时间": scribe.either(shipped, scribe.moment(orders["second"] + DAY), "").take(at_line),
            "订单状态": scribe.words(_STATUS, orders["status"][order]),
            "发货方式": "快递",
            "收件人姓名": self.receiver_name(receiver, orders).take(at_line),
            "收件人地址": scribe.join(province, city, district, street).take(at_line),
            "省": province.take(at_line),
            "市": city.take(at_line),
            "区": district.take(at_line),
            "收件人手机": phone.take(at_line),
            "买家备注": scribe.either(dirt.formula, _FORMULA, "").take(at_line),
            "商品总价": scribe.money(orders["goods"]).take(at_line),
            "订单实际支付金额": scribe.money(np.where(paid, total, 0)).take(at_line),
            "订单实际收款金额": scribe.money(np.where(paid, total - orders["refunded"], 0)).take(at_line),
            "订单运费": scribe.money(orders["shipping"]).take(at_line),
            "商品优惠": scribe.money(orders["discount"]).take(at_line),
            "支付方式": "微信支付",
            "支付时间": scribe.either(paid & ~dirt.no_date, pay, "").take(at_line),
            "物流公司": "中通快递",
            "带货方式": "-",
            "商品名称": scribe.words(catalogue.names, lines.product),
            "商品编码(平台)": scribe.number(10_000_100_000_000 + lines.product * 104_729),
            "商品编码(自定义)": scribe.words(catalogue.codes, lines.product),
            "商品属性": scribe.words(self._specs, self.spec(orders[order], lines.nth)),
            "商品价格(单件)": scribe.money(lines.unit_price),
            "商品实际价格(单件)": scribe.money(lines.paid // lines.quantity),
            "商品实际价格(总共)": scribe.money(lines.paid),
            "是否预售": "否",
            "商品数量": scribe.number(lines.quantity),
            "商品售后": scribe.either(refund > 0, "售后完成", "-"),
            "商品已退款金额": scribe.money(refund),
        }
        if self._book.rows > _MOST_ROWS:
            self._book = self.workbook(f"{self._stem}_{len(self.sheets) + 1}.xlsx", HEADER)
        self._book.write(self.row(HEADER, cells, form=CELLS))
        return number.cast(pa.string())
