"""What others see of people: always through a scope of stores, and masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yutang.kit.text import Sentence


@dataclass(frozen=True)
class TagView:
    """A tag that a person carries.

    Attributes:
        origin: ``manual``, ``rule`` or ``import``.
    """

    id: int
    group: str
    name: str
    origin: str
    given_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class TagUse:
    """A tag, how it is given, and how many carry it.

    Attributes:
        rule: rule by which it is given (see `tag_rules`); None: by hand.
        expires_after_days: days after which a given tag is taken back; None: never.
        people: how many people within reach carry it.
    """

    id: int
    group_id: int
    name: str
    rule: dict[str, Any] | None
    expires_after_days: int | None
    people: int


@dataclass(frozen=True)
class TagGroupView:
    """A group with its tags, also one that has none yet."""

    id: int
    name: str
    tags: tuple[TagUse, ...]


@dataclass(frozen=True)
class CustomerRow:
    """One person in a list.

    Attributes:
        name: masked name, or what stands for one.
        phone: masked number, empty when none is known.
        city: empty when it is not known.
    """

    id: int
    name: str | Sentence
    phone: str
    city: str
    store_id: int | None
    store_name: str
    first_seen_at: datetime
    tags: tuple[TagView, ...]


@dataclass(frozen=True)
class CustomerPage:
    """A page of people, newest first.

    Attributes:
        next_key: give it as `after_key` for the next page; None on the last one.
    """

    rows: tuple[CustomerRow, ...]
    next_key: int | None


@dataclass(frozen=True)
class CustomerCard:
    """One person in full, masked.

    Attributes:
        gender: ``m``, ``f`` or empty.
        birthday: month and day, ``05-01``, for who wishes a happy birthday; the year is masked. Empty where it is not known.
        region: where the person lives, down to the district.
        has_address: whether a full address is known.
        contacts: masked (name, phone) of people to whom the person sent goods.
        merged_into_id: the person that this one was found to be, or None.
    """

    id: int
    name: str | Sentence
    other_names: tuple[str, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    gender: str
    birthday: str
    region: str
    has_address: bool
    contacts: tuple[tuple[str, str], ...]
    store_id: int | None
    store_name: str
    owner_id: int | None
    first_seen_at: datetime
    source_id: int | None
    merged_into_id: int | None
    tags: tuple[TagView, ...]


@dataclass(frozen=True)
class ClearCustomer:
    """One person unmasked; only an audited action gives it.

    Attributes:
        accounts: (kind, scope, value).
    """

    id: int
    name: str
    other_names: tuple[str, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    accounts: tuple[tuple[str, str, str], ...]
    birthday: date | None
    address: str
    note: str
    contacts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class IdentifierView:
    """One thing by which a person is recognised.

    Attributes:
        kind: an `IdentifierKind`.
        scope: issuer, app or shop; empty where the kind is unique in the world.
        value: masked.
        is_key: whether the value finds the person by itself.
        shared_with: other people who were seen with it, counted up to 1,000.
    """

    kind: str
    scope: str
    value: str
    is_key: bool
    shared_with: int


@dataclass(frozen=True)
class MergeView:
    """One merge in which a person took part.

    Attributes:
        actor_label: who merged; empty for the rules.
        can_be_undone: whether it still stands and its winner was not merged on.
    """

    id: int
    winner_id: int
    loser_id: int
    loser_name: str | Sentence
    reason: Sentence
    actor_label: str
    source_id: int | None
    merged_at: datetime
    undone_at: datetime | None
    can_be_undone: bool


@dataclass(frozen=True)
class ReviewView:
    """Two people for whom a member of staff decides whether they are one.

    Attributes:
        kind: ``two_accounts``, ``names_differ`` or ``phone_on_many``.
        identifier_kind: kind of the key that they share.
        agreeing: ``name``, ``city`` and kinds of identifiers of which they have one in common, told by the whole values: what is
            masked often looks the same.
    """

    id: int
    kind: str
    reason: Sentence
    identifier_kind: str
    first: CustomerRow
    second: CustomerRow
    agreeing: frozenset[str]
    opened_at: datetime


@dataclass(frozen=True)
class ReviewPage:
    """A page of the review queue, oldest first.

    Attributes:
        next_key: give it as `after` for the next page; None on the last one.
    """

    rows: tuple[ReviewView, ...]
    next_key: int | None


@dataclass(frozen=True)
class TagChoice:
    """A tag that can be given.

    Attributes:
        rule: the rule by which it is given, or None when it is given by hand.
    """

    id: int
    group_id: int
    group: str
    name: str
    rule: dict[str, object] | None
    expires_after_days: int | None


@dataclass(frozen=True)
class ConsentView:
    """One entry of the consent ledger."""

    id: int
    purpose: str
    channel: str
    granted: bool
    wording_version: str
    evidence: str
    recorded_by: str
    occurred_at: datetime
