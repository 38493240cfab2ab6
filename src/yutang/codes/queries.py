"""Every read of channel codes that others may use: within the actor's stores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils import timezone

from yutang.codes.finding import code_by_id, is_open, newcomers_within, within_reach
from yutang.codes.models import Code, ScanDay, Shift, Spot
from yutang.codes.personal import address_of, personal_path
from yutang.codes.refusals import AddressIsUnknown, NoSuchCode, NoSuchSpot
from yutang.codes.results import tallies
from yutang.codes.running import SpotDuty, duties
from yutang.codes.sheets import LAYOUTS, Label
from yutang.codes.terms import CodeTerms, ShiftTerms, SlotTerms
from yutang.codes.views import (
    DUTY_TITLES,
    GROUP_TITLES,
    KIND_TITLES,
    SHARING_TITLES,
    STANDING_TITLES,
    BoughtCost,
    CodeRow,
    CodeView,
    CostView,
    NewcomerView,
    ShiftView,
    SpotView,
    Week,
)
from yutang.foundation.access import Actor
from yutang.insight.methods.survival import SurvivalStep, survival_steps
from yutang.insight.queries import FiguresAreBehind, Period, traffic_cost
from yutang.wecom.models import Account
from yutang.wecom.way_book import way_pictures

__all__ = [
    "DUTY_TITLES",
    "GROUP_TITLES",
    "KIND_TITLES",
    "LAYOUTS",
    "SHARING_TITLES",
    "STANDING_TITLES",
    "AddressIsUnknown",
    "NoSuchCode",
    "NoSuchSpot",
    "bought_cost",
    "code_named",
    "code_terms",
    "code_view",
    "codes",
    "has_public_address",
    "kept_curve",
    "labels",
    "latest_newcomers",
    "personal_path",
    "staff_choices",
    "weeks",
]

#: The curve of who stays is drawn so far.
CURVE_DAYS = 60
_YEAR = timedelta(days=365)
_TERMS = (
    "name", "kind", "sharing", "leads_known", "words", "content", "remark", "group", "group_prefix", "group_places", "first_date",
    "last_date", "currency", "unit_cost_minor", "budget_minor", "margin_percent",
)  # fmt: skip


def codes(*, access: Actor, now: datetime) -> tuple[CodeRow, ...]:
    """Return every code within reach with what it brought: those in use first, then the newest.

    Args:
        access: needs ``codes.view``.
        now: aware UTC.
    """
    access.require("codes.view")
    rows = list(within_reach(access).order_by("-id"))
    counted = tallies(access=access, now=now)
    at_work: dict[int, list[SpotDuty]] = {}
    for one in duties(code_ids=[row.pk for row in rows], now=now):
        at_work.setdefault(one.spot.code_id, []).append(one)
    places = dict(Spot.objects.filter(code__in=rows).order_by().values_list("code_id").annotate(Count("pk")))
    staff = _staff_of(rows)
    found = [
        CodeRow(
            id=row.pk,
            name=row.name,
            kind=row.kind,
            standing=_standing(row, now),
            currency=row.currency,
            spots=places.get(row.pk, 0),
            staff=tuple(staff.get(row.pk, ())),
            alarms=sum(map(_is_alarm, at_work.get(row.pk, ()))),
            tally=counted.tally(row.pk),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: one.standing != "on"))


def code_names(*, access: Actor, code_ids: Collection[int]) -> dict[int, str]:
    """Return what codes within reach are called, by key."""
    access.require("codes.view")
    return dict(within_reach(access).filter(pk__in=code_ids).order_by().values_list("pk", "name"))


def code_named(*, access: Actor, name: str) -> int:
    """Return the key of a code by its name.

    Raises:
        NoSuchCode: there is none within reach.
    """
    access.require("codes.view")
    found = within_reach(access).filter(name=name.strip()).values_list("pk", flat=True).first()
    if found is None:
        raise NoSuchCode(code_id=f"“{name[:60]}”")
    return found


def code_terms(*, access: Actor, code_id: int) -> CodeTerms:
    """Return what a code is to be, for who changes it.

    Raises:
        NoSuchCode: there is none within reach.
    """
    access.require("codes.view")
    return _terms(code_by_id(access, code_id))


def code_view(*, access: Actor, code_id: int, now: datetime) -> CodeView:
    """Return one code in full: places, staff, costs, what it brought.

    Args:
        access: needs ``codes.view``; costs are told to who sees the whole chain.
        code_id: which.
        now: aware UTC.

    Raises:
        NoSuchCode: there is none within reach.
    """
    access.require("codes.view")
    code = code_by_id(access, code_id)
    brought = tallies(access=access, now=now)
    at_work = {one.spot.pk: one for one in duties(code_ids=[code.pk], now=now)}
    names = _names({key for one in at_work.values() for key in one.duty.account_ids})
    return CodeView(
        id=code.pk,
        terms=_terms(code),
        standing=_standing(code, now),
        tags=tuple(code.tags.order_by("name").values_list("name", flat=True)),
        spots=_spots(access, code, at_work, names),
        shifts=_shifts(access, code, at_work, now),
        costs=_costs(code) if access.store_ids is None else (),
        tally=brought.tally(code.pk),
        ordered_until=brought.ordered_until,
        made_at=code.made_at,
        changed_at=code.changed_at,
    )


def kept_curve(*, access: Actor, code_id: int, now: datetime) -> tuple[SurvivalStep, ...]:
    """Return how the share of those who stay falls with the days, with everybody counted for as long as they were watched.

    Args:
        access: needs ``codes.view``; people who came to stores within reach count.
        code_id: which code.
        now: aware UTC.
    """
    access.require("codes.view")
    today = timezone.localtime(now).date()
    rows = newcomers_within(access).filter(code_id=code_id, added_date__lte=today).order_by()
    left, watched = [0] * (CURVE_DAYS + 1), [0] * (CURVE_DAYS + 1)
    for added, gone, n in rows.values_list("added_date", "left_date").annotate(Count("pk")):
        days = ((gone or today) - added).days
        if gone is not None and days <= CURVE_DAYS:
            # Who leaves on the first day has stayed for less than one.
            left[max(days, 0)] += n
        else:
            watched[min(max(days, 0), CURVE_DAYS)] += n
    return survival_steps(days=range(CURVE_DAYS + 1), events=left, censored=watched)


def weeks(*, access: Actor, code_id: int, since: date, now: datetime) -> tuple[Week, ...]:
    """Return who came by week, and who of them left since, oldest first.

    Args:
        access: needs ``codes.view``; people who came to stores within reach count.
        code_id: which code.
        since: weeks from the one in which this day lies.
        now: aware UTC.
    """
    access.require("codes.view")
    first, today = since - timedelta(days=since.weekday()), timezone.localtime(now).date()
    found = {first + timedelta(weeks=n): Week(first + timedelta(weeks=n)) for n in range((today - first).days // 7 + 1)}
    rows = newcomers_within(access).filter(code_id=code_id, added_date__gte=first, added_date__lte=today).order_by()
    counted = rows.values_list("added_date").annotate(friends=_friends(), came=Count("pk"))
    for day, friends, came in counted:
        monday = day - timedelta(days=day.weekday())
        found[monday] = Week(monday, found[monday].friends + friends, found[monday].left + came - friends)
    return tuple(found.values())


def latest_newcomers(*, access: Actor, code_id: int, limit: int = 20) -> tuple[NewcomerView, ...]:
    """Return who came last by a code to stores within reach; names are told by the room of customers.

    Args:
        access: needs ``codes.view`` and ``customers.view``.
        code_id: which code.
        limit: people at most.
    """
    access.require("codes.view")
    access.require("customers.view")
    rows = newcomers_within(access).filter(code_id=code_id).select_related("account__staff", "spot")
    return tuple(
        NewcomerView(
            id=row.pk,
            customer_id=row.customer_id,
            staff=_name(row.account),
            spot=row.spot.name if row.spot else "",
            was_known=row.was_known,
            added_at=row.added_at,
            left_at=row.left_at,
            joined_group_at=row.joined_group_at,
            verdict=row.verdict,
        )
        for row in rows.order_by("-added_at", "-pk")[: min(limit, 200)]
    )


def bought_cost(*, access: Actor, now: datetime) -> BoughtCost | None:
    """Return what advertising cost in the last 365 days, beside which codes stand; None for who does not see it, or without any.

    Args:
        access: needs ``insight.view`` and the whole chain.
        now: aware UTC.
    """
    if access.store_ids is not None or not access.can("insight.view"):
        return None
    today = timezone.localtime(now).date()
    try:
        found = traffic_cost(access=access, today=today, period=Period(today - _YEAR, today + timedelta(days=1)))
    except FiguresAreBehind:
        return None
    if not found.has_cost:
        return None
    paid = tuple(
        (one.name, one.cost_per_newcomer_minor) for one in found.channels if one.cost_per_newcomer_minor is not None
    )
    total = found.total
    return BoughtCost(found.currency, total.cost_per_newcomer_minor, total.cost_per_kept_minor, paid)


def labels(
    *, access: Actor, code_id: int, spot_ids: Collection[int] = (), title: str, line: str = ""
) -> tuple[Label, ...]:
    """Return what is printed for the places of a code, one each.

    Args:
        access: needs ``codes.view``.
        code_id: which code.
        spot_ids: only these places; none: all that are in use.
        title: what who scans reads.
        line: below it; empty: the name of the store, where the place has one.

    Raises:
        NoSuchCode: there is none within reach.
        NoSuchSpot: it is not printed there.
        AddressIsUnknown: nobody has said under which address people reach this installation.
    """
    access.require("codes.view")
    code = code_by_id(access, code_id)
    rows = code.spots.select_related("store").order_by("pk")
    spots = [one for one in rows if (one.pk in spot_ids if spot_ids else one.is_on)]
    missing = set(spot_ids) - {one.pk for one in spots}
    if missing or not spots:
        raise NoSuchSpot(spot_id=min(missing, default=0))
    return tuple(
        Label(address_of(one), title, line or (one.store.name if one.store else ""), f"{code.name} · {one.name}")
        for one in spots
    )


def has_public_address() -> bool:
    """Return whether printed codes have an address to lead to."""
    return bool(settings.YUTANG_PUBLIC_URL)


def staff_choices(*, access: Actor) -> tuple[tuple[int, str], ...]:
    """Return key and name of those who have customers in WeCom, for forms that choose among them.

    Args:
        access: needs ``codes.view``; only staff of stores within reach.
    """
    access.require("codes.view")
    rows = Account.objects.filter(is_serving=True).select_related("staff").order_by("userid")
    if access.store_ids is not None:
        rows = rows.filter(staff__stores__in=access.store_ids).distinct()
    return tuple((row.pk, _name(row)) for row in rows)


def _standing(code: Code, now: datetime) -> str:
    today = timezone.localtime(now).date()
    if code.paused_at is not None:
        return "paused"
    if not code.is_on:
        return "off"
    if code.first_date is not None and today < code.first_date:
        return "ahead"
    return "on" if is_open(code, now=now) else "over"


def _is_alarm(one: SpotDuty) -> bool:
    way = one.spot.way
    refused = bool(one.spot.fault) or (way is not None and way.state == "failed")
    return refused or one.duty.standing in {"stretched", "full", "nobody"}


def _terms(code: Code) -> CodeTerms:
    shifts = [
        ShiftTerms(
            one.account_id, one.is_backup, one.daily_cap, one.weekdays, one.since_minute, one.until_minute, one.is_away
        )
        for one in code.shifts.order_by("pk")
    ]
    slots = [
        SlotTerms(one.since_minute, one.until_minute, one.words, one.content, one.weekdays)
        for one in code.slots.order_by("pk")
    ]
    tags = tuple(code.tags.order_by("pk").values_list("pk", flat=True))
    columns = {name: getattr(code, name) for name in _TERMS}
    return CodeTerms(**columns, shifts=tuple(shifts), slots=tuple(slots), tag_ids=tags)


def _spots(
    access: Actor, code: Code, at_work: Mapping[int, SpotDuty], names: Mapping[int, str]
) -> tuple[SpotView, ...]:
    rows = list(code.spots.select_related("store", "way").order_by("pk"))
    pictures = way_pictures(way_ids=[row.way_id for row in rows if row.way_id is not None])
    scans = dict(ScanDay.objects.filter(spot__in=rows).order_by().values_list("spot_id").annotate(Sum("scans")))
    came = _by_spot(access, code)
    found = []
    for row in rows:
        picture, duty = pictures.get(row.way_id or 0), at_work.get(row.pk)
        found.append(
            SpotView(
                id=row.pk,
                name=row.name,
                store_id=row.store_id,
                store_name=row.store.name if row.store else "",
                token=row.token,
                is_on=row.is_on,
                state=picture.state if picture else "",
                fault=row.fault or (picture.error if picture else ""),
                sandbox_url=picture.sandbox_url if picture else "",
                picture_url=picture.picture_url if picture else "",
                duty=duty.duty.standing if duty else "",
                staff=tuple(names[key] for key in duty.duty.account_ids) if duty else (),
                is_told=duty is not None and (not duty.duty.account_ids or row.told == duty.wanted),
                scans=scans.get(row.pk, 0) if _is_seen(access, row) else None,
                came=came.get(row.pk, (0, 0))[0],
                friends=came.get(row.pk, (0, 0))[1],
            )
        )
    return tuple(found)


def _is_seen(access: Actor, spot: Spot) -> bool:
    """Return whether everybody who comes by a place belongs to stores within reach."""
    return access.store_ids is None or spot.store_id in access.store_ids


def _by_spot(access: Actor, code: Code) -> dict[int, tuple[int, int]]:
    rows = newcomers_within(access).filter(code=code, spot__isnull=False).order_by().values_list("spot_id")
    return {
        key: (came, friends) for key, came, friends in rows.annotate(Count("pk"), friends=_friends()) if key is not None
    }


def _shifts(access: Actor, code: Code, at_work: Mapping[int, SpotDuty], now: datetime) -> tuple[ShiftView, ...]:
    duty = _DutyNow(
        frozenset(key for one in at_work.values() if one.duty.standing != "stretched" for key in one.duty.account_ids),
        frozenset(key for one in at_work.values() if one.duty.standing == "stretched" for key in one.duty.account_ids),
        frozenset(key for one in at_work.values() for key in one.ready),
        frozenset(key for one in at_work.values() for key in one.full),
    )
    today = timezone.localtime(now).date()
    rows = newcomers_within(access).filter(code=code).order_by().values_list("account_id")
    counted = {
        key: (came, friends, lately)
        for key, came, friends, lately in rows.annotate(
            Count("pk"), friends=_friends(), lately=Count("pk", filter=Q(added_date=today))
        )
    }
    return tuple(_shift(one, counted.get(one.account_id, (0, 0, 0)), duty) for one in _shift_rows([code]))


@dataclass(frozen=True)
class _DutyNow:
    """Accounts who are on duty somewhere, who stand in where nobody is, who could be added too, and who have enough for today."""

    on: frozenset[int]
    standing_in: frozenset[int]
    ready: frozenset[int]
    full: frozenset[int]


def _shift(one: Shift, counts: tuple[int, int, int], duty: _DutyNow) -> ShiftView:
    return ShiftView(
        account_id=one.account_id,
        name=_name(one.account),
        is_backup=one.is_backup,
        is_away=one.is_away,
        is_serving=one.account.is_serving,
        daily_cap=one.daily_cap,
        weekdays=one.weekdays,
        since_minute=one.since_minute,
        until_minute=one.until_minute,
        today=counts[2],
        came=counts[0],
        friends=counts[1],
        is_on_duty=one.account_id in duty.on,
        is_standing_in=one.account_id in duty.standing_in - duty.on,
        is_ready=one.account_id in duty.ready,
        is_full=one.account_id in duty.full,
    )


def _costs(code: Code) -> tuple[CostView, ...]:
    rows = code.costs.select_related("spot").order_by("-business_date", "-pk")
    return tuple(
        CostView(one.pk, one.business_date, one.amount_minor, one.note, one.spot.name if one.spot else "")
        for one in rows
    )


def _shift_rows(rows: Sequence[Code]) -> list[Shift]:
    return list(Shift.objects.filter(code__in=rows).select_related("account__staff").order_by("is_backup", "pk"))


def _staff_of(rows: Sequence[Code]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one in _shift_rows(rows):
        if not one.is_backup:
            found.setdefault(one.code_id, []).append(_name(one.account))
    return found


def _names(account_ids: Collection[int]) -> dict[int, str]:
    rows = Account.objects.filter(pk__in=list(account_ids)).select_related("staff")
    return {row.pk: _name(row) for row in rows}


def _name(account: Account) -> str:
    return account.staff.display_name if account.staff else account.userid


def _friends() -> Count:
    return Count("pk", filter=Q(left_at=None))
