"""Footfall of the stores and cost of bought traffic, day by day, consistent with what was sold."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from yutang.simulator.behaviour import Behaviour, Lives
from yutang.simulator.chain import Chain
from yutang.simulator.chance import Dice, Floats, Mask
from yutang.simulator.orders import DAY, Orders
from yutang.simulator.plan import PLATFORMS, TILL, Cause, Plan

#: Paid channel by platform: campaign, and what one newcomer costs in yuan.
_CHANNELS: Final = {
    "till": ("大众点评", "到店推广", 118.0),
    "youzan": ("朋友圈广告", "小程序拉新", 86.0),
    "wechat_shop": ("视频号加热", "直播间加热", 72.0),
    "taobao": ("直通车", "关键词推广", 135.0),
    "jd": ("京东快车", "关键词推广", 142.0),
    "pdd": ("多多搜索", "搜索推广", 64.0),
    "douyin": ("巨量千川", "直播间引流", 96.0),
}


class Traffic:
    """Counts what happens while orders are drawn, and writes footfall and ad cost at the end."""

    def __init__(self, plan: Plan, dice: Dice, chain: Chain, behaviour: Behaviour, causes: tuple[Cause, ...]) -> None:
        self.plan = plan
        self.dice = dice
        self.chain = chain
        self.behaviour = behaviour
        self.causes = causes
        shape = (len(chain.stores), plan.days)
        self._would_be = np.zeros(shape, dtype=np.int64)
        self._sold = np.zeros(shape, dtype=np.int64)
        self._newcomers = np.zeros((len(PLATFORMS), plan.days), dtype=np.int64)

    def count(self, lives: Lives, orders: Orders, lost: Mask) -> None:
        """Take a block into the counts: receipts of the till by store and day, newcomers by platform and day."""
        till = orders["platform"] == TILL
        where = (orders["store"][till], orders["second"][till] // DAY)
        np.add.at(self._would_be, where, 1)
        kept = till & ~lost
        np.add.at(self._sold, (orders["store"][kept], orders["second"][kept] // DAY), 1)
        new = lives.buys
        np.add.at(self._newcomers, (lives.favourite[new], lives.started[new] // DAY), 1)

    def write(self, folder: Path) -> dict[str, int]:
        """Write footfall.csv and ad_cost.csv and return their numbers of rows by file name."""
        folder.mkdir(parents=True, exist_ok=True)
        rows = {}
        if "till" in self.plan.platforms:
            rows["footfall.csv"] = self._write_footfall(folder / "footfall.csv")
        rows["ad_cost.csv"] = self._write_ad_cost(folder / "ad_cost.csv")
        return rows

    def footfall(self) -> tuple[Floats, Floats]:
        """Return passers-by and entries. Shape ``(stores, days)``; entries hold all receipts of the day.

        Entries are what the receipts without any cause would have needed at the store's own conversion; a cause then
        takes from passers-by and entries (`traffic`), from entries alone (`entry_rate`) or from neither (`conversion`).
        """
        stores, days = self._would_be.shape
        ids = np.arange(stores)
        conversion = 0.14 + 0.12 * self.dice.uniform("conversion", ids)
        entry_rate = 0.06 + 0.08 * self.dice.uniform("entry rate", ids)
        even = self._would_be.mean(axis=1, keepdims=True) * self.behaviour.clocks[0].factors[None, :]
        expected = (0.5 * even + 0.5 * self._would_be) / conversion[:, None]
        noise = self.dice.stream("footfall").normal(1.0, 0.06, (2, stores, days))
        entries = expected * np.clip(noise[0], 0.7, 1.3)
        passers = entries / entry_rate[:, None] * np.clip(noise[1], 0.7, 1.3)
        for cause in self.causes:
            if cause.kind in {"traffic", "entry_rate"}:
                cell = self._cells(cause)
                entries[cell] *= cause.factor
                passers[cell] *= cause.factor if cause.kind == "traffic" else 1.0
        entries = np.maximum(np.rint(entries), self._sold)
        return np.maximum(np.rint(passers), entries), entries

    def _write_footfall(self, path: Path) -> int:
        passers, entries = self.footfall()
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("门店编号", "门店名称", "日期", "过店人数", "进店人数"))
            for n, store in enumerate(self.chain.stores):
                for day in range(self.plan.days):
                    rows.writerow((store.code, store.name, self._date(day), int(passers[n, day]), int(entries[n, day])))
        return int(passers.size)

    def _write_ad_cost(self, path: Path) -> int:
        """Cost follows the newcomers with a base that is spent in any case."""
        written = 0
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("渠道", "推广计划", "日期", "花费"))
            for code, platform in enumerate(PLATFORMS):
                if platform not in self.plan.platforms:
                    continue
                channel, campaign, each = _CHANNELS[platform]
                base = self._newcomers[code].mean() * 0.4
                noise = self.dice.stream("ad cost", code).uniform(0.8, 1.2, self.plan.days)
                cost = (base + 0.6 * self._newcomers[code]) * each * noise
                for day in np.flatnonzero(cost > 0).tolist():
                    rows.writerow((channel, campaign, self._date(day), f"{cost[day]:.2f}"))
                    written += 1
        return written

    def _cells(self, cause: Cause) -> tuple[slice, slice]:
        begin, end = ((d - self.plan.from_date).days for d in (cause.first_date, cause.end_date))
        codes = [store.code for store in self.chain.stores]
        stores = (
            slice(None) if cause.subject == "all" else slice(codes.index(cause.subject), codes.index(cause.subject) + 1)
        )
        return stores, slice(max(begin, 0), max(end, 0))

    def _date(self, day: int) -> date:
        return self.plan.from_date + timedelta(days=day)
