from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.cli.main import build
from yutang.webhooks.models import Delivery

pytestmark = pytest.mark.django_db(transaction=True)


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["webhooks", *arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


class TestWebhooks:
    def test_are_registered_tested_sent_again_and_forgotten(self, stores: Any) -> None:
        made = answer(
            "add", "ERP", "https://erp.example.com/", "--event", "ingest.ImportUndone", "--event", "customers.PeopleMerged",
            "--store", "SH01", "--with-people",
        )  # fmt: skip
        number = str(made["endpoint_id"])
        (listed,) = answer("list")["webhooks"]
        sent = answer("test", number)
        Delivery.objects.update(status="dead")
        again = answer("replay", number)
        Delivery.objects.update(status="taken")
        one = answer("replay", number, "--delivery", str(sent["delivery_id"]))
        (delivery,) = answer("deliveries", number, "--status", "waiting")["deliveries"]
        renewed = answer("secret", number)
        answer("off", number)
        off = answer("list")["webhooks"][0]["health"]
        answer("on", number)
        answer("remove", number)

        assert made["secret"].startswith("whsec_")
        assert (listed["store_codes"], listed["with_people"]) == (["SH01"], True)
        assert (again["deliveries"], one["deliveries"]) == (1, 1)
        assert (delivery["event"], delivery["attempts"]) == ("webhooks.Test", 0)
        assert renewed["secret"] != made["secret"]
        assert off == "off"
        assert answer("list")["webhooks"] == []

    def test_into_private_networks_are_refused(self) -> None:
        told = answer("add", "x", "https://10.0.0.1/", "--event", "ingest.ImportUndone", exit_code=2)

        assert told["error"]["code"] == "address_is_refused"

    def test_are_shown_as_tables(self) -> None:
        made = answer("add", "ERP", "https://erp.example.com/", "--event", "ingest.ImportUndone")
        answer("test", str(made["endpoint_id"]))

        for shown in (["list"], ["deliveries", str(made["endpoint_id"])]):
            result = CliRunner().invoke(build(), ["webhooks", *shown])
            assert result.exit_code == 0, result.output
            assert "ERP" in result.output or "webhooks.Test" in result.output
