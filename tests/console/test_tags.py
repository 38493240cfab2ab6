"""The room of tags: what is there, how it is made and changed, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.customers.rows import NOW, resolve
from yutang.customers import actions
from yutang.customers.models import Customer, CustomerTag, Tag, TagGroup
from yutang.foundation.access import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(stores: dict[str, Any]) -> list[int]:
    """Two people of the Xuhui store and one of the Tianhe store."""
    shops = ("xuhui", "xuhui", "tianhe")
    return [i or 0 for i in resolve(*({"member_no": f"9{n}", "store_id": stores[s].id} for n, s in enumerate(shops)))]


def make(name: str, **way: Any) -> int:
    return actions.create_tag_in(actor=Actor.system(), group="偏好", name=name, now=NOW, **way)


class TestList:
    def test_shows_how_each_is_given_and_how_many_carry_it(self, owner_client: Client, people: list[int]) -> None:
        hand = make("连衣裙", expires_after_days=30)
        make("老客", rule={"all": [{"field": "stage", "is": "in", "value": ["loyal"]}, SPENT]})
        TagGroup.objects.create(name="空组")
        actions.give_tag(actor=Actor.system(), tag_id=hand, customer_ids=people, now=NOW)
        Customer.objects.filter(pk=people[1]).update(merged_into=people[0])

        page = owner_client.get("/tags/")

        groups = page.context["groups"]
        assert [(group["name"], len(group["tags"])) for group in groups] == [("偏好", 2), ("空组", 0)]
        assert [(tag["name"], tag["people"], tag["days"]) for tag in groups[0]["tags"]] == [
            ("连衣裙", 2, "30 天后到期"), ("老客", 0, "")
        ]  # fmt: skip
        assert groups[0]["tags"][1]["rule"] == ["阶段：老铁", "消费不少于 ¥5,000.00"]

    def test_counts_only_people_of_the_own_store(self, manager_client: Client, people: list[int]) -> None:
        tag = make("连衣裙")
        actions.give_tag(actor=Actor.system(), tag_id=tag, customer_ids=people, now=NOW)

        page = manager_client.get("/tags/")

        assert page.context["groups"][0]["tags"][0]["people"] == 2
        assert "/tags/new/" not in page.content.decode()


SPENT = {"field": "spend_minor", "is": "at_least", "value": 500_000}


class TestMaking:
    def test_a_tag_by_rule(self, owner_client: Client) -> None:
        said = {
            "group": "经营",
            "name": "沉睡大客户",
            "way": "rule",
            "stages": ["asleep", "lost"],
            "spend_at_least": "5000",
        }

        answer = owner_client.post("/tags/new/", said)

        tag = Tag.objects.get()
        assert answer.status_code == 302
        assert (tag.group.name, tag.name, tag.expires_after_days) == ("经营", "沉睡大客户", None)
        assert tag.rule == {"all": [{"field": "stage", "is": "in", "value": ["asleep", "lost"]}, SPENT]}

    def test_a_tag_by_hand_that_ends(self, owner_client: Client) -> None:
        owner_client.post("/tags/new/", {"group": "活动", "name": "双十一", "way": "hand", "days": "30"})

        assert Tag.objects.values_list("group__name", "name", "rule", "expires_after_days").get() == (
            "活动", "双十一", None, 30
        )  # fmt: skip

    @pytest.mark.parametrize(
        "said",
        [
            {"name": "长" * 61},
            {"name": ""},
            {"way": "rule"},
            {"way": "rule", "orders_at_least": "many"},
            {"way": "rule", "spend_at_least": "NaN"},
            {"way": "rule", "spend_at_least": "-1"},
            {"days": "0"},
            {"days": "99999"},
            {"group": ""},
        ],
        ids=str,
    )
    def test_refused_it_leaves_nothing_and_keeps_what_was_written(
        self, owner_client: Client, said: dict[str, Any]
    ) -> None:
        answer = owner_client.post("/tags/new/", {"group": "新组", "name": "新标签", "way": "hand", **said})

        assert answer.status_code == 422
        assert answer.context["error"]
        assert answer.context["values"]["way"] == said.get("way", "hand")
        assert (TagGroup.objects.count(), Tag.objects.count()) == (0, 0)

    def test_not_with_a_rule_for_a_manager_of_one_store(self, manager_client: Client) -> None:
        said = {"group": "经营", "name": "大客户", "way": "rule", "spend_at_least": "5000"}

        answer = manager_client.post("/tags/new/", said)

        assert answer.status_code == 403
        assert not TagGroup.objects.exists()


class TestChanging:
    def test_a_form_shows_what_is_kept_and_saves_it_unchanged(self, owner_client: Client) -> None:
        rule = {"all": [{"field": "stage", "is": "in", "value": ["new"]}, SPENT]}
        tag_id = make("新大客户", rule=rule)
        form = owner_client.get(f"/tags/{tag_id}/").context
        written = {one["name"]: one["value"] for one in form["numbers"] if one["value"] != ""}
        stages = [one["code"] for one in form["stages"] if one["on"]]

        owner_client.post(f"/tags/{tag_id}/", {"name": "新大客户", "way": "rule", "stages": stages, **written})

        assert written == {"spend_at_least": "5000"}
        assert Tag.objects.get().rule == rule

    def test_a_rule_decides_alone_and_without_it_everybody_keeps_the_tag(
        self, owner_client: Client, people: list[int]
    ) -> None:
        tag_id = make("老客")
        actions.give_tag(actor=Actor.system(), tag_id=tag_id, customer_ids=people[:1], now=NOW)
        owner_client.post(f"/tags/{tag_id}/", {"name": "老客", "way": "rule", "orders_at_least": "3"})
        actions.assign_rule_tag(actor=Actor.system(), tag_id=tag_id, customer_ids=people[1:], now=NOW)
        by_rule = set(CustomerTag.objects.values_list("customer_id", "origin"))

        owner_client.post(f"/tags/{tag_id}/", {"name": "老客", "way": "hand"})

        assert by_rule == {(person, "rule") for person in people[1:]}
        assert set(CustomerTag.objects.values_list("customer_id", "origin")) == {(p, "manual") for p in people[1:]}

    def test_groups_are_made_and_renamed(self, owner_client: Client) -> None:
        owner_client.post("/tags/groups/new/", {"name": "经营"})
        group = TagGroup.objects.get()
        owner_client.post(f"/tags/groups/{group.pk}/", {"name": "客户经营"})
        refused = owner_client.post(f"/tags/groups/{group.pk}/", {"name": "x" * 61})

        assert TagGroup.objects.get().name == "客户经营"
        assert refused.status_code == 422

    def test_what_is_not_there_is_not_found(self, owner_client: Client) -> None:
        assert owner_client.get("/tags/7/").status_code == 404
        assert owner_client.post("/tags/groups/7/", {"name": "x"}).status_code == 404


class TestOnAPerson:
    def test_a_name_too_long_leaves_no_group_behind_and_the_next_one_is_taken(
        self, owner_client: Client, people: list[int]
    ) -> None:
        owner_client.post(f"/customers/{people[0]}/tags/", {"group": "注意", "name": "长" * 61})
        after_refusal = TagGroup.objects.count()
        TagGroup.objects.create(name="注意")

        owner_client.post(f"/customers/{people[0]}/tags/", {"group": "注意", "name": "过敏"})

        assert after_refusal == 0
        assert CustomerTag.objects.values_list("customer_id", "tag__name").get() == (people[0], "过敏")

    def test_a_new_name_for_somebody_out_of_reach_leaves_nothing(
        self, manager_client: Client, people: list[int]
    ) -> None:
        assert manager_client.post(f"/customers/{people[2]}/tags/", {"name": "过敏"}).status_code == 404
        assert not Tag.objects.exists()
