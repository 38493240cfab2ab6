"""The way from what rows say to people: one pass over a batch in memory, without a database.

The pass is strictly one row after the other, and what it knows at its start is all that earlier rows left behind. So it makes no
difference where a file is cut into batches. `identity` loads what is known before, and writes what came out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from yutang.customers import profile
from yutang.customers.rules import (
    FIXED_ACCOUNT_KINDS,
    PEOPLE_PER_NUMBER,
    Evidence,
    SeenName,
    mask_fits,
    seen_name,
)
from yutang.kit.text import N_, Sentence

JOINED_BY_ACCOUNT = N_("One row names an account of both (%(kind)s).")
JOINED_BY_NUMBER = N_("Both were seen with the same %(kind)s under the same name.")
JOINED_BARE_NUMBER = N_("Of one of them nothing was known but the same %(kind)s.")
TWO_ACCOUNTS = N_("They share a key (%(kind)s), but each has its own account of one kind (%(account)s).")
NAMES_DIFFER = N_("They share a key (%(kind)s), but their names differ.")
PHONE_ON_MANY = N_("More than %(most)s people were seen with one %(kind)s.")


#: Fields of the record that tell apart the people of one number where a row has no name.
MARKS = ("nicknames", "homes")


class Key(NamedTuple):
    """One identifier that a row carries."""

    kind: str
    scope: str
    value: str
    digest: bytes


@dataclass(slots=True, eq=False)
class Person:
    """One person while a batch is resolved.

    Attributes:
        id: key of a stored person; 0 for one made in this batch until it is written.
        record: the sealed record's content; changed in place.
        accounts: (kind, scope) of the accounts known.
        name: own clear name, normalised; empty when unknown.
        masked: visible part of a masked name.
        order: stored people by key, then new ones as they came; the older one wins a merge.
        first_seen: microseconds since 1970 UTC; None when no row said.
        changed: whether the record must be written.
    """

    id: int
    record: profile.Record
    order: int
    name: str = ""
    masked: str = ""
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)
    store_id: int | None = None
    owner_id: int | None = None
    first_seen: int | None = None
    source_id: int | None = None
    changed: bool = False
    into: Person | None = None
    new_words: list[str] = field(default_factory=list)

    @classmethod
    def stored(cls, person_id: int, record: profile.Record) -> Person:
        """Return a person as the store knows it."""
        person = cls(id=person_id, record=record, order=person_id)
        person.name = seen_name(record.get("name")).clear
        person.masked = record.get("masked_name", "")
        person.accounts = {(kind, scope): value for kind, scope, value in record.get("accounts", ())}
        return person

    def is_bare(self) -> bool:
        """Return whether nothing is known but numbers."""
        return not (self.name or self.masked or self.accounts or any(self.record.get(field) for field in MARKS))


@dataclass(frozen=True, slots=True)
class Join:
    """Two stored people who turned out to be one."""

    loser: Person
    winner: Person
    reason: Sentence
    #: The winner's record before, and [store, owner, first seen].
    before: profile.Record
    before_place: list[int | None]


@dataclass(frozen=True, slots=True)
class Case:
    """Two people who share a key but contradict each other."""

    first: Person
    second: Person
    kind: str
    reason: Sentence
    key: Key


class Row(NamedTuple):
    """What one row says, ready for the pass.

    Attributes:
        accounts: the person's accounts, the strongest first.
        numbers: the person's phone and e-mail.
        evidence: name, and how sure it is.
        at: when it was seen. Microseconds since 1970 UTC; None when the row does not say.
        again: another instant at which the same was seen; None when there was none.
        marks: free nickname and address, in the order of `MARKS`; they tell nobody alone, but who of those who have a number.
    """

    accounts: list[Key]
    numbers: list[Key]
    evidence: Evidence
    at: int | None = None
    again: int | None = None
    marks: tuple[str, ...] = ()

    def emails(self) -> list[Key]:
        """Return the numbers that are no phones."""
        return [key for key in self.numbers if key.kind != "phone"]


def root(person: Person) -> Person:
    """Return the person into whom somebody was joined, at the end of the chain."""
    while person.into is not None:
        person = person.into
    return person


class Resolver:
    """Takes rows one by one; holds what is known and what changed.

    Args:
        holder: the person of every stored identifier among the batch's digests.
        contested: the people of every contested number among them, in the order in which they were seen.
        apart: pairs of stored people that a person decided are not one, smaller key first.
        most: people per number.
    """

    def __init__(
        self,
        *,
        holder: dict[bytes, Person],
        contested: dict[bytes, list[Person]],
        apart: Iterable[tuple[int, int]] = (),
        most: int = PEOPLE_PER_NUMBER,
    ) -> None:
        self._holder = holder
        self._contested = contested
        self._apart = frozenset(apart)
        self._most = most
        self._next_order = 1 << 62
        self.made: list[Person] = []
        self.joins: list[Join] = []
        self.cases: list[Case] = []
        #: Identifiers to write, by digest.
        self.gained: dict[bytes, tuple[Key, Person]] = {}
        #: Digests whose stored identifier is a key no longer.
        self.lost: list[bytes] = []
        #: Contested rows to write.
        self.contests: list[tuple[Key, Person]] = []
        #: Numbers of receivers who may be the person.
        self.claims: list[tuple[Key, Person]] = []

    def take(self, row: Row) -> Person | None:
        """Return whose row it is, and learn the keys that it brings; None when it has no usable key."""
        person = self._by_account(row.accounts) if row.accounts else self._by_number(row)
        if person is None:
            return None
        told, numbers = row.evidence, row.numbers
        name = told.name
        if person.name and name.clear and person.name != name.clear:
            self._note_contact(person, told)
            return person
        if (name.masked or person.masked) and not _masks_fit(name, person):
            return person
        if not told.claimed or self._is_confirmed(person, row, row.at):
            self._learn_name(person, told)
        else:
            numbers = numbers if told.phone_is_own else row.emails()
            if row.again is not None:
                return self._take_again(person, row, numbers)
        for key in numbers:
            person = self._link(person, key)
        return person

    def _take_again(self, person: Person, row: Row, own_numbers: list[Key]) -> Person | None:
        """Take the row at its second instant, after what the first one taught."""
        for key in own_numbers:
            self._link(person, key)
        if own_numbers:
            return self.take(row._replace(at=row.again, again=None))
        if self._is_confirmed(person, row, row.again):
            self._learn_name(person, row.evidence)
            for key in row.numbers:
                person = self._link(person, key)
        return person

    def _is_confirmed(self, person: Person, row: Row, at: int | None) -> bool:
        """Return whether the receiver on the row is the person: known as such, or seen at two instants."""
        told, record = row.evidence, person.record
        if person.name == told.name.clear:
            person.changed |= profile.drop_claim(record, name=person.name, phone=told.phone)
            return True
        before = len(record.get("claims", ()))
        if not before and row.again is not None and at is not None and not (told.phone_is_own or row.emails()):
            return True
        confirmed = profile.confirm_claim(
            record, name=told.name.clear, shown=told.shown.strip(), phone=told.phone, at=at
        )
        after = len(record.get("claims", ()))
        if after > before:
            person.new_words.append(told.name.clear)
            self.claims.extend((key, person) for key in row.numbers if key.kind == "phone" and not told.phone_is_own)
        person.changed |= after != before
        return confirmed

    def open_claims(self) -> list[tuple[Key, Person]]:
        """Return the numbers of receivers who may be the person, and of whom that is not known by now."""
        return [(key, person) for key, person in self.claims if key.value not in root(person).record.get("phones", ())]

    # By account.

    def _by_account(self, keys: list[Key]) -> Person:
        """Return the person of the row's first account; its other accounts follow unless something contradicts."""
        person = self._person_of_first(keys)
        if len(keys) == 1:
            return person
        for key in keys[1:]:
            held = self._holder.get(key.digest)
            if held is None:
                self._take_account(person, key)
            elif root(held) is not person:
                person = self._join_by_account(person, root(held), key)
        return person

    def _person_of_first(self, keys: list[Key]) -> Person:
        """Return who has the first account; where it is new, who has the next one, unless that person has another of the kind."""
        first = keys[0]
        held = self._holder.get(first.digest)
        if held is not None:
            return root(held)
        for key in keys[1:]:
            other = self._holder.get(key.digest)
            if other is not None and not _has_another(root(other), first):
                self._add_account(root(other), first)
                return root(other)
        person = self._new_person()
        self._add_account(person, first)
        return person

    def _take_account(self, person: Person, key: Key) -> None:
        if _has_another(person, key):
            other = self._new_person()
            self._add_account(other, key)
            self._open_case(person, other, "two_accounts", TWO_ACCOUNTS, key, account=key.kind)
        else:
            self._add_account(person, key)

    def _add_account(self, person: Person, key: Key) -> None:
        person.accounts.setdefault((key.kind, key.scope), key.value)
        person.changed |= profile.add_to(person.record, "accounts", [key.kind, key.scope, key.value])
        self._gain(key, person)

    def _join_by_account(self, person: Person, other: Person, key: Key) -> Person:
        clash = _clash(person, other)
        if clash:
            self._open_case(person, other, "two_accounts", TWO_ACCOUNTS, key, account=clash)
            return person
        if _contradict(person, other):
            self._open_case(person, other, "names_differ", NAMES_DIFFER, key)
            return person
        if self._are_apart(person, other):
            return person
        return self._join(person, other, Sentence(JOINED_BY_ACCOUNT, {"kind": key.kind}))

    # By phone or e-mail.

    def _by_number(self, row: Row) -> Person | None:
        """Return the person of a row without an account: the number under its name, or a number that only one person has.

        A row with a masked name, or only with the name of another receiver, fits half a family: it tells nobody, unless
        its nickname or address was seen with the number before.
        """
        told = row.evidence
        is_vague = not told.name.clear and (bool(told.name.masked) or told.contact is not None)
        usable = False
        for key in row.numbers:
            people = self._people_of(key)
            if len(people) > self._most:
                continue
            found = _match(people, row, is_vague=is_vague)
            if found is not None:
                return found
            usable = usable or not people or bool(told.name.clear)
        return self._new_person() if usable and not is_vague else None

    def _people_of(self, key: Key) -> list[Person]:
        held = self._holder.get(key.digest)
        if held is not None:
            return [root(held)]
        seen = self._contested.get(key.digest)
        return list(dict.fromkeys(root(p) for p in seen)) if seen else []

    def _link(self, person: Person, key: Key) -> Person:
        """Give the number to the person, join with whoever has it under the same name, or find it contested."""
        people = self._people_of(key)
        if not people:
            self._gain(key, person)
            self._keep_number(person, key)
            return person
        if people == [person] or len(people) > self._most:
            return person
        self._keep_number(person, key)
        for other in people:
            if other is person or self._are_apart(person, other):
                continue
            same_name = _agree(person, other)
            bare = len(people) == 1 and not _contradict(person, other) and (person.is_bare() or other.is_bare())
            if not same_name and not bare:
                continue
            clash = _clash(person, other)
            if clash:
                self._open_case(other, person, "two_accounts", TWO_ACCOUNTS, key, account=clash)
                continue
            reason = Sentence(JOINED_BY_NUMBER if same_name else JOINED_BARE_NUMBER, {"kind": key.kind})
            person = self._join(person, other, reason)
        if person not in self._people_of(key):
            self._contest(key, person)
        return person

    def _contest(self, key: Key, person: Person) -> None:
        """Take the number from its holder as a key, and say why when the two contradict each other."""
        people = self._people_of(key)
        held = self._holder.pop(key.digest, None)
        if held is not None:
            if key.digest in self.gained:
                del self.gained[key.digest]
            else:
                self.lost.append(key.digest)
            self.contests.append((key, root(held)))
            self._contested[key.digest] = [root(held)]
        self.contests.append((key, person))
        self._contested[key.digest].append(person)
        if len(people) + 1 > self._most:
            self._open_case(people[0], person, "phone_on_many", PHONE_ON_MANY, key, most=self._most)
            return
        for other in people:
            if _contradict(person, other):
                self._open_case(other, person, "names_differ", NAMES_DIFFER, key)

    # What changes.

    def _gain(self, key: Key, person: Person) -> None:
        self._holder[key.digest] = person
        self.gained[key.digest] = (key, person)

    def _keep_number(self, person: Person, key: Key) -> None:
        person.changed |= profile.add_to(person.record, "phones" if key.kind == "phone" else "emails", key.value)

    def _learn_name(self, person: Person, evidence: Evidence) -> None:
        name = evidence.name
        if name.clear and not person.name:
            person.name = name.clear
            person.record["name"] = evidence.shown.strip()
            person.changed = True
            person.new_words.append(name.clear)
        elif name.masked and not person.name and not person.masked:
            person.masked = name.masked
            person.changed |= profile.set_once(person.record, "masked_name", name.masked)

    def _note_contact(self, person: Person, evidence: Evidence) -> None:
        shown = evidence.shown.strip()
        if evidence.phone:
            person.changed |= profile.add_to(
                person.record, "contacts", [shown, evidence.phone], most=profile.MOST_CONTACTS
            )

    def _new_person(self) -> Person:
        self._next_order += 1
        person = Person(id=0, record={}, order=self._next_order, changed=True)
        self.made.append(person)
        return person

    def _join(self, one: Person, two: Person, reason: Sentence) -> Person:
        winner, loser = (one, two) if one.order < two.order else (two, one)
        before = winner.record
        merged = profile.joined(before, loser.record)
        winner.changed |= merged != winner.record
        if loser.id:
            place = [winner.store_id, winner.owner_id, winner.first_seen]
            self.joins.append(Join(loser, winner, reason, before, place))
        winner.record = merged
        winner.new_words.extend(sorted(profile.words_of(merged) - profile.words_of(before)))
        winner.name = winner.name or loser.name
        winner.masked = winner.masked or loser.masked
        winner.accounts = {**loser.accounts, **winner.accounts}
        winner.store_id = winner.store_id or loser.store_id
        winner.owner_id = winner.owner_id or loser.owner_id
        winner.first_seen = earlier(winner.first_seen, loser.first_seen)
        loser.into = winner
        return winner

    def _open_case(self, one: Person, two: Person, kind: str, template: str, key: Key, **values: object) -> None:
        if self._are_apart(one, two):
            return
        first, second = (one, two) if one.order < two.order else (two, one)
        reason = Sentence(template, {"kind": key.kind, **values})
        self.cases.append(Case(first=first, second=second, kind=kind, reason=reason, key=key))

    def _are_apart(self, one: Person, two: Person) -> bool:
        return bool(self._apart) and (min(one.id, two.id), max(one.id, two.id)) in self._apart


def earlier(one: int | None, two: int | None) -> int | None:
    """Return the smaller of two instants, of which either may be unknown."""
    if one is None or two is None:
        return two if one is None else one
    return min(one, two)


def _match(people: list[Person], row: Row, *, is_vague: bool) -> Person | None:
    """Return whose number it is: by name, nickname or address, or the only one who has it when the row tells nothing else."""
    name = row.evidence.name
    for person in people:
        if name.clear and person.name == name.clear:
            return person
    for person in people:
        if _has_mark(person, row.marks) and not (name.clear and person.name):
            return person if mask_fits(name.masked, person.name) and mask_fits(person.masked, name.clear) else None
    if len(people) != 1 or is_vague:
        return None
    (only,) = people
    if name.clear:
        return only if only.is_bare() else None
    return None if _has_other_marks(only, row.marks) else only


def _masks_fit(name: SeenName, person: Person) -> bool:
    return mask_fits(name.masked, person.name) and (not name.clear or mask_fits(person.masked, name.clear))


def _has_mark(person: Person, marks: tuple[str, ...]) -> bool:
    return any(mark and mark in person.record.get(field, ()) for field, mark in zip(MARKS, marks, strict=False))


def _has_other_marks(person: Person, marks: tuple[str, ...]) -> bool:
    return any(mark and person.record.get(field) for field, mark in zip(MARKS, marks, strict=False))


def _agree(one: Person, two: Person) -> bool:
    """Return whether both have the same clear name, and no birthdays that differ."""
    if not one.name or one.name != two.name:
        return False
    born, also_born = one.record.get("birthday"), two.record.get("birthday")
    return not born or not also_born or bool(born == also_born)


def _contradict(one: Person, two: Person) -> bool:
    """Return whether what is known of two names cannot be the same name."""
    if one.name and two.name:
        return one.name != two.name
    return not (mask_fits(one.masked, two.name) and mask_fits(two.masked, one.name))


def _has_another(person: Person, key: Key) -> bool:
    return key.kind in FIXED_ACCOUNT_KINDS and (key.kind, key.scope) in person.accounts


def _clash(one: Person, two: Person) -> str:
    """Return the kind of which a person has only one, and both have an account in one scope; empty when there is none."""
    for kind, scope in one.accounts:
        if (kind, scope) in two.accounts and kind in FIXED_ACCOUNT_KINDS:
            return kind
    return ""
