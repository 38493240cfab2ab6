"""Calls of WeChat Pay v3: begin, look at, close and refund payments; read what it pushes. Every answer is verified before it is read.

Source: WeChat Pay API v3 for direct merchants: JSAPI, H5 and Native orders, query and close of an order, domestic refunds, notices.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from yutang.connectors.wechatpay import signing
from yutang.connectors.wechatpay.errors import (
    NoticeIsUnreadable,
    SignatureIsWrong,
    WeChatPayError,
    WeChatPayUnreachable,
)
from yutang.connectors.wechatpay.signing import Stamp

GATEWAY = "https://api.mch.weixin.qq.com"
_SECONDS = urllib3.Timeout(connect=5, read=15)
#: Codes after which the same call may be sent again.
_AGAIN = frozenset({"SYSTEM_ERROR", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "BIZERR_NEED_RETRY"})
_CERTIFICATES = "/v3/certificates"


@dataclass(frozen=True)
class Account:
    """The merchant's account with WeChat Pay.

    Attributes:
        merchant_id: mchid.
        app_id: of the app, mini programme or official account that pays.
        serial: serial number of the merchant's certificate.
        private_key: the merchant's key, PEM.
        api_key: the APIv3 key, 32 characters.
        public_key: WeChat Pay's public key, PEM; empty: its certificates are fetched.
        public_key_id: id of that key, ``PUB_KEY_ID_...``.
        gateway: address.
    """

    merchant_id: str
    app_id: str
    serial: str
    private_key: str
    api_key: str
    public_key: str = ""
    public_key_id: str = ""
    gateway: str = GATEWAY


@dataclass(frozen=True)
class Order:
    """What is to be paid.

    Attributes:
        number: ours, 6 to 32 letters and digits.
        subject: what for, at most 127 bytes of UTF-8 are sent.
        amount_minor: fen.
        notify_url: where WeChat Pay pushes that it was paid.
        ends_at: until when it can be paid. Aware.
    """

    number: str
    subject: str
    amount_minor: int
    notify_url: str
    ends_at: datetime | None = None
    currency: str = "CNY"


@dataclass(frozen=True)
class Told:
    """How a payment or a refund stands, as WeChat Pay tells it.

    Attributes:
        number: ours: of the order, or of the refund.
        state: ``SUCCESS``, ``NOTPAY``, ``CLOSED``, ``REFUND``, ``PAYERROR``; of refunds ``SUCCESS``, ``PROCESSING``, ``CLOSED`` or
            ``ABNORMAL``.
        external_id: WeChat Pay's number.
        amount_minor: total of the order, or the amount of the refund. fen.
        payer: openid; empty where it was not told.
        at: when it was paid or refunded. Aware; None where it was not.
        is_refund: whether it tells of a refund.
    """

    number: str
    state: str
    external_id: str
    amount_minor: int
    currency: str
    payer: str = ""
    at: datetime | None = None
    is_refund: bool = False


class WeChatPay:
    """A merchant's line to WeChat Pay, shared by threads.

    Raises:
        KeysAreUnusable: a key of the account cannot be read.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self._key = signing.private_key_of(account.private_key)
        self._api_key = signing.api_key_of(account.api_key)
        self._given: dict[str, RSAPublicKey] = {}
        if account.public_key:
            self._given[account.public_key_id] = signing.public_key_of(account.public_key)
        self._fetched: dict[str, RSAPublicKey] = {}
        self._lock = threading.Lock()
        self._pool = urllib3.PoolManager(maxsize=8, retries=False, timeout=_SECONDS)

    def begin_jsapi(self, order: Order, *, openid: str) -> dict[str, str]:
        """Begin a payment within WeChat, and return what its script takes, signed."""
        told = self._call("POST", "/v3/pay/transactions/jsapi", {**self._order(order), "payer": {"openid": openid}})
        stamp, nonce, package = str(int(time.time())), secrets.token_hex(16), f"prepay_id={told['prepay_id']}"
        signature = signing.signed(self._key, self.account.app_id, stamp, nonce, package)
        return {
            "appId": self.account.app_id,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": signature,
        }

    def begin_h5(self, order: Order, *, address: str) -> str:
        """Begin a payment in a phone's browser, and return where to send the payer.

        Args:
            order: what is paid.
            address: network address of the payer.
        """
        scene = {"payer_client_ip": address or "127.0.0.1", "h5_info": {"type": "Wap"}}
        told = self._call("POST", "/v3/pay/transactions/h5", {**self._order(order), "scene_info": scene})
        return str(told["h5_url"])

    def begin_native(self, order: Order) -> str:
        """Begin a payment by a code that is scanned, and return what the code holds."""
        return str(self._call("POST", "/v3/pay/transactions/native", self._order(order))["code_url"])

    def look(self, number: str) -> Told:
        """Return how a payment stands."""
        path = f"/v3/pay/transactions/out-trade-no/{number}?mchid={self.account.merchant_id}"
        return self._payment(self._call("GET", path))

    def close(self, number: str) -> None:
        """Let a payment be paid no more; one that was paid is refused with ``ORDERPAID``."""
        path = f"/v3/pay/transactions/out-trade-no/{number}/close"
        self._call("POST", path, {"mchid": self.account.merchant_id})

    def refund(
        self,
        *,
        number: str,
        refund_number: str,
        amount_minor: int,
        total_minor: int,
        currency: str,
        reason: str,
        notify_url: str,
    ) -> Told:
        """Give money back; asked again under the same number, nothing is given twice."""
        asked = {
            "out_trade_no": number,
            "out_refund_no": refund_number,
            "reason": _cut(reason, 80),
            "notify_url": notify_url,
            "amount": {"refund": amount_minor, "total": total_minor, "currency": currency},
        }
        return _refund(self._call("POST", "/v3/refund/domestic/refunds", asked))

    def notice(self, headers: Mapping[str, str], body: bytes) -> Told:
        """Return what a notice tells, after its signature, its time, its account and its seal were looked at.

        Raises:
            SignatureIsWrong: WeChat Pay did not sign it, or not now.
            NoticeIsUnreadable: it tells of something else, or of another merchant.
        """
        self._verify(Stamp.of(headers), body)
        try:
            told = orjson.loads(body)
            resource = told["resource"]
            if resource["algorithm"] != "AEAD_AES_256_GCM":
                raise NoticeIsUnreadable(said="algorithm")
            sealed = {"ciphertext": resource["ciphertext"], "nonce": resource["nonce"]}
            clear = signing.opened(self._api_key, **sealed, associated=resource.get("associated_data") or "")
            inner = orjson.loads(clear)
            if inner.get("mchid") != self.account.merchant_id:
                raise NoticeIsUnreadable(said="mchid")
            is_refund = str(told.get("event_type", "")).startswith("REFUND.")
            return _refund(inner) if is_refund else self._payment(inner)
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise NoticeIsUnreadable(said=type(error).__name__) from error

    def _order(self, order: Order) -> dict[str, Any]:
        account = self.account
        asked: dict[str, Any] = {
            "appid": account.app_id,
            "mchid": account.merchant_id,
            "description": _cut(order.subject, 127),
            "out_trade_no": order.number,
            "notify_url": order.notify_url,
            "amount": {"total": order.amount_minor, "currency": order.currency},
        }
        if order.ends_at is not None:
            asked["time_expire"] = order.ends_at.astimezone().isoformat(timespec="seconds")
        return asked

    def _payment(self, told: Mapping[str, Any]) -> Told:
        if told.get("mchid") != self.account.merchant_id or told.get("appid") != self.account.app_id:
            raise NoticeIsUnreadable(said="appid, mchid")
        amount, at = told.get("amount") or {}, told.get("success_time")
        return Told(
            number=str(told["out_trade_no"]),
            state=str(told["trade_state"]),
            external_id=str(told.get("transaction_id") or ""),
            amount_minor=int(amount.get("total") or 0),
            currency=str(amount.get("currency") or "CNY"),
            payer=str((told.get("payer") or {}).get("openid") or ""),
            at=datetime.fromisoformat(at) if at else None,
        )

    def _call(self, method: str, path: str, asked: Mapping[str, Any] | None = None) -> dict[str, Any]:
        body = orjson.dumps(asked) if asked is not None else b""
        status, headers, answer = self._sent(method, path, body)
        if status in {HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT}:
            # What is not signed is not believed, whatever it says.
            self._verify(Stamp.of(headers), answer)
            return _object(answer) if answer else {}
        told = _object(answer, or_nothing=True)
        pay_code = str(told.get("code") or status)
        again = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
        raise WeChatPayError(
            pay_code=pay_code[:64],
            said=str(told.get("message") or "")[:200],
            can_be_repeated=again or pay_code in _AGAIN,
        )

    def _sent(self, method: str, path: str, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        headers = {
            "Authorization": self._authorization(method, path, body),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "Yutang-Pay/1",
        }
        if self.account.public_key_id:
            headers["Wechatpay-Serial"] = self.account.public_key_id
        try:
            answer = self._pool.request(
                method, self.account.gateway.rstrip("/") + path, headers=headers, body=body or None, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise WeChatPayUnreachable(said=type(error).__name__) from error
        return answer.status, answer.headers, answer.data

    def _authorization(self, method: str, path: str, body: bytes) -> str:
        stamp, nonce = str(int(time.time())), secrets.token_hex(16)
        signature = signing.signed(self._key, method, path, stamp, nonce, body.decode())
        parts = {
            "mchid": self.account.merchant_id,
            "nonce_str": nonce,
            "signature": signature,
            "timestamp": stamp,
            "serial_no": self.account.serial,
        }
        return f"{signing.SCHEME} " + ",".join(f'{name}="{value}"' for name, value in parts.items())

    def _verify(self, stamp: Stamp, body: bytes) -> None:
        if not self._given and stamp.serial.upper() not in self._fetched:
            self._fetch_certificates()
        signing.verify(stamp, body, keys=self._given or self._fetched)

    def _fetch_certificates(self) -> None:
        """Fetch WeChat Pay's certificates: they come sealed with the APIv3 key, and sign the answer that brings them.

        Raises:
            SignatureIsWrong: none of the certificates signed the answer.
        """
        with self._lock:
            status, headers, answer = self._sent("GET", _CERTIFICATES, b"")
            if status != HTTPStatus.OK:
                raise SignatureIsWrong(said=f"certificates: {status}")
            found: dict[str, RSAPublicKey] = {}
            for one in _object(answer).get("data", []):
                box = one["encrypt_certificate"]
                pem = signing.opened(
                    self._api_key, ciphertext=box["ciphertext"], nonce=box["nonce"], associated=box["associated_data"]
                )
                certificate = x509.load_pem_x509_certificate(pem)
                if (
                    certificate.not_valid_before_utc.timestamp()
                    <= time.time()
                    <= certificate.not_valid_after_utc.timestamp()
                ):
                    found[str(one["serial_no"]).upper()] = signing.public_key_of(pem.decode())
            signing.verify(Stamp.of(headers), answer, keys=found)
            self._fetched = found


def _refund(told: Mapping[str, Any]) -> Told:
    amount, at = told.get("amount") or {}, told.get("success_time")
    return Told(
        number=str(told["out_refund_no"]),
        state=str(told.get("refund_status") or told.get("status") or ""),
        external_id=str(told.get("refund_id") or ""),
        amount_minor=int(amount.get("refund") or 0),
        currency=str(amount.get("currency") or "CNY"),
        at=datetime.fromisoformat(at) if at else None,
        is_refund=True,
    )


def _object(answer: bytes, *, or_nothing: bool = False) -> dict[str, Any]:
    try:
        told = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        if or_nothing:
            return {}
        raise WeChatPayUnreachable(said="JSON") from error
    return told if isinstance(told, dict) else {}


def _cut(text: str, most: int) -> str:
    """Return a text of at most so many bytes, cut between characters."""
    return text.encode()[:most].decode(errors="ignore")
