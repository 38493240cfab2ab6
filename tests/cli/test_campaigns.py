"""`yutang campaigns` and `yutang delivery` speak the words of the product; what programs read keeps its codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.channels.models import Campaign, Touch
from yutang.cli.main import build
from yutang.customers.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """A campaign in WeCom with a message that is planned, looked at in Chinese."""
    monkeypatch.setenv("YUTANG_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "160")
    settings.YUTANG_LAKE = tmp_path / "lake"
    now = datetime.now(UTC)
    row = Campaign.objects.create(
        key="spring", name="春季护理", channel="wecom", intent="value", words={"text": "毛衫平铺晾干"}, audience={},
        state="running", made_at=now, changed_at=now,
    )  # fmt: skip
    person = Customer.objects.create(sealed_profile=b"", first_seen_at=now)
    Touch.objects.create(
        key="spring:1", customer=person, campaign="spring", channel="wecom", intent="value", content="x", state="planned",
        wanted_at=now, at=now, business_date=now.date(), changed_at=now,
    )  # fmt: skip
    return row


def said(*arguments: str) -> str:
    result = CliRunner().invoke(build(), arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_tables_speak_chinese_and_json_keeps_its_codes(campaign: Campaign) -> None:
    number = str(campaign.pk)

    listed, shown, status = said("campaigns", "list"), said("campaigns", "show", number), said("delivery", "status")

    assert "企业微信" in listed
    assert "企业微信" in status
    for word in ("已计划", "已提交平台", "已送达"):
        assert word in shown
    for raw in ("wecom", "planned", "created", "notified", "confirmed", "delivered"):
        assert raw not in listed + shown + status
    assert "planned" in json.loads(said("campaigns", "show", number, "--json"))["way"]
    (told,) = json.loads(said("campaigns", "list", "--json"))["campaigns"]
    assert told["channel"] == "wecom"
