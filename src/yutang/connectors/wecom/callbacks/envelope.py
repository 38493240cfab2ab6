"""Signature and AES envelope of callbacks.

Source: WeCom, "Encryption and decryption of callbacks" (document 90968): SHA-1 over the sorted parts; AES-256-CBC whose
initial vector is the first half of the key; PKCS#7 with blocks of 32 bytes; 16 random bytes, a big-endian length, the
message, the id of the receiver.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_BLOCK = 32
_RANDOM = 16
_LENGTH = 4


class SignatureIsWrong(DomainError):
    """The callback was not signed with this token."""

    code = "wecom_signature_is_wrong"
    http_status = 403
    message = N_("The callback is not signed with the token that is set here.")


class EnvelopeIsBroken(DomainError):
    """What is in the envelope cannot be opened with this key."""

    code = "wecom_envelope_is_broken"
    http_status = 400
    message = N_("The callback cannot be opened with the key that is set here.")


class NotForThisCorp(DomainError):
    """The envelope names another receiver."""

    code = "wecom_not_for_this_corp"
    http_status = 403
    message = N_("The callback is meant for another corp.")


class KeyIsNoKey(DomainError):
    """The EncodingAESKey does not have 43 letters and digits."""

    code = "wecom_key_is_no_key"
    http_status = 422
    message = N_("The EncodingAESKey has 43 letters and digits; copy it from the page of the app in WeCom.")


@dataclass(frozen=True)
class CallbackKeys:
    """What a callback is signed and sealed with.

    Attributes:
        token: letters and digits, at most 32.
        aes_key: EncodingAESKey, 43 letters and digits.
        receive_id: id of the corp, for a self-built app.
    """

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    receive_id: str

    def __post_init__(self) -> None:
        if len(self.aes_key) != 43 or not (self.aes_key.isascii() and self.aes_key.isalnum()):
            raise KeyIsNoKey

    @property
    def key(self) -> bytes:
        """The 32 bytes of the key."""
        return base64.b64decode(self.aes_key + "=")


def signature(*, token: str, timestamp: str, nonce: str, sealed: str) -> str:
    """Return what `msg_signature` must be; `sealed` is the Encrypt value, or echostr."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, sealed))).encode(), usedforsecurity=False).hexdigest()


def check_signature(*, keys: CallbackKeys, msg_signature: str, timestamp: str, nonce: str, sealed: str) -> None:
    """Refuse what was signed with another token.

    Raises:
        SignatureIsWrong: the signature is another one.
    """
    wanted = signature(token=keys.token, timestamp=timestamp, nonce=nonce, sealed=sealed)
    if not hmac.compare_digest(wanted.encode(), msg_signature.encode()):
        raise SignatureIsWrong


def opened(*, keys: CallbackKeys, sealed: str) -> str:
    """Return the message in an envelope.

    Raises:
        EnvelopeIsBroken: it cannot be opened with this key.
        NotForThisCorp: it names another receiver.
    """
    try:
        cipher = base64.b64decode(sealed, validate=True)
        decryptor = Cipher(AES(keys.key), CBC(keys.key[:16])).decryptor()
        padded = decryptor.update(cipher) + decryptor.finalize()
        plain = padded[: -_padding(padded)]
        start = _RANDOM + _LENGTH
        (length,) = struct.unpack("!I", plain[_RANDOM:start])
        message, receiver = plain[start : start + length], plain[start + length :]
        if len(message) != length:
            raise EnvelopeIsBroken
        text, receive_id = message.decode(), receiver.decode()
    except (binascii.Error, struct.error, ValueError) as error:
        raise EnvelopeIsBroken from error
    if receive_id != keys.receive_id:
        raise NotForThisCorp
    return text


def sealed(*, keys: CallbackKeys, message: str, random: bytes | None = None) -> str:
    """Return a message in an envelope, as WeCom sends it; `random` are 16 bytes."""
    content = message.encode()
    plain = (random or os.urandom(_RANDOM)) + struct.pack("!I", len(content)) + content + keys.receive_id.encode()
    count = _BLOCK - len(plain) % _BLOCK
    encryptor = Cipher(AES(keys.key), CBC(keys.key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([count]) * count) + encryptor.finalize()).decode()


def _padding(padded: bytes) -> int:
    """Return how many bytes were added to fill the last block."""
    count = padded[-1] if padded else 0
    if not 1 <= count <= _BLOCK or padded[-count:] != bytes([count]) * count:
        raise EnvelopeIsBroken
    return count
