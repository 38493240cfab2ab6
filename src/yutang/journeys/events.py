"""What the room of playbooks tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StepReached:
    """Somebody came to a step that tells other systems.

    Attributes:
        playbook_id: the playbook.
        step: id of the step.
        note: what the step is to tell.
        customer_id: who came to it.
    """

    playbook_id: int
    step: str
    note: str
    customer_id: int
