"""One small chain, simulated once, and what stands in its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from yutang.simulator.plan import Plan
from yutang.simulator.run import Summary, simulate

Row = dict[str, str]


@dataclass(frozen=True)
class World:
    """A simulation on disk."""

    plan: Plan
    folder: Path
    summary: Summary

    def path(self, platform: str, start: str) -> Path:
        """Return the one export file of a platform whose name starts so."""
        (found,) = [
            file for file in self.summary.files if file.platform == platform and Path(file.path).name.startswith(start)
        ]
        return self.folder / found.path

    def rows(self, platform: str, start: str, *, encoding: str, delimiter: str = ",") -> list[Row]:
        """Return the rows of an export file by trimmed header name."""
        if self.path(platform, start).suffix == ".xlsx":
            header, *cells = CalamineWorkbook.from_path(self.path(platform, start)).get_sheet_by_index(0).to_python()
            return [dict(zip(map(str, header), map(str, row), strict=True)) for row in cells]
        text = self.path(platform, start).read_text(encoding=encoding)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        header = [name.strip() for name in next(reader)]
        return [dict(zip(header, row, strict=True)) for row in reader]

    def truth(self, name: str) -> list[Row]:
        """Return the rows of a file of the truth."""
        with (self.folder / "truth" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def plan(**changes: object) -> Plan:
    """A chain of a year and a half, small enough for a second."""
    wishes: dict[str, object] = {
        "seed": 11,
        "customers": 3000,
        "stores": 6,
        "from_date": date(2025, 5, 20),
        "to_date": date(2026, 11, 20),
    }
    return Plan(**{**wishes, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The chain of these tests, all formats."""
    folder = tmp_path_factory.mktemp("chain")
    wished = plan()
    return World(wished, folder, simulate(wished, folder))


@pytest.fixture
def simulated(tmp_path: Path) -> Callable[..., World]:
    """Simulate a changed plan."""

    def make(name: str = "chain", **changes: object) -> World:
        wished = plan(**changes)
        return World(wished, tmp_path / name, simulate(wished, tmp_path / name))

    return make
