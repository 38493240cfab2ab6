"""The fields by which any file may say who a person is. Shared by every target that brings people."""

from __future__ import annotations

from yutang.ingest.targets import Field
from yutang.ingest.values import ValueKind
from yutang.kit.text import N_

PERSON_FIELDS: tuple[Field, ...] = (
    Field("customer_name", ValueKind.TEXT, N_("Customer name")),
    Field("customer_phone", ValueKind.PHONE, N_("Customer phone")),
    Field("receiver_name", ValueKind.TEXT, N_("Receiver name")),
    Field("receiver_phone", ValueKind.PHONE, N_("Receiver phone")),
    Field("customer_nickname", ValueKind.TEXT, N_("Shop nickname")),
    Field("customer_email", ValueKind.EMAIL, N_("E-mail")),
    Field("customer_member_no", ValueKind.ID, N_("Member number")),
    Field("wecom_external_userid", ValueKind.ID, N_("WeCom external contact")),
    Field("wechat_unionid", ValueKind.ID, N_("WeChat unionid")),
    Field("wechat_openid", ValueKind.ID, N_("WeChat openid")),
    Field("device_id", ValueKind.ID, N_("Device")),
    Field("gender", ValueKind.TEXT, N_("Gender")),
    Field("birthday", ValueKind.DATE, N_("Birthday")),
    Field("country", ValueKind.TEXT, N_("Country")),
    Field("province", ValueKind.TEXT, N_("Province")),
    Field("city", ValueKind.TEXT, N_("City")),
    Field("district", ValueKind.TEXT, N_("District")),
    Field("address", ValueKind.TEXT, N_("Address")),
)
