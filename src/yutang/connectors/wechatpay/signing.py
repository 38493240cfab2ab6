"""What is signed and sealed between a merchant and WeChat Pay v3: calls, answers, notices and the resources within them.

Source: WeChat Pay, API v3 "signature generation", "signature verification" and "certificate and callback decryption":
SHA256 with RSA (PKCS #1 v1.5) over lines that end with a line feed; resources in AES-256-GCM under the APIv3 key.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from yutang.connectors.wechatpay.errors import KeysAreUnusable, NoticeIsUnreadable, SignatureIsWrong

SCHEME = "WECHATPAY2-SHA256-RSA2048"
#: What is older, or further ahead, is not believed. Seconds.
MOST_SECONDS_OFF = 300
_KEY_BYTES = 32


@dataclass(frozen=True)
class Stamp:
    """The headers with which WeChat Pay signs.

    Attributes:
        serial: which of its keys signed: the serial number of a certificate, or the id of a public key.
        timestamp: seconds since 1970, as text.
        nonce: chance.
        signature: in base64.
    """

    serial: str
    timestamp: str
    nonce: str
    signature: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Stamp:
        """Return the stamp in the headers of an answer or a notice; what is missing is empty."""
        known = {name.lower(): value for name, value in headers.items()}
        return cls(*(known.get(f"wechatpay-{name}", "") for name in ("serial", "timestamp", "nonce", "signature")))


def signed(key: RSAPrivateKey, *lines: str) -> str:
    """Return the signature over lines, in base64."""
    return base64.b64encode(key.sign(_lines(lines), PKCS1v15(), SHA256())).decode()


def verify(stamp: Stamp, body: bytes, *, keys: Mapping[str, RSAPublicKey], now: float | None = None) -> None:
    """Look whether a body was signed by WeChat Pay, just now.

    Args:
        stamp: its headers.
        body: exactly as it came.
        keys: public keys of WeChat Pay by serial number or id.
        now: seconds since 1970; None: the clock of this machine.

    Raises:
        SignatureIsWrong: the key is unknown, the time is another, or the signature does not fit.
    """
    key = keys.get(stamp.serial.upper()) or keys.get(stamp.serial)
    if key is None:
        raise SignatureIsWrong(said=f"unknown serial {stamp.serial[:60]!r}")
    known = stamp.timestamp.isascii() and stamp.timestamp.isdigit() and len(stamp.timestamp) < 12
    if not known or abs((time.time() if now is None else now) - int(stamp.timestamp)) > MOST_SECONDS_OFF:
        raise SignatureIsWrong(said="stale timestamp")
    try:
        signature = base64.b64decode(stamp.signature, validate=True)
        lines = b"%s\n%s\n%s\n" % (stamp.timestamp.encode(), stamp.nonce.encode(), body)
        key.verify(signature, lines, PKCS1v15(), SHA256())
    except (binascii.Error, InvalidSignature, ValueError) as error:
        raise SignatureIsWrong(said="the signature does not fit") from error


def opened(api_key: bytes, *, ciphertext: str, nonce: str, associated: str) -> bytes:
    """Return what a resource holds.

    Raises:
        NoticeIsUnreadable: it was sealed with another APIv3 key, or altered.
    """
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(api_key).decrypt(nonce.encode(), sealed, associated.encode() or None)
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise NoticeIsUnreadable(said="its resource cannot be opened with the APIv3 key") from error


def sealed(api_key: bytes, clear: bytes, *, nonce: str, associated: str) -> str:
    """Return a resource as WeChat Pay seals it, in base64."""
    return base64.b64encode(AESGCM(api_key).encrypt(nonce.encode(), clear, associated.encode() or None)).decode()


def private_key_of(pem: str) -> RSAPrivateKey:
    """Return the merchant's private key.

    Raises:
        KeysAreUnusable: the text is no RSA key.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise KeysAreUnusable(said="apiclient_key.pem") from error
    if not isinstance(key, RSAPrivateKey):
        raise KeysAreUnusable(said="apiclient_key.pem")
    return key


def public_key_of(pem: str) -> RSAPublicKey:
    """Return WeChat Pay's public key from a public key or a certificate.

    Raises:
        KeysAreUnusable: the text is neither, or no RSA key.
    """
    try:
        is_certificate = "CERTIFICATE" in pem
        read = pem.encode()
        key = x509.load_pem_x509_certificate(read).public_key() if is_certificate else load_pem_public_key(read)
    except ValueError as error:
        raise KeysAreUnusable(said="pub_key.pem") from error
    if not isinstance(key, RSAPublicKey):
        raise KeysAreUnusable(said="pub_key.pem")
    return key


def api_key_of(text: str) -> bytes:
    """Return the APIv3 key.

    Raises:
        KeysAreUnusable: it has not 32 bytes.
    """
    key = text.encode()
    if len(key) != _KEY_BYTES:
        raise KeysAreUnusable(said="APIv3: 32")
    return key


def _lines(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
