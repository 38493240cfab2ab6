"""The variables of texts: how each is called, and how its values are read for many people at once - one query a variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yutang.kit.registry import Registry
from yutang.kit.text import N_


class ReadsValues(Protocol):
    """Reads one variable for some people."""

    def __call__(self, *, customer_ids: Sequence[int], clear: bool, now: datetime) -> Mapping[int, str]:
        """Return the values by person, those of whom nothing is known left out.

        Args:
            customer_ids: whose; within the reach of whoever will read.
            clear: whether personal values are in the clear, as the person reads them; else masked, as staff do.
            now: aware UTC.
        """


@dataclass(frozen=True)
class Variable:
    """Something that a text says of its reader.

    Attributes:
        name: in texts.
        chinese: its other name, in Chinese texts.
        title: what it is, marked with `N_`.
        sample: what stands for it where there is no person, marked with `N_`.
        read: how its values are read; None: no room of this installation knows it yet, so everybody reads the fall-back.
    """

    name: str
    chinese: str
    title: str
    sample: str
    read: ReadsValues | None = None


VARIABLES: Registry[Variable] = Registry(what="variables of texts", name_of=lambda one: one.name)


def known_names() -> dict[str, str]:
    """Return how variables may be called in a text, each of their names -> the name in the registry."""
    return {called: one.name for one in VARIABLES for called in (one.name, one.chinese)}


def values_for(
    names: Iterable[str], *, customer_ids: Sequence[int], clear: bool, now: datetime
) -> dict[int, dict[str, str]]:
    """Return what is known of people, by person and variable; as many queries for a thousand people as for one."""
    values: dict[int, dict[str, str]] = {customer_id: {} for customer_id in customer_ids}
    if not values:
        return values
    for name in names:
        read = VARIABLES[name].read
        if read is None:
            continue
        for customer_id, value in read(customer_ids=list(values), clear=clear, now=now).items():
            if value and customer_id in values:
                values[customer_id][name] = value
    return values


#: Known by no room yet: the room of members plugs it in under this name.
POINTS = Variable("points", "积分", N_("Points of the member"), N_("1280"))
