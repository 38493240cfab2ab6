"""Staff, their sessions, links and second factors as others see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import Count, Max, Q, QuerySet

from yutang.foundation.access import CHAIN_WIDE_ROLES, OWN_ROLE, ROLE_PERMISSIONS, Actor
from yutang.foundation.models import Invitation, RecoveryCode, Role, SecondFactor, Staff, StaffSession
from yutang.foundation.organisation import SECOND_FACTOR_ROLES
from yutang.foundation.sealing import digest16
from yutang.foundation.settings_kept import kept_setting
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchStaff(DomainError):
    """No member of staff logs in with this name."""

    code: ClassVar[str] = "no_such_staff"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no member of staff with the log-in name %(username)s.")


class InvitationIsOver(DomainError):
    """The link was used, replaced by another, or is too old; or there never was one. Which of them is not told."""

    code: ClassVar[str] = "invitation_is_over"
    http_status: ClassVar[int] = 410
    message: ClassVar[str] = N_("This link no longer holds. Ask whoever sent it for a new one.")


@dataclass(frozen=True)
class StaffView:
    """A member of staff as others see them.

    Attributes:
        role: key of the role.
        store_ids: stores given to them, and those of the regions given to them.
        reach: stores that they see; None for all.
        is_active: whether they are not barred.
        can_log_in: whether they could log in now: not barred, and with a password.
    """

    id: int
    username: str
    display_name: str
    role: str
    store_ids: frozenset[int]
    reach: frozenset[int] | None
    language: str
    theme: str
    is_active: bool
    can_log_in: bool


@dataclass(frozen=True)
class StaffCard:
    """A member of staff as who manages staff sees them.

    Attributes:
        role_name: name of an own role; empty for a named one.
        given_store_ids: stores given to them one by one.
        region_ids: regions given to them.
        permissions: what they may do.
        sessions: how many are going on. Count.
        invited_until: until when a link holds that was not used; None where there is none.
        may_change: whether the one who looks may change them.
    """

    person: StaffView
    role_name: str
    given_store_ids: frozenset[int]
    region_ids: frozenset[int]
    permissions: frozenset[str]
    has_password: bool
    has_second_factor: bool
    sessions: int
    last_seen_at: datetime | None
    invited_until: datetime | None
    may_change: bool


@dataclass(frozen=True)
class SessionView:
    """A browser in which somebody is logged in.

    Attributes:
        agent: what the browser says of itself.
        is_this: whether it is the one that asks.
        is_news: whether nobody confirmed yet that this new browser is the person's own.
        is_over: whether it has ended.
    """

    id: int
    agent: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool
    is_news: bool
    is_over: bool


@dataclass(frozen=True)
class SecondFactorView:
    """How a person's second factor stands.

    Attributes:
        confirmed_at: since when it counts; None where there is none.
        recovery_codes: how many were not used yet. Count.
        is_required: whether the person's role needs one.
    """

    confirmed_at: datetime | None
    recovery_codes: int
    is_required: bool


def staff_members() -> tuple[StaffView, ...]:
    """Return everybody who works or worked here, in the order in which they came."""
    return tuple(_view(staff) for staff in _with_places().order_by("id"))


def staff_for(*, username: str) -> StaffView:
    """Return the member of staff who logs in with this name.

    Raises:
        NoSuchStaff: nobody does.
    """
    staff = _with_places().filter(username=username).first()
    if staff is None:
        raise NoSuchStaff(username=username)
    return _view(staff)


def has_owner() -> bool:
    """Return whether an active owner of the account exists."""
    return Staff.objects.filter(role="owner", is_active=True).exists()


def staff_cards(*, access: Actor, now: datetime) -> tuple[StaffCard, ...]:
    """Return who works or worked here, in the order in which they came.

    Who does not see every store is shown those whose stores are among the own ones.
    """
    access.require("staff.manage")
    rows = _with_places().select_related("second_factor", "invitation")
    going_on = Q(sessions__ended_at=None)
    counted = rows.annotate(open_sessions=Count("sessions", filter=going_on), last_seen=Max("sessions__seen_at"))
    cards = tuple(_card(access, staff, now) for staff in counted.order_by("id"))
    if access.store_ids is None:
        return cards
    return tuple(card for card in cards if card.person.reach is not None and card.person.reach <= access.store_ids)


def staff_card(*, access: Actor, staff_id: int, now: datetime) -> StaffCard:
    """Return one member of staff.

    Raises:
        NoSuchStaff: there is none within the actor's reach.
    """
    for card in staff_cards(access=access, now=now):
        if card.person.id == staff_id:
            return card
    raise NoSuchStaff(username=staff_id)


def own_sessions(*, access: Actor, session_key: str) -> tuple[SessionView, ...]:
    """Return the actor's sessions that are going on, and the new browsers of the last weeks, seen last first."""
    rows = StaffSession.objects.filter(staff_id=access.own_id)
    wanted = rows.filter(Q(ended_at=None) | Q(is_news=True, confirmed_at=None)).order_by("-seen_at", "-id")
    return tuple(session_view(row, session_key) for row in wanted[:50])


def second_factor_of(*, access: Actor) -> SecondFactorView:
    """Return how the actor's own second factor stands."""
    row = SecondFactor.objects.filter(staff_id=access.own_id, confirmed_at__isnull=False).first()
    left = RecoveryCode.objects.filter(staff_id=access.own_id, used_at=None).count() if row else 0
    return SecondFactorView(row.confirmed_at if row else None, left, needs_second_factor(access=access))


def has_second_factor(*, staff_id: int) -> bool:
    """Return whether a person logs in with a second factor."""
    return SecondFactor.objects.filter(staff_id=staff_id, confirmed_at__isnull=False).exists()


def needs_second_factor(*, access: Actor) -> bool:
    """Return whether the actor's role must log in with a second factor."""
    return access.role in kept_setting(SECOND_FACTOR_ROLES)


def invited_by(*, secret: str, now: datetime) -> StaffView:
    """Return whom a link invites.

    Raises:
        InvitationIsOver: the link was used, replaced or is too old, the person is barred, or there is no such link.
    """
    rows = Invitation.objects.filter(digest=digest16("invitation", "", secret), used_at=None, expires_at__gt=now)
    found = rows.filter(staff__is_active=True).select_related("staff").first()
    if found is None:
        raise InvitationIsOver
    return _view(found.staff)


def session_view(row: StaffSession, session_key: str) -> SessionView:
    """Return a session as others see it, for the room's own actions."""
    return SessionView(
        id=row.pk,
        agent=row.agent,
        address=row.address,
        began_at=row.began_at,
        seen_at=row.seen_at,
        is_this=bool(session_key) and row.session_key == session_key,
        is_news=row.is_news and row.confirmed_at is None,
        is_over=row.ended_at is not None,
    )


def _with_places() -> QuerySet[Staff]:
    return Staff.objects.select_related("own_role").prefetch_related("stores", "regions__stores")


def _reached(staff: Staff) -> frozenset[int]:
    by_region = {store.pk for region in staff.regions.all() for store in region.stores.all()}
    return frozenset(by_region | {store.pk for store in staff.stores.all()})


def _view(staff: Staff) -> StaffView:
    own = staff.own_role if staff.role == Role.OWN else None
    everywhere = own.is_chain_wide if own else staff.role in CHAIN_WIDE_ROLES
    reached = _reached(staff)
    return StaffView(
        id=staff.pk,
        username=staff.username,
        display_name=staff.display_name,
        role=f"{OWN_ROLE}{staff.own_role_id}" if staff.role == Role.OWN else staff.role,
        store_ids=reached,
        reach=None if everywhere else reached,
        language=staff.language,
        theme=staff.theme,
        is_active=staff.is_active,
        can_log_in=staff.can_log_in,
    )


def _card(access: Actor, staff: Staff, now: datetime) -> StaffCard:
    person = _view(staff)
    own = staff.own_role if staff.role == Role.OWN else None
    permissions = own.held if own else ROLE_PERMISSIONS[staff.role]
    factor, link = getattr(staff, "second_factor", None), getattr(staff, "invitation", None)
    invited_until = link.expires_at if link is not None and link.used_at is None and link.expires_at > now else None
    return StaffCard(
        person=person,
        role_name=own.name if own else "",
        given_store_ids=frozenset(store.pk for store in staff.stores.all()),
        region_ids=frozenset(region.pk for region in staff.regions.all()),
        permissions=permissions,
        has_password=staff.has_password,
        has_second_factor=factor is not None and factor.confirmed_at is not None,
        sessions=getattr(staff, "open_sessions", 0),
        last_seen_at=getattr(staff, "last_seen", None),
        invited_until=invited_until,
        may_change=staff.pk != access.staff_id and access.covers(permissions=permissions, store_ids=person.reach),
    )


def staff_names(*, access: Actor) -> tuple[tuple[int, str], ...]:
    """Return key and display name of everybody who works or worked here, by name, for who reads the audit trail."""
    access.require("audit.view")
    return tuple(Staff.objects.order_by("display_name", "id").values_list("pk", "display_name"))
