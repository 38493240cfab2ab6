"""The room of experiments: what each says first, its numbers, and what it does not say yet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.console.conftest import Visitor
from tests.support.experiments import told_experiment
from yutang.experiments.actions import begin_experiment
from yutang.experiments.models import Experiment, Reading
from yutang.foundation.access import Actor

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
#: Units, share who bought, orders and value a head, share who unsubscribed.
HELD, REST = (400, 0.20, 0.25, 3_000.0, 0.02), (1_600, 0.34, 0.40, 5_200.0, 0.02)
ADDRESS = "/experiments/campaign:summer/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake")]


@pytest.fixture
def english(client: Client) -> None:
    client.cookies["django_language"] = "en"


def shown(client: Client, address: str = ADDRESS) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.usefixtures("english")
class TestOne:
    def test_says_first_what_it_brought_and_what_that_is_worth(self, owner_client: Client) -> None:
        told_experiment(arms={"held_out": HELD, "treated": REST}, now=NOW)

        page = shown(owner_client)

        assert "140 in 1,000 more bought; the interval reaches from +" in page
        assert "Chance alone hardly explains that, however often one looks." in page
        assert "So far that is worth +¥" in page
        assert owner_client.get(ADDRESS).context["state"]["code"] == "good"

    def test_the_worth_is_the_difference_a_head_times_the_people_and_a_week_of_it(self, owner_client: Client) -> None:
        told_experiment(arms={"held_out": HELD, "treated": REST}, now=NOW)

        tiles = {tile["metric"]: tile for tile in owner_client.get(ADDRESS).context["tiles"]}

        # 22.00 more a head, times 1,600 people; 31 days are 4.43 weeks.
        assert tiles["experiment_worth"]["value"] == "+¥35,200"
        assert tiles["experiment_worth_week"]["value"] == "+¥7,948"
        assert tiles["experiment_counted"]["note"] == "of 2,000 drawn"

    def test_less_is_told_as_less_and_more_who_leave_as_bad(self, owner_client: Client) -> None:
        worse = (1_600, 0.10, 0.12, 1_500.0, 0.15)
        told_experiment(arms={"held_out": HELD, "treated": worse}, now=NOW)

        answer = owner_client.get(ADDRESS)
        page = " ".join(answer.content.decode().split())

        assert "in 1,000 fewer bought" in page
        assert answer.context["state"]["code"] == "bad"
        left = next(card for card in answer.context["cards"] if card["key"] == "effect-unsubscribed")
        assert left["values"]["rows"][0]["tone"] == "down"
        assert left["values"]["rows"][0]["value"] > 0

    def test_where_nothing_is_sure_it_says_so_and_how_many_it_takes(self, owner_client: Client) -> None:
        told_experiment(arms={"held_out": HELD, "treated": (1_600, 0.20, 0.25, 3_000.0, 0.02)}, now=NOW)

        page = shown(owner_client)

        assert "It may as well be nothing." in page
        # (3.22 + 0.84)^2 x 0.2 x 0.8 / 0.02^2 x (1 / 0.2 + 1 / 0.8), less the 2,000 who are there.
        assert "it takes about 40,537 people in both arms: 38,537 more." in page

    def test_of_few_it_says_only_how_many_are_missing(self, owner_client: Client) -> None:
        told_experiment(
            arms={"held_out": (40, 0.5, 1.0, 9_000.0, 0.0), "treated": (160, 0.9, 1.0, 9_000.0, 0.0)}, now=NOW
        )

        answer = owner_client.get(ADDRESS)
        page = " ".join(answer.content.decode().split())

        assert "the smallest arm lacks 60 people" in page
        assert [card["values"] for card in answer.context["cards"]] == [None] * 5
        assert "experiment_worth" not in {tile["metric"] for tile in answer.context["tiles"]}

    def test_arms_of_a_wrong_size_are_said_before_any_effect(self, owner_client: Client) -> None:
        told_experiment(arms={"held_out": HELD, "treated": REST}, now=NOW)
        row = Experiment.objects.get()
        shares = [("held_out", 1_000), ("treated", 9_000)]
        Experiment.objects.filter(pk=row.pk).update(versions=[{"since": NOW.isoformat(), "shares": shares}])

        answer = owner_client.get(ADDRESS)

        assert answer.context["state"]["code"] == "alarm"
        assert answer.context["notice"]["tone"] == "down"
        assert "believe no effect here" in answer.context["notice"]["text"]

    def test_several_arms_are_told_apart(self, owner_client: Client) -> None:
        told_experiment(arms={"held_out": HELD, "short": REST, "long": (1_600, 0.25, 0.3, 4_000.0, 0.02)}, now=NOW)

        answer = owner_client.get(ADDRESS)

        bought = answer.context["cards"][0]
        assert [one["arm"] for one in bought["sentences"]] == ["short", "long"]
        assert [row["name"] for row in bought["values"]["rows"]] == ["short", "long"]
        assert bought["values"]["rows"][0]["value"] == pytest.approx(14)

    def test_before_the_first_reading_it_shows_who_was_drawn(self, owner_client: Client) -> None:
        told_experiment(arms={"held_out": HELD, "treated": REST}, now=NOW)
        Reading.objects.all().delete()

        page = shown(owner_client)

        assert "looked at every morning" in page
        assert "1,600" in page

    def test_there_is_none(self, owner_client: Client) -> None:
        assert owner_client.get("/experiments/campaign:none/").status_code == 404


@pytest.mark.usefixtures("english")
class TestList:
    def test_shows_each_with_its_verdict(self, owner_client: Client, django_assert_num_queries: Any) -> None:
        told_experiment(arms={"held_out": HELD, "treated": REST}, now=NOW)
        begin_experiment(actor=Actor.system(), key="playbook:4", title="生日祝福", now=NOW)
        owner_client.get("/experiments/")
        with CaptureQueriesContext(connection) as asked:
            owner_client.get("/experiments/")
        told_experiment(
            arms={"held_out": HELD, "treated": HELD}, key="playbook:3", title="新客欢迎", ended=True, now=NOW
        )

        with django_assert_num_queries(len(asked)):
            answer = owner_client.get("/experiments/")

        states = {row["view"].key: row["state"]["code"] for row in answer.context["rows"]}
        assert states == {"playbook:3": "open", "playbook:4": "unread", "campaign:summer": "good"}

    def test_leaves_as_a_table_with_plain_numbers(self, owner_client: Client) -> None:
        told_experiment(arms={"held_out": HELD, "treated": REST}, now=NOW)

        text = b"".join(owner_client.get("/experiments/?as=csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        rows = list(csv.DictReader(io.StringIO(text)))

        told = ["Share who bought", "Orders a head", "Value a head", "Unsubscribed", "Redeemed a coupon"]
        assert [row["Measure"] for row in rows] == told
        assert float(rows[0]["Difference"]) == pytest.approx(0.14)
        assert (rows[2]["Difference"], rows[2]["Currency"]) == ("22.00", "CNY")

    def test_a_store_manager_does_not_see_the_chains_experiments(self, manager_client: Client) -> None:
        assert manager_client.get("/experiments/").status_code == 403


@pytest.mark.usefixtures("english")
class TestSize:
    def test_says_how_many_people_it_takes(self, owner_client: Client) -> None:
        answer = owner_client.get("/experiments/size/?usual=50&effect=10&held_out=50")

        # Twice the 785 that one planned look takes; half the effect takes about four times as many.
        assert answer.context["tiles"][0]["value"] == "1,576"
        assert [row["needed"] for row in answer.context["rows"]] == [196, 506, 1_576, 6_041, 25_944]

    @pytest.mark.parametrize(
        "wrong", ["usual=0", "usual=abc", "effect=-1", "held_out=100", "usual=NaN", "effect=1e-99"]
    )
    def test_refuses_what_cannot_be_and_says_what_can(self, owner_client: Client, wrong: str) -> None:
        answer = owner_client.get(f"/experiments/size/?{wrong}")

        assert answer.status_code == 422
        assert "write a number from" in answer.content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInTheBrowser:
    @pytest.mark.parametrize(("width", "language", "theme"), [("desktop", "zh-hans", "light"), ("phone", "en", "dark")])
    def test_effects_are_drawn_with_their_intervals(
        self, visit: Callable[..., Visitor], width: str, language: str, theme: str
    ) -> None:
        # A title is what somebody wrote: here one of no language.
        told_experiment(arms={"held_out": HELD, "treated": REST}, title="618", now=NOW)
        visitor = visit(width=width, language=language, theme=theme)

        visitor.look("/experiments/")
        visitor.page.locator("a.cell").first.click()
        visitor.wait_until_quiet()

        visitor.page.wait_for_selector(".chart-whiskers canvas")
        assert visitor.page.locator(".chart-whiskers canvas").count() == 4
        visitor.look()
        visitor.look("/experiments/size/?usual=5&effect=1&held_out=10")
