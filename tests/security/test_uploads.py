"""Files that people send: where they lie is ours to say, and how much of them there may be."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.console.test_access_matrix import BY_STORE, World
from tests.security.entries import browser_of, entries
from yutang.ingest.models import Import

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_kept_files")]

_ROWS = "订单号,下单时间,会员号,实付金额,门店编码\nA1,2026-03-01 10:00,M1,10,SH01\n".encode()


def files() -> set[str]:
    """Return the files of the home, by their path in it."""
    home = Path(configured.YUTANG_HOME)
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


def send(client: Client, name: str, content: bytes, **headers: str) -> Any:
    """Send one file as a browser does, its name unchanged."""
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    body = b"--x\r\n" + head.encode("utf-8", "surrogateescape") + content + b"\r\n--x--\r\n"
    return client.post("/imports/new/", body, content_type="multipart/form-data; boundary=x", headers=headers)


@pytest.mark.once
class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "../../../../keys.json",
            "..\\..\\keys.json",
            "/etc/passwd",
            "C:\\windows\\win.ini",
            "%2e%2e%2fkeys.json",
            "a/../../keys.json",
            "....//keys.json",
            "orders.csv/../../../keys.json",
            "orders.csv%00.exe",
            "x" * 400 + ".csv",
            "订单.csv",
            "&#46;&#46;/keys.json",
        ],
    )
    def test_do_not_say_where_a_file_lies(self, world: World, name: str) -> None:
        before = files()
        kept = (Path(configured.YUTANG_HOME) / "keys.json").read_bytes()

        answer = send(browser_of(world.people["owner"]), name, _ROWS)

        new = files() - before
        record = Import.objects.latest("pk")
        assert answer.status_code == 302
        assert {Path(one).parent for one in new} == {Path("imports") / str(record.pk)}
        assert all(Path(one).name.startswith("source") for one in new)
        assert "/" not in record.file_name
        assert "\\" not in record.file_name
        assert (Path(configured.YUTANG_HOME) / "keys.json").read_bytes() == kept


def _workbook_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(part, "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return file.getvalue()


def _workbook_reaching_outside() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../../keys.json", "{}")
        archive.writestr("[Content_Types].xml", "<x/>")
    return file.getvalue()


def _workbook_of_entities() -> bytes:
    """A workbook whose XML grows without end, and asks for a file of the machine."""
    file = io.BytesIO()
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    head = f'<!DOCTYPE x [<!ENTITY l0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">{laughs}]>'
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("[Content_Types].xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
            archive.writestr(part, f"{head}<x>&l8;&f;</x>")
    return file.getvalue()


@pytest.mark.once
class TestBombs:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.csv.gz", gzip.compress(b"0" * 60_000_000)),
            ("a.xlsx", _workbook_bomb()),
            ("a.xlsx", _workbook_reaching_outside()),
            ("a.xlsx", _workbook_of_entities()),
            ("a.html", b"<html><script>alert(1)</script></html>"),
        ],
    )
    def test_are_refused_in_words_and_leave_nothing(self, world: World, name: str, content: bytes) -> None:
        client, before, records = browser_of(world.people["owner"]), files(), Import.objects.count()

        answer = send(client, name, content)
        page = client.get(answer.url).content.decode()

        assert answer.url == "/imports/new/"
        assert "toast-error" in page
        assert "root:" not in page
        assert (files(), Import.objects.count()) == (before, records)


#: Addresses to which files are sent.
TAKING = {"content-edit", "content-new", "coupons-codes", "imports-new"}


class TestSizes:
    # A size is refused before anything is asked; who may bring files differs by no database.
    @pytest.mark.once
    def test_no_address_takes_files_from_strangers_or_who_may_bring_none(self, world: World) -> None:
        """The form is read before its token is looked at: the size has to be refused before that."""
        spent = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.csv", b"x" * 3_000_000)})

        for who in (None, BY_STORE, "owner"):
            client = browser_of(world.people[who] if who else None, enforce_csrf_checks=True)
            taking = [
                entry.name
                for entry in entries(world.own)
                if client.generic("POST", entry.address, spent, content_type=MULTIPART_CONTENT).status_code != 413
            ]
            assert set(taking) == (TAKING if who == "owner" else set()), who

    def test_a_form_that_is_too_large_is_refused_unread(self, world: World, settings: Any) -> None:
        settings.YUTANG_LARGEST_UPLOAD_MB = 1
        client = browser_of(world.people["owner"])

        answer = send(client, "a.csv", _ROWS + b"0" * 1_100_000)
        by_script = send(client, "a.csv", _ROWS + b"0" * 1_100_000, **{"X-Upload": "1"})
        smaller = send(client, "a.csv", _ROWS)

        assert (answer.status_code, by_script.status_code, smaller.status_code) == (413, 413, 302)
        assert "1 MB" in answer.content.decode()
        assert by_script.headers["X-Next"] == "/imports/new/"
        assert "1 MB" in client.get("/imports/new/").content.decode()

    @pytest.mark.parametrize("form", [{"name": "a\x00b"}, {"a\x00b": "c"}])
    def test_a_text_with_a_nul_is_refused(self, world: World, form: dict[str, str]) -> None:
        client = browser_of(world.people["owner"])

        asked = client.get("/customers/", {**form, "q": "a\x00b"})
        sent = client.post("/stores/regions/new/", form)

        assert (asked.status_code, sent.status_code) == (400, 400)

    @pytest.mark.parametrize("fields", [6_000, 200_000])
    def test_a_form_of_countless_fields_is_refused(self, world: World, fields: int) -> None:
        body = "&".join(f"a{n}=1" for n in range(fields))
        client = browser_of(world.people["owner"])

        answer = client.post("/stores/new/", body, content_type="application/x-www-form-urlencoded")

        assert answer.status_code == 400

    def test_a_deep_body_of_a_program_is_refused(self, owner_program: Any) -> None:
        for deep in ("[" * 100_000, '{"a":' * 100_000):
            answer = owner_program.client.post(
                "/api/v1/events",
                deep,
                content_type="application/json",
                headers={"Authorization": f"Bearer {owner_program.token}", "Idempotency-Key": "k"},
            )

            assert answer.status_code in {400, 422}
