"""The order of the rooms, beyond what imports show: foreign keys, actions, migrations, and the lint itself."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import pkgutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

import yutang

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import lint_domain  # noqa: E402


def rooms_by_height() -> dict[str, int]:
    """Return every room with its height; siblings share one."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    return {
        room.strip(): height
        for height, layer in enumerate(reversed(contract["layers"]))
        for room in layer.split("|")
    }  # fmt: skip


def actions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every public action of every room."""
    for room in pkgutil.iter_modules(yutang.__path__):
        found = pkgutil.resolve_name(f"yutang.{room.name}")
        names = [one.name for one in pkgutil.iter_modules(getattr(found, "__path__", []))]
        if "actions" not in names:
            continue
        package = importlib.import_module(f"yutang.{room.name}.actions")
        modules = [package]
        if hasattr(package, "__path__"):
            modules += [
                importlib.import_module(f"{package.__name__}.{one.name}")
                for one in pkgutil.iter_modules(package.__path__)
            ]
        for module in modules:
            for name, function in inspect.getmembers(module, inspect.isfunction):
                own = inspect.unwrap(function).__module__.startswith(package.__name__)
                # Where a package says what its face is, other functions are for the room's own use.
                faced = name in getattr(package, "__all__", (name,))
                if own and faced and not name.startswith("_"):
                    yield f"{room.name}.{name}", function


def test_foreign_keys_only_go_down() -> None:
    heights = rooms_by_height()
    breaches = []
    for model in apps.get_models(include_auto_created=True):
        room = model._meta.app_label
        if not model.__module__.startswith("yutang."):
            continue
        for field in model._meta.get_fields():
            target = field.related_model if field.concrete and field.is_relation else None
            if isinstance(target, type) and target.__module__.startswith("yutang."):
                other = target._meta.app_label
                if other != room and heights[other] >= heights[room]:
                    breaches.append(f"{model.__name__}.{field.name} -> {other}")

    assert breaches == []


def test_every_action_takes_keywords_only_with_actor_first_and_now_last() -> None:
    breaches = []
    for name, function in actions():
        given = inspect.signature(function).parameters.values()
        parameters = [parameter for parameter in given if parameter.kind is not inspect.Parameter.VAR_KEYWORD]
        names = [parameter.name for parameter in parameters]
        keyword_only = all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters)
        if not keyword_only or names[:1] != ["actor"] or names[-1:] != ["now"]:
            breaches.append(f"{name}({', '.join(names)})")

    assert breaches == []


def test_there_are_actions_to_be_held_to_it() -> None:
    assert {"foundation.create_staff", "foundation.cancel_job"} <= {name for name, _ in actions()}


def test_every_room_is_in_the_list() -> None:
    assert {room.name for room in pkgutil.iter_modules(yutang.__path__)} == set(rooms_by_height())


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    output = io.StringIO()

    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=output)
    except SystemExit:
        pytest.fail(output.getvalue())


class TestLint:
    def breaches(self, room: str, code: str) -> list[str]:
        path = lint_domain.PACKAGE / room / "sample.py"
        return [breach.says for breach in lint_domain.table_breaches(path, room, ast.parse(code))]

    @pytest.mark.parametrize(
        "code",
        [
            "from yutang.customers.models import Customer\nCustomer.objects.filter(pk=1).update(x=1)",
            "from yutang.customers.models import Customer as C\nC.objects.create()",
            "def f():\n    from yutang.customers.models import Customer\n    Customer.objects.all().delete()",
            "cursor.execute('INSERT INTO customers_customer (id) VALUES (1)')",
            "cursor.execute(f'UPDATE customers_customer SET x = {y}')",
            "insert_rows('customers_customer', columns, rows)",
            "bulk.delete_rows('customers_customer', ids)",
        ],
    )
    def test_finds_writes_to_a_table_of_another_room(self, code: str) -> None:
        assert len(self.breaches("orders", code)) == 1

    @pytest.mark.parametrize(
        "code",
        [
            "from yutang.customers.models import Customer\nCustomer.objects.filter(pk=1).values()",
            "from yutang.orders.models import Order\nOrder.objects.create()",
            "cursor.execute('SELECT 1 FROM customers_customer')",
            "insert_rows('orders_order', columns, rows)",
            "seen.update({1: 2})",
        ],
    )
    def test_lets_a_room_read_others_and_write_its_own(self, code: str) -> None:
        assert self.breaches("orders", code) == []

    def test_finds_models_in_a_door(self) -> None:
        tree = ast.parse("from yutang.customers.models import Customer\nfrom yutang.orders import models")

        assert len(list(lint_domain.model_imports(lint_domain.PACKAGE / "cli" / "x.py", "cli", tree))) == 2
