"""The examples of docs/api.md can be copied and pasted."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from yutang.api import actions
from yutang.customers import actions as people
from yutang.foundation.access import PERMISSIONS, Actor
from yutang.orders.models import Order

_TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
_CALLS = [block for block in re.findall(r"```sh\n(.*?)```", _TEXT, flags=re.DOTALL) if "curl" in block]


def test_there_are_examples_of_every_kind() -> None:
    told = "".join(_CALLS)

    assert len(_CALLS) >= 9
    assert all(
        part in told for part in ("-X POST", "-X PUT", "/orders/bulk", "/customers/bulk", "fields=", "Idempotency-Key")
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_each_does_what_it_says(shop: None, live_server: Any, owner_staff: Any) -> None:
    now = timezone.now()
    made = actions.create_service_token(actor=Actor.system(), name="docs", permissions=PERMISSIONS, now=now)
    customer = Order.objects.exclude(customer=None)[0].customer_id
    tag = people.create_tag_in(actor=Actor.system(), group="偏好", name="棉", now=now)
    environment = {**os.environ, "YUTANG": f"{live_server.url}/api/v1", "TOKEN": made.secret, "TAG": str(tag)}
    environment |= {"CUSTOMER": str(customer), "IMPORT": "1", "no_proxy": "*"}
    answers = []
    for block in _CALLS:
        for call in re.findall(r"curl(?:.|\\\n)*?(?=\ncurl|\Z)", block.strip()):
            run = subprocess.run(["bash", "-euc", call], env=environment, capture_output=True, check=True)
            told = json.loads(run.stdout)
            answers.append(told)
            assert "code" not in told, (call, told)
            if "proposed_on" in str(told):
                environment["PROPOSAL"] = str((told.get("items") or [told])[0]["id"])
            if told.get("target"):
                environment["IMPORT"] = str(told["id"])

    assert {"waiting"} <= {str(told.get("status")) for told in answers}
    assert any(told.get("granted") for told in answers)
    assert any(told.get("status") == "not_useful" for told in answers)
