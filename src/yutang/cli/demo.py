"""The demo shop: a made-up chain whose export files come in through the real importers."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from yutang.cli.output import progress_bar
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.geography import Place
from yutang.kit.text import N_, Sentence

SEED = 20


def fill_demo_shop(folder: Path, *, now: datetime) -> dict[str, int] | None:
    """Fill an empty store with the demo shop and return how many stores and files it has; None where there are stores.

    The files come in through the importers, so what the demo shows is what they make of dirty rows and shared phones too.
    """
    from yutang.foundation import jobs, queries
    from yutang.foundation.access import Actor

    # An interrupted filling is taken up again: the same files import to the same rows.
    mark = folder.with_name(f"{folder.name}.unfinished")
    if queries.stores(access=Actor.system()) and not mark.exists():
        return None
    mark.touch()
    shutil.rmtree(folder, ignore_errors=True)
    from yutang.simulator.run import demo_chain, simulate

    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    with progress_bar(_("Making the demo shop")) as told:
        summary = simulate(demo_chain(SEED, today), folder, progress=lambda step, done, total: told(done, total, None))
        counts = load_chain(folder / "chain.json", now=now)
        _add_rule_tag(now=now)
        _start_imports([folder / file.path for file in summary.files], now=now)
        done = 0

        def tell(job_id: int, ending: object) -> None:
            nonlocal done
            done += 1
            told(done, len(summary.files), Sentence(N_("Importing the demo shop")))

        jobs.run_worker(until_idle=True, schedules=False, told=tell)
    mark.unlink()
    return {"stores": counts["stores"], "files": len(summary.files)}


def _add_rule_tag(*, now: datetime) -> None:
    """Add a tag by rule, so that the demo shows one: loyal and growing customers who spent 5,000 yuan and more."""
    from yutang.customers import actions, queries
    from yutang.foundation.access import Actor

    if queries.tag_choices():
        return
    system = Actor.system()
    rule = [
        {"field": "stage", "is": "in", "value": ["loyal", "growing"]},
        {"field": "spend_minor", "is": "at_least", "value": 500_000},
    ]
    group_id = actions.create_tag_group(actor=system, name="经营", now=now)
    actions.create_tag(actor=system, group_id=group_id, name="高价值老客", rule={"all": rule}, now=now)


def _start_imports(paths: list[Path], *, now: datetime) -> None:
    """Ask for the import of every file, as the console does; one that is refused is named and left out."""
    from yutang.foundation.access import Actor
    from yutang.ingest import actions

    for path in paths:
        try:
            record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=now)
            actions.start_import(actor=Actor.system(), import_id=record.pk, now=now)
        except DomainError as refusal:
            print(f"{path.name}: {say(refusal.sentence)}", file=sys.stderr)


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
            place=Place(store["latitude"], store["longitude"]) if "latitude" in store else None,
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
    counts = actions.load_chain(actor=Actor.system(), chain=actions.Chain(stores, staff, regions), now=now)
    _keep_store_numbers([store.get("phone") for store in whole["stores"]], now=now)
    return counts


def _keep_store_numbers(written: list[str | None], *, now: datetime) -> None:
    """Add the stores' own numbers to those that never tell who a customer is: staff type them where nobody gives one."""
    from yutang.customers.organisation import STORE_NUMBERS_SETTING
    from yutang.customers.search import phone_in
    from yutang.foundation import actions, queries
    from yutang.foundation.access import Actor

    known = set(queries.organisation_setting(STORE_NUMBERS_SETTING.key))
    numbers = known | {number for text in written if text and (number := phone_in(text))}
    if numbers != known:
        actions.change_setting(actor=Actor.system(), key=STORE_NUMBERS_SETTING.key, value=sorted(numbers), now=now)


def _morning_of(day: date) -> datetime:
    return datetime.combine(day, time(9), ZoneInfo("Asia/Shanghai"))
