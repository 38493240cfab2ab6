"""Every page of customers: small, safe to share, in both languages, and well made on a phone in both themes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache

from tests.console.conftest import Visitor, browser_type_launch_args
from tests.groupbuy.conftest import guard_lets_in
from tests.pages.every_page import SHARED, every_page

__all__ = ["browser_type_launch_args", "guard_lets_in"]
#: Of the first view with everything that it fetches, compressed.
_MOST_BYTES = 60_000
_FETCHED = re.compile(r'<(?:link|script|img)[^>]+(?:href|src)="/static/([^"]+)"')
_INLINE = re.compile(r"<style|\son\w+=|\sstyle=|<script(?![^>]+(?:src=|application/json))")


@pytest.fixture(autouse=True)
def calm(settings: Any, tmp_path: Path) -> None:
    """Nobody has asked too often, and the lake is the test's own."""
    settings.YUTANG_LAKE, settings.YUTANG_PUBLIC_URL = tmp_path / "lake", "http://testserver"
    cache.clear()


@pytest.mark.django_db
@pytest.mark.once
def test_is_small_strict_and_safe_to_share(stores: dict[str, Any]) -> None:
    shop = every_page(stores["xuhui"])
    wrong = []
    for name, path in shop.pages.items():
        for language in ("zh-hans", "en"):
            cache.clear()
            shop.phone.cookies["django_language"] = language
            answer = shop.phone.get(path)
            page = answer.content.decode()
            told = dict(re.findall(r'<meta property="(og:\w+)" content="([^"]*)">', page))
            checks = {
                "opens": answer.status_code == {"unknown": 404, "refused": 403}.get(name, 200),
                "is small": _bytes(answer, page) < _MOST_BYTES,
                "speaks the language": f'<html lang="{"en" if language == "en" else "zh-Hans"}"' in page,
                "runs nothing of its own": not _INLINE.search(page),
                "is found by no search engine": 'name="robots" content="noindex"' in page,
                "has a title and a picture": bool(told.get("og:title")) and told.get("og:image", "").startswith("http"),
                "names nobody": not any("林小雨" in one or "13800138" in one for one in told.values()),
                "says what it is": name not in SHARED or bool(told.get("og:description")),
            }
            wrong += [(name, language, what) for what, holds in checks.items() if not holds]

    assert not wrong
    assert len(shop.pages) >= 16


@pytest.mark.browser
@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_is_well_made_on_a_phone(
    new_context: Callable[..., Any], live_server: Any, stores: dict[str, Any], language: str, theme: str
) -> None:
    shop = every_page(stores["xuhui"])
    visitor = Visitor(new_context, live_server.url, width="phone", language=language, theme=theme)
    visitor.context.add_cookies(
        [{"name": "yutang_groups", "value": shop.phone.cookies["yutang_groups"].value, "url": live_server.url}]
    )

    for path in shop.pages.values():
        cache.clear()
        visitor.open(path)
        visitor.assert_well_made()

    # Pages that refuse are told by their status, which the browser notes.
    visitor.forget("status of 404", "status of 403")
    assert visitor.faults == []


def _bytes(answer: Any, page: str) -> int:
    """Return how many bytes the page and what it fetches from here take, compressed."""
    files = [Path(str(finders.find(name))) for name in set(_FETCHED.findall(page))]
    return len(gzip.compress(answer.content)) + sum(len(gzip.compress(one.read_bytes())) for one in files)
