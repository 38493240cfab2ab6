"""Fields that nobody asked for change nothing: no form and no body reaches into a row by the name of a column."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from tests.api.conftest import Program
from tests.api.test_matrix import BODIES, OPERATIONS
from tests.console.test_access_matrix import World
from tests.security.entries import FORM, Entry, browser_of, entries, listed
from yutang.foundation.models import Staff

# What a page says does not differ by the database.
pytestmark = [pytest.mark.django_db, pytest.mark.minutes]

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
#: What rows hold by chance or of a browser, and not because of a form.
_BY_CHANCE = ("django_session", "foundation_staffsession", "axes_")
#: A number of a new row differs from try to try on PostgreSQL.
_KEYS = re.compile(r"msg_[0-9a-f]+|\bc-[0-9a-f]{12}\b|(?<![0-9])\d{1,6}(?![0-9])")
#: Names that other software is attacked by.
_USUAL = (
    "is_superuser",
    "is_staff",
    "is_admin",
    "admin",
    "superuser",
    "groups",
    "user_permissions",
    "_state",
    "__class__",
)


def columns() -> dict[str, str]:
    """Return the names of all columns there are, each with a value that would do harm there."""
    found = dict.fromkeys(_USUAL, "1")
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.Field):
                found |= {name: _harm(field) for name in {field.name, getattr(field, "attname", field.name)}}
    return found


def _harm(field: models.Field[Any, Any]) -> str:
    if field.choices:
        return str(next(iter(field.choices))[0])
    return "2020-01-01" if isinstance(field, models.DateField) else "1"


def becomes(client: Any, entry: Entry, form: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a form wrote, statement by statement; then it is undone."""
    written: list[tuple[str, str]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not any(table in sql for table in _BY_CHANCE):
            rows = params if many else [params]
            written.append(
                (
                    sql,
                    repr([["…" if isinstance(one, bytes | memoryview) else one for one in row or ()] for row in rows]),
                )
            )
        return execute(sql, params, many, context)

    with (
        transaction.atomic(),
        mock.patch("django.utils.timezone.now", return_value=NOW),
        connection.execute_wrapper(note),
    ):
        client.post(entry.address, form)
        transaction.set_rollback(True)
    # Keys that are given anew each time say nothing.
    return [(_KEYS.sub("#", sql), _KEYS.sub("#", params)) for sql, params in written]


def asked_for(entry: Entry) -> set[str]:
    """Return the names that the room of an entry asks for by themselves: what stands in its source in quotes."""
    view = inspect.unwrap(entry.view)
    source = inspect.getsource(inspect.getmodule(getattr(view, "view_class", view)))  # type: ignore[arg-type]
    return {name for name in columns() if f'"{name}"' in source}


class TestForms:
    def test_take_nothing_that_their_room_does_not_ask_for(self, world: World) -> None:
        client = browser_of(world.people["owner"])
        harm, reached, changing = columns(), {}, 0
        for entry in entries(world.own, with_open=False):
            usual = becomes(client, entry, FORM)
            changing += bool(usual)
            known = asked_for(entry) | set(FORM)
            planted = {name: value for name, value in harm.items() if name not in known}
            harmed = becomes(client, entry, {**FORM, **planted})
            if harmed != usual:
                reached[entry.name] = [one for one in harmed if one not in usual] or "less than without them"

        assert not reached, listed(reached)
        # Where no form changed anything, nothing was tried.
        assert changing > 20

    def test_of_a_person_change_no_role_reach_or_bar(self, world: World) -> None:
        client = browser_of(world.people["nothing"])
        harm = {
            "role": "owner",
            "own_role": "",
            "own_role_id": "",
            "is_active": "1",
            "stores": "2",
            "regions": "1",
            "is_superuser": "1",
        }

        for entry in entries(world.own, with_open=False):
            client.post(entry.address, {**FORM, **harm, "display_name": "新名", "language": "en", "theme": "dark"})

        me = Staff.objects.get(pk=world.people["nothing"].pk)
        assert (me.role, me.own_role_id) == ("own", world.people["nothing"].own_role_id)
        assert [store.code for store in me.stores.all()] == ["SH01"]
        assert me.display_name == "新名"


class TestBodies:
    @pytest.mark.parametrize("name", BODIES)
    def test_with_what_is_not_described_are_refused(
        self, world: World, owner_staff: Staff, program_of: Any, name: str
    ) -> None:
        method, path, _ = OPERATIONS[name]
        program: Program = program_of(owner_staff, per_minute=60_000)
        address = path.format(**world.own)

        for where, body in _with_more(BODIES[name]):
            answer = program.call(method, address, body)
            assert answer.status_code == 422, (where, answer.content)
            assert where in answer.content.decode()


def _with_more(body: Any) -> Iterator[tuple[str, Any]]:
    """Yield the body with one more field, in each object that it holds."""
    for field in ("store_id", "customer_id", "is_superuser", "role", "__class__"):
        whole = json.loads(json.dumps(body))
        for place in _objects(whole):
            if field not in place:
                place[field] = 1
                yield field, json.loads(json.dumps(whole))
                del place[field]


def _objects(value: Any, name: str = "") -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        # Properties of an event are free by purpose.
        if name != "properties":
            yield value
        for key, one in value.items():
            yield from _objects(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _objects(one, name)
