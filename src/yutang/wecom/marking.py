"""What published tables of higher rooms follow: who is in which group of WeCom, and who a contact is."""

from __future__ import annotations

from datetime import datetime

from yutang.ingest import journal
from yutang.lake.partitions import WHOLE


def mark_members(*, now: datetime) -> None:
    """Mark members of groups as changed, in the transaction of the change."""
    journal.touch("wecom_groupmember", [WHOLE], now=now)


def mark_contacts(*, now: datetime) -> None:
    """Mark whom contacts lead to as changed, in the transaction of the change."""
    journal.touch("wecom_contact", [WHOLE], now=now)
