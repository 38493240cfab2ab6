"""The value explorer, and value on the page of a customer."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.console.conftest import LOOKS, Visitor
from tests.support.again import laid
from tests.support.commerce import NOW, MadeUp
from tests.support.value import EAGER, SLOW, make_faithful, make_two_regions
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.sealing import seal
from yutang.insight.actions import follow_new_orders
from yutang.insight.queries import current_fit, latest_check, most_valuable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(settings: Any, tmp_path: Path) -> MadeUp:
    """A shop whose orders carry the models."""
    settings.YUTANG_LAKE = tmp_path / "lake"

    def make() -> MadeUp:
        made = make_faithful(customers=400)
        Customer.objects.update(sealed_profile=seal({"name": "王小明", "phones": [], "accounts": []}))
        follow_new_orders(actor=Actor.system(), now=NOW)
        return made

    return laid("shop with values", make)


class TestValueRoom:
    def test_shows_the_most_valuable_and_who_moved(self, owner_client: Client, made: MadeUp) -> None:
        best = most_valuable(access=Actor.system(), limit=1)[0]

        text = owner_client.get("/value/").content.decode()

        assert f'href="/customers/{best.customer_id}/"' in text
        assert 'data-chart="curve"' in text
        assert 'data-chart="bands"' in text
        assert len(re.findall(r'data-label="[^"]+">[+−]', text)) == 10

    def test_its_lists_leave_as_tables_masked(self, owner_client: Client, made: MadeUp) -> None:
        store = made.stores[1].id
        best, moved = (
            list(csv.reader(io.StringIO(b"".join(found.streaming_content).decode("utf-8-sig"))))[1:]
            for found in (owner_client.get(f"/value/?store={store}&list={name}&as=csv") for name in ("best", "moved"))
        )

        expected = most_valuable(access=Actor.system(), store_ids=[store], limit=None)
        assert [row[0] for row in best] == [str(card.customer_id) for card in expected]
        assert "王小明" not in str(best + moved)
        assert all("*" in row[1] for row in best)
        changes = [float(row[3].lstrip("'")) for row in moved]
        assert len(changes) > 10
        assert changes == sorted(changes, reverse=True)

    def test_its_lists_stay_with_who_may_not_export_people(
        self, owner_client: Client, owner_staff: Any, made: MadeUp
    ) -> None:
        owner_staff.role = "auditor"
        owner_staff.save()

        assert "as=csv" not in owner_client.get("/value/").content.decode()
        assert owner_client.get("/value/?as=csv").status_code == 403

    def test_one_store_shows_only_its_customers(self, owner_client: Client, made: MadeUp) -> None:
        store = made.stores[1].id

        text = owner_client.get(f"/value/?store={store}").content.decode()

        shown = {int(key) for key in re.findall(r'href="/customers/(\d+)/"', text)}
        assert shown
        assert shown <= {customer.id for customer in made.customers if customer.store_id == store}

    def test_who_may_not_see_customers_sees_numbers(self, client: Client, owner_staff: Any, made: MadeUp) -> None:
        owner_staff.role = "auditor"
        owner_staff.save()
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")

        text = client.get("/value/").content.decode()

        assert "/customers/" not in re.sub(r"<nav.*?</nav>", "", text, flags=re.DOTALL)

    def test_says_what_is_missing(self, owner_client: Client, settings: Any, tmp_path: Path) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"
        make_faithful(customers=40)
        follow_new_orders(actor=Actor.system(), now=NOW)

        text = owner_client.get("/value/").content.decode()

        assert "RFM" in text
        assert "data-chart" not in text


class TestCheckRoom:
    def test_says_in_words_and_charts_what_came_true(self, owner_client: Client, made: MadeUp) -> None:
        check = latest_check()
        assert check is not None

        text = owner_client.get("/value/check/").content.decode()

        assert re.findall(r'data-chart="(\w+)"', text) == ["weeks", "weeks", "pairs", "reliability", "pairs"]
        drawn = json.loads(re.findall(r'<script id="sums-values"[^>]*>(.*?)</script>', text)[0])
        assert drawn["actual"][-1] == sum(week["actual"] for week in check.checks["weekly"])
        assert check.checks["weekly"][drawn["held"]]["is_held_out"]
        assert f"{check.holdout['actual']:,}" in text
        assert "%(" not in text[: text.index('id="script-texts"')]

    def test_shows_which_groups_have_models_of_their_own(
        self, owner_client: Client, settings: Any, tmp_path: Path
    ) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"
        make_two_regions((EAGER, SLOW), customers=1_000)
        follow_new_orders(actor=Actor.system(), now=NOW)

        text = owner_client.get("/value/check/").content.decode()

        rows = re.findall(r'<td class="strong break">(\w+)</td>.*?</tr>', text, flags=re.DOTALL)
        assert sorted(rows) == ["North", "South"]
        fit = current_fit()
        assert fit is not None
        outcomes = [group[kind]["outcome"] for group in fit.choice["groups"] for kind in ("orders", "spend")]
        assert text.count('class="tag tag-accent"') == outcomes.count("used") > 0

    def test_says_what_is_missing(self, owner_client: Client, settings: Any, tmp_path: Path) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"
        make_faithful(customers=40)
        follow_new_orders(actor=Actor.system(), now=NOW)

        text = owner_client.get("/value/check/").content.decode()

        assert "RFM" in text
        assert "data-chart" not in text

    def test_charts_say_in_words_what_they_show(self, owner_client: Client, made: MadeUp) -> None:
        text = owner_client.get("/value/check/").content.decode()

        labels = re.findall(r'data-chart="\w+"[^>]*aria-label="([^"]*)"', text)
        assert len(labels) == 5
        assert all(len(label) > 15 for label in labels)


class TestCustomerPage:
    def test_shows_value_and_next_order_with_reasons(self, owner_client: Client, made: MadeUp) -> None:
        best = most_valuable(access=Actor.system(), limit=1)[0]
        once = next(v for v in most_valuable(access=Actor.system(), limit=None) if v.p_alive == 1)

        for card in (best, once):
            text = owner_client.get(f"/customers/{card.customer_id}/").content.decode()

            assert "未来一年价值" in text
            assert "下次下单" in text


@pytest.mark.browser
@pytest.mark.sqlite_only
class TestInABrowser:
    @pytest.mark.parametrize(("width", "language"), LOOKS)
    def test_is_well_made(self, visit: Callable[..., Visitor], made: MadeUp, width: str, language: str) -> None:
        visitor = visit(width=width, language=language, theme="dark" if width == "phone" else "light")
        best = most_valuable(access=Actor.system(), limit=1)[0]

        for address in ("/value/", "/value/check/", f"/customers/{best.customer_id}/"):
            visitor.open(address)
            visitor.assert_well_made()
