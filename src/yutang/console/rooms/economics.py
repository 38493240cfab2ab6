"""The room of growth economics: every programme with what a kept newcomer costs and is worth, one in full, and letting it go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.codes import watching as codes
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.economics import actions, queries
from yutang.economics.methods.verdicts import SHARES
from yutang.economics.queries import REASONS, rest_of
from yutang.economics.views import LookView, Numbers, PauseView, ProgrammeView
from yutang.foundation.replica import reads_reports
from yutang.groupbuy import watching as group_buying
from yutang.kit.money import from_minor
from yutang.kit.text import N_, filled

_CLAIMS = {
    "cost": N_("A kept newcomer costs no more than it is worth"),
    "left_at_once": N_("Few leave within a day"),
    "kept": N_("As many stay as of the organic ones, or half of that"),
    "ordered": N_("As many order early as of the organic ones, or half of that"),
}
#: Rooms that programmes belong to, by the word before the colon: (address of one, permission to see it).
_PLACES = {
    "referral": ("referral-one", "referral.view"),
    "code": ("codes-one", "codes.view"),
    "coupon": ("coupons-kind", "coupons.view"),
    "groupbuy": ("groupbuy-one", "groupbuy.view"),
}
_SOURCES = {"stated": N_("stated by the programme"), "insight": N_("from what earlier newcomers bought")}


@room("economics.view")
@reads_reports
def programmes(request: StaffRequest) -> HttpResponseBase:
    """Show every programme, the paused ones first."""
    found = queries.programmes(access=request.actor)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found))
    context = {"rows": [_row(one) for one in found], "unwatched": _unwatched(request)}
    return render(request, "console/economics/programmes.html", context)


@room("economics.view")
@reads_reports
def programme(request: StaffRequest, economy_id: int) -> HttpResponse:
    """Show one programme: what its newcomers cost and are worth, hour by hour, and why it paused."""
    key = queries.key_of(access=request.actor, programme_id=economy_id)
    view = queries.programme_view(access=request.actor, programme=key)
    looks = queries.looks(access=request.actor, programme=key)
    pauses = queries.pauses(access=request.actor, programme=key)
    context = {
        "view": view,
        "row": _row(view),
        "tiles": _tiles(view),
        "picture": _picture(looks, pauses, view) if view.numbers.newcomers else None,
        "picture_words": _picture_words(view),
        "before": _before(view),
        "claims": _claims(_evidence_of(view)),
        "is_of_pause": view.pause is not None and bool(view.pause.numbers.evidence),
        "facts": _facts(view),
        "quality": _quality(view),
        "pause": _told(view.pause) if view.pause else None,
        "rest": spoken(rest_of(view, view.pause)) if view.pause else "",
        "pauses": [_told(one) for one in pauses if one.resumed_at],
        "place": _place(request, view),
    }
    return render(request, "console/economics/programme.html", context)


@room("economics.change")
@require_POST
def resume(request: StaffRequest, economy_id: int) -> HttpResponse:
    """Let a paused programme go on, with a reason."""
    key = queries.key_of(access=request.actor, programme_id=economy_id)
    actions.resume(actor=request.actor, programme=key, reason=request.POST.get("reason", ""), now=request.now)
    messages.success(request, _("It goes on. From now on only those who come later are evidence."))
    return redirect("economics-one", economy_id)


def _unwatched(request: StaffRequest) -> list[tuple[str, str, str]]:
    """Return (address, name, why) of what brings people and nothing watches, as far as the reader may see it."""
    found = []
    if request.actor.can("groupbuy.view"):
        found += [
            (reverse("groupbuy-one", args=[one.id]), one.name, _(group_buying.UNWATCHED_TITLES[one.why]))
            for one in group_buying.unwatched(access=request.actor)
        ]
    if request.actor.can("codes.view"):
        found += [
            (reverse("codes-one", args=[one.id]), one.name, _(codes.UNWATCHED_TITLES[one.why]))
            for one in codes.unwatched(access=request.actor, now=request.now)
        ]
    return found


def state_words(view: ProgrammeView) -> tuple[str, str]:
    """Return what a programme's state is called, and its tone."""
    return (_("Paused"), "down") if view.is_paused else (_("Running"), "accent")


def cost_words(numbers: Numbers) -> str:
    """Return what a kept newcomer costs, as far as it is known."""
    if numbers.low_fen is None or not numbers.newcomers:
        return "—"
    if numbers.high_fen is None or numbers.high_fen > 100 * numbers.worth_fen:
        return _("%(low)s or more") % {"low": formats.money(numbers.low_fen)}
    return f"{formats.money(numbers.low_fen)} – {formats.money(numbers.high_fen)}"


def _row(view: ProgrammeView) -> dict[str, Any]:
    numbers = view.numbers
    state, tone = state_words(view)
    return {
        "view": view,
        "state": state,
        "tone": tone,
        "why": _(REASONS[view.pause.reason]) if view.pause else "",
        "cost": cost_words(numbers),
        "worth": formats.money(view.worth_fen),
        "before": filled(_("%(n)s people came before"), {"n": formats.number(view.came_before)})
        if view.came_before
        else "",
        "brought": formats.whole_money(numbers.revenue_fen),
        "staying": _share(numbers.kept + numbers.open, numbers.newcomers),
        "spent": formats.whole_money(view.spent_fen),
        "budget": formats.whole_money(view.budget_fen),
        "part": min(round(100 * view.spent_fen / view.budget_fen), 100),
    }


def _share(part: int, whole: int) -> str:
    return formats.percent(part / whole, 0) if whole else "—"


def _tiles(view: ProgrammeView) -> list[dict[str, Any]]:
    numbers = view.numbers
    at_least = numbers.at_least_fen
    if not view.brings_newcomers:
        return _tiles_of_gifts(view)
    return [
        {
            "metric": "economics_kept_cost",
            "value": formats.money(at_least) if at_least is not None else "—",
            "note": _("worth %(worth)s") % {"worth": formats.money(view.worth_fen)},
            "lead": True,
            "news": "down" if at_least is not None and at_least > view.worth_fen else "",
        },
        {
            "metric": "economics_newcomers",
            "value": formats.number(numbers.newcomers),
            "note": _("%(left)s left, %(open)s not decided")
            % {"left": formats.number(numbers.left), "open": formats.number(numbers.open)},
        },
        {
            "metric": "economics_spent",
            "value": formats.whole_money(view.spent_fen),
            "note": _("of %(budget)s") % {"budget": formats.whole_money(view.budget_fen)},
        },
        {
            "metric": "economics_brought",
            "value": formats.whole_money(numbers.revenue_fen),
            "note": _("%(n)s bought within 7 days") % {"n": formats.number(numbers.ordered)},
        },
    ]


def _tiles_of_gifts(view: ProgrammeView) -> list[dict[str, Any]]:
    """Return the figures of what is given to those who are here already."""
    sales = view.numbers.revenue_fen
    left = round(sales * view.margin_percent / 100) - view.spent_fen
    return [
        {
            "metric": "economics_spent",
            "value": formats.whole_money(view.spent_fen),
            "note": _("of %(budget)s") % {"budget": formats.whole_money(view.budget_fen)},
            "lead": True,
        },
        {"metric": "economics_sales", "value": formats.whole_money(sales), "note": _("orders that came with it")},
        {
            "metric": "economics_left",
            "value": formats.whole_money(left),
            "note": _("at a margin of %(margin)s%%") % {"margin": view.margin_percent},
            "news": "down" if left < 0 else "",
        },
    ]


def _picture(looks: tuple[LookView, ...], pauses: tuple[PauseView, ...], view: ProgrammeView) -> dict[str, Any]:
    """Return the cost of a kept newcomer over time; what lies far above the worth is cut, so that the worth can be seen."""
    most = 4 * max(one.numbers.worth_fen for one in looks)
    shown = [one for one in looks if one.numbers.low_fen is not None and one.numbers.newcomers]
    return {
        "at": [_hour(one.at) for one in shown],
        "low": [_yuan(one.numbers.low_fen, most) for one in shown],
        "high": [_yuan(one.numbers.high_fen, most) for one in shown],
        "middle": [_yuan(one.numbers.at_least_fen, most) for one in shown],
        "worth": [_yuan(one.numbers.worth_fen, most) for one in shown],
        "pauses": [_hour(one.at) for one in pauses],
        "currency": "CNY",
        "words": {
            "middle": _("if all stay who are there"),
            "band": _("interval"),
            "worth": _("worth"),
            "paused": _("paused"),
        },
    }


def _hour(at: Any) -> str:
    return f"{timezone.localtime(at):%m-%d %H:%M}"


def _yuan(fen: int | None, most: int) -> float:
    return min(most if fen is None else fen, most) / 100


def _picture_words(view: ProgrammeView) -> str:
    if not view.brings_newcomers:
        return _("It is for customers who are here already: what it costs and brings is shown, and nothing pauses it.")
    if not view.numbers.newcomers:
        return _("Nobody has come since its costs were stated; a kept newcomer is worth %(worth)s.") % {
            "worth": formats.money(view.worth_fen)
        }
    return _("A kept newcomer costs %(cost)s and is worth %(worth)s.") % {
        "cost": cost_words(view.numbers),
        "worth": formats.money(view.worth_fen),
    }


def _evidence_of(view: ProgrammeView) -> Mapping[str, float]:
    """Return the evidence that holds: while a programme is paused that of the pause, for what was refuted stays so."""
    at_pause = view.pause.numbers.evidence if view.pause else None
    return at_pause or view.numbers.evidence or {}


def _claims(found: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return what is claimed of a programme, and how far the evidence against it has come."""
    rows = []
    for name in SHARES:
        if name in found:
            done = min(max(round(100 * found[name]), 0), 100)
            rows.append({"title": _(_CLAIMS[name]), "done": done, "is_refuted": found[name] >= 1})
    return rows


def _facts(view: ProgrammeView) -> list[tuple[str, str]]:
    cost = _("Cost of a newcomer, stated") if view.brings_newcomers else _("Cost of one piece")
    worth = f"{formats.money(view.worth_fen)} · {_(_SOURCES.get(view.worth_source, view.worth_source))}"
    return [
        (cost, formats.money(view.unit_cost_fen)),
        *([(_("Worth of a kept newcomer"), worth)] if view.brings_newcomers else []),
        (_("Margin"), f"{view.margin_percent}%"),
        (_("Budget"), formats.money(view.budget_fen)),
        (_("Watched since") if view.brings_newcomers else _("Stated on"), formats.moment(view.watched_from)),
        *([(_("Came before that"), formats.number(view.came_before))] if view.brings_newcomers else []),
        (_("Stated by"), view.stated_by or _("the system")),
    ]


def _quality(view: ProgrammeView) -> list[tuple[str, str, str]]:
    """Return shares of the programme beside those of organic newcomers; nothing where these are not known."""
    organic, numbers = view.organic, view.numbers
    if organic is None:
        return []
    n, all_ = numbers.newcomers, organic.newcomers
    return [
        (_("Left within a day"), _share(numbers.left_at_once, n), _share(organic.left_at_once, all_)),
        (_("Still there, or not decided"), _share(numbers.kept + numbers.open, n), _share(organic.kept, all_)),
        (_("Bought within 7 days"), _share(numbers.ordered, n), _share(organic.ordered, all_)),
    ]


def _told(one: PauseView) -> dict[str, Any]:
    return {
        "one": one,
        "why": _(REASONS[one.reason]),
        "saved": formats.money(one.saved_fen) if one.saved_fen else "",
        "lost": formats.money(one.numbers.lost_fen) if one.numbers.lost_fen else "",
        "numbers": _("%(n)s came, %(left)s left, %(at_once)s of them within a day; a kept one costs %(cost)s.")
        % {
            "n": formats.number(one.numbers.newcomers),
            "left": formats.number(one.numbers.left),
            "at_once": formats.number(one.numbers.left_at_once),
            "cost": cost_words(one.numbers),
        },
    }


def _place(request: StaffRequest, view: ProgrammeView) -> str:
    """Return where the programme itself is looked after; empty where this door does not know its room, or the reader may not."""
    kind, _colon, key = view.key.partition(":")
    address, permission = _PLACES.get(kind, ("", ""))
    if not address or not (key.isascii() and key.isdigit()) or not request.actor.can(permission):
        return ""
    return reverse(address, args=[int(key)])


def _before(view: ProgrammeView) -> str:
    """Return who came before anything was stated, and what that means for the figures; empty where nobody did."""
    if not view.came_before or not view.brings_newcomers:
        return ""
    told = _(
        "%(n)s people came by it before its costs were stated. What they cost, as far as it is known, is part of what was spent; "
        "they stand in no other figure. Costs of nobody in particular, such as posters, are shared with them."
    )
    return filled(told, {"n": formats.number(view.came_before)})


def _sheet(found: tuple[ProgrammeView, ...]) -> Sheet:
    titles = [
        _("Programme"), _("Name"), _("State"), _("Newcomers"), _("Kept"), _("Left"), _("Left within a day"), _("Cost"),
        _("A kept one costs at least"), _("Worth of a kept newcomer"), _("Budget"), _("Spent so far"), _("For newcomers"), _("Came before"),
    ]  # fmt: skip
    return Sheet(spoken(N_("Growth economics")), titles, _lines(found))


def _lines(found: tuple[ProgrammeView, ...]) -> Iterator[list[Any]]:
    for view in found:
        numbers = view.numbers
        low = None if numbers.low_fen is None else from_minor(numbers.low_fen)
        worth = from_minor(view.worth_fen) if view.brings_newcomers else None
        yield [
            view.key, view.title, state_words(view)[0], numbers.newcomers, numbers.kept, numbers.left, numbers.left_at_once,
            from_minor(numbers.cost_fen), low, worth, from_minor(view.budget_fen), from_minor(view.spent_fen),
            _("yes") if view.brings_newcomers else _("no"), view.came_before,
        ]  # fmt: skip
