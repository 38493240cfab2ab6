"""Planted campaigns: who farms is told from families, offices and a campus; store and memory answer alike."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from benchmarks.abuse_guard import WOVEN_EVERY, MemoryGuard
from benchmarks.bench_abuse import figures, measured

from tests.conftest import NOW
from tests.risk.conftest import SYSTEM, ask, people, sell, weave
from yutang.risk.actions import note_outcome
from yutang.risk.models import Decision
from yutang.risk.ready_rules import READY, VELOCITY, ready_rules
from yutang.risk.rules import read_rules
from yutang.simulator.abuse import PATTERNS, campaign


@pytest.mark.slow
def test_tells_who_farms_on_seeds_that_the_rules_were_not_written_on() -> None:
    counts: Counter[str] = Counter()
    # Among so few accounts the groups of who farms are small, and some look like families; the benchmark plays large ones.
    for seed, share in ((2_001, 0.05), (2_002, 0.15)):
        counts += measured(seed=seed, share=share, people=1_500, rules=ready_rules())

    found = figures(counts)

    assert found["precision"] >= 0.95
    assert found["recall"] >= 0.75
    assert found["false_refusals"] < 0.005
    assert set(found["recall_by_pattern"]) == set(PATTERNS)


def test_rules_of_single_facts_alone_miss_most() -> None:
    alone = read_rules({**READY, "rules": VELOCITY})

    assert figures(measured(seed=2_003, share=0.1, people=600, rules=alone))["recall"] < 0.4


def test_the_same_seed_gives_the_same_campaign() -> None:
    assert campaign(seed=5, people=200).asks == campaign(seed=5, people=200).asks
    assert campaign(seed=5, people=200).asks != campaign(seed=6, people=200).asks


@pytest.mark.django_db
def test_store_and_memory_answer_alike() -> None:
    made = campaign(seed=4, people=44, share=0.6)
    guard = MemoryGuard(made, ready_rules())
    by_days = {one.id: people(1, days=one.known_days)[0] for one in made.people}
    for one in made.people:
        sell(by_days[one.id], one.orders)
    told, woven, outcomes = [], 0, list(made.outcomes)
    for one in made.asks:
        while outcomes and outcomes[0].at <= one.at:
            fate = outcomes.pop(0)
            guard.note(fate.person, fate.outcome)
            note_outcome(actor=SYSTEM, key=f"seat:{fate.person}", outcome=fate.outcome, now=NOW)
        if one.at >= woven + WOVEN_EVERY:
            woven = one.at
            guard.weave(one.at)
            weave(NOW + timedelta(seconds=one.at))
        verdict, facts = guard.judge(one)
        ask(
            by_days[one.person], kind=one.kind, key=f"{one.kind}:{one.person}", at=NOW + timedelta(seconds=one.at),
            device=one.device, address=one.address, payer=one.payer, place=one.place,
            inviter_id=by_days[one.inviter] if one.inviter else None, value_fen=one.value_fen,
        )  # fmt: skip
        told.append((str(verdict), {name: n for name, n in facts.items() if n}))

    kept = [(row.verdict, row.facts) for row in Decision.objects.order_by("id")]

    assert {"allow", "review", "refuse"} <= {verdict for verdict, _facts in kept}
    assert [at for at, (one, other) in enumerate(zip(told, kept, strict=True)) if one != other] == []
