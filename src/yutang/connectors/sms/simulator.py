"""A stand-in for both gateways: checks signatures as they do, refuses what they refuse, pushes receipts and replies.

It is the sandbox for short messages: nothing leaves the machine. State is in memory and ends with it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, takewhile
from typing import Any, Final, Literal
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import orjson
import urllib3

from yutang.connectors.sms.signing import acs3_authorization, tc3_authorization

Fault = Literal["drop", "busy", "garbled"]
_CHINA: Final = ZoneInfo("Asia/Shanghai")
_PHONE: Final = re.compile(r"1[3-9]\d{9}")
_OUT_OF_TIME: Final = timedelta(minutes=15)
#: Whoever takes a push has so long. Seconds.
_SECONDS: Final = 10.0


class PushNotTaken(Exception):
    """Whoever is to take receipts and replies did not."""


@dataclass(frozen=True)
class SentMessage:
    """A message that the simulator took."""

    gateway: Literal["aliyun", "tencent"]
    gateway_id: str
    key: str
    phone: str = field(repr=False)
    sign: str
    template: str
    values: tuple[str, ...] = field(repr=False)
    at: datetime


@dataclass
class SmsSimulator:
    """Both gateways at one address.

    Attributes:
        key_id: of the one account.
        secret: of the account.
        push_to: address of receipts and replies, with ``{gateway}`` and ``{what}`` (receipts, replies) in it; None: not pushed.
        now: the clock, which tests move.
        most_a_minute: messages to one phone under one signature.
        refusals: ``{phone: code}`` with which sending to a phone is refused.
        fates: ``{phone: code}`` of operators for messages that do not arrive.
        faults: what happens to the next calls, one each: the connection ends without an answer, the gateway is busy, or what it
            answers cannot be read.
        sent: what was taken, in order.
    """

    key_id: str
    secret: str = field(repr=False)
    push_to: str | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    most_a_minute: int = 10
    refusals: dict[str, str] = field(default_factory=dict)
    fates: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    sent: list[SentMessage] = field(default_factory=list)
    _told: int = 0
    #: No number is given twice, also not by another simulator before or after this one.
    _ids: Iterator[int] = field(default_factory=lambda: count(time.time_ns()), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def running(self, *, port: int = 0) -> Iterator[str]:
        """Serve on the loopback interface; yield the address."""
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(self))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def push_receipts(self) -> int:
        """Push the receipts of everything taken since the last push; return how many. What was not taken is pushed again.

        Raises:
            PushNotTaken: nobody answers, or not as gateways want to hear it.
        """
        with self._lock:
            upto = len(self.sent)
            fresh = self.sent[self._told : upto]
        for gateway, row_of in (("aliyun", self._aliyun_receipt), ("tencent", self._tencent_receipt)):
            if rows := [row_of(one) for one in fresh if one.gateway == gateway]:
                self._push(gateway, "receipts", rows)
        self._told = upto
        return len(fresh)

    @property
    def told(self) -> int:
        """How many of what was taken, from the first one on, have a receipt by now."""
        return self._told

    def go_on(self, *, sent: list[SentMessage], told: int) -> None:
        """Go on where another simulator ended.

        Args:
            sent: what it took, in order.
            told: so many of these have a receipt.
        """
        with self._lock:
            self.sent[:], self._told = sent, min(told, len(sent))

    def forget(self, *, most: int) -> None:
        """Keep the latest messages only, of those that have a receipt."""
        with self._lock:
            gone = min(max(len(self.sent) - most, 0), self._told)
            del self.sent[:gone]
            self._told -= gone

    def reply(self, *, phone: str, text: str, gateway: Literal["aliyun", "tencent"], sign: str = "") -> None:
        """Let somebody write back.

        Raises:
            PushNotTaken: nobody answers, or not as gateways want to hear it.
        """
        if gateway == "aliyun":
            row: dict[str, Any] = {
                "phone_number": phone, "send_time": self._china(), "content": text, "sign_name": sign, "dest_code": "",
                "sequence_id": len(self.sent),
            }  # fmt: skip
            self._push(gateway, "replies", [row])
        else:
            told = {"extend": "", "mobile": phone, "nationcode": "86", "sign": sign, "text": text}
            self._push(gateway, "replies", {**told, "time": int(self.now().timestamp())})

    def taken(self, message: SentMessage) -> str:
        """Take a message, or return the code with which it is refused: of Aliyun, whose codes stand for both."""
        with self._lock:
            if message.phone in self.refusals:
                return self.refusals[message.phone]
            if not _PHONE.fullmatch(message.phone):
                return "isv.MOBILE_NUMBER_ILLEGAL"
            since = message.at - timedelta(minutes=1)
            latest = takewhile(lambda one: one.at > since, reversed(self.sent))
            recent = sum((one.phone, one.sign) == (message.phone, message.sign) for one in latest)
            if recent >= self.most_a_minute:
                return "isv.BUSINESS_LIMIT_CONTROL"
            self.sent.append(message)
        return ""

    def answered(self, *, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes] | None:
        """Return status and body of the answer to a call; None where the connection ends without one.

        Args:
            path: with its query.
            headers: names in small letters.
            body: of the call.
        """
        fault = self.next_fault()
        if fault == "drop":
            return None
        answer = (_of_aliyun if "x-acs-action" in headers else _of_tencent)(self, path, headers, body)
        told = {"busy": b"<html>busy</html>", "garbled": b"{"}.get(fault or "", orjson.dumps(answer))
        return (503 if fault == "busy" else 200), told

    def next_fault(self) -> Fault | None:
        """Return what is to happen to this call."""
        with self._lock:
            return self.faults.pop(0) if self.faults else None

    def next_id(self) -> str:
        """Return a number that no other message has."""
        return f"{next(self._ids)}^0"

    def _aliyun_receipt(self, one: SentMessage) -> dict[str, Any]:
        fate = self.fates.get(one.phone)
        return {
            "phone_number": one.phone, "send_time": self._china(), "report_time": self._china(), "success": fate is None,
            "err_code": fate or "DELIVERED", "err_msg": "", "sms_size": "1", "biz_id": one.gateway_id, "out_id": one.key,
        }  # fmt: skip

    def _tencent_receipt(self, one: SentMessage) -> dict[str, Any]:
        fate = self.fates.get(one.phone)
        return {
            "user_receive_time": self._china(), "nationcode": "86", "mobile": one.phone, "errmsg": fate or "DELIVRD",
            "report_status": "FAIL" if fate else "SUCCESS", "description": "", "sid": one.gateway_id,
        }  # fmt: skip

    def _china(self) -> str:
        return f"{self.now().astimezone(_CHINA):%Y-%m-%d %H:%M:%S}"

    def _push(self, gateway: str, what: str, rows: Any) -> None:
        if self.push_to is None:
            return
        address = self.push_to.format(gateway=gateway, what=what)
        headers = {"Content-Type": "application/json"}
        try:
            answer = urllib3.request(
                "POST", address, body=orjson.dumps(rows), headers=headers, retries=False, timeout=_SECONDS
            )
        except urllib3.exceptions.HTTPError as error:
            raise PushNotTaken(type(error).__name__) from error
        if answer.status != 200:
            raise PushNotTaken(str(answer.status))


def _handler_of(simulator: SmsSimulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = simulator.answered(path=self.path, headers=headers, body=body)
            if answer is None:
                self.close_connection = True
                return
            status, told = answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *arguments: object) -> None:
            """Say nothing: phones stand in the addresses."""

    return Handler


def _of_aliyun(simulator: SmsSimulator, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    query = path.partition("?")[2]
    signed = {name: value for name, value in headers.items() if name.startswith("x-acs-")}
    signed["host"] = headers["host"]
    wanted = acs3_authorization(
        key_id=simulator.key_id, secret=simulator.secret, query=query, headers=signed, body=body
    )
    if headers.get("authorization") != wanted:
        return {"Code": "SignatureDoesNotMatch", "Message": "Specified signature does not match our calculation."}
    made = datetime.strptime(signed["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if abs(simulator.now() - made) > _OUT_OF_TIME:
        return {"Code": "InvalidTimeStamp.Expired", "Message": "Specified time stamp or date value is expired."}
    asked = dict(parse_qsl(query))
    message = SentMessage(
        gateway="aliyun",
        gateway_id=simulator.next_id(),
        key=asked.get("OutId", ""),
        phone=asked["PhoneNumbers"],
        sign=asked["SignName"],
        template=asked["TemplateCode"],
        values=tuple(orjson.loads(asked.get("TemplateParam", "{}")).values()),
        at=simulator.now(),
    )
    if code := simulator.taken(message):
        return {"Code": code, "Message": code, "RequestId": "sandbox"}
    return {"Code": "OK", "Message": "OK", "BizId": message.gateway_id, "RequestId": "sandbox"}


#: What Tencent calls what Aliyun calls so.
_OF_TENCENT: Final = {
    "isv.MOBILE_NUMBER_ILLEGAL": "InvalidParameterValue.IncorrectPhoneNumber",
    "isv.BUSINESS_LIMIT_CONTROL": "LimitExceeded.PhoneNumberThirtySecondLimit",
}


def _of_tencent(simulator: SmsSimulator, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    made = datetime.fromtimestamp(int(headers["x-tc-timestamp"]), UTC)
    signed = {name: headers[name] for name in ("content-type", "host", "x-tc-action")}
    wanted = tc3_authorization(
        key_id=simulator.key_id, secret=simulator.secret, service="sms", headers=signed, body=body,
        timestamp=int(headers["x-tc-timestamp"]), day=f"{made:%Y-%m-%d}",
    )  # fmt: skip
    if headers.get("authorization") != wanted:
        return _refused("AuthFailure.SignatureFailure")
    if abs(simulator.now() - made) > _OUT_OF_TIME:
        return _refused("AuthFailure.SignatureExpire")
    asked = orjson.loads(body)
    return {"Response": {"SendStatusSet": [_status(simulator, asked, phone) for phone in asked["PhoneNumberSet"]]}}


def _refused(code: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": code}, "RequestId": "sandbox"}}


def _status(simulator: SmsSimulator, asked: Mapping[str, Any], phone: str) -> dict[str, Any]:
    message = SentMessage(
        gateway="tencent",
        gateway_id=simulator.next_id(),
        key=asked.get("SessionContext", ""),
        phone=phone.removeprefix("+86"),
        sign=asked["SignName"],
        template=asked["TemplateId"],
        values=tuple(asked.get("TemplateParamSet", [])),
        at=simulator.now(),
    )
    code = simulator.taken(message)
    code = _OF_TENCENT.get(code, code)
    return {
        "SerialNo": "" if code else message.gateway_id,
        "PhoneNumber": phone,
        "Fee": 0 if code else 1,
        "SessionContext": message.key,
        "Code": code or "Ok",
        "Message": code or "send success",
        "IsoCode": "CN",
    }
