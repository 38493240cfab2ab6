"""Every read of group-buying that others may use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum

from yutang.foundation.access import Actor
from yutang.groupbuy import odds
from yutang.groupbuy.finding import (
    campaign_by_code,
    campaign_by_id,
    group_by_code,
    groups_within_reach,
    mark_of_seat,
    payment_key,
    seat_by_token,
    seat_of_mark,
    seats_within_reach,
)
from yutang.groupbuy.models import LIVING, Campaign, CampaignState, Course, Group, GroupState, Seat, SeatState
from yutang.groupbuy.refusals import NoSuchCampaign
from yutang.groupbuy.terms import Terms
from yutang.groupbuy.views import (
    CAMPAIGN_TITLES,
    GROUP_TITLES,
    SEAT_TITLES,
    CampaignView,
    Day,
    GroupPage,
    GroupView,
    MemberView,
    SeatRow,
    SeatView,
    Tally,
)
from yutang.payments.queries import payments_of_keys

__all__ = [
    "CAMPAIGN_TITLES",
    "GROUP_TITLES",
    "SEAT_TITLES",
    "campaign_named",
    "campaign_names",
    "campaign_view",
    "campaigns",
    "days",
    "group_at_link",
    "groups",
    "mark_of_seat",
    "offer_at_link",
    "open_groups_of",
    "paid_by_person",
    "seat_at_link",
    "seat_that_shared",
    "seats_at_links",
    "seats_of_group",
    "seats_of_person",
    "tallies",
]
#: Groups that a page offers for joining, and seats that it lists.
_OFFERED, _MOST_SEATS = 6, 100
_TERMS = (
    "name", "list_minor", "hours", "stock", "ends_at", "code", "product", "about", "picture", "cost_minor", "per_person",
    "newcomer_places", "radius_km", "when_late", "hold_minutes", "worth_minor", "budget_minor",
)  # fmt: skip


def campaigns(*, access: Actor) -> tuple[CampaignView, ...]:
    """Return every campaign, those that are open first, then the newest."""
    access.require("groupbuy.view")
    found = _campaign_views(Campaign.objects.all(), access)
    places = {"open": 0, "paused": 1, "draft": 2, "closed": 3}
    return tuple(sorted(found, key=lambda one: (places[one.state], -one.id)))


def campaign_names(*, access: Actor, campaign_ids: Iterable[int]) -> dict[int, str]:
    """Return what campaigns are called, by key; those that there are not are left out."""
    access.require("groupbuy.view")
    return dict(Campaign.objects.filter(pk__in=set(campaign_ids)).order_by().values_list("pk", "name"))


def campaign_view(*, access: Actor, campaign_id: int) -> CampaignView:
    """Return one campaign.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("groupbuy.view")
    return _campaign_views(Campaign.objects.filter(pk=campaign_by_id(campaign_id).pk), access)[0]


def campaign_named(*, access: Actor, code: str) -> CampaignView:
    """Return one campaign by its short name.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("groupbuy.view")
    return _campaign_views(Campaign.objects.filter(pk=campaign_by_code(code).pk), access)[0]


def tallies(*, access: Actor, campaign_id: int | None = None) -> dict[int, Tally]:
    """Return what became of groups, money and members by campaign: all that is within reach.

    Args:
        access: needs ``groupbuy.view``.
        campaign_id: only of this one; None: of all.
    """
    access.require("groupbuy.view")
    groups, seats = groups_within_reach(access), seats_within_reach(access)
    if campaign_id is not None:
        groups, seats = groups.filter(campaign_id=campaign_id), seats.filter(campaign_id=campaign_id)
    counted: dict[int, dict[str, int]] = {}
    for rows, figures in ((groups, _GROUP_FIGURES), (seats, _SEAT_FIGURES)):
        names = list(figures)
        for key, *told in rows.order_by().values("campaign_id").annotate(**figures).values_list("campaign_id", *names):
            counts = {name.removeprefix("n_"): count or 0 for name, count in zip(names, told, strict=True)}
            counted.setdefault(key, {}).update(counts)
    return {key: Tally(**figures) for key, figures in counted.items()}


_FILLED = Q(state=SeatState.PAID, group__state=GroupState.FILLED)
#: Figures of a tally by their names, which begin with ``n_`` so that they are no columns.
_GROUP_FIGURES = {
    "n_open": Count("pk", filter=Q(state=GroupState.OPEN)),
    "n_filled": Count("pk", filter=Q(state=GroupState.FILLED)),
    "n_expired": Count("pk", filter=Q(state=GroupState.EXPIRED)),
    "n_lapsed": Count("pk", filter=Q(state=GroupState.LAPSED)),
}
_SEAT_FIGURES = {
    "n_members": Count("pk", filter=_FILLED),
    "n_newcomers": Count("pk", filter=_FILLED & Q(is_newcomer=True)),
    "n_left": Count("pk", filter=Q(state=SeatState.LEFT)),
    "n_late": Count("pk", filter=Q(state=SeatState.LATE)),
    "n_kept_minor": Sum("price_minor", filter=_FILLED),
    "n_refunded_minor": Sum("price_minor", filter=Q(paid_at__isnull=False) & ~Q(state=SeatState.PAID)),
    "n_waiting_minor": Sum("price_minor", filter=Q(state=SeatState.PAID, group__state=GroupState.OPEN)),
}


def days(*, access: Actor, campaign_id: int, since: date) -> tuple[Day, ...]:
    """Return groups within reach, but those that ended with nobody in them, by the day of their start, oldest first."""
    access.require("groupbuy.view")
    rows = groups_within_reach(access).filter(campaign_id=campaign_id, started_date__gte=since)
    rows = rows.exclude(state=GroupState.LAPSED)
    names = ("n_filled", "n_open", "n_expired")
    figures = {name: _GROUP_FIGURES[name] for name in names}
    counted = rows.order_by().values("started_date").annotate(**figures).values_list("started_date", *names)
    return tuple(Day(day.isoformat(), *counts) for day, *counts in sorted(counted))


def groups(
    *, access: Actor, campaign_id: int | None = None, state: str = "", after_key: int | None = None, limit: int = 40, now: datetime
) -> GroupPage:  # fmt: skip
    """Return groups within reach, newest first, with their odds where they are open; `seats_of_group` tells members.

    Within reach are those in which somebody within reach has, or had, a place, and those of campaigns that are used within reach alone.

    Args:
        access: needs ``groupbuy.view``.
        campaign_id: only of this one; None: of all.
        state: only in this state; empty: any but those in which nobody paid.
        after_key: older than this one.
        limit: at most.
        now: by which time is left. Aware UTC.
    """
    access.require("groupbuy.view")
    rows = groups_within_reach(access)
    rows = rows.filter(state=state) if state else rows.exclude(state=GroupState.LAPSED)
    if campaign_id is not None:
        rows = rows.filter(campaign_id=campaign_id)
    if after_key is not None:
        rows = rows.filter(pk__lt=after_key)
    found = list(rows.select_related("campaign").order_by("-id")[: limit + 1])
    shown = group_views(found[:limit], now=now)
    return GroupPage(shown, shown[-1].id if len(found) > limit else None)


def seats_of_group(*, access: Actor, group_id: int) -> tuple[SeatRow, ...]:
    """Return the seats of a group that are within reach, in the order in which they came."""
    access.require("groupbuy.view")
    rows = seats_within_reach(access).filter(group_id=group_id).select_related("group", "store").order_by("pk")
    return tuple(_seat_row(one) for one in rows[:_MOST_SEATS])


def seats_of_person(*, access: Actor, customer_id: int) -> tuple[SeatRow, ...]:
    """Return the seats of a person that are within reach, newest first."""
    access.require("groupbuy.view")
    rows = seats_within_reach(access).filter(customer_id=customer_id).select_related("group", "store").order_by("-pk")
    return tuple(_seat_row(one) for one in rows[:_MOST_SEATS])


def paid_by_person(*, access: Actor, customer_id: int) -> tuple[int, int]:
    """Return how many places within reach a person paid and has, and what was paid for them. Minor units."""
    access.require("groupbuy.view")
    rows = seats_within_reach(access).filter(customer_id=customer_id, state=SeatState.PAID)
    found = rows.aggregate(n=Count("pk"), paid=Sum("price_minor", default=0))
    return int(found["n"]), int(found["paid"])


def offer_at_link(*, code: str) -> CampaignView:
    """Return a campaign to whoever has its address; drafts are shown to nobody.

    Raises:
        NoSuchCampaign: there is none.
    """
    found = _campaign_views(Campaign.objects.filter(pk=campaign_by_code(code).pk), Actor.system())[0]
    if found.state == CampaignState.DRAFT:
        raise NoSuchCampaign(campaign=code[:20])
    return found


def open_groups_of(*, campaign_id: int, now: datetime) -> tuple[GroupView, ...]:
    """Return groups that are filling and have a free place, those that need the fewest first; they are offered to whoever comes."""
    rows = Group.objects.filter(campaign_id=campaign_id, state=GroupState.OPEN, ends_at__gt=now, paid__gt=0)
    some = sorted(
        rows.select_related("campaign").order_by("ends_at")[:200], key=lambda one: (one.size - one.paid, one.pk)
    )
    full = [one.pk for one in some if one.taken >= one.size]
    freed = (
        set(_overdue_seats(now).filter(group_id__in=full).order_by().values_list("group_id", flat=True))
        if full
        else set()
    )
    fitting = [one for one in some if one.taken < one.size or one.pk in freed][:_OFFERED]
    return group_views(fitting, now=now, with_members=True)


def group_at_link(*, code: str, now: datetime) -> GroupView:
    """Return a group with its members as they are shown to each other, to whoever has its address.

    Raises:
        NoSuchGroup: there is none.
    """
    return group_views([group_by_code(code)], now=now, with_members=True)[0]


def seat_at_link(*, token: str, now: datetime) -> SeatView:
    """Return a seat to its owner: the token is the access.

    Raises:
        NoSuchSeat: there is none.
    """
    return _seat_views([seat_by_token(token)], now=now)[0]


def seat_that_shared(*, code: str, mark: str) -> int | None:
    """Return the seat of a group whose address somebody followed; None where the group has none such.

    Raises:
        NoSuchGroup: there is no such group.
    """
    return seat_of_mark(group_id=group_by_code(code).pk, mark=mark)


def seats_at_links(*, tokens: Sequence[str], now: datetime) -> tuple[SeatView, ...]:
    """Return the seats of tokens that somebody holds, newest first; unknown ones are passed over."""
    rows = Seat.objects.filter(token__in=list(tokens)[:_MOST_SEATS]).select_related("group__campaign").order_by("-pk")
    return _seat_views(list(rows), now=now)


def _campaign_views(rows: QuerySet[Campaign], access: Actor) -> tuple[CampaignView, ...]:
    return tuple(_campaign_view(one, access.store_ids) for one in rows.prefetch_related("stores"))


def _campaign_view(one: Campaign, reached: frozenset[int] | None) -> CampaignView:
    stores = {store.pk for store in one.stores.all()}
    return CampaignView(
        id=one.pk,
        code=one.code,
        terms=_terms(one),
        store_names=tuple(store.name for store in one.stores.all()),
        state=one.state,
        set_aside=one.set_aside,
        paused_why=one.paused_why,
        made_at=one.made_at,
        opened_at=one.opened_at,
        is_used_here=reached is None or not stores or bool(stores & reached),
        is_used_here_alone=reached is None or (bool(stores) and stores <= reached),
    )


def _terms(one: Campaign) -> Terms:
    columns = {name: getattr(one, name) for name in _TERMS}
    tiers = tuple((int(size), int(price)) for size, price in one.tiers)
    return Terms(**columns, tiers=tiers, store_ids=tuple(store.pk for store in one.stores.all()))


def group_views(rows: Sequence[Group], *, now: datetime, with_members: bool = False) -> tuple[GroupView, ...]:
    """Return groups, of which the campaigns were read along, as they stand; for this room."""
    likely = _odds(rows, now)
    members = _members(rows, now) if with_members else {}
    returned = _returned(rows)
    overdue = _overdue(rows, now)
    return tuple(
        GroupView(
            id=one.pk,
            code=one.code,
            campaign_id=one.campaign_id,
            campaign_code=one.campaign.code,
            campaign_name=one.campaign.name,
            campaign_state=one.campaign.state,
            size=one.size,
            price_minor=one.price_minor,
            list_minor=one.campaign.list_minor,
            currency=one.campaign.currency,
            state=one.state,
            taken=one.taken,
            paid=one.paid,
            newcomers_only=one.regulars >= one.most_regulars,
            started_at=one.started_at,
            ends_at=one.ends_at,
            ended_at=one.ended_at,
            members=members.get(one.pk, ()),
            odds=likely.get(one.pk),
            returned=returned.get(one.pk, 0),
            overdue=overdue.get(one.pk, 0),
        )
        for one in rows
    )


def _odds(rows: Sequence[Group], now: datetime) -> dict[int, odds.Odds]:
    """Return how likely open groups fill, in one question for all of them."""
    points = {one.pk: odds.point_of(one.ends_at - now) for one in rows if one.state == GroupState.OPEN and one.paid}
    asked = [one for one in rows if points.get(one.pk) is not None]
    if not asked:
        return {}
    wanted = Q()
    for one in asked:
        like = Q(size=one.size, members=one.paid, minutes_left=points[one.pk])
        wanted |= like & Q(campaign_id__in=(0, one.campaign_id))
    columns = ("campaign_id", "size", "members", "minutes_left", "groups", "filled")
    counted = {
        row[:4]: odds.Counted(*row[4:]) for row in Course.objects.filter(wanted).order_by().values_list(*columns)
    }
    found = {}
    for one in asked:
        place = (one.size, one.paid, points[one.pk])
        own, all_campaigns = (counted.get((key, *place), odds.Counted()) for key in (one.campaign_id, 0))
        found[one.pk] = odds.odds_of(own=own, all_campaigns=all_campaigns)
    return found


def _returned(rows: Sequence[Group]) -> dict[int, int]:
    filled = [one.pk for one in rows if one.state == GroupState.FILLED]
    return _counted(Seat.objects.filter(group_id__in=filled, state=SeatState.RETURNED)) if filled else {}


def _overdue(rows: Sequence[Group], now: datetime) -> dict[int, int]:
    waiting = [one.pk for one in rows if one.state == GroupState.OPEN and one.taken > one.paid]
    return _counted(_overdue_seats(now).filter(group_id__in=waiting)) if waiting else {}


def _overdue_seats(now: datetime) -> QuerySet[Seat]:
    """Return the places that whoever wants one gets, though nobody freed them yet."""
    return Seat.objects.filter(state=SeatState.HELD, hold_until__lte=now)


def _counted(seats: QuerySet[Seat]) -> dict[int, int]:
    return dict(seats.order_by().values_list("group_id").annotate(n=Count("pk")))


def _members(rows: Sequence[Group], now: datetime) -> dict[int, tuple[MemberView, ...]]:
    seats = Seat.objects.filter(group_id__in=[one.pk for one in rows], state__in=LIVING).order_by("group_id", "pk")
    seats = seats.exclude(state=SeatState.HELD, hold_until__lte=now)
    found: dict[int, tuple[MemberView, ...]] = {}
    for group_id, shown, state in seats.values_list("group_id", "shown", "state"):
        before = found.get(group_id, ())
        found[group_id] = (*before, MemberView(shown, state, is_captain=not before))
    return found


def _seat_views(rows: Sequence[Seat], *, now: datetime) -> tuple[SeatView, ...]:
    shown = {
        one.id: one
        for one in group_views(list({s.group_id: s.group for s in rows}.values()), now=now, with_members=True)
    }
    paid = payments_of_keys(keys=[payment_key(one.pk) for one in rows])
    living = Seat.objects.filter(group_id__in=list(shown), state__in=LIVING).order_by("-pk")
    captains = dict(living.values_list("group_id", "pk"))
    found = []
    for one in rows:
        payment = paid.get(payment_key(one.pk))
        refunds = payment.refunds if payment else ()
        found.append(
            SeatView(
                id=one.pk,
                token=one.token,
                state=one.state,
                price_minor=one.price_minor,
                joined_at=one.joined_at,
                hold_until=one.hold_until,
                group=shown[one.group_id],
                is_captain=captains.get(one.group_id) == one.pk,
                payment_number=payment.number if payment else "",
                payment_state=payment.state if payment else "",
                refund_state=refunds[-1].state if refunds else "",
                customer_id=one.customer_id,
                store_id=one.store_id,
                ended_at=one.ended_at,
            )
        )
    return tuple(found)


def _seat_row(one: Seat) -> SeatRow:
    return SeatRow(
        id=one.pk,
        group_id=one.group_id,
        group_code=one.group.code,
        customer_id=one.customer_id,
        state=one.state,
        is_newcomer=one.is_newcomer,
        price_minor=one.price_minor,
        joined_at=one.joined_at,
        paid_at=one.paid_at,
        ended_at=one.ended_at,
        store_name=one.store.name if one.store else "",
        distance_km=one.distance_km,
    )
