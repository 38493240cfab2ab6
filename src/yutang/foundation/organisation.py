"""Settings of the organisation that staff change in the console; rooms plug theirs in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yutang.kit.registry import Registry
from yutang.kit.text import N_


@dataclass(frozen=True)
class OrganisationSetting:
    """One setting.

    Attributes:
        key: stable name, ``room.name``.
        title: what a person reads, marked with `N_`.
        default: value until somebody changes it; JSON-able.
        accepts: whether a value may be kept.
    """

    key: str
    title: str
    default: Any
    accepts: Callable[[Any], bool]


SETTINGS: Registry[OrganisationSetting] = Registry(what="settings of the organisation", name_of=lambda one: one.key)

SETTINGS.register(
    OrganisationSetting(
        key="foundation.organisation_name",
        title=N_("Name of the organisation"),
        default="",
        accepts=lambda value: isinstance(value, str) and len(value) <= 120,
    )
)
