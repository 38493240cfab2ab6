"""Where the files of an import lie."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings


def import_folder(import_id: int) -> Path:
    """Return the folder of one import: the file as it came, and its staged rows."""
    return Path(settings.YUTANG_HOME) / "imports" / str(import_id)


def empty_folder(import_id: int) -> Path:
    """Return the folder of a new import, without what an import of the same number in another store has left there."""
    folder = import_folder(import_id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder
