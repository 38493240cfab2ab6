"""The pages that explain the business: what they say, to whom, and that every amount leads to people."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from yutang.console import formats
from yutang.console.rooms.asked import Asked
from yutang.customers.models import Customer
from yutang.insight.models import Score
from yutang.insight.queries import latest_run

_PAGES = ("/business/why/", "/business/cohorts/", "/business/traffic/", "/business/funnel/")


@pytest.mark.django_db
class TestEmpty:
    @pytest.mark.parametrize("page", _PAGES)
    def test_pages_open(self, owner_client: Client, settings: Any, tmp_path: Path, page: str) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"

        assert owner_client.get(page).status_code == 200


@pytest.mark.usefixtures("small_shop")
class TestAddresses:
    @pytest.mark.once
    @pytest.mark.parametrize("page", ["/business/", *_PAGES, "/business/why/customers/"])
    def test_out_of_range_are_as_if_they_were_not_there(self, owner_client: Client, page: str) -> None:
        asked = ("", "until=0001-01-01", "until=1000-01-01", "until=9999-12-31", f"store={'9' * 30}")

        usual, *answers = (owner_client.get(f"{page}?days=365&part=buyers&{one}") for one in asked)

        assert usual.status_code == 200
        for answer in answers:
            assert (answer.status_code, answer.context["subtitle"]) == (200, usual.context["subtitle"])

    @pytest.mark.parametrize("address", ["/customers/?store=", "/customers/?tag=", "/today/?store=", "/jobs/?before="])
    def test_with_numbers_that_no_key_has_open(self, owner_client: Client, address: str) -> None:
        assert owner_client.get(address + "9" * 30).status_code == 200


@pytest.mark.usefixtures("small_shop")
class TestWhy:
    def test_any_two_periods_are_compared(self, owner_client: Client) -> None:
        asked = "from=2026-01-05&to=2026-02-03&against_from=2025-10-01&against_to=2025-10-15"

        page = owner_client.get(f"/business/why/?{asked}")

        change = page.context["subtitle"]
        assert all(day in change for day in ("2026-01-05", "2026-02-03", "2025-10-01", "2025-10-15"))
        kept = page.context["keep"]
        assert "days=30&until=2026-02-03" in kept
        assert "against_from=2025-10-01&against_to=2025-10-15" in kept

    def test_choosing_what_to_compare_with_ends_the_named_days(self, owner_client: Client) -> None:
        asked = "days=30&until=2026-02-03&against_from=2025-10-01&against_to=2025-10-15"

        page = owner_client.get(f"/business/why/?{asked}&against=previous")

        assert page.context["other"] is None
        assert "2025-12-06" in page.context["subtitle"]

    @pytest.mark.parametrize("asked", ["from=2026-02-03&to=2026-01-05", "from=x&to=y", "days=0", "days=99999"])
    def test_days_that_make_no_sense_are_as_if_they_were_not_there(self, owner_client: Client, asked: str) -> None:
        assert owner_client.get(f"/business/why/?{asked}").context["days_param"] == 30

    @pytest.mark.once
    @pytest.mark.parametrize("by", ["store", "region", "channel", "staff", "product", "all"])
    @pytest.mark.parametrize("formula", ["traffic", "buyers", "new_returning"])
    def test_every_breakdown_opens(self, owner_client: Client, by: str, formula: str) -> None:
        answer = owner_client.get(f"/business/why/?by={by}&formula={formula}&days=90&against=year")

        assert answer.status_code == 200

    def test_the_waterfall_ends_where_it_should(self, owner_client: Client) -> None:
        context = owner_client.get("/business/why/?by=store").context

        bars = context["waterfall"]["bars"]
        steps = sum(bar["amount"] for bar in bars if bar["kind"] != "total")
        assert bars[0]["amount"] + steps == pytest.approx(bars[-1]["amount"])
        assert context["waterfall"]["begin"] <= min(bar["base"] for bar in bars if bar["kind"] != "total")

    def test_footfall_becomes_the_first_factor(self, owner_client: Client) -> None:
        context = owner_client.get("/business/why/?by=store").context

        assert [tile["label"] for tile in context["tiles"]] == ["门店销售额", "客流量", "进店率", "转化率", "客单价"]
        traffic = context["tiles"][1]
        assert traffic["change"] < -0.3
        assert traffic["effect_news"] == "down"

    def test_an_amount_leads_to_the_customers_behind_it(self, owner_client: Client) -> None:
        page = owner_client.get("/business/why/?by=store&formula=buyers").content.decode()
        address = html.unescape(re.findall(r'class="amount[^"]*" href="([^"]+)"', page)[0])

        answer = owner_client.get(address)

        assert answer.status_code == 200
        assert answer.context["rows"]
        assert all("*" in row["name"] for row in answer.context["rows"])

    def test_a_manager_sees_the_own_store_only(self, manager_client: Client, stores: dict[str, Any]) -> None:
        context = manager_client.get("/business/why/?by=store").context

        assert [group["name"] for group in context["groups"]] == [stores["xuhui"].name]

    def test_an_auditor_sees_amounts_and_nobody_behind_them(self, client: Client, owner_staff: Any) -> None:
        owner_staff.role = "auditor"
        owner_staff.save()
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")

        page = client.get("/business/why/")

        assert page.context["groups"]
        assert all(not cell["url"] for group in page.context["groups"] for cell in group["cells"])
        assert client.get("/business/why/customers/?part=buyers").status_code == 403

    def test_an_unknown_part_is_refused(self, owner_client: Client) -> None:
        assert owner_client.get("/business/why/customers/?part=weather").status_code == 422

    def test_the_dashboard_says_the_causes(self, owner_client: Client) -> None:
        context = owner_client.get("/business/").context

        assert context["causes"].startswith("销售额")
        effects = [tile["effect"] for tile in context["tiles"][1:]]
        assert any(effects)

    def test_a_lake_of_an_older_version_still_shows_the_figures(
        self, owner_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from yutang.insight.queries import FiguresAreBehind, change

        def behind(*_: object) -> None:
            raise FiguresAreBehind(table="orders_shop")

        monkeypatch.setattr(change, "require_table", behind)
        monkeypatch.setattr(change, "kept_answer", lambda snapshot, *, name, key, compute: compute())

        dashboard, why = owner_client.get("/business/"), owner_client.get("/business/why/")

        assert dashboard.status_code == 200
        assert dashboard.context["tiles"]
        assert "causes" not in dashboard.context
        assert why.status_code == 409
        assert "yutang lake sync" in why.content.decode()


@pytest.mark.usefixtures("small_shop")
class TestCohortsAndTraffic:
    @pytest.mark.parametrize("by", ["month", "store", "channel", "product"])
    def test_cohorts_open_in_every_breakdown(self, owner_client: Client, by: str) -> None:
        context = owner_client.get(f"/business/cohorts/?by={by}&months=24").context

        shown = sum(row["size"] for row in context["cohorts"])
        assert shown == 40 or (by == "product" and context["cohort_rest"])
        assert context["waiting"]["share"] == sorted(context["waiting"]["share"])

    def test_traffic_tells_what_a_newcomer_cost(self, owner_client: Client) -> None:
        context = owner_client.get("/business/traffic/?days=365").context

        (own,) = context["rows"]
        assert own["name"] == "自有渠道"
        assert own["newcomers"] == "40"
        assert own["a_newcomer"] == "¥586.39"  # 190 days of 123.45 up to the last sale, by 40 people

    def test_each_number_of_traffic_leads_to_as_many_people(self, owner_client: Client) -> None:
        page = owner_client.get("/business/traffic/?days=60")
        (own,) = page.context["rows"]

        behind = {side: owner_client.get(url).context["summary"] for side, url in own["people"].items()}
        assert str(own["orders"]) in behind["all"]
        assert own["returning"] in behind["earlier"]
        assert "newcomers" not in behind
        assert own["people"]["all"].replace("&", "&amp;") in page.content.decode()

        (whole,) = owner_client.get("/business/traffic/?days=365").context["rows"]
        newcomers = owner_client.get(whole["people"]["newcomers"])
        assert len(newcomers.context["rows"]) == int(whole["newcomers"])
        assert whole["people"].keys() == {"all", "newcomers"}

    def test_a_manager_is_told_no_cost(self, manager_client: Client) -> None:
        context = manager_client.get("/business/traffic/?days=365").context

        assert not context["has_cost"]
        assert context["rows"]

    def test_the_page_of_a_customer_says_what_fits_or_why_not(self, owner_client: Client) -> None:
        from yutang.customers.models import Customer

        person = Customer.objects.filter(merged_into=None).first()
        assert person is not None

        context = owner_client.get(f"/customers/{person.pk}/").context

        assert context["next_things"] or context["next_reason"]


class TestRunningDay:
    """A part of a day is not set against whole days, and the page says which of the two one sees."""

    @pytest.mark.parametrize(
        ("today", "until", "words"),
        [
            (date(2026, 3, 9), None, "截至昨天"),
            (date(2026, 3, 9), date(2026, 3, 9), "今天还没有过完"),
            (date(2026, 3, 9), date(2026, 3, 8), ""),
            (date(2026, 3, 10), None, ""),
        ],
    )
    def test_is_left_out_or_said_to_be_running(self, today: date, until: date | None, words: str) -> None:
        last = until or min(date(2026, 3, 9), today - timedelta(days=1))
        asked = Asked(
            days=30,
            until=until,
            store_id=None,
            against="previous",
            stores=(),
            store_name="",
            is_whole_chain=True,
            today=today,
            last_day=last,
            known_until=date(2026, 3, 9),
        )

        with translation.override("zh-hans"):
            assert asked.running_note.startswith(words) if words else asked.running_note == ""

    @pytest.mark.usefixtures("small_shop")
    def test_days_without_an_end_are_told_in_the_help_of_the_numbers(self, owner_client: Client) -> None:
        for page in ("/business/", "/business/where/", "/business/why/"):
            assert "不把今天的一部分与整天比较" in owner_client.get(page).content.decode()


class TestLastDays:
    """What ends before a day is shown with its last day."""

    def test_an_end_is_shown_as_the_day_before(self) -> None:
        with translation.override("zh-hans"):
            assert (formats.day_before(date(2026, 2, 1)), formats.day_before(None)) == ("2026-01-31", "—")

    @pytest.mark.usefixtures("small_shop")
    def test_the_flow_of_stages_and_the_scores_end_with_the_last_known_day(self, owner_client: Client) -> None:
        run = latest_run()
        assert run is not None
        last = (run.as_of - timedelta(days=1)).isoformat()
        person = Customer.objects.filter(pk__in=Score.objects.values("pk"), merged_into=None).first()
        assert person is not None

        assert owner_client.get("/business/").context["flow_note"].endswith(last)
        assert owner_client.get(f"/customers/{person.pk}/").context["scores_as_of"] == last


@pytest.mark.usefixtures("small_shop")
class TestHalfKnown:
    """The shop's orders begin in September 2025: of a year there is no year before."""

    def test_nothing_is_compared_with_days_that_are_known_in_part(self, owner_client: Client) -> None:
        half = owner_client.get("/business/?days=90&until=2026-01-31")
        whole = owner_client.get("/business/?days=30")

        assert [tile["change"] for tile in half.context["tiles"]] == [None] * 4
        assert [tile["effect"] for tile in half.context["tiles"]] == [""] * 4
        page = half.content.decode()
        assert "2025-09-02 起才有订单数据" in page
        assert (page.count("上期数据不完整"), "上期无数据" in page) == (4, False)
        assert 'data-chart="waterfall"' not in page
        assert whole.context["tiles"][0]["change"] is not None
        assert 'data-chart="waterfall"' in whole.content.decode()

    def test_the_page_of_causes_says_so(self, owner_client: Client) -> None:
        assert "起才有订单数据" in owner_client.get("/business/why/?days=365").content.decode()
        assert "起才有订单数据" not in owner_client.get("/business/why/?days=30").content.decode()


@pytest.mark.usefixtures("small_shop")
class TestOwnStores:
    def test_a_manager_of_one_store_reads_its_name(self, manager_client: Client, stores: dict[str, Any]) -> None:
        for page in ("/business/", *_PAGES):
            answer = manager_client.get(page)
            # What is bought next is counted over the chain, and says so.
            assert "全部门店" not in answer.content.decode().replace("统计全部门店", "")
        assert manager_client.get("/business/").context["subtitle"].endswith(stores["xuhui"].name)

    def test_a_manager_of_several_reads_that_they_are_the_own_ones(
        self, manager_client: Client, manager_staff: Any, stores: dict[str, Any]
    ) -> None:
        manager_staff.stores.add(stores["pudong"])

        for page in ("/business/", "/customers/", "/today/"):
            text = manager_client.get(page).content.decode()
            assert ("您负责的门店" in text, "全部门店" in text) == (True, False)


@pytest.mark.usefixtures("small_shop")
class TestWithoutStores:
    @pytest.mark.parametrize("page", ["/business/", "/business/map/", "/visits/hours/"])
    def test_who_has_none_is_told_whom_to_ask(self, manager_client: Client, manager_staff: Any, page: str) -> None:
        manager_staff.stores.clear()

        shown = manager_client.get(page).content.decode()

        assert "还没有给您分配门店" in shown
        assert "最新的订单" not in shown
        assert "第一次导入" not in shown
