"""The lake reaches the store just as Django does, whatever DATABASE_URL says of it."""

from __future__ import annotations

from typing import Any

import dj_database_url
import pytest
from django.db import connection
from django.db.utils import ConnectionHandler
from psycopg.conninfo import conninfo_to_dict

from tests.support.commerce import NOW, make_ground, make_orders
from yutang.ingest import lake_sync
from yutang.ingest.lake_sync import sync_lake


def address_of(monkeypatch: pytest.MonkeyPatch, url: str) -> dict[str, Any]:
    """Return what libpq understands of the address that the exporting child is given."""
    reach(monkeypatch, url)
    return conninfo_to_dict(lake_sync.the_store().address)


def reach(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(lake_sync, "connection", ConnectionHandler({"default": dj_database_url.parse(url)})["default"])


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            (
                "postgresql://postgres:@/shop?host=/var/run/socket",
                {"host": "/var/run/socket", "dbname": "shop", "user": "postgres"},
            ),
            (
                "postgresql://u:p%20w%2B@example.com:5433/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem",
                {
                    "host": "example.com",
                    "port": "5433",
                    "dbname": "shop",
                    "user": "u",
                    "password": "p w+",
                    "sslmode": "verify-full",
                    "sslrootcert": "/etc/ca.pem",
                },
            ),
            (
                "postgresql://u@h/shop?options=-c%20search_path%3Dyutang&connect_timeout=3",
                {
                    "host": "h",
                    "dbname": "shop",
                    "user": "u",
                    "options": "-c search_path=yutang",
                    "connect_timeout": "3",
                },
            ),
        ],
    )
    def test_says_all_that_the_setting_says(
        self, monkeypatch: pytest.MonkeyPatch, url: str, expected: dict[str, str]
    ) -> None:
        told = address_of(monkeypatch, url)

        assert {**told, **expected} == told
        assert set(told) - set(expected) <= {"client_encoding"}

    def test_what_only_django_knows_is_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        reach(monkeypatch, "postgresql://u@h/shop")
        lake_sync.connection.settings_dict["OPTIONS"] = {"server_side_binding": True, "sslmode": "require"}

        assert "server_side_binding" not in lake_sync.the_store().address
        assert "sslmode=require" in lake_sync.the_store().address


class TestFingerprint:
    def of(self, monkeypatch: pytest.MonkeyPatch, url: str) -> str:
        reach(monkeypatch, url)
        return lake_sync._store_fingerprint()

    def test_tells_stores_apart_by_options_too_but_not_by_who_asks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        one, other = (self.of(monkeypatch, f"postgresql://u@/shop?host=/socket/{n}") for n in (1, 2))
        schema = self.of(monkeypatch, "postgresql://u@/shop?host=/socket/1&options=-c%20search_path%3Dx")
        somebody = self.of(monkeypatch, "postgresql://other:secret@/shop?host=/socket/1&sslmode=require")

        assert len({one, other, schema}) == 3
        assert somebody == one


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lake_folder")
class TestSync:
    def test_reaches_a_server_that_only_the_options_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite is a file without options")
        host = connection.settings_dict["HOST"] or connection.settings_dict["OPTIONS"]["host"]
        monkeypatch.setitem(connection.settings_dict, "HOST", "")
        options = {**connection.settings_dict["OPTIONS"], "host": host}
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
        make_orders(make_ground(), seed=1, n=5)

        report = sync_lake(now=NOW)

        assert {table.table: table.rows for table in report.tables}["orders_order"] == 5
