"""Every read of programmes that others may use. Money in fen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Prefetch, QuerySet, Sum

from yutang.economics.looking import from_json, organic_of, spent_of
from yutang.economics.models import Entry, EntryKind, Look, Newcomer, Pause, Programme, ProgrammeState
from yutang.economics.refusals import NoSuchProgramme
from yutang.economics.registries import Worth, known_worth
from yutang.economics.views import REASONS, LookView, Numbers, PauseView, ProgrammeView, Standing, rest_of
from yutang.foundation.access import Actor

__all__ = [
    "REASONS",
    "NoSuchProgramme",
    "is_paused",
    "is_stated",
    "key_of",
    "looks",
    "newcomers_of_programmes",
    "paused_programmes",
    "pauses",
    "programme_view",
    "programmes",
    "rest_of",
    "standing_of",
    "stated_keys",
    "worth_now",
]

#: Hours of a picture: a month.
_MOST_LOOKS = 24 * 31


def is_paused(programme: str) -> bool:
    """Return whether a programme is paused, so that it takes nobody new; of whom nothing was stated goes on."""
    return Programme.objects.filter(key=programme, state=ProgrammeState.PAUSED).exists()


def is_stated(programme: str) -> bool:
    """Return whether economics of a programme were stated."""
    return Programme.objects.filter(key=programme).exists()


def stated_keys(*, room: str) -> set[str]:
    """Return the keys of the programmes of one room, such as ``coupon``, of which economics were stated."""
    return set(Programme.objects.filter(key__startswith=f"{room}:").order_by().values_list("key", flat=True))


def standing_of(programme: str) -> Standing:
    """Return how a programme stands.

    Raises:
        NoSuchProgramme: nothing was stated of it.
    """
    row = Programme.objects.filter(key=programme).first()
    if row is None:
        raise NoSuchProgramme(programme=programme[:64])
    pause = Pause.objects.filter(programme=row, resumed_at=None).first()
    left = max(row.budget_fen - spent_of(row), 0)
    return Standing(row.state == ProgrammeState.PAUSED, pause.reason if pause else "", left)


def worth_now(*, access: Actor, now: datetime) -> Worth | None:
    """Return what a newcomer who stays sells on average, as the figures of the shop say; None where they do not."""
    access.require("economics.view")
    known = known_worth(now)
    return known[1] if known else None


def programmes(*, access: Actor) -> tuple[ProgrammeView, ...]:
    """Return every programme as it stood at its last look, the paused ones first, then the newest."""
    access.require("economics.view")
    return _views(Programme.objects.order_by("state", "-id"))


def programme_view(*, access: Actor, programme: str) -> ProgrammeView:
    """Return one programme as it stood at its last look.

    Raises:
        NoSuchProgramme: nothing was stated of it.
    """
    access.require("economics.view")
    found = _views(Programme.objects.filter(key=programme))
    if not found:
        raise NoSuchProgramme(programme=programme[:64])
    return found[0]


def key_of(*, access: Actor, programme_id: int) -> str:
    """Return what a programme is called by its number.

    Raises:
        NoSuchProgramme: there is none.
    """
    access.require("economics.view")
    key = Programme.objects.filter(pk=programme_id).values_list("key", flat=True).first()
    if key is None:
        raise NoSuchProgramme(programme=programme_id)
    return key


def paused_programmes(*, access: Actor) -> tuple[PauseView, ...]:
    """Return the pauses that hold, the newest first."""
    access.require("economics.view")
    return _pause_views(Pause.objects.filter(resumed_at=None))


def pauses(*, access: Actor, programme: str) -> tuple[PauseView, ...]:
    """Return every pause of a programme, the newest first."""
    access.require("economics.view")
    return _pause_views(Pause.objects.filter(programme__key=programme))


def looks(*, access: Actor, programme: str) -> tuple[LookView, ...]:
    """Return how a programme stood hour by hour, oldest first, of the last month in which something was noted."""
    access.require("economics.view")
    rows = Look.objects.filter(programme__key=programme).order_by("-hour")[:_MOST_LOOKS]
    return tuple(LookView(row.at, _numbers(row)) for row in reversed(rows))


def newcomers_of_programmes() -> QuerySet[Newcomer, int | None]:
    """Return the keys of everybody who came through a programme, for queries that leave them out."""
    return Newcomer.objects.filter(customer__isnull=False).order_by().values_list("customer_id", flat=True)


def _views(rows: QuerySet[Programme]) -> tuple[ProgrammeView, ...]:
    open_ = Prefetch(
        "pauses", Pause.objects.filter(resumed_at=None).select_related("resumed_by"), to_attr="open_pauses"
    )
    found = list(rows.select_related("stated_by").prefetch_related(open_))
    keys = [row.pk for row in found]
    spent = _spent(keys)
    last = _last_looks(keys)
    return tuple(
        ProgrammeView(
            id=row.pk,
            key=row.key,
            title=row.title,
            is_paused=row.state == ProgrammeState.PAUSED,
            unit_cost_fen=row.unit_cost_fen,
            margin_percent=row.margin_percent,
            budget_fen=row.budget_fen,
            worth_fen=row.worth_fen,
            worth_source=row.worth_source,
            organic=organic_of(row),
            watched_from=row.watched_from,
            stated_at=row.stated_at,
            stated_by=row.stated_by.display_name if row.stated_by else "",
            numbers=_numbers(last[row.pk]) if row.pk in last else Numbers(worth_fen=row.worth_fen),
            spent_fen=spent.get(row.pk, 0),
            pause=next((_pause_view(one, row) for one in getattr(row, "open_pauses", ())), None),
            brings_newcomers=row.brings_newcomers,
            came_before=row.came_before,
        )
        for row in found
    )


def _spent(keys: Sequence[int]) -> dict[int, int]:
    costs = Entry.objects.filter(programme_id__in=keys, kind=EntryKind.COST).order_by()
    sums = costs.values_list("programme_id").annotate(fen=Sum("amount_fen"))
    return {key: int(fen) for key, fen in sums}


def _last_looks(keys: Sequence[int]) -> dict[int, Look]:
    from django.db.models import OuterRef, Subquery

    newest = Look.objects.filter(programme=OuterRef("programme")).order_by("-hour").values("pk")[:1]
    rows = Look.objects.filter(programme_id__in=keys, pk=Subquery(newest))
    return {row.programme_id: row for row in rows}


def _numbers(row: Look) -> Numbers:
    return Numbers(
        newcomers=row.newcomers,
        kept=row.kept,
        left=row.left,
        left_at_once=row.left_at_once,
        ordered=row.ordered,
        cost_fen=row.cost_fen,
        revenue_fen=row.revenue_fen,
        worth_fen=row.worth_fen,
        low_fen=row.low_fen,
        high_fen=row.high_fen,
        evidence=row.evidence,
    )


def _pause_views(rows: QuerySet[Pause]) -> tuple[PauseView, ...]:
    found = rows.select_related("programme", "resumed_by").order_by("-at", "-id")
    return tuple(_pause_view(row, row.programme) for row in found)


def _pause_view(row: Pause, programme: Programme) -> PauseView:
    return PauseView(
        id=row.pk,
        programme=programme.key,
        title=programme.title,
        at=row.at,
        reason=row.reason,
        numbers=from_json(row.numbers),
        saved_fen=row.saved_fen,
        resumed_at=row.resumed_at,
        resumed_by=row.resumed_by.display_name if row.resumed_by else "",
        resume_reason=row.resume_reason,
    )
