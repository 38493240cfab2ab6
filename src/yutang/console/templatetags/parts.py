"""The larger components of the console as tags: what stands inside is written between a tag and its end.

Each is shown with all its states on the page of components, and used by a room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from yutang.console.templatetags.help import explained

register = template.Library()


@register.simple_block_tag
def dialog(content: SafeString, *, key: str, title: str, wide: bool = False) -> SafeString:
    """Draw a dialog that a button with ``data-open=key`` opens; forms in it take the class ``dialog-body``."""
    return _drawn("dialog", key=key, title=title, content=content, wide=wide)


@register.simple_block_tag
def drawer(content: SafeString, *, key: str, title: str) -> SafeString:
    """Draw a drawer at the edge that a button with ``data-open=key`` opens."""
    return _drawn("drawer", key=key, title=title, content=content)


@register.simple_block_tag
def field(content: SafeString, *, key: str, label: str, help: str = "", error: str = "") -> SafeString:  # noqa: A002
    """Draw a row of a form around its control, which carries ``id=key`` and names ``key-help`` or ``key-error``."""
    return _drawn("field", key=key, label=label, help=help, error=error, content=content)


@register.simple_tag
def field_state(key: str, error: str, *, help: str = "", first: str = "") -> SafeString:  # noqa: A002
    """Return what a control says of itself: that it is wrong and why, by what it is explained, and that it comes first of the wrong ones.

    Args:
        key: id of the control.
        error: what is wrong with it; empty: nothing.
        help: id of what explains it; empty: nothing does.
        first: id of the first wrong control of the form, which gets the focus.
    """
    said = [*([f"{key}-error"] if error else []), *([help] if help else [])]
    parts = [SafeString('aria-invalid="true"')] if error else []
    if said:
        parts.append(format_html('aria-describedby="{}"', " ".join(said)))
    if error and key == first:
        parts.append(SafeString("autofocus"))
    return format_html_join(" ", "{}", ((part,) for part in parts))


@register.simple_block_tag
def filter_bar(content: SafeString, *, label: str, get: str = "", watch: str = "", target: str = "") -> SafeString:
    """Draw the bar of filters of a list.

    Args:
        content: the controls; their names are those of the address.
        label: what is filtered, for who does not see it.
        get: address that answers with the list alone while somebody types; empty: only when the form is sent.
        watch: selector of the control in which is typed.
        target: selector of the list.
    """
    return _drawn("filter_bar", label=label, get=get, watch=watch, target=target, content=content)


@register.inclusion_tag("console/parts/search_field.html")
def search_field(*, name: str, value: str, label: str) -> dict[str, Any]:
    """Draw the field of a filter bar in which words are looked for; its id is its name."""
    return {"name": name, "value": value, "label": label}


@register.simple_block_tag
def data_table(content: SafeString, *, label: str, columns: Sequence[Mapping[str, Any]]) -> SafeString:
    """Draw a table around its rows; a wide one scrolls, a phone shows cards.

    Args:
        content: the rows; cells of a card say their heading in ``data-label``.
        label: what the table tells.
        columns: headings: ``title``, and ``is_number`` of those that stand to the right.
    """
    return _drawn("data_table", label=label, columns=columns, content=content)


@register.inclusion_tag("console/parts/chart_card.html", takes_context=True)
def chart_card(context: Context, *, key: str, title: str, kind: str, values: Any, **parts: Any) -> dict[str, Any]:
    """Draw a chart in a card: a shimmer while it loads, a sentence where there is nothing or where it fails.

    Args:
        context: of the page.
        key: unique on the page.
        title: heading.
        kind: of `charts.js`.
        values: what that kind draws; nothing: the sentence ``empty`` stands there.
        parts: ``words`` (the chart in a sentence), ``metric`` (what its numbers mean), ``note``, ``size`` (``s`` or ``tall``),
            ``tell`` (whether the sentence stands under the chart too), ``empty``, ``below`` (template under the chart) and the
            ``rows`` that it shows.
    """
    metric = parts.get("metric", "")
    told = explained(context, (metric,)) if metric else {}
    return {"key": key, "title": title, "kind": kind, "values": values, **parts, **told}


@register.inclusion_tag("console/parts/stepper.html")
def stepper(*titles: str, current: int, label: str) -> dict[str, Any]:
    """Draw the steps of a way; those before the current one (counted from 1) are done."""
    steps = [
        {"title": title, "state": "done" if place < current else "current" if place == current else ""}
        for place, title in enumerate(titles, 1)
    ]
    return {"steps": steps, "label": label}


@register.inclusion_tag("console/parts/timeline.html")
def timeline(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Draw what happened, newest first (icon, tone, title, text, at)."""
    return {"events": events}


@register.simple_tag
def tag_label(text: Any, tone: str = "plain") -> SafeString:
    """Draw a tag in a tone: plain, accent, info, warn, plum or down."""
    return format_html('<span class="tag tag-{}">{}</span>', tone, text)


@register.inclusion_tag("console/parts/progress_bar.html")
def progress_bar(
    *, label: str, done: int | None = None, total: int | None = None, told: bool = False
) -> dict[str, Any]:
    """Draw how far something is; without a total it is known only that it goes on. ``told`` writes the numbers beside it."""
    return {"label": label, "done": done, "total": total, "told": told}


@register.inclusion_tag("console/parts/skeleton.html")
def skeleton(lines: int = 3) -> dict[str, Any]:
    """Draw what stands where a part is being fetched."""
    return {"lines": range(lines)}


def _drawn(name: str, **parts: Any) -> SafeString:
    return render_to_string(f"console/parts/{name}.html", parts)
