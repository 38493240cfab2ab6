"""How soon the guard of economics pauses a scarf give-away, how seldom a healthy programme, and what it takes in between.

Run: ``python benchmarks/bench_economics.py [--seeds 200]``. The seeds below `FIRST` were used while the method was made; these are others.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import replace

import numpy as np

from yutang.economics.methods.rehearsal import Rehearsed, rehearsed
from yutang.economics.methods.verdicts import Organic, bounds_from
from yutang.simulator.giveaways import HEALTHY, SCARF, Giveaway, Kind, giveaway

#: Seeds below were looked at while the method was made.
FIRST = 10_000
#: What the shop knows of those who came by themselves.
ORGANIC = Organic(newcomers=300, kept=252, left_at_once=15, ordered=54)


def main() -> None:
    """Print how each kind of programme fares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=FIRST)
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    for knows, organic in (("organic newcomers known", ORGANIC), ("nothing known", None)):
        print(f"-- {knows}, {len(seeds)} seeds")
        report("scarf give-away", SCARF, seeds, organic)
        report("scarf, they leave after 6-12 h", replace(SCARF, leave_hours=(6, 12)), seeds, organic)
        report("scarf, all within a day", replace(SCARF, span_days=(1, 1)), seeds, organic)
        report("healthy", HEALTHY, seeds, organic)
        report("healthy, cost next to worth", replace(HEALTHY, cost_to_worth=(0.7, 0.75)), seeds, organic)
        for leaving in (0.15, 0.25, 0.35, 0.45):
            report(f"leaving at once {leaving:.0%}", replace(SCARF, leaving=(leaving, leaving)), seeds, organic)
        for dear in (0.9, 1.1, 1.3, 1.6):
            # Kept are 1 - leaving - the part of the fading that goes within the week; the cost is that part of it.
            ratio = dear * (1 - 0.05 - 0.10 * (1 - np.exp(-1)))
            kind = replace(HEALTHY, leaving=(0.05, 0.05), fading=(0.10, 0.10), cost_to_worth=(ratio, ratio))
            report(f"cost of a kept {dear:.1f} x worth", kind, seeds, organic)


def report(title: str, kind: Kind, seeds: range, organic: Organic | None) -> None:
    """Print what became of a kind of programme: how many paused, before which part of the budget, and by which claim."""
    begun = time.perf_counter()
    parts, claims = [], Counter[str]()
    for seed in seeds:
        made = giveaway(kind, seed=seed)
        found = looked_along(made, organic)
        claims[found.claim or "-"] += 1
        parts.append(found.newcomers / len(made.joined) if found.claim else 1.0)
    paused = np.array(parts)
    third = float((paused < 1 / 3).mean())
    told = ", ".join(f"{name} {count}" for name, count in claims.most_common())
    print(
        f"{title:32} paused {1 - claims['-'] / len(seeds):6.1%}  before a third {third:6.1%}  "
        f"median part {np.median(paused):5.1%}  [{told}]  {time.perf_counter() - begun:.1f} s"
    )


def looked_along(made: Giveaway, organic: Organic | None, *, every_hours: float = 1) -> Rehearsed:
    """Return when the guard that looks every so many hours would have paused a give-away."""
    end = float(made.joined[-1]) + 8
    return rehearsed(
        joined=made.joined,
        left=made.left,
        bought=made.bought,
        unit_cost=made.unit_cost,
        bounds=bounds_from(worth=float(made.worth), organic=organic),
        looks=np.arange(every_hours / 24, end, every_hours / 24),
    )


if __name__ == "__main__":
    main()
