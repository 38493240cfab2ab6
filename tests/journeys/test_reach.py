"""Whoever sees some stores only counts the people and groups of these in a playbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.journeys.conftest import SYSTEM, Started, enter, tick, wait
from yutang.journeys import queries


def test_people_of_other_stores_are_counted_nowhere(
    started: Started, person: Callable[..., int], stores: dict[str, Any]
) -> None:
    key = started(wait("pause"), {"id": "over", "do": "end"})
    own, others = person(store=stores["xuhui"]), [person(store=stores["tianhe"]) for _ in range(2)]
    enter(key, own, *others)
    tick()
    definition = queries.definition_read(queries.playbook(access=SYSTEM, playbook_id=key).definition)
    of_store = replace(SYSTEM, store_ids=frozenset({stores["xuhui"].pk}))

    def counted(access: Any) -> list[int]:
        (listed,) = queries.playbooks(access=access)
        one = queries.playbook(access=access, playbook_id=key)
        named = queries.playbook_named(access=access, name="试试")
        steps = queries.results_of_steps(access=access, playbook_id=key, definition=definition)
        (version,) = queries.versions_of(access=access, playbook_id=key)
        assert named is not None
        return [
            listed.counts.inside,
            one.counts.inside,
            named.counts.entered,
            steps["pause"].came,
            version.inside,
            sum(queries.places_of(access=access, playbook_id=key).values()),
            len(queries.arms_of(access=access, playbook_id=key)),
        ]

    assert counted(SYSTEM) == [3] * 7
    assert counted(of_store) == [1] * 7
