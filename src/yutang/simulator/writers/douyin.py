"""Douyin: UTF-8 with BOM, a tab in front of every text, one row a sub-order, people as ciphertext."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.orders import CANCELLED, SHIPPED, UNPAID, Orders
from yutang.simulator.scribe import Piece
from yutang.simulator.writers.desk import FORMULA, Desk, Writer

HEADER: Final = (
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价,订单应付金额,运费,优惠总金额,平台优惠,商家优惠,达人优惠,"
    "商家改价,支付优惠,红包抵扣,支付方式,手续费,收件人,收件人手机号,省,市,区,街道,详细地址,订单提交时间,旗帜颜色,商家备注,"
    "支付完成时间,APP渠道,流量来源,订单状态,承诺发货时间,订单类型,达人ID,达人昵称,所属门店ID,售后状态,取消原因,广告渠道,"
    "流量类型,流量体裁,流量渠道,发货时间,降价类优惠,平台实际承担优惠金额,商家实际承担优惠金额,达人实际承担优惠金额"
)
_STATUS: Final = ("待支付", "备货中", "已发货", "已完成", "已关闭", "已关闭")
_AFTER_SALES: Final = ("-", "退款成功")
_REASONS: Final = ("-", "-", "-", "-", "买家未付款", "买家申请退款")
_FIRST_NUMBER: Final = 6_917_926_768_000_000_000
_SOURCES: Final = ("直播", "短视频", "商品卡")


class DouyinWriter(Writer):
    """Writes a file whose name starts with the instant of export."""

    platform = "douyin"
    encoding = "utf-8-sig"
    format = "douyin_orders"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.scribe = self.utf8()
        midnight = datetime.combine(desk.plan.to_date, datetime.min.time(), tzinfo=UTC) - timedelta(hours=8)
        self._sheet = self.sheet(f"{int(midnight.timestamp())}_douyin_orders.csv", HEADER)
        self._specs = tuple(f"{colour};{size}" for colour, size in desk.catalogue.specs)

    def write(self, orders: Orders) -> pa.Array:
        """Append the sub-orders; the first has the number of the order."""
        scribe, catalogue, dice = self.scribe, self.desk.catalogue, self.desk.dice
        numbers = _FIRST_NUMBER + self.running(orders) * 10_000 + dice.whole("order tail", orders["key"], 1000) * 10
        dirt = self.dirt(orders)
        lines = self.lines(orders)
        order = lines.order
        at_line = pa.array(order)
        receiver = self.receiver(orders)
        province, city, district, _ = self.place(receiver)
        paid = (orders["status"] != UNPAID) & (orders["status"] != CANCELLED)
        shipped = paid & (orders["status"] >= SHIPPED)
        pay = scribe.moment(orders["second"] + 5 + dice.whole("pays after", orders["key"], 60))
        shipping = np.where(lines.nth == 0, orders["shipping"][order], 0)
        rebate = lines.unit_price * lines.quantity - lines.paid
        refunded = (orders["refunded"] == orders["total"]) & (orders["refunded"] > 0)
        cells: dict[str, Piece] = {
            "主订单编号": self._text(scribe.either(dirt.bad_id, "6.91793E+18", scribe.number(numbers)).take(at_line)),
            "子订单编号": self._text(scribe.number(numbers[order] + lines.nth)),
            "选购商品": self._text(scribe.words(catalogue.names, lines.product)),
            "商品规格": self._text(scribe.words(self._specs, self.spec(orders[order], lines.nth))),
            "商品数量": scribe.number(lines.quantity),
            "商品ID": self._text(scribe.number(3_600_000_000_000_000 + lines.product * 104_729)),
            "商家编码": self._text(scribe.words(catalogue.codes, lines.product)),
            "商品单价": scribe.money(lines.unit_price),
            "订单应付金额": scribe.money(lines.paid + shipping),
            "运费": scribe.money(shipping),
            "优惠总金额": scribe.money(rebate),
            "商家优惠": scribe.money(rebate),
            "支付方式": "抖音支付",
            "收件人": self._cipher("##", receiver, "name").take(at_line),
            "收件人手机号": self._cipher("$$", self.phone(receiver, orders), "phone").take(at_line),
            "省": province.take(at_line),
            "市": city.take(at_line),
            "区": district.take(at_line),
            "街道": "-",
            "详细地址": self._cipher("##", receiver, "address").take(at_line),
            "订单提交时间": scribe.either(dirt.no_date, "", scribe.moment(orders["second"])).take(at_line),
            "商家备注": scribe.either(dirt.formula, f'"{FORMULA}"', "-").take(at_line),
            "支付完成时间": scribe.either(paid & ~dirt.no_date, pay, "-").take(at_line),
            "APP渠道": "抖音",
            "流量来源": scribe.words(_SOURCES, dice.chosen("source", orders["key"], (6, 2, 2))[order]),
            "订单状态": scribe.words(_STATUS, orders["status"][order]),
            "订单类型": "普通订单",
            "售后状态": scribe.words(_AFTER_SALES, refunded.astype(np.int64)[order]),
            "取消原因": scribe.words(_REASONS, orders["status"][order]),
            "发货时间": scribe.either(shipped, scribe.moment(orders["second"] + 86_400), "-").take(at_line),
            "平台实际承担优惠金额": "0.00",
            "商家实际承担优惠金额": scribe.money(rebate),
            "达人实际承担优惠金额": "0.00",
        }
        self._sheet.write(self.row(HEADER, cells))
        return scribe.number(numbers).cast(pa.string())

    def _text(self, piece: pa.Array) -> pa.Array:
        return self.scribe.join('"\t', piece, '"')

    def _cipher(self, mark: str, clear: np.ndarray, what: str) -> pa.Array:
        """Ciphertext as it is shown: equal values look equal, and nothing can be read from it."""
        return self.scribe.join(mark, self.scribe.hexadecimal(self.desk.dice.bits(f"cipher {what}", clear)))
