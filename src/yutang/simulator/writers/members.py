"""Lists of people that a merchant keeps: the member list of the till's ERP and the contacts of WeCom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from yutang.simulator.behaviour import Lives
from yutang.simulator.chance import Ints, Mask
from yutang.simulator.orders import DAY, Orders
from yutang.simulator.people import HOOK_LEAD, ORGANIC, People
from yutang.simulator.plan import TILL
from yutang.simulator.scribe import Piece, Scribe
from yutang.simulator.writers.desk import Desk, Writer, full_name

MEMBER_HEADER: Final = "会员号\t姓名\t性别\t生日\t手机\t邮箱\t门店编号\t开卡时间"
CONTACT_HEADER: Final = "外部联系人ID,备注名,性别,手机,门店编号,添加员工,添加时间,标签"
_BIRTHDAYS: Final = tuple((date(1940, 1, 1) + timedelta(days=n)).isoformat() for n in range(25_000))
_BIRTH_BASE: Final = (date(1940, 1, 1) - date(1970, 1, 1)).days
_TAGS: Final = ("老客", "体验券邀约", "年卡邀约")
_SEXES: Final = ("男", "女")


class Cards:
    """What people are called in the merchant's own books."""

    def __init__(self, people: People) -> None:
        self.people = people

    def birthday(self, scribe: Scribe, ids: Ints) -> pa.Array:
        """Return birthdays as 1990-01-31."""
        return scribe.words(_BIRTHDAYS, self.people.born(ids) - _BIRTH_BASE)

    def number(self, scribe: Scribe, card: Ints) -> pa.Array:
        """Return a member number as the till prints it."""
        return scribe.join("VIP", scribe.padded(card, 8))

    def member_numbers(self, scribe: Scribe, ids: Ints) -> pa.Array:
        """Return all member numbers of each person, empty for who is no member."""
        none = np.zeros(len(ids), dtype=np.int64)
        both = [self.number(scribe, self.people.card_number(ids, none + which)) for which in (0, 1)]
        known = scribe.either(self.people.has_two_cards(ids), scribe.join(*both, by=";"), both[0])
        return scribe.either(self.people.is_member(ids), known, "")

    def email(self, scribe: Scribe, ids: Ints) -> pa.Array:
        """Return the address, at a domain that RFC 2606 keeps for examples; empty for who gave none."""
        account = self.people.account_number(ids, np.zeros(len(ids), dtype=np.int64))
        return scribe.either(self.people.has_email(ids), scribe.join("u", scribe.number(account), "@example.com"), "")

    def external_userid(self, scribe: Scribe, ids: Ints) -> pa.Array:
        """Return the id of the WeCom contact, empty for who is none."""
        bits = [self.people.dice.bits(f"wecom id {half}", ids) for half in "ab"]
        known = scribe.join("wm", *(scribe.hexadecimal(half) for half in bits))
        return scribe.either(self.people.is_wecom_contact(ids), known, "")


class PeopleWriter(Writer):
    """Writes the member list (GBK, tabs) and the WeCom contacts (UTF-8 with BOM) while people are drawn."""

    platform = "customers"
    encoding = "gbk"
    format = "members"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.cards = Cards(desk.people)
        self._codes = tuple(store.code for store in desk.chain.stores)
        self._members = self.sheet("members.txt", MEMBER_HEADER)
        self._utf8 = self.utf8()
        self._contacts = self.sheet("wecom_contacts.csv", CONTACT_HEADER, encoding="utf-8-sig")

    def tell(self, lives: Lives, orders: Orders) -> None:
        """Append the members and contacts of a block of people, as known on the day of export."""
        till = (lives.favourite == TILL) | (lives.second == TILL)
        member = lives.buys & till & self.desk.people.is_member(lives.ids)
        self._members.write(self._member_rows(lives, member, which=0))
        self._members.write(self._member_rows(lives, member & self.desk.people.has_two_cards(lives.ids), which=1))
        self._contacts.write(self._contact_rows(lives, self.desk.people.is_wecom_contact(lives.ids)))

    def _member_rows(self, lives: Lives, chosen: Mask, *, which: int) -> pa.Array:
        people, scribe = self.desk.people, self.scribe
        ids = lives.ids[chosen]
        opened = lives.started[chosen] + which * 30 * DAY
        card = people.card_number(ids, np.full(len(ids), which))
        no_phone = self.desk.dice.happens("member without phone", ids * 2 + which, 0.04)
        cells: list[Piece] = [
            self.cards.number(scribe, card),
            self.name(ids),
            scribe.words(_SEXES, people.female(ids).astype(np.int64)),
            scribe.either(self.desk.dice.happens("birthday known", ids, 0.6), self.cards.birthday(scribe, ids), ""),
            scribe.either(no_phone, "", scribe.number(people.phone(ids, opened // DAY))),
            self.cards.email(scribe, ids),
            scribe.words(self._codes, people.home_store(ids)),
            scribe.join(scribe.moment(opened), "\r\n"),
        ]
        return scribe.join(*cells, by="\t")

    def _contact_rows(self, lives: Lives, chosen: Mask) -> pa.Array:
        people, scribe = self.desk.people, self._utf8
        ids = lives.ids[chosen]
        store = people.home_store(ids)
        guide = self.desk.guide_positions[store, self.desk.dice.whole("contact guide", ids, 4)]
        origin = people.origin(ids)
        noted = self.desk.dice.happens("phone noted", ids, 0.7) | (origin == HOOK_LEAD)
        cells: list[Piece] = [
            self.cards.external_userid(scribe, ids),
            full_name(scribe, people, ids),
            scribe.words(_SEXES, people.female(ids).astype(np.int64)),
            scribe.either(noted, scribe.number(people.phone(ids, lives.started[chosen] // DAY)), ""),
            scribe.words(self._codes, store),
            scribe.words(self.desk.staff_names, guide),
            scribe.moment(lives.started[chosen]),
            scribe.join(scribe.words(_TAGS, np.where(origin == ORGANIC, 0, origin)), "\r\n"),
        ]
        return scribe.join(*cells, by=",")
