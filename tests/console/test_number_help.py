"""Every number says what it means: one registry, no tile without an explanation, no explanation without a number."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client, RequestFactory
from django.utils import timezone

from tests.console.shop import fill_with_footfall
from tests.support.commerce import NOW as VALUE_NOW
from tests.support.value import make_faithful
from yutang.console.glossary import TERMS
from yutang.console.metrics import FRESHNESS, METRICS
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.sealing import seal
from yutang.insight.actions import follow_new_orders
from yutang.worklist.models import Proposal

CONSOLE = Path(__file__).resolve().parents[2] / "src" / "yutang" / "console"
TEMPLATES = {path: path.read_text(encoding="utf-8") for path in (CONSOLE / "templates").rglob("*.html")}
SCREENS = {path: text for path, text in TEMPLATES.items() if "components" not in path.parts}
_TAGS = re.compile(r"\{% (?:number_help|tile|chart_card)[^%]*%\}")
#: Pages that show figures.
_PAGES = (
    "/business/",
    "/business/?days=365",
    "/business/why/?by=store",
    "/business/why/customers/?by=all&formula=buyers&part=buyers",
    "/business/cohorts/",
    "/business/traffic/?days=365",
    "/business/funnel/?days=365&steps=order:paid,order:paid&within=90d&by=store",
    "/value/rfm/",
    "/value/rfm/customers/?r=5&f=5",
    "/today/",
    "/today/results/",
    "/customers/",
    "/customers/{person}/",
    "/segments/",
)


@pytest.fixture
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> None:
    """The small shop with footfall and advertising cost."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill_with_footfall(tmp_path, stores)


class TestRegistry:
    def test_names_sources_and_terms_that_there_are(self) -> None:
        assert {metric.source for metric in METRICS} == set(FRESHNESS)
        assert [metric.code for metric in METRICS if metric.term and metric.term not in TERMS] == []

    def test_every_number_that_templates_explain_is_known(self) -> None:
        used = {code for text in TEMPLATES.values() for tag in _TAGS.findall(text) for code in _codes(tag)}

        assert used <= {metric.code for metric in METRICS}

    def test_nothing_is_explained_that_no_screen_shows(self) -> None:
        rooms = "\n".join(path.read_text(encoding="utf-8") for path in (CONSOLE / "rooms").glob("*.py"))
        shown = "\n".join(SCREENS.values()) + rooms
        # The code of these ends with how customers are graded, which is a setting, or with what became of visits.
        made = {
            f"{beginning}_{method}" for beginning in ("rfm_grid", "preset") for method in ("quintiles", "thresholds")
        } | {f"visits_{name}" for name in ("coming", "came", "missed", "offered")}

        assert [one.code for one in METRICS if f'"{one.code}"' not in shown and one.code not in made] == []


class TestTemplates:
    def test_every_tile_is_drawn_by_the_one_tag(self) -> None:
        by_hand = [path.name for path, text in TEMPLATES.items() if 'class="tile"' in text]

        assert by_hand == []

    def test_every_tile_names_its_number(self) -> None:
        tiles = [tag for text in TEMPLATES.values() for tag in _TAGS.findall(text) if tag.startswith("{% tile")]

        assert tiles
        assert [tag for tag in tiles if "metric=" not in tag] == []

    def test_a_tile_without_an_explanation_fails(self) -> None:
        with pytest.raises(TemplateSyntaxError):
            Template('{% load help %}{% tile label="x" value="1" %}')
        with pytest.raises(KeyError):
            Template('{% load help %}{% tile metric="no_such" value="1" %}').render(Context())

    def test_what_is_explained_twice_has_two_ids(self) -> None:
        page = Template('{% load help %}{% number_help "sales" %}{% number_help "sales" %}')

        text = page.render(Context({"request": RequestFactory().get("/")}))

        assert re.findall(r'<div class="bubble" id="([^"]+)"', text) == ["help-sales-1", "help-sales-2"]

    def test_says_meaning_formula_freshness_and_where_to_read_on(self) -> None:
        page = Template('{% load help %}{% number_help "order_value" %}')

        text = page.render(Context({"fresh": {"orders": "数据刷新于 10:00。"}}))

        assert "已识别买家平均每单的金额。" in text
        assert "已识别客户的成交金额 ÷ 成交单数" in text
        assert "数据刷新于 10:00。" in text
        assert "每次导入后" in text
        assert 'href="/glossary/#order_value"' in text


@pytest.mark.usefixtures("shop")
class TestPages:
    def test_every_tile_and_every_mark_explains_something(self, owner_client: Client) -> None:
        person = Customer.objects.filter(merged_into=None).order_by("pk").first()
        assert person is not None
        # The page of results tells of the latest months.
        Proposal.objects.update(proposed_on=timezone.localdate())

        for page in _PAGES:
            _assert_explained(owner_client, page.format(person=person.pk))

    def test_figures_of_the_business_say_up_to_when(self, owner_client: Client) -> None:
        for page in ("/business/", "/business/why/", "/business/cohorts/", "/business/traffic/"):
            assert "数据刷新于" in owner_client.get(page).context["fresh"]["orders"], page


@pytest.mark.django_db(transaction=True)
class TestValues:
    def test_foreseen_figures_are_explained(self, owner_client: Client, lake: None) -> None:
        made = make_faithful(customers=400)
        Customer.objects.update(sealed_profile=seal({"name": "王小明", "phones": [], "accounts": []}))
        follow_new_orders(actor=Actor.system(), now=VALUE_NOW)

        for page in ("/value/", "/value/check/", f"/customers/{made.customers[0].id}/"):
            _assert_explained(owner_client, page)
        assert "2" in owner_client.get("/value/").context["fresh"]["values"]


def _assert_explained(client: Client, page: str) -> None:
    """Fail where a tile has no explanation, or a mark has no bubble of its own."""
    text = client.get(page).content.decode()
    marks = re.findall(r'popovertarget="([^"]+)"', text)
    bubbles = re.findall(r'<div class="bubble" id="([^"]+)"', text)
    tiles = re.split(r'<div class="tile[ "]', text)[1:]

    assert marks, page
    assert marks == bubbles, page
    assert len(set(bubbles)) == len(bubbles), page
    assert all('class="hint"' in tile for tile in tiles), page


def _codes(tag: str) -> list[str]:
    if tag.startswith("{% number_help"):
        return re.findall(r'"(\w+)"', tag)
    return re.findall(r'metric="(\w+)"', tag)
