"""What `yutang up` sets up for trying out SMS and e-mail, and where it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.cli.main import build
from yutang.cli.up_postbox import wanted_postbox


class TestPostbox:
    def test_stands_in_for_the_ways_that_nobody_set_up(self, settings: Any, tmp_path: Path) -> None:
        settings.YUTANG_PUBLIC_URL = ""
        settings.YUTANG_SMS = {**settings.YUTANG_SMS, "gateway": ""}
        settings.YUTANG_MAIL = {**settings.YUTANG_MAIL, "host": ""}

        both = wanted_postbox(shop_port=8_000)
        settings.YUTANG_PUBLIC_URL = "https://shop.example"
        settings.YUTANG_SMS = {**settings.YUTANG_SMS, "gateway": "tencent"}
        mail = wanted_postbox(shop_port=8_000)
        settings.YUTANG_MAIL = {**settings.YUTANG_MAIL, "host": "mail.example"}
        nothing = wanted_postbox(shop_port=8_000)

        assert both is not None
        assert both.environment["YUTANG_SMS_BASE_URL"] == f"http://127.0.0.1:{both.port}"
        assert both.environment["YUTANG_MAIL_PORT"] == str(both.mail_port) != str(both.port)
        assert both.environment["YUTANG_PUBLIC_URL"] == "http://127.0.0.1:8000"
        command = both.child(tmp_path, shop_port=8_000).command
        assert command[-6:] == [
            "--shop-url", "http://127.0.0.1:8000", "--port", str(both.port), "--mail-port", str(both.mail_port),
        ]  # fmt: skip
        assert mail is not None
        assert not {one for one in mail.environment if one.startswith(("YUTANG_SMS", "YUTANG_PUBLIC"))}
        assert nothing is None

    @pytest.mark.django_db
    def test_is_refused_beside_real_people(self, settings: Any, tmp_path: Path) -> None:
        settings.YUTANG_HOME = tmp_path

        refused = CliRunner().invoke(build(), ["delivery", "sandbox", "--shop-url", "http://127.0.0.1:8000", "--json"])

        assert refused.exit_code == 2
        assert json.loads(refused.stdout)["error"]["code"] == "sandbox_needs_demo_shop"
