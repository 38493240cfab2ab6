"""Commands in tests find their store ready: its tables are made from the models, without migrations."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _store_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        monkeypatch.setattr("yutang.cli.store.missing_migrations", frozenset)
