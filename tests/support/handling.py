"""Lets the browsers of tests share what Django loads for the first question of each: its middleware, as long as no setting changes."""

from __future__ import annotations

from typing import Any

from django.core.signals import setting_changed
from django.test.client import ClientHandler

_LOADED = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")
_load = ClientHandler.load_middleware
_shared: dict[str, Any] = {}


def load_middleware(handler: ClientHandler, is_async: bool = False) -> None:
    """Stand for `ClientHandler.load_middleware`: middleware keeps nothing of a browser, and reads settings when it is loaded."""
    if is_async:
        _load(handler, is_async)
        return
    if not _shared:
        _load(handler)
        _shared.update({name: getattr(handler, name) for name in _LOADED})
    for name, loaded in _shared.items():
        setattr(handler, name, loaded)


def _forget(**_: Any) -> None:
    _shared.clear()


setting_changed.connect(_forget)
