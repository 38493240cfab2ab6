"""What messages say, in a few words, where many are shown: read together for all rows of a page."""

from __future__ import annotations

from collections.abc import Iterable

from yutang.channels import queries
from yutang.console import formats
from yutang.console.access import StaffRequest

#: So much of what a message says is shown among others. Characters.
_LENGTH = 80


def excerpts(request: StaffRequest, messages: Iterable[queries.MessageView | queries.Passed]) -> dict[int, str]:
    """Return the beginning of what messages say by their key, personal values masked; those that cannot be shown are missing."""
    asked = {one.id: (one.content, one.customer_id) for one in messages if one.content}
    said = queries.words_shown(access=request.actor, asked=asked.values(), now=request.now) if asked else {}
    return {key: excerpt(said[one]) for key, one in asked.items() if said.get(one)}


def excerpt(text: str) -> str:
    """Return the beginning of a text in one line."""
    return formats.shortened(" ".join(text.split()), _LENGTH)
