"""The record of one import, found by its number."""

from __future__ import annotations

from typing import ClassVar

from yutang.ingest.models import Import
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class ImportIsMissing(DomainError):
    """There is no import of that number."""

    code: ClassVar[str] = "import_is_missing"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no import number %(import_id)s.")


def import_numbered(import_id: int) -> Import:
    """Return the import, or refuse."""
    record = Import.objects.filter(pk=import_id).first()
    if record is None:
        raise ImportIsMissing(import_id=import_id)
    return record
