"""The form of a store: everything that is wrong is said at once, each at its field."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from yutang.foundation import actions
from yutang.foundation.access import Actor
from yutang.foundation.actions.chain import faults_of_store
from yutang.foundation.models import Store
from yutang.foundation.roles import MoreThanYouHave

pytestmark = pytest.mark.django_db

_RIGHT = {"name": "新店", "code": "NEW1", "region": "", "city": "上海", "time_zone": "Asia/Shanghai"}


def test_all_faults_stand_at_their_fields_and_the_first_has_the_focus(
    owner_client: Client, stores: dict[str, Any]
) -> None:
    wrong = {
        "name": " ",
        "code": "SH02",
        "region": "火星",
        "city": "城" * 61,
        "opened_on": "2026-03-02",
        "closed_on": "昨天",
        "latitude": "不知道",
        "time_zone": "Moon/Base",
    }

    answer = owner_client.post("/stores/new/", wrong)
    page = answer.content.decode()

    assert 400 <= answer.status_code < 500
    for field in ("name", "code", "region", "city", "closed_on", "latitude", "time_zone"):
        assert f'id="{field}-error"' in page, field
        control = re.search(rf'<(?:input|select)[^>]* id="{field}"[^>]*>', page)
        assert control is not None
        assert 'aria-invalid="true"' in control[0]
        assert f"{field}-error" in control[0]
    assert re.findall(r'id="(\w+)"[^>]*autofocus', page) == ["name"]
    assert "其他门店已使用编码 SH02" in re.sub(r"“|”", "", page) or "SH02" in page
    assert not Store.objects.filter(city="城" * 61).exists()


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [("abc", "", "“abc”"), ("", "abc", "“abc”"), ("31.2", "", "“31.2”"), ("a", "b", "“a, b”"), ("31,", "", "“31,”")],
)
def test_what_is_no_place_is_quoted_as_it_was_written(
    owner_client: Client, latitude: str, longitude: str, said: str
) -> None:
    page = owner_client.post("/stores/new/", _RIGHT | {"latitude": latitude, "longitude": longitude}).content.decode()

    assert said in page


def test_a_store_that_is_right_is_added_and_changed(owner_client: Client) -> None:
    made = owner_client.post("/stores/new/", _RIGHT | {"latitude": "31.2, 121.4"})
    store = Store.objects.get(code="NEW1")
    changed = owner_client.post(f"/stores/{store.pk}/", _RIGHT | {"name": "旗舰店"})

    assert (made.status_code, changed.status_code) == (302, 302)
    assert Store.objects.get(code="NEW1").name == "旗舰店"


def test_its_own_code_is_no_fault_of_a_store(owner: Actor, stores: dict[str, Any]) -> None:
    entry = actions.StoreEntry(code="SH01", name="徐汇店", region="华东")
    asked = {"actor": owner, "store": entry}

    assert faults_of_store(**asked, store_id=stores["xuhui"].pk) == {}
    assert set(faults_of_store(**asked)) == {"code"}


def test_who_sees_some_stores_only_learns_nothing_of_the_codes_of_others(owner: Actor, stores: dict[str, Any]) -> None:
    scoped = replace(owner, store_ids=frozenset({stores["xuhui"].pk}))
    taken = actions.StoreEntry(code=stores["pudong"].code, name="新店", time_zone="Asia/Shanghai")

    for store_id in (None, stores["xuhui"].pk):
        with pytest.raises(MoreThanYouHave):
            faults_of_store(actor=scoped, store=taken, store_id=store_id)
