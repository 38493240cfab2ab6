from __future__ import annotations

import pytest

from yutang.lake.catalogue import Catalogue, HeaderIsWrong, QueryNotFound, broken_promises, catalogue_of, parse_query

HEADER = """-- name:   a.b
-- grain:  one row per x
--         and y
-- reads:  t(id, day)
--         u(id, n)
-- params: since DATE (inclusive), stores BIGINT[]
-- units:  n COUNT
"""
QUERY = (
    HEADER
    + "SELECT t.id, sum(u.n) AS n FROM t JOIN u ON u.id = t.id WHERE t.day >= $since AND t.id IN $stores GROUP BY t.id"
)


def faults(text: str) -> str:
    return "; ".join(broken_promises(parse_query(text, origin="x.sql")))


class TestParseQuery:
    def test_reads_the_promises(self) -> None:
        query = parse_query(QUERY, origin="x.sql")

        assert (query.name, query.grain, query.units) == ("a.b", "one row per x and y", "n COUNT")
        assert query.reads == {"t": ("id", "day"), "u": ("id", "n")}
        assert [(p.name, p.type, p.note) for p in query.params.values()] == [
            ("since", "DATE", "inclusive"),
            ("stores", "BIGINT[]", ""),
        ]

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("SELECT 1", "no header"),
            ("-- a remark\nSELECT 1", "no header"),
            (HEADER.replace("-- grain:  one row per x\n--         and y\n", "") + "SELECT 1", "lacks grain"),
            (HEADER.replace("-- units:  n COUNT\n", "") + "SELECT 1", "lacks units"),
        ],
    )
    def test_refuses_a_file_without_its_header(self, text: str, fault: str) -> None:
        with pytest.raises(HeaderIsWrong, match=fault):
            parse_query(text, origin="x.sql")

    def test_refuses_two_of_one_name(self) -> None:
        query = parse_query(QUERY, origin="x.sql")
        with pytest.raises(HeaderIsWrong, match="also in"):
            Catalogue([query, query])


class TestBrokenPromises:
    def test_are_none_where_all_is_true(self) -> None:
        assert faults(QUERY) == ""

    @pytest.mark.parametrize(
        ("old", "new", "fault"),
        [
            ("JOIN u ON", "JOIN w AS u ON", "reads w without saying so; says that it reads u and does not"),
            ("t(id, day)", "t(id, day, name)", "says that it reads t.name and does not"),
            ("t(id, day)", "t(id)", "reads a column without saying so"),
            ("t.day >= $since", "t.day >= $until", r"uses \$until without saying so; says that it takes \$since"),
            ("SELECT t.id", "SELEC t.id", "cannot be read"),
        ],
    )
    def test_are_found(self, old: str, new: str, fault: str) -> None:
        import re

        assert re.match(fault, faults(QUERY.replace(old, new)))


class TestCatalogueOf:
    def test_finds_the_queries_of_the_package(self) -> None:
        assert catalogue_of("yutang")["insight.rfm"].origin == "insight/sql/rfm.sql"

    def test_names_what_there_is(self) -> None:
        with pytest.raises(QueryNotFound, match=r"insight\.rfm"):
            catalogue_of("yutang")["insight.rmf"]
