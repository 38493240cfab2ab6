"""The simulated corp kept in a file, so that a sandbox that is started again knows whom it knew."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import threading
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yutang.connectors.wecom.simulator.clock import LATEST
from yutang.connectors.wecom.simulator.world import (
    App,
    Chat,
    Handover,
    Happening,
    Link,
    MassTask,
    MediaFile,
    Moment,
    Person,
    Relation,
    Staff,
    Tag,
    TagGroup,
    Way,
    WelcomeCode,
    World,
)

logger = logging.getLogger(__name__)

#: A corp id as it stands in a file that is not read otherwise any more.
_CORP_ID = re.compile(rb'"corp_id"\s*:\s*"(ww[0-9a-z]{16})"')
#: How often a running sandbox is written down. Seconds.
EVERY_SECONDS = 3.0


class Kept(BaseModel):
    """Everything that a world holds, but its lock, its clock and its rules; `ahead` is how far its clock is ahead. Seconds."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    seed: int
    corp_id: str
    ahead: Annotated[float, Field(lt=LATEST / 2, allow_inf_nan=False)]
    apps: list[App]
    staff: dict[str, Staff]
    people: dict[str, Person]
    by_unionid: dict[str, str]
    relations: dict[str, dict[str, Relation]]
    chats: dict[str, Chat]
    ways: dict[str, Way]
    tags: dict[str, Tag]
    tag_groups: dict[str, TagGroup]
    gone_tags: dict[str, Tag]
    gone_tag_groups: dict[str, TagGroup]
    codes: dict[str, WelcomeCode]
    tasks: dict[str, MassTask]
    received: dict[str, list[float]]
    moments: dict[str, Moment]
    handovers: list[Handover]
    links: dict[str, Link]
    media: dict[str, MediaFile]
    templates: dict[str, dict[str, Any]]
    notices: list[dict[str, Any]]
    history: list[Happening]
    counters: dict[str, int]


_OWN = frozenset({"ahead", "counters", "seed"})


def save_world(world: World, path: Path) -> None:
    """Write a world into a file that its owner alone can read; a reader sees the old one or the new one."""
    with world.lock:
        kept: dict[str, Any] = {name: getattr(world, name) for name in Kept.model_fields if name not in _OWN}
        kept |= {"ahead": world.clock.ahead, "counters": dict(world.counters), "seed": world.seed}
        written = Kept.model_construct(**kept).model_dump_json().encode()
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(written)
    draft.replace(path)


def kept_world(path: Path) -> World | None:
    """Return the world that a file holds; None where there is none, or it is of another release."""
    try:
        kept = Kept.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    world = World(seed=kept.seed)
    for name in Kept.model_fields:
        if name not in _OWN:
            setattr(world, name, getattr(kept, name))
    world.relations = defaultdict(dict, kept.relations)
    world.received = defaultdict(list, kept.received)
    world.counters = Counter(kept.counters)
    world.clock.advance(max(0.0, kept.ahead))
    return world


def put_aside(path: Path, *, now: datetime) -> str:
    """Keep a file that holds no world under another name, say so in the log, and return the id of its corp; empty where none is read.

    Where there is no file, nothing is done.
    """
    try:
        found = _CORP_ID.search(path.read_bytes())
    except FileNotFoundError:
        return ""
    aside = path.with_name(f"{path.name}.broken-{now:%Y%m%dT%H%M%S}")
    path.replace(aside)
    corp_id = found[1].decode() if found else ""
    logger.warning(
        "the sandbox in %s cannot be read: it is kept as %s, and new people were made %s; to go back, stop the sandbox, mend that file "
        "and name it %s again; to begin anew with a corp of another id, stop the sandbox and delete %s",
        path,
        aside.name,
        f"in the same corp {corp_id}" if corp_id else "in a new corp",
        path.name,
        path.name,
    )
    return corp_id


class Keeper:
    """Writes a world down now and then, and at the end."""

    def __init__(self, world: World, path: Path) -> None:
        self._world = world
        self._path = path
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> Keeper:
        """Write from now on; return itself."""
        save_world(self._world, self._path)
        self._thread.start()
        return self

    def end(self) -> None:
        """Write once more, and no more."""
        self._ended.set()
        self._thread.join(5)
        save_world(self._world, self._path)

    def _run(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            with contextlib.suppress(OSError):
                save_world(self._world, self._path)
