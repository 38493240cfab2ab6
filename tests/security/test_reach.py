"""What belongs to another store is as if it were not there, also where forms, queries, cursors and bodies name it.

Addresses that name a thing are asked for in tests/console/test_access_matrix.py and tests/api/test_matrix.py; here it stands in
what comes with them. The proof is always the same: the answer about something out of reach is the one about nothing at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import pytest
from django.db import connection, transaction

from tests.api.conftest import Program
from tests.api.test_matrix import BODIES, OPERATIONS
from tests.console.test_access_matrix import BY_STORE, SCOPED, World
from tests.security.conftest import FOREIGN, FOREIGN_CODE, FOREIGN_NAME, NO_CODE, NOTHING
from tests.security.entries import FORM, Entry, ask, browser_of, entries, listed, parameters_of, plain
from yutang.foundation.access import CHAIN_PERMISSIONS, PERMISSIONS

pytestmark = pytest.mark.django_db

#: (out of reach, not there) in the forms that parameters take: a key, a code, a cursor of a sorted list, a range.
PAIRS: tuple[tuple[str, str], ...] = (
    (str(FOREIGN), str(NOTHING)),
    (FOREIGN_CODE, NO_CODE),
)
#: Parameters that may name a thing of a store or a person.
_NAMES_A_THING = re.compile(
    r"store|staff|who|owner|person|customer|region|to$|id|key|subject|row|only|case|value|first|second|since"
)
#: How pages write those: as they are and with thousands marked.
_WORDS = (str(FOREIGN), f"{FOREIGN:,}", FOREIGN_CODE, str(NOTHING), f"{NOTHING:,}", NO_CODE)
#: What a signed link says is of random letters.
_SIGNED = re.compile(r"(?<=\?p=)[A-Za-z0-9_-]{60,}")


def told(answer: Any) -> tuple[int, str, str]:
    """Return what an answer says, whatever was asked about."""
    location = answer.headers.get("Location", "")
    for word in _WORDS:
        location = location.replace(word, "…")
    # What is made gets a key of its own each time, also where it is undone.
    location = re.sub(r"\d+", "…", location)
    return answer.status_code, location, plain(answer, *_WORDS)


@contextmanager
def written_about_foreign() -> Iterator[list[str]]:
    """Collect what is written about something out of reach: statements that hold its key, and then are undone."""
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            rows = params if many else [params]
            written.extend(sql[:200] for row in rows if any(type(one) is int and one == FOREIGN for one in row or ()))
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        yield written
        transaction.set_rollback(True)


class TestParameters:
    def test_that_are_looked_at_find_nothing_out_of_reach(self, world: World, foreign: dict[str, Any]) -> None:
        breaches, _reached = _asked_by_store(world, "GET")

        assert not breaches, listed(breaches)

    def test_that_are_sent_find_and_change_nothing_out_of_reach(self, world: World, foreign: dict[str, Any]) -> None:
        breaches, reached = _asked_by_store(world, "POST")

        assert not breaches, listed(breaches)
        assert not reached, listed(reached)


def _asked_by_store(world: World, method: str) -> tuple[list[str], dict[str, list[str]]]:
    """Return where what is out of reach was told apart from what is not there, and what was written about it."""
    client = browser_of(world.people[BY_STORE])
    # The secret of a second factor is drawn by lot where there is none.
    client.get("/profile/second-factor/")
    breaches, reached = [], {}
    for entry in entries(world.own, with_open=False):
        names = parameters_of(client, method, entry) or ()
        for chosen, (there, nowhere) in _tried(names):
            with written_about_foreign() as written:
                answer = _asked(client, method, entry, chosen, there)
            if told(answer) != told(_asked(client, method, entry, chosen, nowhere)) or (
                FOREIGN_NAME in answer.whole.decode(errors="replace")
            ):
                breaches.append(f"{method} {entry.name}: {chosen}={there}: {answer.status_code}")
            if written:
                reached[f"{entry.name} {chosen}"] = written
    return breaches, reached


def _tried(names: Iterable[str]) -> Iterator[tuple[list[str], tuple[str, str]]]:
    """Yield which parameters hold what: all of them at once, and each by itself that may well name a thing."""
    names = list(names)
    if names:
        yield from ((names, pair) for pair in PAIRS)
    yield from (([name], PAIRS[0]) for name in names if _NAMES_A_THING.search(name))


class TestAddresses:
    def test_that_mix_own_and_foreign_things_find_nothing(self, world: World, foreign: dict[str, Any]) -> None:
        """A foreign merge is not undone by way of an own customer."""
        client = browser_of(world.people[BY_STORE])
        found = []
        for mixed in _mixtures(world.own, foreign):
            for entry in entries(mixed, with_open=False):
                # Those that name one thing are asked for in the access matrix.
                if len(_kinds(entry) & SCOPED) < 2 or mixed_like(_kinds(entry), mixed, world.own, foreign):
                    continue
                for method in ("GET", "POST"):
                    status = ask(client, method, entry.address, FORM).status_code
                    if status not in {403, 404, 405}:
                        found.append((method, entry.address, status))

        assert not found, listed(found)

    @pytest.mark.parametrize("key", [0, 2**63, 10**30])
    def test_with_keys_that_nothing_has_are_refused_in_words(self, world: World, key: int) -> None:
        client = browser_of(world.people["owner"])
        things = {name: key if isinstance(value, int) else value for name, value in world.own.items()}

        broken = [
            (method, entry.name, status)
            for entry in entries(things)
            if _kinds(entry)
            for method in ("GET", "POST")
            if (status := ask(client, method, entry.address, FORM).status_code) >= 500
        ]

        assert not broken, listed(broken)


class TestExports:
    def test_hold_nothing_that_is_out_of_reach(self, world: World, foreign: dict[str, Any]) -> None:
        client = browser_of(world.people[BY_STORE])
        sent = []
        for entry in entries(world.own, with_open=False):
            for method in ("GET", "POST"):
                answer = ask(client, method, entry.address, {**FORM, "store": FOREIGN})
                if "attachment" in answer.headers.get("Content-Disposition", ""):
                    sent.append(entry.name)
                    assert FOREIGN_NAME not in answer.whole.decode("utf-8", "replace"), entry.name
                    assert str(FOREIGN) not in answer.whole.decode("utf-8", "replace"), entry.name

        assert {"value-rfm-export", "segments-export"} <= set(sent)


@pytest.fixture
def scoped(service_of: Callable[..., Program]) -> Program:
    """A program that may do everything that a person of the Xuhui store may."""
    return service_of(*sorted(PERMISSIONS - CHAIN_PERMISSIONS), store_codes=["SH01"], per_minute=60_000)


class TestPrograms:
    def test_parameters_that_name_what_is_out_of_reach_find_nothing(
        self, world: World, foreign: dict[str, Any], scoped: Program
    ) -> None:
        breaches = []
        for name, (method, path, details) in OPERATIONS.items():
            if method != "GET":
                continue
            address = path.format(**{**world.own, "order_id": NOTHING})
            for one in details.get("parameters", ()):
                if one["in"] != "query":
                    continue
                for there, nowhere in PAIRS:
                    answers = [scoped.get(f"{address}?{one['name']}={value}") for value in (there, nowhere)]
                    texts = [_without_words(answer) for answer in answers]
                    if texts[0] != texts[1] or FOREIGN_NAME in texts[0][1]:
                        breaches.append(f"{name}: {one['name']}={there}: {answers[0].content[:200]!r}")

        assert not breaches, listed(breaches)

    def test_bodies_that_name_what_is_out_of_reach_are_refused_alike(
        self, world: World, foreign: dict[str, Any], scoped: Program
    ) -> None:
        breaches = []
        for name, body in BODIES.items():
            method, path, _ = OPERATIONS[name]
            for where, there, nowhere in _bodies(name, body):
                answers, written = [], []
                for one in (there, nowhere):
                    with written_about_foreign() as found:
                        answers.append(scoped.call(method, path.format(**world.own), one))
                    written += found
                statuses = [(one.status_code, one.json().get("code")) for one in answers]
                if statuses[0] != statuses[1] or written or FOREIGN_NAME in answers[0].content.decode():
                    breaches.append(f"{name}: {where}: {answers[0].content[:200]!r}")

        assert not breaches, listed(breaches)


def _asked(client: Any, method: str, entry: Entry, names: Iterable[str], value: str) -> Any:
    held = dict.fromkeys(names, value)
    return ask(client, method, entry.url(**held), {**FORM, **held} if method == "POST" else None)


def _kinds(entry: Entry) -> set[str]:
    """Return the kinds of things that an address names."""
    return entry.kinds


def mixed_like(kinds: set[str], mixed: Mapping[str, Any], *pure: Mapping[str, Any]) -> bool:
    """Return whether all things that an address names are of one side."""
    return any(all(mixed[kind] == one[kind] for kind in kinds & SCOPED) for one in pure)


def _mixtures(own: Mapping[str, Any], foreign: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the things of which some are own ones and at least one of a store or person is foreign."""
    kinds = sorted(SCOPED)
    for size in range(1, len(kinds)):
        # One foreign thing among own ones, and one own among foreign ones: what lies between brings nothing new.
        if size in {1, len(kinds) - 1}:
            for chosen in combinations(kinds, size):
                yield {**own, **{kind: foreign[kind] for kind in chosen}}


def _without_words(answer: Any) -> tuple[int, str]:
    text = answer.content.decode()
    text = "".join(part for part in text.split('"request_id"')[:1])
    # A signed link is another each time.
    text = _SIGNED.sub("…", text)
    for word in _WORDS:
        text = text.replace(word, "…")
    return answer.status_code, text


def _bodies(name: str, body: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the body with each of its fields, and those that the description knows besides, naming something out of reach."""
    described = OPERATIONS[name][2]["requestBody"]["content"]["application/json"]["schema"]
    for where in _fields(described):
        names_a_store = "store" in where[-1]
        for there, nowhere in PAIRS if names_a_store else [(FOREIGN, NOTHING), PAIRS[0]]:
            yield ".".join(where), _with(body, where, there), _with(body, where, nowhere)


def _fields(schema: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    from yutang.api.operations import door

    if "$ref" in schema:
        schema = door.get_openapi_schema()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    for name, one in schema.get("properties", {}).items():
        if one.get("type") == "array":
            yield from _fields(one["items"], (*above, name))
        # An amount names nothing, whatever number it is.
        elif name not in {"id", "source"} and not name.endswith("_minor"):
            yield (*above, name)


def _with(body: Any, where: tuple[str, ...], value: Any) -> Any:
    changed = json.loads(json.dumps(body))
    found = changed
    for name in where[:-1]:
        found = found.setdefault(name, [{}])
        found = found[0] if isinstance(found, list) else found
    found[where[-1]] = value
    return changed
