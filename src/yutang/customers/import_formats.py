"""Customer lists of platforms; importing this module also registers the words of unknown lists."""

from __future__ import annotations

from yutang.customers.import_words import CUSTOMER_WORDS
from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_

__all__ = ["CUSTOMER_WORDS", "YOUZAN_CUSTOMERS"]

YOUZAN_CUSTOMERS = FORMATS.register(
    Format(
        code="youzan_customers",
        title=N_("Youzan: customers"),
        platform="youzan",
        target="customers",
        grain="row",
        columns={
            "customer_name": ("客户姓名",),
            "customer_nickname": ("客户昵称",),
            "customer_phone": ("客户手机号",),
            "birthday": ("客户生日",),
            "gender": ("客户性别",),
            "tags": ("标签",),
            "is_member": ("是否会员",),
            "staff_name": ("导购员",),
            "store_name": ("成为会员店铺",),
            "customer_since": ("成为客户时间",),
            "province": ("微信地域",),
            "district": ("所属区域",),
        },
        signature=frozenset(
            {"客户姓名", "客户昵称", "客户手机号", "客户储值余额", "成为客户时间", "累计退款金额", "企微好友"}
        ),
        keys=(),
    )
)
