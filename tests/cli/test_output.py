"""The command line: one JSON object, exit codes, refusals in the person's language."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from yutang.cli import main, output, text
from yutang.foundation import actions
from yutang.foundation.access import Actor
from yutang.foundation.models import Staff
from yutang.kit.text import N_, Sentence

pytestmark = pytest.mark.django_db

PASSWORD = "xiao-yu-tang-88\n"


@pytest.fixture
def yutang(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("yutang.cli.store.ensure_store", lambda: None)
    runner = CliRunner()
    app = main.build()
    return lambda *arguments, stdin="": runner.invoke(app, list(arguments), input=stdin)


class TestUser:
    def test_adds_with_a_password_that_is_shown_once(self, yutang: Any) -> None:
        first = yutang("user", "add", "boss", "--role", "owner", "--json")

        answer = json.loads(first.stdout)
        assert first.exit_code == 0
        assert len(answer["password"]) >= 16
        assert "password" not in json.loads(yutang("user", "list", "--json").stdout)["staff"][0]

    def test_does_not_repeat_a_password_that_was_given(self, yutang: Any) -> None:
        answer = yutang("user", "add", "boss", "--role", "owner", "--password-stdin", "--json", stdin=PASSWORD)

        assert "password" not in json.loads(answer.stdout)

    def test_refuses_as_one_json_object_with_exit_code_2(self, yutang: Any) -> None:
        yutang("user", "add", "boss", "--role", "owner")

        refused = yutang("user", "add", "boss", "--role", "owner", "--json")

        assert refused.exit_code == 2
        assert json.loads(refused.stdout)["error"]["code"] == "username_is_taken"

    def test_explains_a_refusal_to_a_person_on_stderr(self, yutang: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_LANG", "en")

        refused = yutang("user", "deactivate", "nobody")

        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "no member of staff" in refused.stderr

    def test_lists_nobody_without_a_password_as_able_to_log_in(self, yutang: Any, operator_staff: Staff) -> None:
        assert yutang("user", "add", "xiaoli", "--role", "operator").exit_code == 0

        staff = json.loads(yutang("user", "list", "--json").stdout)["staff"]
        lines = {
            one: line
            for line in yutang("user", "list").stdout.splitlines()
            for one in ("yunying", "xiaoli")
            if one in line
        }

        assert {one["username"]: (one["active"], one["can_log_in"]) for one in staff} == {
            "yunying": (True, False),
            "xiaoli": (True, True),
        }
        assert ("✗" in lines["yunying"], "✓" in lines["xiaoli"]) == (True, True)

    def test_changes_a_password_and_bars_who_left(self, yutang: Any, owner: Actor) -> None:
        assert yutang("user", "add", "xiaoli", "--role", "operator").exit_code == 0
        assert yutang("user", "password", "xiaoli", "--password-stdin", stdin=PASSWORD).exit_code == 0
        assert yutang("user", "deactivate", "xiaoli").exit_code == 0

        staff = json.loads(yutang("user", "list", "--json").stdout)["staff"]
        assert [(one["username"], one["active"]) for one in staff] == [("laoban", True), ("xiaoli", False)]


class TestJobs:
    def test_lists_shows_cancels_and_retries(self, yutang: Any, now: Any) -> None:
        from tests.foundation import job_samples
        from yutang.foundation.jobs import enqueue

        job_id = str(enqueue(job_samples.add, {"a": 1, "b": 2}, now=now))

        assert json.loads(yutang("jobs", "list", "--json").stdout)["counts"]["waiting"] == 1
        assert json.loads(yutang("jobs", "cancel", job_id, "--json").stdout)["status"] == "cancelled"
        assert json.loads(yutang("jobs", "retry", job_id, "--json").stdout)["status"] == "waiting"
        assert json.loads(yutang("jobs", "show", job_id, "--json").stdout)["arguments"] == {"a": 1, "b": 2}
        assert yutang("jobs", "show", "404").exit_code == 2


class TestCommand:
    def build(self, body: Any) -> Any:
        app = typer.Typer(pretty_exceptions_enable=False)

        @app.command()
        @output.command
        def only(as_json: output.Json = False) -> output.Answer:
            return body()  # type: ignore[no-any-return]

        return app

    def test_keeps_stdout_for_the_json_object(self, yutang: Any) -> None:
        def talkative() -> output.Answer:
            print("a library says something")
            return output.Answer({"done": True}, "done", exit_code=output.QUARANTINED)

        result = CliRunner().invoke(self.build(talkative), ["--json"])

        assert (result.exit_code, result.stdout) == (1, '{"done": true}\n')

    def test_a_bug_is_loud_and_has_its_own_exit_code(self, yutang: Any) -> None:
        def broken() -> output.Answer:
            raise KeyError("what")

        result = CliRunner().invoke(self.build(broken), ["--json"])

        assert result.exit_code == 70
        assert json.loads(result.stdout)["error"]["code"] == "bug"
        assert "KeyError" in result.stderr

    def test_interruption_has_its_own_exit_code(self, yutang: Any) -> None:
        def interrupted() -> output.Answer:
            raise KeyboardInterrupt

        assert CliRunner().invoke(self.build(interrupted), ["--json"]).exit_code == 130

    def test_wrong_usage_is_one_json_object_too(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.argv", ["yutang", "user", "list", "--jsonn", "--json"])

        with pytest.raises(SystemExit) as end:
            main.main()

        assert end.value.code == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "wrong_usage"


@pytest.mark.once
class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ("imports show", "缺少 import_id。"),
            ("imports show x", "import_id 不接受这个值："),
            ("jobs list --limit 0", "--limit 不接受这个值："),
            ("user list --jsonn", "没有 --jsonn 这个选项。 是不是 --json？"),
            ("no-such", "没有 'no-such' 这个命令。"),
        ],
    )
    @pytest.mark.parametrize("as_json", [True, False])
    def test_is_told_in_the_persons_language(
        self,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        arguments: str,
        said: str,
        as_json: bool,
    ) -> None:
        monkeypatch.setenv("YUTANG_LANG", "zh")
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr("sys.argv", ["yutang", *arguments.split(), *(["--json"] if as_json else [])])

        with pytest.raises(SystemExit) as end:
            main.main()

        told = capsys.readouterr()
        assert end.value.code == 2
        assert said in (json.loads(told.out)["error"]["message"] if as_json else told.err)
        assert as_json or told.out == ""

    @pytest.mark.parametrize("arguments", [["imports", "show", "--help"], ["imports"]])
    def test_help_has_titles_in_the_persons_language(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
    ) -> None:
        monkeypatch.setenv("YUTANG_LANG", "zh")
        monkeypatch.setattr("sys.argv", ["yutang", *arguments])

        with pytest.raises(SystemExit) as end:
            main.main()

        assert end.value.code == (0 if "--help" in arguments else 2)
        assert "选项" in capsys.readouterr().out


class TestLanguage:
    @pytest.mark.parametrize(
        ("environment", "language"),
        [
            ({}, "zh-hans"),
            ({"LANG": "C.UTF-8"}, "zh-hans"),
            ({"LANG": "en_US.UTF-8"}, "en"),
            ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh-hans"),
            ({"LANG": "zh_CN.UTF-8", "YUTANG_LANG": "en"}, "en"),
        ],
    )
    def test_follows_the_setting_then_the_locale_then_chinese(
        self, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
    ) -> None:
        for name in ("YUTANG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        assert text.language() == language

    def test_fills_a_sentence_after_translating_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_LANG", "en")

        assert text.say(Sentence(N_("There is no job %(job_id)s."), {"job_id": 5})) == "There is no job 5."


def test_a_refusal_is_declared_with_a_code_and_a_sentence() -> None:
    assert actions.UsernameIsTaken(username="x").sentence.values == {"username": "x"}
