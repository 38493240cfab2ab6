"""The check of the models of customer value as one SVG picture, or as a page with the words beside it; no library is needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from xml.etree import ElementTree as Xml

from yutang.cli.text import _, language
from yutang.kit.text import filled

_INK, _PALE, _LINE, _ACCENT, _OTHER = "#1a2030", "#525b6e", "#d3d8e2", "#0a7d55", "#2458b8"
_FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
#: Pixels: a panel, and around its axes.
_WIDTH, _HEIGHT = 560, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 44, 74, 52
_ROUND = (1, 2, 2.5, 5, 10)
#: About so many steps of an axis.
_STEPS = 5
_LARGEST_DOT, _LEAST_DOT = 11.0, 3.0
Points = Sequence[tuple[float, float]]


def picture_of(checks: Mapping[str, Any]) -> str:
    """Return the SVG of a check, as `value_checks.Checks.as_json` writes it."""
    image = Xml.Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {2 * _WIDTH} {2 * _HEIGHT}",
        width=str(2 * _WIDTH),
        height=str(2 * _HEIGHT),
    )
    image.set("font-family", _FONT)
    Xml.SubElement(image, "title").text = _("What the models foresaw, and what happened")
    Xml.SubElement(image, "rect", width="100%", height="100%", fill="#ffffff")
    weeks = checks["weekly"]
    _weeks(_Panel(image, 0, 0), weeks, "_sum", _("Repeat purchases up to each week"))
    _weeks(_Panel(image, 1, 0), weeks, "", _("Repeat purchases week by week"))
    _frequencies(_Panel(image, 0, 1), checks["by_frequency"])
    _chances(_Panel(image, 1, 1), checks["soon"], checks["soon_days"])
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(image, encoding="unicode") + "\n"


def page_of(checks: Mapping[str, Any], *, said: Sequence[str]) -> str:
    """Return a page that holds the picture and what it means, and needs nothing else."""
    title = escape(_("What the models foresaw, and what happened"))
    words = "".join(f"<p>{escape(sentence)}</p>" for sentence in said)
    image = picture_of(checks).partition("\n")[2]
    style = f"body{{max-width:1120px;margin:24px auto;padding:0 16px;color:{_INK};font:15px/1.6 {_FONT}}}svg{{width:100%;height:auto}}"
    tongue = "en" if language() == "en" else "zh-Hans"
    return (
        f'<!doctype html>\n<html lang="{tongue}"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>'
        f"<body><h1>{title}</h1>{words}{image}</body></html>\n"
    )


class _Panel:
    """One chart: a heading, two axes, and what is drawn between them in the units of the axes."""

    def __init__(self, image: Xml.Element, column: int, row: int) -> None:
        self._group = Xml.SubElement(image, "g", transform=f"translate({column * _WIDTH},{row * _HEIGHT})")
        self._across, self._up = (0.0, 1.0), (0.0, 1.0)

    def heading(self, title: str, note: str) -> None:
        self.text(_LEFT, 28, title, size=16, weight="650")
        self.text(_LEFT, 48, note, size=12, fill=_PALE)

    def axes(self, *, across: tuple[float, float], up: tuple[float, float], share: bool = False) -> None:
        """Draw the upward axis with its lines, and keep both scales."""
        self._across, self._up = across, up
        for step in _steps(up[1]):
            self.line([(across[0], step), (across[1], step)], stroke=_LINE)
            label = f"{step:.0%}" if share else f"{step:,.10g}"
            self.text(_LEFT - 8, self.y(step) + 4, label, size=11, fill=_PALE, anchor="end")

    def ticks(self, labels: Sequence[tuple[float, str]], title: str) -> None:
        for at, label in labels:
            self.text(self.x(at), _HEIGHT - _BOTTOM + 18, label, size=11, fill=_PALE, anchor="middle")
        self.text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 14, title, size=12, fill=_PALE, anchor="middle")

    def x(self, value: float) -> float:
        low, high = self._across
        return _LEFT + (value - low) / ((high - low) or 1.0) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self._up
        return _HEIGHT - _BOTTOM - (value - low) / ((high - low) or 1.0) * (_HEIGHT - _TOP - _BOTTOM)

    def line(self, points: Points, *, stroke: str, width: float = 1.0, dashes: str = "") -> None:
        places = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        drawn = Xml.SubElement(self._group, "polyline", points=places, fill="none", stroke=stroke)
        drawn.set("stroke-width", str(width))
        if dashes:
            drawn.set("stroke-dasharray", dashes)

    def dot(self, x: float, y: float, *, radius: float, fill: str, told: str) -> None:
        drawn = Xml.SubElement(
            self._group, "circle", cx=f"{self.x(x):.1f}", cy=f"{self.y(y):.1f}", r=f"{radius:.1f}", fill=fill
        )
        Xml.SubElement(drawn, "title").text = told

    def bar(self, x: float, y: float, *, shift: float, fill: str, told: str) -> None:
        drawn = Xml.SubElement(
            self._group,
            "rect",
            x=f"{self.x(x) + shift:.1f}",
            y=f"{self.y(y):.1f}",
            width="18",
            height=f"{self.y(0) - self.y(y):.1f}",
            fill=fill,
        )
        Xml.SubElement(drawn, "title").text = told

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int,
        fill: str = _INK,
        anchor: str = "start",
        weight: str = "400",
    ) -> None:
        drawn = Xml.SubElement(self._group, "text", x=f"{x:.1f}", y=f"{y:.1f}", fill=fill)
        drawn.set("font-size", str(size))
        drawn.set("text-anchor", anchor)
        drawn.set("font-weight", weight)
        drawn.text = text

    def legend(self, entries: Sequence[tuple[str, str]]) -> None:
        at = float(_LEFT)
        for fill, label in entries:
            drawn = Xml.SubElement(self._group, "rect", x=f"{at:.1f}", y="56", width="10", height="10", fill=fill)
            drawn.set("rx", "2")
            self.text(at + 15, 65, label, size=12, fill=_PALE)
            at += 34 + sum(12 if ord(letter) > 0x2E7F else 6.6 for letter in label)


def _weeks(panel: _Panel, weeks: Sequence[Mapping[str, Any]], kind: str, title: str) -> None:
    panel.heading(title, _("Customers who came before the line; right of it the models saw nothing"))
    if not weeks:
        return
    panel.legend(_what_and_what())
    actual = [(float(k), float(week[f"actual{kind}"])) for k, week in enumerate(weeks)]
    expected = [(float(k), float(week[f"expected{kind}"])) for k, week in enumerate(weeks)]
    top = max(1.0, *(y for _x, y in actual), *(y for _x, y in expected))
    panel.axes(across=(0.0, float(max(len(weeks) - 1, 1))), up=(0.0, top))
    held = next((k for k, week in enumerate(weeks) if week["is_held_out"]), None)
    if held is not None:
        panel.line([(held, 0.0), (held, top)], stroke=_PALE, dashes="4 4")
    panel.line(expected, stroke=_OTHER, width=2.0, dashes="6 4")
    panel.line(actual, stroke=_ACCENT, width=2.2)
    every = max(len(weeks) // 4, 1)
    panel.ticks([(k, str(weeks[k]["ends_on"])) for k in range(0, len(weeks), every)], _("Week that ends on"))


def _frequencies(panel: _Panel, groups: Sequence[Mapping[str, Any]]) -> None:
    panel.heading(_("Orders a customer in the days held out"), _("By how often the customer had come back before"))
    if not groups:
        return
    panel.legend(_what_and_what())
    top = max(0.1, *(max(group["actual"], group["expected"]) for group in groups))
    panel.axes(across=(-0.6, len(groups) - 0.4), up=(0.0, top))
    for place, group in enumerate(groups):
        told = filled(_("%(n)s customers"), {"n": f"{group['customers']:,}"})
        panel.bar(place, group["actual"], shift=-19, fill=_ACCENT, told=f"{group['actual']:.2f} · {told}")
        panel.bar(place, group["expected"], shift=1, fill=_OTHER, told=f"{group['expected']:.2f} · {told}")
    labels = [(float(k), f"{group['x']}{'+' if group['x'] >= 7 else ''}") for k, group in enumerate(groups)]
    panel.ticks(labels, _("Came back before, times"))


def _chances(panel: _Panel, found: Mapping[str, Any] | None, days: int) -> None:
    title = filled(_("Chance of an order within %(days)s days"), {"days": days})
    panel.heading(title, _("On the line: as said. Larger dots: more customers. Bars: 95% interval"))
    if not found:
        return
    panel.axes(across=(0.0, 1.0), up=(0.0, 1.0), share=True)
    panel.line([(0.0, 0.0), (1.0, 1.0)], stroke=_PALE, dashes="4 4")
    most = max(each["customers"] for each in found["bins"])
    for each in found["bins"]:
        told = f"{each['expected']:.1%} → {each['actual']:.1%} · " + filled(
            _("%(n)s customers"), {"n": f"{each['customers']:,}"}
        )
        panel.line([(each["expected"], each["low"]), (each["expected"], each["high"])], stroke=_ACCENT, width=1.6)
        radius = max(_LARGEST_DOT * math.sqrt(each["customers"] / most), _LEAST_DOT)
        panel.dot(each["expected"], each["actual"], radius=radius, fill=_ACCENT, told=told)
    panel.ticks([(k / 5, f"{k / 5:.0%}") for k in range(6)], _("Chance that was said"))
    brier = _("Brier score %(brier)s; %(constant)s with one chance for all.")
    told = brier % {"brier": f"{found['brier']:.4f}", "constant": f"{found['brier_constant']:.4f}"}
    panel.text(_LEFT, 66, told, size=12, fill=_PALE)


def _what_and_what() -> list[tuple[str, str]]:
    return [(_ACCENT, _("happened")), (_OTHER, _("foreseen"))]


def _steps(top: float) -> list[float]:
    """Return round values from 0 to the top."""
    rough = top / _STEPS
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next(one * power for one in _ROUND if one * power >= rough * 0.999)
    return [k * step for k in range(int(top / step + 1e-9) + 1)]
