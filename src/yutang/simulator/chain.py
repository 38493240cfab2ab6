"""A chain of stores that does not exist: regions, stores, staff. The brand 棠里衣橱 is invented."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from yutang.simulator.chance import Dice
from yutang.simulator.names import GIVEN_NAMES, SURNAMES, given_names, surnames
from yutang.simulator.phones import BLOCK, store_numbers
from yutang.simulator.plan import Plan

BRAND: Final = "棠里衣橱"
#: Region, province, city, letters of the store code, districts.
CITIES: Final = (
    ("华东", "浙江省", "杭州市", "HZ", ("西湖区", "拱墅区", "滨江区", "余杭区")),
    ("华东", "江苏省", "南京市", "NJ", ("玄武区", "秦淮区", "建邺区", "江宁区")),
    ("华东", "上海", "上海市", "SH", ("徐汇区", "静安区", "浦东新区", "闵行区")),
    ("华东", "江苏省", "苏州市", "SZ", ("姑苏区", "吴中区", "虎丘区", "相城区")),
    ("华南", "广东省", "广州市", "GZ", ("天河区", "越秀区", "海珠区", "番禺区")),
    ("华南", "广东省", "深圳市", "SX", ("南山区", "福田区", "罗湖区", "龙岗区")),
    ("西南", "四川省", "成都市", "CD", ("锦江区", "武侯区", "青羊区", "成华区")),
    ("西南", "重庆", "重庆市", "CQ", ("渝中区", "江北区", "南岸区", "沙坪坝区")),
    ("华中", "湖北省", "武汉市", "WH", ("江汉区", "武昌区", "洪山区", "汉阳区")),
    ("华中", "湖南省", "长沙市", "CS", ("岳麓区", "芙蓉区", "天心区", "雨花区")),
    ("华北", "北京", "北京市", "BJ", ("朝阳区", "海淀区", "东城区", "丰台区")),
    ("华北", "陕西省", "西安市", "XA", ("雁塔区", "碑林区", "莲湖区", "未央区")),
)
#: Centre of each city by the letters of the store code. Decimal degrees, latitude first.
_CENTRES: Final = {
    "HZ": (30.2741, 120.1551),
    "NJ": (32.0603, 118.7969),
    "SH": (31.2304, 121.4737),
    "SZ": (31.2990, 120.5853),
    "GZ": (23.1291, 113.2644),
    "SX": (22.5431, 114.0579),
    "CD": (30.5728, 104.0668),
    "CQ": (29.5630, 106.5516),
    "WH": (30.5928, 114.3055),
    "CS": (28.2282, 112.9388),
    "BJ": (39.9042, 116.4074),
    "XA": (34.3416, 108.9398),
}
#: Stores stand at most so far from the centre, north or south, and about as far east or west. Degrees.
_SPREAD: Final = 0.09
_PLACES: Final = (
    "云栖坊",
    "梧桐汇",
    "拾光天地",
    "南栅里",
    "星澜城",
    "锦棠里",
    "半山荟",
    "沐野广场",
    "听潮里",
    "橘洲坊",
    "青禾天地",
    "望舒城",
)
_GUIDES_A_STORE: Final = 3


@dataclass(frozen=True)
class Store:
    """One store."""

    code: str
    name: str
    region: str
    province: str
    city: str
    opened_on: date
    phone: str
    latitude: float
    longitude: float
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True)
class Member:
    """One member of staff; `store_codes` empty: the whole chain."""

    username: str
    display_name: str
    role: str
    title: str
    store_codes: tuple[str, ...]
    joined_on: date


@dataclass(frozen=True)
class Chain:
    """The merchant: brand, stores, staff."""

    brand: str
    stores: tuple[Store, ...]
    staff: tuple[Member, ...]

    def guides(self, store: int) -> tuple[Member, ...]:
        """Return the sales guides of the store at a position, its manager first."""
        code = self.stores[store].code
        return tuple(member for member in self.staff if member.store_codes == (code,))

    def write(self, folder: Path) -> None:
        """Write chain.json, stores.csv and staff.csv, from which an organisation can be set up."""
        folder.mkdir(parents=True, exist_ok=True)
        regions = list(dict.fromkeys(store.region for store in self.stores))
        whole = {
            "name": self.brand,
            "currency": "CNY",
            "time_zone": "Asia/Shanghai",
            "regions": [{"name": name, "ordinal": ordinal} for ordinal, name in enumerate(regions)],
            "stores": [asdict(store) for store in self.stores],
            "staff": [asdict(member) for member in self.staff],
        }
        text = json.dumps(whole, ensure_ascii=False, indent=1, default=date.isoformat)
        (folder / "chain.json").write_text(text + "\n", encoding="utf-8")
        with (folder / "stores.csv").open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("门店编号", "门店名称", "区域", "省份", "城市", "开业日期", "门店电话", "纬度", "经度"))
            rows.writerows(
                (s.code, s.name, s.region, s.province, s.city, s.opened_on, s.phone, s.latitude, s.longitude)
                for s in self.stores
            )
        with (folder / "staff.csv").open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("登录名", "姓名", "岗位", "角色", "门店编号", "入职日期"))
            rows.writerows(
                (m.username, m.display_name, m.title, m.role, ";".join(m.store_codes), m.joined_on) for m in self.staff
            )


def made_up_chain(plan: Plan, dice: Dice) -> Chain:
    """Return the chain of the plan: stores over the cities, a manager and three guides each, and the head office."""
    phones = store_numbers(plan.stores, offset=int(dice.whole("phone offset", 0, BLOCK)))
    stores = tuple(_store(position, str(phones[position]), plan=plan, dice=dice) for position in range(plan.stores))
    posts: list[tuple[str, str, str, tuple[str, ...]]] = [
        ("owner", "owner", "总经理", ()),
        ("operator", "operator", "社群运营", ()),
        ("analyst", "analyst", "数据分析", ()),
        ("compliance", "compliance", "风控合规", ()),
    ]
    for ordinal, region in enumerate(dict.fromkeys(store.region for store in stores), start=1):
        codes = tuple(store.code for store in stores if store.region == region)
        posts.append((f"area{ordinal}", "region_manager", "区域经理", codes))
    for store in stores:
        code = store.code.lower()
        posts.append((f"{code}-manager", "store_manager", "店长", (store.code,)))
        posts += [(f"{code}-guide{n + 1}", "operator", "导购", (store.code,)) for n in range(_GUIDES_A_STORE)]
    posts.append(("auditor", "auditor", "内部审计", ()))
    return Chain(brand=BRAND, stores=stores, staff=_hired(posts, plan=plan, dice=dice))


def _store(position: int, phone: str, *, plan: Plan, dice: Dice) -> Store:
    """The first stores stand from the start in one city each; with many stores a city gets its next."""
    region, province, city, letters, _ = CITIES[position % len(CITIES)]
    nth = position // len(CITIES)
    place = _PLACES[(position * 5 + nth) % len(_PLACES)]
    suffix = "" if nth < len(_PLACES) else f"{nth // len(_PLACES) + 1}号"
    age = int(dice.whole("store age", position, 2500)) + 200
    north, east = (2 * float(dice.uniform(f"store {way}", position)) - 1 for way in ("north", "east"))
    latitude, longitude = _CENTRES[letters]
    return Store(
        code=f"{letters}{nth + 1:02d}",
        name=f"{BRAND}（{city.removesuffix('市')}{place}{suffix}店）",
        region=region,
        province=province,
        city=city,
        opened_on=plan.from_date - timedelta(days=age),
        phone=phone,
        latitude=round(latitude + _SPREAD * north, 4),
        longitude=round(longitude + 1.2 * _SPREAD * east, 4),
    )


def _hired(posts: list[tuple[str, str, str, tuple[str, ...]]], *, plan: Plan, dice: Dice) -> tuple[Member, ...]:
    """Names of staff come from ids far above those of customers."""
    ids = np.arange(len(posts), dtype=np.int64) + 2**40
    female = dice.happens("staff female", ids, 0.75)
    first, last = surnames(dice, ids), given_names(dice, ids, female=female)
    tenure = dice.whole("staff tenure", ids, 1500) + 30
    return tuple(
        Member(
            username=username,
            display_name=SURNAMES[first[n]] + GIVEN_NAMES[last[n]],
            role=role,
            title=title,
            store_codes=codes,
            joined_on=plan.from_date - timedelta(days=int(tenure[n])),
        )
        for n, (username, role, title, codes) in enumerate(posts)
    )
