from __future__ import annotations

import pytest

from yutang.lake.catalogue import (
    Catalogue,
    HeaderIsWrong,
    NamedQuery,
    QueryNotFound,
    broken_promises,
    catalogue_of,
    parse_query,
)
from yutang.lake.rendering import rendered, steps_of

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


def written(name: str, sql: str, **header: str) -> NamedQuery:
    keys = {"grain": "one row per x", "reads": "none", "units": "none", **header}
    lines = [f"-- name: {name}", *(f"-- {key}: {value}" for key, value in keys.items())]
    return parse_query("\n".join([*lines, sql]), origin=f"{name}.sql")


SALE = written("a.sale", "SELECT id, day FROM t WHERE day < $until", reads="t(id, day)", params="until DATE")
FIRST = written(
    "a.first",
    "WITH dated AS (SELECT sale.id, sale.day FROM sale) SELECT id, min(day) AS day FROM dated GROUP BY id",
    uses="a.sale",
)
COUNTED = written("a.counted", "SELECT count(kind.id) AS n FROM kind", inputs="kind(id)")
STEPS = [SALE, FIRST, COUNTED]


class TestSharedSteps:
    def test_stand_in_front_once_each_and_bring_what_they_read_and_take(self) -> None:
        query = written(
            "a.whole",
            "WITH late AS (SELECT first.id FROM first WHERE first.day >= $since)"
            " SELECT late.id, u.n FROM late JOIN sale ON sale.id = late.id JOIN u ON u.id = late.id",
            uses="a.first, a.sale",
            reads="u(id, n)",
            params="since DATE",
        )

        whole = Catalogue([query], STEPS)["a.whole"]

        assert [step.name for step in steps_of(whole)] == ["sale", "dated", "first", "late", "result"]
        assert whole.reads == {"u": ("id", "n"), "t": ("id", "day")}
        assert list(whole.params) == ["since", "until"]
        assert broken_promises(whole) == []
        assert rendered(whole).count("FROM t") == 1

    def test_are_told_another_by_the_name_that_they_ask_for(self) -> None:
        query = written("a.whole", "SELECT counted.n FROM counted", uses="a.first AS kind, a.counted")

        whole = Catalogue([query], STEPS)["a.whole"]

        assert [step.name for step in steps_of(whole)] == ["sale", "dated", "kind", "counted", "result"]
        assert broken_promises(whole) == []

    def test_are_shown_with_a_query_that_has_no_step_of_its_own(self) -> None:
        query = written(
            "a.whole", "SELECT sale.id FROM sale UNION ALL SELECT u.id FROM u", uses="a.sale", reads="u(id)"
        )

        whole = Catalogue([query], STEPS)["a.whole"]

        assert broken_promises(whole) == []
        assert rendered(whole).startswith("WITH sale AS")

    def test_one_that_is_lent_is_an_input_and_brings_nothing_of_its_own(self) -> None:
        query = written(
            "a.whole",
            "SELECT first.id, u.n FROM first JOIN u ON u.id = first.id",
            uses="a.first",
            reads="u(id, n)",
        )
        catalogue = Catalogue([query], STEPS)

        lending = catalogue.lending("a.whole", "a.first")

        assert lending.inputs == {"first": ("id", "day")}
        assert (lending.reads, lending.params) == ({"u": ("id", "n")}, {})
        assert "FROM t" not in rendered(lending)
        assert catalogue["a.whole"].inputs == {}

    @pytest.mark.parametrize(
        ("uses", "sql", "fault"),
        [
            ("a.nothing", "SELECT 1 AS n", "there is no step a.nothing"),
            ("a.counted", "SELECT counted.n FROM counted", "needs kind before it"),
            ("a.first AS sale, a.sale", "SELECT sale.id FROM sale", "two steps are called sale"),
            ("a.sale", "WITH sale AS (SELECT 1 AS id) SELECT sale.id FROM sale", "two steps are called sale"),
            ("a.sale AS", "SELECT 1 AS n", "names no step"),
        ],
    )
    def test_that_do_not_fit_are_refused(self, uses: str, sql: str, fault: str) -> None:
        with pytest.raises(HeaderIsWrong, match=fault):
            Catalogue([written("a.whole", sql, uses=uses)], STEPS)["a.whole"]

    def test_of_one_parameter_with_two_types_are_refused(self) -> None:
        query = written(
            "a.whole", "SELECT sale.id FROM sale WHERE sale.id = $until", uses="a.sale", params="until BIGINT"
        )

        with pytest.raises(HeaderIsWrong, match=r"\$until is DATE, and elsewhere BIGINT"):
            Catalogue([query], STEPS)["a.whole"]

    def test_a_step_that_reads_in_secret_is_found_in_the_whole(self) -> None:
        secret = written("a.secret", "SELECT t.id, v.n FROM t JOIN v ON v.id = t.id", reads="t(id)")
        query = written("a.whole", "SELECT secret.id FROM secret", uses="a.secret")

        assert broken_promises(Catalogue([query], [secret])["a.whole"]) == ["reads v without saying so"]


class TestStepsOfThePackage:
    def test_read_what_their_headers_say(self) -> None:
        steps = catalogue_of("yutang").steps

        assert steps
        assert {step.name: broken_promises(step) for step in steps if broken_promises(step)} == {}

    def test_are_used_by_two_queries_or_steps_at_least_or_by_a_step_that_is(self) -> None:
        catalogue = catalogue_of("yutang")
        users: dict[str, set[str]] = {step.name: set() for step in catalogue.steps}
        uses = {part.name: set(part.uses.values()) for part in (*catalogue, *catalogue.steps)}
        for query in catalogue:
            found, waiting = set[str](), set(uses[query.name])
            while waiting:
                name = waiting.pop()
                found.add(name)
                waiting |= uses[name] - found
            for name in found:
                users[name].add(query.name)

        assert {name: found for name, found in users.items() if len(found) < 2} == {}
