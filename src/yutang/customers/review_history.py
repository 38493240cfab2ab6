"""What became of the pairs that people had to decide about."""

from __future__ import annotations

from yutang.customers.models import ReviewCase
from yutang.foundation.access import Actor


def has_decided_pairs(*, access: Actor) -> bool:
    """Return whether somebody has decided about a pair yet.

    Args:
        access: needs ``review.decide``.
    """
    access.require("review.decide")
    return ReviewCase.objects.filter(decided_by__isnull=False).exists()
