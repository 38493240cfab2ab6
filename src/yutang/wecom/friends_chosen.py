"""Who of the staff writes to a customer: of several friends one is chosen; read through `queries`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from yutang.foundation.sealing import unseal
from yutang.wecom.models import Friendship, Standing
from yutang.wecom.views import Friend

_AT_ONCE = 5_000


def friends_of(*, customer_ids: Collection[int]) -> Mapping[int, Friend]:
    """Return with whom one writes to each of these customers, for whoever the contact policy lets write; others are missing.

    Of several members of staff it is the one who looks after the customer here, else the one with the latest message, else with
    the latest friendship; WeCom itself lets only the one write with whom the customer talked last.
    """
    found: dict[int, Friend] = {}
    for some in _batches(customer_ids):
        chosen = {key: friendship for key, (friendship, _userid) in _chosen(some).items()}
        rows = Friendship.objects.filter(pk__in=list(chosen.values())).select_related("account", "contact")
        by_key = {row.pk: row for row in rows}
        found |= {key: _friend(by_key[friendship]) for key, friendship in chosen.items() if friendship in by_key}
    return found


def senders_of(*, customer_ids: Collection[int]) -> Mapping[int, str]:
    """Return the userid of who writes to each of these customers, as `friends_of` chooses; no card is opened for it."""
    found: dict[int, str] = {}
    for some in _batches(customer_ids):
        found |= {key: userid for key, (_friendship, userid) in _chosen(some).items()}
    return found


def everybody_befriended() -> frozenset[int]:
    """Return the keys of all customers of whom `friends_of` tells a friend, in one question."""
    keys = _living().filter(contact__customer__isnull=False).values_list("contact__customer_id", flat=True)
    return frozenset(key for key in keys.distinct().iterator(chunk_size=50_000) if key is not None)


def befriended_of(*, customer_ids: Collection[int]) -> frozenset[int]:
    """Return those of some customers of whom `friends_of` tells a friend; no card is opened for it."""
    found = set[int]()
    for some in _batches(customer_ids):
        rows = _living().filter(contact__customer_id__in=some).values_list("contact__customer_id", flat=True)
        found.update(key for key in rows if key is not None)
    return frozenset(found)


def _chosen(customer_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Return friendship and userid of who writes to each."""
    best: dict[int, tuple[tuple[bool, float, float, int], str]] = {}
    rows = _living().filter(contact__customer_id__in=customer_ids)
    columns = ("contact__customer_id", "account__staff_id", "contact__customer__owner_id", "last_touch_at", "added_at")
    for person, staff_id, owner_id, touched_at, added_at, key, userid in rows.values_list(
        *columns, "pk", "account__userid"
    ):
        rank = (staff_id is not None and staff_id == owner_id, _seconds(touched_at), _seconds(added_at), key)
        if person is not None and (person not in best or best[person][0] < rank):
            best[person] = (rank, userid)
    return {person: (rank[-1], userid) for person, (rank, userid) in best.items()}


def _living() -> QuerySet[Friendship]:
    return Friendship.objects.filter(standing=Standing.FRIENDS, account__is_serving=True).order_by()


def _batches(customer_ids: Collection[int]) -> Iterator[Sequence[int]]:
    keys = sorted(customer_ids)
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _friend(row: Friendship) -> Friend:
    card = unseal(row.contact.sealed_card)
    return Friend(row.pk, card["external_userid"], row.account.userid, row.added_at)


def _seconds(at: datetime | None) -> float:
    return 0.0 if at is None else at.timestamp()
