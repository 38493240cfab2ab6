"""A real shop's file, imported: a rule finds whom a query over the raw file finds."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.importing import NOW, import_path
from yutang.foundation.access import Actor
from yutang.insight.actions import score_customers
from yutang.segments import queries

#: Rows of the file that are used. Count, with the header.
_LINES = 130_000
_RAW = """
SELECT count(*)
FROM (
    SELECT "CustomerID"
    FROM read_csv($file, all_varchar = true)
    WHERE "CustomerID" <> '' AND "InvoiceNo" NOT LIKE 'C%'
    GROUP BY "CustomerID"
    HAVING count(DISTINCT "InvoiceNo") >= 3 AND bool_or(contains(lower("Description"), 'white hanging heart'))
)
"""
_RULE = {
    "version": 1,
    "rule": {
        "all": [
            {"event": "order", "is": "at_least", "value": 3},
            {
                "event": "purchase",
                "is": "did",
                "where": [{"field": "product_name", "is": "contains", "value": "white hanging heart"}],
            },
        ]
    },
}


@pytest.mark.slow
@pytest.mark.minutes
@pytest.mark.reference_data
@pytest.mark.django_db(transaction=True)
def test_finds_as_many_as_the_raw_file_holds(reference_data: Path, settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"
    whole = reference_data / "online_retail" / "online_retail_2010-12_2011-12.csv.gz"
    file = tmp_path / "first_lines.csv"
    # Emptying the tables behind a test takes as long as filling them: a quarter of the lines tells as much.
    with (
        gzip.open(whole, "rt", encoding="utf-8", newline="") as lines,
        file.open("w", encoding="utf-8", newline="") as kept,
    ):
        kept.writelines(itertools.islice(lines, _LINES))
    raw = duckdb.sql(_RAW, params={"file": str(file)}).fetchall()

    import_path(file, time_zone="Europe/London", currency="GBP")
    score_customers(actor=Actor.system(), now=NOW)
    found = queries.people_of(access=Actor.system(), rule=_RULE, today=NOW.date())

    assert raw == [(len(found.people),)]
    assert len(found.people) > 100
