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
