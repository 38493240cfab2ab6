"""What the room does when it hears of programmes that paused or go on."""

from __future__ import annotations

from datetime import datetime

from yutang.economics.events import ProgrammePaused, ProgrammeResumed
from yutang.economics.queries import paused_programmes, programme_view
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.worklist.actions import lapse, propose
from yutang.worklist.paused_programmes import PAUSED_PROGRAMME, pause_drafts
from yutang.worklist.queries import living_proposals


@handles(ProgrammePaused)
def tell_of_a_pause(event: ProgrammePaused, *, event_id: int, now: datetime) -> None:
    """Put the pause on the lists of owners and operators; one that ended meanwhile concerns nobody."""
    system = Actor.system()
    pause = next((one for one in paused_programmes(access=system) if one.id == event.pause_id), None)
    if pause is not None:
        view = programme_view(access=system, programme=event.programme)
        propose(actor=system, drafts=pause_drafts(view, pause), now=now)


@handles(ProgrammeResumed)
def take_a_pause_off(event: ProgrammeResumed, *, event_id: int, now: datetime) -> None:
    """Take the pause off all lists."""
    own = f"{PAUSED_PROGRAMME.code}:{event.pause_id}:"
    holding = {key for key in living_proposals(kind=PAUSED_PROGRAMME.code) if not key.startswith(own)}
    lapse(actor=Actor.system(), kind=PAUSED_PROGRAMME.code, holding=holding, now=now)
