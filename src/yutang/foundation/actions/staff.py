"""Changes of who works here: hired, invited, given another role or other stores, barred, let in again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from yutang.foundation.access import CHAIN_WIDE_ROLES, OWN_ROLE, ROLE_PERMISSIONS, Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import OwnRole, Region, Role, Staff, Store
from yutang.foundation.naming import require_own_username, require_visible
from yutang.foundation.people import NoSuchStaff
from yutang.foundation.roles import NoSuchRole, key_of, require_may_change, require_may_give
from yutang.foundation.sessions import end_all_sessions
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

LANGUAGES = ("zh-hans", "en")
THEMES = ("auto", "light", "dark")
_LONGEST_NAME = 80


class NameIsMissing(DomainError):
    """A person has a log-in name and a name that others see."""

    code: ClassVar[str] = "name_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Write a name of 1 to 80 characters; the log-in name holds no spaces.")


class PasswordIsTooWeak(DomainError):
    """The password would be guessed."""

    code: ClassVar[str] = "password_is_too_weak"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The password is too weak: take at least 10 characters, not a common password, not digits alone and nothing like "
        "the own name."
    )


class PasswordIsThePresentOne(PasswordIsTooWeak):
    """The new password is the one that is to be replaced."""

    code: ClassVar[str] = "password_is_the_present_one"
    message: ClassVar[str] = N_("That is your present password. Take another one.")


class PasswordIsWrong(DomainError):
    """The present password was not given."""

    code: ClassVar[str] = "password_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("This is not your present password.")


class NoSuchStore(DomainError):
    """The store does not exist."""

    code: ClassVar[str] = "no_such_store"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no store with the code %(store_code)s.")


class NoSuchRegion(DomainError):
    """The region does not exist."""

    code: ClassVar[str] = "no_such_region"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no region %(region)s.")


class PlaceIsMissing(DomainError):
    """A role that reaches only its stores was given none."""

    code: ClassVar[str] = "place_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "This role sees only the stores and regions given to it, and none was given. Choose at least one store or region, or "
        "a role that sees every store."
    )


class OwnerMustRemain(DomainError):
    """The account would be left without an owner."""

    code: ClassVar[str] = "owner_must_remain"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This is the only owner of the account. Make somebody else an owner first.")


class NotOnOneself(DomainError):
    """Nobody changes the own role, bars themselves, or takes away the own second factor as if it were somebody else's."""

    code: ClassVar[str] = "not_on_oneself"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Nobody does this to themselves. Let another person who manages staff do it.")


class NoSuchChoice(DomainError):
    """The language or theme does not exist."""

    code: ClassVar[str] = "no_such_choice"
    message: ClassVar[str] = N_("%(choice)s is none of: %(choices)s.")


@transaction.atomic
def create_staff(
    *,
    actor: Actor,
    username: str,
    display_name: str,
    role: str,
    password: str | None,
    store_codes: Collection[str] = (),
    region_names: Collection[str] = (),
    now: datetime,
) -> int:
    """Add a member of staff and return their id; without a password they cannot log in yet.

    Args:
        actor: who adds them.
        username: name to log in with; without spaces.
        display_name: name that others see.
        role: key of a role: a named one, or ``own-`` and the number of an own one.
        password: in the clear; None for who will set it by a link.
        store_codes: stores given to them; they count unless the role sees every store.
        region_names: regions given to them, with whatever stores belong to these.
        now: aware UTC.

    Raises:
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the role or a store is more than the actor has.
        NameIsMissing: a name is empty, too long, or holds spaces where it must not.
        NameHoldsHiddenSigns: a name holds signs that cannot be seen.
        UsernameIsTaken: somebody has the name, or one that looks like it.
        NoSuchRole: the role does not exist.
        NoSuchStore: a store code does not exist.
        NoSuchRegion: a region does not exist.
        PlaceIsMissing: the role reaches only its stores, and neither a store nor a region is given.
        PasswordIsTooWeak: the password would be guessed.
    """
    actor.require("staff.manage")
    _require_names(username, display_name)
    own, stores, regions = _asked_place(actor, role, store_codes, region_names)
    require_own_username(username)
    staff = Staff(username=username, display_name=display_name.strip(), joined_at=now, own_role=own)
    staff.role = Role.OWN if own else role
    give_password(staff, password)
    staff.save(force_insert=True)
    staff.stores.set(stores)
    staff.regions.set(regions)
    _note(actor, "staff.created", staff, _place_of(staff), now)
    return staff.pk


@transaction.atomic
def change_place(
    *,
    actor: Actor,
    username: str,
    role: str,
    store_codes: Collection[str] = (),
    region_names: Collection[str] = (),
    now: datetime,
) -> None:
    """Give a member of staff a role, stores and regions in place of those that they have.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the person has, or would get, more than the actor.
        NotOnOneself: it is the actor.
        NoSuchRole: the role does not exist.
        NoSuchStore: a store code does not exist.
        NoSuchRegion: a region does not exist.
        PlaceIsMissing: the role reaches only its stores, and neither a store nor a region is given.
        OwnerMustRemain: it is the only active owner.
    """
    staff = other_staff(actor, username)
    own, stores, regions = _asked_place(actor, role, store_codes, region_names)
    if role != Role.OWNER:
        _require_another_owner(staff)
    before = _place_of(staff)
    staff.role, staff.own_role = (Role.OWN if own else role), own
    staff.save(update_fields=["role", "own_role"])
    staff.stores.set(stores)
    staff.regions.set(regions)
    _note(actor, "staff.place_changed", staff, {"before": before, "after": _place_of(staff)}, now)


@transaction.atomic
def set_password(*, actor: Actor, username: str, password: str, now: datetime) -> None:
    """Give a member of staff a new password and end their sessions; the actor's own needs no permission.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: it is somebody else's and the actor does not manage staff.
        MoreThanYouHave: the person may do or see more than the actor.
        PasswordIsTooWeak: the password would be guessed.
    """
    staff = staff_named(username)
    if staff.pk != actor.staff_id:
        require_may_change(actor, staff)
    give_password(staff, password)
    staff.save(update_fields=["password"])
    end_all_sessions(staff.pk, now=now)
    _note(actor, "staff.password_set", staff, {}, now)


@transaction.atomic
def change_own_password(*, actor: Actor, present: str, password: str, session_key: str, now: datetime) -> None:
    """Give the actor a new password and end all sessions but the one at hand.

    Args:
        actor: whose password it is.
        present: the password that they have now.
        password: the new one.
        session_key: key of the session at hand.
        now: aware UTC.

    Raises:
        PasswordIsWrong: the present password is another.
        PasswordIsTooWeak: the new one would be guessed.
        PasswordIsThePresentOne: the new one is no new one.
    """
    staff = require_password(actor, present)
    if present == password:
        raise PasswordIsThePresentOne
    give_password(staff, password)
    staff.save(update_fields=["password"])
    end_all_sessions(staff.pk, but=session_key, now=now)
    _note(actor, "staff.password_set", staff, {}, now)


@transaction.atomic
def rename_oneself(*, actor: Actor, display_name: str, now: datetime) -> None:
    """Change the name that others see of the actor.

    Raises:
        NameIsMissing: it is empty or too long.
        NameHoldsHiddenSigns: it holds signs that cannot be seen.
    """
    _require_names("x", display_name)
    Staff.objects.filter(pk__in=[actor.staff_id]).update(display_name=display_name.strip())
    audit(actor=actor, action="staff.renamed", subject_type="staff", subject_id=actor.staff_id, now=now)


@transaction.atomic
def deactivate_staff(*, actor: Actor, username: str, now: datetime) -> None:
    """Bar a member of staff from logging in, at once: their sessions end.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the person may do or see more than the actor.
        OwnerMustRemain: it is the only active owner.
        NotOnOneself: it is the actor.
    """
    actor.require("staff.manage")
    staff = staff_named(username)
    _require_another_owner(staff)
    other_staff(actor, username)
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    end_all_sessions(staff.pk, now=now)
    _note(actor, "staff.deactivated", staff, {}, now)


@transaction.atomic
def activate_staff(*, actor: Actor, username: str, now: datetime) -> None:
    """Let a member of staff who was barred log in again, with the password, role and stores of before.

    Raises:
        NoSuchStaff: nobody logs in with the name.
        NotAllowed: the actor does not manage staff.
        MoreThanYouHave: the person would do or see more than the actor.
    """
    staff = other_staff(actor, username)
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    _note(actor, "staff.activated", staff, {}, now)


@transaction.atomic
def change_appearance(*, actor: Actor, language: str, theme: str, now: datetime) -> None:
    """Keep the language and the theme in which the actor sees the console.

    Raises:
        NoSuchChoice: the language or the theme does not exist.
    """
    for choice, choices in ((language, LANGUAGES), (theme, THEMES)):
        if choice not in choices:
            raise NoSuchChoice(choice=choice, choices=", ".join(choices))
    Staff.objects.filter(pk__in=[actor.staff_id]).update(language=language, theme=theme)
    detail = {"language": language, "theme": theme}
    audit(
        actor=actor,
        action="staff.appearance_changed",
        subject_type="staff",
        subject_id=actor.staff_id,
        detail=detail,
        now=now,
    )


def staff_named(username: str) -> Staff:
    """Return the member of staff, for the room's own actions."""
    staff = Staff.objects.filter(username=username).first()
    if staff is None:
        raise NoSuchStaff(username=username)
    return staff


def other_staff(actor: Actor, username: str) -> Staff:
    """Return a member of staff whom the actor may change and who is not the actor, for the room's own actions."""
    actor.require("staff.manage")
    staff = staff_named(username)
    if staff.pk == actor.staff_id:
        raise NotOnOneself
    require_may_change(actor, staff)
    return staff


def require_password(actor: Actor, present: str) -> Staff:
    """Return the actor's own row after having checked the present password, for the room's own actions."""
    staff = Staff.objects.filter(pk=actor.own_id).first()
    if staff is None or not staff.check_password(present):
        raise PasswordIsWrong
    return staff


def give_password(staff: Staff, password: str | None) -> None:
    """Set the password, or none by which anybody could log in, without saving; for the room's own actions."""
    if password is None:
        staff.set_unusable_password()
        return
    try:
        validate_password(password, staff)
    except ValidationError as error:
        raise PasswordIsTooWeak from error
    staff.set_password(password)


def _asked_place(
    actor: Actor, role: str, store_codes: Collection[str], region_names: Collection[str]
) -> tuple[OwnRole | None, list[Store], list[Region]]:
    """Return the own role, the stores and the regions that are asked for, none of them more than the actor has."""
    own = _own_role(role)
    stores = list(Store.objects.filter(code__in=store_codes))
    for missing in sorted(set(store_codes) - {store.code for store in stores}):
        raise NoSuchStore(store_code=missing)
    regions = list(Region.objects.filter(name__in=region_names))
    for missing in sorted(set(region_names) - {region.name for region in regions}):
        raise NoSuchRegion(region=missing)
    permissions = own.held if own else ROLE_PERMISSIONS[role]
    everywhere = own.is_chain_wide if own else role in CHAIN_WIDE_ROLES
    given = {store.pk for store in stores}
    given |= set(Store.objects.filter(region__in=regions).order_by().values_list("pk", flat=True))
    # A region may get further stores later: only who sees every store can give one.
    beyond = everywhere or (bool(regions) and actor.store_ids is not None)
    require_may_give(actor, permissions=permissions, store_ids=None if beyond else frozenset(given))
    if not (everywhere or stores or regions):
        raise PlaceIsMissing
    return own, stores, regions


def _own_role(key: str) -> OwnRole | None:
    if key in ROLE_PERMISSIONS:
        return None
    number = key.removeprefix(OWN_ROLE)
    # Keys of the store are of 63 bits.
    is_key = key != number and number.isdecimal() and len(number) <= 18
    own = OwnRole.objects.filter(pk=int(number)).first() if is_key else None
    if own is None:
        known = [*ROLE_PERMISSIONS, *(f"{OWN_ROLE}{pk}" for pk in OwnRole.objects.values_list("pk", flat=True))]
        raise NoSuchRole(role=key, roles=", ".join(known))
    return own


def _require_names(username: str, display_name: str) -> None:
    if not display_name.strip() or len(display_name.strip()) > _LONGEST_NAME:
        raise NameIsMissing
    if not username or len(username) > _LONGEST_NAME or any(sign.isspace() for sign in username):
        raise NameIsMissing
    require_visible(username, display_name.strip())


def _require_another_owner(staff: Staff) -> None:
    """Raise where nobody else owns the account; two owners who bar each other at once do so one after the other."""
    if staff.role != Role.OWNER or not staff.is_active:
        return
    owners = Staff.objects.select_for_update().filter(role=Role.OWNER, is_active=True).order_by("pk")
    if set(owners.values_list("pk", flat=True)) <= {staff.pk}:
        raise OwnerMustRemain


def _place_of(staff: Staff) -> dict[str, Any]:
    return {
        "role": key_of(staff),
        "stores": sorted(staff.stores.values_list("code", flat=True)),
        "regions": sorted(staff.regions.values_list("name", flat=True)),
    }


def _note(actor: Actor, action: str, staff: Staff, detail: dict[str, Any], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="staff", subject_id=staff.pk, detail=detail, now=now)
