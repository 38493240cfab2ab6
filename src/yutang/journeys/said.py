"""What the messages of a definition say: under which intent contents of the library go, and what the check finds in own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yutang.channels.organisation import INTENT_TITLES
from yutang.channels.policy import GROUP_CHANNEL, TRANSACTIONAL
from yutang.channels.said_words import own_intents
from yutang.content.checking import Finding
from yutang.content.queries import lack_template
from yutang.content.word_checks import WARNING, findings_of, told
from yutang.foundation.access import Actor
from yutang.journeys.definition import Definition, JoinGroupStep, MessageStep, PostStep
from yutang.journeys.reading import DefinitionIsWrong
from yutang.kit.text import N_, Sentence

#: What stands before the reference of a content of the library in a message.
_LIBRARY = "content:"
_LACKS_TEMPLATE = N_(
    "This step cannot go out by SMS: a gateway sends only texts that it approved before, and here none is named. Choose a content with "
    "the code of an approved template, or another way. The playbook does not start like this."
)


#: What begins a playbook with something that one person did or that was told of them, so that a transaction can be meant.
_OF_ONE = frozenset({"event", "order", "word", "hand"})
_CONCERNS_ONE = N_(
    "another purpose: a transaction notice goes to the one whose order or visit it tells of, in a playbook that an order, an event, a word "
    "or a hand begins"
)


def check_said(definition: Definition) -> None:
    """Refuse contents under another intent than their own, words that may not go out, two things instead of one, and notices to many.

    Raises:
        DefinitionIsWrong: names the step and the field, and what should be there.
    """
    for step in definition.steps:
        if isinstance(step, MessageStep | JoinGroupStep) and _tells_many_of_a_transaction(definition, step.intent):
            raise _wrong(f"{step.id}.intent", _CONCERNS_ONE, {})
        # Looked at here, and not when a definition is read: versions that run with both keep what they began with.
        instead = step.instead if isinstance(step, MessageStep) else None
        if instead is not None and instead.content and instead.words.strip():
            raise _wrong(f"{step.id}.instead", N_("either a content of the library or words, not both"), {})
    named = list(_contents(definition))
    own = own_intents(reference for _place, reference, _intent in named)
    for place, reference, intent in named:
        if own.get(reference, intent) != intent:
            values = {"content": reference, "own": _title(own[reference]), "asked": _title(intent)}
            raise _wrong(
                place,
                N_("a content for “%(asked)s”; %(content)s was written as “%(own)s”, and goes out as nothing else"),
                values,
            )
    for place, finding in _found(definition):
        if finding.severity == "block":
            raise _wrong(place, N_("words that may go out, without “%(words)s” (%(group)s). %(why)s"), told(finding))


def _tells_many_of_a_transaction(definition: Definition, intent: str) -> bool:
    return intent == TRANSACTIONAL and definition.trigger.kind not in _OF_ONE


def warnings_of(definition: Definition) -> list[tuple[str, Sentence]]:
    """Return (place, sentence) of own words about which a person decides."""
    return [(place, Sentence(WARNING, told(one))) for place, one in _found(definition) if one.severity == "warn"]


def without_template(definition: Definition) -> list[tuple[str, Sentence]]:
    """Return (place, sentence) of each step that would send short messages without a template of the gateway."""
    named = {place: reference.removeprefix(_LIBRARY) for place, reference in _short_messages(definition)}
    contents = sorted({reference for reference in named.values() if reference})
    lacking = {"", *(lack_template(access=Actor.system(), references=contents) if contents else ())}
    return [(place, Sentence(_LACKS_TEMPLATE)) for place, reference in named.items() if reference in lacking]


def _short_messages(definition: Definition) -> Iterator[tuple[str, str]]:
    """Yield (place, content) of all that goes out by SMS; no content where a step brings its own words."""
    for step in definition.steps:
        if isinstance(step, MessageStep | JoinGroupStep) and step.channel == "sms":
            content = step.content if isinstance(step, MessageStep) else ""
            yield f"{step.id}.{'content' if content else 'words'}", content
        if isinstance(step, MessageStep) and step.channel == "sms" and step.instead is not None:
            yield f"{step.id}.instead.{'content' if step.instead.content else 'words'}", step.instead.content


def _contents(definition: Definition) -> Iterator[tuple[str, str, str]]:
    """Yield (place, reference, intent) of every content that a definition names."""
    for step in definition.steps:
        if isinstance(step, MessageStep | PostStep) and step.content:
            yield f"{step.id}.content", step.content, step.intent
        if isinstance(step, MessageStep) and step.instead is not None and step.instead.content:
            yield f"{step.id}.instead.content", step.instead.content, "value"


def _found(definition: Definition) -> Iterator[tuple[str, Finding]]:
    """Yield (place, finding) of all words that stand in a definition itself."""
    for step in definition.steps:
        if not isinstance(step, MessageStep | PostStep | JoinGroupStep):
            continue
        channel = GROUP_CHANNEL if isinstance(step, PostStep) else step.channel
        texts = {"words": (step.words, step.intent)}
        if isinstance(step, MessageStep):
            texts["subject"] = (step.subject, "service")
            texts["instead.words"] = (step.instead.words if step.instead else "", "value")
        for field, (text, intent) in texts.items():
            for one in findings_of([text], channels=[channel], intent=intent):
                yield f"{step.id}.{field}", one


def _title(intent: str) -> Any:
    return Sentence(INTENT_TITLES[intent]).as_json() if intent in INTENT_TITLES else intent


def _wrong(place: str, template: str, values: dict[str, object]) -> DefinitionIsWrong:
    return DefinitionIsWrong(place=place, expected=Sentence(template, values).as_json())
