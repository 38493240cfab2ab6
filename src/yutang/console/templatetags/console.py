"""Tags and filters of the console's templates: components, icons, and how things are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from yutang.console import formats, words
from yutang.console.sentences import spoken
from yutang.foundation.queries import StoreView
from yutang.kit.text import N_

register = template.Library()

register.filter("sentence", spoken)
register.filter("signed_percent", formats.signed_percent)

_COUNT_PARTS = (
    ("new", "rows_new", N_("New")),
    ("updated", "rows_updated", N_("Updated")),
    ("unchanged", "rows_unchanged", N_("Unchanged")),
    ("quarantined", "rows_quarantined", N_("To be mended")),
    ("ignored", "rows_ignored", N_("Ignored")),
)

#: Every task there is, by its name (a contract test compares).
TASK_TITLES = {
    "erase_person": N_("Erasing a customer"),
    "follow_groups": N_("Follow groups of buyers"),
    "follow_open_payments": N_("Ask about open payments"),
    "give_back": N_("Send refunds"),
    "keep_codes": N_("Who answers at channel codes"),
    "welcome_newcomers": N_("What follows for who came by a channel code"),
    "review_codes": N_("Who stayed after coming by a channel code"),
    "watch_programmes": N_("What newcomers cost and are worth"),
    "follow_friends": N_("What became of invited friends"),
    "follow_coupons": N_("What became of coupons"),
    "follow_visits": N_("What became of booked visits"),
    "forget_decisions": N_("Forgetting old decisions of the guard"),
    "weave_ties": N_("Who shares things with whom"),
    "judge_groups_nightly": N_("How alive groups are"),
    "play_demo_groups_once": N_("Groups of the demo shop"),
    "read_group_statistics": N_("Statistics of groups from WeCom"),
    "settle_group_places": N_("Places in groups that were kept"),
    "hear_wecom": N_("Listening to WeCom"),
    "sync_wecom": N_("Full look at WeCom"),
    "sync_nightly": N_("Asking for the full look at WeCom"),
    "move_handovers": N_("Hand-over of friends in WeCom"),
    "push_wecom_tags": N_("Tags to WeCom"),
    "make_contact_way": N_("Making a channel code"),
    "make_join_way": N_("Making the code of a group"),
    "delete_contact_way": N_("Deleting a channel code"),
    "forget_callbacks": N_("Forgetting old callbacks"),
    "run_import": N_("Import a file"),
    "renew_media": N_("Upload pictures and files to WeCom again before it forgets them"),
    "follow_orders": N_("Refresh the figures, scores and today's list"),
    "give_rule_tags": N_("Give tags by their rules"),
    "refit_values": N_("Fit the models of customer value"),
    "expire_tags": N_("Take away tags whose time is over"),
    "bring_what_came_late": N_("Bring people of recent merges what was written meanwhile"),
    "deliver_events": N_("Pass events on"),
    "read_experiments": N_("Read what followed of the experiments"),
    "refresh_segments": N_("Look at the segments"),
    "forget_finished": N_("Forget jobs that ended long ago"),
    "forget_sessions": N_("Forget log-ins that ended long ago"),
    "undo_import": N_("Take an import back"),
    "drop_kept_files": N_("Delete kept files whose time is over"),
    "reseal_records": N_("Seal the records anew under the newest key"),
    "publish_events": N_("Bring events of other systems into the lake"),
    "make_months_of_events": N_("Make room for the events of the months ahead"),
    "forget_months_of_events": N_("Let go of events of months that are not kept"),
    "make_months_of_orders": N_("Make room for the orders of the months ahead"),
    "forget_months_of_orders": N_("Let go of orders of months that are not kept"),
    "find_people_of_events": N_("Find the people behind events of other systems"),
    "deliver_webhooks": N_("Tell other systems what happened"),
    "forget_webhooks": N_("Forget what other systems were told long ago"),
    "forget_api_answers": N_("Forget answers to programs after a day"),
    "run_playbooks": N_("Run the playbooks"),
    "ask_members_over": N_("Ask members of a group over into another"),
    "lead_newcomers": N_("Lead newcomers into groups"),
    "drop_stale_tasks": N_("Take tasks of playbooks away whose time is over"),
    "fill_demo_shop": N_("Fill the demo shop"),
    "play_demo_group_buying": N_("Show group-buying and visits in the demo shop"),
    "play_demo_behaviour": N_("Show what people did in the demo shop"),
    "play_demo_referral": N_("Show referral in the demo shop"),
    "play_demo_shop": N_("Show playbooks in the demo shop"),
    "reach_demo_shop": N_("Show campaigns in the demo shop"),
    "run_campaigns": N_("Start campaigns and ask the policy about their people"),
    "preview_campaign": N_("Ask the policy what it says of a campaign"),
    "deliver_messages": N_("Hand over messages that are due"),
    "follow_deliveries": N_("Ask what became of messages"),
    "forget_receipts": N_("Forget receipts of messages that others sent"),
}


@register.filter
def number(value: float | None) -> str:
    """Write a number; a dash where there is none."""
    return "—" if value is None else formats.number(value)


@register.filter
def compact(value: float | None) -> str:
    """Write a number, shortened when it is large."""
    return "—" if value is None else formats.compact_number(value)


@register.filter
def money(minor: int | None, currency: str = "CNY") -> str:
    """Write an exact amount of minor units."""
    return "—" if minor is None else formats.money(minor, currency or "CNY")


@register.filter
def whole_money(minor: int | None, currency: str = "CNY") -> str:
    """Write an amount of minor units without decimals."""
    return "—" if minor is None else formats.whole_money(minor, currency or "CNY")


@register.filter
def day(value: date | str | None) -> str:
    """Write a calendar day."""
    return formats.day(date.fromisoformat(value) if isinstance(value, str) else value)


@register.filter
def moment(value: datetime | str | None) -> str:
    """Write an instant in local time."""
    return formats.moment(datetime.fromisoformat(value) if isinstance(value, str) else value)


@register.filter
def lookup(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """Return an entry of a mapping by a key that is a variable."""
    return None if mapping is None else mapping.get(key)


@register.filter
def can(actor: Any, permission: str) -> bool:
    """Return whether the actor holds the permission; nobody holds none."""
    return bool(actor) and actor.can(permission)


def tone(key: Any) -> int:
    """Return one of five tones for a key, always the same one."""
    return sum(str(key).encode()) % 5


def initial(name: str) -> str:
    """Return the character that stands for a name in an avatar."""
    bare = (name or "").strip().lstrip("*").strip()
    return bare[:1].upper() if bare else "·"


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite; decoration only, the words stand beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="#i-{}"/></svg>', f" icon-{size}" if size else "", name
    )


@register.simple_tag
def store_options(stores: Sequence[StoreView], chosen: int | None) -> SafeString:
    """Write the choices of a store: in one go, because a chain has hundreds of them on every page."""
    choices = ((store.id, mark_safe(" selected") if store.id == chosen else "", store.name) for store in stores)
    return format_html_join("", '<option value="{}"{}>{}</option>', choices)


@register.simple_tag
def place_options(stores: Sequence[StoreView], regions: Mapping[int, str], chosen: Any) -> SafeString:
    """Write the choices of a region (``r7``) or a store; regions only where there are several stores of one."""
    selected = mark_safe(" selected")
    places = [(f"r{key}", name) for key, name in regions.items()]
    wide = format_html_join(
        "", '<option value="{}"{}>{}</option>', ((key, selected if key == chosen else "", name) for key, name in places)
    )
    single = store_options(stores, chosen if isinstance(chosen, int) else None)
    if not places:
        return single
    return format_html(
        '<optgroup label="{}">{}</optgroup><optgroup label="{}">{}</optgroup>',
        gettext("Regions"),
        wide,
        gettext("Stores"),
        single,
    )


@register.simple_tag
def every_store(actor: Any) -> str:
    """Say what the choice of no single store stands for."""
    return words.every_store(actor)


@register.simple_tag
def avatar(name: str, key: Any = "", size: str = "") -> SafeString:
    """Draw the first character of a name in a tone of its own."""
    kind = f"avatar tone-{tone(key or name)}{f' avatar-{size}' if size else ''}"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', kind, initial(name))


@register.inclusion_tag("console/parts/delta.html")
def delta(change: float | None, good: str = "up") -> dict[str, Any]:
    """Draw a change against the period before; `good` says which direction is good news ("up" or "down")."""
    direction = "" if not change else "up" if change > 0 else "down"
    news = "" if not direction else "up" if direction == good else "down"
    return {"change": change, "direction": direction, "news": news}


@register.inclusion_tag("console/parts/counts_bar.html")
def counts_bar(source: Any, legend: bool = False) -> dict[str, Any]:
    """Draw how the rows of an import came out, each part as long as its share."""
    total = _part(source, "rows_read") or 0
    parts, left = [], 0.0
    for code, name, label in _COUNT_PARTS:
        rows = _part(source, name) or 0
        share = 100 * rows / total if total else 0.0
        parts.append(
            {"code": code, "label": gettext(label), "rows": rows, "left": f"{left:.3f}", "share": f"{share:.3f}"}
        )
        left += share
    return {"parts": parts, "legend": legend, "total": total}


@register.simple_tag
def steps_figure(value: int | None, label: str) -> SafeString:
    """Draw a grade as five steps of which `value` are lit."""
    lit = int(value or 0)
    cells = format_html_join("", "<i{}></i>", ((mark_safe(' class="on"') if step < lit else "",) for step in range(5)))
    return format_html('<span class="steps-fig" role="img" aria-label="{}">{}</span>', f"{label}: {lit}/5", cells)


@register.filter
def task_title(task_path: str) -> str:
    """Say what a background task does; the bare name of a task that has no title."""
    name = task_path.rsplit(".", 1)[-1]
    return gettext(TASK_TITLES[name]) if name in TASK_TITLES else name.replace("_", " ")


@register.filter
def stage_tone(stage: str) -> str:
    """Return the tone of a stage of life."""
    tones = {"new": "info", "growing": "accent", "loyal": "accent", "at_risk": "warn", "asleep": "plum", "lost": "down"}
    return tones.get(stage, "plain")


@register.filter
def status_tone(status: str) -> str:
    """Return the tone of a status of an import, a job or a task."""
    tones = {
        "done": "accent", "running": "info", "waiting": "info", "undoing": "info", "draft": "plain", "failed": "down",
        "dead": "down", "cancelled": "warn", "undone": "warn", "open": "info", "snoozed": "warn", "not_useful": "plain",
    }  # fmt: skip
    return tones.get(status, "plain")


@register.filter
def wordlist(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


def _part(source: Any, name: str) -> Any:
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name)
