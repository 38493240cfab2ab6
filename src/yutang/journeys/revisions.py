"""What tells a draft of a playbook, or a part of it, from any other, so that nobody writes over what they did not read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

#: The part that is all but the steps.
SETTINGS = "settings"


def revision_of(draft: Mapping[str, Any], part: str = "") -> str:
    """Return what tells a part of a draft from any other: `SETTINGS`, ``step:`` with the id of a step; empty: the whole."""
    told: Any = draft
    if part == SETTINGS:
        told = {name: value for name, value in draft.items() if name != "steps"}
    elif part.startswith("step:"):
        told = [one for one in draft["steps"] if one["id"] == part[5:]]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
