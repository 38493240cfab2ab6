"""Folding of postal addresses."""

from __future__ import annotations

import pytest

from yutang.risk.postal import folded


@pytest.mark.parametrize(
    "other",
    [
        "杭州市西湖区文三路100号3幢2单元501",
        "杭州西湖区文三路100号三栋二单元五零一室",
        "西湖区 文三路100号 3-2-501",
        "浙江省杭州市西湖区古荡街道文三路１００号３＃２－５０１",
        "浙江省杭州市西湖区文三路100号3号楼2单元5楼501（放门口）",
        "杭州市西湖区文三路100号3栋2单元0501室，转交王阿姨",
    ],
)
def test_one_door_is_one_door_however_it_is_written(other: str) -> None:
    door = folded("浙江省杭州市西湖区文三路100号3栋2单元501室")

    assert door.is_door
    assert folded(other).key == door.key


@pytest.mark.parametrize(
    "other",
    [
        "浙江省杭州市西湖区文三路100号3栋2单元502室",
        "浙江省杭州市西湖区文三路100号2栋3单元501室",
        "浙江省杭州市滨江区文三路100号3栋2单元501室",
        "浙江省杭州市西湖区文二路100号3栋2单元501室",
    ],
)
def test_another_door_is_another(other: str) -> None:
    assert folded(other).key != folded("浙江省杭州市西湖区文三路100号3栋2单元501室").key


@pytest.mark.parametrize("building", ["杭州市西湖区浙江大学紫金港校区", "杭州市西湖区文三路100号", "", "门口"])
def test_a_building_is_no_door(building: str) -> None:
    assert not folded(building).is_door


def test_an_estate_is_not_taken_for_a_district() -> None:
    assert folded("杭州市余杭区阳光小区3栋2单元501").key == folded("余杭区阳光小区3-2-501").key
