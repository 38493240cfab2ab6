"""What rules may ask of coupons: who has some that can be used, who got, redeemed, or did not use one."""

from __future__ import annotations

from yutang.kit.text import N_
from yutang.lake.fields import FIELDS, HAPPENINGS, Field, Happening

_COUPONS = N_("Coupons")
_OPEN = "coupons.open_facts"
_KIND = Field("kind", N_("Kind of coupon (short name)"), "text", "kind")
_CAMPAIGN = Field("campaign", N_("What the coupon was given for"), "text", "campaign")

FIELDS.register(
    Field("open_coupons", N_("Coupons that can be used"), "number", "open_coupons", _COUPONS, _OPEN, unit=N_("coupons"))
)
FIELDS.register(Field("coupon_ends", N_("Last day of the next coupon"), "date", "next_end_date", _COUPONS, _OPEN))

HAPPENINGS.register(
    Happening(
        name="coupon_given",
        title=N_("coupons received"),
        source="coupons.given_facts",
        properties=(_KIND, _CAMPAIGN),
    )
)
HAPPENINGS.register(
    Happening(
        name="coupon_redeemed",
        title=N_("coupons redeemed"),
        source="coupons.redeemed_facts",
        currency="currency",
        measures=(Field("amount_minor", N_("amount taken off"), "money", "off_minor"),),
        properties=(
            _KIND,
            _CAMPAIGN,
            Field("store", N_("Store of the redemption"), "choice", "store_id", lookup="stores"),
        ),
    )
)
HAPPENINGS.register(
    Happening(
        name="coupon_expired",
        title=N_("coupons expired unused"),
        source="coupons.expired_facts",
        properties=(_KIND, _CAMPAIGN),
    )
)
