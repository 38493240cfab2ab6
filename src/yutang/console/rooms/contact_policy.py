"""The contact policy: its values and what they mean, and what a changed one would have said to the past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.channels import queries
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.sentences import spoken
from yutang.insight import queries as insight
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.segments.queries import FiguresAreNotReady

#: Values that one tries most; all others are tried by the command.
_TRIED = (
    "value_touches",
    "days_before_promotion",
    "promotion_percent",
    "promotion_month",
    "person_week",
    "person_month",
)
_DAYS = (30, 90, 365)
#: Messages that are played while somebody waits; of more, those of some people.
_MOST = 20_000
_FATES = {
    "now": (N_("As it went out"), "accent"),
    "at": (N_("Later"), "info"),
    "replace": (N_("Something useful instead"), "warn"),
    "refuse": (N_("Refused"), "down"),
}
#: A value of a policy has no more.
_DIGITS = 6
_PERIODS = {"day": N_("a day"), "week": N_("a week"), "month": N_("a month")}


@room("channels.view")
def policy(request: StaffRequest) -> HttpResponse:
    """Show the policy, and the past under the values that the address names."""
    present = queries.current_policy()
    days = _asked_days(request.GET.get("days", ""))
    tried, wrong = _tried(request, present)
    context = {
        "groups": _groups(present),
        "version": queries.version_of(policy=present),
        "days": days,
        "all_days": _DAYS,
        "fields": _fields(request, tried),
        "wrong": wrong,
        "may_change": request.actor.can("settings.manage"),
        "values_url": reverse("settings-change", args=[f"channels.{_TRIED[0]}"]),
        "is_changed": tried != present,
    }
    try:
        found = queries.replay_of_history(access=request.actor, policy=tried, days=days, most=_MOST, now=request.now)
        context |= {"known_until": found.known_until, **_replay(found, is_changed=tried != present)}
    except FiguresAreNotReady as refusal:
        context["not_ready"] = spoken(refusal.sentence)
    return render(request, "console/settings/contact_policy.html", context, status=422 if wrong else 200)


def _asked_days(written: str) -> int:
    return int(written) if written in {str(days) for days in _DAYS} else 90


def _tried(request: StaffRequest, present: Any) -> tuple[Any, str]:
    """Return the policy that the address asks to try, and why it cannot be tried; then it is the present one."""
    written = {name: request.GET[name].strip() for name in _TRIED if request.GET.get(name, "").strip()}
    try:
        values = {
            name: int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else text
            for name, text in written.items()
        }
        return queries.changed_policy(policy=present, values=values), ""
    except DomainError as refusal:
        return present, spoken(refusal.sentence)


def _fields(request: StaffRequest, tried: Any) -> list[dict[str, Any]]:
    told = {one.name: one for group in queries.policy_values(policy=tried) for one in group.values}
    return [
        {"name": name, "title": _(told[name].title), "value": request.GET.get(name) or told[name].value}
        for name in _TRIED
    ]


def _groups(present: Any) -> list[dict[str, Any]]:
    return [
        {
            "title": _(group.title),
            "values": [
                {
                    "name": one.name,
                    "id": f"channels-{one.name}",
                    "key": f"channels.{one.name}",
                    "title": _(one.title),
                    "help": _(one.told),
                    "value": _shown(one.value),
                    "default": _shown(one.default),
                    "is_changed": one.value != one.default,
                }
                for one in group.values
            ],
        }
        for group in queries.policy_values(policy=present)
    ]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return formats.listed([_(queries.CHANNEL_TITLES[one]) for one in value]) or _("none")
    return _(_PERIODS[value]) if isinstance(value, str) else formats.number(value)


def _replay(found: queries.ReplayOfHistory, *, is_changed: bool) -> dict[str, Any]:
    tried, present = found.tried, found.present
    if not tried.sendings:
        return {"nothing": True}
    run = insight.latest_run()
    currency = run.currency if run else "CNY"
    return {
        "sendings": tried.sendings,
        "receivers": tried.receivers,
        "one_in": found.one_in,
        "worth_words": _worth_words(tried),
        "tiles": _tiles(tried, currency),
        "picture": _picture(tried),
        "picture_words": _picture_words(tried),
        "reasons": _reasons(tried.reasons, present.reasons if is_changed else {}),
        "weeks": [
            {"week": formats.day(week), "cells": [fates[fate] for fate in queries.FATES]}
            for week, fates in tried.weeks.items()
        ],
        "fates": [_(_FATES[fate][0]) for fate in queries.FATES],
    }


def _tiles(tried: queries.Replay, currency: str) -> list[dict[str, Any]]:
    def share(count: int) -> str:
        return formats.percent(count / tried.sendings, 0)

    return [
        {
            "metric": "policy_sent",
            "value": share(tried.fates["now"]),
            "note": _("%(n)s messages") % {"n": formats.number(tried.fates["now"])},
            "lead": True,
        },
        {
            "metric": "policy_later",
            "value": share(tried.fates["at"]),
            "note": _("%(n)s messages") % {"n": formats.number(tried.fates["at"])},
        },
        {
            "metric": "policy_refused",
            "value": share(tried.fates["refuse"]),
            "note": _("%(n)s messages") % {"n": formats.number(tried.fates["refuse"])},
        },
        {
            "metric": "policy_spared",
            "value": formats.number(tried.spared),
            "note": _("of %(n)s") % {"n": formats.number(tried.receivers)},
        },
        {"metric": "policy_worth", **_worth(tried, currency)},
    ]


def _worth(tried: queries.Replay, currency: str) -> dict[str, str]:
    """Return what did not go out would have brought, and of how many messages nobody knows it."""
    lost = tried.fates["refuse"] + tried.fates["replace"]
    unknown = _("not known for %(n)s messages") % {"n": formats.number(tried.lost_unvalued or tried.unvalued)}
    if tried.unvalued == tried.sendings or (lost and tried.lost_unvalued == lost):
        return {"value": "—", "note": unknown}
    told = _("of %(sum)s") % {"sum": formats.compact_money(tried.worth_minor, currency)}
    parts = [told, unknown] if tried.lost_unvalued else [told]
    return {"value": formats.compact_money(tried.lost_minor, currency), "note": " · ".join(parts)}


def _worth_words(tried: queries.Replay) -> str:
    """Return whence it is known what the messages are worth; empty where all of it was expected by campaigns."""
    parts = []
    if tried.measured:
        parts.append(
            _("The worth of %(n)s messages is their share of what their campaign or playbook was measured to bring.")
            % {"n": formats.number(tried.measured)}
        )
    if tried.unvalued:
        parts.append(
            _(
                "Of %(n)s messages nobody knows what they brought: nothing was expected of them, and their campaign has no measured "
                "effect yet. They are in no sum."
            )
            % {"n": formats.number(tried.unvalued)}
        )
    return " ".join(parts)


def _picture(tried: queries.Replay) -> dict[str, Any]:
    return {
        "days": [week.isoformat() for week in tried.weeks],
        "series": [
            {"name": _(title), "tone": tone, "values": [fates[fate] for fates in tried.weeks.values()]}
            for fate, (title, tone) in _FATES.items()
        ],
        "words": {"week": _("week from %")},
    }


def _picture_words(tried: queries.Replay) -> str:
    held = tried.sendings - tried.fates["now"]
    if not held:
        return _("The policy would have let every message out as it went.")
    most = next(iter(tried.reasons))
    return _("Of %(all)s messages %(held)s would not have gone out as they did, most often because of: %(reason)s.") % {
        "all": formats.number(tried.sendings),
        "held": formats.number(held),
        "reason": _(queries.REASON_TITLES[most]),
    }


def _reasons(tried: Mapping[str, int], present: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "title": _(queries.REASON_TITLES[reason]),
            "tried": tried.get(reason, 0),
            "present": present.get(reason, 0),
        }
        for reason in dict.fromkeys([*tried, *present])
    ]
