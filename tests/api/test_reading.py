"""Reading: pages, chosen fields, ETags, masked people, and the same reach as in the console."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import Program
from tests.coupons.conftest import people as arrived
from tests.importing import NOW
from yutang.customers import actions as people
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.segments import actions as segments


def all_pages(program: Program, path: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the items of every page of a list."""
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    pages = 0
    while cursor is not None:
        sign = "&" if "?" in path else "?"
        answer = program.get(f"{path}{sign}limit={limit}" + (f"&cursor={cursor}" if cursor else "")).json()
        assert len(answer["items"]) <= limit
        items += answer["items"]
        cursor = answer["next"]
        pages += 1
        assert pages < 200
    return items


@pytest.mark.django_db
class TestCustomers:
    def test_pages_hold_everybody_once(self, owner_program: Program, shop: None, stores: Any) -> None:
        for asked in ("", "sort=newest", "sort=last_order", "stage=loyal", "q=朱娜", f"store_id={stores['xuhui'].pk}"):
            whole = owner_program.get(f"/customers?limit=200&{asked}").json()
            paged = all_pages(owner_program, f"/customers?{asked}", limit=7)

            assert whole["next"] is None
            assert [one["id"] for one in paged] == [one["id"] for one in whole["items"]], asked
            assert len(paged) > 0, asked

    def test_are_those_of_the_console(
        self, owner_program: Program, shop: None, client: Client, owner_staff: Any
    ) -> None:
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")
        page = client.get("/customers/?sort=spend")

        shown = owner_program.get("/customers?sort=spend&limit=50").json()["items"]

        assert [one["id"] for one in shown] == [row["id"] for row in page.context["rows"]]
        assert [one["score"]["spend_minor"] for one in shown] == [row["spend_minor"] for row in page.context["rows"]]

    def test_who_came_after_the_scoring_stands_at_the_end(
        self, owner_program: Program, manager_program: Program, shop: None, stores: Any
    ) -> None:
        whole = [one["id"] for one in owner_program.get("/customers?limit=200").json()["items"]]
        newcomers = [key for store in stores.values() for key in arrived(3, store=store)]

        found = [one["id"] for one in owner_program.get("/customers?limit=200").json()["items"]]
        own = all_pages(manager_program, "/customers?", limit=1)

        assert found == [*whole, *reversed(newcomers)]
        for limit in (1, 4, len(whole)):
            assert [one["id"] for one in all_pages(owner_program, "/customers?", limit=limit)] == found
        assert [one["id"] for one in own][-3:] == sorted(
            Customer.objects.filter(store=stores["xuhui"], pk__in=newcomers).values_list("pk", flat=True), reverse=True
        )
        assert not set(newcomers) & {one["id"] for one in owner_program.get("/customers?stage=loyal").json()["items"]}

    def test_are_masked(self, owner_program: Program, shop: None) -> None:
        one = owner_program.get("/customers?q=朱娜").json()["items"][0]
        whole = owner_program.get(f"/customers/{one['id']}").json()

        told = str(one) + str(whole)
        assert "朱娜" not in told
        assert "1455000" not in told
        assert one["phone"].endswith(whole["phones"][0][-4:])

    def test_in_full_have_scores_and_what_they_spent(self, owner_program: Program, shop: None) -> None:
        listed = owner_program.get("/customers").json()["items"][0]

        whole = owner_program.get(f"/customers/{listed['id']}").json()

        assert whole["score"] == listed["score"]
        assert whole["score"]["reason"]
        assert whole["spent_minor"] == whole["score"]["spend_minor"] > 0
        assert whole["order_count"] == whole["score"]["orders"]

    def test_of_another_store_are_not_there(
        self, manager_program: Program, owner_program: Program, shop: None, stores: Any
    ) -> None:
        own = all_pages(manager_program, "/customers?sort=newest", limit=50)
        everybody = all_pages(owner_program, "/customers?sort=newest", limit=50)

        foreign = [one["id"] for one in everybody if one["store_id"] != stores["xuhui"].pk]
        assert {one["store_id"] for one in own} == {stores["xuhui"].pk}
        assert foreign
        for path in ("", "/orders", "/consents"):
            assert manager_program.get(f"/customers/{foreign[0]}{path}").status_code == 404
        assert manager_program.get(f"/customers?store_id={stores['pudong'].pk}").json()["items"] == []

    def test_show_only_chosen_fields(self, owner_program: Program, shop: None) -> None:
        listed = owner_program.get("/customers?fields=id,phone&limit=3").json()
        whole = owner_program.get(f"/customers/{listed['items'][0]['id']}?fields=store_id").json()

        assert [set(one) for one in listed["items"]] == [{"id", "phone"}] * 3
        assert set(whole) == {"store_id"}


@pytest.mark.django_db
class TestOrders:
    def test_of_a_customer_come_in_pages(self, owner_program: Program, shop: None) -> None:
        one = owner_program.get("/customers").json()["items"][0]

        found = all_pages(owner_program, f"/customers/{one['id']}/orders", limit=3)

        assert len(found) == one["score"]["orders"] > 3
        assert sum(order["total_minor"] - order["refunded_minor"] for order in found) == one["score"]["spend_minor"]
        assert all(order["customer_id"] == one["id"] and order["lines"] for order in found)

    def test_come_in_pages_and_by_number(self, owner_program: Program, shop: None) -> None:
        found = all_pages(owner_program, "/orders", limit=40)

        assert len({order["id"] for order in found}) == len(found) > 100
        assert owner_program.get("/orders?number=A00001").json()["items"][0]["number"] == "A00001"
        assert owner_program.get("/orders?number=NOWHERE").json() == {"items": [], "next": None}

    def test_of_other_stores_are_not_there(
        self, manager_program: Program, owner_program: Program, shop: None, stores: Any
    ) -> None:
        everything = all_pages(owner_program, "/orders", limit=200)
        people_of = {
            one["id"]: one["store_id"] for one in all_pages(owner_program, "/customers?sort=newest", limit=200)
        }
        own = all_pages(manager_program, "/orders", limit=33)

        expected = {one["id"] for one in everything if people_of.get(one["customer_id"]) == stores["xuhui"].pk}
        assert {one["id"] for one in own} == expected
        foreign = next(one["id"] for one in everything if one["id"] not in expected)
        assert manager_program.get(f"/orders/{foreign}").status_code == 404
        assert manager_program.get(f"/orders/{own[0]['id']}").json() == own[0]

    def test_of_a_store_are_found_beyond_the_part_of_one_call(
        self, owner_program: Program, shop: None, stores: Any, monkeypatch: Any
    ) -> None:
        whole = all_pages(owner_program, f"/orders?store_id={stores['xuhui'].pk}", limit=200)
        # Keys go on from test to test; a part is a twentieth of them.
        newest = max(one["id"] for one in all_pages(owner_program, "/orders", limit=200))
        monkeypatch.setattr("yutang.orders.queries._PART", newest // 20 + 1)

        in_parts = all_pages(owner_program, f"/orders?store_id={stores['xuhui'].pk}", limit=3)

        assert [one["id"] for one in in_parts] == [one["id"] for one in whole]


@pytest.mark.django_db
class TestEtags:
    def test_save_the_body_where_nothing_changed(self, owner_program: Program, shop: None) -> None:
        one = owner_program.get("/customers?limit=1").json()["items"][0]["id"]
        for path in ("/me", "/stores", "/customers", f"/customers/{one}", "/today", "/imports", "/segments"):
            tag = owner_program.get(path).headers["ETag"]

            again = owner_program.get(path, If_None_Match=tag)
            other = owner_program.get(path, If_None_Match='"another"')

            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag), path
            assert "Content-Type" not in again.headers
            assert other.status_code == 200

    def test_any_will_do_where_none_is_named_and_head_has_no_body(self, owner_program: Program, shop: None) -> None:
        whole = owner_program.get("/customers")
        head = owner_program.call("HEAD", "/customers")

        assert owner_program.get("/customers", If_None_Match="*").status_code == 304
        assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
        assert head.headers["Content-Length"] == str(len(whole.content))
        assert owner_program.call("HEAD", "/events").status_code == 405

    def test_change_with_the_thing(self, owner_program: Program, shop: None) -> None:
        one = owner_program.get("/customers?limit=1").json()["items"][0]["id"]
        before = owner_program.get(f"/customers/{one}").headers["ETag"]

        people.give_named_tag(actor=Actor.system(), group="偏好", name="棉", customer_id=one, now=NOW)

        assert owner_program.get(f"/customers/{one}").headers["ETag"] != before


@pytest.mark.django_db
class TestTheRest:
    def test_segments_are_counted_and_their_members_paged(
        self, owner_program: Program, manager_program: Program, shop: None, owner: Any, stores: Any
    ) -> None:
        rule = {"version": 1, "rule": {"field": "orders", "is": "at_least", "value": 3}}
        key = segments.save_segment(actor=owner, name="三单以上", rule=rule, now=NOW)

        everybody = all_pages(owner_program, f"/segments/{key}/members", limit=5)
        own = all_pages(manager_program, f"/segments/{key}/members", limit=5)

        assert owner_program.get(f"/segments/{key}/count").json()["people"] == len(everybody) > 5
        assert all(one["score"]["orders"] >= 3 for one in everybody)
        assert {one["store_id"] for one in own} == {stores["xuhui"].pk}
        assert manager_program.get(f"/segments/{key}/count").json()["people"] == len(own) < len(everybody)
        assert owner_program.get("/segments").json()["items"][0]["name"] == "三单以上"
        assert owner_program.get(f"/segments/{key}").json()["words"]

    def test_today_is_that_of_the_console(
        self, manager_program: Program, shop: None, client: Client, manager_staff: Any, stores: Any
    ) -> None:
        client.force_login(manager_staff, backend="django.contrib.auth.backends.ModelBackend")
        board = [
            next(
                one
                for one in client.get(f"/today/?all=1&column={column['code']}").context["columns"]
                if one["code"] == column["code"]
            )
            for column in client.get("/today/").context["columns"]
        ]

        told = manager_program.get("/today?limit=100").json()

        assert [one["id"] for one in told["items"]] == [task["id"] for column in board for task in column["tasks"]]
        assert told["open"] == len(told["items"]) > 0
        assert {one["store_id"] for one in told["items"]} == {stores["xuhui"].pk}
        assert told["totals"] == {column["code"]: column["count"] for column in board}

    def test_today_of_one_kind_is_read_page_by_page(self, owner_program: Program, shop: None) -> None:
        whole = owner_program.get("/today?limit=500").json()["items"]
        kind = Counter(one["kind"] for one in whole).most_common(1)[0][0]

        read = all_pages(owner_program, f"/today?kind={kind}", limit=2)

        assert [one["id"] for one in read] == [one["id"] for one in whole if one["kind"] == kind]
        assert len(read) > 2
        first = owner_program.get(f"/today?kind={kind}&limit=1").json()["next"]
        for other in ("", "&kind=birthday"):
            assert owner_program.get(f"/today?cursor={first}{other}").json()["code"] == "cursor_is_wrong"

    def test_today_of_a_kind_that_there_is_not_says_which_there_are(self, owner_program: Program, shop: None) -> None:
        answer = owner_program.get("/today?kind=birthdey")

        assert (answer.status_code, answer.json()["code"]) == (422, "no_such_kind_of_task")
        assert "birthday" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("asked", "status", "code"),
        [
            ("steps=viewed,Bought", 422, "funnel_step_is_wrong"),
            ("steps=viewed", 422, "funnel_steps_are_wrong"),
            ("steps=viewed,order:paid&within=1y", 422, "funnel_window_is_wrong"),
            ("steps=viewed,order:paid&start_date=2020-01-01&end_date=2026-01-01", 422, "funnel_period_is_wrong"),
            ("steps=viewed,order:paid&store_id=999999", 404, "store_is_out_of_reach"),
            ("steps=viewed@999999,order:paid", 404, "store_is_out_of_reach"),
        ],
    )
    def test_of_a_funnel_it_is_said_what_is_wrong(
        self, owner_program: Program, asked: str, status: int, code: str
    ) -> None:
        answer = owner_program.get(f"/insight/funnel?{asked}")

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_a_funnel_of_a_store_out_of_reach_is_refused(
        self, manager_program: Program, stores: dict[str, Store]
    ) -> None:
        answer = manager_program.get(f"/insight/funnel?store_id={stores['pudong'].pk}")

        assert (answer.status_code, answer.json()["code"]) == (404, "store_is_out_of_reach")

    def test_imports_add_up_and_show_their_kept_rows(self, owner_program: Program, shop: None) -> None:
        one = owner_program.get("/imports").json()["items"][0]

        rows = all_pages(owner_program, f"/imports/{one['id']}/rows", limit=2)

        counts = dict(one["rows"])
        assert counts.pop("read") == sum(counts.values())
        assert one["open_rows"] == len(rows) == 3
        assert rows[0]["reason"]
        assert {"column": "单价", "value": "两百"} in rows[0]["cells"]

    def test_jobs_are_for_who_manages_them(self, owner_program: Program, manager_program: Program, shop: None) -> None:
        assert owner_program.get("/jobs").status_code == 200
        assert manager_program.get("/jobs").status_code == 403

    def test_tags_count_people_within_reach(
        self, owner_program: Program, manager_program: Program, shop: None, stores: Any
    ) -> None:
        for one in owner_program.get("/customers?limit=10").json()["items"]:
            people.give_named_tag(actor=Actor.system(), group="偏好", name="棉", customer_id=one["id"], now=NOW)

        counted = [program.get("/tags").json()["items"][0]["people"] for program in (owner_program, manager_program)]

        assert counted[0] == 10
        assert 0 < counted[1] < 10


@pytest.mark.django_db
def test_the_description_is_open_to_everybody_and_says_whom_each_operation_lets_in(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()

    assert described["openapi"] == "3.1.0"
    for path, methods in described["paths"].items():
        for method, details in methods.items():
            assert "x-permission" in details, (method, path)
            assert {"401", "403", "422", "429"} <= set(details["responses"]), (method, path)
            assert details["security"], (method, path)
