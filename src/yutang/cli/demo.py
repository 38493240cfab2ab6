"""The demo shop: a made-up chain whose export files come in through the real importers."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SEED = 20


def fill_demo_shop(folder: Path, *, now: datetime) -> dict[str, int] | None:
    """Fill an empty store with the demo shop and return how many stores and files it has; None where there are stores."""
    from yutang.foundation import queries
    from yutang.foundation.access import Actor

    if queries.stores(access=Actor.system()):
        return None
    from yutang.simulator.run import demo_chain, simulate

    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    summary = simulate(demo_chain(SEED, today), folder)
    counts = load_chain(folder / "chain.json", now=now)
    return {"stores": counts["stores"], "files": len(summary.files)}


def load_chain(path: Path, *, now: datetime) -> dict[str, int]:
    """Load regions, stores and staff from a ``chain.json``, as the simulator writes it."""
    from yutang.foundation import actions
    from yutang.foundation.access import Actor

    whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    stores = tuple(
        actions.StoreEntry(
            code=store["code"],
            name=store["name"],
            region=store["region"],
            city=store["city"],
            time_zone=store["time_zone"],
            opened_on=date.fromisoformat(store["opened_on"]),
        )
        for store in whole["stores"]
    )
    staff = tuple(
        actions.StaffEntry(
            username=member["username"],
            display_name=member["display_name"],
            role=member["role"],
            store_codes=tuple(member["store_codes"]),
            joined_at=_morning_of(date.fromisoformat(member["joined_on"])),
        )
        for member in whole["staff"]
    )
    regions = tuple(region["name"] for region in whole["regions"])
    return actions.load_chain(actor=Actor.system(), chain=actions.Chain(stores, staff, regions), now=now)


def _morning_of(day: date) -> datetime:
    return datetime.combine(day, time(9), ZoneInfo("Asia/Shanghai"))
