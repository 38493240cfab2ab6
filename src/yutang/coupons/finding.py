"""Finding kinds, coupons and people for the room's own actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from django.db.models import Q, QuerySet

from yutang.coupons import codes
from yutang.coupons.models import Coupon, Kind, State
from yutang.coupons.refusals import CodeIsMistyped, CodeIsUnknown, NoSuchCoupon, NoSuchCouponKind
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16, digest16_many, unseal
from yutang.ingest import journal

#: Values of one statement; SQLite takes no more than some ten thousand.
AT_ONCE = 5_000
TABLE = Coupon._meta.db_table
_HASH = "coupon"

T = TypeVar("T")


def kind_by_code(code: str, *, is_locked: bool = False) -> Kind:
    """Return a kind by its short name.

    Locked, whoever else gives coupons of it waits until this transaction ends; on SQLite the transaction itself holds the one
    write lock.

    Raises:
        NoSuchCouponKind: there is none.
    """
    rows = Kind.objects.select_for_update() if is_locked else Kind.objects
    kind = rows.filter(code=code).first()
    if kind is None:
        raise NoSuchCouponKind(kind=code[:40])
    return kind


def kind_by_id(kind_id: int, *, is_locked: bool = False) -> Kind:
    """Return a kind by its key.

    Raises:
        NoSuchCouponKind: there is none.
    """
    rows = Kind.objects.select_for_update() if is_locked else Kind.objects
    kind = rows.filter(pk=kind_id).first()
    if kind is None:
        raise NoSuchCouponKind(kind=kind_id)
    return kind


def within_reach(access: Actor) -> QuerySet[Coupon]:
    """Return the coupons of people within reach."""
    coupons = Coupon.objects.all()
    return coupons if access.store_ids is None else coupons.filter(customer__store_id__in=access.store_ids)


def coupon_by_id(access: Actor, coupon_id: int) -> Coupon:
    """Return a coupon of somebody within reach, with its kind.

    Raises:
        NoSuchCoupon: there is none.
    """
    coupon = within_reach(access).select_related("kind").filter(pk=coupon_id).first()
    if coupon is None:
        raise NoSuchCoupon(coupon_id=coupon_id)
    return coupon


def coupon_by_code(written: str) -> Coupon:
    """Return the coupon of a code, whoever has it, with its kind: holding the code is what gives the right to it.

    Raises:
        CodeIsMistyped: its check character does not fit.
        CodeIsUnknown: nobody has it.
    """
    code = codes.compared(written)
    found = None
    if codes.SHORTEST <= len(code) <= codes.LONGEST:
        found = Coupon.objects.select_related("kind").filter(digest=digest_of(code)).first()
    if found is None and codes.is_mistyped(code):
        raise CodeIsMistyped
    if found is None:
        raise CodeIsUnknown
    return found


def digest_of(code: str) -> bytes:
    """Return the keyed hash under which a code, as it is compared, is kept."""
    return digest16(_HASH, "", code)


def digests_of(compared: Iterable[str]) -> list[bytes]:
    """Return the keyed hashes of many codes, aligned by position."""
    return digest16_many(_HASH, "", compared)


def people_within_reach(access: Actor, customer_ids: Sequence[int]) -> set[int]:
    """Return those of the people who are there, not merged into somebody, and within reach."""
    found: set[int] = set()
    for some in batches(customer_ids):
        people = Customer.objects.filter(pk__in=some, merged_into=None)
        if access.store_ids is not None:
            people = people.filter(store_id__in=access.store_ids)
        found.update(people.order_by().values_list("pk", flat=True))
    return found


def merged_into(customer_ids: Sequence[int]) -> dict[int, int]:
    """Return into whom people were merged, those left out who stand for themselves."""
    found: dict[int, int] = {}
    for some in batches(customer_ids):
        merged = Customer.objects.filter(pk__in=some, merged_into__isnull=False).order_by()
        found.update({pk: into for pk, into in merged.values_list("pk", "merged_into_id") if into is not None})
    return found


def living(now: datetime) -> Q:
    """Return the condition of a coupon that can be redeemed."""
    return Q(state=State.GIVEN, ends_at__gt=now)


def over(now: datetime) -> Q:
    """Return the condition of a coupon whose time is over without its having been used."""
    return Q(state=State.EXPIRED) | Q(state=State.GIVEN, ends_at__lte=now)


def clear_code(sealed: bytes | memoryview) -> str:
    """Return a sealed code as its owner reads it."""
    return codes.in_blocks(str(unseal(sealed).get("code", "")))


def touch(days: Iterable[object], *, now: datetime) -> None:
    """Mark the months in which coupons were given as changed, for the lake."""
    months = {str(day)[:7] for day in days}
    if months:
        journal.touch(TABLE, months, now=now)


def batches(values: Sequence[T]) -> Iterator[list[T]]:
    """Yield values in pieces that one statement takes."""
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some
