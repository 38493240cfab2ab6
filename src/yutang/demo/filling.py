"""The demo shop: a made-up chain whose export files come in through the real importers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from yutang.content.actions import ready_library
from yutang.content.models import Version
from yutang.customers import actions as customers
from yutang.customers import queries as people
from yutang.customers.organisation import STORE_NUMBERS_SETTING
from yutang.customers.search import phone_in
from yutang.demo.coupons import make_demo_kinds
from yutang.foundation import actions, queries
from yutang.foundation.access import Actor
from yutang.ingest import actions as ingest
from yutang.kit.errors import DomainError
from yutang.kit.geography import Place
from yutang.kit.text import Sentence
from yutang.simulator.run import demo_chain, simulate
from yutang.wecom.organisation import WELCOME_CONTENT

SEED = 20
_ZONE = ZoneInfo("Asia/Shanghai")
#: Content of the library that greets newcomers.
_GREETING = "新朋友问候"
#: Title of those who serve in a store, and what they may do.
_GUIDE = "导购"
_MAY_GUIDE = (
    "customers.view", "customers.unmask", "customers.tag", "worklist.view", "worklist.work", "content.view",
    "coupons.view", "coupons.redeem",
)  # fmt: skip
#: Told now and then: how much is done, of how much, in the step at hand.
Told = Callable[[int, int], None]


def make_shop(*, folder: Path, now: datetime, told: Told) -> list[Path]:
    """Write the files of the demo shop, load its chain, and return the files that are to be imported.

    What an earlier filling wrote is replaced: the same day makes the same bytes, and the same files import to the same rows.
    """
    shutil.rmtree(folder, ignore_errors=True)
    today = now.astimezone(_ZONE).date()
    summary = simulate(demo_chain(SEED, today), folder, progress=lambda _step, done, total: told(done, total))
    load_chain(folder / "chain.json", now=now)
    _add_rule_tag(now=now)
    ready_library(actor=Actor.system(), now=now)
    _greet_newcomers(now=now)
    make_demo_kinds(now=now)
    return [folder / file.path for file in summary.files]


def start_imports(paths: Iterable[Path], *, now: datetime) -> list[tuple[str, Sentence]]:
    """Ask for the import of every file, as the console does; return the names of those that are refused, and why."""
    refused = []
    for path in paths:
        try:
            record = ingest.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=now)
            ingest.start_import(actor=Actor.system(), import_id=record.pk, now=now)
        except DomainError as refusal:
            refused.append((path.name, refusal.sentence))
    return refused


def load_chain(path: Path, *, now: datetime) -> dict[str, int]:
    """Load regions, stores and staff from a ``chain.json``, as the simulator writes it."""
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
    _let_guides_be_guides([member for member in whole["staff"] if member.get("title") == _GUIDE], now=now)
    return counts


def _let_guides_be_guides(guides: list[dict[str, Any]], *, now: datetime) -> None:
    """Give those who serve in a store a role of their own: the people of that store, and what is to be done for them."""
    system = Actor.system()
    key = next((role.key for role in queries.roles() if role.name == _GUIDE), None)
    if guides and key is None:
        key = actions.create_role(actor=system, name=_GUIDE, permissions=_MAY_GUIDE, is_chain_wide=False, now=now)
    for guide in guides:
        place = {"role": str(key), "store_codes": guide["store_codes"]}
        actions.change_place(actor=system, username=guide["username"], **place, now=now)


def _add_rule_tag(*, now: datetime) -> None:
    """Add a tag by rule, so that the demo shows one: loyal and growing customers who spent 5,000 yuan and more."""
    if people.tag_choices():
        return
    system = Actor.system()
    rule = [
        {"field": "stage", "is": "in", "value": ["loyal", "growing"]},
        {"field": "spend_minor", "is": "at_least", "value": 500_000},
    ]
    group_id = customers.create_tag_group(actor=system, name="经营", now=now)
    customers.create_tag(actor=system, group_id=group_id, name="高价值老客", rule={"all": rule}, now=now)


def _greet_newcomers(*, now: datetime) -> None:
    """Let newcomers whose code says nothing of its own be greeted by the library, so that whoever scans any code is."""
    version = Version.objects.filter(content__title=_GREETING, state="approved").order_by("-number").first()
    if version is not None and not queries.organisation_setting(WELCOME_CONTENT):
        content = f"content:{version.content_id}:{version.number}"
        actions.change_setting(actor=Actor.system(), key=WELCOME_CONTENT, value=content, now=now)


def _keep_store_numbers(written: list[str | None], *, now: datetime) -> None:
    """Add the stores' own numbers to those that never tell who a customer is: staff type them where nobody gives one."""
    known = set(queries.organisation_setting(STORE_NUMBERS_SETTING.key))
    numbers = known | {number for text in written if text and (number := phone_in(text))}
    if numbers != known:
        actions.change_setting(actor=Actor.system(), key=STORE_NUMBERS_SETTING.key, value=sorted(numbers), now=now)


def _morning_of(day: date) -> datetime:
    return datetime.combine(day, time(9), _ZONE)
