"""A Taobao order report (GBK) into an empty SQLite store."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.compare.contest import Contest, Prepared, Side

#: Rows that peers write at once.
_BATCH = 5_000


def _write(folder: Path, size: int) -> None:
    from benchmarks.bench_import import taobao_file

    taobao_file(folder, size).rename(folder / "orders.csv")


def fresh_home(folder: Path) -> Callable[[], None]:
    """Set a home of Yutang up for this process, and return what puts an empty store into it each time."""
    home = folder / "yutang"
    home.mkdir()
    os.environ["YUTANG_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "yutang.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    connection.close()
    shutil.copyfile(home / "yutang.sqlite3", home / "empty.sqlite3")

    def empty() -> None:
        connection.close()
        _empty(home / "yutang.sqlite3", home / "empty.sqlite3")

    return empty


def _yutang(folder: Path) -> Prepared:
    empty = fresh_home(folder)
    from django.db import connection

    from yutang.foundation.access import Actor
    from yutang.ingest import actions, queries
    from yutang.ingest.running import run

    def ask() -> int:
        empty()
        now = datetime.now(UTC)
        record = actions.prepare_import(
            actor=Actor.system(), path=folder / "orders.csv", file_name="ExportOrderList.csv", now=now
        )
        run(import_id=record.pk, clock=lambda: datetime.now(UTC))
        return record.pk

    def tell(import_id: int) -> dict[str, float]:
        counts = queries.import_view(access=Actor.system(), import_id=import_id).counts
        connection.close()
        return {"rows": counts["read"]}

    return ask, tell


def _driver(folder: Path) -> Prepared:
    path = folder / "driver.sqlite3"

    def ask() -> None:
        _empty(path)
        with closing(sqlite3.connect(path)) as store:
            store.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
            rows = _rows(folder)
            columns = next(rows)
            store.execute(f"CREATE TABLE told ({', '.join(f'c{number}' for number in range(len(columns)))})")
            store.executemany(f"INSERT INTO told VALUES ({', '.join('?' * len(columns))})", rows)
            store.commit()

    return ask, lambda _: {"rows": _count(path, "told")}


def _bulk_create(folder: Path) -> Prepared:
    order, names, path = _a_table(folder)

    def ask() -> None:
        from django.db import connection, transaction

        connection.close()
        _empty(path, path.with_suffix(".empty"))
        rows = _rows(folder)
        next(rows)
        with transaction.atomic():
            batch: list[Any] = []
            for row in rows:
                batch.append(order(**dict(zip(names, row, strict=True))))
                if len(batch) == _BATCH:
                    order.objects.bulk_create(batch)
                    batch = []
            order.objects.bulk_create(batch)

    return ask, lambda _: {"rows": _count(path, order._meta.db_table)}


def _import_export(folder: Path) -> Prepared:
    order, names, path = _a_table(folder)
    from import_export import resources
    from tablib import Dataset

    class Orders(resources.ModelResource):  # type: ignore[misc]
        class Meta:
            model = order
            fields = tuple(names)
            import_id_fields = (names[0],)
            use_bulk = True
            batch_size = _BATCH
            skip_diff = True
            force_init_instance = True

    def ask() -> None:
        from django.db import connection

        connection.close()
        _empty(path, path.with_suffix(".empty"))
        rows = _rows(folder)
        next(rows)
        Orders().import_data(Dataset(*rows, headers=names), raise_errors=True, use_transactions=True)

    return ask, lambda _: {"rows": _count(path, order._meta.db_table)}


def _a_table(folder: Path) -> tuple[Any, list[str], Path]:
    """Return a model of one table of texts, the names of its fields, and where its empty store lies (a copy beside it)."""
    path = folder / f"django-{os.getpid()}.sqlite3"
    import django
    from django.conf import settings

    options = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}},
        INSTALLED_APPS=["import_export"],
        USE_TZ=True,
    )
    django.setup()
    from django.db import connection, models

    names = [f"c{number}" for number in range(len(next(_rows(folder))))]
    fields: dict[str, Any] = {name: models.TextField() for name in names}
    meta = type("Meta", (), {"app_label": "told"})
    order = type("Order", (models.Model,), {**fields, "__module__": __name__, "Meta": meta})
    with connection.schema_editor() as editor:
        editor.create_model(order)
    connection.close()
    shutil.copyfile(path, path.with_suffix(".empty"))
    return order, names, path


def _rows(folder: Path) -> Iterator[list[str]]:
    with (folder / "orders.csv").open(encoding="gb18030", newline="") as file:
        yield from csv.reader(file)


def _empty(path: Path, template: Path | None = None) -> None:
    """Put an empty store in the place of a filled one."""
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    if template is not None:
        shutil.copyfile(template, path)


def _count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as store:
        return int(store.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


CONTEST = Contest(
    name="import",
    title="A Taobao order report (GBK) into an empty SQLite store",
    unit="rows",
    sizes=(10_000, 100_000, 1_000_000),
    write=_write,
    sides={
        "yutang": Side(_yutang),
        "sqlite3 alone": Side(_driver),
        "bulk_create": Side(_bulk_create, is_peer=True),
        "django-import-export": Side(
            _import_export,
            is_peer=True,
            most=100_000,
            because="it would take most of an hour and hold the file in memory",
        ),
    },
    remark=(
        "No peer does the same work: Yutang judges every row, recognises people, seals what is personal and keeps products, "
        "orders and lines; the others put the texts of the file into one table"
    ),
)
