"""One customer in full: identifiers, orders, spend, timeline, scores with reasons, tags, consent, merges."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.evidence import evidence_words
from yutang.console.rooms.asked import known_before, number_asked
from yutang.console.rooms.customer_coupons import coupons_shown
from yutang.console.rooms.customer_friends import friendships_shown
from yutang.console.rooms.customer_timeline import timeline_of
from yutang.console.rooms.customer_visits import paid_beside_orders, visits_shown
from yutang.console.rooms.customers import tag_groups
from yutang.console.rooms.visits_check_in import balance_shown
from yutang.console.sentences import spoken, spoken_name
from yutang.console.words import (
    CHANNELS,
    IDENTIFIERS,
    PURPOSES,
    TAG_ORIGINS,
    WORDINGS,
    identifier_label,
    scope_label,
    stage_label,
)
from yutang.customers import queries as people
from yutang.customers import views
from yutang.insight import queries as insight
from yutang.kit.money import from_minor
from yutang.kit.text import N_, filled
from yutang.orders import queries as orders

_ORDERS = 10
_GENDERS = {"m": N_("Male"), "f": N_("Female")}
#: Tone of an order's status by its code.
_TONES = {0: "plain", 10: "plain", 20: "info", 30: "info", 40: "accent", 50: "warn", 60: "down"}
_UNMASK_REASONS = {
    "call": N_("To call back"),
    "delivery": N_("Delivery or after-sales"),
    "check": N_("To check identity"),
    "request": N_("The customer asked"),
}


@room("customers.view")
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show one person in full, masked."""
    card = people.customer_card(access=request.actor, customer_id=customer_id)
    if card.merged_into_id is not None:
        return redirect("customers-one", card.merged_into_id)
    return render(request, "console/customers/one.html", _whole(request, card))


def identifiers(request: StaffRequest, customer_id: int) -> list[dict[str, Any]]:
    """Return what the person is recognised by, masked, with words and icons."""
    found = people.identifiers_of(access=request.actor, customer_id=customer_id)
    return [identifier(one.kind, one.scope, one.value, contested=is_shared(one)) for one in found]


def is_shared(one: views.IdentifierView) -> bool:
    """Return whether the value tells nobody because others were seen with it, who are not this person."""
    return not one.is_key and one.shared_with > 0


def unmask_reasons() -> list[tuple[str, str]]:
    """Return why somebody may look at people in the clear: code and words."""
    return [(code, _(label)) for code, label in _UNMASK_REASONS.items()]


def unmask_reason(request: StaffRequest) -> str:
    """Return the reason that a form gave; empty when it gave none that there is."""
    code = request.POST.get("reason", "")
    return f"{code}: {request.POST.get('note', '').strip()}" if code in _UNMASK_REASONS else ""


def identifier(kind: str, scope: str, value: str, *, contested: bool) -> dict[str, Any]:
    """Return one identifier with its words and icon."""
    drawn = IDENTIFIERS[kind][1] if kind in IDENTIFIERS else "info"
    return {
        "icon": drawn,
        "label": identifier_label(kind),
        "scope": scope_label(scope),
        "value": value,
        "contested": contested,
    }


def _whole(request: StaffRequest, card: views.CustomerCard) -> dict[str, Any]:
    actor = request.actor
    score = insight.score_of(access=actor, customer_id=card.id)
    # What a customer will be worth is for those who see figures of the business.
    worth = insight.value_of(access=actor, customer_id=card.id) if score and actor.can("insight.view") else None
    totals = orders.order_totals_of(access=actor, customer_id=card.id)
    consents = people.consents_of(access=actor, customer_id=card.id)
    merges = people.merge_history_of(access=actor, customer_id=card.id)
    return {
        "person": _person(card, score),
        "tags": [_tag(tag) for tag in card.tags],
        "stats": _stats(totals),
        "facts": [*_facts(card), *paid_beside_orders(request, card.id)],
        "identifiers": identifiers(request, card.id),
        "consents": [_consent(one) for one in consents],
        "friendships": friendships_shown(request, card.id),
        **coupons_shown(request, card.id),
        **visits_shown(request, card.id),
        **balance_shown(request, card.id),
        "merges": [_merge(one, card.id, actor.can("customers.merge")) for one in merges],
        "timeline": timeline_of(request, card, consents, merges),
        **_scores(score, worth),
        **_orders(request, card.id, totals),
        **_next_things(request, card.id),
        **_choices(request),
    }


def _tag(tag: views.TagView) -> dict[str, Any]:
    return {
        "id": tag.id,
        "name": tag.name,
        "origin": _(TAG_ORIGINS.get(tag.origin, tag.origin)),
        "by_hand": tag.origin != "rule",
        "expires_at": tag.expires_at,
    }


def _choices(request: StaffRequest) -> dict[str, Any]:
    return {
        "may_unmask": request.actor.can("customers.unmask"),
        "may_tag": request.actor.can("customers.tag"),
        "may_merge": request.actor.can("customers.merge"),
        "may_erase": request.actor.can("privacy.erase"),
        "unmask_reasons": unmask_reasons(),
        "tag_groups": tag_groups(by_hand=True),
        "purposes": [(code, _(label)) for code, label in PURPOSES.items()],
        "channels": [(code, _(label)) for code, label in CHANNELS.items()],
    }


def _person(card: views.CustomerCard, score: insight.Scorecard | None) -> dict[str, Any]:
    return {
        "id": card.id,
        "name": spoken_name(card.name),
        "contact": card.phones[0] if card.phones else card.emails[0] if card.emails else "",
        "stage": score.stage if score else "",
        "stage_label": stage_label(score.stage) if score else "",
    }


def _stats(totals: orders.OrderTotals) -> list[dict[str, str]]:
    net = totals.total_minor - totals.refunded_minor
    each = formats.compact_money(round(Fraction(net, totals.orders)), totals.currency) if totals.orders else "—"
    return [
        {"metric": "own_spend", "label": _("Spent"), "value": formats.compact_money(net, totals.currency)},
        {"metric": "own_orders", "label": _("Orders"), "value": formats.number(totals.orders)},
        {"metric": "own_order_value", "label": _("Order value"), "value": each},
    ]


def _facts(card: views.CustomerCard) -> list[tuple[str, str]]:
    facts = [
        (_("Store"), card.store_name),
        (_("Known since"), formats.day(timezone.localtime(card.first_seen_at).date())),
        (_("Other names"), " · ".join(card.other_names)),
        (_("Gender"), _(_GENDERS[card.gender]) if card.gender in _GENDERS else ""),
        (_("Birthday"), formats.day_of_year(card.birthday) if card.birthday else ""),
        (_("Lives in"), card.region),
        (_("Sends gifts to"), " · ".join(name for name, _phone in card.contacts)),
    ]
    return [(label, value) for label, value in facts if value]


def _consent(one: views.ConsentView) -> dict[str, Any]:
    return {
        "purpose": _(PURPOSES.get(one.purpose, one.purpose)),
        "channel": _(CHANNELS.get(one.channel, one.channel)),
        "granted": one.granted,
        "occurred_at": one.occurred_at,
        "evidence": evidence_words(one.evidence),
        "wording": _(WORDINGS[one.wording_version]) if one.wording_version in WORDINGS else one.wording_version,
    }


def _merge(one: views.MergeView, customer_id: int, may_undo: bool) -> dict[str, Any]:
    who = spoken_name(one.loser_name)
    by = one.actor_label or _("by rule")
    return {
        "id": one.id,
        "reason": spoken(one.reason),
        "text": f"{who} (#{one.loser_id}) · {by}",
        "merged_at": one.merged_at,
        "undone_at": one.undone_at,
        "may_undo": may_undo and one.can_be_undone and one.winner_id == customer_id,
    }


def _scores(score: insight.Scorecard | None, worth: insight.ValueCard | None) -> dict[str, Any]:
    if score is None:
        return {"scores": [], "scores_as_of": ""}
    silent = _("No order yet.")
    if score.recency_days is not None:
        silent = filled(_("Bought %(n)s days ago."), {"n": formats.number(score.recency_days)})
    spent = _("%(amount)s after refunds.") % {"amount": formats.money(score.spend_minor, score.currency)}
    days = filled(
        _("%(n)s orders on %(days)s days."),
        {
            "n": formats.number(score.orders),
            "days": formats.number(score.order_days),
        },
    )
    grade = _("%(n)s of 5")
    scores = [
        _score("stage", _("Stage"), stage_label(score.stage), spoken(score.reason)),
        _score("recency", _("Recency"), grade % {"n": score.r or "—"}, silent, score.r),
        _score(
            "frequency", _("Frequency"), grade % {"n": score.f or "—"}, formats.sentences(days, _rhythm(score)), score.f
        ),
        _score("money", _("Money"), grade % {"n": score.m or "—"}, spent, score.m),
    ]
    fresh = known_before(score.as_of)
    return {
        "scores": [*scores, *_values(worth)],
        "scores_as_of": formats.day_before(score.as_of),
        "fresh": {"scores": fresh, "values": fresh if worth else ""},
    }


def _score(metric: str, label: str, value: str, reason: str, steps: int | None = None) -> dict[str, Any]:
    return {"metric": metric, "label": label, "value": value, "steps": steps, "reason": reason}


def _rhythm(score: insight.Scorecard) -> str:
    if score.rhythm_days is None:
        return _("Too few order days for a rhythm of one's own.")
    values = {"n": formats.number(score.rhythm_days)}
    # A single pause is no habit yet.
    if score.order_days == 2:
        return filled(_("They lie %(n)s days apart: no rhythm of one's own yet."), values)
    return filled(_("Usually %(n)s days between order days."), values)


def _values(worth: insight.ValueCard | None) -> list[dict[str, Any]]:
    """Return what is expected of the customer, with the reasons; empty where no model is fitted."""
    if worth is None:
        return []
    why = filled(
        _("%(orders)s orders expected at %(order)s each; in four of five cases between %(low)s and %(high)s."),
        {
            "orders": formats.number(round(worth.orders_365, 1)),
            "order": formats.whole_money(worth.order_minor, worth.currency),
            "low": formats.whole_money(worth.low_minor, worth.currency),
            "high": formats.whole_money(worth.high_minor, worth.currency),
        },
    )
    return [
        _score(
            "customer_value",
            _("Value of the coming year"),
            formats.whole_money(worth.value_minor, worth.currency),
            why,
        ),
        _score("next_order", _("Next order"), formats.day(worth.next_order_date), _window(worth)),
    ]


def _window(worth: insight.ValueCard) -> str:
    if worth.next_order_date is None or worth.next_from_date is None:
        return _("Too few order days to say when.")
    begins = formats.day(worth.next_from_date)
    if worth.next_to_date is None:
        return _("If still a customer: half of those like this one order again by then, one in ten by %(day)s.") % {
            "day": begins
        }
    said = _(
        "If still a customer: half of those like this one order again by then, four in five from %(from)s to %(to)s."
    )
    return said % {"from": begins, "to": formats.day(worth.next_to_date)}


def _next_things(request: StaffRequest, customer_id: int) -> dict[str, Any]:
    if not request.actor.can("insight.view"):
        return {"may_see_next": False}
    today = timezone.localdate(request.now)
    found = insight.next_things_for(access=request.actor, customer_id=customer_id, today=today)
    reason = _(
        "%(n)s of %(all)s people who came back after “%(product)s” bought it next: %(times)s times as often as others."
    )
    return {
        "may_see_next": True,
        "next_reason": spoken(found.reason),
        "next_things": [
            {
                "product": each.following,
                "reason": reason
                % {
                    "n": formats.number(each.both),
                    "all": formats.number(each.first_people),
                    "product": each.first,
                    "times": f"{each.lift:.1f}",
                },
            }
            for each in found.things
        ],
    }


def _orders(request: StaffRequest, customer_id: int, totals: orders.OrderTotals) -> dict[str, Any]:
    before = request.GET.get("orders_before", "")
    found = orders.orders_of(
        access=request.actor,
        customer_id=customer_id,
        before_id=number_asked(before),
        limit=_ORDERS + 1,
    )
    return {
        "orders": [_order(one) for one in found[:_ORDERS]],
        "orders_next": found[_ORDERS - 1].id if len(found) > _ORDERS else None,
        "order_count": totals.orders,
        **_spend(orders.spend_by_month(access=request.actor, customer_id=customer_id), totals.currency),
    }


def _order(one: orders.OrderView) -> dict[str, Any]:
    where = [scope_label(one.platform), one.shop_name, one.store_name, one.channel]
    return {
        "number": one.number,
        "where": " · ".join(dict.fromkeys(part for part in where if part)),
        "status": one.status_label,
        "tone": _TONES.get(int(one.status), "plain"),
        "at": one.placed_at,
        "total_minor": one.total_minor,
        "refunded_minor": one.refunded_minor,
        "currency": one.currency,
        "lines": one.lines,
    }


def _spend(months: list[tuple[date, int, int]], currency: str) -> dict[str, Any]:
    if not months:
        return {"spend": None}
    worth = {month.strftime("%Y-%m"): net for month, _count, net in months}
    first, last = months[0][0], months[-1][0]
    span = [
        f"{number // 12:04d}-{number % 12 + 1:02d}"
        for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    ][-36:]
    values = [float(from_minor(worth.get(month, 0), currency=currency)) for month in span]
    best = max(worth, key=lambda month: worth[month])
    words = _("Spent by month; most in %(month)s: %(amount)s.")
    return {
        "spend": {"months": span, "values": values, "currency": currency},
        "spend_words": words % {"month": best, "amount": formats.money(worth[best], currency)},
    }
