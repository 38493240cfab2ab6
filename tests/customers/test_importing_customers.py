"""Customer lists: one row a person, with tags, store and staff; taken back whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.customers.rows import NOW, picture, record
from tests.importing import adds_up, import_path, import_text
from yutang.customers.models import Customer, CustomerTag
from yutang.foundation.access import Actor
from yutang.foundation.models import Staff
from yutang.foundation.sealing import unseal
from yutang.ingest import actions
from yutang.ingest.models import QuarantinedRow

pytestmark = pytest.mark.django_db(transaction=True)

LIST = (
    "会员号\t姓名\t性别\t生日\t手机\t邮箱\t门店编号\t开卡时间\t标签\t导购\n"
    "VIP1\t张三\t女\t1990-01-31\t19900000001\tzhang@example.com\tSH01\t2025-01-02 10:00:00\t老客,连衣裙\t李店长\n"
    "VIP2\t李四\t男\t\t199****0002\t\tSH02\t2025-02-03 10:00:00\t\t\n"
    "VIP1\t张三\t女\t1990-01-31\t19900000001\tzhang@example.com\tSH01\t2025-01-02 10:00:00\t老客\t\n"
    "\t王五\t男\t\t199****0003\t\tSH02\t2025-02-03 10:00:00\t\t\n"
)


def test_brings_people_with_tags_store_and_staff(tmp_path: Path, stores: dict[str, Any], manager_staff: Staff) -> None:
    view = import_text(tmp_path, LIST, name="members.txt")

    assert adds_up(view)
    assert (view.counts["new"], view.counts["unchanged"], view.counts["quarantined"]) == (2, 1, 1)
    zhang = Customer.objects.get(store=stores["xuhui"])
    assert zhang.owner_id == manager_staff.pk
    assert record(zhang.pk)["birthday"] == "1990-01-31"
    assert set(CustomerTag.objects.filter(customer=zhang).values_list("tag__name", flat=True)) == {"老客", "连衣裙"}
    assert QuarantinedRow.objects.get().reason_code == "no_key"


def test_brings_nothing_twice_and_updates_what_is_new(tmp_path: Path, stores: dict[str, Any]) -> None:
    import_text(tmp_path, LIST, name="members.txt")
    before = picture()

    again = import_text(tmp_path, LIST, name="members_again.txt")
    assert (again.counts["new"], again.counts["updated"], again.counts["unchanged"]) == (0, 0, 3)
    assert picture() == before

    newer = import_text(tmp_path, LIST.replace("199****0002", "19900000002"), name="newer.txt")
    assert (newer.counts["new"], newer.counts["updated"], newer.counts["unchanged"]) == (0, 1, 2)


def test_is_taken_back_whole(tmp_path: Path, stores: dict[str, Any]) -> None:
    import_text(tmp_path, LIST, name="members.txt")
    before = picture()
    newer = import_text(tmp_path, LIST.replace("VIP2", "VIP9").replace("199****0002", "19900000001"), name="newer.txt")
    assert picture() != before

    actions.undo_import(actor=Actor.system(), import_id=newer.id, now=NOW)

    assert picture() == before


def test_youzan_sample_imports(reference_data: Path) -> None:
    view = import_path(reference_data / "export_formats" / "synthetic_youzan_customers.csv")

    assert adds_up(view)
    assert (view.counts["new"], view.counts["quarantined"]) == (2, 1)


def test_a_number_shared_by_many_tells_nobody_and_the_row_is_kept(tmp_path: Path) -> None:
    shared = "会员号,姓名,手机号\n" + "".join(f"M{n},顾客{n},13700137000\n" for n in range(8))
    import_text(tmp_path, shared, name="many.csv")

    view = import_text(tmp_path, "姓名,手机号,备注\n新人甲,13700137000,老客介绍\n新人乙,13700137001,\n", name="new.csv")

    assert (view.counts["new"], view.counts["ignored"], view.counts["quarantined"]) == (1, 0, 1)
    assert adds_up(view)
    kept = QuarantinedRow.objects.get()
    assert (kept.reason_code, kept.column, kept.row_number) == ("shared_number", "手机号", 2)
    assert unseal(kept.sealed_row)["cells"] == ["新人甲", "13700137000", "老客介绍"]
