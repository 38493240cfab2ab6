"""The cast: people and stores that tests share."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis.internal.conjecture import providers

if TYPE_CHECKING:
    from tests.support.starting import Starter
    from yutang.foundation.access import Actor
    from yutang.foundation.models import Staff, Store

#: A quiet Wednesday morning in Shanghai.
NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)

# The same examples in every run, so that a change is judged by what it changed; the variable looks for new ones.
hypothesis_settings.register_profile("same", derandomize=True)
hypothesis_settings.load_profile("default" if os.environ.get("YUTANG_TEST_RANDOM") else "same")
if not os.environ.get("YUTANG_TEST_RANDOM"):
    # Hypothesis draws from the constants of all our modules that are loaded: it reads each of them, for seconds in every process,
    # and the examples would be others after other tests.
    providers._get_local_constants = lambda: providers._local_constants


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run choose the tests that ask the operational store, to repeat those on another database."""
    parser.addoption("--only-store", action="store_true", help="only tests that ask the operational store")


def pytest_configure(config: pytest.Config) -> None:
    """Say of each test that fails what fails when it does: everything about it stands at the end."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_SaysWhatFails(config))


class _SaysWhatFails:
    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            why = getattr(getattr(report.longrepr, "reprcrash", None), "message", str(report.longrepr))
            terminal.write_line(f"\nFAILED {report.nodeid} ({report.when}): {why.strip().partition(chr(10))[0]}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests that ask no store, where that is wished; begin with the longest, so that none of them is left alone at the end."""
    if config.getoption("--only-store"):
        left_out = [item for item in items if not _asks_the_store(item)]
        items[:] = [item for item in items if _asks_the_store(item)]
        config.hook.pytest_deselected(items=left_out)
    items[:] = dealt(items, getattr(config, "workerinput", {}).get("workercount", 1))


def dealt(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """Return tests in an order in which each process begins with its part of the long ones, those of a file together.

    `--dist worksteal` gives each process as many tests, those that stand together; who has ended takes from the end of the others.
    """
    is_long = {item: any(item.get_closest_marker(name) for name in ("slow", "minutes")) for item in items}
    files = [list(group) for _, group in groupby(filter(is_long.get, items), key=lambda item: item.path)]
    hands: list[list[pytest.Item]] = [[] for _ in range(processes)]
    for file in sorted(files, key=len, reverse=True):
        min(hands, key=len).extend(file)
    quick = iter([item for item in items if not is_long[item]])
    left, found = len(items), list[pytest.Item]()
    for place, hand in enumerate(hands):
        share = left // (processes - place)
        found += [*hand, *islice(quick, max(0, share - len(hand)))]
        left -= share
    return [*found, *quick]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Let a run that asks for tests of Spark alone load no file that has none."""
    if config.getoption("markexpr") != "spark" or not collection_path.name.startswith("test_"):
        return None
    return "mark.spark" not in collection_path.read_text("utf-8") or None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector of cycles pass over what was loaded for good: it would look through all of it again and again."""
    from yutang.kit.memory import settle

    settle()


def _asks_the_store(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tell the store, whose tables are made straight from the models, that it has had every migration."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder
    from django.test import TransactionTestCase

    from tests.support.emptying import empty_tables, leave_keys_to_the_cast
    from tests.support.monthly import keep_by_month
    from yutang.cli.store import missing_migrations

    with django_db_blocker.unblock():
        leave_keys_to_the_cast()
        recorder = MigrationRecorder(connection)
        for name in missing_migrations():
            recorder.record_applied(*name.split(".", 1))
        # The months are those in which tests happen.
        keep_by_month(today=NOW.date())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_tables())
        yield


@pytest.fixture(scope="session", autouse=True)
def _exports_load_nothing() -> Iterator[None]:
    """Export into the lake in processes that are forked from a loaded one, and not started each (see `exports_as_shipped`)."""
    from tests.support.exporting import Exporter
    from yutang.lake import export

    with pytest.MonkeyPatch.context() as patched, Exporter() as exporter:
        patched.setattr(export, "_child", exporter.export)
        yield


@pytest.fixture(scope="session", autouse=True)
def _engines_share_a_duckdb() -> Iterator[None]:
    """Open engines over the lake in one DuckDB (see `engines_as_shipped`)."""
    from tests.support.querying import OwnSchema
    from yutang.lake.engines import duckdb

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(duckdb, "connect", OwnSchema)
        yield


@pytest.fixture(scope="session", autouse=True)
def _facts_of_the_audit_trail_have_words() -> Iterator[None]:
    """Let whatever writes a fact without words into the audit trail fail (see `tests/support/auditing.py`)."""
    from tests.support.auditing import facts_have_words

    with facts_have_words():
        yield


@pytest.fixture(scope="session", autouse=True)
def _browsers_share_middleware() -> Iterator[None]:
    """Load the middleware once for all test clients between two changes of a setting: each test makes many."""
    from django.test.client import ClientHandler

    from tests.support.handling import load_middleware

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ClientHandler, "load_middleware", load_middleware)
        yield


@pytest.fixture(scope="session", autouse=True)
def _commands_are_made_once() -> Iterator[None]:
    """Make Click's commands of a command line once, and not for each call: those of all rooms take longer than most calls."""
    from functools import cache

    from typer import testing

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(testing, "_get_command", cache(testing._get_command))
        yield


@pytest.fixture(autouse=True)
def _no_calls_yet() -> None:
    """Forget the calls of programs: the store numbers its tokens anew in each test, and the file of calls would count them on."""
    from django.conf import settings

    (Path(settings.YUTANG_HOME) / "api_calls").unlink(missing_ok=True)


@pytest.fixture
def engines_as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start a DuckDB for each engine, as an installation does."""
    from duckdb import connect

    from yutang.lake.engines import duckdb

    monkeypatch.setattr(duckdb, "connect", connect)


@pytest.fixture
def exports_as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start a new interpreter for each export, as an installation does."""
    from tests.support import exporting
    from yutang.lake import export

    monkeypatch.setattr(export, "_child", exporting.AS_SHIPPED)


@pytest.fixture(scope="session")
def starter_of_all() -> Iterator[Starter]:
    """Starts processes without loading everything for each."""
    from tests.support.starting import Starter

    with Starter() as starter:
        yield starter


@pytest.fixture
def starter(starter_of_all: Starter) -> Iterator[Starter]:
    """Starts processes that tests kill; none of them outlives its test."""
    yield starter_of_all
    starter_of_all.end_children()


@pytest.fixture
def now() -> datetime:
    """The instant at which tests happen unless they say otherwise."""
    return NOW


@pytest.fixture
def stores(db: None) -> dict[str, Store]:
    """Two stores of one region, and one elsewhere."""
    from yutang.foundation.models import Region, Store

    # Always the same keys, below those that the store gives: shops that are laid again refer to them.
    east = Region.objects.create(pk=1, name="华东", ordinal=1)
    south = Region.objects.create(pk=2, name="华南", ordinal=2)
    return {
        "xuhui": Store.objects.create(pk=1, code="SH01", name="徐汇店", region=east, city="上海"),
        "pudong": Store.objects.create(pk=2, code="SH02", name="浦东店", region=east, city="上海"),
        "tianhe": Store.objects.create(pk=3, code="GZ01", name="天河店", region=south, city="广州"),
    }


@pytest.fixture
def owner_staff(db: None) -> Staff:
    """The owner of the account."""
    return _staff("laoban", "王老板", "owner", key=1)


@pytest.fixture
def manager_staff(stores: dict[str, Store]) -> Staff:
    """The manager of the Xuhui store, who sees that store only."""
    return _staff("lidianzhang", "李店长", "store_manager", stores["xuhui"], key=2)


@pytest.fixture
def operator_staff(db: None) -> Staff:
    """The private-domain operator, who sees every store."""
    return _staff("yunying", "赵运营", "operator", key=3)


@pytest.fixture
def owner(owner_staff: Staff) -> Actor:
    """The owner as an actor."""
    return _actor(owner_staff)


@pytest.fixture
def manager(manager_staff: Staff) -> Actor:
    """The manager of the Xuhui store as an actor."""
    return _actor(manager_staff)


@pytest.fixture
def operator(operator_staff: Staff) -> Actor:
    """The operator as an actor."""
    return _actor(operator_staff)


@pytest.fixture
def reference_data() -> Path:
    """The folder of reference data; the test is skipped where there is none."""
    folder = Path(
        os.environ.get("YUTANG_REFERENCE_DATA") or Path(__file__).resolve().parents[1] / "../shared/data"
    ).resolve()
    if not folder.is_dir():
        pytest.skip("no reference data here: set YUTANG_REFERENCE_DATA to its folder")
    return folder


@pytest.fixture
def no_kept_files() -> None:
    """The folder of imports is empty: a store that was emptied numbers its imports anew, and an older test left such a folder."""
    from django.conf import settings

    shutil.rmtree(Path(settings.YUTANG_HOME) / "imports", ignore_errors=True)


@pytest.fixture
def child_environment() -> dict[str, str]:
    """The environment for a child process that uses the test database."""
    from django.db import connection

    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{settings['NAME']}"
    else:
        login = f"{quote(settings['USER'])}:{quote(settings['PASSWORD'])}"
        url = f"postgresql://{login}@{quote(settings['HOST'], safe='')}:{settings['PORT']}/{settings['NAME']}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DJANGO_SETTINGS_MODULE": "yutang.config.settings",
    }


def _staff(username: str, display_name: str, role: str, *stores: Store, key: int | None = None) -> Staff:
    from yutang.foundation.models import Staff

    staff = Staff(pk=key, username=username, display_name=display_name, role=role, joined_at=NOW)
    staff.set_unusable_password()
    staff.save(force_insert=True)
    staff.stores.set(stores)
    return staff


def _actor(staff: Staff) -> Actor:
    from yutang.foundation.queries import actor_for

    return actor_for(staff)
