"""Operations on the guard: asking it, telling it what became of something, its decisions, appeals and scores."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Key, OneAsked, PageAsked, Shape, key_of, one, page
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.speech import spoken
from yutang.risk import actions, queries, words
from yutang.risk.asks import Ask
from yutang.risk.views import DecisionFilters, DecisionView

router = Router(tags=["guard"])

_Kind = Literal["join", "seat", "coupon", "referral", "redemption"]
_Verdict = Literal["allow", "slow", "review", "refuse"]
_Outcome = Literal["kept", "left_at_once", "refunded", "bought"]
_AskKey = Annotated[str, StringConstraints(min_length=1, max_length=140)]
_Programme = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_.:-]*$")]
_Subject = Annotated[str, StringConstraints(max_length=300)]
_Person = Annotated[int, Field(ge=1, le=2**63 - 1)]


class GuardReasonShape(Shape):
    """Why something was stopped: a stable code, and a sentence for staff."""

    code: str
    text: str


class JudgementShape(Shape):
    """An answer: `allow`; `slow`: ask again under the same key after the wait; `review`: give nothing yet; `refuse`."""

    decision_id: int
    verdict: str
    wait_seconds: int
    reasons: list[GuardReasonShape]
    told_customer: str


class GuardDecisionShape(JudgementShape):
    """A kept decision with the facts that it was given by; `settled` is what a person decided since."""

    key: str
    kind: str
    customer_id: int | None
    programme: str
    store_id: int | None
    value_fen: int
    at: datetime
    points: int
    facts: dict[str, int]
    rules_version: int
    settled: str
    outcome: str


class GuardDecisionsPage(Shape):
    """A page of decisions, newest first."""

    items: list[GuardDecisionShape]
    next: str | None


class SecurityScoreShape(Shape):
    """The security score of a person, 0 to 100, the higher the safer, with its parts."""

    customer_id: int
    score: int
    parts: dict[str, int]
    invited: int
    stopped: int


class AppealShape(Shape):
    """An appeal that was made."""

    id: int
    decision_id: int


class OutcomeNotedShape(Shape):
    """What was noted."""

    key: str
    outcome: str


class AskToJudge(Given):
    """What somebody asks for, with the evidence; of device, address, account and place only keyed hashes are kept."""

    kind: _Kind
    key: _AskKey
    customer_id: _Person | None = None
    programme: _Programme = ""
    device: _Subject = ""
    address: _Subject = ""
    payer: _Subject = ""
    inviter_id: _Person | None = None
    store_id: _Person | None = None
    place: _Subject = ""
    value_fen: int = Field(default=0, ge=0, le=10**12)


class OutcomeToNote(Given):
    """What became of what was asked for under a key."""

    key: _AskKey
    outcome: _Outcome


class AppealToMake(Given):
    """What the person says; it is kept sealed."""

    words: str = Field(min_length=1, max_length=1_000)


class DecisionsAsked(PageAsked):
    """Filters of the list of decisions."""

    verdict: _Verdict | None = None
    kind: _Kind | None = None
    programme: _Programme = ""
    customer_id: Key | None = None


@operation(
    router,
    "GET",
    "/guard/decisions",
    permission="guard.view",
    answers={200: GuardDecisionsPage},
    title="Decisions of the guard",
)
def list_guard_decisions(request: ApiRequest, asked: Query[DecisionsAsked]) -> HttpResponse:
    """Return decisions within reach, newest first."""
    refuse_unknown_parameters(request, DecisionsAsked)
    filters = DecisionFilters(
        verdict=asked.verdict or "", kind=asked.kind or "", programme=asked.programme, customer_id=asked.customer_id
    )
    found = queries.decisions(access=request.actor, filters=filters, after_key=key_of(asked.cursor), limit=asked.limit)
    following = None if found.next_key is None else str(found.next_key)
    shown = [_decision(view) for view in found.rows]
    return page(request, shown, kind=GuardDecisionShape, following=following, fields=asked.fields)


@operation(
    router,
    "GET",
    "/guard/decisions/{decision_id}",
    permission="guard.view",
    answers={200: GuardDecisionShape},
    refuses=(404,),
    title="One decision of the guard",
)
def show_guard_decision(request: ApiRequest, decision_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one decision with its reasons and facts."""
    refuse_unknown_parameters(request, OneAsked)
    view = queries.decision_view(access=request.actor, decision_id=decision_id)
    return one(request, _decision(view), fields=asked.fields)


@operation(
    router,
    "POST",
    "/guard/decisions",
    permission="guard.ask",
    answers={200: JudgementShape},
    refuses=(404,),
    title="Ask the guard",
)
def ask_guard(request: ApiRequest, given: AskToJudge) -> HttpResponse:
    """Judge an ask before something is given; the same `key` gets the same answer, whatever the key of the call.

    A token that is held to stores asks about customers and stores of these: another is not there.
    """

    def work() -> JudgementShape:
        parts = given.model_dump()
        ask = Ask(
            **{"person_id": parts.pop("customer_id"), **parts, "key": f"api:{request.actor.token_id}:{given.key}"[:140]}
        )
        found = actions.judge_within_reach(actor=request.actor, ask=ask, now=request.now)
        return JudgementShape(
            decision_id=found.decision_id,
            verdict=found.verdict,
            wait_seconds=found.wait_seconds,
            reasons=[GuardReasonShape(code=r.code, text=spoken(words.sentence_of(r))) for r in found.reasons],
            told_customer=spoken(words.told_customer(found.verdict)) if found.is_stopped else "",
        )

    return once(request, work)


@operation(
    router,
    "POST",
    "/guard/outcomes",
    permission="guard.ask",
    answers={200: OutcomeNotedShape},
    refuses=(404,),
    title="Tell the guard what became of it",
)
def note_guard_outcome(request: ApiRequest, given: OutcomeToNote) -> HttpResponse:
    """Note what became of what was asked for under a key: stayed, left at once, refunded, bought."""

    def work() -> OutcomeNotedShape:
        key = f"api:{request.actor.token_id}:{given.key}"[:140]
        actions.note_outcome(actor=request.actor, key=key, outcome=given.outcome, now=request.now)
        return OutcomeNotedShape(key=given.key, outcome=given.outcome)

    return once(request, work)


@operation(
    router,
    "POST",
    "/guard/decisions/{decision_id}/let-through",
    permission="guard.decide",
    answers={200: GuardDecisionShape},
    refuses=(404,),
    title="Let through what was stopped",
)
def let_guard_decision_through(request: ApiRequest, decision_id: Key) -> HttpResponse:
    """Let through what was stopped: whoever asked may ask again under the same key."""
    request.actor.require("guard.view")

    def work() -> GuardDecisionShape:
        actions.let_through(actor=request.actor, decision_id=decision_id, now=request.now)
        return _decision(queries.decision_view(access=request.actor, decision_id=decision_id))

    return once(request, work)


@operation(
    router,
    "POST",
    "/guard/decisions/{decision_id}/keep-stopped",
    permission="guard.decide",
    answers={200: GuardDecisionShape},
    refuses=(404,),
    title="Keep something stopped",
)
def keep_guard_decision_stopped(request: ApiRequest, decision_id: Key) -> HttpResponse:
    """Keep something stopped after a look."""
    request.actor.require("guard.view")

    def work() -> GuardDecisionShape:
        actions.keep_stopped(actor=request.actor, decision_id=decision_id, now=request.now)
        return _decision(queries.decision_view(access=request.actor, decision_id=decision_id))

    return once(request, work)


@operation(
    router,
    "POST",
    "/guard/decisions/{decision_id}/appeal",
    permission="guard.appeal",
    answers={201: AppealShape},
    refuses=(404,),
    title="Ask for another look",
)
def appeal_guard_decision(request: ApiRequest, decision_id: Key, given: AppealToMake) -> HttpResponse:
    """Ask, on behalf of the person, that somebody looks again; once for each decision."""

    def work() -> AppealShape:
        made = actions.appeal(actor=request.actor, decision_id=decision_id, words=given.words, now=request.now)
        return AppealShape(id=made, decision_id=decision_id)

    return once(request, work, status=201)


@operation(
    router,
    "GET",
    "/customers/{customer_id}/security-score",
    permission="guard.view",
    answers={200: SecurityScoreShape},
    refuses=(404,),
    title="The security score of a person",
)
def show_security_score(request: ApiRequest, customer_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return the security score with its parts; 60 where the person never asked for anything."""
    refuse_unknown_parameters(request, OneAsked)
    view = queries.standing_of(access=request.actor, customer_id=customer_id)
    if view is None:
        shown = SecurityScoreShape(customer_id=customer_id, score=60, parts={"base": 60}, invited=0, stopped=0)
    else:
        shown = SecurityScoreShape(
            customer_id=customer_id,
            score=view.score,
            parts=dict(view.parts),
            invited=view.invited,
            stopped=view.stopped,
        )
    return one(request, shown, fields=asked.fields)


def _decision(view: DecisionView) -> GuardDecisionShape:
    return GuardDecisionShape(
        decision_id=view.id,
        verdict=view.verdict,
        wait_seconds=view.wait_seconds,
        reasons=[GuardReasonShape(code=r["code"], text=spoken(words.sentence_of(r))) for r in view.reasons],
        told_customer=spoken(words.told_customer(view.verdict)) if view.is_stopped else "",
        key=view.key,
        kind=view.kind,
        customer_id=view.customer_id,
        programme=view.programme,
        store_id=view.store_id,
        value_fen=view.value_fen,
        at=view.at,
        points=view.points,
        facts=dict(view.facts),
        rules_version=view.rules_version,
        settled=view.settled,
        outcome=view.outcome,
    )
