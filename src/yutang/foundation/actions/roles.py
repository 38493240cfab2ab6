"""Changes of the organisation's own roles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from yutang.foundation.access import CHAIN_PERMISSIONS, OWN_ROLE, PERMISSIONS, ROLE_TITLES, Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import OwnRole, Region, Setting, Staff, Store
from yutang.foundation.naming import as_it_looks, require_visible
from yutang.foundation.organisation import SECOND_FACTOR_ROLES
from yutang.foundation.roles import MoreThanYouHave, NoSuchRole, require_may_give, roles
from yutang.foundation.settings_kept import kept_setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_LONGEST_NAME = 40


class RoleNameIsTaken(DomainError):
    """A role has this name already."""

    code: ClassVar[str] = "role_name_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("There is a role of this name already.")


class RoleNameIsOfANamedRole(RoleNameIsTaken):
    """A role that comes with the product is called so, or looks as if it was."""

    code: ClassVar[str] = "role_name_is_of_a_named_role"
    message: ClassVar[str] = N_(
        "%(name)s is the name of a role that comes with Yutang, or looks like it. Take another name, so that nobody mistakes one "
        "for the other."
    )


class RoleGivesNothing(DomainError):
    """A role is there to allow something."""

    code: ClassVar[str] = "role_gives_nothing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("A role without any permission lets nobody do anything. Choose at least one.")


class RoleNameIsMissing(DomainError):
    """A role has a name."""

    code: ClassVar[str] = "role_name_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Write a name of 1 to 40 characters.")


class NoSuchPermission(DomainError):
    """The permission does not exist."""

    code: ClassVar[str] = "no_such_permission"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no permission %(permission)s.")


class RoleNeedsWholeChain(DomainError):
    """Some things belong to no store, so that a role by store cannot hold them."""

    code: ClassVar[str] = "role_needs_whole_chain"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Importing, settings, jobs, keys and the audit log belong to no store: a role that may do that sees the whole chain."
    )


class RoleIsInUse(DomainError):
    """Somebody has the role."""

    code: ClassVar[str] = "role_is_in_use"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("%(staff)s members of staff have this role. Give them another one first.")


class NamedRolesStay(DomainError):
    """The roles that come with the product cannot be changed or deleted."""

    code: ClassVar[str] = "named_roles_stay"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This role comes with Yutang and stays as it is. Make a role of your own beside it.")


@transaction.atomic
def create_role(*, actor: Actor, name: str, permissions: Collection[str], is_chain_wide: bool, now: datetime) -> str:
    """Put a role together and return its key.

    Raises:
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the role would be more than the actor has.
        RoleNameIsMissing: the name is empty or too long.
        NameHoldsHiddenSigns: the name holds signs that nobody sees.
        RoleNameIsTaken: a role has the name, or one that looks like it.
        RoleNameIsOfANamedRole: a role that comes with the product is called so in one of its languages, or looks so.
        RoleGivesNothing: there is no permission in it.
        NoSuchPermission: a permission does not exist.
        RoleNeedsWholeChain: a permission belongs to no store, and the role is not for the whole chain.
    """
    _require_asked(actor, name, permissions, is_chain_wide)
    role = OwnRole.objects.create(name=name.strip(), permissions=sorted(permissions), is_chain_wide=is_chain_wide)
    _note(actor, "role.created", role, _told(role), now)
    return f"{OWN_ROLE}{role.pk}"


@transaction.atomic
def change_role(
    *, actor: Actor, key: str, name: str, permissions: Collection[str], is_chain_wide: bool, now: datetime
) -> None:
    """Change an own role; whoever has it may do the other things from the next page on.

    Raises:
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the role is, or would be, more than the actor has, or it is the actor's own role.
        NoSuchRole: there is none of this key.
        NamedRolesStay: it comes with the product.
        RoleNameIsMissing: the name is empty or too long.
        NameHoldsHiddenSigns: the name holds signs that nobody sees.
        RoleNameIsTaken: another role has the name, or one that looks like it.
        RoleNameIsOfANamedRole: a role that comes with the product is called so in one of its languages, or looks so.
        RoleGivesNothing: there is no permission in it.
        NoSuchPermission: a permission does not exist.
        RoleNeedsWholeChain: a permission belongs to no store, and the role is not for the whole chain.
    """
    role = _own(actor, key)
    _require_asked(actor, name, permissions, is_chain_wide, but=role.pk)
    before = _told(role)
    role.name, role.permissions, role.is_chain_wide = name.strip(), sorted(permissions), is_chain_wide
    role.save(update_fields=["name", "permissions", "is_chain_wide"])
    _note(actor, "role.changed", role, {"before": before, "after": _told(role)}, now)


@transaction.atomic
def delete_role(*, actor: Actor, key: str, now: datetime) -> None:
    """Delete an own role that nobody has.

    Raises:
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the role is more than the actor has.
        NoSuchRole: there is none of this key.
        NamedRolesStay: it comes with the product.
        RoleIsInUse: somebody has it, also somebody who is barred.
    """
    role = _own(actor, key)
    having = Staff.objects.filter(own_role=role).count()
    if having:
        raise RoleIsInUse(staff=having)
    _note(actor, "role.deleted", role, _told(role), now)
    needing = [one for one in kept_setting(SECOND_FACTOR_ROLES) if one != key]
    Setting.objects.filter(pk=SECOND_FACTOR_ROLES).update(value=needing)
    role.delete()


def _own(actor: Actor, key: str) -> OwnRole:
    """Return an own role that is not more than the actor has, nor the actor's own."""
    actor.require("staff.manage")
    known = {role.key: role for role in roles()}
    if key not in known:
        raise NoSuchRole(role=key, roles=", ".join(known))
    if known[key].is_named:
        raise NamedRolesStay
    if key == actor.role:
        raise MoreThanYouHave
    row = OwnRole.objects.get(pk=int(key.removeprefix(OWN_ROLE)))
    _require_reach(actor, row.held, is_chain_wide=row.is_chain_wide)
    # A role that others elsewhere have is changed by who sees every store.
    if actor.store_ids is not None and _is_had_beyond(row, actor.store_ids):
        raise MoreThanYouHave
    return row


def _is_had_beyond(role: OwnRole, store_ids: frozenset[int]) -> bool:
    stores = Store.objects.filter(staff__own_role=role).exclude(pk__in=store_ids)
    return stores.exists() or Region.objects.filter(staff__own_role=role).exists()


def _require_asked(actor: Actor, name: str, permissions: Collection[str], is_chain_wide: bool, *, but: int = 0) -> None:
    actor.require("staff.manage")
    for one in sorted(set(permissions) - PERMISSIONS):
        raise NoSuchPermission(permission=one)
    if not name.strip() or len(name.strip()) > _LONGEST_NAME:
        raise RoleNameIsMissing
    _require_own_name(name.strip(), but)
    if not permissions:
        raise RoleGivesNothing
    if not is_chain_wide and CHAIN_PERMISSIONS & set(permissions):
        raise RoleNeedsWholeChain
    _require_reach(actor, frozenset(permissions), is_chain_wide=is_chain_wide)


def _require_own_name(name: str, but: int) -> None:
    require_visible(name)
    wanted = _looked_at(name)
    if wanted in _named_looks():
        raise RoleNameIsOfANamedRole(name=name)
    # An organisation has tens of roles at most.
    others = OwnRole.objects.exclude(pk=but).order_by("pk").values_list("name", flat=True)
    if any(_looked_at(other) == wanted for other in others):
        raise RoleNameIsTaken


def _named_looks() -> set[str]:
    """Return how the roles of the product are called: by key, and in every language of the product."""
    found = set(map(_looked_at, ROLE_TITLES))
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {_looked_at(gettext(title)) for title in ROLE_TITLES.values()}
    return found


def _looked_at(name: str) -> str:
    """Return a name as one remembers it: without case, width, and what stands between words."""
    looks = as_it_looks(name)
    return "".join(sign for sign in looks if sign.isalnum()) or looks


def _require_reach(actor: Actor, permissions: frozenset[str], *, is_chain_wide: bool) -> None:
    require_may_give(actor, permissions=permissions, store_ids=None if is_chain_wide else frozenset())


def _told(role: OwnRole) -> dict[str, Any]:
    return {"name": role.name, "permissions": sorted(role.permissions), "is_chain_wide": role.is_chain_wide}


def _note(actor: Actor, action: str, role: OwnRole, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="role", subject_id=role.pk, detail=detail, now=now)
