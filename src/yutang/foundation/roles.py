"""Roles as the organisation has them: the named ones of `access` and its own; what each gives, and how far it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Count, Q

from yutang.foundation.access import CHAIN_WIDE_ROLES, OWN_ROLE, ROLE_PERMISSIONS, ROLE_TITLES, Actor
from yutang.foundation.models import OwnRole, Role, Staff, Store
from yutang.foundation.organisation import SECOND_FACTOR_ROLES
from yutang.foundation.settings_kept import kept_setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchRole(DomainError):
    """The role does not exist."""

    code: ClassVar[str] = "no_such_role"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no role %(role)s. There are: %(roles)s.")


class MoreThanYouHave(DomainError):
    """Somebody would give, or change, more than they may do themselves."""

    code: ClassVar[str] = "more_than_you_have"
    http_status: ClassVar[int] = 403
    message: ClassVar[str] = N_(
        "Nobody gives or changes more than they may do themselves: this takes permissions or stores that you do not have. "
        "Ask an owner of the account."
    )


@dataclass(frozen=True)
class RoleView:
    """A role as others see it.

    Attributes:
        key: name of a named role, ``own-`` and a number for an own one.
        name: what people call an own role; the English name of a named one, marked for translation.
        is_named: whether it comes with the product and stays as it is.
        is_chain_wide: whether who has it sees every store.
        staff: how many have it and may log in. Count.
        needs_second_factor: whether who has it must log in with a second factor.
    """

    key: str
    name: str
    is_named: bool
    permissions: frozenset[str]
    is_chain_wide: bool
    staff: int
    needs_second_factor: bool


def roles() -> tuple[RoleView, ...]:
    """Return the named roles in their order, then the organisation's own by name."""
    needing = frozenset(kept_setting(SECOND_FACTOR_ROLES))
    active = Staff.objects.filter(is_active=True).order_by()
    counts = dict(active.values_list("role").annotate(Count("pk")))
    named = [_named(Role(code), counts.get(code, 0), needing) for code in ROLE_PERMISSIONS]
    own = OwnRole.objects.annotate(active=Count("staff", filter=Q(staff__is_active=True))).order_by("name", "id")
    return (*named, *(_own(role, role.active, needing) for role in own))


def role_by_key(key: str) -> RoleView:
    """Return one role.

    Raises:
        NoSuchRole: there is none of this key.
    """
    known = {role.key: role for role in roles()}
    if key not in known:
        raise NoSuchRole(role=key, roles=", ".join(known))
    return known[key]


def key_of(staff: Staff) -> str:
    """Return the key of a person's role."""
    return f"{OWN_ROLE}{staff.own_role_id}" if staff.role == Role.OWN else staff.role


def actor_for(staff: Staff) -> Actor:
    """Return the member of staff as an actor, with the scope that the role, the stores and the regions give."""
    own = staff.own_role if staff.role == Role.OWN else None
    everywhere = own.is_chain_wide if own else staff.role in CHAIN_WIDE_ROLES
    return Actor(
        staff_id=staff.pk,
        role=key_of(staff),
        store_ids=None if everywhere else _given_stores(staff.pk),
        label=staff.display_name,
        granted=own.held if own else None,
    )


def require_may_give(actor: Actor, *, permissions: frozenset[str], store_ids: frozenset[int] | None) -> None:
    """Raise `MoreThanYouHave` unless the actor has all of it; None stands for every store."""
    if not actor.covers(permissions=permissions, store_ids=store_ids):
        raise MoreThanYouHave(permissions=sorted(permissions - actor.permissions))


def require_may_change(actor: Actor, staff: Staff) -> None:
    """Raise unless the actor manages staff and has everything that this person has.

    Raises:
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the person may do or see more than the actor.
    """
    actor.require("staff.manage")
    theirs = actor_for(staff)
    require_may_give(actor, permissions=theirs.permissions, store_ids=theirs.store_ids)


def _given_stores(staff_id: int) -> frozenset[int]:
    """Return the stores given to a person, and those that belong to the regions given to them."""
    given = Store.objects.filter(Q(staff=staff_id) | Q(region__staff=staff_id)).order_by()
    return frozenset(given.values_list("pk", flat=True))


def _named(role: Role, staff: int, needing: frozenset[str]) -> RoleView:
    permissions, everywhere = ROLE_PERMISSIONS[role.value], role.value in CHAIN_WIDE_ROLES
    return RoleView(role.value, ROLE_TITLES[role.value], True, permissions, everywhere, staff, role.value in needing)


def _own(role: OwnRole, staff: int, needing: frozenset[str]) -> RoleView:
    key = f"{OWN_ROLE}{role.pk}"
    return RoleView(key, role.name, False, role.held, role.is_chain_wide, staff, key in needing)
