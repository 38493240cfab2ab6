"""The page of the postbox: what its rooms show and what their forms order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from yutang.connectors.postbox import views
from yutang.connectors.postbox.box import NotPossible, Postbox
from yutang.connectors.sandbox.markup import Html, Words
from yutang.connectors.sandbox.rooms import NOT_FILLED_IN, Done, NotDone, Rooms
from yutang.kit.text import N_

_ROOMS: dict[str, tuple[str, Callable[[views.Place], Html]]] = {
    "/": (N_("Sandbox for SMS and e-mail"), views.overview),
    "/phone": (N_("Look at a phone"), views.phone),
    "/mailbox": (N_("Look at a mailbox"), views.mailbox),
}
_WARNING = N_(
    "This is a sandbox: phones and mailboxes that do not exist. No short message and no e-mail reaches a real person."
)


class Page(Rooms):
    """Shows the rooms of a postbox.

    Args:
        box: the postbox.
        stylesheet: file with the look of the product; the page does without where there is none.
    """

    def __init__(self, *, box: Postbox, stylesheet: Path | None) -> None:
        super().__init__(
            titles={path: title for path, (title, _view) in _ROOMS.items()}, warning=_WARNING, stylesheet=stylesheet
        )
        self._box = box

    def content_of(self, path: str, query: Mapping[str, str], say: Words) -> Html:
        """Return what a room shows."""
        return _ROOMS[path][1](views.Place(self._box, say, query.get("who", "")))

    def carry_out(self, order: str, told: dict[str, str]) -> Done:
        """Carry out an order; what is none is refused by the postbox."""
        try:
            return Done(self._box.order(order, told))
        except NotPossible as refusal:
            raise NotDone(refusal.args[0]) from refusal
        except KeyError as missing:
            raise NotDone(NOT_FILLED_IN) from missing
