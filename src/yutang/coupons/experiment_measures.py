"""What experiments may be measured by."""

from yutang.experiments.measures import MEASURES, Measure
from yutang.kit.text import N_

MEASURES.register(Measure("redeemed", N_("Redeemed a coupon"), "share", "more", "coupons.redeemed_by_arm"))
