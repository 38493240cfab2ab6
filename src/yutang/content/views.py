"""What others see of the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yutang.content.checking import Finding
from yutang.content.length import ShortLength
from yutang.content.writing import Written
from yutang.kit.text import N_

#: States that a version is shown in: those of `models.VersionState`, and approved ones whose time is over.
STATE_TITLES: Mapping[str, str] = {
    "draft": N_("Draft"),
    "asked": N_("Waits for approval"),
    "approved": N_("Approved"),
    "refused": N_("Turned down"),
    "expired": N_("Expired"),
}
STATES = tuple(STATE_TITLES)


@dataclass(frozen=True)
class VersionView:
    """One version of a content.

    Attributes:
        reference: by which messages name it, ``content:17:3``.
        state: one of `STATES`.
        written: as it was written.
        reason: why it was refused.
        expires_at: from when on it is not sent; None: until somebody ends it.
    """

    number: int
    reference: str
    state: str
    written: Written
    written_by: str
    written_at: datetime
    asked_by: str
    asked_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    reason: str
    expires_at: datetime | None


@dataclass(frozen=True)
class ContentView:
    """A content in the library.

    Attributes:
        version: the one that is shown: what is approved and holds, else the latest.
        is_being_written: whether beside an approved version another is a draft or waits.
    """

    id: int
    version: VersionView
    is_being_written: bool
    made_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class ContentPage:
    """A page of the library; give `next_key` as `after_key` for the next one, None: that was all."""

    rows: tuple[ContentView, ...]
    next_key: int | None


@dataclass(frozen=True)
class Usage:
    """What became of the messages that named a content, within the period asked about. Counts by state of a message."""

    states: Mapping[str, int]
    last_at: datetime | None

    @property
    def messages(self) -> int:
        """All of them."""
        return sum(self.states.values())


@dataclass(frozen=True)
class Shown:
    """A content as one receiver reads it by one channel.

    Attributes:
        channel: by which.
        text: with values in their places; of who lacks one without a fall-back, its title in brackets stands there.
        subject: of an e-mail.
        lacking: titles of the variables that are not known and have no fall-back, marked for translation: this receiver is left out.
        length: as a short message, signature included.
        signature: what stands before a short message.
    """

    channel: str
    text: str
    subject: str
    lacking: tuple[str, ...]
    length: ShortLength
    signature: str


@dataclass(frozen=True)
class PreviewRow:
    """What one person of many would read; `is_left_out`: they lack a value for which there is no fall-back."""

    customer_id: int
    text: str
    is_left_out: bool


@dataclass(frozen=True)
class Checked:
    """What the check of words found in a content, the parts in order."""

    findings: tuple[Finding, ...]

    @property
    def stops(self) -> int:
        """How many findings stop an approval."""
        return sum(one.severity == "block" for one in self.findings)


@dataclass(frozen=True)
class ScriptView:
    """A script for staff."""

    id: int
    situation: str
    title: str
    body: str
    language: str
    written_by: str
    changed_at: datetime


@dataclass(frozen=True)
class MediumView:
    """A picture or file; `ends_at`: until when WeCom has its copy, None: it has none."""

    digest: str
    kind: str
    media_type: str
    name: str
    size: int
    width: int | None
    height: int | None
    ends_at: datetime | None
