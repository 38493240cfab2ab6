"""The facts that rules speak of, each a whole number, and how they are counted from what was seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

HOUR, DAY = 3_600, 86_400
#: Who asks on one device within so long does so one after the other. Seconds.
ROW = 300
#: What was longer ago than this is not counted. Seconds.
WINDOW = 30 * DAY
#: Of each device, address or account so many of the latest traces are read: a number above stands for "so many or more".
MOST_SEEN = 100
#: A share is told only of so many known ones.
LEAST_KNOWN = 5
NEWCOMER, ASLEEP = 1, 2


class Seen(NamedTuple):
    """One earlier ask. `at` in seconds since 1970; hashes and keys 0 where not known; `past` as in `models.Past`."""

    at: int
    person: int
    device: int
    payer: int
    past: int


@dataclass(slots=True)
class Record:
    """What the web of ties knows of a person. Counts; `score` 0 to 100."""

    score: int = 60
    invited: int = 0
    invited_known: int = 0
    invited_left: int = 0
    ring: int = 0
    own_left: int = 0
    own_bought: int = 0
    stopped: int = 0


@dataclass(slots=True)
class Group:
    """What the web of ties knows of a community. Counts; a share 0 to 100."""

    people: int = 0
    shared_percent: int = 0
    strangers: int = 0
    known: int = 0
    left: int = 0
    stopped: int = 0
    joined: Joined | None = None


@dataclass(slots=True)
class Joined:
    """Everybody whom chains of shared things connect with a community. Counts; a share 0 to 100."""

    people: int
    devices: int
    payers: int
    shared_percent: int
    strangers: int


@dataclass(slots=True)
class Evidence:
    """Everything that is known at the moment of an ask, the ask itself left out.

    Attributes:
        now: seconds since 1970.
        person: customer who asks; 0: not known.
        device, payer: keyed hashes; 0: not known.
        inviter: customer who brought this one; 0: nobody.
        seen: earlier asks by what they have in common with this one: ``person``, ``device``, ``address``, ``block``,
            ``payer``, ``place``, ``inviter``; the latest first, at most `MOST_SEEN` each.
        account_days: since when the person is known. Days.
        orders: paid orders of the person, counted to 5.
        record: of the person.
        inviter_record: of the inviter.
        group: the community of the person, or of what they ask with; None: none.
        value_fen: what is asked for. Fen.
    """

    now: int
    person: int = 0
    device: int = 0
    payer: int = 0
    inviter: int = 0
    seen: Mapping[str, Sequence[Seen]] = field(default_factory=dict)
    account_days: int = 0
    orders: int = 0
    record: Record = field(default_factory=Record)
    inviter_record: Record = field(default_factory=Record)
    group: Group | None = None
    value_fen: int = 0


def facts_of(evidence: Evidence) -> dict[str, int]:
    """Return every fact that is not 0, the ask itself counted where asks and people are counted."""
    facts = {
        **_velocity(evidence),
        **_shared(evidence),
        **_invited(evidence),
        **_grouped(evidence.group),
        "account_days": evidence.account_days,
        "orders": evidence.orders,
        "own_left": evidence.record.own_left,
        "own_stopped": evidence.record.stopped,
        "score": evidence.record.score,
        "value_fen": evidence.value_fen,
    }
    return {name: number for name, number in facts.items() if number}


def past_of(*, orders: int, account_days: int) -> int:
    """Return how well a person was known: 0 has bought, 1 newcomer, 2 known for a month and longer without a purchase."""
    return 0 if orders else ASLEEP if account_days >= 30 else NEWCOMER


def _velocity(evidence: Evidence) -> dict[str, int]:
    seen, now, own = evidence.seen, evidence.now, evidence.person
    asleep = {one.person for one in _within(seen.get("block", ()), now, DAY) if one.past == ASLEEP}
    return {
        "person_hour": 1 + _count(seen.get("person", ()), now, HOUR),
        "person_day": 1 + _count(seen.get("person", ()), now, DAY),
        "device_hour": 1 + _count(seen.get("device", ()), now, HOUR) if evidence.device else 0,
        **_in_a_row(evidence),
        "payer_hour": 1 + _count(seen.get("payer", ()), now, HOUR) if evidence.payer else 0,
        "address_hour": len(_people(_within(seen.get("address", ()), now, HOUR), own)),
        "block_hour": len(_people(_within(seen.get("block", ()), now, HOUR), own)),
        "block_asleep": len(asleep | ({own} if _own_past(evidence) == ASLEEP else set())) if asleep else 0,
    }


def _in_a_row(evidence: Evidence) -> dict[str, int]:
    """Return how many people who never bought asked on one device: one after the other, within an hour, within a day."""
    if not evidence.device:
        return {}
    own = {evidence.person: _own_past(evidence)}
    facts = {}
    for name, seconds in (("device_row", ROW), ("device_row_hour", HOUR), ("device_row_day", DAY)):
        people = {**_people(_within(evidence.seen.get("device", ()), evidence.now, seconds), evidence.person), **own}
        facts[name] = sum(past != 0 for past in people.values())
    return facts


def _shared(evidence: Evidence) -> dict[str, int]:
    seen, own = evidence.seen, evidence.person
    device = _people(seen.get("device", ()), own) if evidence.device else {}
    payer = _people(seen.get("payer", ()), own) if evidence.payer else {}
    place = _people(seen["place"], own) if "place" in seen else {}
    near = {**place, **payer, **device}
    near.setdefault(own, _own_past(evidence))
    facts = {
        "device_people": len(device),
        "payer_people": len(payer),
        "place_people": len(place),
        "place_strangers": sum(past != 0 for past in place.values()),
    }
    return facts if len(near) < 2 else {**facts, **_near(evidence, near)}


def _near(evidence: Evidence, near: Mapping[int, int]) -> dict[str, int]:
    """Return what those who share a device, a payment account or a postal address with the person are like together."""
    rows = [one for name in ("device", "payer", "place") for one in evidence.seen.get(name, ())]
    own = Seen(evidence.now, evidence.person, evidence.device, evidence.payer, 0)
    lately = {one.person for one in rows if one.at > evidence.now - HOUR} | {evidence.person}
    buyers = sum(past == 0 for past in near.values())
    return {
        "near_people": len(near),
        "near_strangers": len(near) - buyers,
        "near_buyer_percent": 100 * buyers // len(near),
        "near_hour": len(lately),
        "near_per_device": _per_hundred({(one.person, one.device) for one in (*rows, own) if one.device}),
        "near_per_payer": _per_hundred({(one.person, one.payer) for one in (*rows, own) if one.payer}),
    }


def _per_hundred(pairs: set[tuple[int, int]]) -> int:
    """Return how many people there are for each 100 things, of those whose things are known."""
    things = {thing for _person, thing in pairs}
    return 100 * len({person for person, _thing in pairs}) // len(things) if things else 0


def _invited(evidence: Evidence) -> dict[str, int]:
    if not evidence.inviter:
        return {"ring": evidence.record.ring}
    seen, record = evidence.seen, evidence.inviter_record
    brought = seen.get("inviter", ())
    is_self = evidence.inviter == evidence.person
    return {
        "self_device": int(is_self or any(one.person == evidence.inviter for one in seen.get("device", ()))),
        "self_payer": int(is_self or any(one.person == evidence.inviter for one in seen.get("payer", ()))),
        "inviter_hour": len(_people(_within(brought, evidence.now, HOUR), evidence.person)),
        "inviter_month": len(_people(brought, evidence.person)),
        "inviter_left_percent": _percent(record.invited_left, record.invited_known),
        "inviter_score": record.score,
        "ring": max(evidence.record.ring, record.ring),
    }


def _grouped(group: Group | None) -> dict[str, int]:
    if group is None or group.people < 2:
        return {}
    return {
        "group_people": group.people,
        "group_strangers_percent": 100 * group.strangers // group.people,
        "group_shared_percent": group.shared_percent,
        "group_left_percent": _percent(group.left, group.known, least=3),
        "group_stopped_percent": 100 * group.stopped // group.people,
        **_joined(group.joined),
    }


def _joined(joined: Joined | None) -> dict[str, int]:
    if joined is None:
        return {}
    return {
        "joined_people": joined.people,
        "joined_shared_percent": joined.shared_percent,
        "joined_strangers_percent": 100 * joined.strangers // joined.people,
        "joined_per_device": 100 * joined.people // joined.devices if joined.devices else 0,
        "joined_per_payer": 100 * joined.people // joined.payers if joined.payers else 0,
    }


def _own_past(evidence: Evidence) -> int:
    return past_of(orders=evidence.orders, account_days=evidence.account_days)


def _within(seen: Iterable[Seen], now: int, seconds: int) -> list[Seen]:
    return [one for one in seen if one.at > now - seconds]


def _count(seen: Iterable[Seen], now: int, seconds: int) -> int:
    return sum(one.at > now - seconds for one in seen)


def _people(seen: Iterable[Seen], own: int) -> dict[int, int]:
    """Return the people among some traces with how well each was known last, and the one who asks."""
    # The latest come first, so that what was known last is written last.
    people = {one.person: one.past for one in reversed(list(seen)) if one.person}
    people.setdefault(own, NEWCOMER)
    return people


def _percent(part: int, whole: int, *, least: int = LEAST_KNOWN) -> int:
    return 100 * part // whole if whole >= least else 0
