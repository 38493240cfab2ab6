"""Keys once each."""

from __future__ import annotations

import numpy as np
import pytest

from yutang.kit.arrays import distinct


@pytest.mark.parametrize(
    "values",
    [[], [7], [3, 1, 2], [2, 2, 2], [5, -1, 5, 0, -1, 2**62]],
    ids=["none", "one", "unsorted", "the same", "several twice"],
)
def test_are_those_that_numpy_finds(values: list[int]) -> None:
    found = distinct(values)

    assert found.dtype == np.int64
    assert found.tolist() == np.unique(np.asarray(values, dtype=np.int64)).tolist()
