"""Signature and envelope, by both official vectors and by what must be refused."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yutang.connectors.wecom.callbacks.envelope import (
    CallbackKeys,
    EnvelopeIsBroken,
    KeyIsNoKey,
    NotForThisCorp,
    SignatureIsWrong,
    opened,
    sealed,
    signature,
)
from yutang.connectors.wecom.callbacks.events import OtherEvent
from yutang.connectors.wecom.callbacks.receiving import BodyIsTooLong, received, verified_address
from yutang.connectors.wecom.callbacks.xml import XmlIsRefused

#: Published by WeCom with its sample code.
KEYS = CallbackKeys("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS"
    "0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3I"
    "zoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6Bp"
    "NelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)

#: What every event has.
EVENT = f"<ToUserName>{KEYS.receive_id}</ToUserName><CreateTime>1700000000</CreateTime>"


def body(encrypt: str, corp_id: str = KEYS.receive_id) -> bytes:
    return f"<xml><ToUserName><![CDATA[{corp_id}]]></ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>".encode()


def posted(text: str, *, keys: CallbackKeys = KEYS) -> dict[str, object]:
    """Return a callback as WeCom posts it."""
    envelope = sealed(keys=keys, message=text)
    told = signature(token=keys.token, timestamp="1", nonce="2", sealed=envelope)
    return {"msg_signature": told, "timestamp": "1", "nonce": "2", "body": body(envelope)}


class TestOfficialVectors:
    def test_the_check_of_the_address_is_answered(self) -> None:
        text = verified_address(
            keys=KEYS,
            msg_signature="5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
            timestamp="1409659589",
            nonce="263014780",
            echostr=ECHO,
        )

        assert text == "1616140317555161061"

    def test_the_message_is_opened(self) -> None:
        callback = received(
            keys=KEYS,
            msg_signature="477715d11cdb4164915debcba66cb864d751f3e6",
            timestamp="1409659813",
            nonce="1372623149",
            body=body(MESSAGE),
        )

        assert isinstance(callback.event, OtherEvent)
        assert callback.event.fields["Content"] == "hello"
        assert callback.event.fields["MsgId"] == "4561255354251345929"
        assert callback.event.fields["AgentID"] == "218"
        assert callback.event.kind == "text"
        assert callback.event.corp_id == KEYS.receive_id


class TestEnvelope:
    @given(st.text(max_size=300))
    def test_what_is_sealed_comes_out_as_it_went_in(self, text: str) -> None:
        assert opened(keys=KEYS, sealed=sealed(keys=KEYS, message=text)) == text

    @given(st.integers(0, 127), st.integers(1, 255))
    def test_no_changed_envelope_passes_as_another_message(self, place: int, change: int) -> None:
        raw = bytearray(base64.b64decode(sealed(keys=KEYS, message="<xml>" + "a" * 100 + "</xml>", random=b"0" * 16)))
        raw[place % len(raw)] ^= change

        with pytest.raises((SignatureIsWrong, XmlIsRefused)):
            received(
                keys=KEYS,
                msg_signature=posted("x")["msg_signature"],
                timestamp="1",
                nonce="2",
                body=body(base64.b64encode(bytes(raw)).decode()),
            )

    @pytest.mark.parametrize("wrong", ["", "!!!", "QUJD", base64.b64encode(b"0" * 32).decode(), ECHO[:-8]])
    def test_what_is_none_is_refused(self, wrong: str) -> None:
        with pytest.raises(EnvelopeIsBroken):
            opened(keys=KEYS, sealed=wrong)

    def test_one_for_another_corp_is_refused(self) -> None:
        other = CallbackKeys(KEYS.token, KEYS.aes_key, "ww0000000000000000")

        with pytest.raises(NotForThisCorp):
            opened(keys=KEYS, sealed=sealed(keys=other, message="hello"))

    def test_one_whose_inside_names_another_corp_is_refused(self) -> None:
        with pytest.raises(NotForThisCorp):
            received(keys=KEYS, **posted("<xml><ToUserName>ww9</ToUserName><CreateTime>1</CreateTime></xml>"))

    def test_a_wrong_signature_is_refused(self) -> None:
        given = {**posted("<xml/>"), "msg_signature": "0" * 40}

        with pytest.raises(SignatureIsWrong):
            received(keys=KEYS, **given)

    def test_a_signature_that_is_no_ascii_is_refused(self) -> None:
        with pytest.raises(SignatureIsWrong):
            received(keys=KEYS, **{**posted("<xml/>"), "msg_signature": "签" * 40})

    @pytest.mark.parametrize("key", ["short", "a" * 44, "ä" * 43, "a" * 42 + "="])
    def test_a_key_that_is_none_is_refused(self, key: str) -> None:
        with pytest.raises(KeyIsNoKey):
            CallbackKeys("token", key, "corp")

    def test_keys_are_not_shown(self) -> None:
        assert KEYS.aes_key not in repr(KEYS)
        assert KEYS.token not in repr(KEYS)


class TestXml:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "<xml>",
            "<xml/>",
            "no xml",
            '<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>',
            '<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml></xml>',
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><ToUserName>&x;</ToUserName></xml>',
            f'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml>{EVENT}</xml>',
            f"<!DOCTYPE xml><xml>{EVENT}</xml>",
            f"<xml><ToUserName>{KEYS.receive_id}</ToUserName></xml>",
            f"<xml><ToUserName>{KEYS.receive_id}</ToUserName><CreateTime>soon</CreateTime></xml>",
            f"<xml>{EVENT}{'<a>' * 50}{'</a>' * 50}</xml>",
            f"<xml>{EVENT}{'<a/>' * 30_000}</xml>",
        ],
    )
    def test_what_wecom_would_not_write_is_refused(self, text: str) -> None:
        with pytest.raises(XmlIsRefused):
            received(keys=KEYS, **posted(text))

    @pytest.mark.parametrize(
        "outside", [b"", b"<xml/>", b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>', b"\xff"]
    )
    def test_the_outside_is_refused_likewise(self, outside: bytes) -> None:
        with pytest.raises(XmlIsRefused):
            received(keys=KEYS, **{**posted("<xml/>"), "body": outside})

    def test_a_body_without_end_is_refused(self) -> None:
        with pytest.raises(BodyIsTooLong):
            received(keys=KEYS, **{**posted("<xml/>"), "body": b"<xml>" + b" " * (1 << 20)})

    @given(st.binary(max_size=200))
    def test_rubbish_never_crashes(self, rubbish: bytes) -> None:
        with pytest.raises(XmlIsRefused):
            received(keys=KEYS, **{**posted("<xml/>"), "body": rubbish})

    def test_the_digest_is_that_of_what_is_inside(self) -> None:
        text = f"<xml>{EVENT}</xml>"
        first, second = received(keys=KEYS, **posted(text)), received(keys=KEYS, **posted(text))

        assert first.digest == second.digest
        assert re.fullmatch(r"[0-9a-f]{64}", first.digest)
