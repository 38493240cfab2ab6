"""Every read of the guard that others may use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.foundation.sealing import unseal
from yutang.risk.appeal_links import another_look, appeal_page, appeal_token
from yutang.risk.asks import Reason
from yutang.risk.models import (
    Appeal,
    AppealState,
    Community,
    Decision,
    Effect,
    ListEntry,
    RuleSet,
    Settled,
    Standing,
    VersionState,
)
from yutang.risk.pieces import pieces
from yutang.risk.reach import decision_within, decisions_within
from yutang.risk.ready_rules import ready_rules
from yutang.risk.refusals import NoSuchRuleVersion
from yutang.risk.rule_versions import READY_VERSION
from yutang.risk.rules import as_json
from yutang.risk.trying import back_test, trial_report
from yutang.risk.views import (
    Answers,
    AppealView,
    Day,
    DecisionFilters,
    DecisionPage,
    DecisionView,
    ListEntryView,
    Panel,
    ReasonCount,
    StandingView,
    VersionView,
)

__all__ = [
    "another_look",
    "answers_in",
    "appeal_page",
    "appeal_token",
    "back_test",
    "barred_people",
    "decision_view",
    "decisions",
    "decisions_of_keys",
    "list_entries",
    "lowest_scores",
    "panel",
    "rule_version",
    "rule_versions",
    "standing_of",
    "trial_report",
    "waiting_counts",
]
#: Who is below gets nothing of what is given to many at once.
BARRED_BELOW = 20
_STOPS = ("review", "refuse")
#: Reasons are counted over so many of the latest stopped ones.
_REASONS_OF = 2_000
_STOPPED = Q(verdict__in=_STOPS)
_WRONGLY = Q(verdict__in=_STOPS, settled=Settled.LET_THROUGH)
_UNDECIDED = Q(verdict="review", settled="")
_STAYS = _STOPPED & ~_WRONGLY & ~_UNDECIDED
_GOT = Q(verdict="allow") | Q(settled=Settled.LET_THROUGH)


def panel(*, access: Actor, since: datetime) -> Panel:
    """Return what came since an instant, what was stopped, what that saved, and what was stopped wrongly."""
    access.require("guard.view")
    rows = decisions_within(access).filter(at__gte=since)
    counts = rows.aggregate(
        came=Count("pk"),
        allowed=Count("pk", filter=Q(verdict="allow")),
        slowed=Count("pk", filter=Q(verdict="slow")),
        refused=Count("pk", filter=Q(verdict="refuse")),
        left_to_person=Count("pk", filter=Q(verdict="review")),
        stays=Count("pk", filter=_STAYS),
        undecided=Count("pk", filter=_UNDECIDED),
        wrongly=Count("pk", filter=_WRONGLY),
    )
    fates = rows.filter(verdict="allow").exclude(outcome="").order_by().values_list("outcome").annotate(Count("pk"))
    return Panel(
        **counts,
        saved_fen=_saved(rows),
        waiting=decisions_within(access).filter(_UNDECIDED).count(),
        appeals=decisions_within(access).filter(appeals__state=AppealState.OPEN).count(),
        days=_days(rows, since),
        kinds=_kinds(rows),
        reasons=_reasons(rows),
        outcomes=dict(fates),
    )


def answers_in(*, access: Actor, programme: str, since: datetime, latest: int = 5) -> Answers:
    """Return what was answered in a programme since an instant to those within reach who were not let through at once.

    Args:
        access: needs ``guard.view``.
        programme: such as ``referral:3``.
        since: aware UTC.
        latest: decisions that are shown in full at most.
    """
    access.require("guard.view")
    rows = decisions_within(access).filter(programme=programme, at__gte=since).exclude(verdict="allow")
    counts = rows.aggregate(
        slow=Count("pk", filter=Q(verdict="slow", settled="")),
        waiting=Count("pk", filter=_UNDECIDED),
        stays=Count("pk", filter=_STAYS),
        let_through=Count("pk", filter=Q(settled=Settled.LET_THROUGH)),
    )
    found = rows.select_related("settled_by").order_by("-id")[:latest] if any(counts.values()) else ()
    return Answers(**counts, latest=tuple(_view(one, "") for one in found))


def decisions(
    *, access: Actor, filters: DecisionFilters, after_key: int | None = None, limit: int = 40
) -> DecisionPage:
    """Return decisions within reach as the filters narrow them, newest first."""
    access.require("guard.view")
    rows = _filtered(decisions_within(access), filters)
    if after_key is not None:
        rows = rows.filter(pk__lt=after_key)
    found = list(rows.select_related("settled_by").order_by("-id")[: limit + 1])
    states = dict(Appeal.objects.filter(decision__in=[one.pk for one in found]).values_list("decision_id", "state"))
    shown = tuple(_view(one, states.get(one.pk, "")) for one in found[:limit])
    return DecisionPage(shown, shown[-1].id if len(found) > limit else None)


def decisions_of_keys(*, access: Actor, keys: Sequence[str]) -> dict[str, DecisionView]:
    """Return the decisions within reach that were given under these keys; without their appeals."""
    access.require("guard.view")
    rows = decisions_within(access).filter(key__in=list(keys)).select_related("settled_by")
    return {one.key: _view(one, "") for one in rows}


def decision_view(*, access: Actor, decision_id: int) -> DecisionView:
    """Return one decision with its appeal; the words of the appeal are for who may decide.

    Raises:
        NoSuchDecision: there is none within reach.
    """
    access.require("guard.view")
    row = decision_within(access, decision_id)
    made = Appeal.objects.filter(decision_id=row.pk).select_related("made_by", "decided_by").first()
    if made is None:
        return _view(row, "")
    words = str(unseal(made.sealed_words).get("words", "")) if access.can("guard.decide") else ""
    appeal = AppealView(
        id=made.pk, made_at=made.made_at, is_by_customer=made.made_by_id is None,
        made_by=made.made_by.display_name if made.made_by else "", words=words, state=made.state, answer=made.answer,
        decided_at=made.decided_at, decided_by=made.decided_by.display_name if made.decided_by else "",
    )  # fmt: skip
    return _view(row, made.state, appeal)


def waiting_counts(*, access: Actor) -> tuple[int, int]:
    """Return how many decisions are to be looked at, and how many appeals wait for an answer: as many as each of their lists holds."""
    access.require("guard.view")
    rows = decisions_within(access)
    lists = (DecisionFilters(is_waiting=True), DecisionFilters(is_appealed=True))
    waiting, appealed = (_filtered(rows, one).count() for one in lists)
    return waiting, appealed


def standing_of(*, access: Actor, customer_id: int) -> StandingView | None:
    """Return what the guard knows of a person; None where they never asked for anything.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    access.require("guard.view")
    people = Customer.objects.filter(pk=customer_id)
    if access.store_ids is not None:
        people = people.filter(store_id__in=access.store_ids)
    if not people.exists():
        raise NoSuchCustomer(customer_id=customer_id)
    found = _standings(Standing.objects.filter(pk=customer_id))
    return found[0] if found else None


def lowest_scores(
    *, access: Actor, after: tuple[int, int] | None = None, limit: int = 40
) -> tuple[tuple[StandingView, ...], tuple[int, int] | None]:
    """Return people by their score, the lowest first, and where the next page begins; None on the last."""
    access.require("guard.view")
    rows = Standing.objects.order_by("score", "customer_id")
    if access.store_ids is not None:
        rows = rows.filter(customer__store_id__in=access.store_ids)
    if after is not None:
        rows = rows.filter(Q(score__gt=after[0]) | Q(score=after[0], customer_id__gt=after[1]))
    found = _standings(rows[: limit + 1])
    shown = found[:limit]
    return tuple(shown), (shown[-1].score, shown[-1].customer_id) if len(found) > limit else None


def barred_people(*, customer_ids: Sequence[int], now: datetime) -> dict[int, Reason]:
    """Return why people are refused without a look: they stand on the list, or their score is below the bound.

    For what is given to many at once; who is always let through is not among them.
    """
    found: dict[int, Reason] = {}
    for some in pieces(customer_ids):
        low = Standing.objects.filter(pk__in=some, score__lt=BARRED_BELOW).order_by().values_list("pk", "score")
        found.update({pk: Reason("low_score", {"n": score}) for pk, score in low})
        living = ListEntry.objects.filter(
            Q(until=None) | Q(until__gt=now), customer_id__in=some, ended_at=None
        ).order_by()
        effects = list(living.values_list("customer_id", "effect"))
        for pk in [pk for pk, effect in effects if effect == Effect.ALLOW]:
            found.pop(pk, None)
        found.update({pk: Reason("block_list") for pk, effect in effects if effect == Effect.BLOCK})
    return found


def list_entries(*, access: Actor, now: datetime, limit: int = 500) -> tuple[ListEntryView, ...]:
    """Return the entries of the lists that hold, newest first."""
    access.require("guard.view")
    rows = ListEntry.objects.filter(Q(until=None) | Q(until__gt=now), ended_at=None)
    if access.store_ids is not None:
        rows = rows.filter(customer__store_id__in=access.store_ids)
    return tuple(
        ListEntryView(
            id=one.pk, subject=one.subject, customer_id=one.customer_id, effect=one.effect, reason=one.reason,
            until=one.until, made_by=one.made_by.display_name if one.made_by else "", made_at=one.made_at,
            ended_at=one.ended_at,
        )
        for one in rows.select_related("made_by").order_by("-id")[:limit]
    )  # fmt: skip


def rule_versions(*, access: Actor) -> tuple[VersionView, ...]:
    """Return every version of the rules, newest first; last the one that comes with the product."""
    access.require("guard.view")
    rows = list(RuleSet.objects.select_related("made_by").order_by("-id"))
    in_force = any(one.state == VersionState.ACTIVE for one in rows)
    ready = VersionView(READY_VERSION, "retired" if in_force else "active", as_json(ready_rules()), "", "", None, None)
    return (*(_version(one) for one in rows), ready)


def rule_version(*, access: Actor, version: int) -> VersionView:
    """Return one version of the rules.

    Raises:
        NoSuchRuleVersion: there is none.
    """
    access.require("guard.view")
    if version == READY_VERSION:
        return rule_versions(access=access)[-1]
    row = RuleSet.objects.select_related("made_by").filter(pk=version).first()
    if row is None:
        raise NoSuchRuleVersion(version=version)
    return _version(row)


def _filtered(rows: QuerySet[Decision], filters: DecisionFilters) -> QuerySet[Decision]:
    plain: dict[str, Any] = {"verdict": filters.verdict, "kind": filters.kind, "programme": filters.programme}
    plain |= {"customer_id": filters.customer_id, "store_id": filters.store_id}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if filters.is_stopped:
        rows = rows.filter(_STOPPED)
    if filters.is_waiting:
        rows = rows.filter(_UNDECIDED)
    if filters.is_appealed:
        rows = rows.filter(appeals__state=AppealState.OPEN)
    return rows.filter(_WRONGLY) if filters.is_wrong else rows


def _days(rows: QuerySet[Decision], since: datetime) -> tuple[Day, ...]:
    """Return the counts of each business day from the first to today, those without an ask too."""
    zone = timezone.get_default_timezone()
    counted: dict[Any, dict[str, int]] = {}
    dated = rows.order_by().annotate(day=TruncDate("at", tzinfo=zone)).values_list("day", "verdict")
    for day, verdict, n in dated.annotate(n=Count("pk")):
        counted.setdefault(day, {})[verdict] = n
    if not counted:
        return ()
    first, last = max(min(counted), since.astimezone(zone).date()), max(counted)
    return tuple(
        Day(first + timedelta(days=at), **counted.get(first + timedelta(days=at), {}))
        for at in range((last - first).days + 1)
    )


def _kinds(rows: QuerySet[Decision]) -> tuple[tuple[str, int, int], ...]:
    counted = rows.order_by().values_list("kind").annotate(came=Count("pk"), stopped=Count("pk", filter=_STOPPED))
    return tuple(sorted(counted, key=lambda one: -one[1]))


def _saved(rows: QuerySet[Decision]) -> int:
    """Return the worth of what stays stopped: the largest ask of each person and programme, of those who did not get it otherwise."""
    by_person = rows.order_by().values("customer_id", "programme")
    by_person = by_person.annotate(worth=Max("value_fen", filter=_STAYS), got=Count("pk", filter=_GOT))
    # Who is not known, and what belongs to no programme, cannot be told from what was got.
    found = by_person.filter(Q(got=0) | Q(customer_id=None) | Q(programme="")).aggregate(saved=Sum("worth"))
    return int(found["saved"] or 0)


def _reasons(rows: QuerySet[Decision]) -> tuple[ReasonCount, ...]:
    """Return the strongest reasons of the latest that were stopped with their numbers, the most frequent first."""
    numbers: dict[str, list[int | None]] = {}
    latest = rows.filter(_STOPPED).order_by("-id").values_list("reasons", flat=True)[:_REASONS_OF]
    for reasons in latest:
        for one in reasons[:1]:
            numbers.setdefault(one["code"], []).append(one["params"].get("n"))
    best = sorted(numbers.items(), key=lambda one: (-len(one[1]), one[0]))[:6]
    return tuple(_reason_count(code, found) for code, found in best)


def _reason_count(code: str, found: Sequence[int | None]) -> ReasonCount:
    known = sorted(n for n in found if n is not None)
    if not known:
        return ReasonCount(code, len(found))
    return ReasonCount(code, len(found), known[0], known[len(known) // 2], known[-1])


def _standings(rows: Iterable[Standing]) -> list[StandingView]:
    found = list(rows)
    wanted = {row.community for row in found if row.community is not None}
    groups = {one.pk: one for one in Community.objects.filter(pk__in=wanted).order_by()}
    views = []
    for row in found:
        group = groups.get(row.community or 0)
        community = (group.people, group.shared_percent, group.strangers) if group else None
        views.append(
            StandingView(
                customer_id=row.pk, score=row.score, parts=row.parts, invited=row.invited, invited_known=row.invited_known,
                invited_left=row.invited_left, ring=row.ring, stopped=row.stopped, community=community,
                changed_at=row.changed_at,
            )
        )  # fmt: skip
    return views


def _version(row: RuleSet) -> VersionView:
    made_by = row.made_by.display_name if row.made_by else ""
    return VersionView(row.pk, row.state, row.body, row.note, made_by, row.made_at, row.in_force_at)


def _view(row: Decision, appeal_state: str, appeal: AppealView | None = None) -> DecisionView:
    return DecisionView(
        id=row.pk, key=row.key, kind=row.kind, customer_id=row.customer_id, programme=row.programme, store_id=row.store_id,
        value_fen=row.value_fen, at=row.at, verdict=row.verdict, wait_seconds=row.wait_seconds, points=row.points,
        reasons=tuple(row.reasons), facts=row.facts, rules_version=row.rules_version, shadow_version=row.shadow_version,
        shadow_verdict=row.shadow_verdict, settled=row.settled, settled_at=row.settled_at,
        settled_by=row.settled_by.display_name if row.settled_by else "", outcome=row.outcome, has_appeal=bool(appeal_state),
        appeal_state=appeal_state, appeal=appeal,
    )  # fmt: skip
