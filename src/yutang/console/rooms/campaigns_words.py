"""What the room of campaigns calls things: states, stations, why not; and the way through the wizard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.channels.queries import (
    CHANNEL_TITLES,
    INTENT_TITLES,
    CampaignView,
    PreviewView,
    campaign_warnings,
    postbox_page,
    postbox_ways,
    ways_set_up,
)
from yutang.console import formats
from yutang.console.sentences import spoken
from yutang.content.queries import lack_template
from yutang.foundation.access import Actor
from yutang.kit.text import N_
from yutang.segments import queries as segments

STATES = {
    "draft": (N_("Draft"), "plain"),
    "ready": (N_("Waits for its time"), "info"),
    "running": (N_("Running"), "accent"),
    "paused": (N_("Paused"), "warn"),
    "ended": (N_("Ended"), "plum"),
}
#: Channels by which a campaign can go.
CHANNELS = ("wecom", "sms", "email", "group")
STEPS = (
    ("campaigns-audience", N_("For whom")),
    ("campaigns-content", N_("What is said")),
    ("campaigns-check", N_("What the policy says")),
    ("campaigns-schedule", N_("When it goes out")),
    ("campaigns-confirm", N_("Confirm")),
)
FATES = {
    "now": (N_("Get it now"), "accent"),
    "at": (N_("Get it later"), "info"),
    "replace": (N_("Get something useful instead"), "warn"),
    "refuse": (N_("Get nothing"), "down"),
    "held": (N_("Held out"), "plum"),
}
#: What keeps the messages of a way here.
NOT_SET_UP = {
    "sms": N_("No gateway for short messages is set up: what goes by SMS waits until the operator has set one up."),
    "email": N_("No mail server is set up: what goes by e-mail waits until the operator has set one up."),
    "wecom": N_("WeCom is not connected: what goes by WeCom waits until it is."),
    "group": N_("WeCom is not connected: posts to groups wait until it is."),
}
NO_TEMPLATE = N_(
    "The content names no template at the SMS gateway: nothing goes out by SMS. Write the code of the template into the content, "
    "and have it approved."
)
#: What it is called where nothing useful was chosen.
TOO_EARLY = N_("Too early for a promotion")
STATIONS = {
    "planned": N_("Planned"),
    "created": N_("Given to the platform"),
    "notified": N_("Staff were asked"),
    "confirmed": N_("Staff confirmed"),
    "delivered": N_("Delivered"),
}
ENDS = {
    "quota_refused": N_("Refused by the platform's quota"),
    "not_a_friend": N_("Not a friend any more"),
    "failed": N_("Failed"),
    "unknown": N_("Not known"),
    "refused": N_("Not let out when its time came"),
}
#: What came back, by the count of it.
CAME_BACK = {
    "clicked": N_("Clicked"),
    "replied": N_("Wrote back within 7 days"),
    "said_no": N_("Said no within 7 days"),
    "bought": N_("Bought within 30 days"),
    "useful": N_("Got something useful instead"),
    "held": N_("Held out"),
}
#: Counts of a campaign behind which its people are shown.
COUNTS = {**STATIONS, **CAME_BACK}
#: What a part is called that is missing or wrong, with what to do about it.
_LACKS = {
    "name": N_("The campaign needs a name of at most 80 characters."),
    "channel": N_("Choose by which way it goes."),
    "intent": N_("Choose a content: its intent decides what the policy asks for."),
    "audience": N_("Choose for whom it is."),
    "words": N_("Choose an approved content that fits the channel."),
    "fallback": N_("Choose another way than the first, or none."),
    "fallback hours": N_("The other way comes after 1 to 336 hours."),
    "time": N_("Choose days from the year 2000 to 2199."),
    "held out share": N_("Between 0 and 95 percent can be held out."),
    "something useful instead": N_(
        "Something useful goes only instead of a promotion: choose another content, or nothing."
    ),
}


def lacks(what: str) -> str:
    """Return what is missing or wrong, and what to do about it."""
    return _(_LACKS.get(what, N_("Something is missing.")))


def shown(view: CampaignView) -> dict[str, Any]:
    """Return a campaign with its state, channel and intent in words."""
    label, tone = STATES[view.state]
    return {
        "view": view,
        "state": _(label),
        "tone": tone,
        "channel": channel_words(view),
        "intent": _(INTENT_TITLES[view.intent]) if view.intent else "",
        "when": view.starts_at or view.planned_at,
        "fault": spoken(view.fault),
    }


def said_itself(access: Actor, view: CampaignView) -> dict[str, Any]:
    """Return the own words of a campaign, and what a person should know before it goes out: of these words, and of its ways."""
    text = "" if view.content else str(view.words.get("text") or "")
    warnings = [spoken(one) for one in campaign_warnings(access=access, view=view)]
    ways = {one for one in (view.channel, view.fallback) if one}
    missing = ways - ways_set_up(access=access) if ways and view.state != "ended" else set()
    warnings += [_(NOT_SET_UP[one]) for one in sorted(missing)]
    if "sms" in ways and _lacks_template(access, view):
        warnings.append(_(NO_TEMPLATE))
    tried_out = postbox_ways() & ways
    postbox = postbox_page() if tried_out else ""
    return {"own_text": text, "warnings": warnings, "postbox": postbox, "postbox_ways": tried_out}


def _lacks_template(access: Actor, view: CampaignView) -> bool:
    """Return whether a content of a campaign names no template, so that a gateway sends none of its short messages."""
    if not access.can("content.view"):
        return False
    named = [one.removeprefix("content:") for one in (view.content, view.instead) if one.startswith("content:")]
    return bool(named and lack_template(access=access, references=named))


def channel_words(view: CampaignView) -> str:
    """Return by which ways a campaign goes."""
    ways = [_(CHANNEL_TITLES[one]) for one in (view.channel, view.fallback) if one]
    return _("%(first)s, then %(other)s") % {"first": ways[0], "other": ways[1]} if len(ways) > 1 else "".join(ways)


def ways_shown(preview: PreviewView, address: str = "") -> list[dict[str, Any]]:
    """Return by which way how many get something, as bars; with an address each has who stands behind it."""
    return [
        {
            "title": _(CHANNEL_TITLES[way]),
            "said": got_by(way),
            "n": n,
            "most": preview.getting or 1,
            "url": f"{address}?way={way}" if address else "",
        }
        for way, n in preview.ways.items()
    ]


def got_by(way: str) -> str:
    """Return by which way somebody gets something."""
    return _("Get it by %(way)s") % {"way": _(CHANNEL_TITLES[way])}


def by_other_way(view: CampaignView, n: int) -> str:
    """Return for how many people the other way was planned at once; empty where for nobody."""
    if not n:
        return ""
    said = ngettext(
        "%(n)s of them was planned by %(way)s at once: the first way cannot reach them.",
        "%(n)s of them were planned by %(way)s at once: the first way cannot reach them.",
        n,
    )
    return said % {"n": formats.number(n), "way": _(CHANNEL_TITLES[view.fallback])}


def receivers(n: int, *, of_groups: bool) -> str:
    """Return so many people or groups."""
    said = ngettext("%(n)s group", "%(n)s groups", n) if of_groups else ngettext("%(n)s person", "%(n)s people", n)
    return said % {"n": formats.number(n)}


def audience_seen(access: Actor, view: CampaignView) -> str:
    """Return for whom a campaign is, and how many of a list somebody of some stores does not see."""
    told = audience_words(access, view.audience)
    if not view.out_of_reach:
        return told
    others = receivers(view.out_of_reach, of_groups="groups" in view.audience)
    return _("%(seen)s within your reach, and %(others)s beyond it") % {"seen": told, "others": others}


def audience_words(access: Actor, audience: Mapping[str, Any]) -> str:
    """Return for whom a campaign is."""
    if "everybody" in audience:
        return _("Everybody")
    if "groups" in audience:
        return receivers(len(audience["groups"]), of_groups=True)
    if "people" in audience:
        return _("A list of %(people)s") % {"people": receivers(len(audience["people"]), of_groups=False)}
    if "rule" not in audience:
        return ""
    key = segment_of(audience)
    names = segments.names_for(access=access) if access.can("segments.view") else {}
    if key is not None:
        name = names.get("segments", {}).get(key)
        return name or _("Segment %(n)s") % {"n": key}
    return spoken(segments.words_of(rule=audience["rule"], names=names)) if names else _("Who fits a rule")


def segment_of(audience: Mapping[str, Any]) -> int | None:
    """Return the saved segment for which a campaign is; None where it is for others."""
    rule = audience.get("rule", {}).get("rule", {})
    return int(rule["segment"]) if set(rule) == {"segment"} else None


def of_segment(segment_id: int) -> dict[str, Any]:
    """Return the audience of a saved segment."""
    return {"rule": {"version": 1, "rule": {"segment": segment_id}}}
