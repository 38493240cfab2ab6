"""Where the stores stand: written to all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.foundation.actions.chain import PlaceIsInvalid
from yutang.foundation.audit import audit
from yutang.foundation.models import Store
from yutang.foundation.store_lists import StorePlace
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Codes that a refusal names.
_NAMED = 5


class StoresAreUnknown(DomainError):
    """The list names stores that are not there, or not within reach; nothing of it was taken."""

    code: ClassVar[str] = "stores_are_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "These stores of the list are not among those that you see: %(codes)s. Mend the codes. Nothing was changed."
    )


@transaction.atomic
def locate_stores(*, actor: Actor, places: Sequence[StorePlace], now: datetime) -> int:
    """Write where stores stand and return how many of them changed; all of the list or nothing.

    Raises:
        NotAllowed: the actor does not manage stores.
        StoresAreUnknown: a code is of no store within the actor's reach.
        PlaceIsInvalid: a place is none.
    """
    actor.require("stores.manage")
    wanted = {one.code: one.place for one in places}
    known = {store.code: store for store in Store.objects.all() if actor.reaches(store.pk)}
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise StoresAreUnknown(codes=", ".join(unknown[:_NAMED]) + (" …" if len(unknown) > _NAMED else ""))
    changed = []
    for code, place in wanted.items():
        if not place.is_on_earth:
            raise PlaceIsInvalid(latitude=place.latitude, longitude=place.longitude)
        degrees = (round(place.latitude, 6), round(place.longitude, 6))
        if (known[code].latitude, known[code].longitude) != degrees:
            known[code].latitude, known[code].longitude = degrees
            changed.append(known[code])
    Store.objects.bulk_update(changed, ["latitude", "longitude"], batch_size=500)
    if changed:
        detail = {"stores": len(changed), "codes": [store.code for store in changed][:50]}
        audit(actor=actor, action="store.located", subject_type="chain", detail=detail, now=now)
    return len(changed)
