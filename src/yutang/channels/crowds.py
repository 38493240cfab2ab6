"""What the store knows of many people and groups at once, as the facts of `rules.py`: a handful of questions for all of them.

One person's decision and those of thousands read the same facts by the same code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from django.conf import settings
from django.db.models import Q

from yutang.channels.models import Grievance, GrievanceKind, GroupStanding, QuotaUse, Touch, TouchState
from yutang.channels.policy import GROUP_CHANNEL, LONGEST_WINDOW_DAYS, Policy
from yutang.channels.rules import Contact, Facts, Request
from yutang.channels.slots import slot_at
from yutang.customers.models import Consent, ConsentChannel, Customer, Identifier

#: Kind of identifier by which a person is reached.
ADDRESS_OF: Mapping[str, str] = {"wecom": "wecom", "sms": "phone", "phone": "phone", "email": "email"}
#: Messages that count when another is planned: also planned ones take places.
WHEN_PLANNED = (TouchState.PLANNED, TouchState.SENT)
#: Messages that count when one is to go out: planned ones would hold each other back for ever.
WHEN_CLAIMED = (TouchState.SENT,)

#: The key of a person, or that of a group.
Receiver: TypeAlias = int | str


class Had(NamedTuple):
    """A message that somebody had, or is to have."""

    at: datetime
    channel: str
    intent: str
    content: str
    state: str


@dataclass
class Crowd:
    """Some people and groups, and what is known of them.

    Attributes:
        policy: by which it is decided.
        people: by key, with their stores.
        groups: by key.
        had: messages of each receiver, latest first.
        addresses: of whom there is an identifier, and of what kind.
        words: of the consent ledger by person, oldest first: purpose, channel, yes or no.
        grievances: open ones by person: kind, since when.
        used: places of the quota by receiver and period.
    """

    policy: Policy
    people: dict[int, Customer]
    groups: dict[str, GroupStanding]
    had: dict[Receiver, list[Had]]
    addresses: set[tuple[int, str]]
    words: dict[int, list[tuple[str, str, bool]]]
    grievances: dict[int, list[tuple[str, datetime]]]
    used: dict[tuple[Receiver, str], int]

    def facts_of(self, receiver: Receiver, *, request: Request) -> Facts:
        """Return what is known of one of them for a decision."""
        had = self.had.get(receiver, [])
        shared = {
            "contacts": _contacts(had, request.moment),
            "value_touches": _value_touches(had, request.moment),
            "had_content_at": _had_content_at(had, request.content),
            "quota_free_at": self._quota_free_at(receiver, request),
        }
        if isinstance(receiver, str):
            group = self.groups[receiver]
            return Facts(
                joined_at=group.joined_at,
                zone=group.time_zone,
                standing=group.standing,
                standing_since=group.since,
                **shared,  # type: ignore[arg-type]
            )
        customer = self.people[receiver]
        open_ones = [one for one in self.grievances.get(receiver, []) if one[1] <= request.moment]
        return Facts(
            joined_at=customer.first_seen_at,
            zone=customer.store.time_zone if customer.store else settings.TIME_ZONE,
            is_reachable=(receiver, ADDRESS_OF[request.channel]) in self.addresses,
            consents=self._consents(receiver, request.channel),
            has_complaint=any(kind == GrievanceKind.COMPLAINT for kind, _ in open_ones),
            mood_fell_at=max((at for kind, at in open_ones if kind == GrievanceKind.MOOD), default=None),
            **shared,  # type: ignore[arg-type]
        )

    def strike_out_all_but(self, people: Collection[int], *, channel: str) -> None:
        """Let nobody else be reached by a channel."""
        kind = ADDRESS_OF[channel]
        self.addresses = {one for one in self.addresses if one[1] != kind or one[0] in people}

    def add(self, receiver: Receiver, message: Had) -> None:
        """Let a message count for those that are decided after it."""
        rows = self.had.setdefault(receiver, [])
        rows.append(message)
        rows.sort(key=lambda one: one.at, reverse=True)

    def take_back(self, *, until: datetime, by: timedelta) -> None:
        """Take everybody as they were at an instant, so much later: what they had since is forgotten, what they had before moves on.

        Args:
            until: what was sent or planned after it does not count. Aware UTC.
            by: how far what counts moves on.
        """
        for receiver, rows in self.had.items():
            self.had[receiver] = [one._replace(at=one.at + by) for one in rows if one.at <= until]
        for customer in self.people.values():
            customer.first_seen_at += by
        self.used.clear()

    def _consents(self, customer_id: int, channel: str) -> dict[str, bool]:
        """Return the latest word by purpose, of the channel or of any."""
        said = self.words.get(customer_id, [])
        return {purpose: granted for purpose, way, granted in said if way in {channel, ConsentChannel.ANY}}

    def _quota_free_at(self, receiver: Receiver, request: Request) -> datetime | None:
        slot = slot_at(channel=request.channel, policy=self.policy, moment=request.moment)
        if slot is None or self.used.get((receiver, slot.name), 0) < slot.most:
            return None
        return slot.ends_at


def crowd_of(
    *,
    people: Iterable[Customer] = (),
    groups: Iterable[GroupStanding] = (),
    policy: Policy,
    counted: Sequence[str],
    moments: Collection[datetime],
) -> Crowd:
    """Return what is known of these people and groups; the number of questions does not grow with theirs.

    Args:
        people: with their stores.
        groups: groups of customers.
        policy: by which it is decided.
        counted: states of messages that count.
        moments: at which the platform's quota is looked at. Aware UTC.
    """
    known, rooms = {one.pk: one for one in people}, {one.group_key: one for one in groups}
    return Crowd(
        policy=policy,
        people=known,
        groups=rooms,
        had=_had(known, rooms, counted),
        addresses=_addresses(known),
        words=_words(known),
        grievances=_grievances(known),
        used=_used(known, rooms, policy, moments),
    )


def receiver_of(touch: Touch) -> Receiver:
    """Return the key of the person or group to whom a message goes."""
    return touch.group_key if touch.customer_id is None else touch.customer_id


def _addresses(people: Mapping[int, object]) -> set[tuple[int, str]]:
    if not people:
        return set()
    rows = Identifier.objects.filter(customer__in=list(people), kind__in=sorted(set(ADDRESS_OF.values()))).order_by()
    return set(rows.values_list("customer_id", "kind"))


def _had(
    people: Mapping[int, object], groups: Mapping[str, object], counted: Sequence[str]
) -> dict[Receiver, list[Had]]:
    rows = Touch.objects.filter(_of(people, groups), state__in=counted).order_by("-at", "id")
    found: dict[Receiver, list[Had]] = {}
    columns = ("customer_id", "group_key", "at", "channel", "intent", "content", "state")
    for customer_id, group_key, *told in rows.values_list(*columns):
        found.setdefault(group_key if customer_id is None else customer_id, []).append(Had(*told))
    return found


def _words(people: Mapping[int, object]) -> dict[int, list[tuple[str, str, bool]]]:
    found: dict[int, list[tuple[str, str, bool]]] = {}
    if people:
        rows = Consent.objects.filter(customer__in=list(people)).order_by("occurred_at", "id")
        for customer_id, purpose, way, granted in rows.values_list("customer_id", "purpose", "channel", "granted"):
            found.setdefault(customer_id, []).append((purpose, way, granted))
    return found


def _grievances(people: Mapping[int, object]) -> dict[int, list[tuple[str, datetime]]]:
    found: dict[int, list[tuple[str, datetime]]] = {}
    if people:
        rows = Grievance.objects.filter(customer_id__in=list(people), closed_at=None).order_by("id")
        for customer_id, kind, opened_at in rows.values_list("customer_id", "kind", "opened_at"):
            found.setdefault(customer_id, []).append((kind, opened_at))
    return found


def _used(
    people: Mapping[int, object], groups: Mapping[str, object], policy: Policy, moments: Collection[datetime]
) -> dict[tuple[Receiver, str], int]:
    channels = ("wecom", GROUP_CHANNEL)
    slots = [slot_at(channel=channel, policy=policy, moment=moment) for channel in channels for moment in set(moments)]
    names = {slot.name for slot in slots if slot is not None}
    rows = QuotaUse.objects.filter(_of(people, groups), slot__in=names).order_by()
    return {
        (group_key if customer_id is None else customer_id, slot): used
        for customer_id, group_key, slot, used in rows.values_list("customer_id", "group_key", "slot", "used")
    }


def _of(people: Mapping[int, object], groups: Mapping[str, object]) -> Q:
    """Return the condition of rows that belong to these people or groups."""
    of_people, of_groups = Q(customer_id__in=list(people)), Q(customer_id=None, group_key__in=list(groups))
    if people and groups:
        return of_people | of_groups
    return of_groups if groups else of_people


def _contacts(had: Sequence[Had], moment: datetime) -> tuple[Contact, ...]:
    since = moment - timedelta(days=LONGEST_WINDOW_DAYS)
    return tuple(
        Contact(one.at, one.channel, one.intent, one.state == TouchState.PLANNED)
        for one in had
        if one.at > since and one.intent != "transactional"
    )


def _value_touches(had: Sequence[Had], moment: datetime) -> int:
    return sum(one.intent == "value" and one.state == TouchState.SENT and one.at <= moment for one in had)


def _had_content_at(had: Sequence[Had], content: str) -> datetime | None:
    return next((one.at for one in had if one.content == content), None) if content else None
