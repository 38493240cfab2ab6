"""Runs a plan: draws people and purchases block by block, then writes files day by day, with the truth beside them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.simulator.behaviour import BLOCK, Behaviour
from yutang.simulator.catalogue import Catalogue
from yutang.simulator.causes import planted_causes
from yutang.simulator.chain import made_up_chain
from yutang.simulator.chance import Dice
from yutang.simulator.orders import OrderBook, Orders
from yutang.simulator.people import People
from yutang.simulator.phones import MOST_PEOPLE
from yutang.simulator.plan import PLATFORMS, TAOBAO, Plan
from yutang.simulator.quota import within_quota
from yutang.simulator.spool import Spool
from yutang.simulator.traffic import Traffic
from yutang.simulator.truth import Truth
from yutang.simulator.writers.desk import Desk, Writer
from yutang.simulator.writers.douyin import DouyinWriter
from yutang.simulator.writers.jd import JdWriter
from yutang.simulator.writers.members import PeopleWriter
from yutang.simulator.writers.pdd import PddWriter
from yutang.simulator.writers.taobao import TaobaoWriter
from yutang.simulator.writers.till import TillWriter
from yutang.simulator.writers.wechat_shop import WechatShopWriter
from yutang.simulator.writers.youzan import YouzanWriter

#: Told now and then: what is being done, how much of it, of how much.
Progress = Callable[[str, int, int], None]
#: Where the merchant knows people by name: there are lists of members and contacts.
OWN_SHOPS: Final = frozenset({"till", "youzan", "wechat_shop"})
_WRITERS: dict[str, type[Writer]] = {
    writer.platform: writer
    for writer in (TillWriter, YouzanWriter, WechatShopWriter, TaobaoWriter, JdWriter, PddWriter, DouyinWriter)
}


class FolderHoldsSomethingElse(DomainError):
    """Files are there that no simulation made; nothing is overwritten."""

    code = "folder_holds_something_else"
    message = N_("%(folder)s is not empty and holds no earlier simulation: name another folder.")


@dataclass(frozen=True)
class ExportFile:
    """One file that was written; `path` is relative to the folder of the simulation."""

    path: str
    platform: str
    rows: int


@dataclass
class Summary:
    """What a simulation made."""

    folder: Path
    people: int = 0
    orders: dict[str, int] = field(default_factory=dict)
    files: list[ExportFile] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the summary for programs."""
        return {
            "folder": str(self.folder),
            "people": self.people,
            "orders": self.orders,
            "order_count": sum(self.orders.values()),
            "files": [{"path": file.path, "platform": file.platform, "rows": file.rows} for file in self.files],
            "truth": self.counted,
        }


def demo_chain(seed: int, today: date) -> Plan:
    """Return the plan of the demo shop: eight stores, some 6,000 people, a year and a half up to yesterday."""
    return Plan(seed=seed, customers=6000, stores=8, from_date=today - timedelta(days=548), to_date=today)


def simulate(plan: Plan, folder: Path, *, progress: Progress = lambda what, done, total: None) -> Summary:
    """Write chain, export files and truth of a plan into a folder and say what was made.

    Args:
        plan: what to simulate.
        folder: filled with ``chain.json``, ``stores.csv``, ``staff.csv``, ``exports/`` and ``truth/``.
        progress: told what is being done, how much, of how much.

    Returns:
        Counts; equal plans make equal bytes.

    Raises:
        FolderHoldsSomethingElse: the folder has files and no ``chain.json``. An earlier simulation is replaced.
    """
    _clear(folder)
    return _Run(plan, folder, progress).finished()


class _Run:
    """The parts of one simulation, wired."""

    def __init__(self, plan: Plan, folder: Path, progress: Progress) -> None:
        self.plan, self.folder, self.progress = plan, folder, progress
        dice = Dice(plan.seed)
        self.chain = made_up_chain(plan, dice)
        self.causes = planted_causes(plan, dice, tuple(store.code for store in self.chain.stores))
        people = People(plan, dice, self.chain)
        self.behaviour = Behaviour(plan, dice, people, self.causes)
        catalogue = Catalogue()
        self.book = OrderBook(
            plan, dice, people=people, catalogue=catalogue, behaviour=self.behaviour, causes=self.causes
        )
        self.desk = Desk(plan, dice, people, self.chain, catalogue, self.book, folder / "exports")
        self.traffic = Traffic(plan, dice, self.chain, self.behaviour, self.causes)
        self.summary = Summary(folder)

    def finished(self) -> Summary:
        """Draw, write, tell."""
        self.chain.write(self.folder)
        truth = Truth(self.plan, self.desk.people, self.folder / "truth")
        self._writers = [_WRITERS[name](self.desk) for name in PLATFORMS if name in self.plan.platforms]
        lists = [PeopleWriter(self.desk)] if OWN_SHOPS & set(self.plan.platforms) else []
        spool_folder = self.folder / ".spool"
        spool = Spool(spool_folder)
        try:
            drawn = self._draw(spool, truth, lists)
            self._write(spool, truth, drawn)
        finally:
            shutil.rmtree(spool_folder, ignore_errors=True)
        truth.close(self.causes)
        self.summary.counted = truth.counted
        for writer in (*self._writers, *lists):
            writer.close()
            self.summary.files += [self._file(sheet.path, writer.platform, sheet.rows) for sheet in writer.sheets]
        for name, rows in self.traffic.write(self.folder / "exports").items():
            self.summary.files.append(self._file(self.folder / "exports" / name, name.removesuffix(".csv"), rows))
        return self.summary

    def _draw(self, spool: Spool, truth: Truth, lists: list[PeopleWriter]) -> int:
        """Draw people until there are enough, of them or of Taobao rows; return how many orders wait in the spool."""
        drawn, rows, block = 0, 0, 0
        while (size := self._next_block(rows)) > 0:
            ids = np.arange(self.summary.people, self.summary.people + size, dtype=np.int64)
            lives, purchases = self.behaviour.block(block, ids)
            orders, lost = self.book.of(lives, purchases)
            kept = orders[~lost]
            if self.plan.lines is not None:
                lives, kept = within_quota(lives, kept, rows=self.plan.lines - rows)
            truth.tell_people(lives, kept)
            for teller in (*self._writers, *lists):
                teller.tell(lives, kept)
            self.traffic.count(lives, orders, lost)
            spool.add(kept)
            drawn += len(kept)
            rows += int((kept["platform"] == TAOBAO).sum())
            self.summary.people += len(lives.ids)
            block += 1
            self.progress("people", self.summary.people, max(self.plan.customers, self.summary.people))
        return drawn

    def _next_block(self, rows: int) -> int:
        """How many people to draw next; 0 when there are enough."""
        if self.plan.lines is None:
            return min(BLOCK, self.plan.customers - self.summary.people)
        return min(BLOCK, MOST_PEOPLE - self.summary.people) if rows < self.plan.lines else 0

    def _write(self, spool: Spool, truth: Truth, drawn: int) -> None:
        """Write all orders by time, each to the files of its platform."""
        written = 0
        for orders in spool.blocks():
            for writer in self._writers:
                mine: Orders = orders[orders["platform"] == PLATFORMS.index(writer.platform)]
                if len(mine):
                    truth.tell_orders(mine, writer.write(mine), writer.dirt(mine))
            written += len(orders)
            self.progress("orders", written, drawn)
        self.summary.orders = {writer.platform: writer.orders for writer in self._writers}

    def _file(self, path: Path, platform: str, rows: int) -> ExportFile:
        return ExportFile(path.relative_to(self.folder).as_posix(), platform, rows)


def _clear(folder: Path) -> None:
    """Remove an earlier simulation, and nothing else."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / "chain.json").exists():
        raise FolderHoldsSomethingElse(folder=str(folder))
    for name in ("exports", "truth", ".spool"):
        shutil.rmtree(folder / name, ignore_errors=True)
