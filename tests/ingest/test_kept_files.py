"""Copies of imported files are people in the clear: they are dropped after the declared days, and never one that is needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.importing import Watcher
from yutang.config import env
from yutang.foundation.access import Actor
from yutang.foundation.jobs import enqueue, run_inline
from yutang.foundation.models import AuditEntry
from yutang.ingest import actions
from yutang.ingest.folders import import_folder
from yutang.ingest.kept_files import drop_files_of_before, drop_kept_files
from yutang.ingest.models import Import
from yutang.ingest.running import KeptCopyIsGone, run
from yutang.orders.models import Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_kept_files")]

DAY = timedelta(days=1)
SYSTEM = Actor.system()


@pytest.fixture
def brought(tmp_path: Path, now: datetime) -> Callable[..., Import]:
    """Return what brings a file in and leaves the import in a status, ended so many days ago."""

    def bring(status: str, *, days: int) -> Import:
        path = tmp_path / f"{Import.objects.count()}.csv"
        number = f"A{Import.objects.count()}"
        path.write_text(f"订单号,下单时间,会员号,商品名称,数量,单价\n{number},2026-01-02 10:00:00,M1,茶,2,9.50\n")
        record = actions.prepare_import(actor=SYSTEM, path=path, file_name=path.name, now=now - days * DAY)
        if status == "done":
            run(import_id=record.pk, watcher=Watcher(), clock=lambda: now - days * DAY)
        ended = None if status in {"draft", "running", "waiting", "done"} else now - days * DAY
        if status != "done":
            Import.objects.filter(pk=record.pk).update(status=status, finished_at=ended)
        return Import.objects.get(pk=record.pk)

    return bring


class TestDropFiles:
    def test_drops_what_ended_before_and_nothing_else(self, brought: Callable[..., Import], now: datetime) -> None:
        old = [brought(status, days=31) for status in ("done", "failed", "cancelled", "undone")]
        draft = brought("draft", days=31)
        kept = [brought(status, days=31) for status in ("running", "waiting")]
        kept += [brought(status, days=29) for status in ("done", "draft", "cancelled")]

        assert drop_files_of_before(before=now - 30 * DAY, now=now) == 5

        assert [import_folder(one.pk).exists() for one in (*old, draft)] == [False] * 5
        assert [one.kept_copy.is_file() for one in kept] == [True] * 5
        assert set(Import.objects.filter(stored_path="").values_list("pk", flat=True)) == {one.pk for one in old}
        assert not Import.objects.filter(pk=draft.pk).exists()
        assert AuditEntry.objects.get(action="imports.drop_files").detail == {
            "files": [one.pk for one in old],
            "drafts": [draft.pk],
        }

    def test_is_done_once_and_leaves_what_was_imported(self, brought: Callable[..., Import], now: datetime) -> None:
        record = brought("done", days=31)

        assert drop_files_of_before(before=now, now=now) == 1
        assert drop_files_of_before(before=now, now=now) == 0

        assert Order.objects.count() == 1
        actions.undo_import(actor=SYSTEM, import_id=record.pk, now=now)
        assert Order.objects.count() == 0

    def test_finds_a_folder_that_a_killed_run_left_behind(self, brought: Callable[..., Import], now: datetime) -> None:
        record = brought("done", days=31)
        Import.objects.filter(pk=record.pk).update(stored_path="")

        drop_files_of_before(before=now - 30 * DAY, now=now)

        assert not import_folder(record.pk).exists()

    def test_an_import_that_broke_off_says_that_its_copy_is_gone(
        self, brought: Callable[..., Import], now: datetime
    ) -> None:
        record = brought("cancelled", days=31)
        drop_files_of_before(before=now, now=now)

        with pytest.raises(KeptCopyIsGone):
            run(import_id=record.pk, watcher=Watcher(), clock=lambda: now)

    def test_the_nightly_task_keeps_them_as_long_as_the_setting_says(
        self, brought: Callable[..., Import], settings: Any
    ) -> None:
        real = datetime.now(tz=brought("done", days=0).created_at.tzinfo)
        record = brought("done", days=0)
        Import.objects.update(finished_at=real - 3 * DAY)

        settings.YUTANG_KEEP_FILES_DAYS = 4
        assert run_inline(enqueue(drop_kept_files, {}, now=real)) == {"dropped": 0}
        settings.YUTANG_KEEP_FILES_DAYS = 2
        assert run_inline(enqueue(drop_kept_files, {}, now=real)) == {"dropped": 2}
        assert not import_folder(record.pk).exists()


class TestSetting:
    @pytest.mark.parametrize(("written", "days"), [("", 30), ("0", 0), (" 7 ", 7)])
    def test_is_a_whole_number_of_days(self, monkeypatch: pytest.MonkeyPatch, written: str, days: int) -> None:
        monkeypatch.setenv("YUTANG_KEEP_FILES_DAYS", written)

        assert env.number_of_days("YUTANG_KEEP_FILES_DAYS", default=30) == days

    @pytest.mark.parametrize("written", ["-1", "x", "1.5", "999999999", "٣"])
    def test_refuses_something_else(self, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
        monkeypatch.setenv("YUTANG_KEEP_FILES_DAYS", written)

        with pytest.raises(env.DaysAreNoNumber):
            env.number_of_days("YUTANG_KEEP_FILES_DAYS", default=30)
