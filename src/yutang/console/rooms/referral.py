"""The room of referral: every programme with what became of its friends, one in full, invitations for customers, and held ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.beside_programmes import economics_of, guard_of
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.coupons.queries import kind_names
from yutang.customers import queries as people
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor
from yutang.kit.text import N_, filled
from yutang.referral import actions, queries
from yutang.referral.queries import DEED_TITLES, INVITATION_TITLES
from yutang.referral.views import InvitationView, InviterView, ProgrammeView

#: What a programme's state is called.
_STATES = {"draft": N_("Draft"), "open": N_("Takes friends"), "closed": N_("Closed")}
#: Friends that a page shows.
_MOST, _SHEET = 50, 200
#: What an answer of the guard means for a friend.
_MEANS = {
    "slow": N_("They read that they may try again in a moment; who does is judged anew. Nothing is to be done."),
    "review": N_("Held: nobody gets anything until somebody decides, here or at the guard."),
    "refuse": N_("Does not count, and brings nobody anything. Whoever it was may ask for another look."),
}
_TONES = {"came": "info", "done": "accent", "lapsed": "plain", "reversed": "warn", "held": "warn", "refused": "down"}


class CustomerIsMissing(DomainError):
    """Nobody was named for whom to invite."""

    code = "referral_customer_is_missing"
    http_status = 422
    message = N_("Write the number of the customer who invites, as their page shows it.")


@room("referral.view")
def programmes(request: StaffRequest) -> HttpResponseBase:
    """Show every programme, the open ones first."""
    found = queries.programmes(access=request.actor)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found))
    return render(request, "console/referral/programmes.html", {"rows": [_row(one) for one in found]})


@room("referral.view")
def programme(request: StaffRequest, referral_id: int) -> HttpResponseBase:
    """Show one programme: what it promises, who invites, who came."""
    if sheet_asked(request):
        view = queries.programme_view(access=request.actor, programme_id=referral_id)
        return sheet_answer(request, _friends_sheet(request, view))
    return _page(request, referral_id)


@room("referral.invite", "referral.view")
@require_POST
def invite(request: StaffRequest, referral_id: int) -> HttpResponse:
    """Make the links of a customer, or make them an ambassador, and show the links."""
    customer_id = number_asked(request.POST.get("customer", "").strip())
    if not customer_id:
        raise CustomerIsMissing
    act = actions.name_ambassador if request.POST.get("ambassador") == "on" else actions.invite
    inviter_id = act(actor=request.actor, programme_id=referral_id, customer_id=customer_id, now=request.now)
    links = queries.links_of(access=request.actor, inviter_id=inviter_id)
    return _page(request, referral_id, links=links)


@room("referral.change")
@require_POST
def decide(request: StaffRequest, referred_id: int) -> HttpResponse:
    """Let a held invitation count, or refuse it."""
    view = queries.invitation_view(access=request.actor, invitation_id=referred_id)
    is_right = request.POST.get("decision") == "allow"
    reason = request.POST.get("reason", "")
    actions.decide_held(
        actor=request.actor, invitation_id=referred_id, is_right=is_right, reason=reason, now=request.now
    )
    messages.success(request, _("It counts now.") if is_right else _("It was refused."))
    return redirect("referral-one", view.programme_id)


def state_words(view: ProgrammeView) -> tuple[str, str]:
    """Return what a programme's state is called, and its tone."""
    if view.is_paused and view.state == "open":
        return _("Paused by the guard"), "down"
    return _(_STATES[view.state]), "accent" if view.state == "open" else "plain"


def gift_words(view: ProgrammeView) -> str:
    """Return what a programme gives to both."""
    names, terms = kind_names(), view.terms
    parts = []
    if terms.friend_coupon:
        parts.append(_("friend: %(gift)s") % {"gift": names.get(terms.friend_coupon, terms.friend_coupon)})
    if terms.inviter_coupon:
        parts.append(_("who invites: %(gift)s") % {"gift": names.get(terms.inviter_coupon, terms.inviter_coupon)})
    if terms.commission_percent:
        parts.append(
            _("commission %(percent)s%%, at most %(most)s")
            % {"percent": terms.commission_percent, "most": formats.money(terms.commission_most_fen)}
        )
    return " · ".join(parts)


def _page(request: StaffRequest, referral_id: int, *, links: tuple[str, str] | None = None) -> HttpResponse:
    view = queries.programme_view(access=request.actor, programme_id=referral_id)
    held = queries.invitations(access=request.actor, programme_id=referral_id, state="held")
    after = number_asked(request.GET.get("after", ""))
    some = queries.invitations(access=request.actor, programme_id=referral_id, after_key=after, limit=_MOST + 1)
    found = some[:_MOST]
    inviters = queries.best_inviters(access=request.actor, programme_id=referral_id, limit=12)
    names = _names(request, [*held, *found], inviters)
    context = {
        "view": view,
        "row": _row(view),
        "tiles": _tiles(view),
        "facts": [*_facts(view), *_budget_facts(request, view)],
        "held": [_friend(one, names) for one in held],
        "friends": [_friend(one, names) for one in found],
        "inviters": [(one, names.get(one.customer_id or 0, "")) for one in inviters],
        "links": links,
        "next": found[-1].id if len(some) > _MOST else None,
        "may_take": may_take_people(request),
        "counts_chain": request.actor.store_ids is None,
        **economics_of(request, view.economics),
        **guard_of(request, view.economics, means=_MEANS),
    }
    return render(request, "console/referral/programme.html", context)


def _row(view: ProgrammeView) -> dict[str, Any]:
    state, tone = state_words(view)
    tally = view.tally
    return {
        "view": view,
        "state": state,
        "tone": tone,
        "deed": _(DEED_TITLES[view.terms.deed]),
        "gifts": gift_words(view),
        "ratio": formats.percent(tally.done / tally.friends, 0) if tally.friends else "—",
    }


def _tiles(view: ProgrammeView) -> list[dict[str, Any]]:
    tally = view.tally
    return [
        {
            "metric": "referral_friends",
            "value": formats.number(tally.friends),
            "note": _("%(n)s of them too late") % {"n": formats.number(tally.lapsed)},
            "lead": True,
        },
        {
            "metric": "referral_done",
            "value": formats.number(tally.done),
            "note": _("%(n)s given back") % {"n": formats.number(tally.reversed)},
        },
        {
            "metric": "referral_given",
            "value": formats.number(tally.given),
            "note": _("%(held)s held, %(refused)s refused")
            % {"held": formats.number(tally.held), "refused": formats.number(tally.refused)},
        },
        {
            "metric": "referral_inviting",
            "value": formats.number(tally.inviters),
            "note": _("%(n)s friends each")
            % {"n": formats.number(round(tally.friends / tally.inviters, 1)) if tally.inviters else "—"},
        },
    ]


def _facts(view: ProgrammeView) -> list[tuple[str, str]]:
    terms = view.terms
    deed = _(DEED_TITLES[terms.deed])
    if terms.least_order_fen:
        deed = _("%(deed)s, from %(least)s on") % {"deed": deed, "least": formats.money(terms.least_order_fen)}
    days = N_("%(n)s days")
    return [
        (_("What the friend does"), deed),
        (_("What both get"), gift_words(view)),
        (_("Days that the friend has"), filled(_(days), {"n": terms.valid_days})),
        (_("Return window"), filled(_(days), {"n": terms.return_days})),
        (
            _("Friends that count"),
            _("%(most)s for one person, %(ambassador)s for an ambassador")
            % {"most": formats.number(terms.most_friends), "ambassador": formats.number(terms.most_of_ambassador)},
        ),
        (_("Levels"), _("one: only whoever invited the friend")),
    ]


def _budget_facts(request: StaffRequest, view: ProgrammeView) -> list[tuple[str, str]]:
    """Return how many more friends the budget is enough for, in the whole chain; the money itself only to who may see what friends cost."""
    actor, asked = request.actor, {"programme_id": view.id, "budget_fen": view.terms.budget_fen}
    if not actor.can("economics.view"):
        more = queries.more_friends(access=actor, **asked)
        title = (
            _("More friends that there is room for")
            if actor.store_ids is None
            else _("More friends, of the whole chain")
        )
        return [] if more is None else [(title, _more_words(more))]
    stated = (_("Budget"), formats.money(view.terms.budget_fen))
    found = queries.budget_of(access=actor, **asked)
    if found is None:
        return [stated]
    return [
        stated,
        (_("Spent so far"), formats.money(found.spent_fen)),
        (_("Promised to friends on the way, at most"), formats.money(found.promised_fen)),
        (_("More friends that the rest is enough for"), _more_words(found.more)),
    ]


def _more_words(more: queries.MoreFriends) -> str:
    """Return how many more friends there is room for, and that the coupons end before the money where they do."""
    if more.by_coupons:
        return _("%(n)s: so many coupons are left") % {"n": formats.number(more.count)}
    return formats.number(more.count)


def _friend(one: InvitationView, names: dict[int, str]) -> dict[str, Any]:
    given = [reward.role for reward in one.rewards if reward.state == "given"]
    return {
        "one": one,
        "friend": names.get(one.friend_id or 0, ""),
        "inviter": names.get(one.inviter_customer_id or 0, ""),
        "state": _(INVITATION_TITLES[one.state]),
        "tone": _TONES[one.state],
        "given": formats.listed([_("the friend") if role == "friend" else _("who invited") for role in given]),
        "reasons": formats.sentences(*(spoken(reason) for reason in one.reasons)),
    }


def _names(request: StaffRequest, found: list[InvitationView], inviters: tuple[InviterView, ...]) -> dict[int, str]:
    """Return what people are called, where the reader may see people."""
    if not request.actor.can("customers.view"):
        return {}
    keys = {one.friend_id for one in found} | {one.inviter_customer_id for one in found}
    keys |= {one.customer_id for one in inviters}
    known = people.customer_rows(access=request.actor, ids=[key for key in keys if key is not None])
    return {key: spoken_name(row.name) for key, row in known.items()}


def _friends_sheet(request: StaffRequest, view: ProgrammeView) -> Sheet:
    titles = [
        _("Number"),
        _("Friend"),
        _("Number of who invited"),
        _("Invited by"),
        _("State"),
        _("Came"),
        _("Did it on"),
    ]
    titles += [_("Order"), _("Currency"), _("Got something")]
    return Sheet(view.name, titles, _friend_lines(request, view.id), of_people=True)


def _friend_lines(request: StaffRequest, programme_id: int) -> Iterator[list[Any]]:
    after: int | None = None
    while True:
        page = queries.invitations(access=request.actor, programme_id=programme_id, after_key=after, limit=_SHEET)
        names = _names(request, list(page), ())
        for one in page:
            row = _friend(one, names)
            order = from_minor(one.order_fen, currency="CNY") if one.order_fen else None
            yield [
                one.friend_id, row["friend"], one.inviter_customer_id, row["inviter"], row["state"], one.came_at, one.done_at,
                order, "CNY", row["given"],
            ]  # fmt: skip
        if len(page) < _SHEET:
            return
        after = page[-1].id


def _sheet(found: tuple[ProgrammeView, ...]) -> Sheet:
    titles = [
        _("Programme"), _("State"), _("What the friend does"), _("Inviting"), _("Friends who came"), _("Did it"), _("Given back"),
        _("Held for a look"), _("Turned down"), _("Benefits given"),
    ]  # fmt: skip
    return Sheet(_("Referral"), titles, _lines(found))


def _lines(found: tuple[ProgrammeView, ...]) -> Iterator[list[Any]]:
    for view in found:
        tally = view.tally
        yield [
            view.name, state_words(view)[0], _(DEED_TITLES[view.terms.deed]), tally.inviters, tally.friends, tally.done,
            tally.reversed, tally.held, tally.refused, tally.given,
        ]  # fmt: skip
