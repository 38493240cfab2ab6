"""How often something may be asked for: counted in this process, so that nobody pays for others."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

_SECONDS = 60


def is_too_often(what: str, *, most: int) -> bool:
    """Return whether something was asked for more often than so many times within about a minute; counts this time too.

    Args:
        what: what is counted, such as ``link:<token>``.
        most: times a minute.
    """
    key = f"pages:{hashlib.blake2b(what.encode(), digest_size=16).hexdigest()}"
    cache.add(key, 0, _SECONDS)
    try:
        return cache.incr(key) > most
    except ValueError:
        # It ended between the two.
        return False


def address_of(request: HttpRequest) -> str:
    """Return the address that asks, as this server sees it."""
    return str(request.META.get("REMOTE_ADDR", ""))
