"""Customers handed over from one member of staff to another, in service or after leaving (在职转接, 离职继承)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any

from yutang.connectors.wecom.calling import Api, Caller
from yutang.connectors.wecom.reading import Instant, at_least_one, at_most, given, named, pages, read_all

_TRANSFER = Api("externalcontact/transfer_customer", once=True)
_RESULT = Api("externalcontact/transfer_result")
_TRANSFER_LEFT = Api("externalcontact/resigned/transfer_customer", once=True)
_RESULT_LEFT = Api("externalcontact/resigned/transfer_result")
_UNASSIGNED = Api("externalcontact/get_unassigned_list")

#: Most customers of one call.
CUSTOMERS = 100


class HandoverStatus(IntEnum):
    """How far a hand-over is; in service it completes after 24 hours unless the customer refuses."""

    DONE = 1
    WAITING = 2
    REFUSED = 3
    TAKER_FULL = 4
    NONE = 5


@dataclass(frozen=True)
class Started:
    """Whether the hand-over of one customer began; 0 when it did."""

    external_userid: str
    errcode: int


@dataclass(frozen=True)
class HandoverResult:
    """How far the hand-over of one customer is."""

    external_userid: str
    status: HandoverStatus
    taken_at: Annotated[Instant, named("takeover_time")] = None


@dataclass(frozen=True)
class Unassigned:
    """A customer whose member of staff left."""

    handover_userid: str
    external_userid: str
    left_at: Annotated[datetime, named("dimission_time")]


class Handovers:
    """Hand-overs."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def start(
        self, *, giver: str, taker: str, external_userids: Sequence[str], words: str | None = None
    ) -> tuple[Started, ...]:
        """Hand customers over between two who both are there; each customer at most twice within 90 days.

        Args:
            giver: userid.
            taker: userid.
            external_userids: at most 100.
            words: what the customer reads when it is done; at most 200 characters.
        """
        at_most(200, what="transfer_success_msg", of=words or "")
        return self._start(_TRANSFER, giver, taker, external_userids, {"transfer_success_msg": words} if words else {})

    def start_of_left(self, *, giver: str, taker: str, external_userids: Sequence[str]) -> tuple[Started, ...]:
        """Hand over customers of somebody who left."""
        return self._start(_TRANSFER_LEFT, giver, taker, external_userids, {})

    def results(self, *, giver: str, taker: str) -> Iterator[HandoverResult]:
        """Yield how far the hand-overs between two who are there are."""
        yield from self._results(_RESULT, giver, taker)

    def results_of_left(self, *, giver: str, taker: str) -> Iterator[HandoverResult]:
        """Yield how far the hand-overs from somebody who left are."""
        yield from self._results(_RESULT_LEFT, giver, taker)

    def unassigned(self) -> Iterator[Unassigned]:
        """Yield the customers of those who left."""
        for page in pages(self._caller, _UNASSIGNED, {"page_size": 1000}):
            yield from read_all(Unassigned, page.get("info"), api=_UNASSIGNED.path)

    def _start(
        self, api: Api, giver: str, taker: str, external_userids: Sequence[str], more: dict[str, Any]
    ) -> tuple[Started, ...]:
        at_least_one(what="external_userid", of=external_userids)
        at_most(CUSTOMERS, what="external_userid", of=external_userids)
        body = given(handover_userid=giver, takeover_userid=taker, external_userid=list(external_userids), **more)
        return read_all(Started, self._caller.call(api, body=body).get("customer"), api=api.path)

    def _results(self, api: Api, giver: str, taker: str) -> Iterator[HandoverResult]:
        for page in pages(self._caller, api, {"handover_userid": giver, "takeover_userid": taker}):
            yield from read_all(HandoverResult, page.get("customer"), api=api.path)
