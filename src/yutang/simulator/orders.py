"""From purchases to orders: where, what, for how much, and what became of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from yutang.simulator.behaviour import DEAR_HOOK, HOOK, PLAIN, TOP_UP, Behaviour, Lives, Purchases
from yutang.simulator.catalogue import Catalogue
from yutang.simulator.chance import Dice, Ints, Mask
from yutang.simulator.people import People
from yutang.simulator.plan import PDD, TILL, YOUZAN, Cause, Plan

DAY: Final = 86_400
NONE: Final = 65_535
#: How far an order has come on the day of export.
UNPAID, PAID, SHIPPED, COMPLETED, CANCELLED, REFUNDED = range(6)
#: The kind of an unpaid attempt, after those of purchases.
ATTEMPT: Final = 4
#: One order as it waits to be written, 72 bytes: millions of them stay small.
ORDER: Final = np.dtype(
    [
        ("second", "i8"),  # since the start of the span, local time
        ("key", "i8"),  # person x 8192 + ordinal: chance of everything about the order
        ("person", "i4"),  # -1: an anonymous receipt
        ("platform", "i1"),
        ("kind", "i1"),
        ("status", "i1"),
        ("store", "i2"),  # -1: no store
        ("guide", "i1"),  # position among the guides of the store, -1: none
        ("product", "u2", 3),
        ("quantity", "u1", 3),
        ("goods", "i4"),  # fen
        ("discount", "i4"),
        ("shipping", "i4"),
        ("refunded", "i4"),
        ("total", "i4"),
        ("raised", "i2"),  # price change planted, in per mille
    ]
)
Orders = npt.NDArray[np.void]


class OrderBook:
    """Makes orders of purchases."""

    def __init__(
        self,
        plan: Plan,
        dice: Dice,
        *,
        people: People,
        catalogue: Catalogue,
        behaviour: Behaviour,
        causes: tuple[Cause, ...],
    ) -> None:
        self.plan = plan
        self.dice = dice
        self.people = people
        self.catalogue = catalogue
        self.behaviour = behaviour
        self.causes = causes
        codes = [store.code for store in people.chain.stores]
        self._subjects = {code: position for position, code in enumerate(codes)}

    def of(self, lives: Lives, purchases: Purchases) -> tuple[Orders, Mask]:
        """Return the orders of a block and which of them a planted loss of traffic keeps from happening.

        Returns:
            Orders, unpaid attempts and anonymous receipts included, in no order of time; and the mask of the lost ones:
            they count for the footfall that there would have been.
        """
        orders = np.zeros(len(purchases.position), dtype=ORDER)
        ids = lives.ids[purchases.position]
        orders["person"] = ids
        orders["key"] = ids * 8192 + purchases.ordinal
        orders["second"] = purchases.second
        orders["kind"] = purchases.kind
        orders["platform"] = self.behaviour.platform_of(lives, purchases, orders["key"])
        self._open_hours(orders)
        orders = np.concatenate([orders, self._attempts(orders), self._walk_ins(orders)])
        self._place(orders)
        self._fill(orders)
        self._price(orders)
        self._settle(orders)
        return orders, self._lost(orders)

    def _open_hours(self, orders: Orders) -> None:
        """Somebody of the night who buys in a store today comes while it is open."""
        within = orders["second"] % DAY
        shut = (orders["platform"] == TILL) & ((within < 36_000) | (within >= 79_200))
        open_at = 36_000 + self.dice.whole("open hour", orders["key"], 43_200)
        orders["second"] = np.where(shut, orders["second"] - within + open_at, orders["second"])

    def _attempts(self, orders: Orders) -> Orders:
        """Orders that were placed shortly before a real one and never paid."""
        tried = orders[
            (orders["platform"] != TILL) & self.dice.happens("attempt", orders["key"], self.plan.habits.unpaid)
        ].copy()
        tried["key"] += 4096
        tried["kind"] = ATTEMPT
        tried["second"] -= 600 + self.dice.whole("attempt before", tried["key"], 2 * DAY)
        return np.asarray(tried[tried["second"] >= 0])

    def _walk_ins(self, orders: Orders) -> Orders:
        """Receipts of people whom nobody asked for a number, on the days on which members buy."""
        ratio = self.plan.untidiness.walk_in
        walked = orders[(orders["platform"] == TILL) & (orders["kind"] == PLAIN)]
        walked = walked[self.dice.happens("walk-in", walked["key"], ratio)].copy()
        walked["key"] += 4096
        second = 36_000 + self.dice.whole("walk-in hour", walked["key"], 39_600)
        walked["second"] = walked["second"] // DAY * DAY + second
        return np.asarray(walked)

    def _place(self, orders: Orders) -> None:
        """Store and guide of what is bought in the stores and in the shop of the mini programme."""
        ids = orders["person"].astype(np.int64)
        own = (orders["platform"] == TILL) | (orders["platform"] == YOUZAN)
        astray = self.dice.happens("other store", orders["key"], 0.08)
        anywhere = self.dice.whole("which store", orders["key"], len(self.people.chain.stores))
        store = np.where(astray, anywhere, self.people.home_store(ids))
        orders["store"] = np.where(own, store, -1)
        guide = self.dice.chosen("guide", orders["key"], (1, 3, 2, 2))
        orders["guide"] = np.where(orders["platform"] == TILL, guide, np.where(own & (guide > 1), guide, -1))
        anonymous = (orders["key"] & 4096 != 0) & (orders["platform"] == TILL)
        orders["person"] = np.where(anonymous, -1, ids)

    def _fill(self, orders: Orders) -> None:
        """One to three lines of garments, at times what goes with the garment of the order before; or the one voucher or card."""
        keys = orders["key"]
        taste = self.people.taste(keys >> 13)
        lines = 1 + self.dice.chosen("lines", keys, (62, 27, 11))
        orders["product"] = NONE
        for n in range(3):
            picked = self.catalogue.picked(self.dice, keys, taste=taste, field=f"product {n}")
            orders["product"][:, n] = np.where(n < lines, picked, NONE)
            orders["quantity"][:, n] = np.where(n < lines, 1 + self.dice.chosen(f"quantity {n}", keys, (91, 7, 2)), 0)
        follows = (keys & 4095 > 0) & self.dice.happens("companion", keys, self.plan.habits.companion)
        before = self.catalogue.picked(self.dice, keys - 1, taste=taste, field="product 0")
        orders["product"][:, 0] = np.where(follows, self.catalogue.companions[before], orders["product"][:, 0])
        card = self.dice.chosen("card sold", keys, (6, 3, 1)) + Catalogue.CARD_5000
        for kind, which in ((HOOK, Catalogue.HOOK), (DEAR_HOOK, Catalogue.DEAR_HOOK), (TOP_UP, card)):
            chosen = orders["kind"] == kind
            special = self.catalogue.special(np.broadcast_to(np.asarray(which, dtype=np.int64), len(orders)))
            orders["product"][chosen, 0] = special[chosen]
            orders["product"][chosen, 1:] = NONE
            orders["quantity"][chosen] = (1, 0, 0)
        single = orders["platform"] == PDD
        orders["product"][single, 1:] = NONE
        orders["quantity"][single, 1:] = 0

    def _price(self, orders: Orders) -> None:
        """Goods, discount and shipping; a planted change of prices is a change of the goods' prices."""
        day = orders["second"] // DAY
        raised = np.full(len(orders), 1000, dtype=np.int64)
        for cause in self.causes:
            if cause.kind == "order_value":
                raised = np.where(
                    self._during(cause, day) & self._at(cause, orders), round(cause.factor * 1000), raised
                )
        garment = (orders["kind"] == PLAIN) | (orders["kind"] == ATTEMPT)
        orders["raised"] = np.where(garment, raised, 1000)
        orders["goods"] = (self.line_prices(orders) * orders["quantity"]).sum(axis=1)
        campaign = self.campaign_day(orders)
        share = np.where(
            campaign,
            self.dice.whole("deal", orders["key"], 12) + 8,
            self.dice.chosen("rebate", orders["key"], (80, 0, 0, 0, 0, 20)),
        )
        orders["discount"] = np.where(garment, orders["goods"] * share // 10_000 * 100, 0)
        cheap = (orders["platform"] != TILL) & garment & (orders["goods"] < 9_900)
        orders["shipping"] = np.where(cheap & self.dice.happens("pays shipping", orders["key"], 0.6), 800, 0)
        orders["total"] = orders["goods"] - orders["discount"] + orders["shipping"]

    def line_prices(self, orders: Orders) -> Ints:
        """Return the unit price of each line in fen, 0 where there is no line. Shape ``(n, 3)``."""
        products = orders["product"].astype(np.int64)
        plain = self.catalogue.prices[np.where(products == NONE, 0, products)]
        changed = plain * orders["raised"][:, None].astype(np.int64) // 10_000 * 10
        return np.where(products == NONE, 0, changed)

    def campaign_day(self, orders: Orders) -> Mask:
        """Return which orders fall into the days of 双11, 618 and 双12."""
        when = (np.datetime64(self.plan.from_date) + orders["second"] // DAY).astype("datetime64[D]")
        month = when.astype("datetime64[M]").astype(np.int64) % 12 + 1
        day = (when - when.astype("datetime64[M]")).astype(np.int64) + 1
        return np.asarray(((month == 11) & (day <= 11)) | ((month == 6) & (day <= 18)) | ((month == 12) & (day == 12)))

    def _settle(self, orders: Orders) -> None:
        """Status on the day of export, and refunds."""
        habits = self.plan.habits
        age = self.plan.days * DAY - orders["second"]
        status = np.where(age < 1.5 * DAY, PAID, np.where(age < 6 * DAY, SHIPPED, COMPLETED))
        status = np.where(orders["platform"] == TILL, COMPLETED, status)
        throw = self.dice.uniform("refund", orders["key"])
        garment = (orders["kind"] == PLAIN) & (status == COMPLETED)
        full = garment & (throw < habits.full_refund)
        part = garment & ~full & (throw < habits.full_refund + habits.part_refund)
        several = orders["quantity"].sum(axis=1) > 1
        piece = self.line_prices(orders)[:, 0] * (orders["goods"].astype(np.int64) - orders["discount"])
        piece = piece // np.maximum(orders["goods"], 1)
        orders["refunded"] = np.where(full, orders["total"], np.where(part & several, piece, 0))
        status = np.where(full & (orders["platform"] != TILL), REFUNDED, status)
        tried = orders["kind"] == ATTEMPT
        orders["status"] = np.where(tried, np.where(age < DAY // 4, UNPAID, CANCELLED), status)

    def _lost(self, orders: Orders) -> Mask:
        """Orders that the planted causes prevent."""
        lost = np.zeros(len(orders), dtype=bool)
        day = orders["second"] // DAY
        for number, cause in enumerate(self.causes):
            if cause.kind in {"traffic", "entry_rate", "conversion"}:
                hit = self._during(cause, day) & self._at(cause, orders) & (orders["platform"] == TILL)
                lost |= hit & ~self.dice.happens(f"kept {number}", orders["key"], cause.factor)
        return lost

    def _during(self, cause: Cause, day: Ints) -> Mask:
        begin, end = ((d - self.plan.from_date).days for d in (cause.first_date, cause.end_date))
        return np.asarray((day >= begin) & (day < end))

    def _at(self, cause: Cause, orders: Orders) -> Mask:
        if cause.subject == "all":
            return np.ones(len(orders), dtype=bool)
        return np.asarray(orders["store"] == self._subjects[cause.subject])
