"""People to whom something can be sent, and what they have had."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW

Made = Callable[..., int]


@pytest.fixture
def own_lake(settings: Any, tmp_path: Path) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def person(db: None) -> Made:
    """Make a person who joined long ago, has every address and agreed to everything, and return the key."""
    return make_person


def make_person(
    *,
    store: Any = None,
    joined_days_ago: int = 200,
    kinds: tuple[str, ...] = ("phone", "wecom", "email"),
    yes_to: tuple[str, ...] = ("service", "research", "promotion"),
    value_days_ago: tuple[int, ...] = (25, 18, 10),
) -> int:
    """Write a person to the store, with addresses, consents and messages had."""
    from yutang.customers.models import Consent, Customer, Identifier

    joined = NOW - timedelta(days=joined_days_ago)
    customer = Customer.objects.create(sealed_profile=b"", store=store, first_seen_at=joined)
    for kind in kinds:
        digest = f"{kind}{customer.pk}".encode().ljust(16, b"\0")[:16]
        Identifier.objects.create(kind=kind, digest=digest, customer=customer)
    for purpose in yes_to:
        entry = {"purpose": purpose, "channel": "any", "granted": True, "wording_version": "v1", "evidence": "paper"}
        Consent.objects.create(customer=customer, occurred_at=joined, **entry)
    for days in value_days_ago:
        had(customer.pk, NOW - timedelta(days=days), "value")
    return int(customer.pk)


def had(customer_id: int, at: datetime, intent: str, channel: str = "wecom", state: str = "sent") -> None:
    """Write a message that somebody had."""
    from yutang.channels.models import Touch

    Touch.objects.create(
        key=f"had:{customer_id}:{at.isoformat()}:{intent}:{channel}",
        customer_id=customer_id,
        channel=channel,
        intent=intent,
        state=state,
        wanted_at=at,
        at=at,
        business_date=at.date(),
        changed_at=at,
    )
