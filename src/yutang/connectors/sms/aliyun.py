"""Aliyun's gateway for short messages (Dysmsapi 2017-05-25)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from yutang.connectors.sms import errors
from yutang.connectors.sms.errors import OutcomeUnknown, SmsError
from yutang.connectors.sms.messages import NotTaken, Outcome, Receipt, Reply, ShortMessage, Taken
from yutang.connectors.sms.pushes import moment_of, phone_of, rows_of, text_of
from yutang.connectors.sms.signing import acs3_authorization, canonical_query
from yutang.connectors.sms.wire import Wire

#: What the gateway wants to hear to a push; anything else is pushed again.
ANSWER: Final = b'{"code":0,"msg":"\xe6\x88\x90\xe5\x8a\x9f"}'
_EMPTY_BODY: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#: Codes of the gateway, or how they begin. Source: list of error codes of SendSms.
_ERRORS: Final[tuple[tuple[str, type[SmsError]], ...]] = (
    ("isv.BUSINESS_LIMIT_CONTROL", errors.TooManyMessages),
    ("isv.DAY_LIMIT_CONTROL", errors.TooManyMessages),
    ("isv.MONTH_LIMIT_CONTROL", errors.TooManyMessages),
    ("Throttling", errors.TooManyMessages),
    ("isv.OUT_OF_SERVICE", errors.AccountIsEmpty),
    ("isv.AMOUNT_NOT_ENOUGH", errors.AccountIsEmpty),
    ("isv.MOBILE_NUMBER_ILLEGAL", errors.PhoneRefused),
    ("isv.MOBILE_COUNT_OVER_LIMIT", errors.PhoneRefused),
    ("isv.BLACK_KEY_CONTROL_LIMIT", errors.TextRefused),
    ("isv.SMS_CONTENT_ILLEGAL", errors.TextRefused),
    ("isv.PARAM", errors.TextRefused),
    ("isv.INVALID_PARAMETERS", errors.TextRefused),
    ("isv.INVALID_JSON_PARAM", errors.TextRefused),
    ("isv.TEMPLATE_MISSING_PARAMETERS", errors.TextRefused),
    ("isv.TEMPLATE_PARAMS_ILLEGAL", errors.TextRefused),
    ("isv.", errors.SetUpRefused),
    ("isp.RAM_PERMISSION_DENY", errors.SetUpRefused),
    ("isp.", errors.GatewayBusy),
    ("InvalidAccessKeyId", errors.SetUpRefused),
    ("SignatureDoesNotMatch", errors.SetUpRefused),
    ("SignatureNonceUsed", errors.GatewayBusy),
    ("ServiceUnavailable", errors.GatewayBusy),
)


@dataclass(frozen=True)
class AliyunSettings:
    """An account.

    Attributes:
        key_id: AccessKey id of an account that may send only.
        secret: its secret.
        base_url: of the gateway, or of the simulator.
    """

    key_id: str
    secret: str = field(repr=False)
    base_url: str = "https://dysmsapi.aliyuncs.com"


class AliyunSms:
    """Sends by SendSms, one call a message: only so each has an outcome of its own.

    Args:
        settings: of the account.
        now: the clock.
    """

    def __init__(self, settings: AliyunSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._settings, self._now = settings, now
        self._wire = Wire(settings.base_url)

    def send(self, messages: Iterable[ShortMessage]) -> list[Outcome]:
        """Hand messages over, as `SmsGateway.send`."""
        return [self._sent(message) for message in messages]

    def receipts(self, body: bytes) -> list[Receipt]:
        """Return the receipts of a push (SmsReport), as `SmsGateway.receipts`."""
        return [
            Receipt(
                gateway_id=text_of(row, "biz_id"),
                key=text_of(row, "out_id"),
                phone=phone_of(row, "phone_number"),
                delivered=row.get("success") is True,
                code=text_of(row, "err_code"),
                reported_at=moment_of(row, "report_time"),
            )
            for row in rows_of(body)
        ]

    def replies(self, body: bytes) -> list[Reply]:
        """Return the replies of a push (SmsUp), as `SmsGateway.replies`."""
        return [
            Reply(
                phone=phone_of(row, "phone_number"),
                text=text_of(row, "content"),
                sent_at=moment_of(row, "send_time"),
                sign=text_of(row, "sign_name"),
                extend=text_of(row, "dest_code"),
                gateway_id=text_of(row, "sequence_id"),
            )
            for row in rows_of(body)
        ]

    def _sent(self, message: ShortMessage) -> Outcome:
        try:
            told = self._call("SendSms", _parameters(message))
        except SmsError as error:
            return NotTaken(message.key, error)
        code = text_of(told, "Code")
        if code == "OK":
            return Taken(message.key, text_of(told, "BizId"))
        return NotTaken(message.key, _error(code, text_of(told, "Message")))

    def _call(self, action: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        query = canonical_query(parameters)
        headers = {
            "host": self._wire.host,
            "x-acs-action": action,
            "x-acs-content-sha256": _EMPTY_BODY,
            "x-acs-date": f"{self._now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": "2017-05-25",
        }
        headers["Authorization"] = acs3_authorization(
            key_id=self._settings.key_id, secret=self._settings.secret, query=query, headers=headers, body=b""
        )
        return self._wire.post(query=query, headers=headers, body=b"")


def _parameters(message: ShortMessage) -> dict[str, str]:
    parameters = {
        # Without the plus: the gateway takes numbers of China with or without 86, those of other countries with their code.
        "PhoneNumbers": message.phone.removeprefix("+86").removeprefix("+"),
        "SignName": message.sign,
        "TemplateCode": message.template,
        "OutId": message.key,
    }
    if message.values:
        parameters["TemplateParam"] = orjson.dumps(dict(message.values)).decode()
    return parameters | ({"SmsUpExtendCode": message.extend} if message.extend else {})


def _error(code: str, said: str) -> SmsError:
    if not code:
        return OutcomeUnknown(said=said)
    kind = next((kind for begins, kind in _ERRORS if code.startswith(begins)), SmsError)
    return kind(gateway_code=code, said=said)
