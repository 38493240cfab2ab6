"""Who is behind an identifier, and where people belong: for rooms that are told of people by others."""

from __future__ import annotations

from collections.abc import Collection

from yutang.customers.models import Customer, Identifier
from yutang.customers.rules import WORLDWIDE_KINDS, seen_name
from yutang.customers.search import phone_in
from yutang.foundation.bulk import fetch
from yutang.foundation.sealing import digest16, unseal

#: Values of one statement; SQLite takes no more than so many.
_AT_ONCE = 10_000

_PEOPLE_BEHIND = """
SELECT i.digest, COALESCE(c.merged_into_id, c.id) FROM customers_identifier i
JOIN customers_customer c ON c.id = i.customer_id WHERE i.digest IN ({places})
"""


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
        some = wanted[start : start + _AT_ONCE]
        # Asked at every single event: the ORM takes longer to write this down than the store to answer it.
        rows = fetch(_PEOPLE_BEHIND.format(places=", ".join(["%s"] * len(some))), some)
        found.update((bytes(digest), person) for digest, person in rows)
    return found


def digests_of_people(*, ids: Collection[int]) -> list[bytes]:
    """Return the look-up hash of every identifier of these people."""
    found = Identifier.objects.filter(customer_id__in=list(ids)).order_by("id")
    return [bytes(digest) for digest in found.values_list("digest", flat=True)]


def stores_of_people(*, ids: Collection[int]) -> dict[int, int | None]:
    """Return the store of each of these people; None for who belongs to none."""
    return dict(Customer.objects.filter(pk__in=list(ids)).order_by().values_list("pk", "store_id"))


def own_names(*, ids: Collection[int]) -> dict[int, str]:
    """Return the clear own name of each of these people who has one, for rooms that recognise people and show nobody."""
    rows = Customer.objects.filter(pk__in=list(ids)).order_by().values_list("pk", "sealed_profile")
    found = ((key, unseal(sealed).get("name", "")) for key, sealed in rows)
    return {key: name for key, name in found if seen_name(name).clear}
