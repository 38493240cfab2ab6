from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yutang.ingest import watermark
from yutang.ingest.watermark import Watermark


class TestWatermark:
    @given(runs=st.lists(st.sets(st.integers(1, 60)), max_size=8))
    def test_takes_every_id_in_exactly_once(self, runs: list[set[int]]) -> None:
        mark = Watermark()
        taken: list[int] = []
        visible: set[int] = set()
        for committed in runs:
            visible |= committed
            new = mark.missing(sorted(visible))
            taken += new
            mark = Watermark.from_json(mark.with_ids(new).as_json())

        assert sorted(taken) == sorted(visible)

    def test_forgets_what_lies_below_the_overlap(self) -> None:
        mark = Watermark().with_ids([5, watermark.OVERLAP + 100])

        assert (mark.floor, mark.above) == (100, ((watermark.OVERLAP + 100, watermark.OVERLAP + 100),))
        assert mark.missing([50, 101]) == [101]
