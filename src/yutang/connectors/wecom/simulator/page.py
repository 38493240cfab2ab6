"""A small page on which a person plays a customer, a member of staff or the owner of a group. Without scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from yutang.connectors.sandbox.markup import Html, Words
from yutang.connectors.sandbox.rooms import NOT_FILLED_IN, Done, NotDone, Rooms
from yutang.connectors.wecom.simulator import views
from yutang.connectors.wecom.simulator.clock import ClockCannotGoThere
from yutang.connectors.wecom.simulator.control import Control, NotPossible
from yutang.kit.text import N_

#: Orders that the page may give, and which of their values are not texts.
_ORDERS = frozenset(
    {
        "scan", "customer/delete", "member/accept", "member/delete", "member/confirm", "member/publish", "talk",
        "group/leave", "group/rename", "group/notice", "group/dismiss", "group/say", "group/create", "clock", "plan",
        "plan/clear",
    }
)  # fmt: skip
_ROOMS: dict[str, tuple[str, Callable[[views.Place], Html]]] = {
    "/": (N_("Sandbox"), views.overview),
    views.CUSTOMER: (N_("Play a customer"), views.customer),
    "/staff": (N_("Play a member of staff"), views.staff),
    "/owner": (N_("Play a group owner"), views.owner),
}

#: What is said after an order, where a plain "done" would say too little.
_DONE = {
    "scan": N_("Scanned."),
    "talk": N_("The message was sent."),
    "group/say": N_("The message was sent."),
    "member/confirm": N_("The message was sent."),
}
_WARNING = N_("This is a sandbox: a WeCom that does not exist. Nothing that you do here reaches a real person.")


class Page(Rooms):
    """Shows the page and carries out what its forms order."""

    def __init__(self, *, control: Control, stylesheet: Path | None) -> None:
        super().__init__(
            titles={path: title for path, (title, _view) in _ROOMS.items()}, warning=_WARNING, stylesheet=stylesheet
        )
        self._control = control
        #: The customer who was played last.
        self._played = ""

    def content_of(self, path: str, query: Mapping[str, str], say: Words) -> Html:
        """Return what a room shows."""
        who, way = query.get("who", ""), query.get("way", "")
        with self._control.world.lock:
            if path == views.CUSTOMER:
                who = who or self._who_scans(way)
                self._played = who or self._played
            return _ROOMS[path][1](views.Place(self._control, say, who, way))

    def carry_out(self, order: str, told: dict[str, str]) -> Done | None:
        """Carry out an order of the page; whoever scans a code is played from then on."""
        if order not in _ORDERS:
            return None
        try:
            self._control.order(order, dict(told))
        except (NotPossible, ValueError, KeyError) as error:
            has_words = isinstance(error, NotPossible | ClockCannotGoThere)
            raise NotDone(error.args[0] if has_words else NOT_FILLED_IN) from error
        return Done(_DONE.get(order, N_("Done.")), self._as_who_scanned(told) if order == "scan" else "")

    def _who_scans(self, way: str) -> str:
        """Return who scans a code when nobody says so: the code of a group whoever was played last, any other somebody new."""
        found = self._control.world.ways.get(way)
        return self._played if found is not None and found.is_join else ""

    def _as_who_scanned(self, told: dict[str, str]) -> str:
        """Return the page on which the person who scanned is played; empty where nobody is known by now."""
        with self._control.world.lock:
            people = list(self._control.world.people.values())
        who = next((one.external_userid for one in people if one.unionid == told.get("unionid")), "")
        return f"{views.CUSTOMER}?who={quote(who)}" if who else ""
