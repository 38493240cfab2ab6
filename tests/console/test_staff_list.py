"""The list of staff tells of nobody without a password that they may log in."""

from __future__ import annotations

import pytest
from django.test import Client

from yutang.foundation.models import Staff

pytestmark = pytest.mark.django_db


class TestStaffList:
    def test_counts_as_able_only_who_has_a_password(
        self, owner_client: Client, operator_staff: Staff, manager_staff: Staff
    ) -> None:
        Staff.objects.filter(pk=operator_staff.pk).update(password="x")
        manager_staff.set_unusable_password()
        manager_staff.save(update_fields=["password"])

        page = owner_client.get("/staff/", {"state": "unset"})
        table = b"".join(owner_client.get("/staff/", {"state": "active", "as": "csv"})).decode("utf-8-sig")

        assert {one["code"]: one["n"] for one in page.context["states"]} == {"active": 3, "unset": 2, "barred": 0}
        assert page.context["subtitle"].startswith("1 ")
        assert {row["card"].person.username for row in page.context["rows"]} == {"laoban", "lidianzhang"}
        able = {line.split(",")[1]: line.split(",")[4] for line in table.splitlines()[1:]}
        assert able["yunying"] != able["laoban"] == able["lidianzhang"]
