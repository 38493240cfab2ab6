"""What newcomers were told: each wording is kept once, and who was greeted names it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from yutang.connectors.wecom.messages import Message
from yutang.wecom.models import GreetingWords


class Said(NamedTuple):
    """What a newcomer is told: the content of the library (empty for plain words), and the message that it becomes."""

    content: str
    message: Message

    @property
    def wording(self) -> tuple[str, str]:
        """Content and text, by which wordings are told apart."""
        return self.content, self.message.text


def keys_of_words(wordings: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the key of each wording, kept where it is new; two questions for all of them."""
    digests = {one: _digest(*one) for one in set(wordings)}
    if not digests:
        return {}
    rows = [GreetingWords(digest=digest, content=content, text=text) for (content, text), digest in digests.items()]
    GreetingWords.objects.bulk_create(rows, ignore_conflicts=True)
    kept = GreetingWords.objects.filter(digest__in=list(digests.values())).order_by().values_list("digest", "pk")
    keys = {bytes(digest): key for digest, key in kept}
    return {one: keys[digest] for one, digest in digests.items()}


def _digest(content: str, text: str) -> bytes:
    return hashlib.blake2b(f"{content}\n{text}".encode(), digest_size=16).digest()
