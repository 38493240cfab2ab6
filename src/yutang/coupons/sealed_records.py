"""What the room keeps sealed."""

from __future__ import annotations

from yutang.coupons.models import Coupon, PoolCode
from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.kit.text import N_

SEALED.register(SealedColumn("coupons.codes", N_("Codes of coupons"), Coupon, "sealed_code"))
SEALED.register(SealedColumn("coupons.pool_codes", N_("Codes of other shop systems"), PoolCode, "sealed_code"))
