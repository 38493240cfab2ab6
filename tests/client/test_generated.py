"""The generated part of the client is that of the description."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "clients" / "python" / "src" / "yutang_client"


@pytest.mark.slow
def test_the_client_is_not_behind_the_api() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "client.py"), "check"], capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr


def test_every_operation_is_a_method() -> None:
    from yutang.api.operations import door
    from yutang_client.operations import Operations

    named = {one["operationId"] for verbs in door.get_openapi_schema()["paths"].values() for one in verbs.values()}

    assert named <= set(vars(Operations))
    assert {"iterate_customers", "iterate_orders", "iterate_deliveries"} <= set(vars(Operations))
