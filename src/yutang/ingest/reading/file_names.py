"""The instant at which a platform made a file, as its name tells it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

_EPOCH = re.compile(r"^(1\d{9})(?:\d{3})?(?!\d)")
_STAMP = re.compile(
    r"(?<!\d)(20\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])[-_. T]?"
    r"([01]\d|2[0-3])[-_.:]?([0-5]\d)(?:[-_.:]?([0-5]\d))?(?!\d)"
)


def export_instant(file_name: str, *, time_zone: str = "Asia/Shanghai") -> datetime | None:
    """Return the instant that a file name such as ``ExportOrderList202403100001.csv`` states, in UTC.

    Args:
        file_name: name with or without folders.
        time_zone: zone in which platforms write the time.

    Returns:
        An aware instant; None where the name states none, or only a day.
    """
    name = PurePath(file_name.replace("\\", "/")).name
    if epoch := _EPOCH.match(name):
        return datetime.fromtimestamp(int(epoch[1]), tz=UTC)
    if not (stamp := _STAMP.search(name)):
        return None
    parts = [int(part or 0) for part in stamp.groups()]
    try:
        local = datetime(*parts, tzinfo=ZoneInfo(time_zone))  # type: ignore[arg-type, misc]
    except ValueError:
        return None
    return local.astimezone(UTC)
