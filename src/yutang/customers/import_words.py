"""The words by which files name people; orders share them."""

from __future__ import annotations

from collections.abc import Mapping

from yutang.ingest.values import ValueKind
from yutang.ingest.wording import WORDS, FieldWords, TargetWords

_PHONE = r"^(\+?86[- ]?)?'?1[3-9]\d[\d*]{4}\d{4}$"
_EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"

PERSON_WORDS: Mapping[str, FieldWords] = {
    "customer_phone": FieldWords(
        ValueKind.PHONE,
        ("手机号", "手机号码", "手机", "客户手机号", "客户手机", "会员手机", "会员手机号", "买家手机号", "买家手机", "联系电话",
         "联系方式", "联系手机", "电话", "电话号码", "mobile", "mobile phone", "phone", "phone number", "cell phone", "tel",
         "telephone", "customer phone", "contact number", "~手机", "~mobile", "~phone"),
        _PHONE,
    ),
    "receiver_phone": FieldWords(
        ValueKind.PHONE,
        ("收货人手机", "收货人手机号", "收货人电话", "收件人手机", "收件人手机号", "收件人电话", "收货手机", "收货电话",
         "recipient phone", "shipping phone", "receiver phone"),
    ),
    "customer_name": FieldWords(
        ValueKind.TEXT,
        ("客户姓名", "会员姓名", "顾客姓名", "姓名", "客户名称", "客户名", "顾客", "客户", "买家姓名", "真实姓名", "联系人", "备注名",
         "customer name", "full name", "name", "client", "buyer name", "member name", "customer"),
    ),
    "receiver_name": FieldWords(
        ValueKind.TEXT,
        ("收货人", "收货人姓名", "收件人", "收件人姓名", "recipient", "recipient name", "receiver", "shipping name", "ship to"),
    ),
    "customer_nickname": FieldWords(
        ValueKind.TEXT,
        ("买家昵称", "昵称", "客户昵称", "会员昵称", "微信昵称", "旺旺", "买家旺旺", "买家会员名", "买家账号", "买家帐号", "会员名",
         "用户名", "nickname", "nick", "buyer username", "username", "user name", "screen name"),
    ),
    "customer_email": FieldWords(
        ValueKind.EMAIL,
        ("邮箱", "电子邮箱", "电子邮件", "邮件", "e-mail", "email", "email address", "mail", "~邮箱", "~email"),
        _EMAIL,
    ),
    "customer_member_no": FieldWords(
        ValueKind.ID,
        ("会员号", "会员卡号", "会员编号", "会员id", "会员代码", "卡号", "会员卡", "vip卡号", "vip号", "客户编号", "客户号", "客户id",
         "客户代码", "顾客编号", "顾客id", "用户id", "用户编号", "member no", "member number", "member id", "membership number",
         "loyalty card", "loyalty id", "card number", "customer id", "customerid", "customer no", "customer number",
         "customer code", "client id", "user id", "cust id", "master id", "~会员号", "~会员卡号"),
    ),
    "wecom_external_userid": FieldWords(
        ValueKind.ID,
        ("外部联系人id", "external_userid", "external userid", "external user id", "企微客户id", "企业微信客户id", "外部联系人userid"),
        r"^w[mo][A-Za-z0-9_-]{20,}$",
    ),
    "wechat_unionid": FieldWords(ValueKind.ID, ("unionid", "union id", "微信unionid", "wechat unionid")),
    "wechat_openid": FieldWords(ValueKind.ID, ("openid", "open id", "微信openid", "wechat openid")),
    "device_id": FieldWords(ValueKind.ID, ("设备号", "设备id", "device id", "device", "imei", "idfa", "oaid")),
    "gender": FieldWords(ValueKind.TEXT, ("性别", "客户性别", "会员性别", "gender", "sex")),
    "birthday": FieldWords(
        ValueKind.DATE,
        ("生日", "出生日期", "客户生日", "会员生日", "出生年月", "birthday", "birth date", "date of birth", "dob"),
    ),
    "country": FieldWords(ValueKind.TEXT, ("国家", "国家/地区", "国别", "country", "country code", "shipping country")),
    "province": FieldWords(
        ValueKind.TEXT,
        ("省", "省份", "收货人省份", "收货省", "收货省份", "所在省", "province", "state", "region", "shipping province"),
    ),
    "city": FieldWords(ValueKind.TEXT, ("市", "城市", "收货人城市", "收货市", "所在市", "城市名", "city", "town", "shipping city")),
    "district": FieldWords(
        ValueKind.TEXT, ("区", "区县", "区/县", "收货人地区", "收货区", "县区", "district", "county", "borough")
    ),
    "address": FieldWords(
        ValueKind.TEXT,
        ("地址", "详细地址", "收货地址", "收件地址", "收件人地址", "客户地址", "联系地址", "住址", "address", "street", "street address",
         "shipping address", "address line 1", "~地址", "~address"),
    ),
}  # fmt: skip

STORE_WORDS: Mapping[str, FieldWords] = {
    "store_code": FieldWords(
        ValueKind.ID,
        ("门店编号", "门店代码", "门店编码", "门店id", "门店号", "店铺编号", "店铺代码", "店号", "分店编号", "机构编号", "网点编号",
         "store code", "store id", "store no", "store number", "shop id", "shop code", "branch code", "outlet code", "location id"),
    ),
    "store_name": FieldWords(
        ValueKind.TEXT,
        ("门店", "门店名称", "门店名", "分店", "店铺", "所属门店", "归属门店", "消费门店", "下单门店", "网点", "机构名称", "store",
         "store name", "branch", "outlet", "location", "shop"),
    ),
    "staff_name": FieldWords(
        ValueKind.TEXT,
        ("店员", "导购", "导购员", "销售员", "销售", "营业员", "业务员", "收银员", "服务员", "员工", "员工姓名", "归属导购", "专属导购",
         "添加员工", "跟进人", "归属员工", "顾问", "美容师", "staff", "salesperson", "sales person", "sales rep", "clerk", "cashier",
         "employee", "assistant", "sold by"),
    ),
}  # fmt: skip

CUSTOMER_WORDS = WORDS.register(
    TargetWords(
        target="customers",
        fields={
            **PERSON_WORDS,
            **STORE_WORDS,
            "customer_since": FieldWords(
                ValueKind.DATETIME,
                ("开卡时间", "开卡日期", "注册时间", "注册日期", "成为客户时间", "成为会员时间", "入会时间", "入会日期", "添加时间",
                 "加好友时间", "办卡日期", "建档时间", "建档日期", "创建时间", "创建日期", "首次消费时间", "registered at",
                 "registration date", "join date", "joined", "joined at", "member since", "customer since", "signup date",
                 "sign up date", "created at", "created", "date added"),
            ),
            "tags": FieldWords(ValueKind.TEXT, ("标签", "客户标签", "会员标签", "企业标签", "分组", "tags", "tag", "labels", "segment")),
            "is_member": FieldWords(ValueKind.BOOLEAN, ("是否会员", "会员", "买家是否会员", "is member", "member", "vip")),
            "note": FieldWords(ValueKind.TEXT, ("备注", "客户备注", "说明", "描述", "note", "notes", "remark", "remarks", "comment")),
        },
        needs=(
            frozenset(
                {"customer_phone", "customer_member_no", "wecom_external_userid", "wechat_unionid", "wechat_openid",
                 "customer_email", "customer_nickname"}
            ),
        ),
    )
)  # fmt: skip
