"""Refusals that a caller can act on. Anything else is a bug and crashes loudly."""

from __future__ import annotations

from typing import Any, ClassVar

from yutang.kit.text import N_, Sentence


class DomainError(Exception):
    """A refusal: it says what is true, and what the caller can do.

    Attributes:
        code: stable identifier for programs.
        http_status: status of the answer when the caller came by HTTP.
        message: English sentence for a person, marked with `N_`, with ``%(name)s`` places for `data`.
        data: values for the sentence and for programs; JSON-able, never personal data.
    """

    code: ClassVar[str] = "refused"
    http_status: ClassVar[int] = 400
    message: ClassVar[str] = N_("The request was refused.")

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(str(self.sentence))

    @property
    def sentence(self) -> Sentence:
        """The refusal as a translatable sentence."""
        return Sentence(self.message, self.data)
