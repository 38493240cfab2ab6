"""Writing the ledger: wallets and entries change together, and one key writes once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from yutang.foundation.access import Actor
from yutang.membership.finding import touch, wallets_of
from yutang.membership.models import Movement, Wallet
from yutang.membership.refusals import BalanceIsTooSmall, BalanceKeyIsTaken
from yutang.membership.rules import Split
from yutang.membership.views import Balance, Receipt


@dataclass(frozen=True)
class Entry:
    """What is written of a movement beside its amounts."""

    key: str
    kind: str
    currency: str
    store_id: int | None = None
    method: str = ""
    order_number: str = ""
    reason: str = ""
    returns_id: int | None = None


@dataclass(frozen=True)
class Posting:
    """What a movement does to one wallet: `principal_minor` and `bonus_minor` come (positive) or go (negative)."""

    wallet: Wallet
    principal_minor: int
    bonus_minor: int


def written(actor: Actor, entry: Entry, postings: Sequence[Posting], person: int, now: datetime) -> Receipt:
    """Write a movement in the caller's transaction, and return what it did.

    The wallet changes by one conditional statement that never takes it below zero, and the database holds it to that besides.
    """
    today = timezone.localtime(now).date()
    rows = []
    for part, one in enumerate(postings, 1):
        enough = Wallet.objects.filter(
            pk=one.wallet.pk, principal_minor__gte=-one.principal_minor, bonus_minor__gte=-one.bonus_minor
        )
        if not enough.update(
            principal_minor=F("principal_minor") + one.principal_minor, bonus_minor=F("bonus_minor") + one.bonus_minor
        ):
            raise BalanceIsTooSmall(left_minor=0, wanted_minor=-one.principal_minor - one.bonus_minor)
        rows.append(
            Movement(
                key=entry.key, part=part, wallet=one.wallet, customer_id=person, kind=entry.kind, currency=entry.currency, at=now,
                store_id=entry.store_id, method=entry.method, order_number=entry.order_number, reason=entry.reason,
                returns_id=entry.returns_id, business_date=today, made_by_id=actor.staff_id,
                **_accounts(entry.kind, one.principal_minor, one.bonus_minor),
            )
        )  # fmt: skip
    made = Movement.objects.bulk_create(rows)
    touch([today], now=now)
    return receipt(made, person, entry.currency, is_new=True)


def known_receipt(entry: Entry, person: int, *, principal_minor: int | None, total_minor: int | None) -> Receipt | None:
    """Return what an earlier call with the key did; None where there was none.

    Args:
        entry: what is asked for.
        person: for whom.
        principal_minor: principal that was asked for, if that was said.
        total_minor: principal and bonus that were asked for, if that was said.

    Raises:
        BalanceKeyIsTaken: the key stands for something else.
    """
    rows = list(Movement.objects.filter(key=entry.key).order_by("part"))
    if not rows:
        return None
    first = rows[0]
    told = receipt(rows, person, entry.currency, is_new=False)
    is_same = (first.kind, first.currency, first.customer_id) == (entry.kind, entry.currency, person)
    is_same &= principal_minor in {None, abs(told.principal_minor)}
    is_same &= total_minor in {None, abs(told.principal_minor + told.bonus_minor)}
    if not is_same:
        raise BalanceKeyIsTaken(key=entry.key[:40])
    return told


def receipt(rows: Sequence[Movement], person: int, currency: str, *, is_new: bool) -> Receipt:
    """Return what movements did, and what the person has left."""
    return Receipt(
        movement_id=rows[0].pk,
        principal_minor=-sum(one.principal_minor for one in rows),
        bonus_minor=-sum(one.bonus_minor for one in rows),
        left=balance(wallets_of(person, currency), currency),
        is_new=is_new,
    )


def balance(wallets: Sequence[Wallet], currency: str) -> Balance:
    """Return what wallets hold together."""
    principal, bonus = sum(one.principal_minor for one in wallets), sum(one.bonus_minor for one in wallets)
    return Balance(principal, bonus, currency)


def taken_from(wallets: Sequence[Wallet], split: Split) -> list[Posting]:
    """Return how an amount is taken from wallets that hold enough together, the oldest first."""
    principal, bonus, postings = split.principal_minor, split.bonus_minor, []
    for one in wallets:
        part = Split(min(principal, one.principal_minor), min(bonus, one.bonus_minor))
        principal, bonus = principal - part.principal_minor, bonus - part.bonus_minor
        if part.total_minor:
            postings.append(Posting(one, -part.principal_minor, -part.bonus_minor))
    return postings


def _accounts(kind: str, principal: int, bonus: int) -> dict[str, int]:
    """Return the columns of an entry: what is owed to the customer is credited when it comes, and the other side balances it."""
    owed = {"principal_minor": -principal, "bonus_minor": -bonus}
    if kind in {"top_up", "refund"}:
        return {**owed, "till_minor": principal, "gift_minor": bonus}
    return {**owed, "sales_minor": principal + bonus}
