"""Finding codes and the places where they are printed, within somebody's reach."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from yutang.codes.models import Code, Newcomer, Spot
from yutang.codes.refusals import NoSuchCode, NoSuchSpot, PrintedCodeIsUnknown
from yutang.foundation.access import Actor
from yutang.wecom.models import Account

#: Signs of a printed address: none that are taken for another.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_TOKEN_SIGNS = 10


def within_reach(access: Actor) -> QuerySet[Code]:
    """Return the codes within reach: those of a store, or of staff of a store, that the actor sees."""
    rows = Code.objects.all()
    if access.store_ids is None:
        return rows
    staff = Account.objects.filter(staff__stores__in=access.store_ids).order_by().values("pk")
    spots = Spot.objects.filter(store_id__in=access.store_ids).order_by().values("code_id")
    return rows.filter(Q(pk__in=spots) | Q(shifts__account__in=staff)).distinct()


def newcomers_within(access: Actor) -> QuerySet[Newcomer]:
    """Return who came to stores within reach."""
    rows = Newcomer.objects.all()
    return rows if access.store_ids is None else rows.filter(store_id__in=access.store_ids)


def code_by_id(access: Actor, code_id: int, *, is_locked: bool = False) -> Code:
    """Return a code within reach; locked, whoever else changes it waits until this transaction ends.

    Raises:
        NoSuchCode: there is none.
    """
    code = within_reach(access).filter(pk=code_id).first()
    if code is not None and is_locked:
        code = Code.objects.select_for_update().filter(pk=code_id).first()
    if code is None:
        raise NoSuchCode(code_id=code_id)
    return code


def spot_of(code: Code, spot_id: int) -> Spot:
    """Return a place of a code.

    Raises:
        NoSuchSpot: it is not printed there.
    """
    spot = code.spots.filter(pk=spot_id).first()
    if spot is None:
        raise NoSuchSpot(spot_id=spot_id)
    return spot


def spot_by_token(token: str) -> Spot:
    """Return the place whose printed address has the token.

    Raises:
        PrintedCodeIsUnknown: nothing was printed so.
    """
    spot = Spot.objects.select_related("code", "store", "way").filter(token=token[:16]).first()
    if spot is None:
        raise PrintedCodeIsUnknown
    return spot


def is_open(code: Code, *, now: datetime) -> bool:
    """Return whether a code is in use on the organisation's day."""
    today = timezone.localtime(now).date()
    begun = code.first_date is None or code.first_date <= today
    return code.is_on and code.paused_at is None and begun and (code.last_date is None or today <= code.last_date)


def new_token() -> str:
    """Return what stands in the address of a new place: 49 bits by chance."""
    return "".join(secrets.choice(_SIGNS) for _ in range(_TOKEN_SIGNS))
