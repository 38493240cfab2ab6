"""The split of a change of sales over groups, and its causes in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from yutang.insight.methods.decomposition import Method, ladder_effects, whole_parts
from yutang.kit.text import N_, Sentence

Formula = Literal["traffic", "buyers", "new_returning"]
FORMULAS: tuple[Formula, ...] = ("traffic", "buyers", "new_returning")
Status = Literal["stays", "opened", "closed"]

#: Parts in the order in which they are shown: title, what it says when it takes sales away, and when it adds some.
PARTS: Mapping[str, tuple[str, str, str]] = {
    "traffic": (N_("Traffic"), N_("fewer people passed by"), N_("more people passed by")),
    "entry_rate": (N_("Entry rate"), N_("fewer of those who passed came in"), N_("more of those who passed came in")),
    "entries": (N_("Entries"), N_("fewer people came in"), N_("more people came in")),
    "conversion": (
        N_("Conversion"),
        N_("fewer of those who came in bought"),
        N_("more of those who came in bought"),
    ),
    "visit_value": (
        N_("Order value in stores"),
        N_("an order in the store was worth less"),
        N_("an order in the store was worth more"),
    ),
    "buyers": (N_("Buyers"), N_("fewer people bought"), N_("more people bought")),
    "orders_per_buyer": (N_("Orders a buyer"), N_("buyers ordered less often"), N_("buyers ordered more often")),
    "order_value": (N_("Order value"), N_("an order was worth less"), N_("an order was worth more")),
    "new_buyers": (
        N_("New buyers"),
        N_("fewer people bought for the first time"),
        N_("more people bought for the first time"),
    ),
    "new_orders_per_buyer": (
        N_("Orders a new buyer"),
        N_("new buyers ordered less often"),
        N_("new buyers ordered more often"),
    ),
    "new_order_value": (
        N_("Order value of new buyers"),
        N_("an order of a new buyer was worth less"),
        N_("an order of a new buyer was worth more"),
    ),
    "returning_buyers": (
        N_("Returning buyers"),
        N_("fewer earlier buyers came back"),
        N_("more earlier buyers came back"),
    ),
    "returning_orders_per_buyer": (
        N_("Orders a returning buyer"),
        N_("returning buyers ordered less often"),
        N_("returning buyers ordered more often"),
    ),
    "returning_order_value": (
        N_("Order value of returning buyers"),
        N_("an order of a returning buyer was worth less"),
        N_("an order of a returning buyer was worth more"),
    ),
    "anonymous_orders": (
        N_("Orders of unknown buyers"),
        N_("there were fewer orders of unknown buyers"),
        N_("there were more orders of unknown buyers"),
    ),
    "anonymous_value": (
        N_("Order value of unknown buyers"),
        N_("an order of an unknown buyer was worth less"),
        N_("an order of an unknown buyer was worth more"),
    ),
    "opened": (
        N_("New here"),
        N_("what is new here has given back more than it sold"),
        N_("nothing was sold here before"),
    ),
    "closed": (
        N_("No longer here"),
        N_("nothing was sold here any more"),
        N_("what is gone had given back more than it sold"),
    ),
    "refunds": (
        N_("Refunds without an order"),
        N_("more was given back that names no order"),
        N_("less was given back that names no order"),
    ),
}

#: Causes named in the direction of the change, and against it.
_MOST_CAUSES, _MOST_COUNTER_CAUSES = 3, 1
#: A cause below this share of the largest is left to the rest.
_LEAST_SHARE = 0.1
_CHAINS = (
    N_("%(head)s."),
    N_("%(head)s: %(one)s."),
    N_("%(head)s: %(one)s; %(two)s."),
    N_("%(head)s: %(one)s; %(two)s; %(three)s."),
    N_("%(head)s: %(one)s; %(two)s; %(three)s; %(four)s."),
    N_("%(head)s: %(one)s; %(two)s; %(three)s; %(four)s; %(five)s."),
)
_PLACES = ("one", "two", "three", "four", "five")


@dataclass(frozen=True)
class Tally:
    """Sales of one kind of one group in one period.

    Attributes:
        buyers: known customers. Count.
        orders: sales. Count.
        sales_minor: net of refunds. Minor units.
        passers_by: who passed the stores, of sales counted at the door; None where it was not counted.
        entries: who came in; None likewise.
    """

    buyers: int = 0
    orders: int = 0
    sales_minor: int = 0
    passers_by: int | None = None
    entries: int | None = None

    def with_another(self, other: Tally) -> Tally:
        """Return both together; their buyers are different people."""
        return Tally(self.buyers + other.buyers, self.orders + other.orders, self.sales_minor + other.sales_minor)


#: Sales of a group: ``{kind: (before, now)}``; kinds are counted, new, returning, anonymous, returned.
Tallies = Mapping[str, tuple[Tally, Tally]]


@dataclass(frozen=True)
class Split:
    """The difference of one group, split.

    Attributes:
        status: ``opened`` where nothing was sold before, ``closed`` where nothing is sold now.
        before_minor: sales before. Minor units.
        now_minor: sales now. Minor units.
        parts: ``{code of PARTS: minor units}``; they add up to ``now_minor - before_minor``.
        rungs: what the factors were made of, ``{rung: (before, now)}``. Counts.
    """

    status: Status
    before_minor: int
    now_minor: int
    parts: Mapping[str, int]
    rungs: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Cause:
    """One part of one group, to be told: `group` is a name or a sentence; None for the whole."""

    part: str
    amount_minor: int
    group: Sentence | str | None = None


def split_of(tallies: Tallies, *, formula: Formula, method: Method = "shapley", may_be_born: bool = True) -> Split:
    """Return the exact split of the difference of one group.

    Args:
        tallies: sales by kind.
        formula: ``traffic`` explains what is counted at the door by traffic x entry rate x conversion x order value and
            the rest by buyers x orders a buyer x order value; ``buyers`` explains all by the latter; ``new_returning``
            does it for new and for returning buyers apart.
        method: how what factors do together is shared.
        may_be_born: whether a group without a sale on one side is opened or closed; else its buyers explain it.
    """
    before = sum(pair[0].sales_minor for pair in tallies.values())
    now = sum(pair[1].sales_minor for pair in tallies.values())
    orders = [sum(pair[side].orders for pair in tallies.values()) for side in (0, 1)]
    status: Status = "opened" if not orders[0] and orders[1] else "closed" if orders[0] and not orders[1] else "stays"
    returned = tallies.get("returned", (Tally(), Tally()))
    refunds = returned[1].sales_minor - returned[0].sales_minor
    parts, rungs = _ladders(tallies, formula=formula, method=method)
    if status != "stays" and may_be_born:
        parts = {str(status): now - before - refunds}
    if refunds:
        parts["refunds"] = refunds
    return Split(status if may_be_born else "stays", before, now, parts, rungs)


def explained(*, difference_minor: int, causes: Sequence[Cause], currency: str) -> Sentence:
    """Return a change of sales and its causes as one sentence; what is not named is told as the rest.

    Args:
        difference_minor: sales now less sales before. Minor units.
        causes: all parts of all groups; they add up to the difference.
        currency: of the amounts.
    """
    if difference_minor:
        template = (
            N_("Sales fell by %(amount_minor)s") if difference_minor < 0 else N_("Sales rose by %(amount_minor)s")
        )
        head = Sentence(template, {"amount_minor": abs(difference_minor), "currency": currency})
    else:
        head = Sentence(N_("Sales are the same to the last cent"))
    named, rest = _told_apart(list(causes), difference_minor)
    if named and abs(rest) > abs(named[0].amount_minor):
        # Spread over many groups, the change is told by what happened in all of them.
        wider = _told_apart(_over_groups(causes), difference_minor)
        named, rest = min((named, rest), wider, key=lambda each: abs(each[1]))
    told = [_told(each, currency) for each in named]
    if rest and told:
        told.append(_rest(rest, currency))
    values: dict[str, Any] = {"head": head.as_json()}
    values |= {place: each.as_json() for place, each in zip(_PLACES, told, strict=False)}
    return Sentence(_CHAINS[len(told)], values)


def _ladders(
    tallies: Tallies, *, formula: Formula, method: Method
) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    nothing = (Tally(), Tally())
    parts: dict[str, int] = {}
    rungs: dict[str, tuple[int, int]] = {}
    if counted := tallies.get("counted"):
        codes, before, now = _door_ladder(counted)
        _add(parts, codes, before, now, method)
        names = ("passers_by", "entries", "visit_orders", "visit_sales_minor")[-len(codes) :]
        rungs |= {name: (before[place], now[place]) for place, name in enumerate(names)}
    new, returning = tallies.get("new", nothing), tallies.get("returning", nothing)
    known = (new[0].with_another(returning[0]), new[1].with_another(returning[1]))
    split = {"new_": new, "returning_": returning} if formula == "new_returning" else {"": known}
    for prefix, (first, last) in split.items():
        codes = (f"{prefix}buyers", f"{prefix}orders_per_buyer", f"{prefix}order_value")
        before, now = ((each.buyers, each.orders, each.sales_minor) for each in (first, last))
        _add(parts, codes, before, now, method)
        rungs[f"{prefix}buyers"] = (first.buyers, last.buyers)
        rungs[f"{prefix}orders"] = (first.orders, last.orders)
        rungs[f"{prefix}sales_minor"] = (first.sales_minor, last.sales_minor)
    if anonymous := tallies.get("anonymous"):
        first, last = anonymous
        codes = ("anonymous_orders", "anonymous_value")
        _add(parts, codes, (first.orders, first.sales_minor), (last.orders, last.sales_minor), method)
        rungs["anonymous_orders"] = (first.orders, last.orders)
    return {code: amount for code, amount in parts.items() if amount}, rungs


def _door_ladder(counted: tuple[Tally, Tally]) -> tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]:
    """Return the ladder from the street to the sales; from the door where passers-by were not counted."""
    before, now = ([each.passers_by or 0, each.entries or 0, each.orders, each.sales_minor] for each in counted)
    if before[0] and now[0]:
        return ("traffic", "entry_rate", "conversion", "visit_value"), tuple(before), tuple(now)
    return ("entries", "conversion", "visit_value"), tuple(before[1:]), tuple(now[1:])


def _add(
    parts: dict[str, int], codes: Sequence[str], before: Sequence[int], now: Sequence[int], method: Method
) -> None:
    effects = ladder_effects(before=before, after=now, method=method)
    for code, amount in zip(codes, whole_parts(effects, total=now[-1] - before[-1]), strict=True):
        parts[code] = parts.get(code, 0) + amount


def _told_apart(causes: list[Cause], difference_minor: int) -> tuple[list[Cause], int]:
    """Return the causes to be named, and what they leave of the difference."""
    named = _named(causes, falls=difference_minor < 0)
    return named, difference_minor - sum(each.amount_minor for each in named)


def _over_groups(causes: Sequence[Cause]) -> list[Cause]:
    """Return the same parts of all groups as one cause each; what opened or closed stays itself."""
    together: dict[str, int] = {}
    for each in causes:
        if each.part not in {"opened", "closed"}:
            together[each.part] = together.get(each.part, 0) + each.amount_minor
    alone = [each for each in causes if each.part in {"opened", "closed"}]
    return [*(Cause(part, amount) for part, amount in together.items()), *alone]


def _named(causes: list[Cause], *, falls: bool) -> list[Cause]:
    """Return the largest causes in the direction of the change, then the largest against it."""
    ranked = sorted(causes, key=lambda each: (-abs(each.amount_minor), each.part))
    if not ranked or not ranked[0].amount_minor:
        return []
    least = abs(ranked[0].amount_minor) * _LEAST_SHARE
    ranked = [each for each in ranked if abs(each.amount_minor) >= least]
    along = [each for each in ranked if (each.amount_minor < 0) == falls]
    against = [each for each in ranked if (each.amount_minor < 0) != falls]
    return along[:_MOST_CAUSES] + against[:_MOST_COUNTER_CAUSES]


def _told(cause: Cause, currency: str) -> Sentence:
    less = cause.amount_minor < 0
    _, falling, rising = PARTS[cause.part]
    values: dict[str, Any] = {"amount_minor": abs(cause.amount_minor), "currency": currency}
    values["cause"] = Sentence(falling if less else rising).as_json()
    if cause.group is None:
        whole = N_("%(amount_minor)s less because %(cause)s"), N_("%(amount_minor)s more because %(cause)s")
        return Sentence(whole[0] if less else whole[1], values)
    values["group"] = cause.group.as_json() if isinstance(cause.group, Sentence) else cause.group
    one = (
        N_("%(amount_minor)s less because %(cause)s (%(group)s)"),
        N_("%(amount_minor)s more because %(cause)s (%(group)s)"),
    )
    return Sentence(one[0] if less else one[1], values)


def _rest(amount_minor: int, currency: str) -> Sentence:
    values = {"amount_minor": abs(amount_minor), "currency": currency}
    if amount_minor < 0:
        return Sentence(N_("everything else together %(amount_minor)s less"), values)
    return Sentence(N_("everything else together %(amount_minor)s more"), values)
