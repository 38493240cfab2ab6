"""What is wrong with what a program sent, in words that are translated."""

from __future__ import annotations

from pydantic import ValidationError

from yutang.api.refusals import InputIsWrong
from yutang.api.speech import spoken
from yutang.kit.text import N_

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
    "greater_than_equal": N_("is too small"),
    "less_than_equal": N_("is too large"),
    "string_too_long": N_("is too long"),
    "string_too_short": N_("is too short"),
    "string_nul": N_("holds a text with the character NUL, which no text can hold"),
    "literal_error": N_("is none of the values that it can have"),
    "string_pattern_mismatch": N_("is not written as it must be"),
    "model_attributes_type": N_("is no object"),
    "model_type": N_("is no object"),
}
_OTHER_FAULT = N_("is not what it must be")


def what_is_wrong(kind: str) -> str:
    """Return what pydantic's kind of fault says of a value, to be translated."""
    return _FAULTS.get(kind, _OTHER_FAULT)


def first_fault(error: ValidationError) -> InputIsWrong:
    """Return the refusal that names the first place of a body that does not fit."""
    first = error.errors()[0]
    return InputIsWrong(where=".".join(map(str, first["loc"])) or "body", what=spoken(what_is_wrong(first["type"])))
