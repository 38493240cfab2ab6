"""What the page of a playbook says that it brought: the effect against who was held out, and step by step."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.channels.conftest import make_person
from tests.conftest import NOW
from tests.delivery.conftest import make_reachable
from tests.journeys.conftest import SYSTEM, enter, make_group, message, post, tick, wait
from yutang.channels.actions import claim_many
from yutang.channels.links import LinkWish, make_links
from yutang.channels.models import Link, LinkVisit, Touch
from yutang.customers.models import Identifier
from yutang.experiments.models import Experiment, Reading
from yutang.journeys import actions
from yutang.journeys.models import Passage, Version
from yutang.journeys.queries import results_of_steps
from yutang.journeys.reading import definition_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def begun(*steps: dict[str, Any], **more: Any) -> int:
    definition = {"format": 1, "trigger": {"kind": "hand"}, "holdout_percent": 0, "steps": list(steps), **more}
    key = actions.create_playbook(actor=SYSTEM, name="试试", definition=definition, now=NOW)
    actions.start_playbook(actor=SYSTEM, playbook_id=key, now=NOW)
    return key


class TestSteps:
    def test_count_who_came_went_on_was_refused_was_sent_to_and_clicked(self, settings: Any) -> None:
        settings.YUTANG_PUBLIC_URL = "https://pond.example.com"
        key = begun(
            message("tip"),
            wait("pause"),
            message("tip_two", "service", channel="email", subject="问候", if_refused="end"),
        )
        reached, unreachable = make_person(value_days_ago=()), make_person(kinds=("wecom",), value_days_ago=())
        stranger = make_person(kinds=("wecom",))
        enter(key, reached, unreachable, stranger)
        Identifier.objects.filter(customer_id=stranger).delete()
        tick()
        due = list(Touch.objects.filter(campaign=f"playbook:{key}").values_list("key", flat=True))
        claim_many(actor=SYSTEM, keys=due, now=NOW)
        touch = Touch.objects.get(customer_id=reached, campaign=f"playbook:{key}")
        campaign = f"playbook:{key}"
        make_links(
            [
                LinkWish(touch.pk, campaign, "wecom", target="https://a.example.com", content=touch.content),
                LinkWish(None, campaign, "wecom", target="https://a.example.com", content=touch.content),
                LinkWish(None, campaign, "wecom", target="https://a.example.com", content="other"),
            ],
            now=NOW,
        )
        for link in Link.objects.all():
            LinkVisit.objects.create(link=link, kind="person", at=NOW)
            LinkVisit.objects.create(link=link, kind="person", at=NOW)
        tick(NOW + timedelta(days=3))

        found = results_of_steps(access=SYSTEM, playbook_id=key, definition=definition_of(Version.objects.get()))

        tip, two = found["tip"], found["tip_two"]
        assert (tip.came, tip.went_on, tip.refusals) == (3, 2, 1)
        assert list(tip.refused) == [Passage.objects.get(step="tip", outcome="refused").reason]
        assert tip.messages is not None
        assert (tip.messages.sent, tip.messages.clicked) == (2, 1 + 2)
        assert (two.came, two.refusals, two.messages and two.messages.planned) == (3, 2, 1)

    def test_stand_on_the_page_with_a_chart_and_a_table(self, owner_client: Client) -> None:
        key = begun(message("tip"), wait("pause"))
        stranger = make_person()
        enter(key, make_person(), stranger)
        Identifier.objects.filter(customer_id=stranger).delete()
        tick()

        page = owner_client.get(f"/playbooks/{key}/")

        assert page.context["funnel"]["series"][0]["values"][0] == 1
        assert [row["came"] for row in page.context["results"]] == [2, 2]
        assert page.context["results"][0]["refused"] == 1
        assert 'data-chart="funnel"' in page.content.decode()

    def test_of_groups_count_groups(self, owner_client: Client) -> None:
        key = begun(post("hello"), wait("pause"), subject="group")
        actions.enrol_groups(actor=SYSTEM, playbook_id=key, group_keys=[make_group("g")], occasion="1", now=NOW)
        tick()

        page = owner_client.get(f"/playbooks/{key}/")
        members = owner_client.get(f"/playbooks/{key}/people/")
        sheet: Any = owner_client.get(f"/playbooks/{key}/people/?as=csv")

        assert "群g" in b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()[1]
        assert [row["came"] for row in page.context["results"]] == [1, 1]
        assert page.context["results"][0]["cells"][0] == 0
        assert "群g" in members.content.decode()


class TestPeople:
    def test_leave_as_a_table_masked_and_step_by_step(self, owner_client: Client) -> None:
        key = begun(wait("pause"))
        enter(key, *(make_reachable(number) for number in range(3)))
        tick()

        sheets: list[Any] = [
            owner_client.get(f"/playbooks/{key}/people/?{asked}as=csv") for asked in ("", "step=pause&", "step=none&")
        ]

        tables = [list(csv.reader(io.StringIO(b"".join(one.streaming_content).decode("utf-8-sig")))) for one in sheets]
        assert [len(one) for one in tables] == [4, 4, 1]
        assert {len(row) for one in tables for row in one} == {6}
        assert all("*" in row[1] for row in tables[0][1:])


class TestEffect:
    def test_says_that_there_are_not_enough_people_yet(self, owner_client: Client) -> None:
        key = begun(wait("pause"), holdout_percent=10)
        enter(key, *(make_person(value_days_ago=()) for _ in range(12)))
        before = owner_client.get(f"/playbooks/{key}/").context["effect"]
        _looked_at(Experiment.objects.get())
        after = owner_client.get(f"/playbooks/{key}/").context["effect"]

        assert "empty" in before
        assert after["state"]["code"] == "few"

    def test_says_that_nobody_is_held_out(self, owner_client: Client) -> None:
        key = begun(wait("pause"))
        enter(key, make_person(value_days_ago=()))

        assert "empty" in owner_client.get(f"/playbooks/{key}/").context["effect"]


def _looked_at(experiment: Experiment) -> None:
    """Keep that nobody's days were over when it was looked at."""
    from yutang.experiments.figures import Figures

    figures = Figures(NOW.date(), "CNY", {})
    Reading.objects.create(
        experiment=experiment, as_of=NOW.date(), currency="CNY", taken_at=NOW, drawn=[], figures=figures.as_json()
    )
