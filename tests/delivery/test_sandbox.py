"""The whole way of short messages and e-mail in the sandbox: from the policy to a phone or a mailbox, and what its owner sends back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from django.test import Client

from tests.connectors.email.test_email import free_port
from tests.delivery.conftest import SMS_KEY, SMS_SECRET, SYSTEM, Clock, plan, states
from yutang.channels.delivery.rounds import send_round
from yutang.channels.delivery.senders import MailSender, SmsSender
from yutang.channels.models import BarredAddress, Delivery, Reply
from yutang.channels.queries import push_addresses, words_on_phones
from yutang.connectors.email.smtp import SmtpSender, SmtpSettings
from yutang.connectors.postbox.box import Home, Postbox
from yutang.connectors.postbox.server import PostboxServer
from yutang.connectors.sms.aliyun import AliyunSettings, AliyunSms
from yutang.customers.models import Consent
from yutang.foundation.models import OutboxEvent
from yutang.foundation.sealing import unseal

pytestmark = pytest.mark.django_db
Reachable = Callable[..., int]


class Ways:
    """The sandbox, and the senders by which messages reach it."""

    def __init__(self, box: Postbox, clock: Clock, address: str, mail_port: int) -> None:
        self.box, self.clock = box, clock
        self.sms = SmsSender(AliyunSms(AliyunSettings(SMS_KEY, SMS_SECRET, address), now=clock), sign="鱼塘")
        smtp = SmtpSettings(host="127.0.0.1", port=mail_port, sender="shop@example.com", security="none")
        self.mail = MailSender(SmtpSender(smtp, now=clock))

    def send(self) -> None:
        send_round(sender=self.sms, clock=self.clock)
        send_round(sender=self.mail, clock=self.clock)


@pytest.fixture
def ways(settings: Any, clock: Clock, client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ways]:
    """The sandbox, what it sends back brought to the doors of the product."""
    settings.YUTANG_PUBLIC_URL = "https://yutang.example"

    def brought(_method: str, address: str, *, body: bytes, headers: dict[str, str], **_more: Any) -> Any:
        answer = client.post(urlsplit(address).path, body, content_type=headers["Content-Type"])
        return type("Answer", (), {"status": answer.status_code})

    monkeypatch.setattr(urllib3, "request", brought)
    paths = {name: urlsplit(one).path for name, one in push_addresses(access=SYSTEM).items()}
    texts = paths["aliyun receipts"].replace("/aliyun/receipts/", "/{gateway}/{what}/")

    def words(messages: Any) -> dict[str, str]:
        return words_on_phones(access=SYSTEM, values={one.key: one.values for one in messages}, now=clock())

    home = Home("http://127.0.0.1:1", texts, paths["mail"])
    box = Postbox(key_id=SMS_KEY, secret=SMS_SECRET, home=home, words=words, now=clock)
    port = free_port()
    server = PostboxServer(box=box, port=0, mail_port=port)
    server._thread.start()
    yield Ways(box, clock, server.address.rstrip("/"), port)
    server.end()


class TestShortMessages:
    def test_arrive_with_the_links_of_their_receivers(
        self, reachable: Reachable, ways: Ways, said: dict[str, dict[str, Any]], clock: Clock
    ) -> None:
        said["hello"] |= {"text": "看 https://shop.example/tea 吧", "values": {"url": "https://shop.example/tea"}}
        for number in (1, 2):
            plan(reachable(number), "sms", key=f"k{number}")
        ways.send()
        clock.pass_by(seconds=3)

        ways.box.tell_what_arrived()

        shown = [ways.box.words_of(one) for one in ways.box.texts.sent]
        assert states() == {"k1": "delivered", "k2": "delivered"}
        assert [one.startswith("【鱼塘】看 https://yutang.example/l/") for one in shown] == [True, True]
        assert len({one.split()[1] for one in shown}) == 2

    def test_are_answered_and_ended(self, reachable: Reachable, ways: Ways) -> None:
        people = [reachable(number) for number in (1, 2)]
        for person in people:
            plan(person, "sms", key=f"k{person}")
        ways.send()

        ways.box.order("phone/reply", {"phone": "13800000001", "text": "周末来"})
        ways.box.order("phone/reply", {"phone": "13800000002", "text": "退订"})

        assert list(Reply.objects.order_by("pk").values_list("customer_id", "is_opt_out")) == [
            (people[0], False),
            (people[1], True),
        ]
        assert set(Consent.objects.filter(granted=False).values_list("customer_id", "channel")) == {(people[1], "sms")}


class TestLetters:
    def test_say_how_they_are_ended_and_one_click_ends_them(self, reachable: Reachable, ways: Ways) -> None:
        person = reachable(1)
        plan(person, "email", key="k", intent="promotion")
        plan(reachable(2), "email", key="t", intent="transactional")

        ways.send()
        promotion = next(one for one in ways.box.mail.letters if one.to == "p1@example.com")
        order = next(one for one in ways.box.mail.letters if one.to == "p2@example.com")
        ways.box.order("mail/unsubscribe", {"letter": str(promotion.number)})

        assert promotion.unsubscribe_url in promotion.text
        assert promotion.unsubscribe_url.startswith("https://yutang.example/stop/")
        assert (order.unsubscribe_url, "/stop/" in order.text) == ("", False)
        assert set(Consent.objects.filter(granted=False).values_list("customer_id", "purpose", "channel")) == {
            (person, "promotion", "email")
        }

    def test_are_answered(self, reachable: Reachable, ways: Ways) -> None:
        people = [reachable(number) for number in (1, 2)]
        for person in people:
            plan(person, "email", key=f"k{person}")
        ways.send()
        quoted = "周末来看看\n\n在 2026年3月11日，店 <shop@example.com> 写道：\n> 新到的茶"

        for _again in range(2):
            ways.box.order("mail/answer", {"letter": "1", "text": quoted})
        ways.box.order("mail/answer", {"letter": "2", "text": "退订"})

        answered, ended = Reply.objects.order_by("pk")
        assert (answered.channel, answered.customer_id, answered.is_opt_out) == ("email", people[0], False)
        assert unseal(bytes(answered.sealed_text)) == {"text": "周末来看看", "address": "p1@example.com"}
        assert (ended.customer_id, ended.is_opt_out) == (people[1], True)
        assert {one.payload["channel"] for one in OutboxEvent.objects.filter(kind="channels.ReplyReceived")} == {
            "email"
        }
        assert set(Consent.objects.filter(granted=False).values_list("customer_id", "channel")) == {
            (people[1], "email")
        }

    def test_that_answer_none_of_ours_are_not_kept(self, reachable: Reachable, ways: Ways) -> None:
        plan(reachable(1), "email", key="k")
        ways.send()
        letter = ways.box.mail.letters[0]
        ways.box.mail.letters[0] = type(letter)(**{**vars(letter), "message_id": "<other@example.com>"})

        ways.box.order("mail/answer", {"letter": "1", "text": "你好"})
        ways.box.order("mail/bounce", {"letter": "1"})

        assert not Reply.objects.exists()
        assert states() == {"k": "created"}

    def test_come_back_and_are_not_sent_there_again(self, reachable: Reachable, ways: Ways, clock: Clock) -> None:
        person = reachable(1)
        plan(person, "email", key="k")
        ways.send()

        ways.box.order("mail/bounce", {"letter": "1"})
        clock.pass_by(days=8)
        plan(person, "email", key="again", now=clock())
        ways.send()

        assert Delivery.objects.get(touch__key="k").fault == "bounced:5.1.1"
        assert Delivery.objects.get(touch__key="again").fault == "address_barred"
        assert BarredAddress.objects.count() == 1
        assert len(ways.box.mail.letters) == 1

    def test_of_who_calls_them_spam_end(self, reachable: Reachable, ways: Ways) -> None:
        person = reachable(1)
        plan(person, "email", key="k")
        ways.send()

        ways.box.order("mail/complain", {"letter": "1"})

        ended = Consent.objects.filter(granted=False, customer_id=person, channel="email")
        assert set(ended.values_list("purpose", flat=True)) == {"promotion", "research", "service"}
