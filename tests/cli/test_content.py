"""`yutang content`: the library, the check of words, contents from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from yutang.cli.main import build
from yutang.content.models import Content

pytestmark = pytest.mark.django_db(transaction=True)
CONTENT = {"title": "一", "kind": "text", "intent": "value", "channels": ["wecom"], "body": "针织平放不挂。"}


def answer(*arguments: str, exit_code: int = 0, given: str | None = None) -> dict[str, Any]:
    result = CliRunner().invoke(build(), ["content", *arguments, "--json"], input=given)
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


class TestContent:
    def test_comes_from_a_file_and_is_listed(self, tmp_path: Path) -> None:
        file = tmp_path / "library.json"
        file.write_text(json.dumps({"contents": [CONTENT]}), encoding="utf-8")

        first, again = answer("import", str(file)), answer("import", str(file))

        assert (len(first["content_ids"]), again["content_ids"], again["known"]) == (1, [], 1)
        (listed,) = answer("list", "--state", "draft")["contents"]
        assert listed["version"]["written"]["title"] == "一"
        assert answer("list", "--state", "approved")["contents"] == []
        told = CliRunner().invoke(build(), ["content", "list"])
        assert "content:" in told.stdout

    def test_a_file_that_is_none_is_refused_whole(self, tmp_path: Path) -> None:
        file = tmp_path / "library.json"
        file.write_text(json.dumps({"contents": [CONTENT, {**CONTENT, "title": "二", "body": "{{phone}}"}]}))

        refusal = answer("import", str(file), exit_code=2)
        missing = answer("import", str(tmp_path / "none.json"), exit_code=2)

        assert refusal["error"]["code"] == "variable_is_unknown"
        assert missing["error"]["code"] == "text_is_missing"
        assert not Content.objects.exists()

    def test_words_are_checked_and_the_exit_code_tells(self) -> None:
        stopped = answer("check", given="第一行\n全网最低价", exit_code=1)
        warned = answer("check", "-", given="www.example.com")
        told = CliRunner().invoke(build(), ["content", "check"], input="全网最低价")

        assert [(one["line"], one["written"]) for one in stopped["findings"]] == [(2, "全网最低")]
        assert (warned["stops"], len(warned["findings"])) == (False, 1)
        assert "活动价" in told.stdout
