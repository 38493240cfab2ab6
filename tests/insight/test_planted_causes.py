"""The explanation of sales finds what the simulator planted; all hundred seeds are in benchmarks/bench_decomposition.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.planted import BEFORE, NOW, PLANTED, Planted, is_found, plant
from yutang.foundation.access import Actor
from yutang.insight.queries import change as change_module
from yutang.insight.queries.change import Comparison, SalesChange, sales_change


def explained(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> SalesChange:
    monkeypatch.setattr("yutang.insight.queries.groups._known", lambda by, access: {})
    monkeypatch.setattr(change_module, "the_lake", type("Held", (), {"snapshot": lambda self: planted.snapshot}))
    asked = Comparison(NOW, BEFORE, by="store")
    if planted.cause.kind == "newcomers":
        asked = Comparison(NOW, BEFORE, by="channel", formula="new_returning")
    return sales_change(access=Actor.system(), today=NOW.end, asked=asked)


@pytest.mark.parametrize("seed", range(len(PLANTED)))
def test_is_found_and_all_parts_add_up(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = plant(seed, tmp_path)

    found = explained(planted, monkeypatch)

    assert sum(found.parts.values()) == found.difference_minor
    assert is_found(planted, found), (planted.cause, [(g.key, dict(g.split.parts)) for g in found.groups])


def test_would_notice_an_explanation_of_another_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = plant(0, tmp_path)
    found = explained(planted, monkeypatch)
    elsewhere = Planted(planted.snapshot, planted.cause, "5" if planted.group_key != "5" else "4", planted.part)

    assert not is_found(elsewhere, found)
