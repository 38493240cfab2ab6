"""Both gateways over real HTTP against the simulator: what is taken, refused, unknown; receipts, replies, refusals to hear more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from yutang.connectors.sms import errors
from yutang.connectors.sms.aliyun import AliyunSettings, AliyunSms
from yutang.connectors.sms.errors import PushIsUnreadable, Remedy
from yutang.connectors.sms.messages import NotTaken, ShortMessage, SmsGateway, Taken
from yutang.connectors.sms.opting_out import is_opt_out
from yutang.connectors.sms.pushes import LONGEST_BODY
from yutang.connectors.sms.signing import acs3_authorization, canonical_query, tc3_authorization
from yutang.connectors.sms.simulator import SmsSimulator
from yutang.connectors.sms.tencent import MOST_PHONES, TencentSettings, TencentSms

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
GATEWAYS = ("aliyun", "tencent")
Connect = Callable[[str], SmsGateway]


@pytest.fixture
def simulator() -> SmsSimulator:
    return SmsSimulator(key_id="key", secret="secret", now=lambda: NOW)


@pytest.fixture
def connect(simulator: SmsSimulator) -> Iterator[Connect]:
    with simulator.running() as address:

        def made(name: str, secret: str = "secret", now: datetime = NOW) -> SmsGateway:
            if name == "aliyun":
                return AliyunSms(AliyunSettings("key", secret, address), now=lambda: now)
            return TencentSms(TencentSettings("key", secret, "1400006666", base_url=address), now=lambda: now)

        yield made


def message(n: int = 0, **changes: Any) -> ShortMessage:
    wished = {
        "key": f"k{n}",
        "phone": f"+86138{n:08d}",
        "sign": "棠里衣橱",
        "template": "SMS_1",
        "values": {"name": "李静", "days": "3"},
    }
    return ShortMessage(**{**wished, **changes})


class TestSignatures:
    def test_are_those_of_the_documented_call_of_aliyun(self) -> None:
        query = canonical_query(
            {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
        )
        headers = {
            "host": "ecs.cn-shanghai.aliyuncs.com",
            "x-acs-action": "RunInstances",
            "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "x-acs-date": "2023-10-26T10:22:32Z",
            "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
            "x-acs-version": "2014-05-26",
        }

        found = acs3_authorization(
            key_id="YourAccessKeyId", secret="YourAccessKeySecret", query=query, headers=headers, body=b""
        )

        assert found.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")

    def test_are_those_of_the_documented_call_of_tencent(self) -> None:
        found = tc3_authorization(
            key_id=f"AKID{'*' * 32}",
            secret="*" * 32,
            service="cvm",
            headers={
                "content-type": "application/json; charset=utf-8",
                "host": "cvm.tencentcloudapi.com",
                "x-tc-action": "DescribeInstances",
            },
            body=b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
            timestamp=1551113065,
            day="2019-02-25",
        )

        assert found.endswith("Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f")

    def test_spell_what_is_not_plain_as_rfc_3986(self) -> None:
        assert canonical_query({"b": "a b*c~d", "a": "李"}) == "a=%E6%9D%8E&b=a%20b%2Ac~d"


@pytest.mark.parametrize("name", GATEWAYS)
class TestSending:
    def test_hands_over_each_message_once(self, connect: Connect, simulator: SmsSimulator, name: str) -> None:
        outcomes = connect(name).send([message(n) for n in range(5)])

        assert all(isinstance(one, Taken) for one in outcomes)
        assert [one.key for one in outcomes] == [f"k{n}" for n in range(5)]
        assert len({one.gateway_id for one in outcomes if isinstance(one, Taken)}) == 5
        assert [one.phone for one in simulator.sent] == [f"138{n:08d}" for n in range(5)]
        assert {(one.sign, one.template, one.values) for one in simulator.sent} == {
            ("棠里衣橱", "SMS_1", ("李静", "3"))
        }

    def test_tells_a_phone_that_is_none_from_the_others(self, connect: Connect, name: str) -> None:
        outcomes = connect(name).send([message(1), message(2, phone="+8612345"), message(3)])

        refused = outcomes[1]
        assert isinstance(refused, NotTaken)
        assert isinstance(refused.error, errors.PhoneRefused)
        assert refused.error.remedy is Remedy.NEVER
        assert isinstance(outcomes[0], Taken)
        assert isinstance(outcomes[2], Taken)

    def test_says_later_where_a_phone_has_had_enough(
        self, connect: Connect, simulator: SmsSimulator, name: str
    ) -> None:
        simulator.most_a_minute = 1

        outcomes = connect(name).send([message(1), message(1, key="again")])

        assert isinstance(outcomes[0], Taken)
        assert isinstance(outcomes[1], NotTaken)
        assert isinstance(outcomes[1].error, errors.TooManyMessages)
        assert outcomes[1].error.remedy is Remedy.LATER

    def test_with_a_wrong_secret_alarms(self, connect: Any, simulator: SmsSimulator, name: str) -> None:
        outcome = connect(name, secret="wrong").send([message()])[0]

        assert isinstance(outcome.error, errors.SetUpRefused)
        assert outcome.error.remedy is Remedy.ALARM
        assert simulator.sent == []

    def test_with_a_clock_that_is_wrong_sends_nothing(self, connect: Any, simulator: SmsSimulator, name: str) -> None:
        outcome = connect(name, now=NOW + timedelta(hours=1)).send([message()])[0]

        assert isinstance(outcome, NotTaken)
        assert simulator.sent == []

    @pytest.mark.parametrize(
        ("fault", "kind", "sent"),
        [
            ("drop", errors.OutcomeUnknown, 0),
            ("busy", errors.GatewayBusy, 1),
            ("garbled", errors.OutcomeUnknown, 1),
        ],
    )
    def test_never_sends_twice_by_itself(
        self, connect: Connect, simulator: SmsSimulator, name: str, fault: Any, kind: type, sent: int
    ) -> None:
        simulator.faults = [fault]

        outcome = connect(name).send([message()])[0]

        assert isinstance(outcome, NotTaken)
        assert isinstance(outcome.error, kind)
        assert len(simulator.sent) == sent

    def test_says_that_nothing_was_sent_where_nobody_listens(self, name: str) -> None:
        nowhere = "http://127.0.0.1:9"
        gateway: SmsGateway = (
            AliyunSms(AliyunSettings("k", "s", nowhere))
            if name == "aliyun"
            else TencentSms(TencentSettings("k", "s", "1", base_url=nowhere))
        )

        outcome = gateway.send([message()])[0]

        assert isinstance(outcome, NotTaken)
        assert isinstance(outcome.error, errors.GatewayUnreachable)


class TestTogether:
    def test_messages_of_the_same_words_go_in_one_call(self, connect: Connect, simulator: SmsSimulator) -> None:
        wanted = [message(n) for n in range(MOST_PHONES + 1)] + [message(999, values={"name": "王"})]
        simulator.faults = ["busy"]

        outcomes = connect("tencent").send(wanted)

        # The first call, of as many as one takes, met the fault; the rest and the other words went in calls of their own.
        assert sum(isinstance(one, NotTaken) for one in outcomes) == MOST_PHONES
        assert [one.key for one in outcomes] == [one.key for one in wanted]

    def test_one_phone_is_never_twice_in_a_call(self, connect: Connect, simulator: SmsSimulator) -> None:
        outcomes = connect("tencent").send([message(1), message(1, key="k2"), message(2)])

        assert len({one.gateway_id for one in outcomes if isinstance(one, Taken)}) == 3


@pytest.mark.parametrize("name", GATEWAYS)
class TestPushes:
    @pytest.fixture
    def pushed(self, simulator: SmsSimulator) -> Iterator[list[tuple[str, bytes]]]:
        found: list[tuple[str, bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                found.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        simulator.push_to = f"http://127.0.0.1:{server.server_address[1]}/{{gateway}}/{{what}}"
        yield found
        server.shutdown()
        server.server_close()

    def test_tell_what_became_of_each_message(
        self, connect: Connect, simulator: SmsSimulator, pushed: list[tuple[str, bytes]], name: str
    ) -> None:
        gateway = connect(name)
        simulator.fates["13800000001"] = "MK:0001"
        taken = gateway.send([message(0), message(1)])

        assert simulator.push_receipts() == 2
        path, body = pushed[0]
        receipts = gateway.receipts(body)

        assert path == f"/{name}/receipts"
        assert [one.gateway_id for one in receipts] == [one.gateway_id for one in taken if isinstance(one, Taken)]
        assert [(one.phone, one.delivered) for one in receipts] == [("+8613800000000", True), ("+8613800000001", False)]
        assert receipts[1].code == "MK:0001"
        assert receipts[0].reported_at == NOW
        assert simulator.push_receipts() == 0

    def test_tell_what_somebody_wrote_back(
        self, connect: Connect, simulator: SmsSimulator, pushed: list[tuple[str, bytes]], name: Any
    ) -> None:
        simulator.reply(phone="13800000001", text="退订", gateway=name, sign="棠里衣橱")

        reply = connect(name).replies(pushed[0][1])[0]

        assert (reply.phone, reply.text, reply.sent_at, reply.sign) == ("+8613800000001", "退订", NOW, "棠里衣橱")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<xml/>",
            b"[1]",
            b'"x"',
            b'[{"phone_number":"not","mobile":"not"}]',
            b'[{"phone_number":"13800000001","mobile":"13800000001","report_time":"soon"}]',
            b"[" + b" " * LONGEST_BODY + b"]",
        ],
    )
    def test_that_are_none_are_refused(self, connect: Connect, body: bytes, name: str) -> None:
        with pytest.raises(PushIsUnreadable):
            connect(name).receipts(body)


class TestOptingOut:
    @pytest.mark.parametrize(
        "text",
        [
            "T",
            "td",
            "ＴＤ",
            " 退订 ",
            "退订。",
            "回T",
            "回复TD",
            "R",
            "n",
            "拒收",
            "请不要再发了",
            "我要退订",
            "STOP",
            "Unsubscribe!",
            "00000",
        ],
    )
    def test_is_heard_however_it_is_written(self, text: str) -> None:
        assert is_opt_out(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "好的",
            "T恤还有吗",
            "这件衣服可以退吗",
            "Thanks",
            "订单要退款",
            "0",
            "我想问一下上次那件外套可以取消订单吗",
        ],
    )
    def test_is_not_read_into_other_replies(self, text: str) -> None:
        assert not is_opt_out(text)
