"""What the room tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CustomersScored:
    """Every customer has a score as of a day.

    Attributes:
        run_id: the scoring run.
        as_of: exclusive day up to which sales were counted.
    """

    run_id: int
    as_of: date
