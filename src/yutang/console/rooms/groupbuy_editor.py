"""Making campaigns in two steps: write the offer, look at what it means, then open it; and pausing, resuming, closing them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.groupbuy_words import LATE_WORDS
from yutang.console.sentences import spoken
from yutang.foundation.queries import stores
from yutang.groupbuy import actions, queries
from yutang.groupbuy.terms import FIELD_TITLES, Terms
from yutang.groupbuy.views import CampaignView
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor, typed_minor
from yutang.kit.text import N_
from yutang.payments.queries import has_way_to_pay

_LARGEST = 10**9
_TIERS = 3
_FIELDS = (
    "name", "code", "product", "about", "picture", "list", "cost", "hours", "stock", "per_person", "newcomers", "radius", "late", "hold",
    "worth", "budget", "ends", "size1", "price1", "size2", "price2", "size3", "price3",
)  # fmt: skip
_MOVES = {
    "open": (actions.open_campaign, N_("It is open. Share its address, or put it on a channel code.")),
    "pause": (
        actions.pause_campaign,
        N_("Nobody starts or joins for now. Groups that are not full cannot fill until it goes on."),
    ),
    "resume": (actions.resume_campaign, N_("It takes people again.")),
    "close": (actions.close_campaign, N_("Nobody starts a group any more. Those that run can still fill.")),
}


class FieldIsUnreadable(DomainError):
    """A field of the form holds no number, no amount or no moment."""

    code: ClassVar[str] = "field_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(written)s” does not fit in “%(field)s”.")


@room("groupbuy.change")
def new(request: StaffRequest) -> HttpResponse:
    """Make a campaign as a draft."""
    if request.method != "POST":
        return _form(request, _blank(request.now))
    try:
        made = actions.create_campaign(actor=request.actor, terms=_terms(request.POST), now=request.now)
    except DomainError as refusal:
        return _form(request, _written(request.POST), error=refusal)
    return redirect("groupbuy-check", made)


@room("groupbuy.change")
def edit(request: StaffRequest, group_campaign_id: int) -> HttpResponse:
    """Change a campaign."""
    view = queries.campaign_view(access=request.actor, campaign_id=group_campaign_id)
    if request.method != "POST":
        return _form(request, _values(view), view=view)
    try:
        terms = _terms(request.POST)
        actions.change_campaign(actor=request.actor, campaign_id=view.id, terms=terms, now=request.now)
    except DomainError as refusal:
        return _form(request, {**_values(view), **_written(request.POST)}, view=view, error=refusal)
    if view.state == "draft":
        return redirect("groupbuy-check", view.id)
    messages.success(request, _("The campaign was changed."))
    return redirect("groupbuy-one", view.id)


@room("groupbuy.change")
def check(request: StaffRequest, group_campaign_id: int) -> HttpResponse:
    """Show what a draft means for the money before it is opened."""
    view = queries.campaign_view(access=request.actor, campaign_id=group_campaign_id)
    if view.state != "draft":
        return redirect("groupbuy-one", view.id)
    rows = [_tier_row(view, size, price) for size, price in view.terms.tiers]
    refusal = actions.opening_refusal(actor=request.actor, campaign_id=view.id, now=request.now)
    context = {
        "view": view,
        "refusal": spoken(refusal.sentence) if refusal else "",
        "rows": rows,
        "worst": formats.money(max(0, -min(row["margin"] for row in rows)) * view.terms.stock, "CNY"),
        "loses": any(row["margin"] < 0 for row in rows),
        "over_budget": bool(view.terms.budget_minor)
        and max(0, -min(row["margin"] for row in rows)) * view.terms.stock > view.terms.budget_minor,
        "budget": formats.money(view.terms.budget_minor, "CNY") if view.terms.budget_minor else "",
        "can_pay": has_way_to_pay(),
        "no_worth": not view.terms.worth_minor,
    }
    return render(request, "console/groupbuy/check.html", context)


@room("groupbuy.change")
@require_POST
def move(request: StaffRequest, group_campaign_id: int, how: str) -> HttpResponse:
    """Open, pause, resume or close a campaign."""
    if how not in _MOVES:
        raise Http404
    action, told = _MOVES[how]
    action(actor=request.actor, campaign_id=group_campaign_id, now=request.now)  # type: ignore[operator]
    messages.success(request, _(told))
    return redirect("groupbuy-one", group_campaign_id)


def _tier_row(view: CampaignView, size: int, price: int) -> dict[str, Any]:
    margin = price - view.terms.cost_minor
    return {
        "size": size,
        "price": formats.money(price, "CNY"),
        "saved": formats.money(view.terms.list_minor - price, "CNY"),
        "margin": margin,
        "margin_words": formats.money(margin, "CNY"),
        "group": formats.money(margin * size, "CNY"),
    }


def _form(
    request: StaffRequest,
    values: Mapping[str, Any],
    *,
    view: CampaignView | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    context = {
        "values": values,
        "view": view,
        "is_promised": bool(view and view.state != "draft"),
        "tiers": [(n, values.get(f"size{n}", ""), values.get(f"price{n}", "")) for n in range(1, _TIERS + 1)],
        "lates": [(code, _(title)) for code, title in LATE_WORDS.items()],
        "stores": [(one.id, one.name, one.id in values.get("store_ids", ())) for one in stores(access=request.actor)],
        "error": spoken(error.sentence) if error else "",
    }
    return render(request, "console/groupbuy/form.html", context, status=error.http_status if error else 200)


def _blank(now: datetime) -> dict[str, Any]:
    ends = timezone.localtime(now + timedelta(days=14)).strftime("%Y-%m-%dT23:59")
    return {
        "hours": 24,
        "stock": 100,
        "per_person": 1,
        "newcomers": 0,
        "radius": 0,
        "late": "refund",
        "hold": 15,
        "ends": ends,
        "size1": 2,
    }


def _values(view: CampaignView) -> dict[str, Any]:
    terms = view.terms
    values: dict[str, Any] = {
        "name": terms.name, "code": terms.code, "product": terms.product, "about": terms.about, "picture": terms.picture,
        "list": _yuan(terms.list_minor), "cost": _yuan(terms.cost_minor), "hours": terms.hours, "stock": terms.stock,
        "per_person": terms.per_person, "newcomers": terms.newcomer_places, "radius": terms.radius_km, "late": terms.when_late,
        "hold": terms.hold_minutes, "worth": _yuan(terms.worth_minor), "budget": _yuan(terms.budget_minor),
        "ends": timezone.localtime(terms.ends_at).strftime("%Y-%m-%dT%H:%M"), "store_ids": tuple(terms.store_ids),
    }  # fmt: skip
    for n, (size, price) in enumerate(terms.tiers, 1):
        values |= {f"size{n}": size, f"price{n}": _yuan(price)}
    return values


def _yuan(minor: int) -> str:
    return str(from_minor(minor, currency="CNY")) if minor else ""


def _written(form: QueryDict) -> dict[str, Any]:
    return {name: form[name] for name in _FIELDS if name in form} | {"store_ids": _stores(form)}


def _stores(form: QueryDict) -> tuple[int, ...]:
    return tuple(key for one in form.getlist("stores") if (key := number_asked(one)) is not None)


def _terms(form: QueryDict) -> Terms:
    tiers = [
        (_count(form, f"size{n}", "tiers"), _minor(form, f"price{n}", "tiers"))
        for n in range(1, _TIERS + 1)
        if form.get(f"size{n}", "").strip() or form.get(f"price{n}", "").strip()
    ]
    return Terms(
        name=form.get("name", ""),
        code=form.get("code", ""),
        tiers=tiers,
        list_minor=_minor(form, "list", "list_minor"),
        cost_minor=_minor(form, "cost", "cost_minor"),
        hours=_count(form, "hours", "hours"),
        stock=_count(form, "stock", "stock"),
        ends_at=_moment(form.get("ends", "")),
        product=form.get("product", ""),
        about=form.get("about", ""),
        picture=form.get("picture", ""),
        per_person=_count(form, "per_person", "per_person"),
        newcomer_places=_count(form, "newcomers", "newcomer_places"),
        radius_km=_count(form, "radius", "radius_km"),
        store_ids=_stores(form),
        when_late=form.get("late", ""),
        hold_minutes=_count(form, "hold", "hold_minutes"),
        worth_minor=_minor(form, "worth", "worth_minor"),
        budget_minor=_minor(form, "budget", "budget_minor"),
    )


def _count(form: QueryDict, name: str, field: str) -> int:
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise _unreadable(text, field)
    return int(text)


def _minor(form: QueryDict, name: str, field: str) -> int:
    text = form.get(name, "").strip().replace("¥", "").replace("￥", "").replace(",", "")
    if not text:
        return 0
    amount = typed_minor(text, most=_LARGEST)
    if amount is None:
        raise _unreadable(text, field)
    return amount


def _moment(text: str) -> datetime:
    try:
        return timezone.make_aware(datetime.fromisoformat(text[:16]))
    except (ValueError, OverflowError) as error:
        raise _unreadable(text, "ends_at") from error


def _unreadable(written: str, field: str) -> FieldIsUnreadable:
    return FieldIsUnreadable(written=written[:40], field=_(FIELD_TITLES[field]))
