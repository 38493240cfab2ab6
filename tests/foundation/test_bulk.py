"""Set-based writing is the same on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from yutang.foundation import bulk
from yutang.foundation.models import Staff

pytestmark = pytest.mark.django_db


class TestUpdateRows:
    def test_writes_truth_values(self, owner_staff: Staff, operator_staff: Staff) -> None:
        bulk.update_rows("foundation_staff", ("is_active",), [(False, owner_staff.pk), (True, operator_staff.pk)])

        assert dict(Staff.objects.values_list("username", "is_active")) == {"laoban": False, "yunying": True}
