"""What overlaps is undone the newest first: the middle of three is refused, and each undo gives the store back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing import NOW, import_text, store_content
from yutang.foundation.access import Actor
from yutang.ingest import actions, refusals
from yutang.ingest.queries import ImportView

pytestmark = pytest.mark.django_db(transaction=True)

_ORDERS = "订单号,下单时间,会员号,客户姓名,手机号,商品编码,数量,单价\n"
_A1 = "A1,2026-01-02 10:00:00,M1,张三,13800138000,P1,2,9.50\n"
_A2 = "A2,2026-01-03 10:00:00,M2,李四,13900139000,P1,1,9.50\n"
_A3 = "A3,2026-01-04 10:00:00,M1,张三,13800138000,P2,1,3.00\n"
_REFUND = "退款编号,订单号,退款金额,退款状态,退款时间\nR1,A1,9.50,退款成功,2026-01-05 10:00:00\n"
_REFUND_MORE = _REFUND.replace("9.50", "12.00")
_PEOPLE = "会员号,客户姓名,手机号,标签,注册时间\nM1,张三,13800138000,老客,2025-01-01 10:00:00\n"
_PEOPLE_MORE = "会员号,客户姓名,手机号,标签,注册时间\nM1,张三,13800138000,老客;团长,2025-01-01 10:00:00\n"
_FOOTFALL = "门店,日期,过店人数,进店人数\n徐汇店,2026-01-02,300,50\n"
_FOOTFALL_MORE = _FOOTFALL.replace("50\n", "60\n") + "徐汇店,2026-01-03,200,20\n"
_COST = "日期,渠道,计划,花费\n2026-01-02,抖音,新客,100.00\n"
_COST_MORE = _COST.replace("100.00", "120.00")


def _undo(view: ImportView) -> None:
    actions.undo_import(actor=Actor.system(), import_id=view.id, now=NOW)


def _without_places(content: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Leave out shops, scopes and tags that were seen once; knowing them harms nobody."""
    known = {"orders_shop", "customers_accountscope", "customers_tag", "customers_taggroup"}
    return {table: rows for table, rows in content.items() if table not in known}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_ORDERS + _A1, _ORDERS + _A1 + _A2),
        (_ORDERS + _A1 + _A2, _REFUND),
        (_REFUND, _ORDERS + _A1),
        (_REFUND, _REFUND),
        (_REFUND, _REFUND_MORE),
        (_PEOPLE, _PEOPLE),
        (_PEOPLE, _PEOPLE_MORE),
        (_PEOPLE, _ORDERS + _A1),
        (_ORDERS + _A1, _PEOPLE_MORE),
        (_ORDERS + _A1, _ORDERS + _A3),
        (_FOOTFALL, _FOOTFALL),
        (_FOOTFALL, _FOOTFALL_MORE),
        (_COST, _COST_MORE),
    ],
    ids=lambda text: text.split("\n")[1][:12],
)
def test_undo_goes_back_one_by_one_or_refuses(tmp_path: Path, first: str, second: str) -> None:
    empty = _without_places(store_content())
    one = import_text(tmp_path, first, name="one.csv")
    between = _without_places(store_content())
    two = import_text(tmp_path, second, name="two.csv")
    after = _without_places(store_content())

    refused = _is_refused(one, built_on_by=two)
    if refused:
        assert _without_places(store_content()) == after
        _undo(two)
        assert _without_places(store_content()) == between
        _undo(one)
    else:
        _undo(two)
    assert _without_places(store_content()) == empty


def test_the_middle_of_three_is_refused_and_says_which_stand_in_the_way(tmp_path: Path) -> None:
    views = [import_text(tmp_path, _ORDERS + _A1 + more, name=f"{len(more)}.csv") for more in ("", _A2, _A2 + _A3)]

    for view, later in ((views[0], "#{1}, #{2}"), (views[1], "#{2}")):
        with pytest.raises(refusals.LaterImportsBuildOnIt) as refusal:
            _undo(view)
        assert refusal.value.data["later"] == later.format(*(v.id for v in views))

    for view in reversed(views):
        _undo(view)
    assert not store_content()["orders_order"]


def _is_refused(view: ImportView, *, built_on_by: ImportView) -> bool:
    """Undo an import, and return whether that was refused because of the other."""
    try:
        _undo(view)
    except refusals.LaterImportsBuildOnIt as refusal:
        return refusal.data["later"] == f"#{built_on_by.id}"
    return False
