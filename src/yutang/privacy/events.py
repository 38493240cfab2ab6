"""What the room of data requests tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class DataRequested:
    """Somebody asked about their own data.

    Attributes:
        request_id: the request.
        kind: ``copy``, ``correction``, ``erasure`` or ``objection``.
        customer_id: who asked.
        due_date: day until which it is to be answered.
    """

    request_id: int
    kind: str
    customer_id: int
    due_date: date
