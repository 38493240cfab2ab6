"""A number that so many people share that it tells nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

from tests.conftest import NOW
from yutang.customers.identity import Origin, resolve_people
from yutang.customers.resolving import PEOPLE_PER_NUMBER


def share_number(number: str, *, now: datetime = NOW) -> None:
    """Let more people be seen with a number than one may have; written with its country, such as ``+8613800138000``."""
    for n in range(PEOPLE_PER_NUMBER + 1):
        seen = (now - timedelta(days=30)).replace(tzinfo=None) + timedelta(minutes=n)
        observed = pa.table(
            {
                "name": pa.array([f"家人{n}"], pa.string()),
                "phone": pa.array([number], pa.string()),
                "member_no": pa.array([f"M{n}"], pa.string()),
                "seen_at": pa.array([seen], pa.timestamp("us")),
            }
        )
        resolve_people(observed=observed, origin=Origin(None, "house"), now=now)
