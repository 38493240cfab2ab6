"""People or groups who are due at the same step of the same version, and what the steps need of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from yutang.journeys.definition import Definition
from yutang.journeys.rule_sets import RuleSets
from yutang.journeys.standing import Move


class Row(NamedTuple):
    """One person, or one group, that is due at a step; of a group `customer_id` is 0."""

    id: int
    customer_id: int
    group_key: str
    visit: int
    since: datetime
    heard: bool
    entered_on: Any
    orders_before: int


@dataclass(frozen=True)
class Block:
    """People or groups who are due at the same step of the same version.

    Attributes:
        playbook_id: which.
        name: of the playbook, for people who are asked to do something.
        salt: of the playbook.
        version_id: the version on which they are.
        definition: of that version.
        step_id: where they stand.
        rows: who.
        rules: who fits which rule.
        now: aware UTC.
    """

    playbook_id: int
    name: str
    salt: bytes
    version_id: int
    definition: Definition
    step_id: str
    rows: Sequence[Row]
    rules: RuleSets
    now: datetime

    def key(self, row: Row) -> str:
        """Return the idempotency key of what the step does with one of them."""
        return f"playbook:{row.id}:{self.step_id}:{row.visit}"

    def all(self, outcome: str, to: str) -> list[Move]:
        """Return the same move for everybody."""
        return [Move(outcome, to, self.now)] * len(self.rows)
