"""What the import engine tells other systems."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.ingest.events import ImportFinished, ImportUndone
from yutang.kit.text import N_

ANNOUNCED.register(AnnouncedEvent(ImportFinished, N_("An import has brought all its rows"), permission="imports.view"))
ANNOUNCED.register(AnnouncedEvent(ImportUndone, N_("An import was taken back"), permission="imports.view"))
