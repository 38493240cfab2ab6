"""What an erasure does not reach, and why: sealed records that name nobody whom the platform knows, or that end by themselves."""

from __future__ import annotations

from collections.abc import Mapping

from yutang.kit.text import N_

#: ``table.column`` of what may hold something about a person, with the reason why it stays for a while.
STAYING: Mapping[str, str] = {
    "ingest_quarantinedrow.sealed_row": N_(
        "Rows of files that could not be taken stay with their import: they were never a customer. Look for them on the page of kept rows."
    ),
    "wecom_callback.sealed_text": N_("What WeCom told is forgotten by itself 30 days after it was settled."),
}

#: ``table.column`` of what is sealed and is about no customer: secrets of the installation, of staff, of other systems.
OF_NOBODY = frozenset(
    {
        "coupons_poolcode.sealed_code",
        "foundation_secondfactor.sealed_secret",
        "webhooks_endpoint.sealed_secret",
        "wecom_connection.sealed_keys",
    }
)
