"""What stands around every room: the menu, the theme, and the words that scripts say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.channels.queries import CHANNEL_TITLES, what_is_stopped
from yutang.console.access import actor_of
from yutang.console.words import role_label
from yutang.foundation.access import Actor
from yutang.journeys.queries import playbook_names
from yutang.kit.text import N_

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "yutang_theme"
#: Sections of the menu that somebody opened, with points between them; without it those of `_OPEN`.
MENU_COOKIE, _OPEN = "yutang_menu", "workplace"
#: With so many rooms or fewer every section stands open until somebody folds it.
_FEW = 14
#: Heading of the rooms about messages: each of their pages says what is stopped.
_REACH = N_("Reaching customers")


@dataclass(frozen=True)
class MenuEntry:
    """One room in the menu.

    Attributes:
        name: URL name of the room's first page; the names of its other pages begin with it and a hyphen.
        title: what the menu says.
        icon: name in the icon sprite.
        permission: what a role needs to see it.
        section: heading under which it stands.
        on_phone: whether it has a place in the bottom bar.
    """

    name: str
    title: str
    icon: str
    permission: str
    section: str
    on_phone: bool = True


MENU = (
    MenuEntry("dashboard", N_("Business"), "chart", "insight.view", N_("Workplace")),
    MenuEntry("today", N_("Today"), "tasks", "worklist.view", N_("Workplace")),
    MenuEntry("customers", N_("Customers"), "people", "customers.view", N_("Workplace")),
    MenuEntry("segments", N_("Segments"), "filter", "segments.view", N_("Workplace"), on_phone=False),
    MenuEntry("value", N_("Customer value"), "star", "insight.view", N_("Workplace"), on_phone=False),
    MenuEntry("visits", N_("Visits"), "store", "visits.view", N_("Workplace")),
    MenuEntry("balances", N_("Prepaid balances"), "key", "membership.view", N_("Workplace"), on_phone=False),
    MenuEntry("codes", N_("Channel codes"), "screen", "codes.view", N_("Growing"), on_phone=False),
    MenuEntry("groups", N_("Groups"), "groups", "communities.view", N_("Growing"), on_phone=False),
    MenuEntry("groupbuy", N_("Group-buying"), "cart", "groupbuy.view", N_("Growing"), on_phone=False),
    MenuEntry("referral", N_("Referral"), "people", "referral.view", N_("Growing"), on_phone=False),
    MenuEntry("economics", N_("Growth economics"), "chart", "economics.view", N_("Growing"), on_phone=False),
    MenuEntry("guard", N_("Guard"), "lock", "guard.view", N_("Growing"), on_phone=False),
    MenuEntry("campaigns", N_("Campaigns"), "send", "channels.view", N_("Reaching customers"), on_phone=False),
    MenuEntry("playbooks", N_("Playbooks"), "playbook", "journeys.view", N_("Reaching customers"), on_phone=False),
    MenuEntry("content", N_("Content library"), "quote", "content.view", N_("Reaching customers"), on_phone=False),
    MenuEntry("coupons", N_("Coupons"), "coupon", "coupons.view", N_("Reaching customers"), on_phone=False),
    MenuEntry("experiments", N_("Experiments"), "split", "experiments.view", N_("Reaching customers"), on_phone=False),
    MenuEntry("messages", N_("Message centre"), "chat", "channels.view", N_("Reaching customers"), on_phone=False),
    MenuEntry("policy", N_("Contact policy"), "clock", "channels.view", N_("Reaching customers"), on_phone=False),
    MenuEntry("wecom", N_("WeCom"), "phone", "channels.view", N_("Reaching customers"), on_phone=False),
    MenuEntry("imports", N_("Imports"), "upload", "imports.view", N_("Keep in order")),
    MenuEntry("tags", N_("Tags"), "tag", "customers.view", N_("Keep in order"), on_phone=False),
    MenuEntry("review", N_("Same person?"), "merge", "review.decide", N_("Keep in order"), on_phone=False),
    MenuEntry("payments", N_("Payments"), "refund", "payments.view", N_("Keep in order"), on_phone=False),
    MenuEntry("jobs", N_("Background jobs"), "gear", "jobs.manage", N_("Keep in order"), on_phone=False),
    MenuEntry("staff", N_("Staff and roles"), "badge", "staff.manage", N_("Organisation"), on_phone=False),
    MenuEntry("stores", N_("Stores and regions"), "store", "stores.manage", N_("Organisation"), on_phone=False),
    MenuEntry("programs", N_("Programs"), "plug", "staff.manage", N_("Organisation"), on_phone=False),
    MenuEntry("settings", N_("Settings"), "sliders", "settings.manage", N_("Organisation"), on_phone=False),
    MenuEntry("requests", N_("Requests about data"), "lock", "privacy.view", N_("Organisation"), on_phone=False),
    MenuEntry("audit", N_("Audit log"), "shield", "audit.view", N_("Organisation"), on_phone=False),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give every template the theme, and a person who is logged in the menu."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    user: Any = getattr(request, "user", None)
    context: dict[str, Any] = {
        "theme": theme if theme in THEMES else getattr(user, "theme", "auto") or "auto",
        "script_texts": script_texts(),
    }
    if user is None or not user.is_authenticated:
        return context
    actor = getattr(request, "actor", None) or actor_of(request)
    match = getattr(request, "resolver_match", None)
    current = (match.url_name or "").split("-")[0] if match else ""
    sections: dict[str, dict[str, Any]] = {}
    for entry in MENU:
        if actor.can(entry.permission):
            shown: dict[str, Any] = {"title": _(entry.title), "icon": entry.icon, "url": reverse(entry.name)}
            shown |= {"current": current == entry.name, "on_phone": entry.on_phone}
            key = _section_key(entry)
            section = sections.setdefault(key, {"key": key, "title": _(entry.section), "entries": [], "open": False})
            section["entries"].append(shown)
    is_reach = any(entry.name == current and entry.section == _REACH for entry in MENU)
    entries = [entry for section in sections.values() for entry in section["entries"]]
    kept = _kept_open(request, sections, len(entries))
    for section in sections.values():
        section["open"] = section["key"] in kept or any(entry["current"] for entry in section["entries"])
    own_name = user.own_role.name if user.own_role else ""
    return {
        **context,
        "lacks_stores": actor.store_ids is not None and not actor.store_ids,
        "menu": sections.values(),
        "menu_open": ".".join(kept),
        "menu_entries": entries,
        "actor": actor,
        "my_role": role_label(actor.role, own_name),
        "at_profile": current == "profile",
        "at_glossary": current == "glossary",
        "stopped": _stopped(actor) if is_reach and not getattr(request, "htmx", None) else (),
    }


def _section_key(entry: MenuEntry) -> str:
    """Return what a section is called in the cookie: the first word of its title in the code."""
    return entry.section.partition(" ")[0].casefold()


def _kept_open(request: HttpRequest, keys: Iterable[str], rooms: int) -> list[str]:
    """Return the sections of the menu that somebody left open; the one with the present room is open besides."""
    written = request.COOKIES.get(MENU_COOKIE)
    if written is None:
        return [key for key in keys if key == _OPEN or rooms <= _FEW]
    return [key for key in keys if key in written.split(".")]


def _stopped(actor: Actor) -> list[dict[str, Any]]:
    """Return what is stopped, so that every page about reaching customers says it."""
    if not actor.can("channels.view"):
        return []
    found = what_is_stopped(access=actor)
    playbooks: dict[int, str] = {}
    if any(one.campaign.startswith("playbook:") for one in found) and actor.can("journeys.view"):
        playbooks = playbook_names(access=actor)
    names = {f"playbook:{key}": name for key, name in playbooks.items()}
    return [
        {
            "one": replace(one, who=one.who or _("the system")),
            "name": _(CHANNEL_TITLES[one.channel])
            if one.channel in CHANNEL_TITLES
            else one.name or names.get(one.campaign, one.campaign),
        }
        for one in found
    ]


def script_texts() -> dict[str, Any]:
    """Return the words that scripts say."""
    return {
        "sales": _("Sales"),
        "before": _("Period before"),
        "customers": _("customers"),
        "difference": _("Difference"),
        "day": _("by day %"),
        "came_back": _("came back"),
        "value": _("Value of the coming year"),
        "best": _("The best %(n)s of the customers"),
        "alike": _("if all were alike"),
        "unsaved": _("Restored what you had typed here."),
        "discard": _("Discard it"),
        "uploading": _("Uploading…"),
        "failed": _("That did not reach the server. Check the connection and try again."),
        "fields": field_texts(),
        "close": _("Close"),
        "chart_failed": _("The chart could not be drawn. Load the page again."),
    }


def field_texts() -> dict[str, str]:
    """Return what a script says of a field that cannot be sent so, by what is wrong; ``%`` stands for the limit."""
    return {
        "valueMissing": _("Please fill this in."),
        "choose": _("Please choose one."),
        "tick": _("Please tick this to go on."),
        "file": _("Please choose a file."),
        "email": _("This is no e-mail address."),
        "url": _("This is no address of a page: it begins with https://"),
        "number": _("This is no number."),
        "date": _("This is no whole day or time."),
        "tooShort": _("At least % characters."),
        "tooLong": _("At most % characters."),
        "rangeUnderflow": _("Not less than %."),
        "rangeOverflow": _("Not more than %."),
        "stepMismatch": _("Only steps of % are possible here."),
        "patternMismatch": _("This is not written as the field needs it."),
        "badInput": _("This cannot be read."),
    }
