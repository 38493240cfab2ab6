from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.api.conftest import Program
from yutang.api.models import Token
from yutang.cli.main import build

pytestmark = pytest.mark.django_db(transaction=True)


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["api", "tokens", *arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


class TestTokens:
    def test_are_made_shown_once_listed_and_revoked(self, manager_staff: Any) -> None:
        made = answer("create", "till", "--for", "lidianzhang", "--may", "customers.view", "--store", "SH01")
        told = Program(made["token"]).get("/me").json()
        (listed,) = answer("list")["tokens"]
        answer("revoke", str(made["token_id"]))

        assert (told["label"], told["permissions"]) == ("李店长", ["customers.view"])
        assert made["token"] not in str(listed)
        assert (listed["kind"], listed["staff"], listed["status"]) == ("personal", "李店长", "active")
        assert (listed["store_codes"], listed["permissions"]) == (["SH01"], ["customers.view"])
        assert Program(made["token"]).get("/me").status_code == 401
        assert answer("list")["tokens"][0]["status"] == "revoked"

    def test_of_services_hold_their_own_permissions(self) -> None:
        made = answer("create", "ERP", "--may", "imports.run", "--may", "imports.view", "--days", "30")

        assert Program(made["token"]).get("/me").json()["permissions"] == ["imports.run", "imports.view"]
        assert made["expires_at"][:4].isdecimal()

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("create", "ERP"), "token_acts_for_nobody"),
            (("create", "ERP", "--may", "fly"), "permission_is_unknown"),
            (("create", "ERP", "--for", "nobody"), "no_such_staff"),
            (("create", "ERP", "--may", "imports.run", "--store", "X"), "no_such_store"),
            (("create", "ERP", "--may", "imports.run", "--days", "0"), "token_limits_are_wrong"),
            (("revoke", "7"), "no_such_token"),
        ],
    )
    def test_refuse_what_is_wrong(self, arguments: tuple[str, ...], code: str) -> None:
        assert answer(*arguments, exit_code=2)["error"]["code"] == code
        assert Token.objects.count() == 0

    def test_are_shown_to_people(self, manager_staff: Any) -> None:
        answer("create", "till", "--for", "lidianzhang")

        shown = CliRunner().invoke(build(), ["api", "tokens", "list"])

        assert "李店长" in shown.output
