"""Tags that follow each other: what was put on or taken off on one side since both agreed happens on the other.

What both sides had when they were last compared is kept (`AgreedTag`). A tag that one side has and that was not agreed on was
put on there; one that was agreed on and that one side lacks was taken off there. A tag with a rule goes out only: the rule decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import Remedy, WeComError
from yutang.customers.actions import give_tag, take_tag
from yutang.customers.models import CustomerTag
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.foundation.sealing import unseal
from yutang.foundation.settings_kept import kept_setting
from yutang.wecom.models import AgreedTag, Contact, Friendship, FriendTag, Standing, Tag
from yutang.wecom.organisation import TAGS_BOTH_WAYS

#: Differences of one look; what is more waits for the next.
MOST_AT_ONCE = 2_000

_HERE_ONLY = """
SELECT c.id, t.id FROM wecom_tag t
JOIN customers_tag own ON own.id = t.own_tag_id
JOIN customers_customertag worn ON worn.tag_id = own.id
JOIN wecom_contact c ON c.customer_id = worn.customer_id
WHERE EXISTS (SELECT 1 FROM wecom_friendship f WHERE f.contact_id = c.id AND f.standing = 'friends')
  AND NOT EXISTS (SELECT 1 FROM wecom_friendtag m JOIN wecom_friendship f ON f.id = m.friendship_id
                  WHERE f.contact_id = c.id AND m.tag_id = t.id)
  AND (own.rule IS NOT NULL OR NOT EXISTS (SELECT 1 FROM wecom_agreedtag a WHERE a.contact_id = c.id AND a.tag_id = t.id))
ORDER BY c.id, t.id LIMIT %s
"""
_THERE_ONLY = """
SELECT DISTINCT f.contact_id, m.tag_id FROM wecom_friendtag m
JOIN wecom_friendship f ON f.id = m.friendship_id AND f.standing = 'friends'
JOIN wecom_contact c ON c.id = f.contact_id AND c.customer_id IS NOT NULL
JOIN wecom_tag t ON t.id = m.tag_id
JOIN customers_tag own ON own.id = t.own_tag_id
WHERE NOT EXISTS (SELECT 1 FROM customers_customertag worn WHERE worn.customer_id = c.customer_id AND worn.tag_id = own.id)
  AND (own.rule IS NOT NULL OR EXISTS (SELECT 1 FROM wecom_agreedtag a WHERE a.contact_id = c.id AND a.tag_id = m.tag_id))
ORDER BY f.contact_id, m.tag_id LIMIT %s
"""
_Pair = tuple[int, int]


@dataclass(frozen=True)
class Mark:
    """One call: what one member of staff puts on a customer, or takes off."""

    friendship_id: int
    userid: str
    external_userid: str
    add: frozenset[int]
    remove: frozenset[int]


def mirror_in(contact_ids: Collection[int], *, now: datetime) -> None:
    """Give and take tags here as they were put on and taken off in WeCom, in the caller's transaction."""
    if not contact_ids or not kept_setting(TAGS_BOTH_WAYS):
        return
    own_of = dict(
        Tag.objects.exclude(own_tag=None).filter(own_tag__rule__isnull=True).order_by().values_list("pk", "own_tag_id")
    )
    people = dict(
        Contact.objects.filter(pk__in=list(contact_ids), friendships__standing=Standing.FRIENDS)
        .exclude(customer=None)
        .order_by()
        .values_list("pk", "customer_id")
    )
    there = _there(people)
    agreed = set(AgreedTag.objects.filter(contact_id__in=people).order_by().values_list("contact_id", "tag_id"))
    worn = set(
        CustomerTag.objects.filter(customer_id__in=people.values(), tag_id__in=own_of.values())
        .order_by()
        .values_list("customer_id", "tag_id")
    )
    here = {(contact, tag) for contact in people for tag in own_of if (people[contact], own_of[tag]) in worn}
    there = {pair for pair in there if pair[1] in own_of}
    agreed = {pair for pair in agreed if pair[1] in own_of}
    given, taken = there - agreed - here, (agreed - there) & here
    for tag, contacts in _by_tag(given).items():
        give_tag(
            actor=Actor.system(), tag_id=own_of[tag], customer_ids=sorted({people[one] for one in contacts}), now=now
        )
    for tag, contacts in _by_tag(taken).items():
        take_tag(
            actor=Actor.system(), tag_id=own_of[tag], customer_ids=sorted({people[one] for one in contacts}), now=now
        )
    _agree(new=(there & (here | given)) - agreed, gone=agreed - there)


def marks_to_make() -> list[Mark]:
    """Return what must be put on or taken off in WeCom, as calls; some of it where it is much."""
    if not kept_setting(TAGS_BOTH_WAYS):
        return []
    add = _by_contact(bulk.fetch(_HERE_ONLY, [MOST_AT_ONCE]))
    remove = _by_contact(bulk.fetch(_THERE_ONLY, [MOST_AT_ONCE]))
    rows = Friendship.objects.filter(contact_id__in={*add, *remove}, standing=Standing.FRIENDS)
    marks = []
    for row in rows.select_related("account", "contact").prefetch_related("tags").order_by("pk"):
        worn = {one.tag_id for one in row.tags.all()}
        wanted, unwanted = frozenset(add[row.contact_id]), frozenset(remove[row.contact_id] & worn)
        if wanted or unwanted:
            card = unseal(row.contact.sealed_card)
            marks.append(Mark(row.pk, row.account.userid, card["external_userid"], wanted, unwanted))
    return marks


def make_marks(client: WeCom, marks: Sequence[Mark]) -> int:
    """Tell WeCom, one call each, and write down what it took; return how many it did not.

    Raises:
        WeComError: no call of this kind succeeds at present.
    """
    ids = dict(Tag.objects.order_by().values_list("pk", "tag_id"))
    made = [one for one in marks if _make(client, one, ids)]
    with transaction.atomic():
        FriendTag.objects.bulk_create(
            [FriendTag(friendship_id=one.friendship_id, tag_id=tag) for one in made for tag in sorted(one.add)],
            ignore_conflicts=True,
        )
        for one in made:
            if one.remove:
                FriendTag.objects.filter(friendship_id=one.friendship_id, tag_id__in=one.remove).delete()
        contacts = dict(
            Friendship.objects.filter(pk__in=[one.friendship_id for one in made]).values_list("pk", "contact_id")
        )
        _agree(
            new={(contacts[one.friendship_id], tag) for one in made for tag in one.add},
            gone={(contacts[one.friendship_id], tag) for one in made for tag in one.remove},
        )
    return len(marks) - len(made)


def _make(client: WeCom, one: Mark, ids: dict[int, str]) -> bool:
    try:
        client.tags.mark(
            userid=one.userid,
            external_userid=one.external_userid,
            add=[ids[tag] for tag in sorted(one.add)],
            remove=[ids[tag] for tag in sorted(one.remove)],
        )
    except WeComError as error:
        # Somebody is no friend any more, or the tag is another app's: the next full look sees what is.
        if error.remedy is not Remedy.CHANGE_REQUEST:
            raise
        return False
    return True


def _there(people: Iterable[int]) -> set[_Pair]:
    rows = FriendTag.objects.filter(friendship__contact_id__in=list(people)).order_by()
    return set(rows.values_list("friendship__contact_id", "tag_id"))


def _agree(*, new: Collection[_Pair], gone: Collection[_Pair]) -> None:
    AgreedTag.objects.bulk_create(
        [AgreedTag(contact_id=contact, tag_id=tag) for contact, tag in sorted(new)], ignore_conflicts=True
    )
    for tag, contacts in _by_tag(gone).items():
        AgreedTag.objects.filter(tag_id=tag, contact_id__in=contacts).delete()


def _by_tag(pairs: Iterable[_Pair]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for contact, tag in pairs:
        found[tag].add(contact)
    return found


def _by_contact(pairs: Iterable[tuple[int, ...]]) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for contact, tag in pairs:
        found[contact].add(tag)
    return found
