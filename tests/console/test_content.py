"""The rooms of the content library: what they show, take and refuse, by hand and in a browser."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.content.conftest import png
from yutang.content.actions import ready_library
from yutang.content.models import Content, Medium, Script, Version
from yutang.customers.identity import Origin, resolve
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry, Staff, Store
from yutang.foundation.sealing import seal
from yutang.orders.models import Order, Shop

FORM = {
    "title": "换季收纳",
    "kind": "text",
    "intent": "value",
    "channels": ["wecom", "sms"],
    "body": "{{客户姓名|您}}好，针织平放不挂。",
    "language": "zh-hans",
    "category": "护理知识",
}


@pytest.fixture
def library(db: None, now: datetime) -> None:
    """The library that comes ready."""
    ready_library(actor=Actor.system(), now=now)


@pytest.mark.usefixtures("library")
class TestLibrary:
    def test_shows_each_as_it_is_read(self, owner_client: Client) -> None:
        page = owner_client.get("/content/")

        assert len(page.context["rows"]) == 24
        text = page.content.decode()
        assert "林小雨好，我是小满" in text
        assert "Hello Lin Xiaoyu" in text
        assert "{{" not in text

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_the_readers_language_comes_first(self, owner_client: Client, language: str) -> None:
        owner_client.cookies["django_language"] = language

        page = owner_client.get("/content/")

        shown = [row["view"].written.language for row in page.context["rows"]]
        mine = shown.count(language)
        assert 0 < mine < len(shown)
        assert set(shown[:mine]) == {language}

    def test_is_narrowed_by_its_address(self, owner_client: Client) -> None:
        page = owner_client.get("/content/?channel=sms&intent=promotion&language=zh-hans")
        part = owner_client.get("/content/?q=羊绒", headers={"HX-Request": "true"})

        assert [row["view"].written.title for row in page.context["rows"]] == ["新品到店短信"]
        assert {row["view"].written.title for row in part.context["rows"]} == {"羊绒大衣护理卡", "针织护理提醒"}
        assert "<html" not in part.content.decode()

    def test_ignores_filters_that_there_are_not(self, owner_client: Client) -> None:
        page = owner_client.get("/content/?state=x&kind=%3Cscript%3E&after=99999999999999999999&category=none")

        assert page.status_code == 200
        assert page.context["rows"] == []


class TestWriting:
    def test_a_content_is_written_asked_for_and_approved(self, owner_client: Client) -> None:
        answer = owner_client.post("/content/new/", FORM)
        content_id = Content.objects.get().pk
        assert answer.headers["Location"] == f"/content/{content_id}/"

        owner_client.post(f"/content/{content_id}/ask/")
        page = owner_client.get(f"/content/{content_id}/")
        assert page.context["may_approve"]
        owner_client.post(f"/content/{content_id}/approve/")

        shown = owner_client.get(f"/content/{content_id}/")
        assert shown.context["chosen"]["view"].state == "approved"
        assert [frame["look"] for frame in shown.context["frames"]] == ["chat", "sms"]
        assert shown.context["frames"][1]["shown"].length.parts == 1

    def test_the_writer_is_told_who_else_approves(self, owner_client: Client, operator_staff: Staff) -> None:
        Staff.objects.filter(pk=operator_staff.pk).update(password="x")
        owner_client.post("/content/new/", FORM)
        content_id = Content.objects.get().pk
        owner_client.post(f"/content/{content_id}/ask/")

        page = owner_client.get(f"/content/{content_id}/")
        refused = owner_client.post(f"/content/{content_id}/approve/")

        assert not page.context["may_approve"]
        assert "赵运营" in page.content.decode()
        assert refused.status_code == 403
        assert Version.objects.get().state == "asked"

    @pytest.mark.parametrize(
        ("kind", "given", "field", "asked"),
        [
            (
                "card",
                {"card_title": "预约", "card_appid": "wx1", "card_page": "pages/a"},
                "files",
                "请选一张封面图片。",
            ),
            ("link", {"link_title": "指南"}, "link_url", "请填写链接要打开的网址。"),
            ("file", {}, "files", "请选一个文件。"),
            ("picture", {}, "files", "请至少选一张图片。"),
        ],
    )
    def test_what_an_attachment_lacks_is_asked_for_at_its_field(
        self, owner_client: Client, kind: str, given: dict[str, str], field: str, asked: str
    ) -> None:
        refused = owner_client.post("/content/new/", {**FORM, "kind": kind, "channels": ["wecom"], **given})

        text = refused.content.decode()
        tag = next(tag for tag in re.findall(r"<input[^>]*>", text) if f'name="{field}"' in tag)
        assert refused.status_code == 422
        assert 'aria-invalid="true" aria-describedby="attached-error"' in tag
        assert re.findall(r'<p class="error" id="attached-error">([^<]*)', text) == [asked]
        assert "bytes" not in text

    def test_a_refusal_keeps_what_was_written_and_the_picture_that_came_along(self, owner_client: Client) -> None:
        form = {**FORM, "kind": "picture", "channels": ["wecom"], "body": "{{nmae}}", "files": upload("a.png")}

        refused = owner_client.post("/content/new/", form)

        digest = Medium.objects.get().digest
        assert refused.status_code == 422
        text = refused.content.decode()
        assert "{{nmae}}" in text
        assert f'name="media" value="{digest}" checked' in text
        owner_client.post("/content/new/", {**FORM, "kind": "picture", "channels": ["wecom"], "media": [digest]})
        assert Version.objects.get().attachments == [{"kind": "image", "media": digest}]

    def test_a_new_file_takes_the_place_of_the_one_before(self, owner_client: Client) -> None:
        pdf = b"%PDF-1.7\n%%EOF\n"
        form = {**FORM, "kind": "file", "channels": ["wecom"], "files": upload("a.pdf", pdf)}
        owner_client.post("/content/new/", form)
        content_id, first = Content.objects.get().pk, Medium.objects.get().digest

        changed = {**form, "media": [first], "files": upload("b.pdf", pdf + b"%%EOF\n")}
        owner_client.post(f"/content/{content_id}/edit/", changed)

        (attachment,) = Version.objects.get().attachments
        assert attachment["media"] != first

    def test_what_is_no_picture_is_refused(self, owner_client: Client) -> None:
        form = {
            **FORM,
            "kind": "picture",
            "channels": ["wecom"],
            "files": upload("a.png", b"<script>alert(1)</script>"),
        }

        assert owner_client.post("/content/new/", form).status_code == 422
        assert not Medium.objects.exists()

    def test_a_look_keeps_nothing_and_tells_what_cannot_be_read(self, owner_client: Client) -> None:
        good = owner_client.post("/content/look/", {**FORM, "title": "", "body": "全网最低价"})
        wrong = owner_client.post("/content/look/", {**FORM, "body": "第一行\n{{phone}}"})
        odd = owner_client.post("/content/look/", {"kind": "x", "last_date": "soon"})

        assert good.context["stops"] == 1
        assert "<mark>全网最低</mark>" in good.content.decode()
        assert "第 2 行第 1 字" in wrong.content.decode()
        assert odd.status_code == 200
        assert not Content.objects.exists()

    def test_a_refused_content_says_why(self, owner_client: Client) -> None:
        owner_client.post("/content/new/", FORM)
        content_id = Content.objects.get().pk
        owner_client.post(f"/content/{content_id}/ask/")
        owner_client.post(f"/content/{content_id}/refuse/", {"reason": "太像广告"})

        page = owner_client.get(f"/content/{content_id}/")

        assert "太像广告" in page.content.decode()

    def test_a_person_s_values_are_masked(self, owner_client: Client, stores: Any, now: datetime) -> None:
        person = Customer.objects.create(
            sealed_profile=seal({"name": "欧阳春晓"}), store=stores["xuhui"], first_seen_at=now
        )
        owner_client.post("/content/new/", FORM)

        page = owner_client.get(f"/content/{Content.objects.get().pk}/?person={person.pk}")

        assert "欧***好，针织平放不挂" in page.content.decode()
        assert "欧阳春晓" not in page.content.decode()


class TestMedia:
    def test_a_picture_is_shown_and_a_file_is_downloaded(self, owner_client: Client) -> None:
        for name, content in (("图.png", png()), ("b.pdf", b"%PDF-1.7\n%%EOF\n")):
            kind = "picture" if name.endswith("png") else "file"
            form = {**FORM, "kind": kind, "title": name, "channels": ["wecom"], "files": upload(name, content)}
            owner_client.post("/content/new/", form)
        picture, file = Medium.objects.get(kind="picture"), Medium.objects.get(kind="file")

        shown = owner_client.get(f"/content/media/{picture.digest}/")
        given = owner_client.get(f"/content/media/{file.digest}/")

        assert shown.content == png()
        assert (shown.headers["Content-Type"], shown.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
        assert not shown.headers["Content-Disposition"].startswith("attachment")
        assert given.headers["Content-Disposition"].startswith("attachment")

    @pytest.mark.parametrize("digest", ["0" * 64, "..", "%2e%2e", "keys.json"])
    def test_nothing_else_of_the_home_is_given(self, owner_client: Client, digest: str) -> None:
        assert owner_client.get(f"/content/media/{digest}/").status_code == 404


@pytest.mark.usefixtures("library")
class TestScripts:
    def test_are_shown_in_the_language_of_the_reader(self, manager_client: Client) -> None:
        page = manager_client.get("/content/scripts/")
        english = manager_client.get("/content/scripts/?language=en&q=cuff")

        assert [group["code"] for group in page.context["groups"]][:2] == ["first_contact", "needs"]
        assert page.context["count"] == 16
        assert [row.title for group in english.context["groups"] for row in group["rows"]] == ["It is not cheap"]

    def test_are_written_by_who_may(self, manager_client: Client) -> None:
        assert manager_client.get("/content/scripts/new/").status_code == 403

    def test_are_added_changed_and_deleted(self, owner_client: Client) -> None:
        script = {"situation": "late", "title": "催单", "body": "我去催，八点前回您。", "language": "zh-hans"}
        owner_client.post("/content/scripts/new/", script)
        script_id = Script.objects.get(title="催单").pk
        refused = owner_client.post(f"/content/scripts/{script_id}/", {**script, "body": "我们全网最低价"})
        owner_client.post(f"/content/scripts/{script_id}/", {**script, "title": "催件"})

        assert refused.status_code == 409
        assert "全网最低" in refused.content.decode()
        assert Script.objects.get(pk=script_id).title == "催件"
        owner_client.post(f"/content/scripts/{script_id}/delete/")
        assert not Script.objects.filter(pk=script_id).exists()
        told = AuditEntry.objects.filter(subject_type="script", subject_id=str(script_id)).values_list(
            "action", flat=True
        )
        assert set(told) == {"content.add_script", "content.change_script", "content.delete_script"}


@pytest.mark.browser
class TestInABrowser:
    def test_preview_and_check_follow_and_a_draft_survives(
        self, visit: Any, transactional_db: None, now: datetime
    ) -> None:
        ready_library(actor=Actor.system(), now=now)
        desk = visit()
        desk.look("/content/?language=zh-hans")
        desk.open("/content/new/")
        page = desk.page
        page.fill("#title", "新品")
        page.fill("#body", "")
        page.click("button.insert >> nth=0")
        page.keyboard.type("您")
        page.keyboard.press("End")
        page.keyboard.type("好，全网最低价")

        page.wait_for_selector("#look mark")

        assert page.input_value("#body") == "{{客户姓名|您}}好，全网最低价"
        assert page.inner_text("#look .bubble-text") == "林小雨好，全网最低价"
        desk.look()
        page.reload()
        assert page.input_value("#body") == "{{客户姓名|您}}好，全网最低价"
        assert not page.is_visible("#link_url")
        page.check("[name=kind][value=link]", force=True)
        assert page.is_visible("#link_url")

    def test_a_script_is_copied_on_the_phone(self, visit: Any, transactional_db: None, now: datetime) -> None:
        ready_library(actor=Actor.system(), now=now)
        phone = visit(width="phone", language="en", theme="dark")
        phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
        phone.look("/content/scripts/?q=cuff")

        phone.page.tap("[data-copy]")
        phone.page.wait_for_selector(".toast")

        assert "turn a cuff" in phone.page.evaluate("navigator.clipboard.readText()")
        phone.look("/content/?language=en")


def upload(name: str, content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png() if content is None else content)


def test_the_later_save_of_two_windows_is_refused_and_keeps_what_was_typed(owner_client: Client, db: None) -> None:
    owner_client.post("/content/new/", FORM)
    address = f"/content/{Content.objects.get().pk}/edit/"
    read = owner_client.get(address).context["revision"]
    owner_client.post(address, {**FORM, "body": "第一位写的", "revision": read})

    answer = owner_client.post(address, {**FORM, "body": "第二位写的", "revision": read})

    assert answer.status_code == 409
    assert "第二位写的" in answer.content.decode()
    assert Version.objects.get().body == "第一位写的"
    owner_client.post(address, {**FORM, "body": "第二位写的", "revision": answer.context["revision"]})
    assert Version.objects.get().body == "第二位写的"


@pytest.fixture
def known_customer(db: None, now: datetime) -> int:
    """Somebody who came long before others, and can be found by name."""
    observed = pa.table({"name": ["沈知夏"], "phone": ["+8614550000001"]})
    (key,) = resolve(observed=observed, origin=Origin(None, "till"), now=now).customer_ids.to_pylist()
    Customer.objects.bulk_create(Customer(sealed_profile=seal({"name": "别人"}), first_seen_at=now) for _ in range(9))
    return int(key)


@pytest.mark.usefixtures("library")
class TestWhoseValues:
    def _content(self, title: str) -> int:
        return Content.objects.get(title=title).pk

    def test_any_customer_can_be_found_by_name_and_nothing_of_it_stands_in_an_address(
        self, owner_client: Client, known_customer: int
    ) -> None:
        content_id = self._content("新朋友问候")

        found = owner_client.post(f"/content/{content_id}/", {"q": "沈知夏"})
        nobody = owner_client.post(f"/content/{content_id}/", {"q": "没有这个人"})

        assert [key for key, _name in found.context["found"]] == [known_customer]
        addresses = re.findall(r'(?:href|action)="([^"]*)"', found.content.decode())
        assert f"?version=1&amp;person={known_customer}" in addresses
        assert not [one for one in addresses if "沈知夏" in unquote(one)]
        assert nobody.context["found"] == []

    def test_who_has_a_name_and_bought_lately_is_offered_first(
        self, owner_client: Client, stores: dict[str, Store], now: datetime
    ) -> None:
        shop = Shop.objects.create(platform="own", name="one")

        def person(name: str, days: int | None, status: int = 40) -> int:
            record = seal({"name": name} if name else {})
            made = Customer.objects.create(sealed_profile=record, store=stores["xuhui"], first_seen_at=now).pk
            if days is not None:
                sold = {"status": status, "currency": "CNY", "content_digest": b"x"}
                day = now.date() - timedelta(days=days)
                Order.objects.create(shop=shop, number=str(made), customer_id=made, business_date=day, **sold)
            return made

        silent, early, late = person("张晓雨", None), person("李明", 30), person("王芳", 2)
        cancelled, nameless = person("赵六", 1, status=50), person("", 1)
        newest = [person("", None) for _ in range(9)]

        offered = [key for key, _name in owner_client.get(f"/content/{self._content('新朋友问候')}/").context["people"]]

        assert offered[:3] == [late, early, nameless]
        assert set(offered[3:]) <= set(newest)
        assert len(offered) == 8
        assert not {silent, cancelled} & set(offered)

    def test_a_post_to_groups_speaks_of_nobody(self, owner_client: Client, known_customer: int) -> None:
        page = owner_client.get(f"/content/{self._content('入群欢迎')}/")

        assert "people" not in page.context
        assert 'id="person"' not in page.content.decode()
