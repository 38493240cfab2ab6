"""What is compared, and how: sides are asked in turn, each in a process of its own, and must give the same answer."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

#: What a side gives back: ``ask`` works on the question and is timed; ``tell`` turns its result into numbers that all sides must share.
Prepared = tuple[Callable[[], Any], Callable[[Any], dict[str, float]]]


@dataclass(frozen=True)
class Side:
    """One program that answers.

    Attributes:
        prepare: opens what it needs, given the folder of the files; imports of the program belong in here.
        is_peer: runs in the environment of the peers.
        most: the largest size that it is asked at; None: every size.
        because: why it is not asked at larger ones.
    """

    prepare: Callable[[Path], Prepared]
    is_peer: bool = False
    most: int | None = None
    because: str = ""


@dataclass(frozen=True)
class Promise:
    """What the product's median is held against.

    Attributes:
        most: times the median of the quickest of ``sides``, at most.
        sides: the programs.
        since: the size from which on; below it, what a question costs whatever the size counts more than rows do.
    """

    most: float
    sides: tuple[str, ...]
    since: int = 1_000_000


@dataclass(frozen=True)
class Contest:
    """One question.

    Attributes:
        name: of the command and of the file of results.
        title: what is asked, for the report.
        unit: what a size counts.
        sizes: sizes that are asked by default.
        large: further ones, which are asked with ``--large``.
        write: writes the files of a size into a folder; runs in a process of its own.
        sides: the programs by name; ``yutang`` is one of them.
        shared: the relative difference that answers may have: 0 for counts, more where numbers are real.
        promises: what the product is held to.
        remark: what a reader must know to compare fairly.
    """

    name: str
    title: str
    unit: str
    sizes: tuple[int, ...]
    write: Callable[[Path, int], None]
    sides: Mapping[str, Side]
    large: tuple[int, ...] = ()
    shared: float = 0.0
    promises: tuple[Promise, ...] = ()
    remark: str = ""


@dataclass
class Measured:
    """What one side did at one size.

    Attributes:
        seconds: of each asking that counts.
        peak_mib: most memory that its process held. MiB.
        answer: numbers that all sides must share.
        versions: of the program and what it stands on.
    """

    seconds: list[float] = field(default_factory=list)
    peak_mib: int = 0
    answer: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """Median of the seconds."""
        return statistics.median(self.seconds)


class AnswersDiffer(Exception):
    """Two programs were not asked the same, or one is wrong: nothing can be said about their speed."""


def measured(
    contest: Contest, *, size: int, folder: Path, repeats: int, pythons: Mapping[bool, Path], without: set[str]
) -> dict[str, Measured]:
    """Return what each side did at one size: asked once for nothing, then `repeats` times in turn.

    Args:
        contest: the question.
        size: how large the files are.
        folder: where they lie.
        repeats: askings that count. Count.
        pythons: interpreters: ``{False: ours, True: that of the peers}``.
        without: sides that are left out.

    Raises:
        AnswersDiffer: two sides told different numbers.
    """
    asked = {
        name: side
        for name, side in contest.sides.items()
        if name not in without and (side.most is None or size <= side.most)
    }
    found = {name: Measured() for name in asked}
    with ExitStack() as stack:
        children = {
            name: stack.enter_context(_child(contest.name, name, folder, pythons[side.is_peer]))
            for name, side in asked.items()
        }
        for name, child in children.items():
            told = _turn(child, name)
            found[name].answer, found[name].versions = told["answer"], told["versions"]
        _require_same(found, contest.shared)
        for _ in range(repeats):
            for name, child in children.items():
                told = _turn(child, name)
                found[name].seconds.append(told["seconds"])
                found[name].peak_mib = told["peak_mib"]
    return found


@contextmanager
def _child(contest: str, side: str, folder: Path, python: Path) -> Iterator[subprocess.Popen[str]]:
    """Let a process wait for its turns; it ends with the block."""
    child = subprocess.Popen(
        [str(python), "-m", "benchmarks.compare.side", contest, side, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}" if python == Path(sys.executable) else str(ROOT)},
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def _turn(child: subprocess.Popen[str], side: str) -> dict[str, Any]:
    """Let a side answer once and return what it tells of that."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("ask\n")
    child.stdin.flush()
    line = child.stdout.readline()
    if not line:
        raise RuntimeError(f"{side} ended without an answer; what it said stands above")
    told: dict[str, Any] = json.loads(line)
    return told


def _require_same(found: Mapping[str, Measured], shared: float) -> None:
    ours = found["yutang"].answer
    for name, one in found.items():
        close = {
            key: math.isclose(value, ours.get(key, math.nan), rel_tol=shared, abs_tol=shared)
            for key, value in one.answer.items()
        }
        if set(one.answer) != set(ours) or not all(close.values()):
            raise AnswersDiffer(f"yutang found {ours}, {name} {one.answer}")
