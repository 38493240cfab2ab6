"""Who is who among rows of a till, a member list and a shop: by member number, by nickname, by phone and name together."""

from __future__ import annotations

import random
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.compare.contest import Contest, Prepared, Side
from benchmarks.compare.questions.imports import fresh_home

#: Rows of a person: one of each file.
_FILES = ("member", "shop", "till")
_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰"
#: One person in so many shares the number of the one before, under another name.
_FAMILIES = 10
#: Rows that Yutang resolves at once, and from which on it takes more room for them, as imports do.
_BATCH = 50_000
_LARGE = 500_000


def _write(folder: Path, size: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    chance, rows = random.Random(size), []
    for number in range(size // len(_FILES)):
        shares = number % _FAMILIES == 1
        phone = f"+86199{number - 1 if shares else number:08d}"
        # Of a family all names differ: a shared number joins nobody.
        family = _FAMILY[0] if number % _FAMILIES == 0 else _FAMILY[1 + number % (len(_FAMILY) - 1)]
        name = family + "".join(chance.choices(_GIVEN, k=2))
        rows.append((f"m{number}", None, phone, name))
        rows.append((None, f"tb_{number * 7919 % 99_991}_{number}", phone, name))
        rows.append((None, None, phone, name))
    chance.shuffle(rows)
    names = ("member_no", "nickname", "phone", "name")
    columns = {name: pa.array(column, pa.string()) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    pq.write_table(pa.table({"unique_id": pa.array(range(len(rows))), **columns}), folder / "rows.parquet")


def _yutang(folder: Path) -> Prepared:
    empty = fresh_home(folder)
    import pyarrow as pa
    import pyarrow.parquet as pq
    from django.db import connection, transaction

    from yutang.customers.identity import Origin, resolve_people
    from yutang.foundation.loading_room import room_to_load

    file = pq.ParquetFile(folder / "rows.parquet")
    is_large = file.metadata.num_rows >= _LARGE
    origin = Origin(import_id=None, account_scope="taobao:bench")

    def ask() -> Any:
        empty()
        now, found = datetime(2026, 7, 1, tzinfo=UTC), []
        with room_to_load() if is_large else nullcontext(lambda: None) as between_changes:
            for batch in file.iter_batches(_BATCH):
                rows = pa.table(batch).drop(["unique_id"])
                seen = pa.array([now] * rows.num_rows, pa.timestamp("us", "UTC"))
                with transaction.atomic():
                    found.append(resolve_people(observed=rows.append_column("seen_at", seen), origin=origin, now=now))
                between_changes()
        return found

    def tell(_found: Any) -> dict[str, float]:
        from yutang.customers.models import Identifier

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM customers_customer WHERE merged_into_id IS NULL")
            (people,) = cursor.fetchone()
        accounts = Identifier.objects.filter(kind__in=("member_no", "nickname"))
        held = accounts.filter(customer__merged_into=None).count()
        connection.close()
        return {"people": people, "accounts": held}

    return ask, tell


def _splink(folder: Path) -> Prepared:
    import duckdb
    import pandas as pd
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rules = [block_on("member_no"), block_on("nickname"), block_on("phone", "name")]
    settings = SettingsCreator(link_type="dedupe_only", blocking_rules_to_generate_predictions=rules)

    def ask() -> Any:
        api = DuckDBAPI(connection=duckdb.connect())
        rows = api.register(pd.read_parquet(folder / "rows.parquet"), dataset_display_name="rows")
        linker = Linker(rows, settings, log_level=40)
        pairs = linker.inference.deterministic_link()
        return linker.clustering.cluster_pairwise_predictions_at_threshold(pairs).as_pandas_dataframe()

    def tell(found: Any) -> dict[str, float]:
        accounts = int(found["member_no"].notna().sum() + found["nickname"].notna().sum())
        return {"people": int(found["cluster_id"].nunique()), "accounts": accounts}

    return ask, tell


CONTEST = Contest(
    name="linking",
    title="Who is who among rows of three files",
    unit="rows",
    sizes=(9_999, 99_999, 999_999),
    write=_write,
    sides={"yutang": Side(_yutang), "splink": Side(_splink, is_peer=True)},
    remark=(
        "The peer does less: Yutang takes each row after the others, writes people with what is personal sealed, and can "
        "undo every join; Splink links the rows of one table by the same three rules and keeps nothing"
    ),
)
