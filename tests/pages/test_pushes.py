"""What platforms push: receipts, replies and mail that comes back are believed as far as they can be told; nothing breaks."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.delivery.conftest import SMS_KEY, SMS_SECRET, Clock, plan, states, way_of
from yutang.channels.actions.comebacks import push_secret, receive_push
from yutang.channels.delivery.rounds import send_round
from yutang.channels.delivery.senders import SmsSender
from yutang.channels.models import BarredAddress, Delivery, Reply, StrayReceipt, Touch
from yutang.connectors.sms import aliyun, tencent
from yutang.connectors.sms.aliyun import AliyunSettings, AliyunSms
from yutang.connectors.sms.errors import PushIsUnreadable
from yutang.connectors.sms.simulator import SmsSimulator
from yutang.connectors.sms.tencent import TencentSettings, TencentSms
from yutang.customers.models import Consent
from yutang.foundation.access import Actor
from yutang.foundation.models import OutboxEvent
from yutang.foundation.sealing import digest16, unseal

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
ANSWERS = {"aliyun": aliyun.ANSWER, "tencent": tencent.ANSWER}


def address(source: str, what: str) -> str:
    return f"/callbacks/sms/{source}/{what}/{push_secret(source=source)}/"


class Lines:
    """The simulated gateways, with what they push brought to the door of the product."""

    def __init__(self, simulator: SmsSimulator, base_url: str, client: Client, clock: Clock, gateway: str) -> None:
        self.simulator, self.client, self.gateway = simulator, client, gateway
        made: Any = AliyunSms(AliyunSettings(SMS_KEY, SMS_SECRET, base_url), now=clock)
        if gateway == "tencent":
            made = TencentSms(TencentSettings(SMS_KEY, SMS_SECRET, "app", base_url=base_url), now=clock)
        self.sender = SmsSender(made, sign="渔塘")
        simulator._push = self._bring  # type: ignore[method-assign]
        simulator.push_to = "door"

    def _bring(self, gateway: str, what: str, rows: Any) -> None:
        answer = self.client.post(address(gateway, what), json.dumps(rows), content_type="application/json")
        assert (answer.status_code, answer.content) == (200, ANSWERS[gateway])


@pytest.fixture(params=["aliyun", "tencent"])
def lines(request: pytest.FixtureRequest, texts: tuple[SmsSimulator, str], client: Client, clock: Clock) -> Lines:
    return Lines(*texts, client, clock, request.param)


class TestReceipts:
    def test_say_what_arrived_and_what_did_not(self, reachable: Any, lines: Lines, clock: Clock) -> None:
        lines.simulator.fates = {"13800000002": "MK:0001"}
        for number in (1, 2):
            plan(reachable(number), "sms", key=f"k{number}")
        send_round(sender=lines.sender, clock=clock)

        lines.simulator.push_receipts()
        lines.simulator._told = 0
        lines.simulator.push_receipts()

        assert states() == {"k1": "delivered", "k2": "failed"}
        assert way_of("k1") == ["claimed", "handing", "created", "delivered"]
        assert Delivery.objects.get(touch__key="k2").fault == "MK:0001"
        assert Touch.objects.get(key="k2").state == "failed"

    def test_that_come_before_the_answer_was_written_down_are_not_lost(
        self, reachable: Any, lines: Lines, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan(reachable(1), "sms", key="k1")
        send = lines.sender.send

        def pushed_at_once(messages: Any) -> Any:
            handed = send(messages)
            lines.simulator.push_receipts()
            return handed

        monkeypatch.setattr(lines.sender, "send", pushed_at_once)
        send_round(sender=lines.sender, clock=clock)

        assert states() == {"k1": "delivered"}
        assert not StrayReceipt.objects.exists()

    def test_settle_what_nobody_knew_where_they_name_the_message(
        self, reachable: Any, lines: Lines, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan(reachable(1), "sms", key="k1")
        taken = lines.simulator.taken
        monkeypatch.setattr(lines.simulator, "taken", lambda message: taken(message) or "")
        send = lines.sender.send

        def lost(messages: Any) -> Any:
            send(messages)
            raise KeyboardInterrupt

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(lines.sender, "send", lost)
            send_round(sender=lines.sender, clock=clock)
        clock.pass_by(hours=1)
        send_round(sender=lines.sender, clock=clock)
        assert states() == {"k1": "unknown"}

        lines.simulator.push_receipts()

        # Receipts of Tencent name the answer that was lost, and nothing else.
        assert states() == {"k1": "delivered" if lines.gateway == "aliyun" else "unknown"}
        assert len(lines.simulator.sent) == 1


class TestReplies:
    @pytest.mark.parametrize("text", ["退订", "TD", "t", "回T", "拒收"])
    def test_that_want_no_more_end_it_and_stop_what_is_planned(
        self, reachable: Any, lines: Lines, clock: Clock, text: str
    ) -> None:
        someone = reachable(1)
        plan(someone, "sms", key="k1", intent="promotion")

        for _ in range(2):
            lines.simulator.reply(phone="13800000001", text=text, gateway=lines.gateway)  # type: ignore[arg-type]

        ended = Consent.objects.filter(customer_id=someone, granted=False)
        assert sorted(ended.values_list("purpose", "channel")) == [
            ("promotion", "sms"),
            ("research", "sms"),
            ("service", "sms"),
        ]
        assert Touch.objects.get(key="k1").state == "refused"
        assert send_round(sender=lines.sender, clock=clock).claimed == 0
        reply = Reply.objects.get()
        assert unseal(reply.sealed_text)["text"] == text
        assert OutboxEvent.objects.get(kind="channels.ReplyReceived").payload["customer_id"] == someone

    def test_of_other_words_end_nothing(self, reachable: Any, lines: Lines) -> None:
        someone = reachable(1)

        lines.simulator.reply(phone="13800000001", text="好的，谢谢", gateway=lines.gateway)  # type: ignore[arg-type]

        assert not Consent.objects.filter(customer_id=someone, granted=False).exists()
        assert not Reply.objects.get().is_opt_out

    def test_of_numbers_that_nobody_knows_bar_the_number(self, lines: Lines) -> None:
        lines.simulator.reply(phone="13912345678", text="TD", gateway=lines.gateway)  # type: ignore[arg-type]

        assert list(BarredAddress.objects.values_list("channel", "reason")) == [("sms", "opted_out")]
        assert Reply.objects.get().customer_id is None


class TestMail:
    def bounce(self, message_id: str, *, status: str = "5.1.1", action: str = "failed") -> bytes:
        return (
            "From: mailer-daemon@example.com\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.com\r\n\r\n"
            f"Final-Recipient: rfc822; p1@example.com\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
        ).encode()

    def taken(self, reachable: Any) -> str:
        """Let a mail be with the mail server, and return its Message-ID."""
        plan(reachable(1), "email", key="k1")
        touch = Touch.objects.get(key="k1")
        Touch.objects.filter(pk=touch.pk).update(state="sent")
        Delivery.objects.create(touch=touch, state="created", state_at=NOW, out_id="x", reference="<abc@example.com>")
        return "<abc@example.com>"

    def post(self, client: Client, raw: bytes, secret: str = "") -> Any:
        secret = secret or push_secret(source="mail")
        return client.post(f"/callbacks/mail/{secret}/", raw, content_type="message/rfc822")

    def test_that_bounces_for_good_did_not_arrive_and_its_address_is_barred(
        self, reachable: Any, client: Client
    ) -> None:
        answer = self.post(client, self.bounce(self.taken(reachable)))

        assert answer.json() == {"changed": 1}
        assert states() == {"k1": "failed"}
        assert Delivery.objects.get().fault == "bounced:5.1.1"
        assert BarredAddress.objects.get().reason == "bounced"

    def nameless(self, status: str = "5.1.1", action: str = "failed", address: str = "p1@example.com") -> bytes:
        """Return a report that names the address alone: without anything of the mail."""
        return (
            "From: mailer-daemon@example.com\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.com\r\n\r\n"
            f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
        ).encode()

    def test_that_bounces_without_being_named_bars_the_address_to_which_it_went(
        self, reachable: Any, client: Client
    ) -> None:
        self.taken(reachable)
        Touch.objects.update(at=datetime.now(UTC) - timedelta(days=1))

        first, again = (self.post(client, self.nameless(address="P1@Example.com")).json() for _ in range(2))

        assert (first, again) == ({"changed": 1}, {"changed": 0})
        assert Delivery.objects.get().fault == "bounced:5.1.1"
        row = BarredAddress.objects.get()
        assert (row.channel, row.reason) == ("email", "bounced")
        assert bytes(row.digest) == digest16("email", "barred", "p1@example.com")

    def test_of_several_that_went_none_is_marked_and_the_address_is_barred(
        self, reachable: Any, client: Client
    ) -> None:
        self.taken(reachable)
        touch = Touch.objects.get(key="k1")
        touch.pk, touch.key = None, "k2"
        touch.save(force_insert=True)
        Delivery.objects.create(touch=touch, state="created", state_at=NOW, out_id="y", reference="<d@example.com>")
        Touch.objects.update(state="sent", at=datetime.now(UTC) - timedelta(days=1))

        answers = [self.post(client, self.nameless()).json()["changed"] for _ in range(2)]

        assert answers == [1, 0]
        assert states() == {"k1": "created", "k2": "created"}
        assert BarredAddress.objects.get().reason == "bounced"

    @pytest.mark.parametrize(
        ("report", "days"),
        [
            ({"address": "p2@example.com"}, 1),
            ({"status": "4.4.1", "action": "delayed"}, 1),
            ({"status": "5.2.2"}, 1),
            ({"action": "relayed"}, 1),
            ({}, 15),
        ],
    )
    def test_that_is_not_named_and_did_not_go_lately_or_not_fail_changes_nothing(
        self, reachable: Any, client: Client, report: dict[str, str], days: int
    ) -> None:
        self.taken(reachable)
        Touch.objects.update(at=datetime.now(UTC) - timedelta(days=days))

        assert self.post(client, self.nameless(**report)).json() == {"changed": 0}

        assert states() == {"k1": "created"}
        assert not BarredAddress.objects.exists()

    @pytest.mark.parametrize(
        "raw", [b"", b"{}", b'{"event": "bounce"}', b"hello", b"Subject: x\r\n\r\nhello", b"\xff\xfe"]
    )
    def test_what_is_no_mail_is_refused(self, client: Client, raw: bytes) -> None:
        answer = self.post(client, raw)

        assert (answer.status_code, answer.json()["code"]) == (400, "mail_is_unreadable")

    def test_that_is_only_late_or_of_somebody_else_changes_nothing(self, reachable: Any, client: Client) -> None:
        message_id = self.taken(reachable)
        for raw in (self.bounce(message_id, status="4.2.2", action="delayed"), self.bounce("<other@example.com>")):
            assert self.post(client, raw).json() == {"changed": 0}

        assert states() == {"k1": "created"}
        assert not BarredAddress.objects.exists()

    def test_called_spam_ends_mail_to_that_person(self, reachable: Any, client: Client) -> None:
        raw = (
            "From: fbl@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; "
            'boundary="b"\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n'
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {self.taken(reachable)}\r\n\r\n--b--\r\n"
        ).encode()

        assert self.post(client, raw).json() == {"changed": 1}

        assert set(Consent.objects.filter(granted=False).values_list("channel", flat=True)) == {"email"}


class TestHostile:
    def test_addresses_without_the_secret_are_not_there(self, client: Client) -> None:
        for path in (
            "/callbacks/sms/aliyun/receipts/0000/",
            f"/callbacks/sms/tencent/receipts/{push_secret(source='aliyun')}/",
            f"/callbacks/sms/nobody/receipts/{push_secret(source='nobody')}/",
            f"/callbacks/sms/aliyun/secrets/{push_secret(source='aliyun')}/",
            "/callbacks/mail/%E9%B1%BC/",
        ):
            assert client.post(path, b"[]", content_type="application/json").status_code == 404
        assert client.get(address("aliyun", "receipts")).status_code == 405

    @pytest.mark.parametrize("source", ["aliyun", "tencent"])
    @pytest.mark.parametrize("what", ["receipts", "replies"])
    def test_bodies_are_never_a_fault(self, client: Client, source: str, what: str) -> None:
        client.raise_request_exception = False
        row = {
            "phone_number": "13800000001", "mobile": "13800000001", "nationcode": "86", "success": True, "sid": "x\u0000",
            "report_time": "2026-03-11 10:00:00", "send_time": "2026-03-11 10:00:00", "user_receive_time": 10**30,
            "time": True, "content": "TD", "text": "TD", "out_id": "k" * 5_000, "biz_id": "b" * 5_000, "err_code": [],
        }  # fmt: skip
        bodies = [
            b"", b"null", b"[1]", b"{}", b"[{}]", b"[" * 100_000, b"\xff\xfe", b'{"a":', json.dumps([row] * 3).encode(),
            json.dumps([{**row, "sid": "y", "user_receive_time": 1, "report_time": -(10**12)}]).encode(),
            json.dumps([{**row, "sid": "\ud83d\ude00" * 90, "err_code": "e" * 999, "user_receive_time": 1}]).encode(),
        ]  # fmt: skip
        for body in bodies:
            for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
                answer = client.post(address(source, what), body, content_type=kind)
                assert answer.status_code < 500, (body[:60], kind)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        rows=st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.floats(allow_nan=False),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["phone_number", "mobile", "time", "send_time", "report_time", "content", "text", "sid"]
                    ),
                    inner,
                    max_size=6,
                )
            ),
            max_leaves=12,
        )
    )
    def test_whatever_is_pushed_is_taken_or_refused(self, rows: Any) -> None:
        for source in ("aliyun", "tencent"):
            for what in ("receipts", "replies"):
                told = {"source": source, "what": what, "secret": push_secret(source=source)}
                # Anything but this refusal is a fault.
                with contextlib.suppress(PushIsUnreadable):
                    receive_push(actor=SYSTEM, body=json.dumps(rows).encode(), now=NOW + timedelta(days=1), **told)
