"""Lists of the rooms of keeping order as tables that leave: pairs to be decided, roles, tokens, webhooks and what they were told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from yutang.console.rooms.listed import AT_ONCE, MOST_PEOPLE
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet
from yutang.console.words import identifier_label, permission_label, role_label
from yutang.customers import views
from yutang.customers.queries import review_queue
from yutang.foundation.access import Actor

#: What the two people of a pair may have in common besides a key.
_IN_COMMON = ("name", "city")


def of_pairs(access: Actor) -> Sheet:
    """Return the pairs to be decided, oldest first, masked."""
    titles = ["#", _("Reason"), _("Opened"), _("In common")]
    for number, name in ((_("First number"), _("First name")), (_("Second number"), _("Second name"))):
        titles += [number, name, _("Phone"), _("City"), _("Store")]
    return Sheet(_("Pairs to be decided"), titles, _pairs(access), of_people=True)


def _pairs(access: Actor) -> Iterator[list[Any]]:
    after: int | None = None
    told = 0
    while True:
        page = review_queue(access=access, after=after, limit=AT_ONCE)
        for case in page.rows:
            people = [cell for one in (case.first, case.second) for cell in _person(one)]
            agreeing = " · ".join(_shared(code) for code in sorted(case.agreeing | {case.identifier_kind}))
            yield [case.id, spoken(case.reason), _instant(case.opened_at), agreeing, *people]
        told += len(page.rows)
        if page.next_key is None:
            return
        if told >= MOST_PEOPLE:
            yield [_("Only the first %(n)s pairs: decide these first.") % {"n": told}]
            return
        after = page.next_key


def _person(one: views.CustomerRow) -> list[Any]:
    name = spoken_name(one.name)
    return [one.id, name, one.phone, one.city, one.store_name]


def _shared(code: str) -> str:
    if code in _IN_COMMON:
        return _("Full name") if code == "name" else _("City")
    return identifier_label(code)


def of_roles(roles: Sequence[Any], groups: Iterable[Mapping[str, Any]]) -> Sheet:
    """Return who may do what: a row a permission, a column a role."""
    titles = [_("Group of permissions"), _("Permission"), *(role_label(one.key, one.name) for one in roles)]

    def about(title: str, told: Callable[[Any], Any]) -> list[Any]:
        return ["", title, *(told(one) for one in roles)]

    lines: list[list[Any]] = [
        about(_("Members of staff"), lambda one: one.staff),
        about(_("Sees"), lambda one: _("the whole chain") if one.is_chain_wide else _("given stores and regions")),
        about(_("Second factor"), lambda one: _("required") if one.needs_second_factor else _("free")),
    ]
    for group in groups:
        for row in group["rows"]:
            held = [_("yes") if row["code"] in one.permissions else _("no") for one in roles]
            lines.append([group["title"], row["label"], *held])
    return Sheet(_("Roles"), titles, lines)


def of_tokens(tokens: Iterable[Any], states: Mapping[str, str]) -> Sheet:
    """Return the tokens, never the secret: of each its last four characters."""
    titles = [_("Token"), _("Last characters"), _("Status"), _("Acts for"), _("Made by"), _("May"), _("Stores")]
    titles += [_("Calls a minute"), _("Made"), _("Last used"), _("Expires")]
    lines = (
        [
            one.name,
            one.hint,
            _(states[one.status]),
            one.staff or _("Service"),
            one.made_by,
            _everything(one.permissions, _("everything that this person may"), permission_label),
            _everything(one.store_codes, _("those of the person") if one.kind == "personal" else _("All stores")),
            one.per_minute,
            _instant(one.made_at),
            _instant(one.last_used_at),
            _instant(one.expires_at),
        ]
        for one in tokens
    )
    return Sheet(_("Tokens"), titles, lines)


def of_webhooks(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """Return the webhooks with how each does."""
    titles = [_("Webhook"), _("Address"), _("Is told"), _("Stores"), _("Health"), _("Waiting"), _("Taken")]
    titles += [_("Given up"), _("Last taken"), _("Made"), _("Made by")]
    lines = (
        [
            row["view"].name,
            row["view"].url,
            " · ".join(row["told"]),
            _everything(row["view"].store_codes, _("All stores")),
            row["health"],
            row["view"].waiting,
            row["view"].taken,
            row["view"].dead,
            _instant(row["view"].taken_at),
            _instant(row["view"].made_at),
            row["view"].made_by,
        ]
        for row in rows
    )
    return Sheet(_("Webhooks"), titles, lines)


def of_deliveries(name: str, rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """Return what a webhook was told, newest first, and what it answered."""
    titles = [_("Message"), _("Key of the message"), _("Status"), _("Answer"), _("Milliseconds"), _("Attempts")]
    lines = (
        [
            row["title"],
            row["one"].message_id,
            row["status"],
            row["fault"] or row["one"].answer_status,
            row["one"].took_ms,
            row["one"].attempts,
            _instant(row["one"].occurred_at),
            _instant(row["one"].tried_at),
        ]
        for row in rows
    )
    return Sheet(name, [*titles, _("Happened"), _("Tried")], lines)


def _everything(held: Sequence[str] | None, everything: str, label: Callable[[str], str] = str) -> str:
    return everything if held is None else " · ".join(label(one) for one in held)


def _instant(value: Any) -> str | None:
    return None if value is None else value.isoformat(timespec="seconds")
