"""Friendships written set-based: what was told and what the API shows become rows, history, people and events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from yutang.connectors.wecom.api.customers import Person
from yutang.foundation import bulk
from yutang.foundation.sealing import digest16_many, seal, unseal
from yutang.wecom.asking import Answers, Shown
from yutang.wecom.heard import HeardPair, Pair
from yutang.wecom.losing import tell_of_friends
from yutang.wecom.models import Account, ChangeKind, Contact, ContactWay, Friendship, FriendshipChange
from yutang.wecom.recognising import Sighting, recognise
from yutang.wecom.row_writing import update_each
from yutang.wecom.staff_store import accounts_of, places_of
from yutang.wecom.standing import GONE, Facts, later, standing_of
from yutang.wecom.tag_mirror import mirror_in
from yutang.wecom.tag_store import write_friend_tags

_FACTS = ("half_at", "added_at", "left_at", "deleted_at", "handed_at")
_WRITTEN = (
    "standing", "sealed_note", "state_text", "add_way", "way", *_FACTS, "is_listed", "read_at", "ended_at", "kept_days",
    "welcomed_at", "welcomed_with", "last_touch_at",
)  # fmt: skip
#: Of these the key is compared, not the row that it names.
_NAMED = frozenset({"way", "welcomed_with"})
_CHANGES = {
    "half_at": ChangeKind.HALF,
    "added_at": ChangeKind.ADDED,
    "left_at": ChangeKind.LEFT,
    "deleted_at": ChangeKind.DELETED,
    "handed_at": ChangeKind.HANDED,
}
#: What happens in one second happens in this order.
_ORDER = {kind.value: place for place, kind in enumerate(ChangeKind)}
_AT_ONCE = 500


@dataclass
class Known:
    """A contact while a batch is written: its row, its opened card, and whether something of it is new."""

    row: Contact
    card: dict[str, object]
    is_news: bool


@dataclass
class Draft:
    """A friendship while a batch is written.

    Attributes:
        row: the friendship, changed in place.
        contact: whose it is.
        before: its standing before; empty for a new one.
        was: the values of what is written, before.
        note: what the member of staff noted, opened.
        is_news: whether it is new, or the note is.
        changes: entries of the history to be.
    """

    row: Friendship
    contact: Contact
    before: str
    was: tuple[object, ...]
    note: dict[str, object]
    is_news: bool
    changes: set[tuple[str, datetime]] = field(default_factory=set)

    def has_changed(self) -> bool:
        """Return whether the row must be written."""
        return self.was != _values(self.row)


def write_pairs(heard: Mapping[Pair, HeardPair], answers: Answers, *, read_at: datetime, now: datetime) -> None:
    """Write what is known of pairs, in the caller's transaction.

    Args:
        heard: what callbacks told.
        answers: what the API showed.
        read_at: when asking began. Aware UTC.
        now: when it is written. Aware UTC.
    """
    # The same people may come in a file at this moment.
    bulk.one_at_a_time("import")
    pairs = {*heard, *answers.asked, *answers.relations}
    if not pairs:
        return
    accounts = accounts_of({userid for userid, _contact in pairs}, now=now)
    contacts = contacts_of({contact for _userid, contact in pairs}, answers.people, now=now)
    drafts = _drafts(pairs, accounts, contacts, whole=answers.whole)
    ways = _ways(heard, answers)
    for pair, draft in drafts.items():
        _merge_heard(draft, heard.get(pair))
        _merge_shown(draft, answers.relations.get(pair), is_asked=pair in answers.asked, read_at=read_at)
        draft.row.way_id = ways.get(draft.row.state_text)
        _judge(draft)
    _save(drafts.values(), refused={pair: one.refused_at for pair, one in heard.items() if one.refused_at}, by=drafts)
    marked = {
        one.row.pk: answers.relations[pair].tag_ids if pair in answers.relations else () for pair, one in drafts.items()
    }
    moved = write_friend_tags(marked)
    recognise(_sightings(drafts, contacts, answers, accounts), now=now)
    tell_of_friends([(one.row, one.contact, one.before) for one in drafts.values()], now=now)
    mirror_in({one.contact.pk for one in drafts.values() if one.row.pk in moved}, now=now)


def contacts_of(wanted: Collection[str], people: Mapping[str, Person], *, now: datetime) -> dict[str, Known]:
    """Return the contacts of ids, made and brought up to date, in the caller's transaction."""
    ids = sorted(wanted)
    digests = dict(zip(ids, digest16_many("wecom", "", ids), strict=True))
    rows = {
        bytes(one.digest): one
        for start in range(0, len(ids), _AT_ONCE)
        for one in Contact.objects.filter(digest__in=[digests[each] for each in ids[start : start + _AT_ONCE]])
    }
    new, changed = [], []
    found: dict[str, Known] = {}
    for external_userid in ids:
        row = rows.get(digests[external_userid])
        card: dict[str, object] = unseal(row.sealed_card) if row else {"external_userid": external_userid}
        fresh = _card(card, people.get(external_userid))
        if row is None:
            row = Contact(digest=digests[external_userid], seen_at=now)
            new.append(row)
        elif fresh != card:
            changed.append(row)
        if fresh != card or not row.sealed_card:
            row.sealed_card = seal(fresh)
        if external_userid in people:
            row.kind = people[external_userid].kind
        found[external_userid] = Known(row, fresh, row.pk is None or fresh != card)
    Contact.objects.bulk_create(new, batch_size=_AT_ONCE)
    update_each(changed, ["sealed_card", "kind"])
    return found


def _card(card: dict[str, object], person: Person | None) -> dict[str, object]:
    if person is None:
        return card
    told = {"name": person.name, "unionid": person.unionid, "gender": person.gender}
    return {**card, **{name: value for name, value in told.items() if value}}


def _drafts(
    pairs: Collection[Pair],
    accounts: Mapping[str, Account],
    contacts: Mapping[str, Known],
    *,
    whole: Collection[str],
) -> dict[Pair, Draft]:
    """Return the friendship of each pair, and all others of the customers of whom everything was shown."""
    external_of = {known.row.pk: external_userid for external_userid, known in contacts.items()}
    keys = list(external_of)
    there: dict[Pair, Friendship] = {}
    for start in range(0, len(keys), _AT_ONCE):
        rows = Friendship.objects.filter(contact_id__in=keys[start : start + _AT_ONCE]).select_related("account")
        there |= {(one.account.userid, external_of[one.contact_id]): one for one in rows}
    wanted = {*pairs, *(pair for pair in there if pair[1] in whole)}
    drafts = {}
    for userid, external_userid in sorted(wanted):
        contact = contacts[external_userid].row
        row = there.get((userid, external_userid)) or Friendship(account=accounts[userid], contact=contact)
        note = unseal(row.sealed_note) if row.sealed_note else {}
        drafts[userid, external_userid] = Draft(row, contact, row.standing, _values(row), note, is_news=row.pk is None)
    return drafts


def _merge_heard(draft: Draft, heard: HeardPair | None) -> None:
    if heard is None:
        return
    for name in _FACTS:
        _take(draft, name, getattr(heard, name))
    row = draft.row
    row.state_text = heard.state_text or row.state_text
    if heard.welcomed is not None:
        if row.welcomed_at is None or heard.welcomed.at >= row.welcomed_at:
            row.welcomed_at, row.welcomed_with_id = heard.welcomed
        row.last_touch_at = later(row.last_touch_at, heard.welcomed.at)


def _merge_shown(draft: Draft, shown: Shown | None, *, is_asked: bool, read_at: datetime) -> None:
    row = draft.row
    if row.read_at is not None and row.read_at > read_at:
        return
    if shown is None:
        # A friendship that was shown as part of a customer's whole and is missing now was not asked about by name.
        if (is_asked or row.pk) and (row.is_listed or row.read_at is None):
            row.is_listed, row.read_at = False, read_at
        return
    row.is_listed, row.read_at = True, read_at
    _take(draft, "added_at", shown.added_at)
    row.state_text, row.add_way = shown.state_text or row.state_text, shown.add_way
    note: dict[str, object] = {
        "remark": shown.remark,
        "description": shown.description,
        "company": shown.company,
        "mobiles": list(shown.mobiles),
    }
    note = {name: value for name, value in note.items() if value}
    if note != draft.note:
        draft.note, draft.is_news = note, True
        row.sealed_note = seal(note) if note else b""


def _take(draft: Draft, name: str, at: datetime | None) -> None:
    """Let the later of what is known and what was told hold; news are an entry of the history."""
    known = getattr(draft.row, name)
    latest = later(known, at)
    if latest is not None and latest != known:
        setattr(draft.row, name, latest)
        draft.changes.add((_CHANGES[name].value, latest))


def _judge(draft: Draft) -> None:
    row = draft.row
    facts = Facts(**{name: getattr(row, name) for name in _FACTS}, is_listed=row.is_listed, read_at=row.read_at)
    row.standing, row.ended_at, row.kept_days = standing_of(facts)
    if row.standing == GONE and draft.before != GONE and row.ended_at is not None:
        draft.changes.add((ChangeKind.GONE.value, row.ended_at))


def _values(row: Friendship) -> tuple[object, ...]:
    return tuple(getattr(row, f"{name}_id" if name in _NAMED else name) for name in _WRITTEN)


def _save(drafts: Iterable[Draft], *, refused: Mapping[Pair, datetime | None], by: Mapping[Pair, Draft]) -> None:
    all_of = list(drafts)
    new = [one.row for one in all_of if one.row.pk is None]
    changed = [one.row for one in all_of if one.row.pk is not None and one.has_changed()]
    Friendship.objects.bulk_create(new, batch_size=_AT_ONCE)
    update_each(changed, _WRITTEN)
    for pair, at in refused.items():
        if at is not None:
            by[pair].changes.add((ChangeKind.REFUSED.value, at))
    entries = [
        FriendshipChange(friendship=one.row, kind=kind, at=at)
        for one in all_of
        for kind, at in sorted(one.changes, key=lambda change: (change[1], _ORDER[change[0]]))
    ]
    FriendshipChange.objects.bulk_create(entries, ignore_conflicts=True, batch_size=_AT_ONCE)


def _ways(heard: Mapping[Pair, HeardPair], answers: Answers) -> dict[str, int]:
    """Return the contact ways of the states that were told."""
    states = {one.state_text for one in heard.values()} | {one.state_text for one in answers.relations.values()}
    rows = ContactWay.objects.filter(Q(state_text__in=states - {""})).order_by()
    return dict(rows.values_list("state_text", "pk"))


def _sightings(
    drafts: Mapping[Pair, Draft],
    contacts: Mapping[str, Known],
    answers: Answers,
    accounts: Mapping[str, Account],
) -> list[Sighting]:
    """Return what was shown of people who are not known yet, or of whom something new was shown."""
    places = places_of(accounts.values())
    shown: dict[str, list[Draft]] = {}
    for (_userid, external_userid), draft in drafts.items():
        if draft.row.is_listed and external_userid in answers.people:
            shown.setdefault(external_userid, []).append(draft)
    found = []
    for external_userid, friends in shown.items():
        known = contacts[external_userid]
        if known.row.customer_id is not None and not known.is_news and not any(one.is_news for one in friends):
            continue
        first = min(friends, key=lambda one: (one.row.added_at or one.row.read_at, one.row.pk))
        place = places.get(first.row.account_id, (None, None))
        found.append(
            Sighting(
                contact=known.row,
                card=known.card,
                mobiles=tuple(str(each) for one in friends for each in _mobiles(one)),
                store_id=place[0],
                owner_id=place[1],
                seen_at=first.row.added_at,
            )
        )
    return found


def _mobiles(draft: Draft) -> list[object]:
    noted = draft.note.get("mobiles")
    return list(noted) if isinstance(noted, list) else []
