"""One group in full: how alive it is over time, why, what to do, probes, what was done, likeness, and who brought whom."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yutang.communities import queries
from yutang.communities.likeness import Trait
from yutang.communities.queries import CommunityPage
from yutang.communities.views import DeedView, ProbeView, TreeNode, VitalityDay
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import communities_words as words
from yutang.console.sentences import spoken, spoken_name
from yutang.content import queries as contents
from yutang.customers import queries as people
from yutang.foundation.queries import stores
from yutang.journeys.queries import playbook_names
from yutang.kit.text import N_

_MOST_SPREAD = 6
_CONTENT = re.compile(r"content:([0-9]{1,18}):[0-9]{1,9}")
#: Days for which a group can be put off.
_LATER = (3, 7, 14)
#: What the button says that does what is advised.
_BUTTONS = {
    "rest": N_("Let it rest for two weeks"),
    "merge": N_("Merge, and ask its people over"),
    "open": N_("Ask for the next group"),
    "close": N_("Close the group"),
}


@room("communities.view")
def one(request: StaffRequest, community_id: int) -> HttpResponse:
    """Show one group."""
    page = queries.community_page(access=request.actor, community_id=community_id, now=request.now)
    view, may_see = page.view, request.actor.can("customers.view")
    names = _names(request, page) if may_see else {}
    row, titles = words.row(view), _contents(request, page)
    advice = queries.ADVICE.get(view.advice)
    context = {
        **row,
        "page": page,
        "view": view,
        "row": row,
        "reasons": [spoken(each) for each in view.reasons],
        "ahead": words.share(view.ahead),
        "since": view.life_since,
        "how": _(advice[1]) if advice else "",
        "advice_button": _(_BUTTONS[view.advice]) if view.advice in _BUTTONS else "",
        "split_parts": [(tag, page.tags[tag]) for tag in view.advice_detail.get("tags", ()) if tag in page.tags],
        "advice_with": page.neighbour,
        "advice_content": titles.get(str(view.advice_detail.get("content") or ""), ""),
        "advice_tags": [page.tags.get(tag, "") for tag in view.advice_detail.get("tags", ())],
        "band": _band(page.days) if len(page.days) > 1 else None,
        "band_words": _band_words(page),
        "probes": [_probe(each) for each in page.probes],
        "deeds": [_deed(each, titles) for each in page.deeds],
        "traits": [_trait(each) for each in page.traits],
        "tree": _tree(page.tree, names) if page.tree.children else None,
        "tree_words": _tree_words(page, names),
        "tree_rows": _tree_rows(page.tree, names),
        "seed": names.get(page.seed_customer_id or 0, ""),
        "may_see_people": may_see,
        "may_change": request.actor.can("communities.change"),
        "may_post": request.actor.can("channels.send"),
        **_forms(request, page),
    }
    return render(request, "console/groups/one.html", context)


def _forms(request: StaffRequest, page: CommunityPage) -> dict[str, Any]:
    """Return what the forms of the page offer."""
    today = timezone.localdate(request.now)
    playbooks = playbook_names(access=request.actor) if request.actor.can("journeys.view") else {}
    deeds = [(code, _(title)) for code, title in queries.DEED_TITLES.items() if code not in {"probe", "merge"}]
    return {
        "deed_choices": deeds,
        "probe_kinds": [(code, _(title)) for code, title in queries.PROBE_TITLES.items()],
        "probe_at": timezone.localtime(request.now).strftime("%Y-%m-%dT%H:%M"),
        "probe_packets": max(round(page.view.members / 3), 1),
        "later": [(today + timedelta(days=days), days) for days in _LATER],
        "stores": stores(access=request.actor),
        "tag_choices": people.tag_choices(),
        "playbooks": playbooks.items(),
        "playbook": playbooks.get(page.playbook_id or 0, ""),
    }


def _names(request: StaffRequest, page: CommunityPage) -> dict[int, str]:
    """Return what people of the page are called, as far as the reader may know."""
    asked = [key for key in _people_in(page.tree) if key]
    if page.seed_customer_id:
        asked.append(page.seed_customer_id)
    found = people.customer_rows(access=request.actor, ids=sorted(set(asked)))
    return {key: spoken_name(row.name) for key, row in found.items()}


def _people_in(node: TreeNode) -> list[int]:
    return [
        *([node.customer_id] if node.customer_id else []),
        *(one for child in node.children for one in _people_in(child)),
    ]


def _band(days: Sequence[VitalityDay]) -> dict[str, Any]:
    return {
        "days": [day.day.isoformat() for day in days],
        "share": [round(day.share, 3) for day in days],
        "low": [round(day.low, 3) for day in days],
        "high": [round(day.high, 3) for day in days],
        "words": {"share": _("pay attention"), "range": _("nine chances in ten")},
    }


def _band_words(page: CommunityPage) -> str:
    if len(page.days) < 2:
        return ""
    first, last = page.days[0], page.days[-1]
    return _("From %(before)s on %(first)s to %(now)s on %(last)s; in two weeks about %(ahead)s.") % {
        "before": words.share(first.share),
        "first": formats.day(first.day),
        "now": words.share(last.share),
        "last": formats.day(last.day),
        "ahead": words.share(page.view.ahead),
    }


def _probe(one: ProbeView) -> dict[str, Any]:
    uncounted = _("all taken") if one.were_all_taken else _("some were left")
    came = uncounted if one.takers is None else formats.number(one.takers)
    of = one.packets if one.packets is not None else one.members
    return {
        "one": one,
        "kind": _(queries.PROBE_TITLES[one.kind]),
        "came": came,
        "of": formats.number(of),
        "after": _("%(n)s minutes") % {"n": formats.number(one.minutes)},
    }


def _deed(one: DeedView, titles: Mapping[str, str]) -> dict[str, Any]:
    told = ""
    if one.before is not None and one.after is not None:
        told = _("from %(before)s to %(after)s within two weeks") % {
            "before": words.share(one.before),
            "after": words.share(one.after),
        }
        if one.others_change is not None:
            told = _("%(told)s; %(n)s similar groups left alone changed by %(change)s") % {
                "told": told,
                "n": one.others,
                "change": words.points(one.others_change),
            }
    if one.detail.get("asked") is not None:
        over = _("%(asked)s were asked over, %(came)s came") % {
            "asked": formats.number(one.detail["asked"]),
            "came": formats.number(one.came_over),
        }
        told = f"{over} · {told}" if told else over
    elif one.kind in {"close", "merge"}:
        told = told or _("It is not compared: the group is over.")
    elif one.is_past_telling:
        told = told or _(
            "What came of it cannot be told: too little is known of the group on the days before and after."
        )
    return {
        "one": one,
        "kind": _(queries.DEED_TITLES[one.kind]),
        "told": told or _("What came of it is known two weeks later."),
        "content": titles.get(str(one.detail.get("content") or ""), ""),
    }


def _contents(request: StaffRequest, page: CommunityPage) -> dict[str, str]:
    """Return what the contents of the page are called, by reference, as far as the reader may see the library."""
    asked = [str(one.detail.get("content") or "") for one in page.deeds]
    asked.append(str(page.view.advice_detail.get("content") or ""))
    keys = {one: int(found[1]) for one in asked if (found := _CONTENT.fullmatch(one))}
    if not keys or not request.actor.can("content.view"):
        return {}
    shown = contents.contents(access=request.actor, content_ids=set(keys.values()), now=request.now)
    return {one: shown[key].version.written.title for one, key in keys.items() if key in shown}


def _trait(one: Trait) -> dict[str, Any]:
    most = max((count for _name, count in one.spread), default=0)
    return {
        "one": one,
        "alike": words.share(one.alike),
        "wanted": formats.listed(list(one.wanted)) if one.wanted else "",
        "bars": [
            {"name": name, "count": count, "share": f"{100 * count / most:.1f}", "is_wanted": name in one.wanted}
            for name, count in one.spread[:_MOST_SPREAD]
        ],
        "fitting": words.share(one.fitting / one.known if one.known and one.wanted else None),
    }


def _tree(root: TreeNode, names: Mapping[int, str]) -> dict[str, Any]:
    """Return the tree as the chart draws it."""
    return {"root": _branch(root, names), "words": {"brought": _("brought"), "gone": _("left the group")}}


def _branch(node: TreeNode, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "name": _person(node, names),
        "brought": node.brought,
        "here": node.is_here,
        "seeds": bool(node.seeds),
        "children": [_branch(child, names) for child in node.children],
    }


def _person(node: TreeNode, names: Mapping[int, str]) -> str:
    if node.customer_id is None:
        return _("nobody seeded it")
    return names.get(node.customer_id) or _("Customer %(id)s") % {"id": node.customer_id}


def _tree_words(page: CommunityPage, names: Mapping[int, str]) -> str:
    if not page.tree.children:
        return ""
    return _("Of %(known)s members it is known who brought them. The tree begins with: %(seed)s.") % {
        "known": formats.number(page.known_inviters),
        "seed": _person(page.tree, names),
    }


def _tree_rows(root: TreeNode, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return who brought others, those who brought most first, for who reads the tree as a table."""
    found: list[dict[str, Any]] = []

    def walk(node: TreeNode) -> None:
        if node.brought:
            seeds = node.seeds
            found.append(
                {
                    "id": node.customer_id,
                    "name": _person(node, names),
                    "direct": len(node.children),
                    "brought": node.brought,
                    "seeds": {"url": reverse("groups-one", args=[seeds[0]]), "name": seeds[1]} if seeds else None,
                }
            )
        for child in node.children:
            walk(child)

    walk(root)
    return sorted(found, key=lambda one: -one["brought"])[:12]
