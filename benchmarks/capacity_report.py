"""Write docs/operations/capacity.md from benchmarks/results/capacity.json: ``python -m benchmarks.capacity_report``.

    python -m benchmarks.capacity_report --core 80 --memory 20 --show

Sizes that were measured are told as they were; larger ones are drawn on from the last two with the growth between them, and marked. Time
and disk are drawn on by straight proportion at least: what every installation takes flatters the growth of small ones.
Prices are the reader's: each is an option.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.bench_capacity import DAYS, ORDERS_A_MEMBER, RESULTS, ROOT, Figures, growth

PAGE = ROOT / "docs" / "operations" / "capacity.md"
#: Parts of a night, in their order.
_NIGHT = ("lake_s", "values_s", "morning_s", "backup_s")
#: Web processes of one machine.
_WEB_PROCESSES = 2
#: Backups that are kept. Count.
_BACKUPS = 14
#: Disk is bought for so many times what lies there: two versions of the lake during a rebuild, copies of files, years to come.
_DISK_SPARE = 3.0


@dataclass(frozen=True)
class Prices:
    """What a month costs. Yuan.

    Attributes:
        core: a core of a machine.
        memory: a GiB of its memory.
        disk: a GiB of its disk.
        archive: a GiB of an object store, where backups lie.
        message: a short message.
        messages: short messages a member a month. Count.
    """

    core: float = 60.0
    memory: float = 15.0
    disk: float = 0.8
    archive: float = 0.12
    message: float = 0.045
    messages: float = 1.0


@dataclass(frozen=True)
class Machine:
    """Machines of one kind."""

    role: str
    count: int
    cores: int
    memory_gib: int


@dataclass(frozen=True)
class Plan:
    """What an installation of so many members stands on."""

    members: int
    store: str
    machines: tuple[Machine, ...]


PLANS = (
    Plan(10_000, "sqlite", (Machine("everything", 1, 2, 4),)),
    Plan(100_000, "sqlite", (Machine("everything", 1, 2, 8),)),
    Plan(1_000_000, "sqlite", (Machine("everything", 1, 4, 16),)),
    Plan(10_000_000, "postgresql", (Machine("PostgreSQL", 1, 8, 64), Machine("web and workers", 2, 8, 32))),
    Plan(
        100_000_000,
        "postgresql",
        (
            Machine("PostgreSQL and its replica", 2, 32, 256),
            Machine("web and workers", 4, 16, 64),
            # Eight times the cores of one machine: with fewer it answers later than DuckDB (docs/operations/spark.md).
            Machine("Spark", 8, 16, 64),
        ),
    ),
)


def main() -> None:
    """Write the page, or show it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in Prices.__dataclass_fields__:
        parser.add_argument(f"--{name}", type=float, default=getattr(Prices(), name), help="yuan or count a month")
    parser.add_argument("--show", action="store_true", help="print the page and write nothing")
    options = parser.parse_args()
    if not RESULTS.exists():
        sys.exit("There are no figures yet: python benchmarks/bench_capacity.py")
    prices = Prices(**{name: getattr(options, name) for name in Prices.__dataclass_fields__})
    page = "\n".join(_page(json.loads(RESULTS.read_text()), prices)) + "\n"
    if options.show:
        print(page, end="")
        return
    PAGE.write_text(page, encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written")


def drawn(sizes: Mapping[str, Figures], members: int) -> tuple[Figures, bool]:
    """Return the figures of so many members, and whether they were measured rather than drawn on from the last two sizes."""
    if str(members) in sizes:
        return sizes[str(members)], True
    largest = max(map(int, sizes))
    decades = math.log10(members / largest)
    grown = {name: factor if _is_shared(name) else max(factor, 10.0) for name, factor in growth(sizes).items()}
    return {name: sizes[str(largest)][name] * factor**decades for name, factor in grown.items()}, False


def _is_shared(name: str) -> bool:
    """Return whether a figure need not grow with the members: what is held at once, and what one screen takes."""
    return name.endswith(("_peak_mib", "_ms")) or name == "web_process_mib"


def _page(told: Mapping[str, Any], prices: Prices) -> Iterator[str]:
    stores = {name: one["sizes"] for name, one in told["stores"].items()}
    machine = told["machine"]
    yield _HEAD.format(orders=ORDERS_A_MEMBER, years=DAYS // 365)
    yield "## What to buy\n"
    yield "| members | store | machines (cores, GiB) | disk, GiB | night | yuan a month: machines, disk, backups | short messages |"
    yield "| ---: | --- | --- | ---: | ---: | ---: | ---: |"
    for plan in PLANS:
        yield _plan_line(plan, stores[plan.store], prices)
    yield _PLAN_NOTES.format(spare=_DISK_SPARE, backups=_BACKUPS, prices=_prices(prices))
    yield "## What was measured\n"
    yield (
        f"`python benchmarks/bench_capacity.py`, {told['measured_at'][:10]}, {machine['cores']} cores of "
        f"{machine['processor']}, {machine['memory_gib']:.0f} GiB. Growth is what ten times the members cost, from the last two "
        "sizes: 10 is straight proportion.\n"
    )
    for name, sizes in stores.items():
        yield f"### {_STORES[name]}\n"
        yield from _measured(sizes)
    yield "## What breaks first, and what to do\n"
    figures = _breaking(stores)
    for limit in _LIMITS:
        yield from limit.lines(figures)


def _plan_line(plan: Plan, sizes: Mapping[str, Figures], prices: Prices) -> str:
    figures, is_measured = drawn(sizes, plan.members)
    about = "" if is_measured else "about "
    lies_gib = (figures["store_mib"] + figures["lake_mib"]) / 1024
    disk_gib = max(20.0, lies_gib * _DISK_SPARE)
    machines = ", ".join(f"{one.count} × {one.role} ({one.cores}, {one.memory_gib})" for one in plan.machines)
    for_messages = plan.members * prices.messages * prices.message
    total = _hardware(plan.machines, prices) + disk_gib * prices.disk
    total += _BACKUPS * figures["backup_mib"] / 1024 * prices.archive
    night = sum(figures[part] for part in _NIGHT)
    return (
        f"| {plan.members:,} | {_STORES[plan.store]} | {machines} | {about}{_round(disk_gib)} | {about}{_span(night)} "
        f"| {about}{_round(total)} | {_round(for_messages)} |"
    )


def _hardware(machines: Sequence[Machine], prices: Prices) -> float:
    return sum(one.count * (one.cores * prices.core + one.memory_gib * prices.memory) for one in machines)


def _measured(sizes: Mapping[str, Figures]) -> Iterator[str]:
    rows = [(key, label) for key, label in _LABELS.items() if any(key in one for one in sizes.values())]
    grown = growth(sizes)
    yield f"| | {' | '.join(f'{int(size):,} members' for size in sizes)} | growth |"
    yield f"| --- |{' ---: |' * (len(sizes) + 1)}"
    for key, label in rows:
        cells = " | ".join(f"{one[key]:,.4g}" if one[key] < 1000 else f"{one[key]:,.0f}" for one in sizes.values())
        yield f"| {label} | {cells} | {grown.get(key, '')} |"
    yield ""


def _breaking(stores: Mapping[str, Mapping[str, Figures]]) -> dict[str, str]:
    """Return the figures of the sentences about what breaks first."""
    ten, _ = drawn(stores["postgresql"], 10_000_000)
    hundred, _ = drawn(stores["postgresql"], 100_000_000)
    lite, _ = drawn(stores["sqlite"], 10_000_000)
    return {
        "lite_night": _span(sum(lite[part] for part in _NIGHT)),
        "lite_gib": _round(lite["store_mib"] / 1024),
        "ten_night": _span(sum(ten[part] for part in _NIGHT)),
        "hundred_night": _span(sum(hundred[part] for part in _NIGHT)),
        "hundred_store": _round(hundred["store_mib"] / 1024),
        "hundred_memory": _round(_most_held(stores, 100_000_000) / 1024),
        "ten_memory": _round(_most_held(stores, 10_000_000) / 1024),
        "web": _round(max(one["web_process_mib"] for one in stores["sqlite"].values()) * _WEB_PROCESSES),
    }


def _most_held(stores: Mapping[str, Mapping[str, Figures]], members: int) -> float:
    """Return what a part of the night holds at most. MiB. It is the same work on both stores; one was measured at larger sizes."""
    at_size = [drawn(sizes, members)[0] for sizes in stores.values()]
    return max(one[f"{part}_peak_mib"] for one in at_size for part in ("lake", "values", "morning"))


def _round(value: float) -> str:
    """Return a figure with two digits that tell something."""
    if value < 10:
        return f"{value:.1f}"
    step = 10 ** max(0, math.floor(math.log10(value)) - 1)
    return f"{round(value / step) * step:,}"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def _prices(prices: Prices) -> str:
    return (
        f"a core {prices.core:g}, a GiB of memory {prices.memory:g}, a GiB of disk {prices.disk:g}, a GiB in an object store "
        f"{prices.archive:g}, a short message {prices.message:g}, {prices.messages:g} of them a member a month"
    )


_STORES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_LABELS = {
    "store_mib": "store, MiB",
    "lake_mib": "lake, MiB",
    "backup_mib": "backup, MiB",
    "day_s": "a day's orders imported, s",
    "day_peak_mib": "its memory, MiB",
    "lake_s": "lake brought up to date, s",
    "lake_peak_mib": "its memory, MiB",
    "values_s": "models of value fitted and checked, s",
    "values_peak_mib": "its memory, MiB",
    "morning_s": "scores of everybody and today's list, s",
    "morning_peak_mib": "its memory, MiB",
    "backup_s": "backup, s",
    "first_lake_s": "lake made for the first time, s",
    "first_morning_s": "first scores of everybody, s",
    "move_s": "moved from SQLite and compared, s",
    "screens_middle_ms": "95 of 100 answers of the middle kind of screen within, ms",
    "screens_slowest_ms": "of the slowest kind, ms",
    "web_process_mib": "a process of the web server after 1,000 screens, MiB",
}
_HEAD = """\
# What a chain needs, by its members

Written by `make bench-report` from `benchmarks/results/capacity.json`. A member stands for {orders} orders within {years} years with a line
and a third each, a name, an address, a phone number, a shop account and a message and a half; the chain has 200 stores. What was not
measured but drawn on from the last two sizes says “about”: an order of magnitude, no promise. Time and disk are drawn on by ten times for
ten times the members at least, also where they grew less: what every installation takes flatters the growth of small ones.
"""
_PLAN_NOTES = """
- **Disk**: {spare:g} times what store and lake hold, 20 GiB at least: a rebuilt lake lies beside the old one for a while, and years come.
- **Night**: the lake brought up to date, models of value fitted, everybody scored and the backup, one after the other, on the two cores
  on which they were measured. More cores answer questions to the lake sooner; what is written into the store is written by one process.
- **Yuan a month**: machines, disk and {backups} backups in an object store. Supposed: {prices}. These are no offers; put your own:
  `python -m benchmarks.capacity_report --show --core 80 --message 0.05`. Messages in WeCom cost nothing each; people, traffic, mail and
  what WeCom itself asks are not in it.
"""


@dataclass(frozen=True)
class Limit:
    """What ends first: a heading, from when on, what one sees, what to do; figures in braces come from what was measured."""

    what: str
    when: str
    seen: str
    remedy: str

    def lines(self, figures: Mapping[str, str]) -> Iterator[str]:
        """Return it as a section of the page."""
        yield f"### {self.what}\n"
        for name, text in (("When", self.when), ("One sees", self.seen), ("Do", self.remedy)):
            yield f"- **{name}**: {text.format(**figures)}"
        yield ""


_LIMITS = (
    Limit(
        "SQLite is written by one process at a time",
        "a second machine is wanted, or pages that write wait for imports. A night of 10 million members would be about {lite_night}, "
        "the file about {lite_gib} GiB.",
        "`yutang_request_seconds` of forms grows while an import or the night runs.",
        "[move to PostgreSQL](postgresql.md#move-from-sqlite): one command, compared on both sides.",
    ),
    Limit(
        "Memory of the night",
        "about {ten_memory} GiB at 10 million members, about {hundred_memory} GiB at 100 million. Two processes of the web server hold "
        "{web} MiB at every size that was measured.",
        "the system ends a worker; its job is taken by another, ends it too, and is given up.",
        "more memory for one worker, or a lower [YUTANG_QUERY_MEMORY](../settings.md#yutang_query_memory): DuckDB then uses the disk.",
    ),
    Limit(
        "The night does not end before the shops open",
        "about {ten_night} at 10 million members on two cores, about {hundred_night} at 100 million.",
        "today's list is that of yesterday; `yutang jobs list` shows what still runs.",
        "a worker of its own for the night, more cores, then [Spark](spark.md) for questions to the lake.",
    ),
    Limit(
        "Connections of PostgreSQL",
        "web processes and workers times [YUTANG_POOL](../settings.md#yutang_pool) come near `max_connections`.",
        "`yutang_pool_refused_total` grows and pages answer 503.",
        "[count them](postgresql.md#connections), then PgBouncer.",
    ),
    Limit(
        "Reports slow customers down",
        "long questions to the store meet many orders.",
        "answers of all pages grow while somebody looks at figures.",
        "[a replica for reports](postgresql.md#a-replica-for-reports).",
    ),
    Limit(
        "A dump takes too long",
        "the store is about {hundred_store} GiB at 100 million members.",
        "the backup is of yesterday when it ends.",
        "the server's own continuous archiving; keys and files are kept as [back up](../backup.md) says.",
    ),
)


if __name__ == "__main__":
    main()
