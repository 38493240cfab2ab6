"""Further tasks of the board of Today, and the consents of a customer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.console.shop import NOW, fill
from yutang.customers.actions import unmask_customer
from yutang.customers.models import Consent, Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import AuditEntry, OwnRole, Staff
from yutang.worklist.models import Proposal


@pytest.fixture(autouse=True)
def shop(stores: dict[str, Any], settings: Any, tmp_path: Path, transactional_db: None) -> None:
    """The small shop, with a lake of its own."""
    settings.YUTANG_LAKE = tmp_path / "lake"
    fill(tmp_path)


def test_further_tasks_are_those_of_the_column_that_was_asked_for(
    owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yutang.console.rooms.today._PAGE", 1)
    monkeypatch.setattr("yutang.console.rooms.today._MOST", 2)
    columns = owner_client.get("/today/").context["columns"]
    code = next(one["code"] for one in columns if one["count"] > 2)

    def shown(address: str) -> dict[str, int]:
        return {one["code"]: len(one["tasks"]) for one in owner_client.get(address).context["columns"]}

    few = {one["code"]: 1 for one in columns}
    assert shown("/today/") == few
    assert shown(f"/today/?all=1&column={code}") == {**few, code: 2}
    first = columns[0]
    assert shown("/today/?all=1") == {**few, first["code"]: min(2, first["count"])}
    page = owner_client.get(f"/today/?all=1&column={code}").content.decode()
    assert "这里显示最要紧的 2 项" in page


def _call(client: Client) -> dict[str, Any]:
    """Return a task with a number, as the board of somebody shows it."""
    columns = client.get("/today/").context["columns"]
    return next({**task, "title": one["title"]} for one in columns for task in one["tasks"] if task["number"])


def test_a_task_that_is_done_by_a_call_shows_the_number_by_one_tap_and_calls_by_the_next(owner_client: Client) -> None:
    task = _call(owner_client)
    AuditEntry.objects.all().delete()
    masked = owner_client.get("/today/").content.decode()

    shown = owner_client.post(f"/today/{task['id']}/call/", headers={"HX-Request": "true"})

    person = unmask_customer(actor=Actor.system(), customer_id=task["customer_id"], reason="test", now=NOW)
    assert "*" in task["number"]
    assert f'action="/today/{task["id"]}/call/"' in masked
    assert "tel:" not in masked
    assert re.findall(r'href="tel:([^"]*)"', shown.content.decode()) == list(person.phones)
    assert "no-store" in shown.headers["Cache-Control"]
    looked = AuditEntry.objects.filter(action="customers.unmask").order_by("id").first()
    assert looked is not None
    assert looked.subject_id == str(task["customer_id"])
    assert looked.detail["reason"] == f"call: 今日任务 {task['id']}（{task['title']}）"


def test_without_a_script_the_number_stands_on_a_page(owner_client: Client) -> None:
    page = owner_client.post(f"/today/{_call(owner_client)['id']}/call/")

    assert 'href="tel:' in page.content.decode()
    assert "<html" in page.content.decode()


def test_a_closed_task_and_one_without_a_call_show_no_number(owner_client: Client) -> None:
    done, other = (
        _call(owner_client),
        Proposal.objects.create(
            kind="identity_review", dedupe_key="pair", proposed_on=NOW.date(), due_at=NOW, reason={"template": "x"}
        ),
    )
    Proposal.objects.filter(pk=done["id"]).update(status="done")

    for proposal_id in (done["id"], other.pk):
        refused = owner_client.post(f"/today/{proposal_id}/call/", headers={"HX-Request": "true"})
        assert refused.status_code == 409
        assert "tel:" not in refused.content.decode()


def test_who_may_not_see_customers_in_the_clear_is_offered_no_call(
    client: Client, manager_staff: Staff, owner_client: Client
) -> None:
    task = _call(owner_client)
    role = OwnRole.objects.create(name="只看任务", permissions=["worklist.view", "customers.view"], is_chain_wide=True)
    Staff.objects.filter(pk=manager_staff.pk).update(role="own", own_role=role)
    client.force_login(manager_staff, backend="django.contrib.auth.backends.ModelBackend")

    columns = client.get("/today/").context["columns"]
    refused = client.post(f"/today/{task['id']}/call/")

    assert {each["number"] for column in columns for each in column["tasks"]} == {""}
    assert refused.status_code == 403


def test_says_which_wording_somebody_agreed_to(owner_client: Client) -> None:
    person = Customer.objects.filter(merged_into=None).first()
    assert person is not None
    for version in ("demo", "2026-03 入会表"):
        said = {
            "purpose": "service",
            "channel": "sms",
            "granted": True,
            "wording_version": version,
            "evidence": "e",
        }
        Consent.objects.create(customer=person, occurred_at=NOW, **said)

    told = [one["wording"] for one in owner_client.get(f"/customers/{person.pk}/").context["consents"]]

    assert set(told) == {"为演示店编写", "2026-03 入会表"}
