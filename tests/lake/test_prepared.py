"""The version whose answers are prepared: shown until the next one's are, but not for ever, and not across changed tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from yutang.insight.lake_reading import lake_seen, looking_at
from yutang.lake.manifest import GRACE, SHOWN_FOR, Lake, Manifest, PartitionFile, Snapshot

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def swapped(lake: Lake, number: int, *, after: timedelta = timedelta(0), declaration: str = "d") -> Snapshot:
    """Let the lake hold one table of one file."""
    file = lake.root / "orders_order" / f"{number}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    held = PartitionFile(file.relative_to(lake.root).as_posix(), 1, 1)
    manifest = Manifest("orders_order", number, {"order_id": "int64"}, declaration, {"all": held})
    with lake.writing():
        return lake.swap(manifests={"orders_order": manifest}, sync={}, now=NOW + after)


class TestPrepared:
    def test_is_the_current_one_where_none_was_prepared(self, tmp_path: Path) -> None:
        lake = Lake(tmp_path)
        assert lake.prepared(now=NOW).version == ""

        assert lake.prepared(now=NOW) != swapped(lake, 1)
        assert lake.prepared(now=NOW) == lake.snapshot()

    def test_is_shown_until_the_next_is_prepared(self, tmp_path: Path) -> None:
        lake = Lake(tmp_path)
        first = swapped(lake, 1)
        lake.note_prepared(first)
        swapped(lake, 2, after=timedelta(minutes=1))
        third = swapped(lake, 3, after=timedelta(minutes=2))

        assert lake.prepared(now=NOW + timedelta(minutes=3)) == first
        lake.note_prepared(third)
        assert lake.prepared(now=NOW + timedelta(minutes=3)) == third

    def test_is_not_shown_for_ever_however_often_others_come(self, tmp_path: Path) -> None:
        lake = Lake(tmp_path)
        lake.note_prepared(swapped(lake, 1))
        swapped(lake, 2, after=timedelta(minutes=1))
        last = swapped(lake, 3, after=SHOWN_FOR)

        assert lake.prepared(now=NOW + SHOWN_FOR).version != last.version
        assert lake.prepared(now=NOW + SHOWN_FOR + timedelta(minutes=2)) == last

    def test_an_overtaken_one_is_not_noted(self, tmp_path: Path) -> None:
        lake = Lake(tmp_path)
        first = swapped(lake, 1)
        second = swapped(lake, 2)

        lake.note_prepared(first)

        assert lake.prepared(now=NOW) == second

    def test_keeps_its_files_while_somebody_may_read_it(self, tmp_path: Path) -> None:
        lake = Lake(tmp_path)
        lake.note_prepared(swapped(lake, 1))
        swapped(lake, 2)
        ends = NOW + SHOWN_FOR + GRACE

        with lake.writing():
            lake.collect_garbage(now=ends)
            assert all(path.exists() for path in lake.prepared(now=NOW).paths_of("orders_order"))
            lake.collect_garbage(now=ends + timedelta(seconds=1))
        assert not (tmp_path / "orders_order/1.parquet").exists()
        assert (tmp_path / "orders_order/2.parquet").exists()

    def test_ends_where_a_newer_program_wants_other_columns(self, tmp_path: Path) -> None:
        lake = Lake(tmp_path)
        lake.note_prepared(swapped(lake, 1))

        second = swapped(lake, 2, declaration="with another column")

        assert lake.prepared(now=NOW) == second


class TestLookingAt:
    def test_everything_within_sees_one_version(self, tmp_path: Path) -> None:
        lake, taken = Lake(tmp_path), []

        def take() -> Snapshot:
            taken.append(lake.snapshot())
            return taken[-1]

        with looking_at(take):
            assert not taken
            first = lake_seen()
            swapped(lake, 1)
            assert lake_seen() is first
        assert len(taken) == 1
