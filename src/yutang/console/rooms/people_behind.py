"""The people behind a figure: who bought in the days shown, of a group or a platform, who of a month came back, who is in a fifth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import Asked, asked_by, compared, day_asked, number_asked, store_chosen
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.foundation.replica import reads_reports
from yutang.insight import queries
from yutang.kit.text import N_, filled

_PAGE = 50
#: Months after the first one that are asked about at most.
_MOST_MONTHS = 120
#: Days that are asked about at most.
_LONGEST = timedelta(days=400)
#: What the people of a platform's traffic are called, by side.
_TRAFFIC = {
    "all": N_("Who ordered?"),
    "earlier": N_("Who had bought before?"),
    "newcomers": N_("Who bought for the first time?"),
}
_FIFTHS = (N_("Best fifth"), N_("Second fifth"), N_("Third fifth"), N_("Fourth fifth"), N_("Last fifth"))
_BY = ("all", "region", "store", "staff", "channel")


@dataclass(frozen=True)
class _Figure:
    """The figure whose people are asked for.

    Attributes:
        title: the question that the page answers.
        subtitle: days, place and channel.
        back: the page that shows the figure.
        found: asks for a page of people.
        is_value: whether the amounts are values of the coming year instead of what was spent.
        is_of_period: whether orders and amounts are those of the days shown; sales that name nobody stand behind the figure too.
    """

    title: str
    subtitle: str
    back: str
    found: Any
    is_value: bool = False
    is_of_period: bool = False

    @property
    def words(self) -> tuple[str, str]:
        """What orders and amounts are called."""
        if self.is_of_period:
            return _("Orders in the period"), _("Spent in the period")
        return _("Orders"), _("Value of the coming year") if self.is_value else _("Spent")


@room("insight.view", "customers.view")
@reads_reports
def people_behind(request: StaffRequest) -> HttpResponseBase:
    """Show the people behind the figure that the address names."""
    asked = asked_by(request)
    figure = _figure(request, asked)
    if sheet_asked(request):
        found = figure.found(None, listed.MOST_PEOPLE)
        return sheet_answer(
            request, listed.of_buyers(request.actor, figure.title.rstrip("?？"), found, words=figure.words)
        )
    page = figure.found(request.GET.get("after"), _PAGE)
    known = people.customer_rows(access=request.actor, ids=[one.customer_id for one in page.buyers])
    context = {
        "heading": figure.title,
        "subtitle": figure.subtitle,
        "summary": _value_summary(page) if figure.is_value else _summary(page),
        "orders_word": figure.words[0],
        "amount_word": figure.words[1],
        "only_known": figure.is_of_period and page.besides is None,
        "besides": _besides(page.besides, page.currency) if page.besides else [],
        "back": figure.back,
        "rows": [_row(one, known[one.customer_id], page.currency) for one in page.buyers if one.customer_id in known],
        "has_spend": page.spend_minor is not None,
        "next": page.next_key,
        "later": bool(request.GET.get("after")),
        "may_take": may_take_people(request),
    }
    return render(request, "console/dashboard/people.html", context)


def _figure(request: StaffRequest, asked: Asked) -> _Figure:
    given = request.GET
    if given.get("cohort"):
        return _cohort(request, asked)
    if given.get("fifth", "") in set("01234"):
        return _fifth(request, asked, int(given["fifth"]))
    if given.get("traffic") in _TRAFFIC:
        return _traffic(request, asked, given["traffic"], given.get("platform", "")[:40])
    return _bought(request, asked)


def _fifth(request: StaffRequest, asked: Asked, fifth: int) -> _Figure:
    """Return who is in a fifth of the customers by value, or who of it is in danger."""
    in_danger = request.GET.get("danger") == "yes"
    stores = None if asked.store_id is None else [asked.store_id]

    def found(after: str | None, limit: int) -> queries.Buyers:
        return queries.value_fifth_people(
            access=request.actor, fifth=fifth, in_danger=in_danger, store_ids=stores, after=after, limit=limit
        )

    danger = _("at risk or asleep") if in_danger else ""
    place = store_chosen(request.actor, asked.stores, asked.store_id)
    back = reverse("value") + ("?" + urlencode({"store": asked.store_id}) if asked.store_id else "")
    subtitle = " · ".join(filter(None, (_(_FIFTHS[fifth]), danger, place)))
    return _Figure(_("Who is in this fifth by value?"), subtitle, back, found, is_value=True)


def _traffic(request: StaffRequest, asked: Asked, side: str, platform: str) -> _Figure:
    """Return who is behind a number of a platform's traffic."""
    period, _before = compared(request, asked)

    def found(after: str | None, limit: int) -> queries.Buyers:
        return queries.traffic_people(
            access=request.actor,
            today=asked.today,
            period=period,
            side=side,
            platform=platform,
            store_ids=asked.store_ids,
            after=after,
            limit=limit,
        )

    cost = queries.traffic_cost(access=request.actor, today=asked.today, period=period, store_ids=asked.store_ids)
    name = next((spoken(one.name) for one in cost.channels if one.platform == platform), "") or _("Unknown")
    days = _("%(start)s to %(end)s") % {"start": formats.day(period.start), "end": formats.day(period.last_day)}
    back = reverse("dashboard-traffic") + asked.keep()
    return _Figure(_(_TRAFFIC[side]), " · ".join((name, days, asked.store_name)), back, found, is_of_period=True)


def _bought(request: StaffRequest, asked: Asked) -> _Figure:
    """Return who bought in the period, or on some days of it, of a group of a breakdown."""
    by = request.GET.get("by", "")
    by = by if by in _BY else "all"
    group = request.GET.get("group")
    period = _days(request, asked) or compared(request, asked)[0]
    comparison = queries.Comparison(
        period, by=by, formula="buyers", store_ids=asked.store_ids, channel=asked.channel  # type: ignore[arg-type]
    )  # fmt: skip

    def found(after: str | None, limit: int) -> queries.Buyers:
        return queries.buyers_of(
            access=request.actor, today=asked.today, asked=comparison, group_key=group, after=after, limit=limit
        )

    name = _group_name(request, asked, comparison, group) if by != "all" else ""
    days = _("%(start)s to %(end)s") % {"start": formats.day(period.start), "end": formats.day(period.last_day)}
    if period.start == period.last_day:
        days = formats.day(period.start)
    page = "dashboard-where" if by != "all" else "dashboard"
    back = reverse(page) + asked.keep(**({"by": by} if by != "all" else {}))
    subtitle = " · ".join(filter(None, (name, days, asked.place)))
    return _Figure(_("Who bought?"), subtitle, back, found, is_of_period=True)


def _cohort(request: StaffRequest, asked: Asked) -> _Figure:
    """Return who first bought in a month, and again so many months later."""
    month, offset = request.GET.get("cohort", ""), number_asked(request.GET.get("offset", "")) or 0

    def found(after: str | None, limit: int) -> queries.Buyers:
        return queries.cohort_people(
            access=request.actor,
            today=asked.today,
            month=month,
            offset=min(offset, _MOST_MONTHS),
            store_ids=asked.store_ids,
            channel=asked.channel,
            after=after,
            limit=limit,
        )

    title = _("Who came back?") if offset else _("Who bought for the first time?")
    first = _("First order in %(month)s") % {"month": month[:7]}
    later = _("and again %(n)s months later") % {"n": formats.number(offset)} if offset else ""
    return _Figure(
        title, " · ".join(filter(None, (first, later, asked.place))), reverse("dashboard") + asked.keep(), found
    )


def _days(request: StaffRequest, asked: Asked) -> queries.Period | None:
    """Return the days that the address names instead of the period; None where it names none that can be."""
    first, last = (day_asked(request.GET.get(name, ""), asked.today) for name in ("from", "to"))
    if first is None or last is None or not first <= last <= min(asked.today, first + _LONGEST):
        return None
    return queries.Period(first, last + timedelta(days=1))


def _group_name(request: StaffRequest, asked: Asked, comparison: queries.Comparison, group: str | None) -> str:
    change = queries.sales_change(
        access=request.actor, today=asked.today, asked=replace(comparison, now=comparison.now, formula="buyers")
    )
    return next((spoken(one.name) for one in change.groups if one.key == group), "")


def _summary(page: queries.Buyers) -> str:
    if page.spend_minor is None:
        return _("%(n)s customers") % {"n": formats.number(page.count)}
    return _("%(n)s customers with %(orders)s orders over %(amount)s, less refunds") % {
        "n": formats.number(page.count),
        "orders": formats.number(page.orders or 0),
        "amount": formats.whole_money(page.spend_minor, page.currency),
    }


def _besides(rest: queries.Besides, currency: str) -> list[str]:
    """Return why the list is smaller than the figure that led to it, a sentence a reason; none where it is not."""
    nameless = ngettext(
        "Another %(n)s order over %(amount)s names no customer.",
        "Another %(n)s orders over %(amount)s name no customer.",
        rest.nameless_orders,
    )
    elsewhere = ngettext(
        "Another %(n)s order over %(amount)s is of a customer of other stores.",
        "Another %(n)s orders over %(amount)s are of customers of other stores.",
        rest.elsewhere_orders,
    )
    told = (
        (nameless, rest.nameless_orders, rest.nameless_minor),
        (elsewhere, rest.elsewhere_orders, rest.elsewhere_minor),
    )
    return [
        filled(sentence, {"n": formats.number(orders), "amount": formats.whole_money(minor, currency)})
        for sentence, orders, minor in told
        if orders
    ]


def _value_summary(page: queries.Buyers) -> str:
    return _("%(n)s customers who are expected to bring %(amount)s in the coming year") % {
        "n": formats.number(page.count),
        "amount": formats.whole_money(page.spend_minor or 0, page.currency),
    }


def _row(one: queries.Buyer, person: Any, currency: str) -> dict[str, Any]:
    return {
        "id": one.customer_id,
        "name": spoken_name(person.name),
        "store": person.store_name,
        "orders": one.orders,
        "spend": None if one.spend_minor is None else formats.whole_money(one.spend_minor, currency),
        "last": one.last_date,
    }
