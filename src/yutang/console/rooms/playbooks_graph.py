"""The steps of a playbook as a graph: boxes in layers, ways between them. Plain values for a template that draws them as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from yutang.journeys.queries import Definition

_WIDTH, _HEIGHT = 176, 46
_ACROSS, _DOWN = 208, 84
_MARGIN = 12


@dataclass(frozen=True)
class Box:
    """One step: where its box stands (pixels), what is written in it, and how many people are there."""

    step: str
    x: int
    y: int
    title: str
    kind: str
    people: int

    @property
    def middle(self) -> int:
        """Middle of the box, across. Pixels."""
        return self.x + _WIDTH // 2


@dataclass(frozen=True)
class Line:
    """One way: a path, the place of its words, and whether it is the way of a refusal."""

    path: str
    x: int
    y: int
    words: str
    is_refusal: bool


@dataclass(frozen=True)
class Graph:
    """Everything that is drawn, and how large it is. Pixels."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    ends: tuple[tuple[int, int], ...]
    box_width: int = _WIDTH
    box_height: int = _HEIGHT
    has_people: bool = True


def graph_of(
    definition: Definition,
    *,
    title_of: Callable[[str], str],
    words_of: Callable[[str, str], str],
    people: Mapping[str, int] | None,
) -> Graph:
    """Return a playbook as a graph.

    Args:
        definition: the playbook.
        title_of: what is written in the box of a step.
        words_of: what is written at a way, by step and field.
        people: who stands where. Count. None: nobody is told of.
    """
    layers, columns = _layers(definition), _columns(definition)
    boxes = {
        step.id: Box(
            step.id,
            _MARGIN + columns[step.id] * _ACROSS,
            _MARGIN + layers[step.id] * _DOWN,
            title_of(step.id),
            step.do,
            (people or {}).get(step.id, 0),
        )
        for step in definition.steps
    }
    lines, ends = [], []
    for step_id, field, to in definition.ways():
        is_refusal = field == "if_refused"
        if to and not (is_refusal and to == _main_way(definition, step_id)):
            lines.append(_line(boxes[step_id], boxes[to], words_of(step_id, field), is_refusal=is_refusal))
    for step in definition.steps:
        ways = [to for step_id, field, to in definition.ways() if step_id == step.id and field != "if_refused"]
        box = boxes[step.id]
        if any(ways) and "" in ways:
            # Beside the box, so that it does not stand on the way that goes on.
            ends.append((box.x + _WIDTH + 16, box.y + _HEIGHT // 2))
            lines.append(Line(f"M{box.x + _WIDTH} {box.y + _HEIGHT // 2} h10", 0, 0, "", is_refusal=False))
        elif not any(ways):
            ends.append((box.middle, box.y + _HEIGHT + 16))
    width = max(box.x for box in boxes.values()) + _WIDTH + 2 * _MARGIN
    height = max(box.y for box in boxes.values()) + _HEIGHT + 34
    return Graph(width, height, tuple(boxes.values()), tuple(lines), tuple(ends), has_people=people is not None)


def _main_way(definition: Definition, step_id: str) -> str:
    return definition.target(step_id, getattr(definition.step(step_id), "then", "next"))


def _layers(definition: Definition) -> dict[str, int]:
    """Return how far below the first each step stands: under all that lead to it."""
    layers = {step.id: 0 for step in definition.steps}
    for _round in layers:
        for step_id, _field, to in definition.ways():
            if to:
                layers[to] = max(layers[to], layers[step_id] + 1)
    return layers


def _columns(definition: Definition) -> dict[str, int]:
    """Return how far to the right each step stands: the first way goes straight down, each other one a column further."""
    columns: dict[str, int] = {}
    widest = [0]

    def place(step_id: str, column: int) -> None:
        if step_id in columns:
            return
        columns[step_id] = column
        widest[0] = max(widest[0], column)
        ways = [to for one, _field, to in definition.ways() if one == step_id and to]
        straight = True
        for to in dict.fromkeys(ways):
            if to not in columns:
                place(to, column if straight else widest[0] + 1)
                straight = False

    for step in definition.steps:
        place(step.id, 0 if not columns else widest[0] + 1)
    return columns


def _line(start: Box, end: Box, words: str, *, is_refusal: bool) -> Line:
    """Return a way from the lower edge of one box to the upper edge of another; a long one in the same column goes around."""
    x1, y1, x2, y2 = start.middle, start.y + _HEIGHT, end.middle, end.y
    if start.x == end.x and y2 - y1 > _DOWN:
        side = start.x + _WIDTH
        around = side + 14
        y1, y2 = start.y + _HEIGHT // 2, end.y + _HEIGHT // 2
        path = f"M{side} {y1} C{around + 8} {y1} {around + 8} {y2} {side} {y2}"
        return Line(path, around, (y1 + y2) // 2, words, is_refusal)
    half = (y2 - y1) // 2 if y2 - y1 < _DOWN else 20
    path = f"M{x1} {y1} C{x1} {y1 + half} {x2} {y1 + half} {x2} {y1 + 2 * half}"
    if y1 + 2 * half < y2:
        path += f" L{x2} {y2}"
    return Line(path, (x1 + x2) // 2 + (6 if x1 == x2 else 0), y1 + half + 4, words, is_refusal)
