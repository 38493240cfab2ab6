"""Settings of the room."""

from __future__ import annotations

from typing import Any

from yutang.foundation.organisation import SETTINGS, OrganisationSetting
from yutang.kit.text import N_

COMMISSION_ALLOWED = "referral.commission_allowed"
ADD_LINK = "referral.add_link"
LEADS_INTO_GROUPS = "referral.leads_into_groups"


def _is_link(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 300 and (not value or value.startswith("https://"))


SETTINGS.register(
    OrganisationSetting(
        key=COMMISSION_ALLOWED,
        title=N_("Commission for referral is allowed"),
        default=False,
        accepts=lambda value: isinstance(value, bool),
        help=N_(
            "Benefits are coupons. Money needs the conditions of the law, which each programme is held to; ask your lawyer first."
        ),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=ADD_LINK,
        title=N_("Customer-acquisition link for invited friends"),
        default="",
        accepts=_is_link,
        help=N_(
            "A link of WeCom (https://work.weixin.qq.com/ca/…) by which friends add a member of staff; "
            "each invitation adds its own mark. Empty: none."
        ),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=LEADS_INTO_GROUPS,
        title=N_("Invited friends are led into a group"),
        default=True,
        accepts=lambda value: isinstance(value, bool),
        help=N_(
            "A place is kept for each friend in the fitting group with room: that of the ambassador who invites, else one in which "
            "whoever invites is. Off: friends are led nowhere by themselves."
        ),
    )
)
