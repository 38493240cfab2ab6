"""The rooms with a small shop in them: what they show, to whom, and how many questions they ask the database."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.console.shop import NOW, fill, orders_file
from tests.importing import import_path
from yutang.api.models import Behaviour
from yutang.customers.models import Customer
from yutang.foundation.models import AuditEntry, OwnRole
from yutang.ingest.models import Import
from yutang.insight.models import Score
from yutang.worklist.models import KindResult, Proposal

_ROOMS = (
    "/business/",
    "/today/",
    "/today/results/",
    "/customers/",
    "/segments/",
    "/experiments/",
    "/value/",
    "/imports/",
    "/review/",
    "/jobs/",
    "/wecom/",
    "/wecom/staff/",
    "/wecom/groups/",
    "/wecom/codes/",
    "/wecom/codes/new/",
    "/wecom/lost/",
    "/wecom/connection/",
)


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> None:
    """The small shop, with a lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)


@pytest.fixture
def empty_lake(settings: Any, tmp_path: Path) -> None:
    """A lake that was never written."""
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_lake")
class TestEmpty:
    @pytest.mark.parametrize("room", _ROOMS)
    def test_rooms_open_and_lead_on(self, owner_client: Client, room: str) -> None:
        answer = owner_client.get(room)

        assert answer.status_code == 200

    @pytest.mark.parametrize("room", ["/business/", "/today/", "/customers/", "/imports/"])
    def test_they_offer_the_first_import(self, owner_client: Client, room: str) -> None:
        assert 'href="/imports/new/"' in owner_client.get(room).content.decode()

    def test_an_auditor_is_not_offered_what_the_role_forbids(self, client: Client, owner_staff: Any) -> None:
        owner_staff.role = "auditor"
        owner_staff.save()
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")

        assert 'href="/imports/new/"' not in client.get("/business/").content.decode()
        assert client.get("/customers/").status_code == 403
        assert client.get("/today/").status_code == 403


@pytest.mark.usefixtures("shop")
class TestOnePerson:
    def test_opens_for_who_sees_customers_but_no_figures(self, client: Client, owner_staff: Any) -> None:
        owner_staff.role = "compliance"
        owner_staff.save()
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")
        scored = Score.objects.values_list("customer_id", flat=True)[:1].get()

        page = client.get(f"/customers/{scored}/")

        assert page.status_code == 200
        assert {one["metric"] for one in page.context["scores"]} == {"stage", "recency", "frequency", "money"}

    def test_says_where_the_timeline_was_cut(self, owner_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        most = Score.objects.order_by("-orders").values_list("customer_id", flat=True)[:1].get()
        whole = owner_client.get(f"/customers/{most}/").context["timeline"]
        monkeypatch.setattr("yutang.console.rooms.customer_timeline._MOST", 2)

        cut = owner_client.get(f"/customers/{most}/").context["timeline"]
        asked = owner_client.get(f"/customers/{most}/?timeline=all").context["timeline"]

        assert len(whole) > 4
        assert [one["title"] for one in cut[:2]] == [one["title"] for one in whole[:2]]
        assert [bool(one.get("url")) for one in cut] == [False, False, True, False]
        assert asked == whole

    def test_shows_what_other_systems_saw(self, owner_client: Client) -> None:
        person = Customer.objects.filter(merged_into=None)[:1].get()
        Behaviour.objects.create(
            source="web_shop",
            event_id="e1",
            kind="viewed",
            happened_at=NOW,
            received_at=NOW,
            customer=person,
            properties={"product": "棠梨针织开衫"},
        )

        told = [one["text"] for one in owner_client.get(f"/customers/{person.pk}/").context["timeline"]]

        assert "棠梨针织开衫 · web_shop" in told


@pytest.mark.usefixtures("shop")
class TestScope:
    def test_a_manager_finds_only_people_of_the_own_store(self, manager_client: Client, stores: dict[str, Any]) -> None:
        ours = set(Customer.objects.filter(store=stores["xuhui"]).values_list("pk", flat=True))
        theirs = Customer.objects.filter(store=stores["pudong"]).first()
        assert theirs is not None

        listed = {row["id"] for row in manager_client.get("/customers/").context["rows"]}
        asked = manager_client.get(f"/customers/?store={stores['pudong'].pk}")

        assert listed
        assert listed <= ours
        assert asked.context["rows"] == []
        assert manager_client.get(f"/customers/{theirs.pk}/").status_code == 404

    def test_a_manager_sees_the_own_figures(self, manager_client: Client, stores: dict[str, Any]) -> None:
        own = manager_client.get(f"/business/?store={stores['xuhui'].pk}")
        foreign = manager_client.get(f"/business/?store={stores['pudong'].pk}")

        assert own.context["tiles"]
        assert not foreign.context["tiles"]

    def test_a_manager_may_not_import_or_undo(self, manager_client: Client) -> None:
        record = Import.objects.get()

        assert manager_client.get("/imports/").status_code == 403
        assert manager_client.post(f"/imports/{record.pk}/undo/").status_code == 403
        assert Import.objects.get().status == "done"


@pytest.mark.usefixtures("shop")
class TestQueries:
    @pytest.mark.parametrize(
        "room",
        [
            "/customers/",
            "/customers/?q=王",
            "/customers/?sort=last_order",
            "/customers/?sort=newest&stage=lost",
            "/today/?all=1",
            "/imports/",
            "/review/",
        ],
    )
    def test_do_not_grow_with_the_rows(self, owner_client: Client, room: str, tmp_path: Path) -> None:
        owner_client.get(room)
        with CaptureQueriesContext(connection) as few:
            owner_client.get(room)
        (tmp_path / "more").mkdir()
        fill_more(tmp_path / "more")

        owner_client.get(room)
        with CaptureQueriesContext(connection) as many:
            owner_client.get(room)

        assert len(many) <= len(few) + 1, [q["sql"][:90] for q in many.captured_queries]


def fill_more(folder: Path) -> None:
    """Bring three times as many people by two more files."""
    from tests.console.shop import NOW
    from tests.importing import import_path
    from yutang.foundation.access import Actor
    from yutang.insight.actions import score_customers

    import_path(orders_file(folder, people=120, bad_rows=0), now=NOW, shop_name="二店")
    import_path(orders_file(folder, people=4, bad_rows=2), now=NOW, shop_name="三店")
    score_customers(actor=Actor.system(), now=NOW)


@pytest.mark.usefixtures("shop")
class TestToday:
    def test_a_task_of_an_import_is_headed_by_the_file(self, owner_client: Client) -> None:
        columns = owner_client.get("/today/").context["columns"]

        page = owner_client.get("/today/").content.decode()
        assert [
            task["place"] for column in columns if column["code"] == "import_problems" for task in column["tasks"]
        ] == ["门店订单.csv"]
        assert "前往处理" not in page

    @staticmethod
    def _proposed_today() -> None:
        reason = {"template": "x", "values": {}}
        now = timezone.now()
        Proposal.objects.create(
            kind="first_order_thanks", dedupe_key="k", reason=reason, proposed_on=now.date(), due_at=now
        )

    def test_what_came_of_it_says_so_before_anything_followed(self, owner_client: Client) -> None:
        self._proposed_today()
        page = owner_client.get("/today/results/").content.decode()

        assert "现在还看不出来" in page
        assert "尚不清楚" in page

    def test_what_came_of_it_draws_the_difference_and_moves_the_chance(self, owner_client: Client) -> None:
        self._proposed_today()
        KindResult.objects.create(
            kind="first_order_thanks",
            as_of=date(2024, 6, 1),
            touched=100,
            without_similar=3,
            ordered=40,
            expected=20.0,
            spread=0.05,
            sales_minor=500_000,
            expected_minor=200_000,
            found_at=timezone.now(),
        )

        answer = owner_client.get("/today/results/")

        row = next(row for row in answer.context["rows"] if row["touched"])
        assert (row["ratio"], row["similar"], row["difference"], row["tone"]) == ("40%", "20%", "+20", "up")
        # Half of the assumed 5 %, half of the 20 points seen.
        assert (row["chance"], row["assumed"], row["more_sales"]) == ("12%", "5%", "¥3,000")
        assert "感谢首次下单" in answer.context["words"]
        assert row["drawn"]["zero"] < row["drawn"]["low"] < row["drawn"]["dot"]


@pytest.mark.usefixtures("shop")
class TestCustomer:
    def test_is_masked_until_a_reason_is_given(self, owner_client: Client) -> None:
        person = Customer.objects.filter(merged_into=None).order_by("pk").first()
        assert person is not None
        page = owner_client.get(f"/customers/{person.pk}/").content.decode()
        refused = owner_client.post(
            f"/customers/{person.pk}/unmask/", {"reason": "", "note": ""}, headers={"HX-Request": "true"}
        )
        shown = owner_client.post(f"/customers/{person.pk}/unmask/", {"reason": "call", "note": "回访"})

        assert "+861455000" not in page
        assert refused.status_code == 422
        assert "+861455000" in shown.content.decode()
        assert "no-store" in shown.headers["Cache-Control"]
        assert AuditEntry.objects.filter(action="customers.unmask", subject_id=str(person.pk)).count() == 1

    def test_takes_a_new_tag_and_gives_it_back(self, owner_client: Client) -> None:
        person = Customer.objects.filter(merged_into=None).order_by("pk").first()
        assert person is not None

        owner_client.post(f"/customers/{person.pk}/tags/", {"name": "过敏提醒", "group": "注意"})
        tagged = owner_client.get(f"/customers/{person.pk}/").context["tags"]
        owner_client.post(f"/customers/{person.pk}/tags/{tagged[-1]['id']}/remove/")

        assert tagged[-1]["name"] == "过敏提醒"
        assert len(owner_client.get(f"/customers/{person.pk}/").context["tags"]) == len(tagged) - 1

    def test_sentences_of_the_scores_follow_each_other_as_the_language_sets_them(self, owner_client: Client) -> None:
        person = Customer.objects.filter(merged_into=None).order_by("pk").first()
        assert person is not None

        chinese = owner_client.get(f"/customers/{person.pk}/").context["scores"][2]["reason"]
        owner_client.cookies["django_language"] = "en"
        english = owner_client.get(f"/customers/{person.pk}/").context["scores"][2]["reason"]

        assert chinese.count("。") == 2
        assert " 。" not in chinese
        assert "。 " not in chinese
        assert ". " in english

    def test_keeps_consent_with_evidence(self, owner_client: Client) -> None:
        person = Customer.objects.filter(merged_into=None).order_by("pk").first()
        assert person is not None

        said = {
            "purpose": "promotion",
            "channel": "sms",
            "granted": "yes",
            "evidence": "签名卡 12",
            "wording_version": "v1",
        }
        owner_client.post(f"/customers/{person.pk}/consents/", said)

        assert "签名卡 12" in owner_client.get(f"/customers/{person.pk}/").content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("stores")
class TestWhatAnImportLeadsTo:
    def test_is_what_it_brought(self, owner_client: Client, lake: None, db: None, tmp_path: Path) -> None:
        path = tmp_path / "cost.csv"
        path.write_text("date,channel,campaign,spend\n2026-03-01,直通车,春上新,120.50\n", encoding="utf-8")
        view = import_path(path, now=NOW)

        page = owner_client.get(f"/imports/{view.id}/").content.decode()

        assert (view.status, view.target) == ("done", "ad_cost")
        assert 'class="btn btn-primary" href="/business/traffic/"' in page
        assert 'class="btn btn-primary" href="/customers/"' not in page


class TestImporting:
    def test_a_refusal_outlives_the_upload_by_script(self, owner_client: Client) -> None:
        sent = owner_client.post(
            "/imports/new/", {"file": SimpleUploadedFile("空.csv", b"")}, headers={"X-Upload": "1"}
        )
        shown = owner_client.get(sent["X-Next"]).content.decode()

        assert (sent.status_code, sent["X-Next"]) == (204, "/imports/new/")
        assert "空.csv: " in shown

    def test_a_file_goes_from_preview_to_result_and_back(self, owner_client: Client, tmp_path: Path) -> None:
        from yutang.foundation.jobs import run_inline

        with orders_file(tmp_path).open("rb") as file:
            sent = owner_client.post("/imports/new/", {"file": file, "currency": "CNY"})
        draft = owner_client.get(sent.url)
        owner_client.post(f"{sent.url}start/")
        waiting = owner_client.get(sent.url)
        run_inline(Import.objects.get().job_id)
        result = owner_client.get(sent.url)
        rows = owner_client.get(f"{sent.url}rows/")
        table = b"".join(owner_client.get(f"{sent.url}rows/download/").streaming_content).decode("utf-8-sig")
        owner_client.post(f"{sent.url}undo/")

        assert draft.context["sheets"][0].columns["order_number"] == 0
        assert "hx-trigger" in waiting.content.decode()
        assert result.context["one"]["counts"]["rows_quarantined"] == 3
        assert len(rows.context["rows"]) == 3
        assert table.splitlines()[0].startswith("yutang_row,订单号,")
        assert Import.objects.get().status == "undone"

    def test_a_mended_row_is_imported_again(self, owner_client: Client, tmp_path: Path) -> None:
        from tests.importing import import_path

        view = import_path(orders_file(tmp_path, people=2, bad_rows=1))
        row = owner_client.get(f"/imports/{view.id}/rows/").context["rows"][0]
        cells = {cell["header"]: cell["name"] for cell in (*row["wrong"], *row["others"])}

        sent = owner_client.post(
            f"/imports/{view.id}/rows/mend/",
            {"row": row["row"].id, cells["下单时间"]: "2026-03-01 10:00:00", cells["单价"]: "200"},
        )

        assert Import.objects.count() == 2
        assert sent.url == f"/imports/{Import.objects.order_by('-id')[0].pk}/"

    def test_a_line_break_in_a_cell_is_no_change_and_stays(self, owner_client: Client, tmp_path: Path) -> None:
        from tests.importing import import_text

        rows = 'B1,2026-01-02,M1,"红\n茶",x,9\nB2,2026-01-02,M1,茶,y,9\n'
        view = import_text(tmp_path, "订单号,下单时间,会员号,商品名称,数量,单价\n" + rows)
        page = owner_client.get(f"/imports/{view.id}/rows/")
        broken, plain = page.context["rows"]
        sent = {cell["name"]: cell["value"].replace("\n", "\r\n") for cell in (*broken["wrong"], *broken["others"])}
        (quantity,) = plain["wrong"]

        owner_client.post(
            f"/imports/{view.id}/rows/mend/",
            {"row": [broken["row"].id, plain["row"].id], **sent, quantity["name"]: "2"},
        )

        assert "红\n茶</textarea>" in page.content.decode()
        assert Import.objects.order_by("-id")[0].plan["mended_rows"] == [plain["row"].id]

    def test_what_mapped_columns_lack_is_said_before_and_after(self, owner_client: Client, tmp_path: Path) -> None:
        from yutang.foundation.jobs import run_inline

        path = tmp_path / "odd.csv"
        path.write_text("订单号,会员号,商品名称,订单金额\nA1,M1,茶,259\n")
        with path.open("rb") as file:
            sent = owner_client.post("/imports/new/", {"file": file})
        draft = owner_client.get(sent.url)
        owner_client.post(f"{sent.url}start/")
        run_inline(Import.objects.get().job_id or 0)

        for page in (draft, owner_client.get(sent.url)):
            assert "没有日期" in page.content.decode()

    def test_a_file_that_cannot_be_previewed_leaves_no_draft(self, owner_client: Client, tmp_path: Path) -> None:
        path = tmp_path / "giant.csv"
        good = "B1,2026-01-02,M1,茶,1,9\n"
        path.write_text(
            "订单号,下单时间,会员号,商品名称,数量,单价\n" + good * 100 + good.replace("茶", "9" * 2_000_000)
        )

        with path.open("rb") as file:
            sent = owner_client.post("/imports/new/", {"file": file}, follow=True)

        assert "giant.csv" in sent.content.decode()
        assert not Import.objects.exists()

    def test_an_older_draft_that_cannot_be_previewed_can_be_thrown_away(
        self, owner_client: Client, tmp_path: Path
    ) -> None:
        from yutang.foundation.access import Actor
        from yutang.ingest.actions import prepare_import

        path = tmp_path / "giant.csv"
        good = "B1,2026-01-02,M1,茶,1,9\n"
        path.write_text(
            "订单号,下单时间,会员号,商品名称,数量,单价\n" + good * 100 + good.replace("茶", "9" * 2_000_000)
        )
        record = prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)

        page = owner_client.get(f"/imports/{record.pk}/")

        assert (page.status_code, f"/imports/{record.pk}/cancel/" in page.content.decode()) == (200, True)
        assert f"/imports/{record.pk}/start/" not in page.content.decode()

    def test_all_rows_of_one_reason_are_put_aside_at_once(self, owner_client: Client, tmp_path: Path) -> None:
        from tests.importing import import_text

        rows = "B{n},2026-01-02,M1,茶,x,9\n"
        bad = "".join(rows.format(n=n) for n in range(3)) + "B9,2026-01-02,M1,茶,1,两百\n"
        view = import_text(tmp_path, "订单号,下单时间,会员号,商品名称,数量,单价\n" + bad)
        page = owner_client.get(f"/imports/{view.id}/rows/")
        most = page.context["reasons"][0]

        owner_client.post(f"/imports/{view.id}/rows/dismiss/", {"reason": most.code, "column": most.column})

        left = owner_client.get(f"/imports/{view.id}/rows/").context["rows"]
        assert ((most.column, most.rows), [one["row"].column for one in left]) == (("数量", 3), ["单价"])

    def test_an_import_without_money_has_no_table_of_money(self, owner_client: Client, tmp_path: Path) -> None:
        from tests.importing import import_text

        people = import_text(tmp_path, "会员号,姓名,性别\nM1,张三,女\n", encoding="utf-8-sig")
        page = owner_client.get(f"/imports/{people.id}/").content.decode()
        assert ("¥0" in page, "UTF-8-SIG" in page, "UTF-8" in page) == (False, False, True)

        orders = import_text(tmp_path, "订单号,下单时间,会员号,商品名称,数量,单价\nA1,2026-01-02,M1,茶,1,9\n")
        Import.objects.filter(pk=orders.id).update(status="cancelled")
        assert "各部分相加" not in owner_client.get(f"/imports/{orders.id}/").content.decode()

    def test_unknown_columns_are_named_by_a_person(self, owner_client: Client, tmp_path: Path) -> None:
        path = tmp_path / "odd.csv"
        path.write_text("aaa,bbb,ccc,ddd\nX1,2026-03-01,12,嗯\nX2,2026-03-02,15,啊\n")

        with path.open("rb") as file:
            sent = owner_client.post("/imports/new/", {"file": file})
        led = owner_client.get(sent.url)
        owner_client.post(
            f"{sent.url}columns/",
            {"target": "orders", "col-order_number": "1", "col-ordered_at": "2", "mean-3": "paid_amount", "mean-4": ""},
        )
        preview = owner_client.get(sent.url)

        assert led.url == f"{sent.url}columns/"
        step = owner_client.get(led.url)
        assert step.status_code == 200
        assert {"number": 4, "name": "ddd", "sample": "嗯 · 啊"} in step.context["meaningless"]
        assert 'name="mean-4"' in step.content.decode()
        assert preview.context["sheets"][0].columns == {"order_number": 0, "ordered_at": 1, "paid_amount": 2}

    def test_what_is_no_table_is_refused_in_words(self, owner_client: Client, tmp_path: Path) -> None:
        path = tmp_path / "empty.csv"
        path.write_bytes(b"")

        with path.open("rb") as file:
            sent = owner_client.post("/imports/new/", {"file": file}, follow=True)

        assert "empty.csv" in sent.content.decode()
        assert Import.objects.count() == 0


@pytest.mark.usefixtures("shop")
def test_today_leads_to_no_customer_whom_one_may_not_see(client: Client, owner_staff: Any) -> None:
    seen = {}
    for permissions in (["worklist.view"], ["worklist.view", "customers.view"]):
        owner_staff.role = "own"
        owner_staff.own_role = OwnRole.objects.create(
            name=str(permissions), permissions=permissions, is_chain_wide=True
        )
        owner_staff.save()
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")
        seen[len(permissions)] = re.search(r'href="/customers/\d', client.get("/today/").content.decode()) is not None

    assert seen == {1: False, 2: True}
