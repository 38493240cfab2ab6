"""Files that a message may carry, told by their bytes: PDF and the formats of office programs, without macros."""

from __future__ import annotations

import io
import zipfile

_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
#: Ending of each type of media.
ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    **dict(zip(_OFFICE.values(), (".docx", ".xlsx", ".pptx"), strict=True)),
}
_MOST_ENTRIES = 5_000
_TAIL = 2_048


def file_type_in(content: bytes) -> str | None:
    """Return the media type of a PDF or an office file; None for anything else, also where it holds macros or scripts."""
    if content.startswith(b"%PDF-"):
        is_whole = b"%%EOF" in content[-_TAIL:]
        return "application/pdf" if is_whole and not _has_script(content) else None
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return None


def _has_script(content: bytes) -> bool:
    return any(mark in content for mark in (b"/JavaScript", b"/Launch", b"/EmbeddedFile"))


def _office(content: bytes) -> str | None:
    """Return which office file a ZIP is, by the names in its directory; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    has_code = any(name.lower().endswith((".bin", ".exe", ".js", ".vbs")) and "vba" in name.lower() for name in names)
    if len(names) > _MOST_ENTRIES or "[Content_Types].xml" not in names or has_code:
        return None
    return next((media_type for name, media_type in _OFFICE.items() if name in names), None)
