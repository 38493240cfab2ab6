"""The first-run guide ticks itself by what there is, and goes when all is done or nobody wants it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from yutang.customers.models import Customer, ReviewCase
from yutang.foundation import actions
from yutang.foundation.access import Actor
from yutang.foundation.models import Setting, Store
from yutang.ingest.models import Import
from yutang.worklist.models import Proposal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake")]
BACKEND = "django.contrib.auth.backends.ModelBackend"


def _done(client: Client) -> list[bool] | None:
    guide = client.get("/business/").context["first_steps"]
    return None if guide is None else [step["is_done"] for step in guide["steps"]]


def _import(now: datetime) -> Import:
    return Import.objects.create(file_name="a.csv", status="done", target="orders", plan={"sheets": []}, created_at=now)


def _task(now: datetime) -> Proposal:
    return Proposal.objects.create(
        kind="first_order_thanks",
        dedupe_key="x",
        reason={"template": "x", "values": {}},
        proposed_on=now.date(),
        due_at=now + timedelta(days=3),
    )


def _pair(now: datetime) -> ReviewCase:
    one, other = (Customer.objects.create(sealed_profile=b"", first_seen_at=now) for _ in range(2))
    return ReviewCase.objects.create(first=one, second=other, kind="names_differ", reason={}, opened_at=now)


class TestSteps:
    def test_nothing_is_done_in_a_new_installation(self, owner_client: Client) -> None:
        assert _done(owner_client) == [False] * 5

    def test_the_name_of_the_organisation_ticks_the_first(
        self, owner_client: Client, owner: Actor, now: datetime
    ) -> None:
        actions.change_setting(actor=owner, key="foundation.organisation_name", value="大鱼", now=now)

        assert _done(owner_client) == [True, False, False, False, False]

    def test_a_store_ticks_the_second(self, owner_client: Client) -> None:
        Store.objects.create(code="SH01", name="徐汇店")

        assert _done(owner_client) == [False, True, False, False, False]

    def test_an_import_with_nothing_to_decide_ticks_two(self, owner_client: Client, now: datetime) -> None:
        _import(now)

        assert _done(owner_client) == [False, False, True, True, False]

    def test_a_draft_is_no_import(self, owner_client: Client, now: datetime) -> None:
        Import.objects.filter(pk=_import(now).pk).update(status="draft")

        assert _done(owner_client) == [False] * 5

    def test_a_waiting_pair_leaves_the_review_open_until_one_is_decided(
        self, owner_client: Client, owner_staff: Any, now: datetime
    ) -> None:
        _import(now)
        _pair(now)
        waiting = _done(owner_client)

        ReviewCase.objects.update(decided_by=owner_staff, decided_at=now)

        assert waiting == [False, False, True, False, False]
        assert _done(owner_client) == [False, False, True, True, False]

    @pytest.mark.parametrize("ending", [{"status": "snoozed"}, {"status": "done"}])
    def test_a_task_that_a_person_dealt_with_ticks_the_last(
        self, owner_client: Client, owner_staff: Any, now: datetime, ending: dict[str, str]
    ) -> None:
        _task(now)
        before = _done(owner_client)
        closed = {"closed_by": owner_staff} if ending["status"] == "done" else {}
        Proposal.objects.update(**ending, **closed)

        assert before == [False] * 5
        assert _done(owner_client) == [False, False, False, False, True]

    def test_a_task_that_ran_out_by_itself_does_not(self, owner_client: Client, now: datetime) -> None:
        _task(now)
        Proposal.objects.update(status="lapsed", closed_at=now)

        assert _done(owner_client) == [False] * 5

    def test_the_next_step_stands_out(self, owner_client: Client) -> None:
        Store.objects.create(code="SH01", name="徐汇店")

        steps = owner_client.get("/business/").context["first_steps"]["steps"]

        assert [step["is_next"] for step in steps] == [True, False, False, False, False]


class TestEnd:
    def test_it_goes_when_all_is_done(
        self, owner_client: Client, owner_staff: Any, owner: Actor, now: datetime
    ) -> None:
        actions.change_setting(actor=owner, key="foundation.organisation_name", value="大鱼", now=now)
        Store.objects.create(code="SH01", name="徐汇店")
        _import(now)
        _task(now)
        Proposal.objects.update(status="done", closed_by=owner_staff, closed_at=now)

        assert _done(owner_client) is None

    def test_it_is_put_away_and_brought_back(self, owner_client: Client, owner: Actor, now: datetime) -> None:
        answer = owner_client.post("/first-steps/dismiss/")
        gone = _done(owner_client)
        actions.reset_setting(actor=owner, key="foundation.first_steps", now=now)

        assert answer.status_code == 302
        assert gone is None
        assert _done(owner_client) == [False] * 5
        assert not Setting.objects.filter(pk="foundation.first_steps").exists()

    @pytest.mark.parametrize("role", ["analyst", "auditor", "store_manager"])
    def test_it_is_for_who_can_take_the_steps(self, client: Client, owner_staff: Any, role: str) -> None:
        owner_staff.role = role
        owner_staff.save()
        client.force_login(owner_staff, backend=BACKEND)

        assert _done(client) is None
        assert client.post("/first-steps/dismiss/").status_code == 403
