"""What each step of a playbook did so far: who came, who went on, what the contact policy refused and why, what went out and was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count

from yutang.channels.queries import PartResults, results_by_part
from yutang.foundation.access import Actor
from yutang.journeys.bodies import campaign_of, reference_of
from yutang.journeys.definition import Definition, JoinGroupStep, MessageStep, PostStep
from yutang.journeys.models import Enrolment, Passage, Version
from yutang.journeys.reach import enrolments_within, passages_within
from yutang.journeys.reading import definition_of

_SAYING = (MessageStep, PostStep, JoinGroupStep)
#: What ends a step without having done what it says.
_NOT_DONE = frozenset({"refused", "unable", "left", "moved"})


@dataclass(frozen=True)
class StepResults:
    """What one step did, over all versions. Counts of people, or of groups.

    Attributes:
        came: who came to it so far.
        here: of these, who stands there now.
        went_on: of these, for whom it did what it says.
        refused: by reason of the contact policy.
        unable: for whom it could not be done.
        left: who left the playbook instead.
        messages: what became of its messages; None of a step that says nothing, and for who may not see messages.
    """

    came: int = 0
    here: int = 0
    went_on: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    unable: int = 0
    left: int = 0
    messages: PartResults | None = None

    @property
    def refusals(self) -> int:
        """All refusals together."""
        return sum(self.refused.values())


def results_of_steps(*, access: Actor, playbook_id: int, definition: Definition) -> dict[str, StepResults]:
    """Return what each step of a definition did with people and groups within reach, in a handful of questions.

    Args:
        access: needs ``journeys.view``; messages are told to who may see them (``channels.view``).
        playbook_id: which.
        definition: whose steps are asked about; the numbers are those of all versions.
    """
    access.require("journeys.view")
    counts = _passed(access, playbook_id)
    inside = enrolments_within(access, Enrolment.objects.filter(playbook_id=playbook_id, ended_at=None)).order_by()
    here = dict(inside.values_list("step").annotate(Count("id")))
    messages = _messages(access, playbook_id, definition)
    return {
        step.id: _result(counts.get(step.id, Counter()), here.get(step.id, 0), messages.get(step.id))
        for step in definition.steps
    }


def _passed(access: Actor, playbook_id: int) -> dict[str, Counter[tuple[str, str]]]:
    every = Passage.objects.filter(version__playbook_id=playbook_id)
    rows = passages_within(access, every, playbook_id=playbook_id).order_by()
    found: dict[str, Counter[tuple[str, str]]] = {}
    for step, outcome, reason, count in rows.values_list("step", "outcome", "reason").annotate(Count("id")):
        found.setdefault(step, Counter())[outcome, reason] += count
    return found


def _result(counts: Counter[tuple[str, str]], here: int, messages: PartResults | None) -> StepResults:
    refused = {reason: n for (outcome, reason), n in counts.items() if outcome == "refused"}
    # Who waits with a reason stays where they are, and is counted when they leave it.
    done = sum(n for (what, why), n in counts.items() if what not in _NOT_DONE and not (what == "waited" and why))
    unable = sum(n for (outcome, _reason), n in counts.items() if outcome == "unable")
    left = sum(n for (outcome, _reason), n in counts.items() if outcome == "left")
    came = here + done + sum(refused.values()) + unable + left
    return StepResults(came, here, done, refused, unable, left, messages)


def _messages(access: Actor, playbook_id: int, definition: Definition) -> dict[str, PartResults]:
    said = [step.id for step in definition.steps if isinstance(step, _SAYING)]
    if not said or not access.can("channels.view"):
        return {}
    contents: dict[str, str] = {}
    for version in Version.objects.filter(playbook_id=playbook_id).order_by("pk"):
        for step in definition_of(version).steps:
            if isinstance(step, _SAYING):
                contents[reference_of(version_id=version.pk, step=step)] = step.id
                if isinstance(step, MessageStep) and step.instead is not None:
                    contents[reference_of(version_id=version.pk, step=step, instead=True)] = step.id
    return results_by_part(access=access, campaign=campaign_of(playbook_id), parts=said, contents=contents)
