"""Every read of people that others may use: within the actor's stores, and masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from yutang.customers import profile
from yutang.customers.counting import carrier_count, is_found_by_pieces
from yutang.customers.looked_after import looked_after
from yutang.customers.models import (
    Consent,
    Customer,
    CustomerTag,
    Identifier,
    Merge,
    NameToken,
    ReviewCase,
    ReviewStatus,
    Tag,
)
from yutang.customers.review_history import ApartPair, has_decided_pairs, kept_apart
from yutang.customers.rules import birthday_word, seen_name
from yutang.customers.search import CustomerFilters, Matches, matching_ids, number_of_people, search_pieces
from yutang.customers.tag_list import tag_groups
from yutang.customers.views import (
    ConsentView,
    CustomerCard,
    CustomerPage,
    CustomerRow,
    IdentifierView,
    MergeView,
    ReviewPage,
    ReviewView,
    TagChoice,
    TagView,
)
from yutang.customers.visitors import person_of_wechat
from yutang.foundation import bulk
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16, token8, unseal
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

__all__ = [
    "ApartPair",
    "CustomerFilters",
    "NoSuchCustomer",
    "birthdays_between",
    "carrier_count",
    "consent_state",
    "consents_of",
    "customer_card",
    "customer_count",
    "customer_keys",
    "customer_page",
    "customer_rows",
    "found_rows",
    "has_decided_pairs",
    "identifiers_of",
    "identifiers_of_many",
    "is_found_by_pieces",
    "kept_apart",
    "looked_after",
    "merge_history_of",
    "open_review_pairs",
    "person_of_wechat",
    "review_case",
    "review_count",
    "review_queue",
    "tag_choices",
    "tag_groups",
    "tags_of",
]

_MOST_ROWS = 200
_MOST_MERGES = 100
#: Others who share a value are counted so far.
_MOST_SHARING = 1_000
#: SQLite joins 500 selections in one statement at most.
_DIGESTS_AT_ONCE = 350


class NoSuchCustomer(DomainError):
    """The person does not exist, or belongs to a store out of the actor's reach."""

    code: ClassVar[str] = "no_such_customer"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no customer %(customer_id)s within your reach.")


def customer_page(
    *, access: Actor, filters: CustomerFilters | None = None, after_key: int | None = None, limit: int = 50
) -> CustomerPage:
    """Return a page of people within reach, newest first.

    Args:
        access: who looks.
        filters: what to narrow to; None: everybody.
        after_key: `next_key` of the page before; None for the first.
        limit: people a page, at most 200.
    """
    access.require("customers.view")
    filters = filters or CustomerFilters()
    limit = min(limit, _MOST_ROWS)
    keys = customer_keys(access=access, filters=filters, after_key=after_key, limit=limit)
    return CustomerPage(rows=found_rows(access=access, filters=filters, ids=keys.ids), next_key=keys.next_key)


def customer_keys(*, access: Actor, filters: CustomerFilters, after_key: int | None, limit: int) -> Matches:
    """Return only the keys of a page of people within reach: for rooms that narrow them further before they are read.

    A name counts as found when all its pieces are there; `found_rows` leaves out those that hold them apart.

    Args:
        access: who looks.
        filters: what to narrow to.
        after_key: `next_key` of the page before; None for the first.
        limit: people a page.
    """
    access.require("customers.view")
    return matching_ids(access=access, filters=filters, after_key=after_key, limit=limit)


def found_rows(*, access: Actor, filters: CustomerFilters, ids: Sequence[int]) -> tuple[CustomerRow, ...]:
    """Return list rows of people whom `customer_keys` found, newest first."""
    access.require("customers.view")
    people = _reached(access, _with_records(ids))
    return _rows(people, wanted=_name_wanted(filters), always=frozenset(filters.also_ids))


def customer_rows(*, access: Actor, ids: Sequence[int]) -> dict[int, CustomerRow]:
    """Return list rows of known people within reach, by id, for rooms that show people beside their own facts."""
    access.require("customers.view")
    return {row.id: row for row in _rows(_reached(access, _with_records(ids)))}


def customer_count(*, access: Actor) -> int:
    """Return how many people there are within reach."""
    access.require("customers.view")
    return number_of_people(access)


def customer_card(*, access: Actor, customer_id: int) -> CustomerCard:
    """Return one person in full, masked.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    customer, record = _one(access, customer_id)
    region = record.get("region", {})
    return CustomerCard(
        id=customer.pk,
        name=profile.display_name(record, customer.pk, clear=False),
        other_names=tuple(profile.masked_name(n) for n in record.get("other_names", ())),
        phones=tuple(profile.masked_phone(p) for p in profile.phones_of(record)),
        emails=tuple(profile.masked_email(e) for e in record.get("emails", ())),
        gender=record.get("gender", ""),
        birthday=record.get("birthday", "")[5:],
        region=profile.masked_address(region),
        has_address=bool(region.get("address")),
        contacts=tuple((profile.masked_name(n), profile.masked_phone(p)) for n, p in record.get("contacts", ())),
        store_id=customer.store_id,
        store_name=customer.store.name if customer.store else "",
        owner_id=customer.owner_id,
        first_seen_at=customer.first_seen_at,
        source_id=customer.source_id,
        merged_into_id=customer.merged_into_id,
        tags=_tags_by_customer([customer.pk])[customer.pk],
    )


def identifiers_of(*, access: Actor, customer_id: int) -> tuple[IdentifierView, ...]:
    """Return what a person is recognised by, masked; what is shared with others says so.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    customer, record = _one(access, customer_id)
    return _identifiers([(customer.pk, record)])[customer.pk]


def identifiers_of_many(*, access: Actor, customer_ids: Iterable[int]) -> dict[int, tuple[IdentifierView, ...]]:
    """Return what people within reach are recognised by, by person; as many queries for many as for one."""
    access.require("customers.view")
    return _identifiers([(c.pk, record) for c, record in _reached(access, _with_records(customer_ids))])


def merge_history_of(*, access: Actor, customer_id: int) -> tuple[MergeView, ...]:
    """Return the merges in which a person took part, newest first.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    customer, _ = _one(access, customer_id)
    merges = (
        Merge.objects.filter(Q(winner=customer) | Q(loser=customer))
        .select_related("winner", "loser", "actor")
        .order_by("-id")[:_MOST_MERGES]
    )
    return tuple(
        MergeView(
            id=merge.pk,
            winner_id=merge.winner_id,
            loser_id=merge.loser_id,
            loser_name=profile.display_name(unseal(merge.loser.sealed_profile), merge.loser_id, clear=False),
            reason=Sentence.from_json(merge.reason),
            actor_label=merge.actor.display_name if merge.actor else "",
            source_id=merge.source_id,
            merged_at=merge.merged_at,
            undone_at=merge.undone_at,
            can_be_undone=merge.undone_at is None and merge.winner.merged_into_id is None,
        )
        for merge in merges
    )


def review_queue(*, access: Actor, after: int | None = None, limit: int = 50) -> ReviewPage:
    """Return a page of pairs to be decided, oldest first; a pair that became one meanwhile is left out.

    Args:
        access: who looks.
        after: `next_key` of the page before; None for the first.
        limit: pairs a page, at most 200.
    """
    limit = min(limit, _MOST_ROWS)
    open_cases = _open_cases(access)
    if after is not None:
        open_cases = open_cases.filter(id__gt=after)
    cases = list(open_cases.order_by("id")[: limit + 1])
    shown = cases[:limit]
    return ReviewPage(rows=_review_views(shown), next_key=shown[-1].pk if len(cases) > limit else None)


def review_case(*, access: Actor, case_id: int) -> ReviewView | None:
    """Return one pair to be decided; None where there is none within reach, or it was decided."""
    return next(iter(_review_views(list(_open_cases(access).filter(pk=case_id)))), None)


def review_count(*, access: Actor, at_most: int | None = None) -> int:
    """Return how many pairs are to be decided within reach; counted no further than to `at_most`."""
    return _open_cases(access)[:at_most].count()


def open_review_pairs(*, among: Iterable[int] | None = None, limit: int) -> list[tuple[int, int, int]]:
    """Return (case, person, person) of pairs that the whole house has to decide, oldest first.

    Args:
        among: only these cases; None: all.
        limit: pairs at most.
    """
    cases = _open_cases(Actor.system())
    if among is not None:
        cases = cases.filter(pk__in=list(among))
    return [(case.pk, case.first_now, case.second_now) for case in cases.order_by("id")[:limit]]


def birthdays_between(*, first: date, last: date) -> list[tuple[int, date]]:
    """Return (person, day) of everybody whose birthday is on one of the days; who was born on 29 February has it on the 28th."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    tokens = {token8(birthday_word(day.strftime("%m-%d"))): day for day in days}
    for day in days:
        if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
            tokens[token8(birthday_word("02-29"))] = day
    rows = NameToken.objects.filter(token__in=list(tokens), customer__merged_into=None)
    found = rows.order_by("customer_id").values_list("customer_id", "token")
    return [(customer, tokens[bytes(token)]) for customer, token in found.iterator()]


def tags_of(*, access: Actor, customer_id: int) -> tuple[TagView, ...]:
    """Return the tags that a person carries.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    customer, _ = _one(access, customer_id)
    return _tags_by_customer([customer.pk])[customer.pk]


def tag_choices() -> tuple[TagChoice, ...]:
    """Return all tags by group."""
    tags = Tag.objects.select_related("group").order_by("group__ordinal", "group_id", "id")
    return tuple(TagChoice(t.pk, t.group_id, t.group.name, t.name, t.rule, t.expires_after_days) for t in tags)


def consents_of(*, access: Actor, customer_id: int) -> tuple[ConsentView, ...]:
    """Return the consent ledger of a person, newest first.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    customer, _ = _one(access, customer_id)
    entries = Consent.objects.filter(customer=customer).select_related("recorded_by").order_by("-id")
    return tuple(
        ConsentView(
            id=entry.pk,
            purpose=entry.purpose,
            channel=entry.channel,
            granted=entry.granted,
            wording_version=entry.wording_version,
            evidence=entry.evidence,
            recorded_by=entry.recorded_by.display_name if entry.recorded_by else "",
            occurred_at=entry.occurred_at,
        )
        for entry in entries
    )


def consent_state(*, access: Actor, customer_id: int) -> dict[tuple[str, str], bool]:
    """Return what a person agrees to now: by (purpose, channel), the last word of the ledger. Nothing said is absent.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    customer, _ = _one(access, customer_id)
    entries = Consent.objects.filter(customer=customer).order_by("occurred_at", "id")
    return {(e.purpose, e.channel): e.granted for e in entries}


# Helpers.


def record_within_reach(access: Actor, customer_id: int) -> tuple[Customer, profile.Record]:
    """Return a person and the unsealed record, for the room's own actions.

    Raises:
        NoSuchCustomer: there is none within reach.
    """
    return _one(access, customer_id)


def records_within_reach(access: Actor, customer_ids: Sequence[int]) -> list[tuple[Customer, profile.Record]]:
    """Return those of the people who are within reach, with their unsealed records, for the room's own actions."""
    return _reached(access, _with_records(customer_ids))


def open_pair(access: Actor, case_id: int) -> tuple[int, int] | None:
    """Return the two people of a case that is to be decided, as they stand now; for the room's own actions."""
    case = _open_cases(access).filter(pk=case_id).first()
    return None if case is None else (case.first_now, case.second_now)


def _one(access: Actor, customer_id: int) -> tuple[Customer, profile.Record]:
    access.require("customers.view")
    customer = _within_reach(access).select_related("store").filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer(customer_id=customer_id)
    return customer, unseal(customer.sealed_profile)


def _within_reach(access: Actor) -> QuerySet[Customer]:
    people = Customer.objects.all()
    return people if access.store_ids is None else people.filter(store_id__in=access.store_ids)


def _with_records(ids: Iterable[int]) -> list[tuple[Customer, profile.Record]]:
    people = Customer.objects.filter(pk__in=list(ids)).select_related("store").order_by("-id")
    return [(c, unseal(c.sealed_profile)) for c in people]


def _reached(access: Actor, people: list[tuple[Customer, profile.Record]]) -> list[tuple[Customer, profile.Record]]:
    return people if access.store_ids is None else [(c, r) for c, r in people if c.store_id in access.store_ids]


def _name_wanted(filters: CustomerFilters) -> str:
    """Return what a name must hold for a hit by its pieces; empty when names were not searched."""
    text = filters.text.strip()
    if not search_pieces(text):
        return ""
    seen = seen_name(text)
    return seen.clear or seen.masked.rstrip("*")


def _rows(
    people: Sequence[tuple[Customer, profile.Record]], *, wanted: str = "", always: frozenset[int] = frozenset()
) -> tuple[CustomerRow, ...]:
    """Return list rows; of people found by pieces of a name only those whose name holds the whole."""
    shown = [(c, r) for c, r in people if not wanted or c.pk in always or profile.matches(r, wanted)]
    tags = _tags_by_customer([c.pk for c, _ in shown])
    return tuple(
        CustomerRow(
            id=customer.pk,
            name=profile.display_name(record, customer.pk, clear=False),
            phone=next((profile.masked_phone(p) for p in profile.phones_of(record)), ""),
            city=record.get("region", {}).get("city", ""),
            store_id=customer.store_id,
            store_name=customer.store.name if customer.store else "",
            first_seen_at=customer.first_seen_at,
            tags=tags[customer.pk],
        )
        for customer, record in shown
    )


def _tags_by_customer(ids: Sequence[int]) -> dict[int, tuple[TagView, ...]]:
    tags: dict[int, tuple[TagView, ...]] = defaultdict(tuple)
    given = CustomerTag.objects.filter(customer_id__in=ids).select_related("tag__group")
    for one in given.order_by("tag__group__ordinal", "tag_id"):
        view = TagView(one.tag_id, one.tag.group.name, one.tag.name, one.origin, one.given_at, one.expires_at)
        tags[one.customer_id] += (view,)
    return tags


def _identifiers(people: Sequence[tuple[int, profile.Record]]) -> dict[int, tuple[IdentifierView, ...]]:
    """Return identifiers by person; of those whom others were seen with too, at most a thousand others are counted."""
    known = {person: list(_known_values(record)) for person, record in people}
    digest_of = {
        (kind, scope, value): digest16(kind, scope, value.casefold() if kind == "email" else value)
        for values in known.values()
        for kind, scope, value, _ in values
    }
    digests = sorted(set(digest_of.values()))
    held = Identifier.objects.filter(digest__in=digests).order_by().values_list("digest", "customer_id")
    keys = {(bytes(digest), person) for digest, person in held}
    sharing = _sharing(digests)
    return {
        person: tuple(
            IdentifierView(
                kind,
                scope,
                masked,
                is_key=(digest_of[kind, scope, value], person) in keys,
                shared_with=min(len(sharing[digest_of[kind, scope, value]] - {person}), _MOST_SHARING),
            )
            for kind, scope, value, masked in values
        )
        for person, values in known.items()
    }


def _known_values(record: profile.Record) -> Iterator[tuple[str, str, str, str]]:
    """Yield (kind, scope, value, masked) of everything by which a record may be recognised."""
    for kind, scope, value in record.get("accounts", ()):
        yield kind, scope, value, profile.masked_account(value)
    for phone in record.get("phones", ()):
        yield "phone", "", phone, profile.masked_phone(phone)
    for email in record.get("emails", ()):
        yield "email", "", email, profile.masked_email(email)
    for nickname in record.get("nicknames", ()):
        yield "nickname", "", nickname, profile.masked_account(nickname)
    for device in record.get("devices", ()):
        yield "device", "", device, profile.masked_account(device)


def _sharing(digests: Sequence[bytes]) -> dict[bytes, set[int]]:
    """Return who was seen with each contested value: of a parcel locker's number that is half the town, so not all."""
    sharing: dict[bytes, set[int]] = defaultdict(set)
    for start in range(0, len(digests), _DIGESTS_AT_ONCE):
        some = digests[start : start + _DIGESTS_AT_ONCE]
        each = (
            "SELECT * FROM (SELECT x.digest, COALESCE(c.merged_into_id, c.id) FROM customers_contestedidentifier x "
            "JOIN customers_customer c ON c.id = x.customer_id WHERE x.digest = %s LIMIT {most}) AS part{place}"
        )
        parts = [each.format(most=_MOST_SHARING + 1, place=place) for place in range(len(some))]
        for digest, person in bulk.fetch(" UNION ALL ".join(parts), some):
            sharing[bytes(digest)].add(person)
    return sharing


def _review_views(cases: Sequence[Any]) -> tuple[ReviewView, ...]:
    """Return cases of `_open_cases` with both people, masked."""
    found = _with_records({i for c in cases for i in (c.first_now, c.second_now)})
    people = {row.id: row for row in _rows(found)}
    marks = {customer.pk: profile.marks_of(record) for customer, record in found}
    return tuple(
        ReviewView(
            id=case.pk,
            kind=case.kind,
            reason=Sentence.from_json(case.reason),
            identifier_kind=case.identifier_kind,
            first=people[case.first_now],
            second=people[case.second_now],
            agreeing=profile.agreeing(marks[case.first_now], marks[case.second_now]),
            opened_at=case.opened_at,
        )
        for case in cases
    )


def _open_cases(access: Actor) -> QuerySet[ReviewCase, Any]:
    access.require("customers.view")
    cases = (
        ReviewCase.objects.filter(status=ReviewStatus.OPEN)
        .annotate(
            first_now=Coalesce("first__merged_into_id", "first_id"),
            second_now=Coalesce("second__merged_into_id", "second_id"),
        )
        .exclude(first_now=F("second_now"))
    )
    if access.store_ids is not None:
        cases = cases.filter(Q(first__store_id__in=access.store_ids) | Q(second__store_id__in=access.store_ids))
    return cases
