"""Messages whose words stand in the playbook itself: how they become what a receiver reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from yutang.channels.bodies import BODIES, Body, BodySource
from yutang.journeys.definition import MessageStep
from yutang.journeys.models import Version
from yutang.journeys.reading import definition_of

#: What stands before the colon of the content of such a message: ``playbook:<version>:<step>``; with ``:instead`` behind it, the
#: words in place of a promotion.
SOURCE = "playbook"
_INSTEAD = "instead"


def reference_of(*, version_id: int, step: MessageStep, instead: bool = False) -> str:
    """Return the content of a step's message, as a touch keeps it."""
    said = step.instead if instead else step
    if said is not None and said.content:
        return said.content
    return f"{SOURCE}:{version_id}:{step.id}" + (f":{_INSTEAD}" if instead else "")


def bodies_of_steps(
    *, reference: str, channel: str, customer_ids: Sequence[int], group_keys: Sequence[str], now: datetime
) -> Mapping[int | str, Body]:
    """Return the same words for everybody; nothing where the version or the step is not there."""
    _source, version_id, step_id, *rest = (*reference.split(":"), "", "")
    version = Version.objects.filter(pk=int(version_id)).first() if version_id.isdecimal() else None
    if version is None:
        return {}
    steps = {one.id: one for one in definition_of(version).steps}
    step = steps.get(step_id)
    if not isinstance(step, MessageStep):
        return {}
    said = step.instead if _INSTEAD in rest else step
    if said is None or not said.words:
        return {}
    body = Body(text=said.words, subject=step.subject)
    return dict.fromkeys((*customer_ids, *group_keys), body)


BODIES.register(BodySource(SOURCE, bodies_of_steps))
