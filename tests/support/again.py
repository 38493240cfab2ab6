"""Shops that several tests begin with are made once a process, and laid again from their rows for the tests after the first."""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import IntegrityError, connection, transaction

Made = TypeVar("Made")
_NOT_OURS = {"django_migrations", "django_content_type", "auth_permission"}
_kept: dict[tuple[Any, ...], _Kept] = {}


@dataclass(frozen=True)
class _Kept:
    """What making a shop left behind.

    Attributes:
        rows: by table, with the columns first.
        folder: holds a copy of the lake and of the kept files of imports.
        made: what the maker returned.
    """

    rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]]
    folder: Path
    made: Any


def laid(name: str, make: Callable[[], Made]) -> Made:
    """Return what a maker makes: rows, lake and kept files are the same each time, and made only the first time.

    A maker must only add. Where its keys are taken already, or a lake lies there, it is simply called.

    Args:
        name: of the shop, one a maker.
        make: writes into the store, the lake and the folder of imports, and returns what it made.
    """
    if Path(settings.YUTANG_LAKE).exists():
        return make()
    key = (name, connection.vendor, *_ground())
    kept = _kept.get(key)
    if kept is not None:
        try:
            _lay(kept)
        except IntegrityError:
            return make()
        return copy.deepcopy(kept.made)
    before = _keys()
    made = make()
    _kept[key] = _taken(before, copy.deepcopy(made))
    return made


def _ground() -> tuple[Any, ...]:
    """Return the stores that lie there already: rows of the shop refer to them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, code FROM foundation_store ORDER BY id")
        return tuple(cursor.fetchall())


def _tables() -> list[str]:
    return [table for table in connection.introspection.django_table_names() if table not in _NOT_OURS]


def _keys() -> dict[str, set[Any]]:
    """Return the keys of the rows of every table: the first column."""
    found = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = {row[0] for row in cursor.fetchall()}
    return found


def _taken(before: dict[str, set[Any]], made: Any) -> _Kept:
    """Return what has come since."""
    rows = {}
    with connection.cursor() as cursor:
        for table, keys in before.items():
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description or ()]
            if fresh := [row for row in cursor.fetchall() if row[0] not in keys]:
                rows[table] = (columns, fresh)
    folder = Path(tempfile.mkdtemp(prefix="shop-", dir=settings.YUTANG_HOME))
    for name, place in _folders().items():
        if place.exists():
            shutil.copytree(place, folder / name)
    return _Kept(rows, folder, made)


def _lay(kept: _Kept) -> None:
    models = [model for model in apps.get_models() if model._meta.db_table in kept.rows]
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, rows) in kept.rows.items():
            names, places = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
    for name, place in _folders().items():
        if (kept.folder / name).exists():
            shutil.copytree(kept.folder / name, place, dirs_exist_ok=True)


def _folders() -> dict[str, Path]:
    return {"lake": Path(settings.YUTANG_LAKE), "imports": Path(settings.YUTANG_HOME) / "imports"}
