"""Tags that say what a number means, by the registry of metrics."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.glossary import TERMS
from yutang.console.metrics import FRESHNESS, METRICS, Metric

register = template.Library()

#: In a request: how often each number has been explained in the answer so far, so that every bubble has an id of its own.
_EXPLAINED = "explained_numbers"


@register.inclusion_tag("console/parts/number_help.html", takes_context=True)
def number_help(context: Context, *codes: str) -> dict[str, Any]:
    """Draw a question mark that says on hover, focus and tap what one number, or the columns of a table, mean.

    Args:
        context: of the page; ``fresh`` in it says by source up to when the numbers of this page are known.
        codes: of the registry of metrics; another one is a programming error.
    """
    return explained(context, codes)


@register.inclusion_tag("console/parts/tile.html", takes_context=True)
def tile(context: Context, *, metric: str, **parts: Any) -> dict[str, Any]:
    """Draw a figure with its explanation and its change (label, value, change, factor, effect, effect_news, lead, note, url)."""
    label = parts.pop("label", "") or _(METRICS[metric].title)
    return {"label": label, **parts, **explained(context, (metric,))}


def explained(context: Context, codes: tuple[str, ...]) -> dict[str, Any]:
    """Return what the template of an explanation shows."""
    metrics = [METRICS[code] for code in codes]
    fresh = context.get("fresh") or {}
    rows = [_row(one, fresh.get(one.source, "")) for one in metrics]
    # What all columns of a table share is said once.
    same = len({row["fresh"] for row in rows}) == 1
    return {
        "help_id": _id(context, codes[0]),
        "help_rows": rows,
        "help_fresh": rows[0]["fresh"] if same else "",
        "help_of": _(metrics[0].title) if len(metrics) == 1 else "",
    }


def _row(metric: Metric, known_until: str) -> dict[str, str]:
    term = TERMS[metric.term] if metric.term else None
    parts = (known_until, _(FRESHNESS[metric.source]))
    return {
        "title": _(metric.title),
        "meaning": _(metric.meaning),
        "formula": _(metric.formula) if metric.formula else "",
        "fresh": formats.sentences(*parts),
        "term": _(term.title) if term else "",
        "term_url": f"{reverse('glossary')}#{term.code}" if term else "",
    }


def _id(context: Context, code: str) -> str:
    """Return an id that no other explanation of the answer has."""
    request = context.get("request")
    counts: dict[str, int] = getattr(request, _EXPLAINED, None) or {}
    counts[code] = counts.get(code, 0) + 1
    if request is not None:
        setattr(request, _EXPLAINED, counts)
    return f"help-{code}-{counts[code]}"
