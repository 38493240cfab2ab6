"""Effects are of the whole chain: whoever sees some stores only is refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from yutang.experiments import queries
from yutang.foundation.access import Actor

OF_A_STORE = replace(Actor.system(), store_ids=frozenset({1}))


@pytest.mark.parametrize(
    "read",
    [
        lambda: queries.experiments(access=OF_A_STORE),
        lambda: queries.experiment_view(access=OF_A_STORE, key="k"),
        lambda: queries.latest_result(access=OF_A_STORE, key="k"),
        lambda: queries.result_now(access=OF_A_STORE, key="k", now=None),  # type: ignore[arg-type]
        lambda: queries.arms_of(access=OF_A_STORE, key="k", customer_ids=[1]),
    ],
)
def test_whoever_sees_some_stores_only_is_told_why_not(read: Callable[[], Any]) -> None:
    with pytest.raises(queries.EffectsAreOfTheChain, match="some stores only"):
        read()
