"""Who is behind an identifier, and where people belong: for rooms that are told of people by others."""

from __future__ import annotations

from collections.abc import Collection

from yutang.customers.models import Customer, Identifier
from yutang.customers.rules import WORLDWIDE_KINDS
from yutang.customers.search import phone_in
from yutang.foundation.sealing import digest16

#: Values of one statement; SQLite takes no more than so many.
_AT_ONCE = 10_000


def digest_of_identifier(*, kind: str, value: str, scope: str) -> bytes | None:
    """Return the look-up hash under which people with this identifier are kept; None where the value is none of the kind.

    Args:
        kind: an `IdentifierKind`.
        value: as somebody wrote it; a phone number may lack its country code, it is Chinese then.
        scope: ``platform`` or ``platform:shop``, within which accounts are unique.
    """
    text = value.strip()
    if kind == "phone":
        text = phone_in(text)
    elif kind == "email":
        text = text.casefold()
    is_worldwide = kind in WORLDWIDE_KINDS or kind in {"phone", "email"}
    return digest16(kind, "" if is_worldwide else scope, text) if text else None


def people_behind(*, digests: Collection[bytes]) -> dict[bytes, int]:
    """Return the person of each identifier that tells exactly one, by hash; who was merged is told as the one they became."""
    wanted = sorted(set(digests))
    found: dict[bytes, int] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Identifier.objects.filter(digest__in=wanted[start : start + _AT_ONCE]).order_by()
        for digest, person, became in rows.values_list("digest", "customer_id", "customer__merged_into_id"):
            found[bytes(digest)] = became or person
    return found


def stores_of_people(*, ids: Collection[int]) -> dict[int, int | None]:
    """Return the store of each of these people; None for who belongs to none."""
    return dict(Customer.objects.filter(pk__in=list(ids)).order_by().values_list("pk", "store_id"))
