"""Every read of the room that others may use."""

from __future__ import annotations

from yutang.customers.queries import customer_count
from yutang.foundation.access import Actor
from yutang.foundation.queries import stores
from yutang.ingest.queries import import_counts


def is_untouched() -> bool:
    """Return whether the house is as it was installed: no store, no import, no customer."""
    system = Actor.system()
    return not stores(access=system) and not import_counts() and not customer_count(access=system)
