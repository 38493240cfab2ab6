"""Settings of the organisation that staff change in the console; rooms plug theirs in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yutang.foundation.access import OWN_ROLE, ROLE_PERMISSIONS, ROLE_TITLES
from yutang.kit.registry import Registry
from yutang.kit.text import N_


@dataclass(frozen=True)
class OrganisationSetting:
    """One setting.

    Attributes:
        key: stable name, ``room.name``.
        title: what a person reads, marked with `N_`.
        default: value until somebody changes it; JSON-able. Its type says how the setting is written: a text, a number, a
            yes or no, a list of texts, or pairs of texts.
        accepts: whether a value may be kept.
        help: what it does and what may be written, marked with `N_`.
        choices: what a text, the texts of a list, or the second ones of pairs, are chosen from: code to title marked with `N_`.
        unit: of a number: ``day``, ``message``, ``person``, ``percent`` or ``hour`` (of the day); empty: it has none.
        section: heading under which the page of settings shows it, marked with `N_`; empty: that of its room.
        look: looks, before a value that is accepted is kept, whether what it names can be used at an instant; it raises the
            `DomainError` that says why not. None: nothing is to be looked at.
        also: permission that is enough to change it beside ``settings.manage``; empty: none is.
    """

    key: str
    title: str
    default: Any
    accepts: Callable[[Any], bool]
    help: str = ""
    choices: Mapping[str, str] | None = None
    unit: str = ""
    section: str = ""
    also: str = ""
    look: Callable[[Any, datetime], None] | None = None

    @property
    def room(self) -> str:
        """Name of the room that declares it."""
        return self.key.partition(".")[0]


SETTINGS: Registry[OrganisationSetting] = Registry(what="settings of the organisation", name_of=lambda one: one.key)

#: Key of the setting that holds the name of the organisation.
ORGANISATION_NAME = "foundation.organisation_name"
#: Key of the setting that says whether a new installation is guided.
FIRST_STEPS = "foundation.first_steps"
#: Key of the setting that says which roles must log in with a second factor.
SECOND_FACTOR_ROLES = "foundation.second_factor_roles"

_OWN_ROLE_KEY = re.compile(f"{OWN_ROLE}\\d+")


def _are_roles(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, str) and (one in ROLE_PERMISSIONS or _OWN_ROLE_KEY.fullmatch(one)) for one in value
    )


SETTINGS.register(
    OrganisationSetting(
        key=ORGANISATION_NAME,
        title=N_("Name of the organisation"),
        default="",
        accepts=lambda value: isinstance(value, str) and len(value) <= 120,
        help=N_("120 characters at most. Apps for codes show it beside the log-in name."),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=FIRST_STEPS,
        title=N_("Show the first steps of a new installation"),
        default=True,
        accepts=lambda value: isinstance(value, bool),
        help=N_("They stand on the page of the business, for who can take them, until all are done."),
    )
)
SETTINGS.register(
    OrganisationSetting(
        key=SECOND_FACTOR_ROLES,
        title=N_("Roles that must log in with a second factor"),
        default=[],
        accepts=_are_roles,
        help=N_("Who has such a role and no second factor yet is led to set it up before anything else."),
        choices=ROLE_TITLES,
    )
)
