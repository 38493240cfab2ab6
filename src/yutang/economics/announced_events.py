"""What the room of economics tells other systems."""

from yutang.economics.events import ProgrammePaused, ProgrammeResumed
from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_

ANNOUNCED.register(AnnouncedEvent(ProgrammePaused, N_("A programme paused by itself"), permission="economics.view"))
ANNOUNCED.register(AnnouncedEvent(ProgrammeResumed, N_("A paused programme goes on"), permission="economics.view"))
