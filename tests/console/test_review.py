"""Deciding about a pair: in the clear with a reason, and what follows from the decision."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.console.shop import NOW, fill
from tests.customers.rows import phone, resolve
from yutang.customers import actions, queries
from yutang.customers.models import Customer, Merge, ReviewCase
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.jobs import run_inline
from yutang.foundation.models import AuditEntry, Job
from yutang.insight.models import Score
from yutang.insight.tasks import follow_orders
from yutang.kit.errors import DomainError


@pytest.fixture
def pair(db: None) -> ReviewCase:
    """Two people who were seen with one number under different names."""
    resolve(
        {"name": "张三丰", "phone": phone(1), "member_no": "77001", "address": "星澜街1号"},
        {"name": "李四光", "phone": phone(1), "member_no": "77002"},
    )
    return ReviewCase.objects.get()


class TestInTheClear:
    def test_both_are_shown_and_both_looks_are_written_down(self, owner_client: Client, pair: ReviewCase) -> None:
        masked = owner_client.get("/review/").content.decode()
        said = {"reason": "check", "note": "核对姓名"}

        shown = owner_client.post(f"/review/{pair.pk}/unmask/", said, headers={"HX-Request": "true"})

        page = shown.content.decode()
        assert all(word in page and word not in masked for word in ("张三丰", "李四光", "77001", "77002", "星澜街1号"))
        assert (shown["HX-Retarget"], "no-store" in shown["Cache-Control"]) == (f"#versus-{pair.pk}", True)
        looks = AuditEntry.objects.filter(action="customers.unmask")
        assert {look.subject_id for look in looks} == {str(pair.first_id), str(pair.second_id)}
        assert [look.detail for look in looks] == [{"reason": "check: 核对姓名", "case_id": pair.pk}] * 2

    def test_not_without_a_reason_or_once_it_is_decided(self, owner_client: Client, pair: ReviewCase) -> None:
        refused = owner_client.post(f"/review/{pair.pk}/unmask/", {"note": "x"}, headers={"HX-Request": "true"})
        ReviewCase.objects.update(status="kept_apart")
        gone = owner_client.post(f"/review/{pair.pk}/unmask/", {"reason": "check", "note": "x"})

        assert refused.status_code == 422
        # A refusal of a form without script leads back to it; here there is no page to go back to.
        assert gone.status_code == 404
        assert not AuditEntry.objects.exists()

    def test_not_for_a_role_that_may_not(self, client: Client, owner_staff: Any, pair: ReviewCase) -> None:
        owner_staff.role = "analyst"
        owner_staff.save()
        client.force_login(owner_staff, backend="django.contrib.auth.backends.ModelBackend")

        assert client.post(f"/review/{pair.pk}/unmask/", {"reason": "check", "note": "x"}).status_code == 403
        assert not AuditEntry.objects.exists()


class TestDecided:
    def test_the_merge_keeps_why_the_pair_was_asked_about(
        self, owner_client: Client, owner: Actor, pair: ReviewCase
    ) -> None:
        owner_client.post(f"/review/{pair.pk}/same/")

        page = owner_client.get(f"/customers/{pair.first_id}/").content.decode()
        assert Merge.objects.get().reason["values"]["reason"] == pair.reason
        assert "判断为同一人。起因：" in page
        assert not any(place in page for place in ("%(actor)", "%(reason)", "%(kind)"))

    def test_leads_back_to_the_same_page_while_there_is_something_on_it(
        self, owner_client: Client, pair: ReviewCase
    ) -> None:
        page = owner_client.get("/review/?after=0").content.decode()
        decided = owner_client.post(f"/review/{pair.pk}/apart/?after=0&x=1")
        emptied = owner_client.get(decided["Location"])

        assert f'action="/review/{pair.pk}/apart/?after=0"' in page
        assert decided["Location"] == "/review/?after=0"
        assert emptied["Location"] == "/review/"

    def test_the_number_is_no_longer_called_shared(self, owner_client: Client, pair: ReviewCase) -> None:
        before = owner_client.get(f"/customers/{pair.first_id}/").content.decode()
        owner_client.post(f"/review/{pair.pk}/same/")

        after = owner_client.get(f"/customers/{pair.first_id}/").content.decode()

        assert ("多人共用" in before, "多人共用" in after) == (True, False)


@pytest.mark.django_db(transaction=True)
class TestScores:
    @pytest.fixture
    def two(self, stores: dict[str, Any], settings: Any, tmp_path: Path) -> list[int]:
        """Two people of the small shop, with a lake of their own."""
        settings.YUTANG_LAKE = tmp_path / "lake"
        fill(tmp_path)
        return list(Customer.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True)[:2])

    def test_follow_a_merge_and_its_undoing(self, two: list[int]) -> None:
        first, second = two
        each = {score.customer_id: score.orders for score in Score.objects.filter(customer_id__in=two)}
        follow_the_events()

        merge = actions.merge_customers(actor=Actor.system(), first_id=first, second_id=second, now=NOW)
        follow_the_events()
        merged = dict(Score.objects.filter(customer_id__in=two).values_list("customer_id", "orders"))
        actions.undo_merge(actor=Actor.system(), merge_id=merge, now=NOW)
        follow_the_events()

        assert min(each.values()) > 0
        assert merged == {first: each[first] + each[second]}
        assert dict(Score.objects.filter(customer_id__in=two).values_list("customer_id", "orders")) == each

    def test_of_many_decisions_are_computed_once(self, two: list[int]) -> None:
        follow_the_events()
        first, second = two
        merge = actions.merge_customers(actor=Actor.system(), first_id=first, second_id=second, now=NOW)
        actions.undo_merge(actor=Actor.system(), merge_id=merge, now=NOW)

        for delivery in Job.objects.filter(task_path=outbox.deliver_events.module_path, status="waiting"):
            run_inline(delivery.pk)

        waiting = Job.objects.filter(task_path=follow_orders.module_path, status="waiting")
        assert waiting.count() == 1
        assert queries.merge_history_of(access=Actor.system(), customer_id=first)[0].undone_at == NOW


def follow_the_events() -> None:
    """Do the background work that waits, as a worker would."""
    for path in (outbox.deliver_events.module_path, follow_orders.module_path):
        for job in Job.objects.filter(task_path=path, status="waiting"):
            run_inline(job.pk)


class TestPairsAsATable:
    def test_leave_masked_for_who_may_export_people(
        self, owner_client: Client, owner_staff: Any, pair: ReviewCase
    ) -> None:
        assert "as=csv" in owner_client.get("/review/").content.decode()
        taken = owner_client.get("/review/?as=csv")
        header, row = csv.reader(io.StringIO(b"".join(taken.streaming_content).decode("utf-8-sig")))

        assert len(header) == len(row)
        assert row[0] == str(pair.pk)
        assert {str(pair.first_id), str(pair.second_id)} <= set(row)
        assert not {"张三丰", "李四光", phone(1)} & set(row)
        entry = AuditEntry.objects.get(action="audit.list_exported")
        assert entry.detail["list"] == "review"


class TestTakingBack:
    """That two are different people can be taken back, as a merge can be undone."""

    def test_a_pair_that_was_kept_apart_is_decided_again(self, owner_client: Client, pair: ReviewCase) -> None:
        owner_client.post(f"/review/{pair.pk}/apart/")
        apart = owner_client.get("/review/").context["apart"]

        answer = owner_client.post(f"/review/{pair.pk}/reopen/", follow=True)
        owner_client.post(f"/review/{pair.pk}/same/")

        assert [(one["id"], [person["id"] for person in one["people"]]) for one in apart] == [
            (pair.pk, [pair.first_id, pair.second_id])
        ]
        assert ([one["id"] for one in answer.context["cases"]], answer.context["apart"]) == ([pair.pk], [])
        entry = AuditEntry.objects.get(action="customers.reopen_review")
        assert (entry.subject_id, entry.detail) == (str(pair.pk), {"customers": [pair.first_id, pair.second_id]})
        assert Merge.objects.filter(undone_at=None).count() == 1

    def test_rules_look_at_both_again(self, owner: Actor, pair: ReviewCase) -> None:
        again = {"phone": phone(1), "member_no": "77001"}
        actions.decide_review(actor=owner, case_id=pair.pk, decision="kept_apart", now=NOW)
        actions.reopen_review(actor=owner, case_id=pair.pk, now=NOW)

        resolve({"name": "张三丰", **again})

        assert queries.review_count(access=owner) == 1

    def test_not_twice_nor_of_what_is_no_such_pair(self, owner: Actor, manager: Actor, pair: ReviewCase) -> None:
        with pytest.raises(DomainError) as still_open:
            actions.reopen_review(actor=owner, case_id=pair.pk, now=NOW)
        with pytest.raises(DomainError) as unknown:
            actions.reopen_review(actor=owner, case_id=pair.pk + 1, now=NOW)
        actions.decide_review(actor=owner, case_id=pair.pk, decision="kept_apart", now=NOW)
        with pytest.raises(DomainError):
            actions.reopen_review(actor=manager, case_id=pair.pk, now=NOW)

        assert (still_open.value.code, unknown.value.code) == ("pair_is_not_apart", "no_such_case")
        assert not AuditEntry.objects.filter(action="customers.reopen_review").exists()

    def test_a_merge_that_was_undone_is_told_of_on_the_page_of_the_person(self, owner: Actor, pair: ReviewCase) -> None:
        merge = actions.merge_customers(actor=owner, first_id=pair.first_id, second_id=pair.second_id, now=NOW)
        actions.undo_merge(actor=owner, merge_id=merge, now=NOW)

        assert "merge_undone" not in {
            ReviewCase.objects.get(pk=one.case_id).kind for one in queries.kept_apart(access=owner)
        }
