"""Making and changing a channel code: where people meet it, who answers when, what is said when, what follows, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yutang.codes import actions, queries
from yutang.codes.actions import CodeTerms, ShiftTerms, SlotTerms
from yutang.codes.duty import DAY_MINUTES, EVERY_DAY
from yutang.codes.terms import FIELD_TITLES
from yutang.console.access import StaffRequest, room
from yutang.console.content_choices import content_choices
from yutang.console.rooms import codes_words as words
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.codes_changes import spots_asked
from yutang.console.sentences import spoken
from yutang.customers.queries import tag_choices
from yutang.foundation.queries import stores
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor, typed_minor
from yutang.kit.text import N_
from yutang.wecom.queries import GREETING_INTENTS, has_connection

_LARGEST = 10**10
#: Empty rows for further times of the day.
_SPARE = 2
_FIELDS = (
    "name", "kind", "sharing", "words", "content", "remark", "group", "group_prefix", "group_places", "first_date", "last_date",
    "unit_cost", "budget", "margin",
)  # fmt: skip
_BLANK: Mapping[str, Any] = {
    "kind": "parcel", "sharing": "chance", "leads_known": True, "group": "none", "group_places": 50, "margin": 50, "shifts": {},
    "slots": [], "tags": set(), "stores": set(),
}  # fmt: skip


class FieldIsUnreadable(DomainError):
    """A field of the form holds nothing that fits there."""

    code: ClassVar[str] = "field_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(written)s” does not fit in “%(field)s”.")


@room("codes.change")
def new(request: StaffRequest) -> HttpResponse:
    """Make a code."""
    if request.method != "POST":
        return _form(request, _BLANK)
    try:
        code_id = actions.create_code(
            actor=request.actor, terms=_terms(request.POST), spots=spots_asked(request), now=request.now
        )
    except DomainError as refusal:
        return _form(request, {**_BLANK, **_written(request)}, error=refusal)
    messages.success(request, _("The code is made. Its QR codes are there in a moment; then print its sheets."))
    return redirect("codes-one", code_id)


@room("codes.change")
def edit(request: StaffRequest, code_id: int) -> HttpResponse:
    """Change a code."""
    terms = queries.code_terms(access=request.actor, code_id=code_id)
    if request.method != "POST":
        return _form(request, _values(terms), code_id=code_id, name=terms.name)
    try:
        changed = _terms(request.POST, currency=terms.currency)
        actions.change_code(actor=request.actor, code_id=code_id, terms=changed, now=request.now)
    except DomainError as refusal:
        return _form(request, {**_values(terms), **_written(request)}, code_id=code_id, name=terms.name, error=refusal)
    messages.success(request, _("The code was changed. What is printed stays as it is."))
    return redirect("codes-one", code_id)


def _form(
    request: StaffRequest,
    values: Mapping[str, Any],
    *,
    code_id: int = 0,
    name: str = "",
    error: DomainError | None = None,
) -> HttpResponse:
    slots = [*values["slots"], *([{}] * _SPARE)]
    by_hand = [one for one in tag_choices() if one.rule is None]
    context = {
        "values": values,
        "code_id": code_id,
        "code_name": name,
        "error": spoken(error.sentence) if error else "",
        "is_connected": has_connection(),
        "kinds": [(code, _(title)) for code, title in queries.KIND_TITLES.items()],
        "sharings": [(code, _(title)) for code, title in queries.SHARING_TITLES.items()],
        "groups": [(code, _(title)) for code, title in queries.GROUP_TITLES.items()],
        "staff": [
            (key, label, values["shifts"].get(key), _days_offered(values["shifts"].get(key)))
            for key, label in _staff(request, values["shifts"])
        ],
        "slots": [
            (place, one, _contents(request, one.get("content", "")), _days_offered(one))
            for place, one in enumerate(slots)
        ],
        "contents": _contents(request, values.get("content", "")),
        "tags": [(one.id, f"{one.group} · {one.name}", one.id in values["tags"]) for one in by_hand],
        "stores": [(one.id, one.name, one.id in values.get("stores", ())) for one in stores(access=request.actor)],
    }
    return render(request, "console/codes/form.html", context, status=error.http_status if error else 200)


def _staff(request: StaffRequest, chosen: Mapping[int, Any]) -> list[tuple[int, str]]:
    """Return who can be chosen, those who are first; somebody who stopped having customers stays until taken out."""
    offered = dict(queries.staff_choices(access=request.actor))
    gone = {key: _("No longer in customer contact") for key in chosen if key not in offered}
    return sorted({**offered, **gone}.items(), key=lambda one: (one[0] not in chosen, one[1]))


def _contents(request: StaffRequest, chosen: str) -> list[tuple[str, str]]:
    return content_choices(request, chosen=chosen, channels=("wecom",), intents=GREETING_INTENTS)


def _days_offered(one: Mapping[str, Any] | None) -> list[tuple[int, str, bool]]:
    """Return the sets of days that a row offers, and its own where that is another."""
    chosen = (one or {}).get("weekdays", EVERY_DAY)
    offered = {**words.WEEKDAYS, chosen: words.WEEKDAYS.get(chosen, "")}
    return [(bits, words.days_words(bits), bits == chosen) for bits in offered]


def _values(terms: CodeTerms) -> dict[str, Any]:
    """Return what the form shows of a code."""
    amounts = {"unit_cost": terms.unit_cost_minor, "budget": terms.budget_minor}
    return {
        **{name: getattr(terms, name) for name in _FIELDS if hasattr(terms, name)},
        "first_date": terms.first_date.isoformat() if terms.first_date else "",
        "last_date": terms.last_date.isoformat() if terms.last_date else "",
        "leads_known": terms.leads_known,
        "margin": terms.margin_percent,
        "tags": set(terms.tag_ids),
        "shifts": {one.account_id: _shift_values(one) for one in terms.shifts},
        "slots": [{**vars(one), **_times(one.since_minute, one.until_minute)} for one in terms.slots],
        **{
            name: f"{from_minor(minor, currency=terms.currency).normalize():f}" if minor else ""
            for name, minor in amounts.items()
        },
    }


def _shift_values(one: ShiftTerms) -> dict[str, Any]:
    return {
        "role": "backup" if one.is_backup else "main",
        "cap": one.daily_cap or "",
        "weekdays": one.weekdays,
        "is_away": one.is_away,
        **_times(one.since_minute, one.until_minute),
    }


def _times(since_minute: int, until_minute: int) -> dict[str, str]:
    # A field for times ends its day at 23:59; midnight as an end is the beginning of the next day.
    return {"since": words.clock(since_minute), "until": words.clock(until_minute % DAY_MINUTES)}


def _written(request: StaffRequest) -> dict[str, Any]:
    """Return what was written in the form, for who writes it again."""
    form = request.POST
    if "name" not in form:
        return {}
    keys = _keys(form, "staff")
    shifts = {key: _shift_written(form, key) for key in keys if form.get(f"role-{key}") in {"main", "backup"}}
    return {
        **{name: form.get(name, "") for name in _FIELDS},
        "leads_known": form.get("leads_known") == "1",
        "tags": set(_keys(form, "tags")),
        "stores": set(_keys(form, "stores")),
        "batches": form.get("batches", ""),
        "shifts": shifts,
        "slots": [one for place in range(len(form.getlist("slot_since"))) if (one := _slot_written(form, place))],
    }


def _shift_written(form: QueryDict, key: int) -> dict[str, Any]:
    return {
        "role": form.get(f"role-{key}", ""),
        "cap": form.get(f"cap-{key}", ""),
        "since": form.get(f"since-{key}", ""),
        "until": form.get(f"until-{key}", ""),
        "weekdays": number_asked(form.get(f"days-{key}", "")) or EVERY_DAY,
        "is_away": form.get(f"away-{key}") == "1",
    }


def _slot_written(form: QueryDict, place: int) -> dict[str, Any]:
    """Return a time of the day with what is said then; nothing of a row that says nothing."""
    lists = {name: form.getlist(f"slot_{name}") for name in ("since", "until", "days", "words", "content")}
    row = {name: values[place] if place < len(values) else "" for name, values in lists.items()}
    if not row["words"].strip() and not row["content"]:
        return {}
    weekdays = number_asked(row["days"]) or EVERY_DAY
    return {key: row[key] for key in ("since", "until", "words", "content")} | {"weekdays": weekdays}


def _terms(form: QueryDict, *, currency: str = "CNY") -> CodeTerms:
    """Return the terms that a form asks for; money is in yuan."""
    keys = [key for key in _keys(form, "staff") if form.get(f"role-{key}") in {"main", "backup"}]
    slots = [one for place in range(len(form.getlist("slot_since"))) if (one := _slot_written(form, place))]
    return CodeTerms(
        name=form.get("name", ""),
        kind=form.get("kind", ""),
        shifts=tuple(_shift(form, key) for key in keys),
        sharing=form.get("sharing", ""),
        leads_known=form.get("leads_known") == "1",
        words=form.get("words", ""),
        content=form.get("content", "").strip(),
        slots=tuple(_slot(one) for one in slots),
        remark=form.get("remark", ""),
        tag_ids=tuple(_keys(form, "tags")),
        group=form.get("group", ""),
        group_prefix=form.get("group_prefix", ""),
        group_places=_count(form.get("group_places", ""), "group_places"),
        first_date=_day(form.get("first_date", ""), "first_date"),
        last_date=_day(form.get("last_date", ""), "last_date"),
        currency=currency,
        unit_cost_minor=_minor(form.get("unit_cost", ""), "unit_cost_minor"),
        budget_minor=_minor(form.get("budget", ""), "budget_minor"),
        margin_percent=_count(form.get("margin", ""), "margin_percent"),
    )


def _shift(form: QueryDict, key: int) -> ShiftTerms:
    row = _shift_written(form, key)
    return ShiftTerms(
        account_id=key,
        is_backup=row["role"] == "backup",
        daily_cap=_count(row["cap"], "shifts") if row["cap"].strip() else None,
        weekdays=row["weekdays"],
        since_minute=_minute(row["since"], "shifts"),
        until_minute=_minute(row["until"], "shifts") or DAY_MINUTES,
        is_away=row["is_away"],
    )


def _slot(row: Mapping[str, Any]) -> SlotTerms:
    since, until = _minute(row["since"], "slots"), _minute(row["until"], "slots") or DAY_MINUTES
    return SlotTerms(since, until, row["words"], row["content"], row["weekdays"])


def _keys(form: QueryDict, name: str) -> list[int]:
    return [key for text in form.getlist(name) if (key := number_asked(text)) is not None]


def _minute(text: str, field: str) -> int:
    """Return a time of the day in minutes; nothing written is midnight."""
    hour, _colon, minute = text.strip().partition(":")
    if not text.strip():
        return 0
    if not (hour.isdecimal() and minute.isdecimal() and len(text) <= 5 and int(hour) < 24 and int(minute) < 60):
        raise FieldIsUnreadable(written=text[:40], field=_(FIELD_TITLES[field]))
    return int(hour) * 60 + int(minute)


def _count(text: str, field: str) -> int:
    number = number_asked(text.strip())
    if number is None or number > _LARGEST:
        raise FieldIsUnreadable(written=text[:40], field=_(FIELD_TITLES[field]))
    return number


def _minor(text: str, field: str) -> int:
    if not text.strip():
        return 0
    amount = typed_minor(text.strip(), most=_LARGEST)
    if amount is None:
        raise FieldIsUnreadable(written=text[:40], field=_(FIELD_TITLES[field]))
    return amount


def _day(text: str, field: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise FieldIsUnreadable(written=text[:40], field=_(FIELD_TITLES[field])) from error
