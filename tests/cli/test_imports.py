"""`yutang import` and `yutang imports` as a merchant uses them: one JSON object, exit codes, nothing left after a refusal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from typer.testing import CliRunner

from tests.importing import NOW, Watcher, store_content
from tests.orders.exporting import write_workbook
from yutang.cli.main import build
from yutang.foundation.access import Actor
from yutang.foundation.jobs import table
from yutang.ingest import actions
from yutang.ingest.models import Import, RememberedMapping
from yutang.ingest.running import run
from yutang.orders.models import Order, OrderLine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_kept_files")]

HEADER = "订单号,下单时间,会员号,商品名称,数量,单价\n"
GOOD = "A1,2026-01-02 10:00:00,M1,茶,2,9.50\n"
BAD = "A2,2026-01-02 10:00:00,M1,=1+2,x,9.50\n"
UNKNOWN = "单,时,人,品,量,价\n" + GOOD
MAP = "order_number=单,ordered_at=2,customer_member_no=人,product_code=品,quantity=量,unit_price=6"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUTANG_LANG", "en")


def told(*arguments: object, exit_code: int = 0) -> str:
    result = CliRunner().invoke(build(), [str(a) for a in arguments])
    assert result.exit_code == exit_code, result.output
    return result.stdout


def answer(*arguments: object, exit_code: int = 0) -> dict[str, Any]:
    return dict(json.loads(told(*arguments, "--json", exit_code=exit_code)))


def bring(path: Path, *arguments: object, exit_code: int = 0) -> dict[str, Any]:
    return answer("import", "--no-refresh", path, *arguments, exit_code=exit_code)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + GOOD + BAD)
    return path


def _files_of_imports() -> set[str]:
    folder = Path(settings.YUTANG_HOME) / "imports"
    return {str(entry) for entry in folder.rglob("*")} if folder.exists() else set()


class TestImport:
    def test_tells_counts_and_money_that_add_up(self, file: Path) -> None:
        result = bring(file, exit_code=1)

        rows = [result[k] for k in ("new", "updated", "unchanged", "quarantined", "ignored")]
        money = result["amount_minor"]
        assert (result["rows_read"], rows) == (2, [1, 0, 0, 1, 0])
        assert money["read"] == sum(v for k, v in money.items() if k != "read") == 1900
        assert (result["format"], result["encoding"], result["orders"], result["order_lines"], result["customers"]) == (
            "mapped", "utf-8", 1, 1, 1,
        )  # fmt: skip

    def test_a_dry_run_changes_nothing_also_on_disk(self, file: Path) -> None:
        before, files = store_content(), _files_of_imports()

        result = bring(file, "--dry-run", exit_code=1)

        assert (result["dry_run"], result["import_id"], result["new"], result["quarantined"]) == (True, None, 1, 1)
        assert (store_content(), _files_of_imports()) == (before, files)
        assert not Import.objects.exists()

    def test_a_refused_file_does_not_stop_the_others_and_leaves_nothing(self, tmp_path: Path) -> None:
        empty, giant, good = (tmp_path / name for name in ("empty.csv", "giant.csv", "good.csv"))
        empty.write_bytes(b"")
        giant.write_text(HEADER + GOOD * 100 + GOOD.replace("茶", "9" * 2_000_000))
        good.write_text(HEADER + GOOD)

        result = answer("import", "--no-refresh", empty, giant, tmp_path / "none.csv", good, exit_code=2)

        codes = [one["error"]["code"] if "error" in one else "" for one in result["imports"]]
        assert codes == ["file_is_empty", "import_failed", "file_is_missing", ""]
        assert Import.objects.get().file_name == "good.csv"

    def test_columns_are_mapped_by_name_and_by_number_and_remembered(self, tmp_path: Path) -> None:
        path = tmp_path / "till.csv"
        path.write_text(UNKNOWN)
        assert bring(path, exit_code=2)["error"]["code"] == "format_is_unknown"

        assert bring(path, "--map", MAP)["new"] == 1
        assert RememberedMapping.objects.count() == 1
        assert bring(path)["unchanged"] == 1

    def test_a_dry_run_remembers_no_mapping(self, tmp_path: Path) -> None:
        path = tmp_path / "till.csv"
        path.write_text(UNKNOWN)

        assert bring(path, "--map", MAP, "--dry-run")["new"] == 1
        assert not RememberedMapping.objects.exists()

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (["--map", "order_number"], "mapping_is_unreadable"),
            (["--map", "order_number=单,ordered_at=没有"], "mapping_is_wrong"),
            (["--map", "order_number=单,ordered_at=7"], "mapping_is_wrong"),
            (["--map", "order_number=单,nothing=时"], "mapping_is_wrong"),
            (["--map", "ordered_at=时"], "mapping_is_wrong"),
            (["--map", MAP, "--target", "refunds"], "mapping_is_wrong"),
            (["--target", "nonsense"], "target_is_unknown"),
            (["--currency", "yuan"], "currency_is_unknown"),
            (["--time-zone", "Mars/Base"], "time_zone_is_unknown"),
        ],
    )
    def test_wrong_options_are_refused(self, tmp_path: Path, arguments: list[str], code: str) -> None:
        path = tmp_path / "till.csv"
        path.write_text(UNKNOWN)

        assert bring(path, *arguments, exit_code=2)["error"]["code"] == code
        assert not Import.objects.exists()

    def test_a_target_may_be_named(self, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        path.write_text("会员号,下单时间,姓名\nM1,2026-01-02 10:00:00,张三\n")

        result = bring(path, "--target", "customers")

        assert (result["customers"], result["orders"]) == (1, 0)

    def test_what_mapped_columns_lack_is_said_also_before(self, tmp_path: Path) -> None:
        path = tmp_path / "odd.csv"
        path.write_text("订单号,会员号,商品名称,订单金额\nA1,M1,茶,259\nA1,M1,杯,259\n")

        (dates, goods) = bring(path, "--dry-run")["warnings"]
        assert ("without a date" in dates, "counts once" in goods) == (True, True)
        assert "without a date" in " ".join(told("import", "--no-refresh", path).split())


class TestForAPerson:
    @pytest.fixture(autouse=True)
    def _narrow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setenv("YUTANG_LANG", "zh")

    def test_one_import_is_told_line_by_line(self, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        stock = "A3,2026-01-02 10:00:00,,茶,-5,0\n"
        path.write_text(HEADER + GOOD.replace(",2,9.50", ",2000000,9.50") + stock + BAD)

        said = told("import", "--no-refresh", path, exit_code=1)

        for part in ("已完成", "orders.csv", "¥19,000,000.00", "导入时间"):
            assert part in said
        assert "库存变动" in said
        assert "…" not in said
        assert max(map(len, said.splitlines())) <= 80

    def test_why_it_failed_is_told(self, file: Path) -> None:
        record = actions.prepare_import(actor=Actor.system(), path=file, file_name=file.name, now=NOW)
        record.kept_copy.unlink()
        told("imports", "resume", record.pk, exit_code=2)

        said = told("imports", "show", record.pk)

        assert "失败" in said
        assert "副本已经不在" in said

    def test_a_list_has_status_and_date(self, file: Path) -> None:
        bring(file, exit_code=1)
        bring(file, exit_code=1)

        said = told("imports", "list")

        moment = f"{timezone.localtime(Import.objects.latest('id').created_at):%Y-%m-%d %H:%M}"
        assert (said.count("已完成"), said.count("orders.csv")) == (2, 2)
        assert moment in said
        assert "…" not in said

    def test_ignored_rows_have_a_code_and_a_reason(self, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_text(HEADER + GOOD + "A3,2026-01-02 10:00:00,,茶,-5,0\n")

        why = bring(path)["ignored_why"]

        assert list(why) == ["stock_movement"]
        assert (why["stock_movement"]["rows"], "库存" in why["stock_movement"]["reason"]) == (1, True)


class TestImports:
    def test_lists_and_shows(self, file: Path) -> None:
        number = bring(file, exit_code=1)["import_id"]

        assert answer("imports", "list")["imports"][0]["import_id"] == number
        assert answer("imports", "show", number)["quarantined"] == 1

    @pytest.mark.parametrize("command", ["show", "undo", "resume", "kept"])
    def test_a_number_that_does_not_exist(self, command: str) -> None:
        assert answer("imports", command, 99, exit_code=2)["error"]["code"] == "import_is_missing"

    @pytest.mark.parametrize(("language", "said"), [("en", "Row 3, column “数量”"), ("zh", "第 3 行“数量”列")])
    def test_kept_rows_have_a_reason_in_the_readers_language(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
    ) -> None:
        monkeypatch.setenv("YUTANG_LANG", language)
        number = bring(file, exit_code=1)["import_id"]

        row = answer("imports", "kept", number)["rows"][0]

        assert (row["row"], row["column"]) == (3, "数量")
        assert row["reason"].startswith(said)

    def test_kept_rows_are_written_without_formulas_mended_and_taken(self, file: Path, tmp_path: Path) -> None:
        number = bring(file, exit_code=1)["import_id"]
        out = tmp_path / "kept.csv"

        result = CliRunner().invoke(build(), ["imports", "kept", str(number), "--out", str(out)])
        assert "Row 3" in result.stderr
        assert ",'=1+2,x," in out.read_text(encoding="utf-8-sig")
        assert ",'=1+2,x," in told("imports", "kept", number)
        out.write_text(out.read_text(encoding="utf-8-sig").replace(",x,", ",3,"))

        assert bring(out)["new"] == 1
        assert OrderLine.objects.get(order__number="A2").product.name == "=1+2"

    def test_kept_rows_of_several_sheets_become_a_workbook(self, tmp_path: Path) -> None:
        sheets = {
            "客流": [["门店编号", "日期", "过店人数", "进店人数"], ["SH01", "2026-01-03", "很多", "1"]],
            "投放": [["日期", "渠道", "花费"], ["2026-01-03", "抖音", "一百"]],
        }
        number = bring(write_workbook(tmp_path / "days.xlsx", sheets), exit_code=1)["import_id"]

        rows = answer("imports", "kept", number)["rows"]
        assert [row["sheet"] for row in rows] == ["客流", "投放"]
        assert rows[0]["reason"].startswith("Sheet “客流”: Row 2")
        for out in ([], ["--out", tmp_path / "m.csv"]):
            assert (
                "--out mend.xlsx"
                in CliRunner().invoke(build(), [str(a) for a in ("imports", "kept", number, *out)]).stderr
            )
        told("imports", "kept", number, "--out", tmp_path / "m.xlsx")
        assert bring(tmp_path / "m.xlsx", exit_code=1)["quarantined"] == 2

    def test_kept_rows_cannot_be_written_where_nothing_can(self, file: Path, tmp_path: Path) -> None:
        number = bring(file, exit_code=1)["import_id"]

        result = answer("imports", "kept", number, "--out", tmp_path / "no" / "kept.csv", exit_code=2)

        assert result["error"]["code"] == "file_could_not_be_written"

    def test_a_cancelled_import_goes_on_and_a_finished_one_does_not(self, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_text(HEADER + GOOD)
        record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)
        with pytest.raises(RuntimeError):
            run(import_id=record.pk, watcher=Watcher(stop_at=2), clock=lambda: NOW)
        Import.objects.filter(pk=record.pk).update(status="cancelled")

        assert answer("imports", "resume", record.pk)["new"] == 1
        assert answer("imports", "resume", record.pk, exit_code=2)["error"]["code"] == "import_is_busy"
        assert Order.objects.count() == 1

    def test_a_killed_import_goes_on_once_its_process_has_been_silent_long_enough(self, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_text(HEADER + GOOD)
        record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)
        job = actions.start_import(actor=Actor.system(), import_id=record.pk, now=NOW).job_id
        table.claim_one(job or 0, worker="command-0", now=datetime.now(UTC))
        with pytest.raises(RuntimeError):
            run(import_id=record.pk, watcher=Watcher(stop_at=2), clock=lambda: NOW)

        refused = answer("imports", "resume", record.pk, exit_code=2)["error"]
        assert (refused["code"], 0 < refused["data"]["seconds"] <= 61) == ("import_is_at_work", True)
        table.release_leases(worker="command-0", now=datetime.now(UTC))
        result = answer("imports", "resume", record.pk)

        assert (result["status"], result["new"], Order.objects.count()) == ("done", 1, 1)

    def test_an_import_whose_job_has_ended_without_it_goes_on(self, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_text(HEADER + GOOD)
        record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)
        Import.objects.filter(pk=record.pk).update(status="running")

        assert answer("imports", "resume", record.pk)["new"] == 1

    def test_one_that_fails_again_is_refused_with_its_reason(self, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_text(HEADER + GOOD)
        record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)
        record.kept_copy.unlink()

        refused = answer("imports", "resume", record.pk, exit_code=2)["error"]

        assert (refused["code"], refused["data"]) == ("import_failed", {"import_id": record.pk})
        assert "is gone" in refused["message"]

    def test_a_list_has_at_least_one_line(self) -> None:
        told("imports", "list", "--limit", "-5", exit_code=2)

    def test_undo_goes_the_newest_first(self, file: Path) -> None:
        first = bring(file, exit_code=1)["import_id"]
        header, *rows = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join([header, *rows, rows[0].replace("A1", "A9")]) + "\n", encoding="utf-8")
        second = bring(file, exit_code=1)["import_id"]

        refused = answer("imports", "undo", first, exit_code=2)
        assert refused["error"]["code"] == "later_imports_build_on_it"
        assert f"#{second}" in refused["error"]["message"]

        answer("imports", "undo", second)
        assert answer("imports", "undo", first)["status"] == "undone"
        assert not Order.objects.exists()
