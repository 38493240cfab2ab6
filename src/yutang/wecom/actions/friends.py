"""What goes out to friends, noted where the friendship is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from yutang.foundation.access import Actor
from yutang.wecom.models import Friendship

_AT_ONCE = 5_000


@transaction.atomic
def note_touches(*, actor: Actor, friendship_ids: Collection[int], now: datetime) -> int:
    """Note that messages reached these friends now, and return of how many that is the latest."""
    actor.require("channels.send")
    keys = sorted(friendship_ids)
    noted = 0
    for start in range(0, len(keys), _AT_ONCE):
        some = Friendship.objects.filter(pk__in=keys[start : start + _AT_ONCE])
        noted += some.filter(Q(last_touch_at=None) | Q(last_touch_at__lt=now)).update(last_touch_at=now)
    return noted
