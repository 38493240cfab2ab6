"""What may go wrong, as plans that a person orders by name: each puts faults in the way of calls, or changes how callbacks travel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yutang.connectors.wecom.simulator.delivery import Delivery
from yutang.connectors.wecom.simulator.faults import Fault
from yutang.connectors.wecom.simulator.gateway import Gateway
from yutang.kit.text import N_

_NOT_TOKENS = "externalcontact/*"


@dataclass(frozen=True)
class Plan:
    """One plan.

    Attributes:
        title: what its button says, marked with `N_`.
        faults: put in the way of calls.
        habits: by which callbacks travel from then on; see `delivery.Habits`.
        does: done once.
    """

    title: str
    faults: tuple[dict[str, Any], ...] = ()
    habits: Mapping[str, Any] = field(default_factory=dict)
    does: Callable[[Gateway], None] | None = None


#: By name. What a plan orders stays until `clear`, or has struck as often as it says.
PLANS: Mapping[str, Plan] = {
    "slow": Plan(N_("Answers take three seconds"), ({"kind": "slow", "seconds": 3.0, "times": None},)),
    "45009": Plan(
        N_("A limit of calls is met (45009)"),
        ({"kind": "limit", "api": _NOT_TOKENS, "seconds": 60.0},),
    ),
    "45033": Plan(
        N_("Too many calls at once (45033)"),
        ({"kind": "code", "errcode": 45033, "api": _NOT_TOKENS, "times": 20, "share": 0.5},),
    ),
    "42001": Plan(N_("Tokens end early (42001)"), does=lambda gateway: gateway.expire_tokens()),
    "lost": Plan(N_("Answers get lost"), ({"kind": "drop_after", "api": _NOT_TOKENS, "times": 2},)),
    "duplicate": Plan(N_("Callbacks come twice"), habits={"duplicate": 1.0}),
    "reorder": Plan(N_("Callbacks come in another order"), habits={"reorder": 20}),
    "drop": Plan(N_("Every fifth callback is lost"), habits={"drop": 0.2}),
}
#: How callbacks travel where no plan says otherwise.
_USUAL: Mapping[str, Any] = {"duplicate": 0.0, "reorder": 0, "drop": 0.0}


def follow(name: str, *, gateway: Gateway, delivery: Delivery) -> None:
    """Order what a plan says.

    Raises:
        ValueError: there is no such plan.
    """
    plan = PLANS.get(name)
    if plan is None:
        raise ValueError(f"no such plan: {name}; there are {', '.join(PLANS)}")
    for told in plan.faults:
        gateway.faults.order(Fault.from_json(told))
    delivery.behave(**plan.habits)
    if plan.does is not None:
        plan.does(gateway)


def clear(*, gateway: Gateway, delivery: Delivery) -> None:
    """Let everything go as it should again."""
    gateway.faults.clear()
    delivery.behave(**_USUAL)


def under_way(*, gateway: Gateway, delivery: Delivery) -> list[str]:
    """Return the names of plans of which something is still to come."""
    waiting = gateway.faults.waiting()
    found = []
    for name, plan in PLANS.items():
        kinds = {(one["kind"], one.get("errcode", -1)) for one in plan.faults}
        strikes = any((one.kind, one.errcode) in kinds for one in waiting)
        if strikes or any(getattr(delivery.habits, habit) == value for habit, value in plan.habits.items()):
            found.append(name)
    return found
