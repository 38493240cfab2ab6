"""Folding of postal addresses: the same door written differently becomes the same text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DIGITS = {
    "零": 0,
    "〇": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_DIGITS |= {"壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100}
_CHINESE = "".join([*_DIGITS, *_TENS])
#: Numerals are read where a unit of a house follows, so that names such as 三里屯 stay names.
_UNITS = "号楼|号院|栋|幢|座|棟|单元|單元|門|门|层|楼|室|号|房|户|弄|巷|排|期|区"
_NUMERAL = re.compile(f"([{_CHINESE}]+)(?=(?:{_UNITS}))")
#: A run of at least three digits in words, as rooms are read out: 五零一.
_READ_OUT = re.compile(f"[{''.join(_DIGITS)}]{{3,}}")
#: Whatever stands for "of an estate" is hidden from the search for districts.
_ESTATE = re.compile("小区|社区|园区|新区(?=[^0-9]{1,6}(?:路|街|道))|校区|厂区")
_DISTRICT = re.compile(r"^.*?([一-鿿]{2})(?:区|县|旗)(?=[一-鿿])")
_CITY = re.compile(r"^(?:[一-鿿]{2,8}?(?:省|自治区))?[一-鿿]{2,8}?(?:市|自治州|地区|盟)")
_TOWN = re.compile(r"^[一-鿿]{2,6}?(?:街道办事处|街道|镇|乡)(?=[一-鿿])")
_FLOOR = re.compile(r"(\d{1,2})(?:层|楼)(?=[^0-9]*\d)")
_PART = re.compile(r"[A-Z]?\d+[A-Z]?|(?<![A-Z])[A-Z](?=(?:栋|幢|座|单元|号|楼|-|室|区))")
_SHORTEST_NAME, _MOST = 2, 120


@dataclass(frozen=True, slots=True)
class FoldedPlace:
    """A folded address.

    Attributes:
        key: the same for every spelling: two characters of the district, name of road or estate, and numbers in their order.
        is_door: whether it is narrow enough for one household: it names at least a house and a door in it.
    """

    key: str
    is_door: bool


def folded(written: str) -> FoldedPlace:
    """Return an address folded: width, numerals, units, punctuation and what stands around the door do not count.

    ``三栋2单元0501室`` and ``3-2-501`` are one door. Province and city are left out, since people leave them out; a district
    counts by its last two characters. What follows the last number (``放门口``) is no part of the door.
    """
    text = unicodedata.normalize("NFKC", written[:_MOST]).upper()
    text = re.sub(r"[（(【\[].*?[)）】\]]", "", text)
    text = re.sub(
        r"[^0-9A-Z一-鿿#-]", "", text.replace("—", "-").replace("－", "-").replace("~", "-").replace("/", "-")
    )
    district, rest = _without_region(text)
    rest = _READ_OUT.sub(lambda found: "".join(str(_DIGITS[one]) for one in found[0]), rest)
    rest = _NUMERAL.sub(lambda found: str(_number(found[1])), rest)
    first = re.search(r"[A-Z]?\d", rest)
    if first is None:
        return FoldedPlace(f"{district}|{rest}", is_door=False)
    name, tail = rest[: first.start()], rest[first.start() :]
    parts = _parts(tail)
    name = re.sub(r"[-#]|小区|社区$|公寓$", "", name)
    is_door = len(parts) >= 2 and len(name) >= _SHORTEST_NAME
    return FoldedPlace(f"{district}|{name}|{'-'.join(parts)}", is_door=is_door)


def _without_region(text: str) -> tuple[str, str]:
    """Return the last two characters of the district and what follows it, city and town left out."""
    hidden = _ESTATE.sub(lambda found: "＊" * len(found[0]), text)
    # A district stands before the first number.
    head = re.split(r"\d", hidden, maxsplit=1)[0]
    district = ""
    if found := _DISTRICT.match(head):
        district, text = found[1], text[found.end() :]
    elif found := _CITY.match(head):
        text = text[found.end() :]
    if found := _TOWN.match(text):
        text = text[found.end() :]
    return district, text


def _parts(tail: str) -> list[str]:
    """Return the numbers of house, entrance and door without leading zeros; a floor that the door repeats is left out."""
    floors = _FLOOR.finditer(tail)
    dropped = tail
    for found in floors:
        following = re.search(r"\d+", tail[found.end() :])
        if following and following[0].lstrip("0").startswith(found[1].lstrip("0")) and len(following[0]) >= 3:
            dropped = tail[: found.start()] + "-" + tail[found.end() :]
            break
    # The name of an estate between two numbers (文三路100号阳光花园3栋) tells doors of one road apart no better than they do.
    return [_bare(part) for part in _PART.findall(dropped)]


def _bare(part: str) -> str:
    return re.sub(r"(?<![0-9])0+(?=\d)", "", part)


def _number(numeral: str) -> int:
    """Return the number that a Chinese numeral below a thousand names; digits read out one by one count as such."""
    if not any(one in _TENS for one in numeral):
        return int("".join(str(_DIGITS[one]) for one in numeral))
    total, digit = 0, 0
    for one in numeral:
        if one in _TENS:
            total += (digit or 1) * _TENS[one]
            digit = 0
        else:
            digit = _DIGITS[one]
    return total + digit
