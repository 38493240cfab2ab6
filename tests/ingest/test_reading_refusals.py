"""Hostile and mistaken files: each a clear refusal, quickly, in little memory."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest

from tests.ingest.making import gzipped, table_of, written
from yutang.ingest.reading import open_source, refusals


def read_all(path: Path) -> None:
    table_of(open_source(path))


class TestRefusals:
    def test_an_empty_file(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.FileIsEmpty):
            read_all(written(tmp_path, b""))

    def test_an_empty_gzip(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.FileIsEmpty):
            read_all(gzipped(tmp_path, b""))

    def test_blank_lines_only(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.FileHasNoHeader):
            read_all(written(tmp_path, b"\n\n  \n"))

    def test_a_file_that_begins_with_values(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.FileHasNoHeader):
            read_all(written(tmp_path, "1001,2024-03-08 10:00:01,13800138000,19.90,张三\n" * 3))

    def test_nul_bytes_say_the_line(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.FileHasNulBytes) as refused:
            read_all(written(tmp_path, b"a,b\n1,2\n3,\x004\n"))

        assert refused.value.data == {"line": 3}

    def test_a_giant_cell_says_row_and_column(self, tmp_path: Path) -> None:
        for cell in ("x" * 10_000_000, '"' + "x\n" * 5_000_000 + '"', '"' + "x," * 600_000 + '"'):
            path = written(tmp_path, "编号,备注,金额\n" + "1,好,2\n" * 9 + f"2,{cell},3\n4,好,5\n")

            with pytest.raises(refusals.CellIsTooLarge) as refused:
                read_all(path)

            assert (refused.value.data["row"], refused.value.data["column"]) == (11, "备注")
            assert "row 11" in str(refused.value).lower()

    def test_a_giant_cell_far_down_in_the_file(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a,b\n" + "1,2\n" * 2_000_000 + "3," + "y" * 1_200_000 + "\n")

        with pytest.raises(refusals.CellIsTooLarge) as refused:
            read_all(path)

        assert refused.value.data["row"] == 2_000_002

    def test_a_row_without_end(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a,b\n1,2\n" + "x," * 6_000_000)

        with pytest.raises(refusals.LineIsTooLong) as refused:
            read_all(path)

        assert refused.value.data["row"] == 3

    def test_a_header_of_too_many_columns(self, tmp_path: Path) -> None:
        for columns in (2_001, 100_000, 2_000_000):
            names = ",".join(f"column{i}" for i in range(columns))

            with pytest.raises((refusals.HeaderHasTooManyColumns, refusals.LineIsTooLong)):
                read_all(written(tmp_path, names + "\n" + "1," * columns + "\n"))

    @pytest.mark.parametrize(
        "content", [b"%PDF-1.7\n" + bytes(range(256)) * 9, b"\x89PNG\r\n\x1a\n" + b"\x01\x02\x03\x04" * 99]
    )
    def test_binary_files(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises((refusals.FileIsNotATable, refusals.FileHasNulBytes)):
            read_all(written(tmp_path, content))

    @pytest.mark.parametrize(
        "content",
        [
            "<html><table><tr><td>订单号</td></tr></table></html>",
            "\ufeff<!DOCTYPE html>",
            '<?xml version="1.0"?><Workbook/>',
        ],
    )
    def test_web_pages_under_the_name_of_a_workbook(self, tmp_path: Path, content: str) -> None:
        with pytest.raises(refusals.FileIsAWebPage):
            read_all(written(tmp_path, content, name="订单.xls"))

    def test_running_text(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.FileIsNotATable):
            read_all(written(tmp_path, "这是一封很长的信。" * 50))


class TestBombs:
    def test_a_gzip_bomb_is_refused_early(self, tmp_path: Path) -> None:
        compressor = zlib.compressobj(9, wbits=31)
        block = b"1,2\n" * (1 << 18)
        packed = b"".join(
            [compressor.compress(b"a,b\n"), *(compressor.compress(block) for _ in range(600)), compressor.flush()]
        )

        with pytest.raises(refusals.FileExpandsTooFar):
            read_all(written(tmp_path, packed, name="bomb.csv.gz"))

    def test_an_xlsx_bomb_is_refused(self, tmp_path: Path) -> None:
        path = workbook_with_member(tmp_path, b"<row/>" * 50_000_000)

        with pytest.raises(refusals.FileExpandsTooFar):
            read_all(path)

    def test_an_xlsx_bomb_that_lies_about_its_size_is_refused(self, tmp_path: Path) -> None:
        path = workbook_with_member(tmp_path, b"<row/>" * 50_000_000)
        content = bytearray(path.read_bytes())
        size = struct.pack("<I", 6 * 50_000_000)
        path.write_bytes(bytes(content).replace(size, struct.pack("<I", 1000)))

        with pytest.raises((refusals.FileExpandsTooFar, refusals.FileIsDamaged)):
            read_all(path)

    def test_a_zip_bomb_of_text(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", b"a,b\n" + b"1,2\n" * 60_000_000)

        with pytest.raises(refusals.FileExpandsTooFar):
            read_all(path)


class TestContainers:
    def test_a_zip_of_two_files(self, tmp_path: Path) -> None:
        path = tmp_path / "two.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.csv", "a,b\n1,2\n")
            archive.writestr("b.csv", "a,b\n1,2\n")

        with pytest.raises(refusals.ArchiveNeedsOneFile) as refused:
            read_all(path)

        assert refused.value.data == {"files": 2}

    def test_a_damaged_gzip(self, tmp_path: Path) -> None:
        packed = bytearray(gzip.compress(b"".join(f"{i},{i * 7919}\n".encode() for i in range(9999))))
        packed[600:640] = b"\xff" * 40

        with pytest.raises(refusals.FileIsDamaged):
            read_all(written(tmp_path, bytes(packed), name="d.csv.gz"))

    def test_a_damaged_workbook(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        workbook = openpyxl.Workbook()
        workbook.active.append(["a", "b"])
        workbook.save(out)

        for content in (out.getvalue()[:-400], out.getvalue()[:200], b"PK\x03\x04" + b"x" * 99):
            with pytest.raises((refusals.FileIsDamaged, refusals.ArchiveNeedsOneFile)):
                read_all(written(tmp_path, content, name="d.xlsx"))

    def test_an_encrypted_workbook(self, tmp_path: Path) -> None:
        content = (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
        )

        with pytest.raises(refusals.FileIsEncrypted):
            read_all(written(tmp_path, content, name="e.xlsx"))

    def test_an_ole_file_that_is_no_workbook(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.FileIsDamaged):
            read_all(written(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000, name="e.xls"))


def workbook_with_member(folder: Path, sheet_xml: bytes) -> Path:
    """Return a workbook whose only sheet has the given XML."""
    path = folder / "bomb.xlsx"
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet1.xml"] = sheet_xml
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


class TestWorkbooksThatKillTheirReader:
    def test_two_cells_far_apart_are_refused_and_kill_nobody(self, tmp_path: Path) -> None:
        workbook = openpyxl.Workbook()
        workbook.active["A1"], workbook.active["B1"], workbook.active["XFD1048576"] = "订单号", "金额", "1"
        workbook.save(tmp_path / "sparse.xlsx")

        with pytest.raises((refusals.WorkbookIsTooLarge, refusals.HeaderHasTooManyColumns)):
            read_all(tmp_path / "sparse.xlsx")

    def test_a_giant_cell_in_a_workbook(self, tmp_path: Path) -> None:
        path = tmp_path / "giant.xlsx"
        workbook = openpyxl.Workbook()
        workbook.active.append(["订单号", "备注"])
        for at in range(100):
            workbook.active.append([str(at), "GIANT" if at == 90 else "x"])
        workbook.save(path)
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content.replace(b"GIANT", b"y" * (2 << 20)))

        with pytest.raises(refusals.CellIsTooLarge) as refused:
            read_all(path)

        assert (refused.value.data["row"], refused.value.data["column"]) == (92, "备注")

    def test_a_reader_that_is_left_early_ends(self, tmp_path: Path) -> None:
        workbook = openpyxl.Workbook()
        for at in range(30_000):
            workbook.active.append([f"a{at}", f"b{at}"])
        workbook.save(tmp_path / "long.xlsx")

        batches = open_source(tmp_path / "long.xlsx").batches(rows=10)
        first = next(batches)
        batches.close()

        assert first.num_rows == 10
