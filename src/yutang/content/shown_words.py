"""Words as staff see them who look at what went out: personal values masked, what is not known named in brackets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.utils.translation import gettext

from yutang.channels.bodies import Said
from yutang.content.grammar import Template
from yutang.content.stored import versions_named
from yutang.content.variables import VARIABLES, values_for
from yutang.content.writing import templates_of
from yutang.foundation.access import Actor

_SOURCE = "content:"


def shown_words(*, access: Actor, asked: Collection[Said], now: datetime) -> dict[Said, str]:
    """Return the words of contents, as `ShowsWords`; also of those that are not sent any more. Nothing to who may not see contents."""
    if not access.can("content.view"):
        return {}
    versions = versions_named({one[0].removeprefix(_SOURCE) for one in asked})
    templates = {f"{_SOURCE}{reference}": templates_of(row)[0] for reference, row in versions.items()}
    known = {one: templates[one[0]] for one in asked if one[0] in templates}
    names = dict.fromkeys(name for template in known.values() for name in template.names)
    people = sorted({person for _, person in known if person is not None})
    return masked(known, values_for(names, customer_ids=people, clear=False, now=now))


def masked(templates: Mapping[Said, Template], values: Mapping[int, Mapping[str, str]]) -> dict[Said, str]:
    """Return texts with what is known of each person; a value that lacks and has no fall-back is its title in brackets."""
    return {one: _filled(template, values.get(one[1] or 0, {})) for one, template in templates.items()}


def _filled(template: Template, known: Mapping[str, str]) -> str:
    lacking = {name: f"[{gettext(VARIABLES[name].title)}]" for name in template.lacking(known)}
    return template.filled({**known, **lacking})
