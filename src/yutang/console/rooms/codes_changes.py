"""What is changed on the page of a channel code: on and off, places, staff who are away, costs."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.codes import actions
from yutang.codes.actions import SpotTerms
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.foundation.queries import stores
from yutang.kit.errors import DomainError
from yutang.kit.money import typed_minor
from yutang.kit.text import N_

_LARGEST = 10**10


class PaymentIsUnreadable(DomainError):
    """What was paid, or when, cannot be read."""

    code: ClassVar[str] = "payment_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "“%(written)s” is no amount or day. Write an amount like 1200 or 1200.50, and choose the day."
    )


@room("codes.change")
@require_POST
def switch_on(request: StaffRequest, code_id: int) -> HttpResponse:
    """Let a code be in use again."""
    actions.switch_on(actor=request.actor, code_id=code_id, now=request.now)
    messages.success(request, _("The code is in use."))
    return redirect("codes-one", code_id)


@room("codes.change")
@require_POST
def switch_off(request: StaffRequest, code_id: int) -> HttpResponse:
    """Take a code out of use."""
    actions.switch_off(actor=request.actor, code_id=code_id, now=request.now)
    messages.success(request, _("The code is out of use. Who scans it reads that it is over."))
    return redirect("codes-one", code_id)


@room("codes.change")
@require_POST
def add_spots(request: StaffRequest, code_id: int) -> HttpResponse:
    """Let a code be printed at further places."""
    try:
        made = actions.add_spots(actor=request.actor, code_id=code_id, spots=spots_asked(request), now=request.now)
    except (actions.CodeIsWrong, actions.SpotIsTaken) as refusal:
        messages.error(request, spoken(refusal.sentence))
        return redirect("codes-one", code_id)
    messages.success(request, _("%(n)s places were added; their QR codes are there in a moment.") % {"n": len(made)})
    return redirect("codes-one", code_id)


@room("codes.change")
@require_POST
def switch_spot(request: StaffRequest, code_id: int, spot_id: int) -> HttpResponse:
    """Take a place out of use, or back into it."""
    is_on = request.POST.get("is_on") == "1"
    actions.switch_spot(actor=request.actor, code_id=code_id, spot_id=spot_id, is_on=is_on, now=request.now)
    messages.success(request, _("The place is in use.") if is_on else _("The place is out of use."))
    return redirect("codes-one", code_id)


@room("codes.change")
@require_POST
def switch_staff(request: StaffRequest, code_id: int, account_id: int) -> HttpResponse:
    """Let a member of staff be away, or back."""
    is_away = request.POST.get("is_away") == "1"
    actions.switch_staff(actor=request.actor, code_id=code_id, account_id=account_id, is_away=is_away, now=request.now)
    messages.success(request, _("Away until somebody says otherwise.") if is_away else _("Back on duty by the shift."))
    return redirect("codes-one", code_id)


@room("codes.change")
@require_POST
def add_cost(request: StaffRequest, code_id: int) -> HttpResponse:
    """Write down what was paid."""
    try:
        actions.add_cost(
            actor=request.actor,
            code_id=code_id,
            amount_minor=_minor(request.POST.get("amount", "").strip()),
            business_date=_day(request.POST.get("day", "").strip()),
            spot_id=number_asked(request.POST.get("spot", "")),
            note=request.POST.get("note", ""),
            now=request.now,
        )
    except (PaymentIsUnreadable, actions.CodeIsWrong) as refusal:
        messages.error(request, spoken(refusal.sentence))
        return redirect("codes-one", code_id)
    messages.success(request, _("It counts among the costs of this code."))
    return redirect("codes-one", code_id)


@room("codes.change")
@require_POST
def remove_cost(request: StaffRequest, code_id: int, cost_id: int) -> HttpResponse:
    """Take back what was written down by mistake."""
    actions.remove_cost(actor=request.actor, code_id=code_id, cost_id=cost_id, now=request.now)
    messages.success(request, _("It does not count any more."))
    return redirect("codes-one", code_id)


def spots_asked(request: StaffRequest) -> list[SpotTerms]:
    """Return the places that a form names: stores that are chosen, and batches, one a line."""
    named = {one.id: one.name for one in stores(access=request.actor)}
    keys = [key for text in request.POST.getlist("stores") if (key := number_asked(text)) in named]
    batches = [line.strip() for line in request.POST.get("batches", "").splitlines() if line.strip()]
    return [*(SpotTerms(named[key], key) for key in keys), *(SpotTerms(name) for name in batches)]


def _minor(text: str) -> int:
    amount = typed_minor(text, most=_LARGEST)
    if not amount:
        raise PaymentIsUnreadable(written=text[:40])
    return amount


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PaymentIsUnreadable(written=text[:40]) from error
