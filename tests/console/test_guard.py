"""The room of the guard: what it shows, what people decide, the editor of the rules, the lists."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext

from tests.risk.conftest import SYSTEM, ask, people, weave
from yutang.risk import queries, words
from yutang.risk.asks import Verdict
from yutang.risk.models import Decision
from yutang.risk.ready_rules import READY
from yutang.risk.views import DecisionFilters

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_lake(lake: None) -> None:
    """A lake that was never written."""


def text(answer: Any) -> str:
    return str(answer.content.decode())


def stopped() -> int:
    """Return a decision that refused."""
    crowd = people(9)
    for one in crowd:
        last = ask(one, at=timezone.now(), device="farm", payer="purse", value_fen=2_900)
    assert last.verdict is Verdict.REFUSE
    return last.decision_id


class TestPanel:
    def test_is_empty_before_and_tells_after(self, owner_client: Client) -> None:
        assert "还没有人提出过请求" in text(owner_client.get("/guard/"))
        stopped()

        page = text(owner_client.get("/guard/"))

        assert "9" in page
        assert "30天内，这台设备有9人用过。" in text(owner_client.get("/guard/live/"))

    def test_its_figures_are_one_account_and_its_reasons_have_their_numbers(self, owner_client: Client) -> None:
        stopped()
        found = queries.panel(access=SYSTEM, since=Decision.objects.earliest("at").at)

        page = text(owner_client.get("/guard/"))

        assert "…" not in page.partition("被拦下的原因")[2].partition("</section>")[0]
        assert f"{found.reasons[0].least}–{found.reasons[0].most}" in page
        assert found.came == found.allowed + found.slowed + found.stopped

    def test_what_waits_is_counted_as_its_two_lists_count_it(self, owner_client: Client) -> None:
        decision = stopped()
        owner_client.post(f"/guard/decisions/{decision}/appeal/", {"words": "全家共用一台平板"})
        lists = (DecisionFilters(is_waiting=True), DecisionFilters(is_appealed=True))
        waiting, appealed = (len(queries.decisions(access=SYSTEM, filters=one, limit=50).rows) for one in lists)

        page = text(owner_client.get("/guard/live/"))

        assert queries.waiting_counts(access=SYSTEM) == (waiting, appealed)
        assert (bool(waiting), appealed) == (True, 1)
        assert f"{waiting} 条待核实" in page
        assert "1 条申诉待答复" in page

    def test_scores_stand_with_the_lowest_first(self, owner_client: Client) -> None:
        stopped()
        weave(timezone.now())

        assert "共用设备 -25" in text(owner_client.get("/guard/people/"))


class TestDecisions:
    def test_one_is_let_through(self, owner_client: Client) -> None:
        decision = stopped()
        assert "这台设备" in text(owner_client.get(f"/guard/decisions/{decision}/"))

        owner_client.post(f"/guard/decisions/{decision}/let-through/")

        assert queries.panel(access=SYSTEM, since=Decision.objects.earliest("at").at).wrongly == 1

    def test_an_appeal_is_made_read_and_answered(self, owner_client: Client) -> None:
        decision = stopped()
        owner_client.post(f"/guard/decisions/{decision}/appeal/", {"words": "全家共用一台平板"})
        assert "全家共用一台平板" in text(owner_client.get(f"/guard/decisions/{decision}/"))

        owner_client.post(f"/guard/decisions/{decision}/answer/", {"answer": "已核实", "granted": "yes"})

        view = queries.decision_view(access=SYSTEM, decision_id=decision)
        assert (view.settled, view.appeal_state) == ("let_through", "granted")
        assert "已核实" in text(owner_client.get("/guard/lists/"))

    def test_rules_are_called_by_words(self, owner_client: Client) -> None:
        page = text(owner_client.get("/guard/rules/0/")) + text(owner_client.get("/guard/rules/0/edit/"))

        assert "同一客户一小时内请求过频" in page
        assert ">person_hasty<" not in page
        # What a rule does is a deed, and no state that something is in.
        assert ">拒绝<" in page
        assert "已驳回" not in page
        assert len({str(title) for title in map(gettext, words.KIND_TITLES.values())}) == len(words.KIND_TITLES)

    def test_the_views_narrow(self, owner_client: Client) -> None:
        stopped()

        assert text(owner_client.get("/guard/decisions/?view=stopped")).count("<tr>") > 1


class TestRules:
    def test_a_number_is_changed_into_a_new_version_and_put_in_force(self, owner_client: Client) -> None:
        form: dict[str, Any] = {
            name: READY[name] for name in ("slow_from", "review_from", "refuse_from", "wait_seconds")
        }
        form |= {f"{rule['code']}-on": "yes" for rule in READY["rules"]}
        form |= {"person_hasty-value-0": "3", "new-code": "own_rule", "new-fact-0": "orders", "new-is-0": "<=",
                 "new-value-0": "0", "new-points": "5", "note": "更严"}  # fmt: skip

        made = owner_client.post("/guard/rules/0/edit/", form)

        number = int(made.url.rstrip("/").rpartition("/")[2])
        body = queries.rule_version(access=SYSTEM, version=number).body
        assert body["rules"][0]["when"][0]["value"] == 3
        assert body["rules"][-1] == {
            "code": "own_rule", "kinds": [], "programmes": [], "points": 5, "verdict": "", "is_on": True,
            "when": [{"fact": "orders", "is": "<=", "value": 0}],
        }  # fmt: skip
        owner_client.post(f"/guard/rules/{number}/use/", {"what": "trial"})
        assert "试运行" in text(owner_client.get(f"/guard/rules/{number}/"))
        owner_client.post(f"/guard/rules/{number}/use/", {"what": "force"})
        assert queries.rule_version(access=SYSTEM, version=number).state == "active"

    def test_what_cannot_be_is_told_and_stays_as_it_was_written(self, owner_client: Client) -> None:
        form = {name: READY[name] for name in ("slow_from", "review_from", "wait_seconds")} | {"refuse_from": "many"}

        answer = owner_client.post("/guard/rules/0/edit/", form)

        assert answer.status_code == 422
        assert "refuse_from" in text(answer)
        assert 'value="many"' in text(answer)


class TestLists:
    def test_something_is_put_on_and_taken_off(self, owner_client: Client) -> None:
        form = {"effect": "block", "subject": "payer", "value": "bad", "reason": "盗刷", "until": ""}
        owner_client.post("/guard/lists/add/", form)
        (entry,) = queries.list_entries(access=SYSTEM, now=timezone.now())
        assert "盗刷" in text(owner_client.get("/guard/lists/"))

        owner_client.post(f"/guard/lists/{entry.id}/end/")

        assert queries.list_entries(access=SYSTEM, now=timezone.now()) == ()

    def test_what_is_no_address_is_told(self, owner_client: Client) -> None:
        form = {"effect": "block", "subject": "address", "value": "nowhere", "reason": "x"}

        answer = owner_client.post("/guard/lists/add/", form)

        assert answer.status_code == 422
        assert "nowhere" in text(answer)


def test_whoever_may_not_decide_is_not_let(manager_client: Client) -> None:
    decision = stopped()

    assert manager_client.post(f"/guard/decisions/{decision}/let-through/").status_code == 403
