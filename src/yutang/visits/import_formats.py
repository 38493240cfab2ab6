"""Plain lists of footfall and of ad cost, Chinese and English; no platform has a fixed form for them."""

from __future__ import annotations

import pyarrow as pa

from yutang.ingest.adjusting import filled
from yutang.ingest.formats import FORMATS, Format
from yutang.ingest.values import ValueKind
from yutang.ingest.wording import WORDS, FieldWords, TargetWords
from yutang.kit.text import N_

_DAY = (
    "日期",
    "营业日期",
    "统计日期",
    "业务日期",
    "时间",
    "统计时间",
    "数据时间",
    "date",
    "day",
    "business date",
    "report date",
)
_STORE_CODE = ("门店编号", "门店代码", "门店编码", "店号", "store code", "store id", "store no")
_STORE_NAME = ("门店", "门店名称", "店铺", "store", "store name")
_PASSERS_BY = (
    "过店人数",
    "客流量",
    "路过人数",
    "过店客流",
    "经过人数",
    "过店",
    "passers-by",
    "passers by",
    "passersby",
    "traffic",
    "outside traffic",
)
_ENTRIES = (
    "进店人数",
    "进店客流",
    "进店",
    "进店量",
    "入店人数",
    "到店人数",
    "entries",
    "visitors",
    "footfall",
    "walk-ins",
    "enters",
    "visits",
)
_CHANNEL = (
    "渠道",
    "投放渠道",
    "媒体",
    "平台",
    "推广渠道",
    "广告平台",
    "channel",
    "media",
    "platform",
    "ad channel",
    "source",
)
_CAMPAIGN = ("计划", "推广计划", "计划名称", "广告计划", "活动", "活动名称", "campaign", "campaign name", "ad campaign")
_COST = (
    "花费",
    "消耗",
    "费用",
    "投放费用",
    "投放金额",
    "广告消耗",
    "总消耗",
    "消费",
    "广告费",
    "推广费",
    "成本",
    "cost",
    "spend",
    "ad cost",
    "ad spend",
    "amount spent",
)
_CURRENCY = ("币种", "货币", "currency")

FOOTFALL = FORMATS.register(
    Format(
        code="footfall",
        title=N_("Footfall by store and day"),
        platform="",
        target="footfall",
        grain="row",
        columns={
            "store_code": _STORE_CODE,
            "store_name": _STORE_NAME,
            "business_date": _DAY,
            "passers_by": _PASSERS_BY,
            "entries": _ENTRIES,
        },
        signature=frozenset({"过店人数", "进店人数"}),
        keys=("business_date", "passers_by", "entries"),
    )
)

AD_COST = FORMATS.register(
    Format(
        code="ad_cost",
        title=N_("Ad cost by channel and day"),
        platform="",
        target="ad_cost",
        grain="row",
        columns={
            "channel": _CHANNEL,
            "campaign": _CAMPAIGN,
            "business_date": _DAY,
            "cost": _COST,
            "currency": _CURRENCY,
        },
        signature=frozenset({"日期", "渠道", "花费"}),
        keys=("business_date", "channel", "cost"),
    )
)


def _of_ocean_engine(table: pa.Table) -> pa.Table:
    """Fill the channel, which the reports of 巨量引擎 leave unsaid."""
    return filled(table, "channel", pa.array(["巨量引擎"] * table.num_rows))


OCEAN_ENGINE = FORMATS.register(
    Format(
        code="ocean_engine_ad_cost",
        title=N_("Ad cost of Ocean Engine"),
        platform="",
        target="ad_cost",
        grain="row",
        columns={
            "channel": _CHANNEL,
            "campaign": ("计划名称", "广告计划", "项目名称", "广告名称"),
            "business_date": _DAY,
            "cost": ("消耗(元)", "总消耗(元)"),
            "currency": _CURRENCY,
        },
        signature=frozenset({"消耗(元)", "计划名称"}),
        keys=("business_date", "campaign", "cost"),
        adjust=_of_ocean_engine,
    )
)

FOOTFALL_WORDS = WORDS.register(
    TargetWords(
        target="footfall",
        fields={
            "store_code": FieldWords(ValueKind.ID, _STORE_CODE),
            "store_name": FieldWords(ValueKind.TEXT, _STORE_NAME),
            "business_date": FieldWords(ValueKind.DATE, _DAY),
            "passers_by": FieldWords(ValueKind.INTEGER, _PASSERS_BY),
            "entries": FieldWords(ValueKind.INTEGER, _ENTRIES),
        },
        needs=(
            frozenset({"business_date"}),
            frozenset({"passers_by", "entries"}),
            frozenset({"store_code", "store_name"}),
        ),
    )
)

AD_COST_WORDS = WORDS.register(
    TargetWords(
        target="ad_cost",
        fields={
            "channel": FieldWords(ValueKind.TEXT, _CHANNEL),
            "campaign": FieldWords(ValueKind.TEXT, _CAMPAIGN),
            "business_date": FieldWords(ValueKind.DATE, _DAY),
            "cost": FieldWords(ValueKind.MONEY, _COST),
            "currency": FieldWords(ValueKind.TEXT, _CURRENCY),
        },
        needs=(frozenset({"channel"}), frozenset({"cost"}), frozenset({"business_date"})),
    )
)
