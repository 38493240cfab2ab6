"""Who the people are: every attribute is a function of the person's number, so that a million of them need no memory."""

from __future__ import annotations

from typing import Final

import numpy as np

from yutang.simulator import names, phones
from yutang.simulator.chain import CITIES, Chain
from yutang.simulator.chance import Dice, Floats, Ints, Mask, scattered
from yutang.simulator.plan import Plan

#: How somebody came: by themselves, or invited by the hook at 99 yuan or the offer at 1,500 yuan.
ORGANIC, HOOK_LEAD, DEAR_LEAD = range(3)
ORIGINS: Final = ("organic", "hook_99", "hook_1500")
#: A number given up is quiet for this long before somebody else gets it.
_QUIET_DAYS: Final = 90
_BORN_FROM: Final = -9_131  # 1945-01-01 in days since 1970-01-01
_BORN_TO: Final = 13_149  # 2006-01-01

#: Province, city, district of people, the cities of the chain first in the same order.
PLACES: Final = tuple(
    (province, city, district) for _, province, city, _, districts in CITIES for district in districts
)
_ROAD_TABLE: Final = """
锦棠路 云栖街 梧桐巷 拾光大道 南栅路 星澜街 半山路 听潮路 橘洲街 青禾路 望舒巷 沐野路
"""
ROADS: Final = tuple(_ROAD_TABLE.split())
_NICKNAME_TABLE: Final = """
小鹿爱吃糖 晚风与猫 南巷清风 柚子茶 棉花糖 青柠味夏天 山野来信 月亮打烊 橘子汽水 云朵收藏家 今天也开心 林间小鹿
海盐芝士 慢半拍 拾光者 一颗小草莓 风吹麦浪 茉莉奶绿 不吃香菜 星河入梦 团子妈妈 豆包麻麻 追风少年 老张头
可可西里 三月桃花 冬日暖阳 爱笑的眼睛 平安是福 岁月静好 幸福一家人 静待花开 happy lily sunny coco
anna tb amy momo
"""
#: First halves of nicknames.
NICKNAMES: Final = tuple(_NICKNAME_TABLE.split())


class People:
    """Attributes by person number. All arrays are aligned with the ids asked for, shape ``(n,)``."""

    def __init__(self, plan: Plan, dice: Dice, chain: Chain) -> None:
        self.plan = plan
        self.dice = dice
        self.chain = chain
        self._first_offset = int(dice.whole("phone offset", 0, phones.BLOCK))
        self._second_offset = int(dice.whole("phone offset", 1, phones.BLOCK))
        self._account_offset = int(dice.whole("account offset", 0, 10**8))

    # Who they are.

    def female(self, ids: Ints) -> Mask:
        """Return who is a woman: it is a women's fashion chain."""
        return self.dice.happens("female", ids, 0.78)

    def surname(self, ids: Ints) -> Ints:
        """Return an index into `names.SURNAMES`; half of the pairs that share a phone share a surname too."""
        kin = self.shares_phone(ids) & self.dice.happens("kin", ids >> 1, 0.5)
        return names.surnames(self.dice, np.where(kin, ids & ~np.int64(1), ids))

    def given_name(self, ids: Ints) -> Ints:
        """Return an index into `names.GIVEN_NAMES`; two people of one phone never have the same: nobody could tell them apart."""
        own = names.given_names(self.dice, ids, female=self.female(ids))
        even = ids & ~np.int64(1)
        partner = names.given_names(self.dice, even, female=self.female(even))
        clash = (ids != even) & (own == partner) & (self.shares_phone(ids) | self.recycles_phone(ids))
        return np.where(clash, own ^ 1, own)

    def born(self, ids: Ints) -> Ints:
        """Return the birthday in days since 1970-01-01: mostly of 20 to 50 years."""
        middle = self.dice.uniform("born a", ids) + self.dice.uniform("born b", ids) + self.dice.uniform("born c", ids)
        return _BORN_FROM + (middle / 3 * (_BORN_TO - _BORN_FROM) * 0.6 + (_BORN_TO - _BORN_FROM) * 0.38).astype(
            np.int64
        )

    def home_store(self, ids: Ints) -> Ints:
        """Return the position of the store that they go to; stores differ in size by up to three times."""
        weights = 0.5 + self.dice.uniform("store size", np.arange(len(self.chain.stores)))
        return self.dice.chosen("home store", ids, weights)

    def place(self, ids: Ints) -> Ints:
        """Return an index into `PLACES`: the city of the home store, or for one in five anywhere."""
        near = (self.home_store(ids) % len(CITIES)) * 4 + self.dice.whole("district", ids, 4)
        far = self.dice.whole("far place", ids, len(PLACES))
        return np.where(self.dice.happens("lives far", ids, 0.2), far, near)

    def taste(self, ids: Ints) -> Floats:
        """Return how much they lean to cheap things: log-normal around 1."""
        throw = self.dice.uniform("taste", ids)
        return np.asarray(np.exp((throw - 0.5) * 1.6))

    def origin(self, ids: Ints) -> Ints:
        """Return `ORGANIC`, `HOOK_LEAD` or `DEAR_LEAD`."""
        habits = self.plan.habits
        throw = self.dice.uniform("origin", ids)
        hooked = throw < habits.hook_lead
        return np.where(hooked, HOOK_LEAD, np.where(throw < habits.hook_lead + habits.dear_lead, DEAR_LEAD, ORGANIC))

    def buys(self, ids: Ints) -> Mask:
        """Return who buys at all: everybody but the leads that an offer did not win."""
        habits = self.plan.habits
        throw = self.dice.uniform("converts", ids)
        origin = self.origin(ids)
        won = throw < np.where(origin == HOOK_LEAD, habits.hook_conversion, habits.dear_conversion)
        return np.asarray((origin == ORGANIC) | won)

    # What they are recognised by.

    def shares_phone(self, ids: Ints) -> Mask:
        """Return who buys with the phone of the pair (2k and 2k+1: a couple, mother and child)."""
        return np.asarray(self._pair_throw(ids) < self.plan.untidiness.shared_phone)

    def recycles_phone(self, ids: Ints) -> Mask:
        """Return whose pair hands a number on: the even one gives it up, the odd one gets it later."""
        shared, recycled = self.plan.untidiness.shared_phone, self.plan.untidiness.recycled_phone
        throw = self._pair_throw(ids)
        return np.asarray((throw >= shared) & (throw < shared + recycled))

    def changes_phone(self, ids: Ints) -> Mask:
        """Return who takes another number one day, pairs that hand one on included."""
        changes = self.dice.happens("changes phone", ids, self.plan.untidiness.changed_phone)
        return np.asarray((changes & ~self.shares_phone(ids)) | self.recycles_phone(ids))

    def change_day(self, ids: Ints) -> Ints:
        """Return the day of the span from which the second phone is used; the next owner's is 90 days later."""
        span = max(self.plan.days - _QUIET_DAYS, 2)
        alone = 1 + self.dice.whole("change day", ids, self.plan.days - 1)
        handed = 1 + self.dice.whole("hand-over day", ids >> 1, span - 1) + (ids & 1) * _QUIET_DAYS
        return np.where(self.recycles_phone(ids), handed, alone)

    def first_phone(self, ids: Ints) -> Ints:
        """Return the number from the start: for those who share it, the one of the even person."""
        owner = np.where(self.shares_phone(ids), ids & ~np.int64(1), ids)
        return phones.first_numbers(owner, offset=self._first_offset)

    def second_phone(self, ids: Ints) -> Ints:
        """Return the number after the change: fresh, or the given-up one of the partner."""
        fresh = phones.second_numbers(ids, offset=self._second_offset)
        handed = phones.first_numbers(ids & ~np.int64(1), offset=self._first_offset)
        return np.where(self.recycles_phone(ids) & (ids & 1 == 1), handed, fresh)

    def phone(self, ids: Ints, days: Ints) -> Ints:
        """Return the number in use on a day of the span."""
        later = self.changes_phone(ids) & (days >= self.change_day(ids))
        return np.where(later, self.second_phone(ids), self.first_phone(ids))

    def account(self, ids: Ints, keys: Ints) -> Ints:
        """Return the number of the shop account used for an order: some people have two.

        Args:
            ids: person per order.
            keys: key of the order, which decides between two accounts.
        """
        second = self.has_two_accounts(ids) & self.dice.happens("account", keys, 0.4)
        return self.account_number(ids, second.astype(np.int64))

    def has_two_accounts(self, ids: Ints) -> Mask:
        """Return who has a second account."""
        return self.dice.happens("two accounts", ids, self.plan.untidiness.two_accounts)

    def account_number(self, ids: Ints, which: Ints) -> Ints:
        """Return a number that no other account has: accounts 0 and 1 of a person."""
        return scattered(ids * 2 + which, modulus=10**8, offset=self._account_offset)

    def nickname_stem(self, ids: Ints) -> Ints:
        """Return an index into `NICKNAMES`."""
        return self.dice.whole("nickname", ids, len(NICKNAMES))

    def chat_name_number(self, ids: Ints) -> Ints:
        """Return what follows the stem in a WeChat name: these names are free text, some people bear the same one."""
        common = self.dice.happens("common name", ids, self.plan.untidiness.common_chat_name)
        return np.where(common, self.dice.whole("chat name", ids, 10), self.account_number(ids, np.zeros_like(ids)))

    def is_member(self, ids: Ints) -> Mask:
        """Return who has a member card of the till when buying there."""
        return self.dice.happens("member", ids, 0.9)

    def has_two_cards(self, ids: Ints) -> Mask:
        """Return who was registered twice."""
        return self.dice.happens("two cards", ids, self.plan.untidiness.two_cards)

    def card_number(self, ids: Ints, which: Ints) -> Ints:
        """Return the digits of member card 0 or 1."""
        return scattered(ids * 2 + which, modulus=10**8, offset=self._account_offset // 2)

    def card(self, ids: Ints, keys: Ints) -> Ints:
        """Return the member card used for an order."""
        second = self.has_two_cards(ids) & self.dice.happens("card", keys, 0.4)
        return self.card_number(ids, second.astype(np.int64))

    def has_email(self, ids: Ints) -> Mask:
        """Return who left an e-mail address."""
        return self.dice.happens("e-mail", ids, 0.18)

    def is_wecom_contact(self, ids: Ints) -> Mask:
        """Return whom a guide has added in WeCom: all leads, and a third of the others."""
        return np.asarray(self.dice.happens("wecom", ids, 0.33) | (self.origin(ids) != ORGANIC))

    def _pair_throw(self, ids: Ints) -> Floats:
        return self.dice.uniform("pair", ids >> 1)
