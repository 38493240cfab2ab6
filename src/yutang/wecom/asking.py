"""What the API says about pairs and groups: asked by person, or by staff where that takes fewer calls. Asks no store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from yutang.connectors.wecom.api.customers import Follower, Following, Person, Relation
from yutang.connectors.wecom.api.groups import Group
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.errors import NotACustomer, NotFound, ParameterRefused, Remedy, WeComError
from yutang.wecom.heard import Pair

#: Calls under way at once, as many as the client allows.
_LANES = 4
#: Rows of one page of a batch, and staff of one.
PAGE_ROWS, BATCH_STAFF = 100, 100

One = TypeVar("One")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Shown:
    """One relation as the API shows it.

    Attributes:
        added_at: since when, to the second.
        tag_ids: corporate tags.
    """

    added_at: datetime
    remark: str = ""
    description: str = ""
    company: str = ""
    mobiles: tuple[str, ...] = ()
    tag_ids: tuple[str, ...] = ()
    add_way: int = 0
    state_text: str = ""


@dataclass
class Answers:
    """What the API said.

    Attributes:
        relations: every relation that it showed.
        people: by external_userid.
        asked: pairs that were asked about; those without a relation are not listed.
        whole: customers of whom every relation was shown.
    """

    relations: dict[Pair, Shown] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    asked: set[Pair] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)


def answers_about(client: WeCom, pairs: Collection[Pair], *, customers_of: Mapping[str, int]) -> Answers:
    """Ask about pairs in as few calls as it takes.

    Args:
        client: whom to ask.
        pairs: (userid, external_userid).
        customers_of: how many customers each of the staff is known to have; those who are missing have few.
    """
    contacts = {contact for _userid, contact in pairs}
    staff = sorted({userid for userid, _contact in pairs})
    pages = sum(customers_of.get(userid, 0) for userid in staff) // PAGE_ROWS + len(staff) // BATCH_STAFF + 2
    if len(contacts) <= max(pages, _LANES):
        return _by_contact(client, pairs, sorted(contacts))
    return _by_staff(client, pairs, staff)


def shown_by_batch(relations: Iterable[Relation]) -> Answers:
    """Return a page of a batch as answers."""
    answers = Answers()
    for one in relations:
        pair = (one.following.userid, one.person.external_userid)
        answers.relations[pair] = _shown(one.following, one.following.tag_ids)
        answers.people[one.person.external_userid] = one.person
        answers.asked.add(pair)
    return answers


def groups_shown(client: WeCom, chat_ids: Collection[str]) -> dict[str, Group | None]:
    """Return groups by id; None for one that is not there."""

    def ask(chat_id: str) -> Group | None:
        try:
            return client.groups.get(chat_id=chat_id)
        except (NotFound, ParameterRefused):
            return None

    return _in_lanes(ask, sorted(chat_ids))


def _by_contact(client: WeCom, pairs: Collection[Pair], contacts: list[str]) -> Answers:
    def ask(contact: str) -> tuple[Person | None, tuple[Follower, ...]]:
        try:
            card = client.customers.get(external_userid=contact)
        except (NotACustomer, NotFound):
            return None, ()
        return card.person, card.followers

    answers = Answers(asked=set(pairs), whole=set(contacts))
    for contact, (person, followers) in _in_lanes(ask, contacts).items():
        if person is not None:
            answers.people[contact] = person
        for one in followers:
            tags = tuple(label.id for label in one.labels if label.id)
            answers.relations[one.userid, contact] = _shown(one, tags)
            answers.asked.add((one.userid, contact))
    return answers


def _by_staff(client: WeCom, pairs: Collection[Pair], staff: list[str]) -> Answers:
    wanted = {contact for _userid, contact in pairs}
    try:
        found = client.customers.relations(userids=staff)
        answers = shown_by_batch(one for one in found if one.person.external_userid in wanted)
    except WeComError as error:
        # Somebody among the staff has left, or is not seen any more.
        if error.remedy is not Remedy.CHANGE_REQUEST:
            raise
        return _by_contact(client, pairs, sorted(wanted))
    # A page that shifted while others were read may have hidden one: who was not seen is asked about alone.
    missing = {contact for userid, contact in pairs if (userid, contact) not in answers.relations}
    rest = _by_contact(client, [pair for pair in pairs if pair[1] in missing], sorted(missing))
    answers.relations |= rest.relations
    answers.people |= rest.people
    answers.asked |= set(pairs) | rest.asked
    answers.whole |= rest.whole
    return answers


def _shown(one: Follower | Following, tag_ids: tuple[str, ...]) -> Shown:
    return Shown(
        added_at=one.created_at,
        remark=one.remark,
        description=one.description,
        company=one.company,
        mobiles=one.mobiles,
        tag_ids=tag_ids,
        add_way=one.add_way,
        state_text=one.state[:64],
    )


def _in_lanes(ask: Callable[[One], Found], wanted: list[One]) -> dict[One, Found]:
    """Ask about each, some at a time; the first refusal ends it."""
    if len(wanted) <= 1:
        return {one: ask(one) for one in wanted}
    with ThreadPoolExecutor(_LANES) as pool:
        return dict(zip(wanted, pool.map(ask, wanted), strict=True))
