from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yutang.ingest import watermark
from yutang.ingest.watermark import Watermark


def within(mark: Watermark, ids: set[int]) -> list[int]:
    """Return which ids a lake of this watermark is asked about: beyond the highest one, and in the gaps below it."""
    return sorted(
        each for each in ids if each > mark.highest or any(first <= each <= last for first, last in mark.gaps)
    )


class TestWatermark:
    @given(runs=st.lists(st.sets(st.integers(1, 60)), max_size=8))
    def test_takes_every_id_in_exactly_once(self, runs: list[set[int]]) -> None:
        mark = Watermark()
        taken: list[int] = []
        visible: set[int] = set()
        for committed in runs:
            visible |= committed
            new = within(mark, visible)
            taken += new
            mark = Watermark.from_json(mark.with_runs([(each, each) for each in new]).as_json())

        assert sorted(taken) == sorted(visible)

    def test_keeps_ids_that_follow_each_other_as_one(self) -> None:
        mark = Watermark().with_runs([(7, 9), (1, 3), (4, 5), (12, 12)])

        assert (mark.above, mark.gaps) == (((1, 5), (7, 9), (12, 12)), ((6, 6), (10, 11)))

    def test_forgets_what_lies_below_the_overlap(self) -> None:
        mark = Watermark().with_runs([(5, 5), (watermark.OVERLAP + 100, watermark.OVERLAP + 100)])

        assert (mark.floor, mark.above) == (100, ((watermark.OVERLAP + 100, watermark.OVERLAP + 100),))
        assert within(mark, {50, 101}) == [101]

    def test_one_run_over_the_overlap_stays_one(self) -> None:
        mark = Watermark().with_runs([(1, watermark.OVERLAP + 100)])

        assert (mark.floor, mark.above) == (100, ((101, watermark.OVERLAP + 100),))
        assert mark.gaps == ()
