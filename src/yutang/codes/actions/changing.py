"""Making and changing codes, switching them and their staff on and off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from yutang.codes.actions.spots import SpotTerms, add_spots
from yutang.codes.finding import code_by_id
from yutang.codes.guards import state_code
from yutang.codes.models import Code, Shift, SlotWords
from yutang.codes.refusals import CodeIsPaused, NameIsTaken, NoSuchCode
from yutang.codes.tasks import ask_to_keep
from yutang.codes.terms import CodeTerms, checked, require
from yutang.customers.queries import tag_choices
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.text import N_
from yutang.wecom.greeting_contents import check_content
from yutang.wecom.models import Account

_COLUMNS = (
    "name", "kind", "sharing", "leads_known", "words", "content", "remark", "group", "group_prefix", "group_places", "first_date",
    "last_date", "currency", "unit_cost_minor", "budget_minor", "margin_percent",
)  # fmt: skip


@transaction.atomic
def create_code(*, actor: Actor, terms: CodeTerms, spots: Sequence[SpotTerms] = (), now: datetime) -> int:
    """Make a channel code, in use at once, and return its key; WeCom makes its QR codes within a minute.

    Args:
        actor: needs ``codes.change``.
        terms: what it is to be.
        spots: where it is printed; none: at one place that is called as the code is.
        now: when. Aware UTC.

    Raises:
        CodeIsWrong: a part cannot be this.
        NameIsTaken: another code is called so.
        DomainError: a content cannot be said to newcomers.
    """
    actor.require("codes.change")
    terms = _fitting(checked(terms), now=now)
    columns = {name: getattr(terms, name) for name in _COLUMNS}
    code = Code.objects.create(made_by_id=actor.staff_id, made_at=now, changed_at=now, **columns)
    _write_parts(code, terms)
    add_spots(actor=actor, code_id=code.pk, spots=spots or [SpotTerms(code.name)], now=now)
    state_code(code=code, now=now)
    note(actor, "codes.create", code, {"name": code.name, "kind": code.kind}, now)
    return code.pk


@transaction.atomic
def change_code(*, actor: Actor, code_id: int, terms: CodeTerms, now: datetime) -> None:
    """Change a code; what is printed stays as it is, and leads on by the new terms.

    Raises:
        NoSuchCode: there is none within reach.
        CodeIsWrong: a part cannot be this.
        NameIsTaken: another code is called so.
        DomainError: a content cannot be said to newcomers.
    """
    actor.require("codes.change")
    code = code_by_id(actor, code_id, is_locked=True)
    terms = _fitting(checked(terms), but=code_id, now=now)
    for name in _COLUMNS:
        setattr(code, name, getattr(terms, name))
    code.changed_at = now
    code.save(update_fields=[*_COLUMNS, "changed_at"])
    _write_parts(code, terms)
    state_code(code=code, now=now)
    ask_to_keep(now=now)
    note(actor, "codes.change", code, {"name": code.name}, now)


@transaction.atomic
def switch_on(*, actor: Actor, code_id: int, now: datetime) -> None:
    """Let a code be in use again.

    Raises:
        NoSuchCode: there is none within reach.
        CodeIsPaused: the guard of the economics holds it.
    """
    actor.require("codes.change")
    code = code_by_id(actor, code_id, is_locked=True)
    if code.paused_at is not None:
        raise CodeIsPaused(name=code.name)
    _switch(actor, code, is_on=True, now=now)


@transaction.atomic
def switch_off(*, actor: Actor, code_id: int, now: datetime) -> None:
    """Take a code out of use: who scans what is printed reads that it is over; who came stays.

    Raises:
        NoSuchCode: there is none within reach.
    """
    actor.require("codes.change")
    _switch(actor, code_by_id(actor, code_id, is_locked=True), is_on=False, now=now)


@transaction.atomic
def switch_staff(*, actor: Actor, code_id: int, account_id: int, is_away: bool, now: datetime) -> None:
    """Let a member of staff of a code be away until somebody says otherwise, or be back.

    Raises:
        NoSuchCode: there is none within reach, or they are not among its staff.
    """
    actor.require("codes.change")
    code = code_by_id(actor, code_id, is_locked=True)
    if not code.shifts.filter(account_id=account_id).update(is_away=is_away):
        raise NoSuchCode(code_id=code_id)
    ask_to_keep(now=now)
    note(actor, "codes.staff", code, {"account": account_id, "is_away": is_away}, now)


@transaction.atomic
def hold_code(*, actor: Actor, code_id: int, now: datetime) -> bool:
    """Hold a code because a newcomer who stays costs more than such a newcomer is worth; return whether it was not held before."""
    actor.require("codes.change")
    return bool(Code.objects.filter(pk=code_id, paused_at=None).update(paused_at=now, changed_at=now))


@transaction.atomic
def release_code(*, actor: Actor, code_id: int, now: datetime) -> bool:
    """Let a code that was held be in use again; return whether it was held."""
    actor.require("codes.change")
    released = Code.objects.filter(pk=code_id, paused_at__isnull=False).update(paused_at=None, changed_at=now)
    ask_to_keep(now=now)
    return bool(released)


def note(actor: Actor, action: str, code: Code, detail: dict[str, Any], now: datetime) -> None:
    """Write a change of a code into the audit trail."""
    audit(actor=actor, action=action, subject_type="channel_code", subject_id=code.pk, detail=detail, now=now)


def _switch(actor: Actor, code: Code, *, is_on: bool, now: datetime) -> None:
    code.is_on, code.changed_at = is_on, now
    code.save(update_fields=["is_on", "changed_at"])
    ask_to_keep(now=now)
    note(actor, "codes.switch", code, {"is_on": is_on}, now)


def _fitting(terms: CodeTerms, *, but: int = 0, now: datetime) -> CodeTerms:
    """Return terms whose name is free, whose staff serve, whose tags are given by hand and whose contents can be said."""
    if Code.objects.filter(name=terms.name).exclude(pk=but).exists():
        raise NameIsTaken(name=terms.name)
    accounts = {one.account_id for one in terms.shifts}
    known = Account.objects.filter(pk__in=accounts)
    # Whoever was among the staff before stays, also where they stopped having customers; new ones must have some.
    serve = known.filter(is_serving=True).count() + known.filter(is_serving=False, pk__in=_staff_of(but)).count()
    require("shifts", len(accounts), serve == len(accounts), N_("members of staff who have customers in WeCom"))
    by_hand = {one.id for one in tag_choices() if one.rule is None}
    require("tag_ids", len(terms.tag_ids), by_hand >= set(terms.tag_ids), N_("tags that are given by hand"))
    for content in {terms.content, *(one.content for one in terms.slots)} - {""}:
        check_content(content, now=now)
    return terms


def _staff_of(code_id: int) -> list[int]:
    return list(Shift.objects.filter(code_id=code_id).values_list("account_id", flat=True))


def _write_parts(code: Code, terms: CodeTerms) -> None:
    code.tags.set(terms.tag_ids)
    code.shifts.all().delete()
    Shift.objects.bulk_create([Shift(code=code, **vars(one)) for one in terms.shifts])
    code.slots.all().delete()
    SlotWords.objects.bulk_create([SlotWords(code=code, **vars(one)) for one in terms.slots])
