"""Where somebody is played in the sandbox of WeCom."""

from __future__ import annotations

from urllib.parse import quote


def played_at(page: str, userid: str, *, of_groups: bool) -> str:
    """Return where the sandbox plays a member of staff, or an owner of groups; empty outside of it.

    Args:
        page: of the sandbox; empty where a real corp is connected, or none.
        userid: of the member of staff.
        of_groups: whether what waits for them goes to groups.
    """
    return f"{page.rstrip('/')}/{'owner' if of_groups else 'staff'}?who={quote(userid)}" if page else ""
