"""The room of the contact policy: its values, and what a changed one would have said to the past."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.channels.conftest import had, make_person
from tests.console.conftest import Visitor
from yutang.channels.actions import Message, plan_touch
from yutang.channels.models import Touch
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.ingest.lake_sync import rebuild_lake

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def past(stores: Any) -> list[int]:
    """Two people, in two stores, who had a message on each of four days running not long ago."""
    noon = timezone.now().replace(hour=4, minute=0, second=0, microsecond=0)
    people = [make_person(store=stores[name], value_days_ago=()) for name in ("xuhui", "tianhe")]
    for person in people:
        for days in (13, 12, 11, 10):
            had(person, noon - timedelta(days=days), "service")
    rebuild_lake(now=timezone.now())
    return people


def reasons(page: str) -> dict[str, tuple[str, ...]]:
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>((?:<td class="num[^"]*">[\d,]+</td>)+)</tr>', page)
    return {title: tuple(re.findall(r">([\d,]+)<", cells)) for title, cells in rows}


class TestContactPolicy:
    def test_shows_every_value_with_what_it_means(self, owner_client: Client) -> None:
        page = owner_client.get("/contact-policy/").content.decode()

        assert page.count("/settings/channels.") == 27 + 1
        assert "首次促销前客户须先收到的有用内容条数" in page

    def test_without_figures_it_says_what_to_do(self, owner_client: Client) -> None:
        assert "yutang lake sync" in owner_client.get("/contact-policy/").content.decode()

    def test_worth_that_nobody_knows_is_not_called_nothing(self, owner_client: Client, past: list[int]) -> None:
        address = "/contact-policy/?person_week=1"
        told = {one["metric"]: one for one in owner_client.get(address).context["tiles"]}
        assert (told["policy_worth"]["value"], told["policy_worth"]["note"]) == ("—", "4 条价值未知")

        Touch.objects.filter(customer_id=past[0]).update(expected_minor=20_000)
        rebuild_lake(now=timezone.now())

        told = {one["metric"]: one for one in owner_client.get(address).context["tiles"]}
        assert told["policy_worth"]["value"] == "¥400.00"
        assert told["policy_worth"]["note"] == "共 ¥800.00 · 2 条价值未知"

    def test_a_change_is_tried_beside_the_present_policy(self, owner_client: Client, past: list[int]) -> None:
        present = owner_client.get("/contact-policy/").content.decode()
        tried = owner_client.get("/contact-policy/?person_week=1").content.decode()

        # The third waits until a week after the first; the fourth waits for the third.
        assert reasons(present) == {"单人上限：24 小时": ("2",), "单人上限：7 天": ("2",)}
        assert reasons(tried) == {"单人上限：7 天": ("6", "2"), "单人上限：24 小时": ("0", "2")}
        values = re.search(r'<script id="fates-values" type="application/json">(.*?)</script>', tried)
        assert values is not None
        drawn = json.loads(values[1])
        assert sum(n for one in drawn["series"] for n in one["values"]) == 8
        assert 'data-chart="fates"' in tried

    def test_says_up_to_when_it_knows_what_went_out(self, owner_client: Client, past: list[int]) -> None:
        had(past[0], timezone.now() - timedelta(minutes=5), "service")
        before = owner_client.get("/contact-policy/")
        rebuild_lake(now=timezone.now())
        after = owner_client.get("/contact-policy/")

        assert (before.context["sendings"], after.context["sendings"]) == (8, 9)
        assert before.context["known_until"] < after.context["known_until"]
        assert "数据截至" in before.content.decode()

    def test_trying_changes_nothing(self, owner_client: Client, past: list[int]) -> None:
        owner_client.get("/contact-policy/?person_week=1")

        assert "<h1>" in owner_client.get("/contact-policy/").content.decode()
        assert owner_client.get("/contact-policy/").context["is_changed"] is False

    @pytest.mark.parametrize("asked", ["person_week=many", "person_week=-1", "promotion_percent=101"])
    def test_a_value_that_cannot_be_is_refused_in_the_form(self, owner_client: Client, asked: str) -> None:
        answer = owner_client.get(f"/contact-policy/?{asked}")

        assert answer.status_code == 422
        assert asked.partition("=")[2] in answer.content.decode()
        assert 'role="alert"' in answer.content.decode()

    def test_a_manager_plays_the_own_store_only_and_cannot_change(
        self, manager_client: Client, past: list[int]
    ) -> None:
        page = manager_client.get("/contact-policy/?person_week=1").content.decode()

        assert reasons(page) == {"单人上限：7 天": ("3", "1"), "单人上限：24 小时": ("0", "1")}
        assert "/settings/channels." not in page

    def test_a_changed_value_and_the_version_are_told(self, owner_client: Client) -> None:
        change_setting(actor=Actor.system(), key="channels.person_week", value=3, now=timezone.now())
        message = Message(key="k", channel="wecom", intent="service", customer_id=make_person())
        plan_touch(actor=Actor.system(), message=message, now=timezone.now())

        page = owner_client.get("/contact-policy/").content.decode()

        assert page.count("已修改") == 1
        assert "版：按这组规则" in page


@pytest.mark.browser
@pytest.mark.sqlite_only
@pytest.mark.parametrize(("width", "language", "theme"), [("desktop", "en", "light"), ("phone", "zh-hans", "dark")])
def test_the_page_is_well_made_and_the_picture_drawn(
    visit: Callable[..., Visitor], past: list[int], width: str, language: str, theme: str
) -> None:
    visitor = visit(width=width, language=language, theme=theme)

    visitor.open("/contact-policy/?person_week=1")

    visitor.assert_well_made()
    drawn = visitor.page.evaluate(
        "(() => { const chart = echarts.getInstanceByDom(document.querySelector('[data-chart=fates]'));"
        " return chart.getOption().series.map(one => one.data.reduce((sum, n) => sum + n, 0)); })()"
    )
    assert drawn == [2, 2, 0, 4]
    if language == "en":
        words = visitor.page.eval_on_selector_all(
            "h1, h2, th, td, label", "found => found.map(one => one.textContent.trim())"
        )
        assert not [word for word in words if re.search(r"[\u4e00-\u9fff]", word)]
