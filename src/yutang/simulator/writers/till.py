"""The till's own export: no known format, plain UTF-8, one row a line, returns as negative lines."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.chance import Ints
from yutang.simulator.orders import DAY, Orders
from yutang.simulator.writers.desk import FORMULA, Desk, Lines, Writer
from yutang.simulator.writers.members import Cards

HEADER: Final = (
    "小票号,门店编号,门店名称,销售时间,会员号,会员姓名,手机,商品编码,商品名称,商品类目,规格,数量,单价,折扣金额,实收金额,导购,"
    "支付方式,备注,原小票号"
)
_PAYMENTS: Final = ("微信支付", "支付宝", "现金", "银行卡", "储值卡")


class TillWriter(Writer):
    """Writes till_sales.csv."""

    platform = "till"
    encoding = "utf-8"
    format = "till"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._cards = Cards(desk.people)
        self._codes = tuple(store.code for store in desk.chain.stores)
        self._names = tuple(store.name for store in desk.chain.stores)
        self._phones = np.array([int(store.phone) for store in desk.chain.stores], dtype=np.int64)
        self._specs = tuple(f"{colour}/{size}" for colour, size in desk.catalogue.specs)
        stamp = desk.plan.to_date.strftime("%Y%m%d")
        self._sales = self.sheet(f"till_sales_{stamp}.csv", HEADER)

    def write(self, orders: Orders) -> pa.Array:
        """Append receipts, and the returns that belong to them."""
        scribe = self.scribe
        running = self.running(orders)
        code = scribe.words(self._codes, orders["store"])
        number = scribe.join(code, scribe.day(orders["second"] // DAY, form="%Y%m%d"), scribe.padded(running, 8))
        lines = self.lines(orders)
        at = scribe.moment(orders["second"])
        self._sales.write(self._rows(orders, lines, number=number, at=at, original=None))
        back = np.flatnonzero(orders["refunded"] > 0)
        if len(back):
            self._sales.write(self._return_rows(orders[back], number.take(pa.array(back))))
        return number.cast(pa.string())

    def _return_rows(self, orders: Orders, number: pa.Array) -> pa.Array:
        """A full return gives all lines back, a partial one a piece of the first line; within two weeks."""
        scribe = self.scribe
        lines = self.lines(orders)
        full = orders["refunded"] == orders["total"]
        chosen = full[lines.order] | (lines.nth == 0)
        order = lines.order[chosen]
        whole = full[order]
        given = Lines(
            order=order,
            nth=lines.nth[chosen],
            product=lines.product[chosen],
            quantity=-np.where(whole, lines.quantity[chosen], 1),
            unit_price=lines.unit_price[chosen],
            paid=-np.where(whole, lines.paid[chosen], orders["refunded"][order]),
        )
        later = orders["second"] + DAY + self.desk.dice.whole("returned after", orders["key"], 13 * DAY)
        at = scribe.moment(np.minimum(later, self.desk.plan.days * DAY - 1))
        return self._rows(orders, given, number=scribe.join("TH", number), at=at, original=number)

    def _rows(
        self, orders: Orders, lines: Lines, *, number: pa.Array, at: pa.Array, original: pa.Array | None
    ) -> pa.Array:
        scribe, catalogue = self.scribe, self.desk.catalogue
        dirt = self.dirt(orders)
        at_line = pa.array(lines.order)
        member, name, phone = self._buyer(orders)
        guide = self.guide_name(orders["store"], np.maximum(orders["guide"], 0))
        payment = self.desk.dice.chosen("payment", orders["key"], (55, 25, 8, 8, 4))
        worth = lines.unit_price * lines.quantity
        shown = scribe.either(dirt.bad_id, "4.45E+17", number)
        cells = {
            "小票号": shown.take(at_line),
            "门店编号": scribe.words(self._codes, orders["store"][lines.order]),
            "门店名称": scribe.words(self._names, orders["store"][lines.order]),
            "销售时间": scribe.either(dirt.no_date, "", at).take(at_line),
            "会员号": member.take(at_line),
            "会员姓名": name.take(at_line),
            "手机": phone.take(at_line),
            "商品编码": scribe.words(catalogue.codes, lines.product),
            "商品名称": scribe.words(catalogue.names, lines.product),
            "商品类目": scribe.words(catalogue.groups, lines.product),
            "规格": scribe.words(self._specs, self.spec(orders[lines.order], lines.nth)),
            "数量": scribe.number(lines.quantity),
            "单价": scribe.money(lines.unit_price),
            "折扣金额": scribe.money(worth - lines.paid),
            "实收金额": scribe.money(lines.paid),
            "导购": guide.take(at_line),
            "支付方式": scribe.words(_PAYMENTS, payment[lines.order]),
            "备注": scribe.either(dirt.formula[lines.order], f'"{FORMULA}"', ""),
            "原小票号": "" if original is None else original.take(at_line),
        }
        return self.row(HEADER, cells)

    def _buyer(self, orders: Orders) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Member number, name and phone; nothing for walk-ins, the store's own number now and then."""
        scribe, dice, people = self.scribe, self.desk.dice, self.desk.people
        ids = np.maximum(orders["person"].astype(np.int64), 0)
        anonymous = orders["person"] < 0
        member = people.is_member(ids) & ~anonymous
        own = dice.happens("store phone", orders["key"], self.desk.plan.untidiness.store_phone)
        number = np.where(own, self._phones[orders["store"]], self.phone(ids, orders))
        phone = self.shown_phone(number, orders, self.dirt(orders))
        silent: Ints = dice.whole("says phone", orders["key"], 100)
        return (
            scribe.either(member, self._cards.number(scribe, people.card(ids, orders["key"])), ""),
            scribe.either(anonymous, "", self.name(ids)),
            scribe.either(anonymous | (member & (silent < 30)), "", phone),
        )
