"""Media in the home: kept once under the hash of their bytes, known by these and not by their names."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from django.conf import settings

from yutang.content.files import ENDINGS, file_type_in
from yutang.content.models import MediumKind
from yutang.content.pictures import picture_in
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Folder in the home.
FOLDER = "content"
_MIB = 1 << 20
#: Largest media, as WeCom takes them. Bytes.
MOST_BYTES = {MediumKind.PICTURE: 10 * _MIB, MediumKind.FILE: 20 * _MIB}
_LONGEST_NAME = 120
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNWANTED = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]+")


class MediumIsWrong(DomainError):
    """The bytes are no picture or file of a kind that can be sent, or too many."""

    code: ClassVar[str] = "medium_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "“%(name)s” cannot be sent. Pictures are whole JPEG or PNG files of at "
        "most 10 MB; files are PDF, Word, Excel or PowerPoint without "
        "macros or scripts, of at most 20 MB. What a file is, its bytes tell, not its name."
    )


class MediumIsGone(DomainError):
    """There is no medium of this hash."""

    code: ClassVar[str] = "medium_is_gone"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no picture or file %(digest)s. Add it again.")


@dataclass(frozen=True)
class Kept:
    """A medium as it lies in the home.

    Attributes:
        digest: SHA-256 of its bytes, in hexadecimal digits.
        kind: one of `MediumKind`.
        name: for people, with the ending that its bytes ask for.
        width: pixels; `height` too; None for files.
    """

    digest: str
    kind: str
    media_type: str
    name: str
    size: int
    width: int | None
    height: int | None


def keep(*, content: bytes, name: str) -> Kept:
    """Write a medium into the home under the hash of its bytes and return what it is; a second time it is there already.

    Args:
        content: the bytes as they came.
        name: as it came; nothing is read from it but words for people.

    Raises:
        MediumIsWrong: the bytes are none that can be sent, or too many.
    """
    shown = _UNWANTED.sub("_", PurePosixPath(name.replace("\\", "/")).name).strip(" ._") or "file"
    picture = picture_in(content) if len(content) <= MOST_BYTES[MediumKind.PICTURE] else None
    if picture is not None:
        return _written(picture.content, MediumKind.PICTURE, picture.media_type, shown, picture.width, picture.height)
    file_type = file_type_in(content) if len(content) <= MOST_BYTES[MediumKind.FILE] else None
    if file_type is None:
        raise MediumIsWrong(name=shown[:_LONGEST_NAME])
    return _written(content, MediumKind.FILE, file_type, shown, None, None)


def bytes_of(digest: str) -> bytes:
    """Return the bytes of a medium.

    Raises:
        MediumIsGone: there is none of this hash.
    """
    path = path_of(digest)
    if not path.is_file():
        raise MediumIsGone(digest=digest[:64])
    return path.read_bytes()


def path_of(digest: str) -> Path:
    """Return where a medium lies; whatever is no hash lies nowhere.

    Raises:
        MediumIsGone: it is no hash.
    """
    if not _DIGEST.fullmatch(digest):
        raise MediumIsGone(digest=digest[:64])
    return Path(settings.YUTANG_HOME) / FOLDER / digest[:2] / digest


def _written(content: bytes, kind: str, media_type: str, name: str, width: int | None, height: int | None) -> Kept:
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = path.with_name(f".{digest}.{os.getpid()}")
        half.write_bytes(content)
        half.chmod(0o600)
        half.replace(path)
    ending = ENDINGS[media_type]
    stem = PurePosixPath(name).stem if "." in name else name
    return Kept(digest, kind, media_type, stem[: _LONGEST_NAME - len(ending)] + ending, len(content), width, height)
