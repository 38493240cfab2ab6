"""Where sales come from, from the chain to the people, and the stores on the map: what they say, to whom, and for how long a choice lasts."""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.console.shop import NOW, fill
from yutang.console.rooms.map_picture import HALF, Dot, picture_of
from yutang.foundation.models import AuditEntry, Store
from yutang.ingest.journal import touch
from yutang.ingest.lake_sync import sync_lake
from yutang.kit.geography import Place
from yutang.lake.partitions import WHOLE

_PLACED = {"SH01": (31.1953, 121.4370), "SH02": (31.2304, 121.5447), "GZ01": (23.1291, 113.2644)}


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> dict[str, Store]:
    """The small shop, its stores on the map."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    for code, (latitude, longitude) in _PLACED.items():
        Store.objects.filter(code=code).update(latitude=latitude, longitude=longitude)
    fill(tmp_path)
    return stores


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def links(answer: Any, page: str) -> list[str]:
    found = re.findall(rf'href="({page}\?[^"]+)"', answer.content.decode())
    return [html.unescape(one) for one in dict.fromkeys(found)]


class TestWhere:
    def test_leads_from_the_chain_to_the_people(self, owner_client: Client, shop: dict[str, Store]) -> None:
        chain = owner_client.get("/business/where/?days=90")
        region = owner_client.get(next(one for one in links(chain, "/business/where/") if "region=" in one))
        store = owner_client.get(next(one for one in links(region, "/business/where/") if "store=" in one))
        people = owner_client.get(links(store, "/business/people/")[0])

        assert [one.context["by"] for one in (chain, region, store)] == ["region", "store", "staff"]
        assert [step["name"] for step in store.context["trail"]] == [
            "全部门店与网店",
            "华东",
            region.context["rows"][0]["name"],
        ]
        assert people.status_code == 200
        assert len(people.context["rows"]) == store.context["rows"][0]["figures"]["buyers"] > 0
        assert all("*" in row["name"] for row in people.context["rows"])
        sums = [
            sum(row["figures"]["now"] for row in owner_client.get(f"/business/where/?days=90&by={by}").context["rows"])
            for by in ("region", "store", "staff", "channel")
        ]
        total = chain.context["total"] or owner_client.get("/business/where/?days=90&by=store").context["total"]
        everybody = owner_client.get(total["people"])
        assert total["buyers"] in everybody.context["summary"]
        assert len(set(sums)) == 1
        assert sums[0] > 0

    def test_no_region_is_a_dead_end(self, owner_client: Client, shop: dict[str, Store]) -> None:
        Store.objects.filter(code="SH02").update(region=None)
        Store.objects.create(code="GZ02", name="越秀店", region=shop["tianhe"].region)
        touch("foundation_store", {WHOLE}, now=NOW)
        sync_lake(now=NOW)

        rows = owner_client.get("/business/where/?days=90").context["rows"]
        steps = {str(row["name"]): owner_client.get(row["deeper"]).context["by"] for row in rows}

        # The region of a single store leads into it; what lies in no region is told apart by store.
        assert steps == {"华东": "staff", "无区域": "store"}

    def test_an_auditor_is_led_to_nobody(self, client: Client, owner_staff: Any, shop: dict[str, Store]) -> None:
        owner_staff.role = "auditor"
        owner_staff.save()
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")

        for page in ("/business/", "/business/where/", "/business/map/"):
            answer = client.get(page)
            assert answer.status_code == 200
            assert not links(answer, "/business/people/")
            assert not links(answer, "/customers/")

    def test_keeps_the_choice_from_page_to_page(self, owner_client: Client, shop: dict[str, Store]) -> None:
        region = shop["xuhui"].region_id
        channel = owner_client.get("/business/").context["channels"][0][0]

        answer = owner_client.get("/business/", {"days": "90", "store": f"r{region}", "channel": channel})

        assert "华东" in answer.context["subtitle"]
        for page in ("/business/why/", "/business/where/", "/business/map/"):
            address = links(answer, page)[0]
            assert owner_client.get(address).context["keep"] == answer.context["keep"]
        assert "days=90" in answer.context["keep"]

    def test_what_is_not_there_is_as_if_it_were_not_asked_for(
        self, owner_client: Client, shop: dict[str, Store]
    ) -> None:
        usual = owner_client.get("/business/where/?days=90").context
        for asked in ("region=999", "store=rx", "channel=nowhere/x", "by=moon", "region=" + "9" * 30):
            found = owner_client.get(f"/business/where/?days=90&{asked}").context
            assert found["subtitle"] == usual["subtitle"]
            assert [row["name"] for row in found["rows"]] == [row["name"] for row in usual["rows"]]
        for asked in ("centre=999", "centre=x", "radius=0", "radius=-3", "size=moon", "store=r1"):
            assert owner_client.get(f"/business/map/?{asked}").status_code == 200
        for asked in ("from=0001-01-01&to=2026-03-01", "from=2026-03-01&to=2020-01-01", "cohort=2026-99", "offset=x"):
            assert owner_client.get(f"/business/people/?{asked}").status_code in {200, 422}


class TestPeopleBehind:
    def test_every_figure_of_the_dashboard_leads_to_its_people(
        self, owner_client: Client, shop: dict[str, Store]
    ) -> None:
        page = owner_client.get("/business/?days=30")
        addresses = links(page, "/business/people/")
        answers = [owner_client.get(one) for one in addresses]

        assert {one.status_code for one in answers} == {200}
        sizes = {row["month"]: row["size"] for row in page.context["cohorts"]}
        for address, answer in zip(addresses, answers, strict=True):
            month = re.search(r"cohort=(\d{4}-\d\d)$", address)
            if month:
                assert len(answer.context["rows"]) == sizes[month[1]]
        assert any("from=" in one for one in addresses)
        assert any("offset=" in one for one in addresses)


class TestMap:
    def test_shows_stores_around_one_the_nearest_first(self, owner_client: Client, shop: dict[str, Store]) -> None:
        asked = f"/business/map/?centre={shop['xuhui'].pk}&radius=20&size=sales"

        answer = owner_client.get(asked)
        rows = table(owner_client.get(f"{asked}&as=csv"))

        context = answer.context
        assert re.search(r'value="20" selected', answer.content.decode())
        assert re.search(r'value="sales" selected', answer.content.decode())
        assert [row[0] for row in rows[1:]] == ["徐汇店", "浦东店", "天河店"]
        assert float(rows[2][-1]) == pytest.approx(10.97, abs=0.05)

        assert [row["name"] for row in context["rows"]] == ["徐汇店", "浦东店", "天河店"]
        assert context["rows"][1]["away_km"] == pytest.approx(10.97, abs=0.05)
        assert [row["is_within"] for row in context["rows"]] == [True, True, False]
        assert context["picture"]["beyond"] == 1
        assert [ring["km"] for ring in context["picture"]["rings"]] == ["10", "20"]
        assert sum(row["customers"] for row in context["rows"]) == 40

    def test_a_dot_and_a_row_lead_to_the_customers_of_the_store(
        self, owner_client: Client, shop: dict[str, Store]
    ) -> None:
        answer = owner_client.get("/business/map/")
        addresses = links(answer, "/customers/")

        rows = [owner_client.get(one).context["rows"] for one in addresses]
        told = {row["url"]: row["customers"] for row in answer.context["rows"]}
        assert [told[one] for one in addresses] == [len(each) for each in rows]
        assert max(len(each) for each in rows) == 20

    def test_a_manager_sees_the_own_store_only(self, manager_client: Client, shop: dict[str, Store]) -> None:
        for page in ("map", "where"):
            context = manager_client.get(f"/business/{page}/").context
            assert [row["name"] for row in context["rows"]] == ["徐汇店"]

    def test_says_what_is_missing(self, owner_client: Client, shop: dict[str, Store]) -> None:
        Store.objects.filter(code="GZ01").update(latitude=None, longitude=None)
        some = owner_client.get("/business/map/")
        Store.objects.update(latitude=None, longitude=None)
        none = owner_client.get("/business/map/")

        assert (some.context["placed"], some.context["lacking"]) == (2, 1)
        assert none.context["picture"] is None
        assert "还没有门店填写位置" in none.content.decode()


@pytest.mark.django_db
class TestPlaces:
    def test_are_written_on_the_page_of_a_store(self, owner_client: Client, stores: dict[str, Store]) -> None:
        store = stores["xuhui"]
        form = {"code": store.code, "name": store.name, "region": "华东", "time_zone": "Asia/Shanghai"}

        pair = owner_client.post(f"/stores/{store.pk}/", {**form, "latitude": "31.1953，121.4370"})
        refused = owner_client.post(f"/stores/{store.pk}/", {**form, "latitude": "北纬", "longitude": "1"})

        store.refresh_from_db()
        assert pair.status_code == 302
        assert (store.latitude, store.longitude) == (31.1953, 121.437)
        assert refused.status_code == 422
        assert "北纬" in refused.content.decode()

    def test_come_back_with_the_table_that_left(self, owner_client: Client, stores: dict[str, Store]) -> None:
        rows = table(owner_client.get("/stores/?as=csv"))
        place = {"SH01": ("31.1953", "121.437")}
        for row in rows[1:]:
            row[-2:] = place.get(row[0], ("", ""))
        written = io.StringIO()
        csv.writer(written).writerows(rows)

        file = SimpleUploadedFile("places.csv", written.getvalue().encode())
        owner_client.post("/stores/places/", {"file": file})

        assert Store.objects.get(code="SH01").latitude == 31.1953
        assert not Store.objects.exclude(code="SH01").exclude(latitude=None).exists()
        assert AuditEntry.objects.filter(action="store.located").count() == 1

    def test_of_a_list_that_is_none_are_refused(self, owner_client: Client, stores: dict[str, Store]) -> None:
        file = SimpleUploadedFile("places.csv", b"\x00\xff\xfe")

        answer = owner_client.post("/stores/places/", {"file": file}, headers={"Referer": "http://testserver/stores/"})

        assert answer.status_code == 302
        assert Store.objects.exclude(latitude=None).count() == 0


class TestLabels:
    def test_of_stores_in_a_cluster_stand_apart_and_inside(self) -> None:
        places = [(31.23, 121.47), (31.30, 120.62), (30.27, 120.15), (32.06, 118.79), (30.57, 104.06), (22.54, 114.06)]
        dots = [
            Dot(Place(latitude, longitude), 1.0, f"门店号{place}", "", "up", "")
            for place, (latitude, longitude) in enumerate(places)
        ]

        drawn = picture_of(dots, radius_km=10, centre=None)["dots"]

        assert all(one["label"] for one in drawn)
        spots = {(one["label"]["x"], one["label"]["y"]) for one in drawn}
        assert len(spots) == len(dots)
        assert all(abs(float(one["label"][axis])) < HALF for one in drawn for axis in ("x", "y"))
