"""A gateway of WeChat Pay on this machine, with keys of its own: it looks at signatures as the real one does, and signs what it says."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from yutang.connectors.wechatpay import signing
from yutang.connectors.wechatpay.client import Account
from yutang.connectors.wechatpay.errors import SignatureIsWrong
from yutang.connectors.wechatpay.signing import Stamp

_AUTHORIZED = re.compile(r'(\w+)="([^"]*)"')
_BEGIN = re.compile(r"/v3/pay/transactions/(jsapi|h5|native)")
_ORDER = re.compile(r"/v3/pay/transactions/out-trade-no/([\w-]+)(/close)?")


class Gateway:
    """The gateway: what was ordered and refunded, and its keys.

    Attributes:
        account: what a merchant needs to speak with it; with its public key where it was made so, else certificates are fetched.
        orders: by number.
        refunds: by number.
        fault: answered to every call instead: (status, code); None: nothing is wrong.
        signs: whether answers are signed as they should be.
    """

    def __init__(self, address: str, *, by_certificates: bool = False) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.merchant_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.api_key = secrets.token_hex(16)
        self.certificate = _certificate(self._key)
        pem = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.serial = f"{self.certificate.serial_number:X}" if by_certificates else "PUB_KEY_ID_0100000001"
        self.account = Account(
            merchant_id="1900000001",
            app_id="wx0000000000000001",
            serial="MERCHANT01",
            private_key=_pem_of(self.merchant_key),
            api_key=self.api_key,
            public_key="" if by_certificates else pem.decode(),
            public_key_id="" if by_certificates else self.serial,
            gateway=address,
        )
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.fault: tuple[int, str] | None = None
        self.signs = True

    def pay(self, number: str, *, openid: str = "o-payer") -> tuple[dict[str, str], bytes]:
        """Let an order be paid, and return the headers and the body of the notice."""
        self.orders[number] |= {
            "trade_state": "SUCCESS",
            "transaction_id": f"42{secrets.randbelow(10**18):018}",
            "success_time": datetime.now(UTC).isoformat(timespec="seconds"),
            "payer": {"openid": openid},
        }
        return self.notice("TRANSACTION.SUCCESS", self.orders[number])

    def refund_notice(self, number: str) -> tuple[dict[str, str], bytes]:
        """Return headers and body of the notice that a refund is done."""
        told = {**self.refunds[number], "refund_status": "SUCCESS", "mchid": self.account.merchant_id}
        return self.notice("REFUND.SUCCESS", told)

    def notice(self, event: str, told: Mapping[str, Any], *, at: float | None = None) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a notice, sealed and signed."""
        nonce = secrets.token_hex(6)
        clear = json.dumps(dict(told)).encode()
        resource = {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "transaction",
            "ciphertext": signing.sealed(self.api_key.encode(), clear, nonce=nonce, associated="transaction"),
        }
        body = {
            "id": secrets.token_hex(8),
            "event_type": event,
            "resource_type": "encrypt-resource",
            "resource": resource,
        }
        written = json.dumps(body).encode()
        return self.stamped(written, at=at), written

    def stamped(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        """Return the headers that sign a body."""
        stamp, nonce = str(int(time.time() if at is None else at)), secrets.token_hex(16)
        signature = signing.signed(self._key, stamp, nonce, body.decode())
        return {
            "Wechatpay-Serial": self.serial,
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": signature if self.signs else signature[::-1],
        }

    def answered(self, method: str, path: str, authorization: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body of the answer to a call."""
        if not self._is_from_merchant(method, path, authorization, body):
            return 401, b'{"code": "SIGN_ERROR", "message": "wrong signature"}'
        if self.fault is not None:
            status, code = self.fault
            return status, json.dumps({"code": code, "message": "made up"}).encode()
        asked = json.loads(body) if body else {}
        status, told = self._done(method, path.partition("?")[0], asked)
        return status, b"" if told is None else json.dumps(told).encode()

    def _is_from_merchant(self, method: str, path: str, authorization: str, body: bytes) -> bool:
        told = dict(_AUTHORIZED.findall(authorization))
        stamp = Stamp("M", told.get("timestamp", ""), told.get("nonce_str", ""), told.get("signature", ""))
        lines = f"{method}\n{path}\n{stamp.timestamp}\n{stamp.nonce}\n{body.decode()}\n"
        try:
            # Calls are signed over other lines than answers: the nonce stands in them already.
            _verify_lines(stamp, lines, self.merchant_key.public_key())
        except SignatureIsWrong:
            return False
        return told.get("mchid") == self.account.merchant_id

    def _done(self, method: str, path: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        if path == "/v3/certificates":
            return 200, {"data": [self._own_certificate()]}
        if begun := _BEGIN.fullmatch(path):
            return 200, self._begun(begun[1], asked)
        if path == "/v3/refund/domestic/refunds" and method == "POST":
            return self._refunded(asked)
        if order := _ORDER.fullmatch(path):
            return self._looked(order[1], is_close=bool(order[2]))
        return 404, {"code": "RESOURCE_NOT_EXISTS", "message": path}

    def _begun(self, way: str, asked: dict[str, Any]) -> dict[str, Any]:
        number = asked["out_trade_no"]
        self.orders.setdefault(
            number,
            {
                "mchid": asked["mchid"],
                "appid": asked["appid"],
                "out_trade_no": number,
                "trade_state": "NOTPAY",
                "amount": asked["amount"],
            },
        )
        return {
            "jsapi": {"prepay_id": f"wx{number}"},
            "h5": {"h5_url": f"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx{number}"},
            "native": {"code_url": f"weixin://wxpay/bizpayurl?pr={number}"},
        }[way]

    def _looked(self, number: str, *, is_close: bool) -> tuple[int, dict[str, Any] | None]:
        order = self.orders.get(number)
        if order is None:
            return 404, {"code": "ORDER_NOT_EXIST", "message": "no such order"}
        if not is_close:
            return 200, order
        if order["trade_state"] == "SUCCESS":
            return 400, {"code": "ORDERPAID", "message": "paid"}
        order["trade_state"] = "CLOSED"
        return 204, None

    def _refunded(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        number, order = asked["out_refund_no"], self.orders.get(asked["out_trade_no"])
        if order is None or order["trade_state"] not in {"SUCCESS", "REFUND"}:
            return 404, {"code": "RESOURCE_NOT_EXISTS", "message": "no such payment"}
        if number not in self.refunds:
            given = sum(
                one["amount"]["refund"] for one in self.refunds.values() if one["out_trade_no"] == order["out_trade_no"]
            )
            if given + asked["amount"]["refund"] > order["amount"]["total"]:
                return 403, {"code": "NOT_ENOUGH", "message": "more than was paid"}
            self.refunds[number] = {
                "out_refund_no": number,
                "out_trade_no": order["out_trade_no"],
                "refund_id": f"50{secrets.randbelow(10**18):018}",
                "status": "SUCCESS",
                "success_time": datetime.now(UTC).isoformat(timespec="seconds"),
                "amount": asked["amount"],
            }
        return 200, self.refunds[number]

    def _own_certificate(self) -> dict[str, Any]:
        nonce = secrets.token_hex(6)
        pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        sealed = signing.sealed(self.api_key.encode(), pem, nonce=nonce, associated="certificate")
        box = {"algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": "certificate", "ciphertext": sealed}
        return {"serial_no": f"{self.certificate.serial_number:X}", "encrypt_certificate": box}


@contextmanager
def running(*, by_certificates: bool = False) -> Iterator[Gateway]:
    """Run a gateway on a free port of this machine.

    Args:
        by_certificates: whether merchants fetch its certificates; else they hold its public key.
    """

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        gateway: ClassVar[Gateway]

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, told = self.gateway.answered(self.command, self.path, self.headers.get("Authorization", ""), body)
            self.send_response(status)
            for name, value in self.gateway.stamped(told).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = _answer  # noqa: N815 - the names that the base class looks for.

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class has.
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        Door.gateway = Gateway(f"http://127.0.0.1:{server.server_port}", by_certificates=by_certificates)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield Door.gateway
        server.shutdown()
        thread.join()


def _verify_lines(stamp: Stamp, lines: str, key: rsa.RSAPublicKey) -> None:
    import base64
    import binascii

    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    try:
        key.verify(base64.b64decode(stamp.signature, validate=True), lines.encode(), PKCS1v15(), hashes.SHA256())
    except (binascii.Error, InvalidSignature, ValueError) as error:
        raise SignatureIsWrong(said="call") from error


def _pem_of(key: rsa.RSAPrivateKey) -> str:
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, kind, plain).decode()


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pay.example")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    return made.not_valid_after(now + timedelta(days=30)).sign(key, hashes.SHA256())
