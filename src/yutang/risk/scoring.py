"""Making the security scores of people anew in the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Count, Q

from yutang.customers.models import Customer
from yutang.foundation import bulk
from yutang.orders.models import Order
from yutang.risk.asks import Verdict
from yutang.risk.looking import MOST_ORDERS, UNPAID
from yutang.risk.models import Community, Decision, Invitation, Settled, Standing, Thing, ThingKind, Tie
from yutang.risk.pieces import pieces
from yutang.risk.scores import Life, is_crowd, score_of

_WRITTEN = ("score", "parts", "invited", "invited_known", "invited_left", "ring", "changed_at")


def score_people(people: Iterable[int], *, rings: Mapping[int, int] | None = None, now: datetime) -> int:
    """Make the scores of people anew, and of those in the rings; return how many those were."""
    keys = {*people, *(rings or {})}
    for some in pieces(sorted(keys)):
        _score(some, rings or {}, now)
    return len(keys)


def recount_people(people: Iterable[int]) -> None:
    """Count anew what became of what people were given, and how often they were refused; granted appeals do not count."""
    for keys in pieces(sorted(people)):
        fates = Decision.objects.filter(customer_id__in=keys).order_by().values_list("customer_id")
        counted = fates.annotate(
            known=Count("pk", filter=~Q(outcome="")),
            left=Count("pk", filter=Q(outcome="left_at_once")),
            bought=Count("pk", filter=Q(outcome="bought")),
            stopped=Count("pk", filter=Q(verdict=Verdict.REFUSE) & ~Q(settled=Settled.LET_THROUGH)),
        )
        rows = [(known, left, bought, stopped, key) for key, known, left, bought, stopped in counted]
        with bulk.key_table(_COUNTED, rows) as found:
            bulk.execute(_RECOUNTS.replace("counted_keys", found))


_COUNTED = (("known", "int"), ("left_at", "int"), ("bought", "int"), ("stopped", "int"), ("customer_id", "int"))
_RECOUNTS = (
    "UPDATE risk_standing SET own_known = counted_keys.known, own_left = counted_keys.left_at,"
    " own_bought = counted_keys.bought, stopped = counted_keys.stopped"
    " FROM counted_keys WHERE risk_standing.customer_id = counted_keys.customer_id"
)


def _score(keys: list[int], rings: Mapping[int, int], now: datetime) -> None:
    rows = list(Standing.objects.filter(pk__in=keys).order_by("pk"))
    since = dict(Customer.objects.filter(pk__in=keys).order_by().values_list("pk", "first_seen_at"))
    paid = Order.objects.filter(customer_id__in=keys).exclude(status__in=UNPAID).order_by()
    orders = dict(paid.values_list("customer_id").annotate(Count("pk")))
    brought = _brought(keys)
    sharing, crowds = _sharing(keys), _crowds(rows)
    for row in rows:
        row.invited, row.invited_known, row.invited_left = brought.get(row.pk, (0, 0, 0))
        row.ring = min(filter(None, (row.ring, rings.get(row.pk, 0))), default=0)
        life = Life(
            account_days=max(0, (now - since.get(row.pk, now)).days),
            orders=min(MOST_ORDERS, orders.get(row.pk, 0)),
            device_people=sharing[row.pk].get(ThingKind.DEVICE, 1),
            payer_people=sharing[row.pk].get(ThingKind.PAYER, 1),
            is_in_crowd=row.community in crowds,
            own_left=row.own_left,
            invited_known=row.invited_known,
            invited_left=row.invited_left,
            ring=row.ring,
            stopped=row.stopped,
        )
        row.score, row.parts = score_of(life)
        row.changed_at = now
    Standing.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["customer"], update_fields=list(_WRITTEN)
    )


def _brought(keys: list[int]) -> dict[int, tuple[int, int, int]]:
    """Return by inviter how many they brought, of how many it is known what became of them, and how many left at once."""
    known, left = Count("pk", filter=~Q(outcome="")), Count("pk", filter=Q(outcome="left_at_once"))
    rows = Invitation.objects.filter(inviter_id__in=keys).order_by().values_list("inviter_id")
    counted = rows.annotate(Count("pk"), known=known, left=left)
    return {inviter: (invited, how_known, how_left) for inviter, invited, how_known, how_left in counted}


def _sharing(keys: list[int]) -> dict[int, dict[int, int]]:
    """Return by person and kind of thing how many people use the one of their things that most people use."""
    ties = list(Tie.objects.filter(customer_id__in=keys).order_by().values_list("customer_id", "thing"))
    used: dict[int, tuple[int, int]] = {}
    for some in pieces({thing for _person, thing in ties}):
        rows = Thing.objects.filter(pk__in=some).order_by()
        used.update({pk: (kind, people) for pk, kind, people in rows.values_list("pk", "kind", "people")})
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for person, thing in ties:
        kind, people = used.get(thing, (0, 0))
        found[person][kind] = max(people, found[person].get(kind, 0))
    return found


def _crowds(rows: Iterable[Standing]) -> set[int | None]:
    """Return the communities of strangers who share things."""
    found: set[int | None] = set()
    ids = {row.community for row in rows if row.community is not None}
    for one in Community.objects.filter(pk__in=ids).order_by():
        if is_crowd(people=one.people, shared_percent=one.shared_percent, strangers=one.strangers):
            found.add(one.pk)
    return found
