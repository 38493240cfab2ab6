"""Every read of groups that others may use: within the actor's stores, and those that the actor owns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from yutang.communities.advice import ADVICE, BY_ONE_POST
from yutang.communities.effects import TOLD_WITHIN, effects
from yutang.communities.finding import needing, one_within_reach, within_reach
from yutang.communities.inviting import tree_of
from yutang.communities.likeness import traits
from yutang.communities.methods.effect import Effect
from yutang.communities.models import (
    Community,
    Deed,
    Opening,
    OwnerDay,
    Place,
    PlaceState,
    Probe,
    Vitality,
)
from yutang.communities.moving_over import came_over
from yutang.communities.organisation import CAPACITY
from yutang.communities.placing import free_places
from yutang.communities.views import (
    LIVES,
    CommunityPage,
    CommunityView,
    DeedView,
    Dot,
    Filters,
    Fleet,
    FleetDay,
    OnePost,
    OwnerView,
    ProbeView,
    VitalityDay,
)
from yutang.customers.models import Tag
from yutang.foundation.access import Actor
from yutang.foundation.models import Staff
from yutang.foundation.settings_kept import kept_setting
from yutang.kit.text import N_, Sentence
from yutang.wecom.models import GroupMember

__all__ = [
    "ADVICE",
    "DEED_TITLES",
    "EVERY_GROUP",
    "LIFE_TITLES",
    "LIVES",
    "PROBE_TITLES",
    "CommunityPage",
    "CommunityView",
    "Filters",
    "communities",
    "community",
    "community_page",
    "count_matching",
    "days_of",
    "deed_effects",
    "dot_names",
    "fleet",
    "fleet_days",
    "ids_matching",
    "owners",
    "people_in",
    "purposes",
]

LIFE_TITLES = {
    "forming": N_("Forming"),
    "alive": N_("Alive"),
    "quiet": N_("Quiet"),
    "dying": N_("Dying"),
    "dead": N_("Dead"),
}
DEED_TITLES = {
    "probe": N_("Asked for a sign of life"),
    "revive": N_("Revived"),
    "merge": N_("Merged"),
    "split": N_("Split"),
    "rest": N_("Let rest"),
    "open": N_("Opened the next one"),
    "close": N_("Closed"),
}
PROBE_TITLES = {"red_packet": N_("Red packets"), "poll": N_("Poll"), "roll_call": N_("Roll call")}
#: No filter at all.
EVERY_GROUP = Filters()
_ORDER = Case(*(When(life=life, then=Value(at)) for at, life in enumerate(LIVES)), output_field=IntegerField())
_MONTH = 28
#: Deeds that the page of a group shows.
_MOST_DEEDS = 50
_COUNTED = ("forming", "alive", "quiet", "dying", "dead")


def fleet(*, access: Actor, filters: Filters = EVERY_GROUP) -> Fleet:
    """Return all groups within reach at a glance; the state is the one filter that leaves the others' dots there."""
    access.require("communities.view")
    rows = _matching(access, filters)
    places = {life: at for at, life in enumerate(LIVES)}
    counts = dict.fromkeys(LIVES, 0)
    members, attentive, alone, dots = 0, 0.0, 0, []
    together: dict[tuple[str, str], list[float]] = {}
    columns = ("pk", "life", "share", "members", "urgency", "advice")
    for key, life, share, inside, urgency, advice in _as_dots(rows).values_list(*columns):
        counts[life] += 1
        members += inside
        attentive += inside * (share or 0.0)
        if advice and urgency > 0:
            if (advice, life) in BY_ONE_POST:
                together.setdefault((advice, life), []).append(urgency)
            else:
                alone += 1
        dots.append(Dot(key, places[life], -1 if share is None else round(100 * share), inside))
    judged = within_reach(access).aggregate(last=Max("judged_on"))["last"]
    posts = [OnePost(advice, life, len(each), sum(each)) for (advice, life), each in together.items()]
    posts.sort(key=lambda one: (-one.benefit, one.advice))
    return Fleet(counts, members, attentive, alone, judged, tuple(dots), tuple(posts))


def dot_names(*, access: Actor, filters: Filters = EVERY_GROUP) -> tuple[str, ...]:
    """Return what the groups are called whose dots `fleet` returns, by position."""
    access.require("communities.view")
    return tuple(_as_dots(_matching(access, filters)).values_list("group__name", flat=True))


def communities(
    *,
    access: Actor,
    filters: Filters = EVERY_GROUP,
    after: tuple[float, int] | None = None,
    limit: int = 50,
) -> tuple[CommunityView, ...]:
    """Return groups within reach, the most urgent first, then by key.

    Args:
        access: who asks.
        filters: which are meant.
        after: (urgency, key) of the last one seen.
        limit: at most so many.
    """
    access.require("communities.view")
    rows = _matching(access, filters)
    if after is not None:
        rows = rows.filter(Q(urgency__lt=after[0]) | Q(urgency=after[0], pk__gt=after[1]))
    return _views(rows.order_by("-urgency", "pk")[:limit])


def group_names(*, access: Actor, community_ids: Collection[int]) -> dict[int, str]:
    """Return what groups within reach are called, by key."""
    access.require("communities.view")
    return dict(within_reach(access).filter(pk__in=community_ids).order_by().values_list("pk", "group__name"))


def community(*, access: Actor, community_id: int) -> CommunityView:
    """Return one group.

    Raises:
        NoSuchCommunity: there is none within reach.
    """
    access.require("communities.view")
    one_within_reach(access, community_id)
    return _views(Community.objects.filter(pk=community_id))[0]


def community_page(*, access: Actor, community_id: int, days: int = 90, now: Any) -> CommunityPage:
    """Return one group in full: its past, its members' likeness, who brought whom, probes, and what was done.

    Args:
        access: who asks.
        community_id: which group.
        days: so many days of its past. 1 to 400.
        now: aware UTC.

    Raises:
        NoSuchCommunity: there is none within reach.
    """
    view = community(access=access, community_id=community_id)
    row = Community.objects.select_related("group", "follows__group", "merged_into__group").get(pk=community_id)
    inside = list(
        GroupMember.objects.filter(group_id=row.group_id, left_at=None, contact__customer__isnull=False)
        .order_by("pk")
        .values_list("contact__customer_id", flat=True)
    )
    opening = Opening.objects.filter(follows=row).select_related("opened__group").first()
    has_room = free_places([row], now=now)[row.pk] > 0
    tree, known = tree_of(row, told=within_reach(access))
    neighbour = Community.objects.filter(pk=int(row.advice_detail.get("with") or 0)).select_related("group").first()
    named = _names_within(access, row.follows, opening.opened if opening else None, row.merged_into, neighbour)
    tags = Tag.objects.filter(pk__in=[*row.likeness, *row.advice_detail.get("tags", ())]).order_by()
    return CommunityPage(
        view=view,
        likeness=tuple(row.likeness),
        seed_customer_id=row.seed_customer_id,
        playbook_id=row.playbook_id,
        own_capacity=row.capacity,
        follows=named(row.follows),
        followed_by=named(opening.opened) if opening else None,
        wanted_next=opening.name if opening and opening.opened is None else "",
        filled_up_to=opening.most if opening and opening.opened is None and has_room else None,
        merged_into=named(row.merged_into),
        days=days_of(access=access, community_id=community_id, days=days),
        probes=tuple(_probe(one) for one in Probe.objects.filter(community=row).select_related("noted_by")[:50]),
        deeds=_deeds(row, today=timezone.localtime(now).date()),
        traits=traits(likeness=row.likeness, members=inside, now=now),
        tree=tree,
        known_inviters=known,
        held=Place.objects.filter(community=row, state=PlaceState.HELD, held_until__gt=now).count(),
        neighbour=named(neighbour),
        tags=dict(tags.values_list("pk", "name")),
    )


def days_of(*, access: Actor, community_id: int, days: int = 90) -> tuple[VitalityDay, ...]:
    """Return how alive a group was on each of the last days, oldest first, at most 400.

    Raises:
        NoSuchCommunity: there is none within reach.
    """
    access.require("communities.view")
    row = one_within_reach(access, community_id)
    past = Vitality.objects.filter(community=row).defer("belief").order_by("-day")[: max(1, min(days, 400))]
    return tuple(_day(one) for one in reversed(past))


def fleet_days(*, access: Actor, days: int = 90, owner_id: int | None = None) -> tuple[FleetDay, ...]:
    """Return how the groups within reach were at the end of each of the last days, oldest first."""
    access.require("communities.view")
    rows = _owner_days(access)
    if owner_id is not None:
        rows = rows.filter(owner_id=owner_id)
    counted: Any = (
        rows.order_by("-day")
        .values("day")
        .annotate(**{f"n_{name}": Sum(name) for name in ("groups", "members", "attentive", *_COUNTED)})
    )
    found = [
        FleetDay(
            day=one["day"],
            groups=one["n_groups"],
            members=one["n_members"],
            share=one["n_attentive"] / one["n_members"] if one["n_members"] else None,
            counts={name: one[f"n_{name}"] for name in _COUNTED},
        )
        for one in counted[: max(1, min(days, 400))]
    ]
    return tuple(reversed(found))


def owners(*, access: Actor) -> tuple[OwnerView, ...]:
    """Return the owners of groups within reach with how these are, those with most groups that need a human first."""
    access.require("communities.view")
    last = _owner_days(access).aggregate(last=Max("day"))["last"]
    if last is None:
        return ()
    weeks = [last - timedelta(days=7 * n) for n in range(12)]
    rows = (
        _owner_days(access)
        .filter(day__in=weeks)
        .order_by()
        .values_list("owner_id", "day")
        .annotate(Sum("members"), Sum("attentive"))
    )
    course: dict[int, dict[date, float]] = {}
    for owner, day, members, attentive in rows:
        if members:
            course.setdefault(owner, {})[day] = attentive / members
    totals: Any = (
        _owner_days(access)
        .filter(day=last)
        .order_by()
        .values("owner_id")
        .annotate(**{f"n_{name}": Sum(name) for name in ("groups", "members", "attentive", *_COUNTED)})
    )
    needed = dict(
        needing(within_reach(access).filter(closed_at=None)).order_by().values_list("owner_id").annotate(Count("pk"))
    )
    names = dict(Staff.objects.filter(pk__in=[one["owner_id"] for one in totals]).values_list("pk", "display_name"))
    found = [
        OwnerView(
            owner_id=one["owner_id"],
            owner=names.get(one["owner_id"], ""),
            groups=one["n_groups"],
            members=one["n_members"],
            counts={name: one[f"n_{name}"] for name in _COUNTED},
            needing=needed.get(one["owner_id"] or None, 0),
            share=one["n_attentive"] / one["n_members"] if one["n_members"] else None,
            before=course.get(one["owner_id"], {}).get(last - timedelta(days=_MONTH)),
            course=tuple(share for _day, share in sorted(course.get(one["owner_id"], {}).items())),
        )
        for one in totals
    ]
    return tuple(sorted(found, key=lambda one: (-one.needing, -one.groups, one.owner_id)))


def ids_matching(*, access: Actor, filters: Filters, limit: int) -> list[int]:
    """Return the keys of groups that fit, at most so many, by key."""
    access.require("communities.view")
    return list(_matching(access, filters).order_by("pk").values_list("pk", flat=True)[:limit])


def count_matching(*, access: Actor, filters: Filters) -> int:
    """Return how many groups fit."""
    access.require("communities.view")
    return _matching(access, filters).count()


def purposes(*, access: Actor) -> tuple[str, ...]:
    """Return the purposes that groups within reach have."""
    access.require("communities.view")
    rows = within_reach(access).exclude(purpose="").order_by("purpose").values_list("purpose", flat=True).distinct()
    return tuple(rows[:100])


def deed_effects(*, access: Actor) -> Mapping[str, Effect]:
    """Return what deeds of each kind brought within a year, over the whole chain, against similar groups left alone."""
    access.require("communities.view")
    last = Community.objects.aggregate(last=Max("judged_on"))["last"]
    return {} if last is None else effects(last=last)


def people_in(*, access: Actor, community_id: int) -> tuple[int, ...]:
    """Return the customers who are in a group now, the latest first.

    Raises:
        NoSuchCommunity: there is none within reach.
    """
    access.require("communities.view")
    row = one_within_reach(access, community_id)
    rows = GroupMember.objects.filter(group_id=row.group_id, left_at=None, contact__customer__isnull=False)
    return tuple(dict.fromkeys(rows.order_by("-joined_at", "-pk").values_list("contact__customer_id", flat=True)))


def _owner_days(access: Actor) -> QuerySet[OwnerDay]:
    rows = OwnerDay.objects.all()
    if access.store_ids is None:
        return rows
    return rows.filter(Q(store_id__in=access.store_ids) | Q(owner_id=access.own_id, owner_id__gt=0))


def _as_dots(rows: QuerySet[Community]) -> QuerySet[Community]:
    return rows.annotate(_at=_ORDER).order_by("owner_id", "_at", "share", "pk")


def _matching(access: Actor, filters: Filters) -> QuerySet[Community]:
    rows = within_reach(access).filter(closed_at__isnull=not filters.is_closed)
    if filters.life in LIVES:
        rows = rows.filter(life=filters.life)
    if filters.store_id is not None:
        rows = rows.filter(store_id=filters.store_id)
    if filters.owner_id is not None:
        rows = rows.filter(owner_id=filters.owner_id or None) if filters.owner_id else rows.filter(owner=None)
    if filters.purpose:
        rows = rows.filter(purpose=filters.purpose)
    if filters.advice in ADVICE:
        rows = rows.filter(advice=filters.advice)
    if filters.is_needing:
        rows = needing(rows)
    if filters.text:
        rows = rows.filter(group__name__icontains=filters.text)
    return rows


def _views(rows: QuerySet[Community]) -> tuple[CommunityView, ...]:
    usual = int(kept_setting(CAPACITY))
    named = rows.annotate(chat_id=F("group__chat_id"), named=F("group__name"))
    return tuple(_view(row, usual) for row in named.select_related("store", "owner"))


def _view(row: Any, usual: int) -> CommunityView:
    return CommunityView(
        id=row.pk,
        group_id=row.group_id,
        chat_id=row.chat_id,
        name=row.named,
        store_id=row.store_id,
        store=row.store.name if row.store else "",
        owner_id=row.owner_id,
        owner=row.owner.display_name if row.owner else "",
        purpose=row.purpose,
        members=row.members,
        capacity=row.capacity or usual,
        life=row.life,
        life_since=row.life_since,
        share=row.share,
        low=row.low,
        high=row.high,
        ahead=row.ahead,
        trend=row.trend,
        chance_dead=row.chance_dead,
        reasons=tuple(Sentence.from_json(one) for one in row.reasons),
        advice=row.advice,
        advice_detail=row.advice_detail,
        urgency=row.urgency,
        not_before=row.not_before,
        judged_on=row.judged_on,
        made_at=row.made_at,
        closed_at=row.closed_at,
    )


def _names_within(access: Actor, *rows: Community | None) -> Callable[[Community | None], tuple[int, str] | None]:
    """Return what tells the key and the name of one of these groups, and nothing of one that is out of reach or dismissed."""
    asked = [row.pk for row in rows if row is not None]
    told = dict(within_reach(access).filter(pk__in=asked).order_by().values_list("pk", "group__name")) if asked else {}
    return lambda row: None if row is None or row.pk not in told else (row.pk, told[row.pk])


def _day(row: Vitality) -> VitalityDay:
    signs = (row.joined, row.left, row.ordered, row.wrote, row.reacted, row.clicked)
    return VitalityDay(row.day, row.members, *signs, row.share, row.low, row.high)


def _probe(row: Probe) -> ProbeView:
    by = row.noted_by.display_name if row.noted_by else ""
    told = (row.kind, row.at, row.members, row.packets, row.takers, row.were_all_taken, row.minutes)
    return ProbeView(row.pk, *told, by)


def _deeds(community: Community, *, today: date) -> tuple[DeedView, ...]:
    rows = list(Deed.objects.filter(community=community).select_related("by")[:_MOST_DEEDS])
    came = came_over(deed_ids=[row.pk for row in rows])
    return tuple(_deed(row, came.get(row.pk, 0), today) for row in rows)


def _deed(row: Deed, came: int, today: date) -> DeedView:
    by = row.by.display_name if row.by else ""
    told = (row.kind, row.at, by, row.note, row.detail, row.life)
    is_late = row.after is None and row.day < today - timedelta(days=TOLD_WITHIN)
    return DeedView(row.pk, *told, row.before, row.after, row.others_change, row.others, came, is_late)
