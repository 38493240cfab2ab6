"""How the simulator answers each call of the API; importing this registers all of them."""

from yutang.connectors.wecom.simulator.answers import (
    customers,
    groups,
    handover,
    links,
    mass,
    media,
    moments,
    statistics,
    tags,
    ways,
    welcome,
)

__all__ = [
    "customers",
    "groups",
    "handover",
    "links",
    "mass",
    "media",
    "moments",
    "statistics",
    "tags",
    "ways",
    "welcome",
]
