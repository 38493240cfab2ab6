"""Who does what: a pure rule that gives every proposal an owner, balanced by load, and leaves out what is too much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: Stands for nobody: a house without staff still has a list, and a limit for it.
NOBODY = 0


@dataclass(frozen=True)
class Member:
    """An active member of staff.

    Attributes:
        role: key of the role.
        store_ids: stores given to them.
        reach: stores that they see; None for all.
    """

    staff_id: int
    role: str
    store_ids: frozenset[int]
    reach: frozenset[int] | None = None

    def sees(self, need: Need) -> bool:
        """Return whether they see what it is about: nobody works on a customer whose page is shut to them."""
        return self.reach is None or need.store_id in self.reach or (need.store_id is None and not need.is_of_customer)


@dataclass(frozen=True)
class Need:
    """A proposal that looks for an owner.

    Attributes:
        key: makes it unique; equal ranks are ordered by it.
        rank: value at stake; higher goes first.
        store_id: the customer's store, if any.
        staff_id: who already looks after the customer, if anybody.
        is_capped: whether it counts into what one person gets on a day.
        is_of_customer: whether it is about a customer.
    """

    key: str
    rank: int
    store_id: int | None
    staff_id: int | None
    is_capped: bool
    is_of_customer: bool = True


def assigned(
    needs: Iterable[Need], *, members: Sequence[Member], load: Mapping[int, int], most_a_day: int
) -> dict[str, int]:
    """Return the owner by key, `NOBODY` where there is no staff; what finds no free owner is missing.

    The owner is who looks after the customer, where they see the customer's store; else a manager of that store; else an
    operator; else an owner of the account. Among several the one with the least to do gets it, then the one who came first.

    Args:
        needs: what is proposed, in any order.
        members: active staff.
        load: what each has on the list already. Count.
        most_a_day: how many capped proposals one person gets. Count.
    """
    known = {member.staff_id: member for member in members}
    by_store = _managers_by_store(members)
    office = [m.staff_id for m in members if m.role == "operator"] or [m.staff_id for m in members if m.role == "owner"]
    carried = dict(load)
    owners: dict[str, int] = {}
    for need in sorted(needs, key=lambda each: (-each.rank, each.key)):
        carer = known.get(need.staff_id or NOBODY)
        is_theirs = carer is not None and carer.sees(need)
        choice = [carer.staff_id] if carer and is_theirs else by_store.get(need.store_id, office) or [NOBODY]
        owner = min(choice, key=lambda staff_id: (carried.get(staff_id, 0), staff_id))
        if need.is_capped and carried.get(owner, 0) >= most_a_day:
            continue
        owners[need.key] = owner
        carried[owner] = carried.get(owner, 0) + (1 if need.is_capped else 0)
    return owners


def _managers_by_store(members: Sequence[Member]) -> dict[int | None, list[int]]:
    found: dict[int | None, list[int]] = {}
    for member in members:
        if member.role == "store_manager":
            for store_id in member.store_ids:
                found.setdefault(store_id, []).append(member.staff_id)
    return found
