"""What the command palette leads to beside people and segments: the screens and what one can do there, found in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from yutang.console.shell import MENU
from yutang.foundation.access import Actor
from yutang.kit.text import N_

#: In which people look for things.
LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class Place:
    """A screen, or something to do.

    Attributes:
        name: URL name; what may be entered is asked of the view behind it.
        title: what the palette says, marked with `N_`.
        icon: name in the icon sprite.
        within: what stands beside it: the room to which a screen belongs, marked with `N_`; empty for a room itself.
        others: further words by which people look for it.
        form: id of the form that is sent; empty for what is a link.
        opens: page and dialog that are opened in place of the address, where it takes only what the dialog sends.
    """

    name: str
    title: str
    icon: str
    within: str = ""
    others: str = ""
    form: str = ""
    opens: tuple[str, str] | None = None

    @property
    def url(self) -> str:
        """Where it leads."""
        if self.opens is None:
            return reverse(self.name)
        page, dialog = self.opens
        return f"{reverse(page)}#open-{dialog}"


#: Every screen whose address needs no key (a test compares with the addresses that there are).
SCREENS = (
    *(Place(entry.name, entry.title, entry.icon) for entry in MENU),
    Place("dashboard-why", N_("Why sales moved"), "chart", N_("Business"), "归因 waterfall decomposition"),
    Place("dashboard-cohorts", N_("Who comes back"), "chart", N_("Business"), "同期群 留存 cohorts retention"),
    Place("dashboard-funnel", N_("Funnel"), "chart", N_("Business"), "漏斗 转化 浏览 加购 funnel conversion steps"),
    Place(
        "dashboard-traffic", N_("Owned and bought traffic"), "chart", N_("Business"), "推广 获客成本 CAC advertising"
    ),
    Place("today-results", N_("What came of it"), "tasks", N_("Today"), "效果 增量 uplift"),
    Place("dashboard-where", N_("Where sales come from"), "chart", N_("Business"), "门店 区域 渠道 员工 breakdown"),
    Place("dashboard-map", N_("Stores on the map"), "store", N_("Business"), "地图 半径 radius"),
    Place("value-rfm", N_("Recency and frequency"), "star", N_("Customer value"), "RFM"),
    Place("value-check", N_("Can it be trusted?"), "star", N_("Customer value"), "BTYD 模型 检验 validation"),
    Place("messages-groups", N_("Posts to groups"), "people", N_("Message centre"), "社群 群发 posts groups"),
    Place("messages-quota", N_("Platform quota"), "clock", N_("Message centre"), "额度 限额 频率 limits rate"),
    Place("messages-without", N_("Without a place"), "clock", N_("Message centre"), "额度 用完 no places left"),
    Place("content-scripts", N_("Scripts for staff"), "quote", N_("Content library"), "话术 怎么说 scripts words"),
    Place("visits-check-in", N_("Check in"), "store", N_("Visits"), "核销 到店 签到 扫码 code QR"),
    Place("visits-hours", N_("Hours for visits"), "clock", N_("Visits"), "预约 营业时间 名额 slots capacity"),
    Place("visits-funnel", N_("From the offer to the balance"), "chart", N_("Visits"), "漏斗 引流 转化 funnel hook"),
    Place("balances-plans", N_("Plans to top up"), "key", N_("Prepaid balances"), "充值 赠送 档位 plans bonus"),
    Place("coupons-redeem", N_("Redeem a coupon"), "coupon", N_("Coupons"), "核销 券码 收银 till code"),
    Place(
        "guard-decisions", N_("Decisions of the guard"), "lock", N_("Guard"), "风控 拦截 申诉 复核 fraud review appeal"
    ),
    Place("guard-people", N_("Security scores"), "lock", N_("Guard"), "会员安全分 羊毛党 score abuse"),
    Place("guard-rules", N_("Rules of the guard"), "lock", N_("Guard"), "风控 规则 rules"),
    Place("guard-lists", N_("Lists of the guard"), "lock", N_("Guard"), "黑名单 白名单 block allow list"),
    Place("coupons-given", N_("Coupons given"), "coupon", N_("Coupons"), "发券 已领 given"),
    Place("referral-new", N_("New referral programme"), "people", N_("Referral"), "老带新 裂变 推荐 refer"),
    Place("groupbuy-groups", N_("Groups of buyers"), "people", N_("Group-buying"), "拼团 成团 groups"),
    Place(
        "experiments-size", N_("How many people does it take?"), "split", N_("Experiments"), "样本量 power sample size"
    ),
    Place("segments-compare", N_("Two segments"), "filter", N_("Segments"), "对比 重叠 overlap compare"),
    Place("staff-roles", N_("Roles"), "badge", N_("Staff and roles"), "权限 permissions"),
    Place("groups-list", N_("List of groups"), "groups", N_("Groups"), "社群 群 列表 list"),
    Place("groups-owners", N_("Owners of groups"), "groups", N_("Groups"), "群主 社群 owners"),
    Place("wecom-staff", N_("Staff in WeCom"), "badge", N_("WeCom"), "企业微信 账号 userid"),
    Place("wecom-groups", N_("Customer groups"), "people", N_("WeCom"), "社群 群 客户群"),
    Place("wecom-ways", N_("Contact ways of WeCom"), "screen", N_("WeCom"), "渠道活码 联系我 QR"),
    Place("wecom-lost", N_("Lost customers"), "leave", N_("WeCom"), "流失 删除 拉黑 churn"),
    Place("wecom-connection", N_("Connection of WeCom"), "plug", N_("WeCom"), "密钥 回调 token secret"),
    Place("programs-hooks", N_("Webhooks"), "plug", N_("Programs"), "推送 回调 webhook"),
    Place("profile", N_("My profile"), "key", "", "密码 password 会话 sessions"),
    Place("profile-second-factor", N_("Second factor"), "key", N_("My profile"), "两步验证 TOTP 2FA"),
    Place("glossary", N_("Glossary"), "help", "", "名词 术语 terms"),
)
ACTIONS = (
    Place("imports-new", N_("Import a file"), "upload", "", "上传 订单 upload orders CSV Excel"),
    Place("segments-new", N_("New segment"), "plus", "", "圈选 分群 audience"),
    Place("campaigns-new", N_("New campaign"), "send", "", "群发 活动 短信 邮件 broadcast", opens=("campaigns", "new")),
    Place("playbooks-new", N_("New playbook"), "plus", "", "SOP 自动化 旅程 journey", opens=("playbooks", "new")),
    Place("content-new", N_("New content"), "plus", "", "内容 文案 message text"),
    Place("content-script-new", N_("New script"), "plus", "", "话术"),
    Place("codes-new", N_("New channel code"), "screen", "", "渠道活码 二维码 包裹卡 海报 QR poster"),
    Place("coupons-new", N_("New kind of coupon"), "coupon", "", "优惠券 立减 折扣 voucher discount"),
    Place("groupbuy-new", N_("New group-buying offer"), "cart", "", "拼团 开团 团购"),
    Place("tags-new", N_("New tag"), "tag"),
    Place("wecom-way-new", N_("New contact way of WeCom"), "screen", "", "联系我 contact way"),
    Place("staff-new", N_("Invite somebody"), "badge", "", "新员工 账号 new staff account"),
    Place("staff-role-new", N_("New role"), "badge"),
    Place("stores-new", N_("New store"), "store"),
    Place("programs-token-new", N_("New token"), "plug", "", "令牌 接口 API token"),
    Place("programs-hook-new", N_("New webhook"), "plug", "", "推送 回调"),
    Place(
        "messages-stop", N_("Emergency stop"), "alert", "", "紧急停止 停发 暂停 kill switch", opens=("messages", "stop")
    ),
    Place("language", N_("Switch the language"), "globe", "", "中文 English 语言", form="palette-language"),
    Place("theme", N_("Switch between light and dark"), "theme", "", "深色 浅色 主题 dark theme", form="palette-theme"),
    Place("logout", N_("Log out"), "leave", "", "退出 sign out", form="palette-logout"),
)


@dataclass(frozen=True)
class Found:
    """A place that fits and may be entered."""

    title: str
    icon: str
    within: str
    url: str
    form: str


def found_among(places: Iterable[Place], *, actor: Actor, text: str) -> list[Found]:
    """Return the places that hold every word of a text and that the actor may enter; those that begin with it first.

    Args:
        places: screens or actions.
        actor: who looks.
        text: what was typed, in either language; empty: all.
    """
    words = text.casefold().split()
    fitting = [one for one in places if _is_open(one.name, actor) and all(word in _written(one) for word in words)]
    fitting.sort(key=lambda one: not any(title.startswith(text.casefold()) for title in _titles(one)))
    return [Found(_(one.title), one.icon, _(one.within) if one.within else "", one.url, one.form) for one in fitting]


def _is_open(name: str, actor: Actor) -> bool:
    return all(actor.can(permission) for permission in _permissions(name))


@cache
def _permissions(name: str) -> frozenset[str]:
    """Return what the view behind a name asks for: nothing where it stands open to everybody."""
    return getattr(resolve(reverse(name)).func, "permissions", frozenset())


@cache
def _titles(one: Place) -> tuple[str, ...]:
    """Return what a place is called in each language."""
    titles = []
    for language in LANGUAGES:
        with override(language):
            titles.append(_(one.title).casefold())
    return tuple(titles)


@cache
def _written(one: Place) -> str:
    """Return everything by which a place is found."""
    parts = [*_titles(one), one.others.casefold()]
    for language in LANGUAGES:
        with override(language):
            parts.append(_(one.within).casefold() if one.within else "")
    return " ".join(parts)
