"""What the numbers of the content library mean: what became of the messages that carried a content."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

CONTENTS = (
    Metric(
        "content_messages",
        N_("Messages"),
        N_(
            "Messages of the last 90 days that carry any version of this content, to people within your reach, whatever became of them."
        ),
        formula=N_("Count of messages"),
        source="now",
    ),
    Metric(
        "content_fates",
        N_("What became of them"),
        N_(
            "Planned: not gone yet. Sent: given to the channel. Failed: not taken by it. Refused: held back by the contact policy."
        ),
        formula=N_("Messages by their latest state"),
        source="now",
    ),
    Metric(
        "content_clicks",
        N_("Followed a link"),
        N_(
            "People within your reach who followed a link in such a message. Links that many got, as in groups and in tasks of WeCom, tell "
            "visits and no people."
        ),
        formula=N_("Count of people, each once; programs do not count"),
        source="now",
    ),
)
