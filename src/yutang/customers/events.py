"""What the room of people tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PeopleMerged:
    """A person found by hand that two records are one; merges of imports come with the import's own event.

    Attributes:
        merge_id: the merge.
        winner_id: who has everything now.
        loser_id: who was found to be the winner.
    """

    merge_id: int
    winner_id: int
    loser_id: int


@dataclass(frozen=True)
class MergeUndone:
    """A merge was taken apart by hand.

    Attributes:
        merge_id: the merge.
        winner_id: who keeps what was theirs.
        loser_id: who stands for themselves again.
    """

    merge_id: int
    winner_id: int
    loser_id: int


@dataclass(frozen=True)
class TagRuleChanged:
    """A tag has a rule now, or another one.

    Attributes:
        tag_id: the tag.
    """

    tag_id: int


@dataclass(frozen=True)
class ConsentChanged:
    """A person agreed to something, or withdrew that.

    Attributes:
        consent_id: the entry of the ledger.
        customer_id: who said it.
        purpose: what for.
        channel: by which way.
        granted: whether the person agreed.
        occurred_at: when the person said it.
    """

    consent_id: int
    customer_id: int
    purpose: str
    channel: str
    granted: bool
    occurred_at: datetime
