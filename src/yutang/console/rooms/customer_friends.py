"""Who of the staff is a customer's friend in WeCom, on the customer's page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from yutang.console.access import StaffRequest
from yutang.console.rooms.wecom import STANDINGS
from yutang.kit.text import N_
from yutang.wecom import queries

#: Fixed origins by WeCom's numbers.
_ORIGINS = {
    1: N_("by a QR code"),
    2: N_("by phone number"),
    3: N_("by a shared card"),
    4: N_("from a group"),
    5: N_("from the phone book"),
    6: N_("from WeChat contacts"),
    10: N_("from a video channel"),
    16: N_("by an acquisition link"),
    24: N_("by the customer's own request"),
    201: N_("shared by a colleague"),
    202: N_("handed over"),
}
_CHANGES = {
    "half": N_("Added, not yet accepted"),
    "added": N_("Became friends"),
    "left": N_("Deleted by the customer"),
    "deleted": N_("Deleted by staff"),
    "handed": N_("Handed over"),
    "gone": N_("No longer there"),
    "refused": N_("A hand-over failed"),
}


def friendships_shown(request: StaffRequest, customer_id: int) -> list[dict[str, Any]]:
    """Return the friendships of a customer, those that last first, each with what happened."""
    found = queries.friendships_of(access=request.actor, customer_id=customer_id)
    return [
        {
            "one": one,
            "standing": _(STANDINGS[one.standing][0]),
            "tone": STANDINGS[one.standing][1],
            "origin": one.way or (_(_ORIGINS[one.add_way]) if one.add_way in _ORIGINS else ""),
            "changes": [{"what": _(_CHANGES[kind]), "at": at} for kind, at in one.changes],
        }
        for one in found
    ]
