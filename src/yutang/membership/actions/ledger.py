"""Topping up, spending, taking a purchase back, paying principal out: each once by its key, never below zero."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet, Sum

from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.queries import organisation_setting
from yutang.membership.actions.writing import Entry, Posting, balance, known_receipt, taken_from, written
from yutang.membership.events import PrincipalRefunded, Spent, ToppedUp
from yutang.membership.finding import check_store, person_served, person_within_reach, wallets_of
from yutang.membership.models import Movement, MovementKind, Plan, Wallet
from yutang.membership.organisation import USE_FIRST
from yutang.membership.refusals import (
    AmountIsWrong,
    BalanceIsTooSmall,
    BalanceReasonIsMissing,
    BonusIsNotPromised,
    MethodIsUnknown,
    MoreThanWasSpent,
    NoSuchPlan,
    NoSuchSpending,
    PrincipalIsTooSmall,
)
from yutang.membership.rules import Split, bonus_that_lapses, split_of_purchase, split_of_return
from yutang.membership.views import METHOD_TITLES, Receipt

#: Largest amount of one movement: one million yuan. Minor units.
LARGEST_MINOR = 10**8
_LONGEST_KEY, _LONGEST_NUMBER, _LONGEST_REASON = 140, 80, 200


@transaction.atomic
def top_up(
    *,
    actor: Actor,
    key: str,
    customer_id: int,
    principal_fen: int,
    bonus_fen: int,
    store_id: int | None,
    method: str = "other",
    currency: str = "CNY",
    now: datetime,
) -> Receipt:
    """Add what a customer paid in, and what is given on top; asked again under the same key, do nothing.

    Of somebody of another store who is a guest of a store within reach too (`visits.guests`): the audit trail names the visit.

    Args:
        actor: needs ``membership.take``; who may not change plans gives no more bonus than the plans do.
        key: idempotency key. 1 to 140 characters.
        customer_id: whose balance.
        principal_fen: what was paid in. Minor units, above 0.
        bonus_fen: what is given on top. Minor units.
        store_id: where; None: at none.
        method: how it was paid: ``cash``, ``card``, ``online`` or ``other``.
        currency: ISO 4217.
        now: when. Aware UTC.

    Raises:
        AmountIsWrong: an amount cannot be this.
        BonusIsNotPromised: the bonus is more than the plans give.
        MethodIsUnknown: money cannot come this way.
        NoSuchCustomer: there is none within reach.
        NoSuchBalanceStore: the store is out of reach.
        BalanceKeyIsTaken: the key was used for something else.
    """
    actor.require("membership.take")
    entry = Entry(_key(key), MovementKind.TOP_UP, currency, store_id, _method(method))
    _check(principal_fen, currency)
    if not 0 <= bonus_fen <= LARGEST_MINOR:
        raise AmountIsWrong(written_minor=bonus_fen, most_minor=LARGEST_MINOR, currency=currency)
    person, visit_id = person_served(actor, customer_id, now=now)
    _take_turns(actor, person, store_id)
    known = known_receipt(entry, person, principal_minor=principal_fen, total_minor=principal_fen + bonus_fen)
    if known is not None:
        return known
    _hold_to_plans(actor, principal_fen, bonus_fen, currency)
    wallets = wallets_of(person, currency, is_locked=True)
    wallet = wallets[0] if wallets else Wallet.objects.create(customer_id=person, currency=currency, opened_at=now)
    done = written(actor, entry, [Posting(wallet, principal_fen, bonus_fen)], person, now)
    outbox.record(ToppedUp(done.movement_id, person, store_id or 0, principal_fen, bonus_fen), now=now)
    detail: dict[str, object] = {"stores": store_id, "value": principal_fen, "bonus": bonus_fen}
    _note(actor, "membership.top_up", done, detail if visit_id is None else {**detail, "visit": visit_id}, now)
    return done


@transaction.atomic
def top_up_by_plan(
    *, actor: Actor, key: str, customer_id: int, plan_id: int, store_id: int | None, method: str, now: datetime
) -> Receipt:
    """Top up what an open plan says; as `top_up`.

    Raises:
        NoSuchPlan: there is none that is open.
    """
    plan = Plan.objects.filter(pk=plan_id, is_open=True).first()
    if plan is None:
        raise NoSuchPlan(plan_id=plan_id)
    return top_up(
        actor=actor, key=key, customer_id=customer_id, principal_fen=plan.principal_minor, bonus_fen=plan.bonus_minor,
        store_id=store_id, method=method, currency=plan.currency, now=now,
    )  # fmt: skip


@transaction.atomic
def spend(
    *,
    actor: Actor,
    key: str,
    customer_id: int,
    amount_fen: int,
    store_id: int | None,
    order_number: str = "",
    currency: str = "CNY",
    now: datetime,
) -> Receipt:
    """Pay a purchase with a balance; which part is used up first is a setting. The same key pays once.

    Args:
        actor: needs ``membership.take``.
        key: idempotency key. 1 to 140 characters.
        customer_id: whose balance.
        amount_fen: of the purchase. Minor units, above 0.
        store_id: where; None: at none.
        order_number: of the purchase, as its shop has it; empty: not known.
        currency: ISO 4217.
        now: when. Aware UTC.

    Raises:
        AmountIsWrong: the amount cannot be this.
        BalanceIsTooSmall: the balance does not pay it.
        NoSuchCustomer: there is none within reach.
        NoSuchBalanceStore: the store is out of reach.
        BalanceKeyIsTaken: the key was used for something else.
    """
    actor.require("membership.take")
    _check(amount_fen, currency)
    entry = Entry(_key(key), MovementKind.SPENDING, currency, store_id, order_number=order_number[:_LONGEST_NUMBER])
    person = _one_at_a_time(actor, customer_id, store_id)
    known = known_receipt(entry, person, principal_minor=None, total_minor=amount_fen)
    if known is not None:
        return known
    wallets = wallets_of(person, currency, is_locked=True)
    have = balance(wallets, currency)
    if have.total_minor < amount_fen:
        raise BalanceIsTooSmall(left_minor=have.total_minor, wanted_minor=amount_fen, currency=currency)
    order = str(organisation_setting(USE_FIRST))
    split = split_of_purchase(
        amount_fen, principal_minor=have.principal_minor, bonus_minor=have.bonus_minor, order=order
    )
    done = written(actor, entry, taken_from(wallets, split), person, now)
    outbox.record(Spent(done.movement_id, person, store_id or 0, amount_fen, done.left.total_minor), now=now)
    _note(actor, "membership.spend", done, {"stores": store_id, "value": amount_fen}, now)
    return done


@transaction.atomic
def return_purchase(
    *, actor: Actor, key: str, spending_key: str, amount_fen: int, reason: str, now: datetime
) -> Receipt:
    """Bring back to the balance what was spent for a purchase that is returned, in the proportion in which it was paid.

    Args:
        actor: needs ``membership.take``.
        key: idempotency key of the return. 1 to 140 characters.
        spending_key: that of the purchase.
        amount_fen: what is returned, at most what is not returned yet. Minor units, above 0.
        reason: why. 1 to 200 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchSpending: nothing was spent under the key within reach.
        MoreThanWasSpent: more is returned than was spent and not returned.
        BalanceReasonIsMissing: nobody said why.
        AmountIsWrong: the amount cannot be this.
        BalanceKeyIsTaken: the key was used for something else.
    """
    actor.require("membership.take")
    rows = list(_spendings(actor).filter(key=spending_key).order_by("part"))
    if not rows or rows[0].customer_id is None:
        raise NoSuchSpending(key=spending_key[:40])
    first = rows[0]
    _check(amount_fen, first.currency)
    entry = Entry(
        _key(key), MovementKind.RETURN, first.currency, first.store_id, reason=_reason(reason), returns_id=first.pk
    )
    person = _one_at_a_time(actor, rows[0].customer_id, None)
    known = known_receipt(entry, person, principal_minor=None, total_minor=amount_fen)
    if known is not None:
        return known
    spent = Split(sum(one.principal_minor for one in rows), sum(one.bonus_minor for one in rows))
    returned = _returned(first.pk)
    left = spent.total_minor - returned.total_minor
    if amount_fen > left:
        raise MoreThanWasSpent(left_minor=left, wanted_minor=amount_fen, currency=first.currency)
    split = split_of_return(amount_fen, spent=spent, returned=returned)
    # It comes back to the first wallet that paid; after a merge all of them are the same person's.
    done = written(actor, entry, [Posting(first.wallet, split.principal_minor, split.bonus_minor)], person, now)
    _note(actor, "membership.return", done, {"value": amount_fen, "reason": entry.reason}, now)
    return done


@transaction.atomic
def refund_principal(
    *,
    actor: Actor,
    key: str,
    customer_id: int,
    amount_fen: int,
    store_id: int | None,
    method: str,
    reason: str,
    currency: str = "CNY",
    now: datetime,
) -> Receipt:
    """Pay out what a customer paid in and did not spend; the same share of the bonus lapses. The same key pays out once.

    Args:
        actor: needs ``membership.refund``.
        key: idempotency key. 1 to 140 characters.
        customer_id: whose balance.
        amount_fen: principal that is paid out. Minor units, above 0.
        store_id: where; None: at none.
        method: how it is paid out.
        reason: why. 1 to 200 characters.
        currency: ISO 4217.
        now: when. Aware UTC.

    Raises:
        AmountIsWrong: the amount cannot be this.
        PrincipalIsTooSmall: less principal is left.
        BalanceReasonIsMissing: nobody said why.
        MethodIsUnknown: money cannot go this way.
        NoSuchCustomer: there is none within reach.
        NoSuchBalanceStore: the store is out of reach.
        BalanceKeyIsTaken: the key was used for something else.
    """
    actor.require("membership.refund")
    _check(amount_fen, currency)
    entry = Entry(_key(key), MovementKind.REFUND, currency, store_id, _method(method), reason=_reason(reason))
    person = _one_at_a_time(actor, customer_id, store_id)
    known = known_receipt(entry, person, principal_minor=amount_fen, total_minor=None)
    if known is not None:
        return known
    wallets = wallets_of(person, currency, is_locked=True)
    have = balance(wallets, currency)
    if have.principal_minor < amount_fen:
        raise PrincipalIsTooSmall(left_minor=have.principal_minor, wanted_minor=amount_fen, currency=currency)
    lapses = bonus_that_lapses(amount_fen, principal_minor=have.principal_minor, bonus_minor=have.bonus_minor)
    done = written(actor, entry, taken_from(wallets, Split(amount_fen, lapses)), person, now)
    outbox.record(PrincipalRefunded(done.movement_id, person, store_id or 0, amount_fen, lapses), now=now)
    detail: dict[str, object] = {"stores": store_id, "value": amount_fen, "bonus": lapses, "reason": entry.reason}
    _note(actor, "membership.refund", done, detail, now)
    return done


def _one_at_a_time(actor: Actor, customer_id: int, store_id: int | None) -> int:
    """Return the person, whose movements from here on come one after the other."""
    person = person_within_reach(actor, customer_id)
    _take_turns(actor, person, store_id)
    return person


def _take_turns(actor: Actor, person: int, store_id: int | None) -> None:
    check_store(actor, store_id)
    bulk.one_at_a_time(f"membership.person:{person}")


def _check(amount: int, currency: str) -> None:
    if not 0 < amount <= LARGEST_MINOR:
        raise AmountIsWrong(written_minor=amount, most_minor=LARGEST_MINOR, currency=currency)


def _key(key: str) -> str:
    if not 0 < len(key) <= _LONGEST_KEY:
        raise ValueError("a key has 1 to 140 characters")
    return key


def _method(method: str) -> str:
    if method not in METHOD_TITLES:
        raise MethodIsUnknown(method=method[:20])
    return method


def _reason(reason: str) -> str:
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise BalanceReasonIsMissing
    return reason.strip()


def _hold_to_plans(actor: Actor, principal: int, bonus: int, currency: str) -> None:
    """Refuse more bonus than the plans give for so much, unless the actor may change the plans."""
    if not bonus or actor.can("membership.change"):
        return
    plans = Plan.objects.filter(is_open=True, currency=currency, principal_minor__lte=principal)
    most = max(plans.values_list("bonus_minor", flat=True), default=0)
    if bonus > most:
        raise BonusIsNotPromised(principal_minor=principal, bonus_minor=most, currency=currency)


def _spendings(actor: Actor) -> QuerySet[Movement]:
    """Return purchases of people within reach: what was spent at a store is brought back by who has the customer within reach."""
    rows = Movement.objects.select_related("wallet").filter(kind=MovementKind.SPENDING)
    return rows if actor.store_ids is None else rows.filter(customer__store_id__in=actor.store_ids)


def _returned(spending_id: int) -> Split:
    sums = Movement.objects.filter(returns_id=spending_id).aggregate(p=Sum("principal_minor"), b=Sum("bonus_minor"))
    return Split(-int(sums["p"] or 0), -int(sums["b"] or 0))


def _note(actor: Actor, action: str, done: Receipt, detail: dict[str, object], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="movement", subject_id=done.movement_id, detail=detail, now=now)
