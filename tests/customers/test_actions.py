"""Tags, consent and unmasking: who may, what is kept, what is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.customers.rows import NOW, phone, resolve
from yutang.customers import actions, queries
from yutang.customers.actions.consents import ConsentIsIncomplete, ConsentIsInTheFuture
from yutang.customers.actions.people import ReasonIsMissing
from yutang.customers.actions.tags import NoSuchTag, TagHasNoRule, TagIsGivenByRule, TagNameIsWrong
from yutang.customers.models import CustomerTag
from yutang.customers.queries import NoSuchCustomer
from yutang.customers.tag_rules import RuleIsInvalid, checked_rule
from yutang.foundation.access import Actor, NotAllowed
from yutang.foundation.models import AuditEntry

pytestmark = pytest.mark.django_db

SLEEPING = {
    "all": [{"field": "stage", "is": "in", "value": ["silent"]}, {"field": "orders", "is": "at_least", "value": 3}]
}


@pytest.fixture
def people(stores: dict[str, Any]) -> list[int]:
    """Two people of the Xuhui store and one of the Tianhe store."""
    found = resolve(
        {"member_no": "1", "name": "张三", "phone": phone(1), "address": "星澜街1号", "store_id": stores["xuhui"].id},
        {"member_no": "2", "store_id": stores["xuhui"].id},
        {"member_no": "3", "store_id": stores["tianhe"].id},
    )
    return [i or 0 for i in found]


@pytest.fixture
def group(owner: Actor) -> int:
    """A group of tags."""
    return actions.create_tag_group(actor=owner, name="偏好", now=NOW)


class TestTags:
    def test_are_given_and_taken_within_reach(
        self, owner: Actor, manager: Actor, people: list[int], group: int
    ) -> None:
        tag = actions.create_tag(actor=owner, group_id=group, name="连衣裙", now=NOW)

        assert actions.give_tag(actor=manager, tag_id=tag, customer_ids=people, now=NOW) == 2
        assert actions.give_tag(actor=owner, tag_id=tag, customer_ids=people, now=NOW) == 1
        assert [view.name for view in queries.tags_of(access=owner, customer_id=people[0])] == ["连衣裙"]
        assert actions.take_tag(actor=manager, tag_id=tag, customer_ids=people, now=NOW) == 2
        assert [entry.detail for entry in AuditEntry.objects.filter(action="customers.take_tag")] == [{"people": 2}]

    def test_expire(self, owner: Actor, people: list[int], group: int) -> None:
        tag = actions.create_tag(actor=owner, group_id=group, name="活动", expires_after_days=7, now=NOW)
        actions.give_tag(actor=owner, tag_id=tag, customer_ids=people, now=NOW)

        assert actions.expire_tags(actor=Actor.system(), now=NOW + timedelta(days=6)) == 0
        assert actions.expire_tags(actor=Actor.system(), now=NOW + timedelta(days=7)) == 3

    def test_by_rule_follow_the_rule_only(self, owner: Actor, people: list[int], group: int) -> None:
        tag = actions.create_tag(actor=owner, group_id=group, name="沉睡", rule=SLEEPING, now=NOW)

        assert actions.assign_rule_tag(actor=owner, tag_id=tag, customer_ids=people[:2], now=NOW) == (2, 0)
        assert actions.assign_rule_tag(actor=owner, tag_id=tag, customer_ids=people[1:], now=NOW) == (1, 1)
        assert set(CustomerTag.objects.values_list("customer_id", flat=True)) == set(people[1:])
        with pytest.raises(TagIsGivenByRule):
            actions.give_tag(actor=owner, tag_id=tag, customer_ids=people, now=NOW)
        assert queries.tag_choices()[0].rule == SLEEPING

    def test_refuse_what_makes_no_sense(self, owner: Actor, people: list[int], group: int) -> None:
        tag = actions.create_tag(actor=owner, group_id=group, name="外套", now=NOW)

        for name in ("", "x" * 61, "外套"):
            with pytest.raises(TagNameIsWrong):
                actions.create_tag(actor=owner, group_id=group, name=name, now=NOW)
        with pytest.raises(NoSuchTag):
            actions.give_tag(actor=owner, tag_id=99, customer_ids=people, now=NOW)
        with pytest.raises(TagHasNoRule):
            actions.assign_rule_tag(actor=owner, tag_id=tag, customer_ids=people, now=NOW)
        with pytest.raises(NotAllowed):
            actions.create_tag_group(actor=Actor(None, "analyst", None, "x"), name="y", now=NOW)

    @pytest.mark.parametrize(
        "rule",
        [
            None,
            {},
            {"all": []},
            {"all": [{"field": "name", "is": "in", "value": ["x"]}]},
            {"all": [{"field": "orders", "is": "in", "value": ["x"]}]},
            {"all": [{"field": "orders", "is": "at_least", "value": -1}]},
            {"all": [{"field": "stage", "is": "in", "value": []}]},
        ],
    )
    def test_have_rules_that_can_be_read(self, rule: Any) -> None:
        with pytest.raises(RuleIsInvalid):
            checked_rule(rule)


class TestConsent:
    def said(self, **changes: Any) -> dict[str, Any]:
        return {
            "purpose": "promotion", "channel": "sms", "wording_version": "2026-01", "evidence": "signed card",
            "occurred_at": NOW, "now": NOW, **changes,
        }  # fmt: skip

    def test_is_given_and_withdrawn(self, manager: Actor, people: list[int]) -> None:
        actions.record_consent(actor=manager, customer_id=people[0], **self.said())
        assert queries.consent_state(access=manager, customer_id=people[0]) == {("promotion", "sms"): True}

        actions.withdraw_consent(actor=manager, customer_id=people[0], **self.said())
        assert queries.consent_state(access=manager, customer_id=people[0]) == {("promotion", "sms"): False}
        assert AuditEntry.objects.filter(subject_id=str(people[0])).count() == 2

    def test_is_refused_without_evidence_and_out_of_reach(self, manager: Actor, people: list[int]) -> None:
        for changes in ({"evidence": " "}, {"purpose": "spam"}, {"channel": "fax"}, {"wording_version": ""}):
            with pytest.raises(ConsentIsIncomplete):
                actions.record_consent(actor=manager, customer_id=people[0], **self.said(**changes))
        with pytest.raises(ConsentIsInTheFuture):
            actions.record_consent(actor=manager, customer_id=people[0], **self.said(occurred_at=NOW + timedelta(1)))
        with pytest.raises(NoSuchCustomer):
            actions.record_consent(actor=manager, customer_id=people[2], **self.said())


class TestUnmask:
    def test_shows_the_person_and_writes_down_why(self, manager: Actor, people: list[int]) -> None:
        clear = actions.unmask_customer(actor=manager, customer_id=people[0], reason="call back", now=NOW)

        assert (clear.name, clear.phones, clear.address) == ("张三", (phone(1),), "星澜街1号")
        entry = AuditEntry.objects.get(action="customers.unmask")
        assert (entry.subject_id, entry.detail) == (str(people[0]), {"reason": "call back"})

    def test_is_refused_without_reason_permission_or_reach(self, manager: Actor, people: list[int]) -> None:
        with pytest.raises(ReasonIsMissing):
            actions.unmask_customer(actor=manager, customer_id=people[0], reason=" ", now=NOW)
        with pytest.raises(NoSuchCustomer):
            actions.unmask_customer(actor=manager, customer_id=people[2], reason="x", now=NOW)
        with pytest.raises(NotAllowed):
            actions.unmask_customer(actor=Actor(None, "analyst", None, "x"), customer_id=people[0], reason="x", now=NOW)
        assert not AuditEntry.objects.exists()
