"""The demo shop fills an untouched house through the real importers, and no other."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from yutang.cli.demo import FillingWasStopped, fill_demo_shop
from yutang.customers.models import Customer
from yutang.demo import filling, groupbuy, referral, visits
from yutang.demo.actions import PondIsNotEmpty, ask_for_demo_shop
from yutang.foundation import jobs
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry, Job, Store
from yutang.ingest.models import Import
from yutang.simulator.plan import Plan

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def house(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A lake of its own; the home holds the keys, so it stays, but is no demo shop's any more for the tests that follow."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    home = Path(settings.YUTANG_HOME)
    yield home
    shutil.rmtree(home / "demo", ignore_errors=True)


@pytest.fixture
def small_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two stores, some dozens of people, one till, and no more of what is played than that something comes of it."""
    span = {"from_date": date(2026, 1, 1), "to_date": date(2026, 3, 1)}
    plan = Plan(seed=5, customers=60, stores=2, platforms=("till",), **span)
    monkeypatch.setattr(filling, "demo_chain", lambda _seed, _today: plan)
    monkeypatch.setattr(groupbuy, "_GROUPS", 12)
    monkeypatch.setattr(referral, "_MOST", 12)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chain", "no_kept_files")
class TestFilling:
    def test_brings_in_stores_and_people_by_the_importers(self, house: Path, owner: Actor, now: datetime) -> None:
        job_id = ask_for_demo_shop(actor=owner, now=now)

        jobs.run_inline(job_id)
        waiting = Import.objects.filter(status="waiting").count()
        jobs.run_worker(until_idle=True, schedules=False)

        assert Store.objects.count() == 2
        # What was bought during visits comes as a file of its own, once there are visits.
        assert waiting == Import.objects.exclude(file_name=visits.FILE).count() > 0
        assert list(Import.objects.exclude(status="done").values_list("file_name", "problem")) == []
        assert Customer.objects.exists()

    # What differs by the database has been written by the test before.
    @pytest.mark.once
    def test_the_command_line_fills_an_empty_house_once_also_after_a_signal_and_nothing_comes_twice(
        self, house: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stopped(*, stopping: threading.Event, **_more: Any) -> int:
            stopping.set()
            return 0

        # A signal leaves the filling to the next time.
        with monkeypatch.context() as patched:
            patched.setattr(jobs, "run_worker", stopped)
            with pytest.raises(FillingWasStopped):
                fill_demo_shop(house / "demo", now=now)

        filled = fill_demo_shop(house / "demo", now=now)
        before = (Store.objects.count(), Customer.objects.count())
        refused = fill_demo_shop(house / "demo", now=now)

        # A filling that was cut off is taken up again.
        files = filling.make_shop(folder=house / "demo", now=now, told=lambda done, total: None)
        filling.start_imports(files, now=now)
        jobs.run_worker(until_idle=True, schedules=False)

        assert filled == {"stores": 2, "files": len(files)}
        assert Customer.objects.exists()
        assert refused is None
        assert (Store.objects.count(), Customer.objects.count()) == before


@pytest.mark.django_db
@pytest.mark.usefixtures("house")
class TestAsking:
    def test_is_written_down_and_the_same_job_when_asked_again(self, owner: Actor, now: datetime) -> None:
        first, again = (ask_for_demo_shop(actor=owner, now=now) for _ in range(2))

        assert first == again
        assert Job.objects.filter(task_path__endswith="fill_demo_shop").count() == 1
        assert AuditEntry.objects.filter(action="demo.asked", subject_id=str(first)).exists()

    @pytest.mark.parametrize("what", ["store", "import", "customer"])
    def test_is_refused_where_there_is_something(self, owner: Actor, now: datetime, what: str) -> None:
        if what == "store":
            Store.objects.create(code="SH01", name="徐汇店")
        elif what == "import":
            Import.objects.create(file_name="a.csv", status="draft", target="orders", plan={}, created_at=now)
        else:
            Customer.objects.create(sealed_profile=b"", first_seen_at=now)

        with pytest.raises(PondIsNotEmpty):
            ask_for_demo_shop(actor=owner, now=now)
        assert not Job.objects.exists()

    def test_is_for_who_may_import_and_change_settings(self, operator: Actor, now: datetime) -> None:
        with pytest.raises(NotAllowed):
            ask_for_demo_shop(actor=operator, now=now)


@pytest.mark.django_db
@pytest.mark.usefixtures("house")
class TestInTheConsole:
    def test_the_guide_offers_it_while_nothing_is_there(self, client: Client, owner_staff: Any) -> None:
        client.force_login(owner_staff, backend=BACKEND)
        offered = client.get("/business/").context["first_steps"]["may_fill"]
        answer = client.post("/first-steps/demo/")
        Store.objects.create(code="SH01", name="徐汇店")

        assert offered is True
        assert (answer.status_code, answer.headers["Location"]) == (302, "/jobs/")
        assert "填充演示店铺" in client.get("/jobs/").content.decode()
        assert client.get("/business/").context["first_steps"]["may_fill"] is False
        assert client.post("/first-steps/demo/").status_code == 409
