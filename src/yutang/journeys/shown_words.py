"""Words of playbooks as staff see them who look at what went out: personal values masked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from yutang.channels.bodies import BODIES, BodySource, Said
from yutang.content.grammar import Template, template_of
from yutang.content.shown_words import masked
from yutang.content.variables import known_names
from yutang.foundation.access import Actor
from yutang.journeys.bodies import INSTEAD, SOURCE, bodies_of_steps, invitation_words, values_of
from yutang.journeys.definition import AnyStep, Definition, JoinGroupStep, MessageStep, PostStep
from yutang.journeys.models import Version
from yutang.journeys.reading import definition_of


def shown_words(*, access: Actor, asked: Collection[Said], now: datetime) -> dict[Said, str]:
    """Return the words of steps, as `ShowsWords`; of an invitation without its link. A question for each playbook and variable."""
    parts = {one: (*one[0].split(":"), "", "", "") for one in asked}
    keys = {int(told[1]) for told in parts.values() if told[1].isascii() and told[1].isdecimal() and len(told[1]) < 17}
    versions = Version.objects.in_bulk(keys)
    definitions = {str(key): definition_of(row) for key, row in versions.items()}
    by_playbook: dict[int, dict[Said, Template]] = {}
    for one, (_source, version, step_id, instead, *_rest) in parts.items():
        template = _template(definitions[version], step_id, instead) if version in definitions else None
        if template is not None:
            by_playbook.setdefault(versions[int(version)].playbook_id, {})[one] = template
    found: dict[Said, str] = {}
    for playbook_id, templates in by_playbook.items():
        names = dict.fromkeys(name for template in templates.values() for name in template.names)
        people = sorted({person for _, person in templates if person is not None})
        found |= masked(templates, values_of(names, playbook_id, people, clear=False, now=now))
    return found


def _template(definition: Definition, step_id: str, instead: str) -> Template | None:
    step = next((one for one in definition.steps if one.id == step_id), None)
    text = "" if step is None else _text(step, is_instead=instead == INSTEAD)
    return template_of(text, known=known_names()) if text else None


def _text(step: AnyStep, *, is_instead: bool) -> str:
    if isinstance(step, JoinGroupStep):
        return invitation_words(step)
    if isinstance(step, MessageStep) and is_instead:
        return step.instead.words if step.instead else ""
    return step.words if isinstance(step, MessageStep | PostStep) else ""


BODIES.register(BodySource(SOURCE, bodies_of_steps, shown=shown_words))
