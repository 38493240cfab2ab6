"""The guard in memory, over the room's own pure parts, so that whole campaigns are played within seconds.

What the store does by questions (windows of 30 days and 100 traces, ties, communities, scores) is done here by dictionaries;
`tests/risk/test_abuse.py` plays one campaign through both and compares every verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from yutang.risk.asks import Verdict
from yutang.risk.communities import (
    DEVICE,
    MOST_ON,
    PAYER,
    PLACE,
    Person,
    Portrait,
    communities,
    neighbours_of,
    portrait_of,
    rings,
)
from yutang.risk.facts import DAY, MOST_SEEN, WINDOW, Evidence, Group, Joined, Record, Seen, facts_of, past_of
from yutang.risk.painting import MOST_MEMBERS
from yutang.risk.postal import folded
from yutang.risk.regrouping import regrouped, renamed
from yutang.risk.repainting import MOST_MATES, ONE_IN
from yutang.risk.rules import Rules, opinion
from yutang.risk.scores import Life, is_crowd, score_of
from yutang.simulator.abuse import Campaign, SimulatedAsk

_BACK = {"person": DAY, "address": DAY, "block": DAY}
#: How often the web is woven. Seconds of the campaign.
WOVEN_EVERY = 900


@dataclass
class _Account:
    """What is known of one person."""

    known_days: int
    orders: int
    past: int = 1
    component: int | None = None
    community: int | None = None
    record: Record = field(default_factory=Record)
    fate: str = ""
    refused: int = 0


class MemoryGuard:
    """Judges asks as the room does, holding in dictionaries what the store holds in tables."""

    def __init__(self, campaign: Campaign, rules: Rules, most_members: int = MOST_MEMBERS) -> None:
        self.rules = rules
        self.most_members = most_members
        self.counted: dict[int, tuple[Portrait, int]] = {}
        self.accounts = {one.id: _Account(one.known_days, min(5, one.orders)) for one in campaign.people}
        self.seen: dict[tuple[str, object], list[Seen]] = defaultdict(list)
        self.keys: dict[tuple[str, str], int] = {}
        self.ties: dict[int, dict[int, int]] = defaultdict(dict)
        self.users: dict[int, int] = defaultdict(int)
        self.users_of: dict[int, set[int]] = defaultdict(set)
        self.crowded: set[int] = set()
        self.kinds: dict[int, int] = {}
        self.home: dict[int, int] = {}
        self.thing_community: dict[int, int] = {}
        self.invited_by: dict[int, set[int]] = defaultdict(set)
        self.brought: dict[int, set[int]] = defaultdict(set)
        self.members: dict[int, set[int]] = defaultdict(set)
        self.things_in: dict[int, set[int]] = defaultdict(set)
        self.painted: dict[int, Portrait] = {}
        self.people_in: dict[int, set[int]] = defaultdict(set)
        self.unused = -1
        self.whole: dict[int, Portrait] = {}
        self.pending: list[tuple[SimulatedAsk, dict[str, int]]] = []
        self.woken: set[int] = set()

    def judge(self, ask: SimulatedAsk) -> tuple[Verdict, dict[str, int]]:
        """Return the verdict on an ask and the facts that it was given by."""
        own = self.accounts[ask.person]
        things = self._things(ask)
        days = own.known_days + ask.at // DAY
        evidence = Evidence(
            now=ask.at,
            person=ask.person,
            device=things.get("device", 0),
            payer=things.get("payer", 0),
            inviter=ask.inviter or 0,
            seen=self._seen(ask, things),
            account_days=days,
            orders=own.orders,
            record=own.record,
            inviter_record=self.accounts[ask.inviter].record if ask.inviter else Record(),
            group=self._group(own, things),
            value_fen=ask.value_fen,
        )
        facts = facts_of(evidence)
        found = opinion(self.rules, kind=ask.kind, programme="", facts=facts)
        own.past = past_of(orders=own.orders, account_days=days)
        own.refused += found.verdict is Verdict.REFUSE
        self._keep(ask, things, own.past)
        return found.verdict, facts

    def _things(self, ask: SimulatedAsk) -> dict[str, int]:
        place = folded(ask.place) if ask.place else None
        named = {
            "device": ask.device,
            "address": ask.address,
            "block": ask.address.rpartition(".")[0],
            "payer": ask.payer,
            "place": place.key if place is not None and place.is_door else "",
        }
        return {name: self.keys.setdefault((name, text), len(self.keys) + 1) for name, text in named.items() if text}

    def _seen(self, ask: SimulatedAsk, things: Mapping[str, int]) -> dict[str, list[Seen]]:
        by: dict[str, int] = {**things, "person": ask.person}
        if ask.inviter:
            by["inviter"] = ask.inviter
        found = {}
        for name, key in by.items():
            since = ask.at - _BACK.get(name, WINDOW)
            found[name] = [one for one in reversed(self.seen[name, key][-MOST_SEEN:]) if one.at > since]
        return found

    def _group(self, own: _Account, things: Mapping[str, int]) -> Group | None:
        ids = {self.thing_community.get(things[name]) for name in ("device", "payer", "place") if name in things}
        ids |= {own.community}
        painted = [self.painted[one] for one in ids if one is not None and one in self.painted]
        best = min(painted, key=lambda one: (-len(one.members), one.id), default=None)
        if best is None:
            return None
        whole = self.whole[best.id]
        joined = Joined(len(whole.members), whole.devices, whole.payers, whole.shared_percent, whole.strangers)
        return Group(
            len(best.members), best.shared_percent, best.strangers, best.known, best.left, best.stopped, joined
        )

    def _keep(self, ask: SimulatedAsk, things: dict[str, int], past: int) -> None:
        trace = Seen(ask.at, ask.person, things.get("device", 0), things.get("payer", 0), past)
        for name, key in {**things, "person": ask.person}.items():
            self.seen[name, key].append(trace)
        if ask.inviter:
            self.seen["inviter", ask.inviter].append(trace)
        self.pending.append((ask, things))

    def note(self, person: int, outcome: str) -> None:
        """Note what became of somebody."""
        self.accounts[person].fate = outcome
        self.woken.add(person)

    def weave(self, now: int) -> None:
        """Weave what was asked since the last time into the web of ties."""
        touched, invited = set(self.woken), []
        for ask, things in self.pending:
            touched.add(ask.person)
            for name, kind in (("device", DEVICE), ("payer", PAYER), ("place", PLACE)):
                if name in things:
                    self._tie(ask.person, things[name], kind)
            if ask.inviter and ask.inviter != ask.person and ask.inviter not in self.invited_by[ask.person]:
                self.invited_by[ask.person].add(ask.inviter)
                self.brought[ask.inviter].add(ask.person)
                invited.append((ask.inviter, ask.person))
            touched |= {ask.inviter} if ask.inviter else set()
        touched |= {one for person in self.woken for one in self.invited_by[person]}
        self.pending, self.woken = [], set()
        for person, ring in rings(invited, self.invited_by).items():
            record = self.accounts[person].record
            record.ring = min(filter(None, (record.ring, ring)))
            touched.add(person)
        for person in touched:
            own = self.accounts[person]
            own.record.own_left = int(own.fate == "left_at_once")
            own.record.stopped = own.refused
        untied = {one for thing in self.crowded for one in self.users_of[thing]}
        self.crowded.clear()
        looked_at = set(touched)
        for component in {own for one in touched | untied if (own := self.accounts[one].component) is not None}:
            if len(self.members[component]) <= self.most_members:
                self._paint(component)
                looked_at |= self.members[component]
            else:
                looked_at |= self._repaint(component, (touched | untied) & self.members[component])
        for person in looked_at:
            self._score(person, now)

    def _tie(self, person: int, thing: int, kind: int) -> None:
        if thing in self.ties[person]:
            return
        self.ties[person][thing] = kind
        self.kinds[thing] = kind
        self.users[thing] += 1
        self.users_of[thing].add(person)
        if self.users[thing] == MOST_ON[kind] + 1:
            self.crowded.add(thing)
        own = self.accounts[person]
        if own.component is None:
            self._move({person}, self.home.get(thing, person))
        if thing not in self.home:
            self.home[thing] = own.component  # type: ignore[assignment]
            self.things_in[own.component].add(thing)  # type: ignore[index]
        if self.users[thing] <= MOST_ON[kind] and self.home[thing] != own.component:
            small, large = sorted((own.component, self.home[thing]), key=lambda one: len(self.members[one]))  # type: ignore[index,arg-type]
            for one in self.things_in.pop(small, set()):  # type: ignore[arg-type]
                self.home[one] = large  # type: ignore[assignment]
                self.things_in[large].add(one)  # type: ignore[index]
            moved = set(self.members.pop(small, set()))  # type: ignore[arg-type]
            self.counted.pop(small, None)  # type: ignore[arg-type]
            if large in self.counted:
                self.whole |= {
                    name: self.counted[large][0] for one in moved if (name := self.accounts[one].community) is not None
                }
            self._move(moved, large)  # type: ignore[arg-type]

    def _move(self, people: set[int], component: int) -> None:
        for one in people:
            self.accounts[one].component = component
        self.members[component] |= people

    def _paint(self, component: int) -> None:
        members = sorted(self.members[component])
        ties = [
            (thing, kind, one)
            for one in members
            for thing, kind in self.ties[one].items()
            if self.users[thing] <= MOST_ON[kind]
        ]
        invited = [(above, one) for one in members for above in self.invited_by[one]]
        people = {}
        for one in members:
            people[one] = self._person(one)
            self.painted.pop(self.accounts[one].community or 0, None)
            self._settle(one, None)
        found, whole = communities(members, ties, invited, people)
        votes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for portrait in found:
            assert whole is not None
            self.painted[portrait.id], self.whole[portrait.id] = portrait, whole
            for one in portrait.members:
                self._settle(one, portrait.id)
        for thing, _kind, one in ties:
            if self.accounts[one].community is not None:
                votes[thing][self.accounts[one].community] += 1  # type: ignore[index]
        for thing, counted in votes.items():
            self.thing_community[thing] = min(counted, key=lambda one: (-counted[one], one))

    def _repaint(self, component: int, core: set[int]) -> set[int]:
        """Group anew what lies around a change in very many connected people, as `repainting` does in the store."""
        region = core | self._near(core)
        by_thing, kinds = self._things_of(region)
        around = {one for some in by_thing.values() for one in some} - region
        outside = {one: name for one in around if (name := self.accounts[one].community) is not None}
        invited = [
            (above, one) for one in region for above in self.invited_by[one] if above in region or above in outside
        ]
        joined, groups = regrouped(sorted(region), neighbours_of(by_thing, kinds, invited), outside)
        before = {one: name for one in region if (name := self.accounts[one].community) is not None}
        emptied = {name for name in before.values() if self.people_in[name] <= region}
        names = renamed(groups, before, emptied, self.unused)
        self.unused = min([self.unused, *(name - 1 for name in names)])
        home = joined | {one: name for group, name in zip(groups, names, strict=True) for one in group}
        for one in region:
            self._settle(one, home.get(one))
        self._vote(by_thing)
        self._count(component, len(core))
        for name in {*before.values(), *home.values()}:
            self._portray(component, name)
        return region

    def _near(self, core: set[int]) -> set[int]:
        by_thing, _kinds = self._things_of(core)
        mates = {one for some in by_thing.values() for one in some}
        for name in {self.accounts[one].community for one in core} - {None}:
            portrait = self.painted.get(name or 0)
            if portrait is not None and len(portrait.members) <= MOST_MATES:
                mates |= self.people_in[portrait.id]
        return mates

    def _things_of(self, some: set[int]) -> tuple[dict[int, list[int]], dict[int, int]]:
        kinds = {
            thing: kind for one in some for thing, kind in self.ties[one].items() if self.users[thing] <= MOST_ON[kind]
        }
        return {thing: sorted(self.users_of[thing]) for thing in sorted(kinds)}, kinds

    def _settle(self, person: int, name: int | None) -> None:
        own = self.accounts[person]
        if own.community is not None:
            self.people_in[own.community].discard(person)
        own.community = name
        if name is not None:
            self.people_in[name].add(person)

    def _vote(self, by_thing: dict[int, list[int]]) -> None:
        for thing, users in by_thing.items():
            counted: dict[int, int] = defaultdict(int)
            for one in users:
                if (name := self.accounts[one].community) is not None:
                    counted[name] += 1
            self.thing_community.pop(thing, None)
            if counted:
                self.thing_community[thing] = min(counted, key=lambda one: (-counted[one], one))

    def _count(self, component: int, changes: int) -> None:
        kept = self.counted.get(component)
        size = len(self.members[component])
        if kept is not None:
            grown = abs(size - len(kept[0].members))
            if ONE_IN * (kept[1] + changes + grown) < len(kept[0].members):
                self.counted[component] = (kept[0], kept[1] + changes)
                return
        whole = self._portrait(self.members[component])
        self.counted[component] = (whole, 0)
        for one in self.members[component]:
            if (name := self.accounts[one].community) is not None:
                self.whole[name] = whole

    def _portrait(self, some: set[int]) -> Portrait:
        by_thing, kinds = self._things_of(some)
        return portrait_of(sorted(some), by_thing, kinds, {one: self._person(one) for one in some})

    def _portray(self, component: int, name: int) -> None:
        self.painted.pop(name, None)
        if len(self.people_in[name]) > 1:
            self.painted[name] = replace(self._portrait(self.people_in[name]), id=name)
            self.whole[name] = self.counted[component][0]

    def _person(self, one: int) -> Person:
        own = self.accounts[one]
        return Person(own.past, bool(own.fate), own.fate == "left_at_once", own.refused > 0)

    def _score(self, person: int, now: int) -> None:
        own = self.accounts[person]
        users: dict[int, int] = defaultdict(lambda: 1)
        for thing, kind in self.ties[person].items():
            users[kind] = max(users[kind], self.users[thing])
        fates = [self.accounts[one].fate for one in self.brought[person]]
        own.record.invited, own.record.invited_known = len(fates), sum(bool(one) for one in fates)
        own.record.invited_left = sum(one == "left_at_once" for one in fates)
        group = self.painted.get(own.community or 0)
        is_in_crowd = group is not None and is_crowd(
            people=len(group.members), shared_percent=group.shared_percent, strangers=group.strangers
        )
        own.record.score, _parts = score_of(
            Life(
                account_days=own.known_days + now // DAY, orders=own.orders, device_people=users[DEVICE],
                payer_people=users[PAYER], is_in_crowd=is_in_crowd, own_left=own.record.own_left,
                invited_known=own.record.invited_known, invited_left=own.record.invited_left, ring=own.record.ring,
                stopped=own.record.stopped,
            )
        )  # fmt: skip


def played(
    campaign: Campaign, rules: Rules, most_members: int = MOST_MEMBERS
) -> list[tuple[SimulatedAsk, Verdict, dict[str, int]]]:
    """Play a campaign and return every ask with its verdict and facts, in the order of time.

    Args:
        campaign: made-up people and what they ask for.
        rules: by which it is judged.
        most_members: components of more people are grouped anew only around what changes.
    """
    guard = MemoryGuard(campaign, rules, most_members)
    told = iter(campaign.outcomes)
    following = next(told, None)
    found, woven = [], 0
    for ask in campaign.asks:
        while following is not None and following.at <= ask.at:
            guard.note(following.person, following.outcome)
            following = next(told, None)
        if ask.at >= woven + WOVEN_EVERY:
            woven = ask.at
            guard.weave(ask.at)
        found.append((ask, *guard.judge(ask)))
    return found
