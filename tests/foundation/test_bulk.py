"""Set-based writing is the same on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from django.db import connection

from yutang.foundation import bulk
from yutang.foundation.models import Staff

pytestmark = pytest.mark.django_db


class TestUpdateRows:
    def test_writes_truth_values(self, owner_staff: Staff, operator_staff: Staff) -> None:
        bulk.update_rows("foundation_staff", ("is_active",), [(False, owner_staff.pk), (True, operator_staff.pk)])

        assert dict(Staff.objects.values_list("username", "is_active")) == {"laoban": False, "yunying": True}


class TestOften:
    def test_gives_the_same_and_is_planned_once(self, owner_staff: Staff) -> None:
        query = "SELECT username, %s + 1 FROM foundation_staff WHERE id = %s"

        told = [bulk.fetch(query, (n, owner_staff.pk), often=True) for n in range(10)]

        assert told == [
            bulk.fetch("SELECT username, %s + 1 FROM foundation_staff WHERE id = %s", (n, owner_staff.pk))
            for n in range(10)
        ]
        assert (
            bulk.execute("UPDATE foundation_staff SET theme = %s WHERE id = %s", ("dark", owner_staff.pk), often=True)
            == 1
        )
        if connection.vendor == "postgresql":
            kept = bulk.fetch("SELECT statement FROM pg_prepared_statements")
            assert any("foundation_staff WHERE id" in statement for (statement,) in kept)


class TestMuchToWrite:
    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has room of its own")
    def test_gives_room_and_takes_it_back_also_after_an_error(self) -> None:
        def room() -> list[int]:
            return [bulk.fetch(f"PRAGMA {name}")[0][0] for name in ("cache_size", "wal_autocheckpoint")]

        usual = room()
        with pytest.raises(KeyError), bulk.much_to_write():
            more = room()
            raise KeyError

        assert more == [-524_288, 262_144]
        assert room() == usual != more

    def test_leaves_a_small_machine_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bulk, "available_bytes", lambda: 2**30)
        with bulk.much_to_write():
            assert connection.vendor != "sqlite" or bulk.fetch("PRAGMA cache_size") == [(-65_536,)]
