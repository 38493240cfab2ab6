"""Senders as the operator has set them up in the environment."""

from __future__ import annotations

from django.conf import settings

from yutang.channels.delivery.senders import MailSender, Sender, SmsSender
from yutang.connectors.email.smtp import SmtpSender, SmtpSettings
from yutang.connectors.sms.aliyun import AliyunSettings, AliyunSms
from yutang.connectors.sms.messages import SmsGateway
from yutang.connectors.sms.tencent import TencentSettings, TencentSms


def senders() -> dict[str, Sender]:
    """Return the senders that are set up, by channel."""
    found: dict[str, Sender] = {}
    gateway = _gateway()
    if gateway is not None:
        found["sms"] = SmsSender(gateway, sign=settings.YUTANG_SMS["sign"])
    mail = settings.YUTANG_MAIL
    if mail["host"] and mail["sender"]:
        found["email"] = MailSender(SmtpSender(SmtpSettings(**mail)))
    return found


def _gateway() -> SmsGateway | None:
    told = settings.YUTANG_SMS
    address = {"base_url": told["base_url"]} if told["base_url"] else {}
    if told["gateway"] == "aliyun":
        return AliyunSms(AliyunSettings(told["key_id"], told["secret"], **address))
    if told["gateway"] == "tencent":
        return TencentSms(TencentSettings(told["key_id"], told["secret"], told["app_id"], **address))
    return None
