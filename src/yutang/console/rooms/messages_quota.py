"""What the platforms still let through: places of customers and groups in WeCom, calls of its API, short messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.channels import queries
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import messages_words as words
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.asked_when import asked_when_shown
from yutang.console.rooms.messages_named import names_for
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.kit.text import N_
from yutang.wecom.calls import api_calls
from yutang.wecom.views import ApiCalls

_PAGE, _MOST_IN_A_SHEET, _AT_ONCE = 50, 20_000, 1_000
_DAYS = 30
#: APIs that have a colour of their own in the picture; the others share one.
_SHOWN_APIS = 4
_TONES = ("accent", "info", "plum", "warn", "ink3")
_TITLES = {"wecom": (N_("Customers"), "accent"), "group": (N_("Groups"), "info")}
#: Settings that decide how much is sent, as the page links them.
_SETTINGS = (
    ("channels.wecom_person_most", N_("WeCom's limit for one customer")),
    ("channels.wecom_group_most", N_("WeCom's limit for one group")),
    ("channels.customers_a_task", N_("Customers of one task")),
    ("delivery.task_hours", N_("Hours that staff have")),
)
_GATEWAYS = {"aliyun": N_("Aliyun"), "tencent": N_("Tencent Cloud")}


@room("channels.view")
def quota(request: StaffRequest) -> HttpResponse:
    """Show how much of each limit is used, who has nothing left, and when places come back."""
    places = {one.channel: one for one in queries.places_used(access=request.actor, now=request.now)}
    calls = api_calls(access=request.actor, now=request.now)
    days = queries.handed_by_day(access=request.actor, days=_DAYS, now=request.now)
    gateway = queries.sms_gateway(access=request.actor)
    context = {
        "tab": "quota",
        "asked_when": asked_when_shown(request, url=reverse("messages-quota-asked"), page=request.path),
        "tiles": _tiles(places, calls),
        "places": [_place(one) for one in places.values()],
        "days": _days_picture(days),
        "days_words": _days_words(days),
        "calls": [_call(one) for one in calls],
        "minutes": _minutes_picture(request, calls),
        "minutes_words": _minutes_words(calls),
        "settings": [
            (_(title), reverse("settings-change", args=[key]) + f"#{_anchor(key)}") for key, title in _SETTINGS
        ],
        "may_set": request.actor.can("settings.manage"),
        "gateway": _(_GATEWAYS[gateway]) if gateway in _GATEWAYS else "",
    }
    return render(request, "console/messages/quota.html", context)


@room("channels.view")
def without(request: StaffRequest) -> HttpResponseBase:
    """Show who has no place left in the present period: customers or groups, a page by key."""
    channel = "group" if request.GET.get("channel") == "group" else "wecom"
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, channel))
    after = number_asked(request.GET.get("after", "")) or 0
    found = queries.receivers_without_places(
        access=request.actor, channel=channel, after_key=after, limit=_PAGE + 1, now=request.now
    )
    period = queries.present_period(access=request.actor, channel=channel, now=request.now)
    context = {
        "tab": "quota",
        "channel": channel,
        "rows": _receivers(request, found[:_PAGE]),
        "next": found[_PAGE - 1].id if len(found) > _PAGE else None,
        "later": after > 0,
        "period": period,
        "period_title": _(words.PERIODS[period.period]) if period else "",
        "may_take": may_take_people(request),
    }
    return render(request, "console/messages/without.html", context)


def _tiles(places: Mapping[str, queries.Places], calls: Sequence[ApiCalls]) -> list[dict[str, Any]]:
    person, group = places["wecom"], places["group"]
    busiest = max(calls, key=lambda one: one.minute / one.minute_most, default=None)
    closed = sum(one.closed_until is not None for one in calls)
    share = formats.percent(busiest.minute / busiest.minute_most) if busiest else "—"
    name = words.api_title(busiest.api) if busiest else _("nothing was asked within an hour")
    return [
        {
            "metric": "quota_people",
            "value": _counted(person.without, is_more=person.is_more),
            "note": _("come back %(at)s") % {"at": formats.moment(person.ends_at)},
            "url": reverse("messages-without") + "?channel=wecom" if person.without else "",
            "lead": True,
        },
        {
            "metric": "quota_groups",
            "value": _counted(group.without, is_more=group.is_more),
            "note": _("come back %(at)s") % {"at": formats.moment(group.ends_at)},
            "url": reverse("messages-without") + "?channel=group" if group.without else "",
        },
        {"metric": "quota_minute", "value": share, "note": name},
        {
            "metric": "quota_closed",
            "value": formats.number(closed),
            "note": ngettext("of %(n)s that was called", "of %(n)s that were called", len(calls))
            % {"n": formats.number(len(calls))},
        },
    ]


def _counted(count: int, *, is_more: bool) -> str:
    return _("over %(n)s") % {"n": formats.compact_number(count)} if is_more else formats.number(count)


def _place(one: queries.Places) -> dict[str, Any]:
    """Return the use of a period as a row of parts: how many have how many places left."""
    left: dict[int, int] = {}
    for used, count in one.used.items():
        left[max(one.most - used, 0)] = left.get(max(one.most - used, 0), 0) + count
    return {
        "one": one,
        "title": _(_TITLES[one.channel][0]),
        "period": _(words.PERIODS[one.period]),
        "of_groups": one.channel == "group",
        "receivers": _counted(one.receivers, is_more=one.is_more),
        "without": _counted(one.without, is_more=one.is_more),
        "left": [(formats.number(places), formats.number(count)) for places, count in sorted(left.items())],
        "url": reverse("messages-without") + f"?channel={one.channel}" if one.without else "",
    }


def _days_picture(days: Mapping[str, Mapping[date, int]]) -> dict[str, Any]:
    if not any(count for by_day in days.values() for count in by_day.values()):
        return {}
    return {
        "days": [day.isoformat() for day in next(iter(days.values()))],
        "series": [
            {"name": _(_TITLES[channel][0]), "tone": _TITLES[channel][1], "values": list(by_day.values())}
            for channel, by_day in days.items()
        ],
        "words": {"week": "%"},
    }


def _days_words(days: Mapping[str, Mapping[date, int]]) -> str:
    people, groups = (sum(days[channel].values()) for channel in ("wecom", "group"))
    return _("In 30 days WeCom was given %(people)s messages to customers and %(groups)s posts to groups.") % {
        "people": formats.number(people),
        "groups": formats.number(groups),
    }


def _call(one: ApiCalls) -> dict[str, Any]:
    return {"one": one, "title": words.api_title(one.api)}


def _minutes_picture(request: StaffRequest, calls: Sequence[ApiCalls]) -> dict[str, Any]:
    if not any(one.hour for one in calls):
        return {}
    begins = timezone.localtime(request.now) - timedelta(minutes=60)
    shown, rest = calls[:_SHOWN_APIS], calls[_SHOWN_APIS:]
    series = [(words.api_title(one.api), one.by_minute) for one in shown]
    if rest:
        series.append((_("Others"), tuple(map(sum, zip(*(one.by_minute for one in rest), strict=True)))))
    return {
        "labels": [(begins + timedelta(minutes=place + 1)).strftime("%H:%M") for place in range(60)],
        "series": [
            {"name": name, "tone": tone, "values": values} for (name, values), tone in zip(series, _TONES, strict=False)
        ],
    }


def _minutes_words(calls: Sequence[ApiCalls]) -> str:
    total = sum(one.hour for one in calls)
    if not total:
        return _("WeCom was asked nothing within the last hour.")
    busiest = max(calls, key=lambda one: one.hour)
    return _("Within the last hour WeCom was asked %(n)s times, most often: %(name)s.") % {
        "n": formats.number(total),
        "name": words.api_title(busiest.api),
    }


def _anchor(key: str) -> str:
    return key.replace(".", "-")


def _receivers(request: StaffRequest, found: Sequence[queries.Receiver]) -> list[dict[str, Any]]:
    names = names_for(
        request, customer_ids=(one.customer_id for one in found), group_keys=(one.group_key for one in found)
    )
    return [{"one": one, "receiver": names.receiver(one.customer_id, one.group_key)} for one in found]


def _sheet(request: StaffRequest, channel: str) -> Sheet:
    found = queries.receivers_without_places(
        access=request.actor, channel=channel, limit=_MOST_IN_A_SHEET, now=request.now
    )
    lines = (
        [row["receiver"].name, row["one"].customer_id, row["one"].used]
        for start in range(0, len(found), _AT_ONCE)
        for row in _receivers(request, found[start : start + _AT_ONCE])
    )
    return Sheet(_("Without a place"), [_("Receiver"), _("Number"), _("Messages in the period")], lines, of_people=True)
