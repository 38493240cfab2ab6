"""The made-up merchant is whole: stores, staff, catalogue, and files to set it up from."""

from __future__ import annotations

import json
from datetime import date

from tests.simulator.conftest import World, plan
from yutang.simulator.catalogue import Catalogue
from yutang.simulator.chain import made_up_chain
from yutang.simulator.chance import Dice
from yutang.simulator.plan import Cause


class TestChain:
    def test_has_stores_of_their_own_code_name_and_phone(self) -> None:
        wished = plan(stores=300)

        stores = made_up_chain(wished, Dice(wished.seed)).stores

        assert len({s.code for s in stores}) == len({s.name for s in stores}) == len({s.phone for s in stores}) == 300

    def test_has_a_manager_and_guides_in_every_store(self) -> None:
        wished = plan(stores=8)

        chain = made_up_chain(wished, Dice(wished.seed))

        for position in range(8):
            assert [member.title for member in chain.guides(position)] == ["店长", "导购", "导购", "导购"]
        assert len({member.username for member in chain.staff}) == len(chain.staff)
        assert {member.role for member in chain.staff} >= {
            "owner",
            "operator",
            "analyst",
            "compliance",
            "auditor",
            "region_manager",
        }

    def test_is_written_so_that_it_can_be_set_up(self, world: World) -> None:
        chain = json.loads((world.folder / "chain.json").read_text(encoding="utf-8"))

        regions = {region["name"] for region in chain["regions"]}
        codes = {store["code"] for store in chain["stores"]}
        assert {store["region"] for store in chain["stores"]} == regions
        assert all(set(member["store_codes"]) <= codes for member in chain["staff"])
        assert all(date.fromisoformat(store["opened_on"]) < world.plan.from_date for store in chain["stores"])


class TestCatalogue:
    def test_has_one_code_a_garment_and_prices_that_rise(self) -> None:
        catalogue = Catalogue()

        garments = catalogue.offers[: catalogue.garments]

        assert len(set(catalogue.codes)) == len(catalogue.offers) > 100
        assert [offer.price_minor for offer in garments] == sorted(offer.price_minor for offer in garments)
        assert {offer.price_minor for offer in catalogue.offers[catalogue.garments :]} == {
            9_900,
            150_000,
            500_000,
            800_000,
            1_000_000,
        }


class TestSmallestChain:
    def test_writes_its_files_even_when_nobody_buys(self, simulated) -> None:
        made = simulated(customers=1, stores=1, from_date=date(2026, 1, 1), to_date=date(2026, 1, 29), seed=4)

        assert all((made.folder / file.path).exists() for file in made.summary.files)


class TestBoom:
    def test_brings_newcomers_to_one_platform(self, simulated) -> None:
        boom = Cause("newcomers", "jd", date(2026, 3, 1), date(2026, 3, 29), 6.0)

        quiet, loud = simulated("quiet", causes=()), simulated("loud", causes=(boom,))

        assert newcomers(loud, "jd", boom) > 2 * newcomers(quiet, "jd", boom)
        assert newcomers(loud, "taobao", boom) == newcomers(quiet, "taobao", boom)


def newcomers(world: World, platform: str, boom: Cause) -> int:
    """People of a platform who came during a boom."""
    favourite = {row["person_id"]: row["favourite"] for row in world.truth("people.csv")}
    span = (boom.first_date.isoformat(), boom.end_date.isoformat())
    return sum(
        span[0] <= row["started_at"] < span[1] and favourite[row["person_id"]] == platform
        for row in world.truth("alive.csv")
    )
