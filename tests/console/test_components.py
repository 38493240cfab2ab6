"""The page of components: every part in all its states, and no part that no room uses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from yutang.console.rooms.components import PARTS
from yutang.console.templatetags import console, help, parts  # noqa: A004

TEMPLATES = Path(__file__).resolve().parents[2] / "src" / "yutang" / "console" / "templates" / "console"
SPECIMENS = "\n".join(path.read_text(encoding="utf-8") for path in (TEMPLATES / "components").glob("*.html"))
ROOMS = {
    path: path.read_text(encoding="utf-8")
    for path in TEMPLATES.rglob("*.html")
    if path.parent.name not in {"components", "parts"}
}
#: Tags that draw a component; the others write a word or a sign.
_DRAWN = {
    *parts.register.tags,
    *help.register.tags,
    *(name for name in console.register.tags if name not in {"icon", "store_options", "place_options", "every_store"}),
}
#: Parts that stand around every page, or that the script draws.
_AROUND = {"brand.html", "icons.html", "tools.html", "palette.html"}


@pytest.mark.django_db
def test_the_page_opens_and_names_every_component(client: Client, settings: Any) -> None:
    settings.DEBUG = True

    text = client.get("/_components").content.decode()

    assert [code for code, _title in PARTS if f'id="{code}"' not in text] == []


@pytest.mark.parametrize("tag", sorted(_DRAWN))
def test_a_component_is_shown_and_used(tag: str) -> None:
    written = re.compile(rf"\{{% {tag}\b")
    # A component may stand in another one, which a room uses.
    users = [*ROOMS.values(), *(path.read_text(encoding="utf-8") for path in (TEMPLATES / "parts").glob("*.html"))]

    assert written.search(SPECIMENS) or any(written.search(text) for text in _within_shown()), tag
    assert any(written.search(text) for text in users), tag


@pytest.mark.parametrize("name", sorted(path.name for path in (TEMPLATES / "parts").glob("*.html")))
def test_a_part_is_used_by_a_room(name: str) -> None:
    code = name.removesuffix(".html")
    used = f"console/parts/{name}"
    users = [*ROOMS.values(), *_sources()]

    assert name in _AROUND or code in _DRAWN or any(used in text for text in users), name


def _within_shown() -> list[str]:
    """Return the parts that the page of components includes or draws."""
    return [
        path.read_text(encoding="utf-8")
        for path in (TEMPLATES / "parts").glob("*.html")
        if f"parts/{path.name}" in SPECIMENS or re.search(rf"\{{% {path.stem}\b", SPECIMENS)
    ]


def _sources() -> list[str]:
    folder = TEMPLATES.parents[1]
    return [path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.name != "components.py"]
