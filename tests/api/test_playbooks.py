"""Playbooks through the API: written, started, paused, resumed, and people and groups let in, each call done once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Program
from tests.api.test_problems import assert_problem
from tests.api.test_writing import made
from tests.channels.conftest import make_person
from tests.journeys.conftest import make_group
from yutang.journeys.models import Enrolment, Playbook

pytestmark = pytest.mark.django_db

STEPS = [{"id": "p", "do": "wait", "days": 3}]
DEFINITION = {"format": 1, "trigger": {"kind": "hand"}, "holdout_percent": 0, "steps": STEPS}


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def book(owner_program: Program) -> int:
    answer = owner_program.post("/playbooks", {"name": "三天", "definition": DEFINITION})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/playbooks/{answer.json()['id']}"
    return int(answer.json()["id"])


def test_is_a_draft_until_it_is_started_and_then_runs_pauses_and_goes_on(owner_program: Program, book: int) -> None:
    states = [owner_program.get(f"/playbooks/{book}").json()["state"]]
    for action in ("start", "pause", "resume"):
        answer = owner_program.post(f"/playbooks/{book}/{action}", {})
        states.append(answer.json()["state"])
    again = owner_program.post(f"/playbooks/{book}/resume", {})

    assert states == ["draft", "running", "paused", "running"]
    assert_problem(again, 409, "playbook_is_not_in_that_state")


def test_a_ready_one_is_taken_in_a_language(owner_program: Program) -> None:
    answer = owner_program.post("/playbooks", {"ready": "group_warm_up", "language": "en"})

    assert (answer.status_code, answer.json()["subject"]) == (201, "group")
    assert answer.json()["draft"]["steps"][0]["words"].startswith("Welcome")
    assert [one["name"] for one in owner_program.get("/playbooks").json()["items"]] == [answer.json()["name"]]


def test_the_draft_is_put_only_as_it_was_read_and_faults_are_named(owner_program: Program, book: int) -> None:
    read = owner_program.get(f"/playbooks/{book}")
    changed = {**DEFINITION, "steps": [*STEPS, {"id": "over", "do": "end"}]}
    put = owner_program.call("PUT", f"/playbooks/{book}/draft", {"definition": changed}, If_Match=read.headers["ETag"])
    late = owner_program.call("PUT", f"/playbooks/{book}/draft", {"definition": changed}, If_Match=read.headers["ETag"])
    wrong = owner_program.call(
        "PUT", f"/playbooks/{book}/draft", {"definition": {**DEFINITION, "steps": [{"id": "x", "do": "fly"}]}}
    )

    assert [one["id"] for one in put.json()["draft"]["steps"]] == ["p", "over"]
    assert late.status_code == 412
    assert_problem(wrong, 422, "playbook_definition_is_wrong")
    assert len(Playbook.objects.get().draft["steps"]) == 2


class TestEnrolling:
    def test_lets_people_in_once(self, owner_program: Program, book: int, stores: Any) -> None:
        one = made(stores["xuhui"]).pk
        owner_program.post(f"/playbooks/{book}/start", {})
        body = {"customer_ids": [one], "occasion": "crm-1"}

        first = owner_program.post(f"/playbooks/{book}/enrol", body, Idempotency_Key="a")
        told_again = owner_program.post(f"/playbooks/{book}/enrol", body, Idempotency_Key="a")
        again = owner_program.post(f"/playbooks/{book}/enrol", body, Idempotency_Key="b")

        assert first.json() == told_again.json() == {
            "playbook_id": book, "entered": 1, "held_out": 0, "not_let_in": 0, "unreached": 0,
        }  # fmt: skip
        assert again.json()["not_let_in"] == 1
        assert Enrolment.objects.count() == 1

    def test_lets_groups_into_one_about_groups(self, owner_program: Program) -> None:
        body = {"name": "群", "definition": {**DEFINITION, "subject": "group"}}
        key = owner_program.post("/playbooks", body).json()["id"]
        owner_program.post(f"/playbooks/{key}/start", {})
        group = make_group("g1")

        answer = owner_program.post(f"/playbooks/{key}/enrol", {"group_keys": [group], "occasion": "o"})
        people = owner_program.post(f"/playbooks/{key}/enrol", {"customer_ids": [], "occasion": "o"})

        assert answer.json()["entered"] == 1
        assert_problem(people, 409, "playbook_is_not_in_that_state")

    def test_refuses_who_is_not_there_and_one_that_does_not_run(self, owner_program: Program, book: int) -> None:
        asleep = owner_program.post(f"/playbooks/{book}/enrol", {"customer_ids": [], "occasion": "o"})
        owner_program.post(f"/playbooks/{book}/start", {})
        nobody = owner_program.post(f"/playbooks/{book}/enrol", {"customer_ids": [10**9], "occasion": "o"})

        assert_problem(asleep, 409, "playbook_is_not_in_that_state")
        assert_problem(nobody, 404, "no_such_customer")
        assert not Enrolment.objects.exists()


def test_a_trial_says_what_would_go_out_and_who_cannot_be_reached(owner_program: Program) -> None:
    make_person()
    make_person(kinds=("phone",))
    words = {"id": "tip", "do": "message", "channel": "wecom", "intent": "value", "words": "您好"}
    mail = {"id": "mail", "do": "message", "channel": "email", "subject": "问候", "intent": "service", "words": "您好"}
    definition = {**DEFINITION, "steps": [words, {"id": "pause", "do": "wait", "days": 2}, mail]}
    key = owner_program.post("/playbooks", {"name": "演练", "definition": definition}).json()["id"]

    answer = owner_program.get(f"/playbooks/{key}/try")

    told = answer.json()
    assert answer.status_code == 200
    assert (told["of_people"], told["people"], told["unreached"], told["basis"]) == (1, 1, 1, "unknown")
    assert [(one["step"], one["count"]) for one in told["calendar"]] == [("tip", 1), ("mail", 1)]
    assert told["cannot_go_out"] == []
    assert not Enrolment.objects.exists()
