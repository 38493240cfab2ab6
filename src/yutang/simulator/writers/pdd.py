"""PDD: UTF-8 with BOM, one row an order, number with the date in front, people masked to nothing."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.names import SURNAMES
from yutang.simulator.orders import CANCELLED, DAY, SHIPPED, UNPAID, Orders
from yutang.simulator.writers.desk import FORMULA, Desk, Writer

HEADER: Final = (
    "订单成交时间,商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),多多支付立减金额(元),用户实付金额(元),"
    "商家实收金额(元),商品数量(件),收货人,手机,省,市,区,街道,支付时间,发货时间,确认收货时间,商品id,商品规格,样式ID,"
    "商家编码-规格维度,商家编码-商品维度,商家备注,售后状态,买家留言,快递单号,快递公司"
)
_STATUS: Final = ("待支付", "待发货", "已发货，待收货", "已收货", "已取消", "已发货，退款成功")
_AFTER_SALES: Final = ("无售后或售后取消", "退款成功")


class PddWriter(Writer):
    """Writes pdd_orders.csv. The shop sells single pieces there: one line an order."""

    platform = "pdd"
    encoding = "utf-8-sig"
    format = "pdd_orders"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.scribe = self.utf8()
        self._sheet = self.sheet(f"orders_export{desk.plan.to_date:%Y-%m-%d}.csv", HEADER)
        self._specs = tuple(f"{colour}/{size}" for colour, size in desk.catalogue.specs)

    def write(self, orders: Orders) -> pa.Array:
        """Append the orders."""
        scribe, catalogue, dice = self.scribe, self.desk.catalogue, self.desk.dice
        running = self.running(orders) * 1000 + dice.whole("order tail", orders["key"], 1000)
        day = scribe.day(orders["second"] // DAY, form="%y%m%d")
        number = scribe.join(day, "-", scribe.padded(607_198_000_000_000 + running, 15))
        dirt = self.dirt(orders)
        receiver = self.receiver(orders)
        province, city, district, _ = self.place(receiver)
        paid = (orders["status"] != UNPAID) & (orders["status"] != CANCELLED)
        shipped = paid & (orders["status"] >= SHIPPED)
        pay = scribe.moment(orders["second"] + 10 + dice.whole("pays after", orders["key"], 60))
        product = orders["product"][:, 0].astype(np.int64)
        total = orders["total"].astype(np.int64)
        cells = {
            "订单成交时间": scribe.either(paid & ~dirt.no_date, scribe.moment(orders["second"]), ""),
            "商品": scribe.words(catalogue.names, product),
            "订单号": scribe.either(dirt.bad_id, "2.60517E+20", number),
            "订单状态": scribe.words(_STATUS, orders["status"]),
            "商品总价(元)": scribe.money(orders["goods"]),
            "邮费(元)": scribe.money(orders["shipping"]),
            "店铺优惠折扣(元)": scribe.money(orders["discount"]),
            "平台优惠折扣(元)": "0",
            "多多支付立减金额(元)": "0",
            "用户实付金额(元)": scribe.money(total),
            "商家实收金额(元)": scribe.money(total),
            "商品数量(件)": scribe.number(orders["quantity"][:, 0]),
            "收货人": scribe.join(scribe.words(SURNAMES, self.desk.people.surname(receiver)), "**"),
            "手机": scribe.either(dirt.bad_phone, "无", self.masked(self.phone(receiver, orders))),
            "省": province,
            "市": city,
            "区": district,
            "街道": "****",
            "支付时间": scribe.either(paid & ~dirt.no_date, pay, ""),
            "发货时间": scribe.either(shipped, scribe.moment(orders["second"] + DAY), ""),
            "确认收货时间": scribe.either(orders["status"] == 3, scribe.moment(orders["second"] + 5 * DAY), ""),
            "商品id": scribe.number(754_299_500_000 + product),
            "商品规格": scribe.words(self._specs, self.spec(orders, np.zeros(len(orders), dtype=np.int64))),
            "商家编码-规格维度": scribe.words(catalogue.codes, product),
            "商家编码-商品维度": scribe.words(catalogue.codes, product),
            "售后状态": scribe.words(_AFTER_SALES, (orders["refunded"] == total).astype(np.int64)),
            "买家留言": scribe.either(dirt.formula, f'"{FORMULA}"', ""),
            "快递公司": "圆通速递",
        }
        self._sheet.write(self.row(HEADER, cells))
        return number.cast(pa.string())
