"""Examples of figures, for the description of the API."""

from __future__ import annotations

from typing import Any

_FIRST: dict[str, Any] = {
    "step": "viewed",
    "people": 1_200,
    "first_ratio": 1.0,
    "before_ratio": None,
    "median_seconds": None,
}
_SECOND: dict[str, Any] = {
    "step": "order:paid@3",
    "people": 90,
    "first_ratio": 0.075,
    "before_ratio": 0.075,
    "median_seconds": 93_600.0,
}
_GROUP: dict[str, Any] = {"key": "3", "name": "徐汇店", "stages": [_FIRST, _SECOND]}
#: Name of a shape → an example of it.
INSIGHT_EXAMPLES: dict[str, dict[str, Any]] = {
    "FunnelStageShape": _SECOND,
    "FunnelGroupShape": _GROUP,
    "FunnelShape": {
        "start_date": "2026-02-10",
        "end_date": "2026-03-12",
        "within_seconds": 604_800,
        "by": "store",
        "stages": [_FIRST, _SECOND],
        "groups": [_GROUP],
        "other_groups": 0,
        "figures_of": "2026-03-11T02:00:00+00:00",
    },
}
