"""What a channel code is to be, as somebody wants it, held to what can be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from yutang.codes.duty import DAY_MINUTES, EVERY_DAY, MOST_STAFF
from yutang.codes.models import Group, Kind, Sharing
from yutang.codes.refusals import CodeIsWrong
from yutang.kit.text import N_, Sentence
from yutang.wecom.organisation import fits_a_message

#: What the parts of a code are called.
FIELD_TITLES: Mapping[str, str] = {
    "name": N_("Name"),
    "kind": N_("Where people meet it"),
    "sharing": N_("How newcomers are shared"),
    "shifts": N_("Who answers"),
    "slots": N_("Words by the time of day"),
    "words": N_("Welcome message"),
    "content": N_("Content of the library"),
    "remark": N_("Remark"),
    "tag_ids": N_("Tags"),
    "group": N_("Group to join"),
    "group_prefix": N_("Beginning of the group's name"),
    "group_places": N_("Customers a group"),
    "first_date": N_("First day"),
    "last_date": N_("Last day"),
    "currency": N_("Currency"),
    "unit_cost_minor": N_("Cost of a newcomer"),
    "budget_minor": N_("Budget"),
    "margin_percent": N_("Margin"),
    "spot": N_("Place where it is printed"),
    "store": N_("Store"),
    "amount_minor": N_("Amount"),
    "business_date": N_("Day"),
}
LONGEST_NAME, LONGEST_REMARK, LONGEST_PREFIX = 60, 12, 60
LARGEST_MINOR, LARGEST_CAP = 10**12, 5_000
MOST_SLOTS, MOST_TAGS, MOST_PLACES = 12, 20, 500
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class ShiftTerms:
    """When a member of staff answers; attributes as of `duty.OnShift`."""

    account_id: int
    is_backup: bool = False
    daily_cap: int | None = None
    weekdays: int = EVERY_DAY
    since_minute: int = 0
    until_minute: int = DAY_MINUTES
    is_away: bool = False


@dataclass(frozen=True)
class SlotTerms:
    """What is said at a time of the day: words, or a content of the library."""

    since_minute: int
    until_minute: int
    words: str = ""
    content: str = ""
    weekdays: int = EVERY_DAY


@dataclass(frozen=True)
class CodeTerms:
    """A channel code as somebody wants it.

    Attributes:
        name: 1 to 60 characters, used once.
        kind: a `Kind`.
        shifts: who answers; each account once, somebody who is no back-up among them.
        sharing: a `Sharing`.
        leads_known: whether known people come to the member of staff who looks after them.
        words: what newcomers are told when no slot holds; empty: the usual words of the settings.
        content: content of the library in place of the words; empty: none.
        slots: what is said at times of the day; of two that hold the first counts.
        remark: what staff see behind a newcomer's name; at most 12 characters.
        tag_ids: tags that newcomers get; by hand only.
        group: a `Group`.
        group_prefix: how names of groups begin; only with ``named``.
        group_places: customers of a group into which more are led. 2 to 500.
        first_date: first day of use; None: at once.
        last_date: last day of use; None: no end.
        currency: ISO 4217.
        unit_cost_minor: what each newcomer costs. Minor units.
        budget_minor: what the code may cost in all; 0: nothing is told. Minor units.
        margin_percent: what stays of an order's value. 0 to 100.
    """

    name: str
    kind: str
    shifts: Sequence[ShiftTerms]
    sharing: str = Sharing.CHANCE.value
    leads_known: bool = True
    words: str = ""
    content: str = ""
    slots: Sequence[SlotTerms] = ()
    remark: str = ""
    tag_ids: Sequence[int] = ()
    group: str = Group.NONE.value
    group_prefix: str = ""
    group_places: int = 50
    first_date: date | None = None
    last_date: date | None = None
    currency: str = "CNY"
    unit_cost_minor: int = 0
    budget_minor: int = 0
    margin_percent: int = 50


def checked(terms: CodeTerms) -> CodeTerms:
    """Return terms in the form in which they are kept.

    Raises:
        CodeIsWrong: a part cannot be this.
    """
    terms = replace(
        terms,
        name=terms.name.strip(),
        remark=terms.remark.strip(),
        words=_lines(terms.words),
        slots=tuple(replace(one, words=_lines(one.words)) for one in terms.slots),
        group_prefix=terms.group_prefix.strip() if terms.group == Group.NAMED else "",
        tag_ids=tuple(dict.fromkeys(terms.tag_ids)),
    )
    require("name", terms.name, 0 < len(terms.name) <= LONGEST_NAME, N_("1 to 60 characters"))
    require("kind", terms.kind, terms.kind in Kind.values, N_("one of the places of the list"))
    require("sharing", terms.sharing, terms.sharing in Sharing.values, N_("one of chance and even"))
    _check_shifts(terms.shifts)
    _check_words(terms)
    _check_group(terms)
    _check_money(terms)
    fits = terms.first_date is None or terms.last_date is None or terms.first_date <= terms.last_date
    require("last_date", terms.last_date or "", fits, N_("a day that is not before the first one"))
    return terms


def require(field: str, written: object, is_right: bool, expected: str) -> None:
    """Refuse a part that is not right.

    Raises:
        CodeIsWrong: it is not.
    """
    if not is_right:
        raise CodeIsWrong(
            part=field,
            field=Sentence(FIELD_TITLES[field]).as_json(),
            written=str(written)[:80],
            expected=Sentence(expected).as_json(),
        )


def _check_shifts(shifts: Sequence[ShiftTerms]) -> None:
    accounts = [one.account_id for one in shifts]
    is_right = 0 < len(accounts) <= MOST_STAFF and len(set(accounts)) == len(accounts)
    require("shifts", len(accounts), is_right, N_("1 to 100 members of staff, each once"))
    require("shifts", "", not all(one.is_backup for one in shifts), N_("somebody who is no back-up"))
    for one in shifts:
        cap = one.daily_cap
        require("shifts", cap, cap is None or 1 <= cap <= LARGEST_CAP, N_("1 to 5,000 newcomers a day, or no bound"))
        _check_time("shifts", one)


def _check_words(terms: CodeTerms) -> None:
    require("words", terms.words, fits_a_message(terms.words), N_("at most 4,000 bytes, about 1,300 characters"))
    require("remark", terms.remark, len(terms.remark) <= LONGEST_REMARK, N_("at most 12 characters"))
    require("tag_ids", len(terms.tag_ids), len(terms.tag_ids) <= MOST_TAGS, N_("at most 20 tags"))
    require("slots", len(terms.slots), len(terms.slots) <= MOST_SLOTS, N_("at most 12 times of the day"))
    for one in terms.slots:
        _check_time("slots", one)
        says = bool(one.words or one.content) and fits_a_message(one.words)
        require("slots", one.words, says, N_("words of at most 4,000 bytes, or a content"))


def _check_time(field: str, one: ShiftTerms | SlotTerms) -> None:
    written = f"{one.since_minute}-{one.until_minute}"
    is_time = 0 <= one.since_minute < DAY_MINUTES and 0 < one.until_minute <= DAY_MINUTES
    require(field, written, is_time and one.since_minute != one.until_minute, N_("two different times of a day"))
    require(field, one.weekdays, 1 <= one.weekdays <= EVERY_DAY, N_("one day of the week at least"))


def _check_group(terms: CodeTerms) -> None:
    require("group", terms.group, terms.group in Group.values, N_("one of none, store and named"))
    is_named = terms.group != Group.NAMED or 0 < len(terms.group_prefix) <= LONGEST_PREFIX
    require("group_prefix", terms.group_prefix, is_named, N_("1 to 60 characters"))
    fits = 2 <= terms.group_places <= MOST_PLACES
    require("group_places", terms.group_places, fits, N_("a whole number from 2 to 500"))


def _check_money(terms: CodeTerms) -> None:
    require(
        "currency", terms.currency, _CURRENCY.fullmatch(terms.currency) is not None, N_("three capitals, such as CNY")
    )
    for name in ("unit_cost_minor", "budget_minor"):
        written = getattr(terms, name)
        require(name, written, 0 <= written <= LARGEST_MINOR, N_("an amount, or nothing"))
    fits = 0 <= terms.margin_percent <= 100
    require("margin_percent", terms.margin_percent, fits, N_("a whole number from 0 to 100"))


def _lines(words: str) -> str:
    return words.strip().replace("\r\n", "\n")
