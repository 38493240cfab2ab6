"""Short messages and e-mail: handed over once at most, whatever is killed, refused or lost in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.conftest import NOW
from tests.connectors.email.test_email import Post, free_port
from tests.delivery.conftest import SMS_KEY, SMS_SECRET, SYSTEM, Clock, plan, states, way_of
from yutang.channels.actions import stop_sending
from yutang.channels.delivery.rounds import LEASE, send_round
from yutang.channels.delivery.senders import Handed, MailSender, Outgoing, SmsSender
from yutang.channels.models import BarredAddress, Delivery, Link, QuotaUse, Touch
from yutang.connectors.email.smtp import SmtpSender, SmtpSettings
from yutang.connectors.sms.aliyun import AliyunSettings, AliyunSms
from yutang.connectors.sms.simulator import SmsSimulator
from yutang.connectors.sms.tencent import TencentSettings, TencentSms

pytestmark = pytest.mark.django_db
Reachable = Callable[..., int]
Texts = tuple[SmsSimulator, str]


class Killed(BaseException):
    """The worker is gone."""


class Killing:
    """A sender that ends the worker in the call: before anything went out, or after everything did."""

    def __init__(self, sender: Any, *, after: bool) -> None:
        self.channel, self._sender, self._after = sender.channel, sender, after

    def send(self, messages: Sequence[Outgoing]) -> list[Handed]:
        if self._after:
            self._sender.send(messages)
        raise Killed


@pytest.fixture(params=["aliyun", "tencent"])
def sms(request: pytest.FixtureRequest, texts: Texts, clock: Clock) -> SmsSender:
    _simulator, address = texts
    if request.param == "aliyun":
        return SmsSender(AliyunSms(AliyunSettings(SMS_KEY, SMS_SECRET, address), now=clock), sign="渔塘")
    tencent = TencentSms(TencentSettings(SMS_KEY, SMS_SECRET, "app", base_url=address), now=clock)
    return SmsSender(tencent, sign="渔塘")


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def mail(post: Post, clock: Clock) -> Iterator[MailSender]:
    port = free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    settings = SmtpSettings(host="127.0.0.1", port=port, sender="hello@example.com", security="none", seconds=5)
    yield MailSender(SmtpSender(settings, now=clock))
    controller.stop()


class TestShortMessages:
    def test_go_out_once_and_only_the_receipt_says_that_they_arrived(
        self, reachable: Reachable, texts: Texts, sms: SmsSender, clock: Clock
    ) -> None:
        people = [reachable(number) for number in range(3)]
        for someone in people:
            plan(someone, "sms", key=f"k{someone}")

        done = send_round(sender=sms, clock=clock)

        assert (done.claimed, done.ends) == (3, {"taken": 3})
        assert [one.phone for one in texts[0].sent] == [f"138{number:08d}" for number in range(3)]
        assert set(states().values()) == {"created"}
        assert way_of(f"k{people[0]}") == ["claimed", "handing", "created"]
        assert send_round(sender=sms, clock=clock).claimed == 0
        assert len(texts[0].sent) == 3

    def test_whom_a_no_reached_after_the_planning_gets_nothing(
        self, reachable: Reachable, texts: Texts, sms: SmsSender, clock: Clock
    ) -> None:
        from yutang.customers.actions import withdraw_consent

        someone = reachable(1)
        plan(someone, "sms", key="k", intent="promotion")
        said = {"purpose": "promotion", "channel": "any", "wording_version": "v1", "evidence": "call"}
        withdraw_consent(actor=SYSTEM, customer_id=someone, occurred_at=NOW, now=NOW, **said)

        assert send_round(sender=sms, clock=clock).claimed == 0
        assert (states(), texts[0].sent) == ({"k": "refused"}, [])

    def test_that_the_gateway_refuses_fail_or_wait(
        self, reachable: Reachable, texts: Texts, sms: SmsSender, clock: Clock
    ) -> None:
        texts[0].refusals = {"13800000001": "isv.MOBILE_NUMBER_ILLEGAL", "13800000002": "isv.BUSINESS_LIMIT_CONTROL"}
        for number in (1, 2, 3):
            plan(reachable(number), "sms", key=f"k{number}")

        send_round(sender=sms, clock=clock)

        assert states() == {"k1": "failed", "k2": "put_off", "k3": "created"}
        assert Touch.objects.get(key="k1").state == "failed"
        waiting = Touch.objects.get(key="k2")
        assert (waiting.state, waiting.at) == ("planned", NOW + timedelta(minutes=5))
        texts[0].refusals = {}
        clock.pass_by(minutes=6)
        send_round(sender=sms, clock=clock)
        assert states()["k2"] == "created"
        assert way_of("k2") == ["claimed", "handing", "put_off", "claimed", "handing", "created"]

    def test_whose_answer_is_lost_are_unknown_and_not_sent_again(
        self, reachable: Reachable, texts: Texts, sms: SmsSender, clock: Clock
    ) -> None:
        plan(reachable(1), "sms", key="k")
        texts[0].faults = ["drop"]

        send_round(sender=sms, clock=clock)

        clock.pass_by(days=3)
        assert states() == {"k": "unknown"}
        assert send_round(sender=sms, clock=clock).claimed == 0

    @pytest.mark.parametrize("after", [False, True])
    def test_whose_worker_was_killed_in_the_call_are_unknown_and_not_sent_again(
        self, reachable: Reachable, texts: Texts, sms: SmsSender, clock: Clock, after: bool
    ) -> None:
        plan(reachable(1), "sms", key="k")
        with pytest.raises(Killed):
            send_round(sender=Killing(sms, after=after), clock=clock)

        assert states() == {"k": "handing"}
        clock.pass_by(seconds=LEASE.total_seconds() + 1)
        send_round(sender=sms, clock=clock)

        assert states() == {"k": "unknown"}
        assert len(texts[0].sent) == after

    def test_whose_worker_was_killed_before_the_call_are_decided_about_anew(
        self, reachable: Reachable, texts: Texts, sms: SmsSender, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan(reachable(1), "sms", key="k")
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr("yutang.channels.delivery.rounds._prepared", _killed)
            send_round(sender=sms, clock=clock)
        assert states() == {"k": "claimed"}

        clock.pass_by(seconds=LEASE.total_seconds() + 1)
        send_round(sender=sms, clock=clock)

        assert states() == {"k": "created"}
        assert len(texts[0].sent) == 1

    def test_that_are_stopped_meanwhile_are_not_handed_over(
        self, reachable: Reachable, texts: Texts, sms: SmsSender, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from yutang.channels.delivery import rounds

        plan(reachable(1), "sms", key="k")
        claimed = rounds.claimed_touches

        def stopped_after_the_claim(*args: Any, **more: Any) -> Any:
            found = claimed(*args, **more)
            stop_sending(actor=SYSTEM, channel="sms", now=NOW)
            return found

        monkeypatch.setattr(rounds, "claimed_touches", stopped_after_the_claim)
        send_round(sender=sms, clock=clock)

        assert texts[0].sent == []
        assert Touch.objects.get(key="k").state == "planned"

    def test_without_words_or_with_a_number_that_is_barred_fail(
        self, reachable: Reachable, texts: Texts, sms: SmsSender, clock: Clock
    ) -> None:
        from yutang.foundation.sealing import digest16

        plan(reachable(1), "sms", key="k1", content="said:nothing")
        plan(reachable(2), "sms", key="k2")
        barred = {"channel": "sms", "digest": digest16("sms", "barred", "+8613800000002"), "barred_at": NOW}
        BarredAddress.objects.create(reason="opted_out", **barred)

        send_round(sender=sms, clock=clock)

        assert dict(Delivery.objects.values_list("touch__key", "fault")) == {"k1": "no_words", "k2": "address_barred"}
        assert texts[0].sent == []


def _killed(*_args: Any, **_more: Any) -> Any:
    raise Killed


class TestMail:
    def test_goes_out_with_a_way_to_stop_it_with_one_click(
        self, reachable: Reachable, post: Post, mail: MailSender, clock: Clock, settings: Any, said: dict[str, Any]
    ) -> None:
        settings.YUTANG_PUBLIC_URL = "https://pond.example.com"
        said["hello"]["text"] = "看看 https://shop.example.com/tea?a=1。"
        plan(reachable(1), "email", key="k", intent="promotion")

        send_round(sender=mail, clock=clock)

        (letter,) = post.mails
        assert letter["List-Unsubscribe"].startswith("<https://pond.example.com/stop/")
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        body = letter.get_content()
        assert "shop.example.com" not in body
        assert "https://pond.example.com/l/" in body
        words, _line, way_out = body.partition("\n-- \n")
        assert words.strip().endswith("。")
        assert letter["List-Unsubscribe"].strip("<>") in way_out
        assert sorted(Link.objects.values_list("kind", "target")) == [
            ("stop", ""),
            ("target", "https://shop.example.com/tea?a=1"),
        ]
        assert states() == {"k": "created"}

    def test_that_promotes_waits_until_there_is_a_way_out(
        self, reachable: Reachable, post: Post, mail: MailSender, clock: Clock
    ) -> None:
        plan(reachable(1), "email", key="k", intent="promotion")

        send_round(sender=mail, clock=clock)

        assert post.mails == []
        assert Touch.objects.get(key="k").state == "planned"
        assert Delivery.objects.get().fault == "no_public_url"

    def test_to_an_address_that_is_none_bars_it(
        self, reachable: Reachable, post: Post, mail: MailSender, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan(reachable(1), "email", key="k")
        monkeypatch.setattr(
            "yutang.channels.delivery.rounds.addresses_for",
            lambda *, customer_ids, **_: dict.fromkeys(customer_ids, "nobody@example.com"),
        )

        send_round(sender=mail, clock=clock)

        assert states() == {"k": "failed"}
        assert list(BarredAddress.objects.values_list("channel", "reason")) == [("email", "bounced")]
        assert not QuotaUse.objects.filter(used__gt=0).exists()

    def test_cut_off_after_the_words_is_unknown(
        self, reachable: Reachable, post: Post, mail: MailSender, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan(reachable(1), "email", key="k")
        monkeypatch.setattr(
            "yutang.channels.delivery.rounds.addresses_for",
            lambda *, customer_ids, **_: dict.fromkeys(customer_ids, "cut@example.com"),
        )

        send_round(sender=mail, clock=clock)
        clock.pass_by(days=1)

        assert states() == {"k": "unknown"}
        assert send_round(sender=mail, clock=clock).claimed == 0
