"""Files that mean harm or are broken: one clear sentence, and the store and the folder of imports as they were."""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from tests.importing import NOW, Watcher, adds_up, import_path, import_text, store_content
from yutang.foundation.access import Actor
from yutang.ingest import actions, running
from yutang.ingest import refusals as import_refusals
from yutang.ingest.folders import import_folder
from yutang.ingest.models import Import, ImportStatus
from yutang.ingest.reading import refusals
from yutang.ingest.running import run
from yutang.ingest.shelving import Shelves
from yutang.kit.errors import DomainError
from yutang.kit.spreadsheets import safe_cell
from yutang.orders.models import Order, OrderLine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_kept_files")]

HEADER = "订单号,下单时间,会员号,商品名称,数量,单价\n"
ROW = "A1,2026-01-02 10:00:00,M1,茶,2,9.50\n"


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)


REFUSED: dict[str, tuple[str, Callable[[Path], object], type[DomainError]]] = {
    "empty": ("a.csv", lambda p: p.write_bytes(b""), refusals.FileIsEmpty),
    "gzip bomb": ("a.csv.gz", lambda p: p.write_bytes(gzip.compress(b"0" * 60_000_000)), refusals.FileExpandsTooFar),
    "xlsx bomb": ("a.xlsx", _bomb, refusals.FileExpandsTooFar),
    "nul bytes": ("a.csv", lambda p: p.write_bytes(HEADER.encode() + b"A1\x00,1\n"), refusals.FileHasNulBytes),
    "wide": ("a.csv", lambda p: p.write_text(",".join(f"c{i}" for i in range(100_000)) + "\n"), refusals.HeaderHasTooManyColumns),
    "junk": ("a.csv", lambda p: p.write_bytes(os.urandom(20_000)), refusals.FileIsNotATable),
    "web page": ("a.xls", lambda p: p.write_text("<html><table></table></html>"), refusals.FileIsAWebPage),
    "folder": ("a.csv", lambda p: p.mkdir(), refusals.FileIsAFolder),
    "pipe": ("a.csv", os.mkfifo, refusals.FileIsAFolder),
    "missing": ("a.csv", lambda p: None, refusals.FileIsMissing),
}  # fmt: skip


def _kept_folders() -> set[str]:
    folder = Path(settings.YUTANG_HOME) / "imports"
    return {entry.name for entry in folder.iterdir()} if folder.exists() else set()


@pytest.mark.once
@pytest.mark.parametrize("kind", REFUSED)
def test_is_refused_and_leaves_nothing(tmp_path: Path, kind: str) -> None:
    name, make, refusal = REFUSED[kind]
    make(tmp_path / name)
    before, folders = store_content(), _kept_folders()

    with pytest.raises(refusal) as refused:
        import_path(tmp_path / name)

    assert len(str(refused.value.sentence)) > 20
    assert (store_content(), _kept_folders()) == (before, folders)
    assert not Import.objects.exists()


@pytest.mark.once
def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    path = tmp_path / "orders.csv"
    path.write_text(HEADER + ROW)
    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(refusals.FileMayNotBeRead, match="Permission denied"):
        import_path(path)


def test_a_giant_cell_says_where_and_the_import_can_be_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + ROW + ROW.replace("茶", "9" * 10_000_000))
    before, folders = store_content(), _kept_folders()

    with pytest.raises(refusals.CellIsTooLarge) as refused:
        import_path(path)

    assert (refused.value.data["row"], refused.value.data["column"]) == (3, "商品名称")
    record = Import.objects.get()
    assert record.status == ImportStatus.FAILED
    actions.discard_import(actor=Actor.system(), import_id=record.pk, now=NOW)
    assert (store_content(), _kept_folders()) == (before, folders)
    assert not Import.objects.exists()


def test_what_has_written_rows_is_not_thrown_away(tmp_path: Path) -> None:
    view = import_text(tmp_path, HEADER + ROW)

    with pytest.raises(import_refusals.ImportIsBusy):
        actions.discard_import(actor=Actor.system(), import_id=view.id, now=NOW)


def test_a_copy_that_vanished_before_the_run(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + ROW)
    record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)
    record.kept_copy.unlink()

    with pytest.raises(running.KeptCopyIsGone, match=r"orders\.csv"):
        run(import_id=record.pk, watcher=Watcher(), clock=lambda: NOW)

    record.refresh_from_db()
    assert record.status == ImportStatus.FAILED
    assert not Order.objects.exists()


class TestAFullDisk:
    FULL = OSError(errno.ENOSPC, "No space left on device")

    def test_while_the_file_is_copied(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*args: object) -> None:
            raise self.FULL

        path = tmp_path / "orders.csv"
        path.write_text(HEADER + ROW)
        before, folders = store_content(), _kept_folders()
        monkeypatch.setattr(shutil, "copyfile", full)

        with pytest.raises(import_refusals.FileCouldNotBeKept, match="No space left"):
            import_path(path)

        assert (store_content(), _kept_folders()) == (before, folders)
        assert not Import.objects.exists()

    def test_while_rows_are_staged_it_goes_on_when_there_is_room(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*args: object, **kwargs: object) -> None:
            raise self.FULL

        path = tmp_path / "orders.csv"
        path.write_text(HEADER + ROW)
        record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)
        with monkeypatch.context() as patch:
            patch.setattr(Shelves, "put", full)
            with pytest.raises(running.DiskIsFull):
                run(import_id=record.pk, watcher=Watcher(), clock=lambda: NOW)
        record.refresh_from_db()
        assert record.status == ImportStatus.FAILED
        assert not (import_folder(record.pk) / "staged").exists()

        run(import_id=record.pk, watcher=Watcher(), clock=lambda: NOW)

        assert OrderLine.objects.count() == 1


@pytest.mark.once
class TestFormulas:
    CELLS = ("=1+2", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx", "＝1", " =1")

    @pytest.mark.parametrize("cell", CELLS)
    def test_a_cell_that_would_run_is_written_as_text(self, cell: str) -> None:
        assert safe_cell(cell) == f"'{cell}"

    @pytest.mark.parametrize("cell", ["茶", "-9.50", "+8613800138000", "1,200.00", "13800138000", ""])
    def test_other_cells_stay(self, cell: str) -> None:
        assert safe_cell(cell) == cell

    def test_in_a_workbook_it_is_never_computed(self, tmp_path: Path) -> None:
        workbook = openpyxl.Workbook()
        for cells in (
            HEADER.strip().split(","),
            ["A1", "2026-01-02 10:00:00", "M1", '=HYPERLINK("http://x","茶")', "2", "9.5"],
        ):
            workbook.active.append(cells)
        workbook.save(tmp_path / "orders.xlsx")

        view = import_path(tmp_path / "orders.xlsx")

        assert view.counts["new"] == 1
        assert OrderLine.objects.get().product.name == ""


@pytest.mark.once
def test_wrong_extensions_do_not_matter(tmp_path: Path) -> None:
    view = import_text(tmp_path, HEADER + ROW, name="orders.xlsx")

    assert (view.counts["new"], view.encoding) == (1, "utf-8")


def test_two_imports_of_one_file_interleaved_double_nothing(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + ROW + ROW.replace("A1", "A2"))
    first, second = (
        actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW) for _ in range(2)
    )

    run(import_id=second.pk, watcher=Watcher(), clock=lambda: NOW)
    run(import_id=first.pk, watcher=Watcher(), clock=lambda: NOW)

    assert (Order.objects.count(), OrderLine.objects.count()) == (2, 2)
    assert Import.objects.get(pk=first.pk).rows_unchanged == 2


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"currency": "ABCDE"}, import_refusals.CurrencyIsUnknown),
        ({"currency": "xyz"}, import_refusals.CurrencyIsUnknown),
        ({"time_zone": "Mars/Base"}, import_refusals.TimeZoneIsUnknown),
        ({"time_zone": "../../etc/passwd"}, import_refusals.TimeZoneIsUnknown),
    ],
)
def test_options_that_make_no_sense(tmp_path: Path, options: dict[str, str], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        import_text(tmp_path, HEADER + ROW, **options)

    assert not Import.objects.exists()


def test_every_kind_of_bad_row_is_kept_with_row_and_column_in_plain_words(tmp_path: Path) -> None:
    from yutang.ingest.models import QuarantinedRow

    bad = {
        "数量": "A1,2026-01-02,M1,茶,x,9.50\n",
        "单价": "A2,2026-01-02,M1,茶,1,价格\n",
        "下单时间": "A3,昨天,M1,茶,1,9.50\n",
        "订单号": "4.45567E+17,2026-01-02,M1,茶,1,9.50\n",
        "会员号": "A4,2026-01-02," + "M" * 81 + ",茶,1,9.50\n",
        "": "A5,2026-01-02,M1,茶,1,9.50,多,了\n",
    }
    good = "".join(ROW.replace("A1", f"G{n}") for n in range(20))

    view = import_text(tmp_path, HEADER + good + "".join(bad.values()))

    rows = list(QuarantinedRow.objects.order_by("row_number"))
    assert [(row.row_number, row.column) for row in rows] == [(22 + n, column) for n, column in enumerate(bad)]
    for row in rows:
        told = row.reason["template"] % row.reason["values"]
        assert str(row.row_number) in told
        assert row.column in told
    assert adds_up(view)


def test_a_quantity_beyond_32_bits_is_kept(tmp_path: Path) -> None:
    view = import_text(tmp_path, HEADER + ROW + ROW.replace(",2,", ",-2147483649,"))

    assert (view.counts["new"], view.counts["quarantined"]) == (1, 1)
