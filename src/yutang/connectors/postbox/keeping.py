"""A postbox kept in a file, so that one that is started again still has what came."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from pydantic import BaseModel, ValidationError

from yutang.connectors.postbox.box import Postbox, Written
from yutang.connectors.postbox.letters import Letter
from yutang.connectors.sms.simulator import SentMessage

#: How often one looks whether something changed. Seconds.
EVERY_SECONDS = 3.0


class Kept(BaseModel):
    """What a postbox holds; `told` of the short messages have a receipt."""

    sent: list[SentMessage]
    told: int
    said: dict[str, str]
    lost: set[str]
    out_of_reach: dict[str, str]
    written: list[Written]
    letters: list[Letter]
    closed: set[str]


class Keeper:
    """Writes a postbox down when something changed, and at the end."""

    def __init__(self, box: Postbox, path: Path) -> None:
        self._box, self._path = box, path
        self._last = b""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> Keeper:
        """Write from now on; return itself."""
        self._thread.start()
        return self

    def end(self) -> None:
        """Write once more, and no more."""
        self._ended.set()
        self._thread.join(5)
        self._save()

    def _run(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            with contextlib.suppress(OSError):
                self._save()

    def _save(self) -> None:
        written = _written(self._box)
        if written != self._last:
            _save_as(written, self._path)
            self._last = written


def restore_postbox(box: Postbox, path: Path) -> bool:
    """Put what a file holds into an empty postbox; return False where there is none, or it is of another release."""
    try:
        kept = Kept.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return False
    box.texts.go_on(sent=kept.sent, told=kept.told)
    box.said, box.lost, box.written = kept.said, kept.lost, kept.written
    box.texts.fates.update(kept.out_of_reach)
    box.mail.letters.extend(kept.letters)
    box.mail.closed.update(kept.closed)
    return True


def _save_as(written: bytes, path: Path) -> None:
    """Write a postbox into a file that its owner alone can read; a reader sees the old one or the new one."""
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(written)
    draft.replace(path)


def _written(box: Postbox) -> bytes:
    kept = Kept(
        sent=list(box.texts.sent),
        told=box.texts.told,
        said=dict(box.said),
        lost=set(box.lost),
        out_of_reach=dict(box.texts.fates),
        written=list(box.written),
        letters=list(box.mail.letters),
        closed=set(box.mail.closed),
    )
    return kept.model_dump_json().encode()
