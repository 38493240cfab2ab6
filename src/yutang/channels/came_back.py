"""What came back after messages of a campaign, and who stands behind each of its counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from yutang.channels.actions.campaigns import NoSuchCampaign
from yutang.channels.holding_out import experiment_key
from yutang.channels.models import Campaign, DeliveryState, LinkKind, LinkVisit, Reply, Touch, TouchState
from yutang.channels.within import rows_within
from yutang.customers.models import Consent
from yutang.experiments.models import Assignment
from yutang.foundation.access import Actor
from yutang.orders.models import Order, OrderStatus

#: What follows within so many days of a message is told beside it. Days.
BOUGHT_DAYS, ANSWERED_DAYS = 30, 7
#: Orders that are no sales, as everywhere: of which only lines are known, and those that were cancelled.
_NO_SALES = (OrderStatus.SHELL, OrderStatus.CANCELLED)
_S = DeliveryState
#: Place of the arm that gets nothing.
_HELD_OUT_ARM = 0
#: States of a message by how far it must have come; a message that was sent back had come as far.
WAY: tuple[tuple[str, frozenset[str]], ...] = (
    ("created", frozenset({_S.CREATED, _S.NOTIFIED, _S.CONFIRMED, _S.DELIVERED, _S.QUOTA_REFUSED, _S.NOT_A_FRIEND})),
    ("notified", frozenset({_S.NOTIFIED, _S.CONFIRMED, _S.DELIVERED, _S.QUOTA_REFUSED, _S.NOT_A_FRIEND})),
    ("confirmed", frozenset({_S.CONFIRMED, _S.DELIVERED, _S.QUOTA_REFUSED, _S.NOT_A_FRIEND})),
    ("delivered", frozenset({_S.DELIVERED})),
)
#: Channels whose messages somebody of the staff confirms; by others nobody is asked.
BY_STAFF = frozenset({"wecom", "group"})
#: Stations of `WAY` that only their messages pass.
OF_STAFF = frozenset({"notified", "confirmed"})
#: What the platform knows by a name of its own it had taken, however it ended.
TAKEN = Q(delivery__reference__gt="")
FIRST_STATION = WAY[0][0]
#: How far a message had come that ended for this reason; who was found to be no friend before a task was theirs: nowhere. For any other
#: reason it had come as far as `FIRST_STATION` where the platform had taken it.
ENDED_AFTER: Mapping[str, tuple[str, ...]] = {
    "not_confirmed": ("created", "notified"),
    "left_out": ("created", "notified", "confirmed"),
    "no_friendship": (),
    "nobody": (),
    "not_reached": (),
}


def replied(told: QuerySet[Touch]) -> QuerySet[Touch]:
    """Return messages whose receivers wrote back within `ANSWERED_DAYS`."""
    return told.filter(Exists(Reply.objects.filter(**_after("sent_at", ANSWERED_DAYS))), channel__in=("sms", "email"))


def said_no(told: QuerySet[Touch]) -> QuerySet[Touch]:
    """Return messages whose receivers withdrew a consent within `ANSWERED_DAYS`."""
    return told.filter(Exists(Consent.objects.filter(granted=False, **_after("occurred_at", ANSWERED_DAYS))))


def bought(told: QuerySet[Touch]) -> QuerySet[Touch]:
    """Return messages whose receivers bought within `BOUGHT_DAYS`."""
    orders = Order.objects.filter(**_after("placed_at", BOUGHT_DAYS)).exclude(status__in=_NO_SALES)
    return told.filter(Exists(orders))


def told_in(touches: QuerySet[Touch]) -> QuerySet[Touch]:
    """Return those of messages that were let out to people."""
    return touches.filter(state=TouchState.SENT, customer__isnull=False)


def came_as_far_as(station: str) -> Q:
    """Return the condition on messages that came at least so far, as `WAY` names it; ``planned`` is every message."""
    states = dict(WAY).get(station)
    if states is None:
        return Q()
    # As it is counted: what failed, or is no friend for a reason, came as far as the reason tells.
    reasons = [fault for fault, stations in ENDED_AFTER.items() if station in stations]
    ended = Q(delivery__state=_S.FAILED) | (Q(delivery__state=_S.NOT_A_FRIEND) & ~Q(delivery__fault=""))
    why = Q(delivery__fault__in=reasons)
    if station == FIRST_STATION:
        why |= TAKEN & ~Q(delivery__fault__in=list(ENDED_AFTER))
    come = (Q(delivery__state__in=states) & ~ended) | (ended & why)
    return come & Q(channel__in=BY_STAFF) if station in OF_STAFF else come


def receivers_counted(*, access: Actor, campaign_id: int, what: str) -> list[int | str]:
    """Return the people or groups behind a count of a campaign, each once; nobody behind one that there is not.

    Args:
        access: who looks; whoever is out of reach is left out.
        campaign_id: the campaign.
        what: one of `COUNTED`.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("channels.view")
    row = _known(campaign_id)
    if what == "held":
        held = Assignment.objects.filter(
            rows_within(access), experiment__key=experiment_key(row.key), arm=_HELD_OUT_ARM
        )
        return _receivers(held.order_by().values_list("customer_id", "group_key"))
    if what not in COUNTED:
        return []
    return _receivers(
        COUNTED[what](row).filter(rows_within(access)).order_by().values_list("customer_id", "group_key").distinct()
    )


def failed_with(*, access: Actor, campaign_id: int, fault: str) -> list[int | str]:
    """Return the people or groups whose message of a campaign failed for a reason.

    Raises:
        NoSuchCampaign: there is none.
    """
    access.require("channels.view")
    rows = _of(_known(campaign_id)).filter(rows_within(access), delivery__state=_S.FAILED, delivery__fault=fault)
    return _receivers(rows.order_by().values_list("customer_id", "group_key").distinct())


def _of(row: Campaign) -> QuerySet[Touch]:
    return Touch.objects.filter(campaign=row.key)


def _come(station: str, row: Campaign) -> QuerySet[Touch]:
    return _of(row).filter(came_as_far_as(station))


def _readers(row: Campaign) -> QuerySet[Touch]:
    visits = LinkVisit.objects.filter(
        link__touch_id=OuterRef("pk"), link__campaign=row.key, link__kind=LinkKind.TARGET, kind="person"
    )
    return _of(row).filter(Exists(visits))


#: Counts of a campaign: what returns the messages behind each. ``held`` stands beside them: who is held out has no message.
COUNTED: Mapping[str, Callable[[Campaign], QuerySet[Touch]]] = {
    "planned": _of,
    **{station: partial(_come, station) for station, _states in WAY},
    "clicked": _readers,
    "replied": lambda row: replied(told_in(_of(row))),
    "said_no": lambda row: said_no(told_in(_of(row))),
    "bought": lambda row: bought(told_in(_of(row))),
    "useful": lambda row: _of(row).filter(intent="value"),
}


def _known(campaign_id: int) -> Campaign:
    row = Campaign.objects.filter(pk=campaign_id).first()
    if row is None:
        raise NoSuchCampaign(campaign=campaign_id)
    return row


def _receivers(found: Iterable[tuple[int | None, str]]) -> list[int | str]:
    return sorted({group or customer for customer, group in found if group or customer}, key=str)  # type: ignore[misc]


def _after(instant: str, days: int) -> dict[str, object]:
    until = ExpressionWrapper(OuterRef("at") + timedelta(days=days), output_field=DateTimeField())
    return {"customer_id": OuterRef("customer_id"), f"{instant}__gt": OuterRef("at"), f"{instant}__lte": until}
