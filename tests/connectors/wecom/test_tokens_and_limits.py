"""Tokens are fetched once, limits are met once, and nothing is repeated that must not be."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.wecom.conftest import Sandbox, at_once
from yutang.connectors.wecom.api.mass import customer_chunks
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import (
    AddressNotTrusted,
    AnswerUnreadable,
    NotPermitted,
    OutcomeUnknown,
    RateLimited,
    SecretRefused,
    SystemBusy,
    TokenRefused,
    TooManyAtOnce,
    Unreachable,
    WeComError,
)
from yutang.connectors.wecom.ledgers import FileLedger, MemoryLedger
from yutang.connectors.wecom.messages import Message
from yutang.connectors.wecom.settings import AddressIsNotSafe, Limits, WeComSettings
from yutang.connectors.wecom.tokens import FileTokens, MemoryTokens, Token

LIST = "externalcontact/get_follow_user_list"
CREATE = "externalcontact/add_msg_template"

CHILD = textwrap.dedent(
    """
    import sys, threading
    from pathlib import Path
    from yutang.connectors.wecom.client import WeCom
    from yutang.connectors.wecom.settings import WeComSettings
    from yutang.connectors.wecom.tokens import FileTokens

    base_url, corp_id, secret, folder, rounds = sys.argv[1:]
    client = WeCom(settings=WeComSettings(corp_id=corp_id, secret=secret, base_url=base_url), tokens=FileTokens(Path(folder)))
    problems = []

    def work():
        try:
            for _ in range(int(rounds)):
                client.customers.staff()
        except Exception as error:
            problems.append(error)

    sys.stdin.readline()
    threads = [threading.Thread(target=work) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    sys.exit(str(problems) if problems else 0)
    """
)


class CountingClock:
    """Stands still, and keeps how long it was asked to wait."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return 1_000.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class TestTokens:
    def test_sixteen_threads_fetch_one(self, sandbox: Sandbox) -> None:
        client = sandbox.client()
        sandbox.fault(kind="slow", api="gettoken", seconds=0.2, times=None)

        assert at_once(client.customers.staff, threads=16) == []

        assert sandbox.calls("gettoken") == 1
        assert sandbox.calls(LIST, 0) == 16

    def test_an_early_end_makes_sixteen_threads_fetch_one_more(self, sandbox: Sandbox) -> None:
        client = sandbox.client()
        client.customers.staff()
        sandbox.order("token/expire")

        assert at_once(client.customers.staff, threads=16) == []

        assert sandbox.calls("gettoken") == 2

    def test_two_processes_of_eight_threads_share_tokens(self, sandbox: Sandbox, tmp_path: Path) -> None:
        sandbox.fault(kind="slow", api="gettoken", seconds=0.2, times=None)
        arguments = [sandbox.simulator.base_url, sandbox.world.corp_id, sandbox.secret, str(tmp_path / "tokens"), "5"]
        children = [
            subprocess.Popen([sys.executable, "-c", CHILD, *arguments], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(2)
        ]

        ended = [child.communicate(b"\n", timeout=300) for child in children]

        assert [child.returncode for child in children] == [0, 0], ended
        assert sandbox.calls("gettoken") == 1
        assert sandbox.calls(LIST, 0) == 80

    def test_the_file_can_be_read_by_its_owner_only(self, sandbox: Sandbox, tmp_path: Path) -> None:
        sandbox.client(tokens=FileTokens(tmp_path / "tokens")).customers.staff()

        (file,) = (tmp_path / "tokens").glob("*.json")
        assert file.stat().st_mode & 0o077 == 0
        assert sandbox.secret not in file.read_text()

    def test_a_broken_file_is_fetched_again(self, sandbox: Sandbox, tmp_path: Path) -> None:
        folder = tmp_path / "tokens"
        sandbox.client(tokens=FileTokens(folder)).customers.staff()
        next(folder.glob("*.json")).write_text("{half")

        sandbox.client(tokens=FileTokens(folder)).customers.staff()

        assert sandbox.calls("gettoken") == 2

    def test_one_that_grows_old_is_renewed_before_it_ends(self, sandbox: Sandbox) -> None:
        client = sandbox.client()
        client.customers.staff()
        sandbox.order("clock", advance=7_190)
        client.customers.staff()
        sandbox.order("clock", advance=20)
        client.customers.staff()

        assert sandbox.calls(LIST, 42001) <= 1
        assert sandbox.calls(LIST, 0) == 3

    @pytest.mark.parametrize("errcode", [42001, 40014])
    def test_a_refused_one_is_renewed_once_and_no_more(self, sandbox: Sandbox, errcode: int) -> None:
        client = sandbox.client()
        sandbox.fault(kind="code", api=LIST, errcode=errcode, times=1)
        client.customers.staff()
        sandbox.fault(kind="code", api=LIST, errcode=errcode, times=None)

        with pytest.raises(TokenRefused):
            client.customers.staff()

        assert sandbox.calls(LIST, errcode) == 3
        assert sandbox.calls("gettoken") == 3

    def test_a_wrong_secret_is_not_tried_again_and_again(self, sandbox: Sandbox) -> None:
        client = sandbox.client(secret="wrong")

        for _ in range(20):
            with pytest.raises(SecretRefused):
                client.customers.staff()

        assert sandbox.calls("gettoken", 40001) == 1
        sandbox.order("clock", advance=61)
        with pytest.raises(SecretRefused):
            client.customers.staff()
        assert sandbox.calls("gettoken", 40001) == 2

    def test_wrong_corp_and_address_are_told_apart(self, sandbox: Sandbox) -> None:
        with pytest.raises(SecretRefused) as raised:
            sandbox.client(corp_id="ww0").customers.staff()
        assert raised.value.errcode == 40013

        sandbox.order("rules", allows_address=False)
        with pytest.raises(AddressNotTrusted):
            sandbox.client().customers.staff()

    def test_a_token_never_travels_in_the_clear(self) -> None:
        with pytest.raises(AddressIsNotSafe):
            WeComSettings(corp_id="ww1", secret="s", base_url="http://wecom.example.com/cgi-bin/")

    def test_secrets_are_in_no_log_and_no_text(self, sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("DEBUG")
        sandbox.client().customers.staff()

        assert "gettoken" in caplog.text
        assert sandbox.secret not in caplog.text
        assert "TOKEN" not in caplog.text
        assert sandbox.secret not in repr(sandbox.settings())


class TestLimits:
    def test_the_own_ledger_keeps_below_the_limit_of_the_server(self, sandbox: Sandbox) -> None:
        sandbox.order("rules", per_minute=20, per_hour=70)
        client = sandbox.client(limits=Limits(per_minute=20, per_hour=70), patience_seconds=4_000)

        for _ in range(75):
            client.customers.staff()

        assert sandbox.show("calls")["limits_met"] == {}

    def test_without_patience_the_moment_of_the_next_call_is_told(self, sandbox: Sandbox) -> None:
        sandbox.order("clock", stop=True)
        client = sandbox.client(limits=Limits(per_minute=3), patience_seconds=0)
        for _ in range(3):
            client.customers.staff()

        with pytest.raises(RateLimited) as raised:
            client.customers.staff()

        assert 59 <= raised.value.seconds <= 62
        assert sandbox.calls(LIST) == 3

    @pytest.mark.parametrize("kind", ["memory", "file"])
    def test_a_limit_that_was_met_is_not_met_again_in_its_window(
        self, sandbox: Sandbox, tmp_path: Path, kind: str
    ) -> None:
        sandbox.order("clock", stop=True)
        sandbox.order("rules", per_minute=5)
        ledger = MemoryLedger() if kind == "memory" else FileLedger(tmp_path / "ledger.db")
        clients = [sandbox.client(ledger=ledger, patience_seconds=0) for _ in range(2)]
        refused = 0

        for _ in range(60):
            for client in clients:
                try:
                    client.customers.staff()
                except RateLimited:
                    refused += 1
            sandbox.order("clock", advance=2)

        shown = sandbox.show("calls")
        assert refused > 0
        assert shown["limits_met_again"] == {}
        assert shown["limits_met"][LIST] == sandbox.calls(LIST, 45009) >= 1
        assert sandbox.calls(LIST, 0) >= 10

    def test_a_limit_is_met_by_one_call_however_many_processes_call(self, sandbox: Sandbox, tmp_path: Path) -> None:
        sandbox.fault(kind="slow", api=LIST, seconds=0.02, times=None)
        ledgers = [FileLedger(tmp_path / "ledger.db") for _ in range(2)]
        clients = [sandbox.client(ledger=ledger, patience_seconds=0) for ledger in ledgers]
        clients[0].customers.staff()
        waiting = itertools.cycle(clients)
        refused: list[RateLimited] = []

        def call() -> None:
            client = next(waiting)
            for _ in range(3):
                try:
                    client.customers.staff()
                except RateLimited as refusal:
                    refused.append(refusal)

        sandbox.fault(kind="limit", api=LIST, seconds=60, times=1, after=3)
        assert at_once(call, threads=8) == []

        shown = sandbox.show("calls")
        assert len(refused) == 8 * 3 - 3
        assert (shown["limits_met"], shown["limits_met_again"]) == ({LIST: 1}, {})

    def test_a_limit_that_outlives_a_minute_is_taken_for_one_of_an_hour(self, sandbox: Sandbox) -> None:
        sandbox.order("clock", stop=True)
        sandbox.fault(kind="limit", api=LIST, seconds=3_600, times=1)
        client = sandbox.client(patience_seconds=0)

        for _ in range(80):
            with pytest.raises(RateLimited):
                client.customers.staff()
            sandbox.order("clock", advance=45)
        sandbox.order("clock", advance=3_600)
        client.customers.staff()

        assert sandbox.calls(LIST, 45009) == 2

    def test_a_ledger_in_a_file_counts_for_all(self, tmp_path: Path) -> None:
        path, limits = tmp_path / "ledger.db", Limits(per_minute=40, per_hour=1_000)
        taken: list[float] = []

        def work() -> None:
            ledger = FileLedger(path)
            for _ in range(20):
                taken.append(ledger.take(corp_id="ww1", api="list", limits=limits, now=1_000.0))

        assert at_once(work, threads=4) == []
        assert sum(wait == 0 for wait in taken) == 40
        assert {wait for wait in taken if wait} == {61.0}

    def test_a_ledger_in_a_file_stays_small(self, tmp_path: Path) -> None:
        ledger = FileLedger(tmp_path / "ledger.db")
        for number in range(1_200):
            ledger.take(corp_id="ww1", api="list", limits=Limits(), now=number * 60.0)

        with sqlite3.connect(tmp_path / "ledger.db") as connection:
            (rows,) = connection.execute("SELECT COUNT(*) FROM calls").fetchone()
        assert rows < 300

    @pytest.mark.parametrize("kind", ["memory", "file"])
    def test_windows_slide(self, tmp_path: Path, kind: str) -> None:
        ledger = MemoryLedger() if kind == "memory" else FileLedger(tmp_path / "ledger.db")
        limits = Limits(per_minute=3, per_hour=5)

        waits = [
            ledger.take(corp_id="w", api="a", limits=limits, now=now)
            for now in (0, 30, 59, 60, 61, 92, 93, 3_601, 3_602)
        ]

        assert waits[:3] == [0, 0, 0]
        assert waits[3] == 1  # The first call leaves the minute at 61.
        assert waits[4:6] == [0, 0]
        assert waits[6] == 3_601 - 93  # Five within the hour.
        assert waits[7:] == [0, 3_631 - 3_602]

    def test_too_many_at_once_are_tried_again_and_fewer_run(self, sandbox: Sandbox) -> None:
        sandbox.order("rules", at_once=2)
        sandbox.fault(kind="slow", api=LIST, seconds=0.02, times=None)
        client = sandbox.client(limits=Limits(at_once=8), tries=12)

        assert at_once(client.customers.staff, threads=8) == []

        assert sandbox.calls(LIST, 0) == 8
        assert sandbox.calls(LIST, 45033) >= 1
        assert (client.caller.gate.width(LIST) or 8) < 8

    def test_too_many_at_once_without_end_is_told(self, sandbox: Sandbox) -> None:
        sandbox.fault(kind="code", api=LIST, errcode=45033, times=None)

        with pytest.raises(TooManyAtOnce):
            sandbox.client(tries=4).customers.staff()

        assert sandbox.calls(LIST, 45033) == 4

    def test_marks_of_the_same_customer_do_not_run_side_by_side(self, sandbox: Sandbox) -> None:
        client = sandbox.client()
        customer = client.customers.of_staff(userid="staff001")[0]
        tag = client.tags.groups()[0].tags[0].id
        sandbox.fault(kind="slow", api="externalcontact/mark_tag", seconds=0.02, times=None)

        def mark() -> None:
            client.tags.mark(userid="staff001", external_userid=customer, add=[tag])

        assert at_once(mark, threads=4) == []
        assert sandbox.calls("externalcontact/mark_tag", 45035) == 0


class TestRepeating:
    """What may be done twice is tried again; what may not is tried again only when it is certain that nothing was done."""

    def chunk(self, client: Any) -> Any:
        return customer_chunks([("staff001", client.customers.of_staff(userid="staff001")[0])])[0]

    @pytest.mark.parametrize(
        "fault", [{"kind": "code", "errcode": -1}, {"kind": "drop_before"}, {"kind": "drop_after"}, {"kind": "status"}]
    )
    def test_reading_is_repeated(self, sandbox: Sandbox, fault: dict[str, Any]) -> None:
        sandbox.fault(api=LIST, times=2, **fault)

        assert len(sandbox.client().customers.staff()) == 4

    @pytest.mark.parametrize("fault", [{"kind": "drop_after"}, {"kind": "drop_before"}])
    def test_a_mass_message_whose_answer_was_lost_is_not(self, sandbox: Sandbox, fault: dict[str, Any]) -> None:
        client = sandbox.client()
        chunk = self.chunk(client)
        sandbox.fault(api=CREATE, times=1, **fault)

        with pytest.raises(OutcomeUnknown) as raised:
            client.mass.create(chunk=chunk, message=Message("你好"))

        assert sandbox.calls(CREATE) == 1
        assert len(sandbox.show("mass")["tasks"]) == (1 if fault["kind"] == "drop_after" else 0)
        assert not raised.value.may_help_later

    @pytest.mark.parametrize("fault", [{"kind": "code", "errcode": -1}, {"kind": "status"}])
    def test_nor_is_one_when_the_server_was_busy(self, sandbox: Sandbox, fault: dict[str, Any]) -> None:
        client = sandbox.client()
        chunk = self.chunk(client)
        sandbox.fault(api=CREATE, times=None, **fault)

        with pytest.raises(SystemBusy):
            client.mass.create(chunk=chunk, message=Message("你好"))

        assert sandbox.calls(CREATE) == 1

    @pytest.mark.parametrize("errcode", [45033, 42001, 40014])
    def test_one_that_was_refused_before_it_began_is(self, sandbox: Sandbox, errcode: int) -> None:
        client = sandbox.client()
        chunk = self.chunk(client)
        sandbox.fault(kind="code", api=CREATE, errcode=errcode, times=1)

        made = client.mass.create(chunk=chunk, message=Message("你好"))

        assert [task["msgid"] for task in sandbox.show("mass")["tasks"]] == [made.msgid]

    def test_a_late_answer_counts_as_lost(self, sandbox: Sandbox) -> None:
        client = sandbox.client(read_seconds=0.1)
        chunk = self.chunk(client)
        sandbox.fault(kind="slow", api=CREATE, seconds=0.4)

        with pytest.raises(OutcomeUnknown):
            client.mass.create(chunk=chunk, message=Message("你好"))

    def test_what_was_never_sent_is_repeated(self) -> None:
        class Kept(MemoryTokens):
            def read(self, key: str) -> Token:
                return Token("token", 0, 9e12)

        clock = CountingClock()
        settings = WeComSettings(corp_id="ww1", secret="s", base_url="http://127.0.0.1:9/cgi-bin/", tries=3)

        with pytest.raises(Unreachable) as raised:
            WeCom(settings=settings, tokens=Kept(), clock=clock).mass.create(
                chunk=customer_chunks([("a", "wm1")])[0], message=Message("你好")
            )

        assert raised.value.api == CREATE
        assert len(clock.slept) == 2

    def test_nobody_there_is_told(self) -> None:
        settings = WeComSettings(corp_id="ww1", secret="s", base_url="http://127.0.0.1:9/cgi-bin/", tries=1)
        with pytest.raises(Unreachable) as raised:
            WeCom(settings=settings).customers.staff()
        assert raised.value.may_help_later

    @pytest.mark.parametrize("fault", [{"kind": "garbage"}, {"kind": "status", "status": 301}])
    def test_what_is_no_answer_is_told(self, sandbox: Sandbox, fault: dict[str, Any]) -> None:
        sandbox.fault(api=LIST, times=1, **fault)

        with pytest.raises(AnswerUnreadable):
            sandbox.client().customers.staff()

    def test_a_missing_permission_is_told_and_not_repeated(self, sandbox: Sandbox) -> None:
        sandbox.order("rules", allows_contacts=False)

        with pytest.raises(NotPermitted):
            sandbox.client().customers.staff()
        assert sandbox.calls(LIST) == 1

    def test_a_code_without_a_type_keeps_its_number(self, sandbox: Sandbox) -> None:
        sandbox.fault(kind="code", api=LIST, errcode=99999, times=1)

        with pytest.raises(WeComError) as raised:
            sandbox.client().customers.staff()

        assert raised.value.errcode == 99999

    def test_an_error_tells_the_shape_of_the_request_and_nothing_in_it(self, sandbox: Sandbox) -> None:
        client = sandbox.client()

        with pytest.raises(WeComError) as raised:
            client.mass.create(chunk=customer_chunks([("staff001", "wmNobody")])[0], message=Message("秘密"))

        assert raised.value.data["request"]["external_userid"] == "list of 1"
        assert "秘密" not in str(raised.value.data)
        assert "wmNobody" not in str(raised.value.data)
