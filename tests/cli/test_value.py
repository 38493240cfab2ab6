"""`yutang value`, from a file of a shop to the published figures."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from tests.support.value import EAGER, SLOW, make_faithful, make_two_regions
from yutang.cli.main import build

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_kept_files")]


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(build(), [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    return dict(json.loads(result.stdout))


@pytest.fixture
def cdnow(reference_data: Path, tmp_path: Path) -> Path:
    """The CDNOW sample as a shop would export it: one line an order, with a header."""
    with (
        (reference_data / "cdnow_sample" / "CDNOW_sample.txt").open(encoding="ascii") as given,
        (tmp_path / "cdnow.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(["order", "buyer", "day", "amount"])
        for number, line in enumerate(given, 1):
            _, buyer, day, _, amount = line.split()
            writer.writerow([f"N{number}", buyer, f"{day[:4]}-{day[4:6]}-{day[6:]}", amount])
    return tmp_path / "cdnow.csv"


class TestCdnow:
    def test_an_imported_file_gives_the_published_figures(self, cdnow: Path) -> None:
        """Fader, Hardie & Lee (2005); Fader & Hardie (2013); hold-out of weeks 40 to 78."""
        mapping = "order_number=order,customer_member_no=buyer,ordered_at=day,total_amount=amount"
        imported = answer("import", str(cdnow), "--map", mapping, "--currency", "USD", "--no-refresh")

        fitted = answer("value", "fit", "--as-of", "1998-06-30", "--calibration-end", "1997-09-30")

        assert (imported["new"], imported["customers"]) == (6919, 2357)
        assert (fitted["customers"], fitted["repeaters"], fitted["currency"]) == (2357, 946, "USD")
        bg, spend, pareto = fitted["bg_nbd"], fitted["gamma_gamma"], fitted["pareto_nbd"]
        assert [round(bg[name], 3) for name in ("r", "alpha", "a", "b")] == [0.243, 4.414, 0.793, 2.426]
        assert bg["log_likelihood"] == pytest.approx(-9582.4, abs=0.05)
        assert [round(spend[name], 2) for name in ("p", "q", "v")] == [6.25, 3.74, 15.44]
        assert spend["log_likelihood"] == pytest.approx(-4055.918, abs=0.01)
        assert [round(pareto[name], 3) for name in ("r", "alpha", "s", "beta")] == [0.553, 10.578, 0.606, 11.669]
        assert pareto["log_likelihood"] == pytest.approx(-9595.0, abs=0.05)
        assert (fitted["holdout"]["actual"], round(fitted["holdout"]["expected"])) == (1882, 1653)
        assert fitted["holdout"]["correlation"] >= 0.62
        assert fitted["holdout"]["mae"] < fitted["holdout"]["naive"]["nothing"]["mae"]
        # One shop, one platform: nothing to group by, and the models stay those of the papers.
        assert (fitted["groups"]["by"], fitted["groups"]["reason"]) == ("platform", "one_group")

    def test_a_validation_says_what_the_paper_found(self, cdnow: Path, tmp_path: Path) -> None:
        """The total is a tenth too low, and those who came back often are foreseen best: Fader, Hardie & Lee (2005), section 5."""
        mapping = "order_number=order,customer_member_no=buyer,ordered_at=day,total_amount=amount"
        answer("import", str(cdnow), "--map", mapping, "--currency", "USD", "--no-refresh")
        picture = tmp_path / "check.svg"

        found = answer(
            "value", "validate", "--as-of", "1998-06-30", "--calibration-end", "1997-09-30", "--out", str(picture)
        )

        assert found["trust"]["grade"] == "fair"
        assert "1,882" in found["trust"]["said"][1]
        assert len(found["weekly"]) == 78
        assert [week["is_held_out"] for week in found["weekly"]].index(True) == 39
        assert sum(group["customers"] for group in found["by_frequency"]) == 2357
        assert (found["soon"]["customers"], found["soon_days"]) == (2357, 90)
        assert found["soon"]["brier"] < found["soon"]["brier_constant"]
        assert found["alive"]["customers"] == 946
        for each in found["soon"]["bins"]:
            assert each["low"] <= each["actual"] <= each["high"]
        image = ElementTree.parse(picture).getroot()
        assert image.tag.endswith("svg")
        assert len(image.findall(".//{*}polyline")) > 10


class TestValue:
    def test_fits_scores_validates_and_exports(self, tmp_path: Path) -> None:
        make_faithful(customers=400)
        file = tmp_path / "values.csv"

        fitted = answer("value", "fit")
        scored = answer("value", "score")
        checked = answer("value", "validate")
        exported = answer("value", "export", str(file), "--limit", "20")

        assert fitted["holdout"] is None
        assert fitted["calibration_end"] is None
        assert scored["customers"] == fitted["customers"] == 400
        assert scored["as_of"] == fitted["as_of"]
        assert checked["weekly"]
        assert checked["by_frequency"][0]["x"] == 0
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
        assert exported["rows"] == len(rows) == 20
        values = [float(row["value"]) for row in rows]
        assert values == sorted(values, reverse=True)

    def test_draws_a_page_and_nothing_else(self, tmp_path: Path) -> None:
        make_faithful(customers=400)

        drawn = answer("value", "validate", "--out", str(tmp_path / "check.html"))
        refused = answer("value", "validate", "--out", str(tmp_path / "check.png"), exit_code=2)["error"]
        nowhere = answer("value", "validate", "--out", str(tmp_path / "no" / "check.svg"), exit_code=2)["error"]

        page = (tmp_path / "check.html").read_text(encoding="utf-8")
        assert drawn["file"] == str(tmp_path / "check.html")
        assert drawn["trust"]["said"][0] in page
        ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
        assert "http" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert (refused["code"], nowhere["code"]) == ("picture_is_neither", "file_could_not_be_written")

    def test_groups_are_shown_and_changed(self) -> None:
        make_two_regions((EAGER, SLOW), customers=1_000)

        before = answer("value", "groups")
        answer("value", "fit")
        after = answer("value", "groups")
        refused = answer("value", "groups", "--by", "weather", exit_code=2)["error"]
        changed = answer("value", "groups", "--by", "store")

        assert before == {"by": "auto", "groups": None}
        assert after["groups"]["by"] == "region"
        assert "used" in {group["orders"]["outcome"] for group in after["groups"]["groups"]}
        assert refused["code"] == "grouping_is_unknown"
        assert changed["by"] == "store"
        for arguments in (["fit"], ["groups"]):
            result = CliRunner().invoke(build(), ["value", *arguments])
            assert result.exit_code == 0, result.output
            assert "Store 0" in result.output
            assert "%(" not in result.output

    def test_says_it_to_a_person_too(self) -> None:
        make_faithful(customers=400)

        for arguments in (["fit"], ["score"], ["validate"], ["groups"]):
            result = CliRunner().invoke(build(), ["value", *arguments])
            assert result.exit_code == 0, result.output
            assert "%(" not in result.output

    def test_refuses_plainly(self, tmp_path: Path) -> None:
        make_faithful(customers=30)

        few = answer("value", "fit", exit_code=2)["error"]
        none = answer("value", "score", exit_code=2)["error"]
        nowhere = answer("value", "validate", "--calibration-end", "2030-01-01", exit_code=2)["error"]

        assert (few["code"], few["data"]["needed"]) == ("too_few_repeat_buyers", 100)
        assert none["code"] == "no_model_is_fitted"
        assert nowhere["code"] == "day_out_of_range"
