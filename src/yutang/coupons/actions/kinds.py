"""Making and changing kinds of coupons, and the codes that other shop systems made for them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from yutang.coupons import codes as spelling
from yutang.coupons.finding import batches, digests_of, kind_by_id
from yutang.coupons.models import Codes, Coupon, Kind, PoolCode
from yutang.coupons.refusals import CodesAreWrong, CouponKindIsPromised, CouponKindIsWrong, KindMakesItsCodes
from yutang.coupons.stating import state_kind
from yutang.coupons.terms import FIELD_TITLES, Terms, checked
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Store
from yutang.foundation.sealing import seal_many
from yutang.kit.text import N_, Sentence

#: Codes of one list.
MOST_CODES = 100_000
#: What people who hold a coupon were promised.
_PROMISED = ("gives", "currency", "amount_minor", "percent", "most_minor", "thing", "least_minor", "products", "codes")
_CHANGED = (
    "name", *_PROMISED, "pieces", "per_person", "until_date", "valid_days", "cost_minor", "margin_percent",
    "is_for_newcomers", "budget_minor", "worth_minor",
)  # fmt: skip
_POOL = ("kind_id", "digest", "sealed_code", "code_end", "is_given", "added_at")


@transaction.atomic
def create_kind(*, actor: Actor, terms: Terms, now: datetime) -> int:
    """Make a kind of coupon, open at once, and return its key.

    Args:
        actor: needs ``coupons.change``.
        terms: what it promises.
        now: when. Aware UTC.

    Raises:
        CouponKindIsWrong: a part cannot be this, or the name is taken.
        ProgrammeLosesByItself: it is for newcomers, and a piece costs more than one who stays is worth.
        WorthIsNotKnown: it is for newcomers, and nobody states what one who stays is worth, and nothing knows it.
    """
    actor.require("coupons.change")
    terms = _fitting(checked(terms))
    code = terms.code or f"c{secrets.token_hex(4)}"
    _refuse_taken(Kind.objects.filter(code=code), "code", code)
    kind = Kind.objects.create(
        code=code, made_by_id=actor.staff_id, made_at=now, changed_at=now, **_columns(terms), codes=terms.codes
    )
    kind.stores.set(terms.store_ids)
    state_kind(actor=actor, kind=kind, now=now)
    _note(actor, "coupons.create_kind", kind, {"name": kind.name, "code": code}, now)
    return kind.pk


@transaction.atomic
def change_kind(*, actor: Actor, kind_id: int, terms: Terms, now: datetime) -> None:
    """Change a kind of coupon; what people hold already stays as it was promised to them.

    Args:
        actor: needs ``coupons.change``.
        kind_id: which.
        terms: what it promises from now on; its short name does not change.
        now: when. Aware UTC.

    Raises:
        NoSuchCouponKind: there is none.
        CouponKindIsWrong: a part cannot be this, the name is taken, or the budget is less than was given.
        CouponKindIsPromised: people hold it, and what they hold would change.
        ProgrammeLosesByItself, WorthIsNotKnown: as `create_kind` says.
    """
    actor.require("coupons.change")
    kind = kind_by_id(kind_id, is_locked=True)
    terms = _fitting(checked(terms), but=kind_id)
    if terms.pieces < kind.given:
        raise _wrong("pieces", terms.pieces, N_("at least as many as were given"))
    columns = _columns(terms) | {"codes": terms.codes}
    stores = set(kind.stores.values_list("pk", flat=True))
    is_promised = Coupon.objects.filter(kind=kind).exists()
    if is_promised and (any(columns[one] != getattr(kind, one) for one in _PROMISED) or stores != set(terms.store_ids)):
        raise CouponKindIsPromised(name=kind.name)
    for name, value in columns.items():
        setattr(kind, name, value)
    kind.changed_at = now
    kind.save(update_fields=[*columns, "changed_at"])
    kind.stores.set(terms.store_ids)
    state_kind(actor=actor, kind=kind, now=now)
    _note(actor, "coupons.change_kind", kind, {"name": kind.name}, now)


@transaction.atomic
def open_kind(*, actor: Actor, kind_id: int, now: datetime) -> None:
    """Let coupons of a kind be given again.

    Raises:
        NoSuchCouponKind: there is none.
    """
    actor.require("coupons.change")
    kind = kind_by_id(kind_id, is_locked=True)
    kind.is_open, kind.changed_at = True, now
    kind.save(update_fields=["is_open", "changed_at"])
    _note(actor, "coupons.open_kind", kind, {}, now)


@transaction.atomic
def close_kind(*, actor: Actor, kind_id: int, now: datetime) -> None:
    """Let nobody get a coupon of a kind any more; who has one keeps it.

    Raises:
        NoSuchCouponKind: there is none.
    """
    actor.require("coupons.change")
    kind = kind_by_id(kind_id, is_locked=True)
    kind.is_open, kind.changed_at = False, now
    kind.save(update_fields=["is_open", "changed_at"])
    _note(actor, "coupons.close_kind", kind, {}, now)


@transaction.atomic
def add_codes(*, actor: Actor, kind_id: int, written: Sequence[str], now: datetime) -> int:
    """Add codes of another shop system to a kind's pool, and return how many were new.

    Args:
        actor: needs ``coupons.change``.
        kind_id: which.
        written: a code each; empty ones are passed over, and those that are known are not added again.
        now: when. Aware UTC.

    Raises:
        NoSuchCouponKind: there is none.
        KindMakesItsCodes: its codes are made here.
        CodesAreWrong: something is no code, or there are too many, or none.
    """
    actor.require("coupons.change")
    kind = kind_by_id(kind_id, is_locked=True)
    if kind.codes != Codes.POOL:
        raise KindMakesItsCodes(name=kind.name)
    new = _unknown(_codes_in(written))
    sealed = seal_many([{"code": code} for code in new.values()])
    rows = [
        (kind.pk, digest, blob, spelling.compared(code)[-4:], False, bulk.db_instant(now))
        for (digest, code), blob in zip(new.items(), sealed, strict=True)
    ]
    added = bulk.insert_new_rows("coupons_poolcode", _POOL, rows)
    _note(actor, "coupons.add_codes", kind, {"rows": added}, now)
    return added


def _codes_in(written: Sequence[str]) -> dict[bytes, str]:
    """Return the codes of a list by their hashes, each once."""
    lines = [(number, one.strip()) for number, one in enumerate(written, 1) if one.strip()]
    if not lines or len(lines) > MOST_CODES:
        raise CodesAreWrong(line=len(lines), written="")
    plain = [spelling.compared(one) for _number, one in lines]
    for (number, one), code in zip(lines, plain, strict=True):
        if not spelling.SHORTEST <= len(code) <= spelling.LONGEST or not code.isprintable():
            raise CodesAreWrong(line=number, written=one[:40])
    found: dict[bytes, str] = {}
    for digest, (_number, one) in zip(digests_of(plain), lines, strict=True):
        found.setdefault(digest, one)
    return found


def _unknown(codes: dict[bytes, str]) -> dict[bytes, str]:
    """Return the codes that nobody has yet and that lie in no pool."""
    known: set[bytes] = set()
    for some in batches(list(codes)):
        for table in (Coupon, PoolCode):
            known.update(map(bytes, table.objects.filter(digest__in=some).order_by().values_list("digest", flat=True)))
    return {digest: code for digest, code in codes.items() if digest not in known}


def _fitting(terms: Terms, *, but: int | None = None) -> Terms:
    """Return terms whose name is free and whose stores exist."""
    named = Kind.objects.filter(name=terms.name)
    _refuse_taken(named if but is None else named.exclude(pk=but), "name", terms.name)
    if Store.objects.filter(pk__in=terms.store_ids).count() != len(set(terms.store_ids)):
        raise _wrong("store_ids", terms.store_ids, N_("stores that there are"))
    return terms


def _refuse_taken(rows: Any, field: str, written: str) -> None:
    if rows.exists():
        raise _wrong(field, written, N_("it is taken already"))


def _wrong(field: str, written: object, expected: str) -> CouponKindIsWrong:
    named = Sentence(FIELD_TITLES[field]).as_json()
    return CouponKindIsWrong(part=field, field=named, written=str(written)[:80], expected=Sentence(expected).as_json())


def _columns(terms: Terms) -> dict[str, Any]:
    columns = {name: getattr(terms, name) for name in _CHANGED if name != "codes"}
    return columns | {"products": list(terms.products)}


def _note(actor: Actor, action: str, kind: Kind, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="coupon_kind", subject_id=kind.pk, detail=detail, now=now)
