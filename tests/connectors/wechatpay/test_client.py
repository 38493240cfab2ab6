"""The client of WeChat Pay against a gateway of this machine: what is not signed, not now, or not for us is not believed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from yutang.connectors.wechatpay.client import Order, WeChatPay
from yutang.connectors.wechatpay.errors import (
    KeysAreUnusable,
    NoticeIsUnreadable,
    SignatureIsWrong,
    WeChatPayError,
    WeChatPayUnreachable,
)
from yutang.connectors.wechatpay.simulator import Gateway, running

ORDER = Order("a" * 32, "体验套餐", 9_900, "https://shop.example.com/callbacks/wechat-pay/")


@pytest.fixture(scope="module", params=[False, True], ids=["public key", "certificates"])
def made_gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """A gateway, in each of the two ways in which it says who it is."""
    with running(by_certificates=request.param) as gateway:
        yield gateway


@pytest.fixture
def gateway(made_gateway: Gateway) -> Gateway:
    """The gateway, with nothing ordered."""
    made_gateway.orders.clear()
    made_gateway.refunds.clear()
    made_gateway.fault, made_gateway.signs = None, True
    return made_gateway


@pytest.fixture
def line(gateway: Gateway) -> WeChatPay:
    """A merchant's line to it."""
    return WeChatPay(gateway.account)


class TestCalls:
    def test_begin_in_each_scene(self, line: WeChatPay) -> None:
        script = line.begin_jsapi(ORDER, openid="o-1")

        assert script["package"] == f"prepay_id=wx{ORDER.number}"
        assert script["signType"] == "RSA"
        assert script["paySign"]
        assert line.begin_h5(ORDER, address="203.0.113.9").startswith("https://wx.tenpay.com/")
        assert line.begin_native(ORDER).startswith("weixin://")

    def test_look_close_and_refund(self, gateway: Gateway, line: WeChatPay) -> None:
        line.begin_native(ORDER)
        assert line.look(ORDER.number).state == "NOTPAY"
        gateway.pay(ORDER.number)

        told = line.look(ORDER.number)
        with pytest.raises(WeChatPayError, match="ORDERPAID"):
            line.close(ORDER.number)
        asked = {"number": ORDER.number, "refund_number": "b" * 32, "amount_minor": 900, "total_minor": 9_900}
        back = [line.refund(**asked, currency="CNY", reason="退款", notify_url=ORDER.notify_url) for _ in range(2)]

        assert (told.state, told.amount_minor, told.payer) == ("SUCCESS", 9_900, "o-payer")
        assert back[0] == back[1]
        assert back[0].state == "SUCCESS"
        assert len(gateway.refunds) == 1

    def test_an_answer_without_the_right_signature_is_not_believed(self, gateway: Gateway, line: WeChatPay) -> None:
        line.begin_native(ORDER)
        gateway.signs = False

        with pytest.raises(SignatureIsWrong):
            line.look(ORDER.number)

    @pytest.mark.parametrize(
        ("fault", "again"),
        [((500, "SYSTEM_ERROR"), True), ((400, "PARAM_ERROR"), False), ((429, "FREQUENCY_LIMITED"), True)],
    )
    def test_a_fault_says_whether_repeating_helps(
        self, gateway: Gateway, line: WeChatPay, fault: tuple[int, str], again: bool
    ) -> None:
        gateway.fault = fault

        with pytest.raises(WeChatPayError) as refusal:
            WeChatPay(replace(gateway.account)).begin_native(ORDER)

        assert refusal.value.pay_code == fault[1]
        assert refusal.value.can_be_repeated is again

    def test_nobody_answers(self, gateway: Gateway) -> None:
        with pytest.raises(WeChatPayUnreachable):
            WeChatPay(replace(gateway.account, gateway="http://127.0.0.1:9")).begin_native(ORDER)

    def test_a_call_signed_with_another_key_is_refused(self, gateway: Gateway) -> None:
        with running() as other, pytest.raises(WeChatPayError, match="SIGN_ERROR"):
            WeChatPay(
                replace(
                    gateway.account,
                    private_key=other.account.private_key,
                    public_key=other.account.public_key,
                    public_key_id="x",
                )
            ).begin_native(ORDER)


class TestNotices:
    def test_of_a_payment_and_of_a_refund(self, gateway: Gateway, line: WeChatPay) -> None:
        line.begin_native(ORDER)
        headers, body = gateway.pay(ORDER.number, openid="o-7")
        line.refund(
            number=ORDER.number,
            refund_number="b" * 32,
            amount_minor=900,
            total_minor=9_900,
            currency="CNY",
            reason="r",
            notify_url="",
        )

        paid, back = line.notice(headers, body), line.notice(*gateway.refund_notice("b" * 32))

        assert (paid.number, paid.state, paid.payer, paid.is_refund) == (ORDER.number, "SUCCESS", "o-7", False)
        assert (back.number, back.amount_minor, back.is_refund) == ("b" * 32, 900, True)

    @pytest.mark.parametrize("spoilt", ["body", "signature", "serial", "stale", "ahead", "none"])
    def test_what_was_tampered_with_is_refused(self, gateway: Gateway, line: WeChatPay, spoilt: str) -> None:
        line.begin_native(ORDER)
        headers, body = gateway.pay(ORDER.number)
        if spoilt == "body":
            body = body.replace(b"TRANSACTION", b"transaction")
        elif spoilt == "signature":
            headers["Wechatpay-Signature"] = headers["Wechatpay-Signature"][::-1]
        elif spoilt == "serial":
            headers["Wechatpay-Serial"] = "1234"
        elif spoilt == "none":
            headers = {}
        else:
            off = -301 if spoilt == "stale" else 301
            headers, body = gateway.notice("TRANSACTION.SUCCESS", gateway.orders[ORDER.number], at=time.time() + off)

        with pytest.raises(SignatureIsWrong):
            line.notice(headers, body)

    def test_of_another_merchant_or_sealed_with_another_key_is_refused(self, gateway: Gateway, line: WeChatPay) -> None:
        line.begin_native(ORDER)
        gateway.pay(ORDER.number)
        foreign = gateway.notice("TRANSACTION.SUCCESS", {**gateway.orders[ORDER.number], "mchid": "1"})
        right, gateway.api_key = gateway.api_key, "x" * 32
        sealed = gateway.notice("TRANSACTION.SUCCESS", gateway.orders[ORDER.number])
        gateway.api_key = right

        for headers, body in (foreign, sealed):
            with pytest.raises(NoticeIsUnreadable):
                line.notice(headers, body)

    def test_signed_nonsense_is_refused(self, gateway: Gateway, line: WeChatPay) -> None:
        for body in (b"", b"[]", b"{}", json.dumps({"resource": {"algorithm": "x"}}).encode()):
            with pytest.raises(NoticeIsUnreadable):
                line.notice(gateway.stamped(body), body)


def test_keys_that_are_none_are_refused_at_once() -> None:
    with running() as gateway:
        for broken in ({"private_key": "no"}, {"api_key": "short"}, {"public_key": "-----BEGIN PUBLIC KEY-----"}):
            with pytest.raises(KeysAreUnusable):
                WeChatPay(replace(gateway.account, **broken))
