"""The room of tags: groups and tags, how each is given, for how long, and how many people carry it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.console.words import STAGES, stage_label
from yutang.customers import actions, queries
from yutang.customers.tag_rules import rule_words
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor, typed_minor
from yutang.kit.text import N_

#: Fields of the form: name, label, condition of a rule.
_NUMBERS = (
    ("spend_at_least", N_("Spent at least (yuan)"), ("spend_minor", "at_least")),
    ("spend_at_most", N_("Spent at most (yuan)"), ("spend_minor", "at_most")),
    ("orders_at_least", N_("Orders at least"), ("orders", "at_least")),
    ("orders_at_most", N_("Orders at most"), ("orders", "at_most")),
    ("days_at_least", N_("Days since the last order at least"), ("days_since_last_order", "at_least")),
    ("days_at_most", N_("Days since the last order at most"), ("days_since_last_order", "at_most")),
)
_LARGEST = 10**15


@room("customers.view")
def tags(request: StaffRequest) -> HttpResponseBase:
    """Show every group with its tags."""
    groups = queries.tag_groups(access=request.actor)
    if sheet_asked(request):
        return sheet_answer(request, listed.of_tags(groups))
    count = {"tags": sum(len(group.tags) for group in groups), "groups": len(groups)}
    context = {
        "groups": [{"id": one.id, "name": one.name, "tags": [_row(tag) for tag in one.tags]} for one in groups],
        "subtitle": _("%(tags)s tags in %(groups)s groups") % count,
        "may_change": _may_change(request),
    }
    return render(request, "console/tags/list.html", context)


@room("customers.tag")
def new(request: StaffRequest) -> HttpResponse:
    """Make a tag, and its group where there is none of that name."""
    if request.method != "POST":
        return _form(request, {"group": request.GET.get("group", "")[:60], "way": "hand"})
    try:
        rule, days = _asked(request.POST)
        group, name = request.POST.get("group", ""), request.POST.get("name", "")
        actions.create_tag_in(
            actor=request.actor, group=group, name=name, rule=rule, expires_after_days=days, now=request.now
        )
    except DomainError as refusal:
        return _refused(request, refusal)
    messages.success(
        request, _("The tag was made.") if rule is None else _("The tag was made; its rule is applied now.")
    )
    return redirect("tags")


@room("customers.tag")
def one(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Change a tag: name, rule, days."""
    found = [(g, tag) for g in queries.tag_groups(access=request.actor) for tag in g.tags if tag.id == tag_id]
    if not found:
        raise Http404
    group, tag = found[0]
    known: dict[str, Any] = {"group": group.name, "tag_id": tag_id, "people": tag.people}
    if request.method != "POST":
        way = "hand" if tag.rule is None else "rule"
        return _form(
            request, {**known, "name": tag.name, "way": way, "days": tag.expires_after_days, **_values(tag.rule)}
        )
    try:
        rule, days = _asked(request.POST)
        name = request.POST.get("name", "")
        actions.change_tag(
            actor=request.actor, tag_id=tag_id, name=name, rule=rule, expires_after_days=days, now=request.now
        )
    except DomainError as refusal:
        return _refused(request, refusal, **known)
    messages.success(request, _("The tag was changed."))
    return redirect("tags")


@room("customers.tag")
@require_POST
def new_group(request: StaffRequest) -> HttpResponse:
    """Make a group without tags."""
    actions.create_tag_group(actor=request.actor, name=request.POST.get("name", ""), now=request.now)
    messages.success(request, _("The group was made."))
    return redirect("tags")


@room("customers.tag")
@require_POST
def rename_group(request: StaffRequest, group_id: int) -> HttpResponse:
    """Give a group another name."""
    name = request.POST.get("name", "")
    actions.rename_tag_group(actor=request.actor, group_id=group_id, name=name, now=request.now)
    messages.success(request, _("The group was renamed."))
    return redirect("tags")


def _may_change(request: StaffRequest) -> bool:
    return request.actor.can("customers.tag") and request.actor.store_ids is None


def _row(tag: Any) -> dict[str, Any]:
    rule = [] if tag.rule is None else [spoken(each) for each in rule_words(tag.rule, stage_name=stage_label)]
    days = tag.expires_after_days
    return {
        "id": tag.id,
        "name": tag.name,
        "rule": rule,
        "days": _("after %(n)d days") % {"n": days} if days else "",
        "people": tag.people,
    }


def _form(request: StaffRequest, values: Mapping[str, Any], *, error: str = "", status: int = 200) -> HttpResponse:
    chosen = values.get("stages", ())
    context = {
        "values": values,
        "error": error,
        "may_change": _may_change(request),
        "group_names": [group.name for group in queries.tag_groups(access=request.actor)],
        "stages": [{"code": code, "label": stage_label(code), "on": code in chosen} for code in STAGES],
        "numbers": [{"name": name, "label": _(label), "value": values.get(name, "")} for name, label, _of in _NUMBERS],
    }
    return render(request, "console/tags/one.html", context, status=status)


def _refused(request: StaffRequest, refusal: DomainError, **known: Any) -> HttpResponse:
    """Show the form again with what was written in it, and why it was refused."""
    written = {**request.POST.dict(), "stages": request.POST.getlist("stages"), **known}
    return _form(request, written, error=spoken(refusal.sentence), status=refusal.http_status)


class NumberIsUnreadable(DomainError):
    """A field of the form holds no number, or one that cannot be."""

    code = "number_is_unreadable"
    http_status = 422
    message = N_("“%(written)s” is no number that fits in “%(field)s”.")


def _asked(written: QueryDict) -> tuple[dict[str, Any] | None, int | None]:
    """Return the rule and the days that the form asks for."""
    if written.get("way") != "rule":
        days = written.get("days", "").strip()
        return None, _number(days, _("Days")) if days else None
    stages = [code for code in written.getlist("stages") if code in STAGES]
    conditions: list[dict[str, Any]] = [{"field": "stage", "is": "in", "value": stages}] if stages else []
    for name, label, (field, comparison) in _NUMBERS:
        text = written.get(name, "").strip()
        if text:
            value = _minor(text, _(label)) if field == "spend_minor" else _number(text, _(label))
            conditions.append({"field": field, "is": comparison, "value": value})
    return {"all": conditions}, None


def _number(text: str, field: str) -> int:
    number = number_asked(text)
    if number is None or number > _LARGEST:
        raise NumberIsUnreadable(written=text[:40], field=field)
    return number


def _minor(text: str, field: str) -> int:
    amount = typed_minor(text, most=_LARGEST)
    if amount is None:
        raise NumberIsUnreadable(written=text[:40], field=field)
    return amount


def _values(rule: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the form shows of a rule; of two conditions over one field the narrower one, which means the same."""
    values: dict[str, Any] = {}
    names = {condition: name for name, _label, condition in _NUMBERS}
    for condition in rule["all"] if rule else ():
        value = condition["value"]
        if condition["field"] == "stage":
            values["stages"] = [code for code in value if code in values.get("stages", value)]
            continue
        name = names[condition["field"], condition["is"]]
        narrower = max if condition["is"] == "at_least" else min
        values[name] = narrower(values.get(name, value), value)
    return {
        name: f"{from_minor(value).normalize():f}" if name.startswith("spend") else value
        for name, value in values.items()
    }
