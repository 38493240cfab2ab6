"""Very many connected people: what changes is grouped anew around the change, and says what grouping everybody anew would say."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest
from benchmarks.abuse_guard import MemoryGuard

from tests.conftest import NOW
from tests.risk.conftest import SYSTEM, ask, people, weave
from yutang.risk import painting
from yutang.risk.actions import judge, weave_traces
from yutang.risk.asks import Ask
from yutang.risk.models import Community, LargeComponent, Standing, Thing, Trace
from yutang.risk.painting import MOST_MEMBERS
from yutang.risk.regrouping import regrouped, renamed

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(monkeypatch: Any) -> None:
    """Components of more than four people count as very large."""
    monkeypatch.setattr(painting, "MOST_MEMBERS", 4)


def groups() -> set[frozenset[int]]:
    """Return the communities by their people."""
    found: dict[int, set[int]] = defaultdict(set)
    for pk, community in Standing.objects.exclude(community=None).values_list("pk", "community"):
        found[community].add(pk)
    return {frozenset(some) for some in found.values()}


def clique(some: list[int], name: str) -> None:
    """Let people share a device and an account."""
    for one in some:
        ask(one, key=f"{name}:{one}", device=f"d-{name}", payer=f"p-{name}")


def chained(crowds: list[list[int]]) -> None:
    """Connect crowds by a door between each and the next: much weaker than what ties each of them."""
    for at, (some, following) in enumerate(pairwise(crowds)):
        for one in (some[0], following[-1]):
            ask(one, key=f"door:{at}:{one}", place=f"文三路{at + 1}号2-301")


class TestPure:
    def test_a_region_takes_the_community_that_weighs_most_outside(self) -> None:
        joined, fresh = regrouped([1, 2, 3], {1: {9: 2.0, 2: 1.0}, 2: {1: 1.0, 3: 5.0}, 3: {2: 5.0}}, {9: 7})

        assert (joined, fresh) == ({1: 7}, [[2, 3]])

    def test_who_outside_is_in_no_community_says_nothing(self) -> None:
        assert regrouped([1], {1: {9: 5.0}}, {}) == ({}, [])

    def test_a_name_is_kept_where_all_its_people_are_there_and_new_otherwise(self) -> None:
        names = renamed([[1, 2, 3], [4, 5], [6, 7]], {1: 1, 2: 1, 4: 1, 6: 6, 7: 6}, {1}, -3)

        assert names == [1, -3, -4]


@pytest.mark.usefixtures("few")
class TestRepaint:
    def test_groups_what_changes_and_leaves_the_rest(self) -> None:
        crowds = [people(4) for _ in range(3)]
        for at, some in enumerate(crowds):
            clique(some, str(at))
        weave()
        chained(crowds)
        weave()
        assert groups() == {frozenset(some) for some in crowds}
        before = dict(Standing.objects.values_list("pk", "community"))

        (fresh,) = people(1)
        ask(fresh, device="d-1", payer="p-1")
        weave()

        assert groups() == {frozenset(crowds[0]), frozenset([*crowds[1], fresh]), frozenset(crowds[2])}
        after = dict(Standing.objects.values_list("pk", "community"))
        assert {one: after[one] for some in (crowds[0], crowds[2]) for one in some} == {
            one: before[one] for some in (crowds[0], crowds[2]) for one in some
        }
        row = Community.objects.get(pk=after[fresh])
        assert (row.people, row.devices, row.payers, row.shared_percent, row.strangers) == (5, 1, 1, 100, 5)
        assert Thing.objects.filter(kind=1, community=row.pk).count() == 1

    def test_counts_all_of_them_again_when_they_changed_by_a_hundredth(self) -> None:
        crowds = [people(4) for _ in range(3)]
        for at, some in enumerate(crowds):
            clique(some, str(at))
        chained(crowds)
        weave()
        (whole,) = LargeComponent.objects.all()
        assert (whole.people, whole.devices, whole.payers, whole.shared_percent) == (12, 3, 3, 100)

        LargeComponent.objects.update(people=100_000, changes=0, devices=1)
        ask(crowds[0][0], key="again", device="d-0")
        # A hundred thousand of whom only twelve are left have changed by far more than a hundredth.
        weave()
        (whole,) = LargeComponent.objects.all()
        assert (whole.people, whole.devices, whole.changes) == (12, 3, 0)
        assert set(Community.objects.values_list("joined_people", "joined_devices")) == {(12, 3)}

    def test_does_not_count_them_all_again_for_a_few(self, monkeypatch: Any) -> None:
        from yutang.risk import repainting

        crowds = [people(4) for _ in range(3)]
        for at, some in enumerate(crowds):
            clique(some, str(at))
        chained(crowds)
        weave()
        monkeypatch.setattr(repainting, "ONE_IN", 1)
        LargeComponent.objects.update(devices=77)

        ask(crowds[0][0], key="again", device="d-0")
        weave()

        (whole,) = LargeComponent.objects.all()
        assert (whole.devices, whole.changes) == (77, 1)

    def test_a_device_that_ties_nobody_any_more_lets_its_people_go(self) -> None:
        crowd, *others = people(44), people(4)
        clique(others[0], "own")
        for one in crowd[:40]:
            ask(one, device="till")
        ask(crowd[0], key="door1", place="文三路9号2-301")
        ask(others[0][0], key="door2", place="文三路9号2-301")
        weave()
        assert frozenset(crowd[:40]) in groups()

        ask(crowd[40], device="till")
        weave()

        # What is left of the crowd is the one door that two people share.
        assert {len(some) for some in groups()} <= {2, 4, 5}
        assert not any(set(crowd[1:41]) & some for some in groups())

    def test_is_bounded_by_what_was_touched_and_not_by_how_many_are_connected(
        self, django_assert_max_num_queries: Any
    ) -> None:
        crowds = [people(4) for _ in range(30)]
        for at, some in enumerate(crowds):
            clique(some, str(at))
        chained(crowds)
        weave()
        before = dict(Standing.objects.values_list("pk", "changed_at"))

        ask(crowds[15][0], key="again", device="d-15")
        with django_assert_max_num_queries(75):
            weave(NOW.replace(year=NOW.year + 1))

        touched = {pk for pk, at in Standing.objects.values_list("pk", "changed_at") if at != before[pk]}
        # The own four, and who shares a door with one of these.
        assert set(crowds[15]) <= touched
        assert len(touched) <= 4 + 2 * 4

    def test_a_decision_makes_nothing_anew(self, django_assert_max_num_queries: Any) -> None:
        crowds = [people(4) for _ in range(3)]
        for at, some in enumerate(crowds):
            clique(some, str(at))
        chained(crowds)
        weave()
        before = set(Community.objects.values_list("pk", "people"))

        with django_assert_max_num_queries(20):
            found = judge(actor=SYSTEM, ask=Ask("seat", "k", crowds[0][0], device="d-1"), now=NOW)

        assert found.decision_id
        assert set(Community.objects.values_list("pk", "people")) == before
        assert Trace.objects.get(pk=found.decision_id).is_woven is False


@pytest.mark.usefixtures("few")
def test_store_and_memory_keep_the_same_communities_among_many() -> None:
    from yutang.risk.ready_rules import ready_rules
    from yutang.simulator.abuse import campaign

    made = campaign(seed=8, people=40, share=0.6)
    guard = MemoryGuard(made, ready_rules(), most_members=4)
    keys = {one.id: people(1, days=one.known_days)[0] for one in made.people}
    back = {key: own for own, key in keys.items()}
    for at, one in enumerate(made.asks):
        guard.judge(one)
        ask(
            keys[one.person], kind=one.kind, key=f"{at}", device=one.device, payer=one.payer, place=one.place,
            inviter_id=keys[one.inviter] if one.inviter else None,
        )  # fmt: skip
        if at % 5 == 4:
            guard.weave(one.at)
            weave()
    guard.weave(made.asks[-1].at)
    weave()

    inside: dict[int, set[int]] = defaultdict(set)
    for one, account in guard.accounts.items():
        if account.community is not None:
            inside[account.community].add(one)

    assert {frozenset(back[one] for one in some) for some in groups()} == {frozenset(some) for some in inside.values()}
    portraits = {
        (row.people, row.devices, row.payers, row.shared_percent, row.joined_people)
        for row in Community.objects.filter(pk__in=Standing.objects.values("community"))
    }
    assert portraits == {
        (len(one.members), one.devices, one.payers, one.shared_percent, len(guard.whole[name].members))
        for name, one in guard.painted.items()
        if inside[name]
    }


def test_the_bound_is_what_the_docs_say() -> None:
    assert MOST_MEMBERS == 2_000
    assert weave_traces(actor=SYSTEM, now=NOW) == 0
