"""Staff and roles on the command line, from the first to the last day."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.cli.main import build
from yutang.customers.models import Customer
from yutang.foundation import queries
from yutang.foundation.models import Staff, Store

pytestmark = pytest.mark.django_db


def ran(*arguments: str, code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), [*arguments, "--json"])

    assert result.exit_code == code, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


class TestStaff:
    def test_is_invited_placed_and_let_go(self, stores: dict[str, Store], operator_staff: Staff, now: Any) -> None:
        ran("user", "add", "xiaoli", "--name", "小李", "--store", "SH01", "--region", "华南")
        link = ran("user", "invite", "xiaoli", "--address", "https://pond.example.com/")["link"]
        person = Staff.objects.get(username="xiaoli")
        reach = queries.actor_for(person).store_ids
        ran("user", "place", "xiaoli", "--role", "region_manager", "--region", "华东")
        moved = queries.actor_for(Staff.objects.get(username="xiaoli")).store_ids
        Customer.objects.create(sealed_profile=b"", store=stores["xuhui"], owner=person, first_seen_at=now)
        handed = ran("user", "hand-over", "xiaoli", "--to", "yunying")

        assert link.startswith("https://pond.example.com/welcome/")
        assert reach == {stores["xuhui"].pk, stores["tianhe"].pk}
        assert moved == {stores["xuhui"].pk, stores["pudong"].pk}
        assert (handed["customers"], handed["tasks"]) == (1, 0)
        assert ran("user", "invite", "xiaoli", code=2)["error"]["code"] == "person_is_barred"
        ran("user", "activate", "xiaoli")
        assert Staff.objects.get(username="xiaoli").is_active

    def test_who_stays_is_not_barred(self, manager_staff: Staff, operator_staff: Staff) -> None:
        ran("user", "hand-over", "lidianzhang", "--to", "yunying", "--stays")

        assert Staff.objects.get(username="lidianzhang").is_active

    def test_what_another_one_reaches_is_handed_over_and_the_rest_stays(
        self, stores: dict[str, Store], manager_staff: Staff, operator_staff: Staff, now: Any
    ) -> None:
        for store in ("xuhui", "tianhe"):
            Customer.objects.create(sealed_profile=b"", store=stores[store], owner=operator_staff, first_seen_at=now)

        handed = ran("user", "hand-over", "yunying", "--to", "lidianzhang", "--within-reach")

        assert (handed["customers"], handed["stay"]) == (1, 1)
        assert Staff.objects.get(username="yunying").is_active

    def test_refusals_say_what_is_true(self, owner_staff: Staff) -> None:
        codes = [
            ran(*command, code=2)["error"]["code"]
            for command in (
                ("user", "place", "laoban", "--role", "auditor"),
                ("user", "place", "laoban", "--role", "emperor"),
                ("user", "reset-second-factor", "laoban"),
                ("user", "end-sessions", "nobody"),
                ("user", "add", "zwei worte"),
            )
        ]

        assert codes == [
            "owner_must_remain",
            "no_such_role",
            "second_factor_is_off",
            "no_such_staff",
            "name_is_missing",
        ]
        assert ran("user", "end-sessions", "laoban")["sessions"] == 0


class TestRoles:
    def test_are_put_together_changed_and_removed(self) -> None:
        key = ran("roles", "add", "客服", "--permission", "customers.view")["key"]
        ran("roles", "change", key, "--name", "客服组", "--permission", "audit.view", "--whole-chain")
        listed = {role["key"]: role for role in ran("roles", "list")["roles"]}
        ran("roles", "remove", key)

        assert listed[key]["permissions"] == ["audit.view"]
        assert listed[key]["whole_chain"] is True
        assert listed["owner"]["named"] is True
        assert ran("roles", "remove", key, code=2)["error"]["code"] == "no_such_role"
        assert ran("roles", "remove", "owner", code=2)["error"]["code"] == "named_roles_stay"
        wrong = ran("roles", "add", "x", "--permission", "customers.eat", code=2)
        assert wrong["error"]["data"] == {"permission": "customers.eat"}
