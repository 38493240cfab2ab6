"""The decision for many against the decision for one, person by person."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.channels.random_facts import columns_of, facts, policies, requests
from yutang.channels.columns import EPOCH, DecisionColumns, decide_all
from yutang.channels.policy import Policy
from yutang.channels.rules import OUTCOMES, Decision, Facts, Request, decide
from yutang.channels.wording import REASONS


def told(decision: Decision) -> tuple[object, ...]:
    return decision.outcome, decision.at, decision.reason, decision.have


def told_at(decided: DecisionColumns, place: int) -> tuple[object, ...]:
    outcome = OUTCOMES[decided.outcome[place]]
    at = None if outcome == "refuse" else EPOCH + timedelta(microseconds=int(decided.at[place]))
    have = None if decided.have[place] < 0 and REASONS[decided.reason[place]] != "too_new" else decided.have[place]
    return outcome, at, REASONS[decided.reason[place]], have


@settings(max_examples=100, deadline=None)
@given(st.lists(facts(), min_size=1, max_size=8), requests(), policies())
def test_both_decide_the_same_for_each(people: list[Facts], request: Request, policy: Policy) -> None:
    decided = decide_all(request=request, facts=columns_of(people, intent=request.intent), policy=policy)

    for place, one in enumerate(people):
        assert told_at(decided, place) == told(decide(request=request, facts=one, policy=policy))


@settings(max_examples=30, deadline=None)
@given(st.lists(facts(), min_size=1, max_size=8), requests())
def test_both_decide_the_same_by_the_values_of_the_mission(people: list[Facts], request: Request) -> None:
    decided = decide_all(request=request, facts=columns_of(people, intent=request.intent), policy=Policy())

    for place, one in enumerate(people):
        assert told_at(decided, place) == told(decide(request=request, facts=one, policy=Policy()))
