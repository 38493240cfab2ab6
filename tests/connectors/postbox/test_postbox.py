"""Phones and mailboxes that do not exist, tried with the real clients: what arrives, what their owners send back, what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3

from tests.connectors.email.test_email import free_port
from yutang.connectors.email import coming_back
from yutang.connectors.email import errors as mail_errors
from yutang.connectors.email.messages import Mail, NotTaken
from yutang.connectors.email.messages import Taken as MailTaken
from yutang.connectors.email.smtp import SmtpSender, SmtpSettings
from yutang.connectors.postbox.box import Home, NotPossible, Postbox
from yutang.connectors.postbox.keeping import Keeper, restore_postbox
from yutang.connectors.postbox.server import PostboxPortIsTaken, PostboxServer
from yutang.connectors.sms import errors as sms_errors
from yutang.connectors.sms.aliyun import AliyunSettings, AliyunSms
from yutang.connectors.sms.messages import NotTaken as TextNotTaken
from yutang.connectors.sms.messages import Outcome, ShortMessage
from yutang.connectors.sms.simulator import PushNotTaken, SentMessage

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
PHONE, ADDRESS = "13800000001", "p1@example.com"


@dataclass
class Shop:
    """What takes what comes back; `status` is what it answers."""

    came: list[tuple[str, bytes]] = field(default_factory=list)
    status: int = 200
    base: str = ""


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            shop.came.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(shop.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    shop.base = f"http://127.0.0.1:{server.server_address[1]}"
    yield shop
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def words(messages: Sequence[SentMessage]) -> dict[str, str]:
    return {one.key: f"{'、'.join(one.values)}，您好 https://shop.example/l/x。" for one in messages}


@dataclass
class Sandbox:
    box: Postbox
    server: PostboxServer
    mail_port: int
    clock: Clock

    def text(self, phone: str = PHONE, key: str = "k1") -> Outcome:
        gateway = AliyunSms(AliyunSettings("key", "secret", self.server.address.rstrip("/")), now=self.clock)
        return gateway.send([ShortMessage(key, f"+86{phone}", "棠里", "SMS_1", {"name": "李静"})])[0]

    def mail(self, to: str = ADDRESS, key: str = "m1", **more: Any) -> Any:
        settings = SmtpSettings(host="127.0.0.1", port=self.mail_port, sender="shop@example.com", security="none")
        mail = Mail(key=key, to=to, subject="新茶到了", text="明前茶到了。", **more)
        return SmtpSender(settings, now=self.clock).send([mail])[0]

    def show(self, path: str, **headers: str) -> Any:
        return urllib3.request("GET", f"{self.server.address.rstrip('/')}{path}", headers=headers, retries=False)

    def do(self, order: str, fields: dict[str, str], **headers: str) -> Any:
        address = f"{self.server.address}do/{order}"
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return urllib3.request(
            "POST", address, body=urlencode(fields).encode(), headers=sent, retries=False, redirect=False
        )


@pytest.fixture
def sandbox(shop: Shop, clock: Clock) -> Iterator[Sandbox]:
    home = Home(shop.base, "/sms/{gateway}/{what}/", "/mail/")
    box = Postbox(key_id="key", secret="secret", home=home, words=words, now=clock)
    port = free_port()
    server = PostboxServer(box=box, port=0, mail_port=port)
    server._thread.start()
    yield Sandbox(box, server, port, clock)
    server.end()


class TestPhones:
    def test_have_a_message_once_the_operator_says_so(self, sandbox: Sandbox, shop: Shop, clock: Clock) -> None:
        sandbox.text()
        sandbox.box.order("phone/off", {"phone": "13800000002"})
        sandbox.text("13800000002", "k2")

        too_early = sandbox.box.tell_what_arrived()
        clock.at += timedelta(seconds=3)
        told = sandbox.box.tell_what_arrived()
        sandbox.box.order("phone/on", {"phone": "13800000002"})

        receipts = AliyunSms(AliyunSettings("", "")).receipts(shop.came[0][1])
        assert (too_early, told, sandbox.box.tell_what_arrived()) == (0, 2, 0)
        assert shop.came[0][0] == "/sms/aliyun/receipts/"
        assert [(one.key, one.delivered) for one in receipts] == [("k1", True), ("k2", False)]
        # What was out of reach then did not arrive, also once the phone is on again.
        assert [sandbox.box.has_arrived(number) for number in (0, 1)] == [True, False]

    def test_are_told_of_again_where_the_shop_was_not_up(self, sandbox: Sandbox, shop: Shop, clock: Clock) -> None:
        sandbox.text()
        clock.at += timedelta(seconds=3)
        shop.status = 503

        with pytest.raises(PushNotTaken):
            sandbox.box.tell_what_arrived()
        assert sandbox.box.has_arrived(0) is None
        shop.status = 200

        assert sandbox.box.tell_what_arrived() == 1

    def test_write_back(self, sandbox: Sandbox, shop: Shop) -> None:
        sandbox.text()

        sandbox.box.order("phone/reply", {"phone": PHONE, "text": " 退订 "})

        replies = AliyunSms(AliyunSettings("", "")).replies(shop.came[0][1])
        assert shop.came[0][0] == "/sms/aliyun/replies/"
        assert [(one.phone, one.text) for one in replies] == [(f"+86{PHONE}", "退订")]
        with pytest.raises(NotPossible):
            sandbox.box.order("phone/reply", {"phone": "13900000000", "text": "?"})
        shop.status = 404
        with pytest.raises(NotPossible):
            sandbox.box.order("phone/reply", {"phone": PHONE, "text": "在吗"})
        assert [one.text for one in sandbox.box.written] == ["退订"]

    def test_see_the_gateway_fail_as_ordered(self, sandbox: Sandbox) -> None:
        sandbox.box.order("fault", {"name": "sms_lost"})
        lost = sandbox.text()
        sandbox.box.order("fault", {"name": "sms_busy"})
        busy = sandbox.text()
        sandbox.box.order("fault/clear", {})
        well = sandbox.text()

        assert isinstance(lost, TextNotTaken)
        assert isinstance(lost.error, sms_errors.OutcomeUnknown)
        assert isinstance(busy, TextNotTaken)
        assert not isinstance(well, TextNotTaken)


class TestMailboxes:
    def test_hold_what_a_mail_says(self, sandbox: Sandbox) -> None:
        taken = sandbox.mail(unsubscribe_url="https://yutang.example/stop/abc")

        letter = sandbox.box.mail.letters[0]
        assert isinstance(taken, MailTaken)
        assert (letter.message_id, letter.to, letter.sender) == (taken.message_id, ADDRESS, "shop@example.com")
        assert (letter.subject, letter.text) == ("新茶到了", "明前茶到了。")
        assert letter.unsubscribe_url == "https://yutang.example/stop/abc"

    def test_send_back_what_the_shop_can_read(self, sandbox: Sandbox, shop: Shop) -> None:
        taken = sandbox.mail()
        name = {"letter": str(sandbox.box.mail.letters[0].number)}

        sandbox.box.order("mail/bounce", name)
        sandbox.box.order("mail/complain", name)
        sandbox.box.order("mail/answer", {**name, "text": "好的，周末来"})

        assert {path for path, _mail in shop.came} == {"/mail/"}
        bounce, complaint, answer = (coming_back.read(mail)[0] for _path, mail in shop.came)
        assert bounce == coming_back.Bounce(taken.message_id, ADDRESS, "5.1.1", is_final=True)
        assert complaint == coming_back.Complaint(taken.message_id, ADDRESS)
        assert answer == coming_back.Reply(ADDRESS, (taken.message_id,), "Re: 新茶到了", "好的，周末来")
        assert sandbox.box.mail.letters[0].fate == "answered"

    def test_end_it_by_one_click_at_the_own_shop_alone(self, sandbox: Sandbox, shop: Shop) -> None:
        sandbox.mail(unsubscribe_url="https://elsewhere.example/stop/abc?x=1")
        sandbox.mail(key="m2")

        sandbox.box.order("mail/unsubscribe", {"letter": "1"})

        assert shop.came == [("/stop/abc", b"List-Unsubscribe=One-Click")]
        with pytest.raises(NotPossible):
            sandbox.box.order("mail/unsubscribe", {"letter": "2"})

    def test_that_do_not_exist_are_refused(self, sandbox: Sandbox) -> None:
        sandbox.box.order("mail/close", {"address": ADDRESS})
        refused = sandbox.mail()
        sandbox.box.order("mail/open", {"address": ADDRESS})
        sandbox.box.order("fault", {"name": "mail_busy"})
        put_off = sandbox.mail()

        assert isinstance(refused, NotTaken)
        assert isinstance(refused.error, mail_errors.AddressRefused)
        assert isinstance(put_off, NotTaken)
        assert isinstance(put_off.error, mail_errors.NotNow)
        assert sandbox.box.mail.letters == []


class TestPage:
    def test_shows_words_as_a_phone_does_and_runs_nothing_of_them(self, sandbox: Sandbox, clock: Clock) -> None:
        sandbox.text()
        sandbox.mail(unsubscribe_url="https://yutang.example/stop/abc")
        letter = sandbox.box.mail.letters[0]
        sandbox.box.mail.letters[0] = type(letter)(**{**vars(letter), "text": "<script>alert(1)</script>"})
        clock.at += timedelta(seconds=3)
        sandbox.box.tell_what_arrived()

        phone, mailbox = (sandbox.show(path).data.decode() for path in ("/phone", "/mailbox"))

        assert "【棠里】李静，您好 " in phone
        assert '<a href="https://shop.example/l/x"' in phone
        assert "已送达" in phone
        assert "<script>alert" not in mailbox
        assert "&lt;script&gt;alert" in mailbox
        assert "script-src" not in sandbox.show("/").headers["Content-Security-Policy"]

    @pytest.mark.parametrize("path", ["/", "/phone", "/mailbox"])
    def test_is_there_before_anything_came_in_both_languages(self, sandbox: Sandbox, path: str) -> None:
        chinese = sandbox.show(path).data.decode()
        english = sandbox.show(path, Cookie="django_language=en").data.decode()

        assert "沙盒" in chinese
        assert "sandbox" in english
        assert "沙盒" not in english

    def test_carries_out_what_forms_order_and_says_what_came_of_it(self, sandbox: Sandbox, shop: Shop) -> None:
        sandbox.text()

        done = sandbox.do("phone/reply", {"phone": PHONE, "text": "退订", "back": f"/phone?who={PHONE}"})
        shown = sandbox.show(f"/phone?who={PHONE}").data.decode()
        shop.status = 503
        sandbox.do("phone/reply", {"phone": PHONE, "text": "在吗", "back": "https://elsewhere.example/"})

        assert (done.status, done.headers["Location"]) == (303, f"/phone?who={PHONE}")
        assert "店里已收到" in shown
        assert 'role="alert"' in sandbox.show("/").data.decode()
        assert sandbox.do("mail/bounce", {"letter": "99"}).headers["Location"] == "/"
        assert sandbox.do("nothing", {}).status == 303

    def test_is_closed_to_pages_of_elsewhere(self, sandbox: Sandbox) -> None:
        assert sandbox.show("/", Host="elsewhere.example").status == 421
        assert sandbox.do("fault/clear", {}, Origin="https://elsewhere.example").status == 403
        assert sandbox.show("/nothing").status == 404


class TestPostbox:
    def test_goes_on_where_it_ended(self, sandbox: Sandbox, clock: Clock, tmp_path: Path) -> None:
        sandbox.text()
        clock.at += timedelta(seconds=3)
        sandbox.box.tell_what_arrived()
        sandbox.text(key="k2")
        sandbox.mail()
        sandbox.box.order("mail/close", {"address": "gone@example.com"})
        Keeper(sandbox.box, tmp_path / "postbox.json").start().end()

        again = Postbox(key_id="key", secret="secret", home=sandbox.box.home, words=words, now=clock)

        assert restore_postbox(again, tmp_path / "postbox.json")
        assert [one.key for one in again.texts.sent] == ["k1", "k2"]
        assert [again.has_arrived(number) for number in (0, 1)] == [True, None]
        assert again.words_of(again.texts.sent[0]).startswith("【棠里】李静")
        assert (again.mail.letters, again.mail.closed) == (sandbox.box.mail.letters, {"gone@example.com"})
        assert (tmp_path / "postbox.json").stat().st_mode & 0o777 == 0o600
        (tmp_path / "postbox.json").write_text('{"sent": 1}')
        assert not restore_postbox(again, tmp_path / "postbox.json")

    def test_says_which_port_is_taken(self, sandbox: Sandbox) -> None:
        port = int(sandbox.server.address.rsplit(":", 1)[1].rstrip("/"))

        with pytest.raises(PostboxPortIsTaken, match=str(port)):
            PostboxServer(box=sandbox.box, port=port, mail_port=free_port())
        with pytest.raises(PostboxPortIsTaken, match=str(sandbox.mail_port)):
            PostboxServer(box=sandbox.box, port=0, mail_port=sandbox.mail_port)
