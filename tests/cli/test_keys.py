"""Lost keys as an operator meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.cli.main import build
from yutang.foundation import sealing
from yutang.foundation.keyring import keys_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_home")]

ORDERS = "订单号,下单时间,会员号,手机号,商品名称,数量,单价\nA1,2026-01-02 10:00:00,M1,13800138000,茶,2,9.50\n"


@pytest.fixture
def own_home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("YUTANG_KEYS", raising=False)
    monkeypatch.setenv("YUTANG_LANG", "en")
    settings.YUTANG_HOME = tmp_path
    sealing.forget_keys()
    yield tmp_path
    sealing.forget_keys()


def answer(*arguments: object, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), [*map(str, arguments), "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


def findings(*, exit_code: int) -> dict[str, Any]:
    return {finding["check"]: finding for finding in answer("doctor", exit_code=exit_code)["findings"]}


def bring(folder: Path, *, exit_code: int = 0) -> dict[str, Any]:
    path = folder / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return answer("import", "--no-refresh", path, exit_code=exit_code)


class TestLostKeys:
    def test_are_found_by_doctor_and_refused_by_every_other_command(self, own_home: Path, tmp_path: Path) -> None:
        bring(tmp_path)
        assert findings(exit_code=0)["keys"]["verdict"] == "good"
        elsewhere = keys_path().rename(tmp_path / "elsewhere.json")
        sealing.forget_keys()

        found = findings(exit_code=2)
        refused = [bring(tmp_path, exit_code=2), answer("customers", "show", 1, exit_code=2)]

        assert found["keys"]["verdict"] == "broken"
        assert "backup" in found["keys"]["says"]
        assert {one["error"]["code"] for one in refused} == {"keys_are_missing"}
        assert not keys_path().exists()
        elsewhere.rename(keys_path())
        assert findings(exit_code=0)["keys"]["verdict"] == "good"

    def test_a_key_file_that_cannot_be_read_is_told_in_a_sentence(self, own_home: Path) -> None:
        keys_path().write_text("{")
        sealing.forget_keys()

        found = findings(exit_code=2)["keys"]

        assert (found["verdict"], "backup" in found["says"], "JSONDecodeError" in found["says"]) == (
            "broken",
            True,
            False,
        )
        assert answer("customers", "count", exit_code=2)["error"]["code"] == "keys_are_broken"

    def test_records_that_no_key_opens_are_found(self, own_home: Path, tmp_path: Path) -> None:
        from yutang.customers.models import Customer

        bring(tmp_path)
        Customer.objects.update(sealed_profile=b"\x01" + bytes(60))

        found = findings(exit_code=2)["keys"]

        assert (found["verdict"], bool(found["do"])) == ("broken", True)
