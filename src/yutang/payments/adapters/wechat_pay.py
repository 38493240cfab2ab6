"""WeChat Pay v3 as a way to pay."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from django.conf import settings

from yutang.connectors.wechatpay.client import Account, Order, Told, WeChatPay
from yutang.connectors.wechatpay.errors import KeysAreUnusable, WeChatPayError
from yutang.payments.adapters.protocol import Notice, Way
from yutang.payments.models import Payment, Refund

_STATES = {
    "SUCCESS": "paid",
    "REFUND": "paid",
    "NOTPAY": "open",
    "USERPAYING": "open",
    "CLOSED": "closed",
    "REVOKED": "closed",
    "PAYERROR": "closed",
}
_REFUNDS = {"SUCCESS": "done", "PROCESSING": "open", "CLOSED": "failed", "ABNORMAL": "failed"}
#: Paid meanwhile, so that it cannot be closed; closed before.
_NOT_OPEN = frozenset({"ORDERPAID", "ORDER_CLOSED", "ORDERCLOSED", "ORDER_NOT_EXIST", "ORDERNOTEXIST"})


def account_of_settings() -> Account | None:
    """Return the merchant's account as the environment names it; None where it names none.

    Raises:
        KeysAreUnusable: a file of a key cannot be read.
    """
    named = settings.YUTANG_WECHAT_PAY
    if not named["merchant_id"]:
        return None
    return _account(*(str(named[name]) for name in _PARTS))


_PARTS = ("merchant_id", "app_id", "serial", "key_file", "api_key", "public_key_file", "public_key_id", "gateway")


@lru_cache(maxsize=4)
def _account(
    merchant_id: str, app_id: str, serial: str, key_file: str, api_key: str, public_key_file: str, public_key_id: str, gateway: str
) -> Account:  # fmt: skip
    public_key = _read(public_key_file) if public_key_file else ""
    return Account(merchant_id, app_id, serial, _read(key_file), api_key, public_key, public_key_id, gateway)


@lru_cache(maxsize=4)
def _line(account: Account) -> WeChatPay:
    return WeChatPay(account)


class WeChatPayAdapter:
    """The adapter of WeChat Pay."""

    name: ClassVar[str] = "wechat_pay"

    def __init__(self, account: Account) -> None:
        self._line = _line(account)

    def begin(self, payment: Payment, *, scene: str, payer: str, address: str) -> Way:
        """Begin with WeChat's script, in the phone's browser, or by a code on a desk."""
        order = Order(
            number=payment.number,
            subject=payment.subject,
            amount_minor=payment.amount_minor,
            notify_url=f"{settings.YUTANG_PUBLIC_URL}/callbacks/wechat-pay/",
            ends_at=payment.ends_at,
            currency=payment.currency,
        )
        if scene == "wechat" and payer:
            return Way("script", script=self._line.begin_jsapi(order, openid=payer))
        if scene == "phone":
            back = f"{settings.YUTANG_PUBLIC_URL}/pay/{payment.number}/"
            return Way("address", _with_return(self._line.begin_h5(order, address=address), back))
        return Way("code", self._line.begin_native(order))

    def look(self, payment: Payment) -> Notice:
        """Return how it stands; a payment that was never begun is open."""
        try:
            return _notice(self._line.look(payment.number))
        except WeChatPayError as refusal:
            if refusal.pay_code in {"ORDER_NOT_EXIST", "ORDERNOTEXIST"}:
                return Notice(payment.number, "open", payment.amount_minor, payment.currency)
            raise

    def close(self, payment: Payment) -> None:
        """Let it be paid no more; one that was paid meanwhile, or never begun, stays as it is."""
        try:
            self._line.close(payment.number)
        except WeChatPayError as refusal:
            if refusal.pay_code not in _NOT_OPEN:
                raise

    def refund(self, refund: Refund) -> Notice:
        """Give back."""
        payment = refund.payment
        told = self._line.refund(
            number=payment.number,
            refund_number=refund.number,
            amount_minor=refund.amount_minor,
            total_minor=payment.amount_minor,
            currency=payment.currency,
            reason=payment.subject,
            notify_url=f"{settings.YUTANG_PUBLIC_URL}/callbacks/wechat-pay/",
        )
        return _notice(told)

    def notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Return what a notice tells."""
        return _notice(self._line.notice(headers, body))


def _notice(told: Told) -> Notice:
    states = _REFUNDS if told.is_refund else _STATES
    return Notice(
        number=told.number,
        state=states.get(told.state, "open"),
        amount_minor=told.amount_minor,
        currency=told.currency,
        external_id=told.external_id,
        payer=told.payer,
        at=told.at,
        is_refund=told.is_refund,
    )


def _with_return(address: str, back: str) -> str:
    from urllib.parse import quote

    return f"{address}{'&' if '?' in address else '?'}redirect_url={quote(back, safe='')}"


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise KeysAreUnusable(said=Path(path).name) from error
