"""A content of the cast, pictures by their bytes, and people who may write and approve."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from yutang.content import actions
from yutang.content.writing import Written
from yutang.foundation.access import Actor

#: A useful text for WeCom.
TEXT = Written(
    title="换季收纳",
    kind="text",
    intent="value",
    channels=("wecom",),
    body="{{客户姓名|您}}好，针织平放不挂。{{门店|店里}}见。",
    category="护理知识",
    persona="搭配师小鱼",
)


@pytest.fixture(autouse=True)
def media_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of the test's own, so that media of one are none of another."""
    # The home itself stays: the keys lie in it. Joined to an absolute path it gives way.
    folder = tmp_path / "content"
    monkeypatch.setattr("yutang.content.media.FOLDER", str(folder))
    return folder


@pytest.fixture
def write(owner: Actor, now: datetime) -> Callable[..., int]:
    """Make a content, changed in some parts."""

    def made(**parts: Any) -> int:
        return actions.create_content(actor=owner, written=replace(TEXT, **parts), now=now)

    return made


@pytest.fixture
def approved(write: Callable[..., int], now: datetime) -> Callable[..., int]:
    """Make a content and have it approved by the system."""

    def made(**parts: Any) -> int:
        content_id = write(**parts)
        actions.ask_for_approval(actor=Actor.system(), content_id=content_id, now=now)
        actions.approve(actor=Actor.system(), content_id=content_id, now=now)
        return content_id

    return made


def png(*, width: int = 4, height: int = 3, more: bytes = b"", behind: bytes = b"") -> bytes:
    """Return a grey PNG, with further chunks before its pixels and bytes behind its end."""
    rows = b"".join(b"\x00" + b"\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + more + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts + behind


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def jpeg(*, width: int = 5, height: int = 2, turned: int = 1, place: bytes = b"31.2304N") -> bytes:
    """Return the frame of a JPEG with an Exif that says how it stands and where it was taken."""
    entries = struct.pack(">HHHIHH", 1, 0x0112, 3, 1, turned, 0) + b"\x00\x00\x00\x00" + place
    exif = b"Exif\x00\x00" + b"MM\x00\x2a\x00\x00\x00\x08" + entries
    size = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
        + segment(0xE1, exif)
        + segment(0xFE, b"taken at home")
        + segment(0xC0, size)
        + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
        + b"\x12\x34\xff\x00\x56"
        + b"\xff\xd9"
    )


def segment(marker: int, content: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content
