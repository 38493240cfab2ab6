from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from yutang.worklist.owners import NOBODY, Member, Need, assigned

MANAGER = Member(1, "store_manager", frozenset({10}), frozenset({10}))
COLLEAGUE = Member(2, "store_manager", frozenset({10, 11}), frozenset({10, 11}))
OPERATOR = Member(3, "operator", frozenset())
OWNER = Member(4, "owner", frozenset())
ANALYST = Member(5, "analyst", frozenset({10}))


def need(key: str, *, rank: int = 1, store: int | None = None, staff: int | None = None, capped: bool = True) -> Need:
    return Need(key, rank, store, staff, capped)


def owner_of(one: Need, members: list[Member]) -> int | None:
    return assigned([one], members=members, load={}, most_a_day=5).get(one.key)


class TestAssigned:
    def test_prefers_who_looks_after_the_customer_then_the_store_then_the_office(self) -> None:
        everyone = [MANAGER, OPERATOR, OWNER, ANALYST]

        assert owner_of(need("a", store=10, staff=3), everyone) == 3
        assert owner_of(need("a", store=10, staff=99), everyone) == 1
        assert owner_of(need("a", store=12), everyone) == 3
        assert owner_of(need("a"), [MANAGER, OWNER]) == 4
        assert owner_of(need("a"), [ANALYST]) == NOBODY

    def test_gives_nobody_a_customer_whom_they_do_not_see(self) -> None:
        everyone = [MANAGER, COLLEAGUE, OPERATOR, OWNER]

        assert owner_of(need("a", store=11, staff=1), everyone) == 2
        assert owner_of(need("a", store=12, staff=1), everyone) == 3
        assert owner_of(need("a", staff=1), everyone) == 3
        assert owner_of(replace(need("a", staff=1), is_of_customer=False), everyone) == 1

    def test_shares_a_store_between_its_managers(self) -> None:
        needs = [need(f"k{i}", store=10) for i in range(7)]

        owners = assigned(needs, members=[MANAGER, COLLEAGUE], load={1: 1}, most_a_day=12)

        assert Counter(owners.values()) == {1: 3, 2: 4}

    def test_gives_the_most_valuable_first_and_leaves_out_the_rest(self) -> None:
        needs = [need(f"k{i}", rank=i, store=10) for i in range(10)]

        owners = assigned(needs, members=[MANAGER], load={1: 2}, most_a_day=5)

        assert set(owners) == {"k9", "k8", "k7"}

    def test_gives_what_is_not_capped_to_full_hands_too(self) -> None:
        owners = assigned([need("import", capped=False)], members=[OWNER], load={4: 12}, most_a_day=12)

        assert owners == {"import": 4}

    @given(
        needs=st.lists(
            st.tuples(st.integers(0, 50), st.sampled_from([None, 10, 11, 12]), st.sampled_from([None, 1, 2, 3, 9])),
            max_size=60,
        ),
        load=st.dictionaries(st.integers(0, 4), st.integers(0, 6)),
        order=st.randoms(use_true_random=False),
    )
    def test_never_overloads_and_does_not_depend_on_the_order(self, needs: list, load: dict, order: object) -> None:
        wanted = [need(f"k{i}", rank=r, store=s, staff=p) for i, (r, s, p) in enumerate(needs)]
        everyone = [MANAGER, COLLEAGUE, OPERATOR, OWNER]

        owners = assigned(wanted, members=everyone, load=load, most_a_day=5)
        shuffled = list(wanted)
        order.shuffle(shuffled)  # type: ignore[attr-defined]

        for owner, count in Counter(owners.values()).items():
            assert count + load.get(owner, 0) <= max(5, load.get(owner, 0))
        assert assigned(shuffled, members=everyone, load=load, most_a_day=5) == owners
