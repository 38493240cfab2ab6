"""Making and changing kinds of coupons, opening and closing them, and adding codes of another shop system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.console.uploads import takes_files
from yutang.coupons import actions, queries
from yutang.coupons.code_lists import codes_in
from yutang.coupons.terms import FIELD_TITLES, Terms
from yutang.coupons.views import KindView
from yutang.foundation.queries import stores
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor, typed_minor
from yutang.kit.text import N_

_GIVES = {"amount": N_("Amount off"), "percent": N_("Percent off"), "thing": N_("A thing")}
_CODES = {"made": N_("Made here"), "pool": N_("A list of another shop system")}
_ENDS = {"days": N_("So many days from the giving"), "until": N_("Up to a day")}
_MONEY = ("amount", "most", "least", "cost", "budget", "worth")
_LARGEST = 10**10
#: Bytes of a list of codes: 100,000 codes of 40 characters fit.
_LARGEST_LIST = 8_000_000


class AmountIsUnreadable(DomainError):
    """A field of the form holds no amount."""

    code = "amount_is_unreadable"
    http_status = 422
    message = N_("“%(written)s” is no amount that fits in “%(field)s”. Write it like 20 or 20.50.")


class CountIsUnreadable(DomainError):
    """A field of the form holds no whole number, or no day."""

    code = "count_is_unreadable"
    http_status = 422
    message = N_("“%(written)s” does not fit in “%(field)s”.")


class ListIsMissing(DomainError):
    """No file was sent, or one that is too large."""

    code = "list_of_codes_is_missing"
    http_status = 422
    message = N_("Choose a text or CSV file with a code a line, of at most 8 MB.")


@room("coupons.change")
def new(request: StaffRequest) -> HttpResponse:
    """Make a kind."""
    if request.method != "POST":
        return _form(request, _BLANK)
    try:
        kind_id = actions.create_kind(actor=request.actor, terms=_terms(request.POST), now=request.now)
    except DomainError as refusal:
        return _form(request, _written(request.POST), error=refusal)
    messages.success(request, _("The kind of coupon was made; it can be given now."))
    return redirect("coupons-kind", kind_id)


@room("coupons.change")
def edit(request: StaffRequest, kind_id: int) -> HttpResponse:
    """Change a kind."""
    view = queries.kind_view(access=request.actor, kind_id=kind_id)
    if request.method != "POST":
        return _form(request, _values(view), view=view)
    try:
        terms = _promised(request.POST, view) if view.is_promised else _terms(request.POST)
        actions.change_kind(actor=request.actor, kind_id=kind_id, terms=terms, now=request.now)
    except DomainError as refusal:
        return _form(request, {**_values(view), **_written(request.POST)}, view=view, error=refusal)
    messages.success(request, _("The kind of coupon was changed."))
    return redirect("coupons-kind", kind_id)


@room("coupons.change")
@require_POST
def open_again(request: StaffRequest, kind_id: int) -> HttpResponse:
    """Let coupons of a kind be given again."""
    actions.open_kind(actor=request.actor, kind_id=kind_id, now=request.now)
    messages.success(request, _("It can be given again."))
    return redirect("coupons-kind", kind_id)


@room("coupons.change")
@require_POST
def close(request: StaffRequest, kind_id: int) -> HttpResponse:
    """Let nobody get a coupon of a kind any more."""
    actions.close_kind(actor=request.actor, kind_id=kind_id, now=request.now)
    messages.success(request, _("Nobody gets it any more. Who has one keeps it."))
    return redirect("coupons-kind", kind_id)


@takes_files
@room("coupons.change")
@require_POST
def codes(request: StaffRequest, kind_id: int) -> HttpResponse:
    """Add a list of codes to the pool of a kind."""
    file = request.FILES.get("codes")
    if not isinstance(file, UploadedFile) or not file.size or file.size > _LARGEST_LIST:
        raise ListIsMissing
    added = actions.add_codes(actor=request.actor, kind_id=kind_id, written=codes_in(file.read()), now=request.now)
    messages.success(request, _("%(n)s codes were new.") % {"n": added})
    return redirect("coupons-kind", kind_id)


_BLANK: Mapping[str, Any] = {
    "gives": "amount", "ends": "days", "days": 30, "pieces": 100, "per_person": 1, "margin": 50, "codes": "made",
}  # fmt: skip
#: What the form writes, as it comes back after a refusal.
_FIELDS = (
    "name", "code", "gives", "amount", "percent", "most", "thing", "cost", "least", "products", "pieces", "per_person", "ends",
    "days", "until", "margin", "codes", "budget", "worth", "newcomers",
)  # fmt: skip


def _form(
    request: StaffRequest, values: Mapping[str, Any], *, view: KindView | None = None, error: DomainError | None = None
) -> HttpResponse:
    context = {
        "values": values,
        "view": view,
        "is_promised": bool(view and view.is_promised),
        "gives": [(code, _(title)) for code, title in _GIVES.items()],
        "code_ways": [(code, _(title)) for code, title in _CODES.items()],
        "ends": [(code, _(title)) for code, title in _ENDS.items()],
        "stores": [(one.id, one.name, one.id in values.get("store_ids", ())) for one in stores(access=request.actor)],
        "error": spoken(error.sentence) if error else "",
    }
    return render(request, "console/coupons/form.html", context, status=error.http_status if error else 200)


def _written(form: QueryDict) -> dict[str, Any]:
    """Return what was written in the form, for who writes it again."""
    chosen = [number_asked(one) for one in form.getlist("stores")]
    written: dict[str, Any] = {name: form[name] for name in _FIELDS if name in form}
    written["newcomers"] = form.get("newcomers", "")
    return written | ({"store_ids": chosen} if "name" in form else {})


def _terms(form: QueryDict) -> Terms:
    """Return the terms that a form asks for; money is in yuan."""
    is_until = form.get("ends") == "until"
    return Terms(
        name=form.get("name", ""),
        code=form.get("code", "").strip(),
        gives=form.get("gives", ""),
        amount_minor=_minor(form, "amount", "amount_minor"),
        percent=_count(form, "percent", "percent") if form.get("gives") == "percent" else 0,
        most_minor=_minor(form, "most", "most_minor"),
        thing=form.get("thing", ""),
        cost_minor=_minor(form, "cost", "cost_minor"),
        least_minor=_minor(form, "least", "least_minor"),
        products=tuple(form.get("products", "").replace("，", "\n").replace(",", "\n").splitlines()),
        store_ids=_stores(form),
        pieces=_count(form, "pieces", "pieces"),
        per_person=_count(form, "per_person", "per_person"),
        until_date=_day(form) if is_until else None,
        valid_days=None if is_until else _count(form, "days", "valid_days"),
        codes=form.get("codes", "made"),
        **_economics(form),
    )


def _economics(form: QueryDict) -> dict[str, Any]:
    """Return what a form says of what a kind may cost and is worth; it can change whenever."""
    return {
        "margin_percent": _count(form, "margin", "margin_percent"),
        "is_for_newcomers": form.get("newcomers") == "on",
        "budget_minor": _minor(form, "budget", "budget_minor"),
        "worth_minor": _minor(form, "worth", "worth_minor") or None,
    }


def _promised(form: QueryDict, view: KindView) -> Terms:
    """Return the terms of a kind that people hold: what they were promised stays, whatever the form says."""
    is_until = form.get("ends") == "until"
    changed = {
        "name": form.get("name", ""),
        "pieces": _count(form, "pieces", "pieces"),
        "per_person": _count(form, "per_person", "per_person"),
        "until_date": _day(form) if is_until else None,
        "valid_days": None if is_until else _count(form, "days", "valid_days"),
        "cost_minor": _minor(form, "cost", "cost_minor"),
    }
    return Terms(**{**vars(view.terms), **changed, **_economics(form)})


def _values(view: KindView) -> dict[str, Any]:
    """Return what the form shows of a kind."""
    terms = view.terms
    money = {
        "amount": terms.amount_minor,
        "most": terms.most_minor,
        "least": terms.least_minor,
        "cost": terms.cost_minor,
        "budget": terms.budget_minor,
        "worth": terms.worth_minor or 0,
    }
    return {
        "name": terms.name,
        "code": view.code,
        "gives": terms.gives,
        "percent": terms.percent or "",
        "thing": terms.thing,
        "products": "\n".join(terms.products),
        "store_ids": terms.store_ids,
        "pieces": terms.pieces,
        "per_person": terms.per_person,
        "ends": "days" if terms.until_date is None else "until",
        "days": terms.valid_days or "",
        "until": terms.until_date.isoformat() if terms.until_date else "",
        "margin": terms.margin_percent,
        "codes": terms.codes,
        "newcomers": "on" if terms.is_for_newcomers else "",
        **{
            name: f"{from_minor(minor, currency=terms.currency).normalize():f}" if minor else ""
            for name, minor in money.items()
        },
    }


def _stores(form: QueryDict) -> tuple[int, ...]:
    found = [number_asked(one) for one in form.getlist("stores")]
    return tuple(one for one in found if one is not None)


def _count(form: QueryDict, name: str, field: str) -> int:
    text = form.get(name, "").strip()
    number = number_asked(text)
    if number is None or number > _LARGEST:
        raise CountIsUnreadable(written=text[:40], field=_(FIELD_TITLES[field]))
    return number


def _minor(form: QueryDict, name: str, field: str) -> int:
    text = form.get(name, "").strip()
    if not text:
        return 0
    amount = typed_minor(text, most=_LARGEST)
    if amount is None:
        raise AmountIsUnreadable(written=text[:40], field=_(FIELD_TITLES[field]))
    return amount


def _day(form: QueryDict, field: str = "until_date") -> date:
    text = form.get("until", "").strip()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CountIsUnreadable(written=text[:40], field=_(FIELD_TITLES[field])) from error
