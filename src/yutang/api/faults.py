"""What is wrong with what a program sent, and what would be right, in words that are translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from yutang.api.refusals import InputIsWrong
from yutang.api.speech import spoken
from yutang.kit.text import N_, Sentence

#: What pydantic finds, in words that are translated; anything else is said in its own words.
_FAULTS = {
    "missing": N_("is missing"),
    "extra_forbidden": N_("is not known here"),
    "int_parsing": N_("is no whole number"),
    "int_type": N_("is no whole number"),
    "string_type": N_("is no text"),
    "bool_parsing": N_("is neither true nor false"),
    "bool_type": N_("is neither true nor false"),
    "date_from_datetime_parsing": N_("is no day, such as 2026-03-01"),
    "date_parsing": N_("is no day, such as 2026-03-01"),
    "datetime_parsing": N_("is no instant, such as 2026-03-01T10:00:00+08:00"),
    "datetime_from_date_parsing": N_("is no instant, such as 2026-03-01T10:00:00+08:00"),
    "timezone_aware": N_("is an instant without a time zone"),
    "greater_than": N_("is too small: it must be more than %(gt)s"),
    "greater_than_equal": N_("is too small: %(ge)s at least"),
    "less_than": N_("is too large: it must be less than %(lt)s"),
    "less_than_equal": N_("is too large: %(le)s at most"),
    "too_long": N_("has too many entries: %(max_length)s at most"),
    "too_short": N_("has too few entries: %(min_length)s at least"),
    "string_too_long": N_("is too long: %(max_length)s characters at most"),
    "string_too_short": N_("is too short: %(min_length)s characters at least"),
    "string_nul": N_("holds a text with the character NUL, which no text can hold"),
    "literal_error": N_("is none of the values that it can have: %(expected)s"),
    "string_pattern_mismatch": N_("is not written as it must be: it does not match %(pattern)s"),
    "model_attributes_type": N_("is no object"),
    "model_type": N_("is no object"),
}
_OTHER_FAULT = N_("is not what it must be")


def what_is_wrong(kind: str = "", bounds: Mapping[str, Any] | None = None) -> Sentence:
    """Return what a fault says of a value.

    Args:
        kind: of pydantic's kinds of faults.
        bounds: what pydantic says of the fault beside it: what would be right.
    """
    values = {name: str(value) for name, value in (bounds or {}).items()}
    if "expected" in values:
        # Pydantic's list is English: 'a', 'b' or 'c'.
        values["expected"] = values["expected"].replace("'", "").replace(" or ", ", ")
    return Sentence(_FAULTS.get(kind, _OTHER_FAULT), values)


def first_fault(error: ValidationError) -> InputIsWrong:
    """Return the refusal that names the first place of a body that does not fit."""
    first = error.errors()[0]
    what = spoken(what_is_wrong(first["type"], first.get("ctx")))
    return InputIsWrong(where=".".join(map(str, first["loc"])) or "body", what=what)
