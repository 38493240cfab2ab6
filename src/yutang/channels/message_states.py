"""What a message can be, as far as it is known."""

from __future__ import annotations

from yutang.channels.models import DeliveryState, TouchState

#: In the order of its way: what is known of it, never what may be.
STATES: tuple[str, ...] = (
    TouchState.PLANNED.value,
    *(state.value for state in DeliveryState if state != DeliveryState.PUT_OFF),
    TouchState.REFUSED.value,
)


def state_of(planned: str, delivered: str | None) -> str:
    """Return what is known of a message: its delivery where it was let out, else how it is planned."""
    if delivered is None or delivered == DeliveryState.PUT_OFF:
        return planned
    return delivered
