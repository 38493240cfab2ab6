"""Printed sheets: every QR code on them holds its address, and the files are what they say."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

import pytest

from yutang.codes.sheets import LAYOUTS, Label, archive_of, modules_of, pdf_of, png_of

ADDRESS = "https://pond.example.com/c/k7qmxpdrta"
LABEL = Label(ADDRESS, "扫码添加我们", "徐汇店", "包裹卡 · 三月包裹")
_RECT = re.compile(rb"^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re$", re.MULTILINE)


def pages(pdf: bytes) -> list[bytes]:
    """Return the drawing of each page."""
    return [zlib.decompress(one) for one in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)]


def drawn(page: bytes) -> tuple[tuple[int, ...], ...]:
    """Return the modules of the only QR code of a page, read back from its rectangles."""
    runs = [tuple(map(float, one)) for one in _RECT.findall(page)]
    unit = min(height for _x, _y, _width, height in runs)
    left, top = min(x for x, *_more in runs), max(y for _x, y, *_more in runs)
    side = len(modules_of(ADDRESS))
    rows = [[0] * side for _ in range(side)]
    for x, y, width, _height in runs:
        row, start = round((top - y) / unit), round((x - left) / unit)
        for place in range(start, start + round(width / unit)):
            rows[row][place] = 1
    return tuple(map(tuple, rows))


class TestPdf:
    def test_the_rectangles_of_a_page_are_the_modules_of_the_code(self) -> None:
        (page,) = pages(pdf_of([LABEL], layout="poster"))

        assert drawn(page) == modules_of(ADDRESS)

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_as_many_labels_a_page_as_the_layout_has_places_and_none_leaves_it(self, layout: str) -> None:
        places = LAYOUTS[layout].places
        found = pages(pdf_of([LABEL] * (places + 1), layout=layout))

        assert len(found) == 2
        assert [page.count(b"\nf\n") for page in found] == [places, 1]
        for x, y, width, height in (tuple(map(float, one)) for page in found for one in _RECT.findall(page)):
            assert 0 <= x <= x + width <= 596
            assert 0 <= y <= y + height <= 842

    def test_texts_are_there_and_long_ones_end(self) -> None:
        long = Label(ADDRESS, "扫" * 200, "徐汇店", "")
        (page,) = pages(pdf_of([long], layout="card"))

        texts = [bytes.fromhex(one.decode()).decode("utf-16-be") for one in re.findall(rb"<([0-9a-f]+)> Tj", page)]
        assert texts[-1] == "徐汇店"
        assert texts[2].endswith("…")
        assert len(texts) == 4

    def test_the_table_of_its_parts_points_at_them(self) -> None:
        pdf = pdf_of([LABEL] * 3, layout="poster")

        start = int(re.search(rb"startxref\n(\d+)", pdf)[1])  # type: ignore[index]
        entries = re.findall(rb"(\d{10}) 00000 n", pdf[start:])
        assert pdf[start : start + 4] == b"xref"
        assert [pdf[int(at) :].split(b" ", 1)[0] for at in entries] == [b"%d" % n for n in range(1, len(entries) + 1)]


class TestPng:
    def test_is_a_picture(self) -> None:
        assert png_of(ADDRESS).startswith(b"\x89PNG\r\n")

    def test_several_come_in_an_archive_named_by_their_place(self) -> None:
        with zipfile.ZipFile(io.BytesIO(archive_of([LABEL, LABEL]))) as archive:
            assert archive.namelist() == ["001_包裹卡_三月包裹.png", "002_包裹卡_三月包裹.png"]
            assert archive.read("001_包裹卡_三月包裹.png") == png_of(ADDRESS)
