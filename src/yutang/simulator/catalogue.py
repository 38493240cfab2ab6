"""What the chain sells: garments with codes, specs and prices, and the vouchers and cards of its hooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from yutang.simulator.chance import Dice, Floats, Ints

_GARMENTS: Final = (
    # name, letters, group, price in yuan
    ("发带", "FD", "配饰", 19),
    ("船袜三双装", "WZ", "配饰", 29),
    ("丝巾", "SJ", "配饰", 69),
    ("打底吊带", "DD", "上装", 79),
    ("帆布包", "BB", "配饰", 89),
    ("圆领T恤", "TX", "上装", 99),
    ("条纹衬衫", "CS", "上装", 159),
    ("针织开衫", "ZZ", "上装", 199),
    ("阔腿裤", "KZ", "下装", 199),
    ("半身裙", "BQ", "下装", 219),
    ("牛仔裤", "NZ", "下装", 239),
    ("卫衣", "WY", "上装", 259),
    ("连衣裙", "LQ", "裙装", 329),
    ("西装外套", "XZ", "外套", 459),
    ("羊毛衫", "YM", "上装", 499),
    ("风衣", "FY", "外套", 699),
    ("轻羽绒", "YR", "外套", 799),
    ("羊绒大衣", "DY", "外套", 1580),
)
_STYLES: Final = ("棠梨", "雾霭", "山岚", "初雪", "晚樱", "松烟", "月白", "青禾", "秋水", "拾光")
_COLOURS: Final = ("米白", "黑色", "雾蓝", "燕麦", "豆沙", "墨绿")
_SIZES: Final = ("S", "M", "L", "XL", "均码")


@dataclass(frozen=True)
class Offer:
    """One thing that can be bought, or a voucher or card that is sold like one."""

    code: str
    name: str
    group: str
    price_minor: int


class Catalogue:
    """Garments by rising price, then the special offers.

    Attributes:
        offers: all of them.
        garments: how many of them are garments.
        prices: price of each offer in fen. Shape ``(offers,)``.
        companions: garment that goes with each garment, at about the same price. Positions, shape ``(garments,)``.
        specs: colour and size, as shops write them.
    """

    HOOK, DEAR_HOOK, CARD_5000, CARD_8000, CARD_10000 = range(-5, 0)

    def __init__(self) -> None:
        garments = [
            Offer(f"TL-{letters}{n + 1:02d}", f"{style}{name}", group, _priced(yuan, n))
            for name, letters, group, yuan in _GARMENTS
            for n, style in enumerate(_STYLES)
        ]
        garments.sort(key=lambda offer: (offer.price_minor, offer.code))
        special = [
            Offer("TL-HOOK99", "形象搭配体验券(价值599元)", "体验券", 9_900),
            Offer("TL-HOOK1500", "私人衣橱年卡体验", "体验券", 150_000),
            Offer("TL-CARD5000", "储值卡5000元", "储值卡", 500_000),
            Offer("TL-CARD8000", "储值卡8000元", "储值卡", 800_000),
            Offer("TL-CARD10000", "储值卡10000元", "储值卡", 1_000_000),
        ]
        self.garments = len(garments)
        places = np.arange(self.garments)
        # Within each twenty by price every garment goes with one of the other kind, so that the mix of prices stays.
        self.companions: Ints = places // 20 * 20 + (places + 10) % 20
        self.offers = (*garments, *special)
        self.prices = np.array([offer.price_minor for offer in self.offers], dtype=np.int64)
        self.codes = tuple(offer.code for offer in self.offers)
        self.names = tuple(offer.name for offer in self.offers)
        self.groups = tuple(offer.group for offer in self.offers)
        self.specs = tuple((colour, size) for colour in _COLOURS for size in _SIZES)

    def picked(self, dice: Dice, keys: Ints, *, taste: Floats, field: str) -> Ints:
        """Return one garment per key; a taste above 1 leans to the cheap end, below 1 to the dear one."""
        return np.asarray(dice.uniform(field, keys) ** taste * self.garments).astype(np.int64)

    def special(self, which: Ints) -> Ints:
        """Return positions of special offers from their negative names (`HOOK` and so on)."""
        return np.asarray(len(self.offers) + which, dtype=np.int64)


def _priced(yuan: int, style: int) -> int:
    """Prices of styles differ a little and still end on 9."""
    return (round(yuan * (0.88 + 0.04 * (style % 7)) / 10) * 10 - 1) * 100 if yuan > 30 else yuan * 100
