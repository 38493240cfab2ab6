"""Settings of the organisation about its figures."""

from __future__ import annotations

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.insight.platforms import PLATFORM_TITLES
from yutang.kit.text import N_

#: Where the buyers of an advertising channel order, as far as everybody knows it.
_USUAL = {
    "大众点评": "own",
    "美团": "own",
    "直通车": "taobao",
    "万相台": "taobao",
    "引力魔方": "taobao",
    "钻展": "taobao",
    "京东快车": "jd",
    "京准通": "jd",
    "多多搜索": "pdd",
    "多多场景": "pdd",
    "巨量千川": "douyin",
    "DOU+": "douyin",
    "视频号加热": "wechat_shop",
    "朋友圈广告": "youzan",
}

AD_CHANNELS_SETTING = SETTINGS.register(
    OrganisationSetting(
        key="insight.ad_channels",
        title=N_("On which platform the buyers of each advertising channel order"),
        default=_USUAL,
        accepts=lambda value: isinstance(value, dict) and set(value.values()) <= set(PLATFORM_TITLES),
        help=N_(
            "The cost of a channel is held against the orders of its platform. A channel that is not named here counts for itself."
        ),
        choices=PLATFORM_TITLES,
    )
)

_VALUE_GROUPS = {
    "auto": N_("By itself"),
    "region": N_("By region"),
    "store": N_("By store"),
    "platform": N_("By platform"),
    "none": N_("All customers together"),
}
VALUE_GROUPS_SETTING = SETTINGS.register(
    OrganisationSetting(
        key="insight.value_groups",
        title=N_("By what customers are grouped for models of customer value of their own"),
        default="auto",
        accepts=lambda value: isinstance(value, str) and value in _VALUE_GROUPS,
        help=N_("Where groups buy alike, models of their own only cost accuracy: by itself weighs that up."),
        choices=_VALUE_GROUPS,
    )
)
