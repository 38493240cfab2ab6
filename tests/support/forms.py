"""Forms filled in as the console sends them."""

from __future__ import annotations

from typing import Any

#: A rule of the builder of segments: two orders and a store.
BUILT_RULE: dict[str, Any] = {
    "n.join": "all",
    "n.child": ["0", "1"],
    "n.0.fact": "field:orders",
    "n.0.is": "at_least",
    "n.0.value": "2",
    "n.1.fact": "field:store",
    "n.1.is": "in",
    "n.1.value": "1",
}
