"""The web of ties, scores, outcomes, people's decisions, versions of the rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.risk.conftest import SYSTEM, ask, people, sell, weave
from yutang.risk import actions, queries
from yutang.risk.asks import Verdict
from yutang.risk.models import Community, Decision, Invitation, ListEntry, Standing, Tie, Trace
from yutang.risk.ready_rules import READY
from yutang.risk.refusals import DecisionIsSettled, NothingToAppeal, VersionIsInUse
from yutang.risk.rules import GuardRuleIsWrong
from yutang.risk.views import DecisionFilters

pytestmark = pytest.mark.django_db


def score(person: int) -> int:
    found = queries.standing_of(access=SYSTEM, customer_id=person)
    assert found is not None
    return found.score


class TestWeave:
    def test_joins_people_in_whatever_order_their_ties_come(self) -> None:
        a, b, c, d = people(4)
        ask(a, device="d1")
        ask(b, payer="p1")
        weave()
        ask(c, device="d2", payer="p2")
        weave()
        ask(b, key="b2", device="d1")
        ask(c, key="c2", payer="p1")
        ask(d, device="d9")
        weave()

        components = dict(Standing.objects.values_list("pk", "component"))

        assert components[a] == components[b] == components[c] != components[d]
        joined = Community.objects.filter(component=components[a]).values_list("joined_people", flat=True)
        assert set(joined) == {3}

    def test_weaves_each_trace_once_and_again_only_when_told_of_it(self) -> None:
        a, b = people(2)
        ask(a, key="a", device="d1", inviter_id=b)
        weave()
        assert not Trace.objects.filter(is_woven=False).exists()

        actions.note_outcome(actor=SYSTEM, key="a", outcome="left_at_once", now=NOW)
        weave()

        assert Tie.objects.count() == 1
        assert Invitation.objects.get().outcome == "left_at_once"
        assert Standing.objects.get(pk=a).own_left == 1

    def test_many_outcomes_are_noted_at_once_and_only_news_is_woven_again(self) -> None:
        a, b, c = people(3)
        for key, person in (("a", a), ("b", b), ("c", c)):
            ask(person, key=key, device="d1")
        actions.note_outcome(actor=SYSTEM, key="c", outcome="bought", now=NOW)
        weave()

        news = actions.note_outcomes(actor=SYSTEM, keys=["a", "b", "c", "never"], outcome="bought", now=NOW)

        assert news == 2
        assert set(Decision.objects.values_list("key", "outcome")) == {
            ("a", "bought"),
            ("b", "bought"),
            ("c", "bought"),
        }
        waiting = Trace.objects.filter(is_woven=False).values_list("pk", flat=True)
        assert set(waiting) == set(Decision.objects.filter(key__in=["a", "b"]).values_list("pk", flat=True))

    def test_a_till_ties_nobody(self) -> None:
        crowd = people(60)
        for one in crowd:
            ask(one, device="till")
        weave()

        assert Standing.objects.filter(component=Standing.objects.get(pk=crowd[0]).component).count() <= 40

    def test_finds_a_ring_of_invitations(self) -> None:
        a, b, c = people(3)
        ask(a, key="1", inviter_id=c)
        ask(b, key="2", inviter_id=a)
        ask(c, key="3", inviter_id=b)
        weave()

        assert set(Standing.objects.values_list("ring", flat=True)) == {3}

    def test_a_score_tells_strangers_who_share_from_those_who_bought(self) -> None:
        buyer, *strangers = people(9, days=200)
        sell(buyer, 5)
        ask(buyer, device="own")
        for one in strangers:
            ask(one, device="farm", payer="purse")
        weave()

        assert score(buyer) > 85
        assert max(score(one) for one in strangers) < 40
        found = queries.standing_of(access=SYSTEM, customer_id=strangers[0])
        assert found is not None
        assert found.community == (8, 100, 8)
        assert sum(found.parts.values()) == found.score

    def test_whoever_brings_people_who_leave_loses_points(self) -> None:
        star, *brought = people(9)
        for one in brought:
            ask(one, key=f"j{one}", inviter_id=star)
        weave()
        before = score(star)
        for one in brought:
            actions.note_outcome(actor=SYSTEM, key=f"j{one}", outcome="left_at_once", now=NOW)
        weave()

        assert before - score(star) == 30


class TestPeopleDecide:
    def stopped(self) -> int:
        crowd = people(9)
        for one in crowd[:8]:
            ask(one, device="farm", payer="purse")
        return ask(crowd[8], key="mine", device="farm", payer="purse", value_fen=2_900).decision_id

    def test_a_granted_appeal_lets_through_counts_as_wrong_and_lasts(self) -> None:
        decision = self.stopped()
        actions.appeal(actor=SYSTEM, decision_id=decision, words="我们公司一起买的", now=NOW)

        actions.grant_appeal(actor=SYSTEM, decision_id=decision, answer="已核实", now=NOW)

        person = Decision.objects.get(pk=decision).customer_id
        assert ask(person, key="mine", device="farm", payer="purse").verdict is Verdict.ALLOW
        assert ask(person, key="next", device="farm", payer="purse").verdict is Verdict.ALLOW
        assert queries.panel(access=SYSTEM, since=NOW).wrongly == 1
        assert ListEntry.objects.get().until == NOW + timedelta(days=30)

    def test_a_declined_one_stays_and_cannot_be_made_twice(self) -> None:
        decision = self.stopped()
        actions.appeal(actor=SYSTEM, decision_id=decision, words="误会", now=NOW)

        actions.decline_appeal(actor=SYSTEM, decision_id=decision, answer="多个账号同一手机", now=NOW)

        assert queries.decision_view(access=SYSTEM, decision_id=decision).is_stopped
        with pytest.raises(NothingToAppeal):
            actions.appeal(actor=SYSTEM, decision_id=decision, words="再看看", now=NOW)

    def test_what_was_let_through_is_decided(self) -> None:
        (person,) = people(1)
        allowed = ask(person).decision_id

        with pytest.raises(DecisionIsSettled):
            actions.keep_stopped(actor=SYSTEM, decision_id=allowed, now=NOW)
        with pytest.raises(NothingToAppeal):
            actions.appeal(actor=SYSTEM, decision_id=allowed, words="?", now=NOW)

    def test_the_panel_counts_each_person_and_programme_once(self) -> None:
        self.stopped()
        person = Decision.objects.latest("id").customer_id
        ask(person, key="again", device="farm", payer="purse", value_fen=2_900)

        panel = queries.panel(access=SYSTEM, since=NOW)

        assert panel.came == 10
        assert panel.saved_fen == 2_900
        assert sum((day.allow + day.slow + day.review + day.refuse) for day in panel.days) == 10

    def test_the_panel_is_one_account(self) -> None:
        first = self.stopped()
        person = Decision.objects.get(pk=first).customer_id
        crowd = list(Decision.objects.exclude(verdict="allow").order_by("id"))
        (waiting,) = [one for one in crowd if one.verdict == "review"][:1]
        actions.let_through(actor=SYSTEM, decision_id=first, now=NOW)
        for at in range(12):
            ask(person, key=f"fast{at}", kind="join", programme="code:1", at=NOW + timedelta(seconds=at))

        panel = queries.panel(access=SYSTEM, since=NOW)

        assert panel.came == panel.allowed + panel.slowed + panel.stopped == 21
        assert panel.stopped == panel.stays + panel.undecided + panel.wrongly
        assert panel.stopped == sum(stopped for _kind, _came, stopped in panel.kinds)
        assert panel.stopped == sum(one.count for one in panel.reasons)
        assert (panel.wrongly, waiting.settled) == (1, "")
        assert queries.decisions(access=SYSTEM, filters=DecisionFilters(is_stopped=True)).rows[0].verdict != "slow"

    def test_nothing_is_saved_by_stopping_who_got_it_by_another_ask(self) -> None:
        decision = self.stopped()
        person = Decision.objects.get(pk=decision).customer_id
        Decision.objects.update(value_fen=100, programme="groupbuy:1")
        before = queries.panel(access=SYSTEM, since=NOW)
        assert before.saved_fen == 100 * before.stays

        Decision.objects.filter(pk=decision).update(settled="let_through")
        Decision.objects.create(
            key="again",
            kind="seat",
            customer_id=person,
            programme="groupbuy:1",
            value_fen=900,
            at=NOW,
            verdict="refuse",
        )

        after = queries.panel(access=SYSTEM, since=NOW)
        assert (after.stays, after.saved_fen) == (before.stays, 100 * (before.stays - 1))

    def test_answers_in_a_programme_are_counted_for_its_staff(self) -> None:
        decision = self.stopped()
        Decision.objects.filter(pk=decision).update(programme="referral:3")
        Decision.objects.create(key="s", kind="join", programme="referral:3", at=NOW, verdict="slow", wait_seconds=60)
        Decision.objects.create(key="a", kind="join", programme="referral:3", at=NOW, verdict="allow")

        found = queries.answers_in(access=SYSTEM, programme="referral:3", since=NOW)

        assert (found.slow, found.waiting + found.stays, found.let_through) == (1, 1, 0)
        assert [one.verdict for one in found.latest] == ["slow", Decision.objects.get(pk=decision).verdict]

    def test_forgets_people_and_keeps_the_count(self) -> None:
        decision = self.stopped()
        person = Decision.objects.get(pk=decision).customer_id
        actions.appeal(actor=SYSTEM, decision_id=decision, words="住址是文三路1号", now=NOW)
        weave()

        actions.forget_people(actor=SYSTEM, customer_ids=[person or 0], now=NOW)

        view = queries.decision_view(access=SYSTEM, decision_id=decision)
        assert (view.customer_id, view.appeal.words if view.appeal else None) == (None, "")
        assert not Tie.objects.filter(customer_id=person).exists()
        assert not Standing.objects.filter(pk=person).exists()
        assert Trace.objects.get(pk=decision).device is None

    def test_forgets_what_is_over(self) -> None:
        (person,) = people(1)
        ask(person, key="old", at=NOW - timedelta(days=200))
        ask(person, key="new")

        told = actions.forget_old(actor=SYSTEM, now=NOW)

        assert told == {"decisions": 1, "traces": 1}
        assert queries.decisions(access=SYSTEM, filters=DecisionFilters()).rows[0].key == "new"


class TestVersions:
    def strict(self) -> dict[str, Any]:
        rule = {"code": "everybody", "when": [{"fact": "person_hour", "is": ">=", "value": 1}], "points": 100}
        return {**READY, "rules": [rule]}

    def test_a_version_on_trial_says_beside_and_changes_nothing(self) -> None:
        (person,) = people(1)
        version = actions.save_rules(actor=SYSTEM, body=self.strict(), note="", now=NOW)
        actions.put_on_trial(actor=SYSTEM, version=version, now=NOW)

        found = ask(person, value_fen=500)

        assert found.verdict is Verdict.ALLOW
        report = queries.trial_report(access=SYSTEM, version=version, since=NOW)
        assert (report.newly_stopped, report.saved_fen, report.moves) == (1, 500, {("allow", "refuse"): 1})

    def test_a_version_in_force_decides_until_another_does(self) -> None:
        a, b = people(2)
        version = actions.save_rules(actor=SYSTEM, body=self.strict(), note="", now=NOW)
        actions.put_in_force(actor=SYSTEM, version=version, now=NOW)
        assert ask(a).verdict is Verdict.REFUSE

        actions.put_in_force(actor=SYSTEM, version=0, now=NOW)

        assert ask(b).verdict is Verdict.ALLOW
        with pytest.raises(VersionIsInUse):
            actions.put_on_trial(actor=SYSTEM, version=version, now=NOW)

    def test_is_tried_on_what_was_decided_before(self) -> None:
        a, b = people(2)
        ask(a, key="a", value_fen=100)
        ask(b, key="b", value_fen=200)
        actions.note_outcome(actor=SYSTEM, key="b", outcome="left_at_once", now=NOW)

        found = queries.back_test(access=SYSTEM, body=self.strict(), since=NOW)

        assert (found.looked_at, found.newly_stopped, found.stopped_bad, found.saved_fen) == (2, 2, 1, 300)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"refuse_from": 10}, "review_from"),
            ({"wait_seconds": "60"}, "wait_seconds"),
            ({"limit": 3}, "limit"),
            ({"rules": [{"code": "x", "when": []}]}, "rules[0].when"),
            ({"rules": [{"code": "x", "when": [{"fact": "moon", "is": ">=", "value": 1}]}]}, "rules[0].when[0].fact"),
            ({"rules": [{"code": "x", "when": [{"fact": "orders", "is": ">", "value": 1}]}]}, "rules[0].when[0].is"),
            (
                {"rules": [{"code": "x", "when": [{"fact": "orders", "is": ">=", "value": 1}], "points": 999}]},
                "rules[0].points",
            ),
        ],
    )
    def test_refuses_rules_that_cannot_be_and_says_where(self, change: dict[str, Any], field: str) -> None:
        with pytest.raises(GuardRuleIsWrong) as refusal:
            actions.save_rules(actor=SYSTEM, body={**READY, **change}, note="", now=NOW)

        assert refusal.value.data["field"] == field
