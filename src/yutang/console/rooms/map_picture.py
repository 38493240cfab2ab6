"""How stores become dots and rings of a drawing: pure geometry, no tiles, no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from yutang.kit.geography import Place, middle_of, seen_from

#: Half the side of the square drawing. Units of the drawing.
HALF = 300
#: Between the farthest store and the edge. Units.
_MARGIN = 56
_SMALLEST, _LARGEST = 7.0, 24.0
#: Rings below this are not to be seen. Units.
_LEAST_RING = 5.0
#: Of a ring around a store, how much farther the drawing reaches. Ratio.
_BEYOND = 1.3
#: Width of a character of a label, and its height, as they are written on a phone, where they are largest. Units.
_WIDE, _NARROW, _HIGH = 20.0, 11.5, 25.0
_LONGEST_LABEL = 12
#: Where a label is tried, one after the other: across (1 right of the dot, -1 left, 0 in its middle) and up (1 above, -1 below).
_AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
#: How far beyond its usual place; from the second on a line leads to it. Units.
_FAR = (0, 26, 52, 78)
_ANCHORS = {1: "start", 0: "middle", -1: "end"}
_ALL_ROUND_KM = 20_000.0


@dataclass(frozen=True)
class Dot:
    """One store to be drawn.

    Attributes:
        weight: what the area of the dot stands for; >= 0, a negative one counts as 0.
        name: label.
        words: what is told of it.
        news: ``up``, ``down`` or ``flat``.
        url: where a click leads; empty: nowhere.
        is_centre: whether the rings are drawn around it.
    """

    place: Place
    weight: float
    name: str
    words: str
    news: str
    url: str
    is_centre: bool = False


def picture_of(dots: Sequence[Dot], *, radius_km: float, centre: Place | None) -> dict[str, Any]:
    """Return circles, rings and labels for a template, in units of a square drawing around its middle.

    Args:
        dots: one at least.
        radius_km: of the rings. Kilometres, > 0.
        centre: around which the rings of half and whole the radius are drawn, and what is beyond left out; None: everything is
            shown, and each store has its own ring.
    """
    middle = centre or middle_of([dot.place for dot in dots])
    where = [seen_from(centre=middle, place=dot.place) for dot in dots]
    reach = radius_km * _BEYOND if centre else _reach(where, radius_km)
    scale = (HALF - _MARGIN) / reach if centre is None else HALF / reach
    most = max((dot.weight for dot in dots), default=0.0)
    drawn = [
        _circle(dot, east * scale, -north * scale, most)
        for dot, (east, north) in zip(dots, where, strict=True)
        if centre is None or math.hypot(east, north) <= reach
    ]
    # The small ones stand on the large ones.
    drawn.sort(key=lambda one: -one["r"])
    _label(drawn)
    ring = radius_km * scale
    return {
        "dots": drawn,
        "beyond": len(dots) - len(drawn),
        "rings": [_ring(radius_km / 2, scale), _ring(radius_km, scale)] if centre else [],
        "own_ring": f"{ring:.1f}" if centre is None and ring >= _LEAST_RING else "",
        "bar": _bar(scale),
        "box": f"{-HALF} {-HALF} {2 * HALF} {2 * HALF}",
    }


def short_names(names: Sequence[str]) -> list[str]:
    """Return names without what all of them begin and end with, such as the brand; at most twelve characters."""
    head = _shared(list(names)) if len(names) > 1 else ""
    tail = _shared([name[len(head) :][::-1] for name in names])[::-1] if len(names) > 1 else ""
    bare = [name[len(head) : len(name) - len(tail)].strip(" ()（）·-") or name for name in names]
    return [one if len(one) <= _LONGEST_LABEL else f"{one[: _LONGEST_LABEL - 1]}…" for one in bare]


def _shared(names: Sequence[str]) -> str:
    """Return the characters with which all names begin."""
    first, last = min(names), max(names)
    length = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:length]


def _reach(where: Sequence[tuple[float, float]], radius_km: float) -> float:
    """Return how far the farthest store lies from the middle; never less than a ring. Kilometres."""
    farthest = max(max(abs(east), abs(north)) for east, north in where)
    return min(max(farthest, radius_km * _BEYOND), _ALL_ROUND_KM)


def _circle(dot: Dot, x: float, y: float, most: float) -> dict[str, Any]:
    share = max(dot.weight, 0.0) / most if most > 0 else 0.0
    r = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(share)
    return {
        "x": x,
        "y": y,
        "cx": f"{x:.1f}",
        "cy": f"{y:.1f}",
        "r": round(r, 1),
        "name": dot.name,
        "words": dot.words,
        "news": dot.news,
        "url": dot.url,
        "is_centre": dot.is_centre,
        "label": None,
    }


def _label(drawn: list[dict[str, Any]]) -> None:
    """Give labels to the dots that have room for one around them: the centre first, then the largest."""
    taken = [(one["x"] - one["r"], one["y"] - one["r"], one["x"] + one["r"], one["y"] + one["r"]) for one in drawn]
    for one in sorted(drawn, key=lambda each: (not each["is_centre"], -each["r"])):
        width = sum(_WIDE if ord(char) > 0x2E7F else _NARROW for char in one["name"])
        for far, (across, up) in product(_FAR, _AROUND):
            gap = far + (5 if not up else 2)
            edge = one["x"] + across * (one["r"] * (0.7 if up else 1) + gap)
            left = edge - width * (1 - across) / 2
            middle = one["y"] - up * (one["r"] * (0.7 if across else 1) + gap + _HIGH / 2)
            box = (left, middle - _HIGH / 2, left + width, middle + _HIGH / 2)
            inside = max(abs(left), abs(left + width), abs(box[1]), abs(box[3])) < HALF - 2
            if inside and not any(_touch(box, other) for other in taken):
                one["label"] = {"x": f"{edge:.1f}", "y": f"{middle + 5.5:.1f}", "anchor": _ANCHORS[across]}
                if far:
                    near = middle + up * _HIGH / 2
                    one["label"]["line"] = {"x": f"{edge:.1f}", "y": f"{near:.1f}"}
                taken.append(box)
                break


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ring(km: float, scale: float) -> dict[str, Any]:
    return {"km": f"{km:g}", "r": f"{km * scale:.1f}", "y": f"{-km * scale - 5:.1f}"}


def _bar(scale: float) -> dict[str, Any]:
    """Return a bar of a round length of a fifth of the drawing at most."""
    longest = HALF * 0.4 / scale
    power = 10.0 ** math.floor(math.log10(longest))
    km = max(step * power for step in (1, 2, 5) if step * power <= longest)
    length = km * scale
    return {"km": f"{km:g}", "x1": -HALF + 16, "x2": f"{-HALF + 16 + length:.1f}", "y": HALF - 16}
