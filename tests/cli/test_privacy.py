"""A person is erased by a command, with a receipt; not without saying that it is meant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.customers.rows import phone, resolve
from yutang.cli.main import build
from yutang.customers.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["privacy", *arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


def test_erases_here_where_no_worker_lives_and_shows_the_receipt() -> None:
    (someone,) = resolve({"name": "张三", "phone": phone(1)})

    refused = answer("erase", str(someone), "--reason", "本人要求", exit_code=2)
    assert refused["error"]["code"] == "erasure_is_not_confirmed"
    assert Customer.objects.filter(pk=someone).exists()

    told = answer("erase", str(someone), "--reason", "本人要求", "--yes")

    assert (told["state"], told["customer_id"], "customers" in told["receipt"]) == ("done", someone, True)
    assert not Customer.objects.exists()
    shown = CliRunner().invoke(build(), ["privacy", "erasures"]).stdout
    assert str(someone) in shown
    assert [one["id"] for one in answer("erasures")["erasures"]] == [told["id"]]
    assert answer("erase", "99999", "--reason", "x", "--yes", exit_code=2)["error"]["code"] == "no_such_customer"
