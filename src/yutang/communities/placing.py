"""Leading newcomers into groups: the fitting one with room, never beyond its capacity, however many workers do so at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db import transaction
from django.db.models import Count

from yutang.channels.queries import standing_of_every_group
from yutang.communities.events import GroupIsWanted
from yutang.communities.likeness import fit, groups_of_tags, tags_of_people
from yutang.communities.models import Community, Opening, Place, PlaceState
from yutang.communities.organisation import CAPACITY, HOLD_DAYS
from yutang.communities.registering import OPEN_TO_NEWCOMERS, follow_groups, free_names
from yutang.communities.tasks_for_people import LIMIT_REASON, OPEN_GROUP, OPEN_REASON, SUBJECT
from yutang.customers.models import Customer
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.settings_kept import kept_setting
from yutang.kit.text import Sentence
from yutang.wecom.actions import ask_for_join_ways
from yutang.wecom.models import Group, GroupMember
from yutang.wecom.queries import join_codes
from yutang.worklist.actions import Draft, propose

_AT_ONCE = 500


@dataclass(frozen=True)
class Newcomer:
    """Somebody who is to be led into a group.

    Attributes:
        key: of whoever leads; the same key is the same place for ever. At most 120 characters.
        customer_id: who.
        inviter_id: the member who brings them; None where a code or the staff does.
        source: what leads them, such as ``code:7``.
        store_id: whose groups are meant; None: those of the person's own store.
    """

    key: str
    customer_id: int
    inviter_id: int | None = None
    source: str = ""
    store_id: int | None = None


@dataclass(frozen=True)
class Wish:
    """Which groups are meant.

    Attributes:
        group_key: this one alone; empty: any that fits.
        line_of: the group of this key, and those that were opened after it because it was full; empty: any that fits.
        name: only groups whose names begin so, of whatever store; empty: those of the person's store.
        purpose: only groups of this purpose; empty: of any.
        most: people up to which such a group is filled, where that is fewer than its places; 0: all its places.
        needs_code: whether only a group that has a code to come in by is of use; where none has, one is asked for.
    """

    group_key: str = ""
    line_of: str = ""
    name: str = ""
    purpose: str = ""
    most: int = 0
    needs_code: bool = False


#: Any group of the person's store.
ANY_GROUP = Wish()


@dataclass(frozen=True)
class Placement:
    """Where somebody was led.

    Attributes:
        outcome: ``placed``, ``member`` (is in a fitting one already), ``lapsed`` (did not come under this key),
            ``no_code`` (one is being made), ``no_room`` (the next group is asked for) or ``no_group`` (none fits).
        group_key: of the group; empty where there is none.
        community_id: the same, as this room knows it; 0 where there is none.
        code: address of its code; empty where it has none.
    """

    outcome: str
    group_key: str = ""
    community_id: int = 0
    code: str = ""


@transaction.atomic
def place_newcomers(
    *, actor: Actor, newcomers: Sequence[Newcomer], wish: Wish = ANY_GROUP, now: datetime
) -> tuple[Placement, ...]:
    """Keep a place in the fitting group with room for each newcomer, and return where, by position.

    The groups that may be meant are locked while places are given, so that nobody gives the last one twice. Of those that fit, the
    most alike one comes first, then one in which whoever brings the person is, then the oldest: groups are filled before the next
    one is begun.

    Args:
        actor: needs ``channels.send``, for whoever is led into a group is written to there.
        newcomers: who is to be led.
        wish: which groups are meant.
        now: aware UTC.
    """
    actor.require("channels.send")
    if Group.objects.filter(dismissed_at=None, community=None).exists():
        follow_groups(now=now)
    stores = _stores_of([one.customer_id for one in newcomers])
    stores |= {one.customer_id: one.store_id for one in newcomers if one.store_id is not None}
    groups = _Groups(wish, {store for store in stores.values() if store is not None}, now=now)
    # Only now: whoever asked for the same places at once has written them.
    known = _known_places([one.key for one in newcomers])
    groups.see({*stores, *(one.inviter_id for one in newcomers if one.inviter_id is not None)})
    found: list[Placement] = []
    rows: list[Place] = []
    until = now + timedelta(days=int(kept_setting(HOLD_DAYS)))
    for one in newcomers:
        if one.key in known:
            found.append(groups.again(known[one.key]))
            continue
        placement, is_new = groups.place(one.customer_id, stores.get(one.customer_id), one.inviter_id)
        found.append(placement)
        if is_new:
            rows.append(_place(one, placement.community_id, until, now))
            known[one.key] = rows[-1]
    Place.objects.bulk_create(rows, batch_size=_AT_ONCE)
    if groups.without_code:
        ask_for_join_ways(actor=actor, chat_ids=sorted(groups.without_code), now=now)
    ask_for_groups(community_ids=groups.overflowing, limits=groups.limits, now=now)
    return tuple(found)


def ask_for_groups(
    *, community_ids: Collection[int], limits: Mapping[int, int] = MappingProxyType({}), now: datetime
) -> int:
    """Ask the owners of full groups for the next one, each once, and return how many were asked for; in the caller's transaction.

    Args:
        community_ids: the groups.
        limits: of those that have places left, up to how many people whoever leads newcomers fills them.
        now: aware UTC.
    """
    rows = Community.objects.filter(pk__in=list(community_ids), opening=None).select_related("group")
    full = list(rows.order_by("pk"))
    if not full:
        return 0
    names = free_names([row.group.name for row in full])
    wishes = [
        Opening(follows=row, name=name, most=limits.get(row.pk), asked_at=now)
        for row, name in zip(full, names, strict=True)
    ]
    Opening.objects.bulk_create(wishes, batch_size=_AT_ONCE, ignore_conflicts=True)
    made = Opening.objects.filter(follows_id__in=[one.follows_id for one in wishes], asked_at=now)
    made = made.select_related("follows__group").order_by("pk")
    outbox.record_all([GroupIsWanted(one.pk, one.follows_id) for one in made], now=now)
    drafts = [
        Draft(
            kind=OPEN_GROUP.code,
            dedupe_key=f"{OPEN_GROUP.code}:{one.follows_id}",
            reason=_why_wanted(one),
            rank=one.follows.members,
            stake_minor=0,
            store_id=one.follows.store_id,
            staff_id=one.follows.owner_id,
            subject={"room": SUBJECT, "id": one.follows_id},
        )
        for one in made
    ]
    propose(actor=Actor.system(), drafts=drafts, now=now)
    return len(drafts)


def _why_wanted(one: Opening) -> Sentence:
    told: dict[str, object] = {"full": one.follows.group.name, "name": one.name}
    return Sentence(OPEN_REASON, told) if one.most is None else Sentence(LIMIT_REASON, {**told, "n": one.most})


@dataclass
class _Seen:
    """A group with what is left of it while places are given; `spare` are places beyond those that the wish lets be filled."""

    row: Community
    chat_id: str
    free: int
    spare: int = 0
    inside: set[int] = field(default_factory=set)


class _Groups:
    """The groups that may be meant, locked, with their free places."""

    def __init__(self, wish: Wish, stores: Collection[int], *, now: datetime) -> None:
        self._wish, self._now = wish, now
        rows = Community.objects.filter(OPEN_TO_NEWCOMERS)
        if wish.group_key:
            rows = rows.filter(group__chat_id=wish.group_key)
        elif wish.line_of:
            rows = rows.filter(pk__in=_line_of(wish.line_of))
        elif wish.name:
            rows = rows.filter(group__name__startswith=wish.name)
        else:
            rows = rows.filter(store_id__in=list(stores))
        if wish.purpose:
            rows = rows.filter(purpose=wish.purpose)
        locked = list(rows.select_for_update(of=("self",)).order_by("pk"))
        told = dict(
            Group.objects.filter(pk__in=[row.group_id for row in locked]).order_by().values_list("pk", "chat_id")
        )
        dead = {key for key, standing in standing_of_every_group().items() if standing == "dead"} if locked else set()
        locked = [row for row in locked if told[row.group_id] not in dead]
        self._groups = groups_of_tags({tag for row in locked for tag in row.likeness})
        free = free_places(locked, most=wish.most, now=now)
        own = _capacities(locked)
        self._seen = [
            _Seen(row, told[row.group_id], free[row.pk], max(0, own[row.pk] - (wish.most or own[row.pk])))
            for row in locked
        ]
        self._seen.sort(key=lambda one: (one.row.made_at, one.chat_id))
        self._codes: Mapping[str, str] = join_codes(chat_ids=[one.chat_id for one in self._seen])
        self._carried: dict[int, set[int]] = {}
        self._held: dict[int, set[int]] = {}
        #: Groups with room whose code has to be made, and full ones after which another is wished for.
        self.without_code: set[str] = set()
        self.overflowing: set[int] = set()
        #: Of these, up to how many people those are filled that have places left.
        self.limits: dict[int, int] = {}

    def see(self, people: Collection[int]) -> None:
        """Read of these people what they are like, where they are, and where a place is kept for them."""
        self._carried = tags_of_people(customer_ids=people, tag_group_ids=set(self._groups.values()), now=self._now)
        by_group = {one.row.group_id: one for one in self._seen}
        there = GroupMember.objects.filter(
            group_id__in=list(by_group), left_at=None, contact__customer_id__in=list(people)
        )
        for group_id, person in there.order_by().values_list("group_id", "contact__customer_id"):
            by_group[group_id].inside.add(person)
        held = Place.objects.filter(
            customer_id__in=list(people), state=PlaceState.HELD, held_until__gt=self._now
        ).order_by()
        for person, community in held.values_list("customer_id", "community_id"):
            self._held.setdefault(person, set()).add(community)

    def again(self, place: Place) -> Placement:
        """Return the answer that was given under this key before."""
        seen = next((one for one in self._seen if one.row.pk == place.community_id), None)
        chat_id = seen.chat_id if seen else Group.objects.get(community=place.community_id).chat_id
        outcome = "lapsed" if place.state == PlaceState.LAPSED else "placed"
        return Placement(outcome, chat_id, place.community_id, self._codes.get(chat_id, ""))

    def place(self, person: int, store_id: int | None, inviter: int | None = None) -> tuple[Placement, bool]:
        """Return where a person is led, and whether a place was taken for them now."""
        fitting = self._fitting(person, store_id, inviter)
        for one in fitting:
            if person in one.inside:
                return self._placed("member", one), False
        for one in fitting:
            if one.row.pk in self._held.get(person, ()):
                return self._placed("placed", one), False
        if not fitting:
            return Placement("no_group"), False
        with_room = [one for one in fitting if one.free > 0]
        if not with_room:
            self._ask_for_next(fitting)
            return Placement("no_room"), False
        ready = [one for one in with_room if one.chat_id in self._codes] if self._wish.needs_code else with_room
        if not ready:
            self.without_code.add(with_room[0].chat_id)
            return Placement("no_code"), False
        chosen = ready[0]
        chosen.free -= 1
        self._held.setdefault(person, set()).add(chosen.row.pk)
        if not any(one.free > 0 for one in fitting):
            self._ask_for_next(fitting)
        return self._placed("placed", chosen), True

    def _fitting(self, person: int, store_id: int | None, inviter: int | None) -> list[_Seen]:
        named = bool(self._wish.name or self._wish.group_key or self._wish.line_of)
        carried = self._carried.get(person, set())
        scored = []
        for one in self._seen:
            if not named and one.row.store_id != store_id:
                continue
            score = fit(likeness=one.row.likeness, groups=self._groups, carried=carried)
            if score is not None:
                scored.append(((score, inviter in one.inside), one))
        scored.sort(key=lambda pair: pair[0], reverse=True)
        return [one for _score, one in scored]

    def _ask_for_next(self, fitting: Sequence[_Seen]) -> None:
        """Wish for a group after the latest of the most alike ones."""
        latest = max(fitting, key=lambda one: (len(one.row.likeness), one.row.made_at, one.row.pk))
        self.overflowing.add(latest.row.pk)
        if latest.free + latest.spare > 0:
            self.limits[latest.row.pk] = self._wish.most

    def _placed(self, outcome: str, one: _Seen) -> Placement:
        return Placement(outcome, one.chat_id, one.row.pk, self._codes.get(one.chat_id, ""))


def free_places(rows: Sequence[Community], *, most: int = 0, now: datetime) -> dict[int, int]:
    """Return how many newcomers each group can still take: capacity less members less places that are kept for others. May be below 0.

    Args:
        rows: the groups.
        most: people up to which they are filled, where that is fewer than their places; 0: all their places.
        now: aware UTC.
    """
    keys = {row.group_id: row.pk for row in rows}
    inside = GroupMember.objects.filter(group_id__in=list(keys), left_at=None, account=None).order_by()
    members = {keys[group]: n for group, n in inside.values_list("group_id").annotate(Count("pk"))}
    held_rows = Place.objects.filter(community__in=[row.pk for row in rows], state=PlaceState.HELD, held_until__gt=now)
    held = set(held_rows.order_by().values_list("community_id", "customer_id"))
    came = GroupMember.objects.filter(
        group_id__in=list(keys), left_at=None, contact__customer_id__in={person for _community, person in held}
    ).order_by()
    held -= {(keys[group], person) for group, person in came.values_list("group_id", "contact__customer_id")}
    kept: dict[int, int] = {}
    for community, _person in held:
        kept[community] = kept.get(community, 0) + 1
    places = {key: min(own, most or own) for key, own in _capacities(rows).items()}
    return {row.pk: places[row.pk] - members.get(row.pk, 0) - kept.get(row.pk, 0) for row in rows}


def _capacities(rows: Sequence[Community]) -> dict[int, int]:
    usual = int(kept_setting(CAPACITY))
    return {row.pk: row.capacity or usual for row in rows}


def _line_of(chat_id: str) -> set[int]:
    """Return a group, and the groups that were opened one after the other because the one before was full."""
    after: dict[int, list[int]] = {}
    for key, before in Community.objects.filter(follows__isnull=False).order_by().values_list("pk", "follows_id"):
        after.setdefault(before or 0, []).append(key)
    reached: set[int] = set()
    waiting = list(Community.objects.filter(group__chat_id=chat_id).values_list("pk", flat=True))
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += after.get(key, ())
    return reached


def _known_places(keys: Sequence[str]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for start in range(0, len(keys), _AT_ONCE):
        found |= {row.key: row for row in Place.objects.filter(key__in=keys[start : start + _AT_ONCE])}
    return found


def _stores_of(people: Sequence[int]) -> dict[int, int | None]:
    return dict(Customer.objects.filter(pk__in=list(people)).order_by().values_list("pk", "store_id"))


def _place(one: Newcomer, community_id: int, until: datetime, now: datetime) -> Place:
    inviter = one.inviter_id if one.inviter_id != one.customer_id else None
    return Place(
        key=one.key[:120],
        community_id=community_id,
        customer_id=one.customer_id,
        inviter_id=inviter,
        source=one.source[:60],
        held_until=until,
        given_at=now,
    )
