"""Programmes: made, changed, opened, closed. Their economics are stated with them, their words are read before friends read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from yutang.economics import actions as economics
from yutang.economics.actions import Statement
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.queries import organisation_setting
from yutang.kit.text import N_
from yutang.referral.finding import economics_key, programme_by_id, unit_cost_of
from yutang.referral.law import require_lawful
from yutang.referral.models import Invitation, Programme, ProgrammeState
from yutang.referral.organisation import COMMISSION_ALLOWED
from yutang.referral.refusals import PromisesStand
from yutang.referral.terms import Terms, checked, wrong
from yutang.referral.word_checks import require_harmless

_COLUMNS = (
    "name", "deed", "title", "words", "friend_coupon", "inviter_coupon", "least_order_fen", "return_days", "valid_days", "most_friends",
    "most_of_ambassador", "commission_percent", "commission_most_fen", "commission_levels", "joining_fee_fen", "tax_note",
)  # fmt: skip
#: What stays as it was promised once somebody came.
_PROMISED = ("deed", "friend_coupon", "inviter_coupon", "least_order_fen", "commission_percent", "commission_most_fen")


@transaction.atomic
def create_programme(*, actor: Actor, terms: Terms, now: datetime) -> int:
    """Make a programme as a draft, state its economics, and return it.

    Args:
        actor: needs ``referral.change`` and ``economics.change``.
        terms: what it promises.
        now: when. Aware UTC.

    Raises:
        ReferralIsWrong: a part cannot be this.
        CommissionIsForbidden: a condition of the law is not met.
        WordsAreRisky: the words break a law or a rule of the platform.
        StatementIsWrong: the budget is not enough for one friend.
        ProgrammeLosesByItself: it gives more than a newcomer who stays is worth.
        WorthIsNotKnown: nobody states that worth, and nothing knows it.
    """
    actor.require("referral.change")
    fitting = fitting_terms(terms)
    columns = {name: getattr(fitting, name) for name in _COLUMNS}
    row = Programme.objects.create(**columns, made_by_id=actor.staff_id, made_at=now, changed_at=now)
    _state(actor, row, fitting, now)
    _note(actor, "referral.create", row, now)
    return row.pk


@transaction.atomic
def change_programme(*, actor: Actor, programme_id: int, terms: Terms, now: datetime) -> None:
    """Change a programme and state its economics anew; what people were promised stays.

    Raises:
        NoSuchReferral: there is none.
        PromisesStand: somebody came, and what they were promised is to change.
        ReferralIsWrong: a part cannot be this.
        CommissionIsForbidden: a condition of the law is not met.
        WordsAreRisky: the words break a law or a rule of the platform.
    """
    actor.require("referral.change")
    row = programme_by_id(programme_id, is_locked=True)
    fitting = fitting_terms(terms, but=row.pk)
    if any(getattr(row, name) != getattr(fitting, name) for name in _PROMISED) and _has_friends(row):
        raise PromisesStand(name=row.name)
    for name in _COLUMNS:
        setattr(row, name, getattr(fitting, name))
    row.changed_at = now
    row.save(update_fields=[*_COLUMNS, "changed_at"])
    _state(actor, row, fitting, now)
    _note(actor, "referral.change", row, now)


@transaction.atomic
def open_programme(*, actor: Actor, programme_id: int, now: datetime) -> None:
    """Let friends come.

    Raises:
        NoSuchReferral: there is none.
    """
    if row := _turned(actor, programme_id, ProgrammeState.OPEN, now):
        _note(actor, "referral.open", row, now)


@transaction.atomic
def close_programme(*, actor: Actor, programme_id: int, now: datetime) -> None:
    """Take no friends any more; who came already gets what was promised.

    Raises:
        NoSuchReferral: there is none.
    """
    if row := _turned(actor, programme_id, ProgrammeState.CLOSED, now):
        _note(actor, "referral.close", row, now)


def _turned(actor: Actor, programme_id: int, state: str, now: datetime) -> Programme | None:
    """Bring a programme into a state, and return it; None where it was in it already."""
    actor.require("referral.change")
    row = programme_by_id(programme_id)
    changed = Programme.objects.filter(pk=row.pk).exclude(state=state).update(state=state, changed_at=now)
    return row if changed else None


def fitting_terms(terms: Terms, *, but: int | None = None) -> Terms:
    """Return terms as they are kept, held to what can be, to the law and to the rules of platforms; `but` is the programme itself."""
    fitting = checked(terms)
    named = Programme.objects.filter(name=fitting.name)
    if (named if but is None else named.exclude(pk=but)).exists():
        raise wrong("name", fitting.name, N_("it is taken already"))
    require_lawful(fitting, is_allowed=bool(organisation_setting(COMMISSION_ALLOWED)))
    require_harmless(fitting.title, fitting.words)
    return fitting


def statement_of(programme_id: int, terms: Terms) -> Statement:
    """Return what a programme states of its economics."""
    return Statement(
        programme=economics_key(programme_id),
        title=terms.name,
        unit_cost_fen=unit_cost_of(terms),
        budget_fen=terms.budget_fen,
        margin_percent=terms.margin_percent,
        worth_fen=terms.worth_fen,
    )


def _state(actor: Actor, row: Programme, terms: Terms, now: datetime) -> None:
    economics.state(actor=actor, programme=statement_of(row.pk, terms), now=now)


def _has_friends(row: Programme) -> bool:
    return Invitation.objects.filter(programme=row).exists()


def _note(actor: Actor, action: str, row: Programme, now: datetime) -> None:
    detail: dict[str, Any] = {"name": row.name}
    audit(actor=actor, action=action, subject_type="referral", subject_id=row.pk, detail=detail, now=now)
