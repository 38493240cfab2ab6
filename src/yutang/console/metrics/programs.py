"""What the numbers about other programs mean: how messages to one of their addresses fare."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

PROGRAMS = (
    Metric(
        "webhook_taken",
        N_("Taken in 30 days"),
        N_("Messages that the receiver has taken: it answered with a code from 200 to 299."),
        source="now",
    ),
    Metric(
        "webhook_waiting",
        N_("Waiting"),
        N_("Messages that are still to be taken: they are new, or tried again after a failure."),
        source="now",
    ),
    Metric(
        "webhook_dead",
        N_("Given up"),
        N_("Messages that the receiver did not take in any try. They are kept and can be sent again."),
        source="now",
    ),
)
