"""Judging one ask: the same key gets the same answer, and every answer is kept with the facts that it was given by."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.risk.asks import KINDS, LONGEST_KEY, LONGEST_PROGRAMME, LONGEST_SUBJECT, Ask, Judgement, Reason, Verdict
from yutang.risk.events import Stopped
from yutang.risk.facts import facts_of, past_of
from yutang.risk.looking import Looked, look
from yutang.risk.models import Decision, Effect, Settled, Trace
from yutang.risk.refusals import AskIsWrong, AskKeyIsTaken, AskNeedsStore, NoSuchAskStore
from yutang.risk.rule_versions import rules_at_work
from yutang.risk.rules import Opinion, opinion

_LARGEST_FEN = 10**12


@transaction.atomic
def judge(*, actor: Actor, ask: Ask, now: datetime) -> Judgement:
    """Return whether somebody may have what they ask for; asked again under the same key, return the same answer.

    What was slowed down is looked at anew under its key once the wait is over; what a person decided about since is answered
    as they decided. Judge before the transaction that gives: a refusal that is raised out of the same transaction takes the
    kept decision with it.

    Args:
        actor: who acts; whoever may give may have it judged.
        ask: what is asked for, with the evidence of the caller.
        now: when. Aware UTC.

    Raises:
        AskIsWrong: a part of the ask cannot be.
        AskKeyIsTaken: the key was used for something else.
        NoSuchCustomer: the person is not there.
        NoSuchAskStore: the store is not there.
    """
    _look_at(ask)
    known = Decision.objects.filter(key=ask.key).first()
    if known is not None and not _is_due(known, now):
        return _answer(known, ask, now)
    if ask.store_id is not None and not Store.objects.filter(pk=ask.store_id).exists():
        raise NoSuchAskStore(store=ask.store_id)
    looked = look(ask, now=now)
    draft = _draft(looked, now)
    if known is not None:
        return _judged_anew(known, draft, ask, now)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        # Another call with the same key was faster by a moment.
        return _answer(Decision.objects.get(key=ask.key), ask, now)
    _keep_trace(draft.pk, looked, now)
    _tell(actor, draft, now)
    return judgement_of(draft, now)


def judge_within_reach(*, actor: Actor, ask: Ask, now: datetime) -> Judgement:
    """Judge an ask of another program as `judge` does, bounded by the actor's stores.

    Whoever is held to stores asks about people and stores of these only: at one of them, or about a person of theirs, and whoever
    invited is theirs too. Of one store alone it is taken where none is named. The lists, the rules and what devices and accounts
    were used for are the chain's.

    Args:
        actor: needs ``guard.ask``.
        ask: what is asked for.
        now: when. Aware UTC.

    Raises:
        NoSuchAskStore: the store is not there, or out of reach.
        NoSuchCustomer: the person, or who invited, is not there, or out of reach.
        AskNeedsStore: it is about nobody and at no store, so nobody could tell whose it is.
        AskIsWrong: a part of the ask cannot be.
        AskKeyIsTaken: the key was used for something else.
    """
    actor.require("guard.ask")
    return judge(actor=actor, ask=_within_reach(actor, ask), now=now)


def _within_reach(actor: Actor, ask: Ask) -> Ask:
    """Return the ask with the store that is meant; refused where it is about what the actor does not reach."""
    if actor.store_ids is None:
        return ask
    if ask.store_id is None and len(actor.store_ids) == 1:
        ask = replace(ask, store_id=next(iter(actor.store_ids)))
    if ask.store_id is not None and not actor.reaches(ask.store_id):
        raise NoSuchAskStore(store=ask.store_id)
    if ask.store_id is None and ask.person_id is None:
        raise AskNeedsStore
    wanted = [one for one in (ask.person_id, ask.inviter_id) if one is not None]
    rows = Customer.objects.filter(pk__in=wanted).order_by()
    columns = ("pk", "store_id", "merged_into_id", "merged_into__store_id")
    stores = {pk: other if into else own for pk, own, into, other in rows.values_list(*columns)}
    for one in wanted:
        if one not in stores or not actor.reaches(stores[one]):
            raise NoSuchCustomer(customer_id=one)
    return ask


def judgement_of(row: Decision, now: datetime) -> Judgement:
    """Return what a kept decision answers now, with what a person decided about it since."""
    verdict = Verdict(row.verdict)
    if row.settled:
        verdict = Verdict.ALLOW if row.settled == Settled.LET_THROUGH else Verdict.REFUSE
    wait = 0
    if verdict is Verdict.SLOW:
        wait = max(1, int((row.at + timedelta(seconds=row.wait_seconds) - now).total_seconds()))
    reasons = () if verdict is Verdict.ALLOW else tuple(Reason(one["code"], one["params"]) for one in row.reasons)
    return Judgement(verdict, reasons, row.pk, wait)


def _look_at(ask: Ask) -> None:
    if ask.kind not in KINDS:
        raise AskIsWrong(field="kind", written=ask.kind[:40], expected=", ".join(KINDS))
    if not 0 < len(ask.key) <= LONGEST_KEY:
        raise AskIsWrong(field="key", written=ask.key[:40], expected=f"1 – {LONGEST_KEY}")
    if len(ask.programme) > LONGEST_PROGRAMME:
        raise AskIsWrong(field="programme", written=ask.programme[:40], expected=f"≤ {LONGEST_PROGRAMME}")
    if not 0 <= ask.value_fen <= _LARGEST_FEN:
        raise AskIsWrong(field="value_fen", written=ask.value_fen, expected=f"0 – {_LARGEST_FEN}")
    for name in ("device", "address", "payer", "place"):
        if len(getattr(ask, name)) > LONGEST_SUBJECT:
            raise AskIsWrong(field=name, written=f"{len(getattr(ask, name))}", expected=f"≤ {LONGEST_SUBJECT}")


def _is_due(known: Decision, now: datetime) -> bool:
    """Return whether what was slowed down may be looked at anew."""
    is_slowed = known.verdict == Verdict.SLOW and not known.settled
    return is_slowed and now >= known.at + timedelta(seconds=known.wait_seconds)


def _answer(known: Decision, ask: Ask, now: datetime) -> Judgement:
    is_same = known.kind == ask.kind and known.programme == ask.programme
    if not is_same or not _is_same_person(known.customer_id, ask.person_id):
        raise AskKeyIsTaken(key=ask.key)
    return judgement_of(known, now)


def _is_same_person(known: int | None, asked: int | None) -> bool:
    """Return whether a decision is about who asks: merged since, or erased, they still are."""
    if known is None or known == asked:
        return True
    if asked is None:
        return False
    merged = Customer.objects.filter(pk__in=(known, asked)).order_by().values_list("pk", "merged_into_id")
    into = {pk: winner or pk for pk, winner in merged}
    return into.get(known, known) == into.get(asked, asked)


def _draft(looked: Looked, now: datetime) -> Decision:
    """Return the decision about an ask, not kept yet."""
    ask, facts = looked.ask, facts_of(looked.evidence)
    version, rules, trial, trial_rules = rules_at_work()
    found = _by_lists(looked.effects) or opinion(rules, kind=ask.kind, programme=ask.programme, facts=facts)
    tried = opinion(trial_rules, kind=ask.kind, programme=ask.programme, facts=facts) if trial_rules else None
    return Decision(
        key=ask.key, kind=ask.kind, customer_id=looked.person_id, programme=ask.programme, store_id=ask.store_id,
        value_fen=ask.value_fen, at=now, verdict=found.verdict, wait_seconds=found.wait_seconds, points=found.points,
        reasons=[{"code": one.code, "params": dict(one.params)} for one in found.reasons], facts=facts,
        rules_version=version, shadow_version=trial, shadow_verdict=tried.verdict if tried else "",
    )  # fmt: skip


def _by_lists(effects: frozenset[str]) -> Opinion | None:
    """Return what the lists say before any rule does; who stands on both is refused."""
    if Effect.BLOCK in effects:
        return Opinion(Verdict.REFUSE, 0, (Reason("block_list"),), 0)
    return Opinion(Verdict.ALLOW, 0, (Reason("allow_list"),), 0) if Effect.ALLOW in effects else None


def _judged_anew(known: Decision, draft: Decision, ask: Ask, now: datetime) -> Judgement:
    """Write what is said now of an ask that was slowed down in the place of what was said before."""
    _answer(known, ask, now)
    fields = (
        "at",
        "verdict",
        "wait_seconds",
        "points",
        "reasons",
        "facts",
        "rules_version",
        "shadow_version",
        "shadow_verdict",
    )
    changed = {name: getattr(draft, name) for name in fields}
    if not Decision.objects.filter(pk=known.pk, at=known.at).update(**changed):
        return _answer(Decision.objects.get(pk=known.pk), ask, now)
    Trace.objects.filter(pk=known.pk).update(at=int(now.timestamp()))
    known.refresh_from_db()
    return judgement_of(known, now)


def _keep_trace(decision_id: int, looked: Looked, now: datetime) -> None:
    things, evidence = looked.things, looked.evidence
    Trace(
        pk=decision_id,
        at=int(now.timestamp()),
        customer_id=looked.person_id,
        inviter_id=looked.inviter_id,
        device=things.device,
        address=things.address,
        block=things.block,
        payer=things.payer,
        place=things.place,
        past=past_of(orders=evidence.orders, account_days=evidence.account_days),
    ).save(force_insert=True)


def _tell(actor: Actor, row: Decision, now: datetime) -> None:
    if row.verdict in {Verdict.REFUSE, Verdict.REVIEW}:
        told = Stopped(row.pk, row.kind, row.programme, row.customer_id or 0, str(row.verdict))
        outbox.record(told, now=now)
