"""Every read of coupons that others may use: within the actor's stores, and never with a code in the clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from yutang.coupons.finding import (
    batches,
    clear_code,
    coupon_by_id,
    kind_by_code,
    kind_by_id,
    living,
    over,
    within_reach,
)
from yutang.coupons.models import Coupon, Kind, PoolCode, RefusedAttempt, State
from yutang.coupons.refusals import NoSuchCoupon, NoSuchCouponKind
from yutang.coupons.terms import Terms
from yutang.coupons.views import (
    STATE_TITLES,
    CouponFilters,
    CouponPage,
    CouponView,
    KindView,
    Tally,
    Week,
)
from yutang.foundation.access import Actor
from yutang.orders.queries import NOT_A_SALE

__all__ = [
    "STATE_TITLES",
    "CouponFilters",
    "NoSuchCoupon",
    "NoSuchCouponKind",
    "coupon_at_till",
    "coupon_view",
    "coupons",
    "coupons_of",
    "kind_choices",
    "kind_named",
    "kind_names",
    "kind_view",
    "kinds",
    "latest_living",
    "refused_attempts",
    "tallies",
    "weeks",
]

_MOST_ROWS = 200
_DAYS_OF_REFUSALS = timedelta(days=30)
_TERMS = (
    "name", "gives", "code", "currency", "amount_minor", "percent", "most_minor", "thing", "least_minor", "pieces", "per_person",
    "until_date", "valid_days", "cost_minor", "margin_percent", "codes", "is_for_newcomers", "budget_minor", "worth_minor",
)  # fmt: skip


def kinds(*, access: Actor) -> tuple[KindView, ...]:
    """Return every kind of coupon, those that are open first, then the newest."""
    access.require("coupons.view")
    return _kind_views(Kind.objects.order_by("-is_open", "-id"))


def kind_view(*, access: Actor, kind_id: int) -> KindView:
    """Return one kind.

    Raises:
        NoSuchCouponKind: there is none.
    """
    access.require("coupons.view")
    return _kind_views(Kind.objects.filter(pk=kind_by_id(kind_id).pk))[0]


def kind_named(*, access: Actor, code: str) -> KindView:
    """Return a kind by its short name.

    Raises:
        NoSuchCouponKind: there is none.
    """
    access.require("coupons.view")
    return _kind_views(Kind.objects.filter(pk=kind_by_code(code).pk))[0]


def kind_choices() -> tuple[tuple[str, str], ...]:
    """Return (short name, name) of the kinds that can be given, for forms that choose one."""
    return tuple(Kind.objects.filter(is_open=True).order_by("name").values_list("code", "name"))


def kind_names() -> dict[str, str]:
    """Return the name of each kind by its short name."""
    return dict(Kind.objects.order_by().values_list("code", "name"))


def tallies(*, access: Actor, now: datetime) -> dict[int, Tally]:
    """Return what became of the coupons of people within reach, by kind."""
    access.require("coupons.view")
    sums = within_reach(access).order_by().values("kind_id").annotate(
        living=Count("pk", filter=living(now)),
        redeemed=Count("pk", filter=Q(state=State.REDEEMED)),
        expired=Count("pk", filter=over(now)),
        taken_back=Count("pk", filter=Q(state=State.TAKEN_BACK)),
        cost=Sum("off_minor", default=0),
        orders=Count("pk", filter=_brought_something()),
        brought=Sum(_value_of_order(), filter=_brought_something(), default=0),
        margin=F("kind__margin_percent"),
    )  # fmt: skip
    return {
        row["kind_id"]: Tally(
            living=row["living"],
            redeemed=row["redeemed"],
            expired=row["expired"],
            taken_back=row["taken_back"],
            cost_minor=int(row["cost"]),
            orders=row["orders"],
            brought_minor=int(row["brought"]),
            left_minor=round(int(row["brought"]) * row["margin"] / 100) - int(row["cost"]),
        )
        for row in sums
    }


def coupons(
    *, access: Actor, filters: CouponFilters, after_key: int | None = None, limit: int = 50, now: datetime
) -> CouponPage:
    """Return a page of the coupons of people within reach, newest first.

    Args:
        access: needs ``coupons.view``.
        filters: what to narrow to.
        after_key: `next_key` of the page before; None for the first.
        limit: coupons a page, at most 200.
        now: by which it is told what is over. Aware UTC.
    """
    access.require("coupons.view")
    rows = _narrowed(within_reach(access), filters, now).order_by("-id")
    if after_key is not None:
        rows = rows.filter(pk__lt=after_key)
    limit = min(limit, _MOST_ROWS)
    found = _coupon_views(rows[: limit + 1], now)
    return CouponPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def coupons_of(*, access: Actor, customer_id: int, limit: int = 50, now: datetime) -> tuple[CouponView, ...]:
    """Return the coupons of a person within reach, newest first."""
    return coupons(access=access, filters=CouponFilters(customer_id=customer_id), limit=limit, now=now).rows


def coupon_view(*, access: Actor, coupon_id: int, now: datetime) -> CouponView:
    """Return one coupon of somebody within reach.

    Raises:
        NoSuchCoupon: there is none.
    """
    access.require("coupons.view")
    return _coupon_views(Coupon.objects.filter(pk=coupon_by_id(access, coupon_id).pk), now)[0]


def coupon_at_till(*, access: Actor, coupon_id: int, now: datetime) -> CouponView:
    """Return a coupon whose code the till holds, whoever has it; of whom is told only where the person is within reach.

    Args:
        access: needs ``coupons.redeem``; `look_up_code` and `redeem_coupon` gave the key.
        coupon_id: which.
        now: by which it is told whether it is over. Aware UTC.

    Raises:
        NoSuchCoupon: there is none.
    """
    access.require("coupons.redeem")
    found = _coupon_views(Coupon.objects.filter(pk=coupon_id), now)
    if not found:
        raise NoSuchCoupon(coupon_id=coupon_id)
    view = found[0]
    is_known = within_reach(access).filter(pk=coupon_id).exists()
    return view if is_known else replace(view, customer_id=None, campaign="", given_by="", reason="", redeemed_by="")


def weeks(*, access: Actor, kind_id: int, since: date, now: datetime) -> tuple[Week, ...]:
    """Return what became of the coupons of a kind by the week in which they were given, oldest first; taken back ones do not count.

    Args:
        access: needs ``coupons.view``.
        kind_id: which.
        since: weeks from the one in which this day lies.
        now: by which it is told what is over. Aware UTC.
    """
    access.require("coupons.view")
    first, today = since - timedelta(days=since.weekday()), timezone.localtime(now).date()
    found = {first + timedelta(weeks=n): Week(first + timedelta(weeks=n)) for n in range((today - first).days // 7 + 1)}
    rows = within_reach(access).filter(kind_id=kind_id, given_date__gte=first, given_date__lte=today).order_by()
    counted = rows.values_list("given_date").annotate(
        redeemed=Count("pk", filter=Q(state=State.REDEEMED)),
        usable=Count("pk", filter=living(now)),
        expired=Count("pk", filter=over(now)),
    )
    for day, redeemed, usable, expired in counted.order_by("given_date"):
        monday = day - timedelta(days=day.weekday())
        so_far = found[monday]
        found[monday] = Week(monday, so_far.redeemed + redeemed, so_far.living + usable, so_far.expired + expired)
    return tuple(found.values())


def refused_attempts(*, access: Actor, kind_id: int | None = None, now: datetime) -> dict[str, int]:
    """Return how many redemptions were refused in the last 30 days, by code of the refusal, the most frequent first.

    Args:
        access: needs ``coupons.view``; who sees some stores only sees the attempts there.
        kind_id: only of coupons of this kind; None: of all, and of codes that nobody has.
        now: aware UTC.
    """
    access.require("coupons.view")
    rows = RefusedAttempt.objects.filter(at__gt=now - _DAYS_OF_REFUSALS)
    if kind_id is not None:
        rows = rows.filter(coupon__kind_id=kind_id)
    if access.store_ids is not None:
        rows = rows.filter(store_id__in=access.store_ids)
    counted = rows.order_by().values_list("reason").annotate(n=Count("pk"))
    return dict(counted.order_by("-n", "reason"))


def latest_living(
    *, customer_ids: Sequence[int], campaign: str = "", clear: bool, now: datetime
) -> dict[int, tuple[str, date]]:
    """Return (code, last day) of the coupon that each person got last and can use, for the words that are sent to them.

    Args:
        customer_ids: whose.
        campaign: only coupons that were given for it; empty: any.
        clear: whether codes are in the clear, as the person reads them; else only their ends, as staff do.
        now: aware UTC.
    """
    newest: dict[int, tuple[Any, ...]] = {}
    for some in batches(customer_ids):
        rows = Coupon.objects.filter(living(now), customer_id__in=some)
        rows = rows.filter(campaign=campaign) if campaign else rows
        # The last of each person stands last, and stays.
        columns = ("customer_id", "sealed_code", "code_end", "last_date")
        newest.update({row[0]: row for row in rows.order_by("given_at", "id").values_list(*columns)})
    return {person: (clear_code(sealed) if clear else f"…{end}", last) for person, sealed, end, last in newest.values()}


def _brought_something() -> Q:
    known = Q(order__status__isnull=False) & ~Q(order__status__in=NOT_A_SALE)
    # An import that was undone leaves the key of an order that is not there: then the till's word counts again.
    return Q(state=State.REDEEMED) & (known | Q(order__status__isnull=True, order_minor__isnull=False))


def _value_of_order() -> Case:
    """Return the value of a coupon's order: what the shop has, else what the till said."""
    return Case(
        When(order__status__isnull=False, then=F("order__total_minor") - F("order__refunded_minor")),
        default=Coalesce(F("order_minor"), Value(0)),
        output_field=BigIntegerField(),
    )


def _narrowed(rows: QuerySet[Coupon], filters: CouponFilters, now: datetime) -> QuerySet[Coupon]:
    states = {"given": living(now), "expired": over(now)}
    if filters.state:
        rows = rows.filter(states.get(filters.state, Q(state=filters.state)))
    narrow = {
        "kind__code": filters.kind,
        "customer_id": filters.customer_id,
        "store_id": filters.store_id,
        "campaign": filters.campaign,
        "code_end": filters.code_end[-4:],
    }
    return rows.filter(**{name: value for name, value in narrow.items() if value not in {None, ""}})


def _coupon_views(rows: QuerySet[Coupon], now: datetime) -> tuple[CouponView, ...]:
    found = rows.select_related("kind", "given_by", "redeemed_by", "store")
    return tuple(
        CouponView(
            id=one.pk,
            kind_id=one.kind_id,
            kind_code=one.kind.code,
            kind_name=one.kind.name,
            customer_id=one.customer_id,
            code_end=one.code_end,
            state=State.EXPIRED.value if one.state == State.GIVEN and one.ends_at <= now else one.state,
            campaign=one.campaign,
            given_at=one.given_at,
            given_by=one.given_by.display_name if one.given_by else "",
            last_date=one.last_date,
            redeemed_at=one.redeemed_at,
            redeemed_by=one.redeemed_by.display_name if one.redeemed_by else "",
            store_id=one.store_id,
            store_name=one.store.name if one.store else "",
            order_number=one.order_number,
            order_minor=one.order_minor,
            off_minor=one.off_minor,
            currency=one.kind.currency,
            taken_back_at=one.taken_back_at,
            reason=one.reason,
        )
        for one in found
    )


def _kind_views(rows: QuerySet[Kind]) -> tuple[KindView, ...]:
    found = list(rows.prefetch_related("stores"))
    keys = [one.pk for one in found]
    free: Mapping[int, int] = dict(
        PoolCode.objects.filter(kind_id__in=keys, is_given=False)
        .order_by()
        .values_list("kind_id")
        .annotate(Count("pk"))
    )
    promised = set(Coupon.objects.filter(kind_id__in=keys).order_by().values_list("kind_id", flat=True).distinct())
    return tuple(
        KindView(
            id=one.pk,
            code=one.code,
            terms=_terms(one),
            store_names=tuple(store.name for store in one.stores.all()),
            given=one.given,
            is_open=one.is_open,
            pool_left=free.get(one.pk, 0),
            is_promised=one.pk in promised,
            made_at=one.made_at,
            changed_at=one.changed_at,
        )
        for one in found
    )


def _terms(kind: Kind) -> Terms:
    columns = {name: getattr(kind, name) for name in _TERMS}
    return Terms(**columns, products=tuple(kind.products), store_ids=tuple(one.pk for one in kind.stores.all()))
