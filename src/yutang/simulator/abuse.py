"""A made-up campaign with people who farm it, planted by seed: who asks for what, with which things, and what became of it.

Honest people are made hard to tell: families with one purse, offices behind one address, a campus of newcomers. Those who farm
differ in care: a careful one shares few things.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

DAY, HOUR = 86_400, 3_600
#: Ways of farming, each an equal part of the share.
PATTERNS = ("ring", "farm", "self_referral", "folded_address", "sleeper")
#: Honest people beside the ordinary ones, with their share of all honest people.
HARD = {"family": 0.08, "office": 0.06, "campus": 0.10}
_GIFT_FEN = 2_900
_DAYS = 14
_ROADS = ("文三路", "古墩路", "莫干山路", "体育场路", "凤起路", "庆春路", "解放东路", "江南大道", "学院路", "天目山路")
_ESTATES = ("阳光花园", "翠苑", "金色家园", "湖畔居", "绿城苑", "紫荆里", "丹桂坊", "春江郡", "白马府", "望江门")
_DISTRICTS = ("西湖区", "上城区", "拱墅区", "滨江区", "萧山区", "余杭区")


@dataclass(frozen=True, slots=True)
class SimulatedPerson:
    """One account.

    Attributes:
        id: from 1 on.
        kind: ``ordinary``, a key of `HARD`, ``self_primary`` (a customer who invites themselves), or one of `PATTERNS`.
        is_abuse: whether it was made to farm.
        known_days: since when it has been known at the beginning. Days.
        orders: paid orders before.
    """

    id: int
    kind: str
    is_abuse: bool
    known_days: int
    orders: int


@dataclass(frozen=True, slots=True)
class SimulatedAsk:
    """One ask; `at` in seconds since the beginning of the campaign. Texts are as a caller would send them."""

    at: int
    kind: str
    person: int
    device: str = ""
    address: str = ""
    payer: str = ""
    place: str = ""
    inviter: int | None = None
    value_fen: int = 0


@dataclass(frozen=True, slots=True)
class SimulatedOutcome:
    """What became of the seat of a person."""

    at: int
    person: int
    outcome: str


@dataclass(slots=True)
class Campaign:
    """Everybody who asks, what they ask for in the order of time, and what became of it."""

    people: list[SimulatedPerson] = field(default_factory=list)
    asks: list[SimulatedAsk] = field(default_factory=list)
    outcomes: list[SimulatedOutcome] = field(default_factory=list)


@dataclass(slots=True)
class _Life:
    """What one account does: its things, when it begins, who brought it, how likely it leaves at once."""

    kind: str
    device: str
    address: str
    payer: str
    place: str
    begins: int
    inviter: int | None = None
    known_days: int = 0
    orders: int = 0
    leaves: float = 0.1


def campaign(*, seed: int, people: int = 8_000, share: float = 0.05) -> Campaign:
    """Return a campaign of two weeks.

    Args:
        seed: the same seed gives the same campaign.
        people: accounts in all.
        share: of them made to farm. 0.01 to 0.2.
    """
    town = _Town(np.random.default_rng(seed))
    farmed = round(people * share)
    for pattern in PATTERNS:
        _fill(town, _MAKERS[pattern], farmed // len(PATTERNS), pattern)
    honest = people - len(town.made.people)
    for kind, part in HARD.items():
        _fill(town, _MAKERS[kind], round(honest * part), kind)
    while len(town.made.people) < people:
        _ordinary(town)
    town.made.asks.sort(key=lambda one: (one.at, one.person))
    town.made.outcomes.sort(key=lambda one: (one.at, one.person))
    return town.made


def _fill(town: _Town, maker: Callable[[_Town, int], None], wanted: int, kind: str) -> None:
    begun = len(town.made.people)
    while (left := wanted - sum(one.kind == kind for one in town.made.people[begun:])) > 0:
        maker(town, left)


class _Town:
    """Chance, names of things, and what was made so far."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.made = Campaign()
        self._serial = 0

    def fresh(self, what: str) -> str:
        """Return a name that nothing else has."""
        self._serial += 1
        return f"{what}-{self._serial}"

    def several(self, what: str, n: int) -> list[str]:
        """Return some fresh names."""
        return [self.fresh(what) for _ in range(max(1, n))]

    def whole(self, least: int, most: int) -> int:
        """Return a whole number, both ends among them."""
        return int(self.rng.integers(least, most + 1))

    def chance(self, p: float) -> bool:
        """Return whether something of that likelihood happens."""
        return bool(self.rng.random() < p)

    def one_of(self, some: Sequence[str]) -> str:
        """Return one of some texts."""
        return some[int(self.rng.integers(len(some)))]

    def carrier(self) -> str:
        """Return an address of a mobile carrier, which many strangers share."""
        return f"100.{self.whole(64, 67)}.{self.whole(0, 40)}.{self.whole(1, 250)}"

    def block(self) -> str:
        """Return the first three numbers of a block of addresses of its own."""
        self._serial += 1
        return f"{20 + self._serial // 65_025 % 60}.{self._serial // 255 % 255}.{self._serial % 255}"

    def door(self) -> tuple[str, str, int, int, int]:
        """Return a door: district, road or estate, house, entrance, room."""
        self._serial += 1
        name = self.one_of(_ROADS) + f"{self._serial}号" + self.one_of(_ESTATES)
        room = self.whole(1, 18) * 100 + self.whole(1, 4)
        return self.one_of(_DISTRICTS), name, self.whole(1, 30), self.whole(1, 4), room

    def begins(self) -> int:
        """Return when somebody begins: in the day-time of one of the first ten days."""
        return self.whole(0, _DAYS - 5) * DAY + int(np.clip(self.rng.normal(13, 4), 0, 23.9) * HOUR)

    def live(self, life: _Life) -> int:
        """Let an account ask, and return its key."""
        made, person = self.made, len(self.made.people) + 1
        made.people.append(SimulatedPerson(person, life.kind, life.kind in PATTERNS, life.known_days, life.orders))
        seat = life.begins + int(self.rng.exponential(1_800)) + 30
        gift = seat + DAY + int(self.rng.exponential(1.5 * DAY))
        device = "" if self.chance(0.04) else life.device
        made.asks.append(SimulatedAsk(life.begins, "join", person, device, life.address, inviter=life.inviter))
        made.asks.append(
            SimulatedAsk(seat, "seat", person, device, life.address, life.payer, "", life.inviter, _GIFT_FEN)
        )
        later = life.address if self.chance(0.6) else self.carrier()
        made.asks.append(
            SimulatedAsk(gift, "redemption", person, device, later, life.payer, life.place, life.inviter, _GIFT_FEN)
        )
        self._end(person, seat, gift, life)
        return person

    def _end(self, person: int, seat: int, gift: int, life: _Life) -> None:
        """Write what became of it: who leaves does so mostly with the gift in hand, some before."""
        if self.chance(life.leaves):
            at = seat + 6 * HOUR if self.chance(0.25) else gift + 12 * HOUR
            self.made.outcomes.append(SimulatedOutcome(at, person, "left_at_once"))
        else:
            outcome = "bought" if self.chance(0.3 if life.leaves < 0.5 else 0.02) else "kept"
            self.made.outcomes.append(SimulatedOutcome(gift + 3 * DAY, person, outcome))


def written(door: tuple[str, str, int, int, int], rng: np.random.Generator) -> str:
    """Return one of the many ways in which people write a door."""
    district, name, house, entrance, room = door
    city = ("浙江省杭州市", "杭州市", "杭州", "")[int(rng.integers(4))]
    houses = (f"{house}栋{entrance}单元{room}室", f"{house}幢{entrance}单元{room}", f"{house}-{entrance}-{room}",
              f"{house}号楼{entrance}单元{room}房", f"{_chinese(house)}栋{_chinese(entrance)}单元{room}室",
              f"{house}栋 {entrance} 单元 {room // 100}楼 {room}", f"{house}＃{entrance}－{room}",
              f"{house}座{entrance}门{room}号")  # fmt: skip
    tail = ("", "", "", "（放门口）", "，放快递柜", " 转交")[int(rng.integers(6))]
    return f"{city}{district}{name}{houses[int(rng.integers(len(houses)))]}{tail}"


def _chinese(number: int) -> str:
    digits = "零一二三四五六七八九"
    if number < 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    return (digits[tens] if tens > 1 else "") + "十" + (digits[ones] if ones else "")


def _ordinary(town: _Town) -> None:
    """Make an ordinary household: one to three people, of whom some have bought."""
    door, home = town.door(), town.carrier()
    inviter: int | None = None
    if town.made.people and town.chance(0.3):
        inviter = town.whole(max(1, len(town.made.people) - 400), len(town.made.people))
    purse = town.fresh("payer")
    for at in range(1 if town.chance(0.7) else town.whole(2, 3)):
        is_customer = town.chance(0.45)
        own_purse = purse if at == 0 or town.chance(0.3) else town.fresh("payer")
        inviter = town.live(
            _Life(
                "ordinary", town.fresh("device"), home if town.chance(0.5) else town.carrier(), own_purse,
                written(door, town.rng), town.begins(), inviter,
                town.whole(20, 900) if is_customer else town.whole(0, 40), town.whole(1, 6) if is_customer else 0,
            )
        )  # fmt: skip


def _family(town: _Town, _left: int) -> None:
    """Make a large family: one door, one or two purses, a tablet that some share; half of them have nobody who bought."""
    door, home = town.door(), f"{town.block()}.{town.whole(1, 250)}"
    purses, tablet = town.several("payer", town.whole(1, 2)), town.fresh("device")
    is_known, begins, first = town.chance(0.5), town.begins(), None
    for at in range(town.whole(4, 7)):
        has_bought = is_known and town.chance(0.5)
        shares = at >= 2 and town.chance(0.35)
        own = town.fresh("payer") if town.chance(0.3) else town.one_of(purses)
        key = town.live(
            _Life(
                "family", tablet if shares else town.fresh("device"), home if town.chance(0.7) else town.carrier(), own,
                written(door, town.rng), begins + town.whole(0, 2 * DAY), first,
                town.whole(60, 900) if is_known else town.whole(0, 10), town.whole(1, 5) if has_bought else 0,
            )
        )  # fmt: skip
        first = first or key


def _office(town: _Town, left: int) -> None:
    """Make an office: one block of addresses, a burst at noon, and gifts sent to the company, sometimes to one door."""
    block, door = town.block(), town.door()
    noon = town.whole(0, _DAYS - 6) * DAY + 12 * HOUR
    has_door, first = town.chance(0.5), None
    for _at in range(min(max(left, 12), town.whole(25, 90))):
        is_customer = town.chance(0.3)
        place = written(door, town.rng) if has_door else f"杭州市{door[0]}{door[1]}"
        key = town.live(
            _Life(
                "office", town.fresh("device"), f"{block}.{town.whole(1, 3)}", town.fresh("payer"),
                place if town.chance(0.6) else written(town.door(), town.rng), noon + town.whole(0, 5_400), first,
                town.whole(20, 700) if is_customer else town.whole(0, 60), town.whole(1, 4) if is_customer else 0,
            )
        )  # fmt: skip
        first = first or key


def _campus(town: _Town, left: int) -> None:
    """Make a campus: a few addresses for all, newcomers, one popular student who brings them in bursts, rooms of four to six."""
    block, size = town.block(), min(max(left, 40), town.whole(150, 500))
    evening = town.whole(0, _DAYS - 6) * DAY + 21 * HOUR
    star: int | None = None
    made = 0
    while made < size:
        door, roommate = town.door(), town.fresh("payer")
        for at in range(town.whole(4, 6)):
            payer = roommate if at < 2 and town.chance(0.1) else town.fresh("payer")
            key = town.live(
                _Life(
                    "campus", town.fresh("device"), f"{block}.{town.whole(1, 6)}", payer, written(door, town.rng),
                    evening + int(town.rng.exponential(3 * HOUR)), star if town.chance(0.7) else None, town.whole(0, 3), 0,
                    leaves=0.15,
                )
            )  # fmt: skip
            star = star or key
            made += 1


def _shared(town: _Town, what: str, size: int, least: float, most: float, care: float) -> list[str]:
    """Return so many things that each is shared by so many accounts; the careful share half as much beyond one."""
    each = 1 + (town.rng.uniform(least, most) - 1) * (1 - care / 2)
    return town.several(what, round(size / each))


def _ring(town: _Town, left: int) -> None:
    """Make a ring: accounts of one hand that invite each other round, within hours."""
    size, care = min(max(left, 5), town.whole(6, 24)), town.rng.random()
    devices, payers = _shared(town, "device", size, 2, 4, care), _shared(town, "payer", size, 3, 6, care)
    doors, block = [town.door() for _ in range(max(1, size // 3))], town.block()
    begins, base = town.begins(), len(town.made.people) + 1
    for at in range(size):
        town.live(
            _Life(
                "ring", town.one_of(devices), f"{block}.{town.whole(1, 2)}" if town.chance(0.7) else town.carrier(),
                town.one_of(payers), written(doors[at % len(doors)], town.rng), begins + town.whole(0, 3 * HOUR),
                base + (at - 1) % size, town.whole(0, 5), 0, leaves=0.8,
            )
        )  # fmt: skip


def _farm(town: _Town, left: int) -> None:
    """Make a farm of devices: many accounts on each, paced over days, half of them behind foreign addresses."""
    size, care = min(max(left, 8), town.whole(15, 60)), town.rng.random()
    devices, payers = _shared(town, "device", size, 4, 8, care), _shared(town, "payer", size, 5, 10, care)
    doors, block = [town.door() for _ in range(max(1, size // 6))], town.block()
    is_hidden, begins = town.chance(0.5), town.begins()
    for at in range(size):
        town.live(
            _Life(
                "farm", devices[at % len(devices)], town.carrier() if is_hidden else f"{block}.{town.whole(1, 4)}",
                payers[at % len(payers)], written(doors[at % len(doors)], town.rng), begins + town.whole(0, 4 * DAY),
                None, town.whole(0, 8), 0, leaves=0.85,
            )
        )  # fmt: skip


def _self_referral(town: _Town, left: int) -> None:
    """Make a customer who invites themselves: one to four further accounts, mostly on the same phone and purse."""
    device, payer, door, home = town.fresh("device"), town.fresh("payer"), town.door(), town.carrier()
    begins, has_bought = town.begins(), town.chance(0.6)
    own = town.live(
        _Life("self_primary", device, home, payer, written(door, town.rng), begins, None, town.whole(30, 400),
              town.whole(1, 3) if has_bought else 0)
    )  # fmt: skip
    for _at in range(min(left, town.whole(1, 4))):
        is_same = town.chance(0.8)
        town.live(
            _Life(
                "self_referral", device if is_same else town.fresh("device"), home if town.chance(0.6) else town.carrier(),
                payer if not is_same or town.chance(0.6) else town.fresh("payer"), written(door, town.rng),
                begins + town.whole(HOUR // 2, 3 * DAY), own, town.whole(0, 4), 0, leaves=0.7,
            )
        )  # fmt: skip


def _folded_address(town: _Town, left: int) -> None:
    """Make one door that many accounts write differently, most of them on phones of their own."""
    size, care = min(max(left, 5), town.whole(6, 16)), town.rng.random()
    door, payers = town.door(), _shared(town, "payer", size, 2, 4, care)
    pair, begins = town.several("device", max(1, size // 4)), town.begins()
    for at in range(size):
        town.live(
            _Life(
                "folded_address", town.one_of(pair) if town.chance(0.4) else town.fresh("device"), town.carrier(),
                payers[at % len(payers)], written(door, town.rng), begins + town.whole(0, 3 * DAY), None, town.whole(0, 10), 0,
                leaves=0.75,
            )
        )  # fmt: skip


def _sleeper(town: _Town, left: int) -> None:
    """Make accounts that were opened long ago, never bought, and wake together."""
    size, care = min(max(left, 6), town.whole(10, 40)), town.rng.random()
    devices, payers = _shared(town, "device", size, 1.5, 2.5, care), _shared(town, "payer", size, 2, 5, care)
    doors, block = [town.door() for _ in range(max(1, size // 4))], town.block()
    begins = town.begins()
    for at in range(size):
        town.live(
            _Life(
                "sleeper", devices[at % len(devices)], f"{block}.{town.whole(1, 40)}" if town.chance(0.6) else town.carrier(),
                town.one_of(payers), written(doors[at % len(doors)], town.rng), begins + town.whole(0, DAY), None,
                town.whole(40, 300), 0, leaves=0.8,
            )
        )  # fmt: skip


_MAKERS: dict[str, Callable[[_Town, int], None]] = {
    "family": _family,
    "office": _office,
    "campus": _campus,
    "ring": _ring,
    "farm": _farm,
    "self_referral": _self_referral,
    "folded_address": _folded_address,
    "sleeper": _sleeper,
}
