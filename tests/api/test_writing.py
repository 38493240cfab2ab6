"""Writing: done once by its key, only when unchanged, and the same as in the console."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.api.conftest import Program
from tests.api.test_problems import assert_problem
from tests.importing import NOW
from yutang.api import actions as tokens
from yutang.api.models import KeptAnswer
from yutang.customers import actions as people
from yutang.customers.models import Consent, Customer, CustomerTag, ReviewCase
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry
from yutang.worklist.models import Proposal


@pytest.fixture
def tag(db: None) -> int:
    """A tag given by hand."""
    return people.create_tag_in(actor=Actor.system(), group="偏好", name="棉", now=NOW)


@pytest.fixture
def customer(stores: Any) -> Customer:
    """Somebody of the Xuhui store."""
    return made(stores["xuhui"])


def made(store: Any) -> Customer:
    from yutang.foundation.sealing import seal

    return Customer.objects.create(sealed_profile=seal({"name": "李静"}), store=store, first_seen_at=NOW)


@pytest.mark.django_db
class TestOnce:
    def test_the_same_call_again_is_told_again(self, owner_program: Program, customer: Customer) -> None:
        body = {
            "purpose": "promotion", "channel": "sms", "granted": True, "wording_version": "v1", "evidence": "form 7",
        }  # fmt: skip
        path = f"/customers/{customer.pk}/consents"

        first = owner_program.post(path, body, Idempotency_Key="till-1")
        second = owner_program.post(path, body, Idempotency_Key="till-1")

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert second.headers["Idempotency-Replayed"] == "true"
        assert second.headers["ETag"] == first.headers["ETag"]
        assert Consent.objects.count() == 1

    def test_another_body_under_the_key_is_refused(self, owner_program: Program, customer: Customer, tag: int) -> None:
        owner_program.call("PUT", f"/customers/{customer.pk}/tags/{tag}", Idempotency_Key="k")

        other = owner_program.call("DELETE", f"/customers/{customer.pk}/tags/{tag}", Idempotency_Key="k")

        assert_problem(other, 409, "idempotency_key_is_taken")
        assert CustomerTag.objects.count() == 1

    def test_keys_are_each_token_s_own(
        self, program_of: Callable[..., Program], owner_staff: Any, customer: Customer, tag: int
    ) -> None:
        for program in (program_of(owner_staff), program_of(owner_staff)):
            answer = program.call("PUT", f"/customers/{customer.pk}/tags/{tag}", Idempotency_Key="k")
            assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (200, False)

    def test_after_a_day_the_key_is_free(self, owner_program: Program, customer: Customer, tag: int) -> None:
        path = f"/customers/{customer.pk}/tags/{tag}"
        owner_program.call("PUT", path, Idempotency_Key="k")
        KeptAnswer.objects.update(answered_at=timezone.now() - timedelta(hours=25))

        again = owner_program.call("DELETE", path, Idempotency_Key="k")

        assert again.status_code == 200
        assert CustomerTag.objects.count() == 0

    def test_old_answers_are_forgotten(self, owner_program: Program, customer: Customer, tag: int) -> None:
        owner_program.call("PUT", f"/customers/{customer.pk}/tags/{tag}")
        now = timezone.now()

        assert tokens.forget_answers(actor=Actor.system(), now=now) == 0
        assert tokens.forget_answers(actor=Actor.system(), now=now + timedelta(hours=25)) == 1

    def test_a_refused_call_may_be_sent_again(self, owner_program: Program, customer: Customer) -> None:
        path, key = f"/customers/{customer.pk}/tags/1", {"Idempotency_Key": "k"}
        assert owner_program.call("PUT", path, **key).status_code == 404

        tag = people.create_tag_in(actor=Actor.system(), group="偏好", name="棉", now=NOW)

        assert owner_program.call("PUT", f"/customers/{customer.pk}/tags/{tag}", **key).status_code == 200

    @pytest.mark.parametrize("key", ["", "x" * 201, "钥匙", "two words"])
    def test_a_key_is_printable(self, owner_program: Program, customer: Customer, tag: int, key: str) -> None:
        answer = owner_program.call("PUT", f"/customers/{customer.pk}/tags/{tag}", Idempotency_Key=key)

        assert_problem(answer, 400, "idempotency_key_is_missing")
        assert CustomerTag.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_calls_at_the_same_moment_one_is_done(owner_program: Program, stores: Any) -> None:
    customer = made(stores["xuhui"])
    body = {"purpose": "service", "channel": "any", "granted": True, "wording_version": "v1", "evidence": "call"}
    answers: list[Any] = []

    def call() -> None:
        program = Program(owner_program.token)
        answers.append(program.post(f"/customers/{customer.pk}/consents", body, Idempotency_Key="one"))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Consent.objects.count() == 1
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.django_db
class TestConditions:
    def test_a_changed_customer_is_not_changed_blindly(
        self, owner_program: Program, customer: Customer, tag: int
    ) -> None:
        seen = owner_program.get(f"/customers/{customer.pk}").headers["ETag"]
        people.give_named_tag(actor=Actor.system(), group="偏好", name="麻", customer_id=customer.pk, now=NOW)

        answer = owner_program.call("PUT", f"/customers/{customer.pk}/tags/{tag}", If_Match=seen)

        assert_problem(answer, 412, "it_has_changed")
        assert not CustomerTag.objects.filter(tag_id=tag).exists()

    def test_an_unchanged_one_is(self, owner_program: Program, customer: Customer, tag: int) -> None:
        seen = owner_program.get(f"/customers/{customer.pk}").headers["ETag"]

        answer = owner_program.call("PUT", f"/customers/{customer.pk}/tags/{tag}", If_Match=seen)

        assert answer.status_code == 200
        assert [one["name"] for one in answer.json()["tags"]] == ["棉"]


@pytest.mark.django_db
class TestToday:
    def test_is_done_put_off_and_dismissed(self, manager_program: Program, shop: None, manager_staff: Any) -> None:
        first, second, third = manager_program.get("/today?limit=100").json()["items"][:3]
        outcome = first["outcomes"][0]["code"]
        until = (timezone.localdate() + timedelta(days=3)).isoformat()

        done = manager_program.post(f"/proposals/{first['id']}/done", {"outcome": outcome, "note": " 很满意 "})
        snoozed = manager_program.post(f"/proposals/{second['id']}/snooze", {"until": until})
        dismissed = manager_program.post(f"/proposals/{third['id']}/dismiss", {"outcome": "other"})

        assert (done.json()["status"], done.json()["note"]) == ("done", "很满意")
        assert (snoozed.json()["status"], snoozed.json()["snoozed_until"]) == ("snoozed", until)
        assert dismissed.json()["status"] == "not_useful"
        assert Proposal.objects.get(pk=first["id"]).closed_by_id == manager_staff.pk
        assert AuditEntry.objects.filter(actor=manager_staff, action__startswith="worklist.").count() == 3
        assert manager_program.get(f"/proposals/{first['id']}").json() == done.json()

    def test_refuses_what_the_kind_does_not_know(self, manager_program: Program, shop: None) -> None:
        one = manager_program.get("/today").json()["items"][0]

        wrong = manager_program.post(f"/proposals/{one['id']}/done", {"outcome": "cured"})
        early = manager_program.post(f"/proposals/{one['id']}/snooze", {"until": "2020-01-01"})
        stale = manager_program.post(
            f"/proposals/{one['id']}/dismiss", {"outcome": "other"}, If_Match='"000000000000000000000000"'
        )

        assert_problem(wrong, 422, "outcome_is_unknown")
        assert_problem(early, 422, "snooze_is_wrong")
        assert_problem(stale, 412, "it_has_changed")

    def test_of_other_stores_is_not_there(
        self, manager_program: Program, owner_program: Program, shop: None, stores: Any
    ) -> None:
        foreign = owner_program.get(f"/today?store_id={stores['pudong'].pk}").json()["items"][0]["id"]

        for path, body in (
            ("done", {"outcome": "x"}), ("dismiss", {"outcome": "other"}), ("snooze", {"until": "2026-12-31"})
        ):  # fmt: skip
            assert_problem(manager_program.post(f"/proposals/{foreign}/{path}", body), 404, "proposal_not_found")
        assert Proposal.objects.get(pk=foreign).status == "open"


@pytest.mark.django_db
class TestTagsAndConsents:
    def test_tags_are_given_and_taken(self, manager_program: Program, customer: Customer, tag: int) -> None:
        path = f"/customers/{customer.pk}/tags/{tag}"

        given = manager_program.call("PUT", path).json()
        twice = manager_program.call("PUT", path).json()
        taken = manager_program.call("DELETE", path).json()

        assert [one["id"] for one in given["tags"]] == [one["id"] for one in twice["tags"]] == [tag]
        assert taken == {"customer_id": customer.pk, "tags": []}

    def test_of_who_was_found_to_be_another_are_refused(
        self, owner_program: Program, stores: Any, customer: Customer, tag: int
    ) -> None:
        other = made(stores["xuhui"])
        people.merge_customers(actor=Actor.system(), first_id=customer.pk, second_id=other.pk, now=NOW)

        answer = owner_program.call("PUT", f"/customers/{other.pk}/tags/{tag}")

        assert_problem(answer, 409, "already_merged")
        assert owner_program.get(f"/customers/{other.pk}").json()["merged_into_id"] == customer.pk

    def test_of_people_of_other_stores_are_not_touched(self, manager_program: Program, stores: Any, tag: int) -> None:
        foreign = made(stores["pudong"])
        consent = {"purpose": "service", "channel": "any", "granted": True, "wording_version": "v", "evidence": "e"}

        assert manager_program.call("PUT", f"/customers/{foreign.pk}/tags/{tag}").status_code == 404
        assert manager_program.call("DELETE", f"/customers/{foreign.pk}/tags/{tag}").status_code == 404
        assert manager_program.post(f"/customers/{foreign.pk}/consents", consent).status_code == 404
        assert (CustomerTag.objects.count(), Consent.objects.count()) == (0, 0)

    def test_consents_are_recorded_and_withdrawn(
        self, manager_program: Program, customer: Customer, manager_staff: Any
    ) -> None:
        said = {"purpose": "promotion", "channel": "sms", "wording_version": "v1", "evidence": "短信回复"}
        path = f"/customers/{customer.pk}/consents"

        manager_program.post(path, {**said, "granted": True, "occurred_at": "2026-01-05T10:00:00+08:00"})
        manager_program.post(path, {**said, "granted": False})

        told = manager_program.get(path).json()["items"]
        assert [one["granted"] for one in told] == [False, True]
        assert told[1]["occurred_at"] == "2026-01-05T02:00:00Z"
        assert told[0]["recorded_by"] == "李店长"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"purpose": "sale"},
            {"channel": "pigeon"},
            {"evidence": ""},
            {"occurred_at": "2026-01-05T10:00:00"},
            {"occurred_at": "2999-01-01T00:00:00Z"},
            {"recorded_by": 1},
        ],
    )
    def test_consents_that_prove_nothing_are_refused(
        self, manager_program: Program, customer: Customer, wrong: dict[str, Any]
    ) -> None:
        said = {"purpose": "service", "channel": "any", "granted": True, "wording_version": "v1", "evidence": "e"}

        answer = manager_program.post(f"/customers/{customer.pk}/consents", {**said, **wrong})

        assert answer.status_code == 422
        assert Consent.objects.count() == 0


@pytest.mark.django_db
class TestReviews:
    def test_are_decided_once(self, owner_program: Program, stores: Any) -> None:
        case = open_case(stores["xuhui"])

        listed = owner_program.get("/reviews").json()["items"]
        one = owner_program.get(f"/reviews/{case.pk}")
        decided = owner_program.post(
            f"/reviews/{case.pk}/decision", {"decision": "merged"}, If_Match=one.headers["ETag"]
        )
        again = owner_program.post(f"/reviews/{case.pk}/decision", {"decision": "kept_apart"})

        assert listed == [one.json()]
        assert one.json()["first"]["name"] == "李*"
        assert decided.json() == {"id": case.pk, "decision": "merged"}
        assert Customer.objects.get(pk=case.second_id).merged_into_id == case.first_id
        assert_problem(again, 409, "case_is_decided")
        assert_problem(owner_program.get(f"/reviews/{case.pk}"), 404, "no_such_case")

    def test_of_other_stores_are_not_there(self, service_of: Callable[..., Program], stores: Any) -> None:
        case = open_case(stores["pudong"])
        program = service_of("review.decide", "customers.view", store_codes=["SH01"])

        assert program.get("/reviews").json()["items"] == []
        assert program.get(f"/reviews/{case.pk}").status_code == 404
        assert program.post(f"/reviews/{case.pk}/decision", {"decision": "merged"}).status_code == 404


def open_case(store: Any) -> ReviewCase:
    reason = {"template": "They share a phone.", "values": {}}
    return ReviewCase.objects.create(
        first=made(store), second=made(store), kind="names_differ", reason=reason, opened_at=NOW
    )
