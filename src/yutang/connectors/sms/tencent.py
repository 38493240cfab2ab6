"""Tencent's gateway for short messages (sms 2021-01-11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from yutang.connectors.sms import errors
from yutang.connectors.sms.errors import OutcomeUnknown, SmsError
from yutang.connectors.sms.messages import NotTaken, Outcome, Receipt, Reply, ShortMessage, Taken
from yutang.connectors.sms.pushes import moment_of, phone_of, rows_of, text_of
from yutang.connectors.sms.signing import tc3_authorization
from yutang.connectors.sms.wire import Wire

#: What the gateway wants to hear to a push; anything else is pushed again.
ANSWER: Final = b'{"result":0,"errmsg":"OK"}'
#: So many phones a call takes.
MOST_PHONES: Final = 200
_CONTENT_TYPE: Final = "application/json; charset=utf-8"
#: Codes of the gateway, or how they begin. Source: list of error codes of SendSms.
_ERRORS: Final[tuple[tuple[str, type[SmsError]], ...]] = (
    ("LimitExceeded.PhoneNumberCountLimit", errors.PhoneRefused),
    ("LimitExceeded", errors.TooManyMessages),
    ("RequestLimitExceeded", errors.TooManyMessages),
    ("FailedOperation.InsufficientBalanceInSmsPackage", errors.AccountIsEmpty),
    ("FailedOperation.PhoneNumberInBlacklist", errors.PhoneRefused),
    ("InvalidParameterValue.IncorrectPhoneNumber", errors.PhoneRefused),
    ("UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber", errors.PhoneRefused),
    ("UnsupportedOperation", errors.SetUpRefused),
    ("FailedOperation.ContainSensitiveWord", errors.TextRefused),
    ("FailedOperation.MarketingSendTimeConstraint", errors.TooManyMessages),
    ("FailedOperation.TemplateParamSetNotMatchApprovedTemplate", errors.TextRefused),
    ("InvalidParameterValue.ContentLengthLimit", errors.TextRefused),
    ("InvalidParameterValue.TemplateParameter", errors.TextRefused),
    ("FailedOperation", errors.SetUpRefused),
    ("InvalidParameterValue", errors.SetUpRefused),
    ("AuthFailure", errors.SetUpRefused),
    ("UnauthorizedOperation", errors.SetUpRefused),
    ("InternalError.Timeout", errors.OutcomeUnknown),
    ("InternalError.SendAndRecvFail", errors.OutcomeUnknown),
    ("InternalError", errors.GatewayBusy),
)


@dataclass(frozen=True)
class TencentSettings:
    """An account.

    Attributes:
        key_id: SecretId of an account that may send only.
        secret: its SecretKey.
        app_id: SdkAppId of the application for short messages.
        region: of the gateway.
        base_url: of the gateway, or of the simulator.
    """

    key_id: str
    secret: str = field(repr=False)
    app_id: str
    region: str = "ap-guangzhou"
    base_url: str = "https://sms.tencentcloudapi.com"


class TencentSms:
    """Sends by SendSms, messages of the same words together, up to `MOST_PHONES` a call: each phone has an outcome of its own.

    Args:
        settings: of the account.
        now: the clock.
    """

    def __init__(self, settings: TencentSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._settings, self._now = settings, now
        self._wire = Wire(settings.base_url)

    def send(self, messages: Iterable[ShortMessage]) -> list[Outcome]:
        """Hand messages over, as `SmsGateway.send`."""
        wanted = list(messages)
        outcomes: dict[int, Outcome] = {}
        for places in _together(wanted):
            told = self._sent([wanted[place] for place in places])
            outcomes.update(zip(places, told, strict=True))
        return [outcomes[place] for place in range(len(wanted))]

    def receipts(self, body: bytes) -> list[Receipt]:
        """Return the receipts of a push, as `SmsGateway.receipts`."""
        return [
            Receipt(
                gateway_id=text_of(row, "sid"),
                key="",
                phone=phone_of(row, "mobile", country=text_of(row, "nationcode")),
                delivered=text_of(row, "report_status") == "SUCCESS",
                code=text_of(row, "errmsg"),
                reported_at=moment_of(row, "user_receive_time"),
            )
            for row in rows_of(body)
        ]

    def replies(self, body: bytes) -> list[Reply]:
        """Return the replies of a push, as `SmsGateway.replies`."""
        return [
            Reply(
                phone=phone_of(row, "mobile", country=text_of(row, "nationcode")),
                text=text_of(row, "text"),
                sent_at=moment_of(row, "time"),
                sign=text_of(row, "sign"),
                extend=text_of(row, "extend"),
                gateway_id="",
            )
            for row in rows_of(body)
        ]

    def _sent(self, messages: Sequence[ShortMessage]) -> list[Outcome]:
        first = messages[0]
        wanted = {
            "PhoneNumberSet": [message.phone for message in messages],
            "SmsSdkAppId": self._settings.app_id,
            "SignName": first.sign,
            "TemplateId": first.template,
            "TemplateParamSet": list(first.values.values()),
            "ExtendCode": first.extend,
            "SessionContext": first.key if len(messages) == 1 else "",
        }
        try:
            told = self._call("SendSms", {name: value for name, value in wanted.items() if value not in ("", [])})
        except SmsError as error:
            return [NotTaken(message.key, error) for message in messages]
        found = {text_of(row, "PhoneNumber"): row for row in told.get("SendStatusSet") or []}
        return [_outcome(message.key, found.get(message.phone)) for message in messages]

    def _call(self, action: str, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        body, now = orjson.dumps(wanted), self._now().astimezone(UTC)
        signed = {"content-type": _CONTENT_TYPE, "host": self._wire.host, "x-tc-action": action}
        headers = {
            "Content-Type": _CONTENT_TYPE,
            "Host": self._wire.host,
            "X-TC-Action": action,
            "X-TC-Version": "2021-01-11",
            "X-TC-Timestamp": str(int(now.timestamp())),
            "X-TC-Region": self._settings.region,
            "Authorization": tc3_authorization(
                key_id=self._settings.key_id,
                secret=self._settings.secret,
                service="sms",
                headers=signed,
                body=body,
                timestamp=int(now.timestamp()),
                day=f"{now:%Y-%m-%d}",
            ),
        }
        told = self._wire.post(query="", headers=headers, body=body).get("Response")
        if not isinstance(told, dict):
            raise OutcomeUnknown(said="Response")
        if failed := told.get("Error"):
            raise _error(text_of(failed, "Code"), text_of(failed, "Message"))
        return told


def _together(messages: Sequence[ShortMessage]) -> list[list[int]]:
    """Return the places of messages that one call takes: equal words, no phone twice, not too many."""
    groups: dict[tuple[object, ...], list[list[int]]] = defaultdict(list)
    seen: dict[tuple[object, ...], set[str]] = {}
    for place, message in enumerate(messages):
        words = (message.sign, message.template, tuple(message.values.items()), message.extend)
        chunks, phones = groups[words], seen.setdefault(words, set())
        if not chunks or len(chunks[-1]) == MOST_PHONES or message.phone in phones:
            chunks.append([])
            phones.clear()
        chunks[-1].append(place)
        phones.add(message.phone)
    return [chunk for chunks in groups.values() for chunk in chunks]


def _outcome(key: str, row: Mapping[str, Any] | None) -> Outcome:
    if row is None:
        return NotTaken(key, OutcomeUnknown(said="SendStatusSet"))
    code = text_of(row, "Code")
    if code == "Ok":
        return Taken(key, text_of(row, "SerialNo"))
    return NotTaken(key, _error(code, text_of(row, "Message")))


def _error(code: str, said: str) -> SmsError:
    kind = next((kind for begins, kind in _ERRORS if code.startswith(begins)), SmsError)
    return kind(gateway_code=code, said=said)
