"""Where stores stand: read from lists, written whole or not at all, and told with the store."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from yutang.foundation import actions, queries
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry, Store
from yutang.kit.geography import Place

pytestmark = pytest.mark.django_db


class TestReading:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_finds_the_columns_by_their_names(self, encoding: str) -> None:
        text = "门店名称,门店编号,经度,纬度\n徐汇店, SH01 ,121.4370,31.1953\n天河店,GZ01,,\n\n"

        assert queries.places_in(content=text.encode(encoding)) == (
            queries.StorePlace("SH01", Place(31.1953, 121.4370)),
        )

    @pytest.mark.parametrize(
        ("text", "row"),
        [
            ("", 1),
            ("code,latitude\nSH01,31", 1),
            ("code,lat,lng\nSH01,31.1,121.4\nSH02,north,121.4\n", 3),
            ("code,lat,lng\nSH01,31.1\n", 2),
            ("code,lat,lng\n,31.1,121.4\n", 2),
            ("code,lat,lng\nSH01,131.1,121.4\n", 2),
            ("code,lat,lng\nSH01,nan,121.4\n", 2),
        ],
    )
    def test_says_which_row_cannot_be_read(self, text: str, row: int) -> None:
        with pytest.raises(queries.PlacesAreUnreadable) as refused:
            queries.places_in(content=text.encode())

        assert refused.value.data["row"] == row


class TestLocating:
    def test_writes_all_of_the_list(self, owner: Actor, stores: dict[str, Store], now: datetime) -> None:
        wanted = [queries.StorePlace("SH01", Place(31.1953, 121.437)), queries.StorePlace("GZ01", Place(23.13, 113.32))]

        changed = [actions.locate_stores(actor=owner, places=wanted, now=now) for _time in range(2)]

        known = {one.code: one.place for one in queries.stores(access=owner)}
        assert changed == [2, 0]
        assert known == {"SH01": Place(31.1953, 121.437), "SH02": None, "GZ01": Place(23.13, 113.32)}
        assert AuditEntry.objects.get(action="store.located").detail == {"stores": 2, "codes": ["SH01", "GZ01"]}

    def test_writes_nothing_when_a_store_is_unknown(
        self, owner: Actor, stores: dict[str, Store], now: datetime
    ) -> None:
        wanted = [queries.StorePlace("SH01", Place(31, 121)), queries.StorePlace("XX99", Place(31, 121))]

        with pytest.raises(actions.StoresAreUnknown, match="XX99"):
            actions.locate_stores(actor=owner, places=wanted, now=now)
        assert not Store.objects.exclude(latitude=None).exists()

    def test_is_for_who_manages_stores(self, manager: Actor, now: datetime) -> None:
        with pytest.raises(NotAllowed):
            actions.locate_stores(actor=manager, places=[], now=now)


class TestOneStore:
    def entry(self, place: Place | None) -> actions.StoreEntry:
        return actions.StoreEntry(code="SH01", name="徐汇店", region="华东", city="上海", place=place)

    def test_gets_and_loses_its_place(self, owner: Actor, stores: dict[str, Store], now: datetime) -> None:
        store_id = stores["xuhui"].pk
        for place in (Place(31.1953, 121.437), None):
            actions.change_store(actor=owner, store_id=store_id, store=self.entry(place), now=now)
            assert queries.store_card(access=owner, store_id=store_id).place == place

    def test_cannot_stand_where_nothing_is(self, owner: Actor, stores: dict[str, Store], now: datetime) -> None:
        with pytest.raises(actions.PlaceIsInvalid):
            actions.change_store(actor=owner, store_id=stores["xuhui"].pk, store=self.entry(Place(95, 121)), now=now)

    @pytest.mark.parametrize("wrong", [{"latitude": 31.0}, {"latitude": 95.0, "longitude": 121.0}])
    def test_the_database_keeps_no_half_place(self, stores: dict[str, Store], wrong: dict[str, float]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Store.objects.filter(code="SH01").update(**wrong)

    def test_a_list_without_places_keeps_those_that_were_written(
        self, owner: Actor, stores: dict[str, Store], now: datetime
    ) -> None:
        Store.objects.filter(code="SH01").update(latitude=31.0, longitude=121.0)
        chain = actions.Chain(
            stores=(
                actions.StoreEntry("SH01", "徐汇店"),
                actions.StoreEntry("SH03", "静安店", place=Place(31.2, 121.5)),
            )
        )

        actions.load_chain(actor=owner, chain=chain, now=now)

        known = {one.code: one.place for one in queries.stores(access=owner)}
        assert (known["SH01"], known["SH03"]) == (Place(31, 121), Place(31.2, 121.5))
