"""What the screens say of things that rooms declare elsewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from yutang.console.rooms.organisation import SETTING_ROOMS
from yutang.console.templatetags.console import TASK_TITLES
from yutang.foundation.organisation import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import messages  # noqa: E402

_DECLARED = re.compile(r"^@(?:jobs\.)?task\([^\n]*\)\ndef (\w+)\(", flags=re.MULTILINE)


def test_every_declared_task_has_its_words_and_no_other() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "yutang").rglob("*.py")]
    declared = [name for text in sources for name in _DECLARED.findall(text)]
    marks = sum(len(re.findall(r"^@(?:jobs\.)?task\(", text, flags=re.MULTILINE)) for text in sources)

    assert {"run_import", "follow_orders"} <= set(declared)
    # Each is found, and by a name of its own: the words go by the name.
    assert len(declared) == marks == len(set(declared))
    assert set(declared) == set(TASK_TITLES)


def test_every_setting_stands_under_a_title_in_words() -> None:
    rooms = {one.room for one in SETTINGS if not one.section}
    catalogue = {message.id: message.string for message in messages.read(messages.catalogue_path("zh_Hans"))}

    assert {"foundation", "visits", "risk"} <= rooms <= set(SETTING_ROOMS)
    titles = {*SETTING_ROOMS.values(), *(one.section for one in SETTINGS if one.section)}
    assert [title for title in titles if title in rooms or not catalogue.get(title)] == []


def test_the_reader_is_addressed_in_one_way() -> None:
    catalogue = messages.read(messages.catalogue_path("zh_Hans"))
    texts = [text for message in catalogue for text in messages.strings(message.string)]

    assert any("您" in text for text in texts)
    assert [text for text in texts if "你" in text] == []
