"""Events by month: one part a month on PostgreSQL, once over all of them, and let go by whole months where a setting says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, connections, transaction
from django.db.migrations.state import ProjectState
from django.db.models import Index

from tests.api.conftest import Program
from yutang.api import event_months
from yutang.api.behaviour import Seen, take_events
from yutang.api.event_months import EVENTS, forget_older_events, make_event_months
from yutang.api.models import Behaviour
from yutang.api.tasks import forget_months_of_events, make_months_of_events
from yutang.foundation import months
from yutang.foundation.access import Actor
from yutang.foundation.bulk import execute, fetch
from yutang.foundation.gentle_migrations import AddIndexGently
from yutang.foundation.jobs import enqueue, run_inline
from yutang.foundation.models import AuditEntry
from yutang.foundation.months import MonthlyTable, Part, keep_by_month, missing_months, months_on
from yutang.ingest.models import TouchedPartition

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def take(*events: tuple[str, str], now: datetime = NOW) -> int:
    seen = [Seen(key, "viewed", datetime.fromisoformat(at)) for key, at in events]
    return take_events(actor=Actor.system(), source="web", events=seen, now=now)


def part_of(key: str) -> str:
    ((part,),) = fetch("SELECT tableoid::regclass::text FROM api_behaviour WHERE event_id = %s", [key])
    return str(part)


def known() -> set[str]:
    return {key for (key,) in fetch("SELECT event_id FROM api_behaviour_once")}


class TestMonths:
    @pytest.mark.parametrize(
        ("month", "n", "expected"),
        [("2026-03-01", 0, "2026-03-01"), ("2026-12-01", 1, "2027-01-01"), ("2026-01-01", -13, "2024-12-01")],
    )
    def test_are_counted_over_years(self, month: str, n: int, expected: str) -> None:
        assert months_on(date.fromisoformat(month), n) == date.fromisoformat(expected)

    def test_are_missing_where_no_part_holds_them(self) -> None:
        parts = [
            Part.read("history", "FOR VALUES FROM (MINVALUE) TO ('2026-02-01')"),
            Part.read("march", "FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')"),
            Part.read("strays", "DEFAULT"),
        ]
        wanted = [date(2026, n, 1) for n in (4, 3, 2, 1)]

        assert missing_months(wanted, parts) == [date(2026, 2, 1), date(2026, 4, 1)]


@pytest.fixture
def postgresql(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps tables by month: make test-postgres")


@pytest.mark.usefixtures("postgresql")
@pytest.mark.django_db(transaction=True)
class TestParts:
    @pytest.fixture(autouse=True)
    def _parts_as_they_were(self, postgresql: None) -> Iterator[None]:
        before = {part.name for part in months.parts_of(EVENTS)}
        yield
        execute("DELETE FROM api_behaviour")
        for part in months.parts_of(EVENTS):
            if part.name not in before:
                execute(f"ALTER TABLE api_behaviour DETACH PARTITION {part.name}")
                execute(f"DROP TABLE {part.name}")

    def test_an_event_lies_in_the_part_of_its_month(self) -> None:
        take(
            ("a", "2026-03-10T20:15:00+08:00"), ("b", "2026-03-11T09:00:00+08:00"), ("old", "2019-07-01T09:00:00+08:00")
        )

        assert (part_of("a"), part_of("b"), part_of("old")) == (
            "api_behaviour_2026_03", "api_behaviour_2026_03", "api_behaviour_strays",
        )  # fmt: skip

    def test_an_id_is_known_over_all_months(self) -> None:
        assert take(("a", "2026-03-10T20:15:00+08:00")) == 1

        assert take(("a", "2026-02-10T20:15:00+08:00"), ("b", "2026-02-10T20:15:00+08:00")) == 1
        assert Behaviour.objects.filter(event_id="a").count() == 1

    def test_of_many_who_tell_the_same_at_once_one_is_heard(self) -> None:
        barrier, told = threading.Barrier(4), list[int]()

        def tell(number: int) -> None:
            barrier.wait()
            try:
                told.append(take(*((f"e{n}", f"2026-0{number % 3 + 1}-05T10:00:00+08:00") for n in range(200))))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=tell, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(told) == Behaviour.objects.count() == 200

    def test_what_is_deleted_may_be_told_again_and_what_is_undone_too(self) -> None:
        take(("a", "2026-03-10T20:15:00+08:00"))
        Behaviour.objects.all().delete()
        assert known() == set()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            take(("a", "2026-03-10T20:15:00+08:00"))
            raise ZeroDivisionError

        assert take(("a", "2026-03-10T20:15:00+08:00")) == 1

    def test_rows_come_by_copy_too_and_are_known_then(self) -> None:
        columns = "source, event_id, kind, happened_at, received_at, business_date, properties"
        with connection.cursor() as cursor, cursor.cursor.copy(f"COPY api_behaviour ({columns}) FROM STDIN") as copy:
            for key in ("a", "a", "b"):
                copy.write_row(("web", key, "viewed", NOW, NOW, date(2026, 3, 11), "{}"))

        assert take(("a", "2026-03-10T20:15:00+08:00"), ("c", "2026-03-10T20:15:00+08:00")) == 1
        assert known() == {"a", "b", "c"}

    def test_the_day_of_an_event_does_not_change(self) -> None:
        take(("a", "2026-03-10T20:15:00+08:00"))

        with pytest.raises(IntegrityError, match="does not change"):
            Behaviour.objects.update(business_date=date(2026, 5, 1))
        assert part_of("a") == "api_behaviour_2026_03"

    def test_are_made_ahead_and_for_what_came_late(self) -> None:
        take(
            ("late", "2019-07-01T09:00:00+08:00"),
            ("later", "2019-07-31T09:00:00+08:00"),
            ("a", "2026-03-01T09:00:00+08:00"),
        )

        run_inline(enqueue(make_months_of_events, {}, now=NOW))
        made = make_event_months(now=NOW)
        again = make_event_months(now=NOW + timedelta(days=31))

        assert part_of("late") == part_of("later") == "api_behaviour_2019_07"
        assert event_months.event_months().strays == 0
        assert len(set(made) | set(again)) == len(made) + len(again)
        ready = [part for part in months.parts_of(EVENTS) if part.ends == date(2026, 8, 1)]
        assert len(ready) == 1
        assert take(("late", "2019-07-02T09:00:00+08:00")) == 0

    def test_a_month_is_asked_of_its_part_alone(self) -> None:
        ((plan,),) = fetch(
            "EXPLAIN (FORMAT JSON) SELECT * FROM api_behaviour WHERE business_date >= '2026-03-01' AND business_date < '2026-04-01'"
        )

        assert "api_behaviour_2026_03" in str(plan)
        assert "api_behaviour_2026_04" not in str(plan)


@pytest.mark.django_db(transaction=True)
class TestForgetting:
    EVENTS = (
        ("old", "2025-09-30T20:00:00+08:00"),
        ("edge", "2025-12-31T23:59:59+08:00"),
        ("kept", "2026-01-01T00:00:00+08:00"),
        ("new", "2026-03-10T20:15:00+08:00"),
    )

    def left(self) -> set[str]:
        return set(Behaviour.objects.values_list("event_id", flat=True))

    def run(self) -> dict[str, int]:
        return dict(run_inline(enqueue(forget_months_of_events, {}, now=NOW)))

    @pytest.fixture(autouse=True)
    def _today(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(event_months, "_today", lambda now: date(2026, 3, 11))
        yield
        Behaviour.objects.all().delete()

    def test_never_happens_without_the_setting(self) -> None:
        take(*self.EVENTS)

        assert forget_older_events(actor=Actor.system(), now=NOW) == 0
        assert len(self.left()) == 4
        assert not AuditEntry.objects.filter(action="events.forget_months").exists()

    def test_keeps_the_present_month_and_so_many_before_it(self, settings: Any) -> None:
        take(*self.EVENTS)
        settings.YUTANG_KEEP_EVENTS_MONTHS = 2

        self.run()

        assert self.left() == {"kept", "new"}
        assert self.run() == {"forgotten": 0}

    def test_is_told_to_the_lake_and_the_audit_log(self, settings: Any) -> None:
        take(*self.EVENTS)
        TouchedPartition.objects.all().delete()
        settings.YUTANG_KEEP_EVENTS_MONTHS = 2

        self.run()

        touched = TouchedPartition.objects.filter(table="api_behaviour").values_list("partition", flat=True)
        assert set(touched) == {"2025-09", "2025-12"}
        entries = AuditEntry.objects.filter(action="events.forget_months")
        assert sum(entry.detail["events"] for entry in entries) == 2
        assert sorted(month for entry in entries for month in entry.detail["months"]) == ["2025-09", "2025-12"]

    def test_what_is_not_kept_is_not_taken_in_again(self, settings: Any) -> None:
        take(*self.EVENTS)
        settings.YUTANG_KEEP_EVENTS_MONTHS = 2
        self.run()

        assert take(*self.EVENTS) == 0
        assert self.left() == {"kept", "new"}

    def test_drops_whole_parts_and_what_was_known_of_them(self, postgresql: None, settings: Any) -> None:
        take(*self.EVENTS)
        make_event_months(now=NOW)
        assert part_of("old") == "api_behaviour_2025_09"
        settings.YUTANG_KEEP_EVENTS_MONTHS = 2

        self.run()

        names = {part.name for part in months.parts_of(EVENTS)}
        assert names & {"api_behaviour_2025_09", "api_behaviour_2025_12"} == set()
        assert (self.left(), known()) == ({"kept", "new"}, {"kept", "new"})


@pytest.mark.usefixtures("postgresql")
@pytest.mark.django_db(transaction=True)
class TestTurning:
    """An ordinary table that holds rows becomes one that is kept by month."""

    TABLE = MonthlyTable(name="trial_event", day="day", once_by=("source", "key"), constraint="trial_once")

    @pytest.fixture
    def table(self) -> Iterator[MonthlyTable]:
        execute(
            "CREATE TABLE trial_event (id bigint GENERATED BY DEFAULT AS IDENTITY, source varchar(9) NOT NULL, key varchar(9) NOT NULL,"
            " day date, store_id bigint REFERENCES foundation_store (id) DEFERRABLE INITIALLY DEFERRED,"
            " CONSTRAINT trial_event_pkey PRIMARY KEY (id), CONSTRAINT trial_once UNIQUE (source, key))"
        )
        execute("CREATE INDEX trial_by_day ON trial_event (day)")
        execute("CREATE INDEX trial_open ON trial_event (key) WHERE store_id IS NULL")
        yield self.TABLE
        execute("DROP TABLE IF EXISTS trial_event, trial_event_once, trial_event_history CASCADE")

    def fill(self, rows: int) -> None:
        execute(
            f"INSERT INTO trial_event (source, key, day) SELECT 's', n::text, date '2025-01-01' + n %% 430 FROM generate_series(1, {rows}) n"
        )

    def place(self) -> str:
        ((found,),) = fetch("SELECT pg_relation_filepath(to_regclass('trial_event_history'))")
        return str(found)

    def test_moves_no_row_and_keeps_every_one(self, table: MonthlyTable) -> None:
        self.fill(5_000)
        ((before,),) = fetch("SELECT pg_relation_filepath('trial_event')")

        keep_by_month(table, today=date(2026, 3, 11))

        assert self.place() == before
        assert fetch("SELECT count(*), max(id) FROM trial_event") == [(5_000, 5_000)]
        assert fetch("SELECT count(*) FROM trial_event_once") == [(5_000,)]
        assert [(part.name, part.ends) for part in months.parts_of(table)] == [
            ("trial_event_history", date(2026, 4, 1)),
            ("trial_event_2026_04", date(2026, 5, 1)),
            ("trial_event_2026_05", date(2026, 6, 1)),
            ("trial_event_2026_06", date(2026, 7, 1)),
            ("trial_event_strays", None),
        ]
        execute(
            "INSERT INTO trial_event (source, key, day) VALUES ('s', '17', '2026-05-01'), ('s', 'new', '2026-05-01')"
        )
        assert fetch("SELECT count(*), max(id) > 5000 FROM trial_event") == [(5_001, True)]
        assert {name for (name,) in fetch("SELECT indexname FROM pg_indexes WHERE tablename = 'trial_event'")} == {
            "trial_by_day", "trial_open",
        }  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            execute("INSERT INTO trial_event (source, key, day, store_id) VALUES ('s', 'x', '2026-05-01', 4711)")

    def test_an_empty_one_has_no_part_of_before(self, table: MonthlyTable) -> None:
        keep_by_month(table, today=date(2026, 3, 28))

        assert next(part.name for part in months.parts_of(table)) == "trial_event_2026_03"

    def test_goes_on_where_it_was_cut_off(self, table: MonthlyTable, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fill(100)

        def fall(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        for step in ("_write_down", "_prove_days", "_switch"):
            with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
                patched.setattr(months, step, fall)
                keep_by_month(table, today=date(2026, 3, 11))
            self.fill_more(step)
        keep_by_month(table, today=date(2026, 3, 11))

        assert fetch("SELECT count(*) FROM trial_event") == [(103,)]
        assert fetch("SELECT count(*) FROM trial_event_once") == [(103,)]

    def fill_more(self, key: str) -> None:
        execute("INSERT INTO trial_event (source, key, day) VALUES ('t', %s, '2026-03-11')", [key[:9]])

    def test_keeps_nobody_waiting_while_it_goes_through_the_rows(
        self, table: MonthlyTable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between any two steps, and within those that look at every row, another session writes."""
        self.fill(1_000)
        written: list[str] = []

        def writes(step: Callable[..., Any]) -> Callable[..., Any]:
            def stepped(*given: Any, **more: Any) -> Any:
                self.write_from_elsewhere(f"{len(written)}")
                written.append(step.__name__)
                return step(*given, **more)

            return stepped

        for step in ("_watch", "_write_down", "_prove_days"):
            monkeypatch.setattr(months, step, writes(getattr(months, step)))
        monkeypatch.setattr(months, "_switch", writes_within(self, months._switch, written))

        keep_by_month(table, today=date(2026, 3, 11))

        assert written == ["_watch", "_write_down", "_prove_days", "waited"]
        assert fetch("SELECT count(*) FROM trial_event WHERE source = 'other'") == [(4,)]
        assert fetch("SELECT count(*) FROM trial_event_once WHERE source = 'other'") == [(4,)]

    def write_from_elsewhere(self, key: str) -> None:
        def write() -> None:
            try:
                execute("SET statement_timeout = '20s'")
                execute("INSERT INTO trial_event (source, key, day) VALUES ('other', %s, '2026-03-11')", [key])
            finally:
                connections.close_all()

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

    def test_gives_way_to_who_works_for_long_and_comes_again(
        self, table: MonthlyTable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.fill(10)
        reading, done, pauses = threading.Event(), threading.Event(), list[float]()

        def read() -> None:
            try:
                with transaction.atomic():
                    fetch("SELECT 1 FROM trial_event LIMIT 1")
                    reading.set()
                    done.wait(120)
            finally:
                connections.close_all()

        reader = threading.Thread(target=read)
        reader.start()
        reading.wait(120)

        def paused(seconds: float) -> None:
            # While it waits for its next try, others come through.
            self.write_from_elsewhere(str(len(pauses)))
            pauses.append(seconds)
            if len(pauses) == 3:
                done.set()
                reader.join()

        monkeypatch.setattr(months, "_LOCK_WAIT", "50ms")
        monkeypatch.setattr(months, "time", SimpleNamespace(sleep=paused))

        keep_by_month(table, today=date(2026, 3, 11))

        assert len(pauses) >= 3
        assert fetch("SELECT count(*) FROM trial_event") == [(10 + len(pauses),)]


def writes_within(turning: TestTurning, step: Callable[..., Any], written: list[str]) -> Callable[..., Any]:
    def stepped(*given: Any, **more: Any) -> Any:
        turning.write_from_elsewhere("switch")
        written.append("waited")
        return step(*given, **more)

    return stepped


class TestPrograms:
    @pytest.mark.django_db
    def test_hear_how_many_were_new_where_older_ones_are_not_kept(self, owner_program: Program, settings: Any) -> None:
        settings.YUTANG_KEEP_EVENTS_MONTHS = 1
        events = [
            {"id": "e1", "kind": "viewed", "happened_at": "2020-03-10T20:15:00+08:00"},
            {"id": "e2", "kind": "viewed", "happened_at": datetime.now(UTC).isoformat()},
        ]

        answer = owner_program.post("/events", {"source": "web", "events": events}, Idempotency_Key="")

        assert answer.json() == {"received": 2, "new": 1, "unknown_groups": 0}


@pytest.mark.usefixtures("postgresql")
@pytest.mark.django_db(transaction=True)
def test_an_index_is_made_gently_part_by_part() -> None:
    state = ProjectState.from_apps(apps)
    made = AddIndexGently("behaviour", Index(fields=["kind"], name="trial_by_kind"))
    try:
        with connection.schema_editor(atomic=False) as editor:
            made.database_forwards("api", editor, state, state)
        rows = fetch(
            "SELECT c.relispartition, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname LIKE 'trial_by_kind%%'"
        )
    finally:
        execute("DROP INDEX IF EXISTS trial_by_kind")

    assert sorted(rows) == [(False, True), *([(True, True)] * len(months.parts_of(EVENTS)))]
