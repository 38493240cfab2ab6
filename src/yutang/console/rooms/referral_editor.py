"""Making and changing referral programmes in two steps: what it promises, then what that would cost and what the guard would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.coupons.queries import kind_choices
from yutang.economics.methods.rehearsal import rehearsed
from yutang.economics.methods.verdicts import bounds_from
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor, typed_minor
from yutang.kit.text import N_, Sentence
from yutang.referral import actions, queries
from yutang.referral.law import LEAST_RETURN_DAYS
from yutang.referral.queries import DEED_TITLES
from yutang.referral.terms import FIELD_TITLES, Terms
from yutang.referral.views import ProgrammeView
from yutang.referral.word_checks import risky_words
from yutang.simulator.giveaways import SCARF, giveaway

_LARGEST = 10**8
#: Fields of the form that hold money in yuan, and the part of the terms that they fill.
_MONEY = {
    "least": "least_order_fen",
    "budget": "budget_fen",
    "worth": "worth_fen",
    "commission_most": "commission_most_fen",
}
_COUNTS = {
    "return_days": "return_days",
    "valid_days": "valid_days",
    "most_friends": "most_friends",
    "most_of_ambassador": "most_of_ambassador",
    "margin": "margin_percent",
    "commission": "commission_percent",
}
_TEXTS = ("name", "deed", "title", "words", "friend_coupon", "inviter_coupon", "tax_note")
_BLANK: Mapping[str, Any] = {
    "deed": "bought", "return_days": LEAST_RETURN_DAYS, "valid_days": 30, "most_friends": 10, "most_of_ambassador": 50, "margin": 50,
    "budget": "1000", "commission": 0,
}  # fmt: skip


class NumberIsUnreadable(DomainError):
    """A field of the form holds no number or amount."""

    code = "referral_number_is_unreadable"
    http_status = 422
    message = N_("“%(written)s” does not fit in “%(field)s”.")


@room("referral.change", "economics.change")
def new(request: StaffRequest) -> HttpResponse:
    """Make a programme: the form, then a look at what it would cost, then the programme."""
    if request.method != "POST":
        return _form(request, _BLANK)
    try:
        terms = _terms(request.POST)
        if request.POST.get("step") != "save":
            return _look(request, terms)
        made = actions.create_programme(actor=request.actor, terms=terms, now=request.now)
    except DomainError as refusal:
        return _form(request, _written(request.POST), error=refusal)
    messages.success(request, _("The programme was made as a draft. Look at it, then open it."))
    return redirect("referral-one", made)


@room("referral.change", "economics.change")
def edit(request: StaffRequest, referral_id: int) -> HttpResponse:
    """Change a programme."""
    view = queries.programme_view(access=request.actor, programme_id=referral_id)
    if request.method != "POST":
        return _form(request, _values(view.terms), view=view)
    try:
        terms = _terms(request.POST, before=view.terms)
        actions.change_programme(actor=request.actor, programme_id=referral_id, terms=terms, now=request.now)
    except DomainError as refusal:
        return _form(request, {**_values(view.terms), **_written(request.POST)}, view=view, error=refusal)
    messages.success(request, _("The programme was changed."))
    return redirect("referral-one", referral_id)


@room("referral.change")
@require_POST
def open_it(request: StaffRequest, referral_id: int) -> HttpResponse:
    """Let friends come."""
    actions.open_programme(actor=request.actor, programme_id=referral_id, now=request.now)
    messages.success(request, _("Friends can come now."))
    return redirect("referral-one", referral_id)


@room("referral.change")
@require_POST
def close(request: StaffRequest, referral_id: int) -> HttpResponse:
    """Take no friends any more."""
    actions.close_programme(actor=request.actor, programme_id=referral_id, now=request.now)
    messages.success(request, _("It takes nobody new. Who came already gets what was promised."))
    return redirect("referral-one", referral_id)


def _form(
    request: StaffRequest,
    values: Mapping[str, Any],
    *,
    view: ProgrammeView | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    context = {
        "values": values,
        "view": view,
        "deeds": [(code, _(title)) for code, title in DEED_TITLES.items()],
        "kinds": kind_choices(),
        "error": spoken(error.sentence) if error else "",
    }
    return render(request, "console/referral/form.html", context, status=error.http_status if error else 200)


def _look(request: StaffRequest, terms: Terms) -> HttpResponse:
    """Show what a programme would cost, what is risky in its words, and what the guard would have done to a scarf give-away."""
    foreseen = actions.foresee(actor=request.actor, terms=terms, now=request.now)
    context = {
        "terms": terms,
        "deed": _(DEED_TITLES[terms.deed]),
        "values": _written(request.POST),
        "facts": [
            (_("A friend costs at most"), formats.money(foreseen.unit_cost_fen)),
            (_("A friend who stays is worth"), _worth_words(foreseen)),
            (_("Budget"), formats.money(foreseen.budget_fen)),
            (_("Friends that the budget is enough for"), _friends_words(foreseen)),
            (_("Of ten friends must stay, so that nothing is lost"), _of_ten(foreseen)),
        ],
        "scarf": _scarf_words(foreseen),
        "warnings": [(one.written, spoken(one.reason)) for one in risky_words(terms.title, terms.words)],
    }
    return render(request, "console/referral/look.html", context)


def _worth_words(foreseen: actions.Foreseen) -> str:
    known = f" · {spoken(foreseen.words)}" if foreseen.words else ""
    return f"{formats.money(foreseen.worth_fen)}{known}"


def _friends_words(foreseen: actions.Foreseen) -> str:
    """Return for how many friends it is enough, and that the coupons end before the money where they do."""
    friends = formats.number(foreseen.friends)
    if foreseen.pieces >= foreseen.budget_fen // foreseen.unit_cost_fen:
        return friends
    return _("%(n)s: so many coupons are left") % {"n": friends}


def _of_ten(foreseen: actions.Foreseen) -> str:
    return formats.number(round(10 * foreseen.unit_cost_fen / foreseen.worth_fen, 1))


def _scarf_words(foreseen: actions.Foreseen) -> str:
    """Return what would end it first, the guard or the budget, if the friends were like those who came for a scarf and left at once."""
    made = giveaway(SCARF, seed=1)
    looks = np.arange(1, 24 * (made.joined[-1] + 8)) / 24
    bounds = bounds_from(worth=float(foreseen.worth_fen), organic=foreseen.organic)
    found = rehearsed(
        joined=made.joined,
        left=made.left,
        bought=made.bought,
        unit_cost=foreseen.unit_cost_fen,
        bounds=bounds,
        looks=looks,
    )
    all_ = len(made.joined)
    paid = min(all_, foreseen.ends_after)
    told = {"all": formats.number(all_), "n": formats.number(found.newcomers)}
    told["spent"] = formats.money(found.newcomers * foreseen.unit_cost_fen)
    told["saved"] = formats.money((paid - found.newcomers) * foreseen.unit_cost_fen)
    if found.claim and found.newcomers < paid:
        return (
            _(
                "If %(all)s came like those for the scarf, most of whom left at once, it would pause after %(n)s of them: "
                "%(spent)s would be spent and %(saved)s saved."
            )
            % told
        )
    told |= {"n": formats.number(paid), "spent": formats.money(paid * foreseen.unit_cost_fen)}
    if paid < all_:
        used_up = (
            _(
                "If %(all)s came like those for the scarf, most of whom left at once, the budget would be used up after %(n)s of them, "
                "and it would pause with that: %(spent)s would be spent before the guard could be sure."
            )
            % told
        )
        over = paid * foreseen.unit_cost_fen - foreseen.budget_fen
        beyond = _(
            "The last of them goes %(over)s beyond the budget: what somebody was promised is given, and then it pauses."
        )
        return formats.sentences(used_up, beyond % {"over": formats.money(over)}) if over else used_up
    return (
        _(
            "If %(all)s came like those for the scarf, most of whom left at once, the guard would not stop it: "
            "%(spent)s would be spent. State what a newcomer who stays is worth lower, or give less."
        )
        % told
    )


def _terms(form: QueryDict, *, before: Terms | None = None) -> Terms:
    """Return the terms that a form asks for; money is in yuan, and what the form does not hold stays."""
    parts: dict[str, Any] = dict(vars(before)) if before else {}
    parts |= {name: form.get(name, "").strip() for name in _TEXTS if name in form or not before}
    parts |= {part: _count(form, name, part) for name, part in _COUNTS.items() if name in form or not before}
    parts |= {part: _minor(form, name, part) for name, part in _MONEY.items() if name in form or not before}
    parts["worth_fen"] = parts["worth_fen"] or None
    return Terms(**parts)


def _written(form: QueryDict) -> dict[str, Any]:
    return {name: form[name] for name in (*_TEXTS, *_COUNTS, *_MONEY) if name in form}


def _values(terms: Terms) -> dict[str, Any]:
    money = {name: getattr(terms, part) for name, part in _MONEY.items()}
    return {
        **{name: getattr(terms, name) for name in _TEXTS},
        **{name: getattr(terms, part) for name, part in _COUNTS.items()},
        **{name: f"{from_minor(fen).normalize():f}" if fen else "" for name, fen in money.items()},
    }


def _count(form: QueryDict, name: str, part: str) -> int:
    text = form.get(name, "").strip()
    number = number_asked(text) if text else 0
    if number is None or number > _LARGEST:
        raise _unreadable(text, part)
    return number


def _minor(form: QueryDict, name: str, part: str) -> int:
    text = form.get(name, "").strip()
    amount = typed_minor(text or "0", most=_LARGEST)
    if amount is None:
        raise _unreadable(text, part)
    return amount


def _unreadable(text: str, part: str) -> NumberIsUnreadable:
    return NumberIsUnreadable(written=text[:40], field=Sentence(FIELD_TITLES[part]).as_json())
