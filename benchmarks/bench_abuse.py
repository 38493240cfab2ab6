"""Measure how well the guard tells who farms from who does not: one JSON object on standard output.

    python benchmarks/bench_abuse.py [--seeds 10] [--people 8000] [--most-members 2000] [--as-referral] [--leave-out RULES]

Plays made-up campaigns (`yutang.simulator.abuse`) with rings, farms of devices, self-referral, folded addresses and sleepers
among 1 to 20 % of the accounts, with seeds from 1001 on; the rules were written while looking at seeds 1 to 20 only. An
account counts as stopped when one of its asks was refused or left to a person. Told beside it: what rules of single facts alone
give, without the web of ties. `--most-members` is the size from which on connected people are grouped anew only around what changes:
with a small one, all the larger rings and farms are kept so, as those among very many connected people are in a shop.
`--as-referral` lets everybody come by an invitation, which gives a coupon at once; `--leave-out` tells what some ready rules do.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "src")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")

import django  # noqa: E402

django.setup()

from benchmarks.abuse_guard import played  # noqa: E402
from yutang.risk.asks import Verdict  # noqa: E402
from yutang.risk.painting import MOST_MEMBERS  # noqa: E402
from yutang.risk.ready_rules import READY, VELOCITY  # noqa: E402
from yutang.risk.rules import Rules, read_rules  # noqa: E402
from yutang.simulator.abuse import PATTERNS, campaign  # noqa: E402

SHARES = (0.01, 0.02, 0.05, 0.10, 0.20)
_STOPS = (Verdict.REVIEW, Verdict.REFUSE)


def measured(
    *, seed: int, share: float, people: int, rules: Rules, most_members: int = MOST_MEMBERS, as_referral: bool = False
) -> Counter[str]:
    """Return counts of one campaign: accounts, stopped and refused ones, by kind."""
    made = campaign(seed=seed, people=people, share=share)
    if as_referral:
        made.asks[:] = [replace(one, kind="referral") if one.kind == "join" else one for one in made.asks]
    stopped: dict[int, Verdict] = {}
    first: set[int] = set()
    for ask, verdict, _facts in played(made, rules, most_members):
        if verdict in _STOPS:
            stopped[ask.person] = max(stopped.get(ask.person, Verdict.REVIEW), verdict, key=_STOPS.index)
            if ask.kind != "redemption":
                first.add(ask.person)
    counts: Counter[str] = Counter()
    for one in made.people:
        counts[f"all:{one.kind}"] += 1
        counts[f"stopped:{one.kind}"] += one.id in stopped
        counts[f"refused:{one.kind}"] += stopped.get(one.id) is Verdict.REFUSE
        side = "abuse" if one.is_abuse else "honest"
        counts[side] += 1
        counts[f"{side}_stopped"] += one.id in stopped
        counts[f"{side}_refused"] += stopped.get(one.id) is Verdict.REFUSE
        counts[f"{side}_early"] += one.id in first
    return counts


def figures(counts: Counter[str]) -> dict[str, Any]:
    """Return precision, recall and false refusals out of counts."""
    stopped = counts["abuse_stopped"] + counts["honest_stopped"]
    kinds = sorted({name.partition(":")[2] for name in counts if ":" in name})
    return {
        "accounts": counts["abuse"] + counts["honest"],
        "precision": round(counts["abuse_stopped"] / stopped, 4) if stopped else None,
        "recall": round(counts["abuse_stopped"] / counts["abuse"], 4),
        "recall_before_the_gift": round(counts["abuse_early"] / counts["abuse"], 4),
        "false_refusals": round(counts["honest_refused"] / counts["honest"], 5),
        "false_stops": round(counts["honest_stopped"] / counts["honest"], 5),
        "recall_by_pattern": {
            kind: round(counts[f"stopped:{kind}"] / counts[f"all:{kind}"], 3) for kind in kinds if kind in PATTERNS
        },
        "stopped_by_honest_kind": {
            kind: [counts[f"refused:{kind}"], counts[f"stopped:{kind}"], counts[f"all:{kind}"]]
            for kind in kinds
            if kind not in PATTERNS
        },
    }


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--first", type=int, default=1_001)
    asked.add_argument("--people", type=int, default=8_000)
    asked.add_argument("--most-members", type=int, default=MOST_MEMBERS)
    asked.add_argument("--shares", default=",".join(map(str, SHARES)))
    asked.add_argument("--as-referral", action="store_true")
    asked.add_argument("--leave-out", default="", help="ready rules that do not count, with commas between them")
    given = asked.parse_args()
    left_out = set(filter(None, given.leave_out.split(",")))
    ready = read_rules({**READY, "rules": [one for one in READY["rules"] if one["code"] not in left_out]})
    alone = read_rules({**READY, "rules": [one for one in VELOCITY if one["code"] not in left_out]})
    told: dict[str, Any] = {"seeds": [given.first, given.first + given.seeds - 1], "people": given.people}
    told |= {"most_members": given.most_members, "as_referral": given.as_referral, "left_out": sorted(left_out)}
    for name, rules in (("guard", ready), ("rules_alone", alone)):
        told[name], whole = {}, Counter[str]()
        began = time.perf_counter()
        for share in map(float, given.shares.split(",")):
            counts: Counter[str] = Counter()
            for seed in range(given.first, given.first + given.seeds):
                counts += measured(
                    seed=seed, share=share, people=given.people, rules=rules, most_members=given.most_members,
                    as_referral=given.as_referral,
                )  # fmt: skip
            whole += counts
            told[name][str(share)] = figures(counts)
        told[name]["all"] = figures(whole)
        told[name]["seconds"] = round(time.perf_counter() - began, 1)
    json.dump(told, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
