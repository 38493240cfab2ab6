"""E-mail addresses."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.values.outcome import Parsed, without_problems
from yutang.ingest.values.texts import cleaned

_ADDRESS = r"^[^@\s*,;<>\"'()]{1,64}@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"


def email(array: pa.StringArray) -> Parsed:
    """Return addresses in lower case; masked and malformed ones are null."""
    cells = pc.utf8_lower(cleaned(array))
    valid = pc.fill_null(pc.match_substring_regex(cells, _ADDRESS), False)
    return without_problems(pc.if_else(valid, cells, pa.scalar(None, pa.string())))
