"""Contacts of WeCom become people: known ones by unionid, external id and phone, by the same rules as rows of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from yutang.customers.identity import Origin, resolve
from yutang.customers.known_people import digest_of_identifier, own_names, people_behind
from yutang.customers.search import phone_in
from yutang.wecom.marking import mark_contacts
from yutang.wecom.models import Contact
from yutang.wecom.row_writing import update_each

#: Scope of what WeCom's customers are called there: free text, no account.
SCOPE = "wecom"
_GENDERS = {1: "男", 2: "女"}
_TEXTS = ("external_userid", "unionid", "nickname", "gender", "phone", "name")


@dataclass(frozen=True)
class Sighting:
    """What WeCom tells of one person.

    Attributes:
        contact: the contact.
        card: its opened card.
        mobiles: phone numbers that staff noted.
        store_id: store of the first member of staff who has them.
        owner_id: that member of staff.
        seen_at: since when they are known. Aware UTC; None where it is not known.
    """

    contact: Contact
    card: dict[str, object]
    mobiles: tuple[str, ...] = ()
    store_id: int | None = None
    owner_id: int | None = None
    seen_at: datetime | None = None


def recognise(sightings: Sequence[Sighting], *, now: datetime) -> list[Contact]:
    """Give contacts their people, made where nobody is known, in the caller's transaction; return those that have another now.

    A number that a member of staff noted is the person's own. Where it belongs to somebody whose name is known, both are one
    unless something contradicts, and then a person decides; where it belongs to somebody without a name, nothing is said.
    """
    if not sightings:
        return []
    rows = list(_rows(sightings))
    columns: dict[str, pa.Array] = {name: pa.array([row[name] for _at, row in rows], pa.string()) for name in _TEXTS}
    told = [sightings[at] for at, _row in rows]
    columns["store_id"] = pa.array([one.store_id for one in told], pa.int64())
    columns["owner_id"] = pa.array([one.owner_id for one in told], pa.int64())
    columns["seen_at"] = pa.array([_naive(one.seen_at) for one in told], pa.timestamp("us"))
    resolution = resolve(observed=pa.table(columns), origin=Origin(None, SCOPE), now=now)
    # The last row of a contact knows whom all of its numbers led to.
    found = {at: person for (at, _row), person in zip(rows, resolution.customer_ids.to_pylist(), strict=True)}
    moved = []
    for at, person in found.items():
        contact = sightings[at].contact
        if person is not None and contact.customer_id != person:
            contact.customer_id = person
            moved.append(contact)
    update_each(moved, ["customer"])
    if moved:
        mark_contacts(now=now)
    return moved


def link_known(contacts: Iterable[tuple[Contact, dict[str, object]]], *, now: datetime) -> list[Contact]:
    """Give contacts without a person the one whom their ids lead to; nobody is made. Return those that have one now."""
    asked = [(one, list(_digests(card))) for one, card in contacts if one.customer_id is None]
    known = people_behind(digests=[digest for _one, digests in asked for digest in digests])
    linked = []
    for contact, digests in asked:
        person = next((known[digest] for digest in digests if digest in known), None)
        if person is not None:
            contact.customer_id = person
            linked.append(contact)
    update_each(linked, ["customer"])
    if linked:
        mark_contacts(now=now)
    return linked


def _digests(card: dict[str, object]) -> Iterable[bytes]:
    for kind, name in (("unionid", "unionid"), ("wecom", "external_userid")):
        digest = digest_of_identifier(kind=kind, value=str(card.get(name) or ""), scope="")
        if digest is not None:
            yield digest


def _rows(sightings: Sequence[Sighting]) -> Iterable[tuple[int, dict[str, str | None]]]:
    """Yield what each sighting tells, a row for each of its numbers, with the name of whom the number belongs to."""
    numbers = {text: phone_in(text) for one in sightings for text in one.mobiles}
    digests = {
        number: digest_of_identifier(kind="phone", value=number, scope="") for number in numbers.values() if number
    }
    holders = people_behind(digests=[digest for digest in digests.values() if digest])
    names = own_names(ids=set(holders.values()))
    for at, one in enumerate(sightings):
        card = one.card
        base = {
            "external_userid": str(card["external_userid"]),
            "unionid": str(card.get("unionid") or "") or None,
            "nickname": str(card.get("name") or "") or None,
            "gender": _GENDERS.get(int(str(card.get("gender") or 0))),
        }
        told: dict[str | None, str | None] = {}
        for number in dict.fromkeys(numbers[text] for text in one.mobiles):
            holder = holders.get(digests[number] or b"") if number else None
            if number and (holder is None or holder in names or holder == one.contact.customer_id):
                told[number] = names.get(holder) if holder else None
        for phone, name in (told or {None: None}).items():
            yield at, {**base, "phone": phone, "name": name}


def _naive(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None)
